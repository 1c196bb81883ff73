"""How likely goods come late, by order and by belt."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from beltline.kit.clock import day_of
from beltline.tower.types import BeltPoint, BeltRisk, OpenPurchase

HIGH, WATCH = 0.30, 0.15
"""Shares of likely late money from which a belt is at high risk, or watched."""

_Z95 = 1.6449


def late_chance(purchase: OpenPurchase, today: dt.date) -> float:
    """How likely goods come after their day, given that they have not come yet.

    The supplier's lead time is taken as normal with its mean and 95 % point, measured from the
    day of the order; goods whose day has passed are late.
    """
    if purchase.expected_date < today:
        return 1.0
    ordered = day_of(purchase.ordered_at)
    promised, elapsed = (purchase.expected_date - ordered).days, (today - ordered).days
    spread = (purchase.lead_time_days_p95 - purchase.lead_time_days_mean) / _Z95
    still_out = _beyond(elapsed, purchase.lead_time_days_mean, spread)
    late = _beyond(promised, purchase.lead_time_days_mean, spread)
    # Beyond anything its lead time knows: it has not come although it surely should have.
    return min(late / still_out, 1.0) if still_out > 1e-9 else 1.0


def _beyond(days: float, mean: float, spread: float) -> float:
    if spread <= 0:
        return 1.0 if mean > days else 0.0
    return 0.5 * math.erfc((days - mean) / (spread * math.sqrt(2)))


def risk_by_belt(
    purchases: Iterable[OpenPurchase], belts: Iterable[BeltPoint], today: dt.date
) -> list[BeltRisk]:
    """What is open in each belt and how late it is likely to be, the most money at risk first.

    A belt is told in the currency most of its orders have; orders in others are left out of its
    money and share, never converted.
    """
    points = {belt.id: belt for belt in belts}
    grouped: dict[str, list[OpenPurchase]] = defaultdict(list)
    for purchase in purchases:
        if purchase.belt_id in points:
            grouped[str(purchase.belt_id)].append(purchase)
    risks = [_risk(points[belt_id], group, today) for belt_id, group in grouped.items()]
    return sorted(risks, key=lambda risk: (-risk.late_share * risk.amount, risk.belt.id))


def _risk(belt: BeltPoint, purchases: Sequence[OpenPurchase], today: dt.date) -> BeltRisk:
    currency = Counter(each.currency for each in purchases).most_common(1)[0][0]
    told = [each for each in purchases if each.currency == currency]
    total = sum(each.amount for each in told)
    late = sum(each.amount * late_chance(each, today) for each in told)
    return BeltRisk(
        belt=belt,
        currency=currency,
        orders=len(purchases),
        overdue=sum(each.expected_date < today for each in purchases),
        amount=total,
        late_share=late / total if total else 0.0,
    )


def tone_of(late_share: float) -> str:
    """How a late share is shown: crit, warn or ok; always beside its word."""
    if late_share >= HIGH:
        return "crit"
    return "warn" if late_share >= WATCH else "ok"

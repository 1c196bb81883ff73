"""Which supplier to buy from: the offer with the lowest expected cost of a needed unit.

The rule, per base unit and in the plan's currency:

    cost = price + order + holding + lateness

It is taken at the offer's economical quantity: the need of lead time and review, rounded up to
MOQ and pack, or the start of a price break above it, whichever is cheapest by this sum. `price` is
the unit price there, `order` the share of the cost of an order, `holding` the capital bound in
half of the quantity until it is used up, at the holding rate. `lateness` is the margin lost on
what is demanded while a late delivery is awaited: the share of orders that a tier delivers late,
times the days from its mean to its 95 % lead time, spread over the days the quantity lasts. The
lowest cost wins; a tie goes to the better tier, then to the lower code.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from beltline.kit.uom import Uom, base_unit
from beltline.planning.rules.quantities import price_at, round_up
from beltline.planning.types import Alternative

LATE_SHARE: Final = {"A": 0.05, "B": 0.15, "C": 0.30}
"""Share of orders delivered late, assumed by tier until enough deliveries are measured."""
MOST_HOLDING_DAYS: Final = 1_095.0
DEMAND_FLOOR: Final = 1e-3
"""Base units a day below which a series is taken to sell at this rate: a need is never zero."""


class Candidate(msgspec.Struct, frozen=True):
    """An offer to the operator that could serve a series.

    `fx` turns one unit of `currency` into the plan's; breaks are (from, price per uom).
    """

    offer_id: UUID
    supplier_org_id: UUID
    supplier: str
    tier: str
    currency: str
    fx: float
    moq: int
    pack_size: int
    uom: str
    breaks: tuple[tuple[int, Decimal], ...]
    lead_time_days_mean: float
    lead_time_days_p95: float


def compare(
    candidates: Sequence[Candidate],
    *,
    daily: float,
    review_days: int,
    holding_rate: float,
    order_cost: float,
    margin: float | None,
    margin_share: float,
) -> list[Alternative]:
    """Every candidate with its expected cost, the one to buy from first.

    `daily` is the demand a day in base units; `margin` what a lost base unit would have earned,
    None where no price to buyers is known: then `margin_share` of the purchase price.
    """
    rate = max(daily, DEMAND_FLOOR)
    rows = []
    for c in candidates:
        lots = _lots(c, rate * (c.lead_time_days_mean + review_days))
        costs = [
            _cost(
                c, lot, rate=rate, holding_rate=holding_rate, order_cost=order_cost,
                margin=margin, margin_share=margin_share,
            )
            for lot in lots
        ]  # fmt: skip
        rows.append(min(costs, key=lambda row: (row.cost, row.quantity)))
    return sorted(rows, key=lambda row: (row.cost, row.tier, row.supplier))


def unit_margin(buyers_price: float | None, unit_cost: float, margin_share: float) -> float | None:
    """What a sold base unit earns; None where it is unknown or too little to plan with."""
    if buyers_price is None or buyers_price - unit_cost < 0.1 * margin_share * unit_cost:
        return None
    return buyers_price - unit_cost


def _lots(c: Candidate, need: float) -> list[int]:
    """The quantity a need forces, and the price breaks above it."""
    least = round_up(need, moq=c.moq, pack_size=c.pack_size)
    breaks = [round_up(start, moq=c.moq, pack_size=c.pack_size) for start, _ in c.breaks]
    return [least, *sorted({lot for lot in breaks if lot > least})]


def _cost(
    c: Candidate,
    quantity: int,
    *,
    rate: float,
    holding_rate: float,
    order_cost: float,
    margin: float | None,
    margin_share: float,
) -> Alternative:
    unit_price = price_at(c.breaks, quantity)
    price = float(unit_price) * c.fx / base_unit(Uom(c.uom)).per_uom
    lasts = min(quantity / rate, MOST_HOLDING_DAYS)
    late_days = LATE_SHARE.get(c.tier, LATE_SHARE["C"]) * (
        c.lead_time_days_p95 - c.lead_time_days_mean
    )
    lost = margin if margin is not None else margin_share * price
    order = order_cost / quantity
    holding = price * holding_rate / 365.0 * lasts / 2.0
    lateness = lost * min(1.0, max(late_days, 0.0) / max(lasts, 1.0))
    return Alternative(
        offer_id=c.offer_id,
        supplier_org_id=c.supplier_org_id,
        supplier=c.supplier,
        tier=c.tier,
        currency=c.currency,
        moq=c.moq,
        quantity=quantity,
        unit_price=unit_price,
        lead_time_days_mean=c.lead_time_days_mean,
        lead_time_days_p95=c.lead_time_days_p95,
        cost_price=price,
        cost_order=order,
        cost_holding=holding,
        cost_lateness=lateness,
        cost=price + order + holding + lateness,
    )

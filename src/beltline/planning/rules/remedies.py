"""What can be done about stock that is too much, and what it brings and costs.

Too much is what lies there beyond the stock target and beyond what sells in `KEEP_DAYS`. Kept, it
binds capital until it is sold, and what would not be sold in three years is lost. A remedy is
worth what it saves of that, less what it costs; only those that gain are told. All figures are in
major units of the plan's currency.
"""

from typing import Final

import msgspec

from beltline.planning.types.risks import Remedy, RemedyKind, RiskState

KEEP_DAYS: Final = 90.0
"""Stock that sells within this time is never too much."""
IDLE_DAYS: Final = 90
"""Without a sale for so long, stock is dead."""
LOST_AFTER_DAYS: Final = 1_095.0
"""What sells later than this is counted as lost."""
AT_RISK: Final = 0.15
LEAST_RATE: Final = 1e-3
TRANSFER_COST: Final = 0.04
"""Assumed cost of moving a unit between two nodes of a country, as a share of its cost."""
TRANSFER_ABROAD: Final = 0.15
"""Assumed cost of moving a unit to another country without a rate card, as a share of its cost."""
TRANSFER_DAYS: Final = 3.0
"""Assumed days between two nodes of a country without a lane."""
RETURN_CREDIT: Final = 0.75
"""Assumed share of its cost that a supplier credits for a unit returned."""
RETURN_WITHIN_DAYS: Final = 365
ELASTICITY: Final = 1.8
"""Assumed: a price lower by one percent sells so many percent more."""
DISCOUNTS: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
BUNDLE_SHARE: Final = 0.05
"""Assumed share of a partner's buyers that take the bundle."""
BUNDLE_DISCOUNT: Final = 0.15


class Surplus(msgspec.Struct, frozen=True):
    """A position with too much of something, and what stands around it.

    `wanted_at` lacks `wanted` units, unless a `transfer` is proposed; `partner` sells
    `partner_rate` units a day at the same node.
    """

    excess: int
    units_a_day: float
    unit_cost: float
    unit_margin: float
    age_days: int | None = None
    has_supplier: bool = False
    wanted_at: str = ""
    wanted: int = 0
    partner: str = ""
    partner_rate: float = 0.0
    transfer: Remedy | None = None


def state_of(
    *, on_hand: int, units_a_day: float, p_stockout: float, excess: int, idle_days: int | None
) -> RiskState:
    """Where a position stands: what runs out goes before what is too much."""
    sells = units_a_day > LEAST_RATE
    if on_hand > 0 and (not sells or (idle_days is not None and idle_days >= IDLE_DAYS)):
        return RiskState.DEAD
    if on_hand <= 0 and sells and p_stockout >= AT_RISK:
        return RiskState.OUT
    if p_stockout >= AT_RISK:
        return RiskState.AT_RISK
    return RiskState.OVER if excess > 0 else RiskState.FIT


def excess_of(*, on_hand: int, inbound: int, stock_target: float, units_a_day: float) -> int:
    """Units at hand beyond the target and beyond what sells in `KEEP_DAYS`."""
    enough = max(stock_target, units_a_day * KEEP_DAYS)
    return max(0, min(on_hand, int(on_hand + inbound - enough)))


def overstock_cost(s: Surplus, holding_rate: float) -> float:
    """What the excess costs when nothing is done: capital until it is sold, and what is lost."""
    return _kept(s, float(s.excess), s.units_a_day, holding_rate)


def list_remedies(s: Surplus, holding_rate: float) -> list[Remedy]:
    """Remedies that gain, the most gainful first."""
    if s.excess <= 0 or s.unit_cost <= 0:
        return []
    found = [
        *_transfer(s, holding_rate), *_give_back(s, holding_rate), *_markdown(s, holding_rate),
        *_bundle(s, holding_rate),
    ]  # fmt: skip
    worth = [r for r in found if r.benefit > r.cost]
    return sorted(worth, key=lambda r: (r.cost - r.benefit, r.kind))


def xyz_of(variation: float | None) -> str:
    """X steady, Y varying, Z erratic, by the variation of a week's demand."""
    if variation is None or variation > 1.0:
        return "Z"
    return "X" if variation <= 0.5 else "Y"


def _kept(s: Surplus, units: float, rate: float, holding_rate: float) -> float:
    """Cost of keeping units that sell at a rate once `KEEP_DAYS` of stock are gone."""
    sold = min(units, max(rate, 0.0) * LOST_AFTER_DAYS)
    lost = units - sold
    days = KEEP_DAYS + (sold / rate / 2.0 if rate > LEAST_RATE else 0.0)
    waiting = holding_rate / 365.0 * (sold * min(days, LOST_AFTER_DAYS) + lost * LOST_AFTER_DAYS)
    return s.unit_cost * (waiting + lost)


def _saved(s: Surplus, units: float, holding_rate: float) -> float:
    """What is saved when so many units, the last to be sold, are gone."""
    rest = _kept(s, s.excess - units, s.units_a_day, holding_rate)
    return overstock_cost(s, holding_rate) - rest


def _transfer(s: Surplus, holding_rate: float) -> list[Remedy]:
    """What the plan proposes to move; else what another node lacks, by assumed freight."""
    if s.transfer is not None:
        return [s.transfer]
    units = min(s.excess, s.wanted)
    if units <= 0:
        return []
    return [
        Remedy(
            kind=RemedyKind.TRANSFER, units=units, at=s.wanted_at,
            benefit=_saved(s, units, holding_rate), cost=TRANSFER_COST * s.unit_cost * units,
        )
    ]  # fmt: skip


def _give_back(s: Surplus, holding_rate: float) -> list[Remedy]:
    """Returning what would be bought again later costs what the supplier does not credit."""
    if not s.has_supplier or (s.age_days is not None and s.age_days > RETURN_WITHIN_DAYS):
        return []
    share = 1.0 - RETURN_CREDIT + TRANSFER_COST
    return [
        Remedy(
            kind=RemedyKind.RETURN, units=s.excess, benefit=_saved(s, s.excess, holding_rate),
            cost=share * s.unit_cost * s.excess,
        )
    ]  # fmt: skip


def _markdown(s: Surplus, holding_rate: float) -> list[Remedy]:
    """The discount that gains most; what has no demand at all is not sold by a lower price."""
    if s.units_a_day <= LEAST_RATE:
        return []
    before = overstock_cost(s, holding_rate)
    price = s.unit_cost + s.unit_margin
    offers = [
        Remedy(
            kind=RemedyKind.MARKDOWN, units=s.excess, discount=discount,
            benefit=before - _kept(s, s.excess, s.units_a_day * (1 - discount) ** -ELASTICITY,
                                   holding_rate),
            cost=discount * price * s.excess,
        )
        for discount in DISCOUNTS
    ]  # fmt: skip
    return [max(offers, key=lambda r: r.benefit - r.cost)]


def _bundle(s: Surplus, holding_rate: float) -> list[Remedy]:
    more = BUNDLE_SHARE * s.partner_rate
    if not s.partner or more <= LEAST_RATE:
        return []
    rate = s.units_a_day + more
    moved = min(s.excess * more / rate, more * LOST_AFTER_DAYS)
    return [
        Remedy(
            kind=RemedyKind.BUNDLE, units=round(moved), partner=s.partner,
            discount=BUNDLE_DISCOUNT,
            benefit=overstock_cost(s, holding_rate) - _kept(s, s.excess, rate, holding_rate),
            cost=BUNDLE_DISCOUNT * (s.unit_cost + s.unit_margin) * moved,
        )
    ]  # fmt: skip

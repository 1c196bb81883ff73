"""Pool small buyers until a minimum order quantity is met, and share the bill fairly.

With one price for all units, a cost that grows by less than the units do has a fair share that
needs no negotiation: the same amount per unit. No buyer and no group of buyers would pay less on
its own (the shares lie in the core of the game: average cost never rises with units, so a part
of the pool has an average cost at least as high as the whole).
"""

import math

import msgspec

from beltline.science.sourcing.types import Offer, tiers


class Wish(msgspec.Struct, frozen=True):
    """What a buyer wants, and the most it pays per unit (infinite: whatever it comes to)."""

    buyer: str
    units: float
    limit_price: float = math.inf


class Share(msgspec.Struct, frozen=True):
    """A buyer's part: units, its cost in minor units, what the same cost alone (None: nobody).

    `alone` is None where the buyer alone cannot buy, or not below its limit.
    """

    buyer: str
    units: float
    cost_minor: int
    alone_minor: int | None


class Pool(msgspec.Struct, frozen=True):
    """A joint purchase: `units` bought of which `surplus` belong to nobody yet.

    `unit_cost` is what each wished unit bears, the surplus included at what it is worth less
    than paid. The shares add up to the bill to the last minor unit.
    """

    units: float
    unit_price: float
    unit_cost: float
    surplus: float
    shares: tuple[Share, ...]
    left_out: tuple[str, ...]


def pool(
    wishes: list[Wish],
    offer: Offer,
    *,
    surplus_value: float = 0.0,
    surplus: bool = True,
    minor_per_major: float = 100,
) -> Pool | None:
    """The largest pool in which nobody pays more than its limit; None where there is none.

    `surplus_value` is what a unit bought beyond the wishes is worth per unit (at most its
    price): a lot may be bought larger than wished to reach the MOQ or a cheaper step. Without
    `surplus` only what is wished for is bought. Prices are in major units, shares in minor ones
    (`minor_per_major` of them: 1 for yen, a thousandth of that where prices are per 1,000 units).
    """
    joined = sorted((w for w in wishes if w.units > 0), key=lambda w: w.buyer)
    while joined:
        total = sum(w.units for w in joined)
        lot = cheapest_lot(offer, total, surplus_value, surplus=surplus)
        if lot is None:
            return None
        units, price = lot
        each = _cost(lot, total, surplus_value) / total
        staying = [w for w in joined if w.limit_price >= each - 1e-9]
        if len(staying) == len(joined):
            left = {w.buyer for w in wishes if w.units > 0} - {w.buyer for w in joined}
            return Pool(
                units=units, unit_price=price, unit_cost=each, surplus=units - total,
                shares=_shares(
                    joined, offer, each, surplus_value, minor_per_major, surplus=surplus
                ),
                left_out=tuple(sorted(left)),
            )  # fmt: skip
        joined = staying
    return None


def cheapest_lot(
    offer: Offer, units: float, surplus_value: float = 0.0, *, surplus: bool = True
) -> tuple[float, float] | None:
    """(units, unit price) of the cheapest lot that covers `units`; None where none is allowed.

    Without `surplus` it has no unit more.
    """
    lots = [
        (max(math.ceil(units / offer.pack - 1e-9) * offer.pack, step.low), step.price)
        for step in tiers(offer, offer.capacity)
        if step.high >= units - 1e-9
    ]
    most = min(offer.capacity, math.inf if surplus else units)
    lots = [(lot, price) for lot, price in lots if lot <= most + 1e-9]
    return min(lots, key=lambda lot: (_cost(lot, units, surplus_value), lot), default=None)


def apportion(total_minor: int, weights: list[float]) -> list[int]:
    """Whole minor units in proportion to the weights that add up exactly (largest remainders)."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("there is nobody to bear the cost")
    exact = [total_minor * w / whole for w in weights]
    parts = [math.floor(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda k: (parts[k] - exact[k], k))
    for k in order[: total_minor - sum(parts)]:
        parts[k] += 1
    return parts


def _cost(lot: tuple[float, float], wished: float, surplus_value: float) -> float:
    units, price = lot
    return units * price - (units - wished) * min(surplus_value, price)


def _shares(
    joined: list[Wish], offer: Offer, each: float, surplus_value: float, minor: float,
    *, surplus: bool,
) -> tuple[Share, ...]:  # fmt: skip
    total = round(minor * each * sum(w.units for w in joined))
    parts = apportion(total, [w.units for w in joined])
    return tuple(
        Share(w.buyer, w.units, part, _alone(w, offer, surplus_value, minor, surplus=surplus))
        for w, part in zip(joined, parts, strict=True)
    )


def _alone(
    wish: Wish, offer: Offer, surplus_value: float, minor: float, *, surplus: bool
) -> int | None:
    lot = cheapest_lot(offer, wish.units, surplus_value, surplus=surplus)
    if lot is None:
        return None
    cost = _cost(lot, wish.units, surplus_value)
    return round(minor * cost) if cost <= wish.limit_price * wish.units + 1e-9 else None

"""How a pool ends: who buys together, at which price, and what each one's share is."""

from collections.abc import Sequence
from decimal import Decimal

from beltline.kit.money import line_amount, minor_digits
from beltline.kit.uom import Uom, base_unit
from beltline.orders.rules import price_at
from beltline.orders.types.pools import PoolEnding, PoolShare, PoolToEnd
from beltline.science.sourcing.pooling import Pool, Wish, pool
from beltline.science.sourcing.types import Offer


def end(found: PoolToEnd) -> PoolEnding:
    """The largest group whose units reach the offer's minimum at a price nobody is above.

    Nothing is bought that nobody wants. All pay the same for a unit, to the minor unit.
    """
    if found.breaks is None:
        return PoolEnding(None, None, "OFFER_ENDED")
    joined = _pool_of(found)
    if joined is None:
        return PoolEnding(None, None, "TOO_FEW")
    price = price_at(found.breaks, round(joined.units))
    costs = {share.buyer: share.cost_minor for share in joined.shares}
    shares = [
        PoolShare(id_, costs[id_.hex], _alone(found, units))
        for id_, units, _ in sorted(found.wishes)
        if id_.hex in costs
    ]
    return PoolEnding(shares, price, None)


def price_alone(breaks: Sequence[tuple[int, Decimal]], moq: int, quantity: int) -> Decimal | None:
    """What a unit of sale costs a buyer of so many on its own; None below the minimum."""
    return price_at(breaks, quantity) if quantity >= moq else None


def _alone(found: PoolToEnd, quantity: int) -> int | None:
    price = price_alone(found.breaks or [], found.moq, quantity)
    if price is None:
        return None
    return line_amount(price, quantity, found.uom, found.currency)


def _pool_of(found: PoolToEnd) -> Pool | None:
    # Units are base units, prices those of a unit of sale: a price for a thousandth of it would be
    # too small to be told from a limit just below it.
    wishes = [Wish(id_.hex, units, float(most)) for id_, units, most in found.wishes]
    minor = 10 ** minor_digits(found.currency) / base_unit(Uom(found.uom)).per_uom
    return pool(wishes, _offer(found.breaks or [], found.moq), surplus=False, minor_per_major=minor)


def _offer(breaks: Sequence[tuple[int, Decimal]], moq: int) -> Offer:
    prices = tuple((float(start), float(price)) for start, price in breaks)
    return Offer("", "", prices, moq=float(moq))

"""Quantities a supplier sells: at least its MOQ, whole packs, priced by its breaks."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from beltline.planning.types import QuantityNotAllowed, Urgency

SOON = dt.timedelta(days=7)


def least_quantity(moq: int, pack_size: int) -> int:
    """The smallest quantity that is whole packs and reaches the MOQ."""
    return -(-max(moq, 1) // pack_size) * pack_size


def round_up(need: float, *, moq: int, pack_size: int) -> int:
    """The smallest allowed quantity that covers a need; 0 for no need."""
    if need <= 0:
        return 0
    packs = -(-need // pack_size)
    return max(int(packs) * pack_size, least_quantity(moq, pack_size))


def check_quantity(quantity: int, *, sku: str, moq: int, pack_size: int) -> None:
    """Refuse a quantity the supplier does not sell, naming the nearest ones it does."""
    least = least_quantity(moq, pack_size)
    if quantity >= least and quantity % pack_size == 0:
        return
    below = max(quantity // pack_size * pack_size, least)
    above = round_up(max(quantity, 1), moq=moq, pack_size=pack_size)
    raise QuantityNotAllowed(
        sku=sku, asked=quantity, moq=moq, pack_size=pack_size, below=below, above=above,
        param="quantity",
    )  # fmt: skip


def price_at(breaks: Sequence[tuple[int, Decimal]], quantity: int) -> Decimal:
    """The unit price (per uom) of a quantity; below the first break the first price holds."""
    reached = [price for start, price in sorted(breaks) if start <= quantity]
    return reached[-1] if reached else min(breaks)[1]


def urgency_of(order_by: dt.date, today: dt.date) -> Urgency:
    """How soon a proposal must be ordered."""
    if order_by <= today:
        return Urgency.NOW
    return Urgency.WEEK if order_by <= today + SOON else Urgency.LATER

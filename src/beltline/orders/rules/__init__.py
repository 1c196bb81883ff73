"""Pure decisions about orders, the twins of what the command functions do in SQL."""

from collections.abc import Sequence
from decimal import Decimal

from beltline.kit.money import to_minor
from beltline.kit.uom import Uom, in_uom
from beltline.orders.types import Cost

CANCELLABLE = frozenset({"PLACED", "PAID", "ON_CREDIT", "ALLOCATED"})
UNSENT = frozenset({"ALLOCATED", "BACKORDERED", "CANCELLED"})


def amount_of_line(unit_price: Decimal, quantity: int, uom: Uom, currency: str) -> int:
    """What `quantity` base units cost in minor units at a price per uom, rounded half-even once."""
    return to_minor(unit_price * in_uom(quantity, uom), currency)


def price_at(breaks: Sequence[tuple[int, Decimal]], quantity: int) -> Decimal | None:
    """The unit price of (quantity_from, unit_price) breaks at a quantity; None below the first."""
    reached = [(start, price) for start, price in breaks if start <= quantity]
    return max(reached)[1] if reached else None


def may_cancel(status: str, part_statuses: Sequence[str]) -> bool:
    """Whether an order can still be cancelled: it stands, and nothing of it has left."""
    return status in CANCELLABLE and UNSENT.issuperset(part_statuses)


def known_costs(total: int) -> list[Cost]:
    """The parts of the landed cost that an order's price tells; the others say who does."""
    return [
        Cost("GOODS", total, "offer"),
        Cost("TRUNK_AND_LAST_MILE", None, "no rate card"),
        Cost("DUTY", None, "destination customs"),
        Cost("IMPORT_VAT", None, "destination customs"),
    ]

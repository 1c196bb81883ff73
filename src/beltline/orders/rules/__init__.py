"""Pure decisions about orders, the twins of what the command functions do in SQL."""

from collections.abc import Sequence
from decimal import Decimal

from beltline.orders.types import OrderDetail

CANCELLABLE = frozenset({"PLACED", "PAID", "ON_CREDIT", "ALLOCATED"})
UNSENT = frozenset({"ALLOCATED", "BACKORDERED", "CANCELLED"})


def price_at(breaks: Sequence[tuple[int, Decimal]], quantity: int) -> Decimal | None:
    """The unit price of (quantity_from, unit_price) breaks at a quantity; None below the first."""
    reached = [(start, price) for start, price in breaks if start <= quantity]
    return max(reached)[1] if reached else None


def may_cancel(status: str, part_statuses: Sequence[str]) -> bool:
    """Whether an order can still be cancelled: it stands, and nothing of it has left."""
    return status in CANCELLABLE and UNSENT.issuperset(part_statuses)


def amount_due(order: OrderDetail) -> int:
    """What an order waits for now, in minor units; 0 when it waits for no money.

    While it is PLACED all but its balances; then the balances of the lines whose goods are made,
    or all of them while none is.
    """
    head = order.head
    if head.status == "PLACED":
        return head.total_amount - head.deferred_amount
    if head.status not in CANCELLABLE:
        return 0
    unpaid = [line.deposit for line in order.lines if line.deposit and line.deposit.unpaid]
    called = [deposit for deposit in unpaid if deposit.due_at is not None]
    return sum(deposit.unpaid for deposit in called or unpaid)

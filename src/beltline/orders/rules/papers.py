"""What stands on the proforma of an order; pure."""

import datetime as dt
from collections.abc import Mapping

from beltline.catalog.types import Sku
from beltline.kit.clock import day_of
from beltline.ledger.types import PaperContent, PaperDetail, PaperLine
from beltline.orders import rules
from beltline.orders.types import NotPayable, OrderDetail
from beltline.orders.types.papers import OrderParties


def proforma(
    order: OrderDetail,
    skus: Mapping[str, Sku],
    parties: OrderParties,
    *,
    now: dt.datetime,
) -> PaperDetail:
    """What an order, or its balance, that waits for its money costs.

    No invoice: it has no number of a series.
    """
    head = order.head
    due = rules.amount_due(order)
    until = head.expires_at if head.status == "PLACED" else order.deposit and order.deposit.due_at
    if not due or (head.status == "PLACED" and until is None):
        raise NotPayable(number=head.number, state=head.status)
    lines = [
        PaperLine(
            number, line.sku, skus[line.sku].title, skus[line.sku].title_zh, skus[line.sku].uom,
            line.quantity, line.unit_price, line.amount,
        )
        for number, line in enumerate(order.lines, 1)
        if line.quantity
    ]  # fmt: skip
    return PaperDetail(
        head.id, proforma_number(head.number), "PROFORMA", head.buyer, head.buyer_name,
        head.number, head.id, None, head.currency, due,
        *((day_of(head.created_at), head.created_at) if head.status == "PLACED"
          else (day_of(now), now)),
        PaperContent(
            parties.seller, parties.buyer, lines=lines, order_reference=head.reference,
            whole=order.deposit.amount + order.deposit.balance if order.deposit else None,
            later=order.deposit.unpaid - (0 if head.status == "PLACED" else due)
            if order.deposit else 0,
        ),
        day_of(until) if until else None,
    )  # fmt: skip


def proforma_number(order: str) -> str:
    """The number of an order's proforma, which a transfer may name as well."""
    return "PI-" + order.removeprefix("SO-")

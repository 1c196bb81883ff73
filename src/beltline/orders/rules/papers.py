"""What stands on the proforma of an order; pure."""

from collections.abc import Mapping

from beltline.catalog.types import Sku
from beltline.kit.clock import day_of
from beltline.ledger.types import PaperContent, PaperDetail, PaperLine, PaperParty
from beltline.orders.types import NotPayable, OrderDetail


def proforma(
    order: OrderDetail, skus: Mapping[str, Sku], *, seller: PaperParty, buyer: PaperParty
) -> PaperDetail:
    """What an order that waits for its money costs. No invoice: it has no number of a series."""
    head = order.head
    if head.status != "PLACED" or head.expires_at is None:
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
        head.number, head.id, None, head.currency, head.total_amount,
        day_of(head.created_at), head.created_at,
        PaperContent(seller, buyer, lines=lines, order_reference=head.reference),
        day_of(head.expires_at),
    )  # fmt: skip


def proforma_number(order: str) -> str:
    """The number of an order's proforma, which a transfer may name as well."""
    return "PI-" + order.removeprefix("SO-")

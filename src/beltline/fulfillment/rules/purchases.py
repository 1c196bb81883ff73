"""What stands on the paper of a purchase: what was ordered, cancelled and is still wanted; pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from beltline.fulfillment.types.documents import DocumentParty, PurchasePaper, PurchasePaperLine
from beltline.kit.clock import day_of
from beltline.kit.figures import decimal_text
from beltline.kit.money import line_amount
from beltline.procurement.types.orders import PurchaseOrder, PurchaseOrderLine, Status
from beltline.procurement.types.papers import PurchaseParties

_NOTHING: Final = frozenset({Status.REFUSED, Status.EXPIRED, Status.CANCELLED})


def purchase_paper(
    order: PurchaseOrder,
    lines: Sequence[PurchaseOrderLine],
    wanted: Mapping[str, int] | None,
    *,
    parties: PurchaseParties,
    printed_date: dt.date,
) -> PurchasePaper:
    """A purchase as it stands: a counter that nobody accepted changes nothing.

    `wanted` are base units by SKU, of purchases for orders; of one that ended without goods
    nothing is wanted any more. Amounts are of the units, rounded half-even at the line.
    """
    left = None if wanted is None else dict(wanted)
    shown = [_line(order, line, left) for line in lines]
    return PurchasePaper(
        number=order.number,
        status=order.status,
        issued_date=day_of(order.issued_at or order.created_at),
        printed_date=printed_date,
        buyer=parties.buyer,
        supplier=parties.supplier,
        deliver_to=DocumentParty(order.node_name, order.node_name_zh, ""),
        arrive_by=order.expected_date
        if order.status is Status.COUNTERED
        else order.answered_date or order.expected_date,
        currency=order.currency,
        lines=shown,
        ordered_amount=sum(line.ordered_amount for line in shown),
        total_amount=sum(line.amount for line in shown),
    )


def _line(
    order: PurchaseOrder, line: PurchaseOrderLine, left: dict[str, int] | None
) -> PurchasePaperLine:
    ordered, price = line.agreed_quantity, line.answered_unit_price
    if price is None or order.status is Status.COUNTERED:
        price = line.unit_price
    if order.status is Status.COUNTERED:
        ordered = line.quantity
    if order.status in _NOTHING:
        wanted = 0
    elif left is None:
        wanted = ordered
    else:
        # Of several lines of a SKU the first are wanted first.
        wanted = min(ordered, left.get(line.sku, 0))
        left[line.sku] = left.get(line.sku, 0) - wanted

    return PurchasePaperLine(
        line.line_no, line.sku, line.title, line.title_zh, line.uom, ordered, ordered - wanted,
        wanted, decimal_text(price), line_amount(price, ordered, line.uom, order.currency),
        line_amount(price, wanted, line.uom, order.currency),
    )  # fmt: skip

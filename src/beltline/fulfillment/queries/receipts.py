"""Reads of goods receipts; both parties of an order see them."""

from uuid import UUID

from beltline.fulfillment.types.receipts import GoodsReceipt, GoodsReceiptLine
from beltline.kit.db import Reader

_RECEIPT = """
  select r.id, r.number, r.purchase_order_id, o.number as purchase_order, n.code as node,
         r.received_at, r.received_by, r.is_final, r.note
    from fulfillment.goods_receipt r
    join procurement.purchase_order o on o.id = r.purchase_order_id
    join trade.node n on n.id = r.node_id
"""


async def get_receipt(db: Reader, receipt_id: UUID) -> GoodsReceipt:
    """A receipt the acting organization is a party to."""
    return await db.get(
        GoodsReceipt, "goods receipt", receipt_id, f"{_RECEIPT} where r.id = $1", receipt_id
    )


async def list_receipts(db: Reader, order_id: UUID, *, limit: int = 100) -> list[GoodsReceipt]:
    """What was received of an order, the oldest first."""
    return await db.rows(
        GoodsReceipt,
        f"""{_RECEIPT} where r.purchase_order_id = $1 order by r.received_at, r.id limit $2""",
        order_id,
        limit,
    )


async def list_receipt_lines(
    db: Reader, receipt_id: UUID, *, limit: int = 1_000
) -> list[GoodsReceiptLine]:
    """The lines of a receipt, in the order of the purchase order."""
    return await db.rows(
        GoodsReceiptLine,
        """select l.line_no, k.code as sku, k.title, k.title_zh, k.uom, l.expected_quantity,
                  l.received_quantity
             from fulfillment.goods_receipt_line l join catalog.sku k on k.id = l.sku_id
            where l.goods_receipt_id = $1 order by l.line_no limit $2""",
        receipt_id,
        limit,
    )

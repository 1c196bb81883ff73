"""Builders: receipts of orders that the builders of procurement made."""

from beltline.fulfillment import actions
from beltline.fulfillment.types.receipts import Counted, GoodsReceipt
from beltline.kit.db import Database
from beltline.procurement.types.orders import PurchaseOrder
from tests.procurement.make import NOW, Trade


async def receive(
    database: Database,
    trade: Trade,
    order: PurchaseOrder,
    *lines: Counted,
    is_final: bool = False,
    over: bool = False,
) -> GoodsReceipt:
    """Count something of an order."""
    async with database.writing(trade.operator) as db:
        return await actions.receive_goods(
            db, trade.operator, purchase_order_id=order.id, lines=lines, note="dock 3",
            is_final=is_final, over=over, now=NOW,
        )  # fmt: skip


async def on_hand(database: Database) -> dict[tuple[str, str], int]:
    """What stands by (SKU, node), without the zeros."""
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(k.code, n.code, s.on_hand) from inventory.stock s
                 join catalog.sku k on k.id = s.sku_id join trade.node n on n.id = s.node_id
                where s.on_hand > 0"""
        )
    return {(sku, node): units for sku, node, units in rows}

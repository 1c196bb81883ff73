"""Reads of what stands on the paper of a purchase order."""

from beltline.kit.db import Reader
from beltline.kit.ids import show_id
from beltline.procurement.types.orders import PurchaseOrder
from beltline.procurement.types.papers import PurchaseParties


async def get_parties(db: Reader, order: PurchaseOrder) -> PurchaseParties:
    """The parties of an order the reader has; organizations by name where it names no other."""
    return await db.get(
        PurchaseParties, "purchase order", show_id("po", order.id),
        """select coalesce(o.buyer_party, jsonb_build_object(
                    'name', b.name, 'name_zh', b.name_zh, 'country', b.country)) as buyer,
                  coalesce(o.supplier_party, jsonb_build_object(
                    'name', s.name, 'name_zh', s.name_zh, 'country', s.country)) as supplier
             from procurement.purchase_order o
             join accounts.organization b on b.id = o.operator_org_id
             join accounts.organization s on s.id = o.supplier_org_id
            where o.id = $1""",
        order.id,
    )  # fmt: skip

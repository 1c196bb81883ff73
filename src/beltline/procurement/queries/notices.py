"""Reads of shipping notices; both parties of an order see them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.procurement.types.notices import NoticeState, ShippingNotice, ShippingNoticeLine

_NOTICE = """
  select n.id, n.number, n.purchase_order_id, o.number as purchase_order, o.is_for_orders,
         s.code as supplier, s.name as supplier_name, s.name_zh as supplier_name_zh,
         d.code as node, n.waybill, n.carrier, n.cartons, n.weight_g, n.note, n.state,
         n.announced_by, n.announced_at, n.receipt, n.received_at
    from procurement.shipping_notice n
    join procurement.purchase_order o on o.id = n.purchase_order_id
    join accounts.organization s on s.id = n.supplier_org_id
    join trade.node d on d.id = o.node_id
"""
_PARTY = "$1 in (n.operator_org_id, n.supplier_org_id)"


async def get_notice(db: Reader, actor: Actor, notice_id: UUID) -> ShippingNotice:
    """A notice the actor's organization is a party to."""
    found = await db.find(
        ShippingNotice, f"{_NOTICE} where {_PARTY} and n.id = $2", actor.org_id, notice_id
    )
    if found is None:
        raise NotFound(what="shipping notice", key=show_id("asn", notice_id))
    return found


async def list_notices(
    db: Reader,
    actor: Actor,
    *,
    waybill: str = "",
    node: str | None = None,
    state: NoticeState | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ShippingNotice]:
    """Notices of the actor's organization, newest first; `waybill` is a whole one."""
    return await db.rows(
        ShippingNotice,
        f"""{_NOTICE}
            where {_PARTY} and ($2 = '' or n.waybill = $2) and ($3::text is null or d.code = $3)
              and ($4::text is null or n.state = $4)
              and ($5::timestamptz is null or (n.announced_at, n.id) < ($5, $6))
            order by n.announced_at desc, n.id desc limit $7""",
        actor.org_id, waybill, node, state, *(before or (None, None)), limit,
    )  # fmt: skip


async def list_notices_of(db: Reader, order_id: UUID, *, limit: int = 200) -> list[ShippingNotice]:
    """What was announced of an order, oldest first."""
    return await db.rows(
        ShippingNotice,
        f"{_NOTICE} where n.purchase_order_id = $1 order by n.announced_at, n.id limit $2",
        order_id,
        limit,
    )


async def list_notice_lines(
    db: Reader, notice_ids: Sequence[UUID], *, limit: int = 10_000
) -> list[ShippingNoticeLine]:
    """The lines of some notices, in the order of their purchase orders."""
    return await db.rows(
        ShippingNoticeLine,
        """select l.shipping_notice_id, l.line_no, k.code as sku, k.title, k.title_zh, k.uom,
                  l.quantity, l.received_quantity
             from procurement.shipping_notice_line l join catalog.sku k on k.id = l.sku_id
            where l.shipping_notice_id = any($1)
            order by l.shipping_notice_id, l.line_no limit $2""",
        notice_ids,
        limit,
    )


async def find_waybill(db: Reader, number: str) -> str | None:
    """The waybill of a notice by its number, as a carton's label says it."""
    waybill: str | None = await db.value(
        "select waybill from procurement.shipping_notice where number = $1", number
    )
    return waybill


async def list_ssccs(db: Reader, notice_id: UUID) -> list[str]:
    """The codes of the cartons of a notice, in their order; empty where they have none."""
    return await db.values(
        "select sscc from procurement.notice_carton where shipping_notice_id = $1 order by box",
        notice_id,
    )


async def find_carton(db: Reader, sscc: str) -> tuple[str, str] | None:
    """The waybill and the number of the notice of the carton with this code."""
    found = await db.value(
        """select array[n.waybill, n.number] from procurement.notice_carton c
             join procurement.shipping_notice n on n.id = c.shipping_notice_id
            where c.sscc = $1""",
        sscc,
    )
    return (found[0], found[1]) if found else None

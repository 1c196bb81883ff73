"""Reads of purchase orders. Row-level security leaves a supplier its own, and never a draft."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof
from beltline.procurement.types.orders import PurchaseOrder, PurchaseOrderLine, Status, StatusCount

_ORDER = """
  select o.id, o.number, o.status, o.version, o.operator_org_id, o.supplier_org_id,
         s.code as supplier, s.name as supplier_name, s.name_zh as supplier_name_zh, o.node_id,
         n.code as node, n.name as node_name, n.name_zh as node_name_zh, o.currency,
         o.total_amount, l.line_count, l.quantity, l.awaited_quantity, o.order_by_date,
         o.expected_date, o.answered_date, o.answer_by, o.answer_note, o.answered_by,
         o.plan_run_id, o.is_imported, o.created_by, o.created_at, o.issued_at, o.answered_at,
         o.received_at
    from procurement.purchase_order o
    join accounts.organization s on s.id = o.supplier_org_id
    join trade.node n on n.id = o.node_id
    cross join lateral (
      select count(*) as line_count, coalesce(sum(x.quantity), 0)::bigint as quantity,
             coalesce(sum(x.awaited_quantity), 0)::bigint as awaited_quantity
        from procurement.purchase_order_line x where x.purchase_order_id = o.id) l
"""
_PARTY = """(o.operator_org_id = $1 or o.supplier_org_id = $1 and o.status <> 'PROPOSED')"""


async def get_order(db: Reader, actor: Actor, order_id: UUID) -> PurchaseOrder:
    """An order the actor's organization is a party to."""
    found = await db.find(
        PurchaseOrder, f"{_ORDER} where {_PARTY} and o.id = $2", actor.org_id, order_id
    )
    if found is None:
        raise NotFound(what="purchase order", key=show_id("po", order_id))
    return found


async def list_lines(db: Reader, order_id: UUID, *, limit: int = 1_000) -> list[PurchaseOrderLine]:
    """The lines of an order, in order."""
    return await db.rows(
        PurchaseOrderLine,
        """select l.line_no, l.sku_id, k.code as sku, k.title, k.title_zh, k.uom, l.quantity,
                  l.unit_price, l.amount, l.answered_quantity, l.answered_unit_price,
                  l.answered_amount, l.received_quantity, l.awaited_quantity, l.proposal_id
             from procurement.purchase_order_line l
             join catalog.sku k on k.id = l.sku_id
            where l.purchase_order_id = $1 order by l.line_no limit $2""",
        order_id,
        limit,
    )


async def list_orders(
    db: Reader,
    actor: Actor,
    *,
    statuses: Sequence[Status] = (),
    search: str = "",
    node: str | None = None,
    late_at: dt.datetime | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int = 50,
) -> list[PurchaseOrder]:
    """Orders of the actor's organization, newest first.

    `search` is a part of the number or of the supplier's name, or a whole SKU code; `late_at`
    leaves those whose answer or goods were due before that instant.
    """
    at, before_id = before or (None, None)
    return await db.rows(
        PurchaseOrder,
        f"""{_ORDER}
            where {_PARTY}
              and (cardinality($2::text[]) = 0 or o.status = any($2))
              and ($3 = '' or o.number ilike '%' || $3 || '%' or s.code = $3
                   or s.name ilike '%' || $3 || '%' or s.name_zh like '%' || $3 || '%'
                   or exists (select from procurement.purchase_order_line y
                                join catalog.sku k on k.id = y.sku_id
                               where y.purchase_order_id = o.id and k.code = $3))
              and ($4::text is null or n.code = $4)
              and ($5::timestamptz is null
                   or (o.status = 'ISSUED' and o.answer_by < $5)
                   or (l.awaited_quantity > 0 and o.status <> 'ISSUED'
                       and o.expected_date < kit.day_of($5)))
              and ($6::timestamptz is null or (o.created_at, o.id) < ($6, $7))
            order by o.created_at desc, o.id desc limit $8""",
        actor.org_id,
        [status.value for status in statuses],
        _literal(search),
        node,
        late_at,
        at,
        before_id,
        limit,
    )


async def list_to_answer(db: Reader, actor: Actor, *, limit: int = 50) -> list[PurchaseOrder]:
    """What waits for the acting supplier's answer, the most urgent first."""
    return await db.rows(
        PurchaseOrder,
        f"""{_ORDER} where o.supplier_org_id = $1 and o.status = 'ISSUED'
            order by o.answer_by nulls last, o.id limit $2""",
        actor.org_id,
        limit,
    )


async def list_receivable(
    db: Reader, actor: Actor, *, node: str | None = None, limit: int = 200
) -> list[PurchaseOrder]:
    """Orders whose goods are awaited, at a node or all, the earliest expected first."""
    return await db.rows(
        PurchaseOrder,
        f"""{_ORDER}
            where o.operator_org_id = $1 and l.awaited_quantity > 0 and o.status <> 'COUNTERED'
              and ($2::text is null or n.code = $2)
            order by o.expected_date, o.id limit $3""",
        actor.org_id,
        node,
        limit,
    )


async def count_by_status(db: Reader, actor: Actor) -> dict[Status, int]:
    """How many orders of the actor's organization are not at an end, by state."""
    rows = await db.rows(
        StatusCount,
        f"""select o.status, count(*) as orders from procurement.purchase_order o
             where {_PARTY}
               and o.status not in ('REFUSED', 'EXPIRED', 'CANCELLED', 'RECEIVED', 'INVOICED',
                                    'SETTLED')
             group by o.status""",
        actor.org_id,
    )
    return {row.status: row.orders for row in rows}


async def list_unanswered(db: Reader, *, now: dt.datetime, limit: int = 1_000) -> list[UUID]:
    """Orders whose time to be answered is over, the oldest first; for the system."""
    return await db.values(
        """select id from procurement.purchase_order
            where status = 'ISSUED' and answer_by <= $1 order by answer_by, id limit $2""",
        now,
        limit,
    )


class _InboundFigures(msgspec.Struct, frozen=True):
    rows: int
    inbound: int
    awaited: int
    wrong: int
    faults: list[dict[str, str | int]]


async def prove_inbound(db: Reader) -> Proof:
    """What every stock row has inbound is what purchases and transfers are to bring."""
    found = await db.get(
        _InboundFigures, "proof", "inbound",
        """with awaited as (
             select sku_id, node_id, owner_org_id, sum(quantity)::bigint as awaited
               from (select l.sku_id, o.node_id, o.operator_org_id as owner_org_id,
                            l.awaited_quantity as quantity
                       from procurement.purchase_order_line l
                       join procurement.purchase_order o on o.id = l.purchase_order_id
                      where l.awaited_quantity > 0
                      union all
                     select sku_id, target_node_id, owner_org_id, quantity
                       from inventory.transfer where status = 'SENT') coming
              group by sku_id, node_id, owner_org_id
           ), compared as (
             select sku_id, node_id, owner_org_id, coalesce(s.inbound, 0) as inbound,
                    coalesce(a.awaited, 0) as awaited
               from inventory.stock s full join awaited a using (sku_id, node_id, owner_org_id)
              where s.inbound > 0 or a.awaited > 0
           )
           select count(*) as rows, coalesce(sum(inbound), 0)::bigint as inbound,
                  coalesce(sum(awaited), 0)::bigint as awaited,
                  count(*) filter (where inbound <> awaited) as wrong,
                  coalesce((select jsonb_agg(to_jsonb(w)) from (
                    select * from compared where inbound <> awaited
                     order by sku_id, node_id, owner_org_id limit $1) w), '[]') as faults
             from compared""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="inbound_equals_orders",
        statement="What every stock row has inbound is what purchases and transfers are to bring.",
        holds=found.wrong == 0,
        figures={
            "rows": found.rows,
            "inbound": found.inbound,
            "awaited": found.awaited,
            "rows_wrong": found.wrong,
        },
        faults=found.faults,
    )


def _literal(search: str) -> str:
    """The text with the wildcards of LIKE taken literally."""
    return search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")

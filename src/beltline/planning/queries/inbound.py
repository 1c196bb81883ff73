"""Reads of what is on its way to nodes, week by week, and what could go along with it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.kit.db import Reader

MOST_ROWS = 1_000
MOST_ALONG, MOST_NODES = 2_000, 500


class InboundWeek(msgspec.Struct, frozen=True):
    """What reaches a node in the week of a Monday; late lines count in the week of today.

    `kilograms` and `cubic_meters` are of the lines whose goods say what they weigh and measure;
    `unmeasured` is the number of the others.
    """

    node_id: UUID
    node: str
    node_name: str
    node_name_zh: str
    country: str
    week: dt.date
    purchases: int
    lines: int
    late: int
    unmeasured: int
    kilograms: float
    cubic_meters: float


class Along(msgspec.Struct, frozen=True):
    """An open proposal to a node: what it weighs and measures, and saves in minor units."""

    id: UUID
    node_id: UUID
    kilograms: float
    cubic_meters: float
    gain: float


# Of a base unit: a share of its carton where that is known, else of the unit itself.
_MEASURES = """
  coalesce(k.carton_weight_g::float8 / k.carton_pieces, k.weight_g) / 1e3
    / kit.per_uom(k.uom) as kg,
  coalesce(k.carton_mm[1]::float8 * k.carton_mm[2] * k.carton_mm[3] / k.carton_pieces,
           k.length_mm::float8 * k.width_mm * k.height_mm) / 1e9 / kit.per_uom(k.uom) as m3
"""


async def list_weeks(
    db: Reader, org_id: UUID, *, today: dt.date, weeks: int, node: str | None = None
) -> list[InboundWeek]:
    """Purchases, accepted proposals and transfers in transit by the week they are expected in."""
    return await db.rows(
        InboundWeek,
        f"""with coming as (
              select l.sku_id, o.node_id, o.expected_date as ds, l.awaited_quantity as quantity,
                     o.id as purchase_id
                from procurement.purchase_order_line l
                join procurement.purchase_order o on o.id = l.purchase_order_id
               where o.operator_org_id = $1 and l.awaited_quantity > 0 and not o.is_for_orders
                 and o.status not in ('PROPOSED', 'REFUSED', 'EXPIRED', 'CANCELLED')
              union all
              select sku_id, node_id, expected_date, quantity, null
                from planning.proposal where org_id = $1 and status = 'ACCEPTED'
              union all
              select sku_id, target_node_id, expected_date, quantity, null
                from inventory.transfer where operator_org_id = $1 and status = 'SENT')
            select n.id as node_id, n.code as node, n.name as node_name,
                   n.name_zh as node_name_zh, n.country,
                   date_trunc('week', greatest(c.ds, $2)::timestamp)::date as week,
                   count(distinct c.purchase_id) as purchases, count(*) as lines,
                   count(*) filter (where c.ds < $2) as late,
                   count(*) filter (where m.kg is null or m.m3 is null) as unmeasured,
                   coalesce(sum(c.quantity * m.kg), 0)::float8 as kilograms,
                   coalesce(sum(c.quantity * m.m3), 0)::float8 as cubic_meters
              from coming c
              join trade.node n on n.id = c.node_id
              join catalog.sku k on k.id = c.sku_id
              cross join lateral (select {_MEASURES}) m
             where greatest(c.ds, $2) < date_trunc('week', $2::timestamp)::date + 7 * $3::int
               and ($4::text is null or n.code = $4)
             group by n.id, week order by week, n.code limit {MOST_ROWS}""",
        org_id,
        today,
        weeks,
        node,
    )


async def list_along(
    db: Reader, org_id: UUID, node_ids: Sequence[UUID], *, until: dt.date
) -> list[Along]:
    """Open proposals to nodes that are to be ordered until a day, measured ones only.

    The most gainful of each node; parts of a split share its gain by units.
    """
    return await db.rows(
        Along,
        f"""select a.* from unnest($2::uuid[]) as wanted(node_id)
             cross join lateral (
               select p.id, p.node_id, (p.quantity * m.kg)::float8 as kilograms,
                      (p.quantity * m.m3)::float8 as cubic_meters,
                      (coalesce(r.order_gain, 0) * p.quantity / w.quantity)::float8 as gain
                 from planning.proposal p
                 join catalog.sku k on k.id = p.sku_id
                cross join lateral (select {_MEASURES}) m
                cross join lateral (
                  select sum(q.quantity) as quantity from planning.proposal q
                   where q.plan_run_id = p.plan_run_id and q.sku_id = p.sku_id
                     and q.node_id = p.node_id) w
                 left join planning.inventory_risk r
                   on (r.plan_run_id, r.sku_id, r.node_id) = (p.plan_run_id, p.sku_id, p.node_id)
                where p.org_id = $1 and p.node_id = wanted.node_id and p.status = 'OPEN'
                  and p.order_by <= $3 and m.kg > 0 and m.m3 > 0
                order by r.order_gain desc nulls last, p.id limit {MOST_ALONG}) a
            limit {MOST_ALONG * MOST_NODES}""",
        org_id,
        list(node_ids),
        until,
    )

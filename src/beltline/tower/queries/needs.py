"""What waits for a decision of the operator, whichever module it stands in.

What is due on a day is due at 18:00 there, the end of the working day.
"""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.tower.types import Need, NeedCount

RECENT = dt.timedelta(days=7)
"""Jobs and imports older than this no longer ask for attention."""

# One row a need. $1 organization, $2 now, $3 zone of the day, $4 today there, $5 recent since.
_NEEDS = """(
  select 'PROPOSAL' as kind, p.id, k.code, k.title as name, k.title_zh as name_zh,
         n.name as place, n.name_zh as place_zh, p.currency, p.amount,
         (p.order_by + time '18:00') at time zone $3 as due_at,
         jsonb_build_object('p_stockout', p.p_stockout, 'p_stockout_after', p.p_stockout_after,
           'cover_days', p.cover_days, 'quantity', p.quantity, 'uom', k.uom,
           'order_by', p.order_by, 'supplier', s.name, 'supplier_zh', s.name_zh) as facts
    from planning.proposal p
    join catalog.sku k on k.id = p.sku_id
    join trade.node n on n.id = p.node_id
    join accounts.organization s on s.id = p.supplier_org_id
   where p.org_id = $1 and p.status = 'OPEN' and p.order_by <= $4::date + 1
  union all
  select case o.status when 'COUNTERED' then 'COUNTER' when 'ISSUED' then 'ANSWER'
           else case when o.expected_date < $4 then 'LATE' else 'ARRIVAL' end end,
         o.id, o.number, s.name, s.name_zh, n.name, n.name_zh, o.currency, o.total_amount,
         case o.status when 'COUNTERED' then coalesce(o.answered_at, $2) + interval '1 day'
           when 'ISSUED' then coalesce(o.answer_by, o.issued_at, $2)
           else (o.expected_date + time '18:00') at time zone $3 end,
         jsonb_build_object('expected_date', o.expected_date, 'answered_date', o.answered_date,
           'note', o.answer_note, 'lines', l.lines, 'asked', l.asked, 'answered', l.answered,
           'awaited', l.awaited, 'answered_amount', l.answered_amount, 'uom', l.uom)
    from procurement.purchase_order o
    join accounts.organization s on s.id = o.supplier_org_id
    join trade.node n on n.id = o.node_id
    cross join lateral (
      select count(*) as lines, sum(x.quantity)::bigint as asked,
             sum(x.answered_quantity)::bigint as answered,
             sum(x.awaited_quantity)::bigint as awaited,
             sum(x.answered_amount)::bigint as answered_amount,
             case when count(distinct k.uom) = 1 then min(k.uom) end as uom
        from procurement.purchase_order_line x join catalog.sku k on k.id = x.sku_id
       where x.purchase_order_id = o.id) l
   where o.operator_org_id = $1
     and (o.status = 'COUNTERED'
          or (o.status = 'ISSUED'
              and coalesce(o.answer_by, o.issued_at, $2) < $2 + interval '1 day')
          or (o.status in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED',
                           'BALANCE_PAID', 'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED')
              -- What buyers ordered has the deadlines of its journeys.
              and o.expected_date <= $4 and l.awaited > 0 and not o.is_for_orders))
  union all
  select case e.kind when 'ANSWER' then 'EXPIRED' else 'UNSENT' end, o.id, o.number, s.name,
         s.name_zh, n.name, n.name_zh, o.currency, o.total_amount, e.due_at,
         jsonb_build_object('expected_date', o.expected_date)
    from procurement.escalation e
    join procurement.purchase_order o on o.id = e.purchase_order_id
    join accounts.organization s on s.id = o.supplier_org_id
    join trade.node n on n.id = o.node_id
   where e.operator_org_id = $1
     -- From its day on an unsent order is LATE.
     and (e.kind = 'ANSWER' or e.kind = 'SHIPMENT' and o.expected_date > $4)
  union all
  select 'CHANGE', o.id, o.number, s.name, s.name_zh, n.name, n.name_zh, o.currency,
         o.total_amount, c.answer_by, jsonb_build_object('asked_of', c.asked_of, 'note', c.note)
    from procurement.order_change c
    join procurement.purchase_order o on o.id = c.purchase_order_id
    join accounts.organization s on s.id = o.supplier_org_id
    join trade.node n on n.id = o.node_id
   where c.operator_org_id = $1 and c.state = 'OPEN'
     and (c.asked_of = 'OPERATOR' or exists (
       select from procurement.escalation e where e.subject_id = c.id))
  union all
  select 'SILENT', j.id, j.number, k.title, k.title_zh, n.name, n.name_zh, null, null, d.due_at,
         jsonb_build_object('waybill', j.waybill)
    from fulfillment.decision d
    join fulfillment.journey j on j.id = d.journey_id
    join catalog.sku k on k.id = j.sku_id
    join trade.node n on n.id = coalesce(j.hub_id, j.node_id)
   where d.operator_org_id = $1 and d.state = 'OPEN' and d.cause = 'SILENT'
  union all
  select 'CUSTOMS', f.id, f.number, '', '', n.name, n.name_zh, null, null,
         coalesce(t.due_at, t.opened_at + interval '1 day'),
         jsonb_build_object('stopping', t.stopping)
    from customs.file f
    join trade.node n on n.id = f.node_id
    cross join lateral (
      select count(*) as stopping, min(x.due_at) as due_at, min(x.opened_at) as opened_at
        from customs.task x where x.file_id = f.id and x.state = 'OPEN' and x.stops) t
   where f.operator_org_id = $1 and f.state = 'OPEN' and t.stopping > 0
  union all
  select 'COUNT', c.id, 'CNT-' || c.n, '', '', n.name, n.name_zh, null, null,
         c.opened_at + interval '1 day', jsonb_build_object('left', l.left, 'lines', l.lines)
    from inventory.stock_count c
    join trade.node n on n.id = c.node_id
    cross join lateral (
      select count(*) as lines, count(*) filter (where x.state in ('OPEN', 'AGAIN')) as left
        from inventory.stock_count_line x where x.count_id = c.id) l
   where c.operator_org_id = $1 and c.state = 'OPEN'
  union all
  select 'SHORTAGE', t.sku_id, k.code, k.title, k.title_zh, n.name, n.name_zh, null, null, $2,
         jsonb_build_object('short', t.reserved + t.quality_hold + t.damaged - t.on_hand,
           'uom', k.uom, 'orders', (
             select count(distinct r.order_id) from orders.order_part r
              where r.sku_id = t.sku_id and r.node_id = t.node_id and r.status = 'ALLOCATED'))
    from inventory.stock t
    join catalog.sku k on k.id = t.sku_id
    join trade.node n on n.id = t.node_id
   where t.operator_org_id = $1 and t.kind = 'COUNTED'
     and t.reserved + t.quality_hold + t.damaged > t.on_hand
  union all
  select 'STOCKOUT', e.sku_id, k.code, k.title, k.title_zh, n.name, n.name_zh, null, null, $2,
         jsonb_build_object('sold', round(d.sold), 'uom', k.uom)
    from (select sku_id, node_id from inventory.availability
           where operator_org_id = $1 and kind = 'COUNTED'
           group by sku_id, node_id having sum(available) = 0 and sum(inbound) = 0) e
    join catalog.sku k on k.id = e.sku_id
    join trade.node n on n.id = e.node_id
    cross join lateral (
      select sum(y)::numeric as sold from planning.demand
       where sku_id = e.sku_id and node_id = e.node_id and ds > $4::date - 28) d
   where d.sold > 0 and not exists (
     select from planning.proposal p
      where p.sku_id = e.sku_id and p.node_id = e.node_id and p.status in ('OPEN', 'ACCEPTED'))
  union all
  select case j.state when 'DONE' then 'IMPORT' else 'JOB' end, j.id, j.title, '', '', '', '',
         null, null, coalesce(j.finished_at, $2) + interval '1 day',
         jsonb_build_object('kind', j.kind, 'state', j.state,
           'bad_rows', j.result -> 'bad_rows', 'problem', j.result -> 'detail')
    from kit.job j
   where j.org_id = $1 and j.created_at > $5
     and (j.state in ('FAILED', 'REFUSED')
          or (j.state = 'DONE' and j.kind = 'import.v1'
              and coalesce((j.result ->> 'bad_rows')::bigint, 0) > 0
              and not coalesce((j.result ->> 'dry_run')::boolean, false)))
     and not exists (
       select from kit.job later
        where later.org_id = j.org_id and later.title = j.title
          and later.created_at > j.created_at and later.state = 'DONE')
) as need"""


async def list_needs(
    db: Reader,
    org_id: UUID,
    *,
    now: dt.datetime,
    zone: str,
    today: dt.date,
    kind: str | None = None,
    limit: int = 40,
) -> list[Need]:
    """Up to `limit` needs of each kind (or of one), the soonest due and dearest first."""
    return await db.rows(
        Need,
        f"""select kind, id, code, name, name_zh, place, place_zh, currency, amount, due_at, facts
              from (select need.*, row_number() over (
                             partition by kind order by due_at, amount desc nulls last, id) as n
                      from {_NEEDS} where $6::text is null or kind = $6) ranked
             where n <= $7 order by kind, n""",
        org_id,
        now,
        zone,
        today,
        now - RECENT,
        kind,
        limit,
    )


async def count_needs(
    db: Reader, org_id: UUID, *, now: dt.datetime, zone: str, today: dt.date
) -> list[NeedCount]:
    """How many needs of each kind there are, what they come to and when the first is due."""
    return await db.rows(
        NeedCount,
        f"""select kind, currency, count(*) as needs, coalesce(sum(amount), 0)::bigint as amount,
                   min(due_at) as first_due_at,
                   count(*) filter (
                     where due_at <= ($4::date + 1)::timestamp at time zone $3) as due_today
              from {_NEEDS} group by kind, currency order by kind, currency""",
        org_id,
        now,
        zone,
        today,
        now - RECENT,
    )

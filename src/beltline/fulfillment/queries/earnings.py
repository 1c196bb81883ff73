"""What suppliers earned and what is taken back of it, as far as the ledger does not know yet."""

from uuid import UUID

from beltline.kit.db import Reader
from beltline.ledger.types import Earning, Loss

_PURCHASES = """
  select o.supplier_org_id, 'PURCHASE' as kind, o.id as source_id, l.line_no as source_no,
         w.owed as upto, o.number as reference, k.code as sku, w.owed - b.units as quantity,
         kit.line_amount(w.price, w.owed, k.uom, o.currency) - b.amount as amount, o.currency,
         kit.day_of(coalesce(o.received_at, o.created_at)) as earned_on,
         false as is_commissioned
    from procurement.purchase_order o
    join procurement.purchase_order_line l on l.purchase_order_id = o.id
    join catalog.sku k on k.id = l.sku_id
   cross join lateral (
     select least(l.received_quantity, coalesce(l.answered_quantity, l.quantity)) as owed,
            coalesce(l.answered_unit_price, l.unit_price) as price) w
   cross join lateral (
     select coalesce(max(i.upto), 0) as units, coalesce(sum(i.amount), 0)::bigint as amount
       from ledger.supplier_item i
      where i.source_id = o.id and i.source_no = l.line_no and i.kind = 'PURCHASE') b
   where o.operator_org_id = $1 and o.status in ('PART_RECEIVED', 'RECEIVED', 'INVOICED', 'SETTLED')
     and not o.is_for_orders and w.owed > b.units
     and kit.line_amount(w.price, w.owed, k.uom, o.currency) > b.amount
   order by o.id, l.line_no limit $2
"""

# What customs sent back or kept, by the question it became: title passes before export, so that it
# is the network's loss unless the supplier bears it.
_SEIZED = """
    select d.id, d.journey_id, d.units, f.number, c.bearer
      from fulfillment.decision d
      join customs.goods g on g.journey_id = d.journey_id
      join customs.declaration c on c.id = g.declaration_id and c.bearer <> ''
      join customs.file f on f.id = c.file_id
     where d.cause = 'HELD' and d.chosen in ('REFUND', 'REPLACE') and d.opened_at >= c.ended_at
"""

# Units that went to the buyer, those lost or seized after the network had taken them over, and
# those made to order that were given up: they are the network's then. The price is the purchase's;
# of goods that stood ready, that of the supplier's offer when they were ordered.
_SALES = f"""
  with seized as ({_SEIZED})
  select j.supplier_org_id, 'SALE' as kind, j.id as source_id, 1 as source_no, u.units as upto,
         coalesce(po.number, j.number) as reference, k.code as sku, u.units as quantity,
         kit.line_amount(t.price, u.units, k.uom, t.currency) as amount, t.currency,
         kit.day_of(h.closed_at) as earned_on, true as is_commissioned
    from fulfillment.journey j
    join ledger.hold h on h.reference_id = j.order_id and h.state = 'CLOSED'
    join orders."order" o on o.id = j.order_id
    join orders.order_part p on (p.order_id, p.line_no, p.part_no)
                                = (j.order_id, j.line_no, j.part_no)
    join catalog.sku k on k.id = j.sku_id
    left join procurement.purchase_order po on po.id = p.purchase_order_id
   cross join lateral (
     select (j.delivered + case when j.sales_model = 'DIRECT' then 0 else coalesce((
               select sum(d.units) from fulfillment.decision d
                where d.journey_id = j.id
                  and (d.cause = 'LOST' and d.chosen in ('REFUND', 'REPLACE')
                       or d.chosen = 'GIVE_UP' or d.id in (select x.id from seized x))), 0)
             end)::bigint as units) u
   cross join lateral (
     select po.currency, coalesce(l.answered_unit_price, l.unit_price) as price
       from procurement.purchase_order_line l
      where l.purchase_order_id = po.id and l.sku_id = j.sku_id
     union all
     (select f.currency, b.unit_price
        from catalog.offer f join catalog.offer_break b on b.offer_id = f.id
       where po.id is null and f.sku_id = j.sku_id and f.supplier_org_id = j.supplier_org_id
         and f.audience = 'OPERATOR' and b.quantity_from <= u.units
         and f.valid_from <= kit.day_of(o.created_at)
         and coalesce(f.valid_until, 'infinity') >= kit.day_of(o.created_at)
       order by b.quantity_from desc, f.currency limit 1)
     limit 1) t
   where j.operator_org_id = $1 and j.sales_model in ('DIRECT', 'VIRTUAL', 'PRESTOCK')
     and j.supplier_org_id is not null and j.state <> 'OPEN' and u.units > 0
     and kit.line_amount(t.price, u.units, k.uom, t.currency) > 0
     and not exists (select from ledger.supplier_item i where i.source_id = j.id)
   order by j.id limit $2
"""

# The item that tells what units of a journey earned: of the sale itself, or of the latest purchase
# of goods that were the network's own.
_EARNED = """
   cross join lateral (
     select i.* from ledger.supplier_item i
      where case when j.supplier_org_id is null then i.kind = 'PURCHASE' and i.sku = k.code
                 else i.kind = 'SALE' and i.source_id = j.id end
      order by i.at desc, i.id desc limit 1) b
"""

# What was given back to buyers at the supplier's charge, and what customs seized at it, at the
# price it earned for those units.
_CLAWBACKS = f"""
  with seized as ({_SEIZED}), charged as (
    select r.id as source_id, 1 as source_no, r.number, r.journey_id,
           least(r.resell + r.scrap, ceil(y.quantity * r.refunded_amount::numeric / y.amount))
             as units
      from fulfillment.return_case r
      join orders.order_line y on y.order_id = r.order_id and y.line_no = r.line_no
     where r.operator_org_id = $1 and r.state = 'REFUNDED' and r.charged_to = 'SUPPLIER'
       and r.refunded_amount > 0
    union all
    select c.id, l.line_no, c.number, x.id,
           case when l.units is not null and l.refunded_amount >= l.asked_amount then l.units
                else y.quantity * l.refunded_amount::numeric / y.amount end
      from orders.claim c
      join orders.claim_line l on l.claim_id = c.id and l.refunded_amount > 0
      join orders.order_line y on y.order_id = c.order_id and y.line_no = l.line_no
     cross join lateral (
       select j.id from fulfillment.journey j
        where j.order_id = c.order_id and j.line_no = l.line_no
        order by j.supplier_org_id is null, j.delivered desc, j.id limit 1) x
     where c.operator_org_id = $1 and c.state = 'REFUNDED' and c.charged_to = 'SUPPLIER'
    union all
    select z.id, 1, z.number, z.journey_id, z.units
      from seized z join fulfillment.journey j on j.id = z.journey_id
     where z.bearer = 'SUPPLIER' and j.operator_org_id = $1 and j.sales_model <> 'DIRECT'
  )
  select b.supplier_org_id, 'CLAWBACK' as kind, c.source_id, c.source_no, 1 as upto,
         c.number as reference, b.sku, ceil(c.units)::bigint as quantity, a.amount, b.currency,
         b.earned_on, b.is_commissioned
    from charged c
    join fulfillment.journey j on j.id = c.journey_id
    join catalog.sku k on k.id = j.sku_id {_EARNED}
   cross join lateral (select -round(b.amount * c.units / b.quantity)::bigint as amount) a
   where a.amount < 0 and not exists (
     select from ledger.supplier_item i
      where i.source_id = c.source_id and i.source_no = c.source_no)
   order by c.source_id, c.source_no limit $2
"""

# What seized goods cost the network where the supplier does not bear it; what a carrier bears is
# its cost, too, until the carrier pays.
_LOSSES = f"""
  with seized as ({_SEIZED})
  select z.id as source_id, z.number as reference, a.amount, b.currency
    from seized z
    join fulfillment.journey j on j.id = z.journey_id
    join catalog.sku k on k.id = j.sku_id {_EARNED}
   cross join lateral (
     select round(b.amount::numeric * z.units / b.quantity)::bigint as amount) a
   where z.bearer <> 'SUPPLIER' and j.operator_org_id = $1 and j.sales_model <> 'DIRECT'
     and a.amount > 0 and not exists (
       select from ledger.transfer t where t.reference_id = z.id and t.kind = 'SEIZURE')
   order by z.id limit $2
"""

# Advances that are worked off by what was booked of their purchase, the deposit before the balance;
# of a purchase that has ended all that is left is taken back. One with nothing more to bring has
# ended when all that it brought is booked.
_ADVANCES = f"""
  with seized as ({_SEIZED}), standing as (
    select distinct on (a.reference_id) a.*, po.status, po.is_for_orders
      from ledger.advance a join procurement.purchase_order po on po.id = a.reference_id
     where a.operator_org_id = $1 and a.state = 'PAID' and a.set_off < a.amount
     order by a.reference_id, a.kind desc
  )
  select a.supplier_org_id, 'ADVANCE' as kind, a.id as source_id, 1 as source_no,
         a.set_off + w.amount as upto, a.reference, '' as sku, 1 as quantity, -w.amount as amount,
         a.currency, kit.day_of(a.paid_at) as earned_on, false as is_commissioned
    from standing a
   cross join lateral (
     select coalesce(sum(i.amount), 0) - (
              select coalesce(sum(x.set_off), 0) from ledger.advance x
               where x.reference_id = a.reference_id) as free
       from ledger.supplier_item i
      where i.kind = 'PURCHASE' and i.source_id = a.reference_id
         or i.kind = 'SALE' and i.source_id in (
            select j.id from orders.order_part p
              join fulfillment.journey j on (j.order_id, j.line_no, j.part_no)
                                          = (p.order_id, p.line_no, p.part_no)
             where p.purchase_order_id = a.reference_id)) e
   cross join lateral (
     select (case
       when a.status in ('REFUSED', 'EXPIRED', 'CANCELLED')
         or a.status in ('RECEIVED', 'INVOICED', 'SETTLED') and case
              when a.is_for_orders then not exists (
                select from orders.order_part p
                  left join fulfillment.journey j on (j.order_id, j.line_no, j.part_no)
                                                   = (p.order_id, p.line_no, p.part_no)
                 where p.purchase_order_id = a.reference_id
                   and case when j.id is null then p.status = 'ALLOCATED'
                       else not exists (select from ledger.supplier_item i where i.source_id = j.id)
                        and (j.state = 'OPEN' or j.delivered > 0
                             or exists (select from ledger.hold h
                                         where h.reference_id = j.order_id and h.state <> 'CLOSED')
                             or exists (select from fulfillment.decision d
                                         where d.journey_id = j.id and d.units > 0
                                           and (d.chosen = 'GIVE_UP' or d.cause = 'LOST'
                                                and d.chosen in ('REFUND', 'REPLACE')
                                                or d.id in (select x.id from seized x)))) end)
              else not exists (
                select from procurement.purchase_order_line l
                 where l.purchase_order_id = a.reference_id
                   and least(l.received_quantity, coalesce(l.answered_quantity, l.quantity)) > (
                     select coalesce(max(i.upto), 0) from ledger.supplier_item i
                      where i.source_id = a.reference_id and i.source_no = l.line_no
                        and i.kind = 'PURCHASE')) end
       then a.amount - a.set_off
       else least(a.amount - a.set_off, e.free) end)::bigint as amount) w
   where w.amount > 0
   order by a.id limit $2
"""

# What a factory keeps of a deposit though its purchase ended.
_KEPT = """
  select a.supplier_org_id, 'KEPT' as kind, a.id as source_id, 2 as source_no, 1 as upto,
         a.reference, '' as sku, 1 as quantity, a.kept as amount, a.currency,
         kit.day_of(a.paid_at) as earned_on, false as is_commissioned
    from ledger.advance a
   where a.operator_org_id = $1 and a.state = 'PAID' and a.kept > 0 and not exists (
     select from ledger.supplier_item i where i.source_id = a.id and i.source_no = 2)
   order by a.id limit $2
"""


async def list_earnings(db: Reader, operator_org_id: UUID, *, limit: int) -> list[Earning]:
    """Received purchases, sales whose money is released, what is taken back, and advances; some.

    Sales for which no price of the supplier is known are left out.
    """
    found = []
    for statement in (_PURCHASES, _SALES, _CLAWBACKS, _ADVANCES, _KEPT):
        found += await db.rows(Earning, statement, operator_org_id, limit)
    return found


async def list_losses(db: Reader, operator_org_id: UUID, *, limit: int) -> list[Loss]:
    """What seized goods cost the network, as far as it is not booked; some.

    Goods of which it is not known what they cost wait for it.
    """
    return await db.rows(Loss, _LOSSES, operator_org_id, limit)

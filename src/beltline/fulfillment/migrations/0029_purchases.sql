-- Purchases of what buyers ordered: they follow the journeys of those orders to their end.

set local role beltline_core;

-- Write into the purchases that some journeys wait for what has come of them, whether it was
-- announced or not. A purchase of which nothing more is to come is RECEIVED, or CANCELLED when
-- nothing ever came; again changes nothing. Journeys are locked before their purchases.
create function fulfillment.settle_purchases(
  actor accounts.actor, p_journeys uuid[], p_now timestamptz
) returns void language plpgsql as $$
declare v_id uuid; o procurement.purchase_order; v_came jsonb; v_is_final boolean;
begin
  for v_id in
    select distinct x.id from fulfillment.journey j
      join orders.order_part p on (p.order_id, p.line_no, p.part_no)
                                = (j.order_id, j.line_no, j.part_no)
      join procurement.purchase_order x on x.id = p.purchase_order_id
     where j.id = any(p_journeys) and j.attempt = 1 and x.is_for_orders
     order by x.id
  loop
    o := procurement.lock_order(actor, v_id, 'OPERATOR');
    continue when o.status in ('REFUSED', 'EXPIRED', 'CANCELLED', 'RECEIVED', 'INVOICED', 'SETTLED');
    select jsonb_agg(jsonb_build_object('line_no', l.line_no,
                                        'quantity', c.units - l.received_quantity))
      into v_came
      from procurement.purchase_order_line l
      join fulfillment.came_of(v_id) c on c.sku_id = l.sku_id
     where l.purchase_order_id = v_id and c.units > l.received_quantity;
    v_is_final := not exists (
      select from orders.order_part p
        left join fulfillment.journey j on (j.order_id, j.line_no, j.part_no, j.attempt)
                                         = (p.order_id, p.line_no, p.part_no, 1)
       where p.purchase_order_id = v_id
         and (j.id is null and p.status = 'ALLOCATED'
              or j.moving > 0 and j.stage in ('PURCHASE', 'FACTORY', 'RECEIPT')));
    if v_came is not null or v_is_final and exists (
      select from procurement.purchase_order_line l
       where l.purchase_order_id = v_id and l.received_quantity > 0) then
      perform procurement.record_receipt(actor, o, coalesce(v_came, '[]'), v_is_final, '{}', p_now);
    elsif v_is_final then
      perform procurement.drop_order(actor, o, '{"note": "", "cause": "NOT_WANTED"}', p_now);
    end if;
  end loop;
end $$;

-- The units of a purchase that came to the hub with the journeys of its orders, good or not.
create function fulfillment.came_of(p_purchase uuid)
returns table (sku_id uuid, units bigint) language plpgsql stable as $$
begin
  return query
  select j.sku_id, sum(coalesce(s.units, 0) + coalesce(d.units, 0))::bigint
    from orders.order_part p
    join fulfillment.journey j on (j.order_id, j.line_no, j.part_no, j.attempt)
                                = (p.order_id, p.line_no, p.part_no, 1)
    join fulfillment.stage s on s.journey_id = j.id and s.kind = 'RECEIPT'
   cross join lateral (
     select sum(x.units) as units from fulfillment.decision x
      where x.journey_id = j.id and x.cause in ('DAMAGED', 'WRONG')
        and x.opened_at >= s.started_at and x.opened_at <= coalesce(s.done_at, 'infinity')) d
   where p.purchase_order_id = p_purchase
   group by j.sku_id;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname in ('settle_purchases', 'came_of') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

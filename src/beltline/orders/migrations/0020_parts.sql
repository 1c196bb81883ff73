-- What the journey tells orders: parts that left, arrived or will never come, and units given back
-- to the buyer's purse.

alter table orders.order_line
  add column refunded_quantity bigint not null default 0 check (refunded_quantity >= 0),
  add column refunded_amount bigint not null default 0 check (refunded_amount >= 0),
  add check (refunded_quantity <= quantity and refunded_amount <= amount);

set local role beltline_core;

-- Lock the orders of some parts, in id order; those of the parts that were not cancelled. `p_parts`
-- is [{order_id, line_no, part_no}].
create function orders.lock_parts(p_parts jsonb) returns jsonb language plpgsql as $$
begin
  perform from orders."order" o
   where o.id in (select w.order_id from jsonb_to_recordset(p_parts) as w(order_id uuid))
   order by o.id for no key update;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('order_id', p.order_id, 'line_no', p.line_no,
                                                 'part_no', p.part_no)), '[]')
      from orders.order_part p
      join jsonb_to_recordset(p_parts) as w(order_id uuid, line_no int, part_no int)
        on (p.order_id, p.line_no, p.part_no) = (w.order_id, w.line_no, w.part_no)
     where p.status <> 'CANCELLED');
end $$;

-- What is left of parts of locked orders and where it stands, as long as they have not left:
-- cancelling them gives back just that. `p_parts` is [{order_id, line_no, part_no, standing}].
create function orders.restate_parts(p_parts jsonb) returns void language plpgsql as $$
begin
  update orders.order_part p set standing = w.standing
    from jsonb_to_recordset(p_parts)
      as w(order_id uuid, line_no int, part_no int, standing jsonb)
   where (p.order_id, p.line_no, p.part_no) = (w.order_id, w.line_no, w.part_no)
     and p.status = 'ALLOCATED';
end $$;

-- Parts that leave their first node. `p_parts` is [{order_id, line_no, part_no}]; returns those
-- that may: one whose order was cancelled meanwhile stays. Orders are locked in id order.
create function orders.ship_parts(p_parts jsonb, p_now timestamptz) returns jsonb
language plpgsql as $$
declare v_shipped jsonb;
begin
  perform from orders."order" o
   where o.id in (select w.order_id from jsonb_to_recordset(p_parts) as w(order_id uuid))
   order by o.id for no key update;
  with left_now as (
    update orders.order_part p set status = 'SHIPPED'
      from jsonb_to_recordset(p_parts) as w(order_id uuid, line_no int, part_no int)
     where p.order_id = w.order_id and p.line_no = w.line_no and p.part_no = w.part_no
       and p.status = 'ALLOCATED'
    returning p.order_id, p.line_no, p.part_no, p.sku_id, p.node_id, p.quantity
  ), touched as (
    update orders."order" o set version = o.version + 1
     where o.id in (select l.order_id from left_now l)
    returning o.id, o.number, o.version, o.operator_org_id, o.buyer_org_id
  ), noted as (
    insert into orders.to_bill (order_id, noted_at) select t.id, p_now from touched t
    on conflict (order_id) do update set is_off = false
  ), told as (
    select kit.record_event('order.shipped', 1, 'order', t.id, t.version, p_now,
             t.operator_org_id, t.buyer_org_id, null, jsonb_build_object('number', t.number,
               'parts', (select jsonb_agg(jsonb_build_object('sku', k.code, 'node', n.code,
                           'quantity', l.quantity) order by l.line_no, l.part_no)
                           from left_now l join catalog.sku k on k.id = l.sku_id
                           join trade.node n on n.id = l.node_id where l.order_id = t.id))) as done
      from touched t
  )
  select jsonb_agg(jsonb_build_object('order_id', l.order_id, 'line_no', l.line_no,
                                      'part_no', l.part_no))
    into v_shipped from left_now l where (select count(*) from told) >= 0;
  return coalesce(v_shipped, '[]');
end $$;

-- Parts that are at an end: arrived, or never to come; orders all of whose parts are end with
-- them. `p_parts` is [{order_id, line_no, part_no, delivered}].
create function orders.end_parts(p_parts jsonb, p_now timestamptz) returns void
language plpgsql as $$
begin
  perform from orders."order" x
   where x.id in (select w.order_id from jsonb_to_recordset(p_parts) as w(order_id uuid))
   order by x.id for no key update;
  update orders.order_part p
     set status = case when w.delivered then 'DELIVERED' else 'CANCELLED' end
    from jsonb_to_recordset(p_parts)
      as w(order_id uuid, line_no int, part_no int, delivered boolean)
   where p.order_id = w.order_id and p.line_no = w.line_no and p.part_no = w.part_no
     and p.status in ('ALLOCATED', 'SHIPPED');
  perform orders.end_orders((
    select array_agg(distinct w.order_id)
      from jsonb_to_recordset(p_parts) as w(order_id uuid)), p_now);
end $$;

-- End those of some locked orders of which nothing is to come any more: COMPLETED, or CANCELLED when
-- nothing arrived. What is held of their money then waits for the buyer's word, or some days.
create function orders.end_orders(p_orders uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare o record; v_status text; v_after timestamptz; v_released bigint;
begin
  for o in
    select x.id, x.number, x.version, x.operator_org_id, x.buyer_org_id, x.currency,
           bool_or(p.status = 'DELIVERED') as arrived
      from orders."order" x join orders.order_part p on p.order_id = x.id
     where x.id = any(p_orders) and x.status not in ('PLACED', 'COMPLETED', 'CANCELLED')
     group by x.id having bool_and(p.status in ('DELIVERED', 'CANCELLED'))
     order by x.id
  loop
    v_status := case when o.arrived then 'COMPLETED' else 'CANCELLED' end;
    select p_now + case when o.arrived then make_interval(days => a.release_days)
                        else interval '0' end
      into v_after from orders.assurance a;
    perform ledger.let_release(o.id, v_after);
    v_released := case when o.arrived then 0 else ledger.release_hold(o.id, p_now) end;
    update orders."order"
       set status = v_status, version = version + 1,
           cancelled_at = case v_status when 'CANCELLED' then p_now end
     where id = o.id;
    perform kit.record_event(
      case when o.arrived then 'order.completed' else 'order.cancelled' end, 1, 'order', o.id,
      o.version + 1, p_now, o.operator_org_id, o.buyer_org_id, null, jsonb_build_object(
        'number', o.number, 'status', v_status, 'released', v_released,
        'release_after', orders.instant(v_after), 'currency', o.currency));
  end loop;
end $$;

-- Units of a line that the buyer will not get and does not pay, as far as it has not been given
-- them back before. Returns the amount, in minor units.
create function orders.refund_units(
  p_order uuid, p_line int, p_units bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare l orders.order_line; v_amount bigint;
begin
  perform from orders."order" o where o.id = p_order for no key update;
  select x.* into strict l from orders.order_line x
   where x.order_id = p_order and x.line_no = p_line;
  v_amount := orders.worth_of(l, p_units);
  update orders.order_line
     set refunded_quantity = least(refunded_quantity + p_units, quantity),
         refunded_amount = refunded_amount + v_amount
   where order_id = p_order and line_no = p_line;
  if v_amount > 0 then
    perform ledger.refund_part(p_order, v_amount, p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  return v_amount;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and p.proname in ('lock_parts', 'restate_parts', 'ship_parts', 'end_parts',
                                'end_orders', 'refund_units') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

-- Parts of many orders leave as one set: what an order is told of it is gathered once, not looked
-- for in all that leaves, for each order again.
set local role beltline_core;

create or replace function orders.ship_parts(p_parts jsonb, p_now timestamptz) returns jsonb
language plpgsql as $$
declare
  v_shipped jsonb; v_ids uuid[]; v_versions bigint[]; v_operators uuid[]; v_buyers uuid[];
  v_data jsonb[];
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
  ), gathered as (
    select l.order_id,
           jsonb_agg(jsonb_build_object('sku', k.code, 'node', n.code, 'quantity', l.quantity)
                     order by l.line_no, l.part_no) as parts
      from left_now l
      join catalog.sku k on k.id = l.sku_id
      join trade.node n on n.id = l.node_id
     group by l.order_id
  ), touched as (
    update orders."order" o set version = o.version + 1
      from gathered g where o.id = g.order_id
    returning o.id, o.number, o.version, o.operator_org_id, o.buyer_org_id, g.parts
  ), noted as (
    insert into orders.to_bill (order_id, noted_at) select t.id, p_now from touched t
    on conflict (order_id) do update set is_off = false
  )
  select array_agg(t.id), array_agg(t.version), array_agg(t.operator_org_id),
         array_agg(t.buyer_org_id),
         array_agg(jsonb_build_object('number', t.number, 'parts', t.parts)),
         (select jsonb_agg(jsonb_build_object('order_id', l.order_id, 'line_no', l.line_no,
                                              'part_no', l.part_no)) from left_now l)
    into v_ids, v_versions, v_operators, v_buyers, v_data, v_shipped
    from touched t;
  if v_ids is null then
    return '[]';
  end if;
  perform kit.record_mixed_events('order', p_now,
    array_fill('order.shipped'::text, array[cardinality(v_ids)]), v_ids, v_versions, v_operators,
    v_buyers, array_fill(null::uuid, array[cardinality(v_ids)]), v_data);
  return v_shipped;
end $$;

-- Receiving what was announced: by a receipt of its order, or by the parcel of buyers' orders.

set local role beltline_core;

-- Count a notice's goods into stock: a receipt of its order that ends the notice. The parameters
-- are those of receive_goods.
create function fulfillment.receive_notice(
  actor accounts.actor, p_receipt uuid, p_notice uuid, p_order uuid, p_lines jsonb, p_note text,
  p_is_final boolean, p_over boolean, p_tolerance_percent int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare n procurement.shipping_notice; v_number text;
begin
  select x.* into n from procurement.shipping_notice x
   where x.id = p_notice and x.purchase_order_id = p_order;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'shipping notice', 'key', 'asn_' || replace(p_notice::text, '-', '')));
  end if;
  perform fulfillment.receive_goods(actor, p_receipt, p_order, p_lines, p_note, p_is_final, p_over,
                                    p_tolerance_percent, p_now);
  select r.number into v_number from fulfillment.goods_receipt r where r.id = p_receipt;
  perform procurement.end_notice(actor, p_notice, (
    select coalesce(jsonb_agg(jsonb_build_object('line_no', l.line_no,
                                                 'quantity', l.received_quantity)), '[]')
      from fulfillment.goods_receipt_line l where l.goods_receipt_id = p_receipt), v_number, p_now);
  insert into fulfillment.inbound_parcel as p (id, waybill, operator_org_id, supplier_org_id,
    node_id, state, note, announced_at, arrived_at)
  select kit.uuid7(p_now), n.waybill, n.operator_org_id, n.supplier_org_id, r.node_id, 'MATCHED',
         p_note, n.announced_at, p_now
    from fulfillment.goods_receipt r where r.id = p_receipt
  on conflict (operator_org_id, waybill) do update
    set state = 'MATCHED', supplier_org_id = excluded.supplier_org_id,
        arrived_at = coalesce(p.arrived_at, p_now);
end $$;

-- End the notices of buyers' orders whose box was taken in: `p_counted` is [{sku, quantity}] of
-- what came of all of them, shared out in the order they were announced.
create function fulfillment.end_notices(
  actor accounts.actor, p_waybill text, p_counted jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare n record;
begin
  perform accounts.enter(actor);
  for n in
    with line as (
      select x.id, x.announced_at, l.line_no, l.quantity, k.code,
             sum(l.quantity) over (partition by k.code order by x.announced_at, x.id)
               - l.quantity as before,
             row_number() over (partition by k.code order by x.announced_at desc, x.id desc) = 1
               as is_last
        from procurement.shipping_notice x
        join procurement.purchase_order o on o.id = x.purchase_order_id
        join procurement.shipping_notice_line l on l.shipping_notice_id = x.id
        join catalog.sku k on k.id = l.sku_id
       where x.operator_org_id = (actor).org_id and x.waybill = p_waybill
         and x.state = 'ANNOUNCED' and o.is_for_orders
    )
    select l.id, jsonb_agg(jsonb_build_object('line_no', l.line_no, 'quantity', greatest(
             case when l.is_last then coalesce(c.quantity, 0) - l.before
                  else least(coalesce(c.quantity, 0) - l.before, l.quantity) end, 0))) as counted
      from line l
      left join jsonb_to_recordset(p_counted) as c(sku text, quantity bigint) on c.sku = l.code
     group by l.id, l.announced_at order by l.announced_at, l.id
  loop
    perform procurement.end_notice(actor, n.id, n.counted, p_waybill, p_now);
  end loop;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname in ('receive_notice', 'end_notices') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_app, bl_sys, beltline_core', f);
  end loop;
end $$;

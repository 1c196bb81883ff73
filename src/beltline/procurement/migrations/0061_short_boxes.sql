-- A box of buyers' orders that comes short of what was announced counts in its factory's record.

set local role beltline_core;

-- As before, and what came of the announced units of buyers' orders is kept as a fact: a line with
-- too much does not make up for one with too little.
create or replace function procurement.end_notice(
  actor accounts.actor, p_notice uuid, p_counted jsonb, p_receipt text, p_now timestamptz
) returns void language plpgsql as $$
declare n procurement.shipping_notice; o procurement.purchase_order;
begin
  select x.* into n from procurement.shipping_notice x where x.id = p_notice;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'shipping notice', 'key', 'asn_' || replace(p_notice::text, '-', '')));
  end if;
  o := procurement.lock_order(actor, n.purchase_order_id, 'OPERATOR');
  update procurement.shipping_notice
     set state = 'RECEIVED', received_at = p_now, receipt = p_receipt, version = version + 1
   where id = p_notice and state = 'ANNOUNCED';
  if not found then
    perform kit.refuse('procurement.notice_received', jsonb_build_object('number', n.number));
  end if;
  insert into procurement.shipping_notice_line as l (shipping_notice_id, line_no,
    operator_org_id, supplier_org_id, sku_id, quantity, received_quantity)
  select n.id, x.line_no, n.operator_org_id, n.supplier_org_id, x.sku_id, 0, c.quantity
    from jsonb_to_recordset(p_counted) as c(line_no int, quantity bigint)
    join procurement.purchase_order_line x
      on x.purchase_order_id = o.id and x.line_no = c.line_no
   where c.quantity > 0
  on conflict (shipping_notice_id, line_no)
    do update set received_quantity = excluded.received_quantity;
  update procurement.shipping_notice_line set received_quantity = 0
   where shipping_notice_id = p_notice and received_quantity is null;
  -- Of what buyers ordered less may come because they cancelled, and the answer alone counts; but what
  -- was said to be in the box is the factory's word.
  if o.is_for_orders then
    perform suppliers.record_outcomes((
      select jsonb_agg(x) from (
        select n.supplier_org_id, 'CAPACITY_KEPT' as measure, 'shipping_notice.received' as source,
               n.id as subject_id, n.number as subject,
               sum(least(l.received_quantity, l.quantity))::float8 / sum(l.quantity) as score
          from procurement.shipping_notice_line l
         where l.shipping_notice_id = p_notice having sum(l.quantity) > 0) x), p_now);
  end if;
  perform procurement.tell_notice(p_notice, 'shipping_notice.received', p_now);
  perform accounts.record_audit(actor, p_now, 'receive', 'shipping_notice', p_notice,
    jsonb_build_object('number', n.number, 'receipt', p_receipt, 'lines', p_counted));
end $$;

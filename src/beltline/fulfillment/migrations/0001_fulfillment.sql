-- Goods receipts: what a node counted when a purchase order's goods came in.

create table fulfillment.goods_receipt (
  id uuid primary key,
  number text not null unique,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  purchase_order_id uuid not null,
  node_id uuid not null,
  received_at timestamptz not null,
  received_by text not null,
  -- Whether nothing more was to come after it.
  is_final boolean not null,
  note text not null default '',
  unique (id, operator_org_id, supplier_org_id)
);
create index goods_receipt_by_order on fulfillment.goods_receipt (purchase_order_id, received_at, id);
select kit.protect('fulfillment.goods_receipt', '{org} in (operator_org_id, supplier_org_id)',
                   'select', 'select, insert', 'operator_org_id = {org}');

create table fulfillment.goods_receipt_line (
  goods_receipt_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  sku_id uuid not null,
  expected_quantity bigint not null check (expected_quantity >= 0),
  received_quantity bigint not null check (received_quantity >= 0),
  primary key (goods_receipt_id, line_no),
  foreign key (goods_receipt_id, operator_org_id, supplier_org_id)
    references fulfillment.goods_receipt (id, operator_org_id, supplier_org_id)
);
select kit.protect('fulfillment.goods_receipt_line', '{org} in (operator_org_id, supplier_org_id)',
                   'select', 'select, insert', 'operator_org_id = {org}');

create sequence fulfillment.goods_receipt_number start 50001;
grant usage on sequence fulfillment.goods_receipt_number to bl_app, bl_sys, beltline_core;

set local role beltline_core;

-- What a node counted of an order. `p_lines` is [{line_no, sku, quantity}] with one of the two
-- names; lines left out count as nothing received. `p_is_final` says that nothing more will come;
-- more than awaited by over `p_tolerance_percent` of the line needs `p_over`.
create function fulfillment.receive_goods(
  actor accounts.actor, p_receipt uuid, p_order uuid, p_lines jsonb, p_note text,
  p_is_final boolean, p_over boolean, p_tolerance_percent int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
  v_number constant text := 'GRN-' || nextval('fulfillment.goods_receipt_number');
  v_counted jsonb; v_changes jsonb; v_stray text; over record;
begin
  -- What a purchase for buyers' orders brings arrives with those orders.
  if o.is_for_orders
     or o.status not in ('ISSUED', 'CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED',
                         'BALANCE_PAID', 'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED') then
    perform kit.refuse('fulfillment.not_receivable',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  select coalesce(c.sku, c.line_no::text) into v_stray
    from jsonb_to_recordset(p_lines) as c(line_no int, sku text)
   where not exists (
     select from procurement.purchase_order_line l join catalog.sku k on k.id = l.sku_id
      where l.purchase_order_id = p_order and (l.line_no = c.line_no or k.code = c.sku)) limit 1;
  if found then
    perform kit.refuse('fulfillment.not_on_order',
                       jsonb_build_object('number', o.number, 'item', v_stray));
  end if;
  select jsonb_agg(jsonb_build_object('line_no', l.line_no, 'quantity', w.quantity))
    into v_counted
    from (select l.line_no, sum(c.quantity)::bigint as quantity
            from procurement.purchase_order_line l
            join catalog.sku k on k.id = l.sku_id
            join jsonb_to_recordset(p_lines) as c(line_no int, sku text, quantity bigint)
              on l.line_no = c.line_no or k.code = c.sku
           where l.purchase_order_id = p_order and c.quantity > 0
           group by l.line_no) w
    join procurement.purchase_order_line l
      on l.purchase_order_id = p_order and l.line_no = w.line_no;
  if v_counted is null and not p_is_final then
    perform kit.refuse('fulfillment.nothing_counted', jsonb_build_object('number', o.number));
  end if;
  v_counted := coalesce(v_counted, '[]');
  if not p_over then
    select k.code as sku, l.awaited_quantity as awaited, w.quantity as counted into over
      from procurement.purchase_order_line l
      join catalog.sku k on k.id = l.sku_id
      join jsonb_to_recordset(v_counted) as w(line_no int, quantity bigint) using (line_no)
     where l.purchase_order_id = p_order
       and w.quantity > l.awaited_quantity
             + coalesce(l.answered_quantity, l.quantity) * p_tolerance_percent / 100
     order by l.line_no limit 1;
    if found then
      perform kit.refuse('fulfillment.over_receipt', jsonb_build_object(
        'number', o.number, 'sku', over.sku, 'awaited', over.awaited, 'counted', over.counted));
    end if;
  end if;
  insert into fulfillment.goods_receipt (id, number, operator_org_id, supplier_org_id,
    purchase_order_id, node_id, received_at, received_by, is_final, note)
  values (p_receipt, v_number, o.operator_org_id, o.supplier_org_id, p_order, o.node_id, p_now,
          (actor).name, p_is_final, p_note);
  insert into fulfillment.goods_receipt_line (goods_receipt_id, line_no, operator_org_id,
    supplier_org_id, sku_id, expected_quantity, received_quantity)
  select p_receipt, l.line_no, o.operator_org_id, o.supplier_org_id, l.sku_id, l.awaited_quantity,
         coalesce(w.quantity, 0)
    from procurement.purchase_order_line l
    left join jsonb_to_recordset(v_counted) as w(line_no int, quantity bigint) using (line_no)
   where l.purchase_order_id = p_order and (w.quantity > 0 or p_is_final);
  v_changes := procurement.record_receipt(actor, o, v_counted, p_is_final,
    jsonb_build_object('goods_receipt', v_number, 'is_final', p_is_final), p_now);
  perform inventory.receive_lines(fulfillment.stock_lines(o, v_counted, v_changes),
                                  o.operator_org_id, v_number, p_receipt, p_now);
  perform kit.record_event('goods_receipt.recorded', 1, 'goods_receipt', p_receipt, 1, p_now,
    o.operator_org_id, null, o.supplier_org_id, jsonb_build_object(
      'number', v_number, 'purchase_order', o.number,
      'node', (select n.code from trade.node n where n.id = o.node_id), 'is_final', p_is_final,
      'lines', (select coalesce(jsonb_agg(jsonb_build_object('sku', k.code,
                         'expected_quantity', l.expected_quantity,
                         'received_quantity', l.received_quantity) order by l.line_no), '[]')
                  from fulfillment.goods_receipt_line l join catalog.sku k on k.id = l.sku_id
                 where l.goods_receipt_id = p_receipt)));
  perform accounts.record_audit(actor, p_now, 'record', 'goods_receipt', p_receipt,
    jsonb_build_object('number', v_number, 'purchase_order', o.number, 'lines', v_counted,
                       'over', p_over, 'is_final', p_is_final));
end $$;

-- What inventory receives: what was counted, and what is awaited less because of it.
create function fulfillment.stock_lines(
  o procurement.purchase_order, p_counted jsonb, p_changes jsonb
) returns jsonb language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'sku_id', s.sku_id, 'node_id', o.node_id, 'owner_org_id', o.operator_org_id,
             'quantity', s.quantity, 'expected', s.expected)), '[]')
      from (
        select l.sku_id, coalesce(w.quantity, 0) as quantity, -coalesce(c.quantity, 0) as expected
          from procurement.purchase_order_line l
          left join jsonb_to_recordset(p_counted) as w(line_no int, quantity bigint)
            using (line_no)
          left join jsonb_to_recordset(p_changes) as c(sku_id uuid, quantity bigint)
            using (sku_id)
         where l.purchase_order_id = o.id) s
     where s.quantity <> 0 or s.expected <> 0);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  fulfillment.receive_goods(accounts.actor, uuid, uuid, jsonb, text, boolean, boolean, int,
                            timestamptz) to bl_app;

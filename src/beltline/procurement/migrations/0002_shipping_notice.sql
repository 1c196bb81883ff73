-- Advance shipping notices: what a supplier says it has sent, before it is there.

create sequence procurement.shipping_notice_number start 70001;
grant usage on sequence procurement.shipping_notice_number to bl_app, bl_sys, beltline_core;

create table procurement.shipping_notice (
  id uuid primary key,
  number text not null unique,
  purchase_order_id uuid not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  -- One box may hold goods of several orders: each has a notice with the same waybill.
  waybill text not null check (waybill <> ''),
  carrier text not null default '',
  cartons int not null check (cartons > 0),
  weight_g bigint check (weight_g > 0),
  note text not null default '',
  state text not null default 'ANNOUNCED' check (state in ('ANNOUNCED', 'RECEIVED')),
  version bigint not null default 1,
  announced_by text not null,
  announced_at timestamptz not null,
  -- The goods receipt it ended with.
  receipt text not null default '',
  received_at timestamptz,
  unique (purchase_order_id, waybill),
  unique (id, operator_org_id, supplier_org_id),
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade,
  check ((state = 'RECEIVED') = (received_at is not null))
);
create index shipping_notice_by_waybill on procurement.shipping_notice (operator_org_id, waybill);
create index shipping_notice_by_operator on procurement.shipping_notice (operator_org_id, announced_at desc, id desc);
create index shipping_notice_by_supplier on procurement.shipping_notice (supplier_org_id, announced_at desc, id desc);
select kit.protect('procurement.shipping_notice', '{org} in (operator_org_id, supplier_org_id)');

create table procurement.shipping_notice_line (
  shipping_notice_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  sku_id uuid not null,
  -- What is said to be in it; 0 for goods of the order that came unannounced.
  quantity bigint not null check (quantity >= 0),
  received_quantity bigint check (received_quantity >= 0),
  primary key (shipping_notice_id, line_no),
  foreign key (shipping_notice_id, operator_org_id, supplier_org_id)
    references procurement.shipping_notice (id, operator_org_id, supplier_org_id) on delete cascade
);
select kit.protect('procurement.shipping_notice_line',
                   '{org} in (operator_org_id, supplier_org_id)');

set local role beltline_core;

-- What of an order's lines is on the road: announced and not received.
create function procurement.on_the_road(p_order uuid)
returns table (line_no int, quantity bigint) language plpgsql stable as $$
begin
  return query
  select l.line_no, sum(l.quantity)::bigint
    from procurement.shipping_notice n
    join procurement.shipping_notice_line l on l.shipping_notice_id = n.id
   where n.purchase_order_id = p_order and n.state = 'ANNOUNCED'
   group by l.line_no;
end $$;

-- The supplier, or the operator for it, says what it has sent. `p_body` is {waybill, carrier,
-- cartons, weight_g, note, lines: [{line_no, quantity}]}. More than is still to come by over
-- `p_tolerance_percent` of a line is refused. The order is SHIPPED when all of it is on the road or
-- received, else PART_SHIPPED.
create function procurement.announce_shipment(
  actor accounts.actor, p_notice uuid, p_order uuid, p_body jsonb, p_tolerance_percent int,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order,
    case (actor).org_kind when 'OPERATOR' then 'OPERATOR' else 'SUPPLIER' end);
  v_number text; v_unknown int; v_status text; over record;
begin
  if o.status not in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID',
                      'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED') then
    perform kit.refuse('procurement.not_shippable',
                       jsonb_build_object('number', o.number, 'state', o.status));
  elsif exists (select from procurement.shipping_notice n
                 where n.purchase_order_id = p_order and n.waybill = p_body->>'waybill') then
    perform kit.refuse('procurement.already_announced', jsonb_build_object(
      'number', o.number, 'waybill', p_body->>'waybill'));
  end if;
  select a.line_no into v_unknown
    from jsonb_to_recordset(p_body->'lines') as a(line_no int)
   where not exists (select from procurement.purchase_order_line l
                      where l.purchase_order_id = p_order and l.line_no = a.line_no) limit 1;
  if found then
    perform kit.refuse('procurement.unknown_line', jsonb_build_object(
      'number', o.number, 'line_no', v_unknown, 'param', 'lines'));
  end if;
  v_number := 'ASN-' || nextval('procurement.shipping_notice_number');
  insert into procurement.shipping_notice (id, number, purchase_order_id, operator_org_id,
    supplier_org_id, waybill, carrier, cartons, weight_g, note, announced_by, announced_at)
  values (p_notice, v_number, p_order, o.operator_org_id, o.supplier_org_id, p_body->>'waybill',
    p_body->>'carrier', (p_body->>'cartons')::int, (p_body->>'weight_g')::bigint,
    p_body->>'note', (actor).name, p_now);
  insert into procurement.shipping_notice_line (shipping_notice_id, line_no, operator_org_id,
    supplier_org_id, sku_id, quantity)
  select p_notice, l.line_no, o.operator_org_id, o.supplier_org_id, l.sku_id, a.quantity
    from (select x.line_no, sum(x.quantity)::bigint as quantity
            from jsonb_to_recordset(p_body->'lines') as x(line_no int, quantity bigint)
           group by x.line_no) a
    join procurement.purchase_order_line l
      on l.purchase_order_id = p_order and l.line_no = a.line_no;
  select k.code as sku, r.quantity as announced,
         coalesce(l.answered_quantity, l.quantity) - l.received_quantity as left into over
    from procurement.on_the_road(p_order) r
    join procurement.purchase_order_line l using (line_no)
    join catalog.sku k on k.id = l.sku_id
   where l.purchase_order_id = p_order
     and l.received_quantity + r.quantity > coalesce(l.answered_quantity, l.quantity)
           * (100 + p_tolerance_percent)::numeric / 100
   order by l.line_no limit 1;
  if found then
    perform kit.refuse('procurement.over_announced', jsonb_build_object('number', o.number,
      'sku', over.sku, 'announced', over.announced, 'left', greatest(over.left, 0)));
  end if;
  select case when o.status = 'PART_RECEIVED' then o.status
              when bool_and(l.received_quantity + coalesce(r.quantity, 0)
                            >= coalesce(l.answered_quantity, l.quantity)) then 'SHIPPED'
              else 'PART_SHIPPED' end
    into v_status
    from procurement.purchase_order_line l
    left join procurement.on_the_road(p_order) r using (line_no)
   where l.purchase_order_id = p_order;
  update procurement.purchase_order set status = v_status, version = version + 1
   where id = p_order;
  perform procurement.record_change(actor, o,
    case v_status when 'SHIPPED' then 'purchase_order.shipped'
                  else 'purchase_order.part_shipped' end,
    'ship', v_status, jsonb_build_object('shipping_notice', v_number,
                                         'waybill', p_body->>'waybill'), p_now);
  perform procurement.tell_notice(p_notice, 'shipping_notice.announced', p_now);
end $$;

-- The event of a notice as it is now.
create function procurement.tell_notice(p_notice uuid, p_type text, p_now timestamptz)
returns void language plpgsql as $$
begin
  perform kit.record_event(p_type, 1, 'shipping_notice', n.id, n.version, p_now,
    n.operator_org_id, null, n.supplier_org_id, jsonb_build_object(
      'number', n.number, 'purchase_order', o.number, 'waybill', n.waybill, 'carrier', n.carrier,
      'cartons', n.cartons, 'state', n.state, 'receipt', n.receipt, 'lines', (
        select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('line_no', l.line_no,
                 'sku', k.code, 'quantity', l.quantity,
                 'received_quantity', l.received_quantity)) order by l.line_no)
          from procurement.shipping_notice_line l join catalog.sku k on k.id = l.sku_id
         where l.shipping_notice_id = n.id)))
    from procurement.shipping_notice n
    join procurement.purchase_order o on o.id = n.purchase_order_id
   where n.id = p_notice;
end $$;

-- What was announced has been counted: `p_counted` is [{line_no, quantity}] of its order's lines.
-- What came unannounced gets a line of its own, so that short and over add up. The order itself is
-- received with its receipt, or with the journeys of the buyers' orders it is for.
create function procurement.end_notice(
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
  perform procurement.tell_notice(p_notice, 'shipping_notice.received', p_now);
  perform accounts.record_audit(actor, p_now, 'receive', 'shipping_notice', p_notice,
    jsonb_build_object('number', n.number, 'receipt', p_receipt, 'lines', p_counted));
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'procurement'::regnamespace
              and p.proname in ('on_the_road', 'announce_shipment', 'tell_notice', 'end_notice')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  procurement.announce_shipment(accounts.actor, uuid, uuid, jsonb, int, timestamptz) to bl_app;

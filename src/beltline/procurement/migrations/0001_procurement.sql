-- Purchase orders: a document of two parties. The operator writes it, the supplier answers it.

create sequence procurement.purchase_order_number start 10001;
grant usage on sequence procurement.purchase_order_number to bl_app, bl_sys, beltline_core;

create table procurement.purchase_order (
  id uuid primary key,
  number text not null unique,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  node_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  status text not null check (status in (
    'PROPOSED', 'ISSUED', 'CONFIRMED', 'COUNTERED', 'REFUSED', 'EXPIRED', 'CANCELLED',
    'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID',
    'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED', 'RECEIVED', 'INVOICED', 'SETTLED')),
  version bigint not null default 1,
  -- On the terms that stand: those asked, or those of an accepted counter.
  total_amount bigint not null check (total_amount >= 0),
  order_by_date date,
  expected_date date not null,
  -- The day the supplier countered with; it becomes `expected_date` when accepted.
  answered_date date,
  answer_by timestamptz,
  answer_note text not null default '',
  answered_by text not null default '',
  plan_run_id uuid,
  is_imported boolean not null default false,
  -- What buyers ordered of a factory's own stock: it moves with their orders and is awaited by no
  -- stock of ours.
  is_for_orders boolean not null default false,
  created_by text not null,
  created_at timestamptz not null,
  issued_at timestamptz,
  answered_at timestamptz,
  received_at timestamptz,
  unique (id, operator_org_id, supplier_org_id)
);
create index purchase_order_by_status on procurement.purchase_order (operator_org_id, status, created_at desc, id desc);
create index purchase_order_by_operator on procurement.purchase_order (operator_org_id, created_at desc, id desc);
create index purchase_order_by_supplier on procurement.purchase_order (supplier_org_id, created_at desc, id desc);
create index purchase_order_unanswered on procurement.purchase_order (answer_by, id) where status = 'ISSUED';
-- A supplier never sees a draft.
select kit.protect('procurement.purchase_order',
  'operator_org_id = {org} or (supplier_org_id = {org} and status <> ''PROPOSED'')',
  'select', 'select, insert, update, delete', 'operator_org_id = {org}');

create table procurement.purchase_order_line (
  purchase_order_id uuid not null,
  line_no int not null check (line_no > 0),
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  sku_id uuid not null,
  -- As asked; amounts are rounded half-even, once, at the line.
  quantity bigint not null check (quantity > 0),
  unit_price numeric(18, 6) not null check (unit_price >= 0),
  amount bigint not null check (amount >= 0),
  -- What the supplier said it can do; null until it answers.
  answered_quantity bigint check (answered_quantity >= 0),
  answered_unit_price numeric(18, 6) check (answered_unit_price >= 0),
  answered_amount bigint check (answered_amount >= 0),
  received_quantity bigint not null default 0 check (received_quantity >= 0),
  -- What is still to come: the sum over orders is the `inbound` of the stock.
  awaited_quantity bigint not null default 0 check (awaited_quantity >= 0),
  proposal_id uuid,
  primary key (purchase_order_id, line_no),
  -- One line a SKU, so that a scanned code names its line.
  unique (purchase_order_id, sku_id),
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade
);
create index purchase_order_line_by_sku on procurement.purchase_order_line (sku_id, purchase_order_id);
create index purchase_order_line_awaited on procurement.purchase_order_line (sku_id, purchase_order_id)
  where awaited_quantity > 0;
select kit.protect('procurement.purchase_order_line',
  'operator_org_id = {org} or (supplier_org_id = {org} and exists (
     select from procurement.purchase_order o where o.id = purchase_order_id))',
  'select', 'select, insert, update, delete', 'operator_org_id = {org}');

set local role beltline_core;

-- The order, locked until the transaction ends, for the side that may act on it; for everybody
-- else there is no such order.
create function procurement.lock_order(actor accounts.actor, p_order uuid, p_side text)
returns procurement.purchase_order language plpgsql as $$
declare o procurement.purchase_order;
begin
  perform accounts.enter(actor);
  select p.* into o from procurement.purchase_order p
   where p.id = p_order
     and case p_side when 'OPERATOR' then p.operator_org_id = (actor).org_id
                     else p.supplier_org_id = (actor).org_id and p.status <> 'PROPOSED' end
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'purchase order', 'key', 'po_' || replace(p_order::text, '-', '')));
  end if;
  return o;
end $$;

-- What a line costs. A thousand such lines stay below 2^53, which every JSON reader keeps exactly.
create function procurement.amount_of(
  p_price numeric, p_quantity bigint, p_uom text, p_currency text
) returns bigint language plpgsql stable as $$
begin
  if p_price * p_quantity * kit.minor_factor(p_currency) > 9e12 * kit.per_uom(p_uom) then
    perform kit.refuse('procurement.amount_too_large', jsonb_build_object(
      'unit_price', trim_scale(p_price)::text, 'quantity', p_quantity));
  end if;
  return kit.line_amount(p_price, p_quantity, p_uom, p_currency);
end $$;

-- How much of a line is still to come in a state of its order.
create function procurement.awaited_of(
  p_status text, p_asked bigint, p_answered bigint, p_received bigint
) returns bigint language sql immutable as $$
  select case
    when p_status in ('ISSUED', 'COUNTERED') then p_asked
    when p_status in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID',
                      'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED')
      then greatest(coalesce(p_answered, p_asked) - p_received, 0)
    else 0 end
$$;

-- Bring what is awaited in line with the order's state.
-- Returns the changes, [{sku_id, node_id, owner_org_id, quantity}], for inventory to follow.
create function procurement.settle_awaited(p_order uuid) returns jsonb language plpgsql as $$
declare changes jsonb;
begin
  with target as (
    select l.line_no, l.sku_id, o.node_id, o.operator_org_id, l.awaited_quantity as before,
           case when o.is_for_orders then 0
                else procurement.awaited_of(o.status, l.quantity, l.answered_quantity,
                                            l.received_quantity) end as after
      from procurement.purchase_order o
      join procurement.purchase_order_line l on l.purchase_order_id = o.id
     where o.id = p_order
  ), kept as (
    update procurement.purchase_order_line l set awaited_quantity = t.after
      from target t
     where l.purchase_order_id = p_order and l.line_no = t.line_no and t.after <> t.before
    returning t.sku_id, t.node_id, t.operator_org_id, t.after - t.before as change
  )
  select jsonb_agg(jsonb_build_object('sku_id', k.sku_id, 'node_id', k.node_id,
                                      'owner_org_id', k.operator_org_id, 'quantity', k.change))
    into changes from kept k;
  return coalesce(changes, '[]');
end $$;

-- The same, told to inventory at once.
create function procurement.announce(p_order uuid, p_operator uuid, p_now timestamptz)
returns void language plpgsql as $$
declare changes constant jsonb := procurement.settle_awaited(p_order);
begin
  if changes <> '[]' then
    perform inventory.expect_lines(changes, p_operator, p_now);
  end if;
end $$;

-- The event and the audit row of a change of state. `o` is the order as it was before.
create function procurement.record_change(
  actor accounts.actor, o procurement.purchase_order, p_type text, p_action text, p_status text,
  p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
begin
  perform kit.record_event(p_type, 1, 'purchase_order', o.id, o.version + 1, p_now,
    o.operator_org_id, null, o.supplier_org_id,
    jsonb_build_object('number', o.number, 'status', p_status) || p_data);
  perform accounts.record_audit(actor, p_now, p_action, 'purchase_order', o.id,
    jsonb_build_object('status', jsonb_build_array(o.status, p_status)) || p_data);
end $$;

-- Write an order and send it out. `p_order` is {id, supplier_org_id, node_id, currency,
-- expected_date, order_by_date, answer_by, plan_run_id, is_for_orders, lines: [{sku_id, quantity,
-- unit_price, proposal_id}]}. Only an order for buyers' orders may name the supplier's factory.
create function procurement.issue_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare
  v_id constant uuid := p_order->>'id';
  v_supplier constant uuid := p_order->>'supplier_org_id';
  v_node constant uuid := p_order->>'node_id';
  v_currency constant text := p_order->>'currency';
  v_operator constant uuid := (actor).org_id;
  v_is_for_orders constant boolean := coalesce((p_order->>'is_for_orders')::boolean, false);
  v_number text; v_total bigint; v_missing uuid;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  if not exists (select from suppliers.supplier s where s.org_id = v_supplier) then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'supplier', 'key', v_supplier));
  elsif not exists (select from trade.node n where n.id = v_node
                       and (n.supplier_org_id is null
                            or v_is_for_orders and n.supplier_org_id = v_supplier)) then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'node', 'key', v_node));
  end if;
  select l.sku_id into v_missing
    from jsonb_to_recordset(p_order->'lines') as l(sku_id uuid)
   where not exists (select from catalog.sku k where k.id = l.sku_id) limit 1;
  if found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'SKU', 'key', v_missing));
  end if;
  -- An imported order may have taken a number of the sequence.
  loop
    v_number := 'PO-' || nextval('procurement.purchase_order_number');
    exit when not exists (select from procurement.purchase_order o where o.number = v_number);
  end loop;
  insert into procurement.purchase_order (id, number, operator_org_id, supplier_org_id, node_id,
    currency, status, total_amount, order_by_date, expected_date, answer_by, plan_run_id,
    is_for_orders, created_by, created_at, issued_at)
  values (v_id, v_number, v_operator, v_supplier, v_node, v_currency, 'ISSUED', 0,
    (p_order->>'order_by_date')::date, (p_order->>'expected_date')::date,
    (p_order->>'answer_by')::timestamptz, (p_order->>'plan_run_id')::uuid, v_is_for_orders,
    (actor).name, p_now, p_now);
  insert into procurement.purchase_order_line (purchase_order_id, line_no, operator_org_id,
    supplier_org_id, sku_id, quantity, unit_price, amount, proposal_id)
  select v_id, l.n, v_operator, v_supplier, l.sku_id, l.quantity, l.unit_price,
         procurement.amount_of(l.unit_price, l.quantity, k.uom, v_currency), l.proposal_id
    from rows from (
           jsonb_to_recordset(p_order->'lines') as (sku_id uuid, quantity bigint,
                                                    unit_price numeric, proposal_id uuid)
         ) with ordinality as l(sku_id, quantity, unit_price, proposal_id, n)
    join catalog.sku k on k.id = l.sku_id;
  select sum(l.amount)::bigint into v_total
    from procurement.purchase_order_line l where l.purchase_order_id = v_id;
  update procurement.purchase_order set total_amount = v_total where id = v_id;
  perform procurement.announce(v_id, v_operator, p_now);
  perform kit.record_event('purchase_order.issued', 1, 'purchase_order', v_id, 1, p_now,
    v_operator, null, v_supplier, jsonb_build_object(
      'number', v_number, 'status', 'ISSUED', 'currency', v_currency, 'total', v_total,
      'expected_date', p_order->'expected_date', 'answer_by', p_order->'answer_by',
      'is_for_orders', v_is_for_orders, 'lines', procurement.lines_json(v_id)));
  perform accounts.record_audit(actor, p_now, 'issue', 'purchase_order', v_id,
    jsonb_build_object('number', v_number, 'total', v_total, 'currency', v_currency));
end $$;

-- The lines of an order as its events carry them.
create function procurement.lines_json(p_order uuid) returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
             'line_no', l.line_no, 'sku', k.code, 'quantity', l.quantity,
             'unit_price', trim_scale(l.unit_price)::text,
             'answered_quantity', l.answered_quantity,
             'answered_unit_price', trim_scale(l.answered_unit_price)::text,
             'received_quantity', nullif(l.received_quantity, 0))) order by l.line_no)
      from procurement.purchase_order_line l join catalog.sku k on k.id = l.sku_id
     where l.purchase_order_id = p_order);
end $$;

-- The supplier's answer to an issued order. `p_answer` is CONFIRMED, COUNTERED or REFUSED;
-- `p_lines` is [{line_no, quantity, unit_price}] of what a counter changes, `p_date` its day. A
-- counter that changes nothing confirms. A late answer counts as long as the order stands.
create function procurement.answer_order(
  actor accounts.actor, p_order uuid, p_answer text, p_lines jsonb, p_date date, p_note text,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'SUPPLIER');
  v_answer text := p_answer; v_unknown int;
begin
  if o.status <> 'ISSUED' then
    perform kit.refuse('procurement.already_answered',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  select a.line_no into v_unknown
    from jsonb_to_recordset(coalesce(p_lines, '[]')) as a(line_no int)
   where not exists (select from procurement.purchase_order_line l
                      where l.purchase_order_id = p_order and l.line_no = a.line_no) limit 1;
  if found then
    perform kit.refuse('procurement.unknown_line', jsonb_build_object(
      'number', o.number, 'line_no', v_unknown, 'param', 'lines'));
  end if;
  update procurement.purchase_order_line l
     set answered_quantity = t.quantity, answered_unit_price = t.unit_price,
         answered_amount = procurement.amount_of(t.unit_price, t.quantity, t.uom, o.currency)
    from (select b.line_no, k.uom, coalesce(a.unit_price, b.unit_price) as unit_price,
                 case p_answer when 'REFUSED' then 0
                               else coalesce(a.quantity, b.quantity) end as quantity
            from procurement.purchase_order_line b
            join catalog.sku k on k.id = b.sku_id
            left join jsonb_to_recordset(
                        case p_answer when 'COUNTERED' then coalesce(p_lines, '[]')
                                      else '[]' end)
                   as a(line_no int, quantity bigint, unit_price numeric(18, 6)) using (line_no)
           where b.purchase_order_id = p_order) t
   where l.purchase_order_id = p_order and l.line_no = t.line_no;
  if p_answer = 'COUNTERED' then
    if not exists (select from procurement.purchase_order_line l
                    where l.purchase_order_id = p_order and l.answered_quantity > 0) then
      perform kit.refuse('procurement.nothing_offered', jsonb_build_object('number', o.number));
    elsif coalesce(p_date, o.expected_date) = o.expected_date and not exists (
      select from procurement.purchase_order_line l
       where l.purchase_order_id = p_order
         and (l.answered_quantity, l.answered_unit_price) <> (l.quantity, l.unit_price)
    ) then
      v_answer := 'CONFIRMED';
    end if;
  end if;
  update procurement.purchase_order
     set status = v_answer, version = version + 1, answered_at = p_now, answer_note = p_note,
         answered_by = (actor).name,
         answered_date = case v_answer when 'COUNTERED' then p_date end
   where id = p_order;
  perform procurement.announce(p_order, o.operator_org_id, p_now);
  perform procurement.record_change(actor, o, 'purchase_order.' || lower(v_answer), 'answer',
    v_answer, jsonb_build_object('note', p_note, 'expected_date',
      case v_answer when 'COUNTERED' then coalesce(p_date, o.expected_date)
                    else o.expected_date end,
      'terms', 'ASKED', 'lines', procurement.lines_json(p_order)), p_now);
end $$;

-- Take the supplier's counter: the order stands on its terms.
create function procurement.accept_counter(
  actor accounts.actor, p_order uuid, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
  v_total bigint;
begin
  if o.status <> 'COUNTERED' then
    perform kit.refuse('procurement.not_countered',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  select sum(l.answered_amount)::bigint into v_total
    from procurement.purchase_order_line l where l.purchase_order_id = p_order;
  update procurement.purchase_order
     set status = 'CONFIRMED', version = version + 1, total_amount = v_total,
         expected_date = coalesce(answered_date, expected_date)
   where id = p_order;
  perform procurement.announce(p_order, o.operator_org_id, p_now);
  perform procurement.record_change(actor, o, 'purchase_order.confirmed', 'accept_counter',
    'CONFIRMED', jsonb_build_object('terms', 'COUNTERED', 'total', v_total,
      'expected_date', coalesce(o.answered_date, o.expected_date),
      'lines', procurement.lines_json(p_order)), p_now);
end $$;

-- End a locked order of which nothing has come in; `p_data` says why.
create function procurement.drop_order(
  actor accounts.actor, o procurement.purchase_order, p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
begin
  update procurement.purchase_order set status = 'CANCELLED', version = version + 1
   where id = o.id;
  perform procurement.announce(o.id, o.operator_org_id, p_now);
  perform procurement.record_change(actor, o, 'purchase_order.cancelled', 'cancel', 'CANCELLED',
    p_data, p_now);
end $$;

-- Take back an order of which nothing has come in.
create function procurement.cancel_order(
  actor accounts.actor, p_order uuid, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
begin
  if o.status not in ('PROPOSED', 'ISSUED', 'CONFIRMED', 'COUNTERED') then
    perform kit.refuse('procurement.cannot_cancel',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  perform procurement.drop_order(actor, o, jsonb_build_object('note', p_note), p_now);
end $$;

-- End an order nobody answered in time; false when that is not, or no longer, so.
create function procurement.expire_order(
  actor accounts.actor, p_order uuid, p_now timestamptz
) returns boolean language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
begin
  if o.status <> 'ISSUED' or o.answer_by is null or o.answer_by > p_now then
    return false;
  end if;
  update procurement.purchase_order set status = 'EXPIRED', version = version + 1
   where id = p_order;
  perform procurement.announce(p_order, o.operator_org_id, p_now);
  perform procurement.record_change(actor, o, 'purchase_order.expired', 'expire', 'EXPIRED',
    jsonb_build_object('answer_by', o.answer_by), p_now);
  -- What buyers ordered is asked elsewhere or given back by itself.
  if not o.is_for_orders then
    perform procurement.take_step(o, 'ANSWER', o.id, 'SUPPLIER', o.answer_by, 'ESCALATED', p_now);
  end if;
  return true;
end $$;

-- Goods of a locked order came in. `p_lines` is [{line_no, quantity}]; `p_is_final` says that
-- nothing more will come. The order is RECEIVED when every line is, else PART_RECEIVED.
-- Returns what inventory then awaits less or more, as settle_awaited.
create function procurement.record_receipt(
  actor accounts.actor, o procurement.purchase_order, p_lines jsonb, p_is_final boolean,
  p_data jsonb, p_now timestamptz
) returns jsonb language plpgsql as $$
declare v_status text;
begin
  update procurement.purchase_order_line l
     set received_quantity = l.received_quantity + r.quantity
    from jsonb_to_recordset(p_lines) as r(line_no int, quantity bigint)
   where l.purchase_order_id = o.id and l.line_no = r.line_no;
  select case when p_is_final
                or bool_and(l.received_quantity >= coalesce(l.answered_quantity, l.quantity))
              then 'RECEIVED' else 'PART_RECEIVED' end
    into v_status
    from procurement.purchase_order_line l where l.purchase_order_id = o.id;
  update procurement.purchase_order
     set status = v_status, version = version + 1, received_at = p_now
   where id = o.id;
  perform procurement.record_change(actor, o,
    case v_status when 'RECEIVED' then 'purchase_order.received'
                  else 'purchase_order.part_received' end,
    'receive', v_status, p_data || jsonb_build_object('lines', procurement.lines_json(o.id)),
    p_now);
  return procurement.settle_awaited(o.id);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'procurement'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  procurement.issue_order(accounts.actor, jsonb, timestamptz),
  procurement.answer_order(accounts.actor, uuid, text, jsonb, date, text, timestamptz),
  procurement.accept_counter(accounts.actor, uuid, timestamptz),
  procurement.cancel_order(accounts.actor, uuid, text, timestamptz) to bl_app;

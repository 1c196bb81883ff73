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
  total_amount bigint not null check (total_amount >= 0),
  order_by_date date,
  expected_date date not null,
  answer_by timestamptz,
  answer_note text not null default '',
  plan_run_id uuid,
  created_by text not null,
  created_at timestamptz not null,
  issued_at timestamptz,
  answered_at timestamptz,
  received_at timestamptz,
  unique (id, operator_org_id, supplier_org_id)
);
create index purchase_order_by_status on procurement.purchase_order (operator_org_id, status, created_at desc, id desc);
create index purchase_order_by_supplier on procurement.purchase_order (supplier_org_id, created_at desc, id desc);
-- A supplier never sees a draft.
select kit.protect('procurement.purchase_order',
  'operator_org_id = {org} or (supplier_org_id = {org} and status <> ''PROPOSED'')',
  'select, insert, update', 'select, insert, update, delete', 'operator_org_id = {org}');

create table procurement.purchase_order_line (
  purchase_order_id uuid not null,
  line_no int not null check (line_no > 0),
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  sku_id uuid not null,
  quantity bigint not null check (quantity > 0),
  unit_price numeric(18, 6) not null check (unit_price >= 0),
  amount bigint not null check (amount >= 0),
  -- What the supplier said it can do; null until it answers.
  answered_quantity bigint check (answered_quantity >= 0),
  answered_unit_price numeric(18, 6) check (answered_unit_price >= 0),
  received_quantity bigint not null default 0 check (received_quantity >= 0),
  proposal_id uuid,
  primary key (purchase_order_id, line_no),
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade
);
create index purchase_order_line_by_sku on procurement.purchase_order_line (sku_id, purchase_order_id);
select kit.protect('procurement.purchase_order_line',
  'operator_org_id = {org} or (supplier_org_id = {org} and exists (
     select from procurement.purchase_order o where o.id = purchase_order_id))',
  'select, insert, update, delete', 'select, insert, update, delete', 'operator_org_id = {org}');

set local role beltline_core;

-- The supplier's answer to an issued order. `p_answer` is CONFIRMED, COUNTERED or REFUSED;
-- `p_lines` is [{line_no, quantity, unit_price}] for a counter, else null.
create function procurement.answer_order(
  actor accounts.actor, p_order uuid, p_answer text, p_lines jsonb, p_expected_date date,
  p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare o procurement.purchase_order;
begin
  perform accounts.enter(actor);
  select * into o from procurement.purchase_order
   where id = p_order and supplier_org_id = (actor).org_id for no key update;
  if not found or o.status = 'PROPOSED' then
    perform kit.refuse('kit.not_found',
                       jsonb_build_object('what', 'purchase order', 'key', p_order));
  end if;
  if o.status <> 'ISSUED' then
    perform kit.refuse('procurement.already_answered',
                       jsonb_build_object('number', o.number, 'status', o.status));
  end if;
  update procurement.purchase_order
     set status = p_answer, version = version + 1, answered_at = p_now, answer_note = p_note,
         expected_date = coalesce(p_expected_date, expected_date)
   where id = p_order;
  update procurement.purchase_order_line l
     set answered_quantity = case p_answer when 'CONFIRMED' then l.quantity
                                           when 'REFUSED' then 0 else a.quantity end,
         answered_unit_price = coalesce(a.unit_price, l.unit_price)
    from procurement.purchase_order_line base
    left join jsonb_to_recordset(coalesce(p_lines, '[]'))
           as a(line_no int, quantity bigint, unit_price numeric) on a.line_no = base.line_no
   where base.purchase_order_id = p_order and l.purchase_order_id = base.purchase_order_id
     and l.line_no = base.line_no;
  perform kit.record_event('purchase_order.' || lower(p_answer), 1, 'purchase_order', p_order,
    o.version + 1, p_now, o.operator_org_id, null, o.supplier_org_id,
    jsonb_build_object('number', o.number, 'lines', p_lines, 'expected_date',
                       coalesce(p_expected_date, o.expected_date), 'note', p_note));
  perform accounts.record_audit(actor, p_now, 'answer', 'purchase_order', p_order,
    jsonb_build_object('status', jsonb_build_array(o.status, p_answer), 'lines', p_lines));
end $$;

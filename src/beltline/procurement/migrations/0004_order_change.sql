-- Changes of a confirmed order: one side asks, the other says yes or no.

create table procurement.order_change (
  id uuid primary key,
  purchase_order_id uuid not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  asked_of text not null check (asked_of in ('OPERATOR', 'SUPPLIER')),
  -- The day asked for; null leaves it.
  expected_date date,
  date_before date not null,
  -- [{line_no, sku, quantity, before}] of the lines that change.
  lines jsonb not null,
  note text not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'ACCEPTED', 'REFUSED')),
  asked_by text not null,
  asked_at timestamptz not null,
  answer_by timestamptz not null,
  answered_by text not null default '',
  answer_note text not null default '',
  answered_at timestamptz,
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade,
  check ((state = 'OPEN') = (answered_at is null))
);
create index order_change_by_order on procurement.order_change (purchase_order_id, asked_at, id);
create unique index order_change_open on procurement.order_change (purchase_order_id) where state = 'OPEN';
select kit.protect('procurement.order_change', '{org} in (operator_org_id, supplier_org_id)');

set local role beltline_core;

-- Ask for other quantities or another day of a confirmed order. `p_body` is {expected_date, note,
-- lines: [{line_no, quantity}]}. What is received or on the road cannot be taken back; of an order
-- that buyers' orders stand behind only the day can change.
create function procurement.ask_change(
  actor accounts.actor, p_change uuid, p_order uuid, p_body jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order,
    case (actor).org_kind when 'OPERATOR' then 'OPERATOR' else 'SUPPLIER' end);
  v_of constant text := case (actor).org_kind when 'OPERATOR' then 'SUPPLIER' else 'OPERATOR' end;
  v_date constant date := nullif((p_body->>'expected_date')::date, o.expected_date);
  v_lines jsonb; v_unknown int; fixed record;
begin
  if o.status not in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID',
                      'PART_SHIPPED', 'SHIPPED', 'PART_RECEIVED') then
    perform kit.refuse('procurement.not_changeable',
                       jsonb_build_object('number', o.number, 'state', o.status));
  elsif exists (select from procurement.order_change c
                 where c.purchase_order_id = p_order and c.state = 'OPEN') then
    perform kit.refuse('procurement.change_open', jsonb_build_object('number', o.number));
  end if;
  select a.line_no into v_unknown
    from jsonb_to_recordset(p_body->'lines') as a(line_no int)
   where not exists (select from procurement.purchase_order_line l
                      where l.purchase_order_id = p_order and l.line_no = a.line_no) limit 1;
  if found then
    perform kit.refuse('procurement.unknown_line', jsonb_build_object(
      'number', o.number, 'line_no', v_unknown, 'param', 'lines'));
  end if;
  select k.code as sku, a.quantity,
         l.received_quantity + coalesce(r.quantity, 0) as fixed into fixed
    from jsonb_to_recordset(p_body->'lines') as a(line_no int, quantity bigint)
    join procurement.purchase_order_line l
      on l.purchase_order_id = p_order and l.line_no = a.line_no
    join catalog.sku k on k.id = l.sku_id
    left join procurement.on_the_road(p_order) r on r.line_no = l.line_no
   where a.quantity < l.received_quantity + coalesce(r.quantity, 0) order by l.line_no limit 1;
  if found then
    perform kit.refuse('procurement.already_sent', jsonb_build_object('number', o.number,
      'sku', fixed.sku, 'sent', fixed.fixed, 'asked', fixed.quantity));
  end if;
  select coalesce(jsonb_agg(jsonb_build_object('line_no', l.line_no, 'sku', k.code,
           'quantity', a.quantity, 'before', coalesce(l.answered_quantity, l.quantity))
           order by l.line_no), '[]')
    into v_lines
    from jsonb_to_recordset(p_body->'lines') as a(line_no int, quantity bigint)
    join procurement.purchase_order_line l
      on l.purchase_order_id = p_order and l.line_no = a.line_no
    join catalog.sku k on k.id = l.sku_id
   where a.quantity <> coalesce(l.answered_quantity, l.quantity);
  if v_date is null and v_lines = '[]' then
    perform kit.refuse('procurement.nothing_changed', jsonb_build_object('number', o.number));
  elsif o.is_for_orders and v_lines <> '[]' then
    perform kit.refuse('procurement.orders_stand_behind', jsonb_build_object('number', o.number));
  end if;
  insert into procurement.order_change (id, purchase_order_id, operator_org_id, supplier_org_id,
    asked_of, expected_date, date_before, lines, note, asked_by, asked_at, answer_by)
  values (p_change, p_order, o.operator_org_id, o.supplier_org_id, v_of, v_date, o.expected_date,
    v_lines, p_body->>'note', (actor).name, p_now, p_now + interval '48 hours');
  update procurement.purchase_order set version = version + 1 where id = p_order;
  perform procurement.record_change(actor, o, 'purchase_order.change_asked', 'ask_change', o.status,
    jsonb_build_object('asked_of', v_of, 'asked_date', v_date, 'changes', v_lines,
                       'answer_by', p_now + interval '48 hours', 'note', p_body->>'note'), p_now);
end $$;

-- The other side's yes or no to a change. Accepted, the order stands on the new terms, and what is
-- awaited and inbound follows to the unit.
create function procurement.answer_change(
  actor accounts.actor, p_change uuid, p_is_accepted boolean, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  c procurement.order_change; o procurement.purchase_order; v_total bigint; v_status text;
  v_side constant text := case (actor).org_kind when 'OPERATOR' then 'OPERATOR' else 'SUPPLIER' end;
begin
  select x.* into c from procurement.order_change x
   where x.id = p_change and (actor).org_id in (x.operator_org_id, x.supplier_org_id);
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'order change', 'key', 'chg_' || replace(p_change::text, '-', '')));
  end if;
  o := procurement.lock_order(actor, c.purchase_order_id, v_side);
  if c.asked_of <> v_side then
    perform kit.refuse('procurement.others_answer', jsonb_build_object('number', o.number));
  end if;
  update procurement.order_change
     set state = case when p_is_accepted then 'ACCEPTED' else 'REFUSED' end, answered_at = p_now,
         answered_by = (actor).name, answer_note = p_note
   where id = p_change and state = 'OPEN';
  if not found then
    perform kit.refuse('procurement.change_answered', jsonb_build_object('number', o.number));
  end if;
  if not p_is_accepted then
    update procurement.purchase_order set version = version + 1 where id = o.id;
    perform procurement.record_change(actor, o, 'purchase_order.change_refused', 'refuse_change',
      o.status, jsonb_build_object('note', p_note), p_now);
    return;
  end if;
  if exists (
    select from jsonb_to_recordset(c.lines) as a(line_no int, quantity bigint)
      join procurement.purchase_order_line l
        on l.purchase_order_id = o.id and l.line_no = a.line_no
      left join procurement.on_the_road(o.id) r on r.line_no = l.line_no
     where a.quantity < l.received_quantity + coalesce(r.quantity, 0)
  ) or o.status in ('RECEIVED', 'INVOICED', 'SETTLED', 'CANCELLED') then
    perform kit.refuse('procurement.too_late', jsonb_build_object('number', o.number));
  end if;
  update procurement.purchase_order_line l
     set answered_quantity = a.quantity,
         answered_unit_price = coalesce(l.answered_unit_price, l.unit_price),
         answered_amount = procurement.amount_of(coalesce(l.answered_unit_price, l.unit_price),
                                                 a.quantity, k.uom, o.currency)
    from jsonb_to_recordset(c.lines) as a(line_no int, quantity bigint), catalog.sku k
   where l.purchase_order_id = o.id and l.line_no = a.line_no and k.id = l.sku_id;
  select sum(coalesce(l.answered_amount, l.amount))::bigint,
         case when sum(l.received_quantity) = 0 and sum(coalesce(r.quantity, 0)) = 0 then o.status
              when bool_and(l.received_quantity >= coalesce(l.answered_quantity, l.quantity))
                then 'RECEIVED'
              when sum(l.received_quantity) > 0 then 'PART_RECEIVED'
              when bool_and(coalesce(r.quantity, 0) >= coalesce(l.answered_quantity, l.quantity))
                then 'SHIPPED'
              else 'PART_SHIPPED' end
    into v_total, v_status
    from procurement.purchase_order_line l
    left join procurement.on_the_road(o.id) r on r.line_no = l.line_no
   where l.purchase_order_id = o.id;
  update procurement.purchase_order
     set version = version + 1, total_amount = v_total, status = v_status,
         expected_date = coalesce(c.expected_date, expected_date),
         answered_date = case when answered_date is not null
                              then coalesce(c.expected_date, answered_date) end
   where id = o.id;
  perform procurement.announce(o.id, o.operator_org_id, p_now);
  perform procurement.record_change(actor, o, 'purchase_order.changed', 'accept_change', v_status,
    jsonb_build_object('expected_date', coalesce(c.expected_date, o.expected_date),
      'date_before', o.expected_date, 'total', v_total, 'changes', c.lines, 'note', p_note), p_now);
  if v_status = 'RECEIVED' then
    select x.* into o from procurement.purchase_order x where x.id = o.id;
    perform procurement.record_change(actor, o, 'purchase_order.received', 'receive', v_status,
      jsonb_build_object('lines', procurement.lines_json(o.id)), p_now);
    update procurement.purchase_order set version = version + 1 where id = o.id;
  end if;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'procurement'::regnamespace
              and p.proname in ('ask_change', 'answer_change') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_app, bl_sys, beltline_core', f);
  end loop;
end $$;

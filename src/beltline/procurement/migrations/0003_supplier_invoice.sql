-- Suppliers' invoices, matched with what was ordered and what was received.

-- How far an invoice may lie above its order before somebody has to look; nothing by default.
create table procurement.match_tolerance (
  operator_org_id uuid primary key,
  price_percent numeric(5, 2) not null check (price_percent between 0 and 100),
  quantity_percent numeric(5, 2) not null check (quantity_percent between 0 and 100),
  -- In minor units of the invoice's currency, between its total and the sum of its lines.
  total_amount bigint not null check (total_amount >= 0)
);
select kit.protect('procurement.match_tolerance', 'operator_org_id = {org}');

create table procurement.supplier_invoice (
  id uuid primary key,
  -- The supplier's own number.
  number text not null check (number <> ''),
  purchase_order_id uuid not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  issued_date date not null,
  -- As stated on it; the sum of its lines may differ.
  total_amount bigint not null check (total_amount >= 0),
  state text not null check (state in ('MATCHED', 'DIFFERING', 'APPROVED', 'REJECTED')),
  -- [{kind: PRICE | QUANTITY | TOTAL, sku, expected, invoiced}]
  differences jsonb not null default '[]',
  version bigint not null default 1,
  entered_by text not null,
  entered_at timestamptz not null,
  decided_by text not null default '',
  decision_note text not null default '',
  decided_at timestamptz,
  unique (supplier_org_id, number),
  unique (id, operator_org_id, supplier_org_id),
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade,
  check ((state in ('APPROVED', 'REJECTED')) = (decided_at is not null))
);
create index supplier_invoice_by_order on procurement.supplier_invoice (purchase_order_id, entered_at, id);
create index supplier_invoice_by_operator on procurement.supplier_invoice (operator_org_id, entered_at desc, id desc);
create index supplier_invoice_by_supplier on procurement.supplier_invoice (supplier_org_id, entered_at desc, id desc);
select kit.protect('procurement.supplier_invoice', '{org} in (operator_org_id, supplier_org_id)');

create table procurement.supplier_invoice_line (
  supplier_invoice_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  quantity bigint not null check (quantity > 0),
  unit_price numeric(18, 6) not null check (unit_price >= 0),
  amount bigint not null check (amount >= 0),
  primary key (supplier_invoice_id, line_no),
  foreign key (supplier_invoice_id, operator_org_id, supplier_org_id)
    references procurement.supplier_invoice (id, operator_org_id, supplier_org_id) on delete cascade
);
select kit.protect('procurement.supplier_invoice_line',
                   '{org} in (operator_org_id, supplier_org_id)');

set local role beltline_core;

-- What an invoice asks above its order and its receipts, beyond the tolerance. Units invoiced before
-- count; an invoice that was rejected does not.
create function procurement.differences_of(i procurement.supplier_invoice) returns jsonb
language plpgsql stable as $$
begin
  return (
    with allowed as (
      select coalesce(max(t.price_percent), 0) as price, coalesce(max(t.total_amount), 0) as total,
             coalesce(max(t.quantity_percent), 0) as quantity
        from procurement.match_tolerance t where t.operator_org_id = i.operator_org_id
    ), line as (
      select k.code as sku, x.line_no, x.unit_price, x.amount, l.received_quantity,
             coalesce(l.answered_unit_price, l.unit_price) as agreed,
             (select sum(y.quantity) from procurement.supplier_invoice_line y
                join procurement.supplier_invoice o on o.id = y.supplier_invoice_id
               where o.purchase_order_id = i.purchase_order_id and y.line_no = x.line_no
                 and (o.entered_at, o.id) <= (i.entered_at, i.id) and o.state <> 'REJECTED'
             ) as invoiced
        from procurement.supplier_invoice_line x
        join procurement.purchase_order_line l
          on l.purchase_order_id = i.purchase_order_id and l.line_no = x.line_no
        join catalog.sku k on k.id = l.sku_id
       where x.supplier_invoice_id = i.id
    ), found as (
      select 1 as rank, l.line_no, 'PRICE' as kind, l.sku, trim_scale(l.agreed)::text as expected,
             trim_scale(l.unit_price)::text as invoiced
        from line l cross join allowed a where l.unit_price > l.agreed * (100 + a.price) / 100
      union all
      select 2, l.line_no, 'QUANTITY', l.sku, l.received_quantity::text, l.invoiced::text
        from line l cross join allowed a
       where l.invoiced > l.received_quantity * (100 + a.quantity) / 100
      union all
      select 3, 0, 'TOTAL', '', sum(l.amount)::text, i.total_amount::text
        from line l cross join allowed a
       group by a.total having abs(i.total_amount - sum(l.amount)) > a.total
    )
    select coalesce(jsonb_agg(jsonb_build_object('kind', f.kind, 'sku', f.sku,
             'expected', f.expected, 'invoiced', f.invoiced) order by f.rank, f.line_no), '[]')
      from found f);
end $$;

-- The event and the audit row of a change of an invoice. The row was changed by the caller.
create function procurement.tell_invoice(
  actor accounts.actor, p_invoice uuid, p_type text, p_now timestamptz
) returns void language plpgsql as $$
declare i procurement.supplier_invoice; v_data jsonb;
begin
  select x.* into strict i from procurement.supplier_invoice x where x.id = p_invoice;
  v_data := jsonb_build_object('number', i.number, 'state', i.state, 'currency', i.currency,
    'total', i.total_amount, 'differences', i.differences, 'note', i.decision_note,
    'purchase_order', (select o.number from procurement.purchase_order o
                        where o.id = i.purchase_order_id));
  perform kit.record_event(p_type, 1, 'supplier_invoice', i.id, i.version,
    p_now, i.operator_org_id, null, i.supplier_org_id, v_data);
  perform accounts.record_audit(actor, p_now, split_part(p_type, '.', 2), 'supplier_invoice', i.id,
    v_data);
end $$;

-- An order is INVOICED when it is received and all that came is on good invoices.
create function procurement.close_invoiced(
  actor accounts.actor, o procurement.purchase_order, p_now timestamptz
) returns void language plpgsql as $$
begin
  if o.status = 'RECEIVED' and not exists (
    select from procurement.purchase_order_line l
     where l.purchase_order_id = o.id and l.received_quantity > coalesce((
             select sum(x.quantity) from procurement.supplier_invoice_line x
               join procurement.supplier_invoice i on i.id = x.supplier_invoice_id
              where i.purchase_order_id = o.id and x.line_no = l.line_no
                and i.state in ('MATCHED', 'APPROVED')), 0)
  ) then
    update procurement.purchase_order set status = 'INVOICED', version = version + 1
     where id = o.id;
    perform procurement.record_change(actor, o, 'purchase_order.invoiced', 'invoice', 'INVOICED',
                                      '{}', p_now);
  end if;
end $$;

-- The supplier, or the operator for it, enters an invoice of a confirmed order. `p_body` is {number,
-- currency, issued_date, total_amount, lines: [{line_no, quantity, unit_price}]}.
create function procurement.enter_invoice(
  actor accounts.actor, p_invoice uuid, p_order uuid, p_body jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order,
    case (actor).org_kind when 'OPERATOR' then 'OPERATOR' else 'SUPPLIER' end);
  i procurement.supplier_invoice; v_unknown int;
begin
  if o.status in ('PROPOSED', 'ISSUED', 'COUNTERED', 'REFUSED', 'EXPIRED', 'CANCELLED') then
    perform kit.refuse('procurement.not_invoiceable',
                       jsonb_build_object('number', o.number, 'state', o.status));
  elsif p_body->>'currency' <> o.currency then
    perform kit.refuse('kit.currency_mismatch', jsonb_build_object(
      'left', p_body->>'currency', 'right', o.currency));
  end if;
  select a.line_no into v_unknown
    from jsonb_to_recordset(p_body->'lines') as a(line_no int)
   where not exists (select from procurement.purchase_order_line l
                      where l.purchase_order_id = p_order and l.line_no = a.line_no) limit 1;
  if found then
    perform kit.refuse('procurement.unknown_line', jsonb_build_object(
      'number', o.number, 'line_no', v_unknown, 'param', 'lines'));
  end if;
  insert into procurement.supplier_invoice (id, number, purchase_order_id, operator_org_id,
    supplier_org_id, currency, issued_date, total_amount, state, entered_by, entered_at)
  values (p_invoice, p_body->>'number', p_order, o.operator_org_id, o.supplier_org_id, o.currency,
    (p_body->>'issued_date')::date, (p_body->>'total_amount')::bigint, 'DIFFERING', (actor).name,
    p_now)
  on conflict (supplier_org_id, number) do nothing returning * into i;
  if not found then
    perform kit.refuse('procurement.invoice_known', jsonb_build_object('number', p_body->>'number'));
  end if;
  insert into procurement.supplier_invoice_line (supplier_invoice_id, line_no, operator_org_id,
    supplier_org_id, quantity, unit_price, amount)
  select p_invoice, a.line_no, o.operator_org_id, o.supplier_org_id, a.quantity, a.unit_price,
         procurement.amount_of(a.unit_price, a.quantity, k.uom, o.currency)
    from jsonb_to_recordset(p_body->'lines')
           as a(line_no int, quantity bigint, unit_price numeric(18, 6))
    join procurement.purchase_order_line l
      on l.purchase_order_id = p_order and l.line_no = a.line_no
    join catalog.sku k on k.id = l.sku_id;
  update procurement.supplier_invoice set differences = procurement.differences_of(i)
   where id = p_invoice returning * into i;
  perform procurement.tell_invoice(actor, p_invoice, 'supplier_invoice.entered', p_now);
  if i.differences = '[]' then
    perform procurement.end_match(actor, o, p_invoice, p_now);
  end if;
end $$;

-- An invoice agrees with its order and its receipts.
create function procurement.end_match(
  actor accounts.actor, o procurement.purchase_order, p_invoice uuid, p_now timestamptz
) returns void language plpgsql as $$
begin
  update procurement.supplier_invoice
     set state = 'MATCHED', differences = '[]', version = version + 1 where id = p_invoice;
  perform procurement.tell_invoice(actor, p_invoice, 'supplier_invoice.matched', p_now);
  perform procurement.close_invoiced(actor, o, p_now);
end $$;

-- Look again at an order's differing invoices, the oldest first: goods of it came. How many agree.
create function procurement.match_again(actor accounts.actor, p_order uuid, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
  i procurement.supplier_invoice; v_differences jsonb; v_matched int := 0;
begin
  for i in select x.* from procurement.supplier_invoice x
            where x.purchase_order_id = p_order and x.state = 'DIFFERING'
            order by x.entered_at, x.id
  loop
    v_differences := procurement.differences_of(i);
    if v_differences = '[]' then
      perform procurement.end_match(actor, o, i.id, p_now);
      v_matched := v_matched + 1;
    elsif v_differences <> i.differences then
      update procurement.supplier_invoice set differences = v_differences where id = i.id;
    end if;
  end loop;
  if v_matched = 0 then
    perform procurement.close_invoiced(actor, o, p_now);
  end if;
  return v_matched;
end $$;

-- The operator pays an invoice as it is, or sends it back; the supplier reads the note.
create function procurement.decide_invoice(
  actor accounts.actor, p_invoice uuid, p_is_approved boolean, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare i procurement.supplier_invoice; o procurement.purchase_order;
begin
  perform accounts.enter(actor);
  select x.* into i from procurement.supplier_invoice x
   where x.id = p_invoice and x.operator_org_id = (actor).org_id;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'supplier invoice', 'key', 'inv_' || replace(p_invoice::text, '-', '')));
  end if;
  o := procurement.lock_order(actor, i.purchase_order_id, 'OPERATOR');
  update procurement.supplier_invoice
     set state = case when p_is_approved then 'APPROVED' else 'REJECTED' end, decided_at = p_now,
         decided_by = (actor).name, decision_note = p_note, version = version + 1
   where id = p_invoice and state = 'DIFFERING';
  if not found then
    perform kit.refuse('procurement.invoice_decided', jsonb_build_object('number', i.number));
  end if;
  if p_is_approved then
    perform procurement.tell_invoice(actor, p_invoice, 'supplier_invoice.approved', p_now);
    perform procurement.close_invoiced(actor, o, p_now);
  else
    perform procurement.tell_invoice(actor, p_invoice, 'supplier_invoice.rejected', p_now);
  end if;
end $$;

-- How far invoices may lie above their orders from now on.
create function procurement.set_tolerance(
  actor accounts.actor, p_price numeric, p_quantity numeric, p_total bigint, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  insert into procurement.match_tolerance values ((actor).org_id, p_price, p_quantity, p_total)
  on conflict (operator_org_id) do update set price_percent = excluded.price_percent,
    quantity_percent = excluded.quantity_percent, total_amount = excluded.total_amount;
  perform accounts.record_audit(actor, p_now, 'set', 'match_tolerance', (actor).org_id,
    jsonb_build_object('price_percent', p_price, 'quantity_percent', p_quantity,
                       'total_amount', p_total));
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'procurement'::regnamespace
              and p.proname in ('differences_of', 'tell_invoice', 'close_invoiced',
                                'enter_invoice', 'end_match', 'match_again', 'decide_invoice',
                                'set_tolerance')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  procurement.enter_invoice(accounts.actor, uuid, uuid, jsonb, timestamptz),
  procurement.decide_invoice(accounts.actor, uuid, boolean, text, timestamptz),
  procurement.set_tolerance(accounts.actor, numeric, numeric, bigint, timestamptz) to bl_app;

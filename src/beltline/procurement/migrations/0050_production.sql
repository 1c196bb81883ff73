-- Goods that are made to order: a factory is paid a deposit when it confirms and, by its terms, the
-- balance before the goods leave; it says when it has started and finished, and the goods are
-- inspected before the balance.

create table procurement.payment_term (
  id uuid primary key,
  -- The order in which terms were set; a clock can stand still.
  seq bigint generated always as identity,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  -- 0 ends the terms: from then on everything is paid with its settlement.
  deposit_percent numeric(5, 2) not null check (deposit_percent >= 0 and deposit_percent < 100),
  balance_due text not null check (balance_due in ('BEFORE_SHIPMENT', 'AFTER_INSPECTION')),
  -- What of a deposit the factory keeps when the network cancels goods it has begun to make.
  kept_percent numeric(5, 2) not null check (kept_percent between 0 and 100),
  note text not null default '',
  set_by text not null,
  set_at timestamptz not null
);
create index payment_term_latest on procurement.payment_term (supplier_org_id, seq desc);
create index payment_term_by_operator on procurement.payment_term (operator_org_id, set_at desc, id desc);
select kit.protect('procurement.payment_term', '{org} in (operator_org_id, supplier_org_id)', 'select',
                   'select, insert');

-- The terms an order was issued on; none of an order that is paid with its settlement.
create table procurement.order_term (
  purchase_order_id uuid primary key,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  deposit_percent numeric(5, 2) not null check (deposit_percent > 0 and deposit_percent < 100),
  balance_due text not null,
  kept_percent numeric(5, 2) not null,
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade
);
select kit.protect('procurement.order_term', '{org} in (operator_org_id, supplier_org_id)');

-- What was told of the making of an order's goods, in the order it was told.
create table procurement.milestone (
  purchase_order_id uuid not null,
  no int not null check (no > 0),
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  kind text not null check (kind in ('STARTED', 'FINISHED', 'PASSED', 'FAILED')),
  note text not null,
  told_by text not null,
  told_at timestamptz not null,
  primary key (purchase_order_id, no),
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade
);
select kit.protect('procurement.milestone', '{org} in (operator_org_id, supplier_org_id)');

-- What is to be paid now and nobody has asked for: the deposit of a confirmed order, and, where terms
-- say so, the balance when its goods have passed inspection. The deposit is rounded down; what is
-- not paid in advance is paid with the settlement of what is received.
create view procurement.payment_due with (security_invoker) as
  select o.id as purchase_order_id, o.operator_org_id, o.supplier_org_id, o.currency, d.kind, d.amount,
         coalesce(m.told_at, o.answered_at, o.created_at) as since
    from procurement.purchase_order o
    join procurement.order_term t on t.purchase_order_id = o.id
   cross join lateral (
     select max(x.told_at) as told_at from procurement.milestone x
      where x.purchase_order_id = o.id and x.kind = 'PASSED' and o.status = 'INSPECTED') m
   cross join lateral (
     select 'DEPOSIT' as kind, floor(o.total_amount * t.deposit_percent / 100)::bigint as amount
      where o.status in ('CONFIRMED', 'IN_PRODUCTION')
     union all
     select 'BALANCE', o.total_amount - coalesce((
              select sum(a.amount) from ledger.advance a
               where a.reference_id = o.id and a.state <> 'DROPPED'), 0)::bigint
      where o.status = 'INSPECTED' and t.balance_due = 'BEFORE_SHIPMENT') d
   where d.amount > 0 and not exists (
     select from ledger.advance a
      where a.reference_id = o.id and a.kind = d.kind and a.state <> 'DROPPED');
grant select on procurement.payment_due to bl_app, bl_sys, beltline_core;

set local role beltline_core;

alter function procurement.issue_order(accounts.actor, jsonb, timestamptz) rename to write_order;

-- Write an order and send it out, on the terms its factory has when goods of it are made to order, by
-- its own offer or by what buyers are offered.
-- `p_order` is as in write_order.
create function procurement.issue_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
begin
  perform procurement.write_order(actor, p_order, p_now);
  insert into procurement.order_term (purchase_order_id, operator_org_id, supplier_org_id,
    deposit_percent, balance_due, kept_percent)
  select o.id, o.operator_org_id, o.supplier_org_id, t.deposit_percent, t.balance_due, t.kept_percent
    from procurement.purchase_order o
   cross join lateral (
     select x.* from procurement.payment_term x
      where x.supplier_org_id = o.supplier_org_id and x.operator_org_id = o.operator_org_id
      order by x.seq desc limit 1) t
   where o.id = (p_order->>'id')::uuid and t.deposit_percent > 0 and exists (
     select from procurement.purchase_order_line l
       join catalog.offer f on f.sku_id = l.sku_id
        and f.supplier_org_id in (o.supplier_org_id, o.operator_org_id)
      where l.purchase_order_id = o.id and f.availability = 'MADE_TO_ORDER'
        and f.valid_from <= kit.day_of(p_now)
        and coalesce(f.valid_until, 'infinity') >= kit.day_of(p_now));
end $$;

-- The terms of a factory for what is ordered from it from now on.
create function procurement.set_terms(
  actor accounts.actor, p_supplier uuid, p_deposit numeric, p_balance_due text, p_kept numeric,
  p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_id constant uuid := kit.uuid7(p_now);
begin
  perform ledger.needs_operator(actor);
  if not exists (select from suppliers.supplier s where s.org_id = p_supplier) then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'supplier', 'key', p_supplier));
  end if;
  insert into procurement.payment_term (id, operator_org_id, supplier_org_id, deposit_percent,
    balance_due, kept_percent, note, set_by, set_at)
  values (v_id, (actor).org_id, p_supplier, p_deposit, p_balance_due, p_kept, p_note, (actor).name,
    p_now);
  perform accounts.record_audit(actor, p_now, 'set', 'payment_term', v_id, jsonb_build_object(
    'supplier_org_id', p_supplier, 'deposit_percent', p_deposit, 'balance_due', p_balance_due,
    'kept_percent', p_kept));
end $$;

-- Say that the making of a confirmed order has STARTED or FINISHED, or that its goods PASSED or FAILED
-- inspection before they leave; after a failure they are finished again. The factory says the
-- first two (or the operator for it), the operator the others.
create function procurement.report_production(
  actor accounts.actor, p_order uuid, p_kind text, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order,
    case (actor).org_kind when 'OPERATOR' then 'OPERATOR' else 'SUPPLIER' end);
  v_latest text; v_no int; v_status text := o.status;
begin
  if p_kind in ('PASSED', 'FAILED') then
    perform ledger.needs_operator(actor);
  end if;
  select m.kind, m.no into v_latest, v_no from procurement.milestone m
   where m.purchase_order_id = p_order order by m.no desc limit 1;
  if not (case p_kind
       when 'STARTED' then o.status in ('CONFIRMED', 'DEPOSIT_PAID')
       when 'FINISHED' then o.status = 'IN_PRODUCTION' and v_latest in ('STARTED', 'FAILED')
       else o.status = 'IN_PRODUCTION' and v_latest = 'FINISHED' end) then
    perform kit.refuse('procurement.not_its_turn', jsonb_build_object(
      'number', o.number, 'state', o.status));
  end if;
  insert into procurement.milestone (purchase_order_id, no, operator_org_id, supplier_org_id, kind,
    note, told_by, told_at)
  values (p_order, coalesce(v_no, 0) + 1, o.operator_org_id, o.supplier_org_id, p_kind, p_note,
    (actor).name, p_now);
  v_status := case p_kind when 'STARTED' then 'IN_PRODUCTION' when 'PASSED' then 'INSPECTED'
                          else o.status end;
  update procurement.purchase_order set status = v_status, version = version + 1 where id = p_order;
  perform procurement.record_change(actor, o,
    case p_kind when 'STARTED' then 'purchase_order.production_started'
                when 'FINISHED' then 'purchase_order.production_finished'
                when 'PASSED' then 'purchase_order.inspected'
                else 'purchase_order.inspection_failed' end,
    case p_kind when 'STARTED' then 'start_production' when 'FINISHED' then 'finish_production'
                when 'PASSED' then 'pass_inspection' else 'fail_inspection' end,
    v_status, jsonb_build_object('note', p_note), p_now);
end $$;

-- Ask for the deposit or the balance of an order to be paid: somebody else decides. The advance.
create function procurement.ask_payment(
  actor accounts.actor, p_order uuid, p_kind text, p_now timestamptz
) returns uuid language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
  v_amount bigint; v_id uuid;
begin
  select d.amount into v_amount from procurement.payment_due d
   where d.purchase_order_id = p_order and d.kind = p_kind;
  if not found then
    perform kit.refuse('procurement.nothing_to_pay', jsonb_build_object(
      'number', o.number, 'state', o.status));
  end if;
  v_id := ledger.ask_advance(actor, p_kind, o.supplier_org_id, v_amount, o.currency, o.number, o.id,
                             p_now);
  perform procurement.tell_payment(actor, o, 'purchase_order.payment_asked', 'ask_payment', o.status,
                                   p_kind, v_amount, p_now);
  return v_id;
end $$;

-- A second person pays what was asked for, or gives it back; a paid order goes on.
create function procurement.decide_payment(
  actor accounts.actor, p_advance uuid, p_is_approved boolean, p_reference text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare o procurement.purchase_order; a ledger.advance; v_order uuid; v_status text;
begin
  perform ledger.needs_operator(actor);
  select x.reference_id into v_order from ledger.advance x
   where x.id = p_advance and x.operator_org_id = (actor).org_id;
  if found then
    -- The order before its money, as everywhere.
    o := procurement.lock_order(actor, v_order, 'OPERATOR');
  end if;
  a := ledger.decide_advance(actor, p_advance, p_is_approved, p_reference, p_now);
  v_status := case
    when not p_is_approved then o.status
    when a.kind = 'DEPOSIT' and o.status = 'CONFIRMED' then 'DEPOSIT_PAID'
    when a.kind = 'BALANCE' and o.status = 'INSPECTED' then 'BALANCE_PAID' else o.status end;
  perform procurement.tell_payment(actor, o,
    case when not p_is_approved then 'purchase_order.payment_returned'
         when a.kind = 'DEPOSIT' then 'purchase_order.deposit_paid'
         else 'purchase_order.balance_paid' end,
    case when not p_is_approved then 'return_payment'
         when a.kind = 'DEPOSIT' then 'pay_deposit' else 'pay_balance' end,
    v_status, a.kind, a.amount, p_now);
end $$;

create function procurement.tell_payment(
  actor accounts.actor, o procurement.purchase_order, p_type text, p_action text, p_status text,
  p_kind text, p_amount bigint, p_now timestamptz
) returns void language plpgsql as $$
begin
  update procurement.purchase_order set status = p_status, version = version + 1 where id = o.id;
  perform procurement.record_change(actor, o, p_type, p_action, p_status, jsonb_build_object(
    'payment', p_kind, 'amount', p_amount, 'currency', o.currency), p_now);
end $$;

-- End a locked order of which nothing has come in; `p_data` says why. Of a deposit the factory keeps
-- what its terms say when it had begun and does not withdraw itself.
create or replace function procurement.drop_order(
  actor accounts.actor, o procurement.purchase_order, p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
begin
  update procurement.purchase_order set status = 'CANCELLED', version = version + 1
   where id = o.id;
  perform procurement.announce(o.id, o.operator_org_id, p_now);
  perform procurement.record_change(actor, o, 'purchase_order.cancelled', 'cancel', 'CANCELLED',
    p_data, p_now);
  perform ledger.end_advances(t.purchase_order_id,
    case when o.status in ('CONFIRMED', 'DEPOSIT_PAID')
           or coalesce(p_data->>'cause', '') = 'WITHDRAWN' then 0 else t.kept_percent end, p_now)
    from procurement.order_term t where t.purchase_order_id = o.id;
end $$;

-- Take back an order of which nothing has come in.
create or replace function procurement.cancel_order(
  actor accounts.actor, p_order uuid, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
begin
  if o.status not in ('PROPOSED', 'ISSUED', 'CONFIRMED', 'COUNTERED', 'DEPOSIT_PAID', 'IN_PRODUCTION',
                      'INSPECTED', 'BALANCE_PAID') then
    perform kit.refuse('procurement.cannot_cancel',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  perform procurement.drop_order(actor, o, jsonb_build_object('note', p_note), p_now);
end $$;

-- The factory cannot bring what it confirmed, and has sent nothing: the order ends, and everything
-- paid for it goes back.
create function procurement.withdraw_order(
  actor accounts.actor, p_order uuid, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'SUPPLIER');
begin
  if o.status not in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID') then
    perform kit.refuse('procurement.cannot_withdraw',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  perform procurement.drop_order(actor, o, jsonb_build_object('note', p_note, 'cause', 'WITHDRAWN'),
                                 p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'procurement'::regnamespace
              and p.proname in ('write_order', 'issue_order', 'set_terms', 'report_production',
                'ask_payment', 'decide_payment', 'tell_payment', 'withdraw_order') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
revoke all on function procurement.write_order(accounts.actor, jsonb, timestamptz) from bl_app;
grant execute on function
  procurement.issue_order(accounts.actor, jsonb, timestamptz),
  procurement.set_terms(accounts.actor, uuid, numeric, text, numeric, text, timestamptz),
  procurement.report_production(accounts.actor, uuid, text, text, timestamptz),
  procurement.ask_payment(accounts.actor, uuid, text, timestamptz),
  procurement.decide_payment(accounts.actor, uuid, boolean, text, timestamptz),
  procurement.withdraw_order(accounts.actor, uuid, text, timestamptz) to bl_app;

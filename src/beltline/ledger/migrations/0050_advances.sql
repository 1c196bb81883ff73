-- Money paid to suppliers before they have earned it: deposits and balances of goods that are made to
-- order. It is an advance until what they earn works it off, or until it is taken back.

alter domain ledger.account_kind drop constraint account_kind_check;
alter domain ledger.account_kind add constraint account_kind_check check (value in (
  'BUYER_BALANCE', 'BUYER_CREDIT', 'BUYER_FEES', 'HELD_FOR_BUYERS', 'SALES', 'BANK', 'PURCHASES',
  'SUPPLIER_PAYABLE', 'SUPPLIER_ADVANCE', 'PLATFORM_FEE', 'LATE_FEES', 'CHARGEBACKS', 'FX', 'FX_SPREAD',
  'ROUNDING'));
alter domain ledger.transfer_kind drop constraint transfer_kind_check;
alter domain ledger.transfer_kind add constraint transfer_kind_check check (value in (
  'DEPOSIT', 'WITHDRAWAL', 'ORDER_HOLD', 'ORDER_RELEASE', 'ORDER_REFUND', 'CREDIT_REPAYMENT',
  'LATE_FEE', 'CHARGEBACK', 'SETTLEMENT', 'ADVANCE', 'EXCHANGE', 'CORRECTION'));

create table ledger.advance (
  id uuid primary key,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  kind text not null check (kind in ('DEPOSIT', 'BALANCE')),
  -- The purchase it is for.
  reference text not null,
  reference_id uuid not null,
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- DROPPED: never paid, because somebody gave it back or the purchase ended.
  state text not null default 'ASKED' check (state in ('ASKED', 'PAID', 'DROPPED')),
  -- What of it was worked off or taken back, and what the supplier keeps though it brings nothing.
  set_off bigint not null default 0 check (set_off between 0 and amount),
  kept bigint not null default 0 check (kept between 0 and amount),
  asked_by text not null,
  asked_via_id uuid,
  asked_at timestamptz not null,
  paid_by text not null default '',
  paid_at timestamptz,
  -- The bank's name for the payment.
  payment_reference text not null default '',
  version bigint not null default 1,
  check ((state = 'PAID') = (paid_at is not null)),
  check (state = 'PAID' or set_off + kept = 0)
);
create unique index advance_once on ledger.advance (reference_id, kind) where state <> 'DROPPED';
create index advance_by_operator on ledger.advance (operator_org_id, asked_at desc, id desc);
create index advance_by_supplier on ledger.advance (supplier_org_id, asked_at desc, id desc);
create index advance_open on ledger.advance (reference_id) where state = 'PAID' and set_off < amount;
select kit.protect('ledger.advance', '{org} in (operator_org_id, supplier_org_id)', 'select');

alter table ledger.supplier_item
  drop constraint supplier_item_kind_check,
  drop constraint supplier_item_check,
  add constraint supplier_item_kind_check check (
    kind in ('PURCHASE', 'SALE', 'CLAWBACK', 'ADVANCE', 'KEPT')),
  add constraint supplier_item_sign check ((amount < 0) = (kind in ('CLAWBACK', 'ADVANCE')));

set local role beltline_core;

-- Ask for an advance to be paid: somebody else decides. Of a purchase, once of each kind.
create function ledger.ask_advance(
  actor accounts.actor, p_kind text, p_supplier uuid, p_amount bigint, p_currency text,
  p_reference text, p_reference_id uuid, p_now timestamptz
) returns uuid language plpgsql as $$
declare v_id constant uuid := kit.uuid7(p_now);
begin
  insert into ledger.advance (id, operator_org_id, supplier_org_id, kind, reference, reference_id,
    amount, currency, asked_by, asked_via_id, asked_at)
  values (v_id, (actor).org_id, p_supplier, p_kind, p_reference, p_reference_id, p_amount,
    p_currency, (actor).name, (actor).via_id, p_now);
  return v_id;
end $$;

-- A second person pays an advance, under the bank's name for it, or gives it back; the row.
create function ledger.decide_advance(
  actor accounts.actor, p_advance uuid, p_is_approved boolean, p_reference text, p_now timestamptz
) returns ledger.advance language plpgsql as $$
declare a ledger.advance;
begin
  perform ledger.needs_operator(actor);
  select x.* into a from ledger.advance x
   where x.id = p_advance and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'supplier payment', 'key', 'adv_' || replace(p_advance::text, '-', '')));
  elsif a.state <> 'ASKED' then
    perform kit.refuse('ledger.settlement_moved_on', jsonb_build_object(
      'number', a.reference, 'state', a.state));
  elsif a.asked_via_id is not distinct from (actor).via_id then
    perform kit.refuse('ledger.needs_another', jsonb_build_object('asked_by', a.asked_by));
  end if;
  if p_is_approved then
    perform ledger.post('ADVANCE',
      ledger.account_of(a.supplier_org_id, 'SUPPLIER_ADVANCE', a.currency, a.operator_org_id, p_now),
      ledger.account_of(a.operator_org_id, 'BANK', a.currency, a.operator_org_id, p_now),
      a.amount, a.reference, a.id, p_now);
  end if;
  update ledger.advance
     set state = case when p_is_approved then 'PAID' else 'DROPPED' end, version = version + 1,
         paid_by = case when p_is_approved then (actor).name else '' end,
         paid_at = case when p_is_approved then p_now end,
         payment_reference = case when p_is_approved then p_reference else '' end
   where id = a.id returning * into a;
  return a;
end $$;

-- A purchase ended without its goods: what is not paid yet is dropped; of a paid deposit the
-- supplier keeps `p_kept_percent`, rounded down. The rest is taken back with the next settlement.
create function ledger.end_advances(p_reference_id uuid, p_kept_percent numeric, p_now timestamptz)
returns void language plpgsql as $$
begin
  update ledger.advance
     set state = 'DROPPED', version = version + 1
   where reference_id = p_reference_id and state = 'ASKED';
  update ledger.advance
     set kept = floor((amount - set_off) * p_kept_percent / 100), version = version + 1
   where reference_id = p_reference_id and state = 'PAID' and kind = 'DEPOSIT'
     and p_kept_percent > 0;
end $$;

-- Book what suppliers earned and what is taken back; items known already have no effect. Returns
-- how many are new. `p_items` are rows of supplier_item. One of kind ADVANCE works an advance (its
-- source) off; `upto` is what of it is worked off with this, and one found before another was booked
-- has no effect.
create or replace function ledger.earn(actor accounts.actor, p_items jsonb, p_now timestamptz) returns int
language plpgsql security definer set search_path = '' as $$
declare v_run constant text := kit.id_run(p_now); v_made uuid[];
begin
  perform ledger.needs_operator(actor);
  perform ledger.take_turns();
  with made as (
    insert into ledger.supplier_item (id, operator_org_id, supplier_org_id, kind, source_id,
      source_no, upto, reference, sku, quantity, amount, currency, earned_on, is_commissioned, at)
    select kit.id_at(v_run, w.n), (actor).org_id, w.supplier_org_id, w.kind, w.source_id,
           w.source_no, w.upto, w.reference, w.sku, w.quantity, w.amount, w.currency, w.earned_on,
           w.is_commissioned, p_now
      from rows from (
        jsonb_to_recordset(p_items) as (supplier_org_id uuid, kind text, source_id uuid,
          source_no int, upto bigint, reference text, sku text, quantity bigint, amount bigint,
          currency text, earned_on date, is_commissioned boolean)
      ) with ordinality as w(supplier_org_id, kind, source_id, source_no, upto, reference, sku,
                             quantity, amount, currency, earned_on, is_commissioned, n)
     where w.kind <> 'ADVANCE' or exists (
       select from ledger.advance a where a.id = w.source_id and a.set_off = w.upto + w.amount)
    on conflict (source_id, source_no, upto) do nothing
    returning id
  )
  select array_agg(m.id) into v_made from made m;
  if v_made is null then
    return 0;
  end if;
  update ledger.advance a set set_off = i.upto, version = a.version + 1
    from ledger.supplier_item i
   where i.id = any(v_made) and i.kind = 'ADVANCE' and a.id = i.source_id;
  -- The item's id is its transfer's: one for each.
  insert into ledger.transfer (id, at, kind, reference, reference_id, operator_org_id,
                               counterparty_org_id)
  select i.id, p_now, 'SETTLEMENT', i.reference, i.id, i.operator_org_id, i.supplier_org_id
    from ledger.supplier_item i where i.id = any(v_made);
  insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id, amount,
                            currency)
  select kit.uuid7(p_now), p_now, i.id, a.id, a.org_id, i.operator_org_id, s.sign * i.amount,
         i.currency
    from ledger.supplier_item i
   cross join lateral (values
     (1, i.supplier_org_id, 'SUPPLIER_PAYABLE'),
     (-1, case i.kind when 'ADVANCE' then i.supplier_org_id else i.operator_org_id end,
          case i.kind when 'ADVANCE' then 'SUPPLIER_ADVANCE' else 'PURCHASES' end))
     as s(sign, org_id, kind)
   cross join lateral ledger.account_of(s.org_id, s.kind, i.currency, i.operator_org_id, p_now) a
   where i.id = any(v_made);
  perform accounts.record_audit(actor, p_now, 'earn', 'supplier_item', null, jsonb_build_object(
    'items', cardinality(v_made)));
  return cardinality(v_made);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.proname in ('ask_advance', 'decide_advance', 'end_advances') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

-- What is owed to suppliers: what they earned and what is taken back, stated for a period with the
-- commission of the day, and paid out when two people have said so.

alter domain ledger.account_kind drop constraint account_kind_check;
alter domain ledger.account_kind add constraint account_kind_check check (value in (
  'BUYER_BALANCE', 'BUYER_CREDIT', 'BUYER_FEES', 'HELD_FOR_BUYERS', 'SALES', 'BANK', 'PURCHASES',
  'SUPPLIER_PAYABLE', 'PLATFORM_FEE', 'LATE_FEES', 'CHARGEBACKS', 'FX', 'FX_SPREAD', 'ROUNDING'));

-- The share of a sale that the network keeps, from a day on. A supplier's own rate goes before the
-- one of all; without a rate of its day a sale is not stated: there is no rate by default.
create table ledger.commission_rate (
  id uuid primary key,
  operator_org_id uuid not null,
  -- Null: of all suppliers without one of their own.
  supplier_org_id uuid,
  rate_ppm int not null check (rate_ppm between 0 and 1000000),
  valid_from date not null,
  valid_until date check (valid_until >= valid_from),
  note text not null default '',
  set_by text not null,
  set_at timestamptz not null,
  unique nulls not distinct (operator_org_id, supplier_org_id, valid_from)
);
select kit.protect('ledger.commission_rate',
  '{org} in (operator_org_id, supplier_org_id) or supplier_org_id is null and exists (
     select from accounts.organization o where o.id = {org} and o.kind = ''SUPPLIER'')',
  'select', 'select, insert', 'operator_org_id = {org}');

create sequence ledger.settlement_number start 50001;
grant usage on sequence ledger.settlement_number to beltline_core;

create table ledger.settlement (
  id uuid primary key,
  number text not null unique,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- What became known from `starts` to before `ends`.
  starts timestamptz not null,
  ends timestamptz not null check (ends > starts),
  -- What the statements before it left the supplier owing, 0 or below.
  opening bigint not null check (opening <= 0),
  earned bigint not null check (earned >= 0),
  taken_back bigint not null check (taken_back <= 0),
  commission bigint not null,
  closing bigint not null check (closing = opening + earned + taken_back - commission),
  -- CARRIED: nothing to pay; what is below 0 opens the next one.
  state text not null check (state in ('DUE', 'ASKED', 'PAID', 'CARRIED')),
  carried_to uuid references ledger.settlement,
  asked_by text not null default '',
  asked_via_id uuid,
  asked_at timestamptz,
  paid_by text not null default '',
  paid_at timestamptz,
  -- The bank's name for the payment.
  payment_reference text not null default '',
  version bigint not null default 1,
  made_at timestamptz not null,
  check ((closing > 0) = (state <> 'CARRIED')),
  check ((state = 'PAID') = (paid_at is not null)),
  check (carried_to is null or state = 'CARRIED')
);
create index settlement_by_operator on ledger.settlement (operator_org_id, made_at desc, id desc);
create index settlement_by_supplier on ledger.settlement (supplier_org_id, made_at desc, id desc);
create index settlement_latest on ledger.settlement (supplier_org_id, currency, ends);
select kit.protect('ledger.settlement', '{org} in (operator_org_id, supplier_org_id)', 'select');

-- One thing a supplier earned (goods that were received, or sold for it) or has to give back. Each
-- is known once by what caused it.
create table ledger.supplier_item (
  id uuid primary key,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  kind text not null check (kind in ('PURCHASE', 'SALE', 'CLAWBACK')),
  source_id uuid not null,
  source_no int not null,
  -- Units of the source up to this one: a line that is received in two goes is two items.
  upto bigint not null check (upto > 0),
  reference text not null,
  sku text not null,
  quantity bigint not null check (quantity > 0),
  amount ledger.movement not null,
  currency text not null,
  -- The day whose rate counts.
  earned_on date not null,
  is_commissioned boolean not null,
  at timestamptz not null,
  settlement_id uuid references ledger.settlement,
  rate_ppm int,
  commission bigint not null default 0,
  unique (source_id, source_no, upto),
  check ((amount < 0) = (kind = 'CLAWBACK')),
  check (rate_ppm is null or settlement_id is not null)
);
create index supplier_item_unstated on ledger.supplier_item (supplier_org_id, currency, at)
  where settlement_id is null;
create index supplier_item_by_settlement on ledger.supplier_item (settlement_id, at, id);
create index supplier_item_by_sku on ledger.supplier_item (sku, kind, at desc);
select kit.protect('ledger.supplier_item', '{org} in (operator_org_id, supplier_org_id)', 'select');

set local role beltline_core;

create function ledger.half_even(x numeric) returns bigint language sql immutable as $$
  select case when abs(x - trunc(x)) = 0.5 then 2 * round(x / 2) else round(x) end::bigint
$$;

-- One at a time of those that decide what a statement takes: it sums items and then marks them.
create function ledger.take_turns() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('ledger.settle', 19));
end $$;

create function ledger.needs_operator(actor accounts.actor) returns void language plpgsql as $$
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
end $$;

-- Book what suppliers earned and what is taken back; items known already have no effect. Returns
-- how many are new. `p_items` are rows of supplier_item.
create function ledger.earn(actor accounts.actor, p_items jsonb, p_now timestamptz) returns int
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
    on conflict (source_id, source_no, upto) do nothing
    returning id
  )
  select array_agg(m.id) into v_made from made m;
  if v_made is null then
    return 0;
  end if;
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
   cross join (values (-1, 'PURCHASES'), (1, 'SUPPLIER_PAYABLE')) as s(sign, kind)
   cross join lateral ledger.account_of(
     case s.sign when 1 then i.supplier_org_id else i.operator_org_id end, s.kind, i.currency,
     i.operator_org_id, p_now) a
   where i.id = any(v_made);
  perform accounts.record_audit(actor, p_now, 'earn', 'supplier_item', null, jsonb_build_object(
    'items', cardinality(v_made)));
  return cardinality(v_made);
end $$;

-- Set the share the network keeps from a day on; null is the rate of all suppliers. A day that has
-- a rate keeps it: what was stated with it must not read otherwise later.
create function ledger.set_commission(
  actor accounts.actor, p_supplier uuid, p_rate_ppm int, p_from date, p_until date, p_note text,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_id constant uuid := kit.uuid7(p_now);
begin
  perform ledger.needs_operator(actor);
  perform ledger.take_turns();
  if exists (select from ledger.commission_rate r
              where r.operator_org_id = (actor).org_id and r.valid_from = p_from
                and r.supplier_org_id is not distinct from p_supplier) then
    perform kit.refuse('ledger.rate_stands', jsonb_build_object('day', p_from));
  end if;
  insert into ledger.commission_rate (id, operator_org_id, supplier_org_id, rate_ppm, valid_from,
                                      valid_until, note, set_by, set_at)
  values (v_id, (actor).org_id, p_supplier, p_rate_ppm, p_from, p_until, p_note, (actor).name,
          p_now);
  perform accounts.record_audit(actor, p_now, 'set', 'commission_rate', v_id, jsonb_build_object(
    'supplier_org_id', p_supplier, 'rate_ppm', p_rate_ppm, 'from', p_from, 'until', p_until));
end $$;

-- The rate of a supplier on a day: its own before that of all, the latest begun; null without one.
create function ledger.commission_on(p_operator uuid, p_supplier uuid, p_day date) returns int
language plpgsql stable as $$
begin
  return (
    select r.rate_ppm from ledger.commission_rate r
     where r.operator_org_id = p_operator
       and (r.supplier_org_id = p_supplier or r.supplier_org_id is null)
       and r.valid_from <= p_day and (r.valid_until is null or r.valid_until >= p_day)
     order by r.supplier_org_id is null, r.valid_from desc limit 1);
end $$;

create function ledger.tell_settlement(
  actor accounts.actor, s ledger.settlement, p_type text, p_now timestamptz
) returns void language plpgsql as $$
declare
  v_data constant jsonb := jsonb_build_object('number', s.number, 'state', s.state,
    'currency', s.currency, 'closing', s.closing, 'commission', s.commission, 'ends', s.ends);
begin
  perform kit.record_event(p_type, 1, 'settlement', s.id, s.version, p_now,
    s.operator_org_id, null, s.supplier_org_id, v_data);
  perform accounts.record_audit(actor, p_now, split_part(p_type, '.', 2), 'settlement', s.id,
    v_data);
end $$;

-- State what each supplier earned and owes until `p_until`, one statement a currency; how many.
-- Sales without a rate of their day stay unstated. What earlier statements left below 0 is carried
-- into the new one. Twice is once.
create function ledger.settle(actor accounts.actor, p_until timestamptz, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare g record; s ledger.settlement; v_sums record; made int := 0;
begin
  perform ledger.needs_operator(actor);
  perform ledger.take_turns();
  for g in
    select i.supplier_org_id, i.currency, min(i.at) as since from ledger.supplier_item i
     where i.settlement_id is null and i.at < p_until and i.operator_org_id = (actor).org_id
       and (not i.is_commissioned
            or ledger.commission_on(i.operator_org_id, i.supplier_org_id, i.earned_on) is not null)
     group by i.supplier_org_id, i.currency order by i.supplier_org_id, i.currency
  loop
    s := null;
    s.id := kit.uuid7(p_now);
    s.number := 'ST-' || nextval('ledger.settlement_number');
    select coalesce(sum(x.closing), 0)::bigint, coalesce(max(x.ends), g.since)
      into s.opening, s.starts
      from (select case when y.state = 'CARRIED' and y.carried_to is null then y.closing
                        else 0 end as closing, y.ends
              from ledger.settlement y
             where y.supplier_org_id = g.supplier_org_id and y.currency = g.currency) x;
    select coalesce(sum(w.amount) filter (where w.amount > 0), 0)::bigint as earned,
           coalesce(sum(w.amount) filter (where w.amount < 0), 0)::bigint as taken_back,
           coalesce(sum(w.commission), 0)::bigint as commission
      into v_sums from ledger.stated_items((actor).org_id, g.supplier_org_id, g.currency,
                                           p_until) w;
    s.closing := s.opening + v_sums.earned + v_sums.taken_back - v_sums.commission;
    insert into ledger.settlement (id, number, operator_org_id, supplier_org_id, currency, starts,
      ends, opening, earned, taken_back, commission, closing, state, made_at)
    values (s.id, s.number, (actor).org_id, g.supplier_org_id, g.currency,
      least(s.starts, g.since), p_until, s.opening, v_sums.earned, v_sums.taken_back,
      v_sums.commission, s.closing, case when s.closing > 0 then 'DUE' else 'CARRIED' end, p_now)
    returning * into s;
    update ledger.supplier_item i
       set settlement_id = s.id, rate_ppm = w.rate_ppm, commission = w.commission
      from ledger.stated_items((actor).org_id, g.supplier_org_id, g.currency, p_until) w
     where i.id = w.id;
    update ledger.settlement x set carried_to = s.id, version = version + 1
     where x.supplier_org_id = g.supplier_org_id and x.currency = g.currency
       and x.state = 'CARRIED' and x.carried_to is null and x.id <> s.id;
    if s.commission <> 0 then
      perform ledger.post_between('SETTLEMENT', s, 'PLATFORM_FEE', s.commission, p_now);
    end if;
    perform ledger.tell_settlement(actor, s, 'settlement.stated', p_now);
    made := made + 1;
  end loop;
  return made;
end $$;

-- The items a statement takes, each with the rate of its day and the commission at it.
create function ledger.stated_items(
  p_operator uuid, p_supplier uuid, p_currency text, p_until timestamptz
) returns table (id uuid, amount bigint, rate_ppm int, commission bigint)
language plpgsql stable as $$
begin
  return query
  select i.id, i.amount::bigint, r.rate,
         coalesce(ledger.half_even(i.amount::numeric * r.rate / 1000000), 0)
    from ledger.supplier_item i
   cross join lateral (
     select case when i.is_commissioned
                 then ledger.commission_on(p_operator, p_supplier, i.earned_on) end as rate) r
   where i.settlement_id is null and i.supplier_org_id = p_supplier and i.currency = p_currency
     and i.operator_org_id = p_operator and i.at < p_until
     and (r.rate is not null or not i.is_commissioned);
end $$;

-- From what a supplier is owed to an account of the operator, or back when below 0.
create function ledger.post_between(
  p_kind text, s ledger.settlement, p_account text, p_amount bigint, p_now timestamptz
) returns void language plpgsql as $$
declare
  owed constant ledger.account := ledger.account_of(
    s.supplier_org_id, 'SUPPLIER_PAYABLE', s.currency, s.operator_org_id, p_now);
  own constant ledger.account := ledger.account_of(
    s.operator_org_id, p_account, s.currency, s.operator_org_id, p_now);
begin
  if p_amount > 0 then
    perform ledger.post(p_kind, owed, own, p_amount, s.number, s.id, p_now);
  else
    perform ledger.post(p_kind, own, owed, -p_amount, s.number, s.id, p_now);
  end if;
end $$;

create function ledger.lock_settlement(actor accounts.actor, p_settlement uuid, p_state text)
returns ledger.settlement language plpgsql as $$
declare s ledger.settlement;
begin
  perform ledger.needs_operator(actor);
  select x.* into s from ledger.settlement x
   where x.id = p_settlement and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'settlement', 'key', 'stm_' || replace(p_settlement::text, '-', '')));
  elsif s.state <> p_state then
    perform kit.refuse('ledger.settlement_moved_on', jsonb_build_object(
      'number', s.number, 'state', s.state));
  end if;
  return s;
end $$;

-- Ask for a statement to be paid: somebody else decides.
create function ledger.ask_payout(actor accounts.actor, p_settlement uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare s ledger.settlement := ledger.lock_settlement(actor, p_settlement, 'DUE');
begin
  update ledger.settlement
     set state = 'ASKED', asked_by = (actor).name, asked_via_id = (actor).via_id,
         asked_at = p_now, version = version + 1
   where id = s.id returning * into s;
  perform ledger.tell_settlement(actor, s, 'settlement.asked', p_now);
end $$;

-- A second person pays a statement out, under the bank's name for it, or gives it back.
create function ledger.decide_payout(
  actor accounts.actor, p_settlement uuid, p_is_approved boolean, p_reference text,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare s ledger.settlement := ledger.lock_settlement(actor, p_settlement, 'ASKED');
begin
  if s.asked_via_id is not distinct from (actor).via_id then
    perform kit.refuse('ledger.needs_another', jsonb_build_object('asked_by', s.asked_by));
  end if;
  if p_is_approved then
    perform ledger.post_between('WITHDRAWAL', s, 'BANK', s.closing, p_now);
  end if;
  update ledger.settlement
     set state = case when p_is_approved then 'PAID' else 'DUE' end, version = version + 1,
         paid_by = case when p_is_approved then (actor).name else '' end,
         paid_at = case when p_is_approved then p_now end,
         payment_reference = case when p_is_approved then p_reference else '' end
   where id = s.id returning * into s;
  perform ledger.tell_settlement(actor, s, case when p_is_approved
    then 'settlement.paid' else 'settlement.returned' end, p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.proname in ('half_even', 'take_turns', 'needs_operator', 'earn', 'set_commission',
                'commission_on', 'tell_settlement', 'settle', 'stated_items', 'post_between',
                'lock_settlement', 'ask_payout', 'decide_payout') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  ledger.set_commission(accounts.actor, uuid, int, date, date, text, timestamptz),
  ledger.settle(accounts.actor, timestamptz, timestamptz),
  ledger.ask_payout(accounts.actor, uuid, timestamptz),
  ledger.decide_payout(accounts.actor, uuid, boolean, text, timestamptz) to bl_app;

-- Money from outside: bank transfers and payments as a provider or a bank file told of them, each
-- once; and what was reversed later.

create table ledger.incoming (
  id uuid primary key,
  operator_org_id uuid not null,
  -- Whose balance it went to; null while nobody knows.
  org_id uuid,
  -- Who told of it, and its own name for it: together known once.
  source text not null,
  external_id text not null,
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- What the sender wrote; it should name an order.
  reference text not null,
  state text not null check (state in ('UNMATCHED', 'CREDITED', 'PAID', 'REVERSED')),
  -- The order it paid.
  reference_id uuid,
  received_at timestamptz not null,
  updated_at timestamptz not null,
  unique (operator_org_id, source, external_id)
);
create index incoming_by_time on ledger.incoming (operator_org_id, received_at desc, id desc);
create index incoming_by_org on ledger.incoming (org_id, received_at desc, id desc);
select kit.protect('ledger.incoming', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert, update');

set local role beltline_core;

-- Keep word of money that came; the row, locked. The same source and name with another amount is
-- refused: it would be another payment.
create function ledger.hear_of(
  p_operator uuid, p_source text, p_external_id text, p_amount bigint, p_currency text,
  p_reference text, p_now timestamptz
) returns ledger.incoming language plpgsql as $$
declare i ledger.incoming;
begin
  insert into ledger.incoming (id, operator_org_id, source, external_id, amount, currency,
    reference, state, received_at, updated_at)
  values (kit.uuid7(p_now), p_operator, p_source, p_external_id, p_amount, p_currency,
    p_reference, 'UNMATCHED', p_now, p_now)
  on conflict (operator_org_id, source, external_id) do nothing;
  select * into strict i from ledger.incoming x
   where x.operator_org_id = p_operator and x.source = p_source and x.external_id = p_external_id
     for no key update;
  if (i.amount, i.currency) <> (p_amount, p_currency) then
    perform kit.refuse('ledger.incoming_differs', jsonb_build_object(
      'source', p_source, 'external_id', p_external_id, 'amount', i.amount,
      'currency', i.currency));
  end if;
  return i;
end $$;

-- Credit money that came to a buyer's balance. Nothing when it was credited before.
create function ledger.credit_incoming(p_incoming uuid, p_org uuid, p_now timestamptz)
returns void language plpgsql as $$
declare i ledger.incoming;
begin
  select * into strict i from ledger.incoming x where x.id = p_incoming for no key update;
  if i.state = 'UNMATCHED' then
    perform ledger.deposit(p_org, i.operator_org_id, i.amount, i.currency,
                           left(i.reference, 200), i.id, p_now);
    update ledger.incoming set state = 'CREDITED', org_id = p_org, updated_at = p_now
     where id = i.id;
  end if;
end $$;

create function ledger.mark_paid(p_incoming uuid, p_order uuid, p_now timestamptz)
returns void language plpgsql as $$
begin
  update ledger.incoming set state = 'PAID', reference_id = p_order, updated_at = p_now
   where id = p_incoming;
end $$;

-- The operator says whose money an unmatched payment is.
create function ledger.assign_incoming(
  actor accounts.actor, p_incoming uuid, p_org uuid, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_state text;
begin
  perform accounts.enter(actor);
  select i.state into v_state from ledger.incoming i
   where i.id = p_incoming and i.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'payment', 'key', p_incoming));
  elsif v_state <> 'UNMATCHED' then
    perform kit.refuse('ledger.incoming_settled', jsonb_build_object('state', v_state));
  elsif not exists (select from accounts.organization o
                     where o.id = p_org and o.kind in ('BUYER', 'AGENT')) then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'buyer', 'key', p_org));
  end if;
  perform ledger.credit_incoming(p_incoming, p_org, p_now);
  perform accounts.record_audit(actor, p_now, 'assign', 'incoming', p_incoming,
                                jsonb_build_object('org_id', p_org));
end $$;

-- Money that was taken back by the bank or the card's holder: from the buyer's balance as far as it
-- goes, the rest is the network's loss. What it paid for meanwhile stays paid. Twice is once;
-- returns the loss in minor units.
create function ledger.reverse_incoming(
  actor accounts.actor, p_source text, p_external_id text, p_now timestamptz
) returns bigint language plpgsql security definer set search_path = '' as $$
declare
  i ledger.incoming; buyer ledger.account; bank ledger.account; v_there bigint; v_taken bigint;
begin
  perform accounts.enter(actor);
  select * into i from ledger.incoming x
   where x.operator_org_id = (actor).org_id and x.source = p_source
     and x.external_id = p_external_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'payment', 'key', p_source || ' ' || p_external_id));
  elsif i.state = 'REVERSED' then
    return 0;
  end if;
  v_taken := 0;
  if i.org_id is not null then
    buyer := ledger.account_of(i.org_id, 'BUYER_BALANCE', i.currency, i.operator_org_id, p_now);
    bank := ledger.account_of(i.operator_org_id, 'BANK', i.currency, i.operator_org_id, p_now);
    select b.available into v_there from ledger.balance b where b.account_id = buyer.id
       for no key update;
    v_taken := least(i.amount, coalesce(v_there, 0));
    if v_taken > 0 then
      update ledger.balance set available = available - v_taken, updated_at = p_now
       where account_id = buyer.id;
      perform ledger.post('CHARGEBACK', buyer, bank, v_taken, left(i.reference, 200), i.id, p_now);
    end if;
    if v_taken < i.amount then
      perform ledger.post('CHARGEBACK',
        ledger.account_of(i.operator_org_id, 'CHARGEBACKS', i.currency, i.operator_org_id, p_now),
        bank, i.amount - v_taken, left(i.reference, 200), i.id, p_now);
    end if;
  end if;
  update ledger.incoming set state = 'REVERSED', updated_at = p_now where id = i.id;
  perform accounts.record_audit(actor, p_now, 'reverse', 'incoming', i.id,
    jsonb_build_object('taken', v_taken, 'amount', i.amount, 'currency', i.currency));
  return case when i.org_id is null then 0 else i.amount - v_taken end;
end $$;

-- Change some of a buyer's money into another currency at a dated rate: the buyer gives
-- `p_amount` and gets what it is worth, rounded down, less a margin of `p_spread_ppm` parts in a
-- million. What rounding leaves goes to an account of its own, so that nothing appears or is lost.
-- Returns what the buyer got.
create function ledger.exchange(
  actor accounts.actor, p_from text, p_to text, p_amount bigint, p_rate numeric,
  p_reference text, p_spread_ppm int, p_now timestamptz
) returns bigint language plpgsql security definer set search_path = '' as $$
declare
  v_operator constant uuid := accounts.operator_org();
  v_org constant uuid := (actor).org_id;
  v_exact constant numeric :=
    p_amount * p_rate * kit.minor_factor(p_to) / kit.minor_factor(p_from);
  v_worth constant bigint := floor(v_exact);
  v_got constant bigint := floor(v_exact * (1000000 - p_spread_ppm) / 1000000);
  v_margin constant bigint := floor(v_exact * p_spread_ppm / 1000000);
  v_id constant uuid := kit.uuid7(p_now);
  gives ledger.account; gets ledger.account;
begin
  perform accounts.enter(actor);
  if v_got <= 0 then
    perform kit.refuse('ledger.too_little_to_exchange', jsonb_build_object(
      'amount', p_amount, 'from_', p_from, 'to', p_to));
  end if;
  gives := ledger.account_of(v_org, 'BUYER_BALANCE', p_from, v_operator, p_now);
  gets := ledger.account_of(v_org, 'BUYER_BALANCE', p_to, v_operator, p_now);
  perform from ledger.lock_funds(array[v_org], array['BUYER_BALANCE'], array[p_from, p_to]);
  update ledger.balance set available = available - p_amount, updated_at = p_now
   where account_id = gives.id and available >= p_amount;
  if not found then
    perform ledger.refuse_funds(v_org, 'BUYER_BALANCE', p_from, p_amount);
  end if;
  perform ledger.credit(gets.id, v_got, p_now);
  insert into ledger.transfer (id, at, kind, reference, reference_id, operator_org_id,
                               counterparty_org_id)
  values (v_id, p_now, 'EXCHANGE', p_reference, null, v_operator, v_org);
  insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id, amount,
                            currency)
  select kit.uuid7(p_now), p_now, v_id, a.id, a.org_id, v_operator, e.amount, a.currency
    from (values (v_org, 'BUYER_BALANCE', p_from, -p_amount),
                 (v_operator, 'FX', p_from, p_amount),
                 (v_operator, 'FX', p_to, -v_worth),
                 (v_org, 'BUYER_BALANCE', p_to, v_got),
                 (v_operator, 'FX_SPREAD', p_to, v_margin),
                 (v_operator, 'ROUNDING', p_to, v_worth - v_got - v_margin)
         ) as e(org_id, kind, currency, amount)
    cross join lateral ledger.account_of(e.org_id, e.kind, e.currency, v_operator, p_now) a
   where e.amount <> 0;
  perform accounts.record_audit(actor, p_now, 'exchange', 'balance', v_id, jsonb_build_object(
    'from', p_from, 'to', p_to, 'gave', p_amount, 'got', v_got, 'rate', p_rate::text,
    'margin', v_margin, 'source', p_reference));
  return v_got;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.prorettype <> 'trigger'::regtype
              and pg_get_userbyid(p.proowner) = 'beltline_core' loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  ledger.assign_incoming(accounts.actor, uuid, uuid, timestamptz),
  ledger.reverse_incoming(accounts.actor, text, text, timestamptz),
  ledger.exchange(accounts.actor, text, text, bigint, numeric, text, int, timestamptz) to bl_app;

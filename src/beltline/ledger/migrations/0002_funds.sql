-- What buyers pay orders with: their balance or a credit line; many orders at once.

-- A buyer's line of credit in one currency. The limit is the overdraft of its account, so that
-- spending it is the same conditional update as spending a balance.
create table ledger.credit_line (
  account_id uuid primary key references ledger.account,
  org_id uuid not null,
  operator_org_id uuid not null,
  currency text not null,
  credit_limit ledger.limited not null,
  -- The day of the next month on which a month's orders are to be paid.
  due_day int not null check (due_day between 1 and 28),
  -- Of what is overdue, once a statement, in parts of a million.
  late_fee_ppm int not null check (late_fee_ppm between 0 and 200000),
  state text not null default 'OPEN' check (state in ('OPEN', 'SUSPENDED')),
  version bigint not null default 1,
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  unique (org_id, currency)
);
select kit.protect('ledger.credit_line', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert, update');

set local role beltline_core;

-- Lock the accounts that some buyers pay from and say what each may spend. A suspended line of
-- credit may spend nothing. `kinds` holds BUYER_BALANCE and BUYER_CREDIT.
create function ledger.lock_funds(orgs uuid[], kinds text[], currencies text[])
returns table (org_id uuid, kind text, currency text, account_id uuid, available bigint)
language plpgsql as $$
begin
  return query
  select a.org_id, a.kind::text, a.currency, b.account_id,
         case when a.kind = 'BUYER_CREDIT' and not exists (
                select from ledger.credit_line c where c.account_id = a.id and c.state = 'OPEN')
              then 0 else b.available::bigint end
    from ledger.account a join ledger.balance b on b.account_id = a.id
   where a.org_id = any(orgs) and a.kind = any(kinds) and a.currency = any(currencies)
   order by b.account_id
     for no key update of b;
end $$;

-- Hold for many orders what their buyers pay, each from its account. The arrays are parallel; an
-- entry without an account is left out. Refuses all when one does not suffice, whatever the
-- caller believed.
create function ledger.hold_many(
  p_run text, orgs uuid[], account_ids uuid[], amounts bigint[], currencies text[],
  p_references text[], reference_ids uuid[], p_operator uuid, p_now timestamptz
) returns void language plpgsql as $$
declare is_complete boolean; held uuid[];
begin
  select array_agg((ledger.account_of(p_operator, 'HELD_FOR_BUYERS', c.currency, p_operator,
                                      p_now)).id order by c.n)
    into held
    from (select distinct on (u.currency) u.currency, u.n
            from unnest(currencies, account_ids) with ordinality as u(currency, account_id, n)
           where u.account_id is not null order by u.currency) c;
  with wanted as (
    select w.account_id, sum(w.amount)::bigint as amount
      from unnest(account_ids, amounts) as w(account_id, amount)
     where w.account_id is not null group by w.account_id
  ), taken as (
    update ledger.balance b set available = b.available - w.amount, updated_at = p_now
      from wanted w where b.account_id = w.account_id and b.available >= w.amount
    returning 1
  )
  select (select count(*) from taken) = (select count(*) from wanted) into is_complete;
  if not is_complete then
    raise exception 'funds were not locked' using errcode = 'check_violation';
  end if;
  insert into ledger.transfer (id, at, kind, reference, reference_id, operator_org_id,
                               counterparty_org_id)
  select kit.id_at(p_run, t.n), p_now, 'ORDER_HOLD', t.reference, t.reference_id, p_operator, t.org
    from unnest(orgs, account_ids, p_references, reference_ids) with ordinality
      as t(org, account_id, reference, reference_id, n)
   where t.account_id is not null;
  insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id, amount,
                            currency)
  select kit.id_at(p_run, 2 * t.n + s.side), p_now, kit.id_at(p_run, t.n),
         case s.side when 0 then t.account_id else h.id end,
         case s.side when 0 then t.org else p_operator end, p_operator,
         case s.side when 0 then -t.amount else t.amount end, t.currency
    from unnest(orgs, account_ids, amounts, currencies) with ordinality
      as t(org, account_id, amount, currency, n)
    cross join (values (0), (1)) as s(side)
    join ledger.account h on h.id = any(held) and h.currency = t.currency
   where t.account_id is not null;
  insert into ledger.hold (id, org_id, operator_org_id, reference, reference_id, amount, currency,
                           payer_account_id, created_at)
  select kit.id_at(p_run, t.n), t.org, p_operator, t.reference, t.reference_id, t.amount,
         t.currency, t.account_id, p_now
    from unnest(orgs, account_ids, amounts, currencies, p_references, reference_ids)
      with ordinality as t(org, account_id, amount, currency, reference, reference_id, n)
   where t.account_id is not null;
end $$;

-- Hold more of, or give back from, what one order's buyer paid: `p_change` above or below 0, from
-- and to the account that paid. Refuses what the account does not cover.
create function ledger.change_hold(
  p_reference_id uuid, p_change bigint, p_now timestamptz
) returns void language plpgsql as $$
declare h ledger.hold; payer ledger.account;
begin
  if p_change < 0 then
    perform ledger.refund_part(p_reference_id, -p_change, p_now);
  end if;
  if p_change <= 0 then
    return;
  end if;
  select * into strict h from ledger.hold where reference_id = p_reference_id for no key update;
  select * into strict payer from ledger.account where id = h.payer_account_id;
  update ledger.balance set available = available - p_change, updated_at = p_now
   where account_id = payer.id and available >= p_change;
  if not found then
    perform ledger.refuse_funds(payer.org_id, payer.kind, payer.currency, p_change);
  end if;
  perform ledger.post('ORDER_HOLD', payer,
    ledger.account_of(h.operator_org_id, 'HELD_FOR_BUYERS', h.currency, h.operator_org_id, p_now),
    p_change, h.reference, p_reference_id, p_now);
  update ledger.hold
     set amount = amount + p_change, state = ledger.hold_state_of(h, -1), closed_at = null
   where id = h.id;
end $$;

-- Why an account cannot pay, as a refusal's {code, fields}. `p_available` is what it has left,
-- when the caller knows better than the balance kept.
create function ledger.no_funds(
  p_org uuid, p_kind text, p_currency text, p_needed bigint, p_available bigint default null
) returns jsonb language plpgsql stable as $$
declare
  v_available constant bigint := coalesce(p_available, (
    select b.available from ledger.balance b join ledger.account a on a.id = b.account_id
     where a.org_id = p_org and a.kind = p_kind and a.currency = p_currency), 0);
  v_state text;
begin
  if p_kind = 'BUYER_BALANCE' then
    return jsonb_build_object('code', 'ledger.insufficient_balance', 'fields', jsonb_build_object(
      'needed', p_needed, 'currency', p_currency, 'available', v_available,
      'param', 'payment.method'));
  end if;
  select c.state into v_state from ledger.credit_line c
   where c.org_id = p_org and c.currency = p_currency;
  if not found then
    return jsonb_build_object('code', 'ledger.no_credit_line', 'fields', jsonb_build_object(
      'currency', p_currency, 'param', 'payment.method'));
  elsif v_state = 'SUSPENDED' then
    return jsonb_build_object('code', 'ledger.credit_suspended', 'fields', jsonb_build_object(
      'currency', p_currency, 'param', 'payment.method'));
  end if;
  return jsonb_build_object('code', 'ledger.credit_limit_exceeded', 'fields', jsonb_build_object(
    'needed', p_needed, 'currency', p_currency, 'available', v_available,
    'param', 'payment.method'));
end $$;

create function ledger.refuse_funds(p_org uuid, p_kind text, p_currency text, p_needed bigint)
returns void language plpgsql as $$
declare v_why constant jsonb := ledger.no_funds(p_org, p_kind, p_currency, p_needed);
begin
  perform kit.refuse(v_why->>'code', v_why->'fields');
end $$;

-- The kind of account a way to pay draws on; null when the money comes from outside.
create function ledger.kind_of_payment(p_method text) returns text language sql immutable as $$
  select case p_method when 'BALANCE' then 'BUYER_BALANCE' when 'CREDIT' then 'BUYER_CREDIT' end
$$;

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

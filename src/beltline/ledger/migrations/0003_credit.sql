-- Credit: lines, what is due each month, late fees, repayment.

-- What a buyer owes of one month's orders. `charged` less `settled` is due on `due_on`.
create table ledger.statement (
  id uuid primary key,
  account_id uuid not null references ledger.account,
  org_id uuid not null,
  operator_org_id uuid not null,
  currency text not null,
  month date not null check (extract(day from month) = 1),
  charged ledger.limited not null,
  settled ledger.limited not null default 0,
  late_fee ledger.limited not null default 0,
  due_on date not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'OVERDUE', 'PAID')),
  version bigint not null default 1,
  made_at timestamptz not null,
  updated_at timestamptz not null,
  unique (account_id, month),
  check (settled <= charged + late_fee)
);
create index statement_by_org on ledger.statement (org_id, month desc, id);
create index statement_by_due on ledger.statement (due_on, id) where state <> 'PAID';
select kit.protect('ledger.statement', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert, update');

set local role beltline_core;

-- Open a line of credit, or change its limit, day and fee. A limit below what is owed is refused.
create function ledger.set_credit_line(
  actor accounts.actor, p_org uuid, p_currency text, p_limit bigint, p_due_day int,
  p_late_fee_ppm int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare a ledger.account; b ledger.balance; v_used bigint;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  elsif not exists (select from accounts.organization o
                     where o.id = p_org and o.kind in ('BUYER', 'AGENT')) then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'buyer', 'key', p_org));
  end if;
  a := ledger.account_of(p_org, 'BUYER_CREDIT', p_currency, (actor).org_id, p_now);
  -- The line before its statements and its balance, as everywhere.
  perform from ledger.credit_line c where c.account_id = a.id for no key update;
  insert into ledger.balance (account_id, available, updated_at) values (a.id, 0, p_now)
  on conflict do nothing;
  select * into strict b from ledger.balance x where x.account_id = a.id for no key update;
  v_used := b.overdraft - b.available;
  if v_used > p_limit then
    perform kit.refuse('ledger.limit_below_debt', jsonb_build_object(
      'limit', p_limit, 'owed', v_used, 'currency', p_currency));
  end if;
  update ledger.balance set overdraft = p_limit, available = p_limit - v_used, updated_at = p_now
   where account_id = a.id;
  insert into ledger.credit_line as c (account_id, org_id, operator_org_id, currency, credit_limit,
    due_day, late_fee_ppm, opened_at, updated_at)
  values (a.id, p_org, (actor).org_id, p_currency, p_limit, p_due_day, p_late_fee_ppm, p_now, p_now)
  on conflict (account_id) do update
    set credit_limit = excluded.credit_limit, due_day = excluded.due_day,
        late_fee_ppm = excluded.late_fee_ppm, version = c.version + 1,
        updated_at = excluded.updated_at;
  perform accounts.record_audit(actor, p_now, 'set', 'credit_line', a.id, jsonb_build_object(
    'org_id', p_org, 'currency', p_currency, 'limit', p_limit, 'due_day', p_due_day,
    'late_fee_ppm', p_late_fee_ppm));
end $$;

-- What was charged to a credit account in a month. What is given back of it is no part: it settles
-- statements, of this month or of those before.
create function ledger.charged_in(p_account uuid, p_from timestamptz, p_until timestamptz)
returns bigint language plpgsql stable as $$
begin
  return -coalesce((
    select sum(e.amount) from ledger.entry e
      join ledger.transfer t on t.id = e.transfer_id and t.at = e.at
     where e.account_id = p_account and e.at >= p_from and e.at < p_until
       and t.kind = 'ORDER_HOLD'), 0)::bigint;
end $$;

-- Settle what is stated and unpaid of a credit account, the oldest first; the caller has locked its
-- line, which is open again when nothing of it is overdue.
create function ledger.settle_statements(
  p_account ledger.account, p_amount bigint, p_now timestamptz
) returns void language plpgsql as $$
declare s ledger.statement; v_rest bigint := p_amount; v_part bigint;
begin
  for s in select * from ledger.statement x
            where x.account_id = p_account.id and x.state <> 'PAID'
            order by x.month for no key update
  loop
    v_part := least(v_rest, s.charged + s.late_fee - s.settled);
    exit when v_part = 0;
    v_rest := v_rest - v_part;
    update ledger.statement
       set settled = settled + v_part, version = version + 1, updated_at = p_now,
           state = case when settled + v_part = charged + late_fee then 'PAID' else state end
     where id = s.id;
    perform kit.record_event('statement.settled', 1, 'statement', s.id, s.version + 1, p_now,
      s.operator_org_id, s.org_id, null, jsonb_build_object('month', s.month,
        'currency', s.currency, 'amount', v_part));
  end loop;
  update ledger.credit_line c set state = 'OPEN', version = version + 1, updated_at = p_now
   where c.account_id = p_account.id and c.state = 'SUSPENDED' and not exists (
     select from ledger.statement x where x.account_id = p_account.id and x.state = 'OVERDUE');
end $$;

-- Draw up the statements of the month that ended, one for each account that was charged. What was
-- repaid or given back beyond earlier statements counts at once. Twice is once; returns how many
-- were made.
create function ledger.make_statements(actor accounts.actor, p_month date, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare
  c ledger.credit_line; v_charged bigint; v_paid bigint; v_id uuid; made int := 0;
  v_from constant timestamptz := kit.day_start(p_month);
  v_until constant timestamptz := kit.day_start((p_month + interval '1 month')::date);
begin
  perform accounts.enter(actor);
  for c in select * from ledger.credit_line x where x.operator_org_id = (actor).org_id
           order by x.account_id for no key update
  loop
    continue when exists (
      select from ledger.statement s where s.account_id = c.account_id and s.month = p_month);
    v_charged := ledger.charged_in(c.account_id, v_from, v_until);
    continue when v_charged = 0;
    -- Repaid and given back in all, less what earlier statements took of it.
    v_paid := coalesce((select sum(e.amount) from ledger.entry e
                          join ledger.transfer t on t.id = e.transfer_id and t.at = e.at
                         where e.account_id = c.account_id
                           and t.kind in ('CREDIT_REPAYMENT', 'ORDER_REFUND')), 0)
              - coalesce((select sum(s.settled - least(s.settled, s.late_fee))
                            from ledger.statement s where s.account_id = c.account_id), 0);
    v_paid := least(greatest(v_paid, 0), v_charged);
    v_id := kit.uuid7(p_now);
    insert into ledger.statement (id, account_id, org_id, operator_org_id, currency, month,
      charged, settled, due_on, state, made_at, updated_at)
    values (v_id, c.account_id, c.org_id, c.operator_org_id, c.currency, p_month, v_charged, v_paid,
      (p_month + interval '1 month')::date + c.due_day - 1,
      case when v_paid = v_charged then 'PAID' else 'OPEN' end, p_now, p_now);
    perform kit.record_event('statement.made', 1, 'statement', v_id, 1, p_now, c.operator_org_id,
      c.org_id, null, jsonb_build_object('month', p_month, 'currency', c.currency,
        'charged', v_charged, 'settled', v_paid));
    made := made + 1;
  end loop;
  return made;
end $$;

-- Statements past their day: a late fee, once, and no more credit until they are paid. Returns how
-- many fell due unpaid.
create function ledger.mark_overdue(actor accounts.actor, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare s ledger.statement; c ledger.credit_line; v_fee bigint; marked int := 0;
begin
  perform accounts.enter(actor);
  perform from ledger.credit_line x
   where x.account_id in (
     select y.account_id from ledger.statement y
      where y.state = 'OPEN' and y.operator_org_id = (actor).org_id
        and y.due_on < kit.day_of(p_now))
   order by x.account_id for no key update;
  for s in select * from ledger.statement x
            where x.state = 'OPEN' and x.operator_org_id = (actor).org_id
              and x.due_on < kit.day_of(p_now)
            order by x.id for no key update
  loop
    update ledger.credit_line set state = 'SUSPENDED', version = version + 1, updated_at = p_now
     where account_id = s.account_id returning * into c;
    v_fee := round((s.charged - s.settled)::numeric * c.late_fee_ppm / 1000000)::bigint;
    if v_fee > 0 then
      perform ledger.post('LATE_FEE',
        ledger.account_of(s.org_id, 'BUYER_FEES', s.currency, s.operator_org_id, p_now),
        ledger.account_of(s.operator_org_id, 'LATE_FEES', s.currency, s.operator_org_id, p_now),
        v_fee, 'statement ' || to_char(s.month, 'YYYY-MM'), s.id, p_now);
    end if;
    update ledger.statement
       set state = 'OVERDUE', late_fee = v_fee, version = version + 1, updated_at = p_now
     where id = s.id;
    perform kit.record_event('statement.overdue', 1, 'statement', s.id, s.version + 1, p_now,
      s.operator_org_id, s.org_id, null, jsonb_build_object('month', s.month,
        'currency', s.currency, 'late_fee', v_fee, 'owed', s.charged - s.settled + v_fee));
    perform accounts.record_audit(actor, p_now, 'mark_overdue', 'statement', s.id,
      jsonb_build_object('late_fee', v_fee));
    marked := marked + 1;
  end loop;
  return marked;
end $$;

-- Repay what is owed on credit in one currency from the buyer's balance: late fees first, then the
-- oldest statement, then what no statement names yet. Refuses more than is owed. A line whose
-- statements are all paid is open again.
create function ledger.repay_credit(
  actor accounts.actor, p_currency text, p_amount bigint, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_operator constant uuid := accounts.operator_org();
  v_org constant uuid := (actor).org_id;
  buyer ledger.account; credit ledger.account; fees ledger.account; b ledger.balance;
  v_used bigint; v_fees bigint; v_part bigint;
begin
  perform accounts.enter(actor);
  perform from ledger.credit_line c where c.org_id = v_org and c.currency = p_currency
     for no key update;
  if not found then
    perform kit.refuse('ledger.no_credit_line', jsonb_build_object(
      'currency', p_currency, 'param', 'currency'));
  end if;
  buyer := ledger.account_of(v_org, 'BUYER_BALANCE', p_currency, v_operator, p_now);
  credit := ledger.account_of(v_org, 'BUYER_CREDIT', p_currency, v_operator, p_now);
  fees := ledger.account_of(v_org, 'BUYER_FEES', p_currency, v_operator, p_now);
  perform from ledger.lock_funds(array[v_org], array['BUYER_BALANCE', 'BUYER_CREDIT'],
                                 array[p_currency]);
  select * into b from ledger.balance x where x.account_id = credit.id;
  v_used := b.overdraft - b.available;
  v_fees := -coalesce((select sum(e.amount) from ledger.entry e where e.account_id = fees.id), 0);
  if p_amount > v_used + v_fees then
    perform kit.refuse('ledger.nothing_owed', jsonb_build_object(
      'amount', p_amount, 'owed', v_used + v_fees, 'currency', p_currency, 'param', 'amount'));
  end if;
  update ledger.balance set available = available - p_amount, updated_at = p_now
   where account_id = buyer.id and available >= p_amount;
  if not found then
    perform ledger.refuse_funds(v_org, 'BUYER_BALANCE', p_currency, p_amount);
  end if;
  v_part := least(v_fees, p_amount);
  if v_part > 0 then
    perform ledger.post('CREDIT_REPAYMENT', buyer, fees, v_part, 'late fee', null, p_now);
  end if;
  if p_amount > v_part then
    perform ledger.post('CREDIT_REPAYMENT', buyer, credit, p_amount - v_part, 'credit repayment',
                        null, p_now);
    perform ledger.credit(credit.id, p_amount - v_part, p_now);
  end if;
  perform ledger.settle_statements(credit, p_amount, p_now);
  perform accounts.record_audit(actor, p_now, 'repay', 'credit_line', credit.id,
    jsonb_build_object('amount', p_amount, 'currency', p_currency));
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
  ledger.set_credit_line(accounts.actor, uuid, text, bigint, int, int, timestamptz),
  ledger.repay_credit(accounts.actor, text, bigint, timestamptz) to bl_app;

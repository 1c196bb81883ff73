-- Double entry, append-only. A transfer's entries sum to zero per currency.

-- Limits of one column are domains, not CHECKs of the table: a table's CHECK is parsed anew by
-- every statement that writes it, a domain's once a connection.
create domain ledger.account_kind as text check (value in (
  'BUYER_BALANCE', 'BUYER_CREDIT', 'BUYER_FEES', 'HELD_FOR_BUYERS', 'SALES', 'BANK',
  'SUPPLIER_PAYABLE', 'PLATFORM_FEE', 'LATE_FEES', 'CHARGEBACKS', 'FX', 'FX_SPREAD', 'ROUNDING'));
create domain ledger.transfer_kind as text check (value in (
  'DEPOSIT', 'WITHDRAWAL', 'ORDER_HOLD', 'ORDER_RELEASE', 'ORDER_REFUND', 'CREDIT_REPAYMENT',
  'LATE_FEE', 'CHARGEBACK', 'SETTLEMENT', 'EXCHANGE', 'CORRECTION'));
create domain ledger.movement as bigint check (value <> 0);
create domain ledger.limited as bigint check (value >= 0);
create domain ledger.hold_state as text check (value in ('OPEN', 'CLOSED'));

create table ledger.account (
  id uuid primary key,
  -- Whose money it is: a party's balance, or the operator's own books.
  org_id uuid not null,
  kind ledger.account_kind not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  operator_org_id uuid not null,
  created_at timestamptz not null,
  unique (org_id, kind, currency)
);
select kit.protect('ledger.account', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert');

-- Only where a limit needs a running balance; never for an account every order touches.
-- `available` is the sum of the account's entries and what it may be overdrawn by: of a credit
-- account that is the credit limit.
create table ledger.balance (
  account_id uuid primary key references ledger.account,
  available ledger.limited not null,
  overdraft ledger.limited not null default 0,
  updated_at timestamptz not null
) with (fillfactor = 70);
select kit.protect('ledger.balance',
  'exists (select from ledger.account a where a.id = account_id)', 'select',
  'select, insert, update');

create table ledger.transfer (
  id uuid primary key,
  at timestamptz not null,
  kind ledger.transfer_kind not null,
  reference text not null,
  reference_id uuid,
  operator_org_id uuid not null,
  counterparty_org_id uuid not null
);
create index transfer_by_reference on ledger.transfer (reference_id, at);
-- Spans of time are read by seals only; transfers stand in order of time, so that a summary of
-- blocks finds them and costs an order nothing.
create index transfer_by_time on ledger.transfer using brin (at) with (autosummarize = on);
select kit.protect('ledger.transfer', '{org} in (operator_org_id, counterparty_org_id)',
                   'select', 'select, insert');

create table ledger.entry (
  id uuid not null,
  at timestamptz not null,
  transfer_id uuid not null,
  account_id uuid not null,
  org_id uuid not null,
  operator_org_id uuid not null,
  amount ledger.movement not null,
  currency text not null,
  primary key (id, at)
) partition by range (at);
create index entry_by_transfer on ledger.entry (transfer_id, at);
create index entry_by_account on ledger.entry (account_id, at desc, id desc);
select kit.protect('ledger.entry', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert');
select kit.partition_by_month('ledger.entry');

-- Money of a buyer that waits for the promise (trade assurance).
create table ledger.hold (
  id uuid primary key,
  org_id uuid not null,
  operator_org_id uuid not null,
  reference text not null,
  reference_id uuid not null unique,
  amount bigint not null,
  released bigint not null default 0,
  refunded bigint not null default 0,
  currency text not null,
  state ledger.hold_state not null default 'OPEN',
  -- Whose account paid, and gets back what is refunded: a balance or a credit line.
  payer_account_id uuid not null references ledger.account,
  created_at timestamptz not null,
  closed_at timestamptz,
  check (least(amount - 1, released, refunded, amount - released - refunded) >= 0
         and (state = 'CLOSED') = (released + refunded = amount))
);
create index hold_by_org on ledger.hold (org_id, created_at desc, id desc);
select kit.protect('ledger.hold', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert, update');

set local role beltline_core;

-- At commit every transfer must have entries and each currency among them must sum to zero.
-- It belongs to beltline_core because a deferred trigger runs as whoever commits, and a party
-- sees only its own entries. No later statement may add to a transfer unnoticed, because each
-- statement's own entries must balance too (below).
-- `at` names the partition: without it every month's index would be searched.
create function ledger.check_transfer() returns trigger
language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
begin
  if not coalesce((select bool_and(c.total = 0)
                     from (select sum(e.amount) as total from ledger.entry e
                            where e.transfer_id = new.id and e.at = new.at
                            group by e.currency) c), false) then
    raise exception 'transfer % does not balance', new.id using errcode = 'check_violation';
  end if;
  return null;
end $$;

set local role bl_owner;

create constraint trigger balances after insert on ledger.transfer
  deferrable initially deferred for each row execute function ledger.check_transfer();

create function ledger.check_entries() returns trigger language plpgsql as $$
begin
  if exists (select from added a
               left join ledger.transfer t on t.id = a.transfer_id and t.at = a.at
              group by a.transfer_id, a.currency
             having sum(a.amount) <> 0 or bool_or(t.id is null)) then
    raise exception 'entries of a statement do not balance' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger balances after insert on ledger.entry
  referencing new table as added for each statement execute function ledger.check_entries();

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only; post a correction' using errcode = 'check_violation';
end $$;
create trigger append_only before update or delete on ledger.entry
  for each row execute function ledger.refuse_change();
create trigger append_only before update or delete on ledger.transfer
  for each row execute function ledger.refuse_change();

set local role beltline_core;

-- The account of an organization, made when first needed.
create function ledger.account_of(
  p_org uuid, p_kind text, p_currency text, p_operator uuid, p_now timestamptz
) returns ledger.account language plpgsql as $$
declare a ledger.account;
begin
  select * into a from ledger.account
   where org_id = p_org and kind = p_kind and currency = p_currency;
  if found then
    return a;
  end if;
  insert into ledger.account (id, org_id, kind, currency, operator_org_id, created_at)
  values (kit.uuid7(p_now), p_org, p_kind, p_currency, p_operator, p_now)
  on conflict (org_id, kind, currency) do nothing;
  select * into strict a from ledger.account
   where org_id = p_org and kind = p_kind and currency = p_currency;
  return a;
end $$;

-- One balanced transfer of two entries: `p_amount` goes from one account to another.
create function ledger.post(
  p_kind text, p_from ledger.account, p_to ledger.account, p_amount bigint,
  p_reference text, p_reference_id uuid, p_now timestamptz
) returns uuid language plpgsql as $$
declare v_transfer constant uuid := kit.uuid7(p_now);
begin
  if p_amount is null or p_amount <= 0 then
    raise exception 'a transfer moves a positive amount' using errcode = 'check_violation';
  elsif p_from.currency <> p_to.currency then
    raise exception 'accounts of % and %', p_from.currency, p_to.currency
      using errcode = 'check_violation';
  end if;
  insert into ledger.transfer (id, at, kind, reference, reference_id, operator_org_id,
                               counterparty_org_id)
  values (v_transfer, p_now, p_kind, p_reference, p_reference_id, p_from.operator_org_id,
          case when p_from.org_id <> p_from.operator_org_id then p_from.org_id
               else p_to.org_id end);
  insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id, amount,
                            currency)
  values (kit.uuid7(p_now), p_now, v_transfer, p_from.id, p_from.org_id, p_from.operator_org_id,
          -p_amount, p_from.currency),
         (kit.uuid7(p_now), p_now, v_transfer, p_to.id, p_to.org_id, p_to.operator_org_id,
          p_amount, p_to.currency);
  return v_transfer;
end $$;

create function ledger.available_balance(p_org uuid, p_currency text) returns bigint
language sql stable as $$
  select coalesce((select b.available from ledger.balance b join ledger.account a
                       on a.id = b.account_id
                    where a.org_id = p_org and a.kind = 'BUYER_BALANCE'
                      and a.currency = p_currency), 0)
$$;

create function ledger.credit(p_account uuid, p_amount bigint, p_now timestamptz) returns void
language plpgsql as $$
begin
  insert into ledger.balance as b (account_id, available, updated_at)
  values (p_account, p_amount, p_now)
  on conflict (account_id) do update
    set available = b.available + excluded.available, updated_at = excluded.updated_at;
end $$;

-- Give money of an order back to the account that paid it. On credit it settles what was stated,
-- as a repayment does: what the buyer does not owe any more must not fall due.
create function ledger.give_back(
  h ledger.hold, p_from text, p_amount bigint, p_now timestamptz
) returns void language plpgsql as $$
declare payer ledger.account;
begin
  select * into strict payer from ledger.account where id = h.payer_account_id;
  if payer.kind = 'BUYER_CREDIT' then
    perform from ledger.credit_line c where c.account_id = payer.id for no key update;
    perform ledger.settle_statements(payer, p_amount, p_now);
  end if;
  perform ledger.credit(payer.id, p_amount, p_now);
  perform ledger.post('ORDER_REFUND',
    ledger.account_of(h.operator_org_id, p_from, h.currency, h.operator_org_id, p_now),
    payer, p_amount, h.reference, h.reference_id, p_now);
end $$;

-- Give a hold's money back to the buyer, all that is left of it. Returns the amount.
create function ledger.refund_hold(p_reference_id uuid, p_now timestamptz) returns bigint
language plpgsql as $$
declare h ledger.hold; rest bigint;
begin
  select * into h from ledger.hold where reference_id = p_reference_id for no key update;
  rest := coalesce(h.amount - h.released - h.refunded, 0);
  if rest = 0 then
    return 0;
  end if;
  perform ledger.give_back(h, 'HELD_FOR_BUYERS', rest, p_now);
  update ledger.hold set refunded = refunded + rest, state = 'CLOSED', closed_at = p_now
   where id = h.id;
  return rest;
end $$;

-- Money a buyer paid in: from the operator's bank account to the buyer's balance.
create function ledger.deposit(
  p_org uuid, p_operator uuid, p_amount bigint, p_currency text, p_reference text,
  p_reference_id uuid, p_now timestamptz
) returns uuid language plpgsql as $$
declare
  bank constant ledger.account :=
    ledger.account_of(p_operator, 'BANK', p_currency, p_operator, p_now);
  buyer constant ledger.account :=
    ledger.account_of(p_org, 'BUYER_BALANCE', p_currency, p_operator, p_now);
begin
  perform ledger.credit(buyer.id, p_amount, p_now);
  return ledger.post('DEPOSIT', bank, buyer, p_amount, p_reference, p_reference_id, p_now);
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

-- Papers of money: invoices and credit notes of orders, statements of accounts by month. A paper is
-- what was true when it was issued; what changes afterwards is said by another paper.

-- The newest number of a series: without gaps per issuer and year, because its row is locked by who
-- takes a number until the paper stands, and a number of what was rolled back is taken by the next.
create table ledger.paper_series (
  operator_org_id uuid not null,
  year int not null,
  kind text not null check (kind in ('INVOICE', 'CREDIT_NOTE', 'ACCOUNT_STATEMENT',
                                     'CREDIT_STATEMENT')),
  latest int not null default 0 check (latest >= 0),
  primary key (operator_org_id, year, kind)
);
select kit.protect('ledger.paper_series', 'operator_org_id = {org}', '', 'select, insert, update');

create table ledger.paper (
  id uuid primary key,
  operator_org_id uuid not null,
  -- The buyer it is for.
  org_id uuid not null,
  kind text not null,
  year int not null,
  serial int not null check (serial > 0),
  number text not null,
  -- The order, or the account, it is about.
  reference_id uuid not null,
  reference text not null,
  -- Of statements.
  month date check (extract(day from month) = 1),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- What is billed or given back; of a statement what stands at the end.
  total bigint not null,
  -- The parties as they were named, lines and sums.
  content jsonb not null,
  issued_on date not null,
  issued_at timestamptz not null,
  foreign key (operator_org_id, year, kind) references ledger.paper_series,
  unique (operator_org_id, year, kind, serial),
  unique (reference_id, month),
  check (case when kind in ('INVOICE', 'CREDIT_NOTE') then month is null and total > 0
              else month is not null end)
);
create index paper_by_operator on ledger.paper (operator_org_id, issued_at desc, id desc);
create index paper_by_number on ledger.paper (number);
create index paper_by_reference on ledger.paper (reference, issued_at desc, id desc);
create index paper_by_org on ledger.paper (org_id, issued_at desc, id desc);
select kit.protect('ledger.paper', '{org} in (org_id, operator_org_id)', 'select',
                   'select, insert');
create trigger append_only before update or delete on ledger.paper
  for each row execute function ledger.refuse_change();

set local role beltline_core;

-- Hold all series of a year, in one order: who issues two kinds never waits for who issues them the
-- other way round.
create function ledger.take_series(p_operator uuid, p_year int) returns void language plpgsql as $$
begin
  perform from ledger.paper_series s
   where s.operator_org_id = p_operator and s.year = p_year order by s.kind for no key update;
  if found then
    return;
  end if;
  insert into ledger.paper_series (operator_org_id, year, kind)
  select p_operator, p_year, k.kind
    from unnest(array['ACCOUNT_STATEMENT', 'CREDIT_NOTE', 'CREDIT_STATEMENT', 'INVOICE']) as k(kind)
   order by k.kind
  on conflict do nothing;
  perform from ledger.paper_series s
   where s.operator_org_id = p_operator and s.year = p_year order by s.kind for no key update;
end $$;

-- An organization as a paper names it, by its first legal entity where one is entered.
create function ledger.party_of(p_org uuid) returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('name', o.name, 'name_zh', o.name_zh, 'country', o.country,
             'legal_name', coalesce(e.name, ''), 'tax_id', coalesce(e.tax_id, ''))
      from accounts.organization o
      left join lateral (select x.name, x.tax_id from accounts.legal_entity x
                          where x.org_id = o.id order by x.created_at, x.id limit 1) e on true
     where o.id = p_org);
end $$;

-- Issue a paper under the next number of its series. The caller has taken the series.
create function ledger.issue_paper(
  actor accounts.actor, p_kind text, p_operator uuid, p_org uuid, p_reference_id uuid,
  p_reference text, p_month date, p_currency text, p_total bigint, p_content jsonb,
  p_now timestamptz
) returns void language plpgsql as $$
declare
  v_id constant uuid := kit.uuid7(p_now);
  v_day constant date := kit.day_of(p_now);
  v_year constant int := extract(year from v_day);
  v_serial int; v_number text; v_data jsonb;
begin
  update ledger.paper_series s set latest = s.latest + 1
   where s.operator_org_id = p_operator and s.year = v_year and s.kind = p_kind
  returning s.latest into strict v_serial;
  v_number := case p_kind when 'INVOICE' then 'INV' when 'CREDIT_NOTE' then 'CRN'
                          when 'ACCOUNT_STATEMENT' then 'ACS' else 'CRS' end
              || '-' || v_year || '-' || lpad(v_serial::text, greatest(6, length(v_serial::text)), '0');
  insert into ledger.paper (id, operator_org_id, org_id, kind, year, serial, number, reference_id,
    reference, month, currency, total, content, issued_on, issued_at)
  values (v_id, p_operator, p_org, p_kind, v_year, v_serial, v_number, p_reference_id, p_reference,
    p_month, p_currency, p_total, jsonb_build_object(
      'seller', ledger.party_of(p_operator), 'buyer', ledger.party_of(p_org)) || p_content,
    v_day, p_now);
  v_data := jsonb_build_object('number', v_number, 'kind', p_kind, 'reference', p_reference,
    'currency', p_currency, 'total', p_total);
  perform kit.record_event('paper.issued', 1, 'paper', v_id, 1, p_now, p_operator, p_org, null,
                           v_data);
  perform accounts.record_audit(actor, p_now, 'issue', 'paper', v_id, v_data);
end $$;

-- What a buyer has paid for an order, in all, less what was given back.
create function ledger.paid_for(p_reference_id uuid, p_org uuid) returns bigint
language plpgsql stable as $$
begin
  return -coalesce((
    select sum(e.amount) from ledger.transfer t
      join ledger.entry e on e.transfer_id = t.id and e.at = t.at
     where t.reference_id = p_reference_id and t.kind in ('ORDER_HOLD', 'ORDER_REFUND')
       and e.org_id = p_org), 0)::bigint;
end $$;

-- What the papers of an order bill in all, less what they give back, by line; with the unit price
-- that was billed last.
create function ledger.billed_lines(p_reference_id uuid)
returns table (line int, quantity bigint, amount bigint, unit_price numeric)
language plpgsql stable as $$
begin
  return query
  select l.line, sum(s.sign * l.quantity)::bigint, sum(s.sign * l.amount)::bigint,
         (array_agg(l.unit_price order by p.issued_at desc, p.serial desc)
            filter (where p.kind = 'INVOICE'))[1]
    from ledger.paper p
   cross join lateral (select case p.kind when 'INVOICE' then 1 else -1 end as sign) s
   cross join lateral jsonb_to_recordset(p.content->'lines')
     as l(line int, quantity bigint, amount bigint, unit_price numeric)
   where p.reference_id = p_reference_id and p.month is null
   group by l.line;
end $$;

create function ledger.is_billed(p_reference_id uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from ledger.paper p
                  where p.reference_id = p_reference_id and p.month is null);
end $$;

-- The accounts a statement of one sums up: with credit go the fees owed for it.
create function ledger.stated_accounts(a ledger.account) returns uuid[]
language plpgsql stable as $$
begin
  return array(
    select x.id from ledger.account x
     where x.org_id = (a).org_id and x.currency = (a).currency
       and (x.id = (a).id or (a).kind = 'BUYER_CREDIT' and x.kind = 'BUYER_FEES'));
end $$;

-- The sums of an account's month, on from its statement before. What is owed on credit counts above
-- 0, as what is there on a balance does.
create function ledger.sums_of(a ledger.account, p_from timestamptz, p_until timestamptz)
returns jsonb language plpgsql stable as $$
declare
  v_accounts constant uuid[] := ledger.stated_accounts(a);
  v_sign constant int := case (a).kind when 'BUYER_CREDIT' then -1 else 1 end;
  v_since timestamptz; v_opening bigint; v_in bigint; v_out bigint; v_entries bigint;
begin
  select (p.content->>'ends')::timestamptz, (p.content#>>'{sums,closing}')::bigint
    into v_since, v_opening
    from ledger.paper p
   where p.reference_id = (a).id and p.month < kit.day_of(p_from)
   order by p.month desc limit 1;
  v_opening := coalesce(v_opening, 0) + coalesce((
    select sum(v_sign * e.amount) from ledger.entry e
     where e.account_id = any(v_accounts) and e.at >= coalesce(v_since, '-infinity')
       and e.at < p_from), 0);
  select coalesce(sum(v_sign * e.amount) filter (where v_sign * e.amount > 0), 0),
         coalesce(sum(v_sign * e.amount) filter (where v_sign * e.amount < 0), 0), count(*)
    into v_in, v_out, v_entries
    from ledger.entry e
   where e.account_id = any(v_accounts) and e.at >= p_from and e.at < p_until;
  return jsonb_build_object('opening', v_opening, 'added', v_in, 'taken', v_out,
                            'closing', v_opening + v_in + v_out, 'entries', v_entries);
end $$;

-- State a month that has ended, for up to `p_limit` balances and lines of credit that moved in it;
-- how many. Twice is once.
create function ledger.issue_statements(
  actor accounts.actor, p_month date, p_limit int, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare
  v_from constant timestamptz := kit.day_start(p_month);
  v_until constant timestamptz := kit.day_start((p_month + interval '1 month')::date);
  a ledger.account; v_sums jsonb; v_due jsonb; made int := 0;
begin
  perform ledger.needs_operator(actor);
  -- Some minutes later, so that nothing enters the month after its statement.
  if p_now < v_until + interval '10 minutes' then
    perform kit.refuse('ledger.month_open', jsonb_build_object('month', to_char(p_month, 'YYYY-MM')));
  end if;
  perform ledger.take_series((actor).org_id,
                             extract(year from kit.day_of(p_now))::int);
  for a in
    select x.* from ledger.account x
     where x.operator_org_id = (actor).org_id and x.kind in ('BUYER_BALANCE', 'BUYER_CREDIT')
       and exists (select from ledger.entry e
                    where e.account_id = any(ledger.stated_accounts(x))
                      and e.at >= v_from and e.at < v_until)
       and not exists (select from ledger.paper p
                        where p.reference_id = x.id and p.month = p_month)
     order by x.id limit p_limit
  loop
    v_sums := ledger.sums_of(a, v_from, v_until);
    select jsonb_build_object('charged', s.charged, 'settled', s.settled,
             'due', s.charged + s.late_fee - s.settled, 'due_on', s.due_on)
      into v_due
      from ledger.statement s where s.account_id = a.id and s.month = p_month;
    perform ledger.issue_paper(actor,
      case a.kind when 'BUYER_CREDIT' then 'CREDIT_STATEMENT' else 'ACCOUNT_STATEMENT' end,
      a.operator_org_id, a.org_id, a.id, to_char(p_month, 'YYYY-MM'), p_month, a.currency,
      (v_sums->>'closing')::bigint, jsonb_build_object(
        'sums', v_sums, 'credit', v_due, 'starts', v_from, 'ends', v_until), p_now);
    made := made + 1;
  end loop;
  return made;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.proname in ('take_series', 'party_of', 'issue_paper', 'paid_for',
                'billed_lines', 'is_billed', 'stated_accounts', 'sums_of', 'issue_statements') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

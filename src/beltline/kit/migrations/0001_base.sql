-- Protection, partitions, clock, refusals, events, idempotency, jobs.

-- Row-level security for one table, FORCEd, with the policies every table has.
-- `readable` is what bl_app may see, `writable` what it may change (the same unless given);
-- write {org} for the acting organization.
-- `app_verbs` are granted to bl_app (usually only select: it writes through functions),
-- `core_verbs` to bl_sys and beltline_core (append-only tables: select, insert).
create function kit.protect(
  target regclass, readable text, app_verbs text default 'select',
  core_verbs text default 'select, insert, update, delete', writable text default null
) returns void language plpgsql as $$
declare
  actor text := '(select current_setting(''app.org'')::uuid)';
  may_read text := replace(readable, '{org}', actor);
  may_write text := replace(coalesce(writable, readable), '{org}', actor);
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy app_read on %s for select to bl_app using (%s)',
                 target, may_read);
  execute format('create policy app_write on %s to bl_app using (%s) with check (%s)',
                 target, may_write, may_write);
  execute format('create policy system on %s to bl_sys, beltline_core, bl_owner
                  using (true) with check (true)', target);
  if app_verbs <> '' then
    execute format('grant %s on %s to bl_app', app_verbs, target);
  end if;
  execute format('grant %s on %s to bl_sys, beltline_core', core_verbs, target);
end $$;

-- A refusal from inside a function: the program turns it into the typed one with this code.
create function kit.refuse(code text, fields jsonb) returns void language plpgsql as $$
begin
  raise exception using errcode = 'BLREF', message = code, detail = fields::text;
end $$;

-- A UUIDv7 (RFC 9562) for rows that a command function makes; PostgreSQL 15 has none built in.
-- Its 74 random bits make it unique, not secret: random() is seeded anew for each connection and
-- costs a third of the system's random source. In plpgsql, because an inlined body would be set
-- up again for each use in each statement.
create function kit.uuid7(p_now timestamptz) returns uuid language plpgsql volatile as $$
begin
  return (lpad(to_hex((date_part('epoch', p_now) * 1000)::bigint), 12, '0')
          || to_hex(28672 + (random() * 4095)::int)
          || to_hex(2147483648 + (random() * 1073741823)::bigint)
          || lpad(to_hex((random() * 4294967295)::bigint), 8, '0'))::uuid;
end $$;

-- Base units in one unit of sale: prices are per uom, quantities in base units.
create function kit.per_uom(p_uom text) returns int language sql immutable as $$
  select case p_uom when 'METRE' then 1000 when 'KILOGRAM' then 1000 else 1 end
$$;

create function kit.minor_factor(p_currency text) returns numeric language sql immutable as $$
  select case when p_currency in ('BIF','CLP','DJF','GNF','ISK','JPY','KMF','KRW','PYG','RWF',
                                  'UGX','VND','VUV','XAF','XOF','XPF') then 1
              when p_currency in ('BHD','IQD','JOD','KWD','LYD','OMR','TND') then 1000
              else 100 end
$$;

-- Half-even, once, at the line. round() is half away from zero, so exact halves are mended; the
-- unit of sale is multiplied, never divided by, because division rounds large amounts early.
create function kit.line_amount(p_price numeric, p_quantity bigint, p_uom text,
                                p_currency text) returns bigint
language plpgsql immutable as $$
declare
  x constant numeric := p_price * p_quantity * kit.minor_factor(p_currency)
                        * case kit.per_uom(p_uom) when 1000 then 0.001 else 1 end;
begin
  return case when abs(x - trunc(x)) = 0.5 then 2 * round(x / 2) else round(x) end;
end $$;

-- Tables partitioned by month and how far ahead their partitions are made.
create table kit.partitioned (
  parent text primary key,
  months_ahead int not null default 3
);
alter table kit.partitioned enable row level security;
alter table kit.partitioned force row level security;
create policy system on kit.partitioned to bl_owner, bl_sys using (true) with check (true);
grant select on kit.partitioned to bl_sys;

create function kit.ensure_partitions(p_now timestamptz) returns int
language plpgsql security definer set search_path = '' as $$
declare
  t record; first date; made int := 0; child text;
begin
  for t in select p.parent, p.months_ahead from kit.partitioned p order by p.parent loop
    for m in -1 .. t.months_ahead loop
      first := (date_trunc('month', p_now at time zone 'UTC') + make_interval(months => m))::date;
      child := t.parent || to_char(first, '_YYYYMM');
      if to_regclass(child) is null then
        execute format('create table %s partition of %s for values from (%L) to (%L)',
                       child, t.parent, first::text || ' 00:00+00',
                       (first + interval '1 month')::date::text || ' 00:00+00');
        -- Reached through the parent only; the owner's policy is for backups, which read each table.
        execute format('alter table %s enable row level security', child);
        execute format('alter table %s force row level security', child);
        execute format('create policy owner on %s to bl_owner using (true)', child);
        made := made + 1;
      end if;
    end loop;
  end loop;
  return made;
end $$;
revoke all on function kit.ensure_partitions(timestamptz) from public;
grant execute on function kit.ensure_partitions(timestamptz) to bl_sys;

-- A table partitioned by month on one timestamptz column, with a default partition, so that
-- an instant nobody foresaw is kept rather than refused.
create function kit.partition_by_month(parent regclass) returns void language plpgsql as $$
declare name text := parent::text;
begin
  insert into kit.partitioned (parent) values (name);
  execute format('create table %s_default partition of %s default', name, name);
  execute format('alter table %s_default enable row level security', name);
  execute format('alter table %s_default force row level security', name);
  execute format('create policy owner on %s_default to bl_owner using (true)', name);
end $$;

-- The clock of this database. A sandbox has a virtual instant, the network has none.
create table kit.clock (
  one boolean primary key default true check (one),
  virtual_at timestamptz
);
select kit.protect('kit.clock', 'true', 'select', 'select, update');
insert into kit.clock default values;

-- A day is one of the place where the network works, as in `beltline.kit.clock`.
create function kit.day_of(p_at timestamptz) returns date language sql immutable parallel safe
as $$ select (p_at at time zone 'Asia/Shanghai')::date $$;

-- The instant at which a day begins there.
create function kit.day_start(p_day date) returns timestamptz language sql immutable parallel safe
as $$ select p_day::timestamp at time zone 'Asia/Shanghai' $$;

-- Events wait in the outbox of their own transaction; the relay numbers and publishes them.
-- `seq` follows commit order within an aggregate, because the aggregate's row is locked by
-- whoever writes its next event. Across aggregates it means nothing.
create table kit.outbox (
  seq bigint generated always as identity primary key,
  id uuid not null,
  type text not null,
  version int not null,
  aggregate text not null,
  aggregate_id uuid not null,
  sequence bigint not null,
  occurred_at timestamptz not null,
  operator_org_id uuid,
  buyer_org_id uuid,
  supplier_org_id uuid,
  data jsonb not null,
  unique (aggregate_id, sequence)
);
select kit.protect('kit.outbox', '{org} in (operator_org_id, buyer_org_id, supplier_org_id)',
                   'select, insert');

create table kit.event (
  feed_seq bigint not null,
  id uuid not null,
  type text not null,
  version int not null,
  aggregate text not null,
  aggregate_id uuid not null,
  sequence bigint not null,
  occurred_at timestamptz not null,
  operator_org_id uuid,
  buyer_org_id uuid,
  supplier_org_id uuid,
  data jsonb not null,
  primary key (feed_seq, occurred_at)
) partition by range (occurred_at);
create index event_by_aggregate on kit.event (aggregate_id, sequence);
create index event_by_buyer on kit.event (buyer_org_id, feed_seq);
create index event_by_supplier on kit.event (supplier_org_id, feed_seq);
select kit.protect('kit.event', '{org} in (operator_org_id, buyer_org_id, supplier_org_id)',
                   'select', 'select, insert');
select kit.partition_by_month('kit.event');

-- One row a feed: its lock is what makes `feed_seq` gapless and ordered.
create table kit.feed (
  name text primary key,
  latest_seq bigint not null default 0
);
select kit.protect('kit.feed', 'true', '', 'select, update');
insert into kit.feed (name) values ('main');

-- What each listener has taken. A failing event parks its aggregate, not the feed.
create table kit.subscriber (
  name text primary key,
  feed_seq bigint not null default 0
);
select kit.protect('kit.subscriber', 'false', '');

create table kit.parked (
  subscriber text not null references kit.subscriber,
  aggregate_id uuid not null,
  feed_seq bigint not null,
  tries int not null default 1,
  next_try_at timestamptz not null,
  error text not null,
  primary key (subscriber, aggregate_id)
);
select kit.protect('kit.parked', 'false', '');

create function kit.record_event(
  p_type text, p_version int, p_aggregate text, p_aggregate_id uuid,
  p_sequence bigint, p_occurred_at timestamptz,
  p_operator uuid, p_buyer uuid, p_supplier uuid, p_data jsonb
) returns void language plpgsql as $$
begin
  insert into kit.outbox (id, type, version, aggregate, aggregate_id, sequence, occurred_at,
                          operator_org_id, buyer_org_id, supplier_org_id, data)
  values (kit.uuid7(p_occurred_at), p_type, p_version, p_aggregate, p_aggregate_id, p_sequence,
          p_occurred_at, p_operator, p_buyer, p_supplier, p_data);
end $$;

-- Many events of one kind of aggregate at once; the arrays are parallel, `p_buyers` and
-- `p_suppliers` may be null. How many there were.
create function kit.record_mixed_events(
  p_aggregate text, p_occurred_at timestamptz, p_types text[], p_aggregate_ids uuid[],
  p_sequences bigint[], p_operators uuid[], p_buyers uuid[], p_suppliers uuid[], p_data jsonb[]
) returns int language plpgsql as $$
declare v_events int; v_run constant text := kit.id_run(p_occurred_at);
begin
  insert into kit.outbox (id, type, version, aggregate, aggregate_id, sequence, occurred_at,
                          operator_org_id, buyer_org_id, supplier_org_id, data)
  select kit.id_at(v_run, e.n), e.type, 1, p_aggregate, e.aggregate_id, e.sequence,
         p_occurred_at, e.operator, e.buyer, e.supplier, e.data
    from unnest(p_types, p_aggregate_ids, p_sequences, p_operators, p_buyers, p_suppliers, p_data)
      with ordinality as e(type, aggregate_id, sequence, operator, buyer, supplier, data, n)
   order by e.n;
  get diagnostics v_events = row_count;
  return v_events;
end $$;

-- Published and waiting events of one aggregate, for timelines that must not lag.
create view kit.event_all with (security_invoker) as
  select null::bigint as feed_seq, id, type, version, aggregate, aggregate_id, sequence,
         occurred_at, operator_org_id, buyer_org_id, supplier_org_id, data from kit.outbox
  union all
  select feed_seq, id, type, version, aggregate, aggregate_id, sequence,
         occurred_at, operator_org_id, buyer_org_id, supplier_org_id, data from kit.event;
grant select on kit.event_all to bl_app, bl_sys;

-- One answer for one (organization, key). `body_hash` tells a retry from a mistake.
create table kit.idempotency (
  org_id uuid not null,
  key text not null check (length(key) between 1 and 255),
  operation text not null,
  body_hash bytea not null,
  -- The HTTP status of the answer; null when it is a refusal {code, fields}.
  status int,
  response jsonb not null,
  created_at timestamptz not null,
  primary key (org_id, key)
);
create index idempotency_by_age on kit.idempotency (created_at);
select kit.protect('kit.idempotency', 'org_id = {org}', 'select, insert');

-- The start of every idempotent operation: null to go on, or the stored answer.
create function kit.idempotency_begin(
  p_org uuid, p_key text, p_operation text, p_body_hash bytea
) returns jsonb language plpgsql as $$
declare kept record;
begin
  if not pg_try_advisory_xact_lock(hashtextextended(p_org::text || p_key, 7)) then
    perform kit.refuse('kit.idempotency_in_flight', jsonb_build_object('key', p_key));
  end if;
  select i.operation, i.body_hash, i.status, i.response into kept
    from kit.idempotency i where i.org_id = p_org and i.key = p_key;
  if not found then
    return null;
  end if;
  if kept.body_hash <> p_body_hash or kept.operation <> p_operation then
    perform kit.refuse('kit.idempotency_mismatch', jsonb_build_object('key', p_key));
  end if;
  return jsonb_build_object('status', kept.status, 'response', kept.response);
end $$;

create function kit.idempotency_keep(
  p_org uuid, p_key text, p_operation text, p_body_hash bytea, p_status int, p_response jsonb,
  p_now timestamptz
) returns void language plpgsql as $$
begin
  insert into kit.idempotency (org_id, key, operation, body_hash, status, response, created_at)
  values (p_org, p_key, p_operation, p_body_hash, p_status, p_response, p_now);
end $$;

-- Long work as a person sees it. The durable engine's own tables live in schema `jobs`.
create table kit.job (
  id uuid primary key,
  org_id uuid not null,
  kind text not null,
  title text not null,
  state text not null default 'QUEUED'
    check (state in ('QUEUED', 'RUNNING', 'DONE', 'REFUSED', 'FAILED', 'CANCELLED')),
  done bigint not null default 0,
  total bigint,
  message text not null default '',
  parameters jsonb not null default '{}',
  result jsonb,
  -- The actor who asked, as the steps act; `created_by` is its name.
  actor jsonb not null,
  created_by text not null,
  -- How often it was handed to the engine: each retry by a person is a new round.
  round int not null default 1,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz
);
create index job_by_org on kit.job (org_id, created_at desc, id desc);
select kit.protect('kit.job', 'org_id = {org}', 'select, insert, update');

-- A step that committed its work inserted its name here in the same transaction.
create table kit.job_step (
  job_id uuid not null references kit.job on delete cascade,
  step text not null,
  result jsonb,
  finished_at timestamptz not null,
  primary key (job_id, step)
);
select kit.protect('kit.job_step', 'exists (select from kit.job j where j.id = job_id)');

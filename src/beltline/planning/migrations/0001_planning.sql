-- Demand as it was, plans as they were made, proposals as they were decided.

create table planning.demand (
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  ds date not null,
  y real not null check (y >= 0),
  in_stock boolean,
  price numeric(18, 6) check (price >= 0),
  primary key (sku_id, node_id, ds)
);
create index demand_by_day on planning.demand (org_id, ds);
select kit.protect('planning.demand', 'org_id = {org}');

create table planning.promotion (
  id uuid primary key,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid,
  starts date not null,
  ends date not null check (ends >= starts),
  kind text not null,
  price numeric(18, 6) check (price >= 0),
  unique nulls not distinct (sku_id, node_id, starts, kind)
);
select kit.protect('planning.promotion', 'org_id = {org}');

-- Days on which demand is not itself, past and coming: holidays, festivals, thin and closed days.
create table planning.calendar_event (
  org_id uuid not null,
  ds date not null,
  kind text not null check (kind in ('HOLIDAY', 'FESTIVAL', 'SALE', 'THIN', 'CLOSED')),
  name text not null,
  primary key (org_id, ds, kind, name)
);
select kit.protect('planning.calendar_event', 'org_id = {org}');

create table planning.plan_run (
  id uuid primary key,
  org_id uuid not null,
  number bigint generated always as identity unique,
  state text not null default 'QUEUED'
    check (state in ('QUEUED', 'RUNNING', 'DONE', 'REFUSED', 'FAILED')),
  -- The first day of the latest period the plan knows, and the instant of its stock and terms.
  cut_off date not null,
  as_of timestamptz not null,
  freq text not null check (freq in ('D', 'W')),
  horizon int not null check (horizon between 1 and 400),
  parameters jsonb not null,
  versions jsonb not null,
  input_hash text,
  metrics jsonb,
  notes jsonb not null default '[]',
  job_id uuid,
  created_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index plan_run_by_org on planning.plan_run (org_id, created_at desc, id desc);
select kit.protect('planning.plan_run', 'org_id = {org}', 'select, insert, update');

-- What a run under way works on: its shards as Arrow files and its model, so that any host can
-- take it up. A file is dropped when its results stand in the tables; its digest is in the hash.
create table planning.plan_file (
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  name text not null,
  org_id uuid not null,
  content bytea not null,
  primary key (plan_run_id, name)
);
alter table planning.plan_file alter content set storage external;
select kit.protect('planning.plan_file', 'org_id = {org}', '');

create function planning.total(p_values real[]) returns real language sql immutable as $$
  select coalesce(sum(u), 0)::real from unnest(p_values) u
$$;

-- One row a series: arrays over the horizon, the first element for the day after the cut-off.
create table planning.forecast (
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  mean real[] not null,
  -- What lists are ordered by; summing the arrays of every series for each page takes too long.
  units real not null generated always as (planning.total(mean)) stored,
  p10 real[] not null,
  p50 real[] not null,
  p90 real[] not null,
  -- Codes and figures of what drives this forecast; the page makes sentences of them.
  drivers jsonb not null,
  accuracy jsonb not null,
  primary key (plan_run_id, sku_id, node_id)
);
create index forecast_by_units on planning.forecast (plan_run_id, units desc, sku_id, node_id);
create index forecast_by_series on planning.forecast (sku_id, node_id, plan_run_id);
select kit.protect('planning.forecast', 'org_id = {org}');

-- Decisions as they were taken, singly or in bulk: what undo takes back.
create table planning.decision (
  id uuid primary key,
  org_id uuid not null,
  kind text not null check (kind in ('ACCEPT', 'REJECT', 'REOPEN', 'EDIT')),
  count int not null,
  note text not null default '',
  decided_by text not null,
  decided_by_id uuid,
  decided_at timestamptz not null,
  undone_at timestamptz
);
create index decision_by_actor on planning.decision
  (org_id, decided_by, decided_by_id, decided_at desc, id desc);
select kit.protect('planning.decision', 'org_id = {org}', 'select, insert, update');

create table planning.proposal (
  id uuid primary key,
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  supplier_org_id uuid not null,
  offer_id uuid not null,
  currency text not null,
  proposed_quantity bigint not null check (proposed_quantity > 0),
  quantity bigint not null check (quantity > 0),
  moq bigint not null,
  pack_size bigint not null,
  unit_price numeric(18, 6) not null,
  amount bigint not null,
  order_by date not null,
  expected_date date not null,
  on_hand bigint not null,
  inbound bigint not null,
  stock_target bigint not null,
  cover_days double precision,
  p_stockout double precision not null check (p_stockout between 0 and 1),
  p_stockout_after double precision not null check (p_stockout_after between 0 and 1),
  expected_cost bigint not null,
  why jsonb not null,
  -- Every offer that was compared, the chosen one first, with what each would cost.
  alternatives jsonb not null,
  -- DRAFT belongs to a run that has not finished.
  status text not null default 'DRAFT'
    check (status in ('DRAFT', 'OPEN', 'ACCEPTED', 'REJECTED', 'ISSUED', 'SUPERSEDED')),
  version bigint not null default 1,
  decided_by text,
  decided_at timestamptz,
  decision_note text not null default '',
  -- The decision that made it what it is, and what undo returns to.
  decision_id uuid references planning.decision,
  undo jsonb,
  purchase_order_id uuid,
  unique (plan_run_id, sku_id, node_id)
);
create index proposal_by_decision on planning.proposal (decision_id);
create index proposal_by_status on planning.proposal (org_id, status, order_by, p_stockout desc, id);
create index proposal_by_run on planning.proposal (plan_run_id, id);
create index proposal_by_series on planning.proposal (sku_id, node_id, plan_run_id);
select kit.protect('planning.proposal', 'org_id = {org}', 'select, insert, update');

-- Statistics of what a plan reads, right after an import that autovacuum has not seen yet: without
-- them one shard reads the whole of demand. Owned by the owner of the tables, who alone may.
create function planning.refresh_statistics() returns void
language plpgsql security definer set search_path = '' as $$
begin
  analyze planning.demand;
end $$;
revoke all on function planning.refresh_statistics() from public;
grant execute on function planning.refresh_statistics() to bl_sys;

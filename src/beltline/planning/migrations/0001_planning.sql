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

create table planning.plan_run (
  id uuid primary key,
  org_id uuid not null,
  number bigint generated always as identity unique,
  state text not null default 'QUEUED'
    check (state in ('QUEUED', 'RUNNING', 'DONE', 'REFUSED', 'FAILED')),
  cut_off date not null,
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

-- One row a series: arrays over the horizon, the first element for the day after the cut-off.
create table planning.forecast (
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  mean real[] not null,
  p10 real[] not null,
  p50 real[] not null,
  p90 real[] not null,
  -- Codes and figures of what drives this forecast; the page makes sentences of them.
  drivers jsonb not null,
  accuracy jsonb not null,
  primary key (plan_run_id, sku_id, node_id)
);
create index forecast_by_series on planning.forecast (sku_id, node_id, plan_run_id);
select kit.protect('planning.forecast', 'org_id = {org}');

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
  status text not null default 'OPEN'
    check (status in ('OPEN', 'ACCEPTED', 'REJECTED', 'ISSUED', 'SUPERSEDED')),
  version bigint not null default 1,
  decided_by text,
  decided_at timestamptz,
  decision_note text not null default '',
  -- What undo returns to, and until when it may.
  undo jsonb,
  purchase_order_id uuid
);
create index proposal_by_status on planning.proposal (org_id, status, order_by, p_stockout desc, id);
create index proposal_by_run on planning.proposal (plan_run_id, id);
create index proposal_by_series on planning.proposal (sku_id, node_id, plan_run_id);
select kit.protect('planning.proposal', 'org_id = {org}', 'select, insert, update');

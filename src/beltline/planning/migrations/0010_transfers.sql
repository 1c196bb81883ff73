-- What a plan proposes to move between nodes before it buys: units of a SKU, what that gains after
-- freight (minor units of `currency`), until when to send them. What is accepted goes at once.
create table planning.transfer (
  id uuid primary key,
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  org_id uuid not null,
  sku_id uuid not null,
  origin_node_id uuid not null,
  target_node_id uuid not null check (target_node_id <> origin_node_id),
  quantity bigint not null check (quantity > 0),
  currency text not null,
  gain bigint not null check (gain >= 0),
  freight bigint not null check (freight >= 0),
  -- No rate card knows the way: freight, and days without a lane, are assumed.
  is_assumed boolean not null,
  order_by date not null,
  expected_date date not null,
  -- The period in which it can be sold at its target: what hindsight plays.
  arrives int not null,
  why jsonb not null,
  -- DRAFT belongs to a run that has not finished.
  status text not null default 'DRAFT'
    check (status in ('DRAFT', 'OPEN', 'ACCEPTED', 'REJECTED', 'SUPERSEDED')),
  version bigint not null default 1,
  decided_by text,
  decided_at timestamptz,
  decision_note text not null default '',
  stock_transfer_id uuid unique,
  -- What it earned, or would have, once the demand was known; null until then.
  realised bigint,
  check ((status = 'ACCEPTED') = (stock_transfer_id is not null)),
  unique (plan_run_id, sku_id, origin_node_id, target_node_id)
);
create index transfer_by_status on planning.transfer (org_id, status, order_by, id);
create index transfer_by_series on planning.transfer (sku_id, plan_run_id);
select kit.protect('planning.transfer', 'org_id = {org}', 'select, insert, update');

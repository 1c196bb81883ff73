-- What a plan found out about every position: a series, or stock that nobody asked for. Money is
-- in minor units of the run's currency, per base unit in major units.
create table planning.inventory_risk (
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  supplier_org_id uuid,
  category text not null,
  on_hand bigint not null,
  inbound bigint not null,
  stock_target bigint not null,
  units_a_day double precision not null,
  -- Standard deviation of a week's demand over its mean, of the latest half year.
  variation double precision,
  cover_days double precision,
  p_stockout double precision not null check (p_stockout between 0 and 1),
  p_stockout_after double precision not null check (p_stockout_after between 0 and 1),
  -- What ordering as proposed saves until the order after it could arrive.
  order_gain bigint not null default 0,
  unit_cost double precision not null,
  unit_margin double precision not null,
  idle_days int,
  age_days int,
  excess bigint not null default 0,
  overstock_cost bigint not null default 0,
  state text not null check (state in ('OUT', 'AT_RISK', 'FIT', 'OVER', 'DEAD')),
  abc text not null default 'C' check (abc in ('A', 'B', 'C')),
  xyz text not null default 'Z' check (xyz in ('X', 'Y', 'Z')),
  -- What could be done about too much of it, the most gainful first.
  remedies jsonb not null default '[]',
  remedy text check (remedy in ('TRANSFER', 'MARKDOWN', 'RETURN', 'BUNDLE')),
  remedy_gain bigint not null default 0,
  -- What is at stake: what lists are ordered by.
  stake bigint not null generated always as (order_gain + overstock_cost) stored,
  primary key (plan_run_id, sku_id, node_id)
);
create index inventory_risk_by_stake on planning.inventory_risk
  (plan_run_id, stake desc, sku_id, node_id);
create index inventory_risk_by_state on planning.inventory_risk
  (plan_run_id, state, stake desc, sku_id, node_id);
create index inventory_risk_by_remedy on planning.inventory_risk
  (plan_run_id, remedy, stake desc, sku_id, node_id);
create index inventory_risk_by_series on planning.inventory_risk (sku_id, node_id, plan_run_id);
select kit.protect('planning.inventory_risk', 'org_id = {org}');

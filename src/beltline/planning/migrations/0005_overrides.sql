-- What a planner knows and the history does not: demand of a series in a span of days, times a
-- factor, and why. A withdrawn one stays on record.
create table planning.demand_override (
  id uuid primary key,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  starts date not null,
  ends date not null check (ends >= starts),
  factor double precision not null check (factor between 0 and 100),
  reason text not null check (reason <> ''),
  created_by text not null,
  created_at timestamptz not null,
  withdrawn_by text,
  withdrawn_at timestamptz
);
create index demand_override_by_series on planning.demand_override (sku_id, node_id, ends desc, id);
select kit.protect('planning.demand_override', 'org_id = {org}', 'select, insert, update');

-- What a plan decided for a position, to be judged when the demand is known: units ordered, and
-- without the overrides (null where there were none), the periods in which they and the order after
-- them can first be sold, what came in by period, and what a lot is.
alter table planning.inventory_risk
  add column units bigint not null default 0,
  add column units_plain bigint,
  add column arrives int not null default 0,
  add column next_arrival int not null default 0,
  add column coming jsonb not null default '[]',
  add column moq bigint not null default 1,
  add column pack_size bigint not null default 1;

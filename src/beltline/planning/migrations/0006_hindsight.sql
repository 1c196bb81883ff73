-- What a plan came to once the demand was known: the cost of the cycle each order was for, in minor
-- units of the run's currency, beside what others would have paid for the same demand.
create table planning.hindsight (
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  category text not null,
  belt_id text,
  cost_plan bigint not null,
  cost_naive bigint not null,
  cost_best bigint not null,
  -- As people decided it, and as it would have been without overrides of demand; null where nobody
  -- decided, and where there was no override.
  cost_decided bigint,
  cost_plain bigint,
  primary key (plan_run_id, sku_id, node_id)
);
select kit.protect('planning.hindsight', 'org_id = {org}');

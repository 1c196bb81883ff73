-- What would happen if: asked of a plan's stored inputs, and nothing else is ever written by it.
create table planning.scenario (
  id uuid primary key,
  org_id uuid not null,
  number bigint generated always as identity unique,
  plan_run_id uuid not null references planning.plan_run on delete cascade,
  state text not null default 'QUEUED' check (state in ('QUEUED', 'DONE', 'REFUSED')),
  scope jsonb not null,
  changes jsonb not null,
  effect jsonb,
  job_id uuid not null,
  created_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index scenario_by_org on planning.scenario (org_id, created_at desc, id desc);
create index scenario_by_run on planning.scenario (plan_run_id);
select kit.protect('planning.scenario', 'org_id = {org}', 'select, insert, update');

-- What suppliers did, measured from events alone, and the tier that follows from it.

-- One measured fact of one subject: whether an order came on time, a lot was free of defects.
-- `score` is the good share, `value` what was measured (days late, hours to answer, change of
-- price). A later event of the same subject corrects its fact.
create table suppliers.outcome (
  id uuid primary key,
  operator_org_id uuid not null,
  supplier_org_id uuid not null references suppliers.supplier,
  measure text not null check (measure in ('ON_TIME', 'DEFECT_FREE', 'NOT_RETURNED', 'ANSWERED',
                                           'PRICE_KEPT', 'CAPACITY_KEPT')),
  score double precision not null check (score between 0 and 1),
  value double precision,
  happened_at timestamptz not null,
  source text not null,
  subject_id uuid not null,
  subject text not null,
  unique (subject_id, measure)
);
create index outcome_by_supplier on suppliers.outcome (supplier_org_id, happened_at desc, id desc);
create index outcome_by_time on suppliers.outcome (happened_at);
select kit.protect('suppliers.outcome', '{org} in (operator_org_id, supplier_org_id)');

-- Orders that are awaited, so that one which never comes counts as late from its day on.
create table suppliers.awaited_order (
  purchase_order_id uuid primary key,
  operator_org_id uuid not null,
  supplier_org_id uuid not null references suppliers.supplier,
  number text not null,
  due_date date not null
);
create index awaited_order_by_due on suppliers.awaited_order (due_date, purchase_order_id);
select kit.protect('suppliers.awaited_order', '{org} in (operator_org_id, supplier_org_id)');

-- The latest estimate of each measure. Whoever trades here may know it; the orders behind it are
-- the business of the supplier and the operator.
create table suppliers.record (
  org_id uuid not null references suppliers.supplier,
  measure text not null check (measure in ('ON_TIME', 'DEFECT_FREE', 'NOT_RETURNED', 'ANSWERED',
                                           'PRICE_KEPT', 'CAPACITY_KEPT')),
  trials bigint not null check (trials >= 0),
  raw double precision not null check (raw between 0 and 1),
  mean double precision not null check (mean between 0 and 1),
  low double precision not null check (low between 0 and 1),
  high double precision not null check (high between 0 and 1),
  -- The middle of what was measured: days late, hours to answer, change of price.
  value_median double precision,
  -- What the whole network does: the estimate's starting point, worth `prior_trials` facts.
  prior_mean double precision not null,
  prior_trials double precision not null,
  -- How many good facts in a row would lift the lower bound to tier A; null when too many.
  good_to_a bigint check (good_to_a >= 0),
  assessed_at timestamptz not null,
  primary key (org_id, measure)
);
select kit.protect('suppliers.record', 'true', 'select');

create table suppliers.tier_change (
  id uuid primary key,
  org_id uuid not null references suppliers.supplier,
  at timestamptz not null,
  tier_before text not null check (tier_before in ('A', 'B', 'C')),
  tier text not null check (tier in ('A', 'B', 'C')),
  -- Which measures decided, as they stood: [{measure, trials, low, tier}].
  reasons jsonb not null
);
create index tier_change_by_supplier on suppliers.tier_change (org_id, at desc, id desc);
select kit.protect('suppliers.tier_change', 'true', 'select', 'select, insert');

-- GIVEN by a file until there is a record to measure it by, then MEASURED: no file changes it.
alter table suppliers.supplier add tier_basis text not null default 'GIVEN'
  check (tier_basis in ('GIVEN', 'MEASURED'));

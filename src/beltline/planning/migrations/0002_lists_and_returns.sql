-- A purchase that ended before anything came in gives its proposals back, and says why.
alter table planning.proposal
  add column returned_order_id uuid,
  add column returned_status text check (returned_status in ('REFUSED', 'EXPIRED', 'CANCELLED')),
  add column returned_note text not null default '',
  add column returned_at timestamptz;
create index proposal_by_purchase on planning.proposal (purchase_order_id)
  where purchase_order_id is not null;

-- When the run's snapshot was read: what ended before it, the run has seen.
alter table planning.plan_run add column read_at timestamptz;

-- A list walks its index: by status in the order of its rows, of everything or of one run. What is
-- compared there is `p_safe`, rising, so that a page begins where the one before ended.
alter table planning.proposal
  add column p_safe double precision not null generated always as (1 - p_stockout) stored;
drop index planning.proposal_by_status;
create index proposal_by_status on planning.proposal (org_id, status, order_by, p_safe, id);
drop index planning.proposal_by_run;
create index proposal_by_run on planning.proposal (plan_run_id, status, order_by, p_safe, id);

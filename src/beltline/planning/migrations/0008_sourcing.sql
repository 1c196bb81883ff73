-- One need may be bought from several suppliers: each is a proposal of its own, the largest part 0.
alter table planning.proposal
  add column part smallint not null default 0 check (part >= 0),
  drop constraint proposal_plan_run_id_sku_id_node_id_key,
  add unique (plan_run_id, sku_id, node_id, part);

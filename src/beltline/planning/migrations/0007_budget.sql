-- A plan with a budget: what it does not buy waits as DEFERRED, and can be accepted all the same.
alter table planning.proposal drop constraint proposal_status_check;
alter table planning.proposal add constraint proposal_status_check check (status in
  ('DRAFT', 'OPEN', 'DEFERRED', 'ACCEPTED', 'REJECTED', 'ISSUED', 'SUPERSEDED'));

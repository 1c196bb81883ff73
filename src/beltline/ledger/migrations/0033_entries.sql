-- Entries find their transfer one by one. As a join with the rows that were added, the check kept
-- the plan of whichever statement came first on a connection, and after a thousand orders at once
-- read every transfer for each order that came alone. A subquery that gives a value is never one.
create or replace function ledger.check_entries() returns trigger language plpgsql as $$
begin
  if exists (select from added a
              group by a.transfer_id, a.at, a.currency
             having sum(a.amount) <> 0
                 or (select t.id from ledger.transfer t
                      where t.id = a.transfer_id and t.at = a.at) is null) then
    raise exception 'entries of a statement do not balance' using errcode = 'check_violation';
  end if;
  return null;
end $$;

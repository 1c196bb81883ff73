-- Trade assurance: money that was held waits on after the delivery, until the buyer confirms the
-- receipt or its time is over, and no longer moves while a claim is open.

alter domain ledger.hold_state drop constraint hold_state_check;
alter domain ledger.hold_state add constraint hold_state_check
  check (value in ('OPEN', 'FROZEN', 'CLOSED'));
-- From when on the rest goes to the seller by itself; null while the promise is open.
alter table ledger.hold add column release_after timestamptz;
-- Not of holds whose promise is open: they are made by every order and would write it each.
create index hold_to_release on ledger.hold (release_after, reference_id)
  where state = 'OPEN' and release_after is not null;

set local role beltline_core;

-- The state of a hold of which `p_gone` is released or refunded: closed when all is, else as it was.
create function ledger.hold_state_of(h ledger.hold, p_gone bigint) returns text
language sql immutable as $$
  select case when p_gone = (h).amount then 'CLOSED'
              when (h).state = 'FROZEN' then 'FROZEN' else 'OPEN' end
$$;

-- The promise is kept: what is left may go to the seller from `p_after` on.
create function ledger.let_release(p_reference_id uuid, p_after timestamptz) returns void
language plpgsql as $$
begin
  update ledger.hold set release_after = p_after
   where reference_id = p_reference_id and state <> 'CLOSED';
end $$;

-- Nothing leaves a frozen hold but refunds.
create function ledger.freeze_hold(p_reference_id uuid) returns void language plpgsql as $$
begin
  update ledger.hold set state = 'FROZEN' where reference_id = p_reference_id and state = 'OPEN';
end $$;

create function ledger.thaw_hold(p_reference_id uuid) returns void language plpgsql as $$
begin
  update ledger.hold set state = 'OPEN' where reference_id = p_reference_id and state = 'FROZEN';
end $$;

-- What is left of holds becomes the operator's sales; those that are not open are left alone.
create function ledger.release_many(p_reference_ids uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare v_run constant text := kit.id_run(p_now);
begin
  perform from ledger.hold x
   where x.reference_id = any(p_reference_ids) order by x.id for no key update;
  insert into ledger.transfer (id, at, kind, reference, reference_id, operator_org_id,
                               counterparty_org_id)
  select kit.id_at(v_run, row_number() over (order by x.id)), p_now, 'ORDER_RELEASE', x.reference,
         x.reference_id, x.operator_org_id, x.operator_org_id
    from ledger.hold x where x.reference_id = any(p_reference_ids) and x.state = 'OPEN';
  insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id, amount,
                            currency)
  select kit.id_at(v_run, 2 * x.n + s.side), p_now, kit.id_at(v_run, x.n), a.id,
         x.operator_org_id, x.operator_org_id, (2 * s.side - 1) * x.rest, x.currency
    from (select y.operator_org_id, y.currency, y.amount - y.released - y.refunded as rest,
                 row_number() over (order by y.id) as n
            from ledger.hold y
           where y.reference_id = any(p_reference_ids) and y.state = 'OPEN') x
   cross join (values (0, 'HELD_FOR_BUYERS'), (1, 'SALES')) as s(side, kind)
   cross join lateral ledger.account_of(x.operator_org_id, s.kind, x.currency, x.operator_org_id,
                                        p_now) a;
  update ledger.hold x
     set released = x.amount - x.refunded, state = 'CLOSED', closed_at = p_now
   where x.reference_id = any(p_reference_ids) and x.state = 'OPEN';
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.proname in ('hold_state_of', 'let_release', 'freeze_hold', 'thaw_hold',
                                'release_many') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

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

-- What is left of an open hold becomes the operator's sales. Returns the amount; 0 of a frozen one.
create or replace function ledger.release_hold(p_reference_id uuid, p_now timestamptz)
returns bigint language plpgsql as $$
declare h ledger.hold; rest bigint;
begin
  select * into h from ledger.hold where reference_id = p_reference_id for no key update;
  rest := coalesce(h.amount - h.released - h.refunded, 0);
  if rest = 0 or h.state = 'FROZEN' then
    return 0;
  end if;
  perform ledger.release_many(array[p_reference_id], p_now);
  return rest;
end $$;

-- The same of many holds; those that are not open are left alone.
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

-- Give a part of an order's money back to the buyer: first from its hold, and when that was
-- released already, from the operator's sales. Returns the amount; 0 without a hold.
create or replace function ledger.refund_part(
  p_reference_id uuid, p_amount bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare h ledger.hold; from_hold bigint; from_sales bigint; gone bigint;
begin
  select * into h from ledger.hold where reference_id = p_reference_id for no key update;
  if not found then
    return 0;
  end if;
  from_hold := least(p_amount, h.amount - h.released - h.refunded);
  from_sales := least(p_amount - from_hold, h.released);
  if from_hold > 0 then
    perform ledger.give_back(h, 'HELD_FOR_BUYERS', from_hold, p_now);
    gone := h.released + h.refunded + from_hold;
    update ledger.hold
       set refunded = refunded + from_hold, state = ledger.hold_state_of(h, gone),
           closed_at = case when gone = amount then p_now end
     where id = h.id;
  end if;
  if from_sales > 0 then
    perform ledger.give_back(h, 'SALES', from_sales, p_now);
  end if;
  return from_hold + from_sales;
end $$;

-- Hold more of, or give back from, what one order's buyer paid: `p_change` above or below 0, from
-- and to the account that paid. Refuses what the account does not cover.
create or replace function ledger.change_hold(
  p_reference_id uuid, p_change bigint, p_now timestamptz
) returns void language plpgsql as $$
declare h ledger.hold; payer ledger.account;
begin
  if p_change < 0 then
    perform ledger.refund_part(p_reference_id, -p_change, p_now);
  end if;
  if p_change <= 0 then
    return;
  end if;
  select * into strict h from ledger.hold where reference_id = p_reference_id for no key update;
  select * into strict payer from ledger.account where id = h.payer_account_id;
  update ledger.balance set available = available - p_change, updated_at = p_now
   where account_id = payer.id and available >= p_change;
  if not found then
    perform ledger.refuse_funds(payer.org_id, payer.kind, payer.currency, p_change);
  end if;
  perform ledger.post('ORDER_HOLD', payer,
    ledger.account_of(h.operator_org_id, 'HELD_FOR_BUYERS', h.currency, h.operator_org_id, p_now),
    p_change, h.reference, p_reference_id, p_now);
  update ledger.hold
     set amount = amount + p_change, state = ledger.hold_state_of(h, -1), closed_at = null
   where id = h.id;
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

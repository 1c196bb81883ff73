-- What happens to held money as the promise is kept or broken part by part.

set local role beltline_core;

-- What is left of an open hold becomes the operator's sales. Returns the amount; 0 of a frozen one.
create function ledger.release_hold(p_reference_id uuid, p_now timestamptz)
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

-- Give a part of an order's money back to the buyer: first from its hold, and when that was
-- released already, from the operator's sales. Returns the amount; 0 without a hold.
create function ledger.refund_part(
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

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.proname in ('release_hold', 'refund_part') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

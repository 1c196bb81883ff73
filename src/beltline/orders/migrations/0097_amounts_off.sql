-- An amount off a line whose balance is paid left its balance as it was: more was told to be paid later
-- than the line still had, and its deposit was told to be less than nothing.

set local role beltline_core;

-- As before; what goes off beyond the deposit goes off the balance.
create or replace function orders.refund_amount(
  p_order uuid, p_line int, p_amount bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare v_amount bigint;
begin
  select least(p_amount, x.amount - x.refunded_amount - x.deferred_amount - x.kept_amount)
    into strict v_amount
    from orders.order_line x where x.order_id = p_order and x.line_no = p_line;
  if v_amount > 0 then
    -- An unpaid balance stays whole: it is not among what can go off.
    update orders.order_line
       set refunded_amount = refunded_amount + v_amount,
           balance_amount = least(balance_amount,
                                  amount - refunded_amount - v_amount - kept_amount)
     where order_id = p_order and line_no = p_line;
    perform ledger.refund_part(p_order, v_amount, p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  return v_amount;
end $$;

-- Orders of before.
set local role bl_owner;
update orders.order_line
   set balance_amount = greatest(amount - refunded_amount - kept_amount, 0)
 where deferred_amount = 0 and refunded_amount + kept_amount + balance_amount > amount;

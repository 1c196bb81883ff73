-- What customs keeps or sends back of the network's goods is a cost of its own, apart from that of goods
-- that were sold.

alter domain ledger.account_kind drop constraint account_kind_check;
alter domain ledger.account_kind add constraint account_kind_check check (value in (
  'BUYER_BALANCE', 'BUYER_CREDIT', 'BUYER_FEES', 'HELD_FOR_BUYERS', 'SALES', 'BANK', 'PURCHASES',
  'SUPPLIER_PAYABLE', 'SUPPLIER_ADVANCE', 'PLATFORM_FEE', 'LATE_FEES', 'CHARGEBACKS', 'SEIZURES', 'FX',
  'FX_SPREAD', 'ROUNDING'));
alter domain ledger.transfer_kind drop constraint transfer_kind_check;
alter domain ledger.transfer_kind add constraint transfer_kind_check check (value in (
  'DEPOSIT', 'WITHDRAWAL', 'ORDER_HOLD', 'ORDER_RELEASE', 'ORDER_REFUND', 'CREDIT_REPAYMENT',
  'LATE_FEE', 'CHARGEBACK', 'SETTLEMENT', 'ADVANCE', 'SEIZURE', 'EXCHANGE', 'CORRECTION'));

set local role beltline_core;

-- Move what seized goods cost from the cost of goods to that of seizures; a seizure that is booked has
-- no effect. Returns how many are new. `p_losses` is [{source_id, reference, amount, currency}].
create function ledger.write_off(actor accounts.actor, p_losses jsonb, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare w record; v_transfer uuid; made int := 0;
begin
  perform ledger.needs_operator(actor);
  perform ledger.take_turns();
  for w in
    select distinct on (x.source_id) x.* from jsonb_to_recordset(p_losses) as x(
             source_id uuid, reference text, amount bigint, currency text)
     where x.amount > 0 and not exists (
       select from ledger.transfer t where t.reference_id = x.source_id and t.kind = 'SEIZURE')
     order by x.source_id
  loop
    v_transfer := kit.uuid7(p_now);
    insert into ledger.transfer (id, at, kind, reference, reference_id, operator_org_id,
                                 counterparty_org_id)
    values (v_transfer, p_now, 'SEIZURE', w.reference, w.source_id, (actor).org_id,
            (actor).org_id);
    insert into ledger.entry (id, at, transfer_id, account_id, org_id, operator_org_id, amount,
                              currency)
    select kit.uuid7(p_now), p_now, v_transfer, a.id, a.org_id, (actor).org_id, s.sign * w.amount,
           w.currency
      from (values (1, 'PURCHASES'), (-1, 'SEIZURES')) as s(sign, kind)
     cross join lateral ledger.account_of((actor).org_id, s.kind, w.currency, (actor).org_id,
                                          p_now) a;
    made := made + 1;
  end loop;
  if made > 0 then
    perform accounts.record_audit(actor, p_now, 'write_off', 'transfer', null, jsonb_build_object(
      'seizures', made));
  end if;
  return made;
end $$;

revoke all on function ledger.write_off(accounts.actor, jsonb, timestamptz) from public;
grant execute on function ledger.write_off(accounts.actor, jsonb, timestamptz)
  to bl_sys, beltline_core;

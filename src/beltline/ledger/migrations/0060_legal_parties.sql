-- Papers name the companies of their parties, and where a transfer to who is paid goes.

alter table ledger.settlement
  -- The parties as they were named when it was made; null on statements of before.
  add column payer jsonb, add column payee jsonb;

set local role beltline_core;

drop function ledger.party_of(uuid);

-- Issue a paper under the next number of its series. The caller has taken the series.
create or replace function ledger.issue_paper(
  actor accounts.actor, p_kind text, p_operator uuid, p_org uuid, p_reference_id uuid,
  p_reference text, p_month date, p_currency text, p_total bigint, p_content jsonb,
  p_now timestamptz
) returns void language plpgsql as $$
declare
  v_id constant uuid := kit.uuid7(p_now);
  v_day constant date := kit.day_of(p_now);
  v_year constant int := extract(year from v_day);
  -- A credit note gives back to the balance: nobody transfers anything.
  v_paid_in constant text := case when p_kind <> 'CREDIT_NOTE' then p_currency end;
  v_serial int; v_number text; v_data jsonb;
begin
  update ledger.paper_series s set latest = s.latest + 1
   where s.operator_org_id = p_operator and s.year = v_year and s.kind = p_kind
  returning s.latest into strict v_serial;
  v_number := case p_kind when 'INVOICE' then 'INV' when 'CREDIT_NOTE' then 'CRN'
                          when 'ACCOUNT_STATEMENT' then 'ACS' else 'CRS' end
              || '-' || v_year || '-' || lpad(v_serial::text, greatest(6, length(v_serial::text)), '0');
  insert into ledger.paper (id, operator_org_id, org_id, kind, year, serial, number, reference_id,
    reference, month, currency, total, content, issued_on, issued_at)
  values (v_id, p_operator, p_org, p_kind, v_year, v_serial, v_number, p_reference_id, p_reference,
    p_month, p_currency, p_total, jsonb_build_object(
      'seller', accounts.party_at(p_operator, p_now, v_paid_in),
      'buyer', accounts.party_at(p_org, p_now)) || p_content,
    v_day, p_now);
  v_data := jsonb_build_object('number', v_number, 'kind', p_kind, 'reference', p_reference,
    'currency', p_currency, 'total', p_total);
  perform kit.record_event('paper.issued', 1, 'paper', v_id, 1, p_now, p_operator, p_org, null,
                           v_data);
  perform accounts.record_audit(actor, p_now, 'issue', 'paper', v_id, v_data);
end $$;

-- Whoever makes a statement of a supplier names its parties as they are then.
create function ledger.name_parties() returns trigger language plpgsql as $$
begin
  new.payer := accounts.party_at(new.operator_org_id, new.made_at);
  new.payee := accounts.party_at(new.supplier_org_id, new.made_at, new.currency);
  return new;
end $$;

revoke all on function ledger.name_parties() from public;
grant execute on function ledger.name_parties() to bl_owner, bl_sys, beltline_core;

set local role bl_owner;
create trigger name_parties before insert on ledger.settlement
  for each row execute function ledger.name_parties();

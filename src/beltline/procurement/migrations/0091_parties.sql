-- A purchase order names the companies of both sides, as they were stated when it went out.

alter table procurement.purchase_order
  -- Null on orders of before and on imported ones: those went out elsewhere.
  add column buyer_party jsonb, add column supplier_party jsonb;

set local role beltline_core;

create function procurement.name_parties() returns trigger language plpgsql as $$
begin
  new.buyer_party := accounts.party_at(new.operator_org_id, new.issued_at);
  new.supplier_party := accounts.party_at(new.supplier_org_id, new.issued_at, new.currency);
  return new;
end $$;

revoke all on function procurement.name_parties() from public;
grant execute on function procurement.name_parties() to bl_owner, bl_sys, beltline_core;

set local role bl_owner;
create trigger name_parties before insert on procurement.purchase_order for each row
  when (new.issued_at is not null and not new.is_imported)
  execute function procurement.name_parties();

-- The codes of parcels that leave, where the operator has a GS1 company prefix.

alter table fulfillment.outbound_parcel
  add column sscc text check (sscc ~ '^[0-9]{18}$'),
  add unique (operator_org_id, sscc);
grant update (sscc) on fulfillment.outbound_parcel to bl_sys, beltline_core;

set local role beltline_core;

-- Give each parcel of a packing a code of its own, once; none without a prefix.
create function fulfillment.number_parcels(actor accounts.actor, p_packing uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  update fulfillment.outbound_parcel o set sscc = t.sscc
    from unnest(trade.take_ssccs((actor).org_id, (
           select count(*)::int from fulfillment.outbound_parcel x
            where x.packing_id = p_packing and x.operator_org_id = (actor).org_id
              and x.sscc is null))) with ordinality as t(sscc, position)
   where o.packing_id = p_packing and o.operator_org_id = (actor).org_id
     and o.position = t.position and o.sscc is null;
end $$;

revoke all on function fulfillment.number_parcels(accounts.actor, uuid) from public;
grant execute on function fulfillment.number_parcels(accounts.actor, uuid)
  to bl_app, bl_sys, beltline_core;

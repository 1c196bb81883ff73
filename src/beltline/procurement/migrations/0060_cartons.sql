-- The codes of cartons that suppliers announce, where the operator has a GS1 company prefix.

create table procurement.notice_carton (
  shipping_notice_id uuid not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  box int not null check (box > 0),
  sscc text not null check (sscc ~ '^[0-9]{18}$'),
  primary key (shipping_notice_id, box),
  unique (operator_org_id, sscc),
  foreign key (shipping_notice_id, operator_org_id, supplier_org_id)
    references procurement.shipping_notice (id, operator_org_id, supplier_org_id) on delete cascade
);
select kit.protect('procurement.notice_carton', '{org} in (operator_org_id, supplier_org_id)',
                   'select', 'select, insert, delete');

set local role beltline_core;

-- Give each carton of a notice a code of its own, once; none without a prefix.
create function procurement.number_cartons(actor accounts.actor, p_notice uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare n procurement.shipping_notice;
begin
  perform accounts.enter(actor);
  select x.* into n from procurement.shipping_notice x
   where x.id = p_notice and (actor).org_id in (x.operator_org_id, x.supplier_org_id)
     and not exists (select from procurement.notice_carton c where c.shipping_notice_id = x.id);
  if not found then
    return;
  end if;
  insert into procurement.notice_carton (shipping_notice_id, operator_org_id, supplier_org_id, box,
    sscc)
  select n.id, n.operator_org_id, n.supplier_org_id, t.box, t.sscc
    from unnest(trade.take_ssccs(n.operator_org_id, n.cartons)) with ordinality as t(sscc, box);
end $$;

revoke all on function procurement.number_cartons(accounts.actor, uuid) from public;
grant execute on function procurement.number_cartons(accounts.actor, uuid)
  to bl_app, bl_sys, beltline_core;

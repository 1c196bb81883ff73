-- How goods of an order were packed: the parcels that were proposed and those that were made.

create table fulfillment.packing (
  id uuid primary key,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  order_id uuid not null,
  number text not null,
  node_id uuid not null,
  country text not null,
  -- The service it was planned and priced by; empty where no rate card was known.
  service text not null,
  currency text not null,
  -- What was proposed: [{carton, lines: [{journey_id, units}], weight_g, chargeable_g, freight_amount,
  -- carton_amount}], amounts in minor units; null where nothing could be proposed.
  plan jsonb,
  packed_by text not null,
  packed_at timestamptz not null,
  unique (id, operator_org_id)
);
create index packing_by_order on fulfillment.packing (order_id, packed_at, id);
-- What parcels cost is the operator's business.
select kit.protect('fulfillment.packing', 'operator_org_id = {org}', 'select', 'select, insert');

create table fulfillment.outbound_parcel (
  id uuid primary key,
  packing_id uuid not null,
  operator_org_id uuid not null,
  position int not null check (position > 0),
  -- The size it was packed in, as it was that day; its own measure where it is none of the node's.
  carton text not null,
  length_mm int not null check (length_mm > 0),
  width_mm int not null check (width_mm > 0),
  height_mm int not null check (height_mm > 0),
  tare_g int not null check (tare_g >= 0),
  -- By the weights of its goods, null where one is unknown; and on the scale, where it stood on one.
  expected_g bigint,
  weighed_g bigint check (weighed_g > 0),
  chargeable_g bigint,
  freight_amount bigint check (freight_amount >= 0),
  carton_amount bigint check (carton_amount >= 0),
  unique (packing_id, position),
  unique (id, operator_org_id),
  foreign key (packing_id, operator_org_id) references fulfillment.packing (id, operator_org_id)
);
select kit.protect('fulfillment.outbound_parcel', 'operator_org_id = {org}', 'select',
                   'select, insert');

create table fulfillment.outbound_line (
  outbound_parcel_id uuid not null,
  operator_org_id uuid not null,
  journey_id uuid not null references fulfillment.journey,
  units bigint not null check (units > 0),
  primary key (outbound_parcel_id, journey_id),
  foreign key (outbound_parcel_id, operator_org_id)
    references fulfillment.outbound_parcel (id, operator_org_id)
);
create index outbound_line_by_journey on fulfillment.outbound_line (journey_id);
select kit.protect('fulfillment.outbound_line', 'operator_org_id = {org}', 'select',
                   'select, insert');

set local role beltline_core;

-- Keep how goods of an order were packed and end their packing. Every unit that the journeys move
-- has to be in a parcel, no more and no less: who packed saw something else otherwise.
-- `p_packing` is {id, node_id, service, currency, plan, parcels: [{id, carton, length_mm, width_mm,
-- height_mm, tare_g, expected_g, weighed_g, chargeable_g, freight_amount, carton_amount,
-- lines: [{journey_id, units}]}]}.
create function fulfillment.pack_goods(
  actor accounts.actor, p_order uuid, p_packing jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_ids uuid[]; j record; v_id constant uuid := (p_packing->>'id')::uuid;
  v_parcels constant jsonb := p_packing->'parcels';
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  select array_agg(l.id) into v_ids from (
    select x.id from fulfillment.journey x
     where x.order_id = p_order and x.operator_org_id = (actor).org_id and x.stage = 'PACK'
       and x.id in (select (n->>'journey_id')::uuid from jsonb_array_elements(v_parcels) c,
                    jsonb_array_elements(c->'lines') n)
     order by x.id for no key update) l;
  for j in
    select n.journey_id, n.units, x.number, x.moving, k.code
      from (select (n->>'journey_id')::uuid as journey_id, sum((n->>'units')::bigint) as units
              from jsonb_array_elements(v_parcels) c, jsonb_array_elements(c->'lines') n
             group by 1) n
      left join fulfillment.journey x on x.id = n.journey_id and x.id = any(v_ids)
      left join catalog.sku k on k.id = x.sku_id
     order by n.journey_id
  loop
    if j.moving is distinct from j.units then
      perform kit.refuse('fulfillment.packing_changed', jsonb_build_object(
        'sku', coalesce(j.code, ''), 'packed', j.units, 'moving', coalesce(j.moving, 0)));
    end if;
  end loop;
  select x.number into j from fulfillment.journey x
   where x.id = any(v_ids) and not x.id = any(fulfillment.without_unpaid(v_ids)) limit 1;
  if found then
    perform kit.refuse('fulfillment.balance_unpaid', jsonb_build_object('number', j.number));
  end if;
  insert into fulfillment.packing (id, operator_org_id, buyer_org_id, order_id, number, node_id,
    country, service, currency, plan, packed_by, packed_at)
  select v_id, x.operator_org_id, x.buyer_org_id, x.order_id, x.number,
         (p_packing->>'node_id')::uuid, x.country, p_packing->>'service', p_packing->>'currency',
         nullif(p_packing->'plan', 'null'), (actor).name, p_now
    from fulfillment.journey x where x.id = v_ids[1];
  insert into fulfillment.outbound_parcel (id, packing_id, operator_org_id, position, carton,
    length_mm, width_mm, height_mm, tare_g, expected_g, weighed_g, chargeable_g, freight_amount,
    carton_amount)
  select p.id, v_id, (actor).org_id, c.position, p.carton, p.length_mm, p.width_mm, p.height_mm,
         p.tare_g, p.expected_g, p.weighed_g, p.chargeable_g, p.freight_amount, p.carton_amount
    from jsonb_array_elements(v_parcels) with ordinality as c(parcel, position),
         jsonb_populate_record(null::fulfillment.outbound_parcel, c.parcel) p;
  insert into fulfillment.outbound_line (outbound_parcel_id, operator_org_id, journey_id, units)
  select (c->>'id')::uuid, (actor).org_id, (n->>'journey_id')::uuid, sum((n->>'units')::bigint)
    from jsonb_array_elements(v_parcels) c, jsonb_array_elements(c->'lines') n
   group by 1, 2, 3;
  perform accounts.record_audit(actor, p_now, 'pack', 'packing', v_id, jsonb_build_object(
    'order_id', p_order, 'parcels', jsonb_array_length(v_parcels)));
  perform kit.record_event('order.packed', 1, 'packing', v_id, 1, p_now, (actor).org_id, null,
    null, jsonb_build_object(
      'order', (select x.number from fulfillment.packing x where x.id = v_id),
      'order_id', p_order, 'parcels', (
        select jsonb_agg(jsonb_build_object('carton', p.carton, 'weight_g',
                 coalesce(p.weighed_g, p.expected_g)) order by p.position)
          from fulfillment.outbound_parcel p where p.packing_id = v_id)));
  perform fulfillment.finish_stages(actor, 'PACK', v_ids, '', p_now);
end $$;

revoke all on function fulfillment.pack_goods(accounts.actor, uuid, jsonb, timestamptz) from public;
grant execute on function fulfillment.pack_goods(accounts.actor, uuid, jsonb, timestamptz)
  to bl_app, bl_sys, beltline_core;

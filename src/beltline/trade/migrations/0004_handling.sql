-- How long goods take before they are on the road: what a promise adds to the days of a lane.

create table trade.handling (
  -- The node it is done at, or the supplier whose factory does it; null: whoever was not measured.
  party_id uuid,
  -- STOCK: until own stock of a node has left it. HUB: until a factory's box has left a hub again.
  -- MADE: until a factory's goods are at the hub. DOOR: until a factory has shipped them itself.
  way text not null check (way in ('STOCK', 'HUB', 'MADE', 'DOOR')),
  -- Whether a border lies behind it: then it has an export in it.
  crosses boolean not null default false,
  days_p50 double precision not null check (days_p50 >= 0),
  days_p90 double precision not null check (days_p90 >= days_p50),
  unique nulls not distinct (way, crosses, party_id)
);
-- How quick a factory was is between it and the operator; promises ask past this policy.
select kit.protect('trade.handling', '{org} = accounts.operator_org()');

set local role beltline_core;

-- Keep what is known of handling: {party_id, way, crosses, days_p50, days_p90}. Of what is not in
-- it any more the rule of all counts again. Returns how many are kept.
create function trade.keep_handling(p_rows jsonb) returns int
language plpgsql security definer set search_path = '' as $$
declare v_kept int;
begin
  delete from trade.handling h
   where h.party_id is not null and not exists (
     select from jsonb_to_recordset(p_rows) as r(party_id uuid, way text, crosses boolean)
      where (r.party_id, r.way, r.crosses) = (h.party_id, h.way, h.crosses));
  insert into trade.handling as h (party_id, way, crosses, days_p50, days_p90)
  select r.party_id, r.way, r.crosses, r.days_p50, r.days_p90
    from jsonb_to_recordset(p_rows) as r(party_id uuid, way text, crosses boolean,
                                         days_p50 double precision, days_p90 double precision)
  on conflict (way, crosses, party_id) do update set
    days_p50 = excluded.days_p50, days_p90 = excluded.days_p90;
  get diagnostics v_kept = row_count;
  return v_kept;
end $$;

-- The legs from a node to some countries, handling and lane together: {country: [days that half of
-- the boxes need, square of the days more that nine in ten need]}. Of several lanes the one that is
-- surest to be there first. Without a `p_way` the lane alone; null without a lane.
create function trade.legs(p_node uuid, p_country text, p_way text, p_countries text[])
returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_object_agg(l.country, jsonb_build_array(
             l.p50 + coalesce(h.days_p50, 0),
             power(l.p90 - l.p50, 2) + coalesce(power(h.days_p90 - h.days_p50, 2), 0)))
      from (select distinct on (x.country) x.country, x.transit_days_p50 as p50,
                   x.transit_days_p90 as p90
              from trade.lane x
             where x.node_id = p_node and x.country = any(p_countries)
             order by x.country, x.transit_days_p90, x.transit_days_p50) l
      left join lateral (
        select k.days_p50, k.days_p90 from trade.handling k
         where k.way = p_way and k.crosses = (l.country <> p_country)
           and (k.party_id = p_node or k.party_id is null)
         order by k.party_id is null limit 1) h on true);
end $$;

-- What a factory needs, to the hub (MADE) and to the carrier (DOOR), as a leg each:
-- {way: [days, square of the days more]}.
create function trade.made_legs(p_supplier uuid) returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_object_agg(m.way, jsonb_build_array(m.days_p50, power(m.days_p90 - m.days_p50, 2)))
      from (select distinct on (k.way) k.way, k.days_p50, k.days_p90 from trade.handling k
             where k.way in ('MADE', 'DOOR') and (k.party_id = p_supplier or k.party_id is null)
             order by k.way, k.party_id is null) m);
end $$;

revoke all on function trade.keep_handling(jsonb), trade.legs(uuid, text, text, text[]),
  trade.made_legs(uuid) from public;
grant execute on function trade.keep_handling(jsonb), trade.legs(uuid, text, text, text[]),
  trade.made_legs(uuid) to bl_sys, beltline_core;

-- By which service a box goes on from where it is packed: the quote that was chosen, as it was.

create table fulfillment.carriage (
  journey_id uuid primary key,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  rate_card_id uuid not null,
  service text not null,
  carrier text not null,
  mode text not null,
  weight_g bigint not null check (weight_g > 0),
  chargeable_g bigint not null check (chargeable_g > 0),
  amount bigint not null check (amount >= 0),
  currency text not null,
  transit_days_p50 double precision not null,
  transit_days_p90 double precision not null,
  chosen_by text not null,
  chosen_at timestamptz not null,
  foreign key (journey_id, operator_org_id, buyer_org_id)
    references fulfillment.journey (id, operator_org_id, buyer_org_id) on delete cascade
);
create index carriage_by_service on fulfillment.carriage (service, chosen_at);
-- What a service costs is the operator's business.
select kit.protect('fulfillment.carriage', 'operator_org_id = {org}');

set local role beltline_core;

-- Choose the service of a box that has not left; choosing again replaces the choice. Trunk and last
-- mile are planned with the days of the service, and the expectation follows; the promise stays.
-- `p_quote` is {rate_card_id, service, carrier, mode, weight_g, chargeable_g, amount, currency,
-- transit_days_p50, transit_days_p90}.
create function fulfillment.choose_service(
  actor accounts.actor, p_journey uuid, p_quote jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare j fulfillment.journey; v_share double precision; v_shift interval;
begin
  perform accounts.enter(actor);
  select x.* into j from fulfillment.journey x
   where x.id = p_journey and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'journey', 'key', 'jny_' || replace(p_journey::text, '-', '')));
  elsif not exists (select from fulfillment.stage s
                     where s.journey_id = p_journey and s.kind = 'DISPATCH'
                       and s.state in ('PLANNED', 'ACTIVE')) then
    perform kit.refuse('fulfillment.left_already', jsonb_build_object('number', j.number));
  end if;
  insert into fulfillment.carriage as c
  select p_journey, j.operator_org_id, j.buyer_org_id, q.rate_card_id, q.service, q.carrier,
         q.mode, q.weight_g, q.chargeable_g, q.amount, q.currency, q.transit_days_p50,
         q.transit_days_p90, (actor).name, p_now
    from jsonb_populate_record(null::fulfillment.carriage, p_quote) q
  on conflict (journey_id) do update set
    rate_card_id = excluded.rate_card_id, service = excluded.service, carrier = excluded.carrier,
    mode = excluded.mode, weight_g = excluded.weight_g, chargeable_g = excluded.chargeable_g,
    amount = excluded.amount, currency = excluded.currency,
    transit_days_p50 = excluded.transit_days_p50, transit_days_p90 = excluded.transit_days_p90,
    chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at;
  -- As when stages are laid: four fifths of the days are the trunk's where there is one.
  v_share := case when exists (select from fulfillment.stage s
                                where s.journey_id = p_journey and s.kind = 'TRUNK')
                  then 0.8 else 0 end;
  with timed as (
    select s.position, s.hours_planned as before,
           24 * (p_quote->>'transit_days_p50')::double precision * w.share as planned,
           24 * (p_quote->>'transit_days_p90')::double precision * w.share + 24 as allowed
      from fulfillment.stage s
     cross join lateral (select case s.kind when 'TRUNK' then v_share else 1 - v_share end
                                  as share) w
     where s.journey_id = p_journey and s.kind in ('TRUNK', 'LAST_MILE') and s.state = 'PLANNED'
  ), summed as (
    select t.*, make_interval(secs => 3600 * sum(t.planned - t.before) over (order by t.position))
                  as shift
      from timed t
  ), planned as (
    update fulfillment.stage s
       set hours_planned = u.planned, hours_allowed = u.allowed,
           planned_at = s.planned_at + u.shift
      from summed u where s.journey_id = p_journey and s.position = u.position
  )
  select u.shift into v_shift from summed u order by u.position desc limit 1;
  update fulfillment.journey x
     set version = x.version + 1, expected_at = x.expected_at + coalesce(v_shift, interval '0')
   where x.id = p_journey;
  perform fulfillment.tell(array[p_journey], 'journey.service_chosen', jsonb_build_object(
    'service', p_quote->>'service', 'carrier', p_quote->>'carrier',
    'transit_days_p50', p_quote->'transit_days_p50',
    'transit_days_p90', p_quote->'transit_days_p90'), p_now);
  perform accounts.record_audit(actor, p_now, 'choose_service', 'journey', p_journey, p_quote);
end $$;

revoke all on function fulfillment.choose_service(accounts.actor, uuid, jsonb, timestamptz)
  from public;
grant execute on function fulfillment.choose_service(accounts.actor, uuid, jsonb, timestamptz)
  to bl_app, bl_sys, beltline_core;

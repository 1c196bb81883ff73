-- What is declared of goods has the freight of the service that was chosen for their box.

set local role beltline_core;

-- As before, with the freight.
create or replace function fulfillment.exported(p_journeys uuid[]) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'journey_id', j.id, 'order_id', j.order_id, 'order_number', j.number,
             'line_no', j.line_no, 'sku_id', j.sku_id, 'units', j.moving,
             'node_id', coalesce(j.hub_id, j.node_id), 'country', j.country,
             'supplier_org_id', j.supplier_org_id, 'purchase_order_id', p.purchase_order_id,
             'mode', coalesce(c.mode, ''), 'freight_amount', c.amount,
             'freight_currency', c.currency, 'freight_service', coalesce(c.service, '')) order by j.id), '[]')
      from fulfillment.journey j
      join orders.order_part p on (p.order_id, p.line_no, p.part_no)
                                = (j.order_id, j.line_no, j.part_no)
      left join fulfillment.carriage c on c.journey_id = j.id
     where j.id = any(p_journeys));
end $$;

-- As before, and customs hears of the freight.
create or replace function fulfillment.choose_service(
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
  perform customs.carry(fulfillment.exported(array[p_journey]));
  perform fulfillment.tell(array[p_journey], 'journey.service_chosen', jsonb_build_object(
    'service', p_quote->>'service', 'carrier', p_quote->>'carrier',
    'transit_days_p50', p_quote->'transit_days_p50',
    'transit_days_p90', p_quote->'transit_days_p90'), p_now);
  perform accounts.record_audit(actor, p_now, 'choose_service', 'journey', p_journey, p_quote);
end $$;

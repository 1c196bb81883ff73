-- What carriers tell of boxes on the road: each event once, in whatever order and how often it comes.

create table fulfillment.tracking_event (
  operator_org_id uuid not null,
  carrier text not null check (length(carrier) between 1 and 60),
  waybill text not null check (length(waybill) between 1 and 120),
  kind text not null check (kind in (
    'PICKED_UP', 'DEPARTED', 'ARRIVED', 'HELD', 'RELEASED', 'OUT_FOR_DELIVERY', 'ATTEMPTED',
    'DELIVERED', 'RETURNING', 'LOST', 'DAMAGED', 'OTHER')),
  -- When it happened, and when the carrier told it.
  at timestamptz not null,
  told_at timestamptz not null,
  place text not null,
  words text not null,
  primary key (operator_org_id, carrier, waybill, kind, at)
);
create index tracking_event_by_waybill on fulfillment.tracking_event (waybill, at);
create index tracking_event_by_time on fulfillment.tracking_event (operator_org_id, at desc, waybill, kind);
create index tracking_event_by_carrier on fulfillment.tracking_event (carrier, told_at);
select kit.protect('fulfillment.tracking_event', 'operator_org_id = {org}', 'select',
                   'select, insert');

set local role beltline_core;

-- Whether a journey's waybill is that of the box on its way to the buyer: what a factory sent to
-- a hub before has a waybill too, and its end is the hub's to say.
create function fulfillment.is_carried(j fulfillment.journey) returns boolean
language sql stable as $$
  select j.stage in ('TRUNK', 'LAST_MILE') and j.waybill <> '' and exists (
    select from fulfillment.stage s
     where s.journey_id = j.id and s.state = 'DONE' and s.document = j.waybill
       and s.kind = case j.sales_model when 'DIRECT' then 'FACTORY' else 'DISPATCH' end)
$$;

-- Keep what a carrier told and let the journeys of those boxes follow: `p_events` is [{waybill,
-- kind, at, place, words}]. The furthest event counts, whatever came first: arrived ends the trunk,
-- delivered the last mile; lost and damaged units become a question. Returns {fresh, moved,
-- questions, unknown}: new events, stages ended, questions opened, waybills nobody waits for.
create function fulfillment.record_tracking(
  actor accounts.actor, p_carrier text, p_events jsonb, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_waybills text[]; v_fresh int; v_ids uuid[]; v_moved int := 0; v_questions int := 0;
  v_arrived uuid[]; v_delivered uuid[]; j record;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  with made as (
    insert into fulfillment.tracking_event as t (operator_org_id, carrier, waybill, kind, at,
      told_at, place, words)
    select (actor).org_id, p_carrier, e.waybill, e.kind, e.at, p_now, e.place, e.words
      from jsonb_to_recordset(p_events)
        as e(waybill text, kind text, at timestamptz, place text, words text)
     -- In one order, so that two who tell the same never wait for each other.
     order by e.waybill, e.kind, e.at
    on conflict do nothing
    returning t.waybill
  )
  select array_agg(distinct m.waybill), count(*) into v_waybills, v_fresh from made m;
  if v_fresh > 0 then
    select array_agg(l.id) into v_ids from (
      select x.id from fulfillment.journey x
       where x.operator_org_id = (actor).org_id and x.waybill = any(v_waybills)
         and fulfillment.is_carried(x)
       order by x.id for no key update) l;
    perform fulfillment.tell_tracked(v_ids, p_carrier, p_now);
    select array_agg(x.id) filter (where x.stage = 'TRUNK'),
           array_agg(x.id) filter (where s.is_delivered)
      into v_arrived, v_delivered
      from fulfillment.journey x
     cross join lateral (
       select bool_or(t.kind = 'DELIVERED') as is_delivered
         from fulfillment.tracking_event t
        where t.waybill = x.waybill
          and t.kind in ('ARRIVED', 'OUT_FOR_DELIVERY', 'ATTEMPTED', 'DELIVERED')) s
     where x.id = any(v_ids) and s.is_delivered is not null;
    if v_arrived is not null then
      v_moved := fulfillment.finish_stages(actor, 'TRUNK', v_arrived, p_carrier, p_now);
    end if;
    if v_delivered is not null then
      v_moved := v_moved
        + fulfillment.finish_stages(actor, 'LAST_MILE', v_delivered, '', p_now);
    end if;
    for j in
      select x.id, x.moving, t.kind, t.words from fulfillment.journey x
       cross join lateral (
         select y.kind, y.words from fulfillment.tracking_event y
          where y.waybill = x.waybill and y.kind in ('LOST', 'DAMAGED')
          order by y.at desc, y.kind limit 1) t
       where x.id = any(v_ids) and x.moving > 0 order by x.id
    loop
      perform fulfillment.question_units(actor, j.id, j.kind, j.moving, j.words, p_now);
      v_questions := v_questions + 1;
    end loop;
    perform accounts.record_audit(actor, p_now, 'track', 'journey', null, jsonb_build_object(
      'carrier', p_carrier, 'fresh', v_fresh, 'moved', v_moved, 'questions', v_questions));
  end if;
  return jsonb_build_object('fresh', v_fresh, 'moved', v_moved, 'questions', v_questions,
    'unknown', (
      select coalesce(jsonb_agg(u.waybill order by u.waybill), '[]') from (
        select distinct e.waybill from jsonb_to_recordset(p_events) as e(waybill text)
         where not exists (select from fulfillment.journey x
                            where x.waybill = e.waybill and x.operator_org_id = (actor).org_id)
         order by 1 limit 20) u));
end $$;

-- The latest event of each journey as its event; who asked after a silent box has its answer.
create function fulfillment.tell_tracked(p_ids uuid[], p_carrier text, p_now timestamptz)
returns void language plpgsql as $$
begin
  update fulfillment.decision
     set state = 'DEFAULTED', chosen = 'WAIT', decided_at = p_now
   where journey_id = any(p_ids) and cause = 'SILENT' and state = 'OPEN';
  update fulfillment.journey set version = version + 1 where id = any(p_ids);
  perform kit.record_event('journey.tracked', 1, 'journey', j.id, j.version, p_now,
            j.operator_org_id, j.buyer_org_id, null, jsonb_build_object(
              'order', j.number, 'line_no', j.line_no, 'part_no', j.part_no, 'stage', j.stage,
              'waybill', j.waybill, 'carrier', p_carrier, 'kind', t.kind, 'at', t.at,
              'place', t.place))
    from fulfillment.journey j
   cross join lateral (
     select x.kind, x.at, x.place from fulfillment.tracking_event x
      where x.waybill = j.waybill order by x.at desc, x.kind limit 1) t
   where j.id = any(p_ids);
end $$;

-- How long a box is usually without an event: of the hours between two events 95 in 100 are less, by
-- country and stage, over half a year; where fewer than 50 are known there is no row.
create function fulfillment.usual_silence(p_operator uuid, p_now timestamptz)
returns table (country text, stage text, hours double precision)
language sql stable as $$
  select g.country, g.stage, percentile_cont(0.95) within group (order by g.hours)
    from (select b.country,
                 case when b.has_trunk and not coalesce(
                        bool_or(t.kind in ('ARRIVED', 'OUT_FOR_DELIVERY', 'ATTEMPTED')) over (
                          partition by t.waybill order by t.at
                          rows between unbounded preceding and 1 preceding), false)
                      then 'TRUNK' else 'LAST_MILE' end as stage,
                 extract(epoch from t.at - lag(t.at) over (
                   partition by t.waybill order by t.at)) / 3600 as hours
            from fulfillment.tracking_event t
            join (select j.waybill, min(j.country) as country, bool_or(exists (
                           select from fulfillment.stage s
                            where s.journey_id = j.id and s.kind = 'TRUNK')) as has_trunk
                    from fulfillment.journey j
                   where j.operator_org_id = p_operator and j.waybill <> ''
                   group by j.waybill) b on b.waybill = t.waybill
           where t.operator_org_id = p_operator and t.at > p_now - interval '180 days'
             and t.at <= p_now) g
   where g.hours is not null
   group by g.country, g.stage having count(*) >= 50
$$;

-- Ask the operator about boxes without an event for longer than is usual where they are; how many.
-- Until that is known, the stage's own days count: log-normal through its half and its nine in ten
-- (what is allowed is those and a day). Asked once for each silence, of boxes whose carrier tells.
create function fulfillment.question_silence(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare d record; j fulfillment.journey; v_id uuid; v_asked int := 0;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  for d in
    select x.id, l.at as last_at
      from fulfillment.journey x
      join fulfillment.stage s on s.journey_id = x.id and s.state = 'ACTIVE'
      left join fulfillment.usual_silence((actor).org_id, p_now) u
        on u.country = x.country and u.stage = x.stage
      left join fulfillment.carriage c on c.journey_id = x.id
     cross join lateral (
       select greatest(s.started_at, max(t.at)) as at, max(t.at) is not null as is_told
         from fulfillment.tracking_event t
        where t.waybill = x.waybill and t.at <= p_now) l
     where x.operator_org_id = (actor).org_id and x.state = 'OPEN' and x.moving > 0
       and x.stage in ('TRUNK', 'LAST_MILE') and fulfillment.is_carried(x)
       and (l.is_told or exists (
             select from fulfillment.tracking_event t
              where t.carrier = c.carrier and t.told_at > p_now - interval '7 days'))
       and l.at + make_interval(secs => 3600 * case
             when u.hours is not null then greatest(u.hours, 24)
             when s.hours_planned > 0 and s.hours_allowed > s.hours_planned + 25
               then s.hours_planned * power((s.hours_allowed - 24) / s.hours_planned, 1.2835)
             else s.hours_allowed end) <= p_now
       and not exists (
         select from fulfillment.decision y
          where y.journey_id = x.id
            and (y.state = 'OPEN' or y.cause = 'SILENT' and y.opened_at > l.at))
     order by l.at, x.id limit p_limit
  loop
    select x.* into j from fulfillment.journey x
     where x.id = d.id and x.moving > 0 for no key update skip locked;
    continue when not found;
    v_id := kit.uuid7(p_now);
    insert into fulfillment.decision (id, journey_id, operator_org_id, buyer_org_id, cause, units,
      options, default_option, due_at, note, opened_at)
    values (v_id, j.id, j.operator_org_id, j.buyer_org_id, 'SILENT', j.moving,
      jsonb_build_array(jsonb_build_object('option', 'WAIT', 'amount', 0),
                        jsonb_build_object('option', 'LOST', 'amount', 0)),
      'WAIT', p_now + interval '48 hours', j.waybill, p_now);
    update fulfillment.journey set version = version + 1 where id = j.id;
    perform kit.record_event('journey.silent', 1, 'journey', j.id, j.version + 1, p_now,
      j.operator_org_id, null, null, jsonb_build_object('order', j.number, 'waybill', j.waybill,
        'stage', j.stage, 'last_at', d.last_at,
        'decision', 'dec_' || replace(v_id::text, '-', '')));
    perform accounts.record_audit(actor, p_now, 'question', 'journey', j.id,
      jsonb_build_object('cause', 'SILENT', 'waybill', j.waybill));
    v_asked := v_asked + 1;
  end loop;
  return v_asked;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname in ('is_carried', 'record_tracking', 'tell_tracked', 'usual_silence',
                                'question_silence') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  fulfillment.record_tracking(accounts.actor, text, jsonb, timestamptz) to bl_app;

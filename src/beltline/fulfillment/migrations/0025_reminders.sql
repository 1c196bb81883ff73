-- Reminders before the deadlines of journeys: to the factory that has to ship, to the buyer whose
-- answer is waited for. What happens after them is meet_deadlines' business.

create table fulfillment.reminder (
  kind text not null check (kind in ('SHIPMENT', 'DECISION')),
  -- The journey, or the decision.
  subject_id uuid not null,
  -- A deadline that moves is another one.
  due_at timestamptz not null,
  journey_id uuid not null,
  operator_org_id uuid not null,
  org_id uuid not null,
  reminded_at timestamptz not null,
  primary key (subject_id, kind, due_at)
);
create index reminder_by_journey on fulfillment.reminder (journey_id, due_at);
select kit.protect('fulfillment.reminder', '{org} in (operator_org_id, org_id)', 'select',
                   'select, insert');

set local role beltline_core;

-- What ends within half a day and waits for a factory, or for a buyer who has a choice.
create function fulfillment.due_soon(p_operator uuid, p_now timestamptz)
returns table (kind text, subject_id uuid, due_at timestamptz, journey_id uuid, org_id uuid)
language sql stable as $$
  select 'SHIPMENT', j.id, j.due_at, j.id, j.supplier_org_id
    from fulfillment.journey j
   where j.operator_org_id = p_operator and j.state = 'OPEN' and j.stage = 'FACTORY'
     and j.supplier_org_id is not null
     and j.due_at > p_now and j.due_at <= p_now + interval '12 hours'
  union all
  select 'DECISION', d.id, d.due_at, d.journey_id, d.buyer_org_id
    from fulfillment.decision d
   where d.operator_org_id = p_operator and d.state = 'OPEN'
     and jsonb_array_length(d.options) > 1
     and d.due_at > p_now and d.due_at <= p_now + interval '12 hours'
$$;

-- Remind of deadlines that come near, each once: the row, its event and the audit together. How many.
create function fulfillment.remind(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[]; v_made int;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j
     where j.id in (select s.journey_id from fulfillment.due_soon((actor).org_id, p_now) s
                     where not exists (
                       select from fulfillment.reminder r
                        where (r.subject_id, r.kind, r.due_at) = (s.subject_id, s.kind, s.due_at))
                     order by s.due_at, s.subject_id limit p_limit)
     order by j.id for no key update skip locked) l;
  if v_ids is null then
    return 0;
  end if;
  with made as (
    insert into fulfillment.reminder (kind, subject_id, due_at, journey_id, operator_org_id,
      org_id, reminded_at)
    select s.kind, s.subject_id, s.due_at, s.journey_id, (actor).org_id, s.org_id, p_now
      from fulfillment.due_soon((actor).org_id, p_now) s where s.journey_id = any(v_ids)
    on conflict do nothing
    returning *
  ), numbered as (
    select m.*, row_number() over (partition by m.journey_id order by m.due_at, m.kind) as n
      from made m
  ), raised as (
    update fulfillment.journey j set version = j.version + c.reminders
      from (select m.journey_id, count(*) as reminders from made m group by m.journey_id) c
     where j.id = c.journey_id
  ), told as (
    select kit.record_event('journey.reminded', 1, 'journey', j.id, j.version + m.n, p_now,
             j.operator_org_id, case m.kind when 'DECISION' then m.org_id end,
             case m.kind when 'SHIPMENT' then m.org_id end,
             jsonb_build_object('order', j.number, 'line_no', j.line_no, 'part_no', j.part_no,
               'deadline', m.kind, 'due_at', m.due_at) || case m.kind when 'DECISION'
               then jsonb_build_object('decision', 'dec_' || replace(m.subject_id::text, '-', ''))
               else '{}' end)
      from numbered m join fulfillment.journey j on j.id = m.journey_id
  )
  select count(*) into v_made from told;
  if v_made > 0 then
    perform accounts.record_audit(actor, p_now, 'remind', 'journey',
      case when cardinality(v_ids) = 1 then v_ids[1] end,
      jsonb_build_object('reminders', v_made));
  end if;
  return v_made;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname in ('due_soon', 'remind') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

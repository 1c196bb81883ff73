-- Deadlines of purchase orders: a reminder before each, the operator's queue after it, each once.

-- How long before its end somebody is reminded; what is sent takes `road_days` to arrive.
create table procurement.deadline_rule (
  kind text primary key check (kind in ('ANSWER', 'SHIPMENT', 'CHANGE')),
  remind_hours int not null check (remind_hours >= 0),
  road_days int not null check (road_days >= 0)
);
select kit.protect('procurement.deadline_rule', 'true', 'select', 'select, update');
insert into procurement.deadline_rule values ('ANSWER', 12, 0), ('SHIPMENT', 24, 2), ('CHANGE', 12, 0);

-- What runs, and whom it concerns: the time to answer an order, to send its goods, to say yes or no
-- to a change. Goods leave so early that they arrive by the order's day, at 18:00 where they go, and
-- nobody has less than a day for it. What buyers ordered has the deadlines of its journeys, and what
-- came by a file only its day: nobody announces its shipments here.
create view procurement.deadline with (security_invoker) as
  select 'ANSWER' as kind, o.id as subject_id, o.id as purchase_order_id, 'SUPPLIER' as concerns,
         o.operator_org_id, o.supplier_org_id, o.answer_by as due_at
    from procurement.purchase_order o
   where o.status = 'ISSUED' and o.answer_by is not null
  union all
  select 'SHIPMENT', o.id, o.id, 'SUPPLIER', o.operator_org_id, o.supplier_org_id,
         greatest((o.expected_date - r.road_days + time '18:00') at time zone n.tz,
                  coalesce(o.answered_at, o.issued_at) + interval '1 day')
    from procurement.purchase_order o
    join procurement.deadline_rule r on r.kind = 'SHIPMENT'
    join trade.node n on n.id = o.node_id
   where o.status in ('CONFIRMED', 'DEPOSIT_PAID', 'IN_PRODUCTION', 'INSPECTED', 'BALANCE_PAID',
                      'PART_SHIPPED')
     and not o.is_for_orders and not o.is_imported
  union all
  select 'CHANGE', c.id, c.purchase_order_id, c.asked_of, c.operator_org_id, c.supplier_org_id,
         c.answer_by
    from procurement.order_change c
   where c.state = 'OPEN';
grant select on procurement.deadline to bl_app, bl_sys, beltline_core;

-- What a deadline has led to. A deadline that moves is another one.
create table procurement.deadline_step (
  kind text not null references procurement.deadline_rule,
  subject_id uuid not null,
  due_at timestamptz not null,
  step text not null check (step in ('REMINDED', 'ESCALATED')),
  purchase_order_id uuid not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  concerns text not null check (concerns in ('OPERATOR', 'SUPPLIER')),
  taken_at timestamptz not null,
  -- When somebody of the operator took care of an escalation.
  settled_at timestamptz,
  primary key (subject_id, kind, due_at, step),
  foreign key (purchase_order_id, operator_org_id, supplier_org_id)
    references procurement.purchase_order (id, operator_org_id, supplier_org_id) on delete cascade,
  check (settled_at is null or step = 'ESCALATED')
);
create index deadline_step_by_order on procurement.deadline_step (purchase_order_id, due_at);
create index deadline_step_open on procurement.deadline_step (operator_org_id, due_at)
  where step = 'ESCALATED' and settled_at is null;
select kit.protect('procurement.deadline_step', '{org} in (operator_org_id, supplier_org_id)');

-- What waits in the operator's queue: a deadline that passed and still stands, or an order that
-- ended unanswered, until somebody has taken care of it.
create view procurement.escalation with (security_invoker) as
  select s.kind, s.subject_id, s.purchase_order_id, s.concerns, s.operator_org_id, s.due_at,
         s.taken_at
    from procurement.deadline_step s
   where s.step = 'ESCALATED' and s.settled_at is null
     and (s.kind = 'ANSWER' or exists (
       select from procurement.deadline d
        where (d.subject_id, d.kind, d.due_at) = (s.subject_id, s.kind, s.due_at)));
grant select on procurement.escalation to bl_app, bl_sys, beltline_core;

set local role beltline_core;

-- Remind before deadlines and escalate after them; how many steps were taken. A step is its row,
-- its event and its audit row in one transaction. Unanswered orders end by expire_order.
create function procurement.meet_deadlines(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare d record; o procurement.purchase_order; v_taken int := 0;
begin
  perform accounts.enter(actor);
  for d in
    select x.*, case when x.due_at <= p_now then 'ESCALATED' else 'REMINDED' end as step
      from procurement.deadline x
      join procurement.deadline_rule r on r.kind = x.kind
     where x.operator_org_id = (actor).org_id
       and x.due_at <= p_now + make_interval(hours => r.remind_hours)
       and (x.kind <> 'ANSWER' or x.due_at > p_now)
       and not exists (
         select from procurement.deadline_step s
          where (s.subject_id, s.kind, s.due_at) = (x.subject_id, x.kind, x.due_at)
            and s.step = case when x.due_at <= p_now then 'ESCALATED' else 'REMINDED' end)
     order by x.due_at, x.subject_id limit p_limit
  loop
    select p.* into o from procurement.purchase_order p
     where p.id = d.purchase_order_id for no key update skip locked;
    -- Between the look and the lock it may have been answered, sent or moved.
    continue when not found or not exists (
      select from procurement.deadline x
       where (x.subject_id, x.kind, x.due_at) = (d.subject_id, d.kind, d.due_at));
    continue when not procurement.take_step(o, d.kind, d.subject_id, d.concerns, d.due_at, d.step,
                                            p_now);
    update procurement.purchase_order set version = version + 1 where id = o.id;
    perform procurement.record_change(actor, o,
      case d.step when 'REMINDED' then 'purchase_order.reminded' else 'purchase_order.overdue' end,
      case d.step when 'REMINDED' then 'remind' else 'escalate' end, o.status,
      jsonb_build_object('deadline', d.kind, 'concerns', d.concerns, 'due_at', d.due_at), p_now);
    v_taken := v_taken + 1;
  end loop;
  return v_taken;
end $$;

-- Keep a step of a locked order's deadline; false when it was taken before.
create function procurement.take_step(
  o procurement.purchase_order, p_kind text, p_subject uuid, p_concerns text,
  p_due timestamptz, p_step text, p_now timestamptz
) returns boolean language plpgsql as $$
begin
  insert into procurement.deadline_step (kind, subject_id, due_at, step, purchase_order_id,
    operator_org_id, supplier_org_id, concerns, taken_at)
  values (p_kind, p_subject, p_due, p_step, o.id, o.operator_org_id, o.supplier_org_id,
          p_concerns, p_now)
  on conflict do nothing;
  return found;
end $$;

-- Somebody took care of what is overdue of an order: it leaves the queue.
create function procurement.settle_overdue(
  actor accounts.actor, p_order uuid, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare o constant procurement.purchase_order := procurement.lock_order(actor, p_order, 'OPERATOR');
begin
  update procurement.deadline_step s set settled_at = p_now
   where s.purchase_order_id = p_order and s.step = 'ESCALATED' and s.settled_at is null
     and exists (select from procurement.escalation e
                  where (e.subject_id, e.kind, e.due_at) = (s.subject_id, s.kind, s.due_at));
  if not found then
    perform kit.refuse('procurement.nothing_overdue', jsonb_build_object('number', o.number));
  end if;
  update procurement.purchase_order set version = version + 1 where id = p_order;
  perform procurement.record_change(actor, o, 'purchase_order.taken_up', 'take_up', o.status,
    jsonb_build_object('note', p_note), p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'procurement'::regnamespace
              and p.proname in ('meet_deadlines', 'take_step', 'settle_overdue') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  procurement.settle_overdue(accounts.actor, uuid, text, timestamptz) to bl_app;

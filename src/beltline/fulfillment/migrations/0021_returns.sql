-- Inspection of what stands at a hub, and goods that come back.

-- What a sample of a lot showed, under which plan; the verdict is what the plan says.
create table fulfillment.inspection (
  id uuid primary key,
  journey_id uuid not null,
  operator_org_id uuid not null,
  supplier_org_id uuid,
  severity text not null check (severity in ('NORMAL', 'TIGHTENED')),
  lot bigint not null check (lot > 0),
  -- Each AQL has its own sample; pieces are drawn once, the smaller sample is the first of them.
  sample bigint not null check (sample between 1 and lot),
  sample_major bigint not null check (sample_major > 0),
  sample_minor bigint not null check (sample_minor > 0),
  accept_major int not null,
  accept_minor int not null,
  critical int not null check (critical >= 0),
  major int not null check (major >= 0),
  minor int not null check (minor >= 0),
  verdict text not null check (verdict in ('ACCEPTED', 'REJECTED')),
  note text not null default '',
  inspected_by text not null,
  at timestamptz not null,
  check (greatest(sample_major, sample_minor) = sample),
  check (critical + major <= sample and minor <= sample_minor),
  check (critical + major + minor <= sample)
);
create index inspection_by_supplier on fulfillment.inspection (supplier_org_id, at desc, id desc);
create index inspection_by_journey on fulfillment.inspection (journey_id, at);
select kit.protect('fulfillment.inspection', '{org} in (operator_org_id, supplier_org_id)',
                   'select', 'select, insert', 'operator_org_id = {org}');

create sequence fulfillment.return_number start 30001;
grant usage on sequence fulfillment.return_number to bl_sys, beltline_core;

-- Units that a buyer sends back. Graded units are sold again, or are not; the refund is exact.
create table fulfillment.return_case (
  id uuid primary key,
  number text not null unique,
  journey_id uuid not null,
  order_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  supplier_org_id uuid,
  sku_id uuid not null,
  units bigint not null check (units > 0),
  reason text not null check (reason in (
    'DEFECTIVE', 'DAMAGED', 'WRONG', 'NOT_AS_DESCRIBED', 'LATE', 'NO_REASON')),
  note text not null,
  state text not null check (state in ('REQUESTED', 'APPROVED', 'REFUSED', 'REFUNDED')),
  node_id uuid,
  answer_note text not null default '',
  resell bigint not null default 0,
  scrap bigint not null default 0,
  refunded_amount bigint not null default 0,
  currency text not null,
  charged_to text check (charged_to in ('SUPPLIER', 'CARRIER', 'OPERATOR', 'BUYER')),
  version bigint not null default 1,
  requested_at timestamptz not null,
  due_at timestamptz,
  answered_at timestamptz,
  graded_at timestamptz,
  check (least(resell, scrap) >= 0 and resell + scrap <= units),
  check ((state = 'REFUNDED') = (graded_at is not null))
);
create index return_case_by_operator on fulfillment.return_case (operator_org_id, requested_at desc, id desc);
create index return_case_by_buyer on fulfillment.return_case (buyer_org_id, requested_at desc, id desc);
create index return_case_by_journey on fulfillment.return_case (journey_id);
select kit.protect('fulfillment.return_case', '{org} in (operator_org_id, buyer_org_id)', 'select');

set local role beltline_core;

-- Write what a sample showed and carry out the verdict: an accepted lot goes on without the pieces
-- found bad, a rejected one stops and is asked about.
create function fulfillment.record_inspection(
  actor accounts.actor, p_journey uuid, p_inspection jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  j fulfillment.journey; i fulfillment.inspection; v_bad bigint;
begin
  perform accounts.enter(actor);
  select x.* into j from fulfillment.journey x
   where x.id = p_journey and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'journey', 'key', 'jny_' || replace(p_journey::text, '-', '')));
  elsif j.stage is distinct from 'INSPECTION' or j.moving <> (p_inspection->>'lot')::bigint then
    perform kit.refuse('fulfillment.not_inspectable', jsonb_build_object('number', j.number));
  end if;
  i := jsonb_populate_record(null::fulfillment.inspection, p_inspection || jsonb_build_object(
    'id', kit.uuid7(p_now), 'journey_id', p_journey, 'operator_org_id', j.operator_org_id,
    'supplier_org_id', j.supplier_org_id, 'inspected_by', (actor).name, 'at', p_now));
  insert into fulfillment.inspection select i.*;
  perform suppliers.record_outcomes(jsonb_build_array(jsonb_build_object(
    'supplier_org_id', i.supplier_org_id, 'measure', 'DEFECT_FREE',
    'score', 1 - (i.critical + i.major + i.minor)::numeric / i.sample,
    'source', 'inspection.recorded', 'subject_id', i.id, 'subject', j.number)), p_now);
  v_bad := case i.verdict when 'REJECTED' then j.moving else i.critical + i.major end;
  if v_bad > 0 then
    perform fulfillment.question_units(actor, p_journey, 'REJECTED', v_bad, i.note, p_now);
  end if;
  if v_bad < j.moving then
    perform fulfillment.next_stage(actor, array[p_journey], 'INSPECTION',
      'AQL ' || i.sample || ' / ' || i.accept_major, p_now);
  end if;
end $$;

-- The event and the audit row of a change of a return. The row was changed by the caller.
create function fulfillment.tell_return(
  actor accounts.actor, p_return uuid, p_action text, p_now timestamptz
) returns void language plpgsql as $$
declare r fulfillment.return_case;
begin
  select x.* into strict r from fulfillment.return_case x where x.id = p_return;
  perform kit.record_event('return.' || p_action, 1, 'return', r.id, r.version, p_now,
    r.operator_org_id, r.buyer_org_id, null, jsonb_build_object(
      'number', r.number, 'state', r.state, 'units', r.units, 'reason', r.reason,
      'resell', r.resell, 'scrap', r.scrap, 'refunded', r.refunded_amount,
      'currency', r.currency, 'charged_to', r.charged_to));
  perform accounts.record_audit(actor, p_now, p_action, 'return', r.id, jsonb_build_object(
    'number', r.number, 'state', r.state, 'units', r.units, 'refunded', r.refunded_amount));
end $$;

-- Ask to send delivered units back, within `p_days` of their delivery.
create function fulfillment.request_return(
  actor accounts.actor, p_return uuid, p_journey uuid, p_units bigint, p_reason text, p_note text,
  p_days int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare j fulfillment.journey; v_free bigint; v_currency text;
begin
  perform accounts.enter(actor);
  select x.* into j from fulfillment.journey x
   where x.id = p_journey and (actor).org_id in (x.buyer_org_id, x.operator_org_id)
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'journey', 'key', 'jny_' || replace(p_journey::text, '-', '')));
  end if;
  v_free := j.delivered - coalesce((select sum(r.units) from fulfillment.return_case r
                                     where r.journey_id = p_journey and r.state <> 'REFUSED'), 0);
  if p_units < 1 or p_units > v_free then
    perform kit.refuse('fulfillment.not_returnable', jsonb_build_object(
      'number', j.number, 'units', p_units, 'delivered', v_free));
  elsif j.ended_at is null or j.ended_at < p_now - make_interval(days => p_days) then
    perform kit.refuse('fulfillment.return_too_late', jsonb_build_object(
      'number', j.number, 'days', p_days));
  end if;
  select o.currency into v_currency from orders."order" o where o.id = j.order_id;
  insert into fulfillment.return_case (id, number, journey_id, order_id, line_no, operator_org_id,
    buyer_org_id, supplier_org_id, sku_id, units, reason, note, state, currency, requested_at,
    due_at)
  values (p_return, 'RMA-' || nextval('fulfillment.return_number'), j.id, j.order_id, j.line_no,
    j.operator_org_id, j.buyer_org_id, j.supplier_org_id, j.sku_id, p_units, p_reason, p_note,
    'REQUESTED', v_currency, p_now, p_now + interval '48 hours');
  perform fulfillment.tell_return(actor, p_return, 'requested', p_now);
end $$;

-- A return of the operator's, locked, in the state it must be in.
create function fulfillment.lock_return(actor accounts.actor, p_return uuid, p_state text)
returns fulfillment.return_case language plpgsql as $$
declare r fulfillment.return_case;
begin
  perform accounts.enter(actor);
  select x.* into r from fulfillment.return_case x
   where x.id = p_return and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'return', 'key', 'rma_' || replace(p_return::text, '-', '')));
  elsif r.state <> p_state then
    perform kit.refuse('fulfillment.return_moved_on', jsonb_build_object(
      'number', r.number, 'state', r.state));
  end if;
  return r;
end $$;

-- Approve a return to a node, or refuse it (without a node).
create function fulfillment.answer_return(
  actor accounts.actor, p_return uuid, p_node uuid, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare r constant fulfillment.return_case :=
  fulfillment.lock_return(actor, p_return, 'REQUESTED');
begin
  update fulfillment.return_case
     set state = case when p_node is null then 'REFUSED' else 'APPROVED' end, node_id = p_node,
         answer_note = p_note, answered_at = p_now, version = version + 1,
         due_at = case when p_node is not null then p_now + interval '21 days' end
   where id = r.id;
  perform fulfillment.tell_return(actor, p_return,
    case when p_node is null then 'refused' else 'approved' end, p_now);
end $$;

-- What came back is graded: good units stand at the node again as the operator's, the others
-- stand there unsellable. The buyer gets the money of all that came, to the cent.
create function fulfillment.grade_return(
  actor accounts.actor, p_return uuid, p_resell bigint, p_scrap bigint, p_charged_to text,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  r constant fulfillment.return_case := fulfillment.lock_return(actor, p_return, 'APPROVED');
  v_came constant bigint := p_resell + p_scrap; v_amount bigint;
begin
  if v_came < 1 or v_came > r.units or least(p_resell, p_scrap) < 0 then
    perform kit.refuse('fulfillment.not_returnable', jsonb_build_object(
      'number', r.number, 'units', v_came, 'delivered', r.units));
  end if;
  perform inventory.take_back(jsonb_build_array(jsonb_build_object(
    'sku_id', r.sku_id, 'node_id', r.node_id, 'owner_org_id', r.operator_org_id,
    'quantity', v_came, 'damaged', p_scrap, 'reference', r.number, 'reference_id', r.id)),
    r.operator_org_id, p_now);
  v_amount := orders.refund_units(r.order_id, r.line_no, v_came, p_now);
  update fulfillment.return_case
     set state = 'REFUNDED', resell = p_resell, scrap = p_scrap, refunded_amount = v_amount,
         charged_to = p_charged_to, graded_at = p_now, version = version + 1, due_at = null
   where id = r.id;
  if p_charged_to = 'SUPPLIER' then
    perform suppliers.record_outcomes((
      select jsonb_agg(jsonb_build_object('supplier_org_id', j.supplier_org_id,
               'measure', 'NOT_RETURNED', 'source', 'return.refunded', 'subject_id', j.id,
               'subject', j.number, 'score', 1 - (
                 select sum(x.resell + x.scrap) from fulfillment.return_case x
                  where x.journey_id = j.id and x.charged_to = 'SUPPLIER') / j.delivered))
        from fulfillment.journey j
       where j.id = r.journey_id and j.supplier_org_id is not null), p_now);
  end if;
  perform fulfillment.tell_return(actor, p_return, 'refunded', p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname in ('record_inspection', 'tell_return', 'request_return',
                                'lock_return', 'answer_return', 'grade_return') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  fulfillment.record_inspection(accounts.actor, uuid, jsonb, timestamptz),
  fulfillment.request_return(accounts.actor, uuid, uuid, bigint, text, text, int, timestamptz),
  fulfillment.answer_return(accounts.actor, uuid, uuid, text, timestamptz),
  fulfillment.grade_return(accounts.actor, uuid, bigint, bigint, text, timestamptz) to bl_app;

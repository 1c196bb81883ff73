-- What a journey teaches about its supplier, what a silent buyer has said before, and a sample of its
-- own for each kind of defect.

-- Each AQL has its own sample; pieces are drawn once, the smaller sample is the first of them.
alter table fulfillment.inspection add sample_major bigint, add sample_minor bigint;
update fulfillment.inspection set sample_major = sample, sample_minor = sample;
alter table fulfillment.inspection
  alter sample_major set not null, alter sample_minor set not null,
  add check (greatest(sample_major, sample_minor) = sample),
  add check (least(sample_major, sample_minor) > 0),
  add check (critical + major <= sample and minor <= sample_minor);

set local role beltline_core;

-- What is done when nobody answers: who wanted to wait for missing goods when it ordered gets
-- others where there are others, everybody else the money.
create function fulfillment.default_for(j fulfillment.journey, p_options jsonb) returns text
language plpgsql stable as $$
begin
  return case when p_options @> '[{"option": "REPLACE"}]' and exists (
    select from orders."order" o where o.id = j.order_id and o.decision = 'WAIT')
    then 'REPLACE' else 'REFUND' end;
end $$;

-- Take units out of a journey because something is wrong with them, and open the question of what
-- to do. Reserved units go back to their stock; broken and wrong ones stay there unsellable.
create or replace function fulfillment.question_units(
  actor accounts.actor, p_journey uuid, p_cause text, p_units bigint, p_note text,
  p_now timestamptz
) returns uuid language plpgsql security definer set search_path = '' as $$
declare
  j fulfillment.journey; v_standing bigint; v_decision constant uuid := kit.uuid7(p_now);
  v_line jsonb; v_options jsonb;
begin
  perform accounts.enter(actor);
  select x.* into j from fulfillment.journey x
   where x.id = p_journey and x.operator_org_id = (actor).org_id
     and not exists (select from orders.order_part p
                      where (p.order_id, p.line_no, p.part_no) = (x.order_id, x.line_no, x.part_no)
                        and p.status = 'CANCELLED')
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'journey', 'key', 'jny_' || replace(p_journey::text, '-', '')));
  elsif p_units < 1 or p_units > j.moving then
    perform kit.refuse('fulfillment.units_not_there', jsonb_build_object(
      'number', j.number, 'units', p_units, 'moving', j.moving));
  end if;
  -- Units that are still to come are missed before those that stand here.
  v_standing := greatest(p_units - (j.moving - j.stock_units), 0);
  if p_cause in ('DAMAGED', 'WRONG', 'REJECTED') then
    v_standing := least(p_units, j.stock_units);
  end if;
  if v_standing > 0 then
    v_line := jsonb_build_array(jsonb_build_object(
      'sku_id', j.sku_id, 'node_id', j.stock_node_id, 'owner_org_id', j.owner_org_id,
      'quantity', v_standing, 'reference', j.number, 'reference_id', j.order_id));
    if p_cause in ('DAMAGED', 'WRONG', 'REJECTED') then
      perform inventory.damage_reserved(v_line, j.operator_org_id, p_now);
    elsif p_cause = 'LOST' then
      perform inventory.move_reserved('SHIP',
        jsonb_set(v_line, '{0,quantity}', to_jsonb(-v_standing)), j.operator_org_id, p_now);
    else
      perform inventory.release_lines(array[j.sku_id], array[j.stock_node_id],
        array[j.owner_org_id], array[v_standing], j.number, j.order_id, p_now);
    end if;
  end if;
  v_options := fulfillment.options_for(j, p_units, p_now);
  insert into fulfillment.decision (id, journey_id, operator_org_id, buyer_org_id, cause, units,
    options, default_option, due_at, note, opened_at)
  values (v_decision, p_journey, j.operator_org_id, j.buyer_org_id, p_cause, p_units,
    v_options, fulfillment.default_for(j, v_options), p_now + interval '24 hours', p_note, p_now);
  update fulfillment.journey x
     set moving = x.moving - p_units, in_question = x.in_question + p_units,
         stock_units = x.stock_units - v_standing,
         received = least(x.received, x.moving - p_units), version = x.version + 1,
         stage = case when x.moving > p_units then x.stage end,
         due_at = case when x.moving > p_units then x.due_at end
   where x.id = p_journey;
  if j.moving = p_units then
    update fulfillment.stage set state = 'DROPPED'
     where journey_id = p_journey and state in ('PLANNED', 'ACTIVE');
  end if;
  perform fulfillment.tell(array[p_journey], 'journey.questioned', jsonb_build_object(
    'decision', 'dec_' || replace(v_decision::text, '-', ''), 'cause', p_cause,
    'units', p_units), p_now);
  perform accounts.record_audit(actor, p_now, 'question', 'journey', p_journey,
    jsonb_build_object('cause', p_cause, 'units', p_units, 'note', p_note));
  return v_decision;
end $$;

-- Units arrived at the buyer: the buyer owns them, the part is at an end.
create or replace function fulfillment.hand_over(p_journeys uuid[], p_document text, p_now timestamptz)
returns void language plpgsql as $$
begin
  insert into fulfillment.title_transfer (id, journey_id, operator_org_id, buyer_org_id,
    from_org_id, to_org_id, units, document, at)
  select kit.uuid7(p_now), j.id, j.operator_org_id, j.buyer_org_id, j.owner_org_id,
         j.buyer_org_id, j.moving, coalesce(nullif(p_document, ''), 'POD-' || j.number), p_now
    from fulfillment.journey j where j.id = any(p_journeys);
  update fulfillment.journey
     set delivered = delivered + moving, moving = 0, owner_org_id = buyer_org_id, stage = null,
         due_at = null, state = case when in_question > 0 then 'OPEN' else 'DELIVERED' end,
         expected_at = p_now, ended_at = case when in_question > 0 then null else p_now end
   where id = any(p_journeys);
  perform fulfillment.end_parts(p_journeys, p_now);
  perform suppliers.record_outcomes((
    select jsonb_agg(jsonb_build_object('supplier_org_id', j.supplier_org_id,
             'measure', 'NOT_RETURNED', 'score', 1, 'source', 'journey.delivered',
             'subject_id', j.id, 'subject', j.number))
      from fulfillment.journey j
     where j.id = any(p_journeys) and j.supplier_org_id is not null), p_now);
end $$;

-- Write what a sample showed and carry out the verdict: an accepted lot goes on without the pieces
-- found bad, a rejected one stops and is asked about.
create or replace function fulfillment.record_inspection(
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

-- What came back is graded: good units stand at the node again as the operator's, the others
-- stand there unsellable. The buyer gets the money of all that came, to the cent.
create or replace function fulfillment.grade_return(
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

revoke all on function fulfillment.default_for(fulfillment.journey, jsonb) from public;
grant execute on function fulfillment.default_for(fulfillment.journey, jsonb)
  to bl_sys, beltline_core;

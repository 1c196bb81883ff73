-- Journeys before their decisions, in the order of their ids: who takes more than one waits for no two
-- at once. What ends, what is decided and what the clock does take their locks in this one order.

set local role beltline_core;

-- End locked journeys whose order, or part of it, was cancelled; its money was given back there.
create function fulfillment.end_journeys(
  actor accounts.actor, p_order uuid, p_journeys uuid[], p_now timestamptz
) returns void language plpgsql as $$
begin
  update fulfillment.stage set state = 'DROPPED'
   where journey_id = any(p_journeys) and state in ('PLANNED', 'ACTIVE');
  update fulfillment.journey
     set refunded = refunded + moving + in_question, moving = 0, in_question = 0, stock_units = 0,
         stock_node_id = null, stage = null, due_at = null, state = 'ENDED', ended_at = p_now,
         version = version + 1
   where id = any(p_journeys);
  update fulfillment.decision set state = 'DEFAULTED', chosen = 'REFUND', decided_at = p_now
   where journey_id = any(p_journeys) and state = 'OPEN';
  perform customs.restate(fulfillment.exported(p_journeys));
  perform fulfillment.settle_purchases(actor, p_journeys, p_now);
  perform fulfillment.tell(p_journeys, 'journey.ended', '{"cause": "CANCELLED"}', p_now);
  perform accounts.record_audit(actor, p_now, 'end', 'journey', null,
    jsonb_build_object('order_id', p_order, 'journeys', cardinality(p_journeys)));
end $$;

create or replace function fulfillment.end_cancelled(
  actor accounts.actor, p_order uuid, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[];
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j join orders."order" o on o.id = j.order_id
     where j.order_id = p_order and j.operator_org_id = (actor).org_id and j.state = 'OPEN'
       and (o.status = 'CANCELLED' or exists (
              select from orders.order_part p
               where (p.order_id, p.line_no, p.part_no) = (j.order_id, j.line_no, j.part_no)
                 and p.status = 'CANCELLED'))
     order by j.id for no key update of j) l;
  if v_ids is not null then
    perform fulfillment.end_journeys(actor, p_order, v_ids, p_now);
  end if;
  return coalesce(cardinality(v_ids), 0);
end $$;

-- As before; journeys that somebody works on are left for the next time.
create or replace function fulfillment.meet_deadlines(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare d fulfillment.decision; j record; v_ids uuid[]; v_touched int := 0;
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select y.id from fulfillment.journey y
     where y.id in (select x.journey_id from fulfillment.decision x
                     where x.operator_org_id = (actor).org_id and x.state = 'OPEN'
                       and x.due_at <= p_now order by x.due_at, x.id limit p_limit)
     order by y.id for no key update skip locked) l;
  for d in
    select x.* from fulfillment.decision x
     where x.journey_id = any(v_ids) and x.state = 'OPEN' and x.due_at <= p_now
     order by x.due_at, x.id for no key update
  loop
    perform fulfillment.carry_out(actor, d, d.default_option, 'DEFAULTED', p_now);
    v_touched := v_touched + 1;
  end loop;
  v_touched := v_touched + fulfillment.ask_balances(actor, null, p_limit, p_now);
  for j in
    select x.id, x.extensions, x.moving, x.stage from fulfillment.journey x
     where x.operator_org_id = (actor).org_id and x.state = 'OPEN' and x.due_at <= p_now
       and not exists (select from fulfillment.decision y
                        where y.journey_id = x.id and y.state = 'OPEN')
     order by x.due_at, x.id limit p_limit for no key update skip locked
  loop
    if j.extensions = 0 then
      perform fulfillment.question_delay(actor, j.id, p_now);
    else
      perform fulfillment.question_units(actor, j.id,
        case when j.stage in ('TRUNK', 'LAST_MILE') then 'LOST' else 'LATE' end, j.moving,
        'no word past its second deadline', p_now);
    end if;
    v_touched := v_touched + 1;
  end loop;
  return v_touched;
end $$;

-- As before; what was cancelled ends here alone.
create or replace function fulfillment.carry_out(
  actor accounts.actor, d fulfillment.decision, p_option text, p_state text, p_now timestamptz
) returns void language plpgsql as $$
declare j fulfillment.journey; v_option text := p_option; v_amount bigint := 0;
  v_kept bigint := 0;
begin
  select x.* into strict j from fulfillment.journey x where x.id = d.journey_id
     for no key update;
  -- The order was cancelled since, and its money given back: there is nothing left to decide.
  if fulfillment.standing(array[j.id]) = '{}' then
    if p_state = 'DECIDED' then
      perform kit.refuse('fulfillment.already_decided', '{"chosen": "REFUND"}');
    end if;
    -- This one; its siblings end when they hear of it.
    perform fulfillment.end_journeys(actor, o.id, array[j.id], p_now) from orders."order" o
     where o.id = j.order_id and (o.status = 'CANCELLED' or exists (
       select from orders.order_part p
        where (p.order_id, p.line_no, p.part_no) = (j.order_id, j.line_no, j.part_no)
          and p.status = 'CANCELLED'));
    return;
  end if;
  -- Nobody answered, and the goods that were to replace them are sold by now.
  if p_state = 'DEFAULTED' and v_option = 'REPLACE' and not exists (
    select from fulfillment.source_for(j, d.units)) then
    v_option := 'REFUND';
  end if;
  if d.cause = 'BALANCE' and (j.moving = 0 or not fulfillment.awaits_balance(j)) then
    v_option := 'PAID';
  end if;
  update fulfillment.journey x set version = x.version + 1 where x.id = j.id;
  -- Of a silent box the units move on, and nothing but their answer was asked.
  if d.cause = 'SILENT' then
    null;
  elsif d.cause = 'BALANCE' then
    if v_option = 'GIVE_UP' then
      v_kept := fulfillment.give_up(j, p_now);
    end if;
  elsif v_option = 'WAIT' then
    update fulfillment.stage s
       set due_at = p_now + make_interval(secs => 3600 * s.hours_allowed)
     where s.journey_id = j.id and s.state = 'ACTIVE';
    update fulfillment.journey x
       set due_at = s.due_at, extensions = x.extensions + 1,
           expected_at = greatest(x.expected_at, p_now + make_interval(secs => 3600 * (
             select sum(y.hours_planned) from fulfillment.stage y
              where y.journey_id = x.id and y.state in ('PLANNED', 'ACTIVE'))))
      from fulfillment.stage s
     where x.id = j.id and s.journey_id = j.id and s.state = 'ACTIVE';
  else
    if v_option = 'REFUND' then
      v_amount := orders.refund_units(j.order_id, j.line_no, d.units, p_now);
    else
      perform fulfillment.replace_units(j, d.units, p_now);
    end if;
    update fulfillment.journey x
       set refunded = x.refunded + case v_option when 'REFUND' then d.units else 0 end,
           replaced = x.replaced + case v_option when 'REPLACE' then d.units else 0 end,
           in_question = x.in_question - d.units,
           state = case when x.moving > 0 or x.in_question > d.units then 'OPEN'
                        when x.delivered > 0 then 'DELIVERED' else 'ENDED' end,
           ended_at = case when x.moving > 0 or x.in_question > d.units then null else p_now end
     where x.id = j.id;
    perform fulfillment.restate(array[j.id]);
    perform fulfillment.end_parts(array[j.id], p_now);
  end if;
  update fulfillment.decision
     set state = p_state, chosen = v_option, decided_by = (actor).name, decided_at = p_now,
         units = case v_option when 'GIVE_UP' then j.moving else d.units end
   where id = d.id;
  perform fulfillment.tell(array[j.id], 'journey.decided', jsonb_build_object(
    'decision', 'dec_' || replace(d.id::text, '-', ''), 'cause', d.cause, 'units', d.units,
    'chosen', v_option, 'by_default', p_state = 'DEFAULTED', 'refunded_amount', v_amount, 'kept_amount', v_kept), p_now);
  perform accounts.record_audit(actor, p_now, 'decide', 'decision', d.id, jsonb_build_object(
    'chosen', v_option, 'by_default', p_state = 'DEFAULTED', 'amount', v_amount,
    'kept', v_kept));
  if v_option = 'LATER' then
    perform fulfillment.ask_balances(actor, array[j.id], 1, p_now);
  end if;
  if v_option = 'LOST' and j.moving > 0 then
    perform fulfillment.question_units(actor, j.id, 'LOST', j.moving, d.note, p_now);
  end if;
end $$;

-- As before.
create or replace function fulfillment.decide(
  actor accounts.actor, p_decision uuid, p_option text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare d fulfillment.decision;
begin
  perform accounts.enter(actor);
  perform from fulfillment.journey j
   where j.id = (select x.journey_id from fulfillment.decision x
                  where x.id = p_decision
                    and (actor).org_id in (x.operator_org_id, x.buyer_org_id))
     for no key update;
  select x.* into d from fulfillment.decision x
   where x.id = p_decision and (actor).org_id in (x.operator_org_id, x.buyer_org_id)
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'decision', 'key', 'dec_' || replace(p_decision::text, '-', '')));
  elsif d.state <> 'OPEN' then
    perform kit.refuse('fulfillment.already_decided', jsonb_build_object('chosen', d.chosen));
  elsif not exists (select from jsonb_array_elements(d.options) o
                     where o.value->>'option' = p_option)
     -- Only who has the carrier's ear gives its boxes up.
     or d.cause = 'SILENT' and (actor).org_id <> d.operator_org_id
     -- Nobody gives up the deposit of another.
     or p_option = 'GIVE_UP' and (actor).org_id <> d.buyer_org_id then
    perform kit.refuse('fulfillment.no_such_option', jsonb_build_object('option', p_option));
  end if;
  perform fulfillment.carry_out(actor, d, p_option, 'DECIDED', p_now);
end $$;

revoke all on function fulfillment.end_journeys(accounts.actor, uuid, uuid[], timestamptz) from public;
grant execute on function fulfillment.end_journeys(accounts.actor, uuid, uuid[], timestamptz)
  to bl_sys, beltline_core;

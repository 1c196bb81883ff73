-- Goods that are made to order wait, inspected, until their balance is paid: what is asked of their
-- buyer is a decision, and what is not paid in time is given up.

alter table fulfillment.decision drop constraint decision_cause_check;
alter table fulfillment.decision add constraint decision_cause_check check (cause in (
  'SHORT', 'DAMAGED', 'WRONG', 'REJECTED', 'LOST', 'REFUSED', 'LATE', 'HELD', 'SILENT', 'BALANCE'));

set local role beltline_core;

-- Whether the goods of a journey are of those whose balance is unpaid: what stood ready elsewhere
-- for the same line was paid with the order.
create function fulfillment.awaits_balance(j fulfillment.journey) returns boolean
language plpgsql stable as $$
begin
  return ((j).sales_model = 'VIRTUAL' or (j).attempt > 1) and exists (
    select from orders.order_line l
     where l.order_id = (j).order_id and l.line_no = (j).line_no and l.deferred_amount > 0);
end $$;

-- Those of some journeys that need not wait for money.
create function fulfillment.without_unpaid(p_journeys uuid[]) returns uuid[]
language plpgsql stable as $$
begin
  return (select coalesce(array_agg(j.id), '{}') from fulfillment.journey j
           where j.id = any(p_journeys) and not fulfillment.awaits_balance(j));
end $$;

-- Ask for the balance of goods that are inspected and wait to be packed, of some journeys or of any;
-- how many were asked. The first time the buyer may have as long again, then no more.
create function fulfillment.ask_balances(
  actor accounts.actor, p_journeys uuid[], p_limit int, p_now timestamptz
) returns int language plpgsql as $$
declare
  j fulfillment.journey; v_id uuid; v_asked int := 0; v_before boolean;
  v_due constant timestamptz := p_now + orders.balance_time();
begin
  for j in
    -- Of some journeys it must not look at all that wait for money elsewhere.
    select x.* from fulfillment.journey x
     where x.id in (
             select y.id from fulfillment.journey y where y.id = any(p_journeys)
             union all
             select y.id from orders.order_line l
               join fulfillment.journey y on (y.order_id, y.line_no) = (l.order_id, l.line_no)
              where p_journeys is null and l.deferred_amount > 0
                and y.operator_org_id = (actor).org_id)
       and x.state = 'OPEN' and x.stage = 'PACK'
       and x.moving > 0 and fulfillment.awaits_balance(x)
       and not exists (select from fulfillment.decision y
                        where y.journey_id = x.id and y.state = 'OPEN')
     order by x.id limit p_limit for no key update of x skip locked
  loop
    continue when fulfillment.standing(array[j.id]) = '{}' or not fulfillment.awaits_balance(j);
    v_before := exists (select from fulfillment.decision y
                         where y.journey_id = j.id and y.cause = 'BALANCE');
    v_id := kit.uuid7(p_now);
    insert into fulfillment.decision (id, journey_id, operator_org_id, buyer_org_id, cause, units,
      options, default_option, due_at, note, opened_at)
    select v_id, j.id, j.operator_org_id, j.buyer_org_id, 'BALANCE', j.moving,
           case when v_before then '[]'::jsonb else jsonb_build_array(jsonb_build_object(
             'option', 'LATER', 'amount', 0, 'currency', o.currency,
             'promise_date', kit.day_of(v_due + orders.balance_time()))) end
           || jsonb_build_object('option', 'GIVE_UP', 'amount', 0, 'currency', o.currency,
                'kept', orders.paid_of_units(j.order_id, j.line_no, j.moving)),
           'GIVE_UP', v_due, '', p_now
      from orders."order" o where o.id = j.order_id;
    perform orders.call_balance(j.order_id, j.line_no, v_due, p_now);
    update fulfillment.journey x set version = x.version + 1 where x.id = j.id;
    perform fulfillment.tell(array[j.id], 'journey.questioned', jsonb_build_object(
      'decision', 'dec_' || replace(v_id::text, '-', ''), 'cause', 'BALANCE',
      'units', j.moving), p_now);
    perform accounts.record_audit(actor, p_now, 'question', 'journey', j.id,
      jsonb_build_object('cause', 'BALANCE', 'units', j.moving));
    v_asked := v_asked + 1;
  end loop;
  return v_asked;
end $$;

-- The buyer does not pay the balance of what stands here for it: the operator becomes its owner, it
-- is free for others, and the deposit is kept. Returns the deposit. `j` and its order are locked.
create function fulfillment.give_up(j fulfillment.journey, p_now timestamptz) returns bigint
language plpgsql as $$
declare x fulfillment.journey; v_kept bigint;
begin
  perform fulfillment.pass_title(array[(j).id], (j).operator_org_id, 'GU-' || (j).number, p_now);
  select y.* into strict x from fulfillment.journey y where y.id = (j).id;
  if x.stock_units > 0 then
    perform inventory.release_lines(array[x.sku_id], array[x.stock_node_id],
      array[x.owner_org_id], array[x.stock_units], x.number, x.order_id, p_now);
  end if;
  v_kept := orders.give_up_units(x.order_id, x.line_no, x.moving, p_now);
  update fulfillment.stage set state = 'DROPPED'
   where journey_id = x.id and state in ('PLANNED', 'ACTIVE');
  update fulfillment.journey y
     set refunded = y.refunded + y.moving, moving = 0, stock_units = 0, stock_node_id = null,
         stage = null, due_at = null,
         state = case when y.in_question > 0 then 'OPEN'
                      when y.delivered > 0 then 'DELIVERED' else 'ENDED' end,
         ended_at = case when y.in_question > 0 then null else p_now end
   where y.id = x.id;
  perform fulfillment.restate(array[x.id]);
  perform fulfillment.end_parts(array[x.id], p_now);
  return v_kept;
end $$;

-- Balances of an order were paid: nobody is asked for them any more, and the goods go on from now.
-- Returns how many journeys; again changes nothing.
create function fulfillment.go_on(actor accounts.actor, p_order uuid, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[];
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j
     where j.order_id = p_order and j.operator_org_id = (actor).org_id
       and not fulfillment.awaits_balance(j)
       and exists (select from fulfillment.decision d
                    where d.journey_id = j.id and d.cause = 'BALANCE' and d.state = 'OPEN')
     order by j.id for no key update) l;
  if v_ids is null then
    return 0;
  end if;
  update fulfillment.decision
     set state = 'DECIDED', chosen = 'PAID', decided_by = (actor).name, decided_at = p_now
   where journey_id = any(v_ids) and cause = 'BALANCE' and state = 'OPEN';
  update fulfillment.stage s
     set due_at = p_now + make_interval(secs => 3600 * s.hours_allowed)
   where s.journey_id = any(v_ids) and s.state = 'ACTIVE';
  update fulfillment.journey set version = version + 1 where id = any(v_ids);
  update fulfillment.journey j
     set due_at = s.due_at,
         expected_at = greatest(j.expected_at, p_now + make_interval(secs => 3600 * (
           select sum(y.hours_planned) from fulfillment.stage y
            where y.journey_id = j.id and y.state in ('PLANNED', 'ACTIVE'))))
    from fulfillment.stage s
   where j.id = any(v_ids) and s.journey_id = j.id and s.state = 'ACTIVE';
  perform fulfillment.tell(v_ids, 'journey.decided',
                           '{"cause": "BALANCE", "chosen": "PAID", "by_default": false}', p_now);
  perform accounts.record_audit(actor, p_now, 'decide', 'journey',
    case when cardinality(v_ids) = 1 then v_ids[1] end,
    jsonb_build_object('cause', 'BALANCE', 'chosen', 'PAID', 'journeys', cardinality(v_ids)));
  return cardinality(v_ids);
end $$;

-- As before; what waits for its balance is not packed, and it is asked for once the goods are
-- inspected.
create or replace function fulfillment.finish_stages(
  actor accounts.actor, p_kind text, p_journeys uuid[], p_document text, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[]; v_operator constant uuid := accounts.operator_org();
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j
     where j.id = any(p_journeys) and j.stage = p_kind
       and ((actor).org_id = j.operator_org_id
            or (actor).org_id = j.supplier_org_id and p_kind = 'FACTORY')
     order by j.id for no key update) l;
  if v_ids is not null and p_kind = 'PACK' then
    v_ids := nullif(fulfillment.without_unpaid(v_ids), '{}');
  end if;
  if v_ids is not null and p_kind in ('EXPORT', 'DISPATCH') then
    -- Begun before there were files: now it has one.
    if p_kind = 'EXPORT' then
      perform customs.take_in(actor, fulfillment.exported(v_ids), p_now);
    end if;
    v_ids := nullif(customs.let_pass(actor, fulfillment.exported(v_ids), p_now), '{}');
  end if;
  if v_ids is null then
    return 0;
  end if;
  if p_kind = 'DISPATCH' or p_kind = 'FACTORY' then
    v_ids := fulfillment.depart(v_ids, v_operator, p_now);
  elsif p_kind = 'TITLE' then
    perform fulfillment.pass_title(v_ids, v_operator, p_document, p_now);
  elsif p_kind = 'RECEIPT' then
    -- All that has not been counted yet comes now.
    perform fulfillment.stand_at_hub(v_ids, p_now);
  end if;
  perform fulfillment.next_stage(actor, v_ids, p_kind, p_document, p_now);
  if p_kind = 'INSPECTION' then
    perform fulfillment.ask_balances(actor, v_ids, cardinality(v_ids), p_now);
  end if;
  if p_kind = 'EXPORT' then
    perform customs.pass(actor, v_ids, p_document, p_now);
  elsif p_kind = 'DISPATCH' then
    perform customs.depart(actor, fulfillment.exported(v_ids), p_document, p_now);
  end if;
  perform customs.take_in(actor, fulfillment.exported((
    select array_agg(j.id) from fulfillment.journey j
     where j.id = any(v_ids) and j.stage = 'EXPORT')), p_now);
  return cardinality(v_ids);
end $$;

-- As before, and balances are asked for.
create or replace function fulfillment.meet_deadlines(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare d fulfillment.decision; j record; v_touched int := 0;
begin
  perform accounts.enter(actor);
  for d in
    select x.* from fulfillment.decision x
     where x.operator_org_id = (actor).org_id and x.state = 'OPEN' and x.due_at <= p_now
     order by x.due_at, x.id limit p_limit for no key update skip locked
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

-- As before; a balance may have been paid meanwhile.
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
    perform fulfillment.end_cancelled(actor, j.order_id, p_now);
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

-- As before; of goods whose balance is unpaid the deposit is given back.
create or replace function fulfillment.options_for(
  j fulfillment.journey, p_units bigint, p_now timestamptz
) returns jsonb language plpgsql stable as $$
declare l record; s record; v_options jsonb;
begin
  select x.*, o.currency into l from orders.order_line x
    join orders."order" o on o.id = x.order_id
   where x.order_id = j.order_id and x.line_no = j.line_no;
  v_options := jsonb_build_array(jsonb_build_object('option', 'REFUND',
    'amount', orders.paid_of_units(j.order_id, j.line_no, p_units), 'currency', l.currency));
  select * into s from fulfillment.source_for(j, p_units);
  if found then
    v_options := v_options || jsonb_build_object('option', 'REPLACE', 'amount', 0,
      'currency', l.currency, 'node', s.code,
      'promise_date', kit.day_of(p_now + make_interval(days => coalesce(ceil(s.days), 14)::int)));
  end if;
  return v_options;
end $$;

-- As before, and a balance is reminded of each time.
create or replace function fulfillment.due_soon(p_operator uuid, p_now timestamptz)
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
     and (jsonb_array_length(d.options) > 1 or d.cause = 'BALANCE')
     and d.due_at > p_now and d.due_at <= p_now + interval '12 hours'
$$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname in ('awaits_balance', 'without_unpaid', 'ask_balances', 'give_up',
                                'go_on') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

-- Orders placed: one or many in one transaction, each with its own effect or refusal.

set local role beltline_core;

-- How long an order that waits for a bank transfer keeps its stock.
create function orders.payment_time() returns interval language sql immutable as $$
  select interval '3 days'
$$;

-- An order without its lines, as the API shows it.
create function orders.head_json(
  p_id uuid, p_number text, p_reference text, p_status text, p_total bigint, p_currency text,
  p_date date, p_probability double precision, p_expires_at timestamptz,
  p_created_at timestamptz, p_cancelled_at timestamptz
) returns jsonb language plpgsql stable as $$
begin
  return jsonb_build_object(
    'id', 'ord_' || replace(p_id::text, '-', ''), 'number', p_number, 'reference', p_reference,
    'status', p_status,
    'total', jsonb_build_object('amount', p_total, 'currency', p_currency),
    'promise', case when p_date is not null then
      jsonb_build_object('date', p_date, 'probability', p_probability) end,
    'created_at', orders.instant(p_created_at), 'cancelled_at', orders.instant(p_cancelled_at))
    || case when p_expires_at is null then '{}' else jsonb_build_object(
      'expires_at', orders.instant(p_expires_at),
      'proforma', jsonb_build_object('number', 'PI-' || substr(p_number, 4),
        'payment_reference', p_number, 'amount', p_total, 'currency', p_currency,
        'pay_by', orders.instant(p_expires_at))) end;
end $$;

create function orders.instant(p_at timestamptz) returns text language plpgsql stable as $$
begin
  return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end $$;

-- The state of an order with parts still to go: unpaid, paid but waiting for stock, or reserved.
create function orders.open_status(p_method text, is_paid boolean, is_complete boolean) returns text
language sql immutable as $$
  select case when not is_paid then 'PLACED' when is_complete then 'ALLOCATED'
              when p_method = 'CREDIT' then 'ON_CREDIT' else 'PAID' end
$$;

-- Place orders: reserve the stock, hold the money, record and answer; or refuse, each on its own.
-- Arrays are parallel; a null order is passed over and answered null. An answer is
-- {status: 201, response: order} or {status: null, response: {code, fields}}.
create function orders.create_orders(
  p_run text, actors accounts.actor[], p_orders jsonb[], p_operator uuid, p_now timestamptz
) returns jsonb[] language plpgsql as $$
declare
  v_expires constant timestamptz := p_now + orders.payment_time();
  buyers uuid[]; q orders.quotes; answers jsonb[]; ids uuid[]; numbers text[]; statuses text[];
  expiries timestamptz[]; kept jsonb[]; told jsonb[]; audits jsonb[]; ship_tos jsonb[];
  v_order jsonb; v_refusal jsonb; v_method text; v_id uuid; v_number text; v_total bigint;
  v_currency text; is_any boolean := false;
begin
  for o in 1 .. cardinality(actors) loop
    buyers[o] := (actors[o]).org_id;
  end loop;
  q := orders.quote(p_orders, buyers, p_now, true);
  for o in 1 .. cardinality(p_orders) loop
    v_order := p_orders[o];
    v_refusal := q.refusals[o];
    -- Every array begins at 1, whatever is placed first.
    answers[o] := null; ids[o] := null; kept[o] := null; told[o] := null; audits[o] := null;
    ship_tos[o] := null; numbers[o] := null; statuses[o] := null; expiries[o] := null;
    continue when v_order is null;
    if v_refusal is not null then
      answers[o] := jsonb_build_object('status', null, 'response', v_refusal);
      continue;
    end if;
    is_any := true;
    v_id := kit.id_at(p_run, o);
    v_number := 'SO-' || nextval('orders.order_number');
    v_method := v_order#>>'{payment,method}';
    v_total := q.totals[o];
    v_currency := v_order->>'currency';
    ids[o] := v_id;
    numbers[o] := v_number;
    statuses[o] := orders.open_status(v_method, v_method <> 'TRANSFER', q.is_complete[o]);
    expiries[o] := case v_method when 'TRANSFER' then v_expires end;
    kept[o] := v_order;
    ship_tos[o] := v_order->'ship_to';
    told[o] := jsonb_build_object('number', v_number, 'reference', v_order->>'reference',
      'currency', v_currency, 'total', v_total, 'status', statuses[o], 'lines', q.lines[o]);
    audits[o] := jsonb_build_object('number', v_number, 'total', v_total, 'currency', v_currency);
    answers[o] := jsonb_build_object('status', 201, 'response', orders.head_json(
        v_id, v_number, v_order->>'reference', statuses[o], v_total, v_currency, q.dates[o],
        q.probabilities[o], expiries[o], p_now, null)
      || jsonb_build_object('lines', q.lines[o]));
  end loop;
  if not is_any then
    return answers;
  end if;

  perform accounts.record_contacts(p_run, buyers, ship_tos, p_now);
  insert into orders."order" (id, number, reference, operator_org_id, buyer_org_id, status,
    currency, total_amount, payment_method, ship_to_contact_id, ship_to_country, partial,
    back_order, decision, downstream_reference, note, promise_date, promise_probability,
    expires_at, created_at)
  select o.id, o.number, o.body->>'reference', p_operator, o.buyer, o.status,
         o.body->>'currency', o.total, o.body#>>'{payment,method}', kit.id_at(p_run, o.n),
         o.body#>>'{ship_to,country}', coalesce((o.body->>'partial')::boolean, false),
         coalesce((o.body->>'back_order')::boolean, false),
         coalesce(o.body->>'decision', case when (o.body->>'partial')::boolean then 'SHIP_PART'
                                            else 'CANCEL' end),
         coalesce(o.body->>'downstream_reference', ''), coalesce(o.body->>'note', ''),
         o.date, o.probability, o.expires_at, p_now
    from unnest(ids, numbers, kept, buyers, statuses, q.totals, q.dates, q.probabilities, expiries)
      with ordinality
      as o(id, number, body, buyer, status, total, date, probability, expires_at, n)
   where o.id is not null;
  insert into orders.order_line (order_id, line_no, operator_org_id, buyer_org_id, sku_id, sku,
    offer_id, quantity, ordered_quantity, unit_price, amount)
  select ids[l.o], l.n, p_operator, buyers[l.o], l.sku_id, l.sku, l.offer_id, l.accepted,
         l.ordered, l.price, l.amount
    from unnest(q.line_orders, q.line_nos, q.sku_ids, q.skus, q.offer_ids, q.accepted, q.ordered,
                q.prices, q.amounts)
      as l(o, n, sku_id, sku, offer_id, accepted, ordered, price, amount)
   where ids[l.o] is not null;
  insert into orders.order_part (order_id, line_no, part_no, operator_org_id, buyer_org_id,
    sku_id, node_id, owner_org_id, quantity, sales_model, status)
  select ids[p.o], p.line_no, p.part_no, p_operator, buyers[p.o], p.sku_id, p.node_id, p.owner,
         p.quantity, p.model, p.status
    from unnest(q.part_orders, q.part_lines, q.part_nos, q.part_sku_ids, q.part_node_ids,
                q.part_owners, q.part_quantities, q.part_models, q.part_statuses)
      as p(o, line_no, part_no, sku_id, node_id, owner, quantity, model, status);
  perform orders.reserve(p_run, q, numbers, ids, p_operator, p_now);
  perform ledger.hold_many(p_run, buyers, q.fund_accounts, q.totals,
    array(select u.o->>'currency' from unnest(p_orders) with ordinality u(o, n) order by u.n),
    numbers, ids, p_operator, p_now);
  perform kit.record_events(p_run, 'order.placed', 'order', ids, array_fill(1::bigint,
    array[cardinality(ids)]), p_operator, buyers, told, p_now);
  perform accounts.record_audits(p_run, actors, 'place', 'order', ids, audits, p_now);
  return answers;
end $$;

-- Reserve the allocated parts of quotes for their orders.
create function orders.reserve(
  p_run text, q orders.quotes, numbers text[], ids uuid[], p_operator uuid, p_now timestamptz
) returns void language plpgsql as $$
declare skus uuid[]; nodes uuid[]; owners uuid[]; quantities bigint[]; refs text[]; ref_ids uuid[];
begin
  select array_agg(p.sku_id), array_agg(p.node_id), array_agg(p.owner), array_agg(p.quantity),
         array_agg(numbers[p.o]), array_agg(ids[p.o])
    into skus, nodes, owners, quantities, refs, ref_ids
    from unnest(q.part_orders, q.part_sku_ids, q.part_node_ids, q.part_owners, q.part_quantities,
                q.part_statuses) as p(o, sku_id, node_id, owner, quantity, status)
   where p.status = 'ALLOCATED';
  if skus is not null then
    perform inventory.reserve_many(p_run, skus, nodes, owners, quantities, refs, ref_ids,
                                   p_operator, p_now);
  end if;
end $$;

-- The commands. One call is one transaction: actors, keys, effects, answers. A refusal has no
-- effect and is kept as the answer of its key; a failure undoes everything and keeps nothing.
-- Every statement in them is a point access, so that plans are made once a connection and never
-- scan: a plan made while the tables were empty must not outlive that.

-- Requests of any buyers that came in together. The answers stand in the order of the requests:
-- {status, response, replayed?}, or {raise: {code, fields}} of a request that has no answer.
create function orders.place_orders(
  actors accounts.actor[], p_keys text[], p_hashes bytea[], p_orders jsonb[], p_now timestamptz
) returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
declare
  v_run constant text := kit.id_run(p_now);
  may_act constant boolean[] := accounts.may_act(actors);
  orgs uuid[]; answers jsonb[]; created jsonb[]; todo jsonb[] := p_orders;
begin
  for i in 1 .. cardinality(actors) loop
    orgs[i] := (actors[i]).org_id;
  end loop;
  answers := kit.idempotency_begin_many(orgs, p_keys, 'orders.place', p_hashes);
  for i in 1 .. cardinality(actors) loop
    if not may_act[i] then
      answers[i] := '{"raise": {"code": "accounts.inactive_organization", "fields": {}}}';
    end if;
    if answers[i] is not null then
      todo[i] := null;
    end if;
  end loop;
  created := orders.create_orders(v_run, actors, todo, accounts.operator_org(), p_now);
  perform kit.idempotency_keep_many(orgs, p_keys, 'orders.place', p_hashes, created, p_now);
  for i in 1 .. cardinality(actors) loop
    answers[i] := coalesce(answers[i], created[i]);
  end loop;
  return to_jsonb(answers);
end $$;

-- Many orders of one buyer under one key. The response is {results: [{index, id} | {index, code,
-- fields}]}, in the order sent.
create function orders.place_bulk(
  actor accounts.actor, p_key text, p_body_hash bytea, p_orders jsonb[], p_now timestamptz
) returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
declare
  answer jsonb := null; created jsonb[]; results jsonb[] := '{}';
begin
  perform accounts.enter(actor);
  answer := kit.idempotency_begin((actor).org_id, p_key, 'orders.bulk', p_body_hash);
  if answer is not null then
    return answer || '{"replayed": true}';
  end if;
  created := orders.create_orders(kit.id_run(p_now),
    array_fill(actor, array[cardinality(p_orders)]), p_orders, accounts.operator_org(), p_now);
  for i in 1 .. cardinality(created) loop
    results[i] := case when created[i]->>'status' is null
      then jsonb_build_object('index', i - 1) || (created[i]->'response')
      else jsonb_build_object('index', i - 1, 'id', created[i]#>'{response,id}') end;
  end loop;
  answer := jsonb_build_object('results', to_jsonb(results));
  perform kit.idempotency_keep((actor).org_id, p_key, 'orders.bulk', p_body_hash, 200, answer,
                               p_now);
  return jsonb_build_object('status', 200, 'response', answer);
end $$;

-- What an order would be, with what a buyer may want to know before it decides: the price breaks
-- in force, MOQ and packs, and where its goods stand. No stock is reserved, no money held.
create function orders.preview_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
declare q orders.quotes; v_lines jsonb;
begin
  perform accounts.enter(actor);
  q := orders.quote(array[p_order], array[(actor).org_id], p_now, false);
  if q.refusals[1] is not null then
    perform kit.refuse(q.refusals[1]->>'code', q.refusals[1]->'fields');
  end if;
  select jsonb_agg(e.line || jsonb_build_object(
           'moq', o.moq, 'lead_time_days', o.lead_time_days, 'pack_size', k.pack_size,
           'packs', q.accepted[e.n] / k.pack_size, 'loose', q.accepted[e.n] % k.pack_size,
           'breaks', (select jsonb_agg(jsonb_build_object('quantity_from', b.quantity_from,
                               'unit_price', trim_scale(b.unit_price)::text)
                               order by b.quantity_from)
                        from catalog.offer_break b where b.offer_id = o.id),
           'stock', (select coalesce(jsonb_agg(jsonb_build_object('node', n.code,
                              'available', s.available) order by n.code), '[]')
                       from inventory.list_sellable(array[k.id], true) s
                       join trade.node n on n.id = s.node_id and (n.kind <> 'FACTORY'
                        or o.sales_model in ('VIRTUAL', 'DIRECT'))
                      where s.available > 0)) order by e.n)
    into v_lines
    from jsonb_array_elements(q.lines[1]) with ordinality as e(line, n)
    join catalog.offer o on o.id = q.offer_ids[e.n]
    join catalog.sku k on k.id = q.sku_ids[e.n];
  return jsonb_build_object(
    'total', jsonb_build_object('amount', q.totals[1], 'currency', p_order->>'currency'),
    'promise', case when q.dates[1] is not null then
      jsonb_build_object('date', q.dates[1], 'probability', q.probabilities[1]) end,
    'lines', v_lines,
    'funds', jsonb_build_object(
      'needed', q.totals[1], 'method', p_order#>>'{payment,method}',
      'available', (select b.available from ledger.balance b
                      join ledger.account a on a.id = b.account_id
                     where a.org_id = (actor).org_id and a.currency = p_order->>'currency'
                       and a.kind = ledger.kind_of_payment(p_order#>>'{payment,method}'))));
end $$;

-- Where an order goes, for its parties: the personal data themselves belong to the buyer alone.
create function orders.ship_to(p_order uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('name', c.name, 'phone', c.phone, 'country', c.country,
           'region', c.region, 'city', c.city, 'postcode', c.postcode, 'line1', c.line1,
           'line2', c.line2)
    from orders."order" o join accounts.contact c on c.id = o.ship_to_contact_id
   where o.id = p_order
     -- Who has entered as no organization is told no address.
     and (select nullif(current_setting('app.org', true), '')::uuid)
         in (o.buyer_org_id, o.operator_org_id)
$$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  orders.place_orders(accounts.actor[], text[], bytea[], jsonb[], timestamptz),
  orders.place_bulk(accounts.actor, text, bytea, jsonb[], timestamptz),
  orders.preview_order(accounts.actor, jsonb, timestamptz),
  orders.ship_to(uuid) to bl_app;

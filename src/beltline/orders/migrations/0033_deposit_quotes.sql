-- Quotes and new orders with the balance that is paid later.

set local role beltline_core;

-- As before, and of goods that are made to order the balance is paid later: `balances` of each
-- order, `line_balances` and `line_deposits` (percent) of each line, null where there is none.
create or replace function orders.quote(
  p_orders jsonb[], p_buyers uuid[], p_now timestamptz, p_place boolean
) returns orders.quotes language plpgsql as $$
declare
  v_day constant date := kit.day_of(p_now);
  v_status constant text := case when p_place then 'ALLOCATED' else 'AVAILABLE' end;
  -- Lines as asked for and offered.
  w_orders int[]; w_nos int[]; w_skus text[]; w_asked bigint[]; w_models text[]; w_ids uuid[];
  w_uoms text[]; w_offers uuid[]; w_moqs bigint[]; w_sold text[]; w_lead double precision[];
  w_prices numeric[]; w_accepted bigint[]; w_amounts bigint[]; w_deposits numeric[];
  w_balances bigint[];
  v_countries text[]; is_made boolean; hub_days jsonb;
  -- Stock that could serve them, by SKU.
  s_skus uuid[]; s_nodes uuid[]; s_codes text[]; s_countries text[]; s_owners uuid[];
  s_models text[]; s_free bigint[]; s_days jsonb[];
  -- What buyers can pay with.
  f_keys text[]; f_accounts uuid[]; f_free bigint[]; fund int;
  -- Results. Filled with nulls, because an array that is first written at 2 would begin there.
  n_orders constant int[] := array[cardinality(p_orders)];
  totals bigint[] := array_fill(null::bigint, n_orders);
  dates date[] := array_fill(null::date, n_orders);
  chances double precision[] := array_fill(null::double precision, n_orders);
  refusals jsonb[] := array_fill(null::jsonb, n_orders);
  shown jsonb[] := array_fill(null::jsonb, n_orders);
  funds uuid[] := array_fill(null::uuid, n_orders);
  complete boolean[] := array_fill(null::boolean, n_orders);
  balances bigint[] := array_fill(0::bigint, n_orders);
  part_orders int[] := '{}'; part_lines int[] := '{}'; part_nos int[] := '{}';
  part_rows int[] := '{}'; part_skus uuid[] := '{}'; part_nodes uuid[] := '{}';
  part_owners uuid[] := '{}'; part_quantities bigint[] := '{}'; part_models text[] := '{}';
  part_statuses text[] := '{}';
  -- The order and the line at work.
  v_order jsonb; v_country text; v_currency text; v_partial boolean; v_wait boolean; v_kind text;
  v_refusal jsonb; v_lines jsonb; v_parts jsonb; v_total bigint; v_balance bigint; v_waits boolean;
  v_days double precision; v_leg double precision; used uuid[]; places int;
  n int := 1; parts int := 0; mark int; part int; first int; best int; rest bigint; take bigint;
  granted bigint; made bigint; price numeric; v_model text; v_state text;
begin
  select array_agg(l.ord), array_agg(l.line), array_agg(l.sku), array_agg(l.quantity),
         array_agg(l.sales_model), array_agg(l.sku_id), array_agg(l.uom), array_agg(l.offer_id),
         array_agg(l.moq), array_agg(l.sold), array_agg(l.lead), array_agg(l.unit_price),
         array_agg(l.deposit), bool_or(l.sold in ('VIRTUAL', 'DIRECT')), array_agg(distinct l.country)
    into w_orders, w_nos, w_skus, w_asked, w_models, w_ids, w_uoms, w_offers, w_moqs, w_sold,
         w_lead, w_prices, w_deposits, is_made, v_countries
    from (
      select b.ord::int, w.line::int, w.sku, w.quantity, w.sales_model, k.id as sku_id, k.uom,
             t.id as offer_id, t.moq, t.sold, t.lead, t.unit_price, t.deposit,
             b.body#>>'{ship_to,country}' as country
        from unnest(p_orders) with ordinality as b(body, ord)
        cross join lateral rows from (
          jsonb_to_recordset(b.body->'lines') as (sku text, quantity bigint, sales_model text)
        ) with ordinality as w(sku, quantity, sales_model, line)
        left join catalog.sku k on k.code = w.sku
        left join lateral (
          select o.id, o.moq, o.sales_model as sold, o.lead_time_days as lead, p.unit_price,
                 o.deposit_percent as deposit
            from catalog.offer o
            join lateral (select x.unit_price from catalog.offer_break x
                           where x.offer_id = o.id and x.quantity_from <= w.quantity
                           order by x.quantity_from desc limit 1) p on true
           where o.sku_id = k.id and o.audience = 'BUYERS' and o.currency = b.body->>'currency'
             and o.valid_from <= v_day and (o.valid_until is null or o.valid_until >= v_day)
           order by w.sales_model is not null and w.sales_model <> o.sales_model, o.moq, o.id
           limit 1) t on true
       where b.body is not null
       order by b.ord, w.line) l;

  w_accepted := array_fill(null::bigint, array[coalesce(cardinality(w_orders), 0)]);
  w_amounts := w_accepted;
  w_balances := w_accepted;
  -- A factory has no model of its own (null): its goods are sold under the offer's.
  select array_agg(a.sku_id), array_agg(a.node_id), array_agg(a.code), array_agg(a.country),
         array_agg(a.owner_org_id),
         array_agg(case when a.kind = 'FACTORY' then null
                        when a.owner_org_id = a.operator_org_id then 'OWNED' else 'PRESTOCK' end),
         array_agg(a.available), array_agg(a.days)
    into s_skus, s_nodes, s_codes, s_countries, s_owners, s_models, s_free, s_days
    from (select v.sku_id, v.node_id, n.code, n.country, v.owner_org_id, v.operator_org_id,
                 v.available, n.kind,
                 (select jsonb_object_agg(d.country, d.days)
                    from (select x.country, min(x.transit_days_p90) as days from trade.lane x
                           where x.node_id = v.node_id and x.country = any(v_countries)
                           group by x.country) d) as days
            from (select * from inventory.lock_sellable(w_ids, is_made) where p_place
                  union all
                  select * from inventory.list_sellable(w_ids, is_made) where not p_place) v
            join trade.node n on n.id = v.node_id
             and (n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS') and v.kind = 'COUNTED'
                  or n.kind = 'FACTORY' and is_made)
           order by v.sku_id, n.code, v.owner_org_id) a;
  if is_made then
    select jsonb_object_agg(d.country, d.days) into hub_days
      from (select x.country, min(x.transit_days_p90) as days
              from trade.lane x join trade.node n on n.id = x.node_id and n.kind = 'CONSOLIDATION'
             where x.country = any(v_countries) group by x.country) d;
  end if;
  if p_place then
    select array_agg(l.org_id::text || l.kind || l.currency), array_agg(l.account_id),
           array_agg(l.available)
      into f_keys, f_accounts, f_free
      from ledger.lock_funds(
        p_buyers,
        array(select ledger.kind_of_payment(u.o#>>'{payment,method}') from unnest(p_orders) u(o)),
        array(select u.o->>'currency' from unnest(p_orders) u(o))) l;
  end if;

  for o in 1 .. cardinality(p_orders) loop
    v_order := p_orders[o];
    continue when v_order is null;
    v_country := v_order#>>'{ship_to,country}';
    v_currency := v_order->>'currency';
    v_partial := coalesce((v_order->>'partial')::boolean, false);
    v_wait := coalesce((v_order->>'back_order')::boolean, false);
    v_refusal := null; v_lines := '[]'; v_total := 0; v_balance := 0; v_waits := false; v_days := 0;
    used := '{}'; places := 0; mark := parts;

    while w_orders[n] = o loop
      if v_refusal is not null then
        n := n + 1;
        continue;
      elsif w_offers[n] is null then
        v_refusal := orders.why_unpriced(w_nos[n], w_skus[n], w_ids[n], v_currency, v_day,
                                         w_asked[n]);
        continue;
      elsif w_asked[n] < w_moqs[n] then
        v_refusal := orders.refusal('orders.moq_not_met', w_nos[n], 'quantity',
          jsonb_build_object('sku', w_skus[n], 'moq', w_moqs[n], 'ordered', w_asked[n]));
        continue;
      end if;

      rest := w_asked[n]; part := 0; v_parts := '[]';
      first := array_position(s_skus, w_ids[n]);
      while rest > 0 and first is not null loop
        best := null; v_state := v_status;
        for i in first .. cardinality(s_skus) loop
          exit when s_skus[i] <> w_ids[n];
          continue when s_free[i] <= 0
                     or coalesce(s_models[i], w_sold[n]) <> w_models[n]
                     or s_models[i] is null and w_sold[n] in ('OWNED', 'PRESTOCK');
          if best is null or orders.is_better(
               s_free[i] >= rest, s_models[i] is not null, s_countries[i] = v_country, s_free[i],
               s_free[best] >= rest, s_models[best] is not null, s_countries[best] = v_country,
               s_free[best]) then
            best := i;
          end if;
        end loop;
        if best is null and v_wait then
          v_state := 'BACKORDERED';
          for i in first .. cardinality(s_skus) loop
            exit when s_skus[i] <> w_ids[n];
            continue when s_models[i] is null or s_models[i] <> w_models[n];
            if best is null or s_countries[i] = v_country and s_countries[best] <> v_country then
              best := i;
            end if;
          end loop;
        end if;
        exit when best is null;
        take := case v_state when 'BACKORDERED' then rest else least(s_free[best], rest) end;
        rest := rest - take;
        v_model := coalesce(s_models[best], w_sold[n]);
        parts := parts + 1;
        part := part + 1;
        part_orders[parts] := o;
        part_lines[parts] := w_nos[n];
        part_nos[parts] := part;
        part_rows[parts] := best;
        part_skus[parts] := s_skus[best];
        part_nodes[parts] := s_nodes[best];
        part_owners[parts] := s_owners[best];
        part_quantities[parts] := take;
        part_models[parts] := v_model;
        part_statuses[parts] := v_state;
        v_parts := v_parts || jsonb_build_object('node', s_codes[best], 'quantity', take,
                                                 'sales_model', v_model, 'status', v_state);
        if v_state = 'BACKORDERED' then
          v_waits := true;
          exit;
        end if;
        s_free[best] := s_free[best] - take;
        if s_nodes[best] <> all (used) then
          used := used || s_nodes[best];
          places := places + case when s_models[best] is null then 2 else 1 end;
          v_leg := (case v_model when 'VIRTUAL' then hub_days else s_days[best] end
                    ->>v_country)::double precision
                   + case when s_models[best] is null then coalesce(w_lead[n], 0) else 0 end;
          -- A place without a lane makes this null, and so it stays.
          v_days := case when v_leg > v_days then v_leg when v_leg <= v_days then v_days end;
        end if;
      end loop;

      granted := w_asked[n] - rest;
      price := case when rest = 0 then w_prices[n]
                    else orders.unit_price(w_offers[n], granted) end;
      if rest > 0 and not (v_partial and granted >= w_moqs[n] and price is not null) then
        v_refusal := orders.why_short(w_nos[n], w_skus[n], w_models[n], w_sold[n], w_asked[n],
          granted, w_moqs[n], s_models[first:first + 99], s_skus[first:first + 99], w_ids[n]);
        continue;
      elsif price * granted * kit.minor_factor(v_currency) > 9e13 then
        -- A hundred such lines stay below 2^53, which every JSON reader keeps exactly.
        v_refusal := orders.refusal('orders.amount_too_large', w_nos[n], 'quantity',
                                    jsonb_build_object('sku', w_skus[n]));
        continue;
      end if;
      w_accepted[n] := granted;
      w_prices[n] := price;
      w_amounts[n] := kit.line_amount(price, granted, w_uoms[n], v_currency);
      v_total := v_total + w_amounts[n];
      v_lines := v_lines || jsonb_build_object(
        'sku', w_skus[n], 'quantity', granted, 'ordered_quantity', w_asked[n],
        'unit_price', trim_scale(price)::text, 'amount', w_amounts[n], 'parts', v_parts);
      if w_deposits[n] is not null then
        made := 0;
        for i in parts - part + 1 .. parts loop
          made := made + case when s_models[part_rows[i]] is null then part_quantities[i] else 0 end;
        end loop;
        w_balances[n] := orders.balance_of(w_amounts[n], made, granted, w_deposits[n]);
        v_balance := v_balance + w_balances[n];
        if w_balances[n] > 0 then
          v_lines := jsonb_set(v_lines, '{-1,deposit}', orders.deposit_json(
            w_deposits[n], w_amounts[n], w_balances[n], w_balances[n], null));
        end if;
      end if;
      n := n + 1;
    end loop;

    v_kind := ledger.kind_of_payment(v_order#>>'{payment,method}');
    fund := null;
    if v_refusal is null and p_place and v_order ? 'payment' then
      if v_total <= 0 then
        v_refusal := jsonb_build_object('code', 'orders.nothing_to_pay', 'fields', '{}'::jsonb);
      elsif v_kind is not null then
        fund := array_position(f_keys, p_buyers[o]::text || v_kind || v_currency);
        if fund is null or f_free[fund] < v_total - v_balance then
          v_refusal := ledger.no_funds(p_buyers[o], v_kind, v_currency, v_total - v_balance,
                                       f_free[fund]);
        else
          f_free[fund] := f_free[fund] - (v_total - v_balance);
        end if;
      end if;
    end if;
    if v_refusal is not null then
      -- What it would have taken is there for the next.
      for i in mark + 1 .. parts loop
        if part_statuses[i] <> 'BACKORDERED' then
          s_free[part_rows[i]] := s_free[part_rows[i]] + part_quantities[i];
        end if;
      end loop;
      parts := mark;
    end if;
    refusals[o] := v_refusal;
    totals[o] := v_total;
    balances[o] := v_balance;
    shown[o] := v_lines;
    complete[o] := not v_waits;
    funds[o] := case when v_refusal is null then f_accounts[fund] end;
    if v_days is not null and not v_waits then
      dates[o] := v_day + ceil(v_days)::int;
      chances[o] := round(power(0.9, places), 3);
    end if;
  end loop;
  return row(totals, dates, chances, refusals, shown, funds, complete,
             w_orders, w_nos, w_skus, w_ids, w_offers, w_asked, w_accepted, w_prices, w_amounts,
             part_orders[1:parts], part_lines[1:parts], part_nos[1:parts], part_skus[1:parts],
             part_nodes[1:parts], part_owners[1:parts], part_quantities[1:parts],
             part_models[1:parts], part_statuses[1:parts], balances, w_balances,
             w_deposits)::orders.quotes;
end $$;

-- As before; of what is made to order only the deposit is held.
create or replace function orders.create_orders(
  p_run text, actors accounts.actor[], p_orders jsonb[], p_operator uuid, p_now timestamptz
) returns jsonb[] language plpgsql as $$
declare
  v_expires constant timestamptz := p_now + orders.payment_time();
  buyers uuid[]; q orders.quotes; answers jsonb[]; ids uuid[]; numbers text[]; statuses text[];
  expiries timestamptz[]; kept jsonb[]; told jsonb[]; audits jsonb[]; ship_tos jsonb[];
  v_order jsonb; v_refusal jsonb; v_method text; v_id uuid; v_number text; v_total bigint;
  v_currency text; is_any boolean := false; v_dues bigint[]; is_later boolean := false;
begin
  for o in 1 .. cardinality(actors) loop
    buyers[o] := (actors[o]).org_id;
  end loop;
  q := orders.quote(p_orders, buyers, p_now, true);
  v_dues := q.totals;
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
    if q.balances[o] > 0 then
      is_later := true;
      v_dues[o] := v_total - q.balances[o];
      told[o] := told[o] || jsonb_build_object('balance', q.balances[o]);
      audits[o] := audits[o] || jsonb_build_object('balance', q.balances[o]);
      answers[o] := jsonb_set(answers[o], '{response}', orders.with_deposit(
        answers[o]->'response', v_total, q.balances[o], q.balances[o], null));
    end if;
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
  if is_later then
    perform orders.keep_balances(q, ids);
  end if;
  perform orders.reserve(p_run, q, numbers, ids, p_operator, p_now);
  perform ledger.hold_many(p_run, buyers, q.fund_accounts, v_dues,
    array(select u.o->>'currency' from unnest(p_orders) with ordinality u(o, n) order by u.n),
    numbers, ids, p_operator, p_now);
  perform kit.record_events(p_run, 'order.placed', 'order', ids, array_fill(1::bigint,
    array[cardinality(ids)]), p_operator, buyers, told, p_now);
  perform accounts.record_audits(p_run, actors, 'place', 'order', ids, audits, p_now);
  return answers;
end $$;

-- As before, with the deposit.
create or replace function orders.preview_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
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
  return orders.with_deposit(jsonb_build_object(
    'total', jsonb_build_object('amount', q.totals[1], 'currency', p_order->>'currency'),
    'promise', case when q.dates[1] is not null then
      jsonb_build_object('date', q.dates[1], 'probability', q.probabilities[1]) end,
    'lines', v_lines,
    'funds', jsonb_build_object(
      'needed', q.totals[1] - q.balances[1], 'method', p_order#>>'{payment,method}',
      'available', (select b.available from ledger.balance b
                      join ledger.account a on a.id = b.account_id
                     where a.org_id = (actor).org_id and a.currency = p_order->>'currency'
                       and a.kind = ledger.kind_of_payment(p_order#>>'{payment,method}')))),
    q.totals[1], q.balances[1], q.balances[1], null);
end $$;

-- As before, with the deposit.
create or replace function orders.as_json(p_order uuid) returns jsonb language plpgsql stable as $$
declare v_order jsonb; has_deposit boolean;
begin
  select orders.head_json(o.id, o.number, o.reference, o.status, o.total_amount, o.currency,
                          o.promise_date, o.promise_probability,
                          case o.status when 'PLACED' then o.expires_at end, o.created_at,
                          o.cancelled_at)
         || jsonb_build_object('lines', (
    select jsonb_agg(jsonb_build_object(
      'sku', l.sku, 'quantity', l.quantity, 'ordered_quantity', l.ordered_quantity,
      'unit_price', trim_scale(l.unit_price)::text, 'amount', l.amount,
      'parts', (select jsonb_agg(jsonb_build_object('node', n.code, 'quantity', p.quantity,
                         'sales_model', p.sales_model, 'status', p.status) order by p.part_no)
                  from orders.order_part p join trade.node n on n.id = p.node_id
                 where p.order_id = l.order_id and p.line_no = l.line_no))
      || case when o.has_deposit then orders.deposit_of(l) else '{}' end order by l.line_no)
      from orders.order_line l where l.order_id = o.id)), o.has_deposit
    into v_order, has_deposit
    from orders."order" o where o.id = p_order;
  return case when has_deposit then orders.add_deposit(v_order, p_order) else v_order end;
end $$;

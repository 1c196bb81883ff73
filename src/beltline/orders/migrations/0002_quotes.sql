-- What orders would be: prices, places, promise, or why not. One pass for one order or a thousand.

set local role beltline_core;

-- What some orders would be, as parallel arrays: entries an order, then a line, then a part.
-- Of a refused order only `refusals` ({code, fields}) counts; its parts are not among the parts.
create type orders.quotes as (
  totals bigint[], dates date[], probabilities double precision[], refusals jsonb[], lines jsonb[],
  fund_accounts uuid[], is_complete boolean[],
  line_orders int[], line_nos int[], skus text[], sku_ids uuid[], offer_ids uuid[],
  ordered bigint[], accepted bigint[], prices numeric[], amounts bigint[],
  part_orders int[], part_lines int[], part_nos int[], part_sku_ids uuid[], part_node_ids uuid[],
  part_owners uuid[], part_quantities bigint[], part_models text[], part_statuses text[]
);

create function orders.refusal(p_code text, p_line int, p_member text, p_fields jsonb) returns jsonb
language sql immutable as $$
  select jsonb_build_object('code', p_code, 'fields', p_fields || jsonb_build_object(
    'param', format('lines[%s].%s', p_line - 1, p_member)))
$$;

-- Why a line has no price: there is no such SKU, it is not offered in this currency today, or only
-- from a larger quantity on.
create function orders.why_unpriced(
  p_line int, p_sku text, p_sku_id uuid, p_currency text, p_day date, p_quantity bigint
) returns jsonb language plpgsql stable as $$
declare v_moq bigint;
begin
  if p_sku_id is null then
    return orders.refusal('orders.unknown_sku', p_line, 'sku', jsonb_build_object('sku', p_sku));
  end if;
  select min(greatest(o.moq, b.first)) into v_moq
    from catalog.offer o
    join lateral (select min(quantity_from) as first from catalog.offer_break
                   where offer_id = o.id) b on b.first is not null
   where o.sku_id = p_sku_id and o.audience = 'BUYERS' and o.currency = p_currency
     and o.valid_from <= p_day and (o.valid_until is null or o.valid_until >= p_day);
  if v_moq is not null then
    return orders.refusal('orders.moq_not_met', p_line, 'quantity', jsonb_build_object(
      'sku', p_sku, 'moq', v_moq, 'ordered', p_quantity));
  end if;
  return orders.refusal('orders.not_offered', p_line, 'sku', jsonb_build_object(
    'sku', p_sku, 'currency', p_currency, 'offered_in', coalesce((
      select string_agg(distinct o.currency, ', ' order by o.currency) from catalog.offer o
       where o.sku_id = p_sku_id and o.audience = 'BUYERS' and o.valid_from <= p_day
         and (o.valid_until is null or o.valid_until >= p_day)), 'none')));
end $$;

-- The unit price of an offer from a quantity on; null below its first break.
create function orders.unit_price(p_offer uuid, p_quantity bigint) returns numeric
language plpgsql stable as $$
begin
  return (select b.unit_price from catalog.offer_break b
           where b.offer_id = p_offer and b.quantity_from <= p_quantity
           order by b.quantity_from desc limit 1);
end $$;

-- What some orders would be, one after the other from the same stock and money, or why one is
-- refused. Writes nothing; with `p_place` it locks the stock and the money it looks at, so that
-- what it says holds until the commit. A null among the orders is passed over.
--
-- Stock: the model that a line names, or any it is sold under; the network's own nodes before
-- factories, those in the buyer's country before others, the place that can serve the whole line
-- before the fullest. `partial` accepts fewer units than ordered, never fewer than the MOQ;
-- `back_order` accepts all and waits for what is missing at the node that would come first.
--
-- The promise: each place keeps its nine days in ten on its own, so that all of them together are
-- less likely: the date is the slowest place's, the probability the product. A factory's goods
-- take their lead time first, and its word counts as one place more. There is no promise when a
-- place has no lane to the country or something is waited for.
create function orders.quote(
  p_orders jsonb[], p_buyers uuid[], p_now timestamptz, p_place boolean
) returns orders.quotes language plpgsql as $$
declare
  v_day constant date := kit.day_of(p_now);
  v_status constant text := case when p_place then 'ALLOCATED' else 'AVAILABLE' end;
  -- Lines as asked for and offered.
  w_orders int[]; w_nos int[]; w_skus text[]; w_asked bigint[]; w_models text[]; w_ids uuid[];
  w_uoms text[]; w_offers uuid[]; w_moqs bigint[]; w_sold text[]; w_lead double precision[];
  w_prices numeric[]; w_accepted bigint[]; w_amounts bigint[];
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
  part_orders int[] := '{}'; part_lines int[] := '{}'; part_nos int[] := '{}';
  part_rows int[] := '{}'; part_skus uuid[] := '{}'; part_nodes uuid[] := '{}';
  part_owners uuid[] := '{}'; part_quantities bigint[] := '{}'; part_models text[] := '{}';
  part_statuses text[] := '{}';
  -- The order and the line at work.
  v_order jsonb; v_country text; v_currency text; v_partial boolean; v_wait boolean; v_kind text;
  v_refusal jsonb; v_lines jsonb; v_parts jsonb; v_total bigint; v_waits boolean;
  v_days double precision; v_leg double precision; used uuid[]; places int;
  n int := 1; parts int := 0; mark int; part int; first int; best int; rest bigint; take bigint;
  granted bigint; price numeric; v_model text; v_state text;
begin
  select array_agg(l.ord), array_agg(l.line), array_agg(l.sku), array_agg(l.quantity),
         array_agg(l.sales_model), array_agg(l.sku_id), array_agg(l.uom), array_agg(l.offer_id),
         array_agg(l.moq), array_agg(l.sold), array_agg(l.lead), array_agg(l.unit_price),
         bool_or(l.sold in ('VIRTUAL', 'DIRECT')), array_agg(distinct l.country)
    into w_orders, w_nos, w_skus, w_asked, w_models, w_ids, w_uoms, w_offers, w_moqs, w_sold,
         w_lead, w_prices, is_made, v_countries
    from (
      select b.ord::int, w.line::int, w.sku, w.quantity, w.sales_model, k.id as sku_id, k.uom,
             t.id as offer_id, t.moq, t.sold, t.lead, t.unit_price,
             b.body#>>'{ship_to,country}' as country
        from unnest(p_orders) with ordinality as b(body, ord)
        cross join lateral rows from (
          jsonb_to_recordset(b.body->'lines') as (sku text, quantity bigint, sales_model text)
        ) with ordinality as w(sku, quantity, sales_model, line)
        left join catalog.sku k on k.code = w.sku
        left join lateral (
          select o.id, o.moq, o.sales_model as sold, o.lead_time_days as lead, p.unit_price
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
    v_refusal := null; v_lines := '[]'; v_total := 0; v_waits := false; v_days := 0;
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
      n := n + 1;
    end loop;

    v_kind := ledger.kind_of_payment(v_order#>>'{payment,method}');
    fund := null;
    if v_refusal is null and p_place and v_order ? 'payment' then
      if v_total <= 0 then
        v_refusal := jsonb_build_object('code', 'orders.nothing_to_pay', 'fields', '{}'::jsonb);
      elsif v_kind is not null then
        fund := array_position(f_keys, p_buyers[o]::text || v_kind || v_currency);
        if fund is null or f_free[fund] < v_total then
          v_refusal := ledger.no_funds(p_buyers[o], v_kind, v_currency, v_total, f_free[fund]);
        else
          f_free[fund] := f_free[fund] - v_total;
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
             part_models[1:parts], part_statuses[1:parts])::orders.quotes;
end $$;

-- Whether a place is the better one for what is left of a line than another: it can serve all of
-- it, is a node of the network rather than a factory, is in the buyer's country, has more.
create function orders.is_better(
  is_whole boolean, is_own boolean, is_near boolean, p_free bigint,
  than_whole boolean, than_own boolean, than_near boolean, than_free bigint
) returns boolean language sql immutable as $$
  select (is_whole, is_own, is_near, p_free) > (than_whole, than_own, than_near, than_free)
$$;

-- Why a line cannot be served: no stock of it is sold under the model it names, or there is less.
create function orders.why_short(
  p_line int, p_sku text, p_model text, p_sold text, p_asked bigint, p_granted bigint,
  p_moq bigint, p_models text[], p_skus uuid[], p_sku_id uuid
) returns jsonb language plpgsql immutable as $$
declare
  v_models constant text[] := array_append(array(
    select coalesce(u.model, p_sold) from unnest(p_models, p_skus) as u(model, sku)
     where u.sku = p_sku_id), p_sold);
begin
  if p_model <> all (v_models) then
    return orders.refusal('orders.sales_model_not_offered', p_line, 'sales_model',
      jsonb_build_object('sku', p_sku, 'sales_model', p_model, 'offered', (
        select string_agg(distinct m, ', ' order by m) from unnest(v_models) m)));
  end if;
  return orders.refusal('orders.out_of_stock', p_line, 'quantity', jsonb_build_object(
    'sku', p_sku, 'ordered', p_asked, 'available', p_granted, 'moq', p_moq));
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

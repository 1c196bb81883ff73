-- A promise is the sum of its legs: what the factory needs, what the node does, the lane.

set local role beltline_core;

-- How much of a standard normal lies below a value (Abramowitz and Stegun 1964, 7.1.26: wrong by
-- less than 1e-7; PostgreSQL has erf only since 16).
create function orders.normal_below(z double precision) returns double precision
language plpgsql immutable as $$
declare
  -- Beyond eight nothing is left that shows, and exp() would underflow.
  x constant double precision := least(abs(z), 8) / sqrt(2::double precision);
  t constant double precision := 1 / (1 + 0.3275911 * x);
  tail constant double precision := 0.5 * exp(-x * x) * t * (0.254829592 + t * (-0.284496736
    + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
begin
  return case when z < 0 then tail else 1 - tail end;
end $$;

-- The chance that all legs are there within some days: each is normal, with its mean and the square
-- of the days more that nine in ten need. Never said to be certain.
create function orders.chance(
  p_days double precision, means double precision[], spreads double precision[]
) returns double precision language plpgsql immutable as $$
declare v_chance double precision := 1;
begin
  for i in 1 .. cardinality(means) loop
    -- Nine in ten of a normal lie below 1.2816 standard deviations over its mean.
    v_chance := v_chance * case
      when spreads[i] > 0
        then orders.normal_below((p_days - means[i]) * 1.2816 / sqrt(spreads[i]))
      when means[i] <= p_days then 1 else 0 end;
  end loop;
  return least(0.99, round(v_chance::numeric, 3));
end $$;

-- As before; the promise is the day by which nine in ten of the slowest leg are there, with the
-- chance that all legs are: what a factory needs, what the node does, the lane.
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
  v_countries text[]; is_made boolean;
  -- Stock that could serve them, by SKU.
  s_skus uuid[]; s_nodes uuid[]; s_codes text[]; s_countries text[]; s_owners uuid[];
  s_models text[]; s_free bigint[]; s_legs jsonb[]; s_hubs jsonb[]; s_made jsonb[];
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
  v_days double precision; v_leg jsonb; v_made jsonb; used uuid[];
  means double precision[]; spreads double precision[]; v_mean double precision;
  v_spread double precision; seen int;
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
         array_agg(a.available), array_agg(a.legs), array_agg(a.hubs), array_agg(a.made)
    into s_skus, s_nodes, s_codes, s_countries, s_owners, s_models, s_free, s_legs, s_hubs, s_made
    from (
      with sellable as materialized (
        select * from inventory.lock_sellable(w_ids, is_made) where p_place
        union all
        select * from inventory.list_sellable(w_ids, is_made) where not p_place
      ), places as materialized (
        -- What many rows of a node have in common is asked once.
        select n.id, n.code, n.country, n.kind,
               trade.legs(n.id, n.country, case when n.kind <> 'FACTORY' then 'STOCK' end,
                          v_countries) as legs,
               case when n.kind = 'FACTORY' then (
                 select trade.legs(h.id, h.country, 'HUB', v_countries) from trade.node h
                  where h.kind = 'CONSOLIDATION' and h.country = n.country
                  order by h.code limit 1) end as hubs,
               case when n.kind = 'FACTORY' then trade.made_legs(n.supplier_org_id) end as made
          from trade.node n
         where n.id in (select s.node_id from sellable s)
           and (n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS')
                or n.kind = 'FACTORY' and is_made)
      )
      select v.sku_id, v.node_id, n.code, n.country, v.owner_org_id, v.operator_org_id,
             v.available, n.kind, n.legs, n.hubs, n.made
        from sellable v
        join places n on n.id = v.node_id and (n.kind = 'FACTORY' or v.kind = 'COUNTED')
       order by v.sku_id, n.code, v.owner_org_id) a;
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
    used := '{}'; means := '{}'; spreads := '{}'; mark := parts;

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
        -- A place counts once, by its slowest goods: a factory's may differ.
        seen := array_position(used, s_nodes[best]);
        if seen is null or s_models[best] is null then
          v_leg := case v_model when 'VIRTUAL' then s_hubs[best] else s_legs[best] end
                   -> v_country;
          v_mean := (v_leg->>0)::double precision;
          v_spread := (v_leg->>1)::double precision;
          if s_models[best] is null then
            v_made := s_made[best] -> case v_model when 'VIRTUAL' then 'MADE' else 'DOOR' end;
            v_mean := v_mean + coalesce(w_lead[n], (v_made->>0)::double precision, 0);
            v_spread := v_spread + coalesce((v_made->>1)::double precision, 0);
          end if;
          if seen is null then
            used := used || s_nodes[best];
            means := means || v_mean;
            spreads := spreads || v_spread;
          elsif v_mean + sqrt(v_spread) > means[seen] + sqrt(spreads[seen]) then
            means[seen] := v_mean;
            spreads[seen] := v_spread;
          end if;
          -- A place without a lane makes this null, and so it stays.
          v_days := case when v_mean is null then null when v_days is null then null
                         else greatest(v_days, v_mean + sqrt(v_spread)) end;
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
      chances[o] := orders.chance(ceil(v_days), means, spreads);
    end if;
  end loop;
  return row(totals, dates, chances, refusals, shown, funds, complete,
             w_orders, w_nos, w_skus, w_ids, w_offers, w_asked, w_accepted, w_prices, w_amounts,
             part_orders[1:parts], part_lines[1:parts], part_nos[1:parts], part_skus[1:parts],
             part_nodes[1:parts], part_owners[1:parts], part_quantities[1:parts],
             part_models[1:parts], part_statuses[1:parts], balances, w_balances,
             w_deposits)::orders.quotes;
end $$;

revoke all on function orders.normal_below(double precision),
  orders.chance(double precision, double precision[], double precision[]) from public;
grant execute on function orders.normal_below(double precision),
  orders.chance(double precision, double precision[], double precision[]) to bl_sys, beltline_core;

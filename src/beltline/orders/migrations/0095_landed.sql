-- What a preview's landed cost is worked out from: where goods leave, what they weigh, what carriers ask,
-- what the destination levies. Rate cards and rates are the operator's own: a buyer is told amounts.

set local role beltline_core;

-- Exact figures are texts, quantities base units, weights grams and sides millimeters of one unit of
-- sale; `rates` are what one unit of each currency of a card or limit is in that of the
-- order. The scheme of the destination is that of the terms which a declaration will be on.
create function orders.landed_facts(
  q orders.quotes, p_country text, p_currency text, p_now timestamptz
) returns jsonb language plpgsql stable as $$
declare
  v_operator constant uuid := accounts.operator_org();
  v_day constant date := kit.day_of(p_now);
begin
  return (
    with parts as (
      -- What a factory makes for us leaves from the hub.
      select p.line, p.quantity, coalesce(h.id, n.id) as node_id, b.tax_basis
        from unnest(q.part_lines, q.part_node_ids, q.part_quantities, q.part_models)
          as p(line, node_id, quantity, model)
        join trade.node n on n.id = p.node_id
        join catalog.sku k on k.id = q.sku_ids[array_position(q.line_nos, p.line)]
        left join lateral (
          select o.tax_basis from catalog.offer o
           where o.sku_id = k.id and o.audience = 'OPERATOR'
           order by o.supplier_org_id = k.supplier_org_id desc, o.valid_from desc, o.id
           limit 1) b on true
        left join lateral (
          select x.id from trade.node x
           where x.kind = 'CONSOLIDATION' and x.country = n.country
           order by x.code limit 1) h on n.kind = 'FACTORY' and p.model = 'VIRTUAL'
    ), ways as (
      select n.id, n.code, trade.is_import(v_operator, n.country, p_country, v_day) as is_import,
             jsonb_agg(jsonb_build_object(
                         'line', p.line, 'quantity', p.quantity, 'scheme', coalesce(t.scheme, ''),
                         'scheme_value_max', t.scheme_value_max::text,
                         'scheme_currency', coalesce(t.scheme_currency, ''))
                       order by p.line) as parts,
             array_agg(distinct t.scheme_currency) as currencies
        from parts p
        join trade.node n on n.id = p.node_id
        -- The terms that a declaration will be on.
        left join lateral trade.term_on(v_operator, n.id, p_country, coalesce(p.tax_basis, ''),
                                        v_day) t on true
       group by n.id
    ), low_values as (
      select r.* from trade.low_values_on(v_operator, p_country, v_day) r
    ), cards as (
      select distinct on (c.node_id, c.service, c.currency) c.*
        from trade.rate_card c
       where c.operator_org_id = v_operator and c.country = p_country
         and c.node_id in (select w.id from ways w)
         and v_day between c.valid_from and coalesce(c.valid_until, v_day)
       order by c.node_id, c.service, c.currency, c.valid_from desc
    )
    select jsonb_build_object(
      'rule', (select to_jsonb(r) || jsonb_build_object(
                        'border_percent', r.border_percent::text,
                        'insurance_percent', r.insurance_percent::text)
                 from trade.valuation_on(v_operator, p_country, v_day) r),
      'ways', (
        select jsonb_agg(jsonb_build_object(
                 'node', w.code, 'is_import', w.is_import, 'parts', w.parts,
                 'tariffs', (
                   select coalesce(jsonb_agg(jsonb_build_object(
                            'card', to_jsonb(c) || jsonb_build_object('node', w.code,
                              'minimum_charge', c.minimum_charge::text,
                              'fuel_percent', c.fuel_percent::text,
                              'surcharge', c.surcharge::text),
                            'breaks', (
                              select jsonb_agg(jsonb_build_object('rate_card_id', b.rate_card_id,
                                       'weight_from_g', b.weight_from_g,
                                       'per_parcel', b.per_parcel::text, 'per_kg', b.per_kg::text)
                                       order by b.weight_from_g)
                                from trade.rate_break b where b.rate_card_id = c.id))
                            order by c.service, c.currency), '[]')
                     from cards c where c.node_id = w.id)) order by w.code)
          from ways w),
      'goods', (
        select jsonb_agg(jsonb_build_object(
                 'sku', k.code, 'uom', k.uom, 'weight_g', k.weight_g, 'length_mm', k.length_mm,
                 'width_mm', k.width_mm, 'height_mm', k.height_mm, 'amount', u.amount,
                 'hs_code', coalesce(k.hs_code, ''),
                 'duty', (select to_jsonb(r) || jsonb_build_object('percent', r.percent::text)
                            from trade.tax_on(v_operator, 'DUTY', p_country, k.hs_code,
                                              g.origin_country, v_day) r),
                 'vat', (select to_jsonb(r) || jsonb_build_object('percent', r.percent::text)
                           from trade.tax_on(v_operator, 'VAT', p_country, k.hs_code,
                                             g.origin_country, v_day) r)) order by u.line)
          from unnest(q.line_nos, q.sku_ids, q.amounts) as u(line, sku_id, amount)
          join catalog.sku k on k.id = u.sku_id
          join catalog.product g on g.id = k.product_id),
      'rates', (
        select coalesce(jsonb_object_agg(x.currency,
                 (trade.converted(kit.minor_factor(x.currency), x.currency, p_currency, v_day)
                  / kit.minor_factor(p_currency))::text), '{}')
          from (select c.currency from cards c union select r.currency from low_values r
                union select unnest(w.currencies) from ways w) x
         where x.currency <> ''),
      'currency', p_currency,
      'low_values', (
        select coalesce(jsonb_agg(to_jsonb(r) || jsonb_build_object(
                          'value_max', r.value_max::text, 'duty_percent', r.duty_percent::text,
                          'duty_fixed', r.duty_fixed::text)), '[]')
          from low_values r)));
end $$;

-- As before, with what the landed cost is worked out from.
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
    q.totals[1], q.balances[1], q.balances[1], null)
    || jsonb_build_object('landed', orders.landed_facts(q, p_order#>>'{ship_to,country}',
                                                        p_order->>'currency', p_now));
end $$;

revoke all on function orders.landed_facts(orders.quotes, text, text, timestamptz) from public;
grant execute on function orders.landed_facts(orders.quotes, text, text, timestamptz)
  to bl_sys, beltline_core;

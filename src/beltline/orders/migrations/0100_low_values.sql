-- The landed cost of a preview counts what the destination levies on consignments of little worth, also
-- under a scheme that the export terms of the goods name.

set local role beltline_core;

create or replace function orders.landed_facts(
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

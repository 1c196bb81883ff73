-- On which delivery term the goods of an order leave: as they were declared, else as the export term of
-- their lane says. Its parties are told the term, not the rules of the operator.

set local role beltline_core;

-- The terms of what is sent or standing and crosses a border, with the place it leaves; the term is
-- empty where none is known, the place where a factory sends it itself. For the operator and the
-- buyer of the order.
create function fulfillment.delivery_terms(p_order uuid, p_on date)
returns table (incoterm text, departure text)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select distinct coalesce(nullif(d.incoterm, ''), t.incoterm, ''),
         case when n.kind = 'FACTORY' then n.country else n.name || ', ' || n.country end
    from fulfillment.journey j
    join trade.node n on n.id = coalesce(j.hub_id, j.node_id)
    join catalog.sku k on k.id = j.sku_id
    left join customs.goods g on g.journey_id = j.id
    left join customs.declaration d on d.id = g.declaration_id
    left join lateral (
      select o.tax_basis from catalog.offer o
       where o.sku_id = j.sku_id and o.audience = 'OPERATOR'
       order by o.supplier_org_id = coalesce(j.supplier_org_id, k.supplier_org_id) desc,
                o.valid_from desc, o.id limit 1) b on true
    left join lateral trade.term_on(j.operator_org_id, n.id, j.country,
                                    coalesce(b.tax_basis, ''), p_on) t on true
   where j.order_id = p_order and j.moving + j.delivered + j.in_question > 0
     and trade.is_import(j.operator_org_id, n.country, j.country, p_on)
     and nullif(current_setting('app.org', true), '')::uuid in (j.operator_org_id, j.buyer_org_id)
   order by 1, 2 limit 20;
end $$;

revoke all on function fulfillment.delivery_terms(uuid, date) from public;
grant execute on function fulfillment.delivery_terms(uuid, date) to bl_app, bl_sys, beltline_core;

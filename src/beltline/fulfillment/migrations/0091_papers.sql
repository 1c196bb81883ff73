-- What papers say of goods: on which delivery term those of an order leave (as they were declared, else
-- as the export term of their lane says), and what is still wanted of a purchase. Parties are told
-- that, not the rules of the operator nor the orders of others.

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

-- What is still wanted of a purchase for buyers' orders: what came, and what is still to come. The
-- rest was cancelled, or given up. Base units by SKU, for the parties of the purchase; null for one
-- that is for the stock of a node.
create function fulfillment.wanted_of(p_purchase uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (
    select from procurement.purchase_order o
     where o.id = p_purchase and o.is_for_orders
       and nullif(current_setting('app.org', true), '')::uuid
           in (o.operator_org_id, o.supplier_org_id)) then
    return null;
  end if;
  return (
    select coalesce(jsonb_object_agg(k.code, w.units), '{}')
      from (
        select u.sku_id, sum(u.units)::bigint as units
          from (
            select c.sku_id, c.units from fulfillment.came_of(p_purchase) c
            union all
            select p.sku_id,
                   case when j.id is null then coalesce((p.standing->>'owed')::bigint, p.quantity)
                        when j.stage in ('PURCHASE', 'FACTORY', 'RECEIPT') then j.moving
                        else 0 end
              from orders.order_part p
              left join fulfillment.journey j
                on (j.order_id, j.line_no, j.part_no, j.attempt)
                 = (p.order_id, p.line_no, p.part_no, 1)
             where p.purchase_order_id = p_purchase
               and (j.id is not null or p.status = 'ALLOCATED')) u
         group by u.sku_id) w
      join catalog.sku k on k.id = w.sku_id);
end $$;

revoke all on function fulfillment.delivery_terms(uuid, date) from public;
grant execute on function fulfillment.delivery_terms(uuid, date) to bl_app, bl_sys, beltline_core;
revoke all on function fulfillment.wanted_of(uuid) from public;
grant execute on function fulfillment.wanted_of(uuid) to bl_app, bl_sys, beltline_core;

-- Who asks for goods in stock asks for what an order can take now, not for what an offer says of itself:
-- the quantity, or the minimum where that is more, of all nodes and factories that goods are sold from.

set local role beltline_core;

create or replace function search.best_terms(
  p_skus uuid[], p_on date, p_quantity bigint, p_currency text, p_price_max numeric,
  p_moq_max bigint, p_lead_time_days_max double precision, p_availability text
) returns table (
  sku_id uuid, currency text, unit_price numeric, moq bigint, availability text,
  lead_time_days double precision
) language plpgsql stable security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off set jit = off as $$
#variable_conflict use_column
begin
  return query
    select distinct on (o.sku_id) o.sku_id, o.currency, b.unit_price, o.moq, o.availability,
           o.lead_time_days
      from catalog.offer o
     cross join lateral (
       select b.unit_price from catalog.offer_break b
        where b.offer_id = o.id and b.quantity_from <= greatest(p_quantity, o.moq)
        order by b.quantity_from desc limit 1) b
     where o.sku_id = any(p_skus) and o.audience = 'BUYERS' and o.valid_from <= p_on
       and (o.valid_until is null or o.valid_until >= p_on)
       and (p_currency is null or o.currency = p_currency)
       and (p_moq_max is null or o.moq <= p_moq_max)
       and (p_lead_time_days_max is null or o.lead_time_days <= p_lead_time_days_max)
       and (p_availability is null or o.availability = p_availability)
       and b.unit_price <= coalesce(p_price_max, b.unit_price)
       and (p_availability is distinct from 'SPOT'
            or greatest(p_quantity, o.moq) <= (
                 select sum(a.available) from inventory.on_sale a where a.sku_id = o.sku_id))
     order by o.sku_id, b.unit_price, o.id;
end $$;

-- The terms of thousands of SKUs at once: asked for where filters leave too few of the first
-- hundreds. Each table is read once for all of them, in the order of its index, where
-- `search.on_terms` goes down five indexes for each; makers and category that are asked for leave
-- few before any offer is read. The answer is the same, row by row.

set local role beltline_core;

create function search.on_terms_of_many(
  p_skus uuid[], p_lengths int[], p_said bigint[], p_on date, p_quantity bigint, p_currency text,
  p_price_max numeric, p_moq_max bigint, p_lead_time_days_max double precision,
  p_availability text, p_of_offers boolean, p_category text, p_supplier text, p_belt text,
  p_tier text, p_limit int
) returns table (
  sku_id uuid, product_id uuid, code text, category text, supplier text, tier text, belt text,
  currency text, unit_price numeric, moq bigint, availability text,
  lead_time_days double precision, length int, said bigint
) language plpgsql stable security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
set enable_nestloop = off set enable_mergejoin = off set enable_bitmapscan = off set jit = off as $$
#variable_conflict use_column
begin
  if coalesce(p_category, p_supplier, p_belt, p_tier) is not null then
    with made as materialized (
      select k.id, k.product_id, k.supplier_org_id
        from catalog.sku k where k.id = any(p_skus))
    select array_agg(d.sku_id), array_agg(d.length), array_agg(d.said)
      into p_skus, p_lengths, p_said
      from unnest(p_skus, p_lengths, p_said) as d (sku_id, length, said)
      join made k on k.id = d.sku_id
      left join (select p.id, p.category from catalog.product p
                  where p_category is not null
                    and p.id = any(array(select product_id from made))) p on p.id = k.product_id
      left join (select s.id, s.code from accounts.organization s
                  where p_supplier is not null
                    and s.id = any(array(select distinct supplier_org_id from made))) s
        on s.id = k.supplier_org_id
      left join (select v.org_id, v.tier, v.belt_id from suppliers.supplier v
                  where coalesce(p_belt, p_tier) is not null
                    and v.org_id = any(array(select distinct supplier_org_id from made))) v
        on v.org_id = k.supplier_org_id
     where (p_category is null or p.category = p_category)
       and (p_supplier is null or s.code = p_supplier)
       and (p_belt is null or v.belt_id = p_belt)
       and (p_tier is null or v.tier = p_tier);
  end if;
  return query
    with offered as materialized (
      select o.id, o.sku_id, o.currency, o.moq, o.availability, o.lead_time_days
        from catalog.offer o
       where o.sku_id = any(p_skus) and o.audience = 'BUYERS' and o.valid_from <= p_on
         and (o.valid_until is null or o.valid_until >= p_on)
         and (p_currency is null or o.currency = p_currency)
         and (p_moq_max is null or o.moq <= p_moq_max)
         and (p_lead_time_days_max is null or o.lead_time_days <= p_lead_time_days_max)
         and (p_availability is null or o.availability = p_availability)),
    priced as (
      select distinct on (o.id) o.id, o.sku_id, o.currency, o.moq, o.availability,
             o.lead_time_days, b.unit_price
        from offered o
        join (select b.offer_id, b.quantity_from, b.unit_price from catalog.offer_break b
               where b.offer_id = any(array(select id from offered))) b
          on b.offer_id = o.id and b.quantity_from <= greatest(p_quantity, o.moq)
       order by o.id, b.quantity_from desc),
    best as (
      select distinct on (o.sku_id) o.*
        from priced o
       where not p_of_offers or o.unit_price <= coalesce(p_price_max, o.unit_price)
       order by o.sku_id, o.unit_price, o.id),
    asked as materialized (
      select d.sku_id, d.length, d.said, o.currency, o.unit_price, o.moq, o.availability,
             o.lead_time_days
        from unnest(p_skus, p_lengths, p_said) as d (sku_id, length, said)
        left join best o on o.sku_id = d.sku_id
       where o.sku_id is not null or not p_of_offers),
    made as materialized (
      select k.id, k.product_id, k.code, k.supplier_org_id
        from catalog.sku k where k.id = any(array(select sku_id from asked)))
    select d.sku_id, k.product_id, k.code, p.category, s.code, coalesce(v.tier, ''),
           coalesce(v.belt_id, ''), d.currency, d.unit_price, d.moq, d.availability,
           d.lead_time_days, d.length, d.said
      from asked d
      join made k on k.id = d.sku_id
      join (select p.id, p.category from catalog.product p
             where p.id = any(array(select product_id from made))) p on p.id = k.product_id
      join (select s.id, s.code from accounts.organization s
             where s.id = any(array(select distinct supplier_org_id from made))) s
        on s.id = k.supplier_org_id
      left join (select v.org_id, v.tier, v.belt_id from suppliers.supplier v
                  where v.org_id = any(array(select distinct supplier_org_id from made))) v
        on v.org_id = k.supplier_org_id
     where (p_category is null or p.category = p_category)
       and (p_supplier is null or s.code = p_supplier)
       and (p_belt is null or v.belt_id = p_belt)
       and (p_tier is null or v.tier = p_tier)
     order by bit_count(d.said::bit(64)) desc, d.length, k.code limit p_limit;
end $$;

-- What goods cost and how they come, at the moment of asking. Words, meaning and pictures all come
-- through here. An offer and its price breaks are the narrow rows that a sync of prices writes, apart
-- from words and vectors; what is offered to buyers is everybody's to see, so that it is read past
-- row-level security, which would look up the offer of each break again. Every statement is a point
-- access: plans are made once a connection, and never scan because a table was empty then.

set local role beltline_core;

-- Of some SKUs (each with its length and the words it says, as bits) those whose best terms for
-- buyers on a day fit; those that say more words first, short ones before long ones.
create function search.on_terms(
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
set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
#variable_conflict use_column
begin
  return query
    with priced as materialized (
      select d.sku_id, d.length, d.said, o.id, o.currency, o.moq, o.availability,
             o.lead_time_days,
             (select b.unit_price from catalog.offer_break b
               where b.offer_id = o.id and b.quantity_from <= greatest(p_quantity, o.moq)
               order by b.quantity_from desc limit 1) as unit_price
        from unnest(p_skus, p_lengths, p_said) as d (sku_id, length, said)
        left join catalog.offer o
          on o.sku_id = d.sku_id and o.audience = 'BUYERS' and o.valid_from <= p_on
         and (o.valid_until is null or o.valid_until >= p_on)
         and (p_currency is null or o.currency = p_currency)
         and (p_moq_max is null or o.moq <= p_moq_max)
         and (p_lead_time_days_max is null or o.lead_time_days <= p_lead_time_days_max)
         and (p_availability is null or o.availability = p_availability)
       where o.id is not null or not p_of_offers),
    best as materialized (
      select distinct on (o.sku_id) o.*
        from priced o
       where not p_of_offers or o.unit_price <= coalesce(p_price_max, o.unit_price)
       order by o.sku_id, o.unit_price, o.id)
    select d.sku_id, k.product_id, k.code, p.category, s.code, coalesce(v.tier, ''),
           coalesce(v.belt_id, ''), case when d.unit_price is not null then d.currency end,
           d.unit_price, case when d.unit_price is not null then d.moq end,
           case when d.unit_price is not null then d.availability end,
           case when d.unit_price is not null then d.lead_time_days end, d.length, d.said
      from best d
      join catalog.sku k on k.id = d.sku_id
      join catalog.product p on p.id = k.product_id
      join accounts.organization s on s.id = k.supplier_org_id
      left join suppliers.supplier v on v.org_id = k.supplier_org_id
     where (p_category is null or p.category = p_category)
       and (p_supplier is null or s.code = p_supplier)
       and (p_belt is null or v.belt_id = p_belt)
       and (p_tier is null or v.tier = p_tier)
     order by bit_count(d.said::bit(64)) desc, d.length, k.code limit p_limit;
end $$;

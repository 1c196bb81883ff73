-- A document says whose goods it is of and in which category, so that filters by category and maker
-- come before anything is joined, and a hit needs no look at the catalog but for its terms.

alter table search.document
  add product_id uuid, add supplier_org_id uuid, add code text, add category text;
update search.document d
   set product_id = k.product_id, supplier_org_id = k.supplier_org_id, code = k.code,
       category = p.category
  from catalog.sku k join catalog.product p on p.id = k.product_id
 where k.id = d.sku_id;
delete from search.document where product_id is null;
alter table search.document
  alter product_id set not null, alter supplier_org_id set not null, alter code set not null,
  alter category set not null;

-- Words, category and maker in one index: what fits all of them is found without reading more.
drop index search.document_by_words;
create index document_by_words on search.document
  using gin (words, (array[category, supplier_org_id::text]));
create index document_by_product on search.document (product_id);

set local role beltline_core;

-- The best terms of SKUs for buyers on a day, of those with terms that fit. An offer and its price
-- breaks are the narrow rows that a sync of prices writes, apart from words and vectors; what is
-- offered to buyers is everybody's to see, so that it is read past row-level security, which would
-- look up the offer of each break again. Every access is by an index: the plan is made once a
-- connection, and never scans because a table was empty then.
create function search.best_terms(
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
     order by o.sku_id, b.unit_price, o.id;
end $$;
revoke all on function search.best_terms(
  uuid[], date, bigint, text, numeric, bigint, double precision, text) from public;
grant execute on function search.best_terms(
  uuid[], date, bigint, text, numeric, bigint, double precision, text) to bl_app, bl_sys;
drop function search.on_terms(
  uuid[], int[], bigint[], date, bigint, text, numeric, bigint, double precision, text, boolean,
  text, text, text, text, int);
drop function search.on_terms_of_many(
  uuid[], int[], bigint[], date, bigint, text, numeric, bigint, double precision, text, boolean,
  text, text, text, text, int);

-- What is said to be in stock, in a hit, its rank and the counts beside it, is what an order can take
-- now, as the filter says.

set local role beltline_core;

-- Those of some SKUs of which an order can take a quantity, each its own: of all nodes and factories
-- that goods are sold from. As with terms, every access is by an index.
create function search.can_take(p_skus uuid[], p_quantities bigint[]) returns setof uuid
language plpgsql stable security definer rows 500
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off set jit = off as $$
begin
  return query
    select d.sku_id
      from unnest(p_skus, p_quantities) as d (sku_id, quantity)
     where d.quantity <= (select sum(a.available) from inventory.on_sale a
                           where a.sku_id = d.sku_id);
end $$;
revoke all on function search.can_take(uuid[], bigint[]) from public;
grant execute on function search.can_take(uuid[], bigint[]) to bl_app, bl_sys;

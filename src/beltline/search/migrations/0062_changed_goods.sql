-- Which goods the index does not know as they are, along the order of ids: a batch of a job costs what
-- it reads, where a join of whole tables cost each batch of a million goods all of them.

set local role beltline_core;

create function search.changed_goods(p_after uuid, p_limit int)
returns table (sku_id uuid, product_id uuid, source_at timestamptz) language plpgsql stable
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
set enable_hashjoin = off set enable_bitmapscan = off set enable_sort = off
set max_parallel_workers_per_gather = 0 set jit = off as $$
begin
  return query
    select k.id, k.product_id, greatest(k.updated_at, p.updated_at)
      from catalog.sku k
      join catalog.product p on p.id = k.product_id
      left join search.document d on d.sku_id = k.id and d.sku_id > p_after
     where k.id > p_after
       and (d.source_at is null or d.source_at < greatest(k.updated_at, p.updated_at))
     order by k.id limit p_limit;
end $$;
revoke all on function search.changed_goods(uuid, int) from public;
grant execute on function search.changed_goods(uuid, int) to bl_app, bl_sys;

-- What a translation is of, as `actions.goods.source_of` has it: other words make it stale.
create function catalog.source_hash(p catalog.product) returns bytea
language sql immutable parallel safe as $$
  select sha256(convert_to(
    p.locale || e'\n' || p.title || e'\n' || p.title_zh || e'\n' || p.description, 'UTF8'))
$$;
grant execute on function catalog.source_hash(catalog.product) to bl_app, bl_sys;

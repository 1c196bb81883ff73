-- Where few goods have the terms that are asked for, the terms lead to the goods: they are listed from
-- the offers, and words and meaning are looked at of them alone. It was the other way around, and the
-- offers of every good with the words were read.

set local role beltline_core;

-- SKUs with an offer to buyers on a day whose terms may fit: all of those that `search.best_terms`
-- finds, and some whose price at the quantity, or whose stock, does not fit. None (null) where they
-- are more than `p_most`, by what the statistics of the tables say, or when they are listed.
create function search.few_fitting(
  p_on date, p_currency text, p_price_max numeric, p_moq_max bigint,
  p_lead_time_days_max double precision, p_availability text, p_most int
) returns uuid[] language plpgsql volatile security definer
set search_path = '' set jit = off set max_parallel_workers_per_gather = 0 as $$
declare
  v_query text; v_plan json; v_found uuid[];
begin
  -- Only what is asked for stands in the query, as constants: the planner knows how rare they are.
  v_query := format(
    'select o.sku_id from catalog.offer o
      where o.audience = ''BUYERS'' and o.valid_from <= %L
        and (o.valid_until is null or o.valid_until >= %1$L)', p_on)
    || case when p_currency is null then ''
            else format(' and o.currency = %L', p_currency) end
    || case when p_moq_max is null then ''
            else format(' and o.moq <= %L', p_moq_max) end
    || case when p_lead_time_days_max is null then ''
            else format(' and o.lead_time_days <= %L', p_lead_time_days_max) end
    || case when p_availability is null then ''
            else format(' and o.availability = %L', p_availability) end
    || case when p_price_max is null then ''
            else format(
              ' and o.id in (select b.offer_id from catalog.offer_break b
                              where b.cheapness >= %s)', catalog.cheapness(p_price_max)) end;
  execute 'explain (format json) ' || v_query into v_plan;
  if (v_plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric > p_most then
    return null;
  end if;
  execute format('select coalesce(array_agg(f.sku_id), %L) from (%s limit %s) f',
                 '{}'::uuid[], v_query, p_most + 1)
    into v_found;
  return case when cardinality(v_found) <= p_most then v_found end;
end $$;
revoke all on function search.few_fitting(
  date, text, numeric, bigint, double precision, text, int) from public;
grant execute on function search.few_fitting(
  date, text, numeric, bigint, double precision, text, int) to bl_app, bl_sys;

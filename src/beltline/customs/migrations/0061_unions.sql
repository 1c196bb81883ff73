set local role beltline_core;

-- As before, of goods that are imported where they go: between countries of one customs union there
-- is nothing to declare, and so no file.
create or replace function customs.take_in(actor accounts.actor, p_goods jsonb, p_now timestamptz)
returns void language plpgsql as $$
declare v_new uuid[]; v_files uuid[];
begin
  with wanted as (
    select w.goods, (w.goods->>'node_id')::uuid as node_id, w.goods->>'country' as country
      from jsonb_array_elements(p_goods) as w(goods)
  ), ways as (
    -- A set of many orders goes few ways.
    select x.node_id, x.country
      from (select distinct w.node_id, w.country from wanted w) x
      join trade.node n on n.id = x.node_id
     where trade.is_import((actor).org_id, n.country, x.country, kit.day_of(p_now))
  )
  select coalesce(jsonb_agg(w.goods), '[]') into p_goods
    from wanted w join ways x on (x.node_id, x.country) = (w.node_id, w.country);
  with wanted as (
    select distinct w.order_id, w.node_id, w.country
      from jsonb_to_recordset(p_goods)
        as w(journey_id uuid, order_id uuid, node_id uuid, country text)
     where not exists (select from customs.goods g where g.journey_id = w.journey_id)
       and not exists (select from customs.file f
                        where (f.order_id, f.node_id, f.country) = (w.order_id, w.node_id, w.country)
                          and customs.takes_more(f))
     order by 1, 2, 3
  ), made as (
    insert into customs.file (id, number, operator_org_id, node_id, country, order_id, opened_at,
      checked_at)
    select kit.uuid7(p_now), 'CF-' || nextval('customs.file_number'), (actor).org_id, w.node_id,
           w.country, w.order_id, p_now, p_now
      from wanted w returning id
  )
  select coalesce(array_agg(m.id), '{}') into v_new from made m;
  with made as (
    insert into customs.goods (journey_id, file_id, operator_org_id, order_id, order_number, line_no,
      sku_id, supplier_org_id, purchase_order_id, mode, units, currency, opened_at,
      freight_amount, freight_currency, freight_service)
    select w.journey_id, f.id, (actor).org_id, w.order_id, w.order_number, w.line_no, w.sku_id,
           coalesce(w.supplier_org_id, k.supplier_org_id), w.purchase_order_id, w.mode, w.units,
           o.currency, p_now, w.freight_amount, w.freight_currency, coalesce(w.freight_service, '')
      from jsonb_to_recordset(p_goods)
        as w(journey_id uuid, order_id uuid, order_number text, line_no int, sku_id uuid,
             units bigint, node_id uuid, country text, supplier_org_id uuid,
             purchase_order_id uuid, mode text, freight_amount bigint, freight_currency text,
             freight_service text)
      join catalog.sku k on k.id = w.sku_id
      join orders."order" o on o.id = w.order_id
     cross join lateral (
       select x.id from customs.file x
        where (x.order_id, x.node_id, x.country) = (w.order_id, w.node_id, w.country)
          and customs.takes_more(x)
        order by x.opened_at desc, x.id desc limit 1) f
    on conflict (journey_id) do nothing
    returning file_id
  )
  select array_agg(distinct m.file_id) into v_files from made m;
  perform customs.tell_files(v_new, 'customs_file.opened', '{}', p_now);
  if v_files is not null then
    perform accounts.record_audit(actor, p_now, 'open', 'customs_file', null,
      jsonb_build_object('files', cardinality(v_files)));
    perform customs.work_out(actor, v_files, p_now);
  end if;
end $$;

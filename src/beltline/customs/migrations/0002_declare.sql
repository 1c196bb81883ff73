-- Goods come in from their journeys, are grouped into declarations and checked against dated rules.

set local role beltline_core;

-- A part of an amount, half-even.
create function customs.share(p_amount bigint, p_units bigint, p_of bigint) returns bigint
language plpgsql immutable as $$
declare x constant numeric := p_amount::numeric * p_units / nullif(p_of, 0);
begin
  return coalesce(case when abs(x - trunc(x)) = 0.5 then 2 * round(x / 2) else round(x) end, 0);
end $$;

-- Events of what some files, declarations and tasks are now; their versions are raised here.
create function customs.tell_files(p_files uuid[], p_type text, p_data jsonb, p_now timestamptz)
returns void language plpgsql as $$
begin
  update customs.file set version = version + 1 where id = any(p_files);
  perform kit.record_event(p_type, 1, 'customs_file', f.id, f.version, p_now, f.operator_org_id,
            null, null, jsonb_build_object('number', f.number, 'state', f.state,
              'country', f.country) || p_data)
    from customs.file f where f.id = any(p_files);
end $$;

create function customs.tell_declarations(
  p_declarations uuid[], p_type text, p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
begin
  update customs.declaration set version = version + 1 where id = any(p_declarations);
  perform kit.record_event(p_type, 1, 'declaration', d.id, d.version, p_now, d.operator_org_id,
            null, null, jsonb_build_object('file', f.number, 'position', d.position,
              'mode', d.mode, 'state', d.state, 'customs_number', d.customs_number,
              'refund_state', d.refund_state) || p_data)
    from customs.declaration d join customs.file f on f.id = d.file_id
   where d.id = any(p_declarations);
end $$;

create function customs.tell_tasks(p_tasks uuid[], p_type text, p_now timestamptz)
returns void language plpgsql as $$
begin
  update customs.task set version = version + 1 where id = any(p_tasks);
  perform kit.record_event(p_type, 1, 'customs_task', t.id, t.version, p_now, t.operator_org_id,
            null, null, jsonb_build_object('file', f.number, 'kind', t.kind, 'subject', t.subject,
              'stops', t.stops, 'state', t.state, 'chosen', t.chosen, 'due_at', t.due_at))
    from customs.task t join customs.file f on f.id = t.file_id where t.id = any(p_tasks);
end $$;

-- Whether goods have to wait: for a task, or for customs.
create function customs.is_stopped(g customs.goods) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from customs.task t
     where t.file_id = g.file_id and t.state = 'OPEN' and t.stops
       and (t.sku_id = g.sku_id or t.sku_id is null and t.declaration_id = g.declaration_id))
  or exists (
    select from customs.declaration d where d.id = g.declaration_id
       and d.state in ('HELD', 'QUERIED', 'RETURNED', 'FORFEITED'));
end $$;

-- Begin the customs of units that are to be exported: those of an order from one node to one
-- country share a file while nothing of it is lodged. Between countries of one customs union there
-- is nothing to declare, and so no file. `p_goods` is [{journey_id, order_id, order_number, line_no,
-- sku_id, units, node_id, country, supplier_org_id, purchase_order_id, mode, freight_amount,
-- freight_currency, freight_service}]; those that came before are left as they are.
create function customs.take_in(actor accounts.actor, p_goods jsonb, p_now timestamptz)
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

create function customs.takes_more(f customs.file) returns boolean language plpgsql stable as $$
begin
  return f.state = 'OPEN' and not exists (
    select from customs.declaration d
     where d.file_id = f.id and d.state not in ('DRAFT', 'READY'));
end $$;

-- Put some open files together anew from what is known now: facts of goods, declarations, fapiaos,
-- what is missing, which declarations are ready. Lodged declarations stay as they are.
create function customs.work_out(actor accounts.actor, p_files uuid[], p_now timestamptz)
returns void language plpgsql as $$
declare v_files uuid[]; v_goods uuid[];
begin
  select array_agg(l.id) into v_files from (
    select f.id from customs.file f
     where f.id = any(p_files) and f.state = 'OPEN' order by f.id for no key update) l;
  if v_files is null then
    return;
  end if;
  select coalesce(array_agg(g.journey_id), '{}') into v_goods
    from customs.goods g left join customs.declaration d on d.id = g.declaration_id
   where g.file_id = any(v_files) and coalesce(d.state in ('DRAFT', 'READY'), true);
  perform customs.learn_goods(v_goods, p_now);
  perform customs.group_goods(v_files, v_goods, p_now);
  delete from customs.fapiao_use u where u.journey_id = any(v_goods);
  perform customs.cover(v_files);
  perform customs.settle_tasks(actor, v_files, v_goods, p_now);
  perform customs.settle_states(v_files, p_now);
  update customs.file set checked_at = p_now where id = any(v_files);
end $$;

-- What is known of goods today: code, class, origin, weights, value, cost and terms.
create function customs.learn_goods(p_goods uuid[], p_now timestamptz) returns void
language plpgsql as $$
begin
  update customs.goods g
     set hs_code = k.hs_code, cargo_class = upper(k.cargo_class), origin = p.origin_country,
         net_weight_g = round(k.weight_g::numeric * g.units / kit.per_uom(k.uom)),
         -- What a carton weighs that is not full, nobody knows.
         gross_weight_g = case when g.units % (k.carton_pieces * kit.per_uom(k.uom)) = 0
           then g.units / (k.carton_pieces * kit.per_uom(k.uom)) * k.carton_weight_g end,
         amount = customs.share(l.amount, g.units, l.quantity),
         tax_basis = coalesce(b.tax_basis, '')
    from catalog.sku k
    join catalog.product p on p.id = k.product_id, orders.order_line l, (
      select x.journey_id, (
        select o.tax_basis from catalog.offer o
         where o.sku_id = x.sku_id and o.audience = 'OPERATOR'
         order by o.supplier_org_id = x.supplier_org_id desc, o.valid_from desc, o.id limit 1
        ) as tax_basis
        from customs.goods x where x.journey_id = any(p_goods)) b
   where g.journey_id = b.journey_id and k.id = g.sku_id
     and (l.order_id, l.line_no) = (g.order_id, g.line_no);
  update customs.goods g
     set term_id = t.id, cost_currency = c.currency,
         cost_amount = kit.line_amount(c.unit_price, g.units, k.uom, c.currency)
    from customs.goods x
    join customs.file f on f.id = x.file_id
    join catalog.sku k on k.id = x.sku_id
    left join lateral trade.term_on(x.operator_org_id, f.node_id, f.country, x.tax_basis,
                                    kit.day_of(p_now)) t on true
    left join lateral (
      select coalesce(l.answered_unit_price, l.unit_price) as unit_price, o.currency, 1 as rank
        from procurement.purchase_order o
        join procurement.purchase_order_line l on l.purchase_order_id = o.id
       where o.id = x.purchase_order_id and l.sku_id = x.sku_id
      union all
      select b.unit_price, o.currency, 2
        from catalog.offer o
        join catalog.offer_break b on b.offer_id = o.id
         and b.quantity_from = coalesce((
               select max(y.quantity_from) from catalog.offer_break y
                where y.offer_id = o.id and y.quantity_from <= x.units),
               (select min(y.quantity_from) from catalog.offer_break y where y.offer_id = o.id))
       where o.sku_id = x.sku_id and o.audience = 'OPERATOR'
         and o.supplier_org_id = x.supplier_org_id
      order by rank, currency limit 1) c on true
   where g.journey_id = x.journey_id and x.journey_id = any(p_goods);
end $$;

-- Each mode, exporter, VAT, Incoterm and cargo class of a file is a declaration.
create function customs.group_goods(p_files uuid[], p_goods uuid[], p_now timestamptz)
returns void language plpgsql as $$
begin
  insert into customs.declaration (id, file_id, operator_org_id, position, mode, exporter,
    vat, incoterm, cargo_class, opened_at)
  select kit.uuid7(p_now), w.file_id, w.operator_org_id,
         row_number() over (partition by w.file_id order by w.mode, w.exporter, w.vat, w.incoterm,
                                                            w.cargo_class)
           + coalesce((select max(y.position) from customs.declaration y
                        where y.file_id = w.file_id), 0),
         w.mode, w.exporter, w.vat, w.incoterm, w.cargo_class, p_now
    from (select distinct g.file_id, g.operator_org_id, coalesce(t.export_mode, '') as mode,
                 coalesce(t.exporter, '') as exporter, coalesce(t.vat, '') as vat,
                 coalesce(t.incoterm, '') as incoterm, g.cargo_class
            from customs.goods g left join trade.export_term t on t.id = g.term_id
           where g.journey_id = any(p_goods) and g.units > 0) w
   where not exists (
     select from customs.declaration d
      where (d.file_id, d.mode, d.exporter, d.vat, d.incoterm, d.cargo_class)
          = (w.file_id, w.mode, w.exporter, w.vat, w.incoterm, w.cargo_class)
        and d.state in ('DRAFT', 'READY'));
  update customs.goods g set declaration_id = d.id
    from customs.goods x
    left join trade.export_term t on t.id = x.term_id
    join customs.declaration d
      on (d.file_id, d.mode, d.exporter, d.vat, d.incoterm, d.cargo_class)
       = (x.file_id, coalesce(t.export_mode, ''), coalesce(t.exporter, ''), coalesce(t.vat, ''),
          coalesce(t.incoterm, ''), x.cargo_class)
     and d.state in ('DRAFT', 'READY')
   where g.journey_id = x.journey_id and x.journey_id = any(p_goods) and x.units > 0;
  -- What is left of no unit is declared nowhere.
  update customs.goods set declaration_id = null
   where journey_id = any(p_goods) and units = 0;
  delete from customs.declaration d
   where d.file_id = any(p_files) and d.state in ('DRAFT', 'READY')
     and not exists (select from customs.goods g where g.declaration_id = d.id);
  update customs.declaration d
     set term_id = t.id, exporter_code = t.exporter_code, principal = t.principal
    from customs.goods g join trade.export_term t on t.id = g.term_id
   where d.file_id = any(p_files) and d.state in ('DRAFT', 'READY') and g.declaration_id = d.id;
end $$;

-- Let special fapiaos made out to the exporter cover the units of some files that are to be refunded,
-- the oldest of both first; no unit of a fapiao twice.
create function customs.cover(p_files uuid[]) returns void language plpgsql as $$
begin
  perform from customs.fapiao f
   where (f.operator_org_id, f.supplier_org_id) in (
           select g.operator_org_id, g.supplier_org_id from customs.goods g
            where g.file_id = any(p_files))
   order by f.id for no key update;
  insert into customs.fapiao_use as u (fapiao_id, line_no, journey_id, operator_org_id, units)
  with need as (
    select n.*, sum(n.missing) over (
             partition by n.operator_org_id, n.supplier_org_id, n.sku_id, n.exporter
             order by n.opened_at, n.journey_id) as upto
      from (select g.journey_id, g.operator_org_id, g.supplier_org_id, g.sku_id, d.exporter,
                   g.opened_at, g.units - coalesce((select sum(x.units) from customs.fapiao_use x
                     where x.journey_id = g.journey_id), 0) as missing
              from customs.goods g join customs.declaration d on d.id = g.declaration_id
             where g.file_id = any(p_files) and d.vat = 'REFUND'
               and (d.state in ('DRAFT', 'READY', 'LODGED', 'HELD', 'QUERIED')
                    or d.refund_state = 'COLLECTING')) n
     where n.missing > 0
  ), supply as (
    select s.*, sum(s.free) over (
             partition by s.operator_org_id, s.supplier_org_id, s.sku_id, s.buyer
             order by s.issued_date, s.fapiao_id, s.line_no) as upto
      from (select l.fapiao_id, l.line_no, f.operator_org_id, f.supplier_org_id, l.sku_id, f.buyer,
                   f.issued_date, l.quantity - coalesce((select sum(x.units)
                     from customs.fapiao_use x
                    where (x.fapiao_id, x.line_no) = (l.fapiao_id, l.line_no)), 0) as free
              from customs.fapiao_line l join customs.fapiao f on f.id = l.fapiao_id
             where f.kind = 'SPECIAL' and l.sku_id in (select n.sku_id from need n)) s
     where s.free > 0
  )
  select s.fapiao_id, s.line_no, n.journey_id, n.operator_org_id,
         least(n.upto, s.upto) - greatest(n.upto - n.missing, s.upto - s.free)
    from need n
    join supply s on (s.operator_org_id, s.supplier_org_id, s.sku_id, s.buyer)
                   = (n.operator_org_id, n.supplier_org_id, n.sku_id, n.exporter)
   where least(n.upto, s.upto) > greatest(n.upto - n.missing, s.upto - s.free)
  on conflict (fapiao_id, line_no, journey_id) do update set units = u.units + excluded.units;
end $$;

-- DRAFT while something stops any of its goods, or nobody knows its mode; else READY.
create function customs.settle_states(p_files uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare v_ready uuid[]; v_draft uuid[];
begin
  with judged as (
    select d.id, d.state, d.mode <> '' and not bool_or(customs.is_stopped(g)) as is_ready
      from customs.declaration d join customs.goods g on g.declaration_id = d.id
     where d.file_id = any(p_files) and d.state in ('DRAFT', 'READY')
     group by d.id
  ), changed as (
    update customs.declaration d set state = case when j.is_ready then 'READY' else 'DRAFT' end
      from judged j
     where d.id = j.id and j.is_ready <> (j.state = 'READY')
    returning d.id, d.state
  )
  select array_agg(c.id) filter (where c.state = 'READY'),
         array_agg(c.id) filter (where c.state = 'DRAFT')
    into v_ready, v_draft from changed c;
  perform customs.tell_declarations(v_ready, 'declaration.ready', '{}', p_now);
  perform customs.tell_declarations(v_draft, 'declaration.incomplete', '{}', p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'customs'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
-- Who is refused is told of the file.
grant execute on function customs.is_stopped(customs.goods) to bl_app;

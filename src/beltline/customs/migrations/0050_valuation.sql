-- Duty is levied on the customs value: goods keep the freight of the service that was chosen for them,
-- and files say where a rule of valuation is not known.

alter table customs.goods
  -- What the box costs to its destination, in minor units; null while no service is chosen.
  add column freight_amount bigint check (freight_amount >= 0),
  add column freight_currency text,
  add column freight_service text not null default '',
  add check ((freight_amount is null) = (freight_currency is null));
alter table customs.task drop constraint task_kind_check;
alter table customs.task add constraint task_kind_check check (kind in (
  'MODE_UNKNOWN', 'HS_MISSING', 'WEIGHT_MISSING', 'CLASS_FORBIDDEN', 'EVIDENCE_MISSING',
  'PACKING', 'CLASS_UNKNOWN', 'FAPIAO_MISSING', 'ABOVE_LIMIT', 'LIMIT_UNKNOWN', 'RATE_UNKNOWN',
  'VALUATION_UNKNOWN', 'HELD', 'QUERY'));

set local role beltline_core;

-- By which mode some journeys go on and, while they are not lodged, at which freight. `p_goods` is
-- [{journey_id, mode, freight_amount, freight_currency, freight_service}].
create function customs.carry(p_goods jsonb) returns void language plpgsql as $$
begin
  -- Files are locked before what is theirs.
  perform from customs.file f
    where f.id in (select g.file_id from customs.goods g
                    where g.journey_id in (
                      select w.journey_id from jsonb_to_recordset(p_goods) as w(journey_id uuid)))
    order by f.id for no key update;
  update customs.goods g
     set mode = w.mode,
         freight_amount = case when o.is_open then w.freight_amount else g.freight_amount end,
         freight_currency = case when o.is_open then w.freight_currency
                                 else g.freight_currency end,
         freight_service = case when o.is_open then coalesce(w.freight_service, '')
                                else g.freight_service end
    from jsonb_to_recordset(p_goods)
      as w(journey_id uuid, mode text, freight_amount bigint, freight_currency text,
           freight_service text)
    join customs.goods x on x.journey_id = w.journey_id
    left join customs.declaration d on d.id = x.declaration_id
   cross join lateral (select coalesce(d.state in ('DRAFT', 'READY'), true) as is_open) o
   where g.journey_id = w.journey_id
     and (g.mode <> w.mode
          or o.is_open and (g.freight_amount, g.freight_currency, g.freight_service)
             is distinct from (w.freight_amount, w.freight_currency,
                               coalesce(w.freight_service, '')));
end $$;

-- As before, with the freight: `p_goods` has freight_amount, freight_currency and freight_service,
-- too.
create or replace function customs.take_in(actor accounts.actor, p_goods jsonb, p_now timestamptz)
returns void language plpgsql as $$
declare v_new uuid[]; v_files uuid[];
begin
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

-- As before, with the freight.
create or replace function customs.let_pass(actor accounts.actor, p_goods jsonb, p_now timestamptz)
returns uuid[] language plpgsql as $$
declare v_files uuid[];
begin
  select array_agg(distinct g.file_id) into v_files
    from customs.goods g
    join jsonb_to_recordset(p_goods) as w(journey_id uuid) on w.journey_id = g.journey_id;
  if v_files is not null then
    perform from customs.file f where f.id = any(v_files) order by f.id for no key update;
    perform customs.carry(p_goods);
    perform customs.work_out(actor, v_files, p_now);
  end if;
  return (
    select coalesce(array_agg(w.journey_id), '{}')
      from jsonb_to_recordset(p_goods) as w(journey_id uuid)
     where not exists (select from customs.goods g
                        where g.journey_id = w.journey_id and customs.is_stopped(g)));
end $$;

-- As before, and the rule that the customs value rests on.
create or replace function customs.findings(p_files uuid[], p_goods uuid[], p_now timestamptz)
returns table (file_id uuid, declaration_id uuid, kind text, subject text, sku_id uuid,
               stops boolean, facts jsonb, options text[], default_option text, hours int)
language plpgsql stable as $$
#variable_conflict use_column
declare v_day constant date := kit.day_of(p_now);
begin
  return query
  with goods as (
    select g.*, g.journey_id = any(p_goods) as is_open, k.code as sku, f.node_id, f.country,
           n.country as from_country, d.mode as export_mode, d.exporter, d.vat, d.position,
           coalesce(s.is_strict, false) as is_strict, coalesce(s.fapiao_hours, 24) as fapiao_hours,
           d.mode <> '' or coalesce(s.is_strict, false) as is_asked
      from customs.goods g
      join customs.declaration d on d.id = g.declaration_id
      join customs.file f on f.id = g.file_id
      join catalog.sku k on k.id = g.sku_id
      join trade.node n on n.id = f.node_id
      left join customs.setting s on s.operator_org_id = g.operator_org_id
     where g.file_id = any(p_files) and g.units > 0 and g.departed_at is null
  ), ruled as (
    select g.file_id, g.sku_id, g.sku, g.cargo_class, g.is_strict, r.verdict, r.evidence,
           r.instruction, r.source, r.url, r.id as rule_id
      from (select distinct x.file_id, x.operator_org_id, x.sku_id, x.sku, x.cargo_class,
                   x.is_strict, x.node_id, x.country, x.mode from goods x) g
      left join lateral trade.cargo_on(g.operator_org_id, g.cargo_class, g.node_id, g.country,
                                       g.mode, v_day) r on true
  ), rates as (
    select distinct g.file_id, w.tax, w.country, g.hs_code, g.origin, g.operator_org_id
      from goods g
     cross join lateral (values ('DUTY', g.country), ('VAT', g.country),
                                ('REFUND', case g.vat when 'REFUND' then g.from_country end)
                        ) as w(tax, country)
     where g.is_open and g.is_asked and g.hs_code ~ '^[0-9]{6,10}$' and w.country is not null
  ), worth as (
    select d.id, d.file_id, d.position, t.value_max, t.value_currency,
           sum(v.value) as value, bool_or(v.value is null) as is_unknown
      from (select distinct declaration_id from goods where is_open) x
      join customs.declaration d on d.id = x.declaration_id
      join trade.export_term t on t.id = d.term_id and t.value_max is not null
      join customs.goods g on g.declaration_id = d.id
     cross join lateral (
       select trade.converted(g.amount::numeric, g.currency, t.value_currency, v_day) as value) v
     group by d.id, t.id
  )
  select g.file_id, g.declaration_id, 'MODE_UNKNOWN', g.position::text, null::uuid,
         bool_or(g.is_strict), jsonb_build_object('country', min(g.country)), '{}'::text[],
         null::text, null::int
    from goods g where g.is_open and g.export_mode = '' group by 1, 2, 4
  union all
  select g.file_id, null, 'HS_MISSING', g.sku, g.sku_id, bool_or(g.is_asked),
         jsonb_build_object('sku', g.sku, 'hs_code', min(g.hs_code)), '{}', null, null
    from goods g where g.is_open and g.hs_code !~ '^[0-9]{6,10}$' group by 1, 4, 5
  union all
  select g.file_id, null, 'WEIGHT_MISSING', g.sku, g.sku_id, bool_or(g.is_asked),
         jsonb_build_object('sku', g.sku), '{}', null, null
    from goods g where g.is_open and g.net_weight_g is null group by 1, 4, 5
  union all
  select g.file_id, null, 'FAPIAO_MISSING', g.sku, g.sku_id, true,
         jsonb_build_object('sku', g.sku, 'units', sum(g.units - u.units), 'exporter',
                            min(g.exporter), 'supplier', min(o.code)),
         '{GO_WITHOUT}', 'GO_WITHOUT', min(g.fapiao_hours)
    from goods g
    join accounts.organization o on o.id = g.supplier_org_id
   cross join lateral (select coalesce(sum(x.units), 0)::bigint as units
                         from customs.fapiao_use x where x.journey_id = g.journey_id) u
   where g.is_open and g.vat = 'REFUND' and g.units > u.units group by 1, 4, 5
  union all
  select r.file_id, null, 'CLASS_FORBIDDEN', r.sku, r.sku_id, true,
         jsonb_build_object('sku', r.sku, 'cargo_class', r.cargo_class, 'source', min(r.source),
                            'url', min(r.url)), '{}', null, null
    from ruled r where r.verdict = 'FORBID' group by r.file_id, r.sku, r.sku_id, r.cargo_class
  union all
  select r.file_id, null, 'EVIDENCE_MISSING', r.sku || ' ' || r.evidence, r.sku_id, true,
         jsonb_build_object('sku', r.sku, 'cargo_class', r.cargo_class, 'evidence', r.evidence,
                            'source', min(r.source), 'url', min(r.url)), '{}', null, null
    from ruled r
   where r.verdict = 'DOCUMENT' and not exists (
     select from catalog.cargo_evidence e
      where e.sku_id = r.sku_id and e.kind = r.evidence and e.valid_until >= v_day)
   group by r.file_id, r.sku, r.sku_id, r.cargo_class, r.evidence
  union all
  select distinct r.file_id, null::uuid, 'PACKING', r.sku || ' ' || r.rule_id, r.sku_id, true,
         jsonb_build_object('sku', r.sku, 'cargo_class', r.cargo_class, 'instruction',
                            r.instruction, 'source', r.source, 'url', r.url), '{CONFIRM}'::text[],
         null::text, null::int
    from ruled r where r.verdict = 'PACK'
  union all
  select distinct r.file_id, null::uuid, 'CLASS_UNKNOWN', r.sku, r.sku_id, r.is_strict,
         jsonb_build_object('sku', r.sku, 'cargo_class', r.cargo_class), '{}'::text[], null::text,
         null::int
    from ruled r where r.verdict is null and r.cargo_class <> 'GENERAL'
  union all
  select w.file_id, null, 'RATE_UNKNOWN', w.tax || ' ' || w.country || ' ' || w.hs_code, null, false,
         jsonb_build_object('tax', w.tax, 'country', w.country, 'hs_code', w.hs_code), '{}', null,
         null
    from rates w
   where not exists (select from trade.tax_on(w.operator_org_id, w.tax, w.country, w.hs_code,
                                              w.origin, v_day))
   group by w.file_id, w.tax, w.country, w.hs_code
  union all
  select g.file_id, null, 'VALUATION_UNKNOWN', g.country, null, false,
         jsonb_build_object('country', g.country), '{}', null, null
    from goods g
   where g.is_open and g.is_asked
     and not exists (select from trade.valuation_on(g.operator_org_id, g.country, v_day))
   group by 1, 4
  union all
  select w.file_id, w.id, case when w.is_unknown then 'LIMIT_UNKNOWN' else 'ABOVE_LIMIT' end,
         w.position::text, null, true,
         jsonb_build_object('limit', trim_scale(w.value_max)::text, 'currency', w.value_currency,
                            'position', w.position), '{}', null, null
    from worth w
   where w.is_unknown or w.value > w.value_max * kit.minor_factor(w.value_currency);
end $$;

revoke all on function customs.carry(jsonb) from public;
grant execute on function customs.carry(jsonb) to bl_sys, beltline_core;

set local role beltline_core;

-- As before; of goods of little worth the rates are not asked for that a rule for these takes the place of.
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
           d.mode <> '' or coalesce(s.is_strict, false) as is_asked,
           coalesce(t.scheme, '') as scheme
      from customs.goods g
      join customs.declaration d on d.id = g.declaration_id
      join customs.file f on f.id = g.file_id
      join catalog.sku k on k.id = g.sku_id
      join trade.node n on n.id = f.node_id
      left join customs.setting s on s.operator_org_id = g.operator_org_id
      left join trade.export_term t on t.id = d.term_id
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
       and not (w.tax <> 'REFUND' and exists (
         select from trade.low_values_on(g.operator_org_id, g.country, v_day) r
          where r.scheme in ('', g.scheme) and (w.tax = 'DUTY' or r.vat <> 'DUE')
            and (select sum(trade.converted(x.amount::numeric, x.currency, r.currency, v_day))
                   from customs.goods x where x.file_id = g.file_id and x.units > 0)
                <= r.value_max * kit.minor_factor(r.currency)))
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

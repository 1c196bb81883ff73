-- What is missing of files becomes tasks; what came closes them; what nobody answers takes its default.

set local role beltline_core;

-- What stands against some files now. `p_goods` are those that are not lodged; cargo classes are
-- looked at until goods have left. Rates are not asked for that a rule for little worth takes the
-- place of. Options are what a person may choose; without one only the facts can change.
create function customs.findings(p_files uuid[], p_goods uuid[], p_now timestamptz)
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

-- Open what is newly found, keep what is known, close what came. What a person has decided for as
-- many units is not asked again.
create function customs.settle_tasks(
  actor accounts.actor, p_files uuid[], p_goods uuid[], p_now timestamptz
) returns void language plpgsql as $$
declare v_opened uuid[]; v_ended uuid[];
begin
  with found as materialized (
    select f.*, c.operator_org_id from customs.findings(p_files, p_goods, p_now) f
      join customs.file c on c.id = f.file_id
  ), gone as (
    update customs.task t set state = 'DONE', ended_at = p_now
     where t.file_id = any(p_files) and t.state = 'OPEN' and t.kind not in ('HELD', 'QUERY')
       and not exists (select from found f
                        where (f.file_id, f.kind, f.subject) = (t.file_id, t.kind, t.subject))
    returning t.id
  ), kept as (
    update customs.task t
       set facts = f.facts, stops = f.stops, declaration_id = f.declaration_id
      from found f
     where (f.file_id, f.kind, f.subject) = (t.file_id, t.kind, t.subject) and t.state = 'OPEN'
       and (t.facts, t.stops, t.declaration_id)
           is distinct from (f.facts, f.stops, f.declaration_id)
  ), made as (
    insert into customs.task (id, file_id, declaration_id, operator_org_id, kind, subject, sku_id,
      stops, facts, options, default_option, due_at, opened_at)
    select kit.uuid7(p_now), f.file_id, f.declaration_id, f.operator_org_id, f.kind, f.subject,
           f.sku_id, f.stops, f.facts, f.options, f.default_option,
           p_now + make_interval(hours => f.hours), p_now
      from found f
     where not exists (
       select from customs.task t
        where (t.file_id, t.kind, t.subject) = (f.file_id, f.kind, f.subject)
          and (t.state = 'OPEN'
               or t.chosen <> '' and coalesce((t.facts->>'units')::bigint, 0)
                                     >= coalesce((f.facts->>'units')::bigint, 0)))
    returning id
  )
  select (select array_agg(m.id) from made m), (select array_agg(g.id) from gone g)
    into v_opened, v_ended;
  perform customs.tell_tasks(v_opened, 'customs_task.opened', p_now);
  perform customs.tell_tasks(v_ended, 'customs_task.ended', p_now);
end $$;

-- A person's answer to a task. What customs asked is answered with a note, and waits for customs.
create function customs.answer_task(
  actor accounts.actor, p_task uuid, p_option text, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare t customs.task;
begin
  perform accounts.enter(actor);
  -- Files are locked before what is theirs.
  perform from customs.file f
    where f.id = (select x.file_id from customs.task x
                   where x.id = p_task and x.operator_org_id = (actor).org_id)
      for no key update;
  select x.* into t from customs.task x
   where x.id = p_task and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'customs task', 'key', 'ctk_' || replace(p_task::text, '-', '')));
  elsif t.state <> 'OPEN' then
    perform kit.refuse('customs.task_ended', jsonb_build_object('state', t.state));
  elsif not p_option = any(t.options) then
    perform kit.refuse('customs.no_such_option', jsonb_build_object(
      'option', p_option, 'options', array_to_string(t.options, ', ')));
  elsif p_option = 'ANSWER' and p_note = '' then
    perform kit.refuse('customs.answer_is_empty', '{"param": "note"}');
  end if;
  perform customs.end_task(actor, t, p_option, 'DECIDED', p_note, p_now);
  perform customs.work_out(actor, array[t.file_id], p_now);
end $$;

create function customs.end_task(
  actor accounts.actor, t customs.task, p_option text, p_state text, p_note text, p_now timestamptz
) returns void language plpgsql as $$
begin
  update customs.task
     set state = p_state, chosen = p_option, note = p_note, ended_at = p_now,
         decided_by = (actor).name
   where id = t.id;
  perform customs.tell_tasks(array[t.id], 'customs_task.ended', p_now);
  if t.kind = 'QUERY' then
    update customs.declaration set state = 'LODGED' where id = t.declaration_id and state = 'QUERIED';
    perform customs.tell_declarations(array[t.declaration_id], 'declaration.answered',
                                      jsonb_build_object('note', p_note), p_now);
  end if;
  perform accounts.record_audit(actor, p_now, 'answer', 'customs_task', t.id, jsonb_build_object(
    'kind', t.kind, 'subject', t.subject, 'chosen', p_option, 'note', p_note,
    'by_default', p_state = 'DEFAULTED'));
end $$;

-- What the clock does: tasks nobody answered take their default, and files that were not looked at for
-- an hour are worked out anew. How many of either; again finds none.
create function customs.meet_deadlines(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare t customs.task; v_files uuid[]; v_done int := 0;
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_files from (
    select f.id from customs.file f
     where f.operator_org_id = (actor).org_id and f.state = 'OPEN'
       and (f.checked_at <= p_now - interval '1 hour' or exists (
             select from customs.task x where x.file_id = f.id and x.state = 'OPEN'
                and x.default_option is not null and x.due_at <= p_now))
     order by f.checked_at, f.id limit p_limit for no key update skip locked) l;
  if v_files is null then
    return 0;
  end if;
  for t in
    select x.* from customs.task x
     where x.file_id = any(v_files) and x.state = 'OPEN' and x.default_option is not null
       and x.due_at <= p_now
     order by x.due_at, x.id
  loop
    perform customs.end_task(actor, t, t.default_option, 'DEFAULTED', '', p_now);
    v_done := v_done + 1;
  end loop;
  perform customs.work_out(actor, v_files, p_now);
  return cardinality(v_files) + v_done;
end $$;

-- Work a file out anew now.
create function customs.check_file(actor accounts.actor, p_file uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  if not exists (select from customs.file f
                  where f.id = p_file and f.operator_org_id = (actor).org_id) then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'customs file', 'key', 'cus_' || replace(p_file::text, '-', '')));
  end if;
  perform customs.work_out(actor, array[p_file], p_now);
end $$;

-- Whether what no rule speaks of stops, and how long a missing fapiao is waited for.
create function customs.set_setting(
  actor accounts.actor, p_is_strict boolean, p_fapiao_hours int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  insert into customs.setting values ((actor).org_id, p_is_strict, p_fapiao_hours)
  on conflict (operator_org_id) do update
    set is_strict = excluded.is_strict, fapiao_hours = excluded.fapiao_hours;
  perform accounts.record_audit(actor, p_now, 'set', 'customs_setting', (actor).org_id,
    jsonb_build_object('is_strict', p_is_strict, 'fapiao_hours', p_fapiao_hours));
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'customs'::regnamespace
              and p.proname in ('findings', 'settle_tasks', 'answer_task', 'end_task',
                                'meet_deadlines', 'check_file', 'set_setting') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  customs.answer_task(accounts.actor, uuid, text, text, timestamptz),
  customs.check_file(accounts.actor, uuid, timestamptz),
  customs.set_setting(accounts.actor, boolean, int, timestamptz) to bl_app;

-- Declarations are lodged, held, asked about and released; goods pass and leave; refunds are matched.

set local role beltline_core;

-- Take note of how many units of some journeys are left, while they are not lodged. `p_units` is
-- [{journey_id, units}].
create function customs.restate(p_units jsonb) returns void language plpgsql as $$
begin
  -- Files are locked before what is theirs.
  perform from customs.file f
    where f.id in (select g.file_id from customs.goods g
                    where g.journey_id in (
                      select w.journey_id from jsonb_to_recordset(p_units) as w(journey_id uuid)))
    order by f.id for no key update;
  with changed as (
    update customs.goods g set units = w.units
      from jsonb_to_recordset(p_units) as w(journey_id uuid, units bigint)
     where g.journey_id = w.journey_id and g.units <> w.units
       and coalesce((select d.state in ('DRAFT', 'READY') from customs.declaration d
                      where d.id = g.declaration_id), true)
    returning g.journey_id
  )
  -- They are covered anew when their file is looked at.
  delete from customs.fapiao_use u using changed c where u.journey_id = c.journey_id;
end $$;

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

-- Those of some journeys that may go on, looked at anew: nothing of theirs is missing, forbidden or
-- held. What crosses no border has no goods here, and may. `p_goods` is [{journey_id, mode,
-- freight_amount, freight_currency, freight_service}].
create function customs.let_pass(actor accounts.actor, p_goods jsonb, p_now timestamptz)
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

-- Goods that were declared go on: their declarations are released under the number given. Those of
-- a declaration that cannot go yet are declared on their own.
create function customs.pass(
  actor accounts.actor, p_journeys uuid[], p_document text, p_now timestamptz
) returns void language plpgsql as $$
declare v_released uuid[]; v_files uuid[];
begin
  update customs.goods g set passed_at = p_now
   where g.journey_id = any(p_journeys) and g.passed_at is null;
  -- What was lodged is released as a whole, with the last of its goods.
  with released as (
    update customs.declaration d
       set state = 'RELEASED', lodged_at = coalesce(d.lodged_at, p_now), ended_at = p_now,
           customs_number = coalesce(nullif(d.customs_number, ''), left(p_document, 120)),
           refund_state = customs.refund_of(d)
     where d.id in (select g.declaration_id from customs.goods g
                     where g.journey_id = any(p_journeys))
       and (d.state in ('DRAFT', 'READY') or d.state = 'LODGED' and not exists (
             select from customs.goods y
              where y.declaration_id = d.id and y.passed_at is null and y.units > 0))
    returning d.id, d.file_id
  )
  select array_agg(r.id), array_agg(distinct r.file_id) into v_released, v_files from released r;
  if v_released is null then
    return;
  end if;
  update customs.goods g set declaration_id = null
   where g.declaration_id = any(v_released) and g.passed_at is null;
  perform customs.tell_declarations(v_released, 'declaration.released', '{}', p_now);
  perform customs.work_out(actor, (
    select array_agg(distinct g.file_id) from customs.goods g
     where g.file_id = any(v_files) and g.declaration_id is null and g.units > 0), p_now);
end $$;

create function customs.refund_of(d customs.declaration) returns text language sql immutable as $$
  select coalesce(d.refund_state, case d.vat when 'REFUND' then 'COLLECTING'
                                             when 'EXEMPT' then 'EXEMPT' end)
$$;

-- Goods left, under a document of transport. `p_goods` is [{journey_id, units}].
create function customs.depart(
  actor accounts.actor, p_goods jsonb, p_document text, p_now timestamptz
) returns void language plpgsql as $$
declare v_files uuid[]; v_closed uuid[];
begin
  with gone as (
    update customs.goods g
       set departed_at = p_now, departed_units = w.units, transport_document = left(p_document, 200)
      from jsonb_to_recordset(p_goods) as w(journey_id uuid, units bigint)
     where g.journey_id = w.journey_id and g.departed_at is null
    returning g.file_id
  )
  select array_agg(distinct g.file_id) into v_files from gone g;
  if v_files is null then
    return;
  end if;
  perform customs.match_refunds((
    select array_agg(distinct g.declaration_id) from customs.goods g
     where g.file_id = any(v_files) and g.declaration_id is not null), p_now);
  perform customs.close_files(v_files, p_now);
end $$;

-- Files of which everything is declared and has left are at an end, and so are their tasks.
create function customs.close_files(p_files uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare v_closed uuid[]; v_tasks uuid[];
begin
  with closed as (
    update customs.file f set state = 'CLOSED', closed_at = p_now
     where f.id = any(p_files) and f.state = 'OPEN'
       and not exists (select from customs.declaration d
                        where d.file_id = f.id and d.ended_at is null)
       and not exists (
         select from customs.goods g left join customs.declaration d on d.id = g.declaration_id
          where g.file_id = f.id and g.units > 0 and g.departed_at is null
            and coalesce(d.state not in ('RETURNED', 'FORFEITED'), true))
    returning f.id
  )
  select array_agg(c.id) into v_closed from closed c;
  with ended as (
    update customs.task t set state = 'DONE', ended_at = p_now
     where t.file_id = any(v_closed) and t.state = 'OPEN' returning t.id
  )
  select array_agg(e.id) into v_tasks from ended e;
  perform customs.tell_tasks(v_tasks, 'customs_task.ended', p_now);
  perform customs.tell_files(v_closed, 'customs_file.closed', '{}', p_now);
end $$;

-- A refund is MATCHED when each of its goods has left under a document, is paid for and is covered by
-- fapiaos.
create function customs.match_refunds(p_declarations uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare v_matched uuid[];
begin
  with matched as (
    update customs.declaration d set refund_state = 'MATCHED'
     where d.id = any(p_declarations) and d.refund_state = 'COLLECTING' and d.state = 'RELEASED'
       and not exists (
         select from customs.goods g
          where g.declaration_id = d.id and g.units > 0
            and (g.departed_at is null or g.transport_document = ''
                 or not customs.is_paid(g.order_id)
                 or coalesce((select sum(u.units) from customs.fapiao_use u
                               where u.journey_id = g.journey_id), 0)
                    < least(g.units, g.departed_units)))
    returning d.id
  )
  select array_agg(m.id) into v_matched from matched m;
  perform customs.tell_declarations(v_matched, 'declaration.refund_matched', '{}', p_now);
end $$;

-- Whether the money of an order was received: what stands on credit was not.
create function customs.is_paid(p_order uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from orders."order" o join ledger.hold h on h.reference_id = o.id
     where o.id = p_order and o.payment_method <> 'CREDIT');
end $$;

-- Lock a declaration of the actor behind its file.
create function customs.lock_declaration(actor accounts.actor, p_declaration uuid)
returns customs.declaration language plpgsql as $$
declare d customs.declaration;
begin
  perform accounts.enter(actor);
  perform from customs.file f
    where f.id = (select x.file_id from customs.declaration x
                   where x.id = p_declaration and x.operator_org_id = (actor).org_id)
      for no key update;
  select x.* into d from customs.declaration x
   where x.id = p_declaration and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'declaration', 'key', 'dcl_' || replace(p_declaration::text, '-', '')));
  end if;
  return d;
end $$;

-- What happened to a declaration: LODGE, HOLD, QUERY, RELEASE, RETURN or FORFEIT. `p_body` is
-- {number, note, hours, bearer}: the number of customs, what was said, how long a query may wait
-- for its answer, who bears what does not come back.
create function customs.move(
  actor accounts.actor, p_declaration uuid, p_act text, p_body jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  d customs.declaration; v_from text[]; v_state text; v_type text; v_tasks uuid[];
  v_note constant text := coalesce(p_body->>'note', ''); v_task constant uuid := kit.uuid7(p_now);
begin
  d := customs.lock_declaration(actor, p_declaration);
  if p_act = 'LODGE' and d.state in ('DRAFT', 'READY') then
    perform customs.work_out(actor, array[d.file_id], p_now);
    d := customs.lock_declaration(actor, p_declaration);
  end if;
  select m.states, m.state, m.type into v_from, v_state, v_type from (values
    ('LODGE', '{READY}'::text[], 'LODGED', 'declaration.lodged'),
    ('HOLD', '{LODGED,RELEASED}', 'HELD', 'declaration.held'),
    ('QUERY', '{LODGED,HELD,RELEASED}', 'QUERIED', 'declaration.queried'),
    ('RELEASE', '{LODGED,HELD,QUERIED}', 'RELEASED', 'declaration.released'),
    ('RETURN', '{HELD,QUERIED}', 'RETURNED', 'declaration.returned'),
    ('FORFEIT', '{HELD,QUERIED}', 'FORFEITED', 'declaration.forfeited')
  ) as m(act, states, state, type) where m.act = p_act;
  if not d.state = any(v_from) then
    perform kit.refuse('customs.not_in_state', jsonb_build_object(
      'act', p_act, 'state', d.state, 'states', array_to_string(v_from, ', ')));
  end if;
  update customs.declaration x
     set state = v_state, note = case when v_note <> '' then v_note else x.note end,
         customs_number = coalesce(nullif(p_body->>'number', ''), x.customs_number),
         lodged_at = coalesce(x.lodged_at, p_now),
         ended_at = case when v_state in ('RELEASED', 'RETURNED', 'FORFEITED') then p_now end,
         bearer = case when v_state in ('RETURNED', 'FORFEITED') then p_body->>'bearer' else '' end,
         -- Nothing is refunded of what did not leave.
         refund_state = case v_state when 'RELEASED' then customs.refund_of(x)
                                     when 'RETURNED' then case when x.refund_state in ('FILED', 'PAID')
                                                               then x.refund_state end
                                     else x.refund_state end
   where x.id = d.id;
  with ended as (
    update customs.task t
       set state = 'DONE', ended_at = p_now, note = v_note, decided_by = (actor).name
     where t.declaration_id = d.id and t.kind in ('HELD', 'QUERY') and t.state = 'OPEN'
    returning t.id
  )
  select array_agg(e.id) into v_tasks from ended e;
  perform customs.tell_tasks(v_tasks, 'customs_task.ended', p_now);
  if p_act in ('HOLD', 'QUERY') then
    insert into customs.task (id, file_id, declaration_id, operator_org_id, kind, subject, stops,
      facts, options, due_at, opened_at)
    values (v_task, d.file_id, d.id, d.operator_org_id,
      case p_act when 'HOLD' then 'HELD' else 'QUERY' end, d.position::text, true,
      jsonb_build_object('note', v_note, 'position', d.position),
      case p_act when 'HOLD' then '{}'::text[] else '{ANSWER}'::text[] end,
      p_now + make_interval(hours => coalesce((p_body->>'hours')::int, 72)), p_now);
    perform customs.tell_tasks(array[v_task], 'customs_task.opened', p_now);
  end if;
  perform customs.tell_declarations(array[d.id], v_type, jsonb_build_object(
    'note', v_note, 'bearer', coalesce(p_body->>'bearer', '')), p_now);
  perform accounts.record_audit(actor, p_now, lower(p_act), 'declaration', d.id, p_body);
  perform customs.match_refunds(array[d.id], p_now);
  perform customs.close_files(array[d.file_id], p_now);
end $$;

-- How a refund goes on: FILED, PAID, REPAID or DEEMED_DOMESTIC, under the reference given.
create function customs.move_refund(
  actor accounts.actor, p_declaration uuid, p_state text, p_reference text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare d constant customs.declaration := customs.lock_declaration(actor, p_declaration); v_from text[];
begin
  v_from := case p_state when 'FILED' then '{MATCHED}'::text[] when 'PAID' then '{FILED}'
                         when 'REPAID' then '{PAID}' else '{COLLECTING,MATCHED,FILED}' end;
  if d.refund_state is null or not d.refund_state = any(v_from) then
    perform kit.refuse('customs.not_in_state', jsonb_build_object(
      'act', p_state, 'state', coalesce(d.refund_state, 'NONE'),
      'states', array_to_string(v_from, ', ')));
  end if;
  update customs.declaration
     set refund_state = p_state,
         refund_reference = coalesce(nullif(p_reference, ''), refund_reference)
   where id = d.id;
  perform customs.tell_declarations(array[d.id], case p_state
      when 'FILED' then 'declaration.refund_filed' when 'PAID' then 'declaration.refund_paid'
      when 'REPAID' then 'declaration.refund_repaid'
      else 'declaration.refund_deemed_domestic' end,
    jsonb_build_object('reference', p_reference), p_now);
  perform accounts.record_audit(actor, p_now, 'refund', 'declaration', d.id,
    jsonb_build_object('state', p_state, 'reference', p_reference));
end $$;

-- Keep a fapiao and cover with it what waits for one. `p_body` is {number, supplier, kind, buyer,
-- issued_date, currency, lines: [{sku, quantity, net_amount, vat_amount}]}.
create function customs.enter_fapiao(
  actor accounts.actor, p_fapiao uuid, p_body jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_supplier uuid; v_sku text; v_open uuid[]; v_waiting uuid[];
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  select s.org_id into v_supplier from suppliers.supplier s where s.code = p_body->>'supplier';
  if not found then
    perform kit.refuse('customs.unknown_supplier', jsonb_build_object(
      'supplier', p_body->>'supplier', 'param', 'supplier'));
  end if;
  select l.sku into v_sku from jsonb_to_recordset(p_body->'lines') as l(sku text)
   where not exists (select from catalog.sku k where k.code = l.sku) limit 1;
  if found then
    perform kit.refuse('customs.unknown_sku', jsonb_build_object('sku', v_sku, 'param', 'lines'));
  end if;
  insert into customs.fapiao (id, number, operator_org_id, supplier_org_id, kind, buyer, issued_date,
    currency, entered_by, entered_at)
  values (p_fapiao, p_body->>'number', (actor).org_id, v_supplier, p_body->>'kind',
    p_body->>'buyer', (p_body->>'issued_date')::date, p_body->>'currency', (actor).name, p_now)
  on conflict (operator_org_id, supplier_org_id, number) do nothing;
  if not found then
    perform kit.refuse('customs.fapiao_known', jsonb_build_object('number', p_body->>'number'));
  end if;
  insert into customs.fapiao_line (fapiao_id, line_no, operator_org_id, sku_id, quantity, net_amount,
    vat_amount)
  select p_fapiao, l.position, (actor).org_id, k.id, l.quantity, l.net_amount, l.vat_amount
    from rows from (jsonb_to_recordset(p_body->'lines')
           as (sku text, quantity bigint, net_amount bigint, vat_amount bigint))
         with ordinality as l(sku, quantity, net_amount, vat_amount, position)
    join catalog.sku k on k.code = l.sku;
  perform kit.record_event('fapiao.entered', 1, 'fapiao', p_fapiao, 1, p_now, (actor).org_id, null,
    null, jsonb_build_object('number', p_body->>'number', 'supplier', p_body->>'supplier',
                             'kind', p_body->>'kind'));
  perform accounts.record_audit(actor, p_now, 'enter', 'fapiao', p_fapiao, p_body);
  select array_agg(distinct f.id) filter (where f.state = 'OPEN'),
         array_agg(distinct f.id) filter (where f.state <> 'OPEN')
    into v_open, v_waiting
    from customs.goods g
    join customs.file f on f.id = g.file_id
    join customs.declaration d on d.id = g.declaration_id
   where g.supplier_org_id = v_supplier and d.vat = 'REFUND'
     and (d.ended_at is null or d.refund_state = 'COLLECTING')
     and g.sku_id in (select l.sku_id from customs.fapiao_line l where l.fapiao_id = p_fapiao);
  perform from customs.file f where f.id = any(v_open || v_waiting) order by f.id for no key update;
  if v_waiting is not null then
    perform customs.cover(v_waiting);
  end if;
  perform customs.work_out(actor, v_open, p_now);
  perform customs.match_refunds((
    select array_agg(d.id) from customs.declaration d
     where d.file_id = any(v_open || v_waiting)), p_now);
end $$;

-- Declare the goods of other files of the same way together with those of one; nothing of any is
-- lodged. A consolidation box is one file.
create function customs.join_files(
  actor accounts.actor, p_file uuid, p_others uuid[], p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare f customs.file; o customs.file; v_tasks uuid[];
begin
  perform accounts.enter(actor);
  perform from customs.file x
    where x.id = any(p_file || p_others) and x.operator_org_id = (actor).org_id
    order by x.id for no key update;
  select x.* into f from customs.file x
   where x.id = p_file and x.operator_org_id = (actor).org_id;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'customs file', 'key', 'cus_' || replace(p_file::text, '-', '')));
  end if;
  if (select count(*) from customs.file x
       where x.id = any(p_others) and x.operator_org_id = (actor).org_id)
     < cardinality(p_others) then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'customs file', 'key', 'files'));
  end if;
  for o in select x.* from customs.file x where x.id = any(p_file || p_others) order by x.id loop
    if (o.node_id, o.country) is distinct from (f.node_id, f.country)
       or not customs.takes_more(o) then
      perform kit.refuse('customs.not_joinable', jsonb_build_object('number', o.number));
    end if;
  end loop;
  update customs.goods set file_id = p_file, declaration_id = null where file_id = any(p_others);
  delete from customs.declaration where file_id = any(p_others);
  with ended as (
    update customs.task t set state = 'DONE', ended_at = p_now
     where t.file_id = any(p_others) and t.state = 'OPEN' returning t.id
  )
  select array_agg(e.id) into v_tasks from ended e;
  perform customs.tell_tasks(v_tasks, 'customs_task.ended', p_now);
  update customs.file set state = 'JOINED', closed_at = p_now where id = any(p_others);
  perform customs.tell_files(p_others, 'customs_file.joined',
                             jsonb_build_object('into', f.number), p_now);
  perform accounts.record_audit(actor, p_now, 'join', 'customs_file', p_file,
    jsonb_build_object('files', p_others));
  perform customs.work_out(actor, array[p_file], p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'customs'::regnamespace
              and p.proname in ('restate', 'carry', 'let_pass', 'pass', 'refund_of', 'depart', 'close_files',
                                'match_refunds', 'is_paid', 'lock_declaration', 'move',
                                'move_refund', 'enter_fapiao', 'join_files') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  customs.move(accounts.actor, uuid, text, jsonb, timestamptz),
  customs.move_refund(accounts.actor, uuid, text, text, timestamptz),
  customs.enter_fapiao(accounts.actor, uuid, jsonb, timestamptz),
  customs.join_files(accounts.actor, uuid, uuid[], timestamptz),
  customs.is_paid(uuid) to bl_app;

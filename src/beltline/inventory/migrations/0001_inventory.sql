-- Stock per (sku, node, owner); every change of it is a movement.

-- Limits of one column are domains, not CHECKs of the table: a table's CHECK is parsed anew by
-- every statement that writes it, a domain's once a connection.
create domain inventory.stock_kind as text check (value in ('COUNTED', 'DECLARED'));
create domain inventory.movement_kind as text check (value in (
  'OPENING', 'COUNT', 'ADJUST', 'RECEIVE', 'RESERVE', 'RELEASE', 'SHIP', 'DECLARE', 'HOLD',
  'UNHOLD', 'DAMAGE'));

create table inventory.stock (
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  kind inventory.stock_kind not null,
  on_hand bigint not null default 0,
  reserved bigint not null default 0,
  quality_hold bigint not null default 0,
  damaged bigint not null default 0,
  inbound bigint not null default 0,
  -- The source's own number for this row; an older one is refused.
  version bigint not null default 0,
  counted_at timestamptz not null,
  operator_org_id uuid not null,
  primary key (sku_id, node_id, owner_org_id),
  check (least(on_hand, reserved, quality_hold, damaged, inbound) >= 0)
) with (fillfactor = 70);
create index stock_by_node on inventory.stock (node_id, sku_id);
create index stock_by_owner on inventory.stock (owner_org_id, sku_id);
-- Buyers see what is available through a view, never the rows.
select kit.protect('inventory.stock', '{org} in (owner_org_id, operator_org_id)', 'select');

create table inventory.movement (
  id uuid not null,
  at timestamptz not null,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  operator_org_id uuid not null,
  kind inventory.movement_kind not null,
  on_hand bigint not null default 0,
  reserved bigint not null default 0,
  quality_hold bigint not null default 0,
  damaged bigint not null default 0,
  reference text not null,
  reference_id uuid,
  primary key (id, at)
) partition by range (at);
create index movement_by_stock on inventory.movement (sku_id, node_id, owner_org_id, at desc, id desc);
create index movement_by_reference on inventory.movement (reference_id, at);
select kit.protect('inventory.movement', '{org} in (owner_org_id, operator_org_id)',
                   'select', 'select, insert');
select kit.partition_by_month('inventory.movement');

set local role beltline_core;

-- What a buyer may know: how much of a SKU can be had where. Owned by beltline_core, so that it
-- reads past the row policy of the stock itself and shows these columns only.
create view inventory.availability as
  select s.sku_id, s.node_id, s.owner_org_id, s.kind,
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged, 0) as available,
         s.inbound, s.counted_at, s.operator_org_id
    from inventory.stock s;
grant select on inventory.availability to bl_app, bl_sys;

-- Lock the counted stock of some SKUs in key order, so that two orders never wait for each
-- other in a circle, and say what is available. Held until the transaction ends.
create function inventory.lock_available(sku_ids uuid[])
returns table (sku_id uuid, node_id uuid, owner_org_id uuid, operator_org_id uuid,
               available bigint)
language plpgsql as $$
begin
  return query
  select s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id,
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged, 0)
    from inventory.stock s
   where s.sku_id = any(sku_ids) and s.kind = 'COUNTED'
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update;
end $$;

-- Reserve every line or refuse: one conditional update, whatever the caller believed to be
-- available. The arrays are parallel; several lines may name the same stock.
create function inventory.reserve_lines(
  sku_ids uuid[], node_ids uuid[], owner_org_ids uuid[], quantities bigint[],
  p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language plpgsql as $$
declare is_complete boolean;
begin
  with wanted as (
    select w.sku_id, w.node_id, w.owner_org_id, sum(w.quantity)::bigint as quantity
      from unnest(sku_ids, node_ids, owner_org_ids, quantities)
        as w(sku_id, node_id, owner_org_id, quantity)
     group by w.sku_id, w.node_id, w.owner_org_id
  ), taken as (
    update inventory.stock s set reserved = s.reserved + w.quantity
      from wanted w
     where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id
       and w.quantity > 0
       and s.on_hand - s.reserved - s.quality_hold - s.damaged >= w.quantity
    returning s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, w.quantity
  ), moved as (
    insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    reserved, reference, reference_id)
    select kit.uuid7(p_now), p_now, t.sku_id, t.node_id, t.owner_org_id, t.operator_org_id,
           'RESERVE', t.quantity, p_reference, p_reference_id
      from taken t
  )
  select (select count(*) from taken) = (select count(*) from wanted) into is_complete;
  if not is_complete then
    perform kit.refuse('inventory.not_available', jsonb_build_object('reference', p_reference));
  end if;
end $$;

-- Give back what a reference reserved. The arrays are parallel, as above.
create function inventory.release_lines(
  sku_ids uuid[], node_ids uuid[], owner_org_ids uuid[], quantities bigint[],
  p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language plpgsql as $$
begin
  perform from inventory.stock s
    join unnest(sku_ids, node_ids, owner_org_ids) as w(sku_id, node_id, owner_org_id)
   using (sku_id, node_id, owner_org_id)
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update of s;
  with wanted as (
    select w.sku_id, w.node_id, w.owner_org_id, sum(w.quantity)::bigint as quantity
      from unnest(sku_ids, node_ids, owner_org_ids, quantities)
        as w(sku_id, node_id, owner_org_id, quantity)
     group by w.sku_id, w.node_id, w.owner_org_id
  ), given as (
    update inventory.stock s set reserved = s.reserved - w.quantity
      from wanted w
     where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id
    returning s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, w.quantity
  )
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  reserved, reference, reference_id)
  select kit.uuid7(p_now), p_now, g.sku_id, g.node_id, g.owner_org_id, g.operator_org_id,
         'RELEASE', -g.quantity, p_reference, p_reference_id
    from given g;
end $$;

-- Rows for stock nobody has heard of yet, empty, so that every later change is an update of a
-- locked row. `lines` is [{sku_id, node_id, owner_org_id, kind?}].
create function inventory.ensure_rows(lines jsonb, p_operator uuid, p_now timestamptz)
returns void language plpgsql as $$
begin
  insert into inventory.stock (sku_id, node_id, owner_org_id, kind, counted_at, operator_org_id)
  select l.sku_id, l.node_id, l.owner_org_id, coalesce(l.kind, 'COUNTED'), p_now, p_operator
    from jsonb_to_recordset(lines)
      as l(sku_id uuid, node_id uuid, owner_org_id uuid, kind text)
   order by l.sku_id, l.node_id, l.owner_org_id
  on conflict (sku_id, node_id, owner_org_id) do nothing;
  perform from inventory.stock s
    join jsonb_to_recordset(lines) as l(sku_id uuid, node_id uuid, owner_org_id uuid)
   using (sku_id, node_id, owner_org_id)
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update of s;
end $$;

-- Goods that came in: on_hand grows, what was awaited shrinks by `expected`.
-- `lines` is [{sku_id, node_id, owner_org_id, quantity, expected}].
create function inventory.receive_lines(
  lines jsonb, p_operator uuid, p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language plpgsql as $$
begin
  perform inventory.ensure_rows(lines, p_operator, p_now);
  with wanted as (
    select l.sku_id, l.node_id, l.owner_org_id, sum(l.quantity)::bigint as quantity,
           sum(coalesce(l.expected, 0))::bigint as expected
      from jsonb_to_recordset(lines)
        as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint, expected bigint)
     group by l.sku_id, l.node_id, l.owner_org_id
  ), kept as (
    update inventory.stock s
       set on_hand = s.on_hand + w.quantity, inbound = greatest(s.inbound - w.expected, 0),
           counted_at = p_now
      from wanted w
     where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id
    returning s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, w.quantity
  )
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, reference, reference_id)
  select kit.uuid7(p_now), p_now, k.sku_id, k.node_id, k.owner_org_id, k.operator_org_id,
         'RECEIVE', k.quantity, p_reference, p_reference_id
    from kept k where k.quantity <> 0;
end $$;

-- Announce (+) or take back (-) goods on their way to a node.
-- `lines` is [{sku_id, node_id, owner_org_id, quantity}].
create function inventory.expect_lines(lines jsonb, p_operator uuid, p_now timestamptz)
returns void language plpgsql as $$
begin
  perform inventory.ensure_rows(lines, p_operator, p_now);
  update inventory.stock s set inbound = greatest(s.inbound + w.quantity, 0)
    from (select l.sku_id, l.node_id, l.owner_org_id, sum(l.quantity)::bigint as quantity
            from jsonb_to_recordset(lines)
              as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint)
           group by l.sku_id, l.node_id, l.owner_org_id) w
   where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id;
end $$;

-- The aggregate of the events of one stock row, which has no id of its own.
create function inventory.aggregate_id(p_sku uuid, p_node uuid, p_owner uuid) returns uuid
language sql immutable as $$
  select md5(p_sku::text || p_node::text || p_owner::text)::uuid
$$;

-- What stands here by count or by declaration. `lines` is
-- [{sku_id, node_id, owner_org_id, kind, on_hand, version, operator_org_id}]; of several lines
-- for one row the latest counts. A line whose version is older than the one kept is refused, an
-- equal one changes nothing, and a declaration never replaces a count.
-- Returns [{sku_id, node_id, owner_org_id, outcome, version, shortage}] in the order given;
-- outcome is SET, UNCHANGED, STALE or COUNTED.
create function inventory.set_on_hand(
  lines jsonb, p_reference text, p_reference_id uuid, p_now timestamptz
) returns jsonb language plpgsql as $$
declare answer jsonb;
begin
  perform inventory.ensure_rows(lines, (lines->0->>'operator_org_id')::uuid, p_now);
  with given as (
    select l.*
      from rows from (
        jsonb_to_recordset(lines) as (sku_id uuid, node_id uuid, owner_org_id uuid, kind text,
                                      on_hand bigint, version bigint)
      ) with ordinality as l(sku_id, node_id, owner_org_id, kind, on_hand, version, n)
  ), latest as (
    select distinct on (g.sku_id, g.node_id, g.owner_org_id) g.*
      from given g order by g.sku_id, g.node_id, g.owner_org_id, g.n desc
  ), decided as materialized (
    select l.*, s.on_hand as on_hand_before, s.version as version_before,
           case when s.kind = 'COUNTED' and l.kind = 'DECLARED' then 'COUNTED'
                when coalesce(l.version, s.version + 1) > s.version then 'SET'
                when l.version = s.version and l.on_hand = s.on_hand then 'UNCHANGED'
                else 'STALE' end as outcome
      from latest l join inventory.stock s using (sku_id, node_id, owner_org_id)
  ), kept as (
    update inventory.stock s
       set on_hand = d.on_hand, kind = d.kind, counted_at = p_now,
           version = coalesce(d.version, s.version + 1)
      from decided d
     where s.sku_id = d.sku_id and s.node_id = d.node_id and s.owner_org_id = d.owner_org_id
       and d.outcome = 'SET'
    returning s.*, d.on_hand_before, d.version_before
  ), moved as (
    insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    on_hand, reference, reference_id)
    select kit.uuid7(p_now), p_now, k.sku_id, k.node_id, k.owner_org_id, k.operator_org_id,
           case when k.version_before = 0 then 'OPENING'
                when k.kind = 'DECLARED' then 'DECLARE' else 'COUNT' end,
           k.on_hand - k.on_hand_before, p_reference, p_reference_id
      from kept k
     where k.on_hand <> k.on_hand_before
  ), told as (
    select kit.record_event('stock.set', 1, 'stock',
             inventory.aggregate_id(k.sku_id, k.node_id, k.owner_org_id), k.version, p_now,
             k.operator_org_id, null, nullif(k.owner_org_id, k.operator_org_id),
             jsonb_build_object('sku_id', k.sku_id, 'node_id', k.node_id,
               'owner_org_id', k.owner_org_id, 'kind', k.kind, 'on_hand', k.on_hand,
               'on_hand_before', k.on_hand_before, 'reserved', k.reserved,
               'version', k.version)) as done
      from kept k
  )
  select jsonb_agg(jsonb_build_object(
           'sku_id', g.sku_id, 'node_id', g.node_id, 'owner_org_id', g.owner_org_id,
           'outcome', d.outcome, 'version', coalesce(k.version, d.version_before),
           'shortage', coalesce(k.reserved + k.quality_hold + k.damaged > k.on_hand, false))
         order by g.n)
    into answer
    from given g
    join decided d using (sku_id, node_id, owner_org_id)
    left join kept k using (sku_id, node_id, owner_org_id)
   where (select count(*) from told) >= 0;
  return coalesce(answer, '[]');
end $$;

-- Set stock through the API. The operator counts at the network's own nodes, for any owner; a
-- supplier declares its own goods at its own factories. `items` is
-- [{sku, node, owner?, on_hand, version?}] in codes.
-- Returns [{sku, node, owner, outcome, version, shortage}] in the order given; outcome is one of
-- set_on_hand, or UNKNOWN_SKU, UNKNOWN_NODE, UNKNOWN_OWNER, NOT_YOURS.
create function inventory.set_stock(actor accounts.actor, items jsonb, p_now timestamptz)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_operator constant uuid := accounts.operator_org();
  v_is_operator constant boolean := (actor).org_kind = 'OPERATOR';
  v_lines jsonb; v_outcomes jsonb; v_set jsonb;
begin
  perform accounts.enter(actor);
  if (actor).org_kind not in ('OPERATOR', 'SUPPLIER') then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator or a supplier', 'role', (actor).org_kind));
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
           'sku', i.sku, 'node', i.node, 'owner', coalesce(o.code, i.owner),
           'sku_id', k.id, 'node_id', n.id, 'owner_org_id', o.id, 'operator_org_id', v_operator,
           'kind', case when v_is_operator then 'COUNTED' else 'DECLARED' end,
           'on_hand', i.on_hand, 'version', i.version,
           'outcome', case
             when k.id is null or (not v_is_operator and k.supplier_org_id <> (actor).org_id)
               then 'UNKNOWN_SKU'
             when n.id is null then 'UNKNOWN_NODE'
             when o.id is null or o.kind not in ('OPERATOR', 'SUPPLIER') then 'UNKNOWN_OWNER'
             when v_is_operator and n.supplier_org_id is not null then 'NOT_YOURS'
             when not v_is_operator and (n.supplier_org_id is distinct from (actor).org_id
                                         or o.id <> (actor).org_id) then 'NOT_YOURS'
           end) order by i.n), '[]')
    into v_lines
    from rows from (
      jsonb_to_recordset(items) as (sku text, node text, owner text, on_hand bigint,
                                    version bigint)
    ) with ordinality as i(sku, node, owner, on_hand, version, n)
    left join catalog.sku k on k.code = i.sku
    left join trade.node n on n.code = i.node
    left join accounts.organization o
      on case when i.owner is null then o.id = (actor).org_id else o.code = i.owner end;
  select coalesce(jsonb_agg(e.line order by e.n), '[]') into v_set
    from jsonb_array_elements(v_lines) with ordinality as e(line, n)
   where e.line->>'outcome' is null;
  v_outcomes := inventory.set_on_hand(v_set, 'stock API', null, p_now);
  if v_outcomes @> '[{"outcome": "SET"}]' then
    perform accounts.record_audit(actor, p_now, 'set', 'stock', null,
                                  jsonb_build_object('items', items));
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'sku', l.line->'sku', 'node', l.line->'node', 'owner', l.line->'owner',
             'outcome', coalesce(l.line->>'outcome', l.result->>'outcome'),
             'version', l.result->'version',
             'shortage', coalesce((l.result->>'shortage')::boolean, false)) order by l.n), '[]')
      from (select e.line, e.n, case when e.line->>'outcome' is null then
                     v_outcomes->(count(*) filter (where e.line->>'outcome' is null)
                                    over (order by e.n) - 1)::int end as result
              from jsonb_array_elements(v_lines) with ordinality as e(line, n)) l);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function inventory.set_stock(accounts.actor, jsonb, timestamptz) to bl_app;

-- Stock per (sku, node, owner); every change of it is a movement.

-- Limits of one column are domains, not CHECKs of the table: a table's CHECK is parsed anew by
-- every statement that writes it, a domain's once a connection.
create domain inventory.stock_kind as text check (value in ('COUNTED', 'DECLARED'));
create domain inventory.movement_kind as text check (value in (
  'OPENING', 'COUNT', 'ADJUST', 'RECEIVE', 'RESERVE', 'RELEASE', 'SHIP', 'DECLARE', 'HOLD',
  'UNHOLD', 'DAMAGE', 'MEND', 'SCRAP'));

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
  -- What of a declaration is not sold, because it is a word and not a count.
  buffer bigint not null default 0,
  -- Available units at which somebody wants to be told, and whether that was done.
  low_at bigint,
  is_low boolean not null default false,
  -- The source's own number for this row; an older one is refused.
  version bigint not null default 0,
  -- Counts the events of this row.
  sequence bigint not null default 0,
  counted_at timestamptz not null,
  operator_org_id uuid not null,
  primary key (sku_id, node_id, owner_org_id),
  check (least(on_hand, reserved, quality_hold, damaged, inbound, buffer) >= 0)
) with (fillfactor = 70);
create index stock_by_node on inventory.stock (node_id, sku_id);
create index stock_by_owner on inventory.stock (owner_org_id, sku_id);
create index stock_watched on inventory.stock (sku_id) where low_at is not null;
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
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer, 0) as available,
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
       and s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer >= w.quantity
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

-- How careful stock is kept: one row.
set local role bl_owner;
create table inventory.policy (
  one boolean primary key default true check (one),
  -- The share of a declaration that is not sold.
  declared_buffer numeric(5,4) not null default 0.1 check (declared_buffer between 0 and 1),
  -- Units of sale above which a change needs a second person.
  adjust_limit bigint not null default 100 check (adjust_limit >= 0),
  -- A new figure this far from the old one, as a share of it, is told as a drift.
  drift_share numeric(5,4) not null default 0.25 check (drift_share between 0 and 1)
);
select kit.protect('inventory.policy', '{org} = accounts.operator_org()', 'select',
                   'select, update');
insert into inventory.policy default values;
set local role beltline_core;

-- What stands here by count or by declaration, for many rows; the arrays are parallel. Of several
-- entries for one row the latest counts. An entry whose version is older than the one kept is
-- refused, an equal one changes nothing, and a declaration never replaces a count.
-- Returns for each entry `n` (from 1) the outcome SET, UNCHANGED, STALE or COUNTED, the version
-- kept, and whether more is promised now than stands there.
create function inventory.set_rows(
  p_operator uuid, p_skus uuid[], p_nodes uuid[], p_owners uuid[], p_kinds text[],
  p_on_hand bigint[], p_versions bigint[], p_reference text, p_reference_id uuid,
  p_now timestamptz
) returns table (n bigint, outcome text, version bigint, shortage boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_policy inventory.policy; v_run constant text := kit.id_run(p_now); f record; e record;
begin
  if p_skus is null then
    return;
  end if;
  select * into v_policy from inventory.policy;
  insert into inventory.stock (sku_id, node_id, owner_org_id, kind, counted_at, operator_org_id)
  select distinct g.sku_id, g.node_id, g.owner_org_id, coalesce(g.kind, 'COUNTED'), p_now,
         p_operator
    from unnest(p_skus, p_nodes, p_owners, p_kinds) as g(sku_id, node_id, owner_org_id, kind)
   order by g.sku_id, g.node_id, g.owner_org_id
  on conflict (sku_id, node_id, owner_org_id) do nothing;
  -- What is found goes on as arrays: lists of unknown length are never joined with each other,
  -- which the planner would do one by one.
  with found as (
    select s.*, g.n, g.kind as new_kind, g.on_hand as new_on_hand, g.version as new_version
      from unnest(p_skus, p_nodes, p_owners, p_kinds, p_on_hand, p_versions)
        with ordinality as g(sku_id, node_id, owner_org_id, kind, on_hand, version, n)
      join inventory.stock s using (sku_id, node_id, owner_org_id)
     order by s.sku_id, s.node_id, s.owner_org_id
       for no key update of s
  ), latest as (
    -- Of several entries for one row the last decides for all.
    select f.sku_id, f.node_id, f.owner_org_id, f.operator_org_id, f.n, f.on_hand as old_on_hand,
           f.version as old_version, f.sequence, f.reserved, f.reserved + f.quality_hold + f.damaged
             as bound, f.kind as old_kind,
           first_value(f.n) over w as last_n, first_value(f.new_kind) over w as kind,
           first_value(f.new_on_hand) over w as on_hand,
           first_value(f.new_version) over w as version
      from found f
    window w as (partition by f.sku_id, f.node_id, f.owner_org_id order by f.n desc)
  ), decided as (
    select l.*, case when l.old_kind = 'COUNTED' and l.kind = 'DECLARED' then 'COUNTED'
                     when coalesce(l.version, l.old_version + 1) > l.old_version then 'SET'
                     when l.version = l.old_version and l.on_hand = l.old_on_hand then 'UNCHANGED'
                     else 'STALE' end as outcome,
           (l.sequence > 0 and abs(l.on_hand - l.old_on_hand)
              > v_policy.drift_share * greatest(l.on_hand, l.old_on_hand))::int as drifts
      from latest l
  )
  select array_agg(d.n) as n, array_agg(d.n = d.last_n and d.outcome = 'SET') as is_set,
         array_agg(d.sku_id) as skus, array_agg(d.node_id) as nodes,
         array_agg(d.owner_org_id) as owners, array_agg(d.operator_org_id) as operators,
         array_agg(d.kind) as kinds, array_agg(d.on_hand) as on_hand,
         array_agg(d.old_on_hand) as old_on_hand, array_agg(d.outcome) as outcomes,
         array_agg(case when d.outcome = 'SET' then coalesce(d.version, d.old_version + 1)
                        else d.old_version end) as versions,
         array_agg(d.sequence) as sequences, array_agg(d.drifts) as drifts,
         array_agg(d.reserved) as reserved,
         array_agg(d.outcome = 'SET' and d.bound > d.on_hand) as shortages
    into f
    from decided d;
  update inventory.stock s
     set on_hand = j.on_hand, kind = j.kind, counted_at = p_now, version = j.version,
         sequence = s.sequence + 1 + j.drifts,
         buffer = case j.kind when 'DECLARED'
                    then ceil(j.on_hand * v_policy.declared_buffer)::bigint else 0 end
    from unnest(f.is_set, f.skus, f.nodes, f.owners, f.kinds, f.on_hand, f.versions, f.drifts)
      as j(is_set, sku_id, node_id, owner_org_id, kind, on_hand, version, drifts)
   where j.is_set
     and s.sku_id = j.sku_id and s.node_id = j.node_id and s.owner_org_id = j.owner_org_id;
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, reference, reference_id)
  select kit.id_at(v_run, j.n), p_now, j.sku_id, j.node_id, j.owner_org_id, j.operator_org_id,
         case when j.sequence = 0 then 'OPENING'
              when j.kind = 'DECLARED' then 'DECLARE' else 'COUNT' end,
         j.on_hand - j.old_on_hand, p_reference, p_reference_id
    from unnest(f.n, f.is_set, f.skus, f.nodes, f.owners, f.operators, f.kinds, f.on_hand,
                f.old_on_hand, f.sequences)
      as j(n, is_set, sku_id, node_id, owner_org_id, operator_org_id, kind, on_hand, old_on_hand,
           sequence)
   where j.is_set and j.on_hand <> j.old_on_hand;
  select array_agg(t.type) as types, array_agg(t.aggregate_id) as aggregates,
         array_agg(t.sequence) as sequences, array_agg(t.operator_org_id) as operators,
         array_agg(t.supplier) as suppliers, array_agg(t.data) as data
    into e
    from (
      select k.type, inventory.aggregate_id(j.sku_id, j.node_id, j.owner_org_id) as aggregate_id,
             j.sequence + k.nth as sequence, j.operator_org_id,
             nullif(j.owner_org_id, j.operator_org_id) as supplier,
             jsonb_build_object('sku_id', j.sku_id, 'node_id', j.node_id,
               'owner_org_id', j.owner_org_id, 'kind', j.kind, 'on_hand', j.on_hand,
               'on_hand_before', j.old_on_hand, 'reserved', j.reserved,
               'version', j.version) as data
        from unnest(f.is_set, f.skus, f.nodes, f.owners, f.operators, f.kinds, f.on_hand,
                    f.old_on_hand, f.reserved, f.versions, f.sequences, f.drifts)
          as j(is_set, sku_id, node_id, owner_org_id, operator_org_id, kind, on_hand, old_on_hand,
               reserved, version, sequence, drifts)
        cross join (values ('stock.set', 1), ('stock.drifted', 2)) as k(type, nth)
       where j.is_set and k.nth <= 1 + j.drifts
       order by j.sku_id, j.node_id, j.owner_org_id, k.nth) t;
  perform kit.record_mixed_events('stock', p_now, e.types, e.aggregates, e.sequences, e.operators,
                                  null, e.suppliers, e.data);
  perform inventory.tell_low(p_skus, p_now);
  return query
  select r.n, r.outcome, r.version, r.shortage
    from unnest(f.n, f.outcomes, f.versions, f.shortages) as r(n, outcome, version, shortage);
end $$;

-- Tell of rows that fell to where somebody wants to know it, once until they rise again; of these
-- SKUs, or of all. Returns how many.
create function inventory.tell_low(p_skus uuid[], p_now timestamptz) returns int
language plpgsql as $$
declare v_watched uuid[]; e record;
begin
  if p_skus is null then
    select array_agg(distinct s.sku_id) into v_watched
      from inventory.stock s where s.low_at is not null;
  else
    select array_agg(distinct s.sku_id) into v_watched
      from unnest(p_skus) as u(sku_id) join inventory.stock s using (sku_id)
     where s.low_at is not null;
  end if;
  if v_watched is null then
    return 0;
  end if;
  with seen as (
    select s.sku_id, s.node_id, s.owner_org_id,
           greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer, 0)
             <= s.low_at as is_low
      from inventory.stock s
     where s.low_at is not null and s.sku_id = any(v_watched)
     order by s.sku_id, s.node_id, s.owner_org_id
       for no key update
  ), kept as (
    update inventory.stock s set is_low = v.is_low, sequence = s.sequence + v.is_low::int
      from seen v
     where s.sku_id = v.sku_id and s.node_id = v.node_id and s.owner_org_id = v.owner_org_id
       and s.is_low <> v.is_low
    returning s.*
  )
  select array_agg('stock.low'::text) as types,
         array_agg(inventory.aggregate_id(k.sku_id, k.node_id, k.owner_org_id)) as aggregates,
         array_agg(k.sequence) as sequences, array_agg(k.operator_org_id) as operators,
         array_agg(nullif(k.owner_org_id, k.operator_org_id)) as suppliers,
         array_agg(jsonb_build_object('sku_id', k.sku_id, 'node_id', k.node_id,
           'owner_org_id', k.owner_org_id, 'low_at', k.low_at, 'available',
           greatest(k.on_hand - k.reserved - k.quality_hold - k.damaged - k.buffer, 0))) as data
    into e
    from kept k where k.is_low;
  return kit.record_mixed_events('stock', p_now, e.types, e.aggregates, e.sequences, e.operators,
                                 null, e.suppliers, e.data);
end $$;

-- The same from JSON, of one operator: `lines` is
-- [{sku_id, node_id, owner_org_id, kind, on_hand, version, operator_org_id}].
-- Returns [{sku_id, node_id, owner_org_id, outcome, version, shortage}] in the order given.
create function inventory.set_on_hand(
  lines jsonb, p_reference text, p_reference_id uuid, p_now timestamptz
) returns jsonb language plpgsql as $$
declare g record; answer jsonb;
begin
  select array_agg(l.sku_id) as skus, array_agg(l.node_id) as nodes,
         array_agg(l.owner_org_id) as owners, array_agg(l.kind) as kinds,
         array_agg(l.on_hand) as on_hand, array_agg(l.version) as versions
    into g
    from rows from (
      jsonb_to_recordset(lines) as (sku_id uuid, node_id uuid, owner_org_id uuid, kind text,
                                    on_hand bigint, version bigint)
    ) with ordinality as l(sku_id, node_id, owner_org_id, kind, on_hand, version, n);
  select jsonb_agg(jsonb_build_object(
           'sku_id', g.skus[r.n::int], 'node_id', g.nodes[r.n::int],
           'owner_org_id', g.owners[r.n::int],
           'outcome', r.outcome, 'version', r.version, 'shortage', r.shortage) order by r.n)
    into answer
    from inventory.set_rows((lines->0->>'operator_org_id')::uuid, g.skus, g.nodes, g.owners,
                            g.kinds, g.on_hand, g.versions, p_reference, p_reference_id, p_now) r;
  return coalesce(answer, '[]');
end $$;

-- Set stock through the API. The operator counts at the network's own nodes, for any owner; a
-- supplier declares its own goods at its own factories. The arrays are parallel and in codes;
-- an owner or a version may be null.
-- Returns for each entry its owner's code, and the outcome of set_rows, or UNKNOWN_SKU,
-- UNKNOWN_NODE, UNKNOWN_OWNER, NOT_YOURS.
create function inventory.set_stock(
  actor accounts.actor, p_skus text[], p_nodes text[], p_owners text[], p_on_hand bigint[],
  p_versions bigint[], p_now timestamptz
) returns table (owner text, outcome text, version bigint, shortage boolean)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_operator constant uuid := accounts.operator_org();
  v_is_operator constant boolean := (actor).org_kind = 'OPERATOR';
  v_kind constant text := case when v_is_operator then 'COUNTED' else 'DECLARED' end;
  t record; g record; d record;
begin
  perform accounts.enter(actor);
  if (actor).org_kind not in ('OPERATOR', 'SUPPLIER') then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator or a supplier', 'role', (actor).org_kind));
  end if;
  select array_agg(f.sku_id order by f.n) as skus, array_agg(f.node_id order by f.n) as nodes,
         array_agg(f.owner_id order by f.n) as owners, array_agg(f.owner order by f.n) as codes,
         array_agg(f.outcome order by f.n) as outcomes
    into t
    from (
      select i.n, k.id as sku_id, n.id as node_id, o.id as owner_id,
             coalesce(o.code, i.owner) as owner,
             case
               when k.id is null or (not v_is_operator and k.supplier_org_id <> (actor).org_id)
                 then 'UNKNOWN_SKU'
               when n.id is null then 'UNKNOWN_NODE'
               when o.id is null or o.kind not in ('OPERATOR', 'SUPPLIER') then 'UNKNOWN_OWNER'
               when v_is_operator and n.supplier_org_id is not null then 'NOT_YOURS'
               when not v_is_operator and (n.supplier_org_id is distinct from (actor).org_id
                                           or o.id <> (actor).org_id) then 'NOT_YOURS'
             end as outcome
        from unnest(p_skus, p_nodes, p_owners) with ordinality as i(sku, node, owner, n)
        left join catalog.sku k on k.code = i.sku
        left join trade.node n on n.code = i.node
        left join accounts.organization o
          on o.code = coalesce(i.owner, (select a.code from accounts.organization a
                                          where a.id = (actor).org_id))) f;
  select array_agg(x.sku order by x.n) as skus, array_agg(x.node order by x.n) as nodes,
         array_agg(x.owner order by x.n) as owners, array_agg(v_kind) as kinds,
         array_agg(x.on_hand order by x.n) as on_hand, array_agg(x.version order by x.n) as versions,
         array_agg(x.n order by x.n) as places
    into g
    from unnest(t.skus, t.nodes, t.owners, p_on_hand, p_versions, t.outcomes)
      with ordinality as x(sku, node, owner, on_hand, version, outcome, n)
   where x.outcome is null;
  select array_agg(g.places[r.n::int]) as places, array_agg(r.outcome) as outcomes,
         array_agg(r.version) as versions, array_agg(r.shortage) as shortages
    into d
    from inventory.set_rows(v_operator, g.skus, g.nodes, g.owners, g.kinds, g.on_hand, g.versions,
                            'stock API', null, p_now) r;
  if 'SET' = any(d.outcomes) then
    perform accounts.record_audit(actor, p_now, 'set', 'stock', null,
      jsonb_build_object('items', cardinality(p_skus), 'first', p_skus[1:20]));
  end if;
  return query
  select max(r.owner), max(r.outcome), max(r.version), coalesce(bool_or(r.shortage), false)
    from (select c.n, c.owner, c.outcome, null::bigint as version, null::boolean as shortage
            from unnest(t.codes, t.outcomes) with ordinality as c(owner, outcome, n)
          union all
          select x.n, null, x.outcome, x.version, x.shortage
            from unnest(d.places, d.outcomes, d.versions, d.shortages)
              as x(n, outcome, version, shortage)) r
   group by r.n order by r.n;
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
grant execute on function inventory.set_stock(accounts.actor, text[], text[], text[], bigint[],
                                              bigint[], timestamptz) to bl_app;

-- Stock per (sku, node, owner); every change of it is a movement.

create table inventory.stock (
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  kind text not null check (kind in ('COUNTED', 'DECLARED')),
  on_hand bigint not null default 0 check (on_hand >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  quality_hold bigint not null default 0 check (quality_hold >= 0),
  damaged bigint not null default 0 check (damaged >= 0),
  inbound bigint not null default 0 check (inbound >= 0),
  -- The source's own number for this row; an older one is refused.
  version bigint not null default 0,
  counted_at timestamptz not null,
  operator_org_id uuid not null,
  primary key (sku_id, node_id, owner_org_id)
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
  kind text not null check (kind in ('OPENING', 'COUNT', 'ADJUST', 'RECEIVE', 'RESERVE',
                                     'RELEASE', 'SHIP', 'DECLARE', 'HOLD', 'UNHOLD', 'DAMAGE')),
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
         s.inbound, s.counted_at
    from inventory.stock s;
grant select on inventory.availability to bl_app, bl_sys;

-- Lock the counted stock of some SKUs in key order, so that two orders never wait for each
-- other in a circle, and say what is available. Held until the transaction ends.
create function inventory.lock_available(sku_ids uuid[])
returns table (sku_id uuid, node_id uuid, owner_org_id uuid, available bigint)
language sql as $$
  select s.sku_id, s.node_id, s.owner_org_id,
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged, 0)
    from inventory.stock s
   where s.sku_id = any(sku_ids) and s.kind = 'COUNTED'
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update
$$;

-- Reserve every line or refuse: one conditional update, whatever the caller believed to be
-- available. `lines` is [{sku_id, node_id, owner_org_id, quantity}], one entry a stock row.
create function inventory.reserve_lines(
  lines jsonb, p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language plpgsql as $$
declare reserved_lines int;
begin
  with taken as (
    update inventory.stock s set reserved = s.reserved + l.quantity
      from jsonb_to_recordset(lines)
        as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint)
     where s.sku_id = l.sku_id and s.node_id = l.node_id and s.owner_org_id = l.owner_org_id
       and l.quantity > 0
       and s.on_hand - s.reserved - s.quality_hold - s.damaged >= l.quantity
    returning s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, l.quantity
  )
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  reserved, reference, reference_id)
  select kit.uuid7(p_now), p_now, sku_id, node_id, owner_org_id, operator_org_id, 'RESERVE',
         quantity, p_reference, p_reference_id
    from taken;
  get diagnostics reserved_lines = row_count;
  if reserved_lines <> jsonb_array_length(lines) then
    perform kit.refuse('inventory.not_available', jsonb_build_object('reference', p_reference));
  end if;
end $$;

-- Give back what a reference reserved. `lines` as above.
create function inventory.release_lines(
  lines jsonb, p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language sql as $$
  with wanted as (
    select * from jsonb_to_recordset(lines)
      as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint)
  ), locked as (
    select s.sku_id, s.node_id, s.owner_org_id, w.quantity
      from inventory.stock s join wanted w using (sku_id, node_id, owner_org_id)
     order by s.sku_id, s.node_id, s.owner_org_id
       for no key update of s
  ), given as (
    update inventory.stock s set reserved = s.reserved - l.quantity
      from locked l
     where s.sku_id = l.sku_id and s.node_id = l.node_id and s.owner_org_id = l.owner_org_id
    returning s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, l.quantity
  )
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  reserved, reference, reference_id)
  select kit.uuid7(p_now), p_now, sku_id, node_id, owner_org_id, operator_org_id, 'RELEASE',
         -quantity, p_reference, p_reference_id
    from given
$$;

-- Goods that came in: on_hand grows, what was awaited shrinks by `expected`.
-- `lines` is [{sku_id, node_id, owner_org_id, quantity, expected}].
create function inventory.receive_lines(
  lines jsonb, p_operator uuid, p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language sql as $$
  with wanted as (
    select * from jsonb_to_recordset(lines)
      as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint, expected bigint)
     order by sku_id, node_id, owner_org_id
  ), kept as (
    insert into inventory.stock as s (sku_id, node_id, owner_org_id, kind, on_hand, counted_at,
                                      operator_org_id)
    select sku_id, node_id, owner_org_id, 'COUNTED', quantity, p_now, p_operator from wanted
    on conflict (sku_id, node_id, owner_org_id) do update
      set on_hand = s.on_hand + excluded.on_hand,
          inbound = greatest(s.inbound - coalesce(
            (select w.expected from wanted w
              where w.sku_id = s.sku_id and w.node_id = s.node_id
                and w.owner_org_id = s.owner_org_id), 0), 0),
          counted_at = excluded.counted_at
  )
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, reference, reference_id)
  select kit.uuid7(p_now), p_now, sku_id, node_id, owner_org_id, p_operator, 'RECEIVE',
         quantity, p_reference, p_reference_id
    from wanted where quantity <> 0
$$;

-- Announce (+) or take back (-) goods on their way to a node.
create function inventory.expect_lines(lines jsonb, p_operator uuid, p_now timestamptz)
returns void language sql as $$
  with wanted as (
    select * from jsonb_to_recordset(lines)
      as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint)
     order by sku_id, node_id, owner_org_id
  )
  insert into inventory.stock as s (sku_id, node_id, owner_org_id, kind, inbound, counted_at,
                                    operator_org_id)
  select sku_id, node_id, owner_org_id, 'COUNTED', greatest(quantity, 0), p_now, p_operator
    from wanted
  on conflict (sku_id, node_id, owner_org_id) do update
    set inbound = greatest(s.inbound + (select w.quantity from wanted w
                                         where w.sku_id = s.sku_id and w.node_id = s.node_id
                                           and w.owner_org_id = s.owner_org_id), 0)
$$;

-- What stands here by count or by declaration. `lines` is
-- [{sku_id, node_id, owner_org_id, kind, on_hand, version, operator_org_id}]; a line whose
-- version is older than the one kept is refused, an equal one changes nothing.
-- Returns [{sku_id, node_id, owner_org_id, outcome, version, shortage}] in the order given.
create function inventory.set_on_hand(
  lines jsonb, p_reference text, p_reference_id uuid, p_now timestamptz
) returns jsonb language plpgsql as $$
declare answer jsonb;
begin
  with wanted as (
    select l.* from rows from (
      jsonb_to_recordset(lines) as (sku_id uuid, node_id uuid, owner_org_id uuid, kind text,
                                    on_hand bigint, version bigint, operator_org_id uuid)
    ) with ordinality as l(sku_id, node_id, owner_org_id, kind, on_hand, version,
                           operator_org_id, n)
  ), before as materialized (
    select s.* from inventory.stock s join wanted w using (sku_id, node_id, owner_org_id)
     order by s.sku_id, s.node_id, s.owner_org_id
       for no key update of s
  ), kept as (
    insert into inventory.stock as s (sku_id, node_id, owner_org_id, kind, on_hand, version,
                                      counted_at, operator_org_id)
    select sku_id, node_id, owner_org_id, kind, on_hand, coalesce(version, 1), p_now,
           operator_org_id
      from wanted order by sku_id, node_id, owner_org_id
    on conflict (sku_id, node_id, owner_org_id) do update
      set on_hand = excluded.on_hand, kind = excluded.kind, counted_at = excluded.counted_at,
          version = coalesce((select w.version from wanted w
                               where w.sku_id = s.sku_id and w.node_id = s.node_id
                                 and w.owner_org_id = s.owner_org_id), s.version + 1)
      where coalesce((select w.version from wanted w
                       where w.sku_id = s.sku_id and w.node_id = s.node_id
                         and w.owner_org_id = s.owner_org_id), s.version + 1) > s.version
    returning s.*
  ), moved as (
    insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    on_hand, reference, reference_id)
    select kit.uuid7(p_now), p_now, k.sku_id, k.node_id, k.owner_org_id, k.operator_org_id,
           case when b.sku_id is null then 'OPENING'
                when k.kind = 'DECLARED' then 'DECLARE' else 'COUNT' end,
           k.on_hand - coalesce(b.on_hand, 0), p_reference, p_reference_id
      from kept k left join before b using (sku_id, node_id, owner_org_id)
     where k.on_hand <> coalesce(b.on_hand, 0)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
           'sku_id', w.sku_id, 'node_id', w.node_id, 'owner_org_id', w.owner_org_id,
           'outcome', case when k.sku_id is not null then 'SET'
                           when b.version = w.version and b.on_hand = w.on_hand then 'UNCHANGED'
                           else 'STALE' end,
           'version', coalesce(k.version, b.version),
           'shortage', coalesce(k.reserved + k.quality_hold + k.damaged > k.on_hand, false))
         order by w.n), '[]')
    into answer
    from wanted w
    left join kept k using (sku_id, node_id, owner_org_id)
    left join before b using (sku_id, node_id, owner_org_id);
  return answer;
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

-- Lots beside the stock row: units of a SKU that were made together, perhaps good until a day.
-- Orders reserve on the stock row and know nothing of lots; a lot follows each movement of units.

-- Which SKUs keep lots: LOT only tells them apart (dye lots), EXPIRY also when they end.
create table inventory.lot_rule (
  sku_id uuid primary key,
  operator_org_id uuid not null,
  -- NONE: not any more.
  kind text not null check (kind in ('NONE', 'LOT', 'EXPIRY')),
  -- Days from receipt to expiry where nobody names the day.
  shelf_life_days int
    check (shelf_life_days is null or (shelf_life_days > 0 and kind = 'EXPIRY')),
  -- So many days before it ends a lot is shown as ending soon.
  soon_days int not null check (soon_days >= 0),
  -- Counts the events.
  sequence bigint not null default 1
);
select kit.protect('inventory.lot_rule', '{org} = operator_org_id', 'select');

create table inventory.lot (
  id uuid primary key,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  operator_org_id uuid not null,
  -- Empty: units that nobody named yet.
  code text not null,
  -- The last day on which it may be sold is the day before.
  expires_date date check (expires_date is null or code <> ''),
  received_at timestamptz not null,
  units bigint not null check (units >= 0),
  -- Of these, on quality hold because the day has come.
  held bigint not null default 0 check (held between 0 and units),
  unique (sku_id, node_id, owner_org_id, code)
);
create index lot_ending on inventory.lot (expires_date, id) where units > 0;
select kit.protect('inventory.lot', '{org} in (owner_org_id, operator_org_id)', 'select');

create table inventory.lot_move (
  id uuid not null,
  at timestamptz not null,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  operator_org_id uuid not null,
  lot text not null,
  -- What the movement was; NAME is units that were named or renamed.
  kind text not null,
  units bigint not null,
  reference text not null,
  reference_id uuid,
  primary key (id, at)
) partition by range (at);
create index lot_move_by_sku on inventory.lot_move (sku_id, at desc, id desc);
create index lot_move_by_reference on inventory.lot_move (reference_id, at);
select kit.protect('inventory.lot_move', '{org} in (owner_org_id, operator_org_id)', 'select',
                   'select, insert');
select kit.partition_by_month('inventory.lot_move');

set local role beltline_core;

-- Units that come to a lot of a row of stock.
create function inventory.put_lot(
  s inventory.stock, p_code text, p_expires date, p_received timestamptz, p_units bigint,
  p_kind text, p_reference text, p_reference_id uuid, p_now timestamptz
) returns void language plpgsql as $$
begin
  insert into inventory.lot as x (id, sku_id, node_id, owner_org_id, operator_org_id, code,
                                  expires_date, received_at, units)
  values (kit.uuid7(p_now), s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, p_code,
          p_expires, p_received, p_units)
  on conflict (sku_id, node_id, owner_org_id, code) do update
    set units = x.units + excluded.units,
        received_at = case when x.units = 0 then excluded.received_at else x.received_at end,
        expires_date = case when x.units = 0 then excluded.expires_date else x.expires_date end;
  insert into inventory.lot_move (id, at, sku_id, node_id, owner_org_id, operator_org_id, lot, kind,
                                  units, reference, reference_id)
  values (kit.uuid7(p_now), p_now, s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, p_code,
          p_kind, p_units, p_reference, p_reference_id);
end $$;

-- Units that leave a row of stock leave its lots: what ends first goes first, what has ended goes
-- last, and what is held for it after all else; of goods without an end the smallest lot that has
-- all of them, where one has, else few large ones. What was expired and is written off goes first. Held units that leave end
-- their hold. Says in how many lots they were.
create function inventory.take_lots(m inventory.movement, p_kind text) returns int
language plpgsql as $$
declare
  v_today constant date := kit.day_of(m.at);
  v_is_expired constant boolean := m.kind = 'ADJUST' and exists (
    select from inventory.adjustment a where a.id = m.reference_id and a.reason = 'EXPIRED');
  v_left bigint := -m.on_hand; v_freed bigint := 0; v_lots int := 0; v_take bigint;
  v_held bigint; l inventory.lot; v_pass int;
begin
  for v_pass in 1..2 loop
    for l in
      select x.* from inventory.lot x
       where (x.sku_id, x.node_id, x.owner_org_id) = (m.sku_id, m.node_id, m.owner_org_id)
         and x.units > 0
       order by ((x.expires_date <= v_today) is true) <> v_is_expired,
                case when p_kind = 'LOT' and m.kind = 'SHIP' and x.units >= v_left then x.units end,
                case when p_kind = 'LOT' and m.kind = 'SHIP' then -x.units end,
                x.expires_date nulls last, x.received_at, x.id
    loop
      exit when v_left = 0;
      v_take := least(v_left, case when v_pass = 2 or v_is_expired then l.units
                                   else l.units - l.held end);
      continue when v_take = 0;
      v_held := case when v_is_expired then least(l.held, v_take)
                     else greatest(v_take - (l.units - l.held), 0) end;
      update inventory.lot x set units = x.units - v_take, held = x.held - v_held where x.id = l.id;
      insert into inventory.lot_move (id, at, sku_id, node_id, owner_org_id, operator_org_id, lot,
                                      kind, units, reference, reference_id)
      values (kit.uuid7(m.at), m.at, m.sku_id, m.node_id, m.owner_org_id, m.operator_org_id, l.code,
              m.kind, -v_take, m.reference, m.reference_id);
      v_left := v_left - v_take;
      v_freed := v_freed + v_held;
      v_lots := v_lots + 1;
    end loop;
    exit when v_left = 0;
  end loop;
  if v_left > 0 then
    raise exception 'the lots of a row hold % units fewer than left it', v_left
      using errcode = 'check_violation';
  end if;
  if v_freed > 0 then
    perform inventory.end_hold(m.sku_id, m.node_id, m.owner_org_id, v_freed, m.reference,
                               m.reference_id, m.at);
  end if;
  return v_lots;
end $$;

-- Units on hold because they had expired are on hold no more.
create function inventory.end_hold(
  p_sku uuid, p_node uuid, p_owner uuid, p_units bigint, p_reference text, p_reference_id uuid,
  p_now timestamptz
) returns void language plpgsql as $$
begin
  update inventory.stock s set quality_hold = s.quality_hold - p_units
   where (s.sku_id, s.node_id, s.owner_org_id) = (p_sku, p_node, p_owner);
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  quality_hold, reference, reference_id)
  select kit.uuid7(p_now), p_now, s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, 'UNHOLD',
         -p_units, p_reference, p_reference_id
    from inventory.stock s
   where (s.sku_id, s.node_id, s.owner_org_id) = (p_sku, p_node, p_owner);
end $$;

-- Lots follow every movement of units of a SKU that keeps them, whoever wrote it. Reservations move
-- none and never get here. The caller holds the lock of the stock row.
create function inventory.follow_movement() returns trigger language plpgsql as $$
declare r inventory.lot_rule; s inventory.stock; v_left bigint := new.on_hand; l record;
begin
  select x.* into r from inventory.lot_rule x where x.sku_id = new.sku_id and x.kind <> 'NONE';
  if not found then
    return null;
  end if;
  select x.* into s from inventory.stock x
   where (x.sku_id, x.node_id, x.owner_org_id) = (new.sku_id, new.node_id, new.owner_org_id);
  if new.on_hand < 0 then
    if inventory.take_lots(new, r.kind) > 1 and r.kind = 'LOT' and new.kind = 'SHIP' then
      update inventory.stock x set sequence = x.sequence + 1
       where (x.sku_id, x.node_id, x.owner_org_id) = (new.sku_id, new.node_id, new.owner_org_id)
      returning * into s;
      perform kit.record_event('stock.lots_mixed', 1, 'stock',
        inventory.aggregate_id(s.sku_id, s.node_id, s.owner_org_id), s.sequence, new.at,
        s.operator_org_id, null, nullif(s.owner_org_id, s.operator_org_id), jsonb_build_object(
          'sku_id', s.sku_id, 'node_id', s.node_id, 'owner_org_id', s.owner_org_id,
          'units', -new.on_hand, 'reference', new.reference, 'reference_id', new.reference_id));
    end if;
  elsif new.on_hand > 0 then
    -- Units that only change their owner, or come out of a transfer, stay in their lots.
    for l in
      select g.lot, -g.units as units, x.expires_date, x.received_at
        from inventory.lot_move g
        join inventory.lot x on (x.sku_id, x.node_id, x.owner_org_id, x.code)
                                = (g.sku_id, g.node_id, g.owner_org_id, g.lot)
       where new.kind = 'RECEIVE' and g.reference_id = new.reference_id and g.sku_id = new.sku_id
         and g.reference = new.reference and g.kind = 'SHIP'
         and (g.at = new.at and g.node_id = new.node_id and g.owner_org_id <> new.owner_org_id
              or g.owner_org_id = new.owner_org_id
              and exists (select from inventory.transfer t where t.id = new.reference_id))
       order by x.expires_date nulls last, x.received_at, g.id
    loop
      exit when v_left = 0;
      perform inventory.put_lot(s, l.lot, l.expires_date, l.received_at, least(l.units, v_left),
                                new.kind, new.reference, new.reference_id, new.at);
      v_left := v_left - least(l.units, v_left);
    end loop;
    if v_left > 0 then
      perform inventory.put_lot(s, '', null, new.at, v_left, new.kind, new.reference,
                                new.reference_id, new.at);
    end if;
  end if;
  -- Nobody makes expired units good by lifting their hold.
  if new.quality_hold < 0 and s.quality_hold < (
    select sum(x.held) from inventory.lot x
     where (x.sku_id, x.node_id, x.owner_org_id) = (new.sku_id, new.node_id, new.owner_org_id))
  then
    perform kit.refuse('inventory.hold_expired', jsonb_build_object(
      'sku', (select k.code from catalog.sku k where k.id = new.sku_id)));
  end if;
  return null;
end $$;
grant execute on function inventory.follow_movement() to bl_owner;
set local role bl_owner;
create trigger lots_follow after insert on inventory.movement
  for each row when (new.on_hand <> 0 or new.quality_hold < 0)
  execute function inventory.follow_movement();
set local role beltline_core;

-- As before, but what a declaration lacks is written before what left it, so that lots can follow.
create or replace function inventory.move_reserved(
  p_kind text, lines jsonb, p_operator uuid, p_now timestamptz
) returns void language plpgsql as $$
declare v_short text;
begin
  perform inventory.ensure_rows(lines, p_operator, p_now);
  select l.reference into v_short
    from (select l.sku_id, l.node_id, l.owner_org_id, min(l.reference) as reference,
                 sum(l.quantity)::bigint as quantity
            from jsonb_to_recordset(lines) as l(sku_id uuid, node_id uuid, owner_org_id uuid,
                                                quantity bigint, reference text)
           group by l.sku_id, l.node_id, l.owner_org_id) l
    join inventory.stock s using (sku_id, node_id, owner_org_id)
   where s.kind = 'COUNTED' and s.on_hand + l.quantity < 0 limit 1;
  if found then
    perform kit.refuse('inventory.not_available', jsonb_build_object('reference', v_short));
  end if;
  with given as (
    select l.*
      from jsonb_to_recordset(lines) as l(sku_id uuid, node_id uuid, owner_org_id uuid,
                                          quantity bigint, reference text, reference_id uuid)
  ), wanted as (
    select g.sku_id, g.node_id, g.owner_org_id, sum(g.quantity)::bigint as quantity
      from given g group by g.sku_id, g.node_id, g.owner_org_id
  ), short as (
    select w.*, greatest(-(s.on_hand + w.quantity), 0) as missing
      from wanted w join inventory.stock s using (sku_id, node_id, owner_org_id)
  ), kept as (
    update inventory.stock s
       set on_hand = s.on_hand + w.quantity + w.missing, reserved = s.reserved + w.quantity
      from short w
     where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id
    returning s.sku_id, s.node_id, s.owner_org_id, w.missing
  )
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, reserved, reference, reference_id)
  select kit.uuid7(p_now), p_now, k.sku_id, k.node_id, k.owner_org_id, p_operator, 'ADJUST',
         k.missing, 0, 'declared below reserved', null
    from kept k where k.missing > 0
  union all
  select kit.uuid7(p_now), p_now, g.sku_id, g.node_id, g.owner_org_id, p_operator, p_kind,
         g.quantity, g.quantity, g.reference, g.reference_id
    from given g;
end $$;

-- A SKU keeps lots from now on (`p_kind` LOT or EXPIRY), or no more (NONE). What stands of it becomes
-- units that nobody named yet.
create function inventory.keep_lots(
  actor accounts.actor, p_sku text, p_kind text, p_life int, p_soon int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_sku uuid; v_before text; r inventory.lot_rule;
begin
  perform accounts.enter(actor);
  select k.id into v_sku from catalog.sku k where k.code = p_sku;
  if not found or (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'SKU', 'key', p_sku));
  end if;
  -- Seldom, and then nothing may move between the lots that are begun and the rule that keeps them.
  lock table inventory.stock in share row exclusive mode;
  select x.kind into v_before from inventory.lot_rule x where x.sku_id = v_sku;
  insert into inventory.lot_rule as x (sku_id, operator_org_id, kind, shelf_life_days, soon_days)
  values (v_sku, (actor).org_id, p_kind, p_life, p_soon)
  on conflict (sku_id) do update
    set kind = p_kind, shelf_life_days = p_life, soon_days = p_soon, sequence = x.sequence + 1
  returning * into r;
  if p_kind = 'NONE' then
    delete from inventory.lot x where x.sku_id = v_sku;
  elsif coalesce(v_before, 'NONE') = 'NONE' then
    perform inventory.put_lot(s, '', null, s.counted_at, s.on_hand, 'OPENING', 'lots', null, p_now)
       from inventory.stock s where s.sku_id = v_sku and s.on_hand > 0;
  elsif p_kind = 'LOT' then
    -- Their hold is like any other now: a person may lift it.
    update inventory.lot x set held = 0 where x.sku_id = v_sku and x.held > 0;
  end if;
  perform kit.record_event('lot_rule.set', 1, 'lot_rule', v_sku, r.sequence, p_now, (actor).org_id,
    null, null, jsonb_build_object('sku_id', v_sku, 'kind', p_kind, 'shelf_life_days', p_life,
      'soon_days', p_soon));
  perform accounts.record_audit(actor, p_now, 'set', 'lot_rule', v_sku, jsonb_build_object(
    'sku', p_sku, 'kind', p_kind, 'shelf_life_days', p_life, 'soon_days', p_soon));
end $$;

-- Say which lot units are of, that nobody named (`p_from` empty) or that were named wrongly, and when
-- it ends. Units that turn out not to have expired are sold again.
create function inventory.name_lot(
  actor accounts.actor, p_sku text, p_node text, p_owner text, p_from text, p_code text,
  p_expires date, p_units bigint, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare r inventory.lot_rule; s inventory.stock; f inventory.lot; t inventory.lot; v_held bigint;
        v_expires date := p_expires;
begin
  perform accounts.enter(actor);
  select x.* into s
    from inventory.stock x
    join catalog.sku k on k.id = x.sku_id
    join trade.node n on n.id = x.node_id
    join accounts.organization o on o.id = x.owner_org_id
   where k.code = p_sku and n.code = p_node and x.operator_org_id = (actor).org_id
     and case when p_owner is null then o.id = (actor).org_id else o.code = p_owner end
     for no key update of x;
  select x.* into r from inventory.lot_rule x where x.sku_id = s.sku_id and x.kind <> 'NONE';
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'stock with lots',
                                                           'key', p_sku || ' @ ' || p_node));
  end if;
  select x.* into f from inventory.lot x
   where (x.sku_id, x.node_id, x.owner_org_id, x.code)
         = (s.sku_id, s.node_id, s.owner_org_id, p_from);
  if coalesce(f.units, 0) < p_units then
    perform kit.refuse('inventory.not_in_lot', jsonb_build_object(
      'sku', p_sku, 'lot', p_from, 'units', coalesce(f.units, 0)));
  end if;
  select x.* into t from inventory.lot x
   where (x.sku_id, x.node_id, x.owner_org_id, x.code)
         = (s.sku_id, s.node_id, s.owner_org_id, p_code) and x.units > 0;
  if r.kind = 'EXPIRY' then
    v_expires := coalesce(p_expires, case when t.id <> f.id then t.expires_date end,
                          kit.day_of(f.received_at) + r.shelf_life_days);
    if v_expires is null then
      perform kit.refuse('inventory.expiry_missing', jsonb_build_object('sku', p_sku));
    end if;
  else
    v_expires := null;
  end if;
  if t.id <> f.id and t.expires_date is distinct from v_expires then
    perform kit.refuse('inventory.lot_ends_otherwise', jsonb_build_object(
      'lot', p_code, 'expires_date', t.expires_date));
  end if;
  if t.id = f.id and p_units < f.units then
    perform kit.refuse('inventory.not_in_lot', jsonb_build_object(
      'sku', p_sku, 'lot', p_from, 'units', f.units));
  end if;
  v_held := greatest(p_units - (f.units - f.held), 0);
  update inventory.lot x set units = x.units - p_units, held = x.held - v_held where x.id = f.id;
  insert into inventory.lot_move (id, at, sku_id, node_id, owner_org_id, operator_org_id, lot, kind,
                                  units, reference)
  values (kit.uuid7(p_now), p_now, s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, p_from,
          'NAME', -p_units, (actor).name);
  perform inventory.put_lot(s, p_code, v_expires, f.received_at, p_units, 'NAME', (actor).name,
                            null, p_now);
  if v_held > 0 then
    perform inventory.end_hold(s.sku_id, s.node_id, s.owner_org_id, v_held, 'lot ' || p_code, null,
                               p_now);
  end if;
  update inventory.stock x set sequence = x.sequence + 1
   where (x.sku_id, x.node_id, x.owner_org_id) = (s.sku_id, s.node_id, s.owner_org_id);
  perform kit.record_event('stock.lot_named', 1, 'stock',
    inventory.aggregate_id(s.sku_id, s.node_id, s.owner_org_id), s.sequence + 1, p_now,
    s.operator_org_id, null, nullif(s.owner_org_id, s.operator_org_id), jsonb_build_object(
      'sku_id', s.sku_id, 'node_id', s.node_id, 'owner_org_id', s.owner_org_id, 'from', p_from,
      'lot', p_code, 'expires_date', v_expires, 'units', p_units));
  perform accounts.record_audit(actor, p_now, 'name', 'lot', null, jsonb_build_object(
    'sku', p_sku, 'node', p_node, 'from', p_from, 'lot', p_code, 'expires_date', v_expires,
    'units', p_units));
  perform inventory.hold_expired(array[s.sku_id], 100, p_now);
end $$;

-- Take what has expired off sale: on quality hold, also what is promised of it, because expired
-- goods serve no order. Of some SKUs or of all, some rows at a time; how many rows.
create function inventory.hold_expired(p_skus uuid[], p_most int, p_now timestamptz) returns int
language plpgsql as $$
declare s inventory.stock; v_rows int := 0; v_units bigint; v_lots jsonb; k record;
begin
  for k in
    select x.sku_id, x.node_id, x.owner_org_id
      from inventory.lot x
      join inventory.lot_rule r on r.sku_id = x.sku_id and r.kind = 'EXPIRY'
     where x.expires_date <= kit.day_of(p_now) and x.units > x.held
       and (p_skus is null or x.sku_id = any(p_skus))
     group by x.sku_id, x.node_id, x.owner_org_id
     order by x.sku_id, x.node_id, x.owner_org_id limit p_most
  loop
    select x.* into s from inventory.stock x
     where (x.sku_id, x.node_id, x.owner_org_id) = (k.sku_id, k.node_id, k.owner_org_id)
       for no key update;
    -- Somebody may have held them while this waited for the row.
    select sum(x.units - x.held), jsonb_agg(jsonb_build_object('lot', x.code, 'expires_date',
             x.expires_date, 'units', x.units - x.held) order by x.expires_date, x.id)
      into v_units, v_lots
      from inventory.lot x
     where (x.sku_id, x.node_id, x.owner_org_id) = (k.sku_id, k.node_id, k.owner_org_id)
       and x.expires_date <= kit.day_of(p_now) and x.units > x.held;
    continue when v_units is null;
    update inventory.lot x set held = x.units
     where (x.sku_id, x.node_id, x.owner_org_id) = (k.sku_id, k.node_id, k.owner_org_id)
       and x.expires_date <= kit.day_of(p_now) and x.units > x.held;
    update inventory.stock x
       set quality_hold = x.quality_hold + v_units, sequence = x.sequence + 1
     where (x.sku_id, x.node_id, x.owner_org_id) = (k.sku_id, k.node_id, k.owner_org_id);
    insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    quality_hold, reference)
    values (kit.uuid7(p_now), p_now, s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, 'HOLD',
            v_units, 'expired');
    perform kit.record_event('stock.expired', 1, 'stock',
      inventory.aggregate_id(s.sku_id, s.node_id, s.owner_org_id), s.sequence + 1, p_now,
      s.operator_org_id, null, nullif(s.owner_org_id, s.operator_org_id), jsonb_build_object(
        'sku_id', s.sku_id, 'node_id', s.node_id, 'owner_org_id', s.owner_org_id,
        'units', v_units, 'lots', v_lots, 'reserved', s.reserved, 'short', greatest(
          s.reserved + s.quality_hold + v_units + s.damaged - s.on_hand, 0)));
    perform inventory.tell_low(array[s.sku_id], p_now);
    v_rows := v_rows + 1;
  end loop;
  return v_rows;
end $$;

-- Refuse that expired units leave to a buyer. `lines` is [{sku_id, node_id, owner_org_id, quantity}],
-- quantity below 0 as they leave.
create function inventory.check_fresh(lines jsonb, p_now timestamptz) returns void
language plpgsql as $$
declare w record;
begin
  select k.code as sku, n.code as node, l.fresh into w
    from (select g.sku_id, g.node_id, g.owner_org_id, -sum(g.quantity) as wanted
            from jsonb_to_recordset(lines)
              as g(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint)
            join inventory.lot_rule r on r.sku_id = g.sku_id and r.kind = 'EXPIRY'
           group by g.sku_id, g.node_id, g.owner_org_id) g
    join catalog.sku k on k.id = g.sku_id
    join trade.node n on n.id = g.node_id
    cross join lateral (
      select coalesce(sum(x.units), 0) as fresh from inventory.lot x
       where (x.sku_id, x.node_id, x.owner_org_id) = (g.sku_id, g.node_id, g.owner_org_id)
         and (x.expires_date is null or x.expires_date > kit.day_of(p_now))) l
    join inventory.stock s using (sku_id, node_id, owner_org_id)
   where s.kind = 'COUNTED' and l.fresh < g.wanted
   order by k.code limit 1;
  if found then
    perform kit.refuse('inventory.goods_expired', jsonb_build_object(
      'sku', w.sku, 'node', w.node, 'fresh', w.fresh));
  end if;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace
              and p.proname in ('put_lot', 'take_lots', 'end_hold', 'follow_movement', 'keep_lots',
                                'name_lot', 'hold_expired', 'check_fresh') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
    if f::text ~ 'keep_lots|name_lot' then
      execute format('grant execute on function %s to bl_app', f);
    end if;
  end loop;
end $$;

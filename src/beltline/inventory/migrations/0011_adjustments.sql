-- Changes of stock that a person makes, with a reason; a second person decides the large ones.

create table inventory.adjustment (
  id uuid primary key,
  n bigint generated always as identity,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  operator_org_id uuid not null,
  kind text not null check (kind in ('ADJUST', 'HOLD', 'UNHOLD', 'DAMAGE', 'MEND', 'SCRAP')),
  -- Base units; below 0 only where an ADJUST takes away.
  quantity bigint not null check (quantity <> 0 and (quantity > 0 or kind = 'ADJUST')),
  reason text not null check (reason in (
    'COUNT', 'FOUND', 'LOST', 'BROKEN', 'QUALITY', 'RELEASED', 'EXPIRED', 'SAMPLE', 'CORRECTION')),
  note text not null default '',
  status text not null check (status in ('WAITING', 'APPLIED', 'REJECTED')),
  asked_by text not null,
  asked_via_id uuid,
  asked_at timestamptz not null,
  decided_by text,
  decided_at timestamptz
);
create index adjustment_by_age on inventory.adjustment (operator_org_id, asked_at desc, id desc);
create index adjustment_waiting on inventory.adjustment (asked_at) where status = 'WAITING';
select kit.protect('inventory.adjustment', '{org} = operator_org_id', 'select');

set local role beltline_core;

-- Carry out an adjustment: one movement. What is set aside must be free, what is taken away must
-- be there; a loss may leave less than is promised, which is then a shortage.
create function inventory.apply_adjustment(p_id uuid, p_by text, p_now timestamptz)
returns void language plpgsql as $$
declare a inventory.adjustment; s inventory.stock; d_hand bigint; d_hold bigint; d_damaged bigint;
begin
  select * into a from inventory.adjustment x where x.id = p_id;
  select * into s from inventory.stock x
   where x.sku_id = a.sku_id and x.node_id = a.node_id and x.owner_org_id = a.owner_org_id
     for no key update;
  d_hand := case a.kind when 'ADJUST' then a.quantity when 'SCRAP' then -a.quantity else 0 end;
  d_hold := case a.kind when 'HOLD' then a.quantity when 'UNHOLD' then -a.quantity else 0 end;
  d_damaged := case a.kind when 'DAMAGE' then a.quantity when 'MEND' then -a.quantity
                           when 'SCRAP' then -a.quantity else 0 end;
  if s.on_hand + d_hand < 0 or s.quality_hold + d_hold < 0 or s.damaged + d_damaged < 0
     or (d_hold + d_damaged > 0
         and s.on_hand - s.reserved - s.quality_hold - s.damaged < d_hold + d_damaged) then
    perform kit.refuse('inventory.not_enough', jsonb_build_object(
      'on_hand', s.on_hand, 'reserved', s.reserved, 'quality_hold', s.quality_hold,
      'damaged', s.damaged));
  end if;
  update inventory.stock x
     set on_hand = x.on_hand + d_hand, quality_hold = x.quality_hold + d_hold,
         damaged = x.damaged + d_damaged, sequence = x.sequence + 1
   where x.sku_id = s.sku_id and x.node_id = s.node_id and x.owner_org_id = s.owner_org_id;
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, quality_hold, damaged, reference, reference_id)
  values (kit.uuid7(p_now), p_now, a.sku_id, a.node_id, a.owner_org_id, a.operator_org_id, a.kind,
          d_hand, d_hold, d_damaged, 'ADJ-' || a.n, a.id);
  perform kit.record_event('stock.adjusted', 1, 'stock',
    inventory.aggregate_id(a.sku_id, a.node_id, a.owner_org_id), s.sequence + 1, p_now,
    a.operator_org_id, null, nullif(a.owner_org_id, a.operator_org_id),
    jsonb_build_object('sku_id', a.sku_id, 'node_id', a.node_id, 'owner_org_id', a.owner_org_id,
      'kind', a.kind, 'quantity', a.quantity, 'reason', a.reason, 'adjustment_id', a.id));
  update inventory.adjustment x set status = 'APPLIED', decided_by = p_by, decided_at = p_now
   where x.id = p_id;
  perform inventory.tell_low(array[a.sku_id], p_now);
end $$;

-- Ask for a change; up to the limit of inventory.policy it is done at once. Returns its id.
create function inventory.adjust(
  actor accounts.actor, p_id uuid, p_sku text, p_node text, p_owner text, p_kind text,
  p_quantity bigint, p_reason text, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare s record; v_limit bigint;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  select x.*, k.uom into s
    from inventory.stock x
    join catalog.sku k on k.id = x.sku_id
    join trade.node n on n.id = x.node_id
    join accounts.organization o on o.id = x.owner_org_id
   where k.code = p_sku and n.code = p_node and x.kind = 'COUNTED'
     and case when p_owner is null then o.id = (actor).org_id else o.code = p_owner end;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'counted stock',
                                                           'key', p_sku || ' @ ' || p_node));
  end if;
  insert into inventory.adjustment (id, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    quantity, reason, note, status, asked_by, asked_via_id,
                                    asked_at)
  values (p_id, s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, p_kind, p_quantity,
          p_reason, p_note, 'WAITING', (actor).name, (actor).via_id, p_now);
  select p.adjust_limit * kit.per_uom(s.uom) into v_limit from inventory.policy p;
  if abs(p_quantity) <= v_limit then
    perform inventory.apply_adjustment(p_id, (actor).name, p_now);
  end if;
  perform accounts.record_audit(actor, p_now, 'adjust', 'stock', p_id, jsonb_build_object(
    'sku', p_sku, 'node', p_node, 'kind', p_kind, 'quantity', p_quantity, 'reason', p_reason));
end $$;

-- A second person carries out or rejects what waits.
create function inventory.decide_adjustment(
  actor accounts.actor, p_id uuid, p_is_approved boolean, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare a inventory.adjustment;
begin
  perform accounts.enter(actor);
  select * into a from inventory.adjustment x
   where x.id = p_id and x.operator_org_id = (actor).org_id and x.status = 'WAITING' for update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'waiting adjustment',
                                                           'key', p_id));
  end if;
  if a.asked_via_id is not distinct from (actor).via_id then
    perform kit.refuse('inventory.needs_another', jsonb_build_object('asked_by', a.asked_by));
  end if;
  if p_is_approved then
    perform inventory.apply_adjustment(p_id, (actor).name, p_now);
  else
    update inventory.adjustment x
       set status = 'REJECTED', decided_by = (actor).name, decided_at = p_now where x.id = p_id;
  end if;
  perform accounts.record_audit(actor, p_now,
    case when p_is_approved then 'approve' else 'reject' end, 'adjustment', p_id, '{}');
end $$;

-- From which available units on somebody wants to be told; null is never. How many rows there are.
create function inventory.watch(
  actor accounts.actor, p_sku text, p_node text, p_low_at bigint, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare v_rows int;
begin
  perform accounts.enter(actor);
  update inventory.stock s set low_at = p_low_at, is_low = false
    from catalog.sku k, trade.node n
   where k.id = s.sku_id and n.id = s.node_id and k.code = p_sku and n.code = p_node
     and (actor).org_id in (s.owner_org_id, s.operator_org_id);
  get diagnostics v_rows = row_count;
  if v_rows = 0 then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'stock',
                                                           'key', p_sku || ' @ ' || p_node));
  end if;
  perform inventory.tell_low((select array_agg(k.id) from catalog.sku k where k.code = p_sku),
                             p_now);
  perform accounts.record_audit(actor, p_now, 'watch', 'stock', null, jsonb_build_object(
    'sku', p_sku, 'node', p_node, 'low_at', p_low_at));
  return v_rows;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace
              and p.proname in ('apply_adjustment', 'adjust', 'decide_adjustment', 'watch') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
    if f::text !~ 'apply' then
      execute format('grant execute on function %s to bl_app', f);
    end if;
  end loop;
end $$;

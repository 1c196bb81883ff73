-- Reserved units that leave a node, come to it, change their owner or break: what the journey of
-- an order does to stock. Each works on many orders at once and locks stock in key order.

set local role beltline_core;

-- Units of orders that go (SHIP, quantity below 0) or come (RECEIVE, above 0), reserved before
-- and after. `lines` is [{sku_id, node_id, owner_org_id, quantity, reference, reference_id}].
-- A declaration may have fallen below what was reserved of it: then it ends at none.
create function inventory.move_reserved(
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
  select kit.uuid7(p_now), p_now, g.sku_id, g.node_id, g.owner_org_id, p_operator, p_kind,
         g.quantity, g.quantity, g.reference, g.reference_id
    from given g
  union all
  select kit.uuid7(p_now), p_now, k.sku_id, k.node_id, k.owner_org_id, p_operator, 'ADJUST',
         k.missing, 0, 'declared below reserved', null
    from kept k where k.missing > 0;
end $$;

-- Reserved units that turned out broken or wrong: no longer reserved, never to be sold as good.
-- `lines` as above, quantity above 0.
create function inventory.damage_reserved(lines jsonb, p_operator uuid, p_now timestamptz)
returns void language plpgsql as $$
begin
  perform inventory.ensure_rows(lines, p_operator, p_now);
  update inventory.stock s set reserved = s.reserved - w.quantity, damaged = s.damaged + w.quantity
    from (select l.sku_id, l.node_id, l.owner_org_id, sum(l.quantity)::bigint as quantity
            from jsonb_to_recordset(lines)
              as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint)
           group by l.sku_id, l.node_id, l.owner_org_id) w
   where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id;
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  reserved, damaged, reference, reference_id)
  select kit.uuid7(p_now), p_now, l.sku_id, l.node_id, l.owner_org_id, p_operator, 'DAMAGE',
         -l.quantity, l.quantity, l.reference, l.reference_id
    from jsonb_to_recordset(lines) as l(sku_id uuid, node_id uuid, owner_org_id uuid,
                                        quantity bigint, reference text, reference_id uuid);
end $$;

-- Goods that came back: on hand as good units, or on hand and damaged.
-- `lines` is [{sku_id, node_id, owner_org_id, quantity, damaged, reference, reference_id}].
create function inventory.take_back(lines jsonb, p_operator uuid, p_now timestamptz)
returns void language plpgsql as $$
begin
  perform inventory.ensure_rows(lines, p_operator, p_now);
  update inventory.stock s set on_hand = s.on_hand + w.quantity, damaged = s.damaged + w.damaged
    from (select l.sku_id, l.node_id, l.owner_org_id, sum(l.quantity)::bigint as quantity,
                 sum(l.damaged)::bigint as damaged
            from jsonb_to_recordset(lines)
              as l(sku_id uuid, node_id uuid, owner_org_id uuid, quantity bigint, damaged bigint)
           group by l.sku_id, l.node_id, l.owner_org_id) w
   where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id;
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, damaged, reference, reference_id)
  select kit.uuid7(p_now), p_now, l.sku_id, l.node_id, l.owner_org_id, p_operator, 'RECEIVE',
         l.quantity, l.damaged, l.reference, l.reference_id
    from jsonb_to_recordset(lines) as l(sku_id uuid, node_id uuid, owner_org_id uuid,
                                        quantity bigint, damaged bigint, reference text,
                                        reference_id uuid);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace
              and p.proname in ('move_reserved', 'damage_reserved', 'take_back') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

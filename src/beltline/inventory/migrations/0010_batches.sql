-- Reservations of many orders at once, and stock that can be sold from factories.

set local role beltline_core;

-- What buyers can order of some SKUs, locked in key order until the transaction ends: counted
-- stock, and with `p_declared` also what suppliers say they have, less its buffer.
create function inventory.lock_sellable(sku_ids uuid[], p_declared boolean)
returns table (sku_id uuid, node_id uuid, owner_org_id uuid, operator_org_id uuid, kind text,
               available bigint)
language plpgsql as $$
begin
  return query
  select s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, s.kind::text,
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer, 0)
    from inventory.stock s
   where s.sku_id = any(sku_ids) and (s.kind = 'COUNTED' or p_declared)
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update;
end $$;

-- The same without locks, for looking.
create function inventory.list_sellable(sku_ids uuid[], p_declared boolean)
returns table (sku_id uuid, node_id uuid, owner_org_id uuid, operator_org_id uuid, kind text,
               available bigint)
language plpgsql stable as $$
begin
  return query
  select s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, s.kind::text,
         greatest(s.on_hand - s.reserved - s.quality_hold - s.damaged - s.buffer, 0)
    from inventory.stock s
   where s.sku_id = any(sku_ids) and (s.kind = 'COUNTED' or p_declared);
end $$;

-- Reserve for many references or refuse all: one conditional update of each stock row, whatever
-- the caller believed to be available. The arrays are parallel; several may name the same stock,
-- which the caller has locked.
create function inventory.reserve_many(
  p_run text, sku_ids uuid[], node_ids uuid[], owner_org_ids uuid[], quantities bigint[],
  p_references text[], reference_ids uuid[], p_operator uuid, p_now timestamptz
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
    returning 1
  ), moved as (
    insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    reserved, reference, reference_id)
    select kit.id_at(p_run, m.n), p_now, m.sku_id, m.node_id, m.owner_org_id, p_operator,
           'RESERVE', m.quantity, m.reference, m.reference_id
      from unnest(sku_ids, node_ids, owner_org_ids, quantities, p_references, reference_ids)
        with ordinality as m(sku_id, node_id, owner_org_id, quantity, reference, reference_id, n)
  )
  select (select count(*) from taken) = (select count(*) from wanted) into is_complete;
  if not is_complete then
    perform kit.refuse('inventory.not_available', jsonb_build_object('reference', p_references[1]));
  end if;
end $$;

-- Give back what many references reserved. The arrays are parallel, as above; rows are locked in
-- key order.
create function inventory.release_many(
  p_run text, sku_ids uuid[], node_ids uuid[], owner_org_ids uuid[], quantities bigint[],
  p_references text[], reference_ids uuid[], p_operator uuid, p_now timestamptz
) returns void language plpgsql as $$
begin
  perform from inventory.stock s
   where (s.sku_id, s.node_id, s.owner_org_id) in (
     select w.sku_id, w.node_id, w.owner_org_id
       from unnest(sku_ids, node_ids, owner_org_ids) as w(sku_id, node_id, owner_org_id))
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update;
  update inventory.stock s set reserved = s.reserved - w.quantity
    from (select u.sku_id, u.node_id, u.owner_org_id, sum(u.quantity)::bigint as quantity
            from unnest(sku_ids, node_ids, owner_org_ids, quantities)
              as u(sku_id, node_id, owner_org_id, quantity)
           group by u.sku_id, u.node_id, u.owner_org_id) w
   where s.sku_id = w.sku_id and s.node_id = w.node_id and s.owner_org_id = w.owner_org_id;
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  reserved, reference, reference_id)
  select kit.id_at(p_run, m.n), p_now, m.sku_id, m.node_id, m.owner_org_id, p_operator,
         'RELEASE', -m.quantity, m.reference, m.reference_id
    from unnest(sku_ids, node_ids, owner_org_ids, quantities, p_references, reference_ids)
      with ordinality as m(sku_id, node_id, owner_org_id, quantity, reference, reference_id, n);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace
              and p.proname in ('lock_sellable', 'list_sellable', 'reserve_many',
                                'release_many') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

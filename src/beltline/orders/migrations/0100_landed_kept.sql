-- What an order's goods were to cost until they have arrived, as shown when it was placed, and what
-- was declared of them since.

create table orders.landed_cost (
  id uuid primary key,
  order_id uuid not null unique references orders."order",
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  -- The state of the order that `shown` is of.
  order_version bigint not null,
  version bigint not null default 1,
  currency orders.currency not null,
  -- Costs as a preview has them: a list of {kind, amount, source, base, lacks, is_with_sale}.
  shown jsonb not null check (jsonb_typeof(shown) = 'array'),
  shown_at timestamptz not null,
  declared jsonb not null default '[]' check (jsonb_typeof(declared) = 'array'),
  -- Whether all that is ordered is declared.
  is_whole boolean not null default false,
  declared_at timestamptz,
  check ((declared_at is null) = (declared = '[]'))
);
select kit.protect('orders.landed_cost', '{org} in (operator_org_id, buyer_org_id)', 'select');

set local role beltline_core;

-- What the landed cost of an order as it stands is worked out from, by the rules and rate cards of
-- the day it was placed on; null where nothing of it is to come.
create function orders.landed_of(actor accounts.actor, p_order uuid) returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
declare o orders."order"; q orders.quotes; v_lines int[];
begin
  perform accounts.enter(actor);
  select x.* into strict o from orders."order" x where x.id = p_order;
  -- The lines of which something is to come, counted anew.
  select array_agg(l.line_no order by l.line_no), array_agg(l.sku_id order by l.line_no),
         array_agg(l.amount order by l.line_no)
    into v_lines, q.sku_ids, q.amounts
    from orders.order_line l
   where l.order_id = o.id and exists (
     select from orders.order_part p
      where (p.order_id, p.line_no) = (l.order_id, l.line_no) and p.status <> 'CANCELLED');
  if v_lines is null then
    return null;
  end if;
  q.line_nos := array(select generate_subscripts(v_lines, 1));
  select array_agg(array_position(v_lines, p.line_no) order by p.line_no, p.part_no),
         array_agg(p.node_id order by p.line_no, p.part_no),
         array_agg(p.quantity order by p.line_no, p.part_no),
         array_agg(p.sales_model order by p.line_no, p.part_no)
    into q.part_lines, q.part_node_ids, q.part_quantities, q.part_models
    from orders.order_part p where p.order_id = o.id and p.status <> 'CANCELLED';
  return jsonb_build_object(
    'version', o.version, 'currency', o.currency,
    'total', (select sum(a) from unnest(q.amounts) a),
    'landed', orders.landed_facts(q, o.ship_to_country, o.currency, o.created_at));
end $$;

-- Keep what was worked out of a state of an order, unless a later one's is kept.
create function orders.keep_landed(
  actor accounts.actor, p_order uuid, p_version bigint, p_costs jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  insert into orders.landed_cost as c (id, order_id, operator_org_id, buyer_org_id, order_version,
    currency, shown, shown_at)
  select kit.uuid7(p_now), o.id, o.operator_org_id, o.buyer_org_id, p_version, o.currency, p_costs, p_now
    from orders."order" o where o.id = p_order
  on conflict (order_id) do update
     set order_version = excluded.order_version, shown = excluded.shown,
         shown_at = excluded.shown_at
   where c.order_version < excluded.order_version;
end $$;

-- Amounts of costs by their kinds, null where one is not known.
create function orders.amounts_of(p_costs jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_object_agg(c->>'kind', c->'amount'), '{}')
    from jsonb_array_elements(p_costs) c
$$;

-- Write what was declared of orders, {order, units, costs} each, and tell the parties of those that it
-- is news of.
create function orders.declare_landed(actor accounts.actor, p_declared jsonb, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare c record;
begin
  perform accounts.enter(actor);
  for c in
    with declared as (
      select o.id, o.number, d.costs, d.units >= (
               select coalesce(sum(l.quantity), 0) from orders.order_line l
                where l.order_id = o.id) as is_whole
        from jsonb_to_recordset(p_declared) as d("order" text, units bigint, costs jsonb)
        join orders."order" o on o.number = d."order"
    )
    update orders.landed_cost x
       set declared = d.costs, is_whole = d.is_whole, declared_at = p_now, version = x.version + 1
      from declared d
     where x.order_id = d.id and (x.declared, x.is_whole) is distinct from (d.costs, d.is_whole)
    returning x.*, d.number
  loop
    perform kit.record_event('landed_cost.declared', 1, 'landed_cost', c.id, c.version, p_now,
      c.operator_org_id, c.buyer_org_id, null, jsonb_build_object(
        'order_id', 'ord_' || replace(c.order_id::text, '-', ''), 'number', c.number,
        'currency', c.currency, 'is_whole', c.is_whole,
        'shown', orders.amounts_of(c.shown), 'declared', orders.amounts_of(c.declared)));
  end loop;
end $$;

revoke all on function orders.landed_of(accounts.actor, uuid),
  orders.keep_landed(accounts.actor, uuid, bigint, jsonb, timestamptz),
  orders.declare_landed(accounts.actor, jsonb, timestamptz) from public;
grant execute on function orders.landed_of(accounts.actor, uuid),
  orders.keep_landed(accounts.actor, uuid, bigint, jsonb, timestamptz),
  orders.declare_landed(accounts.actor, jsonb, timestamptz)
  to bl_sys, beltline_core;

-- Pools: buyers who each want fewer than an offer's MOQ, or than its next price break, buy together.
-- A pledge holds its money under the id and the number of the order it becomes; when the pool ends
-- without it, all of that is given back.

create sequence orders.pool_number start 1001;
grant usage on sequence orders.pool_number to beltline_core;

create table orders.pool (
  id uuid primary key,
  number text not null unique,
  operator_org_id uuid not null,
  sku_id uuid not null,
  sku text not null,
  offer_id uuid not null,
  currency orders.currency not null,
  -- So many units have to be wanted together; the price is what the offer asks for so many.
  target_quantity orders.quantity not null,
  unit_price numeric(18, 6) not null check (unit_price > 0),
  note text not null,
  status text not null default 'OPEN'
    check (status in ('OPEN', 'REACHED', 'LAPSED', 'CANCELLED')),
  -- Of pledges that stand, or that became orders.
  pledged_quantity orders.units not null default 0,
  pledges int not null default 0,
  -- What was paid in the end, and why there was no end like it.
  final_price numeric(18, 6),
  reason text check (reason in ('TOO_FEW', 'NO_STOCK', 'OFFER_ENDED', 'CANCELLED')),
  version bigint not null default 1,
  opened_at timestamptz not null,
  closes_at timestamptz not null,
  ended_at timestamptz,
  check ((status = 'OPEN') = (ended_at is null)
         and (status = 'REACHED') = (final_price is not null))
);
create index pool_by_time on orders.pool (opened_at desc, id desc);
create index pool_to_end on orders.pool (closes_at, id) where status = 'OPEN';
-- Like the offer it is of, everybody may know it; who is in it is its buyers' and the operator's.
select kit.protect('orders.pool', 'true', 'select', 'select, insert, update');

create table orders.pledge (
  id uuid primary key,
  -- The order it becomes, whose money is held from now on.
  order_id uuid not null unique,
  number text not null unique,
  pool_id uuid not null references orders.pool,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  quantity orders.quantity not null,
  -- The most it pays for a unit of sale.
  price_max numeric(18, 6) not null check (price_max > 0),
  held_amount orders.amount not null,
  payment_method text not null check (payment_method in ('BALANCE', 'CREDIT')),
  reference text not null,
  ship_to_contact_id uuid not null,
  ship_to_country text not null,
  status text not null default 'OPEN'
    check (status in ('OPEN', 'ORDERED', 'LEFT_OUT', 'RELEASED', 'WITHDRAWN')),
  -- What it paid, and would have paid alone (null: it could not have bought).
  amount orders.amount,
  alone_amount orders.amount,
  version bigint not null default 1,
  created_at timestamptz not null,
  ended_at timestamptz,
  check ((status = 'OPEN') = (ended_at is null) and (status = 'ORDERED') = (amount is not null)
         and amount <= held_amount)
);
create unique index pledge_standing on orders.pledge (pool_id, buyer_org_id) where status = 'OPEN';
create index pledge_by_pool on orders.pledge (pool_id, id);
select kit.protect('orders.pledge', '{org} in (operator_org_id, buyer_org_id)', 'select',
                   'select, insert, update');

set local role beltline_core;

-- Buyers of one pool at most.
create function orders.pledges_most() returns int language sql immutable as $$ select 500 $$;

create function orders.lock_pool(p_pool uuid) returns orders.pool language plpgsql as $$
declare b orders.pool;
begin
  select * into b from orders.pool x where x.id = p_pool for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'pool', 'key', 'pool_' || replace(p_pool::text, '-', '')));
  end if;
  return b;
end $$;

-- The pool, locked, which takes pledges no more once its time is over.
create function orders.lock_open_pool(p_pool uuid, p_now timestamptz) returns orders.pool
language plpgsql as $$
declare b constant orders.pool := orders.lock_pool(p_pool);
begin
  if b.status <> 'OPEN' or b.closes_at <= p_now then
    perform kit.refuse('orders.pool_ended', jsonb_build_object('number', b.number,
      'state', b.status, 'closes_at', orders.instant(b.closes_at)));
  end if;
  return b;
end $$;

create function orders.tell_pool(
  actor accounts.actor, b orders.pool, p_type text, p_action text, p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
declare
  v_data constant jsonb := jsonb_build_object('number', b.number, 'sku', b.sku,
    'currency', b.currency, 'quantity', b.pledged_quantity, 'target', b.target_quantity) || p_data;
begin
  perform kit.record_event(p_type, 1, 'pool', b.id, b.version, p_now, b.operator_org_id, null,
    null, v_data);
  perform accounts.record_audit(actor, p_now, p_action, 'pool', b.id, v_data);
end $$;

create function orders.tell_pledge(
  actor accounts.actor, p orders.pledge, p_type text, p_action text, p_data jsonb,
  p_now timestamptz
) returns void language plpgsql as $$
declare
  v_data constant jsonb := jsonb_build_object('number', p.number, 'quantity', p.quantity,
    'pool_id', 'pool_' || replace(p.pool_id::text, '-', '')) || p_data;
begin
  perform kit.record_event(p_type, 1, 'pledge', p.id, p.version, p_now, p.operator_org_id,
    p.buyer_org_id, null, v_data);
  perform accounts.record_audit(actor, p_now, p_action, 'pledge', p.id, v_data);
end $$;

-- Open a pool of an offer to buyers: `p_body` names {sku, currency, target_quantity?, closes_at,
-- note}. Without a target it is the MOQ, or where there is none the first price break.
create function orders.open_pool(
  actor accounts.actor, p_pool uuid, p_body jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_day constant date := kit.day_of(p_now);
  v_closes constant timestamptz := (p_body->>'closes_at')::timestamptz;
  k catalog.sku; o catalog.offer; b orders.pool; v_target bigint; v_price numeric;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  elsif v_closes <= p_now then
    perform kit.refuse('orders.pool_too_short', jsonb_build_object(
      'closes_at', orders.instant(v_closes)));
  end if;
  select * into k from catalog.sku x where x.code = p_body->>'sku';
  select * into o from catalog.offer x
   where x.sku_id = k.id and x.audience = 'BUYERS' and x.currency = p_body->>'currency'
     and x.valid_from <= v_day and (x.valid_until is null or x.valid_until >= v_day)
   order by x.moq, x.id limit 1;
  if o.id is null then
    perform kit.refuse('orders.nothing_to_pool', jsonb_build_object(
      'sku', p_body->>'sku', 'currency', p_body->>'currency'));
  end if;
  v_target := coalesce((p_body->>'target_quantity')::bigint, case when o.moq > 1 then o.moq else (
    select min(x.quantity_from) from catalog.offer_break x
     where x.offer_id = o.id and x.quantity_from > 1) end);
  v_price := orders.unit_price(o.id, v_target);
  -- Where one piece is sold at that price, or it costs nothing, there is nothing to reach.
  if v_target is null or v_target < o.moq or coalesce(v_price, 0) = 0
     or o.moq = 1 and orders.unit_price(o.id, 1) <= v_price then
    perform kit.refuse('orders.nothing_to_pool', jsonb_build_object(
      'sku', p_body->>'sku', 'currency', p_body->>'currency'));
  end if;
  insert into orders.pool (id, number, operator_org_id, sku_id, sku, offer_id, currency,
    target_quantity, unit_price, note, opened_at, closes_at)
  values (p_pool, 'POOL-' || nextval('orders.pool_number'), (actor).org_id, k.id, k.code, o.id,
    o.currency, v_target, v_price, p_body->>'note', p_now, v_closes)
  returning * into b;
  perform orders.tell_pool(actor, b, 'pool.opened', 'open', jsonb_build_object(
    'unit_price', trim_scale(b.unit_price)::text, 'closes_at', orders.instant(b.closes_at)), p_now);
end $$;

-- Want units in a pool: `p_body` names {quantity, price_max?, reference, ship_to, payment}. What
-- they can cost at most is held.
create function orders.join_pool(
  actor accounts.actor, p_pool uuid, p_pledge uuid, p_body jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_run constant text := kit.id_run(p_now);
  v_kind constant text := ledger.kind_of_payment(p_body#>>'{payment,method}');
  v_quantity constant bigint := (p_body->>'quantity')::bigint;
  b orders.pool; p orders.pledge; f record; v_most numeric; v_held numeric; v_uom text;
begin
  perform accounts.enter(actor);
  b := orders.lock_open_pool(p_pool, p_now);
  v_most := coalesce((p_body->>'price_max')::numeric, b.unit_price);
  if (actor).org_kind not in ('BUYER', 'AGENT') then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'a buyer or an agent', 'role', (actor).org_kind));
  elsif exists (select from orders.pledge x where x.pool_id = p_pool and x.status = 'OPEN'
                                              and x.buyer_org_id = (actor).org_id) then
    perform kit.refuse('orders.pool_joined', jsonb_build_object('number', b.number));
  elsif b.pledges >= orders.pledges_most() then
    perform kit.refuse('orders.pool_full', jsonb_build_object(
      'number', b.number, 'most', orders.pledges_most()));
  elsif v_most < b.unit_price then
    perform kit.refuse('orders.price_max_too_low', jsonb_build_object('number', b.number,
      'price_max', trim_scale(v_most)::text, 'unit_price', trim_scale(b.unit_price)::text,
      'currency', b.currency));
  end if;
  select k.uom into strict v_uom from catalog.sku k where k.id = b.sku_id;
  v_held := ceil(v_most * v_quantity * kit.minor_factor(b.currency) / kit.per_uom(v_uom));
  if v_held > 9e13 then
    perform kit.refuse('orders.amount_too_large', jsonb_build_object('sku', b.sku));
  end if;
  select * into f from ledger.lock_funds(array[(actor).org_id], array[v_kind],
                                         array[b.currency::text]);
  if not found or f.available < v_held then
    perform ledger.refuse_funds((actor).org_id, v_kind, b.currency, v_held::bigint);
  end if;
  perform accounts.record_contacts(v_run, array[(actor).org_id], array[p_body->'ship_to'], p_now);
  insert into orders.pledge (id, order_id, number, pool_id, operator_org_id, buyer_org_id, quantity,
    price_max, held_amount, payment_method, reference, ship_to_contact_id, ship_to_country,
    created_at)
  values (p_pledge, kit.uuid7(p_now), 'SO-' || nextval('orders.order_number'), p_pool, b.operator_org_id,
    (actor).org_id, v_quantity, v_most, v_held, p_body#>>'{payment,method}',
    p_body->>'reference', kit.id_at(v_run, 1), p_body#>>'{ship_to,country}', p_now)
  returning * into p;
  perform ledger.hold_many(v_run, array[p.buyer_org_id], array[f.account_id],
    array[p.held_amount::bigint], array[b.currency::text], array[p.number], array[p.order_id],
    b.operator_org_id, p_now);
  update orders.pool set pledged_quantity = pledged_quantity + v_quantity, pledges = pledges + 1
   where id = p_pool;
  perform orders.tell_pledge(actor, p, 'pledge.made', 'join', jsonb_build_object(
    'price_max', trim_scale(v_most)::text, 'held', p.held_amount, 'currency', b.currency), p_now);
end $$;

-- Give a pledge's money back.
create function orders.free_pledge(
  actor accounts.actor, p orders.pledge, p_status text, p_reason text, p_now timestamptz
) returns void language plpgsql as $$
declare v_refunded constant bigint := ledger.refund_hold((p).order_id, p_now);
begin
  update orders.pledge set status = p_status, version = version + 1, ended_at = p_now
   where id = (p).id returning * into p;
  perform orders.tell_pledge(actor, p, 'pledge.released', 'release', jsonb_build_object(
    'reason', p_reason, 'refunded', v_refunded), p_now);
end $$;

-- Take the buyer's pledge back while the pool is open.
create function orders.leave_pool(actor accounts.actor, p_pool uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare b orders.pool; p orders.pledge;
begin
  perform accounts.enter(actor);
  b := orders.lock_open_pool(p_pool, p_now);
  select * into p from orders.pledge x
   where x.pool_id = p_pool and x.buyer_org_id = (actor).org_id and x.status = 'OPEN';
  if not found then
    perform kit.refuse('orders.not_in_pool', jsonb_build_object('number', b.number));
  end if;
  perform orders.free_pledge(actor, p, 'WITHDRAWN', 'WITHDRAWN', p_now);
  update orders.pool set pledged_quantity = pledged_quantity - p.quantity, pledges = pledges - 1
   where id = p_pool;
end $$;

-- What the pool's end is decided from, locked: the offer as it is now and who wants what.
-- {status, breaks: [[from, unit price]], moq, uom, currency, wishes: [[pledge, units, price max]]};
-- `breaks` is null when the offer has ended.
create function orders.pool_to_end(actor accounts.actor, p_pool uuid, p_now timestamptz)
returns jsonb language plpgsql security definer set search_path = '' as $$
declare b orders.pool; v_day constant date := kit.day_of(p_now);
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  b := orders.lock_pool(p_pool);
  return (select jsonb_build_object('status', b.status, 'number', b.number,
            'closes_at', orders.instant(b.closes_at), 'currency', b.currency, 'uom', k.uom,
            'moq', o.moq, 'breaks', (
              select jsonb_agg(jsonb_build_array(x.quantity_from, x.unit_price::text)
                               order by x.quantity_from)
                from catalog.offer_break x
               where x.offer_id = o.id and o.valid_from <= v_day
                 and (o.valid_until is null or o.valid_until >= v_day)),
            'wishes', (
              select coalesce(jsonb_agg(jsonb_build_array(p.id, p.quantity, p.price_max::text)
                                        order by p.id), '[]')
                from orders.pledge p where p.pool_id = b.id and p.status = 'OPEN'))
            from catalog.offer o join catalog.sku k on k.id = o.sku_id where o.id = b.offer_id);
end $$;

-- End a pool. `p_shares` holds [{pledge, amount, alone}] of those that buy together at
-- `p_price`: each becomes its order, all in one go or none. Null, or
-- goods that are not there, and everybody gets its money back. Returns the pool's state.
create function orders.end_pool(
  actor accounts.actor, p_pool uuid, p_shares jsonb, p_price numeric, p_reason text,
  p_now timestamptz
) returns text language plpgsql security definer set search_path = '' as $$
declare
  b orders.pool; p orders.pledge; q orders.quotes; v_reason text := p_reason; v_units bigint;
  v_status text; v_left text; v_country text;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  b := orders.lock_pool(p_pool);
  if b.status <> 'OPEN' then
    perform kit.refuse('orders.pool_ended', jsonb_build_object('number', b.number,
      'state', b.status, 'closes_at', orders.instant(b.closes_at)));
  end if;
  if p_shares is not null then
    -- Bought as for the country that most units go to: the places near it are its choice.
    select sum(c.units)::bigint, (array_agg(c.country order by c.units desc, c.country))[1]
      into v_units, v_country
      from (select x.ship_to_country as country, sum(x.quantity) as units
              from jsonb_to_recordset(p_shares) as s(pledge uuid)
              join orders.pledge x on x.id = s.pledge and x.pool_id = p_pool and x.status = 'OPEN'
             group by x.ship_to_country) c;
    q := orders.quote(array[jsonb_build_object('currency', b.currency, 'ship_to',
      jsonb_build_object('country', v_country), 'lines', jsonb_build_array(jsonb_build_object(
        'sku', b.sku, 'quantity', v_units)))], array[b.operator_org_id], p_now, true);
    if q.refusals[1] is null then
      perform orders.order_pledges(actor, b, q, p_shares, p_price, p_now);
    else
      v_reason := case q.refusals[1]->>'code' when 'orders.out_of_stock' then 'NO_STOCK'
                                              else 'OFFER_ENDED' end;
    end if;
  end if;
  v_status := case v_reason when 'CANCELLED' then 'CANCELLED' else 'LAPSED' end;
  if v_reason is null then
    v_status := 'REACHED';
  end if;
  v_left := case v_status when 'REACHED' then 'LEFT_OUT' else 'RELEASED' end;
  for p in select * from orders.pledge x where x.pool_id = p_pool and x.status = 'OPEN'
           order by x.id for no key update
  loop
    perform orders.free_pledge(actor, p, v_left, coalesce(v_reason, 'LEFT_OUT'), p_now);
  end loop;
  update orders.pool
     set status = v_status, reason = v_reason, ended_at = p_now, version = version + 1,
         final_price = case v_status when 'REACHED' then p_price end,
         pledged_quantity = case v_status when 'REACHED' then v_units else pledged_quantity end,
         pledges = case v_status when 'REACHED' then jsonb_array_length(p_shares)
                                 else pledges end
   where id = p_pool returning * into b;
  perform orders.tell_pool(actor, b, case v_status when 'REACHED' then 'pool.reached'
      when 'CANCELLED' then 'pool.cancelled' else 'pool.lapsed' end, 'end', jsonb_build_object(
    'reason', v_reason, 'unit_price', trim_scale(b.final_price)::text), p_now);
  return v_status;
end $$;

-- The orders of a pool: `q` is a quote of all their units together, whose parts they share out in
-- the order of their ids. What a share comes to stays held; the rest of the pledge is given back.
create function orders.order_pledges(
  actor accounts.actor, b orders.pool, q orders.quotes, p_shares jsonb, p_price numeric,
  p_now timestamptz
) returns void language plpgsql as $$
declare
  v_run constant text := kit.id_run(p_now);
  p orders.pledge; s record; v_promises jsonb := '{}'; v_country text; own orders.quotes;
  rest bigint; part int := 1; left_of_part bigint; take bigint; n int := 0; v_lines jsonb;
  v_parts jsonb; v_order jsonb;
  skus uuid[] := '{}'; nodes uuid[] := '{}'; owners uuid[] := '{}'; quantities bigint[] := '{}';
  refs text[] := '{}'; ref_ids uuid[] := '{}';
begin
  -- What is promised depends on where it goes; of other places than those it leaves from, nothing.
  for v_country in
    select distinct x.ship_to_country from jsonb_to_recordset(p_shares) as y(pledge uuid)
      join orders.pledge x on x.id = y.pledge
  loop
    own := orders.quote(array[jsonb_build_object('currency', b.currency, 'ship_to',
      jsonb_build_object('country', v_country), 'lines', jsonb_build_array(jsonb_build_object(
        'sku', b.sku, 'quantity', q.accepted[1])))], array[b.operator_org_id], p_now, false);
    if own.part_node_ids = q.part_node_ids then
      v_promises := v_promises || jsonb_build_object(v_country, jsonb_build_object(
        'date', own.dates[1], 'probability', own.probabilities[1]));
    end if;
  end loop;
  left_of_part := q.part_quantities[1];
  for s in
    select y.pledge, y.amount, y.alone from jsonb_to_recordset(p_shares)
      as y(pledge uuid, amount bigint, alone bigint) order by y.pledge
  loop
    update orders.pledge set status = 'ORDERED', version = version + 1, amount = s.amount,
           alone_amount = s.alone, ended_at = p_now
     where id = s.pledge and status = 'OPEN' returning * into strict p;
    if p.held_amount > p.amount then
      perform ledger.refund_part(p.order_id, p.held_amount - p.amount, p_now);
    end if;
    insert into orders."order" (id, number, reference, operator_org_id, buyer_org_id, status,
      currency, total_amount, payment_method, ship_to_contact_id, ship_to_country, partial,
      back_order, decision, downstream_reference, note, promise_date, promise_probability,
      created_at)
    values (p.order_id, p.number, p.reference, b.operator_org_id, p.buyer_org_id,
      orders.open_status(p.payment_method, true, true), b.currency, p.amount, p.payment_method,
      p.ship_to_contact_id, p.ship_to_country, false, false, 'CANCEL', '', b.number,
      (v_promises#>>array[p.ship_to_country, 'date'])::date,
      (v_promises#>>array[p.ship_to_country, 'probability'])::double precision, p_now);
    insert into orders.order_line (order_id, line_no, operator_org_id, buyer_org_id, sku_id, sku,
      offer_id, quantity, ordered_quantity, unit_price, amount)
    values (p.order_id, 1, b.operator_org_id, p.buyer_org_id, b.sku_id, b.sku, b.offer_id, p.quantity,
      p.quantity, p_price, p.amount);
    rest := p.quantity; n := 0; v_parts := '[]';
    while rest > 0 loop
      if left_of_part = 0 then
        part := part + 1;
        left_of_part := q.part_quantities[part];
      end if;
      take := least(rest, left_of_part);
      rest := rest - take; left_of_part := left_of_part - take; n := n + 1;
      insert into orders.order_part (order_id, line_no, part_no, operator_org_id, buyer_org_id,
        sku_id, node_id, owner_org_id, quantity, sales_model, status)
      values (p.order_id, 1, n, b.operator_org_id, p.buyer_org_id, b.sku_id, q.part_node_ids[part],
        q.part_owners[part], take, q.part_models[part], 'ALLOCATED');
      v_parts := v_parts || (select jsonb_build_object('node', d.code, 'quantity', take,
          'sales_model', q.part_models[part], 'status', 'ALLOCATED')
        from trade.node d where d.id = q.part_node_ids[part]);
      skus := skus || b.sku_id; nodes := nodes || q.part_node_ids[part];
      owners := owners || q.part_owners[part]; quantities := quantities || take;
      refs := refs || p.number; ref_ids := ref_ids || p.order_id;
    end loop;
    v_lines := jsonb_build_array(jsonb_build_object('sku', b.sku, 'quantity', p.quantity,
      'ordered_quantity', p.quantity, 'unit_price', trim_scale(p_price)::text,
      'amount', p.amount, 'parts', v_parts));
    v_order := jsonb_build_object('number', p.number, 'reference', p.reference,
      'currency', b.currency, 'total', p.amount, 'status', 'ALLOCATED', 'lines', v_lines);
    perform kit.record_event('order.placed', 1, 'order', p.order_id, 1, p_now, b.operator_org_id,
      p.buyer_org_id, null, v_order);
    perform accounts.record_audit(actor, p_now, 'place', 'order', p.order_id, jsonb_build_object(
      'number', p.number, 'total', p.amount, 'currency', b.currency, 'pool', b.number));
    perform orders.tell_pledge(actor, p, 'pledge.ordered', 'order', jsonb_build_object(
      'amount', p.amount, 'refunded', p.held_amount - p.amount, 'currency', b.currency), p_now);
  end loop;
  perform inventory.reserve_many(v_run, skus, nodes, owners, quantities, refs, ref_ids,
                                 b.operator_org_id, p_now);
end $$;

-- As before; what was bought together with others is not undone by one of them.
create or replace function orders.change_order(
  actor accounts.actor, p_key text, p_body_hash bytea, p_operation text, p_order uuid,
  p_body jsonb, p_now timestamptz
) returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
declare answer jsonb; v_code text; v_fields text; v_status int := 200;
begin
  perform accounts.enter(actor);
  answer := kit.idempotency_begin((actor).org_id, p_key, p_operation, p_body_hash);
  if answer is not null then
    return answer || '{"replayed": true}';
  end if;
  begin
    if p_operation <> 'orders.pay' and (actor).org_kind <> 'OPERATOR' then
      perform orders.refuse_pooled(actor, p_order);
    end if;
    case p_operation
      when 'orders.cancel' then perform orders.cancel(actor, p_order, p_now);
      when 'orders.pay' then perform orders.pay(actor, p_order, p_body->>'method', p_now);
      when 'orders.amend' then perform orders.amend(actor, p_order, p_body->'lines', p_now);
    end case;
    answer := orders.as_json(p_order);
  exception when sqlstate 'BLREF' then
    get stacked diagnostics v_code = message_text, v_fields = pg_exception_detail;
    answer := jsonb_build_object('code', v_code, 'fields', v_fields::jsonb);
    v_status := null;
  end;
  perform kit.idempotency_keep((actor).org_id, p_key, p_operation, p_body_hash, v_status,
                               answer, p_now);
  return jsonb_build_object('status', v_status, 'response', answer);
end $$;

create function orders.refuse_pooled(actor accounts.actor, p_order uuid) returns void
language plpgsql as $$
declare v_pool text; v_number text;
begin
  select b.number, p.number into v_pool, v_number
    from orders.pledge p join orders.pool b on b.id = p.pool_id
   where p.order_id = p_order and p.buyer_org_id = (actor).org_id;
  if found then
    perform kit.refuse('orders.bought_together', jsonb_build_object(
      'number', v_number, 'pool', v_pool));
  end if;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and (p.proname like '%pool%' or p.proname like '%pledge%') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  orders.open_pool(accounts.actor, uuid, jsonb, timestamptz),
  orders.join_pool(accounts.actor, uuid, uuid, jsonb, timestamptz),
  orders.leave_pool(accounts.actor, uuid, timestamptz),
  orders.pool_to_end(accounts.actor, uuid, timestamptz),
  orders.end_pool(accounts.actor, uuid, jsonb, numeric, text, timestamptz) to bl_app;

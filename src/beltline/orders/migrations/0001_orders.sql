-- Buyer orders: placed in one function call that reserves, books, records and answers.

create sequence orders.order_number start 80001;
grant usage on sequence orders.order_number to beltline_core;

create table orders."order" (
  id uuid primary key,
  number text not null unique,
  reference text not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  status text not null check (status in ('DRAFT', 'PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED',
                                         'COMPLETED', 'CANCELLED')),
  version bigint not null default 1,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  total_amount bigint not null check (total_amount >= 0),
  payment_method text not null check (payment_method in ('BALANCE', 'CREDIT', 'TRANSFER')),
  ship_to_contact_id uuid not null,
  ship_to_country text not null,
  partial boolean not null,
  promise_date date,
  promise_probability double precision check (promise_probability between 0 and 1),
  created_at timestamptz not null,
  cancelled_at timestamptz,
  unique (id, operator_org_id, buyer_org_id)
);
create index order_by_operator on orders."order" (operator_org_id, created_at desc, id desc);
create index order_by_buyer on orders."order" (buyer_org_id, created_at desc, id desc);
create index order_by_reference on orders."order" (buyer_org_id, reference);
select kit.protect('orders."order"', '{org} in (operator_org_id, buyer_org_id)');

create table orders.order_line (
  order_id uuid not null,
  line_no int not null check (line_no > 0),
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  sku_id uuid not null,
  sku text not null,
  offer_id uuid not null,
  quantity bigint not null check (quantity > 0),
  ordered_quantity bigint not null,
  unit_price numeric(18, 6) not null,
  amount bigint not null check (amount >= 0),
  primary key (order_id, line_no),
  foreign key (order_id, operator_org_id, buyer_org_id)
    references orders."order" (id, operator_org_id, buyer_org_id) on delete cascade
);
create index order_line_by_sku on orders.order_line (sku_id, order_id);
select kit.protect('orders.order_line', '{org} in (operator_org_id, buyer_org_id)');

create table orders.order_part (
  order_id uuid not null,
  line_no int not null,
  part_no int not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  quantity bigint not null check (quantity > 0),
  sales_model text not null check (sales_model in ('DIRECT', 'VIRTUAL', 'PRESTOCK', 'OWNED')),
  status text not null check (status in ('ALLOCATED', 'SHIPPED', 'DELIVERED', 'CANCELLED')),
  primary key (order_id, line_no, part_no),
  foreign key (order_id, operator_org_id, buyer_org_id)
    references orders."order" (id, operator_org_id, buyer_org_id) on delete cascade
);
create index order_part_by_stock on orders.order_part (sku_id, node_id, status);
select kit.protect('orders.order_part', '{org} in (operator_org_id, buyer_org_id)');

set local role beltline_core;

-- The price and terms a buyer gets today, per SKU and currency. A price break holds from its
-- quantity on; below the MOQ nothing is sold.
create function orders.terms(p_sku uuid, p_currency text, p_day date)
returns table (offer_id uuid, moq bigint, sales_model text) language sql stable as $$
  select o.id, o.moq, o.sales_model from catalog.offer o
   where o.sku_id = p_sku and o.audience = 'BUYERS' and o.currency = p_currency
     and o.valid_from <= p_day and (o.valid_until is null or o.valid_until >= p_day)
   order by o.moq, o.id limit 1
$$;

create function orders.unit_price(p_offer uuid, p_quantity bigint) returns numeric
language sql stable as $$
  select b.unit_price from catalog.offer_break b
   where b.offer_id = p_offer and b.quantity_from <= p_quantity
   order by b.quantity_from desc limit 1
$$;

-- What an order would be: lines with price, parts and promise, or a refusal. Writes nothing; with
-- `p_lock` it locks the stock it looks at, so that what it says holds until the commit.
-- Stock near the buyer comes first, then the place that can serve the whole line, then the
-- fullest. `partial` accepts fewer units than ordered, never fewer than the MOQ.
create function orders.draft(p_order jsonb, p_now timestamptz, p_lock boolean)
returns jsonb language plpgsql as $$
declare
  v_day constant date := (p_now at time zone 'UTC')::date;
  v_currency constant text := p_order->>'currency';
  v_country constant text := p_order#>>'{ship_to,country}';
  v_partial constant boolean := coalesce((p_order->>'partial')::boolean, false);
  v_skus uuid[]; s_sku uuid[]; s_node uuid[]; s_owner uuid[]; s_code text[]; s_free bigint[];
  s_model text[]; used uuid[] := '{}';
  l record; i int; whole int; rest bigint; take bigint; accepted bigint;
  v_price numeric; v_amount bigint; total bigint := 0; parts jsonb; lines jsonb := '[]';
  promise jsonb;
begin
  v_skus := array(select k.id from catalog.sku k
                   where k.code in (select e->>'sku'
                                      from jsonb_array_elements(p_order->'lines') e));
  select coalesce(array_agg(a.sku_id), '{}'), array_agg(a.node_id), array_agg(a.owner_org_id),
         array_agg(a.code), array_agg(a.available), array_agg(a.model)
    into s_sku, s_node, s_owner, s_code, s_free, s_model
    from (select a.sku_id, a.node_id, a.owner_org_id, n.code, a.available,
                 case when o.kind = 'OPERATOR' then 'OWNED' else 'PRESTOCK' end as model
            from (select * from inventory.lock_available(v_skus) where p_lock
                  union all
                  select v.sku_id, v.node_id, v.owner_org_id, v.available
                    from inventory.availability v
                   where not p_lock and v.sku_id = any(v_skus) and v.kind = 'COUNTED') a
            join trade.node n on n.id = a.node_id and n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS')
            join accounts.organization o on o.id = a.owner_org_id
           order by (n.country = v_country) desc, a.available desc, n.code) a;

  for l in
    select w.n::int as line_no, w.sku, w.quantity, w.sales_model, k.id as sku_id, k.uom,
           t.offer_id, t.moq
      from rows from (
             jsonb_to_recordset(p_order->'lines') as (sku text, quantity bigint, sales_model text)
           ) with ordinality as w(sku, quantity, sales_model, n)
      left join catalog.sku k on k.code = w.sku
      left join lateral orders.terms(k.id, v_currency, v_day) t on true
     order by w.n
  loop
    if l.sku_id is null then
      perform kit.refuse('orders.unknown_sku', jsonb_build_object(
        'sku', l.sku, 'param', format('lines[%s].sku', l.line_no - 1)));
    elsif l.offer_id is null then
      perform kit.refuse('orders.not_offered', jsonb_build_object(
        'sku', l.sku, 'currency', v_currency, 'param', format('lines[%s].sku', l.line_no - 1),
        'offered_in', coalesce((select string_agg(distinct o.currency, ', ') from catalog.offer o
                                 where o.sku_id = l.sku_id and o.audience = 'BUYERS'), 'none')));
    elsif l.quantity < l.moq then
      perform kit.refuse('orders.moq_not_met', jsonb_build_object(
        'sku', l.sku, 'moq', l.moq, 'ordered', l.quantity,
        'param', format('lines[%s].quantity', l.line_no - 1)));
    end if;

    rest := l.quantity; parts := '[]'; whole := null;
    for i in 1 .. cardinality(s_sku) loop
      if s_sku[i] = l.sku_id and s_free[i] >= rest
         and coalesce(l.sales_model, s_model[i]) = s_model[i] then
        whole := i; exit;
      end if;
    end loop;
    for i in coalesce(whole, 1) .. coalesce(whole, cardinality(s_sku)) loop
      take := least(s_free[i], rest);
      if s_sku[i] = l.sku_id and take > 0 and coalesce(l.sales_model, s_model[i]) = s_model[i] then
        s_free[i] := s_free[i] - take;
        rest := rest - take;
        used := used || s_node[i];
        parts := parts || jsonb_build_object(
          'sku_id', l.sku_id, 'node_id', s_node[i], 'node', s_code[i],
          'owner_org_id', s_owner[i], 'quantity', take, 'sales_model', s_model[i]);
      end if;
    end loop;
    accepted := l.quantity - rest;
    if rest > 0 and not (v_partial and accepted >= l.moq) then
      perform kit.refuse('orders.out_of_stock', jsonb_build_object(
        'sku', l.sku, 'ordered', l.quantity, 'available', accepted, 'moq', l.moq,
        'param', format('lines[%s].quantity', l.line_no - 1)));
    end if;

    v_price := orders.unit_price(l.offer_id, accepted);
    v_amount := kit.line_amount(v_price, accepted, l.uom, v_currency);
    total := total + v_amount;
    lines := lines || jsonb_build_object(
      'line_no', l.line_no, 'sku_id', l.sku_id, 'sku', l.sku, 'offer_id', l.offer_id,
      'ordered_quantity', l.quantity, 'quantity', accepted, 'unit_price', v_price,
      'amount', v_amount, 'parts', parts);
  end loop;

  -- Each place keeps its nine days in ten on its own, so that all of them together are less
  -- likely: the date is the slowest place's, the probability the product.
  select jsonb_build_object(
           'date', v_day + ceil(max(d.days))::int,
           'probability', round(power(0.9, count(*))::numeric, 3))
    into promise
    from (select n.id, (select min(x.transit_days_p90) from trade.lane x
                         where x.node_id = n.id and x.country = v_country) as days
            from trade.node n where n.id = any(used)) d
  having bool_and(d.days is not null);
  return jsonb_build_object('currency', v_currency, 'total', total, 'promise', promise,
                            'lines', lines);
end $$;

create function orders.create_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
returns jsonb language plpgsql as $$
declare
  d jsonb := orders.draft(p_order, p_now, true);
  v_id constant uuid := kit.uuid7(p_now);
  v_number constant text := 'SO-' || nextval('orders.order_number');
  v_operator constant uuid := accounts.operator_org();
  v_buyer constant uuid := (actor).org_id;
  v_total constant bigint := (d->>'total')::bigint;
  v_currency constant text := d->>'currency';
begin
  if v_total <= 0 then
    perform kit.refuse('orders.nothing_to_pay', '{}');
  end if;
  insert into orders."order" (id, number, reference, operator_org_id, buyer_org_id, status,
    currency, total_amount, payment_method, ship_to_contact_id, ship_to_country, partial,
    promise_date, promise_probability, created_at)
  values (v_id, v_number, p_order->>'reference', v_operator, v_buyer, 'ALLOCATED', v_currency,
    v_total, p_order#>>'{payment,method}',
    accounts.record_contact(v_buyer, p_order->'ship_to', p_now), p_order#>>'{ship_to,country}',
    coalesce((p_order->>'partial')::boolean, false), (d#>>'{promise,date}')::date,
    (d#>>'{promise,probability}')::double precision, p_now);
  insert into orders.order_line (order_id, line_no, operator_org_id, buyer_org_id, sku_id, sku,
    offer_id, quantity, ordered_quantity, unit_price, amount)
  select v_id, l.line_no, v_operator, v_buyer, l.sku_id, l.sku, l.offer_id, l.quantity,
         l.ordered_quantity, l.unit_price, l.amount
    from jsonb_to_recordset(d->'lines') as l(line_no int, sku_id uuid, sku text, offer_id uuid,
      quantity bigint, ordered_quantity bigint, unit_price numeric, amount bigint);
  insert into orders.order_part (order_id, line_no, part_no, operator_org_id, buyer_org_id,
    sku_id, node_id, owner_org_id, quantity, sales_model, status)
  select v_id, (l->>'line_no')::int, p.n, v_operator, v_buyer, p.sku_id, p.node_id,
         p.owner_org_id, p.quantity, p.sales_model, 'ALLOCATED'
    from jsonb_array_elements(d->'lines') l
   cross join lateral rows from (
     jsonb_to_recordset(l->'parts') as (sku_id uuid, node_id uuid, owner_org_id uuid,
                                        quantity bigint, sales_model text)
   ) with ordinality as p(sku_id, node_id, owner_org_id, quantity, sales_model, n);
  perform inventory.reserve_lines(orders.stock_lines(v_id), v_number, v_id, p_now);
  if not ledger.hold_balance(v_buyer, v_operator, v_total, v_currency, v_number, v_id, p_now) then
    perform kit.refuse('ledger.insufficient_balance', jsonb_build_object(
      'needed', v_total, 'currency', v_currency, 'param', 'payment.method',
      'available', ledger.available_balance(v_buyer, v_currency)));
  end if;
  perform kit.record_event('order.placed', 1, 'order', v_id, 1, p_now, v_operator, v_buyer, null,
    jsonb_build_object('number', v_number, 'reference', p_order->>'reference',
      'currency', v_currency, 'total', v_total, 'promise', d->'promise', 'lines', d->'lines'));
  perform accounts.record_audit(actor, p_now, 'place', 'order', v_id,
    jsonb_build_object('number', v_number, 'total', v_total, 'currency', v_currency));
  return orders.as_json(v_id);
end $$;

-- What an order keeps reserved, one entry a stock row.
create function orders.stock_lines(p_order uuid) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(to_jsonb(x)), '[]') from (
    select p.sku_id, p.node_id, p.owner_org_id, sum(p.quantity)::bigint as quantity
      from orders.order_part p where p.order_id = p_order and p.status = 'ALLOCATED'
     group by 1, 2, 3 order by 1, 2, 3) x
$$;

-- The order as the API shows it.
create function orders.as_json(p_order uuid) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', 'ord_' || replace(o.id::text, '-', ''), 'number', o.number, 'reference', o.reference,
    'status', o.status,
    'total', jsonb_build_object('amount', o.total_amount, 'currency', o.currency),
    'promise', case when o.promise_date is not null then
      jsonb_build_object('date', o.promise_date, 'probability', o.promise_probability) end,
    'lines', (select jsonb_agg(jsonb_build_object(
        'sku', l.sku, 'quantity', l.quantity, 'ordered_quantity', l.ordered_quantity,
        'unit_price', trim_scale(l.unit_price)::text,
        'amount', l.amount,
        'parts', (select jsonb_agg(jsonb_build_object('node', n.code, 'quantity', p.quantity,
                           'sales_model', p.sales_model, 'status', p.status) order by p.part_no)
                    from orders.order_part p join trade.node n on n.id = p.node_id
                   where p.order_id = l.order_id and p.line_no = l.line_no)) order by l.line_no)
      from orders.order_line l where l.order_id = o.id),
    'created_at', to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'cancelled_at', to_char(o.cancelled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
  from orders."order" o where o.id = p_order
$$;

create function orders.cancel(actor accounts.actor, p_order uuid, p_now timestamptz)
returns jsonb language plpgsql as $$
declare o orders."order"; refunded bigint;
begin
  select * into o from orders."order"
   where id = p_order and (actor).org_id in (buyer_org_id, operator_org_id) for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'order', 'key', 'ord_' || replace(p_order::text, '-', '')));
  elsif o.status not in ('PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED')
     or exists (select from orders.order_part p
                 where p.order_id = p_order and p.status in ('SHIPPED', 'DELIVERED')) then
    perform kit.refuse('orders.cannot_cancel',
                       jsonb_build_object('number', o.number, 'status', o.status));
  end if;
  perform inventory.release_lines(orders.stock_lines(p_order), o.number, p_order, p_now);
  refunded := ledger.refund_hold(p_order, p_now);
  update orders.order_part set status = 'CANCELLED' where order_id = p_order;
  update orders."order" set status = 'CANCELLED', version = version + 1, cancelled_at = p_now
   where id = p_order;
  perform kit.record_event('order.cancelled', 1, 'order', p_order, o.version + 1, p_now,
    o.operator_org_id, o.buyer_org_id, null,
    jsonb_build_object('number', o.number, 'refunded', refunded, 'currency', o.currency));
  perform accounts.record_audit(actor, p_now, 'cancel', 'order', p_order,
    jsonb_build_object('status', jsonb_build_array(o.status, 'CANCELLED'), 'refunded', refunded));
  return orders.as_json(p_order);
end $$;

-- The two commands. One call is one transaction: actor, idempotency, effect, answer. A refusal
-- undoes the effect and is kept as the answer; a failure undoes everything and keeps nothing.
create function orders.place_order(
  actor accounts.actor, p_key text, p_body_hash bytea, p_order jsonb, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare answer jsonb; v_code text; v_fields text; v_status int := 201;
begin
  perform accounts.enter(actor);
  answer := kit.idempotency_begin((actor).org_id, p_key, 'orders.place', p_body_hash);
  if answer is not null then
    return answer || '{"replayed": true}';
  end if;
  begin
    answer := orders.create_order(actor, p_order, p_now);
  exception when sqlstate 'BLREF' then
    get stacked diagnostics v_code = message_text, v_fields = pg_exception_detail;
    answer := jsonb_build_object('code', v_code, 'fields', v_fields::jsonb);
    v_status := null;
  end;
  perform kit.idempotency_keep((actor).org_id, p_key, 'orders.place', p_body_hash, v_status,
                               answer, p_now);
  return jsonb_build_object('status', v_status, 'response', answer);
end $$;

create function orders.cancel_order(
  actor accounts.actor, p_key text, p_body_hash bytea, p_order uuid, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare answer jsonb; v_code text; v_fields text; v_status int := 200;
begin
  perform accounts.enter(actor);
  answer := kit.idempotency_begin((actor).org_id, p_key, 'orders.cancel', p_body_hash);
  if answer is not null then
    return answer || '{"replayed": true}';
  end if;
  begin
    answer := orders.cancel(actor, p_order, p_now);
  exception when sqlstate 'BLREF' then
    get stacked diagnostics v_code = message_text, v_fields = pg_exception_detail;
    answer := jsonb_build_object('code', v_code, 'fields', v_fields::jsonb);
    v_status := null;
  end;
  perform kit.idempotency_keep((actor).org_id, p_key, 'orders.cancel', p_body_hash, v_status,
                               answer, p_now);
  return jsonb_build_object('status', v_status, 'response', answer);
end $$;

-- The same without money and stock: what the order would be.
create function orders.preview_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
returns jsonb language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  return orders.draft(p_order, p_now, false);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  orders.place_order(accounts.actor, text, bytea, jsonb, timestamptz),
  orders.cancel_order(accounts.actor, text, bytea, uuid, timestamptz),
  orders.preview_order(accounts.actor, jsonb, timestamptz) to bl_app;

-- Buyer orders: placed in one function call that reserves, books, records and answers.

create sequence orders.order_number start 80001;
grant usage on sequence orders.order_number to beltline_core;

-- Limits of one column are domains, not CHECKs of the table: a table's CHECK is parsed anew by
-- every statement that writes it, a domain's once a connection.
create domain orders.order_status as text check (value in (
  'DRAFT', 'PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED', 'COMPLETED', 'CANCELLED'));
create domain orders.part_status as text check (value in (
  'ALLOCATED', 'SHIPPED', 'DELIVERED', 'CANCELLED'));
create domain orders.payment_method as text check (value in ('BALANCE', 'CREDIT', 'TRANSFER'));
create domain orders.sales_model as text check (value in (
  'DIRECT', 'VIRTUAL', 'PRESTOCK', 'OWNED'));
create domain orders.currency as text check (value ~ '^[A-Z]{3}$');
create domain orders.amount as bigint check (value >= 0);
create domain orders.quantity as bigint check (value > 0);
create domain orders.probability as double precision check (value between 0 and 1);

create table orders."order" (
  id uuid primary key,
  number text not null unique,
  reference text not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  status orders.order_status not null,
  version bigint not null default 1,
  currency orders.currency not null,
  total_amount orders.amount not null,
  payment_method orders.payment_method not null,
  ship_to_contact_id uuid not null,
  ship_to_country text not null,
  partial boolean not null,
  promise_date date,
  promise_probability orders.probability,
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
  line_no int not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  sku_id uuid not null,
  sku text not null,
  offer_id uuid not null,
  quantity orders.quantity not null,
  ordered_quantity orders.quantity not null,
  unit_price numeric(18, 6) not null,
  amount orders.amount not null,
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
  quantity orders.quantity not null,
  sales_model orders.sales_model not null,
  status orders.part_status not null,
  primary key (order_id, line_no, part_no),
  foreign key (order_id, operator_org_id, buyer_org_id)
    references orders."order" (id, operator_org_id, buyer_org_id) on delete cascade
);
create index order_part_by_stock on orders.order_part (sku_id, node_id, status);
select kit.protect('orders.order_part', '{org} in (operator_org_id, buyer_org_id)');

set local role beltline_core;

-- What an order would be, as parallel arrays: one entry a line, then one entry a part.
create type orders.quote as (
  currency text,
  total bigint,
  promise_date date,
  promise_probability double precision,
  skus text[], sku_ids uuid[], offer_ids uuid[], ordered bigint[], accepted bigint[],
  prices numeric[], amounts bigint[],
  part_lines int[], part_nos int[], part_sku_ids uuid[], part_node_ids uuid[], part_nodes text[],
  part_owners uuid[], part_quantities bigint[], part_models text[]
);

-- Why a line has no price: it is not offered in this currency today, or only from a larger
-- quantity on. Always refuses.
create function orders.refuse_unpriced(
  p_line int, p_sku text, p_sku_id uuid, p_currency text, p_day date, p_quantity bigint
) returns void language plpgsql as $$
declare v_moq bigint;
begin
  select min(greatest(o.moq, b.first)) into v_moq
    from catalog.offer o
    join lateral (select min(quantity_from) as first from catalog.offer_break
                   where offer_id = o.id) b on b.first is not null
   where o.sku_id = p_sku_id and o.audience = 'BUYERS' and o.currency = p_currency
     and o.valid_from <= p_day and (o.valid_until is null or o.valid_until >= p_day);
  if v_moq is not null then
    perform kit.refuse('orders.moq_not_met', jsonb_build_object(
      'sku', p_sku, 'moq', v_moq, 'ordered', p_quantity,
      'param', format('lines[%s].quantity', p_line - 1)));
  end if;
  perform kit.refuse('orders.not_offered', jsonb_build_object(
    'sku', p_sku, 'currency', p_currency, 'param', format('lines[%s].sku', p_line - 1),
    'offered_in', coalesce((
      select string_agg(distinct o.currency, ', ' order by o.currency) from catalog.offer o
       where o.sku_id = p_sku_id and o.audience = 'BUYERS' and o.valid_from <= p_day
         and (o.valid_until is null or o.valid_until >= p_day)), 'none')));
end $$;

-- Refuse a line whose sales model is none of those its SKU is sold under.
create function orders.refuse_other_model(
  p_line int, p_sku text, p_model text, p_offered text[]
) returns void language plpgsql as $$
begin
  if p_model <> all (p_offered) then
    perform kit.refuse('orders.sales_model_not_offered', jsonb_build_object(
      'sku', p_sku, 'sales_model', p_model, 'param', format('lines[%s].sales_model', p_line - 1),
      'offered', (select string_agg(distinct m, ', ' order by m) from unnest(p_offered) m)));
  end if;
end $$;

-- The unit price of an offer from a quantity on; null below its first break.
create function orders.unit_price(p_offer uuid, p_quantity bigint) returns numeric
language plpgsql stable as $$
begin
  return (select b.unit_price from catalog.offer_break b
           where b.offer_id = p_offer and b.quantity_from <= p_quantity
           order by b.quantity_from desc limit 1);
end $$;

-- What an order would be, or a refusal. Writes nothing; with `p_lock` it locks the stock it looks
-- at, so that what it says holds until the commit.
-- Stock near the buyer comes first, then the place that can serve the whole line, then the
-- fullest. `partial` accepts fewer units than ordered, never fewer than the MOQ.
-- The promise: each place keeps its nine days in ten on its own, so that all of them together are
-- less likely: the date is the slowest place's, the probability the product. There is none when a
-- place has no lane to the country.
create function orders.draft(p_order jsonb, p_now timestamptz, p_lock boolean)
returns orders.quote language plpgsql as $$
declare
  v_day constant date := (p_now at time zone 'UTC')::date;
  v_currency constant text := p_order->>'currency';
  v_country constant text := p_order#>>'{ship_to,country}';
  v_partial constant boolean := coalesce((p_order->>'partial')::boolean, false);
  total bigint := 0; promise_date date; promise_probability double precision;
  skus text[]; sku_ids uuid[]; offer_ids uuid[]; ordered bigint[]; accepted bigint[] := '{}';
  uoms text[]; moqs bigint[]; prices numeric[]; amounts bigint[] := '{}';
  models text[]; offered text[];
  part_lines int[] := '{}'; part_nos int[] := '{}'; part_sku_ids uuid[] := '{}';
  part_node_ids uuid[] := '{}'; part_nodes text[] := '{}'; part_owners uuid[] := '{}';
  part_quantities bigint[] := '{}'; part_models text[] := '{}';
  s_skus uuid[]; s_nodes uuid[]; s_codes text[]; s_owners uuid[]; s_models text[]; s_free bigint[];
  s_days double precision[]; used uuid[] := '{}'; days double precision := 0;
  parts int := 0; part int; whole int; rest bigint; take bigint; granted bigint; price numeric;
begin
  select array_agg(l.sku), array_agg(l.quantity), array_agg(l.sales_model), array_agg(l.sku_id),
         array_agg(l.uom), array_agg(l.offer_id), array_agg(l.moq), array_agg(l.offered),
         array_agg(l.unit_price)
    into skus, ordered, models, sku_ids, uoms, offer_ids, moqs, offered, prices
    from (
      select w.sku, w.quantity, w.sales_model, k.id as sku_id, k.uom, t.id as offer_id, t.moq,
             t.sales_model as offered, t.unit_price
        from rows from (
               jsonb_to_recordset(p_order->'lines')
                 as (sku text, quantity bigint, sales_model text)
             ) with ordinality as w(sku, quantity, sales_model, n)
        left join catalog.sku k on k.code = w.sku
        left join lateral (
          select o.id, o.moq, o.sales_model, b.unit_price
            from catalog.offer o
            join lateral (select b.unit_price from catalog.offer_break b
                           where b.offer_id = o.id and b.quantity_from <= w.quantity
                           order by b.quantity_from desc limit 1) b on true
           where o.sku_id = k.id and o.audience = 'BUYERS' and o.currency = v_currency
             and o.valid_from <= v_day and (o.valid_until is null or o.valid_until >= v_day)
           order by o.moq, o.id limit 1) t on true
       order by w.n) l;

  select array_agg(a.sku_id), array_agg(a.node_id), array_agg(a.code), array_agg(a.owner_org_id),
         array_agg(case when a.owner_org_id = a.operator_org_id then 'OWNED' else 'PRESTOCK' end),
         array_agg(a.available), array_agg(a.days)
    into s_skus, s_nodes, s_codes, s_owners, s_models, s_free, s_days
    from (select v.*, n.code,
                 (select min(x.transit_days_p90) from trade.lane x
                   where x.node_id = v.node_id and x.country = v_country) as days
            from (select l.sku_id, l.node_id, l.owner_org_id, l.operator_org_id, l.available
                    from inventory.lock_available(sku_ids) l where p_lock
                   union all
                  select f.sku_id, f.node_id, f.owner_org_id, f.operator_org_id, f.available
                    from inventory.availability f
                   where not p_lock and f.sku_id = any(sku_ids) and f.kind = 'COUNTED') v
            join trade.node n on n.id = v.node_id
             and n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS')
           order by n.country <> v_country, v.available desc, n.code, v.owner_org_id) a;

  for line in 1 .. cardinality(skus) loop
    if sku_ids[line] is null then
      perform kit.refuse('orders.unknown_sku', jsonb_build_object(
        'sku', skus[line], 'param', format('lines[%s].sku', line - 1)));
    elsif prices[line] is null then
      perform orders.refuse_unpriced(line, skus[line], sku_ids[line], v_currency, v_day,
                                     ordered[line]);
    elsif ordered[line] < moqs[line] then
      perform kit.refuse('orders.moq_not_met', jsonb_build_object(
        'sku', skus[line], 'moq', moqs[line], 'ordered', ordered[line],
        'param', format('lines[%s].quantity', line - 1)));
    end if;

    rest := ordered[line]; part := 0; whole := null;
    for i in 1 .. coalesce(cardinality(s_skus), 0) loop
      if s_skus[i] = sku_ids[line] and s_free[i] >= rest
         and coalesce(models[line], s_models[i]) = s_models[i] then
        whole := i;
        exit;
      end if;
    end loop;
    for i in coalesce(whole, 1) .. coalesce(whole, cardinality(s_skus), 0) loop
      take := least(s_free[i], rest);
      continue when s_skus[i] <> sku_ids[line] or take <= 0
                 or coalesce(models[line], s_models[i]) <> s_models[i];
      s_free[i] := s_free[i] - take;
      rest := rest - take;
      parts := parts + 1;
      part := part + 1;
      part_lines[parts] := line;
      part_nos[parts] := part;
      part_sku_ids[parts] := s_skus[i];
      part_node_ids[parts] := s_nodes[i];
      part_nodes[parts] := s_codes[i];
      part_owners[parts] := s_owners[i];
      part_quantities[parts] := take;
      part_models[parts] := s_models[i];
      if s_nodes[i] <> all (used) then
        used := used || s_nodes[i];
        -- A place without a lane makes this null, and so it stays.
        days := case when s_days[i] > days then s_days[i] when s_days[i] <= days then days end;
      end if;
    end loop;

    granted := ordered[line] - rest;
    price := case when rest = 0 then prices[line]
                  else orders.unit_price(offer_ids[line], granted) end;
    if rest > 0 and not (v_partial and granted >= moqs[line] and price is not null) then
      if models[line] <> offered[line] then
        perform orders.refuse_other_model(line, skus[line], models[line], array_append(
          array(select s.model from unnest(s_skus, s_models) as s(sku_id, model)
                 where s.sku_id = sku_ids[line]), offered[line]));
      end if;
      perform kit.refuse('orders.out_of_stock', jsonb_build_object(
        'sku', skus[line], 'ordered', ordered[line], 'available', granted,
        'moq', moqs[line], 'param', format('lines[%s].quantity', line - 1)));
    elsif price * granted * kit.minor_factor(v_currency) > 9e13 then
      -- A hundred such lines stay below 2^53, which every JSON reader keeps exactly.
      perform kit.refuse('orders.amount_too_large', jsonb_build_object(
        'sku', skus[line], 'param', format('lines[%s].quantity', line - 1)));
    end if;
    accepted[line] := granted;
    prices[line] := price;
    amounts[line] := kit.line_amount(price, granted, uoms[line], v_currency);
    total := total + amounts[line];
  end loop;
  if days is not null then
    promise_date := v_day + ceil(days)::int;
    promise_probability := round(power(0.9, cardinality(used)), 3);
  end if;
  return row(v_currency, total, promise_date, promise_probability, skus, sku_ids, offer_ids, ordered,
             accepted, prices, amounts, part_lines, part_nos, part_sku_ids, part_node_ids,
             part_nodes, part_owners, part_quantities, part_models)::orders.quote;
end $$;

create function orders.create_order(actor accounts.actor, p_order jsonb, p_now timestamptz)
returns jsonb language plpgsql as $$
declare
  q constant orders.quote := orders.draft(p_order, p_now, true);
  v_id constant uuid := kit.uuid7(p_now);
  v_number constant text := 'SO-' || nextval('orders.order_number');
  v_operator constant uuid := accounts.operator_org();
  v_buyer constant uuid := (actor).org_id;
  v_reference constant text := p_order->>'reference';
  v_lines jsonb;
begin
  if q.total <= 0 then
    perform kit.refuse('orders.nothing_to_pay', '{}');
  end if;
  insert into orders."order" (id, number, reference, operator_org_id, buyer_org_id, status,
    currency, total_amount, payment_method, ship_to_contact_id, ship_to_country, partial,
    promise_date, promise_probability, created_at)
  values (v_id, v_number, v_reference, v_operator, v_buyer, 'ALLOCATED', q.currency, q.total,
    p_order#>>'{payment,method}', accounts.record_contact(v_buyer, p_order->'ship_to', p_now),
    p_order#>>'{ship_to,country}', coalesce((p_order->>'partial')::boolean, false),
    q.promise_date, q.promise_probability, p_now);
  insert into orders.order_line (order_id, line_no, operator_org_id, buyer_org_id, sku_id, sku,
    offer_id, quantity, ordered_quantity, unit_price, amount)
  select v_id, l.n, v_operator, v_buyer, l.sku_id, l.sku, l.offer_id, l.accepted, l.ordered,
         l.price, l.amount
    from unnest(q.sku_ids, q.skus, q.offer_ids, q.accepted, q.ordered, q.prices, q.amounts)
      with ordinality as l(sku_id, sku, offer_id, accepted, ordered, price, amount, n);
  insert into orders.order_part (order_id, line_no, part_no, operator_org_id, buyer_org_id,
    sku_id, node_id, owner_org_id, quantity, sales_model, status)
  select v_id, p.line_no, p.part_no, v_operator, v_buyer, p.sku_id, p.node_id, p.owner,
         p.quantity, p.model, 'ALLOCATED'
    from unnest(q.part_lines, q.part_nos, q.part_sku_ids, q.part_node_ids, q.part_owners,
                q.part_quantities, q.part_models)
      as p(line_no, part_no, sku_id, node_id, owner, quantity, model);
  perform inventory.reserve_lines(q.part_sku_ids, q.part_node_ids, q.part_owners,
                                  q.part_quantities, v_number, v_id, p_now);
  if not ledger.hold_balance(v_buyer, v_operator, q.total, q.currency, v_number, v_id, p_now) then
    perform kit.refuse('ledger.insufficient_balance', jsonb_build_object(
      'needed', q.total, 'currency', q.currency, 'param', 'payment.method',
      'available', ledger.available_balance(v_buyer, q.currency)));
  end if;
  v_lines := orders.lines_json(q, 'ALLOCATED');
  perform kit.record_event('order.placed', 1, 'order', v_id, 1, p_now, v_operator, v_buyer, null,
    jsonb_build_object('number', v_number, 'reference', v_reference, 'currency', q.currency,
                       'total', q.total, 'lines', v_lines));
  perform accounts.record_audit(actor, p_now, 'place', 'order', v_id,
    jsonb_build_object('number', v_number, 'total', q.total, 'currency', q.currency));
  return orders.head_json(v_id, v_number, v_reference, 'ALLOCATED', q.total, q.currency,
                          q.promise_date, q.promise_probability, p_now, null)
         || jsonb_build_object('lines', v_lines);
end $$;

-- The lines of a quote as the API shows them; parts carry `p_status`.
create function orders.lines_json(q orders.quote, p_status text) returns jsonb
language plpgsql immutable as $$
declare
  lines jsonb := '[]'; parts jsonb; n int := 1;
begin
  for line in 1 .. cardinality(q.skus) loop
    parts := '[]';
    while q.part_lines[n] = line loop
      parts := parts || jsonb_build_object(
        'node', q.part_nodes[n], 'quantity', q.part_quantities[n],
        'sales_model', q.part_models[n], 'status', p_status);
      n := n + 1;
    end loop;
    lines := lines || jsonb_build_object(
      'sku', q.skus[line], 'quantity', q.accepted[line], 'ordered_quantity', q.ordered[line],
      'unit_price', trim_scale(q.prices[line])::text, 'amount', q.amounts[line],
      'parts', parts);
  end loop;
  return lines;
end $$;

-- An order without its lines, as the API shows it.
create function orders.head_json(
  p_id uuid, p_number text, p_reference text, p_status text, p_total bigint, p_currency text,
  p_date date, p_probability double precision, p_created_at timestamptz,
  p_cancelled_at timestamptz
) returns jsonb language plpgsql stable as $$
begin
  return jsonb_build_object(
    'id', 'ord_' || replace(p_id::text, '-', ''), 'number', p_number, 'reference', p_reference,
    'status', p_status,
    'total', jsonb_build_object('amount', p_total, 'currency', p_currency),
    'promise', case when p_date is not null then
      jsonb_build_object('date', p_date, 'probability', p_probability) end,
    'created_at', to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'cancelled_at', to_char(p_cancelled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
end $$;

-- A kept order as the API shows it.
create function orders.as_json(p_order uuid) returns jsonb language plpgsql stable as $$
begin
  return (
    select orders.head_json(o.id, o.number, o.reference, o.status, o.total_amount, o.currency,
                            o.promise_date, o.promise_probability, o.created_at, o.cancelled_at)
           || jsonb_build_object('lines', (
      select jsonb_agg(jsonb_build_object(
        'sku', l.sku, 'quantity', l.quantity, 'ordered_quantity', l.ordered_quantity,
        'unit_price', trim_scale(l.unit_price)::text, 'amount', l.amount,
        'parts', (select jsonb_agg(jsonb_build_object('node', n.code, 'quantity', p.quantity,
                           'sales_model', p.sales_model, 'status', p.status) order by p.part_no)
                    from orders.order_part p join trade.node n on n.id = p.node_id
                   where p.order_id = l.order_id and p.line_no = l.line_no)) order by l.line_no)
        from orders.order_line l where l.order_id = o.id))
      from orders."order" o where o.id = p_order);
end $$;

create function orders.cancel(actor accounts.actor, p_order uuid, p_now timestamptz)
returns jsonb language plpgsql as $$
declare
  o orders."order"; refunded bigint;
  skus uuid[]; nodes uuid[]; owners uuid[]; quantities bigint[]; has_left boolean;
begin
  select * into o from orders."order"
   where id = p_order and (actor).org_id in (buyer_org_id, operator_org_id) for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'order', 'key', 'ord_' || replace(p_order::text, '-', '')));
  end if;
  select array_agg(p.sku_id), array_agg(p.node_id), array_agg(p.owner_org_id),
         array_agg(p.quantity::bigint), bool_or(p.status <> 'ALLOCATED')
    into skus, nodes, owners, quantities, has_left
    from orders.order_part p where p.order_id = p_order;
  if o.status not in ('PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED') or has_left then
    perform kit.refuse('orders.cannot_cancel',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  perform inventory.release_lines(skus, nodes, owners, quantities, o.number, p_order, p_now);
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

-- The commands. One call is one transaction: actor, idempotency, effect, answer. A refusal
-- undoes the effect and is kept as the answer; a failure undoes everything and keeps nothing.
-- Every statement in them is a point access, so that plans are made once a connection and never
-- scan: a plan made while the tables were empty must not outlive that.
create function orders.place_order(
  actor accounts.actor, p_key text, p_body_hash bytea, p_order jsonb, p_now timestamptz
) returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
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
) returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
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
returns jsonb language plpgsql security definer
set search_path = '' set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set jit = off as $$
declare q orders.quote;
begin
  perform accounts.enter(actor);
  q := orders.draft(p_order, p_now, false);
  return jsonb_build_object(
    'total', jsonb_build_object('amount', q.total, 'currency', q.currency),
    'promise', case when q.promise_date is not null then
      jsonb_build_object('date', q.promise_date, 'probability', q.promise_probability) end,
    'lines', orders.lines_json(q, 'AVAILABLE'));
end $$;

-- Where an order goes, for its parties: the personal data themselves belong to the buyer alone.
create function orders.ship_to(p_order uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('name', c.name, 'phone', c.phone, 'country', c.country,
           'region', c.region, 'city', c.city, 'postcode', c.postcode, 'line1', c.line1,
           'line2', c.line2)
    from orders."order" o join accounts.contact c on c.id = o.ship_to_contact_id
   where o.id = p_order
     and (select current_setting('app.org')::uuid) in (o.buyer_org_id, o.operator_org_id)
$$;

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
  orders.preview_order(accounts.actor, jsonb, timestamptz),
  orders.ship_to(uuid) to bl_app;

-- Orders paid, cancelled, amended, expired; stock given to those that wait for it.

set local role beltline_core;

-- A kept order as the API shows it.
create function orders.as_json(p_order uuid) returns jsonb language plpgsql stable as $$
begin
  return (
    select orders.head_json(o.id, o.number, o.reference, o.status, o.total_amount, o.currency,
                            o.promise_date, o.promise_probability,
                            case o.status when 'PLACED' then o.expires_at end, o.created_at,
                            o.cancelled_at)
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

-- The order, locked until the transaction ends; for everybody but its parties there is none.
create function orders.lock_order(actor accounts.actor, p_order uuid) returns orders."order"
language plpgsql as $$
declare o orders."order";
begin
  select * into o from orders."order" x
   where x.id = p_order and (actor).org_id in (x.buyer_org_id, x.operator_org_id)
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'order', 'key', 'ord_' || replace(p_order::text, '-', '')));
  end if;
  return o;
end $$;

-- The event and the audit row of a change. `o` is the order as it was before.
create function orders.record_change(
  actor accounts.actor, o orders."order", p_type text, p_action text, p_status text, p_data jsonb,
  p_now timestamptz
) returns void language plpgsql as $$
begin
  perform kit.record_event(p_type, 1, 'order', o.id, o.version + 1, p_now, o.operator_org_id,
    o.buyer_org_id, null, jsonb_build_object('number', o.number, 'currency', o.currency) || p_data);
  perform accounts.record_audit(actor, p_now, p_action, 'order', o.id,
    jsonb_build_object('status', jsonb_build_array(o.status, p_status)) || p_data);
end $$;

-- Where units of a part that has not left are reserved.
create function orders.reserved_of(p orders.order_part)
returns table (node_id uuid, owner_org_id uuid, quantity bigint) language plpgsql immutable as $$
begin
  if p.standing is null then
    return query select p.node_id, p.owner_org_id, p.quantity::bigint;
  else
    return query select x.node_id, x.owner_org_id, x.quantity
      from jsonb_to_recordset(p.standing->'stock')
        as x(node_id uuid, owner_org_id uuid, quantity bigint);
  end if;
end $$;

-- Give back the stock of the unsent parts of some orders (of one line, when `p_line` says so) and
-- end those parts.
create function orders.release_parts(p_orders uuid[], p_line int, p_now timestamptz)
returns void language plpgsql as $$
declare
  skus uuid[]; nodes uuid[]; owners uuid[]; quantities bigint[]; refs text[]; ids uuid[];
  v_operator uuid;
begin
  select array_agg(p.sku_id), array_agg(r.node_id), array_agg(r.owner_org_id),
         array_agg(r.quantity), array_agg(o.number), array_agg(o.id),
         min(o.operator_org_id::text)::uuid
    into skus, nodes, owners, quantities, refs, ids, v_operator
    from orders.order_part p join orders."order" o on o.id = p.order_id
   cross join lateral orders.reserved_of(p) r
   where p.order_id = any(p_orders) and p.status = 'ALLOCATED'
     and (p_line is null or p.line_no = p_line);
  if skus is not null then
    perform inventory.release_many(kit.id_run(p_now), skus, nodes, owners, quantities, refs, ids,
                                   v_operator, p_now);
  end if;
  update orders.order_part set status = 'CANCELLED'
   where order_id = any(p_orders) and status in ('ALLOCATED', 'BACKORDERED')
     and (p_line is null or line_no = p_line);
end $$;

create function orders.cancel(actor accounts.actor, p_order uuid, p_now timestamptz)
returns void language plpgsql as $$
declare
  o constant orders."order" := orders.lock_order(actor, p_order); refunded bigint;
begin
  if o.status not in ('PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED') or exists (
    select from orders.order_part p
     where p.order_id = p_order and p.status not in ('ALLOCATED', 'BACKORDERED', 'CANCELLED')
  ) then
    perform kit.refuse('orders.cannot_cancel',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  perform orders.release_parts(array[p_order], null, p_now);
  refunded := ledger.refund_hold(p_order, p_now);
  update orders."order" set status = 'CANCELLED', version = version + 1, cancelled_at = p_now
   where id = p_order;
  perform orders.note_to_bill(p_order, p_now);
  perform orders.record_change(actor, o, 'order.cancelled', 'cancel', 'CANCELLED',
                               jsonb_build_object('refunded', refunded), p_now);
end $$;

-- Pay an order that waits for its money, from the buyer's balance or credit. TRANSFER takes the
-- balance too: that is where a bank transfer has just arrived.
create function orders.pay(
  actor accounts.actor, p_order uuid, p_method text, p_now timestamptz
) returns void language plpgsql as $$
declare
  o constant orders."order" := orders.lock_order(actor, p_order);
  v_kind constant text := coalesce(ledger.kind_of_payment(p_method), 'BUYER_BALANCE');
  v_status text; f record;
begin
  if o.status <> 'PLACED' then
    perform kit.refuse('orders.not_payable',
                       jsonb_build_object('number', o.number, 'state', o.status));
  elsif o.expires_at <= p_now then
    perform kit.refuse('orders.payment_late', jsonb_build_object(
      'number', o.number, 'expired_at', orders.instant(o.expires_at)));
  end if;
  select * into f from ledger.lock_funds(array[o.buyer_org_id], array[v_kind],
                                         array[o.currency::text]);
  if not found or f.available < o.total_amount then
    perform ledger.refuse_funds(o.buyer_org_id, v_kind, o.currency, o.total_amount);
  end if;
  perform ledger.hold_many(kit.id_run(p_now), array[o.buyer_org_id], array[f.account_id],
    array[o.total_amount::bigint], array[o.currency::text], array[o.number], array[o.id],
    o.operator_org_id, p_now);
  v_status := orders.open_status(p_method, true, not exists (
    select from orders.order_part p where p.order_id = p_order and p.status = 'BACKORDERED'));
  update orders."order"
     set status = v_status, version = version + 1, expires_at = null,
         payment_method = p_method
   where id = p_order;
  perform orders.record_change(actor, o, 'order.paid', 'pay', v_status,
    jsonb_build_object('method', p_method, 'amount', o.total_amount, 'status', v_status), p_now);
end $$;

-- Another quantity of a line of which nothing has left, at the price that quantity has now; 0
-- cancels the line. What the buyer pays and the stock reserved follow exactly.
create function orders.amend_line(
  p_run text, o orders."order", p_line int, p_quantity bigint, p_now timestamptz
) returns jsonb language plpgsql as $$
declare
  l orders.order_line; q orders.quotes; v_latest int; v_amount bigint := 0; v_price numeric;
begin
  select * into l from orders.order_line x where x.order_id = o.id and x.line_no = p_line;
  if not found then
    perform kit.refuse('orders.unknown_line', jsonb_build_object(
      'number', o.number, 'line', p_line));
  elsif l.refunded_quantity > 0 or exists (
    select from orders.order_part p where p.order_id = o.id and p.line_no = p_line
       and p.status not in ('ALLOCATED', 'BACKORDERED', 'CANCELLED')
  ) then
    perform kit.refuse('orders.cannot_amend', jsonb_build_object(
      'number', o.number, 'state', o.status, 'line', p_line));
  end if;
  perform orders.release_parts(array[o.id], p_line, p_now);
  v_price := l.unit_price;
  if p_quantity > 0 then
    q := orders.quote(array[jsonb_build_object('currency', o.currency, 'back_order', o.back_order,
      'ship_to', jsonb_build_object('country', o.ship_to_country), 'lines', jsonb_build_array(
        jsonb_build_object('sku', l.sku, 'quantity', p_quantity)))],
      array[o.buyer_org_id], p_now, true);
    if q.refusals[1] is not null then
      perform kit.refuse(q.refusals[1]->>'code', (q.refusals[1]->'fields') - 'param');
    end if;
    v_amount := q.amounts[1];
    v_price := q.prices[1];
    select max(p.part_no) into v_latest from orders.order_part p
     where p.order_id = o.id and p.line_no = p_line;
    insert into orders.order_part (order_id, line_no, part_no, operator_org_id, buyer_org_id,
      sku_id, node_id, owner_org_id, quantity, sales_model, status)
    select o.id, p_line, v_latest + p.part_no, o.operator_org_id, o.buyer_org_id, p.sku_id,
           p.node_id, p.owner, p.quantity, p.model, p.status
      from unnest(q.part_nos, q.part_sku_ids, q.part_node_ids, q.part_owners, q.part_quantities,
                  q.part_models, q.part_statuses)
        as p(part_no, sku_id, node_id, owner, quantity, model, status);
    perform orders.reserve(p_run, q, array[o.number], array[o.id], o.operator_org_id, p_now);
  end if;
  update orders.order_line set quantity = p_quantity, unit_price = v_price, amount = v_amount
   where order_id = o.id and line_no = p_line;
  return jsonb_build_object('line', p_line, 'sku', l.sku,
    'quantity', jsonb_build_array(l.quantity, p_quantity),
    'amount', jsonb_build_array(l.amount, v_amount));
end $$;

-- Amend some lines of an order; `p_lines` is [{line, quantity}]. Lines that are all cancelled
-- cancel the order.
create function orders.amend(
  actor accounts.actor, p_order uuid, p_lines jsonb, p_now timestamptz
) returns void language plpgsql as $$
declare
  o constant orders."order" := orders.lock_order(actor, p_order);
  v_total bigint; v_status text; v_changes jsonb := '[]'; c record;
begin
  if o.status not in ('PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED') then
    perform kit.refuse('orders.cannot_amend',
                       jsonb_build_object('number', o.number, 'state', o.status, 'line', 0));
  end if;
  if not exists (
    select from orders.order_line l
      left join jsonb_to_recordset(p_lines) as w(line int, quantity bigint) on w.line = l.line_no
     where l.order_id = p_order and coalesce(w.quantity, l.quantity) > 0
  ) then
    perform orders.cancel(actor, p_order, p_now);
    return;
  end if;
  for c in
    select w.line, w.quantity, w.n from rows from (
        jsonb_to_recordset(p_lines) as (line int, quantity bigint)
      ) with ordinality as w(line, quantity, n) order by w.n
  loop
    v_changes := v_changes || orders.amend_line(
      kit.id_run(p_now), o, c.line, c.quantity, p_now);
  end loop;
  select sum(l.amount)::bigint into v_total from orders.order_line l where l.order_id = p_order;
  if v_total = 0 then
    perform kit.refuse('orders.nothing_to_pay', '{}');
  end if;
  v_status := orders.open_status(o.payment_method, o.status <> 'PLACED', not exists (
    select from orders.order_part p where p.order_id = p_order and p.status = 'BACKORDERED'));
  update orders."order"
     set total_amount = v_total, status = v_status, version = version + 1
   where id = p_order;
  if o.status <> 'PLACED' then
    perform ledger.change_hold(p_order, v_total - o.total_amount, p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  perform orders.record_change(actor, o, 'order.amended', 'amend', v_status, jsonb_build_object(
    'status', v_status, 'total', jsonb_build_array(o.total_amount, v_total),
    'lines', v_changes), p_now);
  -- What is left of it may all have arrived.
  perform orders.end_orders(array[p_order], p_now);
end $$;

-- Word of money from outside, from a bank file or a payment provider, each payment once: it goes to
-- the balance of the buyer whose order its reference names and pays that order, when it waits and
-- the balance suffices. Returns the payment as it is kept.
create function orders.receive_payment(
  actor accounts.actor, p_source text, p_external_id text, p_amount bigint, p_currency text,
  p_reference text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  i ledger.incoming; o orders."order";
  v_number constant text := substring(upper(p_reference) from '(?:SO|PI)-?([0-9]{5,12})');
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  i := ledger.hear_of((actor).org_id, p_source, p_external_id, p_amount, p_currency, p_reference,
                      p_now);
  if i.state = 'UNMATCHED' then
    select * into o from orders."order" x
     where x.number = 'SO-' || v_number and x.operator_org_id = (actor).org_id for no key update;
    if found then
      perform ledger.credit_incoming(i.id, o.buyer_org_id, p_now);
      if o.status = 'PLACED' and o.expires_at > p_now and o.currency = p_currency
         and ledger.available_balance(o.buyer_org_id, p_currency) >= o.total_amount then
        perform orders.pay(actor, o.id, 'TRANSFER', p_now);
        perform ledger.mark_paid(i.id, o.id, p_now);
      end if;
    end if;
    perform accounts.record_audit(actor, p_now, 'receive', 'incoming', i.id, jsonb_build_object(
      'source', p_source, 'external_id', p_external_id, 'amount', p_amount,
      'currency', p_currency));
  end if;
  return (select jsonb_build_object('id', x.id, 'state', x.state, 'amount', x.amount,
                   'currency', x.currency, 'reference', x.reference, 'source', x.source,
                   'external_id', x.external_id, 'reference_id', x.reference_id,
                   'org_id', x.org_id, 'received_at', orders.instant(x.received_at))
            from ledger.incoming x where x.id = i.id);
end $$;

-- One change of an order, once for a key: `p_operation` is orders.cancel, orders.pay or
-- orders.amend, `p_body` what it takes.
create function orders.change_order(
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

-- End orders whose money did not come in time, and give their stock back; how many. Those that
-- somebody works on at this moment are left for the next time.
create function orders.expire_orders(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare ids uuid[]; numbers text[]; versions bigint[]; buyers uuid[]; told jsonb[];
begin
  perform accounts.enter(actor);
  select array_agg(o.id order by o.id), array_agg(o.number order by o.id),
         array_agg(o.version + 1 order by o.id), array_agg(o.buyer_org_id order by o.id),
         array_agg(jsonb_build_object('number', o.number, 'currency', o.currency, 'refunded', 0,
                   'reason', 'EXPIRED', 'expired_at', orders.instant(o.expires_at)) order by o.id)
    into ids, numbers, versions, buyers, told
    from (select x.* from orders."order" x
           where x.status = 'PLACED' and x.expires_at <= p_now
             and x.operator_org_id = (actor).org_id
           order by x.id limit p_limit for no key update skip locked) o;
  if ids is null then
    return 0;
  end if;
  perform orders.release_parts(ids, null, p_now);
  update orders."order" set status = 'CANCELLED', version = version + 1, cancelled_at = p_now
   where id = any(ids);
  perform kit.record_events(kit.id_run(p_now), 'order.cancelled', 'order', ids, versions,
                            (actor).org_id, buyers, told, p_now);
  perform accounts.record_audits(kit.id_run(p_now), array_fill(actor, array[cardinality(ids)]),
                                 'expire', 'order', ids, told, p_now);
  return cardinality(ids);
end $$;

-- Give stock that has come to orders that wait for it, the oldest first; how many orders got any.
-- A part that gets less than it waits for is split.
create function orders.allocate_waiting(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare
  ids uuid[]; touched uuid[] := '{}'; w record; s record; v_take bigint; v_rest bigint; v_next int;
begin
  perform accounts.enter(actor);
  -- Orders before stock, stock in key order, as everywhere.
  select array_agg(o.id) into ids from (
    select x.id from orders."order" x
     where x.operator_org_id = (actor).org_id and x.status in ('PLACED', 'PAID', 'ON_CREDIT')
       and x.id in (select p.order_id from orders.order_part p
                     where p.status = 'BACKORDERED'
                       and exists (select from inventory.list_sellable(array[p.sku_id], false) a
                                    where a.available > 0))
     order by x.id limit p_limit for no key update skip locked) o;
  if ids is null then
    return 0;
  end if;
  perform from inventory.lock_sellable(array(
    select p.sku_id from orders.order_part p
     where p.order_id = any(ids) and p.status = 'BACKORDERED'), false);
  for w in
    select p.*, o.number from orders.order_part p join orders."order" o on o.id = p.order_id
     where p.order_id = any(ids) and p.status = 'BACKORDERED'
     order by p.order_id, p.line_no, p.part_no
  loop
    v_rest := w.quantity;
    while v_rest > 0 loop
      select a.node_id, a.owner_org_id, a.available into s
        from inventory.list_sellable(array[w.sku_id], false) a
        join trade.node n on n.id = a.node_id and n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS')
       where a.available > 0 order by a.node_id <> w.node_id, a.available desc, n.code limit 1;
      exit when not found;
      v_take := least(v_rest, s.available);
      v_rest := v_rest - v_take;
      perform inventory.reserve_many(kit.id_run(p_now), array[w.sku_id], array[s.node_id],
        array[s.owner_org_id], array[v_take], array[w.number], array[w.order_id],
        w.operator_org_id, p_now);
      if v_rest > 0 then
        update orders.order_part set quantity = v_rest
         where order_id = w.order_id and line_no = w.line_no and part_no = w.part_no;
        select max(p.part_no) + 1 into v_next from orders.order_part p
         where p.order_id = w.order_id and p.line_no = w.line_no;
      else
        delete from orders.order_part
         where order_id = w.order_id and line_no = w.line_no and part_no = w.part_no;
        v_next := w.part_no;
      end if;
      insert into orders.order_part (order_id, line_no, part_no, operator_org_id, buyer_org_id,
        sku_id, node_id, owner_org_id, quantity, sales_model, status)
      values (w.order_id, w.line_no, v_next, w.operator_org_id, w.buyer_org_id, w.sku_id,
        s.node_id, s.owner_org_id, v_take,
        case when s.owner_org_id = w.operator_org_id then 'OWNED' else 'PRESTOCK' end,
        'ALLOCATED');
      touched := touched || w.order_id;
    end loop;
  end loop;
  for w in
    select o.*, not exists (select from orders.order_part p
                             where p.order_id = o.id and p.status = 'BACKORDERED') as is_complete
      from orders."order" o where o.id = any(touched) order by o.id
  loop
    update orders."order"
       set version = version + 1,
           status = orders.open_status(payment_method, status <> 'PLACED', w.is_complete)
     where id = w.id;
    perform kit.record_event('order.allocated', 1, 'order', w.id, w.version + 1, p_now,
      w.operator_org_id, w.buyer_org_id, null,
      jsonb_build_object('number', w.number, 'is_complete', w.is_complete));
    perform accounts.record_audit(actor, p_now, 'allocate', 'order', w.id,
      jsonb_build_object('number', w.number, 'is_complete', w.is_complete));
  end loop;
  return (select count(distinct t) from unnest(touched) t);
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
  orders.receive_payment(accounts.actor, text, text, bigint, text, text, timestamptz),
  orders.change_order(accounts.actor, text, bytea, text, uuid, jsonb, timestamptz) to bl_app;

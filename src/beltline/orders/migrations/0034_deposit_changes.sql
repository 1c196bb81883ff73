-- What was done before is done to orders with deposits too: a part of an order may be unpaid, and is
-- dropped with the units it is of.

set local role beltline_core;

-- As before; the deposit of what a factory makes already is kept.
create or replace function orders.cancel(actor accounts.actor, p_order uuid, p_now timestamptz)
returns void language plpgsql as $$
declare
  o constant orders."order" := orders.lock_order(actor, p_order); refunded bigint;
  v_kept bigint;
begin
  if o.status not in ('PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED') or exists (
    select from orders.order_part p
     where p.order_id = p_order and p.status not in ('ALLOCATED', 'BACKORDERED', 'CANCELLED')
  ) then
    perform kit.refuse('orders.cannot_cancel',
                       jsonb_build_object('number', o.number, 'state', o.status));
  end if;
  v_kept := orders.keep_deposits(o);
  perform orders.release_parts(array[p_order], null, p_now);
  if v_kept > 0 then
    refunded := ledger.refund_part(p_order, ledger.paid_for(p_order, o.buyer_org_id) - v_kept, p_now);
    perform ledger.release_hold(p_order, p_now);
  else
    refunded := ledger.refund_hold(p_order, p_now);
  end if;
  update orders."order"
     set status = 'CANCELLED', version = version + 1, cancelled_at = p_now, deferred_amount = 0
   where id = p_order;
  perform orders.note_to_bill(p_order, p_now);
  perform orders.record_change(actor, o, 'order.cancelled', 'cancel', 'CANCELLED',
                               jsonb_build_object('refunded', refunded)
    || case when v_kept > 0 then jsonb_build_object('kept', v_kept) else '{}' end, p_now);
end $$;

-- As before: all that is to be paid now. An order whose balance waits is paid that.
create or replace function orders.pay(
  actor accounts.actor, p_order uuid, p_method text, p_now timestamptz
) returns void language plpgsql as $$
declare
  o constant orders."order" := orders.lock_order(actor, p_order);
  v_kind constant text := coalesce(ledger.kind_of_payment(p_method), 'BUYER_BALANCE');
  v_due constant bigint := o.total_amount - o.deferred_amount; v_status text; f record;
begin
  if o.status in ('PAID', 'ON_CREDIT', 'ALLOCATED') and o.deferred_amount > 0 then
    perform orders.pay_balance(actor, o, v_kind, p_now);
    return;
  elsif o.status <> 'PLACED' then
    perform kit.refuse('orders.not_payable',
                       jsonb_build_object('number', o.number, 'state', o.status));
  elsif o.expires_at <= p_now then
    perform kit.refuse('orders.payment_late', jsonb_build_object(
      'number', o.number, 'expired_at', orders.instant(o.expires_at)));
  end if;
  select * into f from ledger.lock_funds(array[o.buyer_org_id], array[v_kind],
                                         array[o.currency::text]);
  if not found or f.available < v_due then
    perform ledger.refuse_funds(o.buyer_org_id, v_kind, o.currency, v_due);
  end if;
  perform ledger.hold_many(kit.id_run(p_now), array[o.buyer_org_id], array[f.account_id],
    array[v_due], array[o.currency::text], array[o.number], array[o.id],
    o.operator_org_id, p_now);
  v_status := orders.open_status(p_method, true, not exists (
    select from orders.order_part p where p.order_id = p_order and p.status = 'BACKORDERED'));
  update orders."order"
     set status = v_status, version = version + 1, expires_at = null,
         payment_method = p_method
   where id = p_order;
  perform orders.record_change(actor, o, 'order.paid', 'pay', v_status,
    jsonb_build_object('method', p_method, 'amount', v_due, 'status', v_status), p_now);
end $$;

-- As before; of what a factory makes already the line can only be cancelled, its deposit is kept.
create or replace function orders.amend_line(
  p_run text, o orders."order", p_line int, p_quantity bigint, p_now timestamptz
) returns jsonb language plpgsql as $$
declare
  l orders.order_line; q orders.quotes; v_latest int; v_amount bigint := 0; v_price numeric;
  v_balance bigint := 0; v_unpaid bigint := 0; v_kept bigint := 0; v_made bigint; s record;
begin
  select * into l from orders.order_line x where x.order_id = o.id and x.line_no = p_line;
  if not found then
    perform kit.refuse('orders.unknown_line', jsonb_build_object(
      'number', o.number, 'line', p_line));
  elsif l.refunded_quantity > 0 or l.kept_amount > 0 or exists (
    select from orders.order_part p where p.order_id = o.id and p.line_no = p_line
       and p.status not in ('ALLOCATED', 'BACKORDERED', 'CANCELLED')
  ) then
    perform kit.refuse('orders.cannot_amend', jsonb_build_object(
      'number', o.number, 'state', o.status, 'line', p_line));
  end if;
  if l.balance_amount > 0 then
    v_made := orders.being_made(o.id, p_line);
    if v_made > 0 and p_quantity > 0 then
      perform kit.refuse('orders.being_made', jsonb_build_object(
        'number', o.number, 'line', p_line));
    end if;
    s := orders.split_units(l, v_made);
    v_kept := s.worth - s.balance;
    v_amount := v_kept;
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
    v_balance := coalesce(q.line_balances[1], 0);
    -- What was paid in full stays so.
    v_unpaid := case when l.balance_amount > 0 and l.deferred_amount = 0 then 0 else v_balance end;
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
  update orders.order_line
     set quantity = p_quantity, unit_price = v_price, amount = v_amount,
         balance_amount = v_balance, deferred_amount = v_unpaid, kept_amount = v_kept,
         deposit_percent = case when v_balance > 0 then q.line_deposits[1]
                                when v_kept > 0 then deposit_percent end
   where order_id = o.id and line_no = p_line;
  return jsonb_build_object('line', p_line, 'sku', l.sku,
    'quantity', jsonb_build_array(l.quantity, p_quantity),
    'amount', jsonb_build_array(l.amount, v_amount));
end $$;

-- As before; what is held is what is to be paid now.
create or replace function orders.amend(
  actor accounts.actor, p_order uuid, p_lines jsonb, p_now timestamptz
) returns void language plpgsql as $$
declare
  o constant orders."order" := orders.lock_order(actor, p_order);
  v_total bigint; v_unpaid bigint; v_status text; v_changes jsonb := '[]'; c record;
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
  select sum(l.amount)::bigint, sum(l.deferred_amount)::bigint into v_total, v_unpaid
    from orders.order_line l where l.order_id = p_order;
  if v_total = 0 then
    perform kit.refuse('orders.nothing_to_pay', '{}');
  end if;
  v_status := orders.open_status(o.payment_method, o.status <> 'PLACED', not exists (
    select from orders.order_part p where p.order_id = p_order and p.status = 'BACKORDERED'));
  update orders."order"
     set total_amount = v_total, deferred_amount = v_unpaid, status = v_status,
         has_deposit = has_deposit or v_unpaid > 0, version = version + 1
   where id = p_order;
  if o.status <> 'PLACED' then
    perform ledger.change_hold(
      p_order, v_total - v_unpaid - (o.total_amount - o.deferred_amount), p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  perform orders.record_change(actor, o, 'order.amended', 'amend', v_status, jsonb_build_object(
    'status', v_status, 'total', jsonb_build_array(o.total_amount, v_total),
    'lines', v_changes), p_now);
  -- What is left of it may all have arrived.
  perform orders.end_orders(array[p_order], p_now);
end $$;

-- As before, and it pays a balance that waits.
create or replace function orders.receive_payment(
  actor accounts.actor, p_source text, p_external_id text, p_amount bigint, p_currency text,
  p_reference text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  i ledger.incoming; o orders."order"; v_due bigint;
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
      v_due := orders.due_of(o, p_now);
      if v_due > 0 and o.currency = p_currency
         and ledger.available_balance(o.buyer_org_id, p_currency) >= v_due
         and (o.status = 'PLACED' or orders.payer_of(o.id) = 'BUYER_BALANCE') then
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

-- As before.
create or replace function orders.end_orders(p_orders uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare o record; v_status text; v_after timestamptz; v_released bigint;
begin
  for o in
    select x.id, x.number, x.version, x.operator_org_id, x.buyer_org_id, x.currency,
           x.deferred_amount, bool_or(p.status = 'DELIVERED') as arrived
      from orders."order" x join orders.order_part p on p.order_id = x.id
     where x.id = any(p_orders) and x.status not in ('PLACED', 'COMPLETED', 'CANCELLED')
     group by x.id having bool_and(p.status in ('DELIVERED', 'CANCELLED'))
     order by x.id
  loop
    if o.deferred_amount > 0 then
      perform orders.drop_rest(o.id);
    end if;
    v_status := case when o.arrived then 'COMPLETED' else 'CANCELLED' end;
    select p_now + case when o.arrived then make_interval(days => a.release_days)
                        else interval '0' end
      into v_after from orders.assurance a;
    perform ledger.let_release(o.id, v_after);
    v_released := case when o.arrived then 0 else ledger.release_hold(o.id, p_now) end;
    update orders."order"
       set status = v_status, version = version + 1,
           cancelled_at = case v_status when 'CANCELLED' then p_now end
     where id = o.id;
    perform kit.record_event(
      case when o.arrived then 'order.completed' else 'order.cancelled' end, 1, 'order', o.id,
      o.version + 1, p_now, o.operator_org_id, o.buyer_org_id, null, jsonb_build_object(
        'number', o.number, 'status', v_status, 'released', v_released,
        'release_after', orders.instant(v_after), 'currency', o.currency));
  end loop;
end $$;

-- As before; the unpaid balance of the units is dropped. Returns what is given back.
create or replace function orders.refund_units(
  p_order uuid, p_line int, p_units bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare l orders.order_line; s record; v_amount bigint;
begin
  perform from orders."order" o where o.id = p_order for no key update;
  select x.* into strict l from orders.order_line x
   where x.order_id = p_order and x.line_no = p_line;
  s := orders.split_units(l, p_units);
  v_amount := s.worth - s.unpaid;
  update orders.order_line
     set refunded_quantity = least(refunded_quantity + p_units, quantity),
         refunded_amount = refunded_amount + s.worth,
         balance_amount = balance_amount - s.balance,
         deferred_amount = deferred_amount - s.unpaid
   where order_id = p_order and line_no = p_line;
  if s.unpaid > 0 then
    update orders."order" set deferred_amount = deferred_amount - s.unpaid where id = p_order;
  end if;
  if v_amount > 0 then
    perform ledger.refund_part(p_order, v_amount, p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  return v_amount;
end $$;

-- As before, without what is unpaid.
create or replace function orders.worth_of(l orders.order_line, p_units bigint) returns bigint
language sql immutable as $$
  select s.worth - s.unpaid from orders.split_units(l, p_units) s
$$;

-- As before, as far as it is paid and not a deposit that is kept.
create or replace function orders.refund_amount(
  p_order uuid, p_line int, p_amount bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare v_amount bigint;
begin
  select least(p_amount, x.amount - x.refunded_amount - x.deferred_amount - x.kept_amount)
    into strict v_amount
    from orders.order_line x where x.order_id = p_order and x.line_no = p_line;
  if v_amount > 0 then
    update orders.order_line set refunded_amount = refunded_amount + v_amount
     where order_id = p_order and line_no = p_line;
    perform ledger.refund_part(p_order, v_amount, p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  return v_amount;
end $$;

-- As before; nothing is claimed of a line whose balance is unpaid.
create or replace function orders.open_claim(
  actor accounts.actor, p_claim uuid, p_order uuid, p_reason text, p_note text, p_lines jsonb,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare
  o orders."order"; h ledger.hold; w record; l orders.order_line; v_amount bigint;
  v_total bigint := 0; v_rules orders.assurance;
begin
  perform accounts.enter(actor);
  o := orders.lock_order(actor, p_order);
  select x.* into h from ledger.hold x where x.reference_id = p_order for no key update;
  select x.* into strict v_rules from orders.assurance x;
  if exists (select from orders.claim c where c.order_id = p_order and c.state = 'OPEN') then
    perform kit.refuse('orders.claim_open', jsonb_build_object('number', o.number));
  elsif h.id is null or not orders.has_left(p_order, null) then
    perform kit.refuse('orders.nothing_to_claim', jsonb_build_object(
      'number', o.number, 'state', o.status));
  elsif h.closed_at < p_now - make_interval(days => v_rules.claim_days) then
    perform kit.refuse('orders.claim_too_late', jsonb_build_object(
      'number', o.number, 'days', v_rules.claim_days));
  end if;
  insert into orders.claim (id, number, order_id, operator_org_id, buyer_org_id, state, reason,
    note, currency, asked_amount, opened_at, due_at)
  values (p_claim, 'CLM-' || nextval('orders.claim_number'), o.id, o.operator_org_id,
    o.buyer_org_id, 'OPEN', p_reason, p_note, o.currency, 1, p_now,
    p_now + make_interval(days => v_rules.answer_days));
  for w in
    select x.line, x.units, x.amount
      from jsonb_to_recordset(p_lines) as x(line int, units bigint, amount bigint)
    union all
    select y.line_no, y.quantity - y.refunded_quantity, null from orders.order_line y
     where p_lines = '[]' and y.order_id = p_order and y.deferred_amount = 0
       and y.amount > y.refunded_amount + y.kept_amount
       and y.quantity > y.refunded_quantity and orders.has_left(p_order, y.line_no)
  loop
    select x.* into l from orders.order_line x
     where x.order_id = p_order and x.line_no = w.line and orders.has_left(p_order, w.line);
    if not found then
      perform kit.refuse('orders.unknown_line', jsonb_build_object(
        'number', o.number, 'line', w.line));
    elsif l.deferred_amount > 0 then
      perform kit.refuse('orders.balance_open', jsonb_build_object(
        'number', o.number, 'line', w.line));
    end if;
    v_amount := coalesce(w.amount, orders.worth_of(l, w.units));
    if v_amount = 0 or v_amount > l.amount - l.refunded_amount - l.kept_amount
       or w.units > l.quantity - l.refunded_quantity then
      perform kit.refuse('orders.claim_beyond', jsonb_build_object(
        'asked', v_amount, 'left', l.amount - l.refunded_amount - l.kept_amount,
        'currency', o.currency));
    end if;
    insert into orders.claim_line (claim_id, line_no, operator_org_id, buyer_org_id, units,
                                   asked_amount)
    values (p_claim, w.line, o.operator_org_id, o.buyer_org_id, w.units, v_amount);
    v_total := v_total + v_amount;
  end loop;
  if v_total = 0 then
    perform kit.refuse('orders.claim_beyond', jsonb_build_object(
      'asked', 0, 'left', 0, 'currency', o.currency));
  end if;
  update orders.claim set asked_amount = v_total where id = p_claim;
  perform ledger.freeze_hold(p_order);
  perform orders.tell_claim(actor, p_claim, 'claim.opened', p_now);
end $$;

-- As before, what is paid.
create or replace function orders.unbilled(o orders."order", is_undone boolean)
returns table (kind text, line int, quantity bigint, amount bigint, unit_price numeric, sku_id uuid)
language plpgsql stable as $$
begin
  return query
  with compared as (
    select l.line_no, l.sku_id, l.unit_price,
           case when is_undone then 0 else l.quantity - l.refunded_quantity end as units,
           case when is_undone then 0 else l.amount - l.refunded_amount - l.deferred_amount end as worth,
           coalesce(b.quantity, 0) as b_units, coalesce(b.amount, 0) as b_worth,
           coalesce(b.unit_price, l.unit_price) as b_price
      from orders.order_line l
      left join ledger.billed_lines((o).id) b on b.line = l.line_no
     where l.order_id = (o).id
  ), marked as (
    select c.*, c.unit_price <> c.b_price and c.worth > 0 and c.b_worth > 0 as is_anew
      from compared c
  )
  select 'INVOICE', m.line_no, (m.units - case when m.is_anew then 0 else m.b_units end)::bigint,
         (m.worth - case when m.is_anew then 0 else m.b_worth end)::bigint,
         m.unit_price::numeric, m.sku_id
    from marked m where m.is_anew or m.worth > m.b_worth
   union all
  select 'CREDIT_NOTE', m.line_no,
         (m.b_units - case when m.is_anew then 0 else m.units end)::bigint,
         (m.b_worth - case when m.is_anew then 0 else m.worth end)::bigint,
         m.b_price::numeric, m.sku_id
    from marked m where m.is_anew or m.worth < m.b_worth;
end $$;

-- As before; a deposit and a balance are called so.
create or replace function orders.bill(actor accounts.actor, o orders."order", p_now timestamptz)
returns boolean language plpgsql as $$
declare
  v_paid constant bigint := ledger.paid_for((o).id, (o).buyer_org_id);
  is_undone constant boolean := (o).status = 'CANCELLED' and v_paid = 0;
  k record;
begin
  if not is_undone and v_paid <> (select sum(l.amount - l.refunded_amount - l.deferred_amount)
                                    from orders.order_line l where l.order_id = (o).id) then
    return false;
  end if;
  for k in
    select u.kind, sum(u.amount)::bigint as total,
           jsonb_agg(jsonb_build_object('line', u.line, 'sku', s.code, 'title', s.title,
             'title_zh', s.title_zh, 'uom', s.uom, 'quantity', u.quantity,
             'unit_price', trim_scale(u.unit_price)::text, 'amount', u.amount)
             || case when u.kind = 'INVOICE' then orders.billed_as(l, u.quantity) else '{}' end
             order by u.line) as lines
      from orders.unbilled(o, is_undone) u join catalog.sku s on s.id = u.sku_id
      join orders.order_line l on l.order_id = (o).id and l.line_no = u.line
     group by u.kind order by u.kind
  loop
    perform ledger.issue_paper(actor, k.kind, (o).operator_org_id, (o).buyer_org_id, (o).id,
      (o).number, null, (o).currency, k.total, jsonb_build_object('lines', k.lines,
        'order_reference', (o).reference, 'corrects', case k.kind when 'CREDIT_NOTE' then (
          select jsonb_agg(p.number order by p.year, p.serial) from ledger.paper p
           where p.reference_id = (o).id and p.kind = 'INVOICE') end), p_now);
  end loop;
  return true;
end $$;

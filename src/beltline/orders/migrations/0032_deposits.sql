-- Deposit and balance: of goods that are made to order a share is paid with the order and the rest
-- when they are made and inspected; until then they do not leave.

alter table orders."order"
  -- Some of its goods are, or were, made to order and paid in two goes.
  add column has_deposit boolean not null default false,
  add column deferred_amount orders.amount not null default 0;
comment on column orders."order".deferred_amount is
  'What of the total waits for goods to be made and is not paid yet.';
alter table orders.order_line
  add column deposit_percent numeric(5, 2),
  -- What of the amount was agreed to be paid when the goods are made, less what of it was dropped;
  -- `deferred_amount` is all of it as long as it is not paid, then 0.
  add column balance_amount orders.amount not null default 0,
  add column deferred_amount orders.amount not null default 0,
  add column balance_due_at timestamptz,
  -- Deposits of units that the buyer gave up while, or after, they were made.
  add column kept_amount orders.amount not null default 0;
comment on column orders.order_line.refunded_amount is
  'What of the amount the buyer does not pay: given back, or a balance that is dropped.';
create index order_line_deferred on orders.order_line (order_id) where deferred_amount > 0;

set local role beltline_core;

alter type orders.quotes add attribute balances bigint[], add attribute line_balances bigint[],
  add attribute line_deposits numeric[];

-- How long the goods wait for their balance.
create function orders.balance_time() returns interval language sql immutable as $$
  select interval '7 days'
$$;

-- What is paid later of a line of which `p_made` of `p_units` are made to order: the deposit gets
-- what rounding leaves.
create function orders.balance_of(p_amount bigint, p_made bigint, p_units bigint, p_percent numeric)
returns bigint language sql immutable as $$
  select floor(p_amount::numeric * p_made * (100 - p_percent) / (100 * p_units))::bigint
$$;

-- A line's deposit as the API shows it; `amount` is paid with the order.
create function orders.deposit_json(
  p_percent numeric, p_amount bigint, p_balance bigint, p_unpaid bigint, p_due_at timestamptz
) returns jsonb language sql stable as $$
  select jsonb_build_object('percent', trim_scale(p_percent), 'amount', p_amount - p_balance,
    'balance', p_balance, 'unpaid', p_unpaid, 'due_at', orders.instant(p_due_at))
$$;

create function orders.deposit_of(l orders.order_line) returns jsonb language plpgsql stable as $$
begin
  if (l).balance_amount = 0 then
    return '{}';
  end if;
  return jsonb_build_object('deposit', orders.deposit_json((l).deposit_percent,
    ((l).amount - (l).refunded_amount)::bigint, (l).balance_amount, (l).deferred_amount,
    (l).balance_due_at));
end $$;

-- An order, or what it would be, with its deposit where it has one: what its proforma asks for is
-- what is to be paid now.
create function orders.with_deposit(
  p_head jsonb, p_total bigint, p_balance bigint, p_unpaid bigint, p_due_at timestamptz
) returns jsonb language plpgsql stable as $$
begin
  if p_balance = 0 then
    return p_head;
  end if;
  return jsonb_set(p_head, '{proforma,amount}', to_jsonb(p_total - p_unpaid), false)
    || jsonb_build_object('deposit', jsonb_build_object(
      'amount', p_total - p_balance, 'balance', p_balance, 'unpaid', p_unpaid,
      'due_at', orders.instant(p_due_at)));
end $$;

-- A kept order with its deposit.
create function orders.add_deposit(p_head jsonb, p_order uuid) returns jsonb
language plpgsql stable as $$
begin
  return (
    select orders.with_deposit(p_head, sum(l.amount - l.refunded_amount)::bigint,
                               sum(l.balance_amount)::bigint, sum(l.deferred_amount)::bigint,
                               min(l.balance_due_at))
      from orders.order_line l where l.order_id = p_order);
end $$;

-- Write what is paid later into the orders of quotes that were placed.
create function orders.keep_balances(q orders.quotes, ids uuid[]) returns void
language plpgsql as $$
begin
  update orders."order" o set has_deposit = true, deferred_amount = w.balance
    from unnest(ids, q.balances) as w(id, balance) where o.id = w.id and w.balance > 0;
  update orders.order_line l
     set deposit_percent = w.percent, balance_amount = w.balance, deferred_amount = w.balance
    from unnest(q.line_orders, q.line_nos, q.line_balances, q.line_deposits)
      as w(n, line_no, balance, percent)
   where l.order_id = ids[w.n] and l.line_no = w.line_no and w.balance > 0;
end $$;

-- What some units of a line are worth that were neither given back nor given up: their share of
-- what is left of its amount, so that the last unit gets the last of it; how much of that was agreed
-- to be paid later, and how much of this is unpaid.
create function orders.split_units(
  l orders.order_line, p_units bigint, out worth bigint, out balance bigint, out unpaid bigint
) language plpgsql immutable as $$
declare v_left constant bigint := (l).quantity - (l).refunded_quantity;
begin
  worth := round(((l).amount - (l).refunded_amount - (l).kept_amount)::numeric
                 * least(p_units, v_left) / greatest(v_left, 1));
  balance := case when (l).balance_amount = 0 or p_units = 0 then 0
                  when p_units >= v_left then (l).balance_amount
                  else least((l).balance_amount,
                             ceil(worth * (100 - (l).deposit_percent) / 100)) end;
  unpaid := case when (l).deferred_amount > 0 then balance else 0 end;
end $$;

-- How many units of a line a factory has said it makes and still has.
create function orders.being_made(p_order uuid, p_line int) returns bigint
language plpgsql stable as $$
begin
  return coalesce((
    select sum(coalesce((p.standing->>'owed')::bigint, p.quantity))
      from orders.order_part p join procurement.purchase_order x on x.id = p.purchase_order_id
     where p.order_id = p_order and p.line_no = p_line and p.status = 'ALLOCATED'
       and p.sales_model = 'VIRTUAL'
       and x.status not in ('PROPOSED', 'ISSUED', 'COUNTERED', 'REFUSED', 'EXPIRED', 'CANCELLED')), 0);
end $$;

-- An order with deposits is cancelled: those of units a factory makes already are kept, everything
-- else the buyer does not pay. Returns what is kept; 0 of an order without deposits.
create function orders.keep_deposits(o orders."order") returns bigint language plpgsql as $$
declare l orders.order_line; s record; v_kept bigint;
begin
  if not (o).has_deposit then
    return 0;
  end if;
  for l in select x.* from orders.order_line x
            where x.order_id = (o).id and x.balance_amount > 0 order by x.line_no
  loop
    s := orders.split_units(l, orders.being_made((o).id, l.line_no));
    update orders.order_line
       set kept_amount = kept_amount + s.worth - s.balance, balance_amount = 0, deferred_amount = 0,
           balance_due_at = null
     where order_id = l.order_id and line_no = l.line_no;
  end loop;
  select sum(x.kept_amount) into v_kept from orders.order_line x where x.order_id = (o).id;
  if v_kept > 0 then
    update orders.order_line x
       set refunded_amount = amount - kept_amount, refunded_quantity = quantity
     where x.order_id = (o).id;
  end if;
  return v_kept;
end $$;

-- What an order waits for now: its money, or the balance of goods that are made.
create function orders.due_of(o orders."order", p_now timestamptz) returns bigint
language plpgsql stable as $$
begin
  return case when (o).status = 'PLACED' and (o).expires_at > p_now
              then (o).total_amount - (o).deferred_amount
              when (o).status in ('PAID', 'ON_CREDIT', 'ALLOCATED') and (o).deferred_amount > 0
              then (select sum(b.amount) from orders.due_balances((o).id) b) else 0 end;
end $$;

-- The balances to be paid next: of the lines whose goods are made; while there are none, of all.
create function orders.due_balances(p_order uuid)
returns table (line_no int, amount bigint) language plpgsql stable as $$
begin
  return query
  select l.line_no, l.deferred_amount::bigint from orders.order_line l
   where l.order_id = p_order and l.deferred_amount > 0
     and (l.balance_due_at is not null or not exists (
       select from orders.order_line x where x.order_id = p_order and x.deferred_amount > 0
          and x.balance_due_at is not null))
   order by l.line_no;
end $$;

-- The kind of account an order was paid from.
create function orders.payer_of(p_order uuid) returns text language plpgsql stable as $$
begin
  return (select a.kind from ledger.hold h join ledger.account a on a.id = h.payer_account_id
           where h.reference_id = p_order);
end $$;

-- Pay the balances that are due, from where the deposit came from: a refund goes back there.
create function orders.pay_balance(
  actor accounts.actor, o orders."order", p_kind text, p_now timestamptz
) returns void language plpgsql as $$
declare v_payer constant text := orders.payer_of((o).id); v_lines int[]; v_amount bigint;
begin
  if v_payer <> p_kind then
    perform kit.refuse('orders.balance_elsewhere', jsonb_build_object('number', (o).number,
      'method', case v_payer when 'BUYER_CREDIT' then 'CREDIT' else 'BALANCE' end));
  end if;
  select array_agg(b.line_no order by b.line_no), sum(b.amount)::bigint into v_lines, v_amount
    from orders.due_balances((o).id) b;
  perform from ledger.lock_funds(array[(o).buyer_org_id], array[p_kind],
                                 array[(o).currency::text]) f where f.available >= v_amount;
  if not found then
    perform ledger.refuse_funds((o).buyer_org_id, p_kind, (o).currency, v_amount);
  end if;
  perform ledger.change_hold((o).id, v_amount, p_now);
  update orders.order_line set deferred_amount = 0, balance_due_at = null
   where order_id = (o).id and line_no = any(v_lines);
  update orders."order" set deferred_amount = deferred_amount - v_amount, version = version + 1
   where id = (o).id;
  perform orders.note_to_bill((o).id, p_now);
  perform orders.record_change(actor, o, 'order.balance_paid', 'pay_balance', (o).status,
    jsonb_build_object('amount', v_amount, 'lines', to_jsonb(v_lines),
                       'unpaid', (o).deferred_amount - v_amount), p_now);
end $$;

-- Goods of a line are made and inspected: its balance is to be paid until `p_due_at`. The order is
-- locked by the caller.
create function orders.call_balance(
  p_order uuid, p_line int, p_due_at timestamptz, p_now timestamptz
) returns void language plpgsql as $$
declare o orders."order"; l orders.order_line;
begin
  update orders.order_line set balance_due_at = greatest(balance_due_at, p_due_at)
   where order_id = p_order and line_no = p_line and deferred_amount > 0
  returning * into strict l;
  update orders."order" set version = version + 1 where id = p_order returning * into strict o;
  perform kit.record_event('order.balance_due', 1, 'order', o.id, o.version, p_now,
    o.operator_org_id, o.buyer_org_id, null, jsonb_build_object('number', o.number,
      'currency', o.currency, 'line', l.line_no, 'sku', l.sku, 'balance', l.deferred_amount,
      'due_at', orders.instant(l.balance_due_at)));
end $$;

-- What was paid of some units of a line: given back when they do not come, kept when the buyer gives
-- them up.
create function orders.paid_of_units(p_order uuid, p_line int, p_units bigint) returns bigint
language plpgsql stable as $$
begin
  return (select s.worth - s.unpaid from orders.order_line l
           cross join lateral orders.split_units(l, p_units) s
           where l.order_id = p_order and l.line_no = p_line);
end $$;

-- Units of a line that the buyer does not pay the balance of: their deposit is kept. Returns it. The
-- order is locked by the caller.
create function orders.give_up_units(p_order uuid, p_line int, p_units bigint, p_now timestamptz)
returns bigint language plpgsql as $$
declare l orders.order_line; s record;
begin
  select x.* into strict l from orders.order_line x
   where x.order_id = p_order and x.line_no = p_line;
  s := orders.split_units(l, p_units);
  update orders.order_line
     set refunded_quantity = least(refunded_quantity + p_units, quantity),
         refunded_amount = refunded_amount + s.unpaid,
         balance_amount = balance_amount - s.balance,
         deferred_amount = deferred_amount - s.unpaid,
         kept_amount = kept_amount + s.worth - s.unpaid
   where order_id = p_order and line_no = p_line;
  update orders."order" set deferred_amount = deferred_amount - s.unpaid, version = version + 1
   where id = p_order;
  perform orders.note_to_bill(p_order, p_now);
  return s.worth - s.unpaid;
end $$;

-- Nothing more is to come of an order: what rounding left of its balances is dropped.
create function orders.drop_rest(p_order uuid) returns void language plpgsql as $$
begin
  update orders.order_line
     set refunded_amount = refunded_amount + deferred_amount,
         balance_amount = balance_amount - deferred_amount, deferred_amount = 0,
         balance_due_at = null
   where order_id = p_order and deferred_amount > 0;
  update orders."order" set deferred_amount = 0 where id = p_order;
end $$;

-- How a line of an invoice is called that is not billed in one.
create function orders.billed_as(l orders.order_line, p_units bigint) returns jsonb
language sql immutable as $$
  select case when (l).deposit_percent is null then '{}'
              when (l).deferred_amount > 0 then jsonb_build_object(
                'kind', 'DEPOSIT', 'balance', (l).deferred_amount)
              when p_units = 0 and (l).refunded_quantity = (l).quantity then '{"kind": "KEPT"}'
              when p_units = 0 then '{"kind": "BALANCE"}'
              else '{}' end::jsonb
$$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and p.proname in ('balance_time', 'balance_of', 'deposit_json', 'deposit_of',
                'with_deposit', 'add_deposit', 'keep_balances', 'split_units', 'being_made', 'keep_deposits',
                'due_of', 'due_balances', 'payer_of', 'pay_balance', 'call_balance', 'paid_of_units',
                'give_up_units', 'drop_rest', 'billed_as') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

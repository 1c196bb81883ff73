-- Claims under trade assurance: while one is open the order's money stands still; and the end of the
-- wait, by the buyer's word or by time.

-- How long the wait lasts: one row.
create table orders.assurance (
  one boolean primary key default true check (one),
  -- Days after the delivery until the receipt counts as confirmed.
  release_days int not null default 7 check (release_days between 0 and 90),
  -- Days after the release in which the buyer may still claim.
  claim_days int not null default 30 check (claim_days between 0 and 180),
  -- Days the operator has to answer a claim, before the buyer gets what it asked for.
  answer_days int not null default 7 check (answer_days between 1 and 60),
  version bigint not null default 1
);
select kit.protect('orders.assurance', 'true', 'select', 'select, update', 'false');
insert into orders.assurance default values;

create sequence orders.claim_number start 40001;
grant usage on sequence orders.claim_number to beltline_core;

create table orders.claim (
  id uuid primary key,
  number text not null unique,
  order_id uuid not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  state text not null check (state in ('OPEN', 'REFUNDED', 'REJECTED', 'WITHDRAWN')),
  reason text not null check (reason in (
    'NOT_ARRIVED', 'DAMAGED', 'DEFECTIVE', 'WRONG', 'NOT_AS_DESCRIBED', 'LATE')),
  note text not null,
  currency text not null,
  asked_amount bigint not null check (asked_amount > 0),
  refunded_amount bigint not null default 0 check (refunded_amount >= 0),
  answer_note text not null default '',
  charged_to text check (charged_to in ('SUPPLIER', 'CARRIER', 'OPERATOR')),
  -- Nobody answered in time.
  by_default boolean not null default false,
  version bigint not null default 1,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'OPEN') = (ended_at is null)),
  check (state = 'REFUNDED' or refunded_amount = 0)
);
create unique index claim_open on orders.claim (order_id) where state = 'OPEN';
create index claim_due on orders.claim (due_at, id) where state = 'OPEN';
create index claim_by_order on orders.claim (order_id, opened_at);
create index claim_by_operator on orders.claim (operator_org_id, opened_at desc, id desc);
create index claim_by_buyer on orders.claim (buyer_org_id, opened_at desc, id desc);
select kit.protect('orders.claim', '{org} in (operator_org_id, buyer_org_id)', 'select');

-- What of each line is asked back: the price of some units, or an amount off the line.
create table orders.claim_line (
  claim_id uuid not null references orders.claim,
  line_no int not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  units bigint check (units > 0),
  asked_amount bigint not null check (asked_amount > 0),
  refunded_amount bigint not null default 0 check (refunded_amount >= 0),
  primary key (claim_id, line_no)
);
select kit.protect('orders.claim_line', '{org} in (operator_org_id, buyer_org_id)', 'select');

set local role beltline_core;

-- The event and the audit row of what became of a claim. The row was changed by the caller.
create function orders.tell_claim(
  actor accounts.actor, p_claim uuid, p_type text, p_now timestamptz
) returns void language plpgsql as $$
declare c orders.claim; v_data jsonb;
begin
  select x.* into strict c from orders.claim x where x.id = p_claim;
  v_data := jsonb_build_object('number', c.number, 'state', c.state, 'reason', c.reason,
    'order_id', 'ord_' || replace(c.order_id::text, '-', ''), 'asked', c.asked_amount,
    'refunded', c.refunded_amount, 'currency', c.currency, 'by_default', c.by_default);
  perform kit.record_event(p_type, 1, 'claim', c.id, c.version, p_now,
    c.operator_org_id, c.buyer_org_id, null, v_data);
  perform accounts.record_audit(actor, p_now, split_part(p_type, '.', 2), 'claim', c.id, v_data
    || jsonb_build_object('charged_to', c.charged_to));
end $$;

-- What some units of a line are worth that were not given back yet: their share of what is left of
-- its amount, so that the last unit gets the last of it.
create function orders.worth_of(l orders.order_line, p_units bigint) returns bigint
language sql immutable as $$
  select round(((l).amount - (l).refunded_amount)::numeric
               * least(p_units, (l).quantity - (l).refunded_quantity)
               / greatest((l).quantity - (l).refunded_quantity, 1))::bigint
$$;

-- An amount off a line whose units the buyer keeps, as far as the line still has it.
create function orders.refund_amount(
  p_order uuid, p_line int, p_amount bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare v_amount bigint;
begin
  select least(p_amount, x.amount - x.refunded_amount) into strict v_amount
    from orders.order_line x where x.order_id = p_order and x.line_no = p_line;
  if v_amount > 0 then
    update orders.order_line set refunded_amount = refunded_amount + v_amount
     where order_id = p_order and line_no = p_line;
    perform ledger.refund_part(p_order, v_amount, p_now);
    perform orders.note_to_bill(p_order, p_now);
  end if;
  return v_amount;
end $$;

-- Whether something of an order, or of one of its lines, has left: what has not can be cancelled.
create function orders.has_left(p_order uuid, p_line int) returns boolean
language plpgsql stable as $$
begin
  return exists (select from orders.order_part p
                  where p.order_id = p_order and p.line_no = coalesce(p_line, p.line_no)
                    and p.status in ('SHIPPED', 'DELIVERED'));
end $$;

-- Ask money back of a paid order of which something has left: the price of units or amounts off the
-- lines of `p_lines` [{line, units | amount}], or all of what has left. Its hold stands still then.
create function orders.open_claim(
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
     where p_lines = '[]' and y.order_id = p_order and y.amount > y.refunded_amount
       and y.quantity > y.refunded_quantity and orders.has_left(p_order, y.line_no)
  loop
    select x.* into l from orders.order_line x
     where x.order_id = p_order and x.line_no = w.line and orders.has_left(p_order, w.line);
    if not found then
      perform kit.refuse('orders.unknown_line', jsonb_build_object(
        'number', o.number, 'line', w.line));
    end if;
    v_amount := coalesce(w.amount, orders.worth_of(l, w.units));
    if v_amount = 0 or v_amount > l.amount - l.refunded_amount
       or w.units > l.quantity - l.refunded_quantity then
      perform kit.refuse('orders.claim_beyond', jsonb_build_object(
        'asked', v_amount, 'left', l.amount - l.refunded_amount, 'currency', o.currency));
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

-- An open claim of the actor's side, locked after its order, as everywhere.
create function orders.lock_claim(actor accounts.actor, p_claim uuid) returns orders.claim
language plpgsql as $$
declare c orders.claim;
begin
  perform accounts.enter(actor);
  perform from orders."order" o
   where o.id = (select x.order_id from orders.claim x where x.id = p_claim)
     and (actor).org_id in (o.operator_org_id, o.buyer_org_id) for no key update;
  select x.* into c from orders.claim x
   where x.id = p_claim and (actor).org_id in (x.operator_org_id, x.buyer_org_id)
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'claim', 'key', 'clm_' || replace(p_claim::text, '-', '')));
  elsif c.state <> 'OPEN' then
    perform kit.refuse('orders.claim_ended', jsonb_build_object(
      'number', c.number, 'state', c.state));
  end if;
  return c;
end $$;

-- Give the buyer `p_amount` of what a claim asks. All of it is the price of the claimed units; a
-- part is spread over the claimed lines by what each asks, to the last minor unit. Returns what
-- could be given: a line may have less left than when it was claimed.
create function orders.grant_claim(c orders.claim, p_amount bigint, p_now timestamptz)
returns bigint language plpgsql as $$
declare
  l record; v_before bigint := 0; v_share bigint; v_given bigint; v_total bigint := 0;
begin
  for l in select x.* from orders.claim_line x where x.claim_id = c.id order by x.line_no loop
    v_share := round(p_amount::numeric * (v_before + l.asked_amount) / c.asked_amount)
               - round(p_amount::numeric * v_before / c.asked_amount);
    v_before := v_before + l.asked_amount;
    v_given := case when l.units is not null and p_amount = c.asked_amount
                    then orders.refund_units(c.order_id, l.line_no, l.units, p_now)
                    else orders.refund_amount(c.order_id, l.line_no, v_share, p_now) end;
    update orders.claim_line set refunded_amount = v_given
     where claim_id = c.id and line_no = l.line_no;
    v_total := v_total + v_given;
  end loop;
  return v_total;
end $$;

-- The end of a claim: its hold moves again, with the next round where its time is over.
create function orders.end_claim(
  actor accounts.actor, c orders.claim, p_state text, p_refunded bigint, p_note text,
  p_charged_to text, p_by_default boolean, p_now timestamptz
) returns void language plpgsql as $$
begin
  update orders.claim
     set state = p_state, refunded_amount = p_refunded, answer_note = p_note,
         charged_to = p_charged_to, by_default = p_by_default, version = version + 1,
         ended_at = p_now
   where id = c.id;
  perform ledger.thaw_hold(c.order_id);
  perform orders.tell_claim(actor, c.id, case p_state when 'REFUNDED' then 'claim.refunded'
    when 'REJECTED' then 'claim.rejected' else 'claim.withdrawn' end, p_now);
end $$;

-- The operator answers: `p_amount` above 0 is refunded, 0 rejects.
create function orders.answer_claim(
  actor accounts.actor, p_claim uuid, p_amount bigint, p_charged_to text, p_note text,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare c constant orders.claim := orders.lock_claim(actor, p_claim); v_given bigint;
begin
  if (actor).org_id <> c.operator_org_id then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  elsif p_amount > c.asked_amount then
    perform kit.refuse('orders.claim_beyond', jsonb_build_object(
      'asked', p_amount, 'left', c.asked_amount, 'currency', c.currency));
  elsif p_amount = 0 then
    perform orders.end_claim(actor, c, 'REJECTED', 0, p_note, null, false, p_now);
    return;
  end if;
  v_given := orders.grant_claim(c, p_amount, p_now);
  if v_given = 0 or v_given < p_amount and p_amount < c.asked_amount then
    perform kit.refuse('orders.claim_beyond', jsonb_build_object(
      'asked', p_amount, 'left', v_given, 'currency', c.currency));
  end if;
  perform orders.end_claim(actor, c, 'REFUNDED', v_given, p_note, p_charged_to, false, p_now);
end $$;

create function orders.withdraw_claim(actor accounts.actor, p_claim uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare c constant orders.claim := orders.lock_claim(actor, p_claim);
begin
  if (actor).org_id <> c.buyer_org_id then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the buyer of the order', 'role', (actor).org_kind));
  end if;
  perform orders.end_claim(actor, c, 'WITHDRAWN', 0, '', null, false, p_now);
end $$;

-- Claims that nobody answered in time: the buyer gets what it asked for, as far as it is left; how
-- many.
create function orders.default_claims(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare ids uuid[]; v_id uuid; c orders.claim;
begin
  perform accounts.enter(actor);
  select array_agg(l.id order by l.order_id) into ids from (
    select x.id, o.id as order_id from orders.claim x join orders."order" o on o.id = x.order_id
     where x.state = 'OPEN' and x.due_at <= p_now and x.operator_org_id = (actor).org_id
     order by o.id limit p_limit for no key update of o skip locked) l;
  foreach v_id in array coalesce(ids, '{}') loop
    select x.* into strict c from orders.claim x where x.id = v_id for no key update;
    continue when c.state <> 'OPEN';
    perform orders.end_claim(actor, c, 'REFUNDED', orders.grant_claim(c, c.asked_amount, p_now),
                             '', 'OPERATOR', true, p_now);
  end loop;
  return coalesce(cardinality(ids), 0);
end $$;

-- Money of orders whose wait is over goes to the seller: events and audit rows of all of them.
create function orders.release_orders(
  actor accounts.actor, ids uuid[], p_by text, p_now timestamptz
) returns void language plpgsql as $$
declare
  found_ids uuid[]; versions bigint[]; buyers uuid[]; told jsonb[];
begin
  select array_agg(o.id order by o.id), array_agg(o.version + 1 order by o.id),
         array_agg(o.buyer_org_id order by o.id),
         array_agg(jsonb_build_object('number', o.number, 'currency', o.currency, 'by', p_by,
                   'released', h.amount - h.released - h.refunded) order by o.id)
    into found_ids, versions, buyers, told
    from orders."order" o join ledger.hold h on h.reference_id = o.id
   where o.id = any(ids);
  perform ledger.release_many(found_ids, p_now);
  update orders."order" set version = version + 1 where id = any(found_ids);
  perform kit.record_events(kit.id_run(p_now), 'order.released', 'order', found_ids, versions,
                            (select o.operator_org_id from orders."order" o
                              where o.id = found_ids[1]), buyers, told, p_now);
  perform accounts.record_audits(kit.id_run(p_now),
    array_fill(actor, array[cardinality(found_ids)]), 'release', 'order', found_ids, told, p_now);
end $$;

-- The buyer has got all that came of an order and is content: its money goes to the seller now.
-- Twice is once.
create function orders.confirm_receipt(actor accounts.actor, p_order uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare o orders."order"; h ledger.hold;
begin
  perform accounts.enter(actor);
  o := orders.lock_order(actor, p_order);
  select x.* into h from ledger.hold x where x.reference_id = p_order for no key update;
  if (actor).org_id <> o.buyer_org_id then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the buyer of the order', 'role', (actor).org_kind));
  elsif o.status <> 'COMPLETED' then
    perform kit.refuse('orders.not_arrived', jsonb_build_object(
      'number', o.number, 'state', o.status));
  elsif h.state = 'FROZEN' then
    perform kit.refuse('orders.claim_open', jsonb_build_object('number', o.number));
  elsif h.state = 'OPEN' then
    perform orders.release_orders(actor, array[p_order], 'BUYER', p_now);
  end if;
end $$;

-- Receipts that count as confirmed because their days are over, in one set; how many. Orders that
-- somebody works on at this moment are left for the next time.
create function orders.release_due(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare ids uuid[];
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into ids from (
    select o.id from ledger.hold h join orders."order" o on o.id = h.reference_id
     where h.state = 'OPEN' and h.release_after <= p_now and o.operator_org_id = (actor).org_id
     order by h.release_after, o.id limit p_limit for no key update skip locked) l;
  if ids is not null then
    perform orders.release_orders(actor, ids, 'TIME', p_now);
  end if;
  return coalesce(cardinality(ids), 0);
end $$;

-- The operator sets how long the wait lasts; what waits already keeps its day.
create function orders.set_assurance(
  actor accounts.actor, p_release_days int, p_claim_days int, p_answer_days int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  update orders.assurance
     set release_days = p_release_days, claim_days = p_claim_days, answer_days = p_answer_days,
         version = version + 1;
  perform accounts.record_audit(actor, p_now, 'set', 'assurance', (actor).org_id,
    jsonb_build_object('release_days', p_release_days, 'claim_days', p_claim_days,
                       'answer_days', p_answer_days));
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and p.proname in ('tell_claim', 'worth_of', 'refund_amount', 'has_left', 'open_claim',
                'lock_claim', 'grant_claim', 'end_claim', 'answer_claim', 'withdraw_claim',
                'default_claims', 'release_orders', 'confirm_receipt', 'release_due',
                'set_assurance') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  orders.open_claim(accounts.actor, uuid, uuid, text, text, jsonb, timestamptz),
  orders.answer_claim(accounts.actor, uuid, bigint, text, text, timestamptz),
  orders.withdraw_claim(accounts.actor, uuid, timestamptz),
  orders.confirm_receipt(accounts.actor, uuid, timestamptz),
  orders.set_assurance(accounts.actor, int, int, int, timestamptz) to bl_app;

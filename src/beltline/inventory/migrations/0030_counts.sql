-- Counts of stock: a sheet of rows that are counted, reviewed and posted as adjustments.

create table inventory.stock_count (
  id uuid primary key,
  n bigint generated always as identity,
  node_id uuid not null,
  operator_org_id uuid not null,
  -- Who counts does not see what the books say.
  is_blind boolean not null,
  note text not null default '',
  state text not null default 'OPEN' check (state in ('OPEN', 'POSTED', 'CANCELLED')),
  -- Counts the events.
  sequence bigint not null default 1,
  opened_by text not null,
  opened_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  check ((state = 'OPEN') = (ended_at is null))
);
create index stock_count_by_age on inventory.stock_count (operator_org_id, opened_at desc, id desc);
select kit.protect('inventory.stock_count', '{org} = operator_org_id', 'select');

create table inventory.stock_count_line (
  count_id uuid not null references inventory.stock_count,
  line_no int not null,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  operator_org_id uuid not null,
  -- AGAIN: somebody else corrected the row after it was counted. LEFT: the count ended without it.
  state text not null default 'OPEN'
    check (state in ('OPEN', 'AGAIN', 'COUNTED', 'POSTED', 'LEFT')),
  -- Nobody expected it there.
  is_found boolean not null default false,
  -- On the books when the sheet was frozen.
  sheet_units bigint not null,
  -- What was found; what was on the books at that moment, and how many events the row had then.
  counted bigint check (counted >= 0),
  book bigint,
  stock_sequence bigint,
  counted_by text,
  counted_at timestamptz,
  adjustment_id uuid references inventory.adjustment,
  primary key (count_id, line_no),
  unique (count_id, sku_id, owner_org_id),
  check ((state in ('COUNTED', 'POSTED')) = (counted is not null)),
  check (num_nulls(counted, book, stock_sequence, counted_by, counted_at) in (0, 5))
);
-- A row of stock is in one open count at most.
create unique index stock_count_line_open
  on inventory.stock_count_line (sku_id, node_id, owner_org_id)
  where state in ('OPEN', 'AGAIN', 'COUNTED');
create index stock_count_line_adjusted on inventory.stock_count_line (adjustment_id)
  where adjustment_id is not null;
select kit.protect('inventory.stock_count_line', '{org} = operator_org_id', 'select');

set local role beltline_core;

-- One event of a count, with its place among the others.
create function inventory.tell_count(p_id uuid, p_type text, p_data jsonb, p_now timestamptz)
returns void language plpgsql as $$
declare c inventory.stock_count;
begin
  update inventory.stock_count x set sequence = x.sequence + 1 where x.id = p_id returning * into c;
  perform kit.record_event(p_type, 1, 'stock_count', c.id, c.sequence - 1, p_now,
    c.operator_org_id, null, null, jsonb_build_object('count_id', c.id, 'number', 'CNT-' || c.n,
      'node_id', c.node_id, 'state', c.state) || p_data);
end $$;

-- An open count of the operator's, locked against those who count, post and cancel.
create function inventory.lock_count(actor accounts.actor, p_id uuid)
returns inventory.stock_count language plpgsql as $$
declare c inventory.stock_count;
begin
  select * into c from inventory.stock_count x
   where x.id = p_id and x.operator_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'count', 'key', p_id));
  end if;
  if c.state <> 'OPEN' then
    perform kit.refuse('inventory.count_ended', jsonb_build_object('number', 'CNT-' || c.n));
  end if;
  return c;
end $$;

-- Whether a row of stock belongs on a sheet.
create function inventory.is_wanted(
  s inventory.stock, k catalog.sku, p_node uuid, p_skus text[], p_words text
) returns boolean language sql immutable as $$
  select s.node_id = p_node and s.kind = 'COUNTED'
     and case when p_skus is null then
           s.on_hand > 0 and (p_words = ''
             or position(lower(p_words) in lower(k.code || ' ' || k.title)) > 0
             or position(p_words in k.title_zh) > 0)
         else k.code = any(p_skus) end
$$;

-- Open a count at a node: of the SKUs named, of those whose code or title has some words, or of
-- all that stand there. Rows of another open count, or whose adjustment by one waits, are refused.
create function inventory.open_count(
  actor accounts.actor, p_id uuid, p_node text, p_skus text[], p_words text, p_is_blind boolean,
  p_note text, p_most int, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_node uuid; v_unknown text; v_lines bigint; taken record;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  select n.id into v_node from trade.node n where n.code = p_node and n.supplier_org_id is null;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'node of the network',
                                                           'key', p_node));
  end if;
  select u.code into v_unknown from unnest(p_skus) as u(code)
   where not exists (select from catalog.sku k where k.code = u.code) limit 1;
  if found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'SKU', 'key', v_unknown));
  end if;
  -- A SKU that is named is counted though nobody heard of it here.
  perform inventory.ensure_rows((
    select jsonb_agg(jsonb_build_object('sku_id', k.id, 'node_id', v_node,
                                        'owner_org_id', (actor).org_id))
      from catalog.sku k
     where k.code = any(p_skus) and not exists (
       select from inventory.stock s where s.sku_id = k.id and s.node_id = v_node)),
    (actor).org_id, p_now);
  insert into inventory.stock_count (id, node_id, operator_org_id, is_blind, note, opened_by,
                                     opened_at)
  values (p_id, v_node, (actor).org_id, p_is_blind, p_note, (actor).name, p_now);
  -- What another open count has is left out by the index; then the sheet is not whole.
  insert into inventory.stock_count_line (count_id, line_no, sku_id, node_id, owner_org_id,
                                          operator_org_id, sheet_units)
  select p_id, row_number() over (order by k.code, o.code), s.sku_id, s.node_id, s.owner_org_id,
         s.operator_org_id, s.on_hand
    from inventory.stock s
    join catalog.sku k on k.id = s.sku_id
    join accounts.organization o on o.id = s.owner_org_id
   where inventory.is_wanted(s, k, v_node, p_skus, p_words)
   order by s.sku_id, s.owner_org_id
  on conflict (sku_id, node_id, owner_org_id) where state in ('OPEN', 'AGAIN', 'COUNTED')
  do nothing;
  get diagnostics v_lines = row_count;
  select k.code, 'CNT-' || c.n as number into taken
    from inventory.stock s
    join catalog.sku k on k.id = s.sku_id
    join inventory.stock_count_line l
      on (l.sku_id, l.node_id, l.owner_org_id) = (s.sku_id, s.node_id, s.owner_org_id)
    join inventory.stock_count c on c.id = l.count_id and c.id <> p_id
    left join inventory.adjustment a on a.id = l.adjustment_id
   where inventory.is_wanted(s, k, v_node, p_skus, p_words)
     and (l.state in ('OPEN', 'AGAIN', 'COUNTED') or a.status = 'WAITING')
   order by k.code limit 1;
  if found then
    perform kit.refuse('inventory.being_counted', jsonb_build_object(
      'sku', taken.code, 'node', p_node, 'number', taken.number));
  end if;
  if v_lines = 0 then
    perform kit.refuse('inventory.nothing_to_count', jsonb_build_object('node', p_node));
  end if;
  if v_lines > p_most then
    perform kit.refuse('inventory.count_too_long', jsonb_build_object('lines', v_lines,
                                                                      'most', p_most));
  end if;
  perform inventory.tell_count(p_id, 'stock_count.opened', jsonb_build_object(
    'lines', v_lines, 'is_blind', p_is_blind), p_now);
  perform accounts.record_audit(actor, p_now, 'open', 'stock_count', p_id, jsonb_build_object(
    'node', p_node, 'lines', v_lines, 'is_blind', p_is_blind, 'words', p_words,
    'skus', p_skus[1:20]));
end $$;

-- Write down what was found of some rows; the arrays are parallel, an owner may be null where the
-- sheet has one only. What the books say at this moment is kept beside it: what moves later, moves
-- both. Goods that nobody expected join the sheet where `p_found` says so.
-- Returns for each entry the outcome COUNTED, NOT_ON_SHEET, UNKNOWN_SKU, UNKNOWN_OWNER,
-- SEVERAL_OWNERS, BEING_COUNTED, or POSTED where the line is booked already.
create function inventory.count_lines(
  actor accounts.actor, p_id uuid, p_skus text[], p_owners text[], p_counted bigint[],
  p_found boolean[], p_now timestamptz
) returns table (n bigint, outcome text)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare c inventory.stock_count; e record; v_sku uuid; v_owner uuid; v_line int; v_lines int;
        v_done int := 0;
begin
  perform accounts.enter(actor);
  c := inventory.lock_count(actor, p_id);
  for e in
    select i.* from unnest(p_skus, p_owners, p_counted, p_found)
      with ordinality as i(sku, owner, counted, is_found, n) order by i.n
  loop
    n := e.n;
    select k.id into v_sku from catalog.sku k where k.code = e.sku;
    if not found then
      outcome := 'UNKNOWN_SKU';
      return next;
      continue;
    end if;
    v_owner := null;
    if e.owner is not null then
      select o.id into v_owner from accounts.organization o
       where o.code = e.owner and o.kind in ('OPERATOR', 'SUPPLIER');
      if not found then
        outcome := 'UNKNOWN_OWNER';
        return next;
        continue;
      end if;
    end if;
    select min(l.line_no), count(*) into v_line, v_lines
      from inventory.stock_count_line l
     where l.count_id = p_id and l.sku_id = v_sku
       and l.owner_org_id = coalesce(v_owner, l.owner_org_id);
    if v_lines > 1 then
      outcome := 'SEVERAL_OWNERS';
      return next;
      continue;
    end if;
    if v_lines = 0 then
      if not e.is_found then
        outcome := 'NOT_ON_SHEET';
        return next;
        continue;
      end if;
      v_line := inventory.add_found(c, v_sku, coalesce(v_owner, c.operator_org_id), p_now);
      if v_line is null then
        outcome := 'BEING_COUNTED';
        return next;
        continue;
      end if;
    end if;
    update inventory.stock_count_line l
       set state = 'COUNTED', counted = e.counted, book = s.on_hand, stock_sequence = s.sequence,
           counted_by = (actor).name, counted_at = p_now
      from inventory.stock s
     where l.count_id = p_id and l.line_no = v_line
       and (s.sku_id, s.node_id, s.owner_org_id) = (l.sku_id, l.node_id, l.owner_org_id)
       and l.state in ('OPEN', 'AGAIN', 'COUNTED');
    if not found then
      outcome := 'POSTED';
      return next;
      continue;
    end if;
    v_done := v_done + 1;
    outcome := 'COUNTED';
    return next;
  end loop;
  if v_done > 0 then
    perform inventory.tell_count(p_id, 'stock_count.counted', jsonb_build_object('lines', v_done),
                                 p_now);
    perform accounts.record_audit(actor, p_now, 'count', 'stock_count', p_id, jsonb_build_object(
      'lines', v_done, 'skus', p_skus[1:20], 'counted', p_counted[1:20]));
  end if;
end $$;

-- A row that is not on the sheet joins it; its line, or null where another count has it.
create function inventory.add_found(
  c inventory.stock_count, p_sku uuid, p_owner uuid, p_now timestamptz
) returns int language plpgsql as $$
declare v_line int;
begin
  if exists (select from inventory.stock_count_line l
               join inventory.adjustment a on a.id = l.adjustment_id and a.status = 'WAITING'
              where (l.sku_id, l.node_id, l.owner_org_id) = (p_sku, c.node_id, p_owner)) then
    return null;
  end if;
  perform inventory.ensure_rows(jsonb_build_array(jsonb_build_object(
    'sku_id', p_sku, 'node_id', c.node_id, 'owner_org_id', p_owner)), c.operator_org_id, p_now);
  insert into inventory.stock_count_line (count_id, line_no, sku_id, node_id, owner_org_id,
                                          operator_org_id, is_found, sheet_units)
  select c.id, (select max(l.line_no) + 1 from inventory.stock_count_line l
                 where l.count_id = c.id),
         s.sku_id, s.node_id, s.owner_org_id, s.operator_org_id, true, s.on_hand
    from inventory.stock s
   where (s.sku_id, s.node_id, s.owner_org_id) = (p_sku, c.node_id, p_owner)
     and s.kind = 'COUNTED'
  on conflict (sku_id, node_id, owner_org_id) where state in ('OPEN', 'AGAIN', 'COUNTED')
  do nothing
  returning line_no into v_line;
  return v_line;
end $$;

-- Book the differences of a count, each as an adjustment, beyond the limit one that waits for a
-- second person. A line is the difference to the books when it was counted, so that what moved since
-- stays moved. Where somebody corrected the row since, or what was missed left since, the line is to
-- be counted again and the count stays open.
create function inventory.post_count(
  actor accounts.actor, p_id uuid, p_skip boolean, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare c inventory.stock_count; l record; v_left bigint; v_counted bigint; v_again bigint;
        v_adjustment uuid; v_differences bigint := 0; v_waiting bigint;
begin
  perform accounts.enter(actor);
  c := inventory.lock_count(actor, p_id);
  select count(*) filter (where x.state in ('OPEN', 'AGAIN')),
         count(*) filter (where x.state in ('COUNTED', 'POSTED')) into v_left, v_counted
    from inventory.stock_count_line x where x.count_id = p_id;
  if v_counted = 0 then
    perform kit.refuse('inventory.nothing_counted', jsonb_build_object('number', 'CNT-' || c.n));
  end if;
  if v_left > 0 and not p_skip then
    perform kit.refuse('inventory.lines_uncounted', jsonb_build_object(
      'number', 'CNT-' || c.n, 'lines', v_left));
  end if;
  perform from inventory.stock s
    join inventory.stock_count_line x
      on (x.sku_id, x.node_id, x.owner_org_id) = (s.sku_id, s.node_id, s.owner_org_id)
   where x.count_id = p_id and x.state = 'COUNTED'
   order by s.sku_id, s.node_id, s.owner_org_id
     for no key update of s;
  -- The events of a row tell that something was set or adjusted; the movements tell what. Some
  -- minutes of grace, because a transaction may end after a later one.
  update inventory.stock_count_line x
     set state = 'AGAIN', counted = null, book = null, stock_sequence = null, counted_by = null,
         counted_at = null
    from inventory.stock s
   where x.count_id = p_id and x.state = 'COUNTED'
     and (s.sku_id, s.node_id, s.owner_org_id) = (x.sku_id, x.node_id, x.owner_org_id)
     and (s.on_hand + x.counted - x.book < 0
          or (s.sequence <> x.stock_sequence and exists (
            select from inventory.movement m
              left join inventory.adjustment a on a.id = m.reference_id
             where (m.sku_id, m.node_id, m.owner_org_id) = (x.sku_id, x.node_id, x.owner_org_id)
               and m.at > x.counted_at - interval '10 minutes'
               and (m.kind in ('COUNT', 'OPENING')
                    or (m.kind = 'ADJUST'
                        and a.reason in ('COUNT', 'FOUND', 'LOST', 'CORRECTION'))))));
  get diagnostics v_again = row_count;
  for l in
    select x.line_no, x.counted - x.book as difference, k.code as sku, n.code as node,
           o.code as owner
      from inventory.stock_count_line x
      join catalog.sku k on k.id = x.sku_id
      join trade.node n on n.id = x.node_id
      join accounts.organization o on o.id = x.owner_org_id
     where x.count_id = p_id and x.state = 'COUNTED' and x.counted <> x.book
     order by x.sku_id, x.owner_org_id
  loop
    v_adjustment := kit.uuid7(p_now);
    v_differences := v_differences + 1;
    perform inventory.adjust(actor, v_adjustment, l.sku, l.node, l.owner, 'ADJUST', l.difference,
                             'COUNT', 'CNT-' || c.n, p_now);
    update inventory.stock_count_line x set adjustment_id = v_adjustment
     where x.count_id = p_id and x.line_no = l.line_no;
  end loop;
  update inventory.stock s set counted_at = greatest(s.counted_at, x.counted_at)
    from inventory.stock_count_line x
   where x.count_id = p_id and x.state = 'COUNTED'
     and (s.sku_id, s.node_id, s.owner_org_id) = (x.sku_id, x.node_id, x.owner_org_id);
  update inventory.stock_count_line x set state = 'POSTED'
   where x.count_id = p_id and x.state = 'COUNTED';
  if v_again = 0 then
    update inventory.stock_count_line x set state = 'LEFT'
     where x.count_id = p_id and x.state in ('OPEN', 'AGAIN');
    update inventory.stock_count x
       set state = 'POSTED', ended_by = (actor).name, ended_at = p_now where x.id = p_id;
  end if;
  select count(*) into v_waiting
    from inventory.stock_count_line x
    join inventory.adjustment a on a.id = x.adjustment_id and a.status = 'WAITING'
   where x.count_id = p_id;
  perform inventory.tell_count(p_id, 'stock_count.posted', jsonb_build_object(
    'differences', v_differences, 'waiting', v_waiting, 'again', v_again,
    'uncounted', v_left), p_now);
  perform accounts.record_audit(actor, p_now, 'post', 'stock_count', p_id, jsonb_build_object(
    'differences', v_differences, 'waiting', v_waiting, 'again', v_again, 'uncounted', v_left));
end $$;

-- End a count; what was not posted changes nothing.
create function inventory.cancel_count(actor accounts.actor, p_id uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  perform inventory.lock_count(actor, p_id);
  update inventory.stock_count_line x
     set state = 'LEFT', counted = null, book = null, stock_sequence = null, counted_by = null,
         counted_at = null
   where x.count_id = p_id and x.state in ('OPEN', 'AGAIN', 'COUNTED');
  update inventory.stock_count x
     set state = 'CANCELLED', ended_by = (actor).name, ended_at = p_now where x.id = p_id;
  perform inventory.tell_count(p_id, 'stock_count.cancelled', '{}', p_now);
  perform accounts.record_audit(actor, p_now, 'cancel', 'stock_count', p_id, '{}');
end $$;

-- An adjustment as before, and by a count also the drift that a count set by API tells.
create or replace function inventory.apply_adjustment(p_id uuid, p_by text, p_now timestamptz)
returns void language plpgsql as $$
declare a inventory.adjustment; s inventory.stock; d_hand bigint; d_hold bigint; d_damaged bigint;
        v_drifts int;
begin
  select * into a from inventory.adjustment x where x.id = p_id;
  select * into s from inventory.stock x
   where x.sku_id = a.sku_id and x.node_id = a.node_id and x.owner_org_id = a.owner_org_id
     for no key update;
  d_hand := case a.kind when 'ADJUST' then a.quantity when 'SCRAP' then -a.quantity else 0 end;
  d_hold := case a.kind when 'HOLD' then a.quantity when 'UNHOLD' then -a.quantity else 0 end;
  d_damaged := case a.kind when 'DAMAGE' then a.quantity when 'MEND' then -a.quantity
                           when 'SCRAP' then -a.quantity else 0 end;
  if s.on_hand + d_hand < 0 or s.quality_hold + d_hold < 0 or s.damaged + d_damaged < 0
     or (d_hold + d_damaged > 0
         and s.on_hand - s.reserved - s.quality_hold - s.damaged < d_hold + d_damaged) then
    perform kit.refuse('inventory.not_enough', jsonb_build_object(
      'on_hand', s.on_hand, 'reserved', s.reserved, 'quality_hold', s.quality_hold,
      'damaged', s.damaged));
  end if;
  -- A count that finds something else by far is a drift, whichever way it is entered.
  select (a.reason = 'COUNT' and s.sequence > 0
          and abs(d_hand) > p.drift_share * greatest(s.on_hand, s.on_hand + d_hand))::int
    into v_drifts from inventory.policy p;
  update inventory.stock x
     set on_hand = x.on_hand + d_hand, quality_hold = x.quality_hold + d_hold,
         damaged = x.damaged + d_damaged, sequence = x.sequence + 1 + v_drifts
   where x.sku_id = s.sku_id and x.node_id = s.node_id and x.owner_org_id = s.owner_org_id;
  insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                  on_hand, quality_hold, damaged, reference, reference_id)
  values (kit.uuid7(p_now), p_now, a.sku_id, a.node_id, a.owner_org_id, a.operator_org_id, a.kind,
          d_hand, d_hold, d_damaged, 'ADJ-' || a.n, a.id);
  perform kit.record_event('stock.adjusted', 1, 'stock',
    inventory.aggregate_id(a.sku_id, a.node_id, a.owner_org_id), s.sequence + 1, p_now,
    a.operator_org_id, null, nullif(a.owner_org_id, a.operator_org_id),
    jsonb_build_object('sku_id', a.sku_id, 'node_id', a.node_id, 'owner_org_id', a.owner_org_id,
      'kind', a.kind, 'quantity', a.quantity, 'reason', a.reason, 'adjustment_id', a.id));
  if v_drifts > 0 then
    perform kit.record_event('stock.drifted', 1, 'stock',
      inventory.aggregate_id(a.sku_id, a.node_id, a.owner_org_id), s.sequence + 2, p_now,
      a.operator_org_id, null, nullif(a.owner_org_id, a.operator_org_id),
      jsonb_build_object('sku_id', a.sku_id, 'node_id', a.node_id, 'owner_org_id', a.owner_org_id,
        'kind', s.kind, 'on_hand', s.on_hand + d_hand, 'on_hand_before', s.on_hand,
        'reserved', s.reserved, 'version', s.version));
  end if;
  update inventory.adjustment x set status = 'APPLIED', decided_by = p_by, decided_at = p_now
   where x.id = p_id;
  perform inventory.tell_low(array[a.sku_id], p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace
              and p.proname in ('tell_count', 'lock_count', 'is_wanted', 'open_count',
                                'count_lines', 'add_found', 'post_count', 'cancel_count') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
    if f::text ~ '(open|post|cancel)_count|count_lines' then
      execute format('grant execute on function %s to bl_app', f);
    end if;
  end loop;
end $$;

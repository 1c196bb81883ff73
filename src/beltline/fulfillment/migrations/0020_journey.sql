-- The journey of an order's units: stages are rows, transitions move many journeys at once.

-- The stages there are, who is to act, and how long each is planned and allowed to take. A lane's
-- own days count for TRUNK and LAST_MILE where the lane is known.
create table fulfillment.stage_rule (
  kind text primary key check (kind in (
    'PURCHASE', 'FACTORY', 'RECEIPT', 'INSPECTION', 'PACK', 'TITLE', 'EXPORT', 'DISPATCH',
    'TRUNK', 'LAST_MILE')),
  position int not null unique,
  responsible text not null check (responsible in (
    'OPERATOR', 'SUPPLIER', 'WAREHOUSE', 'BROKER', 'CARRIER')),
  hours_planned double precision not null check (hours_planned >= 0),
  hours_allowed double precision not null check (hours_allowed >= hours_planned)
);
select kit.protect('fulfillment.stage_rule', 'true', 'select', 'select, update');
insert into fulfillment.stage_rule values
  ('PURCHASE', 1, 'SUPPLIER', 24, 48), ('FACTORY', 2, 'SUPPLIER', 48, 96),
  ('RECEIPT', 3, 'WAREHOUSE', 48, 120), ('INSPECTION', 4, 'WAREHOUSE', 8, 24),
  ('PACK', 5, 'WAREHOUSE', 8, 24), ('TITLE', 6, 'OPERATOR', 1, 12),
  ('EXPORT', 7, 'BROKER', 24, 72), ('DISPATCH', 8, 'WAREHOUSE', 6, 24),
  ('TRUNK', 9, 'CARRIER', 96, 240), ('LAST_MILE', 10, 'CARRIER', 48, 120);

-- The way of one part of an order. Its units are moving, delivered, refunded, replaced by another
-- journey, or in question until a decision; never two of these.
create table fulfillment.journey (
  id uuid primary key,
  order_id uuid not null,
  line_no int not null,
  part_no int not null,
  -- Replacements of a part's units are further attempts.
  attempt int not null default 1,
  number text not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  -- Whose factory the goods come from; null for the operator's own stock.
  supplier_org_id uuid,
  sku_id uuid not null,
  node_id uuid not null,
  hub_id uuid,
  country text not null,
  sales_model text not null check (sales_model in ('DIRECT', 'VIRTUAL', 'PRESTOCK', 'OWNED')),
  quantity bigint not null check (quantity > 0),
  moving bigint not null,
  delivered bigint not null default 0,
  refunded bigint not null default 0,
  replaced bigint not null default 0,
  in_question bigint not null default 0,
  -- Where units of it stand reserved, whose they are, and how many: none while on the road.
  stock_node_id uuid,
  stock_units bigint not null,
  owner_org_id uuid not null,
  received bigint not null default 0,
  state text not null default 'OPEN' check (state in ('OPEN', 'DELIVERED', 'ENDED')),
  stage text,
  due_at timestamptz,
  extensions int not null default 0,
  waybill text not null default '',
  purchase_order_id uuid,
  version bigint not null default 1,
  promise_date date,
  expected_at timestamptz not null,
  opened_at timestamptz not null,
  ended_at timestamptz,
  unique (order_id, line_no, part_no, attempt),
  unique (id, operator_org_id, buyer_org_id),
  check (least(moving, delivered, refunded, replaced, in_question, stock_units, received) >= 0),
  check (moving + delivered + refunded + replaced + in_question = quantity),
  check ((state = 'OPEN') = (moving > 0 or in_question > 0)),
  check ((moving > 0) = (stage is not null)),
  check (stock_units <= moving)
) with (fillfactor = 80);
create index journey_by_stage on fulfillment.journey (operator_org_id, stage, due_at, id) where state = 'OPEN';
create index journey_by_due on fulfillment.journey (operator_org_id, due_at, id) where state = 'OPEN';
create index journey_by_buyer_due on fulfillment.journey (buyer_org_id, due_at, id) where state = 'OPEN';
create index journey_by_buyer on fulfillment.journey (buyer_org_id, opened_at desc, id desc);
create index journey_by_supplier on fulfillment.journey (supplier_org_id, stage, due_at) where state = 'OPEN';
create index journey_by_waybill on fulfillment.journey (waybill) where waybill <> '';
create index journey_by_stock on fulfillment.journey (sku_id, stock_node_id, owner_org_id) where stock_units > 0;
-- A supplier reads its tasks through a function that leaves buyer and price out.
select kit.protect('fulfillment.journey', '{org} in (operator_org_id, buyer_org_id)', 'select');

create table fulfillment.stage (
  journey_id uuid not null,
  position int not null,
  kind text not null references fulfillment.stage_rule,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  responsible text not null,
  state text not null check (state in ('PLANNED', 'ACTIVE', 'DONE', 'DROPPED')),
  hours_planned double precision not null,
  hours_allowed double precision not null,
  planned_at timestamptz not null,
  started_at timestamptz,
  due_at timestamptz,
  done_at timestamptz,
  units bigint,
  document text not null default '',
  done_by text not null default '',
  primary key (journey_id, position),
  foreign key (journey_id, operator_org_id, buyer_org_id)
    references fulfillment.journey (id, operator_org_id, buyer_org_id) on delete cascade,
  check ((state = 'DONE') = (done_at is not null))
) with (fillfactor = 80);
create index stage_done on fulfillment.stage (kind, done_at) where state = 'DONE';
select kit.protect('fulfillment.stage', '{org} in (operator_org_id, buyer_org_id)', 'select');

-- A change of owner of some units, with the document that proves it.
create table fulfillment.title_transfer (
  id uuid primary key,
  journey_id uuid not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  from_org_id uuid not null,
  to_org_id uuid not null,
  units bigint not null check (units > 0),
  document text not null,
  at timestamptz not null,
  check (from_org_id <> to_org_id)
);
create index title_transfer_by_journey on fulfillment.title_transfer (journey_id, at);
select kit.protect('fulfillment.title_transfer', '{org} in (operator_org_id, buyer_org_id)',
                   'select', 'select, insert');

-- What to do about units that will not come as promised: options with the money and the day of
-- each, and the one that is taken when nobody answers.
create table fulfillment.decision (
  id uuid primary key,
  journey_id uuid not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  cause text not null check (cause in (
    'SHORT', 'DAMAGED', 'WRONG', 'REJECTED', 'LOST', 'REFUSED', 'LATE', 'HELD', 'SILENT')),
  units bigint not null check (units > 0),
  -- [{option: WAIT | REFUND | REPLACE | LOST, amount, currency, promise_date}]
  options jsonb not null,
  default_option text not null,
  due_at timestamptz not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'DECIDED', 'DEFAULTED')),
  chosen text,
  decided_by text not null default '',
  note text not null default '',
  opened_at timestamptz not null,
  decided_at timestamptz,
  check ((state = 'OPEN') = (decided_at is null))
);
create index decision_by_journey on fulfillment.decision (journey_id, opened_at);
create index decision_due on fulfillment.decision (operator_org_id, due_at, id) where state = 'OPEN';
create index decision_by_buyer on fulfillment.decision (buyer_org_id, due_at, id) where state = 'OPEN';
-- Whether a silent box is searched for or given up is asked of the operator alone.
select kit.protect('fulfillment.decision',
  'operator_org_id = {org} or buyer_org_id = {org} and cause <> ''SILENT''', 'select');

-- Boxes with a domestic waybill that a hub received, or that a supplier announced to it.
create table fulfillment.inbound_parcel (
  id uuid primary key,
  waybill text not null,
  operator_org_id uuid not null,
  supplier_org_id uuid,
  node_id uuid not null,
  state text not null check (state in ('ANNOUNCED', 'MATCHED', 'UNANNOUNCED', 'CLAIMED')),
  note text not null default '',
  announced_at timestamptz,
  arrived_at timestamptz,
  unique (operator_org_id, waybill)
);
create index inbound_parcel_unclaimed on fulfillment.inbound_parcel (operator_org_id, arrived_at)
  where state = 'UNANNOUNCED';
select kit.protect('fulfillment.inbound_parcel', '{org} in (operator_org_id, supplier_org_id)',
                   'select', 'select, insert, update', 'operator_org_id = {org}');

set local role beltline_core;

-- Which stages a part passes: by how it is sold and whether a border lies between.
create function fulfillment.passes(p_kind text, p_model text, p_crosses boolean) returns boolean
language sql immutable as $$
  select case p_model
    when 'DIRECT' then p_kind in ('FACTORY', 'LAST_MILE')
    when 'VIRTUAL' then p_crosses or p_kind not in ('EXPORT', 'TRUNK')
    else p_kind in ('PACK', 'DISPATCH', 'LAST_MILE')
         or p_model = 'PRESTOCK' and p_kind = 'TITLE'
         or p_crosses and p_kind in ('EXPORT', 'TRUNK') end
$$;

-- Give new journeys their stages: planned one after the other from now, the first under way.
create function fulfillment.lay_stages(p_journeys uuid[], p_now timestamptz) returns void
language plpgsql as $$
begin
  with road as (
    select j.id, j.operator_org_id, j.buyer_org_id, j.sales_model, n.country <> j.country as crosses,
           j.supplier_org_id, coalesce(j.hub_id, j.node_id) as packed_at,
           (select min(l.transit_days_p50) * 24 from trade.lane l
             where l.node_id = coalesce(j.hub_id, j.node_id) and l.country = j.country) as p50,
           (select min(l.transit_days_p90) * 24 from trade.lane l
             where l.node_id = coalesce(j.hub_id, j.node_id) and l.country = j.country) as p90
      from fulfillment.journey j join trade.node n on n.id = j.node_id
     where j.id = any(p_journeys)
  ), timed as (
    -- A lane's days cover trunk and last mile together: four fifths and one fifth of them.
    select r.id, r.operator_org_id, r.buyer_org_id, k.position, k.kind, k.responsible,
           case when k.kind in ('TRUNK', 'LAST_MILE')
                then coalesce(r.p50 * w.share, k.hours_planned)
                else coalesce(t.hours_p50, k.hours_planned) end as planned,
           -- What is usual is expected; what is allowed stays the rule.
           case when k.kind in ('TRUNK', 'LAST_MILE')
                then coalesce(r.p90 * w.share + 24, k.hours_allowed)
                else greatest(k.hours_allowed, t.hours_p50) end as allowed
      from road r
      join fulfillment.stage_rule k on fulfillment.passes(k.kind, r.sales_model, r.crosses)
      left join fulfillment.stage_time t
        on t.kind = k.kind and t.country = ''
       and t.party_id = case when k.kind in ('PURCHASE', 'FACTORY') then r.supplier_org_id
                             else r.packed_at end
     cross join lateral (select case when not r.crosses then 1 when k.kind = 'TRUNK' then 0.8
                                     else 0.2 end as share) w
  )
  insert into fulfillment.stage (journey_id, position, kind, operator_org_id, buyer_org_id,
    responsible, state, hours_planned, hours_allowed, planned_at, started_at, due_at)
  select f.id, f.position, f.kind, f.operator_org_id, f.buyer_org_id, f.responsible,
         case when f.is_first then 'ACTIVE' else 'PLANNED' end, f.planned, f.allowed,
         p_now + make_interval(secs => 3600 * f.total),
         case when f.is_first then p_now end,
         case when f.is_first then p_now + make_interval(secs => 3600 * f.allowed) end
    from (select t.*, sum(t.planned) over w as total, row_number() over w = 1 as is_first
            from timed t window w as (partition by t.id order by t.position)) f;
  update fulfillment.journey j
     set stage = s.kind, due_at = s.due_at,
         expected_at = (select max(x.planned_at) from fulfillment.stage x where x.journey_id = j.id)
    from fulfillment.stage s
   where j.id = any(p_journeys) and s.journey_id = j.id and s.state = 'ACTIVE';
end $$;

-- Begin the journeys of orders whose parts are allocated and have none yet; how many.
create function fulfillment.open_journeys(actor accounts.actor, p_orders uuid[], p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare v_made uuid[];
begin
  perform accounts.enter(actor);
  with made as (
    -- The stage is laid below; until then the first of all stands for it.
    insert into fulfillment.journey (id, order_id, line_no, part_no, number, operator_org_id,
      buyer_org_id, supplier_org_id, sku_id, node_id, hub_id, country, sales_model, quantity,
      moving, stock_node_id, stock_units, owner_org_id, stage, promise_date, expected_at, opened_at)
    select kit.uuid7(p_now), p.order_id, p.line_no, p.part_no, o.number, p.operator_org_id,
           p.buyer_org_id, nullif(coalesce(n.supplier_org_id, p.owner_org_id), p.operator_org_id),
           p.sku_id, p.node_id, h.id, o.ship_to_country, p.sales_model, p.quantity, p.quantity,
           p.node_id, p.quantity, p.owner_org_id, 'PURCHASE', o.promise_date, p_now, p_now
      from orders.order_part p
      join orders."order" o on o.id = p.order_id
      join trade.node n on n.id = p.node_id
      left join lateral (
        select x.id from trade.node x
         where p.sales_model = 'VIRTUAL' and x.kind = 'CONSOLIDATION' and x.country = n.country
         order by x.code limit 1) h on true
     where p.order_id = any(p_orders) and p.status = 'ALLOCATED'
       and o.status in ('PAID', 'ON_CREDIT', 'ALLOCATED') and p.operator_org_id = (actor).org_id
    on conflict (order_id, line_no, part_no, attempt) do nothing
    returning id
  )
  select array_agg(m.id) into v_made from made m;
  if v_made is null then
    return 0;
  end if;
  perform fulfillment.lay_stages(v_made, p_now);
  perform fulfillment.tell(v_made, 'journey.opened', '{}', p_now);
  perform accounts.record_audit(actor, p_now, 'open', 'journey', null,
    jsonb_build_object('journeys', cardinality(v_made)));
  return cardinality(v_made);
end $$;

-- One event for each of some journeys, as they are now. Their version was raised by the caller.
create function fulfillment.tell(
  p_journeys uuid[], p_type text, p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
begin
  perform kit.record_event(p_type, 1, 'journey', j.id, j.version, p_now, j.operator_org_id,
            j.buyer_org_id, null, jsonb_build_object(
              'order', j.number, 'order_id', j.order_id, 'line_no', j.line_no,
              'part_no', j.part_no, 'stage', j.stage, 'state', j.state, 'moving', j.moving,
              'delivered', j.delivered, 'refunded', j.refunded, 'in_question', j.in_question,
              'expected_at', j.expected_at) || p_data)
    from fulfillment.journey j where j.id = any(p_journeys);
end $$;

-- What a journey's units are in a list for inventory, with the sign given.
create function fulfillment.stock_of(p_journeys uuid[], p_sign int) returns jsonb
language plpgsql stable as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object(
            'sku_id', j.sku_id, 'node_id', j.stock_node_id, 'owner_org_id', j.owner_org_id,
            'quantity', p_sign * j.stock_units, 'reference', j.number,
            'reference_id', j.order_id)), '[]')
            from fulfillment.journey j where j.id = any(p_journeys) and j.stock_units > 0);
end $$;

-- Those of some locked journeys whose part of the order was not cancelled; their orders are locked
-- from now on.
create function fulfillment.standing(p_journeys uuid[]) returns uuid[] language plpgsql as $$
declare v_parts jsonb;
begin
  select orders.lock_parts(coalesce(jsonb_agg(jsonb_build_object('order_id', j.order_id,
           'line_no', j.line_no, 'part_no', j.part_no)), '[]'))
    into v_parts from fulfillment.journey j where j.id = any(p_journeys);
  return (
    select coalesce(array_agg(j.id), '{}') from fulfillment.journey j
      join jsonb_to_recordset(v_parts) as w(order_id uuid, line_no int, part_no int)
        on (j.order_id, j.line_no, j.part_no) = (w.order_id, w.line_no, w.part_no)
     where j.id = any(p_journeys));
end $$;

-- Tell orders what is left of the parts of some journeys and where it stands: who cancels one
-- before it leaves gets back just that.
create function fulfillment.restate(p_journeys uuid[]) returns void language plpgsql as $$
begin
  perform orders.restate_parts(coalesce(jsonb_agg(jsonb_build_object('order_id', s.order_id,
            'line_no', s.line_no, 'part_no', s.part_no, 'standing', s.standing)), '[]'))
    from (
      select j.order_id, j.line_no, j.part_no, jsonb_build_object(
               'owed', sum(j.moving + j.in_question), 'stock', coalesce(jsonb_agg(
                 jsonb_build_object('node_id', j.stock_node_id, 'owner_org_id', j.owner_org_id,
                                    'quantity', j.stock_units))
                 filter (where j.stock_units > 0), '[]')) as standing
        from fulfillment.journey j
       where (j.order_id, j.line_no, j.part_no) in (
               select x.order_id, x.line_no, x.part_no from fulfillment.journey x
                where x.id = any(p_journeys))
       group by j.order_id, j.line_no, j.part_no) s;
end $$;

-- The journeys' units leave where they stand; journeys whose order was cancelled end instead.
-- Returns those that left.
create function fulfillment.depart(p_journeys uuid[], p_operator uuid, p_now timestamptz)
returns uuid[] language plpgsql as $$
declare v_shipped jsonb; v_left uuid[];
begin
  v_shipped := orders.ship_parts((
    select jsonb_agg(jsonb_build_object('order_id', j.order_id, 'line_no', j.line_no,
                                        'part_no', j.part_no))
      from fulfillment.journey j where j.id = any(p_journeys)), p_now);
  select array_agg(j.id) into v_left
    from fulfillment.journey j
   where j.id = any(p_journeys)
     and exists (select from orders.order_part p
                  where (p.order_id, p.line_no, p.part_no) = (j.order_id, j.line_no, j.part_no)
                    and p.status = 'SHIPPED');
  perform inventory.move_reserved('SHIP', fulfillment.stock_of(v_left, -1), p_operator, p_now);
  update fulfillment.journey set stock_units = 0, stock_node_id = null where id = any(v_left);
  return coalesce(v_left, '{}');
end $$;

-- The operator becomes the owner of what a supplier owns of some journeys, stock and document
-- in one transaction. Rejected units are not among them, they left the journey before, nor are
-- those of a cancelled order: their stock was given back.
create function fulfillment.pass_title(
  p_journeys uuid[], p_operator uuid, p_document text, p_now timestamptz
) returns void language plpgsql as $$
declare v_ids uuid[];
begin
  select array_agg(j.id) into v_ids from fulfillment.journey j
   where j.id = any(fulfillment.standing(p_journeys)) and j.owner_org_id <> p_operator;
  perform inventory.move_reserved('SHIP', fulfillment.stock_of(v_ids, -1), p_operator, p_now);
  insert into fulfillment.title_transfer (id, journey_id, operator_org_id, buyer_org_id,
    from_org_id, to_org_id, units, document, at)
  select kit.uuid7(p_now), j.id, j.operator_org_id, j.buyer_org_id, j.owner_org_id, p_operator,
         j.moving, coalesce(nullif(p_document, ''), 'TT-' || j.number), p_now
    from fulfillment.journey j where j.id = any(v_ids);
  update fulfillment.journey set owner_org_id = p_operator where id = any(v_ids);
  perform inventory.move_reserved('RECEIVE', fulfillment.stock_of(v_ids, 1), p_operator, p_now);
  perform fulfillment.restate(v_ids);
end $$;

-- Units arrived at the buyer: the buyer owns them, the part is at an end.
create function fulfillment.hand_over(p_journeys uuid[], p_document text, p_now timestamptz)
returns void language plpgsql as $$
begin
  insert into fulfillment.title_transfer (id, journey_id, operator_org_id, buyer_org_id,
    from_org_id, to_org_id, units, document, at)
  select kit.uuid7(p_now), j.id, j.operator_org_id, j.buyer_org_id, j.owner_org_id,
         j.buyer_org_id, j.moving, coalesce(nullif(p_document, ''), 'POD-' || j.number), p_now
    from fulfillment.journey j where j.id = any(p_journeys);
  update fulfillment.journey
     set delivered = delivered + moving, moving = 0, owner_org_id = buyer_org_id, stage = null,
         due_at = null, state = case when in_question > 0 then 'OPEN' else 'DELIVERED' end,
         expected_at = p_now, ended_at = case when in_question > 0 then null else p_now end
   where id = any(p_journeys);
  perform fulfillment.end_parts(p_journeys, p_now);
  perform suppliers.record_outcomes((
    select jsonb_agg(jsonb_build_object('supplier_org_id', j.supplier_org_id,
             'measure', 'NOT_RETURNED', 'score', 1, 'source', 'journey.delivered',
             'subject_id', j.id, 'subject', j.number))
      from fulfillment.journey j
     where j.id = any(p_journeys) and j.supplier_org_id is not null), p_now);
end $$;

-- Tell orders of the parts of which no journey is open any more.
create function fulfillment.end_parts(p_journeys uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare v_ended jsonb;
begin
  select jsonb_agg(jsonb_build_object('order_id', e.order_id, 'line_no', e.line_no,
                                      'part_no', e.part_no, 'delivered', e.arrived))
    into v_ended
    from (select k.order_id, k.line_no, k.part_no, bool_or(k.delivered > 0) as arrived
            from fulfillment.journey k
           where (k.order_id, k.line_no, k.part_no) in (
                   select j.order_id, j.line_no, j.part_no from fulfillment.journey j
                    where j.id = any(p_journeys))
           group by k.order_id, k.line_no, k.part_no
          having bool_and(k.state <> 'OPEN')) e;
  if v_ended is not null then
    perform orders.end_parts(v_ended, p_now);
  end if;
end $$;

-- End one stage of many journeys and begin the next of each; how many. Those that are not in
-- this stage any more, or none of the actor's business, are left alone: so twice is once.
create function fulfillment.finish_stages(
  actor accounts.actor, p_kind text, p_journeys uuid[], p_document text, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[]; v_operator constant uuid := accounts.operator_org();
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j
     where j.id = any(p_journeys) and j.stage = p_kind
       and ((actor).org_id = j.operator_org_id
            or (actor).org_id = j.supplier_org_id and p_kind = 'FACTORY')
     order by j.id for no key update) l;
  if v_ids is null then
    return 0;
  end if;
  if p_kind = 'DISPATCH' or p_kind = 'FACTORY' then
    v_ids := fulfillment.depart(v_ids, v_operator, p_now);
  elsif p_kind = 'TITLE' then
    perform fulfillment.pass_title(v_ids, v_operator, p_document, p_now);
  elsif p_kind = 'RECEIPT' then
    -- All that has not been counted yet comes now.
    perform fulfillment.stand_at_hub(v_ids, p_now);
  end if;
  perform fulfillment.next_stage(actor, v_ids, p_kind, p_document, p_now);
  return cardinality(v_ids);
end $$;

-- The bookkeeping of the end of a stage: rows, the next deadline, the new expectation, events.
create function fulfillment.next_stage(
  actor accounts.actor, p_ids uuid[], p_kind text, p_document text, p_now timestamptz
) returns void language plpgsql as $$
begin
  update fulfillment.stage s
     set state = 'DONE', done_at = p_now, units = j.moving, document = p_document,
         done_by = (actor).name
    from fulfillment.journey j
   where j.id = any(p_ids) and s.journey_id = j.id and s.kind = p_kind;
  -- What was late or silent has come: nobody has to answer any more.
  update fulfillment.decision
     set state = 'DEFAULTED', chosen = 'WAIT', decided_at = p_now
   where journey_id = any(p_ids) and cause in ('LATE', 'SILENT') and state = 'OPEN'
     and default_option = 'WAIT';
  if p_kind = 'LAST_MILE' then
    perform fulfillment.hand_over(p_ids, p_document, p_now);
    update fulfillment.journey set version = version + 1 where id = any(p_ids);
  else
    with following as (
      select distinct on (s.journey_id) s.journey_id, s.position, s.kind,
             p_now + make_interval(secs => 3600 * s.hours_allowed) as due_at,
             sum(s.hours_planned) over (partition by s.journey_id) as rest
        from fulfillment.stage s
       where s.journey_id = any(p_ids) and s.state = 'PLANNED'
       order by s.journey_id, s.position
    ), begun as (
      update fulfillment.stage s set state = 'ACTIVE', started_at = p_now, due_at = f.due_at
        from following f where s.journey_id = f.journey_id and s.position = f.position
    )
    update fulfillment.journey j
       set stage = f.kind, due_at = f.due_at, extensions = 0, version = j.version + 1,
           expected_at = p_now + make_interval(secs => 3600 * f.rest),
           waybill = case when p_kind in ('FACTORY', 'DISPATCH') and p_document <> ''
                          then p_document else j.waybill end
      from following f where j.id = f.journey_id;
  end if;
  if p_kind = 'RECEIPT' then
    perform fulfillment.settle_purchases(actor, p_ids, p_now);
  end if;
  perform fulfillment.tell(p_ids,
    case p_kind when 'LAST_MILE' then 'journey.delivered' else 'journey.stage_done' end,
    jsonb_build_object('done', p_kind, 'document', p_document), p_now);
  perform accounts.record_audit(actor, p_now, 'finish_' || lower(p_kind), 'journey',
    case when cardinality(p_ids) = 1 then p_ids[1] end,
    jsonb_build_object('journeys', cardinality(p_ids), 'document', p_document));
end $$;

-- What was not counted at the hub yet stands there now, still its supplier's.
create function fulfillment.stand_at_hub(p_ids uuid[], p_now timestamptz) returns void
language plpgsql as $$
declare v_operator constant uuid := accounts.operator_org();
begin
  perform inventory.move_reserved('RECEIVE', (
    select coalesce(jsonb_agg(jsonb_build_object('sku_id', j.sku_id, 'node_id', j.hub_id,
             'owner_org_id', j.owner_org_id, 'quantity', j.moving - j.received,
             'reference', j.number, 'reference_id', j.order_id)), '[]')
      from fulfillment.journey j where j.id = any(p_ids) and j.moving > j.received),
    v_operator, p_now);
  update fulfillment.journey
     set received = moving, stock_node_id = hub_id, stock_units = moving where id = any(p_ids);
end $$;

-- What is done when nobody answers: who wanted to wait for missing goods when it ordered gets
-- others where there are others, once; everybody else the money, so that every order ends.
create function fulfillment.default_for(j fulfillment.journey, p_options jsonb) returns text
language plpgsql stable as $$
begin
  return case when j.attempt = 1 and p_options @> '[{"option": "REPLACE"}]' and exists (
    select from orders."order" o where o.id = j.order_id and o.decision = 'WAIT')
    then 'REPLACE' else 'REFUND' end;
end $$;

-- Take units out of a journey because something is wrong with them, and open the question of what
-- to do. Reserved units go back to their stock; broken and wrong ones stay there unsellable.
create function fulfillment.question_units(
  actor accounts.actor, p_journey uuid, p_cause text, p_units bigint, p_note text,
  p_now timestamptz
) returns uuid language plpgsql security definer set search_path = '' as $$
declare
  j fulfillment.journey; v_standing bigint; v_decision constant uuid := kit.uuid7(p_now);
  v_line jsonb; v_options jsonb;
begin
  perform accounts.enter(actor);
  select x.* into j from fulfillment.journey x
   where x.id = p_journey and x.operator_org_id = (actor).org_id for no key update;
  if fulfillment.standing(array[j.id]) = '{}' then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'journey', 'key', 'jny_' || replace(p_journey::text, '-', '')));
  elsif p_units < 1 or p_units > j.moving then
    perform kit.refuse('fulfillment.units_not_there', jsonb_build_object(
      'number', j.number, 'units', p_units, 'moving', j.moving));
  end if;
  -- Units that are still to come are missed before those that stand here.
  v_standing := greatest(p_units - (j.moving - j.stock_units), 0);
  if p_cause in ('DAMAGED', 'WRONG', 'REJECTED') then
    v_standing := least(p_units, j.stock_units);
  end if;
  if v_standing > 0 then
    v_line := jsonb_build_array(jsonb_build_object(
      'sku_id', j.sku_id, 'node_id', j.stock_node_id, 'owner_org_id', j.owner_org_id,
      'quantity', v_standing, 'reference', j.number, 'reference_id', j.order_id));
    if p_cause in ('DAMAGED', 'WRONG', 'REJECTED') then
      perform inventory.damage_reserved(v_line, j.operator_org_id, p_now);
    elsif p_cause = 'LOST' then
      perform inventory.move_reserved('SHIP',
        jsonb_set(v_line, '{0,quantity}', to_jsonb(-v_standing)), j.operator_org_id, p_now);
    else
      perform inventory.release_lines(array[j.sku_id], array[j.stock_node_id],
        array[j.owner_org_id], array[v_standing], j.number, j.order_id, p_now);
    end if;
  end if;
  v_options := fulfillment.options_for(j, p_units, p_now);
  insert into fulfillment.decision (id, journey_id, operator_org_id, buyer_org_id, cause, units,
    options, default_option, due_at, note, opened_at)
  values (v_decision, p_journey, j.operator_org_id, j.buyer_org_id, p_cause, p_units,
    v_options, fulfillment.default_for(j, v_options), p_now + interval '24 hours', p_note, p_now);
  update fulfillment.journey x
     set moving = x.moving - p_units, in_question = x.in_question + p_units,
         stock_units = x.stock_units - v_standing,
         received = least(x.received, x.moving - p_units), version = x.version + 1,
         stage = case when x.moving > p_units then x.stage end,
         due_at = case when x.moving > p_units then x.due_at end
   where x.id = p_journey;
  if j.moving = p_units then
    update fulfillment.stage set state = 'DROPPED'
     where journey_id = p_journey and state in ('PLANNED', 'ACTIVE');
    perform fulfillment.settle_purchases(actor, array[p_journey], p_now);
  end if;
  perform fulfillment.restate(array[p_journey]);
  perform fulfillment.tell(array[p_journey], 'journey.questioned', jsonb_build_object(
    'decision', 'dec_' || replace(v_decision::text, '-', ''), 'cause', p_cause,
    'units', p_units), p_now);
  perform accounts.record_audit(actor, p_now, 'question', 'journey', p_journey,
    jsonb_build_object('cause', p_cause, 'units', p_units, 'note', p_note));
  return v_decision;
end $$;

-- What can be done for units in question: the money back, or the same goods from where they are
-- counted and free. `amount` is what the buyer gets, in minor units.
create function fulfillment.options_for(
  j fulfillment.journey, p_units bigint, p_now timestamptz
) returns jsonb language plpgsql stable as $$
declare l record; s record; v_options jsonb;
begin
  select x.*, o.currency into l from orders.order_line x
    join orders."order" o on o.id = x.order_id
   where x.order_id = j.order_id and x.line_no = j.line_no;
  v_options := jsonb_build_array(jsonb_build_object('option', 'REFUND',
    'amount', round(l.amount::numeric * (l.refunded_quantity + p_units) / l.quantity)::bigint
              - l.refunded_amount, 'currency', l.currency));
  select * into s from fulfillment.source_for(j, p_units);
  if found then
    v_options := v_options || jsonb_build_object('option', 'REPLACE', 'amount', 0,
      'currency', l.currency, 'node', s.code,
      'promise_date', kit.day_of(p_now + make_interval(days => coalesce(ceil(s.days), 14)::int)));
  end if;
  return v_options;
end $$;

-- Where the same goods are counted and free, the quickest to the buyer's country first.
create function fulfillment.source_for(j fulfillment.journey, p_units bigint)
returns table (node_id uuid, owner_org_id uuid, code text, days double precision)
language plpgsql stable as $$
begin
  return query
  select a.node_id, a.owner_org_id, n.code, d.days
    from inventory.availability a
    join trade.node n on n.id = a.node_id and n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS')
   cross join lateral (select min(l.transit_days_p90) as days from trade.lane l
                        where l.node_id = a.node_id and l.country = j.country) d
   where a.sku_id = j.sku_id and a.kind = 'COUNTED' and a.available >= p_units
   order by n.country <> j.country, d.days nulls last, n.code limit 1;
end $$;

-- Carry out an option of an open decision. The buyer may choose, and the operator for it.
create function fulfillment.decide(
  actor accounts.actor, p_decision uuid, p_option text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare d fulfillment.decision;
begin
  perform accounts.enter(actor);
  select x.* into d from fulfillment.decision x
   where x.id = p_decision and (actor).org_id in (x.operator_org_id, x.buyer_org_id)
     for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'decision', 'key', 'dec_' || replace(p_decision::text, '-', '')));
  elsif d.state <> 'OPEN' then
    perform kit.refuse('fulfillment.already_decided', jsonb_build_object('chosen', d.chosen));
  elsif not exists (select from jsonb_array_elements(d.options) o
                     where o.value->>'option' = p_option)
     -- Only who has the carrier's ear gives its boxes up.
     or d.cause = 'SILENT' and (actor).org_id <> d.operator_org_id then
    perform kit.refuse('fulfillment.no_such_option', jsonb_build_object('option', p_option));
  end if;
  perform fulfillment.carry_out(actor, d, p_option, 'DECIDED', p_now);
end $$;

-- The effect of an option, its record and events. `d` is the locked decision.
create function fulfillment.carry_out(
  actor accounts.actor, d fulfillment.decision, p_option text, p_state text, p_now timestamptz
) returns void language plpgsql as $$
declare j fulfillment.journey; v_option text := p_option; v_amount bigint := 0;
begin
  select x.* into strict j from fulfillment.journey x where x.id = d.journey_id
     for no key update;
  -- The order was cancelled since, and its money given back: there is nothing left to decide.
  if fulfillment.standing(array[j.id]) = '{}' then
    if p_state = 'DECIDED' then
      perform kit.refuse('fulfillment.already_decided', '{"chosen": "REFUND"}');
    end if;
    perform fulfillment.end_cancelled(actor, j.order_id, p_now);
    return;
  end if;
  -- Nobody answered, and the goods that were to replace them are sold by now.
  if p_state = 'DEFAULTED' and v_option = 'REPLACE' and not exists (
    select from fulfillment.source_for(j, d.units)) then
    v_option := 'REFUND';
  end if;
  update fulfillment.journey x set version = x.version + 1 where x.id = j.id;
  -- Of a silent box the units move on, and nothing but their answer was asked.
  if d.cause = 'SILENT' then
    null;
  elsif v_option = 'WAIT' then
    update fulfillment.stage s
       set due_at = p_now + make_interval(secs => 3600 * s.hours_allowed)
     where s.journey_id = j.id and s.state = 'ACTIVE';
    update fulfillment.journey x
       set due_at = s.due_at, extensions = x.extensions + 1,
           expected_at = greatest(x.expected_at, p_now + make_interval(secs => 3600 * (
             select sum(y.hours_planned) from fulfillment.stage y
              where y.journey_id = x.id and y.state in ('PLANNED', 'ACTIVE'))))
      from fulfillment.stage s
     where x.id = j.id and s.journey_id = j.id and s.state = 'ACTIVE';
  else
    if v_option = 'REFUND' then
      v_amount := orders.refund_units(j.order_id, j.line_no, d.units, p_now);
    else
      perform fulfillment.replace_units(j, d.units, p_now);
    end if;
    update fulfillment.journey x
       set refunded = x.refunded + case v_option when 'REFUND' then d.units else 0 end,
           replaced = x.replaced + case v_option when 'REPLACE' then d.units else 0 end,
           in_question = x.in_question - d.units,
           state = case when x.moving > 0 or x.in_question > d.units then 'OPEN'
                        when x.delivered > 0 then 'DELIVERED' else 'ENDED' end,
           ended_at = case when x.moving > 0 or x.in_question > d.units then null else p_now end
     where x.id = j.id;
    perform fulfillment.restate(array[j.id]);
    perform fulfillment.end_parts(array[j.id], p_now);
  end if;
  update fulfillment.decision
     set state = p_state, chosen = v_option, decided_by = (actor).name, decided_at = p_now
   where id = d.id;
  perform fulfillment.tell(array[j.id], 'journey.decided', jsonb_build_object(
    'decision', 'dec_' || replace(d.id::text, '-', ''), 'cause', d.cause, 'units', d.units,
    'chosen', v_option, 'by_default', p_state = 'DEFAULTED', 'refunded_amount', v_amount), p_now);
  perform accounts.record_audit(actor, p_now, 'decide', 'decision', d.id, jsonb_build_object(
    'chosen', v_option, 'by_default', p_state = 'DEFAULTED', 'amount', v_amount));
  if v_option = 'LOST' and j.moving > 0 then
    perform fulfillment.question_units(actor, j.id, 'LOST', j.moving, d.note, p_now);
  end if;
end $$;

-- The same goods again from counted stock, on a journey of their own.
create function fulfillment.replace_units(
  j fulfillment.journey, p_units bigint, p_now timestamptz
) returns void language plpgsql as $$
declare s record; v_id constant uuid := kit.uuid7(p_now);
begin
  select * into s from fulfillment.source_for(j, p_units);
  if not found then
    perform kit.refuse('fulfillment.option_gone', jsonb_build_object('number', j.number));
  end if;
  perform inventory.reserve_lines(array[j.sku_id], array[s.node_id], array[s.owner_org_id],
                                  array[p_units], j.number, j.order_id, p_now);
  insert into fulfillment.journey (id, order_id, line_no, part_no, attempt, number,
    operator_org_id, buyer_org_id, supplier_org_id, sku_id, node_id, country, sales_model,
    quantity, moving, stock_node_id, stock_units, owner_org_id, stage, promise_date, expected_at,
    opened_at)
  values (v_id, j.order_id, j.line_no, j.part_no,
    1 + (select max(x.attempt) from fulfillment.journey x
          where (x.order_id, x.line_no, x.part_no) = (j.order_id, j.line_no, j.part_no)),
    j.number, j.operator_org_id, j.buyer_org_id, nullif(s.owner_org_id, j.operator_org_id),
    j.sku_id, s.node_id, j.country,
    case when s.owner_org_id = j.operator_org_id then 'OWNED' else 'PRESTOCK' end,
    p_units, p_units, s.node_id, p_units, s.owner_org_id, 'PACK', j.promise_date, p_now, p_now);
  perform fulfillment.lay_stages(array[v_id], p_now);
  perform fulfillment.tell(array[v_id], 'journey.opened',
    jsonb_build_object('replaces', 'jny_' || replace(j.id::text, '-', '')), p_now);
end $$;

-- What the clock does: open questions about stages past their deadline, and answer by their
-- default the questions nobody answered. A first delay waits by default; a second one gives the
-- money back, so that every order ends. Returns how many journeys were touched.
create function fulfillment.meet_deadlines(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare d fulfillment.decision; v_late uuid[]; j record; v_touched int := 0;
begin
  perform accounts.enter(actor);
  for d in
    select x.* from fulfillment.decision x
     where x.operator_org_id = (actor).org_id and x.state = 'OPEN' and x.due_at <= p_now
     order by x.due_at, x.id limit p_limit for no key update skip locked
  loop
    perform fulfillment.carry_out(actor, d, d.default_option, 'DEFAULTED', p_now);
    v_touched := v_touched + 1;
  end loop;
  for j in
    select x.id, x.extensions, x.moving, x.stage from fulfillment.journey x
     where x.operator_org_id = (actor).org_id and x.state = 'OPEN' and x.due_at <= p_now
       and not exists (select from fulfillment.decision y
                        where y.journey_id = x.id and y.state = 'OPEN')
     order by x.due_at, x.id limit p_limit for no key update skip locked
  loop
    if j.extensions = 0 then
      perform fulfillment.question_delay(actor, j.id, p_now);
    else
      perform fulfillment.question_units(actor, j.id,
        case when j.stage in ('TRUNK', 'LAST_MILE') then 'LOST' else 'LATE' end, j.moving,
        'no word past its second deadline', p_now);
    end if;
    v_touched := v_touched + 1;
  end loop;
  return v_touched;
end $$;

-- Ask what to do about a late stage: the units go on moving meanwhile.
create function fulfillment.question_delay(
  actor accounts.actor, p_journey uuid, p_now timestamptz
) returns void language plpgsql as $$
declare j fulfillment.journey; v_id constant uuid := kit.uuid7(p_now);
begin
  update fulfillment.journey x set version = x.version + 1 where x.id = p_journey returning x.* into j;
  insert into fulfillment.decision (id, journey_id, operator_org_id, buyer_org_id, cause, units,
    options, default_option, due_at, note, opened_at)
  select v_id, j.id, j.operator_org_id, j.buyer_org_id, 'LATE', j.moving,
         jsonb_build_array(jsonb_build_object('option', 'WAIT', 'amount', 0,
           'promise_date', kit.day_of(p_now + make_interval(secs => 3600 * sum(s.hours_planned))))),
         'WAIT', p_now + interval '24 hours', j.stage, p_now
    from fulfillment.stage s
   where s.journey_id = j.id and s.state in ('PLANNED', 'ACTIVE');
  perform fulfillment.tell(array[j.id], 'journey.late', jsonb_build_object(
    'decision', 'dec_' || replace(v_id::text, '-', ''), 'due_at', j.due_at), p_now);
  perform accounts.record_audit(actor, p_now, 'question', 'journey', j.id,
    jsonb_build_object('cause', 'LATE', 'stage', j.stage));
end $$;

-- A parcel at the hub's door. Announced: what was counted of each of its journeys stands here, and
-- what is missing, broken or wrong becomes a question each. Unannounced: it is kept until somebody
-- knows whose it is. `p_counts` is [{journey_id, good, damaged, wrong}]; what is left out of
-- it came complete. Returns the parcel's state.
create function fulfillment.receive_parcel(
  actor accounts.actor, p_waybill text, p_node uuid, p_counts jsonb, p_note text, p_now timestamptz
) returns text language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[]; v_supplier uuid; j record; v_bad bigint; v_state text;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  select array_agg(l.id), min(l.supplier_org_id::text)::uuid into v_ids, v_supplier from (
    select x.id, x.supplier_org_id from fulfillment.journey x
     where x.operator_org_id = (actor).org_id and x.waybill = p_waybill and x.hub_id = p_node
       and x.stage = 'RECEIPT'
     order by x.id for no key update) l;
  v_state := case when v_ids is null then 'UNANNOUNCED' else 'MATCHED' end;
  insert into fulfillment.inbound_parcel as p (id, waybill, operator_org_id, supplier_org_id,
    node_id, state, note, arrived_at)
  values (kit.uuid7(p_now), p_waybill, (actor).org_id, v_supplier, p_node, v_state, p_note, p_now)
  on conflict (operator_org_id, waybill) do update
    set arrived_at = coalesce(p.arrived_at, p_now), note = concat_ws(' ', nullif(p.note, ''), p_note),
        state = case when p.state = 'MATCHED' then p.state else excluded.state end
  returning p.state into v_state;
  for j in
    select x.id, x.moving, coalesce(c.damaged, 0) as damaged, coalesce(c.wrong, 0) as wrong,
           least(coalesce(c.good, x.moving - coalesce(c.damaged, 0) - coalesce(c.wrong, 0)),
                 x.moving - coalesce(c.damaged, 0) - coalesce(c.wrong, 0)) as good
      from fulfillment.journey x
      left join jsonb_to_recordset(p_counts)
             as c(journey_id uuid, good bigint, damaged bigint, wrong bigint) on c.journey_id = x.id
     where x.id = any(v_ids) order by x.id
  loop
    if j.good < 0 then
      perform kit.refuse('fulfillment.units_not_there', jsonb_build_object(
        'number', p_waybill, 'units', j.damaged + j.wrong, 'moving', j.moving));
    end if;
    v_bad := j.moving - j.good - j.damaged - j.wrong;
    if v_bad > 0 then
      perform fulfillment.question_units(actor, j.id, 'SHORT', v_bad, p_note, p_now);
    end if;
    if j.good + j.damaged + j.wrong > 0 then
      perform fulfillment.stand_at_hub(array[j.id], p_now);
      if j.damaged > 0 then
        perform fulfillment.question_units(actor, j.id, 'DAMAGED', j.damaged, p_note, p_now);
      end if;
      if j.wrong > 0 then
        perform fulfillment.question_units(actor, j.id, 'WRONG', j.wrong, p_note, p_now);
      end if;
    end if;
  end loop;
  select array_agg(x.id) into v_ids from fulfillment.journey x
   where x.id = any(v_ids) and x.stage = 'RECEIPT';
  if v_ids is not null then
    perform fulfillment.next_stage(actor, v_ids, 'RECEIPT', p_waybill, p_now);
  else
    perform accounts.record_audit(actor, p_now, 'receive', 'inbound_parcel', null,
      jsonb_build_object('waybill', p_waybill, 'state', v_state));
  end if;
  return v_state;
end $$;

-- An order, or a line of it, was cancelled before anything of it left: its journeys end, their
-- stock was given back.
create function fulfillment.end_cancelled(actor accounts.actor, p_order uuid, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[];
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j join orders."order" o on o.id = j.order_id
     where j.order_id = p_order and j.operator_org_id = (actor).org_id and j.state = 'OPEN'
       and (o.status = 'CANCELLED' or exists (
              select from orders.order_part p
               where (p.order_id, p.line_no, p.part_no) = (j.order_id, j.line_no, j.part_no)
                 and p.status = 'CANCELLED'))
     order by j.id for no key update of j) l;
  if v_ids is null then
    return 0;
  end if;
  update fulfillment.stage set state = 'DROPPED'
   where journey_id = any(v_ids) and state in ('PLANNED', 'ACTIVE');
  update fulfillment.journey
     set refunded = refunded + moving + in_question, moving = 0, in_question = 0, stock_units = 0,
         stock_node_id = null, stage = null, due_at = null, state = 'ENDED', ended_at = p_now,
         version = version + 1
   where id = any(v_ids);
  update fulfillment.decision set state = 'DEFAULTED', chosen = 'REFUND', decided_at = p_now
   where journey_id = any(v_ids) and state = 'OPEN';
  perform fulfillment.settle_purchases(actor, v_ids, p_now);
  perform fulfillment.tell(v_ids, 'journey.ended', '{"cause": "CANCELLED"}', p_now);
  perform accounts.record_audit(actor, p_now, 'end', 'journey', null,
    jsonb_build_object('order_id', p_order, 'journeys', cardinality(v_ids)));
  return cardinality(v_ids);
end $$;

-- A supplier's tasks, without buyer and price: what to ship, by when, and for a blind shipment to
-- the buyer's door, to whom.
create function fulfillment.supplier_tasks(p_limit int)
returns table (id uuid, number text, sku text, title text, title_zh text, uom text,
               units bigint, stage text, due_at timestamptz, reminded_at timestamptz, hub text,
               ship_to jsonb)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select j.id, j.number, k.code, k.title, k.title_zh, k.uom, j.moving, j.stage, j.due_at,
         r.reminded_at, h.code,
         case when j.sales_model = 'DIRECT' then jsonb_build_object(
           'name', c.name, 'phone', c.phone, 'country', c.country, 'region', c.region,
           'city', c.city, 'postcode', c.postcode, 'line1', c.line1, 'line2', c.line2) end
    from fulfillment.journey j
    join catalog.sku k on k.id = j.sku_id
    join orders."order" o on o.id = j.order_id
    join accounts.contact c on c.id = o.ship_to_contact_id
    left join trade.node h on h.id = j.hub_id
    left join fulfillment.reminder r
      on (r.subject_id, r.kind, r.due_at) = (j.id, 'SHIPMENT', j.due_at)
   where j.supplier_org_id = (select current_setting('app.org')::uuid) and j.state = 'OPEN'
     and j.stage = 'FACTORY'
   order by j.due_at, j.id limit p_limit;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'fulfillment'::regnamespace
              and p.proname not in ('receive_goods', 'stock_lines') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function
  fulfillment.open_journeys(accounts.actor, uuid[], timestamptz),
  fulfillment.finish_stages(accounts.actor, text, uuid[], text, timestamptz),
  fulfillment.question_units(accounts.actor, uuid, text, bigint, text, timestamptz),
  fulfillment.decide(accounts.actor, uuid, text, timestamptz),
  fulfillment.receive_parcel(accounts.actor, text, uuid, jsonb, text, timestamptz),
  fulfillment.supplier_tasks(int) to bl_app;

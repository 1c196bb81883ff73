-- Sets of journeys cost what they do, and not the square of it; customs is not asked about goods that
-- stay in the country, and sets that leave one place do so side by side.

set local role beltline_core;

-- As before, in one statement: a journey's first stage is known from where it was laid, not looked
-- for among all stages that run. The stage of the factory is planned by the lead time of the offer,
-- where it has one, and never allowed less than by the rule.
create or replace function fulfillment.lay_stages(p_journeys uuid[], p_now timestamptz) returns void
language plpgsql as $$
begin
  with road as (
    select j.id, j.operator_org_id, j.buyer_org_id, j.sales_model, n.country <> j.country as crosses,
           j.supplier_org_id, coalesce(j.hub_id, j.node_id) as packed_at,
           (select min(l.transit_days_p50) * 24 from trade.lane l
             where l.node_id = coalesce(j.hub_id, j.node_id) and l.country = j.country) as p50,
           (select min(l.transit_days_p90) * 24 from trade.lane l
             where l.node_id = coalesce(j.hub_id, j.node_id) and l.country = j.country) as p90,
           -- What the offer says from the order to the hub, or to the carrier of a blind shipment;
           -- of it the factory has what its answer and the way to the hub do not need.
           case when j.sales_model in ('VIRTUAL', 'DIRECT') then (
             select greatest(o.lead_time_days * 24 - case j.sales_model when 'VIRTUAL' then (
                      select sum(x.hours_planned) from fulfillment.stage_rule x
                       where x.kind in ('PURCHASE', 'RECEIPT')) else 0 end, 1)
               from orders.order_line w join catalog.offer o on o.id = w.offer_id
              where (w.order_id, w.line_no) = (j.order_id, j.line_no)) end as factory
      from fulfillment.journey j join trade.node n on n.id = j.node_id
     where j.id = any(p_journeys)
  ), timed as (
    -- A lane's days cover trunk and last mile together: four fifths and one fifth of them.
    select r.id, r.operator_org_id, r.buyer_org_id, k.position, k.kind, k.responsible,
           case when k.kind in ('TRUNK', 'LAST_MILE')
                then coalesce(r.p50 * w.share, k.hours_planned)
                when k.kind = 'FACTORY' and r.factory is not null then r.factory
                else coalesce(t.hours_p50, k.hours_planned) end as planned,
           -- What is usual is expected; what is allowed stays the rule.
           case when k.kind in ('TRUNK', 'LAST_MILE')
                then coalesce(r.p90 * w.share + 24, k.hours_allowed)
                when k.kind = 'FACTORY' and r.factory is not null
                then greatest(r.factory + k.hours_allowed - k.hours_planned, k.hours_allowed)
                else greatest(k.hours_allowed, t.hours_p50) end as allowed
      from road r
      join fulfillment.stage_rule k on fulfillment.passes(k.kind, r.sales_model, r.crosses)
      left join fulfillment.stage_time t
        on t.kind = k.kind and t.country = ''
       and t.party_id = case when k.kind in ('PURCHASE', 'FACTORY') then r.supplier_org_id
                             else r.packed_at end
     cross join lateral (select case when not r.crosses then 1 when k.kind = 'TRUNK' then 0.8
                                     else 0.2 end as share) w
  ), laid as (
    select t.*, sum(t.planned) over w as total, sum(t.planned) over (partition by t.id) as whole,
           row_number() over w = 1 as is_first
      from timed t window w as (partition by t.id order by t.position)
  ), kept as (
    insert into fulfillment.stage (journey_id, position, kind, operator_org_id, buyer_org_id,
      responsible, state, hours_planned, hours_allowed, planned_at, started_at, due_at)
    select f.id, f.position, f.kind, f.operator_org_id, f.buyer_org_id, f.responsible,
           case when f.is_first then 'ACTIVE' else 'PLANNED' end, f.planned, f.allowed,
           p_now + make_interval(secs => 3600 * f.total),
           case when f.is_first then p_now end,
           case when f.is_first then p_now + make_interval(secs => 3600 * f.allowed) end
      from laid f
  )
  update fulfillment.journey j
     set stage = f.kind, due_at = p_now + make_interval(secs => 3600 * f.allowed),
         expected_at = p_now + make_interval(secs => 3600 * f.whole)
    from laid f where j.id = f.id and f.is_first;
end $$;

-- As before; what is sold from stock is not asked about one by one.
create or replace function fulfillment.without_unpaid(p_journeys uuid[]) returns uuid[]
language plpgsql stable as $$
begin
  return (select coalesce(array_agg(j.id), '{}') from fulfillment.journey j
           where j.id = any(p_journeys)
             and not ((j.sales_model = 'VIRTUAL' or j.attempt > 1)
                      and fulfillment.awaits_balance(j)));
end $$;

-- The order is told of what leaves; journeys whose order was cancelled stay. Returns those that leave:
-- whoever ends their stage moves their stock.
create or replace function fulfillment.depart(p_journeys uuid[], p_operator uuid, p_now timestamptz)
returns uuid[] language plpgsql as $$
declare v_left uuid[];
begin
  perform orders.ship_parts((
    select jsonb_agg(jsonb_build_object('order_id', j.order_id, 'line_no', j.line_no,
                                        'part_no', j.part_no))
      from fulfillment.journey j where j.id = any(p_journeys)), p_now);
  select array_agg(j.id) into v_left
    from fulfillment.journey j
   where j.id = any(p_journeys)
     and exists (select from orders.order_part p
                  where (p.order_id, p.line_no, p.part_no) = (j.order_id, j.line_no, j.part_no)
                    and p.status = 'SHIPPED');
  return coalesce(v_left, '{}');
end $$;

-- Those of some journeys that cross a border: customs has its file of no others.
create function fulfillment.crossing(p_journeys uuid[]) returns uuid[] language plpgsql stable as $$
begin
  return (select array_agg(s.journey_id) from fulfillment.stage s
           where s.journey_id = any(p_journeys) and s.kind = 'EXPORT');
end $$;
revoke all on function fulfillment.crossing(uuid[]) from public;
grant execute on function fulfillment.crossing(uuid[]) to bl_sys, beltline_core;

-- As before, and customs is asked about what crosses a border. Stock is moved last: all that leaves a
-- place leaves the same rows, and who holds them lets everybody else wait.
create or replace function fulfillment.finish_stages(
  actor accounts.actor, p_kind text, p_journeys uuid[], p_document text, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[]; v_bound uuid[]; v_passed uuid[];
        v_stock jsonb; v_operator constant uuid := accounts.operator_org();
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j
     where j.id = any(p_journeys) and j.stage = p_kind
       and ((actor).org_id = j.operator_org_id
            or (actor).org_id = j.supplier_org_id and p_kind = 'FACTORY')
     order by j.id for no key update) l;
  if v_ids is not null and p_kind = 'PACK' then
    v_ids := nullif(fulfillment.without_unpaid(v_ids), '{}');
  end if;
  if v_ids is not null and p_kind in ('EXPORT', 'DISPATCH') then
    v_bound := fulfillment.crossing(v_ids);
  end if;
  if v_bound is not null then
    -- Begun before there were files: now it has one.
    if p_kind = 'EXPORT' then
      perform customs.take_in(actor, fulfillment.exported(v_bound), p_now);
    end if;
    v_passed := customs.let_pass(actor, fulfillment.exported(v_bound), p_now);
    select array_agg(x) into v_ids from unnest(v_ids) x
     where x = any(v_passed) or x <> all(v_bound);
  end if;
  if v_ids is null then
    return 0;
  end if;
  if p_kind = 'DISPATCH' or p_kind = 'FACTORY' then
    v_ids := fulfillment.depart(v_ids, v_operator, p_now);
    v_stock := fulfillment.stock_of(v_ids, -1);
  elsif p_kind = 'TITLE' then
    perform fulfillment.pass_title(v_ids, v_operator, p_document, p_now);
  elsif p_kind = 'RECEIPT' then
    -- All that has not been counted yet comes now.
    perform fulfillment.stand_at_hub(v_ids, p_now);
  end if;
  perform fulfillment.next_stage(actor, v_ids, p_kind, p_document, p_now);
  if p_kind = 'INSPECTION' then
    perform fulfillment.ask_balances(actor, v_ids, cardinality(v_ids), p_now);
  end if;
  if p_kind = 'EXPORT' then
    perform customs.pass(actor, v_ids, p_document, p_now);
  elsif p_kind = 'DISPATCH' and v_bound is not null then
    perform customs.depart(actor, fulfillment.exported(fulfillment.crossing(v_ids)), p_document,
                           p_now);
  end if;
  perform customs.take_in(actor, fulfillment.exported((
    select array_agg(j.id) from fulfillment.journey j
     where j.id = any(v_ids) and j.stage = 'EXPORT')), p_now);
  if v_stock is not null then
    perform inventory.check_fresh(v_stock, p_now);
    perform inventory.move_reserved('SHIP', v_stock, v_operator, p_now);
  end if;
  return cardinality(v_ids);
end $$;

-- As before, and the journeys of an order lie beside each other: a set of them in the order of their ids
-- is one of whole orders, so that two sets seldom meet at one.
create or replace function fulfillment.open_journeys(actor accounts.actor, p_orders uuid[], p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare v_made uuid[]; v_run constant text := kit.id_run(p_now);
begin
  perform accounts.enter(actor);
  with made as (
    -- The stage is laid below; until then the first of all stands for it.
    insert into fulfillment.journey (id, order_id, line_no, part_no, number, operator_org_id,
      buyer_org_id, supplier_org_id, sku_id, node_id, hub_id, country, sales_model, quantity,
      moving, stock_node_id, stock_units, owner_org_id, stage, promise_date, expected_at, opened_at)
    select kit.id_at(v_run, row_number() over (order by p.order_id, p.line_no, p.part_no)),
           p.order_id, p.line_no, p.part_no, o.number, p.operator_org_id,
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

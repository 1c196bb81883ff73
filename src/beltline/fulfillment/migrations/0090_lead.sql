-- A factory has the time that its offer says: goods that take three weeks to make are not late after
-- four days.

set local role beltline_core;

-- As before; the stage of the factory is planned and allowed by the lead time of the offer, where it
-- has one.
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

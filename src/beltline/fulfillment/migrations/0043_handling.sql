-- How long goods take before they are on the road: told to trade, so that a promise has it too.

alter table fulfillment.stage_time drop constraint stage_time_kind_check;
alter table fulfillment.stage_time add constraint stage_time_kind_check check (kind in (
  'PURCHASE', 'FACTORY', 'RECEIPT', 'INSPECTION', 'PACK', 'TITLE', 'EXPORT', 'DISPATCH',
  -- From leaving the node to the door; and what lies before it (trade.handling), with the country
  -- '*' where a border comes after.
  'ROAD', 'STOCK', 'HUB', 'MADE', 'DOOR'));

set local role beltline_core;

-- Tell trade what the rules and what was learned say of handling; how many rows. By the rules the
-- stages that a model passes, after one and up to another, come one after the other; what is planned
-- is what half of them need, and what is allowed what nine in ten do.
create function fulfillment.tell_handling() returns int language sql as $$
  select trade.keep_handling(jsonb_agg(to_jsonb(h))) from (
    select null::uuid as party_id, w.way, w.crosses, sum(r.hours_planned) / 24 as days_p50,
           (sum(r.hours_planned) + sqrt(sum(power(r.hours_allowed - r.hours_planned, 2)))) / 24
             as days_p90
      from (values ('STOCK', 'OWNED', false, null, 'DISPATCH'),
                   ('STOCK', 'OWNED', true, null, 'DISPATCH'),
                   ('HUB', 'VIRTUAL', false, 'RECEIPT', 'DISPATCH'),
                   ('HUB', 'VIRTUAL', true, 'RECEIPT', 'DISPATCH'),
                   ('MADE', 'VIRTUAL', false, null, 'RECEIPT'),
                   ('DOOR', 'DIRECT', false, null, 'FACTORY'))
             as w(way, model, crosses, begins, ends)
      join fulfillment.stage_rule e on e.kind = w.ends
      left join fulfillment.stage_rule b on b.kind = w.begins
      join fulfillment.stage_rule r on fulfillment.passes(r.kind, w.model, w.crosses)
       and r.position > coalesce(b.position, 0) and r.position <= e.position
     group by w.way, w.crosses
    union all
    select t.party_id, t.kind, t.country = '*', t.hours_p50 / 24, t.hours_p90 / 24
      from fulfillment.stage_time t where t.kind in ('STOCK', 'HUB', 'MADE', 'DOOR')) h
$$;
revoke all on function fulfillment.tell_handling() from public;
grant execute on function fulfillment.tell_handling() to bl_sys, beltline_core;

select fulfillment.tell_handling();

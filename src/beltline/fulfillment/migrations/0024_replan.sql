-- A factory's day moved: the journeys that wait for it move with it.

set local role beltline_core;

-- Move what is still to come of a purchase's journeys by some days, while the factory has them; how
-- many. Their promise to the buyer stays what it was.
create function fulfillment.replan(
  actor accounts.actor, p_purchase uuid, p_days int, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
declare v_ids uuid[]; v_shift constant interval := make_interval(days => p_days);
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into v_ids from (
    select j.id from fulfillment.journey j
      join orders.order_part p on (p.order_id, p.line_no, p.part_no)
                                = (j.order_id, j.line_no, j.part_no)
     where p.purchase_order_id = p_purchase and j.operator_org_id = (actor).org_id
       and j.stage in ('PURCHASE', 'FACTORY')
     order by j.id for no key update of j) l;
  if v_ids is null then
    return 0;
  end if;
  update fulfillment.stage s
     set planned_at = s.planned_at + v_shift, due_at = s.due_at + v_shift
   where s.journey_id = any(v_ids) and s.state in ('PLANNED', 'ACTIVE');
  update fulfillment.journey
     set due_at = due_at + v_shift, expected_at = expected_at + v_shift, version = version + 1
   where id = any(v_ids);
  perform fulfillment.tell(v_ids, 'journey.replanned', jsonb_build_object('days', p_days), p_now);
  perform accounts.record_audit(actor, p_now, 'replan', 'journey', null,
    jsonb_build_object('journeys', cardinality(v_ids), 'days', p_days));
  return cardinality(v_ids);
end $$;

revoke all on function fulfillment.replan(accounts.actor, uuid, int, timestamptz) from public;
grant execute on function fulfillment.replan(accounts.actor, uuid, int, timestamptz)
  to bl_sys, beltline_core;

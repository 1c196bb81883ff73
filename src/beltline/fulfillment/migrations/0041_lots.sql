-- Goods that have expired do not leave to a buyer.

set local role beltline_core;

-- As before, and what has expired stays.
create or replace function fulfillment.depart(p_journeys uuid[], p_operator uuid, p_now timestamptz)
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
  perform inventory.check_fresh(fulfillment.stock_of(v_left, -1), p_now);
  perform inventory.move_reserved('SHIP', fulfillment.stock_of(v_left, -1), p_operator, p_now);
  return coalesce(v_left, '{}');
end $$;

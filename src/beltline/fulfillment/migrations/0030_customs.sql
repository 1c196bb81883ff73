-- Goods that are to be exported have a customs file: it is begun when their stage EXPORT is, and stops
-- them at EXPORT and DISPATCH while something is missing, forbidden or held.

set local role beltline_core;

-- Some journeys as customs takes them in.
create function fulfillment.exported(p_journeys uuid[]) returns jsonb
language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'journey_id', j.id, 'order_id', j.order_id, 'order_number', j.number,
             'line_no', j.line_no, 'sku_id', j.sku_id, 'units', j.moving,
             'node_id', coalesce(j.hub_id, j.node_id), 'country', j.country,
             'supplier_org_id', j.supplier_org_id, 'purchase_order_id', p.purchase_order_id,
             'mode', coalesce(c.mode, '')) order by j.id), '[]')
      from fulfillment.journey j
      join orders.order_part p on (p.order_id, p.line_no, p.part_no)
                                = (j.order_id, j.line_no, j.part_no)
      left join fulfillment.carriage c on c.journey_id = j.id
     where j.id = any(p_journeys));
end $$;

-- As before, and a stage that customs stops is not ended.
create or replace function fulfillment.finish_stages(
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
  if v_ids is not null and p_kind in ('EXPORT', 'DISPATCH') then
    -- Begun before there were files: now it has one.
    if p_kind = 'EXPORT' then
      perform customs.take_in(actor, fulfillment.exported(v_ids), p_now);
    end if;
    v_ids := nullif(customs.let_pass(actor, fulfillment.exported(v_ids), p_now), '{}');
  end if;
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
  if p_kind = 'EXPORT' then
    perform customs.pass(actor, v_ids, p_document, p_now);
  elsif p_kind = 'DISPATCH' then
    perform customs.depart(actor, fulfillment.exported(v_ids), p_document, p_now);
  end if;
  perform customs.take_in(actor, fulfillment.exported((
    select array_agg(j.id) from fulfillment.journey j
     where j.id = any(v_ids) and j.stage = 'EXPORT')), p_now);
  return cardinality(v_ids);
end $$;

-- As before, and customs hears how many units are left.
create or replace function fulfillment.restate(p_journeys uuid[]) returns void language plpgsql as $$
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
  perform customs.restate(fulfillment.exported(p_journeys));
end $$;

-- As before, and customs hears that nothing is left.
create or replace function fulfillment.end_cancelled(
  actor accounts.actor, p_order uuid, p_now timestamptz
) returns int language plpgsql security definer set search_path = '' as $$
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
  perform customs.restate(fulfillment.exported(v_ids));
  perform fulfillment.settle_purchases(actor, v_ids, p_now);
  perform fulfillment.tell(v_ids, 'journey.ended', '{"cause": "CANCELLED"}', p_now);
  perform accounts.record_audit(actor, p_now, 'end', 'journey', null,
    jsonb_build_object('order_id', p_order, 'journeys', cardinality(v_ids)));
  return cardinality(v_ids);
end $$;

revoke all on function fulfillment.exported(uuid[]) from public;
grant execute on function fulfillment.exported(uuid[]) to bl_sys, beltline_core;

-- Stages of many journeys end with fewer writes: events of a set are recorded as one, and a journey
-- is written once where it was twice.

set local role beltline_core;

create or replace function fulfillment.tell(
  p_journeys uuid[], p_type text, p_data jsonb, p_now timestamptz
) returns void language plpgsql as $$
begin
  perform kit.record_mixed_events('journey', p_now, array_agg(p_type), array_agg(j.id),
            array_agg(j.version), array_agg(j.operator_org_id), array_agg(j.buyer_org_id),
            array_agg(null::uuid), array_agg(jsonb_build_object(
              'order', j.number, 'order_id', j.order_id, 'line_no', j.line_no,
              'part_no', j.part_no, 'stage', j.stage, 'state', j.state, 'moving', j.moving,
              'delivered', j.delivered, 'refunded', j.refunded, 'in_question', j.in_question,
              'expected_at', j.expected_at) || p_data))
    from fulfillment.journey j where j.id = any(p_journeys)
  having count(*) > 0;
end $$;

-- As before; that the units stand nowhere any more is written by the stage that ends.
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
  perform inventory.move_reserved('SHIP', fulfillment.stock_of(v_left, -1), p_operator, p_now);
  return coalesce(v_left, '{}');
end $$;

-- As before, with the version.
create or replace function fulfillment.hand_over(p_journeys uuid[], p_document text, p_now timestamptz)
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
         expected_at = p_now, ended_at = case when in_question > 0 then null else p_now end,
         version = version + 1
   where id = any(p_journeys);
  perform fulfillment.end_parts(p_journeys, p_now);
  perform suppliers.record_outcomes((
    select jsonb_agg(jsonb_build_object('supplier_org_id', j.supplier_org_id,
             'measure', 'NOT_RETURNED', 'score', 1, 'source', 'journey.delivered',
             'subject_id', j.id, 'subject', j.number))
      from fulfillment.journey j
     where j.id = any(p_journeys) and j.supplier_org_id is not null), p_now);
end $$;

-- As before, and what left its node stands nowhere.
create or replace function fulfillment.next_stage(
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
                          then p_document else j.waybill end,
           stock_units = case when p_kind in ('FACTORY', 'DISPATCH') then 0
                              else j.stock_units end,
           stock_node_id = case when p_kind not in ('FACTORY', 'DISPATCH')
                                then j.stock_node_id end
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

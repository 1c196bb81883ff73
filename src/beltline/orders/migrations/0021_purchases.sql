-- What factories are asked for: the parts of buyers' orders that stand with them, gathered into
-- purchases; and what happens to those parts when a factory says no.

set local role beltline_core;

-- Ask factories for the VIRTUAL parts of paid orders placed before the cut-off (DIRECT ones stand in
-- their factory's tasks at once): one purchase for each supplier, hub they go to and currency, one
-- line a SKU at the price of the whole quantity. Parts whose supplier has no offer to the
-- operator for so few wait for more. All that stands with a supplier is asked at once, for the
-- `p_limit` suppliers that come after `p_after` by id. Returns {purchases, parts, unpriced, last}:
-- the last of these suppliers, null when there was none.
create function orders.purchase_parts(
  actor accounts.actor, p_cut_off timestamptz, p_after uuid, p_limit int, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = '' as $$
declare
  v_suppliers uuid[]; ids uuid[]; g record; v_id uuid; v_parts int; parts int := 0;
  purchases int := 0; v_left int;
begin
  perform accounts.enter(actor);
  select array_agg(s.id order by s.id) into v_suppliers from (
    select distinct p.owner_org_id as id from orders.order_part p
     where p.sales_model = 'VIRTUAL' and p.purchase_order_id is null
       and p.status = 'ALLOCATED' and p.operator_org_id = (actor).org_id
       and p.owner_org_id > p_after
     order by 1 limit p_limit) s;
  select array_agg(o.id) into ids from (
    select x.id from orders."order" x
     where x.operator_org_id = (actor).org_id and x.status in ('PAID', 'ON_CREDIT', 'ALLOCATED')
       and x.created_at < p_cut_off
       and x.id in (select p.order_id from orders.order_part p
                     where p.sales_model = 'VIRTUAL' and p.purchase_order_id is null
                       and p.status = 'ALLOCATED' and p.owner_org_id = any(v_suppliers))
     order by x.id for no key update) o;
  for g in
    with wanted as (
      select p.order_id, p.line_no, p.part_no, p.sku_id, r.quantity, p.owner_org_id as supplier,
             (select h.id from trade.node h join trade.node f on f.country = h.country
               where f.id = p.node_id and h.kind = 'CONSOLIDATION' order by h.code limit 1)
               as node
        from orders.order_part p
        join lateral orders.reserved_of(p) r
          on (r.node_id, r.owner_org_id) = (p.node_id, p.owner_org_id)
       where p.order_id = any(ids) and p.sales_model = 'VIRTUAL'
         and p.purchase_order_id is null and p.status = 'ALLOCATED'
         and p.owner_org_id = any(v_suppliers)
    ), lines as (
      select w.supplier, w.node, w.sku_id, sum(w.quantity)::bigint as quantity,
             jsonb_agg(jsonb_build_object('order_id', w.order_id, 'line_no', w.line_no,
                                          'part_no', w.part_no)) as parts
        from wanted w where w.node is not null group by w.supplier, w.node, w.sku_id
    ), priced as (
      select l.*, t.currency, t.unit_price, t.lead
        from lines l
        cross join lateral (
          select o.currency, b.unit_price, coalesce(o.lead_time_days, 7) as lead
            from catalog.offer o join catalog.offer_break b on b.offer_id = o.id
           where o.sku_id = l.sku_id and o.supplier_org_id = l.supplier
             and o.audience = 'OPERATOR' and b.quantity_from <= l.quantity
             and o.valid_from <= kit.day_of(p_now)
             and (o.valid_until is null or o.valid_until >= kit.day_of(p_now))
           order by b.quantity_from desc, o.currency limit 1) t
    )
    select p.supplier, p.node, p.currency, max(p.lead) as lead,
           jsonb_agg(jsonb_build_object('sku_id', p.sku_id, 'quantity', p.quantity,
                                        'unit_price', p.unit_price) order by p.sku_id) as lines,
           jsonb_path_query_array(jsonb_agg(p.parts), '$[*][*]') as parts
      from priced p group by p.supplier, p.node, p.currency
     order by p.supplier, p.node, p.currency
  loop
    v_id := kit.uuid7(p_now);
    perform procurement.issue_order(actor, jsonb_build_object(
      'id', v_id, 'supplier_org_id', g.supplier, 'node_id', g.node, 'currency', g.currency,
      'expected_date', kit.day_of(p_now) + ceil(g.lead)::int,
      'answer_by', p_now + interval '48 hours', 'is_for_orders', true, 'lines', g.lines), p_now);
    update orders.order_part p set purchase_order_id = v_id
      from jsonb_to_recordset(g.parts) as w(order_id uuid, line_no int, part_no int)
     where (p.order_id, p.line_no, p.part_no) = (w.order_id, w.line_no, w.part_no);
    get diagnostics v_parts = row_count;
    parts := parts + v_parts;
    purchases := purchases + 1;
  end loop;
  select count(*) into v_left from orders.order_part p
   where p.order_id = any(ids) and p.sales_model = 'VIRTUAL'
     and p.purchase_order_id is null and p.status = 'ALLOCATED'
     and p.owner_org_id = any(v_suppliers)
     and exists (select from orders.reserved_of(p) r where r.node_id = p.node_id);
  return jsonb_build_object('purchases', purchases, 'parts', parts, 'unpriced', v_left,
                            'last', v_suppliers[cardinality(v_suppliers)]);
end $$;

-- A factory refused a purchase, or it was cancelled: each order whose goods it was to bring does
-- what its buyer decided when it was placed. WAIT asks again at the next cut-off; SHIP_PART gives
-- up the units that are missing, CANCEL the whole line as far as it has not left. What is given up
-- is refunded at the price it was bought at and its stock is free again. When the factory was only
-- silent (`p_is_silent`) every order waits: it is asked again, until the deadlines of the journeys
-- end that. Returns how many orders it met; twice is once.
create function orders.lose_purchase(
  actor accounts.actor, p_purchase uuid, p_is_silent boolean, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare
  ids uuid[]; o orders."order"; l record; v_parts jsonb; v_refunded bigint;
  skus uuid[]; nodes uuid[]; owners uuid[]; quantities bigint[];
begin
  perform accounts.enter(actor);
  select array_agg(x.id) into ids from (
    select y.id from orders."order" y
     where y.operator_org_id = (actor).org_id
       and y.id in (select p.order_id from orders.order_part p
                     where p.purchase_order_id = p_purchase and p.status = 'ALLOCATED'
                       and exists (select from orders.reserved_of(p) r
                                    where r.node_id = p.node_id))
     order by y.id for no key update) x;
  update orders.order_part p set purchase_order_id = null
    from orders."order" x
   where x.id = p.order_id and (p_is_silent or x.decision = 'WAIT')
     and p.purchase_order_id = p_purchase and p.status = 'ALLOCATED';
  if p_is_silent then
    return coalesce(cardinality(ids), 0);
  end if;
  for o in select * from orders."order" x where x.id = any(ids) and x.decision <> 'WAIT'
           order by x.id
  loop
    v_parts := '[]'; v_refunded := 0;
    for l in
      select p.line_no, jsonb_agg(jsonb_build_object('order_id', p.order_id, 'line_no', p.line_no,
               'part_no', p.part_no, 'delivered', false)) as parts,
             sum(coalesce((p.standing->>'owed')::bigint, p.quantity))::bigint as units
        from orders.order_part p
       where p.order_id = o.id and p.status = 'ALLOCATED'
         and (p.purchase_order_id = p_purchase
              or o.decision = 'CANCEL' and p.line_no in (
                   select y.line_no from orders.order_part y
                    where y.order_id = o.id and y.purchase_order_id = p_purchase))
       group by p.line_no order by p.line_no
    loop
      select array_agg(p.sku_id), array_agg(r.node_id), array_agg(r.owner_org_id),
             array_agg(r.quantity)
        into skus, nodes, owners, quantities
        from orders.order_part p
        join jsonb_to_recordset(l.parts) as w(order_id uuid, line_no int, part_no int)
          on (p.order_id, p.line_no, p.part_no) = (w.order_id, w.line_no, w.part_no)
       cross join lateral orders.reserved_of(p) r;
      if skus is not null then
        perform inventory.release_many(kit.id_run(p_now), skus, nodes, owners, quantities,
          array_fill(o.number, array[cardinality(skus)]),
          array_fill(o.id, array[cardinality(skus)]), o.operator_org_id, p_now);
      end if;
      v_refunded := v_refunded + orders.refund_units(o.id, l.line_no, l.units, p_now);
      v_parts := v_parts || l.parts;
    end loop;
    update orders."order" set version = version + 1 where id = o.id;
    perform orders.record_change(actor, o, 'order.amended', 'lose', o.status, jsonb_build_object(
      'reason', 'REFUSED_BY_FACTORY', 'decision', o.decision, 'refunded', v_refunded), p_now);
    perform orders.end_parts(v_parts, p_now);
  end loop;
  return coalesce(cardinality(ids), 0);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and p.proname in ('purchase_parts', 'lose_purchase') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

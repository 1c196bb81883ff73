-- Goods of one owner on their way between two nodes of the network: out of one, in transit, and
-- into the other when they are received. What is in transit is inbound where it is awaited.

create table inventory.transfer (
  id uuid primary key,
  n bigint generated always as identity,
  sku_id uuid not null,
  origin_node_id uuid not null,
  target_node_id uuid not null check (target_node_id <> origin_node_id),
  owner_org_id uuid not null,
  operator_org_id uuid not null,
  quantity bigint not null check (quantity > 0),
  -- Units that came in, where the transfer ended; the others were lost on the way.
  received bigint check (received between 0 and quantity),
  status text not null default 'SENT' check (status in ('SENT', 'RECEIVED', 'RETURNED')),
  expected_date date not null,
  sent_by text not null,
  sent_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  check ((status = 'SENT') = (received is null)),
  check ((status = 'SENT') = (ended_at is null))
);
create index transfer_by_age on inventory.transfer (operator_org_id, sent_at desc, id desc);
create index transfer_in_transit on inventory.transfer (sku_id, target_node_id)
  where status = 'SENT';
select kit.protect('inventory.transfer', '{org} in (owner_org_id, operator_org_id)', 'select');

set local role beltline_core;

-- Send what is free of the operator's own counted stock from node to node. `lines` is
-- [{id, sku_id, origin_node_id, target_node_id, quantity, expected_date}]; of those that want more
-- than is free nothing goes. Returns the ids of what went. Rows are locked in key order; a transfer
-- that was sent already stays as it is.
create function inventory.send_transfers(actor accounts.actor, lines jsonb, p_now timestamptz)
returns setof uuid language plpgsql security definer set search_path = '' as $$
declare
  v_operator constant uuid := (actor).org_id; l record; t inventory.transfer;
  v_skus uuid[] := '{}';
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  perform inventory.ensure_rows(
    (select jsonb_agg(e.line) from (
       select jsonb_build_object('sku_id', x.sku_id, 'node_id', d.node_id,
                                 'owner_org_id', v_operator) as line
         from jsonb_to_recordset(lines)
           as x(sku_id uuid, origin_node_id uuid, target_node_id uuid)
        cross join lateral (values (x.origin_node_id), (x.target_node_id)) as d(node_id)) e),
    v_operator, p_now);
  for l in
    select x.* from jsonb_to_recordset(lines)
      as x(id uuid, sku_id uuid, origin_node_id uuid, target_node_id uuid, quantity bigint,
           expected_date date)
     where exists (select from trade.node n where n.id = x.origin_node_id
                      and n.supplier_org_id is null)
       and exists (select from trade.node n where n.id = x.target_node_id
                      and n.supplier_org_id is null)
     order by x.id
  loop
    update inventory.stock s set on_hand = s.on_hand - l.quantity
     where s.sku_id = l.sku_id and s.node_id = l.origin_node_id and s.owner_org_id = v_operator
       and s.kind = 'COUNTED' and l.quantity > 0
       and s.on_hand - s.reserved - s.quality_hold - s.damaged >= l.quantity
       and not exists (select from inventory.transfer x where x.id = l.id);
    continue when not found;
    insert into inventory.transfer (id, sku_id, origin_node_id, target_node_id, owner_org_id,
                                    operator_org_id, quantity, expected_date, sent_by, sent_at)
    values (l.id, l.sku_id, l.origin_node_id, l.target_node_id, v_operator, v_operator, l.quantity,
            l.expected_date, (actor).name, p_now)
    returning * into t;
    insert into inventory.movement (id, at, sku_id, node_id, owner_org_id, operator_org_id, kind,
                                    on_hand, reference, reference_id)
    values (kit.uuid7(p_now), p_now, t.sku_id, t.origin_node_id, v_operator, v_operator, 'SHIP',
            -t.quantity, 'TRF-' || t.n, t.id);
    perform inventory.expect_lines(jsonb_build_array(jsonb_build_object(
      'sku_id', t.sku_id, 'node_id', t.target_node_id, 'owner_org_id', v_operator,
      'quantity', t.quantity)), v_operator, p_now);
    perform kit.record_event('stock_transfer.sent', 1, 'stock_transfer', t.id, 1, p_now, v_operator,
      null, null, jsonb_build_object('stock_transfer_id', t.id, 'sku_id', t.sku_id,
        'origin_node_id', t.origin_node_id, 'target_node_id', t.target_node_id,
        'quantity', t.quantity, 'expected_date', t.expected_date));
    perform accounts.record_audit(actor, p_now, 'send', 'stock_transfer', t.id,
      jsonb_build_object('quantity', t.quantity));
    v_skus := v_skus || t.sku_id;
    return next t.id;
  end loop;
  perform inventory.tell_low(v_skus, p_now);
end $$;

-- What became of a transfer: `p_quantity` came in, at its target or back at its origin. What is
-- missing of it was lost on the way. Asked again when it has ended, it is refused.
create function inventory.end_transfer(
  actor accounts.actor, p_id uuid, p_quantity bigint, p_is_back boolean, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare t inventory.transfer; v_line jsonb;
begin
  perform accounts.enter(actor);
  select * into t from inventory.transfer x
   where x.id = p_id and x.operator_org_id = (actor).org_id and (actor).org_kind = 'OPERATOR'
     for update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'transfer', 'key', p_id));
  end if;
  if t.status <> 'SENT' then
    perform kit.refuse('inventory.transfer_ended', jsonb_build_object(
      'number', 'TRF-' || t.n, 'state', t.status));
  end if;
  if p_quantity not between 0 and t.quantity then
    perform kit.refuse('inventory.more_than_sent', jsonb_build_object(
      'number', 'TRF-' || t.n, 'sent', t.quantity));
  end if;
  v_line := jsonb_build_object('sku_id', t.sku_id, 'owner_org_id', t.owner_org_id);
  -- Both rows first, in key order.
  perform inventory.ensure_rows(jsonb_build_array(
    v_line || jsonb_build_object('node_id', t.origin_node_id),
    v_line || jsonb_build_object('node_id', t.target_node_id)), t.operator_org_id, p_now);
  perform inventory.expect_lines(jsonb_build_array(v_line || jsonb_build_object(
    'node_id', t.target_node_id, 'quantity', -t.quantity)), t.operator_org_id, p_now);
  perform inventory.receive_lines(jsonb_build_array(v_line || jsonb_build_object(
    'node_id', case when p_is_back then t.origin_node_id else t.target_node_id end,
    'quantity', p_quantity, 'expected', 0)), t.operator_org_id, 'TRF-' || t.n, t.id, p_now);
  update inventory.transfer x
     set status = case when p_is_back then 'RETURNED' else 'RECEIVED' end, received = p_quantity,
         ended_by = (actor).name, ended_at = p_now
   where x.id = p_id;
  perform kit.record_event(
    case when p_is_back then 'stock_transfer.returned' else 'stock_transfer.received' end, 1,
    'stock_transfer', t.id, 2, p_now, t.operator_org_id, null, null, jsonb_build_object(
      'stock_transfer_id', t.id, 'sku_id', t.sku_id, 'origin_node_id', t.origin_node_id,
      'target_node_id', t.target_node_id, 'quantity', t.quantity, 'received', p_quantity));
  perform accounts.record_audit(actor, p_now,
    case when p_is_back then 'return' else 'receive' end, 'stock_transfer', p_id,
    jsonb_build_object('quantity', t.quantity, 'received', p_quantity));
  perform inventory.tell_low(array[t.sku_id], p_now);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'inventory'::regnamespace
              and p.proname in ('send_transfers', 'end_transfer') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core, bl_app', f);
  end loop;
end $$;

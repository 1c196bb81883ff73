-- A supplier's tasks page by page, so that its own system can read them too.

set local role beltline_core;

drop function fulfillment.supplier_tasks(int);

-- A supplier's tasks, without buyer and price: what to ship, by when, and for a blind shipment to
-- the buyer's door, to whom. Those after the one due at `p_due` with the id `p_id`, or all.
create function fulfillment.supplier_tasks(p_due timestamptz, p_id uuid, p_limit int)
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
     and j.stage = 'FACTORY' and (p_due is null or (j.due_at, j.id) > (p_due, p_id))
   order by j.due_at, j.id limit p_limit;
end $$;
revoke all on function fulfillment.supplier_tasks(timestamptz, uuid, int) from public;
grant execute on function fulfillment.supplier_tasks(timestamptz, uuid, int)
  to bl_app, bl_sys, beltline_core;

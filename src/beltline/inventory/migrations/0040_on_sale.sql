-- What a buyer may know is what an order can take: counted stock of the network's nodes, and what
-- stands at a factory of goods that an offer sells from there.

set local role beltline_core;

create view inventory.on_sale as
  select a.sku_id, a.node_id, a.owner_org_id, a.available, a.inbound, a.operator_org_id,
         n.kind = 'FACTORY' as is_declared
    from inventory.availability a
    join trade.node n on n.id = a.node_id
   where n.kind in ('CONSOLIDATION', 'SHARP', 'OVERSEAS') and a.kind = 'COUNTED'
      or n.kind = 'FACTORY' and exists (
           select from catalog.offer o
            where o.sku_id = a.sku_id and o.audience = 'BUYERS'
              and o.sales_model in ('DIRECT', 'VIRTUAL'));
grant select on inventory.on_sale to bl_app, bl_sys;

-- What share of the price of goods made to order is paid with the order. Only of goods that pass the
-- network's hub on their way: there they are inspected and wait for the rest.

alter table catalog.offer
  add column deposit_percent numeric(5, 2) check (deposit_percent > 0 and deposit_percent < 100),
  add check (deposit_percent is null or audience = 'BUYERS' and availability = 'MADE_TO_ORDER'
             and sales_model = 'VIRTUAL');

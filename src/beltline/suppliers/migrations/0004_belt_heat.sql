-- How a belt runs, as the catalog works it out from orders, goods and prices each night.

create table suppliers.belt_heat (
  belt_id text primary key references suppliers.belt,
  orders_28d bigint not null,
  orders_before bigint not null,
  units_28d bigint not null,
  skus bigint not null,
  new_products_28d bigint not null,
  -- Prices of the same offers against 28 days before: a geometric mean, 1 is the same.
  price_index double precision check (price_index > 0),
  priced_offers bigint not null,
  computed_at timestamptz not null
);
select kit.protect('suppliers.belt_heat', 'true', 'select');

-- What is made and sold: products, SKUs, offers. MOQ and price breaks live in offers only.

create table catalog.product (
  id uuid primary key,
  code text not null unique,
  supplier_org_id uuid not null,
  category text not null,
  title text not null,
  title_zh text not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index product_by_supplier on catalog.product (supplier_org_id, id);
select kit.protect('catalog.product', 'true', 'select');

create table catalog.sku (
  id uuid primary key,
  code text not null unique check (code !~ '[@[:space:]]'),
  product_id uuid not null references catalog.product,
  supplier_org_id uuid not null,
  title text not null,
  title_zh text not null default '',
  uom text not null check (uom in ('PIECE', 'SET', 'PAIR', 'METRE', 'KILOGRAM')),
  pack_size bigint not null default 1 check (pack_size > 0),
  weight_g int check (weight_g >= 0),
  length_mm int check (length_mm >= 0),
  width_mm int check (width_mm >= 0),
  height_mm int check (height_mm >= 0),
  cargo_class text not null default 'GENERAL',
  hs_code text not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index sku_by_product on catalog.sku (product_id, id);
create index sku_by_supplier on catalog.sku (supplier_org_id, id);
select kit.protect('catalog.sku', 'true', 'select');

-- A seller's terms for a SKU to an audience. What the operator pays is no buyer's business.
create table catalog.offer (
  id uuid primary key,
  sku_id uuid not null references catalog.sku,
  supplier_org_id uuid not null,
  audience text not null check (audience in ('OPERATOR', 'BUYERS')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  moq bigint not null default 1 check (moq > 0),
  availability text not null default 'SPOT'
    check (availability in ('SPOT', 'MADE_TO_ORDER', 'PRESALE')),
  sales_model text not null default 'OWNED'
    check (sales_model in ('DIRECT', 'VIRTUAL', 'PRESTOCK', 'OWNED')),
  lead_time_days double precision check (lead_time_days >= 0),
  tax_basis text not null default 'NONE'
    check (tax_basis in ('NONE', 'ORDINARY', 'SPECIAL', 'SURCHARGE')),
  valid_from date not null,
  valid_until date,
  operator_org_id uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (sku_id, supplier_org_id, audience, currency)
);
create index offer_by_seller on catalog.offer (supplier_org_id, id);
select kit.protect('catalog.offer',
  'audience = ''BUYERS'' or supplier_org_id = {org} or operator_org_id = {org}', 'select');

-- The unit price per uom from a quantity (in base units) on.
create table catalog.offer_break (
  offer_id uuid not null references catalog.offer on delete cascade,
  quantity_from bigint not null check (quantity_from > 0),
  unit_price numeric(18, 6) not null check (unit_price >= 0),
  primary key (offer_id, quantity_from)
);
select kit.protect('catalog.offer_break',
  'exists (select from catalog.offer o where o.id = offer_id)', 'select');

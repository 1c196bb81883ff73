-- Goods receipts: what a node counted when a purchase order's goods came in.

create table fulfillment.goods_receipt (
  id uuid primary key,
  number text not null unique,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  purchase_order_id uuid not null,
  node_id uuid not null,
  received_at timestamptz not null,
  received_by text not null,
  note text not null default '',
  unique (id, operator_org_id, supplier_org_id)
);
create index goods_receipt_by_order on fulfillment.goods_receipt (purchase_order_id, received_at, id);
select kit.protect('fulfillment.goods_receipt', '{org} in (operator_org_id, supplier_org_id)',
                   'select, insert', 'select, insert', 'operator_org_id = {org}');

create table fulfillment.goods_receipt_line (
  goods_receipt_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  sku_id uuid not null,
  expected_quantity bigint not null check (expected_quantity >= 0),
  received_quantity bigint not null check (received_quantity >= 0),
  primary key (goods_receipt_id, line_no),
  foreign key (goods_receipt_id, operator_org_id, supplier_org_id)
    references fulfillment.goods_receipt (id, operator_org_id, supplier_org_id)
);
select kit.protect('fulfillment.goods_receipt_line', '{org} in (operator_org_id, supplier_org_id)',
                   'select, insert', 'select, insert', 'operator_org_id = {org}');

create sequence fulfillment.goods_receipt_number start 50001;
grant usage on sequence fulfillment.goods_receipt_number to bl_app, bl_sys, beltline_core;

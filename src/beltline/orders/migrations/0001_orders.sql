-- Buyer orders: the tables. What is done with them stands in the files after this one.

create sequence orders.order_number start 80001;
grant usage on sequence orders.order_number to beltline_core;

-- Limits of one column are domains, not CHECKs of the table: a table's CHECK is parsed anew by
-- every statement that writes it, a domain's once a connection.
create domain orders.order_status as text check (value in (
  'DRAFT', 'PLACED', 'PAID', 'ON_CREDIT', 'ALLOCATED', 'COMPLETED', 'CANCELLED'));
create domain orders.part_status as text check (value in (
  'ALLOCATED', 'BACKORDERED', 'SHIPPED', 'DELIVERED', 'CANCELLED'));
create domain orders.shortage_decision as text check (value in ('WAIT', 'SHIP_PART', 'CANCEL'));
create domain orders.payment_method as text check (value in ('BALANCE', 'CREDIT', 'TRANSFER'));
create domain orders.sales_model as text check (value in (
  'DIRECT', 'VIRTUAL', 'PRESTOCK', 'OWNED'));
create domain orders.currency as text check (value ~ '^[A-Z]{3}$');
create domain orders.amount as bigint check (value >= 0);
create domain orders.quantity as bigint check (value > 0);
create domain orders.units as bigint check (value >= 0);
create domain orders.probability as double precision check (value between 0 and 1);

create table orders."order" (
  id uuid primary key,
  number text not null unique,
  reference text not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  status orders.order_status not null,
  version bigint not null default 1,
  currency orders.currency not null,
  total_amount orders.amount not null,
  payment_method orders.payment_method not null,
  ship_to_contact_id uuid not null,
  ship_to_country text not null,
  partial boolean not null,
  -- What is missing at first is waited for rather than refused.
  back_order boolean not null,
  -- What to do when units that were promised turn out to be missing, unless the buyer says other.
  decision orders.shortage_decision not null,
  -- The buyer's own customer and note, as the buyer wrote them.
  downstream_reference text not null,
  note text not null,
  promise_date date,
  promise_probability orders.probability,
  -- Until when an unpaid order keeps its stock; null once it is paid.
  expires_at timestamptz,
  created_at timestamptz not null,
  cancelled_at timestamptz
);
create index order_by_operator on orders."order" (operator_org_id, created_at desc, id desc);
create index order_by_buyer on orders."order" (buyer_org_id, created_at desc, id desc);
create index order_by_reference on orders."order" (buyer_org_id, reference);
create index order_unpaid on orders."order" (expires_at, id) where status = 'PLACED';
select kit.protect('orders."order"', '{org} in (operator_org_id, buyer_org_id)');

create table orders.order_line (
  order_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  sku_id uuid not null,
  sku text not null,
  offer_id uuid not null,
  -- 0 when the line was cancelled.
  quantity orders.units not null,
  ordered_quantity orders.quantity not null,
  unit_price numeric(18, 6) not null,
  amount orders.amount not null,
  primary key (order_id, line_no)
);
create index order_line_by_sku on orders.order_line (sku_id, order_id);
select kit.protect('orders.order_line', '{org} in (operator_org_id, buyer_org_id)');

create table orders.order_part (
  order_id uuid not null,
  line_no int not null,
  part_no int not null,
  operator_org_id uuid not null,
  buyer_org_id uuid not null,
  sku_id uuid not null,
  node_id uuid not null,
  owner_org_id uuid not null,
  quantity orders.quantity not null,
  sales_model orders.sales_model not null,
  status orders.part_status not null,
  -- The purchase that asks the factory for it; of VIRTUAL parts only.
  purchase_order_id uuid,
  -- {owed, stock: [{node_id, owner_org_id, quantity}]} once its journey took units out, replaced
  -- them from elsewhere or gave them another owner, while it has not left. Null: all of it is owed
  -- and reserved at its node.
  standing jsonb,
  primary key (order_id, line_no, part_no)
);
create index order_part_by_stock on orders.order_part (sku_id, node_id, status);
create index order_part_by_purchase on orders.order_part (purchase_order_id)
  where purchase_order_id is not null;
create index order_part_unbought on orders.order_part (owner_org_id, order_id)
  where sales_model = 'VIRTUAL' and purchase_order_id is null;
create index order_part_waiting on orders.order_part (order_id) where status = 'BACKORDERED';
select kit.protect('orders.order_part', '{org} in (operator_org_id, buyer_org_id)');

-- Lines and parts have their order, and its parties. Checked once a statement: a foreign key of
-- several columns asks once a row, by whichever index its plan took while the tables were empty.
create function orders.check_parties() returns trigger language plpgsql as $$
begin
  if exists (select from added a left join orders."order" o on o.id = a.order_id
              where (o.operator_org_id, o.buyer_org_id)
                    is distinct from (a.operator_org_id, a.buyer_org_id)) then
    raise exception 'lines or parts of no order of these parties'
      using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger parties after insert on orders.order_line
  referencing new table as added for each statement execute function orders.check_parties();
create trigger parties after insert on orders.order_part
  referencing new table as added for each statement execute function orders.check_parties();

create function orders.refuse_moving() returns trigger language plpgsql as $$
begin
  raise exception 'an order keeps its id and its parties' using errcode = 'check_violation';
end $$;
create trigger stays before delete on orders."order"
  for each row execute function orders.refuse_moving();
create trigger keeps_parties before update of id, operator_org_id, buyer_org_id on orders."order"
  for each row execute function orders.refuse_moving();

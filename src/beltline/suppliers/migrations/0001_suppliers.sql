-- Belts and the factories, traders and market stalls in them.

create table suppliers.belt (
  id text primary key,
  name_zh text not null,
  name_en text not null,
  province text not null,
  city text not null,
  county text not null,
  products_zh text not null,
  products_en text not null,
  category text not null,
  hs4 text not null,
  longitude double precision not null,
  latitude double precision not null,
  evidence text not null,
  source text not null
);
select kit.protect('suppliers.belt', 'true');

create table suppliers.supplier (
  org_id uuid primary key,
  code text not null unique,
  kind text not null check (kind in ('FACTORY', 'TRADER', 'MARKET_STALL')),
  belt_id text references suppliers.belt,
  tier text not null default 'C' check (tier in ('A', 'B', 'C')),
  lead_time_days_mean double precision not null default 7 check (lead_time_days_mean >= 0),
  lead_time_days_p95 double precision not null default 14 check (lead_time_days_p95 >= 0),
  contact_id uuid,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index supplier_by_belt on suppliers.supplier (belt_id, org_id);
select kit.protect('suppliers.supplier', 'true', 'select');

-- When a supplier is shut, slows down before and starts up after, and takes the last order.
create table suppliers.closure (
  org_id uuid not null references suppliers.supplier,
  starts date not null,
  ends date not null,
  ramp_down_from date not null,
  ramp_up_until date not null,
  last_order_date date not null,
  reason text not null,
  primary key (org_id, starts),
  check (ramp_down_from <= starts and starts <= ends and ends <= ramp_up_until
         and last_order_date <= starts)
);
select kit.protect('suppliers.closure', 'true', 'select');

-- Places goods stand and pass, and the calendars of those places.

create table trade.node (
  id uuid primary key,
  code text not null unique check (code !~ '[@[:space:]]'),
  kind text not null check (kind in ('FACTORY', 'CONSOLIDATION', 'SHARP', 'OVERSEAS', 'RETURNS')),
  name text not null,
  name_zh text not null default '',
  country text not null check (country ~ '^[A-Z]{2}$'),
  tz text not null,
  latitude double precision,
  longitude double precision,
  -- The supplier whose factory this is; null for the operator's own nodes.
  supplier_org_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((kind = 'FACTORY') = (supplier_org_id is not null))
);
create index node_by_supplier on trade.node (supplier_org_id, id);
select kit.protect('trade.node', 'true', 'select');

create table trade.node_closure (
  node_id uuid not null references trade.node,
  starts date not null,
  ends date not null,
  ramp_down_from date not null,
  ramp_up_until date not null,
  last_order_date date not null,
  reason text not null,
  primary key (node_id, starts),
  check (ramp_down_from <= starts and starts <= ends and ends <= ramp_up_until
         and last_order_date <= starts)
);
select kit.protect('trade.node_closure', 'true', 'select');

-- One unit of `base` costs `rate` of `quote` on a date, by a named source.
create table trade.fx_rate (
  base text not null check (base ~ '^[A-Z]{3}$'),
  quote text not null check (quote ~ '^[A-Z]{3}$'),
  ds date not null,
  rate numeric(20, 10) not null check (rate > 0),
  source text not null,
  primary key (base, quote, ds, source)
);
select kit.protect('trade.fx_rate', 'true', 'select');

-- How long goods take from a node to a country, as the days that half and nine in ten need: what was
-- declared, until enough boxes have gone that way to be measured.
create table trade.lane (
  node_id uuid not null references trade.node,
  country text not null check (country ~ '^[A-Z]{2}$'),
  mode text not null check (mode in ('EXPRESS', 'AIR', 'RAIL', 'SEA', 'TRUCK')),
  transit_days_p50 double precision not null check (transit_days_p50 > 0),
  transit_days_p90 double precision not null check (transit_days_p90 >= transit_days_p50),
  source text not null,
  updated_at timestamptz not null,
  -- What a file said before it was measured; null while it was not.
  declared_days_p50 double precision,
  declared_days_p90 double precision,
  measured_boxes int not null default 0,
  primary key (node_id, country, mode),
  check ((measured_boxes > 0) = (declared_days_p50 is not null)),
  check ((declared_days_p50 is null) = (declared_days_p90 is null))
);
select kit.protect('trade.lane', 'true', 'select');

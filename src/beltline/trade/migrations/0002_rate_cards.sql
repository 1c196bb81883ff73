-- Rate cards: what a carrier's service asks for a box from a node to a country, and how long it
-- takes. They are the operator's own.

create table trade.rate_card (
  id uuid primary key,
  operator_org_id uuid not null,
  service text not null check (service ~ '^[^[:space:]]{1,60}$'),
  carrier text not null,
  mode text not null check (mode in ('EXPRESS', 'AIR', 'RAIL', 'SEA', 'TRUCK')),
  node_id uuid not null references trade.node,
  country text not null check (country ~ '^[A-Z]{2}$'),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  valid_from date not null,
  valid_until date,
  -- cm3 that count as a kilogram; null where only the scale counts.
  divisor int check (divisor between 1000 and 100000),
  step_g int not null check (step_g > 0),
  minimum_g int not null check (minimum_g >= 0),
  weight_g_max int check (weight_g_max > 0),
  length_mm_max int check (length_mm_max > 0),
  -- In major units of the currency; rounded once, when a box is priced.
  minimum_charge numeric(18, 6) not null check (minimum_charge >= 0),
  fuel_percent numeric(9, 4) not null check (fuel_percent >= 0),
  surcharge numeric(18, 6) not null check (surcharge >= 0),
  transit_days_p50 double precision not null check (transit_days_p50 > 0),
  transit_days_p90 double precision not null check (transit_days_p90 >= transit_days_p50),
  source text not null,
  updated_at timestamptz not null,
  unique (operator_org_id, service, node_id, country, currency, valid_from),
  unique (id, operator_org_id),
  check (valid_until >= valid_from)
);
create index rate_card_by_lane on trade.rate_card (node_id, country, valid_from);
select kit.protect('trade.rate_card', 'operator_org_id = {org}');

-- From this chargeable weight on, this much a parcel and a kilogram.
create table trade.rate_break (
  rate_card_id uuid not null,
  operator_org_id uuid not null,
  weight_from_g int not null check (weight_from_g >= 0),
  per_parcel numeric(18, 6) not null check (per_parcel >= 0),
  per_kg numeric(18, 6) not null check (per_kg >= 0),
  primary key (rate_card_id, weight_from_g),
  foreign key (rate_card_id, operator_org_id)
    references trade.rate_card (id, operator_org_id) on delete cascade
);
select kit.protect('trade.rate_break', 'operator_org_id = {org}');

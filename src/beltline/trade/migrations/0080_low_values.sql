-- What countries levy on consignments that are worth little: dated rules with their source, as rates
-- are. Where none is written the ordinary rates hold.

create table trade.low_value_rule (
  id uuid primary key,
  operator_org_id uuid not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  -- A consignment whose goods are worth at most so much, in major units.
  value_max numeric(18, 2) not null check (value_max > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- Only of goods that come in under this scheme, as IOSS; empty: of all.
  scheme text not null,
  -- Duty in place of the ordinary rate: of the customs value (0: free), and an amount for each
  -- tariff code, in major units.
  duty_percent numeric(7, 4) check (duty_percent between 0 and 100),
  duty_fixed numeric(18, 2) check (duty_fixed > 0),
  -- DUE: on import, as ever. SALE: with the sale, not on import. FREE: not at all.
  vat text not null check (vat in ('DUE', 'SALE', 'FREE')),
  valid_from date not null,
  valid_until date,
  source text not null check (source <> ''),
  url text not null,
  updated_at timestamptz not null,
  unique (operator_org_id, country, scheme, currency, value_max, valid_from),
  check (valid_until >= valid_from),
  check (num_nonnulls(duty_percent, duty_fixed) > 0)
);
create index low_value_rule_in_order on trade.low_value_rule (operator_org_id, id);
select kit.protect('trade.low_value_rule', 'operator_org_id = {org}');

set local role beltline_core;

-- The rules of a country on a day, the lowest limit first.
create function trade.low_values_on(p_operator uuid, p_country text, p_on date)
returns setof trade.low_value_rule language sql stable set search_path = '' as $$
  select r.* from trade.low_value_rule r
   where r.operator_org_id = p_operator and r.country = p_country
     and p_on between r.valid_from and coalesce(r.valid_until, p_on)
   order by r.value_max, r.scheme, r.valid_from desc, r.id
$$;

-- What a country levies duty and VAT on: dated rules of the destination with their source, as rates
-- are. Where none is written the customs value is not known.

create table trade.valuation_rule (
  id uuid primary key,
  operator_org_id uuid not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  -- FOB: of the goods. CIF: of the goods, and freight and insurance until the border.
  basis text not null check (basis in ('FOB', 'CIF')),
  -- VALUE: of customs value and duty. CARRIAGE: of these and all freight and insurance.
  vat_basis text not null check (vat_basis in ('VALUE', 'CARRIAGE')),
  -- Which share of the freight lies before the border; null: all of it.
  border_percent numeric(7, 4) check (border_percent between 0 and 100),
  -- What counts as insurance where no premium is known, of goods and freight; null: nothing.
  insurance_percent numeric(7, 4) check (insurance_percent between 0 and 100),
  -- Nothing is imported from a country of the same union; empty: of none.
  customs_union text not null check (customs_union ~ '^[A-Z0-9]{0,10}$'),
  valid_from date not null,
  valid_until date,
  source text not null check (source <> ''),
  url text not null,
  updated_at timestamptz not null,
  unique (operator_org_id, country, valid_from),
  check (valid_until >= valid_from)
);
create index valuation_rule_in_order on trade.valuation_rule (operator_org_id, id);
select kit.protect('trade.valuation_rule', 'operator_org_id = {org}');

set local role beltline_core;

-- What a country levies on, on a day; of several rules the newest. No row where nobody knows.
create function trade.valuation_on(p_operator uuid, p_country text, p_on date)
returns setof trade.valuation_rule language sql stable set search_path = '' as $$
  select r.* from trade.valuation_rule r
   where r.operator_org_id = p_operator and r.country = p_country
     and p_on between r.valid_from and coalesce(r.valid_until, p_on)
   order by r.valid_from desc limit 1
$$;

-- Whether goods that come from one country to another on a day are imported there.
create function trade.is_import(p_operator uuid, p_from text, p_to text, p_on date)
returns boolean language sql stable set search_path = '' as $$
  select p_from <> p_to and not exists (
    select from trade.valuation_on(p_operator, p_from, p_on) a
      join trade.valuation_on(p_operator, p_to, p_on) b on b.customs_union = a.customs_union
     where a.customs_union <> '')
$$;

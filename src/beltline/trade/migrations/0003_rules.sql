-- Dated rules of export and import: rates of duty, VAT and refund, what a cargo class may do on a
-- lane, and on which terms goods leave. Each names where it is written; none is ever a default.

create table trade.tax_rate (
  id uuid primary key,
  operator_org_id uuid not null,
  -- Duty and VAT of the country goods come to; refund of the VAT of the country they leave.
  kind text not null check (kind in ('DUTY', 'VAT', 'REFUND')),
  country text not null check (country ~ '^[A-Z]{2}$'),
  -- The goods it holds for: those whose code begins with it. Empty: all, of VAT alone.
  hs_code text not null check (hs_code ~ '^[0-9]{0,10}$'),
  -- The country of origin it holds for; empty: any.
  origin text not null check (origin ~ '^([A-Z]{2})?$'),
  valid_from date not null,
  valid_until date,
  percent numeric(9, 4) not null check (percent >= 0),
  source text not null check (source <> ''),
  url text not null,
  updated_at timestamptz not null,
  unique (operator_org_id, kind, country, hs_code, origin, valid_from),
  check (valid_until >= valid_from),
  -- A figure for a whole chapter is an estimate, and must not be taken for a rate.
  check (kind = 'VAT' or length(hs_code) >= 6)
);
create index tax_rate_by_country on trade.tax_rate (operator_org_id, country, kind, hs_code, id);
select kit.protect('trade.tax_rate', 'operator_org_id = {org}');

create table trade.cargo_rule (
  id uuid primary key,
  operator_org_id uuid not null,
  cargo_class text not null check (cargo_class ~ '^[A-Z0-9_]{1,50}$'),
  -- The lane: empty fields hold everywhere.
  node_id uuid references trade.node,
  country text not null check (country ~ '^([A-Z]{2})?$'),
  mode text not null check (mode in ('', 'EXPRESS', 'AIR', 'RAIL', 'SEA', 'TRUCK')),
  verdict text not null check (verdict in ('ALLOW', 'DOCUMENT', 'PACK', 'FORBID')),
  -- The kind of evidence that DOCUMENT asks for, as goods have it.
  evidence text not null check (
    evidence in ('', 'UN38_3', 'MSDS', 'TEST_REPORT', 'BRAND_AUTHORIZATION')),
  instruction text not null,
  valid_from date not null,
  valid_until date,
  source text not null check (source <> ''),
  url text not null,
  updated_at timestamptz not null,
  unique nulls not distinct (operator_org_id, cargo_class, node_id, country, mode, verdict,
                             evidence, valid_from),
  check (valid_until >= valid_from),
  check ((verdict = 'DOCUMENT') = (evidence <> '')),
  check (verdict <> 'PACK' or instruction <> '')
);
create index cargo_rule_by_class on trade.cargo_rule (operator_org_id, cargo_class, country, id);
select kit.protect('trade.cargo_rule', 'operator_org_id = {org}');

-- How goods leave a node for a country: the mode of export, who exports, what becomes of the VAT.
create table trade.export_term (
  id uuid primary key,
  operator_org_id uuid not null,
  node_id uuid references trade.node,
  country text not null check (country ~ '^([A-Z]{2})?$'),
  -- How the goods were bought (the offer's tax basis); empty: however.
  tax_basis text not null check (tax_basis in ('', 'NONE', 'ORDINARY', 'SPECIAL', 'SURCHARGE')),
  export_mode text not null check (export_mode in ('0110', '9610', '9710', '9810', '1039')),
  exporter text not null check (exporter <> ''),
  exporter_code text not null,
  -- Whose goods an agent or a market declares; they have to be named.
  principal text not null,
  incoterm text not null check (incoterm in (
    'EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP')),
  vat text not null check (vat in ('REFUND', 'EXEMPT', 'NONE')),
  -- The most that one declaration may be worth, in major units.
  value_max numeric(18, 2) check (value_max > 0),
  value_currency text not null check (value_currency ~ '^([A-Z]{3})?$'),
  -- A scheme of the country of destination, as IOSS: up to which value of an order it is used.
  scheme text not null,
  scheme_number text not null,
  scheme_value_max numeric(18, 2) check (scheme_value_max > 0),
  scheme_currency text not null check (scheme_currency ~ '^([A-Z]{3})?$'),
  valid_from date not null,
  valid_until date,
  source text not null check (source <> ''),
  url text not null,
  updated_at timestamptz not null,
  unique nulls not distinct (operator_org_id, node_id, country, tax_basis, valid_from),
  check (valid_until >= valid_from),
  check ((value_max is null) = (value_currency = '')),
  check ((scheme_value_max is null) = (scheme_currency = '')),
  check (scheme_value_max is null or scheme <> '')
);
create index export_term_by_lane on trade.export_term (operator_org_id, country, id);
select kit.protect('trade.export_term', 'operator_org_id = {org}');

set local role beltline_core;

-- The rate for goods on a day: of those that fit the longest code, then one for the origin, then
-- the newest. No row where nobody knows one.
create function trade.tax_on(p_operator uuid, p_kind text, p_country text, p_hs text,
                             p_origin text, p_on date)
returns setof trade.tax_rate language sql stable set search_path = '' as $$
  select r.* from trade.tax_rate r
   where r.operator_org_id = p_operator and r.kind = p_kind and r.country = p_country
     and starts_with(p_hs, r.hs_code) and r.origin in ('', p_origin)
     and p_on between r.valid_from and coalesce(r.valid_until, p_on)
   order by length(r.hs_code) desc, r.origin desc, r.valid_from desc limit 1
$$;

-- The rules for a cargo class on a lane on a day: all of the closest lane that is written of; of
-- one that was renewed the newest. No row where nobody wrote any.
create function trade.cargo_on(p_operator uuid, p_class text, p_node uuid, p_country text,
                               p_mode text, p_on date)
returns setof trade.cargo_rule language sql stable set search_path = '' as $$
  with fitting as (
    select distinct on (r.node_id, r.country, r.mode, r.verdict, r.evidence) r.*,
           4 * (r.country <> '')::int + 2 * (r.node_id is not null)::int + (r.mode <> '')::int
             as closeness
      from trade.cargo_rule r
     where r.operator_org_id = p_operator and r.cargo_class = p_class
       and coalesce(r.node_id, p_node) = p_node and r.country in ('', p_country)
       and r.mode in ('', p_mode) and p_on between r.valid_from and coalesce(r.valid_until, p_on)
     order by r.node_id, r.country, r.mode, r.verdict, r.evidence, r.valid_from desc
  )
  select r.* from trade.cargo_rule r
    join fitting f on f.id = r.id
   where f.closeness = (select max(x.closeness) from fitting x)
   order by r.verdict, r.evidence
$$;

-- The terms on which goods leave: those of the country before those of any, then of the node, then
-- of how they were bought, then the newest.
create function trade.term_on(p_operator uuid, p_node uuid, p_country text, p_basis text,
                              p_on date)
returns setof trade.export_term language sql stable set search_path = '' as $$
  select t.* from trade.export_term t
   where t.operator_org_id = p_operator and coalesce(t.node_id, p_node) = p_node
     and t.country in ('', p_country) and t.tax_basis in ('', p_basis)
     and p_on between t.valid_from and coalesce(t.valid_until, p_on)
   order by t.country desc, t.node_id nulls last, t.tax_basis desc, t.valid_from desc limit 1
$$;

-- An amount in another currency by the newest rate on or before a day, either way; in minor units,
-- exact. Null where there is none.
create function trade.converted(p_amount numeric, p_from text, p_to text, p_on date)
returns numeric language sql stable set search_path = '' as $$
  select case when p_from = p_to then p_amount else p_amount / kit.minor_factor(p_from)
    * kit.minor_factor(p_to) * coalesce(
      (select r.rate from trade.fx_rate r where (r.base, r.quote) = (p_from, p_to) and r.ds <= p_on
        order by r.ds desc, r.source limit 1),
      (select 1 / r.rate from trade.fx_rate r
        where (r.base, r.quote) = (p_to, p_from) and r.ds <= p_on
        order by r.ds desc, r.source limit 1)) end
$$;

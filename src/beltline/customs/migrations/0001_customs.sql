-- What is declared of goods that leave the country: files of boxes, declarations by mode, exporter
-- and cargo class, what is missing of them as tasks, fapiaos, and the refund of VAT.

create sequence customs.file_number start 30001;
grant usage on sequence customs.file_number to beltline_core;

-- The operator's wish. Strict: what no rule speaks of stops as well.
create table customs.setting (
  operator_org_id uuid primary key,
  is_strict boolean not null,
  fapiao_hours int not null check (fapiao_hours between 1 and 2000)
);
select kit.protect('customs.setting', 'operator_org_id = {org}');

-- A box, or what is declared together, on its way from a node to a country.
create table customs.file (
  id uuid primary key,
  number text not null unique,
  operator_org_id uuid not null,
  node_id uuid not null,
  country text not null,
  -- The order whose box it began as.
  order_id uuid not null,
  -- JOINED: its goods went into another file.
  state text not null default 'OPEN' check (state in ('OPEN', 'CLOSED', 'JOINED')),
  version bigint not null default 1,
  opened_at timestamptz not null,
  checked_at timestamptz not null,
  closed_at timestamptz,
  unique (id, operator_org_id),
  check ((state = 'OPEN') = (closed_at is null))
);
create index file_by_state on customs.file (operator_org_id, state, opened_at desc, id desc);
create index file_by_order on customs.file (order_id, node_id, country) where state = 'OPEN';
create index file_by_check on customs.file (checked_at, id) where state = 'OPEN';
select kit.protect('customs.file', 'operator_org_id = {org}', 'select');

create table customs.declaration (
  id uuid primary key,
  file_id uuid not null,
  operator_org_id uuid not null,
  position int not null,
  -- Mode and exporter are empty while no export term is known.
  mode text not null,
  exporter text not null,
  exporter_code text not null default '',
  principal text not null default '',
  incoterm text not null default '',
  vat text not null default '' check (vat in ('', 'REFUND', 'EXEMPT', 'NONE')),
  cargo_class text not null,
  term_id uuid,
  state text not null default 'DRAFT' check (state in (
    'DRAFT', 'READY', 'LODGED', 'HELD', 'QUERIED', 'RELEASED', 'RETURNED', 'FORFEITED')),
  -- The number customs gave it.
  customs_number text not null default '',
  note text not null default '',
  -- Who bears what was returned or forfeited, and what that is worth to it.
  bearer text not null default '' check (bearer in ('', 'OPERATOR', 'SUPPLIER', 'CARRIER')),
  refund_state text check (refund_state in (
    'COLLECTING', 'MATCHED', 'FILED', 'PAID', 'REPAID', 'EXEMPT', 'DEEMED_DOMESTIC')),
  refund_reference text not null default '',
  version bigint not null default 1,
  opened_at timestamptz not null,
  lodged_at timestamptz,
  ended_at timestamptz,
  unique (file_id, position),
  unique (id, operator_org_id),
  foreign key (file_id, operator_org_id) references customs.file (id, operator_org_id) on delete cascade,
  check ((bearer <> '') = (state in ('RETURNED', 'FORFEITED'))),
  check ((ended_at is not null) = (state in ('RELEASED', 'RETURNED', 'FORFEITED')))
);
create index declaration_by_state on customs.declaration (operator_org_id, state, opened_at desc, id desc);
create index declaration_by_refund on customs.declaration (operator_org_id, refund_state, id)
  where refund_state is not null;
-- One that is not lodged yet for each mode, exporter, VAT, Incoterm and cargo class of a file.
create unique index declaration_open on customs.declaration (file_id, mode, exporter, vat, incoterm, cargo_class)
  where state in ('DRAFT', 'READY');
select kit.protect('customs.declaration', 'operator_org_id = {org}', 'select');

-- The units of a journey as they are declared: what is known of them while the declaration is not
-- lodged, what was known then afterwards.
create table customs.goods (
  journey_id uuid primary key,
  file_id uuid not null,
  declaration_id uuid,
  operator_org_id uuid not null,
  order_id uuid not null,
  order_number text not null,
  line_no int not null,
  sku_id uuid not null,
  -- Whose fapiao is looked for.
  supplier_org_id uuid not null,
  purchase_order_id uuid,
  mode text not null,
  units bigint not null check (units >= 0),
  tax_basis text not null default '',
  term_id uuid,
  hs_code text not null default '',
  cargo_class text not null default '',
  origin text not null default '',
  net_weight_g bigint,
  gross_weight_g bigint,
  amount bigint not null default 0,
  currency text not null,
  -- What was agreed to be paid for the units, VAT included; null where nobody knows.
  cost_amount bigint,
  cost_currency text,
  opened_at timestamptz not null,
  passed_at timestamptz,
  departed_at timestamptz,
  departed_units bigint,
  transport_document text not null default '',
  -- What the box costs to its destination, in minor units; null while no service is chosen.
  freight_amount bigint check (freight_amount >= 0),
  freight_currency text,
  freight_service text not null default '',
  check ((freight_amount is null) = (freight_currency is null)),
  foreign key (file_id, operator_org_id) references customs.file (id, operator_org_id) on delete cascade,
  foreign key (declaration_id, operator_org_id) references customs.declaration (id, operator_org_id)
);
create index goods_by_file on customs.goods (file_id, order_number, line_no);
create index goods_by_declaration on customs.goods (declaration_id);
create index goods_by_order on customs.goods (order_id);
create index goods_by_supplier on customs.goods (supplier_org_id, sku_id, opened_at);
select kit.protect('customs.goods', 'operator_org_id = {org}', 'select');

-- What is missing of a file, what customs asks, what a rule demands to be seen to.
create table customs.task (
  id uuid primary key,
  file_id uuid not null,
  declaration_id uuid,
  operator_org_id uuid not null,
  kind text not null check (kind in (
    'MODE_UNKNOWN', 'HS_MISSING', 'WEIGHT_MISSING', 'CLASS_FORBIDDEN', 'EVIDENCE_MISSING',
    'PACKING', 'CLASS_UNKNOWN', 'FAPIAO_MISSING', 'ABOVE_LIMIT', 'LIMIT_UNKNOWN', 'RATE_UNKNOWN',
    'VALUATION_UNKNOWN', 'HELD', 'QUERY')),
  -- What of the file it is about, so that the same thing is asked once.
  subject text not null,
  sku_id uuid,
  -- Whether the goods wait for it.
  stops boolean not null,
  facts jsonb not null,
  options text[] not null,
  default_option text,
  due_at timestamptz,
  state text not null default 'OPEN' check (state in ('OPEN', 'DONE', 'DECIDED', 'DEFAULTED')),
  chosen text not null default '',
  note text not null default '',
  decided_by text not null default '',
  opened_at timestamptz not null,
  ended_at timestamptz,
  version bigint not null default 1,
  foreign key (file_id, operator_org_id) references customs.file (id, operator_org_id) on delete cascade,
  check ((state = 'OPEN') = (ended_at is null)),
  check (default_option is null or due_at is not null)
);
create unique index task_open on customs.task (file_id, kind, subject) where state = 'OPEN';
create index task_by_file on customs.task (file_id, opened_at, id);
create index task_by_declaration on customs.task (declaration_id) where state = 'OPEN';
create index task_by_operator on customs.task (operator_org_id, due_at, id) where state = 'OPEN';
select kit.protect('customs.task', 'operator_org_id = {org}', 'select');

-- An invoice of the tax office's kind, from a factory to the company that exports.
create table customs.fapiao (
  id uuid primary key,
  number text not null check (number <> ''),
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  kind text not null check (kind in ('SPECIAL', 'ORDINARY')),
  -- The company it is made out to.
  buyer text not null check (buyer <> ''),
  issued_date date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  entered_by text not null,
  entered_at timestamptz not null,
  unique (operator_org_id, supplier_org_id, number),
  unique (id, operator_org_id)
);
create index fapiao_by_time on customs.fapiao (operator_org_id, entered_at desc, id desc);
create index fapiao_by_supplier on customs.fapiao (supplier_org_id, issued_date, id);
-- Its rows are locked while their units are given out.
select kit.protect('customs.fapiao', 'operator_org_id = {org}', 'select', 'select, insert, update');

create table customs.fapiao_line (
  fapiao_id uuid not null,
  line_no int not null,
  operator_org_id uuid not null,
  sku_id uuid not null,
  quantity bigint not null check (quantity > 0),
  -- Without VAT, and the VAT.
  net_amount bigint not null check (net_amount >= 0),
  vat_amount bigint not null check (vat_amount >= 0),
  primary key (fapiao_id, line_no),
  foreign key (fapiao_id, operator_org_id) references customs.fapiao (id, operator_org_id) on delete cascade
);
create index fapiao_line_by_sku on customs.fapiao_line (sku_id, fapiao_id);
select kit.protect('customs.fapiao_line', 'operator_org_id = {org}', 'select', 'select, insert');

-- Which units of a fapiao cover which units that leave; none twice.
create table customs.fapiao_use (
  fapiao_id uuid not null,
  line_no int not null,
  journey_id uuid not null references customs.goods on delete cascade,
  operator_org_id uuid not null,
  units bigint not null check (units > 0),
  primary key (fapiao_id, line_no, journey_id),
  foreign key (fapiao_id, line_no) references customs.fapiao_line,
  foreign key (fapiao_id, operator_org_id) references customs.fapiao (id, operator_org_id)
);
create index fapiao_use_by_journey on customs.fapiao_use (journey_id);
select kit.protect('customs.fapiao_use', 'operator_org_id = {org}', 'select');

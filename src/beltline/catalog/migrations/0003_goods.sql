-- What goods are, beside their codes and titles: attributes, media, translations, evidence; what
-- was sold of them and what their prices were; and edits that can be taken back.

-- Typed attributes of a category. NUMBER has a unit, CHOICE its choices.
create table catalog.attribute (
  category text not null,
  code text not null check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  name text not null,
  name_zh text not null default '',
  kind text not null check (kind in ('TEXT', 'NUMBER', 'CHOICE', 'BOOLEAN')),
  unit text not null default '',
  choices text[] not null default '{}',
  position int not null default 0,
  primary key (category, code),
  check ((kind = 'CHOICE') = (cardinality(choices) > 0))
);
select kit.protect('catalog.attribute', 'true', 'select, insert, update, delete',
  writable => '{org} = (select accounts.operator_org())');

-- What a product says of itself in its own language, and where it is from.
alter table catalog.product
  add locale text not null default 'zh' check (locale ~ '^[a-z]{2}$'),
  add description text not null default '' check (length(description) <= 8000),
  add origin_country text not null default 'CN' check (origin_country ~ '^[A-Z]{2}$'),
  add origin_place text not null default '' check (length(origin_place) <= 120),
  add is_customizable boolean not null default false,
  add version bigint not null default 1;
alter table catalog.sku
  add carton_pieces int check (carton_pieces > 0),
  add carton_weight_g int check (carton_weight_g >= 0),
  add carton_mm int[] check (cardinality(carton_mm) = 3),
  add version bigint not null default 1;

create table catalog.product_attribute (
  product_id uuid not null references catalog.product on delete cascade,
  supplier_org_id uuid not null,
  code text not null,
  text_value text check (length(text_value) <= 400),
  number_value numeric(18, 6),
  primary key (product_id, code),
  check ((text_value is null) <> (number_value is null))
);

-- A translation of a product's words; a machine's is marked and gives way to a person's.
create table catalog.translation (
  product_id uuid not null references catalog.product on delete cascade,
  supplier_org_id uuid not null,
  locale text not null check (locale ~ '^[a-z]{2}$'),
  title text not null check (length(title) <= 400),
  description text not null default '' check (length(description) <= 8000),
  is_machine boolean not null,
  model text not null default '',
  -- What the translation is of: another source makes it stale.
  source_hash bytea not null,
  made_at timestamptz not null,
  primary key (product_id, locale)
);

create table catalog.media (
  id uuid primary key,
  product_id uuid not null references catalog.product on delete cascade,
  supplier_org_id uuid not null,
  position int not null,
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  width int not null,
  height int not null,
  sha256 bytea not null,
  content bytea not null,
  created_at timestamptz not null
);
create index media_by_product on catalog.media (product_id, position, id);

-- HS codes that may fit, with why; one a person confirmed is the SKU's own.
create table catalog.hs_candidate (
  sku_id uuid not null references catalog.sku on delete cascade,
  supplier_org_id uuid not null,
  hs_code text not null check (hs_code ~ '^[0-9]{4,10}$'),
  score double precision not null check (score between 0 and 1),
  evidence text not null,
  state text not null default 'CANDIDATE' check (state in ('CANDIDATE', 'CONFIRMED', 'REJECTED')),
  decided_by text not null default '',
  decided_at timestamptz,
  primary key (sku_id, hs_code)
);

-- Why a cargo class holds, and until when: UN 38.3 of a battery, a test report, a brand's word.
create table catalog.cargo_evidence (
  id uuid primary key,
  sku_id uuid not null references catalog.sku on delete cascade,
  supplier_org_id uuid not null,
  kind text not null check (kind in ('UN38_3', 'MSDS', 'TEST_REPORT', 'BRAND_AUTHORIZATION')),
  number text not null check (length(number) between 1 and 120),
  valid_until date not null,
  created_at timestamptz not null
);
create index cargo_evidence_by_sku on catalog.cargo_evidence (sku_id, valid_until, id);

-- Each price there was, from the day it changed. What the operator pays stays between the two.
create table catalog.price_change (
  id uuid primary key,
  offer_id uuid not null references catalog.offer on delete cascade,
  quantity_from bigint not null,
  price_before numeric(18, 6),
  unit_price numeric(18, 6) not null,
  at timestamptz not null
);
create index price_change_by_offer on catalog.price_change (offer_id, at desc, id desc);

-- What buyers ordered of a SKU a day, from the events of orders.
create table catalog.sku_day (
  sku_id uuid not null references catalog.sku on delete cascade,
  day date not null,
  orders bigint not null,
  units bigint not null,
  primary key (sku_id, day)
);

-- An edit of many goods at once with what each field was before, to be taken back.
create table catalog.edit (
  id uuid primary key,
  org_id uuid not null,
  made_by text not null,
  made_at timestamptz not null,
  -- [{sku, field, before, after}]
  changes jsonb not null,
  undone_at timestamptz
);
create index edit_by_org on catalog.edit (org_id, made_at desc, id desc);

do $$
declare t text;
begin
  foreach t in array array['product_attribute', 'translation', 'media', 'hs_candidate',
                           'cargo_evidence'] loop
    perform kit.protect(('catalog.' || t)::regclass, 'true', 'select, insert, update, delete',
      writable => '{org} = supplier_org_id or {org} = (select accounts.operator_org())');
  end loop;
end $$;
select kit.protect('catalog.price_change',
  'exists (select from catalog.offer o where o.id = offer_id)', 'select, insert');
select kit.protect('catalog.sku_day', '{org} = (select accounts.operator_org())');
select kit.protect('catalog.edit', 'org_id = {org}', 'select, insert, update');

-- Suppliers edit their own goods, the operator all: through the same door, row by row.
grant update (title, title_zh, category, locale, description, origin_country, origin_place,
              is_customizable, version, updated_at) on catalog.product to bl_app;
grant update (title, title_zh, pack_size, weight_g, length_mm, width_mm, height_mm, cargo_class,
              hs_code, carton_pieces, carton_weight_g, carton_mm, version, updated_at)
  on catalog.sku to bl_app;
grant update (moq, lead_time_days, valid_until, updated_at) on catalog.offer to bl_app;
grant insert, update, delete on catalog.offer_break to bl_app;
create policy own_goods on catalog.product as restrictive for update to bl_app
  using ((select current_setting('app.org')::uuid) in (supplier_org_id,
                                                       (select accounts.operator_org())));
create policy own_goods on catalog.sku as restrictive for update to bl_app
  using ((select current_setting('app.org')::uuid) in (supplier_org_id,
                                                       (select accounts.operator_org())));
create policy own_goods on catalog.offer as restrictive for update to bl_app
  using ((select current_setting('app.org')::uuid) = supplier_org_id);
create policy own_offer on catalog.offer_break as restrictive for update to bl_app
  using (exists (select from catalog.offer o where o.id = offer_id
                    and o.supplier_org_id = (select current_setting('app.org')::uuid)));
create policy own_offer_in on catalog.offer_break as restrictive for insert to bl_app
  with check (exists (select from catalog.offer o where o.id = offer_id
                    and o.supplier_org_id = (select current_setting('app.org')::uuid)));
create policy own_offer_out on catalog.offer_break as restrictive for delete to bl_app
  using (exists (select from catalog.offer o where o.id = offer_id
                    and o.supplier_org_id = (select current_setting('app.org')::uuid)));

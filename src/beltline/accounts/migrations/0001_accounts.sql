-- Organizations, people, keys, personal data, audit.

create table accounts.organization (
  id uuid primary key,
  code text not null unique check (code ~ '^[[:alnum:]][^[:space:]@]{1,62}$'),
  kind text not null check (kind in ('OPERATOR', 'SUPPLIER', 'BUYER', 'AGENT', 'PARTNER',
                                     'CARRIER', 'BROKER', 'INSPECTOR', 'FINANCIER')),
  name text not null,
  name_zh text not null default '',
  country text not null check (country ~ '^[A-Z]{2}$'),
  is_active boolean not null default true,
  created_at timestamptz not null
);
-- One operator a database.
create unique index one_operator on accounts.organization ((kind)) where kind = 'OPERATOR';
-- Names of organizations are known to all: whoever trades here has to be able to name the other.
select kit.protect('accounts.organization', 'true', 'select, update',
                   'select, insert, update', 'id = {org}');

create function accounts.operator_org() returns uuid language sql stable as $$
  select id from accounts.organization where kind = 'OPERATOR'
$$;

create table accounts.legal_entity (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  tax_id text not null default '',
  has_export_right boolean not null default false,
  vat_status text not null default 'UNKNOWN'
    check (vat_status in ('UNKNOWN', 'GENERAL', 'SMALL_SCALE', 'NOT_REGISTERED')),
  created_at timestamptz not null
);
create index legal_entity_by_org on accounts.legal_entity (org_id, id);
select kit.protect('accounts.legal_entity', 'org_id = {org}', 'select, insert, update');

create table accounts.member (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  email text not null check (email = lower(email) and email like '%_@_%'),
  name text not null,
  password_hash text not null,
  role text not null check (role in ('ADMIN', 'BUYER', 'PLANNER', 'WAREHOUSE', 'FINANCE', 'VIEWER')),
  locale text not null default 'en' check (locale in ('en', 'zh')),
  theme text not null default 'auto' check (theme in ('auto', 'light', 'dark')),
  is_active boolean not null default true,
  created_at timestamptz not null,
  unique (org_id, email),
  unique (org_id, id)
);
create index member_by_email on accounts.member (email);
select kit.protect('accounts.member', 'org_id = {org}', 'select, insert, update');

create table accounts.session (
  id_hash bytea primary key,
  org_id uuid not null,
  member_id uuid not null,
  csrf_token text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (org_id, member_id) references accounts.member (org_id, id) on delete cascade
);
create index session_by_member on accounts.session (member_id);
select kit.protect('accounts.session', 'org_id = {org}', 'select, delete');

-- Wrong passwords, counted so that guessing is slowed per address and per name.
create table accounts.sign_in_failure (
  subject text not null,
  failed_at timestamptz not null
);
create index sign_in_failure_by_subject on accounts.sign_in_failure (subject, failed_at);
select kit.protect('accounts.sign_in_failure', 'false', '');

create table accounts.api_key (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  name text not null,
  prefix text not null,
  secret_hash bytea not null unique,
  scopes text[] not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  latest_used_at timestamptz,
  created_by text not null,
  created_at timestamptz not null
);
create index api_key_by_org on accounts.api_key (org_id, created_at desc, id desc);
select kit.protect('accounts.api_key', 'org_id = {org}', 'select, insert, update');

-- A link for one purpose on one thing, for people without an account.
create table accounts.guest_link (
  id uuid primary key,
  secret_hash bytea not null unique,
  org_id uuid not null references accounts.organization,
  purpose text not null,
  object_id uuid not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_by_org_id uuid not null references accounts.organization,
  created_at timestamptz not null
);
create index guest_link_by_object on accounts.guest_link (object_id, purpose);
select kit.protect('accounts.guest_link', '{org} in (org_id, created_by_org_id)',
                   'select, insert, update');

-- Every piece of personal data lives here and nowhere else; erasure blanks it.
create table accounts.contact (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  name text not null,
  phone text not null default '',
  email text not null default '',
  country text not null default '',
  region text not null default '',
  city text not null default '',
  postcode text not null default '',
  line1 text not null default '',
  line2 text not null default '',
  created_at timestamptz not null,
  erased_at timestamptz
);
create index contact_by_org on accounts.contact (org_id, id);
select kit.protect('accounts.contact', 'org_id = {org}', 'select, insert, update');

create table accounts.audit (
  id uuid not null,
  at timestamptz not null,
  org_id uuid not null,
  actor text not null,
  via text not null,
  via_id uuid,
  action text not null,
  object text not null,
  object_id uuid,
  change jsonb not null,
  request_id text not null,
  primary key (id, at)
) partition by range (at);
create index audit_by_org on accounts.audit (org_id, at desc, id desc);
create index audit_by_object on accounts.audit (object_id, at);
select kit.protect('accounts.audit', 'org_id = {org}', 'select, insert', 'select, insert');
select kit.partition_by_month('accounts.audit');

-- The actor every command function takes, as one value.
create type accounts.actor as (
  org_id uuid, org_kind text, name text, via text, via_id uuid, request_id text
);

create function accounts.record_audit(
  actor accounts.actor, p_at timestamptz, p_action text, p_object text,
  p_object_id uuid, p_change jsonb
) returns void language plpgsql as $$
begin
  insert into accounts.audit (id, at, org_id, actor, via, via_id, action, object, object_id,
                              change, request_id)
  values (kit.uuid7(p_at), p_at, (actor).org_id, (actor).name, (actor).via, (actor).via_id,
          p_action, p_object, p_object_id, p_change, (actor).request_id);
end $$;

-- Personal data of an order goes here and the order keeps the id. `p` has the members of a
-- ship_to; what is missing stays empty.
create function accounts.record_contact(p_org uuid, p jsonb, p_now timestamptz) returns uuid
language plpgsql as $$
declare v_id constant uuid := kit.uuid7(p_now);
begin
  insert into accounts.contact (id, org_id, name, phone, email, country, region, city, postcode,
                                line1, line2, created_at)
  values (v_id, p_org, p->>'name', coalesce(p->>'phone', ''),
          coalesce(p->>'email', ''), coalesce(p->>'country', ''), coalesce(p->>'region', ''),
          coalesce(p->>'city', ''), coalesce(p->>'postcode', ''), coalesce(p->>'line1', ''),
          coalesce(p->>'line2', ''), p_now);
  return v_id;
end $$;

-- What every command function does first: set the acting organization for this transaction
-- and make sure that it exists and may act.
create function accounts.enter(actor accounts.actor) returns void language plpgsql as $$
begin
  perform set_config('app.org', (actor).org_id::text, true);
  if not exists (select from accounts.organization o
                  where o.id = (actor).org_id and o.kind = (actor).org_kind and o.is_active) then
    perform kit.refuse('accounts.inactive_organization', '{}');
  end if;
end $$;

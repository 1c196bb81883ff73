-- Files people bring and take, kept in the database so that any worker can read them and a
-- backup has them; and which column was which field, per source.

create table kit.file (
  id uuid primary key,
  org_id uuid not null,
  name text not null,
  sha256 bytea not null,
  size_bytes bigint not null check (size_bytes >= 0),
  created_by text not null,
  created_at timestamptz not null
);
create index file_by_age on kit.file (created_at);
select kit.protect('kit.file', 'org_id = {org}', 'select, insert');

create table kit.file_chunk (
  file_id uuid not null references kit.file on delete cascade,
  n int not null,
  content bytea not null,
  primary key (file_id, n)
);
select kit.protect('kit.file_chunk',
  'exists (select from kit.file f where f.id = file_id)', 'select, insert');

create table kit.column_mapping (
  org_id uuid not null,
  dataset text not null,
  fingerprint text not null,
  mapping jsonb not null,
  updated_at timestamptz not null,
  primary key (org_id, dataset, fingerprint)
);
select kit.protect('kit.column_mapping', 'org_id = {org}', 'select, insert, update');

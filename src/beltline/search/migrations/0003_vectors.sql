-- What goods mean and how they look, as vectors. Plain PostgreSQL: a vector is looked up by the cell
-- it lies in and the signs of its numbers, and compared in full only then.

-- How the vectors of a kind are laid out: their mean, and the centers of the cells (float32, row by
-- row). Learned again when there are twice as many; `version` counts how often.
create table search.space (
  kind text primary key check (kind in ('MEANING', 'PICTURE')),
  id uuid not null unique,
  version int not null,
  learned_on bigint not null,
  mean bytea not null,
  centers bytea not null,
  learned_at timestamptz not null
);
select kit.protect('search.space', 'true', 'select');

-- MEANING of a product, PICTURE of a medium. The numbers are float16; none where a picture could
-- not be read. The row is narrow, its vector lies beside it.
create table search.vector (
  kind text not null check (kind in ('MEANING', 'PICTURE')),
  of_id uuid not null,
  product_id uuid not null,
  model text not null,
  vector bytea not null,
  -- Of a picture: 64 bits that survive scaling and recompression.
  print bigint,
  space int not null,
  -- Below 0 while it lies nowhere.
  cell int not null,
  signs bit varying not null,
  source_at timestamptz not null,
  primary key (kind, of_id)
) with (toast_tuple_target = 256);
alter table search.vector alter column vector set storage external;
create index vector_by_cell on search.vector (kind, cell) include (signs, of_id, product_id);
create index vector_by_product on search.vector (product_id, kind);
create index vector_by_print on search.vector (print) where print is not null;
create index vector_by_space on search.vector (kind, space);
select kit.protect('search.vector', 'true', 'select');

-- A photo that somebody looks for goods with: its vector alone, for a while.
create table search.photo (
  id uuid primary key,
  org_id uuid not null,
  vector bytea not null,
  created_at timestamptz not null
);
create index photo_by_age on search.photo (created_at);
select kit.protect('search.photo', 'org_id = {org}', 'select, insert');

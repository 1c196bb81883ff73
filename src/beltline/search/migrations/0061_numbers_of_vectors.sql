-- A row of 1 kB is never moved out of line, whatever is set: each look through vectors, and each
-- placing of one, carried its numbers. They have a table of their own now, which is read for what is
-- compared in full. What remains is narrow and says whose goods it is of and in which category, so
-- that filters by category and maker come before the nearest are chosen.

create table search.numbers (
  kind text not null,
  of_id uuid not null,
  -- float16; empty where a picture could not be read.
  vector bytea not null,
  primary key (kind, of_id)
);
insert into search.numbers (kind, of_id, vector) select kind, of_id, vector from search.vector;
alter table search.vector rename to vector_before;

create table search.vector (
  kind text not null check (kind in ('MEANING', 'PICTURE')),
  of_id uuid not null,
  product_id uuid not null,
  supplier_org_id uuid not null,
  category text not null,
  model text not null,
  -- Of a picture: 64 bits that survive scaling and recompression.
  print bigint,
  space int not null,
  -- Below 0 while it lies nowhere.
  cell int not null,
  signs bit varying not null,
  source_at timestamptz not null,
  constraint vector_of_thing primary key (kind, of_id)
);
insert into search.vector (kind, of_id, product_id, supplier_org_id, category, model, print, space,
                           cell, signs, source_at)
select b.kind, b.of_id, b.product_id, p.supplier_org_id, p.category, b.model, b.print, b.space,
       b.cell, b.signs, b.source_at
  from search.vector_before b join catalog.product p on p.id = b.product_id;
drop table search.vector_before;
create index vector_by_cell on search.vector (kind, cell)
  include (signs, of_id, product_id, supplier_org_id, category);
create index vector_by_product on search.vector (product_id, kind);
create index vector_by_maker on search.vector (supplier_org_id, kind);
create index vector_by_category on search.vector (category, kind);
create index vector_by_print on search.vector (print) where print is not null;
create index vector_by_space on search.vector (kind, space);
select kit.protect('search.numbers', 'true', 'select');
select kit.protect('search.vector', 'true', 'select');

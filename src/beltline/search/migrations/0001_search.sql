-- What goods are found by. Prices and terms are joined from the catalog at the time of asking.

create table search.document (
  sku_id uuid primary key,
  words tsvector not null,
  length int not null check (length > 0),
  -- The latest change of the goods that the words know of.
  source_at timestamptz not null
);
create index document_by_words on search.document using gin (words);
select kit.protect('search.document', 'true', 'select');

-- Words of new documents wait in a list that every search reads through from end to end, until it
-- is long: now they move into the index; how many pages they filled.
create function search.settle_words() returns bigint language sql security definer
set search_path = '' as $$ select gin_clean_pending_list('search.document_by_words') $$;
revoke all on function search.settle_words() from public;
grant execute on function search.settle_words() to bl_sys;

-- In how many documents a word stands.
create table search.word (
  word text primary key,
  documents bigint not null check (documents > 0)
);
select kit.protect('search.word', 'true', 'select');

-- One row: how many documents there are, and of what length.
create table search.corpus (
  is_only boolean primary key default true check (is_only),
  documents bigint not null,
  length_mean double precision not null
);
select kit.protect('search.corpus', 'true', 'select');

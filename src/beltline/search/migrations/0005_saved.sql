-- Searches that an organization keeps, and the goods that have come to answer them.

create table search.saved (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  name text not null check (length(name) between 1 and 120),
  question text not null check (length(question) between 1 and 400),
  -- What goods must be like, in the names of the API.
  wishes jsonb not null,
  state text not null default 'ACTIVE' check (state in ('ACTIVE', 'PAUSED')),
  -- Counts its own events.
  version bigint not null default 0,
  made_by text not null,
  created_at timestamptz not null,
  checked_at timestamptz not null,
  unique (org_id, name)
);
create index saved_by_org on search.saved (org_id, created_at desc, id desc);
create index saved_active on search.saved (id) where state = 'ACTIVE';
select kit.protect('search.saved', 'org_id = {org}', 'select, insert, update, delete');

-- Goods that answer a saved search, each once for good: whoever answered when it was saved, or came
-- while it was paused, without `told_at`. The price is the one that was told.
create table search.answer (
  saved_id uuid not null references search.saved on delete cascade,
  sku_id uuid not null,
  org_id uuid not null,
  currency text,
  unit_price numeric(18, 6),
  told_at timestamptz,
  seen_at timestamptz,
  primary key (saved_id, sku_id),
  check (seen_at is null or told_at is not null)
);
create index answer_told on search.answer (saved_id, told_at desc, sku_id desc)
  where told_at is not null;
create index answer_unseen on search.answer (org_id, saved_id)
  where told_at is not null and seen_at is null;
select kit.protect('search.answer', 'org_id = {org}', 'select, insert, update, delete');

-- Views of lists that people keep: an address under a name, for oneself or for the organization.
create table accounts.saved_view (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  -- Whose it is; null: everybody's in the organization.
  member_id uuid,
  path text not null check (path ~ '^/[a-z]' and length(path) <= 200),
  query text not null check (length(query) between 1 and 1000),
  name text not null check (length(name) between 1 and 60),
  made_by text not null,
  created_at timestamptz not null,
  unique nulls not distinct (org_id, member_id, path, name),
  foreign key (org_id, member_id) references accounts.member (org_id, id) on delete cascade
);
select kit.protect('accounts.saved_view', 'org_id = {org}', 'select, insert, update, delete');

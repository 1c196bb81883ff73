-- Which products of different suppliers are one item: pairs with their evidence, what people said
-- of them, and the groups that follow from both.

-- Two products of two shops, the lesser id first. A decided pair outlives every run.
create table search.pair (
  id uuid primary key,
  product_a uuid not null,
  product_b uuid not null,
  -- The category both are of; empty where they are of two.
  block text not null,
  kind text not null check (kind in ('SAME_ITEM', 'SAME_FACTORY', 'SUBSTITUTE', 'UNLIKE')),
  score double precision not null check (score between 0 and 1),
  -- Least where a person's word tells most.
  doubt double precision not null generated always as (abs(score - 0.5)) stored,
  -- [{part, detail}] and [{code, a, b}]
  evidence jsonb not null,
  differences jsonb not null,
  state text not null default 'PROPOSED' check (state in ('PROPOSED', 'CONFIRMED', 'SPLIT')),
  version bigint not null default 1,
  decided_by text not null default '',
  decided_at timestamptz,
  found_at timestamptz not null,
  unique (product_a, product_b),
  check (product_a < product_b),
  check ((state = 'PROPOSED') = (decided_at is null))
);
create index pair_by_doubt on search.pair (state, doubt, id);
create index pair_by_decision on search.pair (decided_at desc, id desc) where state <> 'PROPOSED';
create index pair_by_other on search.pair (product_b);
create index pair_by_block on search.pair (block) where state = 'PROPOSED';

-- A product is in one group at most; a group is known by its oldest product.
create table search.alike (
  product_id uuid primary key,
  group_id uuid not null
);
create index alike_by_group on search.alike (group_id, product_id);

-- What a category said when it was last compared, so that only changed ones are compared again.
create table search.compared (
  block text primary key,
  said text not null,
  compared_at timestamptz not null
);

-- Everybody may know what is alike; only the operator's people say so.
select kit.protect('search.pair', 'true', 'select, update',
  writable => '{org} = (select accounts.operator_org())');
select kit.protect('search.alike', 'true', 'select, insert, update, delete',
  writable => '{org} = (select accounts.operator_org())');
select kit.protect('search.compared', 'true', 'select');

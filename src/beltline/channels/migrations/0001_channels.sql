-- Webhooks: who wants to be told, what is on its way, what was tried.

create table channels.endpoint (
  id uuid primary key,
  org_id uuid not null references accounts.organization,
  url text not null check (length(url) <= 2000),
  description text not null default '',
  -- Beginnings of types; none is all.
  types text[] not null default '{}',
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'DISABLED')),
  disabled_reason text not null default '',
  -- After which event it began, and up to which its deliveries are made.
  started_after bigint not null,
  feed_seq bigint not null,
  -- Counts its own events.
  sequence bigint not null default 0,
  created_by text not null,
  created_at timestamptz not null
);
create index endpoint_by_org on channels.endpoint (org_id, id);
select kit.protect('channels.endpoint', 'org_id = {org}', 'select, insert, update');

-- What deliveries are signed with. The web process can put one in and never read it again.
create table channels.secret (
  endpoint_id uuid not null references channels.endpoint,
  secret bytea not null,
  made_at timestamptz not null,
  -- While an old one is being replaced both sign.
  ends_at timestamptz,
  primary key (endpoint_id, made_at)
);
select kit.protect('channels.secret', 'false', '');

-- One event for one endpoint. Of an endpoint and an aggregate only the first that waits goes out.
create table channels.delivery (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  endpoint_id uuid not null references channels.endpoint,
  org_id uuid not null,
  feed_seq bigint not null,
  occurred_at timestamptz not null,
  event_id uuid not null,
  type text not null,
  aggregate_id uuid not null,
  is_replay boolean not null default false,
  status text not null default 'WAITING' check (status in ('WAITING', 'DELIVERED', 'FAILED')),
  tries int not null default 0,
  next_try_at timestamptz not null,
  -- A worker has it in hand until then.
  leased_until timestamptz not null default '-infinity',
  created_at timestamptz not null,
  delivered_at timestamptz
);
create index delivery_waiting on channels.delivery (endpoint_id, aggregate_id, seq)
  where status = 'WAITING';
create index delivery_by_endpoint on channels.delivery (endpoint_id, seq);
create unique index delivery_once on channels.delivery (endpoint_id, feed_seq) where not is_replay;
select kit.protect('channels.delivery', 'org_id = {org}', 'select, insert');

-- What was sent and what came back; the body is the event and never changes.
create table channels.attempt (
  delivery_id uuid not null references channels.delivery (id) on delete cascade,
  number int not null,
  at timestamptz not null,
  ms int not null,
  status int,
  error text not null default '',
  request jsonb not null,
  response text not null default '',
  primary key (delivery_id, number)
);
select kit.protect('channels.attempt',
                   'exists (select from channels.delivery d where d.id = delivery_id)');

set local role beltline_core;

-- Sign with this from now on; a secret before it goes on signing until `p_old_until`.
create function channels.keep_secret(
  actor accounts.actor, p_endpoint uuid, p_secret bytea, p_old_until timestamptz,
  p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  if not exists (select from channels.endpoint e
                  where e.id = p_endpoint and e.org_id = (actor).org_id) then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'webhook', 'key', p_endpoint));
  end if;
  update channels.secret s set ends_at = p_old_until
   where s.endpoint_id = p_endpoint and s.ends_at is null;
  insert into channels.secret (endpoint_id, secret, made_at) values (p_endpoint, p_secret, p_now);
end $$;
revoke all on function channels.keep_secret(accounts.actor, uuid, bytea, timestamptz, timestamptz)
  from public;
grant execute on function
  channels.keep_secret(accounts.actor, uuid, bytea, timestamptz, timestamptz) to bl_app, bl_sys;

-- Enable: what was given up is tried again, in its place. Events of the meantime follow.
create function channels.enable(actor accounts.actor, p_endpoint uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  update channels.endpoint e set status = 'ACTIVE', disabled_reason = '', sequence = e.sequence + 1
   where e.id = p_endpoint and e.org_id = (actor).org_id and e.status = 'DISABLED';
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'disabled webhook',
                                                           'key', p_endpoint));
  end if;
  update channels.delivery d set status = 'WAITING', tries = 0, next_try_at = p_now
   where d.endpoint_id = p_endpoint and d.status in ('FAILED', 'WAITING');
end $$;
revoke all on function channels.enable(accounts.actor, uuid, timestamptz) from public;
grant execute on function channels.enable(accounts.actor, uuid, timestamptz) to bl_app, bl_sys;

-- Whether an event is the business of an organization, and of a type it asked for.
set local role bl_owner;
create function channels.wants(
  p_org uuid, p_kind text, p_types text[], p_operator uuid, p_buyer uuid, p_supplier uuid,
  p_type text
) returns boolean language sql immutable as $$
  select p_org = case p_kind when 'OPERATOR' then p_operator when 'SUPPLIER' then p_supplier
                             else p_buyer end
     and (cardinality(p_types) = 0
          or exists (select from unnest(p_types) as t where starts_with(p_type, t)))
$$;

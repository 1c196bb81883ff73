-- The operator's GS1 company prefix, and serial shipping container codes of it (GS1 General
-- Specifications, AI 00): an extension digit, the prefix, a serial number, a check digit.

create table trade.gs1_prefix (
  operator_org_id uuid not null,
  prefix text not null check (prefix ~ '^[0-9]{4,12}$'),
  -- The one that codes are made of now. Another that comes back goes on with its own numbers.
  is_current boolean not null,
  codes_taken bigint not null default 0 check (codes_taken >= 0),
  version bigint not null default 1,
  set_at timestamptz not null,
  primary key (operator_org_id, prefix)
);
create unique index gs1_prefix_current on trade.gs1_prefix (operator_org_id) where is_current;
select kit.protect('trade.gs1_prefix', 'operator_org_id = {org}', 'select',
                   'select, insert, update');

set local role beltline_core;

-- The check digit that digits are given: weights 3 and 1 from the right, up to the next ten.
create function trade.gs1_check_digit(p_digits text) returns text
language sql immutable set search_path = '' as $$
  select ((10 - sum(d::int * case n % 2 when 1 then 3 else 1 end) % 10) % 10)::text
    from unnest(string_to_array(reverse(p_digits), null)) with ordinality as x(d, n)
$$;

-- Make codes of a prefix from now on; of none with an empty one. Codes that were made stay.
create function trade.set_gs1_prefix(actor accounts.actor, p_prefix text, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  update trade.gs1_prefix set is_current = false, version = version + 1
   where operator_org_id = (actor).org_id and is_current and prefix <> p_prefix;
  if p_prefix <> '' then
    insert into trade.gs1_prefix as g (operator_org_id, prefix, is_current, set_at)
    values ((actor).org_id, p_prefix, true, p_now)
    on conflict (operator_org_id, prefix) do update
      set is_current = true, version = g.version + 1, set_at = p_now where not g.is_current;
  end if;
  perform accounts.record_audit(actor, p_now, 'set', 'gs1_prefix', (actor).org_id,
    jsonb_build_object('prefix', p_prefix));
end $$;

-- So many codes that were never given before, in order; none without a prefix.
create function trade.take_ssccs(p_operator uuid, p_count int) returns text[]
language plpgsql as $$
declare g trade.gs1_prefix; v_room bigint;
begin
  update trade.gs1_prefix x set codes_taken = x.codes_taken + p_count
   where x.operator_org_id = p_operator and x.is_current
  returning x.* into g;
  if not found then
    return '{}';
  end if;
  v_room := (10 ^ (16 - length(g.prefix)))::bigint;
  if g.codes_taken > 10 * v_room then
    perform kit.refuse('trade.ssccs_used_up', jsonb_build_object('prefix', g.prefix));
  end if;
  return (
    select array_agg(c.digits || trade.gs1_check_digit(c.digits) order by c.n)
      from (select n, (n / v_room)::text || g.prefix
                   || lpad((n % v_room)::text, 16 - length(g.prefix), '0') as digits
              from generate_series(g.codes_taken - p_count, g.codes_taken - 1) n) c);
end $$;

revoke all on function trade.set_gs1_prefix(accounts.actor, text, timestamptz),
  trade.take_ssccs(uuid, int), trade.gs1_check_digit(text) from public;
grant execute on function trade.take_ssccs(uuid, int), trade.gs1_check_digit(text)
  to bl_sys, beltline_core;
grant execute on function trade.set_gs1_prefix(accounts.actor, text, timestamptz)
  to bl_app, bl_sys, beltline_core;

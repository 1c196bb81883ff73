-- Tamper evidence: what was booked is sealed hour by hour, long after the transactions that booked
-- it, each seal over the one before.

create table ledger.seal (
  number bigint primary key,
  -- Transfers from `starts` to before `ends`.
  starts timestamptz not null,
  ends timestamptz not null,
  transfers bigint not null,
  digest bytea not null check (length(digest) = 32),
  sealed_at timestamptz not null,
  operator_org_id uuid not null,
  check (starts < ends)
);
select kit.protect('ledger.seal', 'operator_org_id = {org}', 'select', 'select, insert');

set local role beltline_core;

-- What a seal is a digest of: every transfer of a span with all its entries, in a fixed order,
-- after the seal before. Anything added, changed or taken away gives another one.
create function ledger.digest_of(p_starts timestamptz, p_ends timestamptz, p_before bytea)
returns table (transfers bigint, digest bytea) language plpgsql stable as $$
begin
  return query
  select count(*), sha256(p_before || convert_to(coalesce(string_agg(r.line, E'\n' order by r.line),
                                                          ''), 'UTF8'))
    from (select concat_ws('|', t.id, extract(epoch from t.at), t.kind, t.reference,
                   t.reference_id, t.operator_org_id, t.counterparty_org_id,
                   (select string_agg(concat_ws('|', e.id, extract(epoch from e.at), e.account_id,
                             e.org_id, e.operator_org_id, e.amount, e.currency), ';' order by e.id)
                      from ledger.entry e where e.transfer_id = t.id)) as line
            from ledger.transfer t where t.at >= p_starts and t.at < p_ends) r;
end $$;

-- Seal the hours that ended before `p_until`, up to `p_limit` of them; how many. Hours in which
-- nothing was booked are sealed with the next.
create function ledger.seal_hours(
  p_operator uuid, p_until timestamptz, p_limit int, p_now timestamptz
) returns int language plpgsql as $$
declare
  v_latest ledger.seal; v_starts timestamptz; v_ends timestamptz; d record; made int := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('ledger.seal', 13));
  select * into v_latest from ledger.seal s order by s.number desc limit 1;
  while made < p_limit loop
    v_starts := coalesce(v_latest.ends, '-infinity');
    select date_trunc('hour', min(t.at), 'UTC') + interval '1 hour' into v_ends
      from ledger.transfer t where t.at >= v_starts;
    exit when v_ends is null or v_ends > p_until;
    select * into strict d
      from ledger.digest_of(v_starts, v_ends, coalesce(v_latest.digest, ''::bytea));
    insert into ledger.seal (number, starts, ends, transfers, digest, sealed_at, operator_org_id)
    values (coalesce(v_latest.number, 0) + 1, v_starts, v_ends, d.transfers, d.digest, p_now,
            p_operator)
    returning * into v_latest;
    made := made + 1;
  end loop;
  return made;
end $$;

-- The seals that no longer are what the ledger says, with their figures then and now.
create function ledger.broken_seals(p_limit int)
returns table (number bigint, starts timestamptz, ends timestamptz, sealed bigint, present bigint)
language plpgsql stable as $$
declare s ledger.seal; d record; v_before bytea := ''; v_next bigint := 1; v_hits int := 0;
begin
  for s in select * from ledger.seal x order by x.number loop
    select * into strict d from ledger.digest_of(s.starts, s.ends, v_before);
    if (d.digest, d.transfers, s.number) <> (s.digest, s.transfers, v_next) then
      number := s.number; starts := s.starts; ends := s.ends; sealed := s.transfers;
      present := d.transfers;
      return next;
      v_hits := v_hits + 1;
      exit when v_hits >= p_limit;
    end if;
    v_before := s.digest;
    v_next := s.number + 1;
  end loop;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'ledger'::regnamespace
              and p.proname in ('digest_of', 'seal_hours', 'broken_seals') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

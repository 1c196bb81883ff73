-- The same as one at a time, for many in one statement: what a batch of orders is written with.

set local role beltline_core;

-- A run of UUIDv7 for the rows of one transaction: drawn once, then counted up. `kit.id_at` is
-- inlined, so that a row costs no function call. Rows of different tables may share a number.
create function kit.id_run(p_now timestamptz) returns text language plpgsql volatile as $$
begin
  return left(replace(kit.uuid7(p_now)::text, '-', ''), 24);
end $$;

create function kit.id_at(p_run text, p_n bigint) returns uuid language sql immutable as $$
  select (p_run || lpad(to_hex(p_n), 8, '0'))::uuid
$$;

-- One event of the same type for each of many aggregates. The arrays are parallel; an entry
-- without data is left out.
create function kit.record_events(
  p_run text, p_type text, p_aggregate text, ids uuid[], sequences bigint[], p_operator uuid,
  buyers uuid[], datas jsonb[], p_now timestamptz
) returns void language plpgsql as $$
begin
  insert into kit.outbox (id, type, version, aggregate, aggregate_id, sequence, occurred_at,
                          operator_org_id, buyer_org_id, data)
  select kit.id_at(p_run, e.n), p_type, 1, p_aggregate, e.id, e.sequence, p_now, p_operator,
         e.buyer, e.data
    from unnest(ids, sequences, buyers, datas) with ordinality as e(id, sequence, buyer, data, n)
   where e.data is not null;
end $$;

-- The start of many idempotent operations: for each the stored answer, or null to go on. An
-- answer with `raise` is not kept: the key is in flight or belongs to something else.
create function kit.idempotency_begin_many(
  orgs uuid[], keys text[], p_operation text, hashes bytea[]
) returns jsonb[] language plpgsql as $$
declare is_locked boolean[]; answers jsonb[];
begin
  -- The snapshot of the look-up must be younger than the locks.
  select array_agg(k.nth = 1 and pg_try_advisory_xact_lock(hashtextextended(k.org || k.key, 7))
                   order by k.n)
    into is_locked
    from (select a.org::text as org, a.key, a.n,
                 row_number() over (partition by a.org, a.key order by a.n) as nth
            from unnest(orgs, keys) with ordinality as a(org, key, n)) k;
  select array_agg(
           case when not a.is_locked then jsonb_build_object('raise', jsonb_build_object(
                  'code', 'kit.idempotency_in_flight', 'fields', jsonb_build_object('key', a.key)))
                when i.key is null then null
                when i.body_hash <> a.hash or i.operation <> p_operation then
                  jsonb_build_object('raise', jsonb_build_object(
                    'code', 'kit.idempotency_mismatch',
                    'fields', jsonb_build_object('key', a.key)))
                else jsonb_build_object('status', i.status, 'response', i.response,
                                        'replayed', true) end order by a.n)
    into answers
    from unnest(orgs, keys, hashes, is_locked) with ordinality as a(org, key, hash, is_locked, n)
    left join kit.idempotency i on i.org_id = a.org and i.key = a.key;
  return answers;
end $$;

-- Keep many answers, each {status, response}; one that is null is left out.
create function kit.idempotency_keep_many(
  orgs uuid[], keys text[], p_operation text, hashes bytea[], answers jsonb[], p_now timestamptz
) returns void language plpgsql as $$
begin
  insert into kit.idempotency (org_id, key, operation, body_hash, status, response, created_at)
  select k.org, k.key, p_operation, k.hash, (k.answer->>'status')::int, k.answer->'response', p_now
    from unnest(orgs, keys, hashes, answers) as k(org, key, hash, answer)
   where k.answer is not null;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'kit'::regnamespace
              and p.proname in ('id_run', 'id_at', 'record_events', 'idempotency_begin_many',
                                'idempotency_keep_many') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core, bl_app', f);
  end loop;
end $$;

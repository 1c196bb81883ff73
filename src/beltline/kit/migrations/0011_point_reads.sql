-- Keys are found one by one. A join may be planned as a walk over all of them, if the plan is made
-- while there are few, and then gets dearer with every key; what ends at the first row is not.
create or replace function kit.idempotency_begin_many(
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
    left join lateral (select * from kit.idempotency x
                        where x.org_id = a.org and x.key = a.key limit 1) i on true;
  return answers;
end $$;

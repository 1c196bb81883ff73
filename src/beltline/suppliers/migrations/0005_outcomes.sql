-- Measured facts from modules above, in the transaction of what they are about.

set local role beltline_core;

-- Keep facts about suppliers, [{supplier_org_id, measure, score, value, happened_at, source,
-- subject_id, subject}]; a later one of the same subject and measure takes the place of the first.
-- What is no supplier's, such as the operator's own stock, is left out.
create function suppliers.record_outcomes(p_facts jsonb, p_now timestamptz) returns void
language plpgsql as $$
begin
  insert into suppliers.outcome as o (id, operator_org_id, supplier_org_id, measure, score, value,
    happened_at, source, subject_id, subject)
  select kit.uuid7(p_now), accounts.operator_org(), f.supplier_org_id, f.measure, f.score, f.value,
         coalesce(f.happened_at, p_now), f.source, f.subject_id, f.subject
    from jsonb_to_recordset(coalesce(p_facts, '[]')) as f(
           supplier_org_id uuid, measure text, score double precision, value double precision,
           happened_at timestamptz, source text, subject_id uuid, subject text)
   where exists (select from suppliers.supplier s where s.org_id = f.supplier_org_id)
   order by f.subject_id, f.measure
  on conflict (subject_id, measure) do update set
    score = excluded.score, value = excluded.value, happened_at = excluded.happened_at,
    source = excluded.source;
end $$;

revoke all on function suppliers.record_outcomes(jsonb, timestamptz) from public;
grant execute on function suppliers.record_outcomes(jsonb, timestamptz) to bl_sys, beltline_core;

-- The way into the durable engine, the workers that live, and what is due when.

-- A worker writes `beat_at` every few seconds; the jobs of one that fell silent go to others.
create table kit.worker (
  id text primary key,
  started_at timestamptz not null,
  beat_at timestamptz not null
);
select kit.protect('kit.worker', 'false', '');

-- The latest instant each schedule was carried out for.
create table kit.schedule (
  name text primary key,
  due_at timestamptz not null
);
select kit.protect('kit.schedule', 'false', '');

-- Put a waiting job into the engine's queue, in the caller's transaction. The engine's schema
-- is out of everybody's reach but through here. The same round twice is one entry.
set local role beltline_core;
create function kit.hand_over_job(
  p_job uuid, p_round int, p_not_before timestamptz default null
) returns void language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from kit.job where id = p_job and state = 'QUEUED' and round = p_round) then
    return;
  end if;
  perform jobs.enqueue_workflow(
    workflow_name => 'beltline.job.v1',
    queue_name => 'beltline',
    positional_args => array[to_json(p_job::text)],
    workflow_id => p_job::text || ':' || p_round::text,
    app_version => '1',
    delay_until_epoch_ms => (extract(epoch from p_not_before) * 1000)::bigint,
    application_name => 'beltline');
end $$;
revoke all on function kit.hand_over_job(uuid, int, timestamptz) from public;
grant execute on function kit.hand_over_job(uuid, int, timestamptz) to bl_app, bl_sys;
set local role bl_owner;

-- Ask for a job in the caller's transaction and under its row-level security: rolled back means
-- no job, the same id twice is one job. True when this call made it.
create function kit.enqueue_job(
  p_id uuid, p_kind text, p_title text, p_parameters jsonb, p_actor jsonb, p_now timestamptz
) returns boolean language plpgsql as $$
begin
  insert into kit.job (id, org_id, kind, title, parameters, actor, created_by, created_at)
  values (p_id, (p_actor ->> 'org_id')::uuid, p_kind, p_title, p_parameters, p_actor,
          p_actor ->> 'name', p_now)
  on conflict (id) do nothing;
  if found then
    perform kit.hand_over_job(p_id, 1);
    return true;
  end if;
  if not exists (select from kit.job
                  where id = p_id and kind = p_kind and org_id = (p_actor ->> 'org_id')::uuid) then
    perform kit.refuse('kit.job_id_taken', jsonb_build_object('job_id', p_id));
  end if;
  return false;
end $$;
revoke all on function kit.enqueue_job(uuid, text, text, jsonb, jsonb, timestamptz) from public;
grant execute on function kit.enqueue_job(uuid, text, text, jsonb, jsonb, timestamptz)
  to bl_app, bl_sys, beltline_core;

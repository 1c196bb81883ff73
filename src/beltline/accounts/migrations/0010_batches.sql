-- Personal data and audit of many orders, each in one statement.

set local role beltline_core;

-- Whether each of some actors may act: its organization exists, is of that kind and active.
create function accounts.may_act(actors accounts.actor[]) returns boolean[]
language plpgsql stable as $$
begin
  return (select array_agg(coalesce(o.is_active and o.kind = a.org_kind, false) order by a.n)
            from unnest(actors) with ordinality
              as a(org_id, org_kind, name, via, via_id, request_id, n)
            left join accounts.organization o on o.id = a.org_id);
end $$;

-- Where orders go, one contact for each `ship_to` that is not null, known as kit.id_at(p_run, n).
create function accounts.record_contacts(
  p_run text, orgs uuid[], ship_tos jsonb[], p_now timestamptz
) returns void language plpgsql as $$
begin
  insert into accounts.contact (id, org_id, name, phone, email, country, region, city, postcode,
                                line1, line2, created_at)
  select kit.id_at(p_run, c.n), c.org, c.p->>'name', coalesce(c.p->>'phone', ''),
         coalesce(c.p->>'email', ''), coalesce(c.p->>'country', ''), coalesce(c.p->>'region', ''),
         coalesce(c.p->>'city', ''), coalesce(c.p->>'postcode', ''), coalesce(c.p->>'line1', ''),
         coalesce(c.p->>'line2', ''), p_now
    from unnest(orgs, ship_tos) with ordinality as c(org, p, n)
   where c.p is not null;
end $$;

-- One audit row for each change that is not null, by the actor at the same place.
create function accounts.record_audits(
  p_run text, actors accounts.actor[], p_action text, p_object text, ids uuid[], changes jsonb[],
  p_now timestamptz
) returns void language plpgsql as $$
begin
  insert into accounts.audit (id, at, org_id, actor, via, via_id, action, object, object_id,
                              change, request_id)
  select kit.id_at(p_run, c.n), p_now, a.org_id, a.name, a.via, a.via_id, p_action, p_object,
         c.id, c.change, a.request_id
    from unnest(ids, changes) with ordinality as c(id, change, n)
    join unnest(actors) with ordinality
      as a(org_id, org_kind, name, via, via_id, request_id, n) using (n)
   where c.change is not null;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'accounts'::regnamespace
              and p.proname in ('may_act', 'record_contacts', 'record_audits') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;

-- A party that the operator brings into the network, with a person to talk to.

set local role beltline_core;

-- Adds an organization under a code nobody has, and the contact `p` describes ({contact_name,
-- phone}); the contact's id.
create function accounts.add_organization(
  actor accounts.actor, p_id uuid, p_kind text, p jsonb, p_now timestamptz
) returns uuid language plpgsql as $$
begin
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  insert into accounts.organization (id, code, kind, name, name_zh, country, created_at)
  values (p_id, p->>'code', p_kind, p->>'name', coalesce(p->>'name_zh', ''), 'CN', p_now)
  on conflict (code) do nothing;
  if not found then
    perform kit.refuse('accounts.taken',
                       jsonb_build_object('value', p->>'code', 'param', 'code'));
  end if;
  return accounts.record_contact(p_id, jsonb_build_object(
    'name', coalesce(nullif(p->>'contact_name', ''), p->>'name'),
    'phone', coalesce(p->>'phone', ''), 'country', 'CN'), p_now);
end $$;
revoke all on function accounts.add_organization(accounts.actor, uuid, text, jsonb, timestamptz)
  from public;
grant execute on function accounts.add_organization(accounts.actor, uuid, text, jsonb, timestamptz)
  to beltline_core;

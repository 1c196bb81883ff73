-- The company that papers name for an organization, in versions of which none is ever changed: what a
-- paper named can be told again of any day.

alter table accounts.legal_entity
  add column seq int check (seq > 0),
  add column valid_from date,
  add column name_latin text not null default '' check (length(name_latin) <= 200),
  add column address text not null default '' check (length(address) <= 400),
  add column address_latin text not null default '' check (length(address_latin) <= 400),
  add column registration_number text not null default ''
    check (length(registration_number) <= 40),
  -- [{bank, number, bic, currency, holder}]; one without a currency takes any.
  add column bank_accounts jsonb not null default '[]'
    check (jsonb_typeof(bank_accounts) = 'array' and jsonb_array_length(bank_accounts) <= 5),
  add column stated_by text not null default '';
update accounts.legal_entity e
   set seq = x.seq, valid_from = kit.day_of(e.created_at)
  from (select id, row_number() over (partition by org_id order by created_at, id) as seq
          from accounts.legal_entity) x
 where x.id = e.id;
alter table accounts.legal_entity
  alter column seq set not null, alter column valid_from set not null,
  add constraint legal_entity_seq unique (org_id, seq);
revoke insert, update on accounts.legal_entity from bl_app;
revoke update, delete on accounts.legal_entity from bl_sys, beltline_core;
drop policy app_write on accounts.legal_entity;
-- The operator looks up who its partners are; everybody else meets them on a paper alone.
create policy app_read_operator on accounts.legal_entity for select to bl_app
  using ((select current_setting('app.org')::uuid) = (select accounts.operator_org()));

create function accounts.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;

create trigger append_only before update or delete on accounts.legal_entity
  for each row execute function accounts.refuse_change();

set local role beltline_core;

-- State the acting organization's company as `p` describes it, from its day `valid_from` on; the id.
create function accounts.state_legal_entity(actor accounts.actor, p jsonb, p_now timestamptz)
returns uuid language plpgsql security definer set search_path = '' as $$
declare
  v_id constant uuid := kit.uuid7(p_now);
  v_org constant uuid := (actor).org_id;
  v_seq int;
begin
  perform accounts.enter(actor);
  -- One at a time: what was stated later counts.
  perform from accounts.organization o where o.id = v_org for no key update;
  select coalesce(max(e.seq), 0) + 1 into v_seq
    from accounts.legal_entity e where e.org_id = v_org;
  insert into accounts.legal_entity (id, org_id, seq, name, name_latin, address, address_latin,
    country, registration_number, tax_id, bank_accounts, valid_from, stated_by, created_at)
  values (v_id, v_org, v_seq, p->>'name', p->>'name_latin', p->>'address', p->>'address_latin',
    p->>'country', p->>'registration_number', p->>'tax_id', p->'bank_accounts',
    (p->>'valid_from')::date, (actor).name, p_now);
  -- The bank accounts stay out of what webhooks carry away.
  perform kit.record_event('legal_entity.stated', 1, 'legal_entity', v_org, v_seq, p_now,
    accounts.operator_org(),
    case when (actor).org_kind not in ('OPERATOR', 'SUPPLIER') then v_org end,
    case (actor).org_kind when 'SUPPLIER' then v_org end,
    jsonb_build_object('id', 'ent_' || replace(v_id::text, '-', ''), 'name', p->>'name',
      'country', p->>'country', 'tax_id', p->>'tax_id', 'valid_from', p->>'valid_from'));
  perform accounts.record_audit(actor, p_now, 'state', 'legal_entity', v_id,
    p || jsonb_build_object('bank_accounts', (
      select coalesce(string_agg(concat_ws(' ', a->>'currency', a->>'number'), ', '), '')
        from jsonb_array_elements(p->'bank_accounts') a)));
  return v_id;
end $$;

-- An organization as a paper of an instant names it: by the company that was stated by then for its
-- day; with the account that takes `p_currency` where it is paid. Known of any instant, for ever.
create function accounts.party_at(p_org uuid, p_at timestamptz, p_currency text default null)
returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('name', o.name, 'name_zh', o.name_zh,
             'country', coalesce(e.country, o.country), 'legal_name', coalesce(e.name, ''),
             'legal_name_latin', coalesce(e.name_latin, ''),
             'address', coalesce(e.address, ''), 'address_latin', coalesce(e.address_latin, ''),
             'registration_number', coalesce(e.registration_number, ''),
             'tax_id', coalesce(e.tax_id, ''), 'bank', b.account)
      from accounts.organization o
      left join lateral (
        select x.* from accounts.legal_entity x
         where x.org_id = o.id and x.created_at <= p_at and x.valid_from <= kit.day_of(p_at)
         order by x.valid_from desc, x.seq desc limit 1) e on true
      left join lateral (
        select a.account from jsonb_array_elements(e.bank_accounts) with ordinality a(account, n)
         where a.account->>'currency' in (p_currency, '') and p_currency is not null
         order by a.account->>'currency' desc, a.n limit 1) b on true
     where o.id = p_org);
end $$;

revoke all on function accounts.state_legal_entity(accounts.actor, jsonb, timestamptz),
  accounts.party_at(uuid, timestamptz, text) from public;
grant execute on function accounts.state_legal_entity(accounts.actor, jsonb, timestamptz)
  to bl_app, bl_sys, beltline_core;
grant execute on function accounts.party_at(uuid, timestamptz, text) to bl_sys, beltline_core;

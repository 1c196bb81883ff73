-- Goods that a supplier tells of and the operator has not taken in yet: nobody else sees them, and
-- nothing is planned, found or sold of them until they are approved.

create table catalog.draft (
  id uuid primary key,
  supplier_org_id uuid not null,
  -- The supplier's own number; in the network it follows the supplier's code.
  code text not null check (length(code) between 1 and 60 and code !~ '[@[:space:]]'),
  title text not null default '' check (length(title) <= 400),
  title_zh text not null default '' check (length(title_zh) <= 400),
  category text not null default '' check (length(category) <= 400),
  -- In yuan a unit, from the minimum on.
  price numeric(18, 6) not null check (price > 0),
  moq bigint not null default 1 check (moq > 0),
  lead_time_days double precision check (lead_time_days between 0 and 1000),
  weight_g int check (weight_g >= 0),
  pack_size bigint not null default 1 check (pack_size > 0),
  state text not null default 'WAITING' check (state in ('WAITING', 'RETURNED', 'APPROVED')),
  -- Why it was returned; the supplier reads it.
  note text not null default '',
  sku text,
  version bigint not null default 1,
  sent_at timestamptz not null,
  decided_at timestamptz,
  decided_by text not null default '',
  unique (supplier_org_id, code),
  check (title <> '' or title_zh <> ''),
  check ((state = 'APPROVED') = (sku is not null))
);
create index draft_by_state on catalog.draft (state, sent_at, id);

create table catalog.draft_photo (
  id uuid primary key,
  draft_id uuid not null references catalog.draft on delete cascade,
  supplier_org_id uuid not null,
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  width int not null,
  height int not null,
  sha256 bytea not null,
  content bytea not null,
  created_at timestamptz not null,
  unique (draft_id, sha256)
);
create index draft_photo_by_draft on catalog.draft_photo (draft_id, created_at, id);

select kit.protect('catalog.draft',
  'supplier_org_id = {org} or {org} = (select accounts.operator_org())',
  'select, insert, update, delete');
select kit.protect('catalog.draft_photo',
  'supplier_org_id = {org} or {org} = (select accounts.operator_org())',
  'select, insert, update, delete');
-- A supplier sends in and takes back; it approves nothing.
create policy waits_first on catalog.draft as restrictive for insert to bl_app
  with check (state = 'WAITING');
create policy approved_by_operator on catalog.draft as restrictive for update to bl_app
  using (state <> 'APPROVED') with check (state <> 'APPROVED');
create policy approved_stays on catalog.draft as restrictive for delete to bl_app
  using (state <> 'APPROVED');

set local role beltline_core;

-- Take a draft into the catalog: product, SKU, pictures, the supplier's terms to the operator, and
-- what buyers pay where it is given. `p` is {title, title_zh, category, currency, price}.
create function catalog.approve_draft(
  actor accounts.actor, p_draft uuid, p jsonb, p_now timestamptz
) returns text language plpgsql security definer set search_path = '' as $$
declare
  d catalog.draft; v_code text;
  v_product constant uuid := kit.uuid7(p_now); v_sku constant uuid := kit.uuid7(p_now);
  v_offer uuid := kit.uuid7(p_now);
begin
  perform accounts.enter(actor);
  select * into d from catalog.draft x where x.id = p_draft for update;
  if not found or (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'draft', 'key', p_draft));
  elsif d.state = 'APPROVED' then
    perform kit.refuse('catalog.draft_decided', jsonb_build_object('code_', d.code));
  end if;
  select s.code || '-' || d.code into v_code from accounts.organization s
   where s.id = d.supplier_org_id;
  if exists (select from catalog.sku k where k.code = v_code)
     or exists (select from catalog.product x where x.code = v_code) then
    perform kit.refuse('catalog.code_taken', jsonb_build_object('code_', v_code));
  end if;
  insert into catalog.product (id, code, supplier_org_id, category, title, title_zh, created_at,
                               updated_at)
  values (v_product, v_code, d.supplier_org_id, p->>'category',
          coalesce(nullif(p->>'title', ''), p->>'title_zh'), p->>'title_zh', p_now, p_now);
  insert into catalog.sku (id, code, product_id, supplier_org_id, title, title_zh, uom, pack_size,
                           weight_g, created_at, updated_at)
  values (v_sku, v_code, v_product, d.supplier_org_id,
          coalesce(nullif(p->>'title', ''), p->>'title_zh'), p->>'title_zh', 'PIECE', d.pack_size,
          d.weight_g, p_now, p_now);
  insert into catalog.media (id, product_id, supplier_org_id, position, media_type, width, height,
                             sha256, content, created_at)
  select f.id, v_product, f.supplier_org_id,
         row_number() over (order by f.created_at, f.id) - 1, f.media_type, f.width, f.height,
         f.sha256, f.content, p_now
    from catalog.draft_photo f where f.draft_id = p_draft;
  delete from catalog.draft_photo f where f.draft_id = p_draft;
  insert into catalog.offer (id, sku_id, supplier_org_id, audience, currency, moq, lead_time_days,
                             valid_from, operator_org_id, created_at, updated_at)
  values (v_offer, v_sku, d.supplier_org_id, 'OPERATOR', 'CNY', d.moq, d.lead_time_days,
          kit.day_of(p_now), (actor).org_id, p_now, p_now);
  insert into catalog.offer_break (offer_id, quantity_from, unit_price)
  values (v_offer, 1, d.price);
  if p->>'price' is not null then
    v_offer := kit.uuid7(p_now);
    insert into catalog.offer (id, sku_id, supplier_org_id, audience, currency, moq,
                               lead_time_days, valid_from, operator_org_id, created_at, updated_at)
    values (v_offer, v_sku, (actor).org_id, 'BUYERS', p->>'currency', d.moq, d.lead_time_days,
            kit.day_of(p_now), (actor).org_id, p_now, p_now);
    insert into catalog.offer_break (offer_id, quantity_from, unit_price)
    values (v_offer, 1, (p->>'price')::numeric);
  end if;
  update catalog.draft
     set state = 'APPROVED', sku = v_code, note = '', title = p->>'title',
         title_zh = p->>'title_zh', category = p->>'category', version = version + 1,
         decided_at = p_now, decided_by = (actor).name
   where id = p_draft;
  perform kit.record_event('goods.approved', 1, 'draft', p_draft, d.version + 1, p_now,
    (actor).org_id, null, d.supplier_org_id, jsonb_build_object('skus', jsonb_build_array(v_code)));
  perform accounts.record_audit(actor, p_now, 'approve', 'draft', p_draft,
    jsonb_build_object('sku', v_code));
  return v_code;
end $$;
revoke all on function catalog.approve_draft(accounts.actor, uuid, jsonb, timestamptz) from public;
grant execute on function catalog.approve_draft(accounts.actor, uuid, jsonb, timestamptz)
  to bl_app, bl_sys;

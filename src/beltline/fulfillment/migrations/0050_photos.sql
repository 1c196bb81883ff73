-- Photos as evidence: of a lot under inspection, a box at a hub, units in question, a handover, a
-- return, a claim. One table; they are added and never changed.

create table fulfillment.photo (
  id uuid primary key,
  kind text not null check (kind in (
    'INSPECTION', 'PARCEL', 'DECISION', 'DELIVERY', 'RETURN', 'CLAIM')),
  -- A journey of INSPECTION and DELIVERY, else what the kind is called.
  subject_id uuid not null,
  -- In which order they came, from 0.
  position int not null,
  operator_org_id uuid not null,
  -- Whose photo it is, and on which side that stands.
  org_id uuid not null,
  side text not null check (side in ('OPERATOR', 'BUYER', 'SUPPLIER')),
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  width int not null,
  height int not null,
  sha256 bytea not null,
  content bytea not null,
  -- Who took the goods, of a DELIVERY.
  contact_id uuid,
  added_by text not null,
  added_at timestamptz not null,
  check (contact_id is null or kind = 'DELIVERY'),
  -- Two suppliers may send the same picture: neither learns of the other's.
  constraint photo_once unique (subject_id, kind, org_id, sha256),
  unique (subject_id, kind, position)
);
set local role beltline_core;

-- A return that the acting supplier was charged for, by its own goods or by a line of its settlement:
-- what it may know of it.
create function fulfillment.charged_return(p_return uuid)
returns table (number text, operator_org_id uuid)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select r.number, r.operator_org_id
    from fulfillment.return_case r
   cross join (select nullif(current_setting('app.org', true), '')::uuid as id) as own
   where r.id = p_return and r.charged_to = 'SUPPLIER' and r.state = 'REFUNDED'
     and (r.supplier_org_id = own.id or exists (
            select from ledger.supplier_item i
             where i.source_id = r.id and i.supplier_org_id = own.id));
end $$;

revoke all on function fulfillment.charged_return(uuid) from public;
grant execute on function fulfillment.charged_return(uuid) to bl_app, bl_sys, beltline_core;

set local role bl_owner;

-- Whoever sees what it is about sees the photo: each of these tables says who that is. A buyer who
-- is asked about rejected units sees what the inspection saw. A supplier on whose goods a claim is
-- sees those of buyer and operator, and of several suppliers none another's.
select kit.protect('fulfillment.photo', $$operator_org_id = {org} or case kind
    when 'INSPECTION' then
      exists (select from fulfillment.inspection i where i.journey_id = subject_id)
      or exists (select from fulfillment.decision d
                  where d.journey_id = subject_id and d.cause = 'REJECTED')
    when 'PARCEL' then exists (select from fulfillment.inbound_parcel b where b.id = subject_id)
    when 'DECISION' then exists (select from fulfillment.decision d where d.id = subject_id)
    when 'DELIVERY' then exists (select from fulfillment.journey j where j.id = subject_id)
    when 'RETURN' then
      exists (select from fulfillment.return_case r where r.id = subject_id)
      or exists (select from fulfillment.charged_return(subject_id))
    when 'CLAIM' then
      exists (select from orders.claim c where c.id = subject_id)
      or (side <> 'SUPPLIER' or org_id = {org})
         and exists (select from orders.claim_case x where x.claim_id = subject_id)
  end$$, 'select', 'select, insert');

-- What its label says of a box that nobody announced, and what is in it.
alter table fulfillment.inbound_parcel
  add column sender text not null default '' check (length(sender) <= 200),
  add column contents text not null default '' check (length(contents) <= 200);

set local role beltline_core;

-- What photos are about, as far as the caller sees it: its number, its parties, whether who is not the
-- operator adds photos as it does, and whether any are taken yet and still.
create function fulfillment.photo_subject(p_kind text, p_subject uuid)
returns table (number text, operator_org_id uuid, buyer_org_id uuid, is_mutual boolean,
               is_open boolean)
language plpgsql stable as $$
begin
  if p_kind in ('INSPECTION', 'DELIVERY') then
    return query
    select j.number, j.operator_org_id, case when p_kind = 'DELIVERY' then j.buyer_org_id end, false,
           exists (select from fulfillment.stage s
                    where s.journey_id = j.id and s.started_at is not null
                      and s.kind = case p_kind when 'DELIVERY' then 'LAST_MILE' else p_kind end)
      from fulfillment.journey j where j.id = p_subject;
    -- A factory sees what was found among its goods, and not whose they were to be.
    if not found and p_kind = 'INSPECTION' then
      return query
      select '', i.operator_org_id, null::uuid, false, false
        from fulfillment.inspection i where i.journey_id = p_subject limit 1;
    end if;
  elsif p_kind = 'PARCEL' then
    return query
    select b.waybill, b.operator_org_id, null::uuid, false, b.arrived_at is not null
      from fulfillment.inbound_parcel b where b.id = p_subject;
  elsif p_kind = 'DECISION' then
    return query
    select j.number, d.operator_org_id, d.buyer_org_id, d.cause <> 'SILENT', d.state = 'OPEN'
      from fulfillment.decision d join fulfillment.journey j on j.id = d.journey_id
     where d.id = p_subject;
  elsif p_kind = 'RETURN' then
    return query
    select r.number, r.operator_org_id, r.buyer_org_id, true, r.state in ('REQUESTED', 'APPROVED')
      from fulfillment.return_case r where r.id = p_subject;
    if not found then
      return query
      select r.number, r.operator_org_id, null::uuid, false, false
        from fulfillment.charged_return(p_subject) r;
    end if;
  elsif p_kind = 'CLAIM' then
    return query
    select c.number, c.operator_org_id, c.buyer_org_id, true, c.state = 'OPEN'
      from orders.claim c where c.id = p_subject;
    -- A supplier knows a claim by its case alone.
    if not found then
      return query
      select x.number, x.operator_org_id, null::uuid, true, x.state = 'OPEN'
        from orders.claim_case x where x.claim_id = p_subject limit 1;
    end if;
  end if;
end $$;

-- Keep a photo of something the actor is a party to, `p_most` of each party. The same picture again is
-- the first one that the actor sees; `p_receiver` is the name of who took the goods. Returns the
-- photo's id.
create function fulfillment.add_photo(
  actor accounts.actor, p_kind text, p_subject uuid, p_media_type text, p_width int, p_height int,
  p_content bytea, p_receiver text, p_most int, p_now timestamptz
) returns uuid language plpgsql security definer set search_path = '' as $$
declare
  s record; v_id uuid; v_contact uuid; v_position bigint; v_own bigint;
  v_side constant text := case when (actor).org_kind in ('OPERATOR', 'SUPPLIER')
                               then (actor).org_kind else 'BUYER' end;
  v_mark constant bytea := sha256(p_content);
begin
  perform accounts.enter(actor);
  select x.* into s from fulfillment.photo_subject(p_kind, p_subject) x
   where (actor).org_id in (x.operator_org_id, case when x.is_mutual then x.buyer_org_id end)
      or p_kind = 'CLAIM' and exists (
           select from orders.claim_case c
            where c.claim_id = p_subject and c.supplier_org_id = (actor).org_id);
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', lower(p_kind), 'key', p_subject));
  elsif not s.is_open then
    perform kit.refuse('fulfillment.photo_not_now', jsonb_build_object('number', s.number));
  end if;
  -- Photos of one thing come one after the other, so that they can be counted.
  perform pg_advisory_xact_lock(hashtextextended(p_subject::text, 23));
  select p.id into v_id from fulfillment.photo p
   where (p.subject_id, p.kind, p.sha256) = (p_subject, p_kind, v_mark)
     and (p.side <> 'SUPPLIER' or v_side <> 'SUPPLIER' or p.org_id = (actor).org_id)
   order by p.position limit 1;
  if found then
    return v_id;
  end if;
  select count(*), count(*) filter (where p.org_id = (actor).org_id) into v_position, v_own
    from fulfillment.photo p where (p.subject_id, p.kind) = (p_subject, p_kind);
  if v_own >= p_most then
    perform kit.refuse('fulfillment.photos_full', jsonb_build_object(
      'number', s.number, 'most', p_most));
  end if;
  if p_receiver <> '' then
    v_contact := accounts.record_contact(s.buyer_org_id, jsonb_build_object('name', p_receiver),
                                         p_now);
  end if;
  v_id := kit.uuid7(p_now);
  insert into fulfillment.photo (id, kind, subject_id, position, operator_org_id, org_id, side,
    media_type, width, height, sha256, content, contact_id, added_by, added_at)
  values (v_id, p_kind, p_subject, v_position, s.operator_org_id, (actor).org_id, v_side,
          p_media_type, p_width, p_height, v_mark, p_content, v_contact, (actor).name, p_now);
  perform kit.record_event('photo.added', 1, 'photo', v_id, 1, p_now, s.operator_org_id,
    s.buyer_org_id, case v_side when 'SUPPLIER' then (actor).org_id end, jsonb_build_object(
      'kind', p_kind, 'subject_id', p_subject, 'number', s.number,
      'sha256', encode(v_mark, 'hex')));
  perform accounts.record_audit(actor, p_now, 'add', 'photo', v_id, jsonb_build_object(
    'kind', p_kind, 'number', s.number, 'sha256', encode(v_mark, 'hex')));
  return v_id;
end $$;

-- Say who sent a box that nobody announced, and what is in it; empty words leave what was said.
create function fulfillment.describe_parcel(
  actor accounts.actor, p_waybill text, p_sender text, p_contents text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_id uuid;
begin
  perform accounts.enter(actor);
  update fulfillment.inbound_parcel b
     set sender = coalesce(nullif(p_sender, ''), b.sender),
         contents = coalesce(nullif(p_contents, ''), b.contents)
   where b.operator_org_id = (actor).org_id and b.waybill = p_waybill and b.state = 'UNANNOUNCED'
  returning b.id into v_id;
  if v_id is not null then
    perform accounts.record_audit(actor, p_now, 'describe', 'inbound_parcel', v_id,
      jsonb_build_object('waybill', p_waybill, 'sender', p_sender, 'contents', p_contents));
  end if;
end $$;

-- The name of who took the goods of a handover, for the parties of its journey; erasing the
-- contact erases it.
create function fulfillment.received_by(p_photo uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select c.name
      from fulfillment.photo p
      join fulfillment.journey j on j.id = p.subject_id
      join accounts.contact c on c.id = p.contact_id
     where p.id = p_photo and nullif(current_setting('app.org', true), '')::uuid
           in (j.operator_org_id, j.buyer_org_id));
end $$;

revoke all on function
  fulfillment.photo_subject(text, uuid),
  fulfillment.add_photo(accounts.actor, text, uuid, text, int, int, bytea, text, int, timestamptz),
  fulfillment.describe_parcel(accounts.actor, text, text, text, timestamptz),
  fulfillment.received_by(uuid) from public;
grant execute on function
  fulfillment.photo_subject(text, uuid),
  fulfillment.add_photo(accounts.actor, text, uuid, text, int, int, bytea, text, int, timestamptz),
  fulfillment.describe_parcel(accounts.actor, text, text, text, timestamptz),
  fulfillment.received_by(uuid) to bl_app, bl_sys, beltline_core;

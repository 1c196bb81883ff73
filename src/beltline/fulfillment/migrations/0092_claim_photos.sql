-- Photos of a claim are for all who answer it: a supplier on whose goods it is sees those of buyer and
-- operator, and adds its own; of several suppliers none sees another's. What a supplier was charged
-- for a return, it sees, too.

-- Which side took it; a photo before this one is the operator's or the buyer's.
alter table fulfillment.photo add column side text not null default 'BUYER'
  check (side in ('OPERATOR', 'BUYER', 'SUPPLIER'));
update fulfillment.photo set side = 'OPERATOR' where org_id = operator_org_id;
alter table fulfillment.photo
  alter column side drop default,
  drop constraint photo_subject_id_kind_sha256_key,
  -- Two suppliers may send the same picture: neither learns of the other's.
  add constraint photo_once unique (subject_id, kind, org_id, sha256);

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

-- What photos are about, as far as the caller sees it: its number, its parties, whether who is not the
-- operator adds photos as it does, and whether any are taken yet and still.
create or replace function fulfillment.photo_subject(p_kind text, p_subject uuid)
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
create or replace function fulfillment.add_photo(
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

set local role bl_owner;

alter policy app_read on fulfillment.photo using (
  operator_org_id = (select current_setting('app.org')::uuid) or case kind
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
      or (side <> 'SUPPLIER' or org_id = (select current_setting('app.org')::uuid))
         and exists (select from orders.claim_case x where x.claim_id = subject_id)
  end);

-- Who a supplier says it is, who has checked it, and what follows: onboarding, strict selection,
-- and cases against shops.

-- INVITED until it is verified, SUSPENDED while a case is open, REMOVED for good.
alter table suppliers.supplier
  add standing text not null default 'ACTIVE'
    check (standing in ('INVITED', 'ACTIVE', 'SUSPENDED', 'REMOVED')),
  add verified_until date,
  add strict_until date;
-- The operator moves a supplier along; nobody else, whatever door it comes through.
grant update (standing, verified_until, strict_until, kind, version, updated_at)
  on suppliers.supplier to bl_app;
create policy operator_only on suppliers.supplier as restrictive for update to bl_app
  using ((select current_setting('app.org')::uuid) = (select accounts.operator_org()));

-- What a supplier says of itself. Personal data stays in its contact.
create table suppliers.profile (
  org_id uuid primary key references suppliers.supplier,
  operator_org_id uuid not null,
  legal_name text not null default '' check (length(legal_name) <= 200),
  licence_number text not null default '' check (length(licence_number) <= 60),
  address text not null default '' check (length(address) <= 300),
  source text not null default '' check (source in ('', 'SOURCE_FACTORY', 'TRADER')),
  founded_year int check (founded_year between 1900 and 2100),
  staff int check (staff between 0 and 1000000),
  lines int check (lines between 0 and 10000),
  capacity_month bigint check (capacity_month between 0 and 1000000000000),
  capacity_unit text not null default '' check (length(capacity_unit) <= 40),
  goods text not null default '' check (length(goods) <= 1000),
  video_url text not null default '' check (video_url = '' or video_url ~ '^https://[^[:space:]]+$'),
  updated_at timestamptz not null
);

-- Pictures, cleaned before they are kept.
create table suppliers.document (
  id uuid primary key,
  org_id uuid not null references suppliers.supplier,
  operator_org_id uuid not null,
  purpose text not null check (purpose in ('LICENCE', 'CERTIFICATE', 'WORKSHOP', 'VISIT',
                                           'EVIDENCE')),
  media_type text not null check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
  width int not null,
  height int not null,
  sha256 bytea not null,
  content bytea not null,
  created_by text not null,
  created_at timestamptz not null
);
create index document_by_supplier on suppliers.document (org_id, purpose, id);

create table suppliers.certificate (
  id uuid primary key,
  org_id uuid not null references suppliers.supplier,
  operator_org_id uuid not null,
  kind text not null check (kind in ('ISO9001', 'ISO14001', 'BSCI', 'CE', 'FDA', 'OEKO_TEX', 'CCC',
                                     'FSC', 'SGS_AUDIT', 'BV_AUDIT', 'OTHER')),
  number text not null check (length(number) between 1 and 120),
  issuer text not null default '' check (length(issuer) <= 200),
  valid_until date not null,
  document_id uuid,
  state text not null default 'CLAIMED' check (state in ('CLAIMED', 'CONFIRMED', 'REJECTED')),
  decided_by text not null default '',
  created_at timestamptz not null
);
create index certificate_by_supplier on suppliers.certificate (org_id, valid_until, id);

create table suppliers.verification (
  id uuid primary key,
  org_id uuid not null references suppliers.supplier,
  operator_org_id uuid not null,
  state text not null check (state in ('INVITED', 'DRAFT', 'SUBMITTED', 'LOCAL_CHECK', 'REVIEW',
                                       'RETURNED', 'VERIFIED', 'REFUSED', 'EXPIRED')),
  note text not null default '' check (length(note) <= 1000),
  version bigint not null default 1,
  created_at timestamptz not null,
  submitted_at timestamptz,
  decided_at timestamptz,
  decided_by text not null default '',
  valid_until date
);
create unique index one_open_verification on suppliers.verification (org_id)
  where state not in ('VERIFIED', 'REFUSED', 'EXPIRED');
create index verification_by_state on suppliers.verification (state, created_at, id);
create index verification_by_supplier on suppliers.verification (org_id, created_at desc, id desc);

-- What a partner in the belt looks at on the spot. `answers` is {item: {result, note}}.
create table suppliers.check_task (
  id uuid primary key,
  verification_id uuid not null references suppliers.verification,
  org_id uuid not null references suppliers.supplier,
  operator_org_id uuid not null,
  partner_org_id uuid not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'DONE', 'CANCELLED')),
  due_at timestamptz not null,
  answers jsonb not null default '{}',
  note text not null default '' check (length(note) <= 1000),
  done_by text not null default '',
  done_at timestamptz,
  created_at timestamptz not null
);
create index check_task_by_partner on suppliers.check_task (partner_org_id, state, due_at, id);
create index check_task_by_verification on suppliers.check_task (verification_id, id);

-- A supplier measured against a version of the strict standard. `results` is {item: {result,
-- evidence}}.
create table suppliers.strict_review (
  id uuid primary key,
  org_id uuid not null references suppliers.supplier,
  operator_org_id uuid not null,
  standard int not null,
  results jsonb not null,
  is_passed boolean not null,
  note text not null default '' check (length(note) <= 1000),
  reviewed_by text not null,
  reviewed_at timestamptz not null,
  valid_until date
);
create index strict_review_by_supplier on suppliers.strict_review (org_id, reviewed_at desc, id desc);

-- A complaint against a shop or some of its goods: frozen at once, heard, restored or delisted.
create table suppliers.shop_case (
  id uuid primary key,
  number text not null unique,
  org_id uuid not null references suppliers.supplier,
  operator_org_id uuid not null,
  ground text not null check (ground in ('INFRINGING', 'NON_SOURCE', 'UNSAFE', 'FRAUD')),
  -- Empty: the whole shop.
  skus text[] not null default '{}',
  claimant text not null default '' check (length(claimant) <= 200),
  right_number text not null default '' check (length(right_number) <= 120),
  statement text not null check (length(statement) between 1 and 4000),
  state text not null check (state in ('FROZEN', 'ANSWERED', 'RESTORED', 'DELISTED', 'APPEALED',
                                       'FINAL_RESTORED', 'FINAL_DELISTED')),
  version bigint not null default 1,
  opened_by text not null,
  opened_at timestamptz not null,
  answer_by timestamptz not null,
  decision_note text not null default '' check (length(decision_note) <= 4000),
  decided_by text not null default '',
  decided_at timestamptz,
  replacement text not null default ''
);
create index shop_case_by_state on suppliers.shop_case (opened_at desc, id desc);
create index shop_case_by_supplier on suppliers.shop_case (org_id, opened_at desc, id desc);
create sequence suppliers.shop_case_number start 70001;
grant usage on sequence suppliers.shop_case_number to bl_app, bl_sys, beltline_core;

-- What either side said, in order; nothing is taken back.
create table suppliers.case_statement (
  id uuid primary key,
  case_id uuid not null references suppliers.shop_case,
  org_id uuid not null,
  operator_org_id uuid not null,
  side text not null check (side in ('OPERATOR', 'SUPPLIER')),
  kind text not null check (kind in ('EVIDENCE', 'APPEAL', 'DECISION')),
  text text not null check (length(text) between 1 and 4000),
  document_id uuid,
  said_by text not null,
  said_at timestamptz not null
);
create index case_statement_by_case on suppliers.case_statement (case_id, said_at, id);

-- A partner sees the papers of whom it was asked to look at, while it is asked.
select kit.protect('suppliers.check_task', '{org} in (operator_org_id, partner_org_id)',
                   'select, insert, update');
select kit.protect('suppliers.profile', '{org} in (org_id, operator_org_id) or exists (
    select from suppliers.check_task t where t.org_id = profile.org_id and t.state = ''OPEN'')',
  'select, insert, update', writable => '{org} in (org_id, operator_org_id)');
select kit.protect('suppliers.document', '{org} in (org_id, operator_org_id) or exists (
    select from suppliers.check_task t where t.org_id = document.org_id and t.state = ''OPEN'')',
  'select, insert');
select kit.protect('suppliers.certificate', 'state = ''CONFIRMED''
    or {org} in (org_id, operator_org_id) or exists (
    select from suppliers.check_task t where t.org_id = certificate.org_id and t.state = ''OPEN'')',
  'select, insert, update, delete', writable => '{org} in (org_id, operator_org_id)');
select kit.protect('suppliers.verification', '{org} in (org_id, operator_org_id)',
  'select, insert, update');
select kit.protect('suppliers.strict_review', '{org} in (org_id, operator_org_id)',
  'select, insert', 'select, insert', 'operator_org_id = {org}');
select kit.protect('suppliers.shop_case', '{org} in (org_id, operator_org_id)',
  'select, insert, update');
select kit.protect('suppliers.case_statement', '{org} in (org_id, operator_org_id)',
  'select, insert', 'select, insert');

-- Only the operator decides; a supplier fills in and sends in.
create policy operator_decides on suppliers.verification as restrictive for update to bl_app
  using (true) with check (state in ('DRAFT', 'SUBMITTED')
    or operator_org_id = (select current_setting('app.org')::uuid));
create policy operator_decides on suppliers.certificate as restrictive for all to bl_app
  using (true) with check (state = 'CLAIMED'
    or operator_org_id = (select current_setting('app.org')::uuid));
create policy operator_decides on suppliers.shop_case as restrictive for update to bl_app
  using (true) with check (state in ('ANSWERED', 'APPEALED')
    or operator_org_id = (select current_setting('app.org')::uuid));

set local role beltline_core;

-- Bring a supplier in: its organization, a bare supplier of tier C, and a verification to fill
-- in. `p` is {code, name, name_zh, kind, belt_id, contact_name, phone}.
create function suppliers.invite(
  actor accounts.actor, p_org uuid, p_verification uuid, p jsonb, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare v_contact uuid;
begin
  perform accounts.enter(actor);
  if p->>'belt_id' is not null
     and not exists (select from suppliers.belt b where b.id = p->>'belt_id') then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'belt', 'key', p->>'belt_id', 'param', 'belt'));
  end if;
  v_contact := accounts.add_organization(actor, p_org, 'SUPPLIER', p, p_now);
  insert into suppliers.supplier (org_id, code, kind, belt_id, contact_id, standing, created_at,
                                  updated_at)
  values (p_org, p->>'code', p->>'kind', p->>'belt_id', v_contact, 'INVITED', p_now, p_now);
  insert into suppliers.verification (id, org_id, operator_org_id, state, created_at)
  values (p_verification, p_org, (actor).org_id, 'INVITED', p_now);
  perform kit.record_event('supplier.invited', 1, 'supplier', p_org, 1, p_now, (actor).org_id,
    null, p_org, jsonb_build_object('supplier', p->>'code', 'belt', p->>'belt_id'));
  perform accounts.record_audit(actor, p_now, 'invite', 'supplier', p_org,
    jsonb_build_object('code', p->>'code', 'contact_id', v_contact));
end $$;
revoke all on function suppliers.invite(accounts.actor, uuid, uuid, jsonb, timestamptz) from public;
grant execute on function suppliers.invite(accounts.actor, uuid, uuid, jsonb, timestamptz)
  to bl_app, bl_sys;

-- What a partner saw on the spot: its task is done and the verification goes to review. The
-- partner is no party to the verification, so that this is the one way it touches it.
create function suppliers.report_check(
  actor accounts.actor, p_check uuid, p_answers jsonb, p_note text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare t suppliers.check_task; v suppliers.verification;
begin
  perform accounts.enter(actor);
  select * into t from suppliers.check_task c
   where c.id = p_check and c.partner_org_id = (actor).org_id for update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object('what', 'task', 'key', p_check));
  elsif t.state <> 'OPEN' then
    perform kit.refuse('suppliers.wrong_state', jsonb_build_object('state', t.state));
  end if;
  update suppliers.check_task
     set state = 'DONE', answers = p_answers, note = p_note, done_by = (actor).name,
         done_at = p_now
   where id = p_check;
  update suppliers.verification set state = 'REVIEW', version = version + 1
   where id = t.verification_id and state = 'LOCAL_CHECK' returning * into v;
  if found then
    perform kit.record_event('verification.moved', 1, 'verification', v.id, v.version, p_now,
      v.operator_org_id, null, v.org_id, jsonb_build_object(
        'supplier', (select s.code from suppliers.supplier s where s.org_id = v.org_id),
        'status', 'REVIEW', 'status_before', 'LOCAL_CHECK', 'note', '', 'valid_until', null));
  end if;
  perform accounts.record_audit(actor, p_now, 'report', 'verification', t.verification_id,
    jsonb_build_object('answers', p_answers));
end $$;
revoke all on function suppliers.report_check(accounts.actor, uuid, jsonb, text, timestamptz)
  from public;
grant execute on function suppliers.report_check(accounts.actor, uuid, jsonb, text, timestamptz)
  to bl_app, bl_sys;

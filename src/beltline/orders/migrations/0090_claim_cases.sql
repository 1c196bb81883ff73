-- What a supplier sees of a claim on its goods: why, which units, and how it ended; neither the buyer nor
-- its price. It answers with its evidence before the claim is decided.

create table orders.claim_case (
  id uuid primary key,
  claim_id uuid not null references orders.claim,
  operator_org_id uuid not null,
  supplier_org_id uuid not null,
  number text not null,
  reason text not null,
  note text not null,
  -- [{sku, units}]; units null where an amount is asked off the line.
  lines jsonb not null,
  state text not null,
  -- It was refunded at the supplier's charge.
  is_charged boolean not null default false,
  evidence text not null default '',
  answered_by text not null default '',
  answered_at timestamptz,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  ended_at timestamptz,
  version bigint not null default 1,
  unique (claim_id, supplier_org_id),
  check ((evidence = '') = (answered_at is null))
);
create index claim_case_by_supplier on orders.claim_case (supplier_org_id, opened_at desc, id desc);
select kit.protect('orders.claim_case', '{org} in (operator_org_id, supplier_org_id)', 'select');

set local role beltline_core;

-- Bring the cases of a claim in line with it: one for each supplier whose goods it is about. Returns
-- those that changed.
create function orders.follow_claim(c orders.claim, p_now timestamptz)
returns setof orders.claim_case language plpgsql as $$
begin
  return query
  insert into orders.claim_case as x (id, claim_id, operator_org_id, supplier_org_id, number, reason,
    note, lines, state, is_charged, opened_at, due_at, ended_at)
  select kit.uuid7(p_now), c.id, c.operator_org_id, k.supplier_org_id, c.number, c.reason, c.note,
         jsonb_agg(jsonb_build_object('sku', k.code, 'units', l.units) order by l.line_no), c.state,
         c.state = 'REFUNDED' and c.charged_to is not distinct from 'SUPPLIER', c.opened_at, c.due_at,
         c.ended_at
    from orders.claim_line l
    join orders.order_line y on (y.order_id, y.line_no) = (c.order_id, l.line_no)
    join catalog.sku k on k.code = y.sku
   where l.claim_id = c.id group by k.supplier_org_id
  on conflict (claim_id, supplier_org_id) do update
    set state = excluded.state, is_charged = excluded.is_charged, ended_at = excluded.ended_at,
        version = x.version + 1
  returning *;
end $$;

create function orders.tell_case(
  actor accounts.actor, x orders.claim_case, p_type text, p_now timestamptz
) returns void language plpgsql as $$
declare
  v_data constant jsonb := jsonb_build_object('number', (x).number, 'state', (x).state,
    'reason', (x).reason, 'lines', (x).lines, 'is_charged', (x).is_charged, 'due_at', (x).due_at);
begin
  perform kit.record_event(p_type, 1, 'claim_case', (x).id, (x).version, p_now, (x).operator_org_id,
                           null, (x).supplier_org_id, v_data);
  perform accounts.record_audit(actor, p_now, split_part(p_type, '.', 2), 'claim_case', (x).id, v_data);
end $$;

-- The event and the audit row of what became of a claim, for its parties and for the suppliers whose
-- goods it is about. The row was changed by the caller.
create or replace function orders.tell_claim(
  actor accounts.actor, p_claim uuid, p_type text, p_now timestamptz
) returns void language plpgsql as $$
declare c orders.claim; x orders.claim_case; v_data jsonb;
begin
  select y.* into strict c from orders.claim y where y.id = p_claim;
  v_data := jsonb_build_object('number', c.number, 'state', c.state, 'reason', c.reason,
    'order_id', 'ord_' || replace(c.order_id::text, '-', ''), 'asked', c.asked_amount,
    'refunded', c.refunded_amount, 'currency', c.currency, 'by_default', c.by_default);
  perform kit.record_event(p_type, 1, 'claim', c.id, c.version, p_now,
    c.operator_org_id, c.buyer_org_id, null, v_data);
  perform accounts.record_audit(actor, p_now, split_part(p_type, '.', 2), 'claim', c.id, v_data
    || jsonb_build_object('charged_to', c.charged_to));
  for x in select f.* from orders.follow_claim(c, p_now) f order by f.supplier_org_id loop
    perform orders.tell_case(actor, x,
      case c.state when 'OPEN' then 'claim_case.opened' else 'claim_case.ended' end, p_now);
  end loop;
end $$;

-- The supplier's evidence, once, while the claim is open and its time is not over.
create function orders.answer_case(
  actor accounts.actor, p_case uuid, p_evidence text, p_now timestamptz
) returns void language plpgsql security definer set search_path = '' as $$
declare x orders.claim_case;
begin
  perform accounts.enter(actor);
  -- The order before its claims, as everywhere.
  perform from orders."order" o
   where o.id = (select c.order_id from orders.claim_case y join orders.claim c on c.id = y.claim_id
                  where y.id = p_case and y.supplier_org_id = (actor).org_id)
     for no key update;
  select y.* into x from orders.claim_case y
   where y.id = p_case and y.supplier_org_id = (actor).org_id for no key update;
  if not found then
    perform kit.refuse('kit.not_found', jsonb_build_object(
      'what', 'claim', 'key', 'ccs_' || replace(p_case::text, '-', '')));
  elsif x.state <> 'OPEN' or x.due_at <= p_now or x.answered_at is not null then
    perform kit.refuse('orders.case_closed', jsonb_build_object('number', x.number));
  end if;
  update orders.claim_case
     set evidence = p_evidence, answered_by = (actor).name, answered_at = p_now,
         version = version + 1
   where id = p_case returning * into x;
  perform orders.tell_case(actor, x, 'claim_case.answered', p_now);
end $$;

-- Claims made before: their suppliers see them, too. No event of what is old.
select count(*) from orders.claim c cross join lateral orders.follow_claim(c, c.opened_at);

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and p.proname in ('follow_claim', 'tell_case', 'answer_case') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function orders.answer_case(accounts.actor, uuid, text, timestamptz) to bl_app;

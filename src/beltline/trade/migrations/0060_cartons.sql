-- Carton types of nodes: what goods are packed into. They are the operator's own.

create table trade.carton (
  id uuid primary key,
  operator_org_id uuid not null,
  node_id uuid not null references trade.node,
  code text not null check (code ~ '^[^[:space:]@]{1,60}$'),
  -- Inner millimeters; what it weighs itself, and how much it may hold.
  length_mm int not null check (length_mm between 1 and 10000),
  width_mm int not null check (width_mm between 1 and 10000),
  height_mm int not null check (height_mm between 1 and 10000),
  tare_g int not null check (tare_g between 0 and 1000000),
  load_g_max int not null check (load_g_max between 1 and 10000000),
  -- In major units of the currency.
  cost numeric(18, 6) not null check (cost >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  valid_from date not null,
  valid_until date,
  version bigint not null default 1,
  updated_at timestamptz not null,
  unique (operator_org_id, node_id, code, valid_from),
  check (valid_until >= valid_from)
);
create index carton_by_node on trade.carton (node_id, code, valid_from);
select kit.protect('trade.carton', 'operator_org_id = {org}');

set local role beltline_core;

-- Add a carton, or change the one of the same node, code and first day; the same again changes
-- nothing. `p_carton` is {node_id, code, length_mm, width_mm, height_mm, tare_g, load_g_max, cost,
-- currency, valid_from, valid_until}. Returns its id.
create function trade.keep_carton(actor accounts.actor, p_carton jsonb, p_now timestamptz)
returns uuid language plpgsql security definer set search_path = '' as $$
declare c trade.carton; v_id uuid; v_version bigint;
begin
  perform accounts.enter(actor);
  if (actor).org_kind <> 'OPERATOR' then
    perform kit.refuse('kit.wrong_role', jsonb_build_object(
      'needed', 'the operator of the network', 'role', (actor).org_kind));
  end if;
  c := jsonb_populate_record(null::trade.carton, p_carton);
  insert into trade.carton as t (id, operator_org_id, node_id, code, length_mm, width_mm,
    height_mm, tare_g, load_g_max, cost, currency, valid_from, valid_until, updated_at)
  values (kit.uuid7(p_now), (actor).org_id, c.node_id, c.code, c.length_mm, c.width_mm,
    c.height_mm, c.tare_g, c.load_g_max, c.cost, c.currency, c.valid_from, c.valid_until, p_now)
  on conflict (operator_org_id, node_id, code, valid_from) do update
    set length_mm = excluded.length_mm, width_mm = excluded.width_mm,
        height_mm = excluded.height_mm, tare_g = excluded.tare_g,
        load_g_max = excluded.load_g_max, cost = excluded.cost, currency = excluded.currency,
        valid_until = excluded.valid_until, version = t.version + 1, updated_at = p_now
    where (t.length_mm, t.width_mm, t.height_mm, t.tare_g, t.load_g_max, t.cost, t.currency,
           t.valid_until)
      is distinct from (excluded.length_mm, excluded.width_mm, excluded.height_mm,
           excluded.tare_g, excluded.load_g_max, excluded.cost, excluded.currency,
           excluded.valid_until)
  returning t.id, t.version into v_id, v_version;
  if v_id is null then
    select t.id into v_id from trade.carton t
     where (t.operator_org_id, t.node_id, t.code, t.valid_from)
         = ((actor).org_id, c.node_id, c.code, c.valid_from);
    return v_id;
  end if;
  perform kit.record_event('carton.kept', 1, 'carton', v_id, v_version, p_now, (actor).org_id,
    null, null, p_carton);
  perform accounts.record_audit(actor, p_now, 'keep', 'carton', v_id, p_carton);
  return v_id;
end $$;

revoke all on function trade.keep_carton(accounts.actor, jsonb, timestamptz) from public;
grant execute on function trade.keep_carton(accounts.actor, jsonb, timestamptz)
  to bl_app, bl_sys, beltline_core;

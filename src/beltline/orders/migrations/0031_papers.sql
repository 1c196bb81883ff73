-- Invoices and credit notes follow orders: what is billed of an order is made equal to what its
-- lines come to, when the first of it has left or its buyer asks.

-- Orders whose papers may have to follow: noted by whoever changes them, in the same transaction.
create table orders.to_bill (
  order_id uuid primary key references orders."order",
  noted_at timestamptz not null,
  -- Its lines and its money do not agree: nothing is issued until somebody has looked.
  is_off boolean not null default false
);
create index to_bill_next on orders.to_bill (order_id) where not is_off;
select kit.protect('orders.to_bill', 'false', '');

set local role beltline_core;

-- The order changed what it comes to; of interest where something was billed. The caller holds it.
create function orders.note_to_bill(p_order uuid, p_now timestamptz) returns void
language plpgsql as $$
begin
  if ledger.is_billed(p_order) then
    insert into orders.to_bill (order_id, noted_at) values (p_order, p_now)
    on conflict (order_id) do update set is_off = false;
  end if;
end $$;

-- What has to be billed and given back so that an order's papers come to what its lines do. A line
-- whose price changed is given back whole and billed anew.
create function orders.unbilled(o orders."order", is_undone boolean)
returns table (kind text, line int, quantity bigint, amount bigint, unit_price numeric, sku_id uuid)
language plpgsql stable as $$
begin
  return query
  with compared as (
    select l.line_no, l.sku_id, l.unit_price,
           case when is_undone then 0 else l.quantity - l.refunded_quantity end as units,
           case when is_undone then 0 else l.amount - l.refunded_amount end as worth,
           coalesce(b.quantity, 0) as b_units, coalesce(b.amount, 0) as b_worth,
           coalesce(b.unit_price, l.unit_price) as b_price
      from orders.order_line l
      left join ledger.billed_lines((o).id) b on b.line = l.line_no
     where l.order_id = (o).id
  ), marked as (
    select c.*, c.unit_price <> c.b_price and c.worth > 0 and c.b_worth > 0 as is_anew
      from compared c
  )
  select 'INVOICE', m.line_no, (m.units - case when m.is_anew then 0 else m.b_units end)::bigint,
         (m.worth - case when m.is_anew then 0 else m.b_worth end)::bigint,
         m.unit_price::numeric, m.sku_id
    from marked m where m.is_anew or m.worth > m.b_worth
   union all
  select 'CREDIT_NOTE', m.line_no,
         (m.b_units - case when m.is_anew then 0 else m.units end)::bigint,
         (m.b_worth - case when m.is_anew then 0 else m.worth end)::bigint,
         m.b_price::numeric, m.sku_id
    from marked m where m.is_anew or m.worth < m.b_worth;
end $$;

-- Issue the papers an order lacks; false when its lines do not come to what was paid for it, which
-- only an error of ours could cause. The caller holds the order and the series of papers.
create function orders.bill(actor accounts.actor, o orders."order", p_now timestamptz)
returns boolean language plpgsql as $$
declare
  v_paid constant bigint := ledger.paid_for((o).id, (o).buyer_org_id);
  is_undone constant boolean := (o).status = 'CANCELLED' and v_paid = 0;
  k record;
begin
  if not is_undone and v_paid <> (select sum(l.amount - l.refunded_amount)
                                    from orders.order_line l where l.order_id = (o).id) then
    return false;
  end if;
  for k in
    select u.kind, sum(u.amount)::bigint as total,
           jsonb_agg(jsonb_build_object('line', u.line, 'sku', s.code, 'title', s.title,
             'title_zh', s.title_zh, 'uom', s.uom, 'quantity', u.quantity,
             'unit_price', trim_scale(u.unit_price)::text, 'amount', u.amount) order by u.line) as lines
      from orders.unbilled(o, is_undone) u join catalog.sku s on s.id = u.sku_id
     group by u.kind order by u.kind
  loop
    perform ledger.issue_paper(actor, k.kind, (o).operator_org_id, (o).buyer_org_id, (o).id,
      (o).number, null, (o).currency, k.total, jsonb_build_object('lines', k.lines,
        'order_reference', (o).reference, 'corrects', case k.kind when 'CREDIT_NOTE' then (
          select jsonb_agg(p.number order by p.year, p.serial) from ledger.paper p
           where p.reference_id = (o).id and p.kind = 'INVOICE') end), p_now);
  end loop;
  return true;
end $$;

-- Bring the papers of up to `p_limit` noted orders up to date; how many orders. The order is locked
-- before its note, as in every flow that notes one: an order in use is left for the next time.
create function orders.bill_orders(actor accounts.actor, p_limit int, p_now timestamptz)
returns int language plpgsql security definer set search_path = '' as $$
declare ids uuid[]; o orders."order"; done int := 0;
begin
  perform accounts.enter(actor);
  select array_agg(l.id) into ids from (
    select x.id from orders."order" x
     where x.id in (select n.order_id from orders.to_bill n where not n.is_off
                     order by n.order_id limit p_limit)
     order by x.id for no key update skip locked) l;
  if ids is null then
    return 0;
  end if;
  perform ledger.take_series((actor).org_id, extract(year from kit.day_of(p_now))::int);
  for o in
    select x.* from orders."order" x
      -- Read anew: somebody else may have billed it before its lock was ours.
      join orders.to_bill n on n.order_id = x.id and not n.is_off
     where x.id = any(ids) order by x.number
  loop
    if orders.bill(actor, o, p_now) then
      delete from orders.to_bill x where x.order_id = o.id;
    else
      update orders.to_bill x set is_off = true where x.order_id = o.id;
    end if;
    done := done + 1;
  end loop;
  return done;
end $$;

-- A party asks for the papers of an order now: what was paid is billed before it leaves.
create function orders.ask_invoice(actor accounts.actor, p_order uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = '' as $$
declare o orders."order";
begin
  perform accounts.enter(actor);
  o := orders.lock_order(actor, p_order);
  if ledger.paid_for(p_order, o.buyer_org_id) = 0 and not ledger.is_billed(p_order) then
    perform kit.refuse('orders.nothing_to_invoice', jsonb_build_object(
      'number', o.number, 'state', o.status));
  end if;
  perform ledger.take_series(o.operator_org_id,
                             extract(year from kit.day_of(p_now))::int);
  if not orders.bill(actor, o, p_now) then
    raise exception 'the lines of order % do not come to what was paid', o.number
      using errcode = 'check_violation';
  end if;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'orders'::regnamespace
              and p.proname in ('note_to_bill', 'unbilled', 'bill', 'bill_orders', 'ask_invoice')
  loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to bl_sys, beltline_core', f);
  end loop;
end $$;
grant execute on function orders.ask_invoice(accounts.actor, uuid, timestamptz) to bl_app;

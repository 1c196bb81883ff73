-- Who stands on what is printed of an order before its invoice.

set local role beltline_core;

-- The seller and the buyer of an order as papers of an instant name them, for its parties alone:
-- neither may look the other's company up. The seller has the account that takes the order's money.
create function orders.parties_at(p_order uuid, p_at timestamptz) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('seller', accounts.party_at(o.operator_org_id, p_at, o.currency),
                            'buyer', accounts.party_at(o.buyer_org_id, p_at))
    from orders."order" o
   where o.id = p_order
     and (select current_setting('app.org')::uuid) in (o.buyer_org_id, o.operator_org_id)
$$;
revoke all on function orders.parties_at(uuid, timestamptz) from public;
grant execute on function orders.parties_at(uuid, timestamptz) to bl_app, bl_sys, beltline_core;

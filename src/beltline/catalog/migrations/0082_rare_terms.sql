-- What few offers have leads to them: a small minimum, a short lead time, a low price. Prices move
-- all the time, and an index over them would be written with each: how cheap a price is, in steps of
-- 1-2-5, moves seldom, so that a price changes in its own row and in nothing else.

-- How many of these amounts are no less than a price: a lower price never has fewer.
create function catalog.cheapness(p_price numeric) returns int language sql immutable parallel safe
  as $$ select width_bucket(-p_price, array[
    -1e9, -5e8, -2e8, -1e8, -5e7, -2e7, -1e7, -5e6, -2e6, -1e6, -5e5, -2e5, -1e5, -5e4, -2e4, -1e4,
    -5000, -2000, -1000, -500, -200, -100, -50, -20, -10, -5, -2, -1, -0.5, -0.2, -0.1, -0.05,
    -0.02, -0.01, 0]::numeric[]) $$;
revoke all on function catalog.cheapness(numeric) from public;
grant execute on function catalog.cheapness(numeric) to bl_app, bl_sys, beltline_core;

alter table catalog.offer_break
  add column cheapness int generated always as (catalog.cheapness(unit_price)) stored;
create index offer_break_by_cheapness on catalog.offer_break (cheapness);
create index offer_by_moq on catalog.offer (moq) where audience = 'BUYERS';
create index offer_by_lead_time on catalog.offer (lead_time_days) where audience = 'BUYERS';

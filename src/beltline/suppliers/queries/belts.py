"""Reads of belts as they run: suppliers by tier, records, closures, capacity and heat."""

import datetime as dt

from beltline.kit.db import Reader
from beltline.suppliers.types import BeltLife

_LIFE = """
  select b.id, b.name_zh, b.name_en, b.province, b.city, b.county, b.products_zh, b.products_en,
         b.category, b.hs4, b.longitude, b.latitude, b.evidence, b.source,
         coalesce(s.suppliers, 0) as suppliers, coalesce(s.tier_a, 0) as tier_a,
         coalesce(s.tier_c, 0) as tier_c, coalesce(s.verified, 0) as verified,
         coalesce(s.suspended, 0) as suspended, coalesce(s.closed, 0) as closed,
         coalesce(s.closing, 0) as closing, s.on_time, coalesce(h.orders_28d, 0) as orders_28d,
         coalesce(h.orders_before, 0) as orders_before, coalesce(h.skus, 0) as skus,
         coalesce(h.new_products_28d, 0) as new_products_28d, h.price_index, h.computed_at
    from suppliers.belt b
    left join lateral (
      select count(*) as suppliers, count(*) filter (where x.tier = 'A') as tier_a,
             count(*) filter (where x.tier = 'C') as tier_c,
             count(*) filter (where x.verified_until >= $1) as verified,
             count(*) filter (where x.standing in ('SUSPENDED', 'REMOVED')) as suspended,
             count(*) filter (where c.is_closed) as closed,
             count(*) filter (where c.is_closing and not c.is_closed) as closing,
             avg(r.mean) as on_time
        from suppliers.supplier x
        left join suppliers.record r on r.org_id = x.org_id and r.measure = 'ON_TIME'
        left join lateral (
          select bool_or($1 between y.starts and y.ends) as is_closed, true as is_closing
            from suppliers.closure y
           where y.org_id = x.org_id and y.ramp_up_until >= $1 and y.ramp_down_from <= $1 + 28
          having count(*) > 0) c on true
       where x.belt_id = b.id) s on true
    left join suppliers.belt_heat h on h.belt_id = b.id
"""


async def list_lives(db: Reader, *, today: dt.date) -> list[BeltLife]:
    """Every belt as it runs, those with the most orders, then the most suppliers, first."""
    return await db.rows(
        BeltLife,
        f"""{_LIFE} order by coalesce(h.orders_28d, 0) desc, coalesce(s.suppliers, 0) desc,
              b.name_en, b.id limit 2000""",
        today,
    )


async def get_life(db: Reader, belt_id: str, *, today: dt.date) -> BeltLife:
    """One belt as it runs."""
    return await db.get(BeltLife, "belt", belt_id, f"{_LIFE} where b.id = $2", today, belt_id)

"""Reads of suppliers, belts and their calendars."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.suppliers.types import Belt, Closure, Supplier

_SUPPLIER = """
  select s.org_id, s.code, o.name, o.name_zh, s.kind, s.tier, s.belt_id,
         coalesce(b.name_en, '') as belt, coalesce(b.name_zh, '') as belt_zh,
         s.lead_time_days_mean, s.lead_time_days_p95
    from suppliers.supplier s
    join accounts.organization o on o.id = s.org_id
    left join suppliers.belt b on b.id = s.belt_id
"""


async def get_supplier(db: Reader, org_id: UUID) -> Supplier:
    """One supplier by its organization."""
    return await db.get(Supplier, "supplier", org_id, f"{_SUPPLIER} where s.org_id = $1", org_id)


async def list_suppliers(db: Reader, *, after: str = "", limit: int = 250) -> list[Supplier]:
    """Suppliers in order of their code."""
    return await db.rows(
        Supplier, f"{_SUPPLIER} where s.code > $1 order by s.code limit $2", after, limit
    )


async def find_suppliers(db: Reader, words: str, *, limit: int = 8) -> list[Supplier]:
    """Suppliers whose code or name contains `words`, for a search box."""
    return await db.rows(
        Supplier,
        f"""{_SUPPLIER} where s.code ilike '%' || $1 || '%' or o.name ilike '%' || $1 || '%'
               or o.name_zh ilike '%' || $1 || '%'
            order by s.code limit $2""",
        words,
        limit,
    )


async def list_belts(db: Reader) -> list[Belt]:
    """Every belt, by name."""
    return await db.rows(
        Belt,
        """select id, name_zh, name_en, province, city, county, products_zh, products_en, category,
                  hs4, longitude, latitude, evidence, source
             from suppliers.belt order by name_en, id limit 2000""",
    )


async def list_closures(
    db: Reader, *, starts_before: dt.date, ends_after: dt.date, limit: int = 100_000
) -> list[Closure]:
    """Closures of any supplier that touch a span, both days excluded."""
    return await db.rows(
        Closure,
        """select org_id, starts, ends, ramp_down_from, ramp_up_until, last_order_date, reason
             from suppliers.closure where ramp_down_from < $1 and ramp_up_until > $2
            order by org_id, starts limit $3""",
        starts_before,
        ends_after,
        limit,
    )

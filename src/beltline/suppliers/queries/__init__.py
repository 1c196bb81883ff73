"""Reads of suppliers, belts and their calendars."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.suppliers.types import (
    Belt,
    BeltName,
    Closure,
    Supplier,
    TierCount,
    UnknownSupplier,
)

_SUPPLIER = """
  select s.org_id, s.code, o.name, o.name_zh, s.kind, s.tier, s.tier_basis, s.standing,
         s.verified_until, s.strict_until, s.belt_id,
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


async def list_belts(db: Reader) -> list[Belt]:
    """Every belt, by name."""
    return await db.rows(
        Belt,
        """select id, name_zh, name_en, province, city, county, products_zh, products_en, category,
                  hs4, longitude, latitude, evidence, source
             from suppliers.belt order by name_en, id limit 2000""",
    )


async def get_supplier_by_code(db: Reader, code: str) -> Supplier:
    """The supplier with this code."""
    found = await db.find(Supplier, f"{_SUPPLIER} where s.code = $1", code)
    if found is None:
        raise UnknownSupplier(supplier=code)
    return found


async def list_suppliers_by_code(
    db: Reader,
    *,
    words: str = "",
    tier: str | None = None,
    kind: str | None = None,
    belt: str | None = None,
    codes: list[str] | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Supplier]:
    """Suppliers in order of their code; `words` is looked for in code and names."""
    return await db.rows(
        Supplier,
        f"""{_SUPPLIER} where s.code > $1
              and ($2 = '' or position(lower($2) in lower(s.code || ' ' || o.name)) > 0
                   or position($2 in o.name_zh) > 0)
              and ($3::text is null or s.tier = $3) and ($4::text is null or s.kind = $4)
              and ($5::text is null or s.belt_id = $5)
              and ($6::text[] is null or s.code = any($6))
            order by s.code limit $7""",
        after,
        words,
        tier,
        kind,
        belt,
        codes,
        limit,
    )


async def count_by_tier(db: Reader) -> list[TierCount]:
    """How many suppliers are in each tier."""
    return await db.rows(
        TierCount,
        """select tier, count(*) as suppliers from suppliers.supplier
            group by tier order by tier""",
    )


async def get_belt(db: Reader, belt_id: str) -> Belt:
    """One belt by its id."""
    return await db.get(
        Belt, "belt", belt_id,
        """select id, name_zh, name_en, province, city, county, products_zh, products_en, category,
                  hs4, longitude, latitude, evidence, source
             from suppliers.belt where id = $1""",
        belt_id,
    )  # fmt: skip


async def list_closures_of(
    db: Reader, org_id: UUID, *, ends_from: dt.date, limit: int = 50
) -> list[Closure]:
    """A supplier's closures that end on or after a day, the next first."""
    return await db.rows(
        Closure,
        """select org_id, starts, ends, ramp_down_from, ramp_up_until, last_order_date, reason
             from suppliers.closure where org_id = $1 and ramp_up_until >= $2
            order by starts limit $3""",
        org_id,
        ends_from,
        limit,
    )


async def list_belts_in_use(db: Reader, *, limit: int = 500) -> list[BeltName]:
    """The belts that have suppliers here, by name."""
    return await db.rows(
        BeltName,
        """select id, name_en, name_zh from suppliers.belt
            where id in (select belt_id from suppliers.supplier)
            order by name_en, id limit $1""",
        limit,
    )

"""Writes of the schema `suppliers`. Private to the module."""

import csv
import datetime as dt
import importlib.resources
import io
from collections.abc import Iterator

from beltline.kit.db import Writer
from beltline.kit.staging import Imported, merge

_BELT_COLUMNS = (
    "belt_id", "name_zh", "name_en", "province", "city", "county", "products_zh", "products_en",
    "category", "hs4", "lon_wgs84", "lat_wgs84", "evidence", "source",
)  # fmt: skip


async def replace_belts(db: Writer) -> int:
    """Bring the belts to what this version ships; how many there are."""
    rows = list(_shipped_belts())
    await db.execute_many(
        """insert into suppliers.belt (id, name_zh, name_en, province, city, county, products_zh,
             products_en, category, hs4, longitude, latitude, evidence, source)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           on conflict (id) do update set
             name_zh = excluded.name_zh, name_en = excluded.name_en,
             province = excluded.province, city = excluded.city, county = excluded.county,
             products_zh = excluded.products_zh, products_en = excluded.products_en,
             category = excluded.category, hs4 = excluded.hs4,
             longitude = excluded.longitude, latitude = excluded.latitude,
             evidence = excluded.evidence, source = excluded.source""",
        rows,
    )
    return len(rows)


def _shipped_belts() -> Iterator[tuple[object, ...]]:
    table = importlib.resources.files("beltline.suppliers") / "data" / "industrial_belts.csv"
    for row in csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))):
        cells: list[object] = [row[column] for column in _BELT_COLUMNS]
        cells[10:12] = float(row["lon_wgs84"]), float(row["lat_wgs84"])
        yield tuple(cells)


async def merge_suppliers(db: Writer, name: str, now: dt.datetime) -> Imported:
    """Upsert staged suppliers; what a file leaves empty keeps its value."""
    return await merge(
        db,
        name,
        f"""insert into suppliers.supplier as s (org_id, code, kind, belt_id, tier,
              lead_time_days_mean, lead_time_days_p95, contact_id, created_at, updated_at)
            select o.id, i.code, coalesce(i.kind, 'FACTORY'), i.belt, coalesce(i.tier, 'C'),
                   coalesce(i.lead_time_days_mean, 7),
                   coalesce(i.lead_time_days_p95, 2 * coalesce(i.lead_time_days_mean, 7)),
                   i.contact_id, $1, $1
              from {name} i join accounts.organization o on o.code = i.code
             order by o.id
            on conflict (org_id) do update set
              kind = excluded.kind, belt_id = coalesce(excluded.belt_id, s.belt_id),
              tier = excluded.tier, lead_time_days_mean = excluded.lead_time_days_mean,
              lead_time_days_p95 = excluded.lead_time_days_p95,
              contact_id = coalesce(s.contact_id, excluded.contact_id),
              version = s.version + 1, updated_at = excluded.updated_at
            where (s.kind, s.tier, s.lead_time_days_mean, s.lead_time_days_p95, s.belt_id)
              is distinct from (excluded.kind, excluded.tier, excluded.lead_time_days_mean,
                                excluded.lead_time_days_p95,
                                coalesce(excluded.belt_id, s.belt_id))
            returning (xmax = 0)""",
        now,
    )


async def merge_closures(db: Writer, name: str) -> Imported:
    """Upsert the staged closures that name a supplier."""
    return await merge(
        db,
        name,
        f"""insert into suppliers.closure as c (org_id, starts, ends, ramp_down_from,
              ramp_up_until, last_order_date, reason)
            select s.org_id, i.starts, i.ends, coalesce(i.ramp_down_from, i.starts),
                   coalesce(i.ramp_up_until, i.ends), coalesce(i.last_order_date, i.starts),
                   coalesce(i.reason, '')
              from {name} i join suppliers.supplier s on s.code = i.supplier
             order by 1, 2
            on conflict (org_id, starts) do update set
              ends = excluded.ends, ramp_down_from = excluded.ramp_down_from,
              ramp_up_until = excluded.ramp_up_until,
              last_order_date = excluded.last_order_date, reason = excluded.reason
            where (c.ends, c.ramp_down_from, c.ramp_up_until, c.last_order_date, c.reason)
              is distinct from (excluded.ends, excluded.ramp_down_from, excluded.ramp_up_until,
                                excluded.last_order_date, excluded.reason)
            returning (xmax = 0)""",
    )

"""Reads of cartons: all that were kept, and those a node packs into on a day."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.trade.types import Carton

_CARTON = """
  select c.id, n.code as node, c.code, c.length_mm, c.width_mm, c.height_mm, c.tare_g,
         c.load_g_max, c.cost, c.currency, c.valid_from, c.valid_until
    from trade.carton c join trade.node n on n.id = c.node_id
"""


async def list_cartons(
    db: Reader,
    *,
    node: str | None = None,
    valid_on: dt.date | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[Carton]:
    """Cartons by code, with those that are used no more unless `valid_on` says a day."""
    return await db.rows(
        Carton,
        f"""{_CARTON}
            where ($1::text is null or n.code = $1)
              and ($2::date is null or c.valid_from <= $2 and coalesce(c.valid_until, $2) >= $2)
              and ($3::text is null or (c.code, c.id) > ($3, $4))
            order by c.code, c.id limit $5""",
        node, valid_on, *(after or (None, None)), limit,
    )  # fmt: skip


async def find_gs1_prefix(db: Reader) -> str:
    """The company prefix that codes are made of now; empty where there is none."""
    found: str | None = await db.value("select prefix from trade.gs1_prefix where is_current")
    return found or ""


async def list_usable_cartons(db: Reader, node: str, *, on: dt.date) -> list[Carton]:
    """What a node packs into on a day: of each code the newest valid one, the smallest first."""
    return await db.rows(
        Carton,
        f"""select * from (
              select distinct on (code) * from ({_CARTON}
                where n.code = $1 and c.valid_from <= $2
                  and coalesce(c.valid_until, $2) >= $2) valid
              order by code, valid_from desc) newest
            order by length_mm::bigint * width_mm * height_mm, code limit 200""",
        node,
        on,
    )

"""How belts run, as the catalog above tells: suppliers keep it for the map and the belt's page."""

import datetime as dt
from collections.abc import Sequence

from beltline.kit.db import Writer
from beltline.suppliers import store


async def keep_heat(db: Writer, rows: Sequence[dict[str, object]], *, now: dt.datetime) -> int:
    """Make the heat of belts what was worked out: {belt_id, orders_28d, ...}; how many."""
    return await store.replace_heat(db, rows, now)

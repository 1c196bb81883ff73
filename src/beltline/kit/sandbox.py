"""What makes a database a sandbox: its clock is a row."""

import datetime as dt

from beltline.kit.db import Writer


async def start_clock(db: Writer, now: dt.datetime) -> None:
    """Give the database a virtual instant, unless it has one."""
    await db.execute("update kit.clock set virtual_at = $1 where virtual_at is null", now)

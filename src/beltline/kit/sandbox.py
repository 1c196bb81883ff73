"""What makes a database a sandbox: its clock is a row."""

import datetime as dt

from beltline.kit.db import Writer


async def start_clock(db: Writer, now: dt.datetime) -> None:
    """Give the database a virtual instant, unless it has one."""
    await db.execute("update kit.clock set virtual_at = $1 where virtual_at is null", now)


async def move_clock(db: Writer, by: dt.timedelta) -> dt.datetime:
    """Let virtual time pass; the new instant. The row stays locked until the transaction ends."""
    now: dt.datetime = await db.value(
        "update kit.clock set virtual_at = virtual_at + $1 returning virtual_at", by
    )
    return now

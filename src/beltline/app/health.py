"""What is known about a running installation: its schema, its workers. Reads only."""

import datetime as dt
import functools

import msgspec

from beltline.app.modules import MODULES
from beltline.kit.db import Database
from beltline.kit.jobs.queries import list_workers
from beltline.kit.migrate import list_migrations


class _Applied(msgspec.Struct, frozen=True):
    module: str
    number: int


async def count_pending(database: Database) -> int:
    """Migrations of this version that the database has not run."""
    async with database.system() as db:
        rows = await db.rows(_Applied, "select module, number from kit.migration")
    return len(_known() - {(row.module, row.number) for row in rows})


async def worker_seen_s(database: Database, now: dt.datetime) -> float | None:
    """Seconds since any worker was last seen; None when there never was one."""
    async with database.system() as db:
        workers = await list_workers(db)
    ages = [(now - worker.beat_at).total_seconds() for worker in workers]
    return round(min(ages), 1) if ages else None


@functools.cache
def _known() -> frozenset[tuple[str, int]]:
    return frozenset((m.module, m.number) for m in list_migrations(MODULES))

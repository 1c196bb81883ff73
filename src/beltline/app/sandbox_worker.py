"""The worker's second hand: what the sandbox beside the network asks for.

The durable engine serves one database a process. A sandbox's jobs are few and may wait for each
other, so they run here one after the other, by the same bodies and steps.
"""

import asyncio
import contextlib
from typing import Final

import asyncpg
import structlog

from beltline.app.advance import advance_job
from beltline.app.database import sandbox_dsn
from beltline.app.workflows import JOBS, LISTENERS
from beltline.kit.db import Database
from beltline.kit.errors import Transient
from beltline.kit.jobs.execute import execute
from beltline.kit.jobs.run import registry_of
from beltline.kit.relay import relay_forever

_log = structlog.get_logger("beltline.sandbox")
_LOOK_EVERY_S: Final = 5.0
_IDLE_S: Final = 0.5


async def tend_sandbox(dsn: str, stopping: asyncio.Event) -> None:
    """Wait until the sandbox of the network at `dsn` is made, then serve it until `stopping`."""
    while not stopping.is_set():
        database = await _open(sandbox_dsn(dsn))
        if database is None:
            await _pause(stopping, _LOOK_EVERY_S)
            continue
        try:
            relay = asyncio.create_task(relay_forever(database, LISTENERS, stopping))
            await _work(database, stopping)
            await relay
        finally:
            await database.close()


async def run_waiting(database: Database) -> int:
    """Run the sandbox's waiting jobs, and those a killed worker left, to their end; how many."""
    async with database.system() as db:
        waiting = await db.values(
            """select id from kit.job where state in ('QUEUED', 'RUNNING')
                order by created_at, id limit 20"""
        )
    registry = registry_of(*JOBS, advance_job(database))
    for job_id in waiting:
        await execute(database, job_id, registry)
    return len(waiting)


async def _work(database: Database, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            worked = await run_waiting(database)
        except Transient as error:
            _log.warning("the sandbox waits for its database", reason=str(error))
            worked = 0
        if not worked:
            await _pause(stopping, _IDLE_S)


async def _open(dsn: str) -> Database | None:
    database = Database(dsn, pool_size=3)
    try:
        return await database.open("bl_sys", "bl_app")
    except (asyncpg.InvalidCatalogNameError, asyncpg.UndefinedTableError, Transient):
        await database.close()
        return None


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)

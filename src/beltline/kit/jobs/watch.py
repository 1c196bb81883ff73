"""What a worker does beside its jobs: lives visibly, takes over, asks for what is due."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import asyncpg

from beltline.kit.actor import Actor
from beltline.kit.clock import system_now
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Transient
from beltline.kit.jobs import store
from beltline.kit.jobs.schedules import Schedule, enqueue_due
from beltline.kit.jobs.types import WorkerIdTaken

_log = logging.getLogger(__name__)

SystemActor = Callable[[Reader], Awaitable[Actor | None]]

BEAT_S = 5.0
SILENT_AFTER = dt.timedelta(seconds=120)
_LOST_AFTER = dt.timedelta(seconds=30)
_ABANDONED = "Its worker died each time it was started; see the worker's log for why."


class Claims(Protocol):
    """What the watch needs of the engine."""

    @property
    def running(self) -> frozenset[str]:
        """The queue entries being worked on here."""

    def requeue(self, workflow_id: str, worker_id: str) -> None:
        """Put an entry that `worker_id` holds back into the queue. Blocks."""


class WorkerName:
    """A worker's id, held by one living process: a lock that dies with its connection."""

    def __init__(self, dsn: str, worker_id: str) -> None:
        self.worker_id = worker_id
        self._dsn = dsn
        self._connection: Any = None

    async def take(self, *, patience_s: float = 10.0) -> None:
        """Take the id; refuses when another process keeps it for `patience_s`.

        The connection of a killed process can outlive it for a moment.
        """
        self._connection = await asyncpg.connect(self._dsn)
        waited_s = 0.0
        while not await self._try():
            if waited_s >= patience_s:
                await self.release()
                raise WorkerIdTaken(worker_id=self.worker_id)
            await asyncio.sleep(0.2)
            waited_s += 0.2

    async def keep(self) -> None:
        """Take the id again after the connection broke; whoever has it meanwhile keeps it."""
        if not self._connection.is_closed():
            return
        self._connection = await asyncpg.connect(self._dsn)
        if not await self._try():
            _log.warning("another process works as %s too; give one another id", self.worker_id)

    async def release(self) -> None:
        """Give the id up."""
        self._connection.terminate()

    async def _try(self) -> bool:
        return bool(
            await self._connection.fetchval(
                "select pg_try_advisory_lock(hashtextextended($1, 12))", self.worker_id
            )
        )


async def watch(
    database: Database,
    name: WorkerName,
    claims: Claims,
    schedules: Sequence[Schedule],
    system_actor: SystemActor | None,
) -> None:
    """Beat, take over what the silent left, and ask for what is due, until cancelled."""
    was_well = False
    while True:
        try:
            await _round(database, name, claims, takes_over=was_well)
            if system_actor is not None:
                await _ask_for_due(database, schedules, system_actor)
            was_well = True
        except (Transient, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # After an outage everybody was silent: nobody is taken over in the first round.
            was_well = False
            _log.warning("the worker's watch could not reach the database: %s", error)
        except Exception:  # noqa: BLE001 - the worker lives on, and says so
            was_well = False
            _log.exception("the worker's watch failed")
        await asyncio.sleep(BEAT_S)


async def _round(database: Database, name: WorkerName, claims: Claims, *, takes_over: bool) -> None:
    await name.keep()
    now = system_now()
    async with database.system() as db:
        await store.beat(db, name.worker_id, now)
        abandoned = await store.fail_abandoned(db, _ABANDONED, now)
        mine = await store.list_claims_of(db, name.worker_id, now - _LOST_AFTER)
        silent = await store.list_claims_of_the_silent(db, now - SILENT_AFTER)
    for job_id in abandoned:
        _log.error("job %s was given up: %s", job_id, _ABANDONED)
    lost = [claim for claim in mine if claim.workflow_id not in claims.running]
    for claim in lost + (silent if takes_over else []):
        _log.warning("taking up %s, left by %s", claim.workflow_id, claim.worker_id)
        await asyncio.to_thread(claims.requeue, claim.workflow_id, claim.worker_id)


async def _ask_for_due(
    database: Database, schedules: Sequence[Schedule], system_actor: SystemActor
) -> None:
    now = await database.now()
    async with database.system() as db:
        actor = await system_actor(db)
        if actor is not None:
            await enqueue_due(db, actor, schedules, now)

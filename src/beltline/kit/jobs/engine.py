"""The durable engine of a worker process: the only place that runs DBOS.

DBOS keeps the queue in schema `jobs`, gives each entry to one worker and counts how often it was
started. A worker's id is stable (`worker-0`, `worker-1`, …): after a crash it takes up its own
jobs at once. The jobs of a worker that stays away are taken over after two minutes by any other;
nothing has to be done by hand. A job whose worker died `MAX_STARTS` times is FAILED and shown.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from dbos import DBOS
from dbos._error import DBOSException

from beltline.kit.db import Database
from beltline.kit.jobs.connection import SCHEMA, connect_engine, quiet_loggers
from beltline.kit.jobs.execute import execute
from beltline.kit.jobs.run import Registry
from beltline.kit.jobs.schedules import Schedule
from beltline.kit.jobs.types import JobsNotMigrated
from beltline.kit.jobs.watch import SystemActor, WorkerName, watch

if TYPE_CHECKING:
    from concurrent.futures import Future

_log = logging.getLogger(__name__)

QUEUE = "beltline"
WORKFLOW = "beltline.job.v1"
MAX_STARTS = 50


class _Interrupted(BaseException):
    """The worker stops; not an Exception, so that DBOS leaves the entry to be taken up again."""


class _Engine:
    """The DBOS of this process. Its threads hand every job to our event loop and wait for it."""

    def __init__(self, dsn: str, database: Database, worker_id: str, registry: Registry) -> None:
        self._database = database
        self._registry = registry
        self._worker_id = worker_id
        self._loop = asyncio.get_running_loop()
        self._connections = connect_engine(dsn, "bl_sys")
        self._running: dict[str, Future[None]] = {}
        self._stopping = False

    @property
    def running(self) -> frozenset[str]:
        """The queue entries being worked on here."""
        return frozenset(self._running)

    async def launch(self, concurrency: int) -> None:
        """Start DBOS in a thread, away from our loop, so that it neither blocks nor adopts it."""
        await asyncio.to_thread(self._launch, concurrency)

    def _launch(self, concurrency: int) -> None:
        self._dbos = DBOS(
            config={
                "name": "beltline",
                "system_database_engine": self._connections,
                "dbos_system_schema": SCHEMA,
                "application_version": "1",
                "executor_id": self._worker_id,
                "use_listen_notify": False,
                "run_migrations": False,
                "log_level": "WARNING",
                "scheduler_polling_interval_sec": 3600.0,
            }
        )

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_STARTS)
        def work(job_id: str) -> None:
            self._work(job_id)

        try:
            DBOS.launch()
        except DBOSException as error:
            raise JobsNotMigrated from error
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=concurrency,
            polling_interval_sec=0.25,
            on_conflict="always_update",
        )

    def _work(self, job_id: str) -> None:
        workflow_id = DBOS.workflow_id
        if self._stopping or workflow_id is None:
            raise _Interrupted
        job = execute(self._database, UUID(job_id), self._registry)
        future = asyncio.run_coroutine_threadsafe(job, self._loop)
        self._running[workflow_id] = future
        try:
            future.result()
        except Exception as error:
            # Cancelled by a stop, or the job's end could not be written for an hour: in both
            # cases the entry stays open, and this worker or another starts it again.
            raise _Interrupted from error
        finally:
            del self._running[workflow_id]

    def requeue(self, workflow_id: str, worker_id: str) -> None:
        """Put an entry that `worker_id` holds back into the queue, for anybody. In a thread."""
        tables = self._dbos._sys_db  # noqa: SLF001 - it has no public call for one entry
        tables.reenqueue_for_recovery(workflow_id, [worker_id], QUEUE)

    async def stop(self, grace_s: float) -> None:
        """Let running steps end for `grace_s`, then cut them; what was cut runs again."""
        self._stopping = True
        waiting = [asyncio.wrap_future(future) for future in self._running.values()]
        if waiting:
            await asyncio.wait(waiting, timeout=grace_s)
        for future in list(self._running.values()):
            future.cancel()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        self._connections.dispose()


class _Worker:
    """The engine, the worker's name and the watch of one process."""

    def __init__(self, engine: _Engine, name: WorkerName, watching: "asyncio.Task[None]") -> None:
        self.engine = engine
        self.name = name
        self.watching = watching


# DBOS is one a process, and so is this.
_worker: _Worker | None = None


async def start_jobs(
    dsn: str,
    database: Database,
    worker_id: str,
    registry: Registry,
    *,
    schedules: Sequence[Schedule] = (),
    system_actor: SystemActor | None = None,
    concurrency: int = 4,
) -> None:
    """Begin to work on queued jobs in this process, in its running event loop.

    `worker_id` names this worker for good and is held by one living process; refuses when
    another has it. `system_actor(db)` gives the actor that scheduled jobs act as, None while
    there is nobody. At most `concurrency` jobs at a time.
    """
    global _worker  # noqa: PLW0603 - see above
    if _worker is not None:
        raise RuntimeError("this process already works on jobs")
    quiet_loggers()
    name = WorkerName(dsn, worker_id)
    await name.take()
    engine = _Engine(dsn, database, worker_id, registry)
    try:
        await engine.launch(concurrency)
    except BaseException:
        await engine.stop(0)
        await name.release()
        raise
    watching = asyncio.create_task(watch(database, name, engine, schedules, system_actor))
    _worker = _Worker(engine, name, watching)


async def stop_jobs(*, grace_s: float = 5.0) -> None:
    """Stop working; jobs under way are continued by the next start of this worker."""
    global _worker
    if _worker is None:
        return
    worker, _worker = _worker, None
    worker.watching.cancel()
    await asyncio.wait([worker.watching])
    await worker.engine.stop(grace_s)
    await worker.name.release()

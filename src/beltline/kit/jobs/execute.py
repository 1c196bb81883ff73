"""Running a job from start to end: for the engine's worker and for a command."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.clock import system_now
from beltline.kit.db import Database
from beltline.kit.errors import Refusal, Transient
from beltline.kit.ids import new_id
from beltline.kit.jobs import queries, store
from beltline.kit.jobs.run import OnProgress, Registry, Run, persist
from beltline.kit.jobs.types import Job, JobCancelled, JobIdTaken, JobState

_log = logging.getLogger(__name__)

_UNKNOWN_KIND_WAIT = dt.timedelta(seconds=60)


async def execute(database: Database, job_id: UUID, registry: Registry) -> None:
    """Run a queued job to its end and record it; does nothing with one that has ended.

    A kind this program does not know is given back: during an upgrade another worker knows it.
    """
    run = _Persistent(database)
    job = await run.start(job_id)
    if job is None:
        return
    if job.kind not in registry:
        await run.postpone(job)
        return
    await run.to_end(job, registry, None)


async def run_inline(
    database: Database,
    actor: Actor,
    *,
    kind: str,
    title: str,
    parameters: Mapping[str, Any],
    now: dt.datetime,
    registry: Registry,
    on_progress: OnProgress | None = None,
    job_id: UUID | None = None,
) -> Job:
    """Run a job in this process, without a worker; the ended job.

    With the `job_id` of a run that was killed, refused or failed, the steps it did are skipped;
    of one that is DONE, nothing happens. What ended it is also raised: the Refusal, or the bug.
    """
    wanted = Job(
        job_id or new_id(), actor.org_id, kind, title, JobState.RUNNING, 0, None, "",
        dict(parameters), None, msgspec.to_builtins(actor), 1, actor.name, now, None, None,
    )  # fmt: skip
    async with database.system() as db:
        if not await store.insert_inline(db, wanted):
            known = await queries.get_job(db, wanted.id)
            if (known.kind, known.org_id) != (kind, actor.org_id):
                raise JobIdTaken(job_id=str(wanted.id))
            await store.reopen_inline(db, wanted.id)
    run = _Persistent(database, patience_s=120.0)
    job = await run.start(wanted.id)
    if job is not None:
        error = await run.to_end(job, registry, on_progress)
        if error is not None:
            raise error
    async with database.system() as db:
        return await queries.get_job(db, wanted.id)


class _Persistent:
    """The changes of a job's state, each repeated until the database takes it."""

    def __init__(self, database: Database, *, patience_s: float = 3600.0) -> None:
        self._database = database
        self._patience_s = patience_s

    async def start(self, job_id: UUID) -> Job | None:
        async def attempt() -> Job | None:
            now = await self._database.now()
            async with self._database.system() as db:
                return await store.start(db, job_id, now)

        return await persist(attempt, self._patience_s)

    async def postpone(self, job: Job) -> None:
        async def attempt() -> None:
            # The engine's own clock wakes it up, not a sandbox's.
            not_before = system_now() + _UNKNOWN_KIND_WAIT
            async with self._database.system() as db:
                await store.postpone(db, job.id, f"No worker knows {job.kind} yet.", not_before)

        await persist(attempt, self._patience_s)

    async def to_end(
        self, job: Job, registry: Registry, on_progress: OnProgress | None
    ) -> Exception | None:
        """Run the body and record how it ended; what it raised."""
        run = Run(self._database, job, on_progress=on_progress, patience_s=self._patience_s)
        try:
            result = msgspec.to_builtins(await registry[job.kind].body(run))
        except JobCancelled as error:
            return error
        except Refusal as refusal:
            await self._finish(job, JobState.REFUSED, refusal_as_json(refusal), refusal.message)
            return refusal
        except Exception as error:  # noqa: BLE001 - a bug ends this job, not the worker
            _log.exception("job %s (%s) failed", job.id, job.kind)
            text = f"{type(error).__name__}: {error}"
            gave_up = "Gave up waiting. " if isinstance(error, Transient) else ""
            await self._finish(job, JobState.FAILED, {"error": gave_up + text}, gave_up + text)
            return error
        await self._finish(job, JobState.DONE, result, "")
        return None

    async def _finish(self, job: Job, state: JobState, result: object, message: str) -> None:
        async def attempt() -> None:
            now = await self._database.now()
            async with self._database.system() as db:
                await store.finish(db, job.id, state, result=result, message=message, now=now)

        await persist(attempt, self._patience_s)


def refusal_as_json(refusal: Refusal) -> dict[str, Any]:
    """A refusal as a job keeps it: the members of its problem JSON."""
    return {
        "code": refusal.code,
        "kind": refusal.kind,
        "title": refusal.title,
        "detail": refusal.message,
        "fields": refusal.fields,
    }


def refusal_sentence(kept: dict[str, Any], translate: Callable[[str], str]) -> str:
    """Why a job was refused, in a language; as it was said then where its code is gone."""
    try:
        refusal = Refusal.from_code(kept["code"], kept["fields"])
    except KeyError:
        return str(kept["detail"])
    return refusal.sentence(translate)

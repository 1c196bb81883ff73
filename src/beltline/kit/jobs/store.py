"""Writes of job rows and steps; private to the package."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader, Writer
from beltline.kit.jobs.queries import COLUMNS
from beltline.kit.jobs.types import Job, JobState, Progress


class KeptStep(msgspec.Struct, frozen=True):
    """A step that was done before, with what it returned."""

    result: Any


class Claim(msgspec.Struct, frozen=True):
    """An entry of the engine's queue that a worker took and has not finished."""

    workflow_id: str
    worker_id: str


async def insert_inline(db: Writer, job: Job) -> bool:
    """A job that the process asking for it runs itself; False when it is known."""
    return bool(
        await db.execute(
            """insert into kit.job (id, org_id, kind, title, state, parameters, actor, created_by,
                                    created_at)
               values ($1, $2, $3, $4, 'RUNNING', $5, $6, $7, $8) on conflict (id) do nothing""",
            job.id,
            job.org_id,
            job.kind,
            job.title,
            job.parameters,
            job.actor,
            job.created_by,
            job.created_at,
        )
    )


async def reopen_inline(db: Writer, job_id: UUID) -> None:
    """Let a job that ended without success, or waits, be run again in this process."""
    await db.execute(
        """update kit.job set state = 'RUNNING', result = null, message = '', finished_at = null
            where id = $1 and state <> 'DONE'""",
        job_id,
    )


async def start(db: Writer, job_id: UUID, now: dt.datetime) -> Job | None:
    """Take up a job, for the first time or again; None when it has ended."""
    return await db.find(
        Job,
        f"""update kit.job set state = 'RUNNING', started_at = coalesce(started_at, $2)
             where id = $1 and state in ('QUEUED', 'RUNNING') returning {COLUMNS}""",
        job_id,
        now,
    )


async def begin_step(db: Writer, job_id: UUID, step: str) -> KeptStep | None:
    """Keep every other runner of this job out until the transaction ends; what was done before.

    The lock is a statement of its own, so that the look-up sees what its last holder committed.
    """
    await db.execute("select pg_advisory_xact_lock(hashtextextended($1, 11))", job_id.hex)
    return await db.find(
        KeptStep, "select result from kit.job_step where job_id = $1 and step = $2", job_id, step
    )


async def is_running(db: Reader, job_id: UUID) -> bool:
    """Whether the job may go on: nobody cancelled it."""
    return bool(
        await db.value("select exists(select from kit.job where id = $1 and state = 'RUNNING')",
                       job_id)
    )  # fmt: skip


async def end_step(
    db: Writer, job_id: UUID, step: str, *, result: object, progress: Progress, now: dt.datetime
) -> None:
    """Record the step and the progress in the transaction of its work."""
    await db.execute(
        "insert into kit.job_step (job_id, step, result, finished_at) values ($1, $2, $3, $4)",
        job_id,
        step,
        result,
        now,
    )
    await db.execute(
        "update kit.job set done = $2, total = $3, message = $4 where id = $1",
        job_id,
        progress.done,
        progress.total,
        progress.message,
    )


async def finish(
    db: Writer, job_id: UUID, state: JobState, *, result: object, message: str, now: dt.datetime
) -> bool:
    """End a running job; False when it ended otherwise meanwhile."""
    return bool(
        await db.execute(
            """update kit.job set state = $2, result = $3, finished_at = $5,
                      message = case when $4 = '' then message else $4 end
                where id = $1 and state = 'RUNNING'""",
            job_id,
            state,
            result,
            message,
            now,
        )
    )


async def cancel(db: Writer, job_id: UUID, now: dt.datetime) -> bool:
    """End an open job; False when it has ended."""
    return bool(
        await db.execute(
            """update kit.job set state = 'CANCELLED', finished_at = $2
                where id = $1 and state in ('QUEUED', 'RUNNING')""",
            job_id,
            now,
        )
    )


async def requeue(db: Writer, job_id: UUID, *, not_before: dt.datetime | None) -> bool:
    """Hand a job that ended without success to the engine again; False when it is none."""
    return await _hand_over_again(
        db, job_id, ("REFUSED", "FAILED", "CANCELLED"), message="", not_before=not_before
    )


async def postpone(db: Writer, job_id: UUID, message: str, not_before: dt.datetime) -> bool:
    """Give a job back that this worker cannot do."""
    return await _hand_over_again(
        db, job_id, ("QUEUED", "RUNNING"), message=message, not_before=not_before
    )


async def _hand_over_again(
    db: Writer, job_id: UUID, states: tuple[str, ...], *, message: str, not_before: Any
) -> bool:
    number = await db.value(
        """update kit.job set state = 'QUEUED', round = round + 1, result = null,
                  finished_at = null, message = $3
            where id = $1 and state = any($2) returning round""",
        job_id,
        list(states),
        message,
    )
    if number is None:
        return False
    await db.execute("select kit.hand_over_job($1, $2, $3)", job_id, number, not_before)
    return True


async def beat(db: Writer, worker_id: str, now: dt.datetime) -> None:
    """Say that this worker lives."""
    await db.execute(
        """insert into kit.worker (id, started_at, beat_at) values ($1, $2, $2)
           on conflict (id) do update set beat_at = excluded.beat_at""",
        worker_id,
        now,
    )


async def list_claims_of_the_silent(db: Reader, heard_since: dt.datetime) -> list[Claim]:
    """What workers hold that were not heard since that instant."""
    return await db.rows(
        Claim,
        """select workflow_uuid as workflow_id, executor_id as worker_id
             from jobs.workflow_status w
            where status = 'PENDING' and queue_name = 'beltline'
              and not exists (select from kit.worker k
                               where k.id = w.executor_id and k.beat_at > $1)
            order by created_at, workflow_uuid limit 1000""",
        heard_since,
    )


async def list_claims_of(db: Reader, worker_id: str, claimed_before: dt.datetime) -> list[Claim]:
    """What a worker took before that instant and the engine has not seen the end of."""
    return await db.rows(
        Claim,
        """select workflow_uuid as workflow_id, executor_id as worker_id
             from jobs.workflow_status
            where status = 'PENDING' and queue_name = 'beltline' and executor_id = $1
              and started_at_epoch_ms < $2
            order by created_at, workflow_uuid limit 1000""",
        worker_id,
        int(claimed_before.timestamp() * 1000),
    )


async def fail_abandoned(db: Writer, message: str, now: dt.datetime) -> list[UUID]:
    """End the jobs that the engine has given up: their workers died once too often."""
    return await db.values(
        """update kit.job j set state = 'FAILED', finished_at = $2, message = $1,
                  result = jsonb_build_object('error', $1::text)
             from jobs.workflow_status w
            where j.state in ('QUEUED', 'RUNNING')
              and w.workflow_uuid = j.id::text || ':' || j.round::text
              and w.status in ('MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'ERROR', 'CANCELLED')
            returning j.id""",
        message,
        now,
    )


async def is_due(db: Writer, schedule: str, due_at: dt.datetime) -> bool:
    """Move a schedule on to `due_at`; True for the one caller who has to carry it out.

    A schedule never seen before begins now: what was due before it existed is not made up for.
    """
    await db.execute(
        "insert into kit.schedule (name, due_at) values ($1, $2) on conflict (name) do nothing",
        schedule,
        due_at,
    )
    moved = await db.execute(
        "update kit.schedule set due_at = $2 where name = $1 and due_at < $2", schedule, due_at
    )
    return bool(moved)

"""Asking for jobs: plain SQL in the caller's transaction, no engine imported."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.kit.jobs import queries, store
from beltline.kit.jobs.types import Job, JobHasEnded, JobNotEnded, JobState


async def enqueue(
    db: Writer,
    actor: Actor,
    *,
    kind: str,
    title: str,
    parameters: Mapping[str, Any],
    now: dt.datetime,
    job_id: UUID | None = None,
) -> UUID:
    """Ask for a job of `kind`; its id. Rolled back with the transaction, there is no job.

    With a `job_id` derived from what is to be done, asking twice makes one job. Refuses an id
    that belongs to a job of another kind or organization.
    """
    wanted = job_id or new_id()
    await db.execute(
        "select kit.enqueue_job($1, $2, $3, $4, $5, $6)",
        wanted,
        kind,
        title,
        dict(parameters),
        msgspec.to_builtins(actor),
        now,
    )
    return wanted


async def cancel(db: Writer, *, job_id: UUID, now: dt.datetime) -> Job:
    """Stop a job before its next step; what it has done stays done."""
    if not await store.cancel(db, job_id, now):
        raise JobHasEnded(state=(await queries.get_job(db, job_id)).state)
    return await queries.get_job(db, job_id)


async def retry(db: Writer, *, job_id: UUID) -> Job:
    """Run a job again that was refused, failed or was cancelled. Steps done are skipped."""
    if not await store.requeue(db, job_id, not_before=None):
        job = await queries.get_job(db, job_id)
        raise JobNotEnded(state=JobState(job.state))
    return await queries.get_job(db, job_id)

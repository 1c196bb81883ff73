"""What a job is to a person, and why one can be refused."""

import datetime as dt
import enum
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.errors import Kind, Refusal


class JobState(enum.StrEnum):
    """QUEUED and RUNNING are open; the others are ends, from which `retry` leads back."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ENDS = (JobState.DONE, JobState.REFUSED, JobState.FAILED, JobState.CANCELLED)


class Job(msgspec.Struct, frozen=True):
    """A job. `done` of `total` units, whatever its steps count; `total` is None while unknown.

    `result` is what the body returned (DONE), `{code, kind, title, detail, fields}` (REFUSED) or
    `{error}`, the type and text of the bug (FAILED).
    """

    id: UUID
    org_id: UUID
    kind: str
    title: str
    state: JobState
    done: int
    total: int | None
    message: str
    parameters: dict[str, Any]
    result: Any
    actor: dict[str, Any]
    round: int
    created_by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def asked_by(self) -> Actor:
        """The actor who asked, as whom the steps act."""
        return msgspec.convert(self.actor, Actor)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be worked on."""
        return self.state not in ENDS


class Progress(msgspec.Struct, frozen=True):
    """How far a job is, as its latest step said."""

    done: int = 0
    total: int | None = None
    message: str = ""


class Worker(msgspec.Struct, frozen=True):
    """A worker as it last made itself heard."""

    id: str
    started_at: dt.datetime
    beat_at: dt.datetime


class JobIdTaken(Refusal):
    """The id given belongs to a job of another kind or organization."""

    kind, code = Kind.CONFLICT, "kit.job_id_taken"
    title = "The job's id is taken"
    detail = "Another job already has the id {job_id}."
    job_id: str


class JobNotEnded(Refusal):
    """Only a job that ended without success can be tried again."""

    kind, code = Kind.CONFLICT, "kit.job_not_ended"
    title = "Nothing to try again"
    detail = (
        "The job is {state}; only one that was refused, failed or was cancelled can be retried."
    )
    state: str


class JobHasEnded(Refusal):
    """A job that has ended cannot be cancelled."""

    kind, code = Kind.CONFLICT, "kit.job_has_ended"
    title = "The job has ended"
    detail = "The job is {state} already."
    state: str


class JobCancelled(Refusal):
    """Somebody cancelled the job while it ran."""

    kind, code = Kind.CONFLICT, "kit.job_cancelled"
    title = "The job was cancelled"
    detail = "The job was cancelled; the steps that were done stay done."


class WorkerIdTaken(Refusal):
    """Another living process already works under this id."""

    kind, code = Kind.CONFLICT, "kit.worker_id_taken"
    title = "A worker of this name is running"
    detail = "{worker_id} is already running; give this one another id, for example --id worker-1."
    worker_id: str


class JobsNotMigrated(Refusal):
    """The engine's schema is missing or older than this program."""

    kind, code = Kind.CONFLICT, "kit.jobs_not_migrated"
    title = "The job queue is not migrated"
    detail = "Run `beltline migrate` first."

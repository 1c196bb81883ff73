"""Jobs asked for by the clock: each due instant once, however many workers look."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.jobs import queue, store

_NAMESPACE = uuid.UUID("5f7a1c0e-8d0b-5d7e-9b1a-6b656c746265")


class Schedule(msgspec.Struct, frozen=True):
    """When a job is asked for: at `hour`:`minute` of `timezone`, each day or each `weekday`.

    Monday is weekday 0; without an hour it is each hour at `minute`. A local time that a change
    of clocks skips or repeats is due once.
    """

    name: str
    kind: str
    title: str
    timezone: str
    minute: int = 0
    hour: int | None = None
    weekday: int | None = None
    parameters: dict[str, Any] = {}


def latest_due(schedule: Schedule, now: dt.datetime) -> dt.datetime:
    """The latest instant up to `now` at which the schedule is due, in UTC."""
    zone = ZoneInfo(schedule.timezone)
    if schedule.hour is None:
        local = now.astimezone(zone).replace(minute=schedule.minute, second=0, microsecond=0)
        due = local.astimezone(dt.UTC)
        return due if due <= now else due - dt.timedelta(hours=1)
    day = now.astimezone(zone).date() + dt.timedelta(days=1)
    while True:
        local = dt.datetime.combine(day, dt.time(schedule.hour, schedule.minute), zone)
        due = local.astimezone(dt.UTC)
        if due <= now and schedule.weekday in (None, day.weekday()):
            return due
        day -= dt.timedelta(days=1)


def scheduled_job_id(schedule: Schedule, due_at: dt.datetime) -> uuid.UUID:
    """The id of the job for one due instant: the same wherever it is computed."""
    return uuid.uuid5(_NAMESPACE, f"{schedule.name}@{due_at.isoformat()}")


async def enqueue_due(
    db: Writer, actor: Actor, schedules: Sequence[Schedule], now: dt.datetime
) -> list[uuid.UUID]:
    """Ask for what fell due; the ids of the jobs. After a pause only the latest is made up for.

    The job gets `due_at` (UTC, ISO 8601) beside the schedule's own parameters.
    """
    asked = []
    for schedule in schedules:
        due_at = latest_due(schedule, now)
        if await store.is_due(db, schedule.name, due_at):
            asked.append(
                await queue.enqueue(
                    db,
                    actor,
                    kind=schedule.kind,
                    title=schedule.title,
                    parameters={**schedule.parameters, "due_at": due_at.isoformat()},
                    now=now,
                    job_id=scheduled_job_id(schedule, due_at),
                )
            )
    return asked

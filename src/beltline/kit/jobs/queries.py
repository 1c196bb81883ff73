"""Reads of jobs and workers. Row-level security decides whose jobs a Reader sees."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.kit.jobs.types import Job, Worker
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor

COLUMNS = """id, org_id, kind, title, state, done, total, message, parameters, result, actor,
             round, created_by, created_at, started_at, finished_at"""


async def get_job(db: Reader, job_id: UUID) -> Job:
    """One job; refuses when there is none that this Reader may see."""
    return await db.get(Job, "job", job_id, f"select {COLUMNS} from kit.job where id = $1", job_id)


async def list_jobs(
    db: Reader, *, kind: str | None = None, limit: int = LIMIT_DEFAULT, cursor: str | None = None
) -> tuple[list[Job], str | None]:
    """Jobs (of one kind or all), the newest first, and the cursor of the next page."""
    limit = min(limit, LIMIT_MAX)
    after = decode_cursor(cursor, dt.datetime, UUID) or (None, None)
    found = await db.rows(
        Job,
        f"""select {COLUMNS} from kit.job
             where ($1::timestamptz is null or (created_at, id) < ($1, $2::uuid))
               and ($4::text is null or kind = $4)
             order by created_at desc, id desc limit $3""",
        *after,
        limit + 1,
        kind,
    )
    return cut(found, limit, lambda row: (row.created_at, row.id))


async def list_workers(db: Reader, *, limit: int = 100) -> list[Worker]:
    """Workers that ever worked here, by name; `beat_at` tells which live. Needs the system."""
    return await db.rows(
        Worker, "select id, started_at, beat_at from kit.worker order by id limit $1", limit
    )


async def find_job(db: Reader, job_id: UUID) -> Job | None:
    """One job, or None when there is none that this Reader may see."""
    return await db.find(Job, f"select {COLUMNS} from kit.job where id = $1", job_id)

"""A worker to be killed: `python -m tests.proofs.jobs_victim DSN WORKER_ID`."""

import asyncio
import datetime as dt
import random
import sys

from beltline.kit.db import Database, Writer
from beltline.kit.errors import Transient
from beltline.kit.jobs import watch
from beltline.kit.jobs.engine import start_jobs
from beltline.kit.jobs.run import Run, job, registry_of

STEPS = 40
ROWS = 10


@job("proof.rows.v1")
async def write_rows(run: Run) -> int:
    """Steps that each write rows nothing keeps unique, slowly enough to be killed in between."""
    written = 0
    for number in range(STEPS):

        async def work(db: Writer, now: dt.datetime, number: int = number) -> int:
            for row in range(ROWS):
                await db.execute(
                    "insert into kit.proof_row values ($1, $2, $3)", run.job_id, number, row
                )
                if row % 5 == 0:
                    await asyncio.sleep(random.uniform(0, 0.04))
            run.report(done=number + 1, total=STEPS)
            return ROWS

        written += await run.step(f"rows {number}", work, int)
    return written


async def work(dsn: str, worker_id: str) -> None:
    """Work until killed."""
    watch.BEAT_S = 1.0
    watch.SILENT_AFTER = dt.timedelta(seconds=5)
    database = Database(dsn)
    while True:
        try:
            await database.open("bl_sys")
            break
        except (OSError, Transient, watch.asyncpg.PostgresError):
            await asyncio.sleep(0.2)
    await start_jobs(dsn, database, worker_id, registry_of(write_rows))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2]))

"""A worker that plans, to be killed: `python -m tests.proofs.plan_victim DSN`.

Nothing heavy at the top: planning processes import this module again before their first act.
"""

import asyncio
import datetime as dt
import sys


async def work(dsn: str) -> None:
    """Work until killed; shards of one series, one a step, so that there is much to interrupt."""
    from beltline.kit.db import Database
    from beltline.kit.errors import Transient
    from beltline.kit.jobs import watch
    from beltline.kit.jobs.engine import start_jobs
    from beltline.kit.jobs.run import registry_of
    from beltline.planning.rules import shards
    from beltline.planning.workflows import plan as workflows
    from beltline.science.engines import LOCAL

    watch.BEAT_S = 1.0
    watch.SILENT_AFTER = dt.timedelta(seconds=5)
    shards.SHARD_SERIES = 1
    workflows.SHARDS_A_STEP = 1
    workflows.ROUNDS_A_STEP = 0
    database = Database(dsn)
    while True:
        try:
            await database.open("bl_sys")
            break
        except (OSError, Transient, watch.asyncpg.PostgresError):
            await asyncio.sleep(0.2)
    await start_jobs(dsn, database, "worker-0", registry_of(workflows.plan_on(LOCAL)))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))

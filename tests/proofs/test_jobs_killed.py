"""P5: jobs end once and their rows exist once, whatever is killed and whenever."""

import asyncio
import datetime as dt
import random

import pytest

from beltline.kit.actor import Actor
from beltline.kit.clock import system_now
from beltline.kit.db import Database
from beltline.kit.errors import Transient
from beltline.kit.ids import new_id
from beltline.kit.jobs import queue
from tests.proofs.jobs_victim import ROWS, STEPS
from tests.proofs.victims import (
    KILLS,
    SEED,
    Victim,
    embedded_server,
    kill_server,
    migrated,
    patiently,
)

JOBS_PER_KILL = 4
# From when a worker has taken jobs: less than it needs to finish them.
AT_WORK_S = 0.5
JOBS = KILLS * JOBS_PER_KILL
ACTOR = Actor(new_id(), "OPERATOR", "proof", "SYSTEM")


@pytest.mark.proof
async def test_jobs_survive_every_kill() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with embedded_server() as (data, superuser_dsn):
        dsn = await migrated(superuser_dsn)
        database = await Database(dsn, pool_size=4).open()
        await _prepare(database)
        workers = [Victim("jobs_victim", dsn, f"worker-{n}") for n in range(2)]
        since = [system_now()] * 2
        try:
            for number in range(KILLS):
                await _enqueue(database, JOBS_PER_KILL)
                which = chance.randrange(2)
                await _until_at_work(database, f"worker-{which}", since[which])
                await asyncio.sleep(chance.uniform(0, AT_WORK_S))
                if number % 5 == 4:
                    kill_server(data)
                else:
                    workers[which].kill()
                    since[which] = system_now()
                    workers[which].start()
            await _until_at_work(database, "worker-1", since[1])
            workers[1].kill()  # for good: the other takes over what it left
            await _until_all_ended(database)
        finally:
            for worker in workers:
                worker.kill()
        await patiently(lambda: _check(database))
        await database.close()


async def _prepare(database: Database) -> None:
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            """create table kit.proof_row (job_id uuid, step int, row int);
               grant all on kit.proof_row to bl_sys"""
        )


async def _enqueue(database: Database, count: int) -> None:
    """Ask for `count` jobs; the server may just be away."""
    wanted = [new_id() for _ in range(count)]
    while True:
        try:
            async with database.writing(ACTOR) as db:
                for job_id in wanted:
                    await queue.enqueue(
                        db, ACTOR, kind="proof.rows.v1", title="Proof", parameters={},
                        now=system_now(), job_id=job_id,
                    )  # fmt: skip
        except Transient:
            await asyncio.sleep(0.1)
        else:
            return


async def _until_at_work(database: Database, worker_id: str, since: dt.datetime) -> None:
    """Wait until the worker started at `since` lives and has jobs, so that its kill hits them.

    What its dead predecessor held says nothing: that stands there while it still starts.
    """
    for _ in range(300):
        try:
            async with database.system() as db:
                if await db.value(
                    """select exists(select from jobs.workflow_status
                                      where status = 'PENDING' and executor_id = $1)
                          and exists(select from kit.worker where id = $1 and beat_at > $2)""",
                    worker_id,
                    since,
                ):
                    return
        except Transient:
            pass
        await asyncio.sleep(0.1)


async def _until_all_ended(database: Database) -> None:
    for _ in range(900):
        try:
            async with database.system() as db:
                if not await db.value(
                    "select count(*) from kit.job where state in ('QUEUED', 'RUNNING')"
                ):
                    return
        except Transient:
            pass
        await asyncio.sleep(0.2)


async def _check(database: Database) -> None:
    async with database.system() as db:
        bad = await db.values("select state || ' ' || message from kit.job where state <> 'DONE'")
        jobs = await db.value("select count(*) from kit.job where result = to_jsonb($1::int)",
                              STEPS * ROWS)  # fmt: skip
        rows = await db.value("select count(*) from kit.proof_row")
        distinct = await db.value("select count(*) from (select distinct * from kit.proof_row) d")
        steps = await db.value("select count(*) from kit.job_step")
        starts = await db.value("select sum(recovery_attempts) from jobs.workflow_status")
    print(f"{KILLS} kills, {jobs} jobs, {rows} rows, {starts} starts")
    assert bad == []
    assert (jobs, steps) == (JOBS, JOBS * STEPS)
    assert (rows, distinct) == (JOBS * STEPS * ROWS,) * 2
    # The kills hit jobs at work, not only idle workers.
    assert starts >= JOBS + KILLS / 2

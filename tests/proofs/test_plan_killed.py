"""P5 for plans: killed at any moment, a plan ends once, as one that was left alone."""

import asyncio
import contextlib
import datetime as dt
import random

import psutil
import pytest

from beltline.kit.actor import Actor
from beltline.kit.clock import system_now
from beltline.kit.db import Database
from beltline.kit.errors import Transient
from beltline.planning import actions
from beltline.planning.types import Parameters
from tests.catalog.make import NOW
from tests.planning.make import make_world
from tests.proofs.victims import (
    KILLS,
    SEED,
    Victim,
    embedded_server,
    kill_server,
    migrated,
    patiently,
)

PARAMETERS = Parameters(horizon=7, paths=50)
WAIT_S = 300.0
STEPS_AHEAD = 6
"""A kill comes after up to so many further steps of the plan, however fast the machine is."""
WITHIN_STEP_S = 1.5


@pytest.mark.proof
async def test_plans_survive_every_kill() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with embedded_server() as (data, superuser_dsn):
        dsn = await migrated(superuser_dsn)
        database = await Database(dsn, pool_size=4).open()
        network = await make_world(database)
        since = system_now()
        worker = Victim("plan_victim", dsn)
        try:
            await _start_plan(database, network.operator)
            await _until_ended(database)  # one that is left alone, to compare with
            places = []
            for number in range(KILLS):
                if not await _is_open(database):
                    await _start_plan(database, network.operator)
                await _until_alive(database, since)
                await _until_steps(database, chance.randrange(STEPS_AHEAD))
                await asyncio.sleep(chance.uniform(0, WITHIN_STEP_S))
                places.append(await _count_steps(database))
                if number % 5 == 4:
                    kill_server(data)
                    continue
                children = psutil.Process(worker._child.pid).children(recursive=True)
                worker.kill()
                left = psutil.wait_procs(children, timeout=20)[1]
                assert left == [], "planning processes outlive their worker"
                since = system_now()
                worker.start()
            await _until_ended(database)
        finally:
            worker.kill()
        await patiently(lambda: _check(database))
        await database.close()
    print(f"{KILLS} kills, after so many steps: {places}")
    # The kills met plans in different places, not only a worker that was still starting.
    assert len(set(places)) >= 4


async def _start_plan(database: Database, actor: Actor) -> None:
    """Ask for a plan; the server may just be away."""
    while True:
        try:
            async with database.writing(actor) as db:
                await actions.start_plan(db, actor, parameters=PARAMETERS, now=NOW)
        except Transient:
            await asyncio.sleep(0.1)
        else:
            return


async def _is_open(database: Database) -> bool:
    while True:
        try:
            async with database.system() as db:
                return bool(
                    await db.value(
                        "select exists(select from kit.job where state in ('QUEUED', 'RUNNING'))"
                    )
                )
        except Transient:
            await asyncio.sleep(0.1)


async def _until_alive(database: Database, since: dt.datetime) -> None:
    """Wait until the worker started at `since` makes itself heard, so that its kill hits work."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with contextlib.suppress(Transient):
                async with database.system() as db:
                    if await db.value(
                        "select exists(select from kit.worker where beat_at > $1)", since
                    ):
                        return
            await asyncio.sleep(0.1)


async def _count_steps(database: Database) -> int:
    """How many steps of all plans are done."""
    while True:
        try:
            async with database.system() as db:
                return int(await db.value("select count(*) from kit.job_step"))
        except Transient:
            await asyncio.sleep(0.1)


async def _until_steps(database: Database, ahead: int) -> None:
    """Wait until the plan has got so many steps further, or has ended."""
    wanted = await _count_steps(database) + ahead
    async with asyncio.timeout(WAIT_S):
        while await _count_steps(database) < wanted and await _is_open(database):  # noqa: ASYNC110 - what is awaited is another process
            await asyncio.sleep(0.1)


async def _until_ended(database: Database) -> None:
    async with asyncio.timeout(WAIT_S):
        while await _is_open(database):  # noqa: ASYNC110 - what is awaited is another process
            await asyncio.sleep(0.2)


async def _check(database: Database) -> None:
    async with database.system() as db:
        bad = await db.values("select message from kit.job where state <> 'DONE'")
        states = await db.values("select distinct state from planning.plan_run")
        hashes = await db.values("select distinct input_hash from planning.plan_run")
        forecasts = await db.values(
            """select md5(string_agg((to_jsonb(f) - 'plan_run_id')::text, ''
                                     order by sku_id, node_id))
                 from planning.forecast f group by plan_run_id"""
        )
        proposals = await db.values(
            """select md5(string_agg(concat_ws(' ', sku_id, node_id, quantity, order_by, amount),
                                     '' order by sku_id, node_id))
                 from planning.proposal group by plan_run_id"""
        )
        finished = await db.values(
            """select count(*) from kit.event_all where type = 'plan_run.finished'
                group by aggregate_id"""
        )
        runs = await db.value("select count(*) from planning.plan_run")
        # The inputs of the latest plan are kept; nothing is left of the others.
        files = await db.value("select count(distinct plan_run_id) from planning.plan_file")
        open_runs = await db.value(
            "select count(distinct plan_run_id) from planning.proposal where status = 'OPEN'"
        )
    print(f"{runs} plans, all with inputs {hashes}")
    assert bad == []
    assert states == ["DONE"]
    assert len(hashes) == len(set(forecasts)) == len(set(proposals)) == 1
    assert len(forecasts) == len(proposals) == runs
    assert finished == [1] * runs
    assert (files, open_runs) == (1, 1)

"""How long a plan of the demo's size takes, step by step, on a throw-away server.

Builds the demo world (or `--world journey`), imports it, plans it and prints the seconds. Run
`python -m bench.plan`. The goal is 40 s on two cores for 8,432 daily series, 28 days ahead.
"""

import argparse
import asyncio
import datetime as dt
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import asyncpg

from beltline.accounts.actions import create_organization, system_actor
from beltline.app.database import apply_migrations
from beltline.app.demo import world
from beltline.app.imports.inline import ImportRequest, import_path
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of, system_now
from beltline.kit.db import Database
from beltline.kit.jobs.types import Progress
from beltline.planning.types import Parameters, PlanRun
from beltline.planning.workflows.plan import run_plan_inline
from beltline.suppliers.actions import load_belts
from beltline.trade.actions import keep_rates
from beltline.trade.types import FxRate
from tests.cluster import throw_away_server


def main() -> None:
    """Print how long each part took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=("tafeng", "journey"), default="tafeng")
    parser.add_argument("--runs", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, throw_away_server() as address:
        asyncio.run(_admin(address.format(database="postgres")))
        dsn = address.format(database="bench")
        apply_migrations(dsn)
        asyncio.run(_measure(dsn, Path(folder), chosen.world, chosen.runs))


async def _admin(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create database bench")
    await connection.close()


async def _measure(dsn: str, folder: Path, name: world.World, runs: int) -> None:
    database = await Database(dsn).open()
    try:
        now = system_now()
        async with database.system() as db:
            operator = system_actor(
                await create_organization(
                    db, code="operator", kind="OPERATOR", name="Bench", country="CN", now=now
                )
            )
            await load_belts(db)
            rate = FxRate(
                "USD", "CNY", day_of(now) - dt.timedelta(days=400), Decimal("7.2"), "bench"
            )
            await keep_rates(db, [rate])
        await _fill(database, operator, folder, name, now)
        for _ in range(runs):
            began = time.perf_counter()
            run = await _plan(database, operator)
            _report(run, time.perf_counter() - began)
    finally:
        await database.close()


async def _fill(
    database: Database, operator: Actor, folder: Path, name: world.World, now: dt.datetime
) -> None:
    facts = world.build(folder, today=day_of(now), world=name, progress=lambda _share, _text: None)
    for file in facts.files:
        began = time.perf_counter()
        await import_path(
            database, operator, ImportRequest(path=folder / file.name, dataset=file.dataset),
            on_progress=None,
        )  # fmt: skip
        print(
            f"import {file.dataset:<12} {file.rows:>9,} rows {time.perf_counter() - began:6.1f} s"
        )


async def _plan(database: Database, operator: Actor) -> PlanRun:
    latest = time.perf_counter()

    def told(progress: Progress) -> None:
        nonlocal latest
        now = time.perf_counter()
        print(f"  {progress.message:<36} {progress.done:>7,} {now - latest:6.1f} s")
        latest = now

    return await run_plan_inline(database, operator, parameters=Parameters(), on_progress=told)


def _report(run: PlanRun, seconds: float) -> None:
    print(f"plan {run.number}: {seconds:.1f} s, hash {(run.input_hash or '')[:12]}, {run.metrics}")
    for note in run.notes:
        print(f"  note {note.code}: {note.count} {note.examples[:2]}")


if __name__ == "__main__":
    main()

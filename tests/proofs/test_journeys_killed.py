"""P5: a process dies at every point of every journey, begins again, and there is one effect.

Orders of all four sales models go their whole way in one world, from the order to the return and
the supplier's money, with the listeners and jobs in between; `voyage` plays it. A second world is
sailed by processes that die before each statement, within it, and after each step before anybody
heard of it. In the end both worlds are alike to the row, the unit and the cent.
"""

import asyncio
import datetime as dt
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import get_args

import asyncpg
import msgspec
import pytest

import beltline
from beltline.fulfillment.workflows import LISTENERS
from beltline.kit import db as kit_db
from beltline.kit.db import Database
from beltline.kit.listeners import Listener
from beltline.orders.types import SalesModel
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import Market
from tests.proofs.test_goods_killed import ALONE
from tests.proofs.victims import NIGHTLY, SEED
from tests.proofs.voyage import Voyage, make_voyage_world, steps
from tests.proofs.worlds import cloned, opened, rows_of, world_of

pytestmark = pytest.mark.proof

# Of the points in CI, chosen by the seed: where a person's or a job's transaction is kept, and
# after each step, a process always dies; the relay has a proof of its own.
SHARE, SHARE_OF_RELAY = (1.0, 1.0) if NIGHTLY else (0.1, 0.02)
_ROOT = Path(beltline.__file__).parents[2]


async def test_a_journey_killed_anywhere_ends_with_one_effect(
    server: str, template: str, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}")
    async with cloned(server, template, "sailed") as dsn:
        await _track_functions(dsn)
        async with opened(dsn, pool_size=2) as database:
            market = await make_voyage_world(database, now)
            await _sail(database, market, now, monkeypatch)
            sailed = await _end_of(database)
        await _assert_all_was_done(dsn)
    async with (
        cloned(server, template, "killed") as dsn,
        opened(dsn, pool_size=2) as database,
    ):
        market = await make_voyage_world(database, now)
        kills = _sail_killed(dsn, market, now)
        print(f"{kills} kills in {len(list(steps(now)))} steps")
        assert kills > 2 * len(list(steps(now)))
        ended = await _end_of(database)
    different = {
        what: (ended[what], sailed[what]) for what in sailed if ended[what] != sailed[what]
    }
    assert different == {}


async def _end_of(database: Database) -> dict[str, object]:
    """What a world holds, and how many rows each table; all invariants hold in it."""
    health = await prove_all(database, await database.now())
    assert [proof for proof in health.items if not proof.holds] == []
    return _without_numbers(await world_of(database)) | await rows_of(database)


async def _sail(
    database: Database, market: Market, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step once."""
    voyage = Voyage(database, market, now)
    monkeypatch.setattr(kit_db, "system_now", lambda: voyage.now)
    for _, at, step in steps(now):
        voyage.now = at
        await step(voyage)


def _sail_killed(dsn: str, market: Market, now: dt.datetime) -> int:
    """Every step again and again, until nobody dies in it any more; how many died."""
    killed = 0
    with _victim(dsn, market, now) as victim:
        assert victim.stdin is not None
        assert victim.stdout is not None
        for number, (name, _, _) in enumerate(steps(now)):
            while True:
                print(number, file=victim.stdin, flush=True)
                point = victim.stdout.readline()
                assert point, f"the victim is gone in {name}"
                if not point.strip():
                    break
                killed += 1
    return killed


@contextmanager
def _victim(dsn: str, market: Market, now: dt.datetime) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.voyage_victim", dsn,
         msgspec.json.encode(market).decode(), now.isoformat(), str(SHARE),
         str(SHARE_OF_RELAY)],
        cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "BELTLINE_PROOF_SEED": str(SEED)},
    ) as victim:  # fmt: skip
        try:
            yield victim
        finally:
            victim.kill()


async def _track_functions(dsn: str) -> None:
    """Let it be known afterwards which functions ran."""
    async with _asking(dsn) as ask:
        [name] = await ask("select current_database()::text")
        await ask(f"alter database {name} set track_functions = 'all'")


async def _assert_all_was_done(dsn: str) -> None:
    """The voyage passes through all there is; what is new needs a step in it.

    Every model is delivered, every stage ended, every function that moves journeys ran, and
    their listeners heard something.
    """
    async with _asking(dsn) as ask:
        unsold = set(get_args(SalesModel)) - await ask(
            "select sales_model from fulfillment.journey where delivered > 0"
        )
        left = await ask(
            """select kind from fulfillment.stage_rule
               except select kind from fulfillment.stage where state = 'DONE'"""
        )
        heard = await ask("select distinct type from kit.event")
    assert (unsold, left) == (set(), set())
    assert [each.name for each in LISTENERS if not any(_wants(each, kind) for kind in heard)] == []
    # What ran is told when the sessions have ended.
    async with asyncio.timeout(20):
        while idle := await _idle_functions(dsn):
            print("not run:", *sorted(idle))
            await asyncio.sleep(0.5)


def _wants(listener: Listener, kind: str) -> bool:
    kinds, prefix = listener.condition()
    return kind in kinds or (prefix is not None and kind.startswith(prefix))


async def _idle_functions(dsn: str) -> set[str]:
    async with _asking(dsn) as ask:
        return (
            await ask(
                r"""select p.proname::text from pg_proc p
                 left join pg_stat_user_functions s on s.funcid = p.oid
                where p.pronamespace = 'fulfillment'::regnamespace
                  and (p.prosrc ~ '(update|insert into) fulfillment\.(journey|stage)\M'
                       or p.prosecdef and p.provolatile = 'v')
                  and coalesce(s.calls, 0) = 0"""
            )
            - ALONE
        )


@asynccontextmanager
async def _asking(dsn: str) -> AsyncIterator[Callable[[str], Awaitable[set[str]]]]:
    connection = await asyncpg.connect(dsn)

    async def ask(sql: str) -> set[str]:
        return {row[0] for row in await connection.fetch(sql)}

    try:
        yield ask
    finally:
        await connection.close()


def _without_numbers(world: dict[str, list[str]]) -> dict[str, object]:
    """An order's number is lost with who dies while it is placed; the order is not."""
    return {
        what: sorted(
            row.partition(" ")[2] if what in {"orders", "journeys"} else row for row in rows
        )
        for what, rows in world.items()
    }

"""Orders, goods and money by chance, alone and five at once: all adds up, and every order ends.

All invariants hold after each step, whatever was refused and whoever gave way.
"""

import asyncio
import datetime as dt

import pytest

from beltline.kit import db as kit_db
from beltline.kit.db import Database
from tests.proofs.sizes import sized
from tests.proofs.victims import NIGHTLY, SEED
from tests.proofs.walker import Walk, make_world
from tests.proofs.worlds import cloned, count_ids, opened, world_of

pytestmark = pytest.mark.proof

STEPS = 220
# The same walks in every run of CI; others each night.
FIRST = SEED if NIGHTLY else 0


@pytest.mark.parametrize("seed", range(FIRST, FIRST + sized(ci=10, nightly=400)))
async def test_whatever_is_done_adds_up_and_ends(
    database: Database, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    await _walk(database, now, monkeypatch, seed, walkers=1, steps=STEPS)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + sized(ci=6, nightly=200)))
async def test_it_does_with_five_at_once(
    database: Database, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    await _walk(database, now, monkeypatch, seed, walkers=5, steps=STEPS // 2)


async def test_one_seed_walks_the_same_way_twice(
    server: str, template: str, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds = []
    for turn in range(2):
        async with cloned(server, template, f"replay_{turn}") as dsn:
            await count_ids(dsn, monkeypatch)
            async with opened(dsn, pool_size=8) as database:
                walk = await _walk(database, now, monkeypatch, FIRST, walkers=1, steps=STEPS)
                worlds.append((walk.trail, await world_of(database)))
    assert worlds[0][0] == worlds[1][0]
    assert worlds[0][1] == worlds[1][1]


async def _walk(
    database: Database, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, seed: int,
    *, walkers: int, steps: int,
) -> Walk:  # fmt: skip
    market = await make_world(database, now)
    walk = Walk(database, market, seed, now)
    monkeypatch.setattr(kit_db, "system_now", lambda: walk.now)
    try:
        await asyncio.gather(*(walk.go(steps) for _ in range(walkers)))
        left = await walk.end()
    finally:
        print(f"seed {seed}: {dict(sorted(walk.done.items()))}")
        print("the last steps:", *walk.trail[-12:], sep="\n  ")
    assert left == []
    async with database.system() as db:
        standing = await db.values("select sku_id from inventory.stock where reserved <> 0")
    assert standing == []
    return walk

"""Orders, goods and money by chance, alone and five at once: all adds up, and every order ends.

All invariants hold after each step, whatever was refused and whoever gave way.
"""

import asyncio
import datetime as dt
import itertools
import os
from uuid import UUID

import asyncpg
import pytest
import uuid_utils.compat

from beltline.kit import db as kit_db
from beltline.kit.db import Database
from tests.proofs.sizes import sized
from tests.proofs.victims import NIGHTLY, SEED
from tests.proofs.walker import Walk, make_world

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
        name = f"replay_{os.getpid()}_{turn}"
        admin = await asyncpg.connect(server.format(database="postgres"))
        await admin.execute(f"create database {name} template {template} strategy file_copy")
        try:
            await _count_ids(server.format(database=name), monkeypatch)
            database = await Database(server.format(database=name), pool_size=8).open()
            walk = await _walk(database, now, monkeypatch, FIRST, walkers=1, steps=STEPS)
            worlds.append((walk.trail, await _world(database)))
            await database.close()
        finally:
            await admin.execute(f"drop database {name} with (force)")
            await admin.close()
    assert worlds[0][0] == worlds[1][0]
    assert worlds[0][1] == worlds[1][1]


async def _count_ids(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids by counting: which of two things of one instant comes first is chance otherwise."""
    numbers = itertools.count(1)
    monkeypatch.setattr(
        uuid_utils.compat, "uuid7", lambda: UUID(f"{0x7000_8000 << 64 | next(numbers):032x}")
    )
    admin = await asyncpg.connect(dsn)
    await admin.execute(
        """create sequence kit.counted_ids;
           grant usage on kit.counted_ids to public;
           create or replace function kit.uuid7(p_now timestamptz) returns uuid
           language sql volatile as $$
             select (lpad(to_hex((date_part('epoch', p_now) * 1000)::bigint), 12, '0') || '70008'
                     || lpad(to_hex(nextval('kit.counted_ids')), 7, '0') || '00000000')::uuid
           $$"""
    )
    await admin.close()


async def _world(database: Database) -> dict[str, list[str]]:
    """Where every unit and every cent is, what became of each order, what was told; without ids."""
    async with database.system() as db:
        return {
            what: await db.values(sql)
            for what, sql in {
                "stock": """select concat_ws(' ', k.code, n.code, o.code, s.on_hand, s.quality_hold,
                                             s.damaged)
                              from inventory.stock s join catalog.sku k on k.id = s.sku_id
                              join trade.node n on n.id = s.node_id
                              join accounts.organization o on o.id = s.owner_org_id order by 1""",
                "money": """select concat_ws(' ', o.code, a.kind, a.currency, sum(e.amount))
                              from ledger.entry e join ledger.account a on a.id = e.account_id
                              join accounts.organization o on o.id = a.org_id
                             group by o.code, a.kind, a.currency order by 1""",
                "orders": """select concat_ws(' ', number, status, total_amount)
                               from orders."order" order by number""",
                "journeys": """select concat_ws(' ', number, line_no, part_no, attempt, state,
                                                delivered, refunded, moving)
                                 from fulfillment.journey
                                order by number, line_no, part_no, attempt, 1""",
                "events": "select type || ' ' || count(*) from kit.event group by type order by 1",
            }.items()
        }


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

"""kill -9 of a client at random moments: with retries of the same keys nothing is lost or twice."""

import asyncio
import random
from typing import Any

import msgspec
import pytest

from beltline.kit.db import Database
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import make_market
from tests.proofs.buyers import Buyer, Job, lines_of, start
from tests.proofs.sizes import sized

pytestmark = pytest.mark.proof

SEED = 20261122


async def test_every_key_is_one_order_whenever_the_client_dies(database: Database) -> None:
    kills = sized(ci=15, nightly=500)
    chance = random.Random(SEED)
    market = await make_market(
        database, await database.now(), buyers=1, skus=4, on_hand=10**6, balance=10**12
    )
    buyer = Buyer(market.buyer.org_id, market.buyer.name)
    acknowledged: dict[str, str] = {}
    waiting: list[str] = []
    for kill in range(kills):
        # Old keys come again: those acknowledged too, as a client that forgot would send them.
        repeated = chance.sample(sorted(acknowledged), min(5, len(acknowledged)))
        keys = waiting + repeated + [f"{kill} {n}" for n in range(400)]
        process = await start(
            Job(database.dsn, "keys", [buyer], sorted(market.skus), keys=keys, clients=4)
        )
        # In the middle of its work, wherever that is: a few others are under way as well.
        for line in await _killed_after(process, chance.randint(1, 395)):
            known = acknowledged.setdefault(line["key"], line["order"])
            assert known == line["order"], f"seed {SEED}: {line['key']} became two orders"
        waiting = [key for key in keys if key not in acknowledged]
    last = await start(
        Job(database.dsn, "keys", [buyer], sorted(market.skus), keys=waiting, clients=4)
    )
    for line in await lines_of(last):
        acknowledged[line["key"]] = line["order"]
    async with database.system() as db:
        orders = await db.value('select count(*) from orders."order"')
        keys_kept = await db.value("select count(*) from kit.idempotency")
        distinct = await db.value("select count(distinct response->>'id') from kit.idempotency")
    assert orders == keys_kept == distinct == len(acknowledged), f"seed {SEED}"
    assert len(acknowledged) == kills * 400
    health = await prove_all(database, await database.now())
    broken = [p for p in health.items if not p.holds and p.name != "events_published"]
    assert broken == []


async def _killed_after(process: asyncio.subprocess.Process, count: int) -> list[dict[str, Any]]:
    """What the process told until SIGKILL met it, soon after `count` acknowledgements."""
    assert process.stdout is not None
    told = [msgspec.json.decode(await process.stdout.readline()) for _ in range(count)]
    process.kill()
    return told + await lines_of(process)

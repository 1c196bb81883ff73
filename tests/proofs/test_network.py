"""A simulated network, every fault on: units, owners and money are conserved, and every order ends.

The same seed gives the same history again. `BELTLINE_PROOF_ORDERS` is another number of orders than
the size's; memory stays as it is, and each day says how far it is.
"""

import datetime as dt
import os
import time

import asyncpg
import pytest

from beltline.kit.db import Database
from beltline.tower.queries.proofs import prove_all
from tests.proofs.network import EVERYTHING, Network, sandboxed
from tests.proofs.sizes import sized
from tests.proofs.victims import SEED
from tests.proofs.worlds import cloned, count_ids, digest_of

pytestmark = pytest.mark.proof

ORDERS = int(os.environ.get("BELTLINE_PROOF_ORDERS") or sized(ci=160, nightly=1_000_000))
A_DAY = sized(ci=40, nightly=5_000)
PROVED_EVERY_DAYS = 7
DAYS_MAX = 120
"""After the last order: all deadlines, questions and waits are over by then."""


async def test_a_network_of_many_orders_conserves_all_and_goes_the_same_way_again(
    server: str, template: str, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}, {ORDERS} orders")
    histories = []
    for turn in range(2):
        async with cloned(server, template, f"network_{turn}") as dsn:
            await count_ids(dsn, monkeypatch)
            histories.append(await _live(dsn, now))
    assert histories[0] == histories[1]


async def _live(dsn: str, now: dt.datetime) -> tuple[dict[str, int], dict[str, tuple[int, str]]]:
    async with sandboxed(dsn, now) as (database, market):
        network, started = Network(database, market, SEED, EVERYTHING), time.monotonic()
        day = last = 0
        while network.placed < ORDERS or not await network.ends():
            assert day - last < DAYS_MAX, "some orders do not end"
            wanted = min(A_DAY, ORDERS - network.placed)
            at = await network.live(wanted)
            day += 1
            last = day if wanted else last
            if day % PROVED_EVERY_DAYS == 0:
                await _assert_sound(database, at)
            if day % PROVED_EVERY_DAYS == 1:
                await _analyze(dsn)
            rate = network.placed / (time.monotonic() - started)
            print(f"day {day}: {network.placed} orders, {rate:.1f} a second", flush=True)
        await _assert_sound(database, await database.now())
        print(dict(network.done))
        return dict(network.done), await digest_of(database)


async def _analyze(dsn: str) -> None:
    """What a server does by itself, but that of the tests does not: know its tables' sizes."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("analyze")
    await admin.close()


async def _assert_sound(database: Database, now: dt.datetime) -> None:
    health = await prove_all(database, now)
    assert [proof for proof in health.items if not proof.holds] == []

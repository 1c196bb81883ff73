"""P6: an order that was acknowledged over HTTP is there, however often the database is killed."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable

import httpx
import msgspec
import pytest

from beltline.kit.db import Database
from beltline.tower.queries.proofs import prove_all
from tests.journeys.program import Program
from tests.orders.http import idempotent, key_of
from tests.orders.make import make_market, order_body
from tests.proofs.sizes import sized
from tests.proofs.victims import SEED, embedded_server, kill_server, migrated

pytestmark = pytest.mark.proof

CLIENTS = 4
BACK_S = 5.0
"""How soon after a kill an order must be acknowledged again, at the 95th percentile."""


class Ledger(msgspec.Struct):
    """What the clients know: the order of every key that was acknowledged, and when."""

    orders: dict[str, str] = {}
    latest_at: float = 0.0
    failures: int = 0
    stopping: bool = False


async def test_no_acknowledged_order_is_lost_when_the_server_dies() -> None:
    kills = sized(ci=20, nightly=500)
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with embedded_server() as (data, superuser_dsn):
        dsn = await migrated(superuser_dsn)
        database = await Database(dsn, pool_size=2).open()
        market = await make_market(
            database, await database.now(), buyers=1, skus=4, on_hand=10**7, balance=10**13
        )
        headers = await key_of(database, market.buyer)
        await database.close()
        web = Program("serve", "--port", "0", DATABASE_URL=dsn)
        web.start()
        try:
            known = Ledger()
            clients = [
                asyncio.create_task(_order(known, web.url, headers, sorted(market.skus), n))
                for n in range(CLIENTS)
            ]
            back_s = []
            for _ in range(kills):
                await asyncio.sleep(chance.uniform(0.2, 1.2))
                killed_at = time.monotonic()
                kill_server(data)
                await asyncio.sleep(0.05)
                await _until(lambda: known.latest_at > killed_at + 0.05)  # noqa: B023
                back_s.append(known.latest_at - killed_at)
            known.stopping = True
            await asyncio.gather(*clients)
            assert web.is_running
        finally:
            web.kill()
        await _check(dsn, known)
    back_s.sort()
    p95 = back_s[int(0.95 * (len(back_s) - 1))]
    print(
        f"{kills} kills, {len(known.orders)} orders, {known.failures} tries in vain, "
        f"back p95 {p95:.2f} s, most {back_s[-1]:.2f} s"
    )
    # The kills met requests on their way, not only an idle server.
    assert known.failures >= kills / 2
    assert p95 < BACK_S


async def _order(
    known: Ledger, url: str, headers: dict[str, str], skus: list[str], number: int
) -> None:
    """Place orders one after another, each again with its key until it is acknowledged."""
    waiting: deque[str] = deque()
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        n = 0
        while waiting or not known.stopping:
            if not waiting:
                n += 1
                waiting.append(f"{number} {n}")
            key = waiting[0]
            try:
                answer = await client.post(
                    "/v1/orders", json=order_body((skus[n % len(skus)], 1)),
                    headers=idempotent(headers, key),
                )  # fmt: skip
            except httpx.TransportError:
                answer = None
            if answer is None or answer.status_code in (409, 429, 503):
                known.failures += 1
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code == 201, (answer.status_code, answer.text)
            known.orders[key] = answer.json()["id"]
            known.latest_at = time.monotonic()
            waiting.popleft()


async def _until(holds: Callable[[], bool], *, within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - asked of other processes
            await asyncio.sleep(0.01)


async def _check(dsn: str, known: Ledger) -> None:
    database = await Database(dsn, pool_size=2).open()
    async with database.system() as db:
        kept = set(
            await db.values("""select 'ord_' || replace(id::text, '-', '')
                                        from orders."order" """)
        )
    acknowledged = set(known.orders.values())
    assert acknowledged - kept == set(), "acknowledged and lost"
    assert kept - acknowledged == set(), "kept twice, or never acknowledged"
    assert len(acknowledged) == len(known.orders)
    health = await prove_all(database, await database.now())
    # No worker publishes here.
    broken = [p for p in health.items if not p.holds and p.name != "events_published"]
    assert broken == []
    await database.close()

"""The database is killed under a web server that is asked all the time: 503 at worst, never 500.

Reads, writes that carry a key, and whether it is ready, each asked by a client that never pauses:
a request may meet the kill before, within or after its transaction.
"""

import asyncio
import collections
import itertools
import random
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from beltline.kit.db import Database
from tests.journeys.program import Program
from tests.orders.http import key_of
from tests.planning.make import make_world
from tests.proofs.sizes import sized
from tests.proofs.victims import SEED, embedded_server, kill_server, migrated, patiently

pytestmark = pytest.mark.proof

STOCK = b"sku,node,owner,kind,on_hand\nA-1,CON-YIW,operator,COUNTED,1\n"

Ask = Callable[[httpx.Client, str], httpx.Response]


class Clients:
    """Clients that ask without a pause, and what they were answered."""

    def __init__(self, url: str, headers: dict[str, str], kinds: dict[str, Ask]) -> None:
        self.statuses: collections.Counter[tuple[str, int]] = collections.Counter()
        self.failures: list[str] = []
        self.kinds = tuple(kinds)
        self._url = url
        self._headers = headers
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=kind, daemon=True) for kind in kinds.items()
        ]

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and wait for the last answers."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, kind: str, ask: Ask) -> None:
        with httpx.Client(base_url=self._url, headers=self._headers, timeout=30) as client:
            for key in _keys(kind):
                if self._ended.is_set():
                    return
                answer = ask(client, key)
                self.statuses[kind, answer.status_code] += 1
                if answer.status_code >= 500 and answer.status_code != 503:
                    self.failures.append(f"{kind}: {answer.text}")


async def test_no_request_fails_of_us_while_the_database_dies() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with embedded_server() as (data, superuser_dsn):
        dsn = await migrated(superuser_dsn)
        database = await Database(dsn, pool_size=2).open()
        network = await make_world(database)
        web = Program("serve", "--port", "0", DATABASE_URL=dsn)
        web.start()
        clients = Clients(web.url, await key_of(database, network.operator), _kinds(web.url))
        clients.start()
        try:
            for _ in range(sized(ci=30, nightly=500)):
                await asyncio.sleep(chance.uniform(0.2, 1.2))
                kill_server(data)
                await patiently(lambda: _answers(database))
        finally:
            clients.stop()
            said = web.said()
            web.kill()
        await database.close()
    print(dict(clients.statuses))
    assert clients.failures == [], said
    for kind in clients.kinds:
        # Each of them was answered well, and met a kill.
        assert any(clients.statuses[kind, status] for status in (200, 202)), kind
        assert clients.statuses[kind, 503], kind


def _kinds(url: str) -> dict[str, Ask]:
    paths = httpx.get(f"{url}/v1/openapi.json").json()["paths"]
    reads = itertools.cycle(sorted(p for p, o in paths.items() if "get" in o and "{" not in p))
    wanted = {"parameters": {"horizon": 7, "paths": 50}}
    return {
        "read": lambda client, _key: client.get(next(reads)),
        "health": lambda client, _key: client.get("/ready"),
        "file": lambda client, key: client.post(
            "/v1/imports", data={"dataset": "stock"}, files={"file": ("stock.csv", STOCK)},
            headers={"Idempotency-Key": key},
        ),
        "plan": lambda client, key: client.post(
            "/v1/plans", json=wanted, headers={"Idempotency-Key": key}
        ),
    }  # fmt: skip


def _keys(kind: str) -> Iterator[str]:
    """Keys, each used three times as by a client that tries again."""
    for number in itertools.count():
        yield f"{kind} {number // 3}"


async def _answers(database: Database) -> None:
    async with database.system() as db:
        await db.value("select 1")

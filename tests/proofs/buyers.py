"""Buyers in a process of their own: `python -m tests.proofs.buyers`, a job as JSON on stdin.

Each thing that is known to have happened is one JSON line on stdout, written at once, so that
whoever kills this process knows exactly what was acknowledged.
"""

import asyncio
import collections
import contextlib
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal, Transient
from beltline.kit.idempotency import KeyInFlight
from beltline.kit.ids import read_id
from beltline.orders import actions
from beltline.orders.types import OrderBody
from tests.orders.make import order_body

ROOT = Path(__file__).parents[2]


class Buyer(msgspec.Struct, frozen=True):
    """An organization that buys."""

    org_id: UUID
    name: str

    @property
    def actor(self) -> Actor:
        """The buyer as it acts through a key."""
        return Actor(self.org_id, "BUYER", self.name, "API_KEY", self.org_id, request_id="proof")


class Job(msgspec.Struct, frozen=True):
    """What to do.

    `race` (each buyer one unit at `start_at`), `mixed` (`tries` places and cancels by `clients` at
    once) or `keys` (an order for each key, again until answered).
    """

    dsn: str
    mode: str
    buyers: list[Buyer]
    skus: list[str]
    seed: int = 0
    tries: int = 0
    clients: int = 1
    keys: list[str] = []
    start_at: float = 0.0


async def start(job: Job) -> asyncio.subprocess.Process:
    """Start a process of buyers with this job."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.proofs.buyers", cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(job) + b"\n")
    await process.stdin.drain()
    return process


async def lines_of(process: asyncio.subprocess.Process) -> list[dict[str, Any]]:
    """Everything the process told until its end; a line cut by its death is left out."""
    assert process.stdout is not None
    said = await process.stdout.read()
    await process.wait()
    complete = said[: said.rfind(b"\n") + 1].splitlines()
    return [msgspec.json.decode(line) for line in complete]


def _tell(**line: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


async def _place(database: Database, buyer: Buyer, body: dict[str, Any], key: str) -> str:
    """Place an order, again while the key is in flight or the server is away; its id."""
    order = msgspec.convert(body, OrderBody)
    while True:
        try:
            answer = await actions.place_order(
                database, buyer.actor, order, key=key, now=await database.now()
            )
            shown: str = answer.unwrap().response["id"]
        except (KeyInFlight, Transient):
            await asyncio.sleep(0.01)
        else:
            return shown


async def _race(database: Database, job: Job) -> None:
    async def one(buyer: Buyer) -> None:
        await asyncio.sleep(job.start_at - time.time())
        try:
            told = await _place(database, buyer, order_body((job.skus[0], 1)), f"race {buyer.name}")
        except Refusal as refusal:
            told = refusal.code
        _tell(outcome=told)

    await asyncio.gather(*(one(buyer) for buyer in job.buyers))


async def _mixed(database: Database, job: Job) -> None:
    outcomes: collections.Counter[str] = collections.Counter()

    async def client(number: int) -> None:
        chance = random.Random(f"{job.seed} {number}")
        buyer = job.buyers[number % len(job.buyers)]
        orders: list[str] = []
        for n in range(job.tries // job.clients):
            key = f"{job.seed} {number} {n}"
            if orders and chance.random() < 0.45:
                order_id = read_id("ord", orders.pop(chance.randrange(len(orders))))
                now = await database.now()
                answer = await actions.cancel_order(
                    database, buyer.actor, order_id, key=key, now=now
                )
                answer.unwrap()
                outcomes["cancelled"] += 1
                continue
            lines = [
                (sku, chance.randint(1, 5))
                for sku in chance.choices(job.skus, k=chance.randint(1, 3))
            ]
            try:
                body = order_body(*lines, partial=chance.random() < 0.3)
                orders.append(await _place(database, buyer, body, key))
                outcomes["placed"] += 1
            except Refusal as refusal:
                outcomes[refusal.code] += 1

    await asyncio.gather(*(client(number) for number in range(job.clients)))
    _tell(**outcomes)


async def _keys(database: Database, job: Job) -> None:
    waiting = collections.deque(job.keys)

    async def client() -> None:
        while waiting:
            key = waiting.popleft()
            body = order_body((job.skus[sum(key.encode()) % len(job.skus)], 1))
            _tell(key=key, order=await _place(database, job.buyers[0], body, key))

    await asyncio.gather(*(client() for _ in range(job.clients)))


@contextlib.asynccontextmanager
async def _opened(job: Job) -> AsyncIterator[Database]:
    database = await Database(job.dsn, pool_size=max(job.clients, len(job.buyers))).open("bl_app")
    yield database
    await database.close()


async def _main(job: Job) -> None:
    async with _opened(job) as database:
        await {"race": _race, "mixed": _mixed, "keys": _keys}[job.mode](database, job)


if __name__ == "__main__":
    asyncio.run(_main(msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)))

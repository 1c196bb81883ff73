"""P5 from outside: web, worker and database are killed while files come in and plans are made.

The real processes, asked over HTTP with an Idempotency-Key until they answer: each import and each
plan ends once, what it wrote is there once, and every plan proposes what the last one does, which
nothing disturbed.
"""

import asyncio
import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from beltline.catalog import actions as catalog
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Transient
from beltline.tower.queries.proofs import prove_all
from tests.catalog.make import OFFER_COLUMNS, SKU_COLUMNS, Network
from tests.journeys.program import Program
from tests.orders.http import key_of
from tests.planning.make import make_world
from tests.proofs.sizes import sized
from tests.proofs.victims import SEED, embedded_server, kill_server, migrated

pytestmark = pytest.mark.proof

SKUS = [f"K-{n:03d}" for n in range(60)]
NODES = ("CON-YIW", "OVS-WAW")
DAYS_A_FILE = 50
ROWS_A_FILE = len(SKUS) * len(NODES) * DAYS_A_FILE
WAIT_S = 300.0


class File(msgspec.Struct, frozen=True):
    """A file to upload, and how many rows it holds."""

    dataset: str
    content: bytes
    rows: int


class System:
    """Database, web and worker as they run together, and how one of them is killed."""

    def __init__(self, data: Path, dsn: str, chance: random.Random) -> None:
        self._data = data
        self._chance = chance
        self._web = Program("serve", "--port", "0", DATABASE_URL=dsn)
        self._worker = Program("worker", DATABASE_URL=dsn)

    def start(self) -> None:
        """Start web and worker; the database runs."""
        self._web.start()
        self._worker.start()

    def stop(self) -> None:
        """End both."""
        self._web.kill()
        self._worker.kill()

    @property
    def url(self) -> str:
        """Where the web process listens; another port after each of its deaths."""
        return self._web.url

    def said(self) -> str:
        """The end of what the web process wrote to its log."""
        return self._web.said()

    async def kill_one(self, number: int) -> None:
        """Kill the worker most often, for it does the work; wait until it is back."""
        if number % 5 == 4:
            await asyncio.sleep(self._chance.uniform(0, 1.5))
            kill_server(self._data)
        elif number % 5 == 1:
            await asyncio.sleep(self._chance.uniform(0, 0.15))
            self._web.kill()
            await asyncio.to_thread(self._web.start)
        else:
            await asyncio.sleep(self._chance.uniform(0, 1.5))
            self._worker.kill()
            await asyncio.to_thread(self._worker.start)


async def test_imports_and_plans_survive_every_kill(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    kills = sized(ci=20, nightly=500)
    chance = random.Random(SEED)
    with embedded_server() as (data, superuser_dsn):
        dsn = await migrated(superuser_dsn)
        database = await Database(dsn, pool_size=4).open()
        network = await _prepare(database)
        headers = await key_of(database, network.operator)
        files = _files(day_of(await database.now()), kills // 2, chance)
        system = System(data, dsn, chance)
        system.start()
        try:
            hit = 0
            for number in range(kills):
                if number < len(files):
                    asking = _upload(system, headers, files[number], f"file {number}")
                else:
                    asking = _plan(system, headers, f"plan {number}")
                asked = asyncio.create_task(asking)
                await system.kill_one(number)
                # It hit when the job was open, or was not even asked for.
                hit += not asked.done() or await _is_open(database)
                await asked
                await _until_ended(database)
            await _plan(system, headers, "the last plan")
            await _until_ended(database)
        finally:
            system.stop()
        await _check_imports(database, files)
        await _check_plans(database, kills - len(files) + 1)
        health = await prove_all(database, await database.now())
        assert [p for p in health.items if not p.holds and p.name != "events_published"] == []
        await database.close()
    print(f"{kills} kills, {hit} of them of a job at work")
    assert hit >= kills / 2


async def _prepare(database: Database) -> Network:
    """The small network with more goods, all of them offered."""
    network = await make_world(database, demand=False)
    now = await database.now()
    skus = "".join(f"{n},{code},P-2,PIECE,1\n" for n, code in enumerate(SKUS, 1))
    offers = "".join(
        f"{n},yiwu-02,{code},OPERATOR,CNY,1,{2 + n / 10:.1f},{5 + n}\n"
        for n, code in enumerate(SKUS, 1)
    )
    async with database.system() as db:
        await catalog.import_skus(db, columns=SKU_COLUMNS, csv=skus.encode(), now=now)
        await catalog.import_offers(db, columns=OFFER_COLUMNS, csv=offers.encode(), now=now)
    return network


def _files(today: dt.date, count: int, chance: random.Random) -> list[File]:
    """Demand, file after file up to yesterday; every fifth file counts stock instead."""
    demand = count - count // 5
    files: list[File] = []
    first = today - dt.timedelta(days=demand * DAYS_A_FILE)
    for number in range(count):
        if number % 5 == 2:
            files.append(_stock(number))
            continue
        days = [first + dt.timedelta(days=n) for n in range(DAYS_A_FILE)]
        first = days[-1] + dt.timedelta(days=1)
        rows = [
            f"{sku},{node},{day},{chance.randint(0, 9)}\n"
            for sku in SKUS for node in NODES for day in days
        ]  # fmt: skip
        files.append(File("demand", ("sku,node,ds,y\n" + "".join(rows)).encode(), len(rows)))
    return files


def _stock(number: int) -> File:
    """A count that changes every row there is, so that each makes one movement."""
    rows = [f"{sku},{node},operator,COUNTED,{10 + number}\n" for sku in SKUS for node in NODES]
    content = "sku,node,owner,kind,on_hand\n" + "".join(rows)
    return File("stock", content.encode(), len(rows))


async def _upload(system: System, headers: dict[str, str], file: File, key: str) -> None:
    def send(client: httpx.Client) -> httpx.Response:
        return client.post(
            "/v1/imports", data={"dataset": file.dataset},
            files={"file": (f"{key}.csv", file.content)},
            headers={**headers, "Idempotency-Key": key},
        )  # fmt: skip

    await _until_answered(system, send)


async def _plan(system: System, headers: dict[str, str], key: str) -> None:
    def send(client: httpx.Client) -> httpx.Response:
        wanted: dict[str, Any] = {"parameters": {"horizon": 7, "paths": 50}}
        return client.post("/v1/plans", json=wanted, headers={**headers, "Idempotency-Key": key})

    await _until_answered(system, send)


async def _until_answered(system: System, send: Callable[[httpx.Client], httpx.Response]) -> None:
    """Send it until it is taken, as a client with a key may."""

    def once() -> httpx.Response | None:
        try:
            with httpx.Client(base_url=system.url, timeout=30) as client:
                return send(client)
        except httpx.TransportError:
            return None

    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await asyncio.to_thread(once)
            if answer is not None and answer.status_code == 202:
                return
            taken_later = answer is None or answer.status_code in (409, 429, 503)
            assert taken_later, (answer and answer.text, system.said())
            await asyncio.sleep(0.1)


async def _is_open(database: Database) -> bool:
    """Whether a job is under way; the server may just be away."""
    sql = "select exists(select from kit.job where state in ('QUEUED', 'RUNNING'))"
    while True:
        try:
            async with database.system() as db:
                return bool(await db.value(sql))
        except Transient:
            await asyncio.sleep(0.1)


async def _until_ended(database: Database) -> None:
    async with asyncio.timeout(WAIT_S):
        while await _is_open(database):  # noqa: ASYNC110 - what is awaited is another process
            await asyncio.sleep(0.2)


async def _check_imports(database: Database, files: list[File]) -> None:
    async with database.system() as db:
        assert await db.values("select message from kit.job where state <> 'DONE'") == []
        outcomes = await db.values("select result from kit.job where kind = 'import.v1'")
        audited = await _count(db, "accounts.audit where action = 'import'")
        demand = await _count(db, "planning.demand")
        movements = await _count(db, "inventory.movement")
    # A file that was loaded twice would have found its own rows unchanged.
    told = sorted((o["rows"], o["inserted"] + o["updated"], o["bad_rows"]) for o in outcomes)
    assert told == sorted((file.rows, file.rows, 0) for file in files)
    assert audited == len(files)
    assert demand == sum(file.rows for file in files if file.dataset == "demand")
    assert movements == sum(file.rows for file in files if file.dataset == "stock")


async def _count(db: Reader, what: str) -> int:
    return int(await db.value(f"select count(*) from {what}"))


async def _check_plans(database: Database, plans: int) -> None:
    async with database.system() as db:
        states = await db.values("select state from planning.plan_run")
        proposed = await db.values(
            """select md5(string_agg(concat_ws(' ', sku_id, node_id, quantity, order_by, amount),
                                     '' order by sku_id, node_id))
                 from planning.proposal group by plan_run_id"""
        )
        series = await db.values("select count(*) from planning.forecast group by plan_run_id")
        proposals = await db.value(
            """select count(*) - count(distinct (plan_run_id, sku_id, node_id))
                 from planning.proposal"""
        )
    assert states == ["DONE"] * plans
    assert (len(proposed), len(set(proposed)), proposals) == (plans, 1, 0)
    assert series == [len(SKUS) * len(NODES)] * plans

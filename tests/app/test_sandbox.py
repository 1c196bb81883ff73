"""The sandbox: time that passes when asked, a worker, histories that repeat under one seed."""

import datetime as dt

import asyncpg
import msgspec
import pytest

from beltline.app.advance import advance
from beltline.app.sandbox_clock import NotASandbox
from beltline.app.sandbox_worker import run_waiting
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.journeys import Faults, Journey
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.jobs.queries import get_job
from beltline.kit.sandbox import start_clock
from beltline.orders import actions as orders
from beltline.orders.types import OrderBody
from tests.app.client import client_of
from tests.fulfillment.journeys import assert_sound
from tests.orders.http import key_of
from tests.orders.make import Market, fresh_key, make_market, order_body

DAY = dt.timedelta(days=1)
EVERYTHING = Faults(factory_late=0.3, defects=0.08, customs_hold=0.3, lost_parcel=0.3, seed=7)


async def make_sandbox(database: Database, now: dt.datetime) -> tuple[Database, Market]:
    """A market in a database whose clock is a row, with placed orders that nobody has moved."""
    async with database.system() as db:
        await start_clock(db, now)
    market = await make_market(database, now, on_hand=1_000, balance=10_000_000)
    sandbox = await Database(database.dsn, pool_size=3).open()
    for n in range(12):
        body = msgspec.convert(order_body(("S-1", 5 + n), ("S-2", 3)), OrderBody)
        await orders.place_order(sandbox, market.buyer, body, key=fresh_key(), now=now)
    return sandbox, market


async def history(database: Database, market: Market) -> list[Journey]:
    """What became of every order, without ids."""
    async with database.system() as db:
        found = await db.values('select id from orders."order" order by number')
        ways = [way for order in found for way in await journeys.list_journeys_of(db, order)]
    return [msgspec.structs.replace(w, id=market.operator.org_id, order_id=market.operator.org_id)
            for w in ways]  # fmt: skip


async def test_days_pass_and_every_order_ends(database: Database, now: dt.datetime) -> None:
    sandbox, market = await make_sandbox(database, now)
    try:
        quick = await advance(sandbox, until=now + 2 * DAY, faults=EVERYTHING)
        assert quick.stages_ended > 0
        done = await advance(sandbox, until=now + 30 * DAY, faults=EVERYTHING)
        assert await sandbox.now() == done.now == now + 30 * DAY
        ways = await history(sandbox, market)
        async with sandbox.system() as db:
            held = await db.values("select reference from ledger.hold where state <> 'CLOSED'")
    finally:
        await sandbox.close()
    assert done.deadlines_met > 0
    assert done.receipts_confirmed > 0
    assert held == []
    assert {way.state for way in ways} <= {"DELIVERED", "ENDED"}
    assert sum(way.refunded for way in ways) > 0
    assert sum(way.delivered + way.refunded + way.replaced for way in ways) == sum(
        way.quantity for way in ways
    )
    await assert_sound(database, now)


async def test_one_seed_goes_the_same_way_again(
    database: Database, server: str, template: str, now: dt.datetime
) -> None:
    again = f"{template}_again"
    admin = await asyncpg.connect(server.format(database="postgres"))
    await admin.execute(f"create database {again} template {template}")
    second = await Database(server.format(database=again), pool_size=3).open()
    seen = []
    try:
        for each in (database, second):
            sandbox, market = await make_sandbox(each, now)
            await advance(sandbox, until=now + 12 * DAY, faults=EVERYTHING)
            seen.append(await history(sandbox, market))
            await sandbox.close()
    finally:
        await second.close()
        await admin.execute(f"drop database {again} with (force)")
        await admin.close()
    assert seen[0] == [msgspec.structs.replace(w, id=seen[0][0].id, order_id=seen[0][0].id)
                       for w in seen[1]]  # fmt: skip


async def test_a_test_key_advances_the_clock_and_a_live_one_cannot(
    database: Database, now: dt.datetime
) -> None:
    sandbox, market = await make_sandbox(database, now)
    try:
        headers = await key_of(database, market.buyer)
        async with client_of(database.dsn, **headers) as http:
            key = {"Idempotency-Key": fresh_key()}
            asked = await http.post("/v1/sandbox/advance", json={"days": 3}, headers=key)
            clock = (await http.get("/v1/sandbox")).json()
            wrong = await http.post(
                "/v1/sandbox/advance", json={"days": 900}, headers={"Idempotency-Key": fresh_key()}
            )
        assert (asked.status_code, wrong.status_code) == (202, 422)
        assert clock["is_sandbox"] is True
        assert await run_waiting(sandbox) == 1
        assert await run_waiting(sandbox) == 0
        async with sandbox.system() as db:
            job = await get_job(db, read_id("job", asked.json()["job_id"]))
        assert (job.state, await sandbox.now()) == ("DONE", now + 3 * DAY)
    finally:
        await sandbox.close()


async def test_where_time_moves_by_itself_it_is_not_moved(
    database: Database, now: dt.datetime
) -> None:
    with pytest.raises(NotASandbox):
        await advance(database, until=now + DAY, faults=Faults())

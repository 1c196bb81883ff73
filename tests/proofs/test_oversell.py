"""Nothing is sold twice: the last units, a storm of places and cancels, one key many times."""

import asyncio
import collections
import datetime as dt
import time

import msgspec
import pytest

from beltline.kit.db import Database
from beltline.kit.idempotency import Answer, KeyInFlight
from beltline.kit.ids import read_id
from beltline.orders import actions
from beltline.orders.types import OrderBody
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import Market, fresh_key, make_market, order_body
from tests.proofs.buyers import Buyer, Job, lines_of, start
from tests.proofs.sizes import sized

pytestmark = pytest.mark.proof


def buyers_of(market: Market) -> list[Buyer]:
    return [Buyer(actor.org_id, actor.name) for actor in market.buyers]


async def assert_sound(database: Database) -> None:
    health = await prove_all(database, await database.now())
    # The feed is nobody's business here: no relay runs.
    broken = [p for p in health.items if not p.holds and p.name != "events_published"]
    assert broken == []


async def test_the_last_ten_units_go_to_exactly_ten_of_fifty_buyers(database: Database) -> None:
    market = await make_market(database, await database.now(), buyers=50, skus=1, on_hand=10)
    buyers = buyers_of(market)
    start_at = time.time() + 4
    processes = [
        await start(Job(database.dsn, "race", half, ["S-1"], start_at=start_at))
        for half in (buyers[:25], buyers[25:])
    ]
    told = [line["outcome"] for process in processes for line in await lines_of(process)]
    refused = told.count("orders.out_of_stock")
    placed = [outcome for outcome in told if outcome.startswith("ord_")]
    assert (len(placed), refused) == (10, 40)
    async with database.system() as db:
        assert await db.value('select count(*) from orders."order"') == 10
        assert await db.value("select on_hand - reserved from inventory.stock") == 0
        assert await db.value("select sum(amount)::bigint from ledger.entry") == 0
    await assert_sound(database)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_storm_of_places_and_cancels_leaks_nothing(database: Database, seed: int) -> None:
    tries = sized(ci=17_000, nightly=334_000)
    market = await make_market(
        database, await database.now(), buyers=8, skus=6, on_hand=40, balance=10**9
    )
    processes = [
        await start(
            Job(
                database.dsn, "mixed", buyers_of(market), sorted(market.skus),
                seed=10 * seed + half, tries=tries // 2, clients=32,
            )
        )
        for half in (0, 1)
    ]  # fmt: skip
    outcomes: collections.Counter[str] = collections.Counter()
    for process in processes:
        for line in await lines_of(process):
            outcomes.update(line)
    assert sum(outcomes.values()) == tries // 64 * 64
    # The storm must have met every side: without refusals nothing was contended for.
    assert min(outcomes[name] for name in ("placed", "cancelled", "orders.out_of_stock")) > 0
    async with database.system() as db:
        over = await db.value("select count(*) from inventory.stock where reserved > on_hand")
        orders = await db.value('select count(*) from orders."order"')
    assert (over, orders) == (0, outcomes["placed"])
    await assert_sound(database)
    await _cancel_all(database, market)
    async with database.system() as db:
        assert await db.value("select sum(reserved)::bigint from inventory.stock") == 0
        assert await db.value("select sum(available)::bigint from ledger.balance") == 8 * 10**9
    await assert_sound(database)


async def _cancel_all(database: Database, market: Market) -> None:
    async with database.system() as db:
        left = await db.values(
            """select 'ord_' || replace(id::text, '-', '') from orders."order"
                where status <> 'CANCELLED' order by id"""
        )
    now = await database.now()
    for shown in left:
        answer = await actions.cancel_order(
            database, market.operator, read_id("ord", shown), key=fresh_key(), now=now
        )
        answer.unwrap()


async def test_one_key_has_one_effect_however_it_is_raced(dsn: str) -> None:
    races = sized(ci=300, nightly=10_000)
    database = await Database(dsn, pool_size=16).open()
    now = await database.now()
    market = await make_market(database, now, skus=1, buyers=1, on_hand=races, balance=10**9)
    order = msgspec.convert(order_body(("S-1", 1)), OrderBody)
    in_flight = 0
    for number in range(races):
        answers = await asyncio.gather(
            *(_try(database, market, order, f"race {number}", now) for _ in range(16))
        )
        known = [answer for answer in answers if answer is not None]
        in_flight += 16 - len(known)
        assert [answer.replayed for answer in known].count(False) == 1
        assert {answer.status for answer in known} == {201}
        assert len({answer.response["id"] for answer in known}) == 1
    async with database.system() as db:
        assert await db.value('select count(*) from orders."order"') == races
    await assert_sound(database)
    await database.close()
    assert in_flight > 0


async def _try(
    database: Database, market: Market, order: OrderBody, key: str, now: dt.datetime
) -> Answer | None:
    try:
        return await actions.place_order(database, market.buyer, order, key=key, now=now)
    except KeyInFlight:
        return None

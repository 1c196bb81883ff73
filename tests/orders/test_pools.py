"""Pools: small wishes reach an offer's minimum together, each at its fair share, or are freed."""

import asyncio
import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import get_operator
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.ledger.types import InsufficientBalance
from beltline.orders import actions as orders
from beltline.orders import queries as order_queries
from beltline.orders import workflows
from beltline.orders.actions import pools
from beltline.orders.queries import pools as queries
from beltline.orders.rules.pools import end
from beltline.orders.types import AmendBody, AmendedLine, OrderBody
from beltline.orders.types.pools import (
    BoughtTogether,
    NothingToPool,
    NotInPool,
    Pledge,
    PledgeBody,
    Pool,
    PoolBody,
    PoolEnded,
    PoolJoined,
    PoolToEnd,
    PoolTooShort,
    PriceMaxTooLow,
)
from tests.fulfillment.journeys import assert_sound
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import (
    Market,
    fresh_key,
    make_lane,
    make_market,
    make_node,
    make_offer,
    order_body,
    set_stock,
)
from tests.visitor import visiting

DAY = dt.timedelta(days=1)


async def a_market(
    database: Database, now: dt.datetime, *, buyers: int = 3, on_hand: int = 100, moq: int = 50
) -> Market:
    """S-1 costs 2.00 from 50 and 1.50 from 80; every buyer has 1,000.00 USD."""
    market = await make_market(
        database, now, buyers=buyers, skus=1, on_hand=on_hand, balance=100_000, moq=moq, price="2"
    )
    async with database.system() as db:
        await db.execute(
            """insert into catalog.offer_break
               select o.id, 80, 1.5 from catalog.offer o where o.sku_id = $1""",
            market.skus["S-1"],
        )
    return market


async def opened(database: Database, market: Market, now: dt.datetime, **changes: Any) -> Pool:
    body = PoolBody(**{"sku": "S-1", "currency": "USD", "closes_at": now + 3 * DAY, **changes})
    async with database.writing(market.operator) as db:
        return await pools.open_pool(db, market.operator, body=body, now=now)


def wish(quantity: int, price_max: str | None = None, **changes: Any) -> PledgeBody:
    return msgspec.convert(
        {"quantity": quantity, "reference": "W-1", "price_max": price_max,
         "ship_to": order_body()["ship_to"], **changes}, PledgeBody,
    )  # fmt: skip


async def join(
    database: Database, buyer: Actor, pool: Pool, body: PledgeBody, now: dt.datetime
) -> Pool:
    async with database.writing(buyer) as db:
        return await pools.join_pool(db, buyer, pool_id=pool.id, body=body, now=now)


async def ended(
    database: Database, market: Market, pool: Pool, now: dt.datetime, *, is_cancelled: bool = False
) -> tuple[Pool, list[Pledge]]:
    async with database.writing(market.operator) as db:
        found = await pools.end_pool(
            db, market.operator, pool_id=pool.id, now=now, is_cancelled=is_cancelled
        )
    async with database.reading(market.operator) as db:
        return found, await queries.list_pledges(db, pool.id)


async def funds(database: Database, buyer: Actor) -> int:
    async with database.system() as db:
        found: int = await db.value(
            """select b.available from ledger.balance b join ledger.account a on a.id = b.account_id
                where a.org_id = $1 and a.kind = 'BUYER_BALANCE'""",
            buyer.org_id,
        )
    return found


async def test_three_who_could_not_buy_alone_buy_together(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    pool = await opened(database, market, now)
    assert (pool.target_quantity, pool.unit_price, pool.status) == (50, Decimal(2), "OPEN")
    for buyer, units in zip(market.buyers, (20, 25, 40), strict=True):
        pool = await join(database, buyer, pool, wish(units), now)
    assert (pool.pledged_quantity, pool.pledges, pool.own_quantity) == (85, 3, 40)
    assert [await funds(database, b) for b in market.buyers] == [96_000, 95_000, 92_000]
    await assert_sound(database, now)

    pool, pledges = await ended(database, market, pool, now + DAY)

    assert (pool.status, pool.final_price, pool.pledged_quantity) == ("REACHED", Decimal("1.5"), 85)
    assert [(p.status, p.amount, p.alone_amount) for p in pledges] == [
        ("ORDERED", 3_000, None), ("ORDERED", 3_750, None), ("ORDERED", 6_000, None),
    ]  # fmt: skip
    assert [await funds(database, b) for b in market.buyers] == [97_000, 96_250, 94_000]
    async with database.reading(market.buyers[1]) as db:
        order = await order_queries.get_order(db, pledges[1].order_id)
        [told] = await list_events_of(db, pledges[1].order_id)
    assert (order.head.number, order.head.status) == (pledges[1].number, "ALLOCATED")
    assert (order.head.total_amount, order.head.ship_to_country) == (3_750, "PL")
    assert order.head.promise_date is not None
    assert [(p.node, p.quantity) for line in order.lines for p in line.parts] == [("WAW", 25)]
    assert (told.type, told.data["total"]) == ("order.placed", 3_750)
    await assert_sound(database, now)


async def test_too_few_and_everybody_has_its_money_back(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    pool = await opened(database, market, now)
    for buyer in market.buyers[:2]:
        await join(database, buyer, pool, wish(24), now)
    pool, pledges = await ended(database, market, pool, now + DAY)
    assert (pool.status, pool.reason, pool.final_price) == ("LAPSED", "TOO_FEW", None)
    assert {p.status for p in pledges} == {"RELEASED"}
    assert [await funds(database, b) for b in market.buyers] == [100_000] * 3
    async with database.reading(market.buyer) as db:
        told = await list_events_of(db, pledges[0].id)
    assert [(e.type, e.data.get("reason")) for e in told] == [
        ("pledge.made", None), ("pledge.released", "TOO_FEW"),
    ]  # fmt: skip
    await assert_sound(database, now)


async def test_the_stock_of_all_is_there_or_nothing_is_bought(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now, on_hand=59)
    pool = await opened(database, market, now)
    for buyer in market.buyers[:2]:
        await join(database, buyer, pool, wish(30), now)
    pool, pledges = await ended(database, market, pool, now + DAY)
    assert (pool.status, pool.reason) == ("LAPSED", "NO_STOCK")
    assert {p.status for p in pledges} == {"RELEASED"}
    assert await funds(database, market.buyer) == 100_000
    await assert_sound(database, now)


async def test_who_takes_the_dearer_step_buys_when_the_cheaper_is_missed(
    database: Database,
) -> None:
    """The aim is 1.50 from 80; two pay up to 2.00 and reach the minimum without the third."""
    now = await database.now()
    market = await a_market(database, now)
    pool = await opened(database, market, now, target_quantity=80)
    assert pool.unit_price == Decimal("1.5")
    for buyer, most in zip(market.buyers, ("2", "2", None), strict=True):
        await join(database, buyer, pool, wish(25, most), now)
    pool, pledges = await ended(database, market, pool, now + DAY)
    assert (pool.status, pool.final_price, pool.pledged_quantity) == ("REACHED", Decimal(2), 50)
    assert [(p.status, p.amount) for p in pledges] == [
        ("ORDERED", 5_000), ("ORDERED", 5_000), ("LEFT_OUT", None),
    ]  # fmt: skip
    assert [await funds(database, b) for b in market.buyers] == [95_000, 95_000, 100_000]
    await assert_sound(database, now)


async def test_leaving_frees_the_money_and_one_buyer_pledges_once(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    pool = await opened(database, market, now)
    buyer = market.buyer
    await join(database, buyer, pool, wish(10), now)
    with pytest.raises(PoolJoined):
        await join(database, buyer, pool, wish(10), now)
    async with database.writing(buyer) as db:
        left = await pools.leave_pool(db, buyer, pool_id=pool.id, now=now)
    assert (left.pledged_quantity, left.pledges, left.own_quantity) == (0, 0, 0)
    assert await funds(database, buyer) == 100_000
    with pytest.raises(NotInPool):
        async with database.writing(buyer) as db:
            await pools.leave_pool(db, buyer, pool_id=pool.id, now=now)
    assert (await join(database, buyer, pool, wish(12), now)).own_quantity == 12
    await assert_sound(database, now)


async def test_an_order_of_a_pool_is_the_operators_to_undo(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    pool = await opened(database, market, now)
    for buyer in market.buyers[:2]:
        await join(database, buyer, pool, wish(25), now)
    _, pledges = await ended(database, market, pool, now + DAY)
    order_id, amend = pledges[0].order_id, AmendBody([AmendedLine(1, 5)])
    for change in (
        orders.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now),
        orders.amend_order(database, market.buyer, order_id, amend, key=fresh_key(), now=now),
    ):
        with pytest.raises(BoughtTogether):
            (await change).unwrap()
    operators = orders.cancel_order(database, market.operator, order_id, key=fresh_key(), now=now)
    assert (await operators).unwrap().response["status"] == "CANCELLED"
    assert await funds(database, market.buyer) == 100_000
    await assert_sound(database, now)


async def test_a_pool_of_a_factorys_goods_becomes_one_purchase(database: Database) -> None:
    """The factory wants 50; three buyers of 20 are one purchase of 60 at its price of 50."""
    now = await database.now()
    market = await a_market(database, now, on_hand=0)
    async with database.system() as db:
        factory = await make_node(db, "F-ZHILI", "FACTORY", "CN", now, supplier=market.supplier)
        await set_stock(
            db, market.operator, market.skus, node_id=factory, on_hand=500, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = 'VIRTUAL', lead_time_days = 5")
        await make_offer(
            db, market.skus["S-1"], market.supplier, now, audience="OPERATOR", currency="CNY",
            moq=50, breaks={50: "9"}, operator=market.operator,
        )  # fmt: skip
    pool = await opened(database, market, now)
    for buyer in market.buyers:
        await join(database, buyer, pool, wish(20), now)
    _, pledges = await ended(database, market, pool, now + DAY)
    assert {p.status for p in pledges} == {"ORDERED"}
    async with database.system() as db:
        bought = await orders.purchase_parts(
            db, market.operator, cut_off=now + 2 * DAY, limit=9, now=now + 2 * DAY
        )
    assert (bought.purchases, bought.parts, bought.unpriced) == (1, 3, 0)
    async with database.system() as db:
        [line] = await db.values("select quantity from procurement.purchase_order_line")
    assert line == 60
    await assert_sound(database, now)


async def test_goods_come_from_near_most_of_them_and_are_promised_from_there(
    database: Database,
) -> None:
    """Another hub comes first by code, and is the one in China; most of it goes to Poland."""
    now = await database.now()
    market = await a_market(database, now)
    async with database.system() as db:
        hub = await make_node(db, "AAA", "CONSOLIDATION", "CN", now)
        for country, days in (("CN", 1), ("PL", 14)):
            await make_lane(db, hub, country, days, now)
        await set_stock(db, market.operator, market.skus, node_id=hub, on_hand=500, now=now)
    pool = await opened(database, market, now)
    china = order_body()["ship_to"] | {"country": "CN"}
    ways: tuple[dict[str, Any], ...] = ({}, {"ship_to": china}, {})
    for buyer, way in zip(market.buyers, ways, strict=True):
        await join(database, buyer, pool, wish(20, **way), now)
    body = msgspec.convert(order_body(("S-1", 60)), OrderBody)
    alone = (await orders.preview_order(database, market.buyer, body, now=now)).promise
    assert alone is not None
    _, pledges = await ended(database, market, pool, now)
    async with database.reading(market.operator) as db:
        found = [await order_queries.get_order(db, p.order_id) for p in pledges]
    assert {p.node for order in found for line in order.lines for p in line.parts} == {"WAW"}
    assert [order.head.promise_date for order in found] == [alone.date, None, alone.date]


async def test_the_clock_ends_pools(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    due = await opened(database, market, now, closes_at=now + dt.timedelta(milliseconds=1))
    later = await opened(database, market, now, closes_at=now + 9 * DAY)
    await join(database, market.buyer, due, wish(50), now)
    then = now + DAY
    with pytest.raises(PoolEnded):
        await join(database, market.buyers[1], due, wish(5), then)
    async with database.system() as db:
        operator = system_actor(await get_operator(db))
    await run_inline(
        database, operator, kind=workflows.end_pools.name, title="End pools", now=then,
        job_id=new_id(), parameters={}, registry=registry_of(workflows.end_pools),
    )  # fmt: skip
    async with database.reading(market.operator) as db:
        states = {p.id: p.status for p in await queries.list_pools(db, market.operator)}
        assert await queries.list_pools_to_end(db, operator.org_id, now=then, limit=9) == []
    assert states == {due.id: "REACHED", later.id: "OPEN"}


async def test_what_is_refused_and_why(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    refused: list[tuple[Any, dict[str, Any]]] = [
        (NothingToPool, {"sku": "S-9"}),
        (NothingToPool, {"currency": "EUR"}),
        (NothingToPool, {"target_quantity": 49}),
        (PoolTooShort, {"closes_at": now}),
    ]
    for kind, changes in refused:
        with pytest.raises(kind):
            await opened(database, market, now, **changes)
    async with database.system() as db:
        await db.execute("update catalog.offer set moq = 1")
        await db.execute("delete from catalog.offer_break where quantity_from > 1")
    with pytest.raises(NothingToPool):
        await opened(database, market, now, target_quantity=60)
    async with database.system() as db:
        await db.execute("update catalog.offer set moq = 50")
    with pytest.raises(WrongRole):
        async with database.writing(market.buyer) as db:
            await pools.open_pool(db, market.buyer, body=PoolBody("S-1", "USD", now + DAY), now=now)
    pool = await opened(database, market, now)
    with pytest.raises(PriceMaxTooLow):
        await join(database, market.buyer, pool, wish(5, "1.99"), now)
    with pytest.raises(InsufficientBalance):
        await join(database, market.buyer, pool, wish(501), now)
    with pytest.raises(WrongRole):
        await join(database, market.supplier, pool, wish(5), now)
    pool, _ = await ended(database, market, pool, now, is_cancelled=True)
    assert (pool.status, pool.reason) == ("CANCELLED", "CANCELLED")
    with pytest.raises(PoolEnded):
        await ended(database, market, pool, now)
    await assert_sound(database, now)


async def test_a_crowd_joins_leaves_and_the_pool_ends_meanwhile(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now, buyers=8)
    pool = await opened(database, market, now)

    async def come_and_go(buyer: Actor, units: int) -> None:
        try:
            await join(database, buyer, pool, wish(units), now)
            if units % 3 == 0:
                async with database.writing(buyer) as db:
                    await pools.leave_pool(db, buyer, pool_id=pool.id, now=now)
        except PoolEnded:
            pass

    async def end_soon() -> None:
        await asyncio.sleep(0.02)
        await ended(database, market, pool, now)

    await asyncio.gather(
        *(come_and_go(buyer, 10 + n) for n, buyer in enumerate(market.buyers)), end_soon()
    )
    await assert_sound(database, now)
    async with database.reading(market.operator) as db:
        found = await queries.get_pool(db, market.operator, pool.id)
        pledges = await queries.list_pledges(db, pool.id)
    assert found.status in {"REACHED", "LAPSED"}
    assert all(p.status != "OPEN" for p in pledges)
    paid = sum(p.amount or 0 for p in pledges)
    assert sum([await funds(database, b) for b in market.buyers]) == 800_000 - paid


async def test_the_api_of_a_pool_and_who_sees_what(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    operator, *buyers = [await key_of(database, a) for a in (market.operator, *market.buyers)]
    body = {"sku": "S-1", "currency": "USD", "closes_at": (now + DAY).isoformat()}
    pledge = {
        "quantity": 50, "reference": "W-9", "ship_to": order_body()["ship_to"],
        "payment": {"method": "BALANCE"},
    }  # fmt: skip
    async with api(database) as http:
        made = await http.post("/v1/pools", headers=idempotent(operator), json=body)
        assert made.status_code == 201
        path = f"/v1/pools/{made.json()['id']}"
        key = fresh_key()
        for _ in range(2):
            joined = await http.post(
                f"{path}/join", headers=idempotent(buyers[0], key), json=pledge
            )
            assert (joined.status_code, joined.json()["own_quantity"]) == (200, 50)
        seen = (await http.get(path, headers=buyers[1])).json()
        assert (seen["pool"]["pledged_quantity"], seen["pledges"]) == (50, [])
        closed = await http.post(f"{path}/end", headers=idempotent(buyers[0]), json={})
        assert closed.status_code == 403
        done = await http.post(f"{path}/end", headers=idempotent(operator), json={})
        assert (done.json()["status"], done.json()["final_price"]) == ("REACHED", "2")
        own = (await http.get(path, headers=buyers[0])).json()["pledges"]
        order = await http.get(f"/v1/orders/{own[0]['order_id']}", headers=buyers[0])
        assert order.json()["total"]["amount"] == own[0]["amount"] == 10_000
        listed = await http.get("/v1/pools?status=REACHED", headers=buyers[2])
        assert [row["number"] for row in listed.json()["items"]] == [done.json()["number"]]


@st.composite
def _pools(draw: st.DrawFn) -> PoolToEnd:
    moq = draw(st.integers(1, 60))
    # The first price is from one unit on.
    steps = draw(st.lists(st.integers(max(moq, 2), 200), max_size=3, unique=True))
    prices = sorted(
        draw(st.lists(st.integers(1, 99_999), min_size=len(steps) + 1, max_size=len(steps) + 1)),
        reverse=True,
    )
    breaks = [(at, Decimal(p) / 1_000) for at, p in zip([1, *sorted(steps)], prices, strict=True)]
    wishes = [
        (UUID(int=n), draw(st.integers(1, 50)), Decimal(draw(st.integers(1, 120_000))) / 1_000)
        for n in range(draw(st.integers(0, 8)))
    ]
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    uom = draw(st.sampled_from(["PIECE", "METRE"]))
    return PoolToEnd("OPEN", "P", now, "USD", uom, moq, breaks, wishes)


@given(_pools())
def test_shares_are_fair_exact_and_within_what_each_would_pay(found: PoolToEnd) -> None:
    ending = end(found)
    if ending.shares is None:
        return
    assert ending.unit_price is not None
    wished = {id_: (units, most) for id_, units, most in found.wishes}
    per_uom = 1_000 if found.uom == "METRE" else 1
    units = sum(wished[s.pledge][0] for s in ending.shares)
    assert units >= found.moq
    exact = ending.unit_price * units * 100 / per_uom
    assert abs(sum(s.amount for s in ending.shares) - exact) <= Decimal("0.5")
    for share in ending.shares:
        quantity, most = wished[share.pledge]
        assert ending.unit_price <= most
        assert abs(share.amount - ending.unit_price * quantity * 100 / per_uom) < 1
        assert share.alone is None or share.amount <= share.alone + 1


def test_a_limit_of_a_millionth_below_the_price_of_a_metre_is_left_out() -> None:
    """Its hold would not pay for it."""
    now, price = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), Decimal(2)
    low, high = UUID(int=1), UUID(int=2)
    units = 100_000_000
    wishes = [(low, units, price - Decimal("0.000001")), (high, units, Decimal(999_999_999))]
    found = PoolToEnd("OPEN", "P", now, "USD", "METRE", units, [(1, price)], wishes)
    ending = end(found)
    assert ending.unit_price == price
    assert [(s.pledge, s.amount, s.alone) for s in ending.shares or []] == [
        (high, 20_000_000, 20_000_000)
    ]


def test_a_pool_that_nobody_joined_ends_without_orders() -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    found = PoolToEnd("OPEN", "P", now, "USD", "METRE", 1, [(1, Decimal(2))], [])
    assert end(found).reason == "TOO_FEW"


async def test_a_pool_is_opened_joined_and_ended_on_its_pages(database: Database) -> None:
    now = await database.now()
    market = await a_market(database, now)
    address = {"name": "Anna", "country": "pl", "city": "Warszawa", "line1": "Prosta 1"}
    day = f"{now + 5 * DAY:%Y-%m-%d}"
    async with (
        visiting(database, market.operator) as operator,
        visiting(database, market.buyer) as buyer,
        visiting(database, market.buyers[1]) as other,
    ):
        assert "No pools yet" in await operator.see("/pools")
        for wrong in ({"closes": "soon"}, {"closes": day, "target": "many"}, {"closes": day}):
            sku = "S-9" if wrong == {"closes": day} else "S-1"
            refused = await operator.send("/pools", {"sku": sku, **wrong})
            assert refused.status_code in {409, 422}
        made = await operator.send("/pools", {"sku": "S-1", "closes": day, "note": "spring"})
        path = made.headers["location"]
        assert "spring" in await operator.see(path)
        assert "Join the pool" in await buyer.see(path)
        for wrong in ({"quantity": "x"}, {"price_max": "?"}, {"city": ""}, {"country": "Poland"}):
            refused = await buyer.send(f"{path}/join", {**address, "quantity": "9", **wrong})
            assert refused.status_code == 422
        assert await funds(database, market.buyer) == 100_000
        await buyer.send(f"{path}/join", {**address, "quantity": "50"})
        assert "You are in" in await buyer.see(path)
        await buyer.send(f"{path}/leave")
        assert await funds(database, market.buyer) == 100_000
        await buyer.send(f"{path}/join", {**address, "quantity": "60"})
        assert (await buyer.send(f"{path}/end")).status_code == 403
        assert "buyer-1" not in await other.see(path)
        assert "buyer-1" in await operator.see(path)
        await operator.send(f"{path}/end", {"act": "end"})
        page = await operator.see(path)
        assert "Price of all" in page
        assert "/orders/ord_" in page
        assert "Reached" in await operator.see("/pools?status=REACHED")
    assert await funds(database, market.buyer) == 88_000
    await assert_sound(database, now)

"""Orders that wait: for money, for stock, for a factory; and orders that change."""

import asyncio
import datetime as dt
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id
from beltline.ledger import actions as ledger
from beltline.orders import actions, store
from beltline.orders.types import AmendBody, OrderBody, PayBody
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import (
    Market,
    deposit,
    fresh_key,
    make_lane,
    make_market,
    make_node,
    make_offer,
    order_body,
    set_stock,
)

TRANSFER = {"payment": {"method": "TRANSFER"}}
CREDIT = {"payment": {"method": "CREDIT"}}


def body(*lines: tuple[str, int], **changes: Any) -> OrderBody:
    return msgspec.convert(order_body(*lines, **changes), OrderBody)


async def place(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> dict[str, Any]:
    answer = await actions.place_order(
        database, market.buyer, body(*lines, **changes), key=fresh_key(), now=now
    )
    order: dict[str, Any] = answer.unwrap().response
    return order


async def pay(database: Database, actor: Actor, order: str, method: str, now: dt.datetime) -> Any:
    answer = await actions.pay_order(
        database, actor, read_id("ord", order), msgspec.convert({"method": method}, PayBody),
        key=fresh_key(), now=now,
    )  # fmt: skip
    return answer.unwrap().response


async def amend(
    database: Database, actor: Actor, order: str, now: dt.datetime, *lines: tuple[int, int]
) -> Any:
    changed = AmendBody(msgspec.convert([{"line": n, "quantity": q} for n, q in lines], list))
    changed = msgspec.convert(msgspec.to_builtins(changed), AmendBody)
    answer = await actions.amend_order(
        database, actor, read_id("ord", order), changed, key=fresh_key(), now=now
    )
    return answer.unwrap().response


async def expire(database: Database, market: Market, now: dt.datetime) -> int:
    async with database.system() as db:
        return await actions.expire_orders(db, market.operator, limit=100, now=now)


async def figures(database: Database) -> tuple[int, int, int]:
    """Units reserved, what buyers may spend of balances, parts on the way."""
    async with database.system() as db:
        return (
            await db.value("select sum(reserved)::bigint from inventory.stock"),
            await db.value("select sum(available)::bigint from ledger.balance where overdraft = 0"),
            await db.value("select count(*) from orders.order_part where status = 'BACKORDERED'"),
        )


async def assert_sound(database: Database, now: dt.datetime) -> None:
    health = await prove_all(database, now)
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []


async def refused(awaitable: Any) -> str:
    with pytest.raises(Refusal) as raised:
        await awaitable
    return raised.value.code


async def test_a_transfer_keeps_its_stock_until_it_is_paid_or_late(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    paid = await place(database, market, now, ("S-1", 2), **TRANSFER)
    late = await place(database, market, now, ("S-1", 3), **TRANSFER)
    assert (paid["status"], paid["expires_at"]) == ("PLACED", "2026-11-23T09:41:00.000000Z")
    assert paid["proforma"]["payment_reference"] == paid["number"]
    assert await figures(database) == (5, 1_000_000, 0)
    shown = await pay(database, market.buyer, paid["id"], "BALANCE", now)
    assert (shown["status"], "expires_at" in shown) == ("ALLOCATED", False)
    assert await expire(database, market, now + dt.timedelta(hours=71)) == 0
    after = now + dt.timedelta(days=3)
    code = await refused(pay(database, market.buyer, late["id"], "BALANCE", after))
    assert code == "orders.payment_late"
    assert [await expire(database, market, after) for _ in range(2)] == [1, 0]
    code = await refused(pay(database, market.buyer, late["id"], "BALANCE", after))
    assert code == "orders.not_payable"
    assert await figures(database) == (2, 997_500, 0)
    await assert_sound(database, now)


async def test_credit_is_spent_to_its_limit_and_given_back_to_the_line(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    async with database.system() as db:
        await ledger.set_credit_line(
            db, market.operator, for_org_id=market.buyer.org_id, currency="USD", limit=5_000,
            due_day=8, late_fee_ppm=0, now=now,
        )  # fmt: skip
    first = await place(database, market, now, ("S-1", 3), **CREDIT)
    code = await refused(place(database, market, now, ("S-1", 2), **CREDIT))
    assert (first["status"], code) == ("ALLOCATED", "ledger.credit_limit_exceeded")
    answer = await actions.cancel_order(
        database, market.buyer, read_id("ord", first["id"]), key=fresh_key(), now=now
    )
    assert answer.unwrap().response["status"] == "CANCELLED"
    await place(database, market, now, ("S-1", 4), **CREDIT)
    assert await figures(database) == (4, 1_000_000, 0)
    await assert_sound(database, now)


async def test_lines_are_amended_with_exact_money_and_stock(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    async with database.system() as db:
        await db.execute("insert into catalog.offer_break select id, 10, 10 from catalog.offer")
    order = await place(database, market, now, ("S-1", 4), ("S-2", 2))
    grown = await amend(database, market.buyer, order["id"], now, (1, 10))
    assert (grown["total"]["amount"], grown["lines"][0]["unit_price"]) == (12_500, "10")
    assert await figures(database) == (12, 987_500, 0)
    assert await refused(amend(database, market.buyer, order["id"], now, (1, 999))) == (
        "orders.out_of_stock"
    )
    assert await refused(amend(database, market.buyer, order["id"], now, (3, 1))) == (
        "orders.unknown_line"
    )
    less = await amend(database, market.buyer, order["id"], now, (1, 0), (2, 1))
    assert (less["lines"][0]["quantity"], less["total"]["amount"]) == (0, 1_250)
    assert await figures(database) == (1, 998_750, 0)
    await assert_sound(database, now)
    ended = await amend(database, market.buyer, order["id"], now, (2, 0))
    assert ended["status"] == "CANCELLED"
    assert await figures(database) == (0, 1_000_000, 0)
    await assert_sound(database, now)


async def test_a_back_order_waits_and_gets_what_comes(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, buyers=1, on_hand=3)
    order = await place(database, market, now, ("S-1", 10), back_order=True)
    assert (order["status"], order["promise"]) == ("PAID", None)
    assert [(p["quantity"], p["status"]) for p in order["lines"][0]["parts"]] == [
        (3, "ALLOCATED"), (7, "BACKORDERED"),
    ]  # fmt: skip
    assert await figures(database) == (3, 987_500, 1)
    await assert_sound(database, now)
    for on_hand, waiting in ((7, 1), (30, 0)):
        async with database.system() as db:
            await set_stock(
                db, market.operator, market.skus, node_id=market.nodes["WAW"], on_hand=on_hand,
                now=now,
            )  # fmt: skip
            assert await actions.allocate_waiting(db, market.operator, limit=10, now=now) == 1
        assert (await figures(database))[2] == waiting
        await assert_sound(database, now)
    async with database.system() as db:
        assert await actions.allocate_waiting(db, market.operator, limit=10, now=now) == 0
        assert await db.value('select status from orders."order"') == "ALLOCATED"
        parts = await db.values("select quantity::bigint from orders.order_part order by part_no")
    assert sorted(parts) == [3, 3, 4]


@pytest.mark.parametrize(
    ("model", "date", "chance"), [("VIRTUAL", "2026-12-16", 0.927), ("DIRECT", "2026-11-30", 0.9)]
)
async def test_a_factory_sells_what_it_declared_less_a_buffer(
    database: Database, now: dt.datetime, model: str, date: str, chance: float
) -> None:
    market = await make_market(database, now, buyers=1, on_hand=2, skus=1)
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        await make_lane(db, factory, "PL", 3, now)
        await set_stock(
            db, market.operator, market.skus, node_id=factory, on_hand=100, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = $1, lead_time_days = 5", model)
        sellable = await db.value(
            "select available from inventory.availability where kind = 'DECLARED'"
        )
    own = await place(database, market, now, ("S-1", 2))
    assert own["lines"][0]["parts"][0]["node"] == "WAW"
    order = await place(database, market, now, ("S-1", sellable))
    part = {"node": "FAB", "quantity": sellable, "sales_model": model, "status": "ALLOCATED"}
    assert order["lines"][0]["parts"] == [part]
    assert order["promise"] == {"date": date, "probability": chance}
    assert await refused(place(database, market, now, ("S-1", 1))) == "orders.out_of_stock"
    named = order_body(("S-1", 1))
    named["lines"][0]["sales_model"] = {"VIRTUAL": "DIRECT", "DIRECT": "VIRTUAL"}[model]
    code = await refused(place(database, market, now, lines=named["lines"]))
    assert code == "orders.sales_model_not_offered"
    await assert_sound(database, now)


async def rows_read_by_one_order(db: Writer, market: Market, now: dt.datetime) -> int:
    """What placing one order reads of tables and indexes; nothing of it stays."""
    read = """select coalesce(sum(pg_stat_get_xact_tuples_returned(c.oid)
                                  + pg_stat_get_xact_tuples_fetched(c.oid)), 0)::bigint
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'i')
                 and n.nspname in ('kit', 'accounts', 'inventory', 'ledger', 'orders')"""
    await db.execute("begin")
    before = await db.value(read)
    asked = store.Placement(market.buyer, fresh_key(), b"", body(("S-1", 1)), now)
    assert [placed.status for placed in await store.place_orders(db, [asked])] == [201]
    after = await db.value(read)
    await db.execute("rollback")
    return int(after - before)


@pytest.mark.parametrize("first", ["a bulk", "one order"])
async def test_what_an_order_reads_does_not_grow_with_orders(
    dsn: str, database: Database, now: dt.datetime, first: str
) -> None:
    market = await make_market(database, now, on_hand=10_000, balance=10**9)
    # What the planner knows is what autovacuum saw when the network was new.
    admin = await asyncpg.connect(dsn)
    await admin.execute("analyze")
    await admin.close()
    one = await Database(dsn, pool_size=1).open()
    async with one.one_call() as db:
        if first == "one order":
            await rows_read_by_one_order(db, market, now)
        for _ in range(3):
            answer = await store.place_bulk(
                db, market.buyer, key=fresh_key(), digest=b"", orders=[body(("S-1", 1))] * 500,
                now=now,
            )  # fmt: skip
            assert all("id" in result for result in answer.response["results"])
    async with database.system() as db:
        await db.execute(
            """insert into kit.idempotency (org_id, key, operation, body_hash, response, created_at)
               select $1, 'old-' || n, 'orders.place', '', '{}', $2
                 from generate_series(1, 2000) n""",
            market.buyer.org_id, now,
        )  # fmt: skip
    async with one.one_call() as db:
        assert await rows_read_by_one_order(db, market, now) < 100
    await one.close()


async def test_a_bulk_places_or_refuses_each_on_its_own(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1, on_hand=10, balance=13_000)
    orders = [
        body(("S-1", 6)), body(("S-9", 1)), body(("S-1", 4), ("S-2", 99)), body(("S-1", 5)),
        body(("S-1", 4)), body(("S-2", 1)), body(("S-3", 1), **TRANSFER),
    ]  # fmt: skip
    key = fresh_key()
    answer = await actions.place_bulk(database, market.buyer, orders, key=key, now=now)
    results = answer.unwrap().response["results"]
    assert [result.get("code", "placed") for result in results] == [
        "placed", "orders.unknown_sku", "orders.out_of_stock", "orders.out_of_stock", "placed",
        "ledger.insufficient_balance", "placed",
    ]  # fmt: skip
    assert results[3]["fields"]["available"] == 4
    assert results[5]["fields"]["available"] == 500
    again = await actions.place_bulk(database, market.buyer, orders, key=key, now=now)
    assert (again.replayed, again.response) == (True, answer.response)
    assert await figures(database) == (11, 500, 0)
    await assert_sound(database, now)


async def test_orders_of_one_batch_wait_in_the_account_of_their_currency(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    async with database.system() as db:
        await make_offer(
            db, market.skus["S-1"], market.operator, now, currency="EUR", breaks={1: "12.5"}
        )
        await deposit(db, market.buyer, market.operator, 5_000, now, currency="EUR")
    euro = {"currency": "EUR"}
    orders = [
        body(("S-1", 1), **TRANSFER), body(("S-1", 1)), body(("S-1", 2), **euro),
        body(("S-1", 3), **euro), body(("S-1", 2)), body(("S-1", 1), **euro), body(("S-1", 4)),
    ]  # fmt: skip
    answer = await actions.place_bulk(database, market.buyer, orders, key=fresh_key(), now=now)
    results = answer.unwrap().response["results"]
    assert [result.get("code", "placed") for result in results] == [
        "placed", "placed", "placed", "ledger.insufficient_balance", "placed", "placed", "placed",
    ]  # fmt: skip
    assert {frozenset(result) for result in results if "id" in result} == {
        frozenset({"index", "id"})
    }
    async with database.system() as db:
        held = await db.values(
            """select format('%s %s %s %s', a.org_id = $1, a.currency, min(e.currency),
                             sum(e.amount))
                 from ledger.entry e join ledger.account a on a.id = e.account_id
                where a.kind = 'HELD_FOR_BUYERS' group by a.id order by a.currency""",
            market.operator.org_id,
        )
    assert held == ["t EUR EUR 3750", "t USD USD 8750"]
    await assert_sound(database, now)


@pytest.mark.parametrize("quantities", [[60, 41], [1, 101], [0, 0]])
async def test_parts_of_one_stock_are_reserved_all_or_none(
    database: Database, now: dt.datetime, quantities: list[int]
) -> None:
    market = await make_market(database, now, buyers=1, on_hand=100)
    skus, count = list(market.skus.values()), len(quantities)
    with pytest.raises(Refusal) as raised:
        async with database.system() as db:
            await db.execute(
                """select inventory.reserve_many(kit.id_run($6), $1 || $2::uuid[], $3, $4, $5,
                          array_fill('x'::text, array[3]), $1 || $2::uuid[], $7, $6)""",
                [skus[1]], [skus[0]] * count, [market.nodes["WAW"]] * (count + 1),
                [market.operator.org_id] * (count + 1), [5, *quantities], now,
                market.operator.org_id,
            )  # fmt: skip
    assert raised.value.code == "inventory.not_available"
    async with database.system() as db:
        assert await db.value("select sum(reserved) from inventory.stock") == 0
        assert await db.value("select count(*) from inventory.movement where kind='RESERVE'") == 0


async def test_orders_that_come_together_are_as_many_as_alone(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, on_hand=10, skus=1)
    keys = [fresh_key() for _ in range(30)]

    async def one(n: int) -> str:
        buyer = market.buyers[n % 2]
        try:
            answer = await actions.place_order(
                database, buyer, body(("S-1", 1)), key=keys[n], now=now
            )
            order: str = answer.unwrap().response["id"]
        except Refusal as refusal:
            return refusal.code
        return order

    outcomes = await asyncio.gather(*(one(n) for n in range(30)))
    assert outcomes.count("orders.out_of_stock") == 20
    assert len(set(outcomes)) == 11
    assert await asyncio.gather(*(one(n) for n in range(30))) == outcomes
    async with database.system() as db:
        owners = await db.values(
            """select count(*) from orders."order" o
                 join kit.idempotency i on i.response->>'number' = o.number
                  and i.org_id = o.buyer_org_id"""
        )
    assert owners == [10]
    await assert_sound(database, now)


async def test_what_was_placed_before_or_refused_shifts_nothing(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    orders = [body(("S-1", 3)), body(("S-2", 500)), body(("S-2", 5)), body(("S-3", 7), **TRANSFER)]
    keys = [fresh_key() for _ in orders]

    async def one(n: int) -> Any:
        answer = await actions.place_order(database, market.buyer, orders[n], key=keys[n], now=now)
        return answer.response

    first = [await one(0), await one(1)]
    together = await asyncio.gather(*(one(n) for n in range(4)))
    assert together[:2] == first
    assert [order["total"]["amount"] for order in together[2:]] == [6_250, 8_750]
    bulk = await actions.place_bulk(
        database, market.buyer, [orders[1], orders[3], orders[2]], key=fresh_key(), now=now
    )
    assert ["id" in result for result in bulk.response["results"]] == [False, True, True]
    async with database.system() as db:
        totals = await db.values('select total_amount from orders."order" order by number')
        placed = await db.values('select status from orders."order" order by number')
    assert totals == [3_750, 6_250, 8_750, 8_750, 6_250]
    assert placed == ["ALLOCATED", "ALLOCATED", "PLACED", "PLACED", "ALLOCATED"]
    await assert_sound(database, now)


async def test_one_key_twice_in_the_same_moment_is_one_order(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, skus=1)
    key = fresh_key()
    answers = await asyncio.gather(
        *(
            actions.place_order(database, market.buyer, body(("S-1", 1)), key=key, now=now)
            for _ in range(8)
        ),
        return_exceptions=True,
    )
    codes = {answer.code for answer in answers if isinstance(answer, Refusal)}
    assert codes <= {"kit.idempotency_in_flight"}
    async with database.system() as db:
        assert await db.value('select count(*) from orders."order"') == 1


@given(
    price=st.decimals(Decimal("0.01"), 999, places=3),
    quantities=st.lists(st.integers(0, 9), min_size=1, max_size=5),
)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_is_amended_nothing_is_lost(
    database: Database, now: dt.datetime, price: Decimal, quantities: list[int]
) -> None:
    async with database.system() as db:
        is_new = await db.value("select count(*) from accounts.organization") == 0
    if is_new:
        await make_market(database, now, buyers=1, balance=10**9, on_hand=10**6)
    async with database.system() as db:
        await db.execute("update catalog.offer_break set unit_price = $1", price)
        buyer_id = await db.value("select id from accounts.organization where kind = 'BUYER'")
    buyer = Actor(buyer_id, "BUYER", "test", "API_KEY")
    placed = await actions.place_order(
        database, buyer, body(("S-1", 9), ("S-2", 9)), key=fresh_key(), now=now
    )
    order = placed.unwrap().response["id"]
    for quantity in quantities:
        shown = await amend(database, buyer, order, now, (1, quantity))
    assert shown["total"]["amount"] == sum(line["amount"] for line in shown["lines"])
    (
        await actions.cancel_order(database, buyer, read_id("ord", order), key=fresh_key(), now=now)
    ).unwrap()
    assert await figures(database) == (0, 10**9, 0)
    await assert_sound(database, now)

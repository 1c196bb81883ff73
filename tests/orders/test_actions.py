"""Orders on a real database: effects, refusals, keys, and what strangers see."""

import asyncio
import datetime as dt
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec
import pytest

from beltline.kit.actor import WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import Answer, KeyMismatch
from beltline.kit.ids import read_id
from beltline.ledger.types import InsufficientBalance, NoCreditLine
from beltline.orders import actions, queries
from beltline.orders.types import (
    CannotCancel,
    MoqNotMet,
    NothingToPay,
    NotOffered,
    OrderBody,
    OutOfStock,
    SalesModelNotOffered,
    UnknownSku,
)
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import (
    Market,
    fresh_key,
    make_market,
    make_offer,
    make_supplier,
    order_body,
    set_stock,
)


def body(*lines: tuple[str, int], **changes: Any) -> OrderBody:
    return msgspec.convert(order_body(*lines, **changes), OrderBody)


async def place(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> Answer:
    answer = await actions.place_order(
        database, market.buyer, body(*lines, **changes), key=fresh_key(), now=now
    )
    return answer.unwrap()


async def assert_sound(database: Database, now: dt.datetime) -> None:
    health = await prove_all(database, now)
    assert [proof for proof in health.items if not proof.holds] == []


async def test_an_order_reserves_holds_and_tells(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    answer = await place(database, market, now, ("S-1", 3), ("S-2", 2))
    assert answer.status == 201
    order = answer.response
    assert order["total"] == {"amount": 6_250, "currency": "USD"}
    assert order["status"] == "ALLOCATED"
    assert order["promise"] == {"date": "2026-11-25", "probability": 0.99}
    assert order["lines"][0] == {
        "sku": "S-1", "quantity": 3, "ordered_quantity": 3, "unit_price": "12.5", "amount": 3_750,
        "parts": [{"node": "WAW", "quantity": 3, "sales_model": "OWNED", "status": "ALLOCATED"}],
    }  # fmt: skip
    async with database.system() as db:
        assert await db.values("select reserved from inventory.stock order by reserved desc") == [
            3, 2, 0,
        ]  # fmt: skip
        assert await db.value("select sum(available)::bigint from ledger.balance") == 1_993_750
        assert await db.values("select type from kit.event_all where aggregate = 'order'") == [
            "order.placed"
        ]
        assert await db.values("select action from accounts.audit where object = 'order'") == [
            "place"
        ]
    await assert_sound(database, now)


async def test_a_key_has_one_effect_and_one_answer(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    key = fresh_key()
    first = await actions.place_order(database, market.buyer, body(("S-1", 1)), key=key, now=now)
    again = await actions.place_order(database, market.buyer, body(("S-1", 1)), key=key, now=now)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.response == again.response
    with pytest.raises(KeyMismatch):
        await actions.place_order(database, market.buyer, body(("S-1", 2)), key=key, now=now)
    other = await actions.place_order(
        database, market.buyers[1], body(("S-1", 1)), key=key, now=now
    )
    assert other.unwrap().response["id"] != first.response["id"]


async def test_a_refusal_is_kept_as_the_answer(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=1)
    key, order = fresh_key(), body(("S-1", 2))
    with pytest.raises(OutOfStock) as first:
        (await actions.place_order(database, market.buyer, order, key=key, now=now)).unwrap()
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["WAW"], on_hand=9, now=now
        )
    with pytest.raises(OutOfStock) as again:
        (await actions.place_order(database, market.buyer, order, key=key, now=now)).unwrap()
    assert first.value.fields == again.value.fields


@pytest.mark.parametrize(
    ("lines", "changes", "refusal", "fields"),
    [
        ([("S-9", 1)], {}, UnknownSku, {"sku": "S-9"}),
        ([("S-1", 5)], {"currency": "EUR"}, NotOffered, {"offered_in": "USD"}),
        ([("S-1", 4)], {}, MoqNotMet, {"moq": 5, "ordered": 4}),
        ([("S-1", 101)], {}, OutOfStock, {"available": 100, "ordered": 101}),
        ([("S-1", 60), ("S-1", 60)], {}, OutOfStock, {"available": 40}),
        ([("S-2", 5), ("S-1", 4)], {}, MoqNotMet, {"sku": "S-1"}),
    ],
)
async def test_a_refusal_says_what_would_be_accepted(
    database: Database,
    now: dt.datetime,
    *,
    lines: list[tuple[str, int]],
    changes: dict[str, Any],
    refusal: type[Refusal],
    fields: dict[str, Any],
) -> None:
    market = await make_market(database, now, moq=5)
    with pytest.raises(refusal) as raised:
        await place(database, market, now, *lines, **changes)
    assert fields.items() <= raised.value.fields.items()
    assert raised.value.param is not None
    async with database.system() as db:
        assert await db.value('select count(*) from orders."order"') == 0
        assert await db.value("select sum(reserved)::bigint from inventory.stock") == 0
        assert await db.value("select count(*) from accounts.contact") == 0


async def test_the_balance_is_never_overdrawn(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, balance=2_499)
    with pytest.raises(InsufficientBalance) as raised:
        await place(database, market, now, ("S-1", 2))
    assert raised.value.fields == {"needed": 2_500, "currency": "USD", "available": 2_499}
    await place(database, market, now, ("S-1", 1))
    await assert_sound(database, now)


async def test_credit_needs_a_line(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    with pytest.raises(NoCreditLine):
        await place(database, market, now, ("S-1", 1), payment={"method": "CREDIT"})


async def test_a_sales_model_nobody_offers_is_refused(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order = order_body(("S-1", 1))
    order["lines"][0]["sales_model"] = "PRESTOCK"
    with pytest.raises(SalesModelNotOffered) as raised:
        (
            await actions.place_order(
                database, market.buyer, msgspec.convert(order, OrderBody), key=fresh_key(), now=now
            )
        ).unwrap()
    assert raised.value.fields["offered"] == "OWNED"


async def test_partial_takes_what_is_there(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=7)
    order = (await place(database, market, now, ("S-1", 10), partial=True)).response
    assert (order["lines"][0]["quantity"], order["lines"][0]["ordered_quantity"]) == (7, 10)
    assert order["total"]["amount"] == 8_750
    with pytest.raises(OutOfStock):
        await place(database, market, now, ("S-1", 1), partial=True)


async def test_a_line_splits_over_nodes_only_when_it_must(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, on_hand=6)
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["YIW"], on_hand=10, now=now
        )
    near = (await place(database, market, now, ("S-1", 6))).response
    whole = (await place(database, market, now, ("S-2", 9))).response
    split = (await place(database, market, now, ("S-3", 12))).response
    shown = [
        [(part["node"], part["quantity"]) for part in order["lines"][0]["parts"]]
        for order in (near, whole, split)
    ]
    assert shown == [[("WAW", 6)], [("YIW", 9)], [("WAW", 6), ("YIW", 6)]]
    assert split["promise"] == {"date": "2026-12-08", "probability": 0.917}
    await assert_sound(database, now)


async def test_the_price_is_that_of_the_quantity(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, skus=1)
    async with database.system() as db:
        await make_offer(
            db, market.skus["S-1"], market.operator, now, currency="EUR",
            breaks={10: "2.0", 50: "1.105"},
        )  # fmt: skip
        await db.value(
            "select ledger.deposit($1, $2, 100000, 'EUR', 'test', null, $3)",
            market.buyer.org_id, market.operator.org_id, now,
        )  # fmt: skip
    with pytest.raises(MoqNotMet) as raised:
        await place(database, market, now, ("S-1", 9), currency="EUR")
    assert raised.value.fields["moq"] == 10
    cheap = (await place(database, market, now, ("S-1", 51), currency="EUR")).response
    assert (cheap["lines"][0]["unit_price"], cheap["total"]["amount"]) == ("1.105", 5_636)


async def test_nothing_is_free(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, price="0.001")
    with pytest.raises(NothingToPay):
        await place(database, market, now, ("S-1", 5))


async def test_declared_stock_is_not_sold(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=0)
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["YIW"], on_hand=50, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
    with pytest.raises(OutOfStock):
        await place(database, market, now, ("S-1", 1))


async def test_stock_of_a_supplier_in_our_node_is_prestock(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, on_hand=0)
    async with database.system() as db:
        owner = await make_supplier(db, "other-1", now)
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["YIW"], on_hand=5, now=now,
            owner=owner,
        )  # fmt: skip
    order = (await place(database, market, now, ("S-1", 5))).response
    assert order["lines"][0]["parts"][0]["sales_model"] == "PRESTOCK"


async def test_a_preview_changes_nothing(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    quote = await actions.preview_order(database, market.buyer, body(("S-1", 3)), now=now)
    placed = (await place(database, market, now, ("S-1", 3))).response
    assert (quote.total.amount, quote.lines[0].parts[0].status) == (3_750, "AVAILABLE")
    assert quote.lines[0].amount == placed["lines"][0]["amount"]
    with pytest.raises(OutOfStock):
        await actions.preview_order(database, market.buyer, body(("S-1", 98)), now=now)
    async with database.system() as db:
        assert await db.value('select count(*) from orders."order"') == 1


async def test_a_cancelled_order_gives_everything_back(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = read_id("ord", (await place(database, market, now, ("S-1", 3))).response["id"])
    key = fresh_key()
    answer = await actions.cancel_order(database, market.buyer, order_id, key=key, now=now)
    again = await actions.cancel_order(database, market.buyer, order_id, key=key, now=now)
    assert answer.unwrap().response["status"] == "CANCELLED"
    assert again.replayed
    assert again.response == answer.response
    with pytest.raises(CannotCancel):
        (
            await actions.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
        ).unwrap()
    async with database.system() as db:
        assert await db.value("select sum(reserved)::bigint from inventory.stock") == 0
        assert await db.value("select sum(available)::bigint from ledger.balance") == 2_000_000
    await assert_sound(database, now)


async def test_an_order_of_which_something_left_stays(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = read_id("ord", (await place(database, market, now, ("S-1", 3))).response["id"])
    async with database.system() as db:
        await db.execute("update orders.order_part set status = 'SHIPPED'")
    answer = await actions.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    with pytest.raises(CannotCancel):
        answer.unwrap()


async def test_others_do_not_see_or_touch_an_order(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = read_id("ord", (await place(database, market, now, ("S-1", 3))).response["id"])
    for stranger in (market.buyers[1], market.supplier):
        async with database.reading(stranger) as db:
            assert await queries.list_orders(db, stranger) == []
            assert await queries.count_by_status(db) == []
            assert await db.value("select orders.ship_to($1)", order_id) is None
            with pytest.raises(NotFound):
                await queries.get_order(db, order_id)
        answer = await actions.cancel_order(database, stranger, order_id, key=fresh_key(), now=now)
        with pytest.raises(NotFound):
            answer.unwrap()
    async with database.reading(market.operator) as db:
        seen = await queries.get_order(db, order_id)
    assert (seen.head.buyer, seen.ship_to["city"]) == ("buyer-1", "Warszawa")


async def test_only_buyers_buy(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    for actor in (market.supplier, market.operator):
        with pytest.raises(WrongRole):
            await actions.place_order(database, actor, body(("S-1", 1)), key=fresh_key(), now=now)


async def test_an_offer_ends(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    async with database.system() as db:
        await db.execute("update catalog.offer set valid_until = $1", day_of(now))
    await place(database, market, now, ("S-1", 1))
    with pytest.raises(NotOffered):
        await place(database, market, now + dt.timedelta(days=1), ("S-1", 1))


async def test_lists_go_on_where_they_ended(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    for n in range(5):
        await place(database, market, now + dt.timedelta(seconds=n // 2), ("S-1", 1))
    async with database.reading(market.buyer) as db:
        everything = await queries.list_orders(db, market.buyer)
        page = await queries.list_orders(db, market.buyer, limit=2)
        rest = await queries.list_orders(
            db, market.buyer, before=(page[-1].created_at, page[-1].id)
        )
        assert await queries.list_orders(db, market.buyer, status="CANCELLED") == []
    assert page + rest == everything


async def test_metres_are_priced_by_the_metre(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, uom="METRE", price="3.333", on_hand=10**6)
    order = (await place(database, market, now, ("S-1", 1_500))).response
    assert order["total"]["amount"] == int((Decimal("3.333") * 150).to_integral_value())


async def test_an_order_that_gave_way_in_a_deadlock_is_placed_all_the_same(
    database: Database, dsn: str, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    lock = "select from inventory.stock where sku_id = $1 for no key update"
    waits = "select exists(select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))"
    body = msgspec.convert(order_body(("S-1", 1), ("S-2", 1)), OrderBody)
    # Who waits longer before it looks for a deadlock is not the one that gives way.
    other, watching = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    name = await watching.fetchval("select current_database()")
    await watching.execute(f"alter database \"{name}\" set deadlock_timeout = '3s'")
    pid = other.get_server_pid()
    patient = await Database(dsn, pool_size=2).open()
    async with other.transaction():
        await other.execute("set local deadlock_timeout = '60s'")
        first, second = [
            row[0] for row in await other.fetch(
                "select sku_id from inventory.stock order by sku_id limit 2"
            )
        ]  # fmt: skip
        await other.execute(lock.replace("$1", f"'{second}'"))
        order = asyncio.create_task(
            actions.place_order(patient, market.buyer, body, key=fresh_key(), now=now)
        )
        # It holds the first row and waits for the second; now each waits for the other.
        async with asyncio.timeout(10):
            while not await watching.fetchval(waits, pid):  # noqa: ASYNC110 - a lock
                await asyncio.sleep(0.01)
        await other.execute(lock.replace("$1", f"'{first}'"))
    placed = (await order).unwrap()
    assert placed.response["status"] == "ALLOCATED"
    await other.close()
    await watching.close()
    await patient.close()

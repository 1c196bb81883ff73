"""Stock: who may set what, versions, shortages, and that movements add up."""

import datetime as dt
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import msgspec
import pytest

from beltline.inventory import actions, queries
from beltline.inventory.types import NotAvailable, StockItem, StockOutcome
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database
from beltline.orders import actions as orders
from beltline.orders.types import OrderBody, OutOfStock
from tests.orders.make import (
    Market,
    make_market,
    make_node,
    make_supplier,
    order_body,
    set_stock,
)


async def put(
    database: Database, actor: Actor, now: dt.datetime, *items: StockItem
) -> list[StockOutcome]:
    return await actions.set_stock(database, actor, items, now=now)


async def assert_sound(database: Database) -> None:
    async with database.system() as db:
        proof = await queries.prove_stock(db)
    assert proof.holds, proof


async def move(
    database: Database, function: str, market: Market, now: dt.datetime, **line: Any
) -> None:
    """Call one of the functions that move stock with one line at Warsaw, named twice."""
    entry = {
        "sku_id": market.skus["S-1"],
        "node_id": market.nodes["WAW"],
        "owner_org_id": market.operator.org_id,
        **line,
    }
    arguments: dict[str, tuple[object, ...]] = {
        "receive_lines": ([entry, entry], market.operator.org_id, "GR-1", None, now),
        "expect_lines": ([entry, entry], market.operator.org_id, now),
    }
    places = ", ".join(f"${n + 1}" for n in range(len(arguments[function])))
    async with database.system() as db:
        await db.value(f"select inventory.{function}({places})", *arguments[function])


async def test_the_operator_counts(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=5)
    outcomes = await put(
        database, market.operator, now + dt.timedelta(seconds=1),
        StockItem("S-1", "WAW", 8), StockItem("S-9", "WAW", 1), StockItem("S-2", "YIW", 3),
        StockItem("S-1", "XXX", 1), StockItem("S-1", "WAW", 1, owner="buyer-1"),
    )  # fmt: skip
    assert [outcome.outcome for outcome in outcomes] == [
        "SET", "UNKNOWN_SKU", "SET", "UNKNOWN_NODE", "UNKNOWN_OWNER",
    ]  # fmt: skip
    assert [(o.version, o.owner) for o in outcomes][:3] == [
        (2, "operator"), (None, "operator"), (1, "operator"),
    ]  # fmt: skip
    async with database.reading(market.operator) as db:
        rows = await queries.list_stock(db, sku="S-1", node="WAW")
        moved = await queries.list_movements(db, sku="S-1", node="WAW")
    assert (rows[0].on_hand, rows[0].available, rows[0].kind) == (8, 8, "COUNTED")
    assert [(m.kind, m.on_hand) for m in moved] == [("COUNT", 3), ("OPENING", 5)]
    async with database.system() as db:
        told = await db.values(
            "select data->>'on_hand' from kit.event_all where type = 'stock.set' order by sequence"
        )
        audited = await db.value("select count(*) from accounts.audit where object = 'stock'")
    assert (sorted(told), audited) == (["3", "5", "5", "5", "8"], 1)
    await assert_sound(database)


async def test_an_older_version_is_refused(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    sent = [(5, 7), (4, 9), (5, 7), (5, 8), (6, 8)]
    outcomes = [
        (
            await put(
                database, market.operator, now, StockItem("S-1", "YIW", on_hand, version=version)
            )
        )[0]
        for version, on_hand in sent
    ]
    assert [(o.outcome, o.version) for o in outcomes] == [
        ("SET", 5), ("STALE", 5), ("UNCHANGED", 5), ("STALE", 5), ("SET", 6),
    ]  # fmt: skip
    async with database.reading(market.operator) as db:
        assert (await queries.list_stock(db, node="YIW"))[0].on_hand == 8
    await assert_sound(database)


async def test_a_supplier_declares_its_own_goods_at_its_own_factory(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    async with database.system() as db:
        other = await make_supplier(db, "other-1", now)
        await make_node(db, "ZHI", "FACTORY", "CN", now, supplier=market.supplier)
        await make_node(db, "OTH", "FACTORY", "CN", now, supplier=other)
    own = await put(
        database, market.supplier, now,
        StockItem("S-1", "ZHI", 40), StockItem("S-1", "WAW", 40), StockItem("S-1", "OTH", 40),
        StockItem("S-2", "ZHI", 40, owner="operator"),
    )  # fmt: skip
    foreign = await put(database, other, now, StockItem("S-1", "OTH", 40))
    counted = await put(database, market.operator, now, StockItem("S-1", "ZHI", 1))
    assert [o.outcome for o in own] == ["SET", "NOT_YOURS", "NOT_YOURS", "NOT_YOURS"]
    assert (foreign[0].outcome, counted[0].outcome) == ("UNKNOWN_SKU", "NOT_YOURS")
    async with database.reading(market.supplier) as db:
        rows = await queries.list_stock(db)
        assert await queries.available_of(db, [market.skus["S-1"]]) == {market.skus["S-1"]: 100}
    assert [(row.node, row.kind, row.owner) for row in rows] == [("ZHI", "DECLARED", "zhili-1")]
    async with database.reading(other) as db:
        assert await queries.list_stock(db) == []
    with pytest.raises(WrongRole):
        await put(database, market.buyer, now, StockItem("S-1", "WAW", 1))


async def test_a_declaration_never_replaces_a_count(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=5)
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["WAW"], on_hand=99, now=now,
            kind="DECLARED",
        )  # fmt: skip
        assert await db.value("select max(on_hand) from inventory.stock") == 5


async def test_a_count_below_what_is_reserved_is_a_shortage(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, on_hand=10)
    ids = ([market.skus["S-1"]], [market.nodes["WAW"]], [market.operator.org_id])
    async with database.system() as db:
        await db.value(
            "select inventory.reserve_lines($1, $2, $3, '{8}', 'x', null, $4)", *ids, now
        )
    outcome = (await put(database, market.operator, now, StockItem("S-1", "WAW", 5)))[0]
    assert (outcome.outcome, outcome.shortage) == ("SET", True)
    async with database.reading(market.operator) as db:
        (short,) = await queries.list_stock(db, sku="S-1", node="WAW")
    assert (short.sku, short.available, short.is_shortage) == ("S-1", 0, True)
    with pytest.raises(NotAvailable):
        async with database.system() as db:
            await db.value(
                "select inventory.reserve_lines($1, $2, $3, '{1}', 'y', null, $4)", *ids, now
            )
    async with database.system() as db:
        await db.value(
            "select inventory.release_lines($1, $2, $3, '{8}', 'x', null, $4)", *ids, now
        )
        assert await db.value("select sum(reserved)::bigint from inventory.stock") == 0
    await assert_sound(database)


async def test_reserving_is_all_or_nothing(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=10)
    skus = [market.skus["S-1"], market.skus["S-2"], market.skus["S-1"]]
    nodes = [market.nodes["WAW"]] * 3
    owners = [market.operator.org_id] * 3
    sql = "select inventory.reserve_lines($1, $2, $3, $4, 'x', null, $5)"
    with pytest.raises(NotAvailable):
        async with database.system() as db:
            await db.value(sql, skus, nodes, owners, [6, 1, 5], now)
    async with database.system() as db:
        await db.value(sql, skus, nodes, owners, [6, 1, 4], now)
        assert await db.values("select reserved from inventory.stock order by 1") == [0, 1, 10]
    await assert_sound(database)


async def test_goods_are_awaited_and_come_in(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, on_hand=1)
    await move(database, "expect_lines", market, now, quantity=10)
    await move(database, "receive_lines", market, now, quantity=8, expected=10)
    async with database.reading(market.operator) as db:
        row = (await queries.list_stock(db, sku="S-1"))[0]
    assert (row.on_hand, row.inbound) == (17, 0)
    await assert_sound(database)


async def test_a_buyer_sees_what_can_be_had_and_nothing_else(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, on_hand=5)
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["WAW"], on_hand=2, now=now,
            owner=market.supplier,
        )  # fmt: skip
    async with database.reading(market.buyer) as db:
        assert await queries.list_stock(db) == []
        assert await queries.list_movements(db) == []
        free = await queries.list_availability(db, limit=2)
        rest = await queries.list_availability(db, after=(free[-1].sku_id, free[-1].node_id))
    assert [(a.node, a.available) for a in free + rest] == [("WAW", 7)] * 3


@pytest.mark.parametrize("model", ["OWNED", "VIRTUAL", "DIRECT"])
async def test_goods_sold_from_the_factory_are_shown_as_an_order_takes_them(
    database: Database, now: dt.datetime, model: str
) -> None:
    market = await make_market(database, now, on_hand=5)
    goods = {"S-1": market.skus["S-1"]}
    async with database.system() as db:
        factory = await make_node(db, "F-1", "FACTORY", "CN", now, supplier=market.supplier)
        await set_stock(
            db, market.operator, goods, node_id=factory, on_hand=30, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await set_stock(db, market.operator, goods, node_id=market.nodes["WAW"], on_hand=0, now=now)
        await db.execute(
            "update catalog.offer set sales_model = $2 where sku_id = $1", goods["S-1"], model
        )
    # Declared stock sells less its buffer of a tenth.
    shown = 0 if model == "OWNED" else 27
    async with database.reading(market.buyer) as db:
        found = await queries.available_of(db, [goods["S-1"]])
        [total] = await queries.list_available_totals(db, [goods["S-1"]])
        by_api = await queries.list_availability(db, sku="S-1", node="F-1")
        by_page = await queries.list_availability_by_code(db, sku="S-1", node="F-1")
    assert found.get(goods["S-1"], 0) == total.available == shown
    assert sum(row.available for row in by_api) == shown
    assert [(row.available, row.is_declared) for row in by_page] == [(shown, True)] * bool(shown)
    for units in (shown, shown + 1):
        body = msgspec.convert(order_body(("S-1", max(units, 1))), OrderBody)
        refused = pytest.raises(OutOfStock) if units > shown or not shown else nullcontext()
        with refused:
            await orders.preview_order(database, market.buyer, body, now=now)


async def test_the_proof_finds_a_row_that_does_not_add_up(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    async with database.system() as db:
        await db.execute(
            "update inventory.stock set reserved = 3 where sku_id = $1", market.skus["S-1"]
        )
        proof = await queries.prove_stock(db)
    assert (proof.holds, proof.figures["rows_wrong"]) == (False, 1)
    assert UUID(str(proof.faults[0]["sku_id"])) == market.skus["S-1"]

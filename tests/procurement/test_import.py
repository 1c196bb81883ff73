"""Importing open orders: confirmed, inbound, twice is once, changed until they move on."""

import datetime as dt
from decimal import Decimal

from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.staging import Imported
from beltline.procurement import actions, queries
from beltline.procurement.types.orders import Status
from tests.procurement.make import (
    NOW,
    assert_inbound_is_awaited,
    inbound,
    make_order,
    make_trade,
)

COLUMNS = (
    "number", "supplier", "sku", "node", "quantity", "unit_price", "currency", "ordered_date",
    "expected_date",
)  # fmt: skip
FILE = (
    "1,A-1,zhili-01,SKU-1,CON-YIW,600,19.8,CNY,2026-11-01,2026-12-01\n"
    "2,A-1,zhili-01,SKU-2,CON-YIW,40,1.2,CNY,2026-11-01,2026-12-03\n"
    "3,B-7,yiwu-02,SKU-2,OVS-WAW,5,0.125,USD,,\n"
)


async def load(database: Database, csv: str, columns: tuple[str, ...] = COLUMNS) -> Imported:
    async with database.system() as db:
        return await actions.import_purchase_orders(db, columns=columns, csv=csv.encode(), now=NOW)


async def test_a_file_becomes_confirmed_orders_with_inbound_goods(database: Database) -> None:
    trade = await make_trade(database)
    done = await load(database, FILE)
    assert (done.inserted, done.updated, done.unchanged, done.problems) == (3, 0, 0, ())
    async with database.reading(trade.operator) as db:
        orders = {o.number: o for o in await queries.list_orders(db, trade.operator)}
        lines = await queries.list_lines(db, orders["A-1"].id)
        events = await list_events_of(db, orders["A-1"].id)
    first, second = orders["A-1"], orders["B-7"]
    assert (first.status, first.version, first.total_amount) == (Status.CONFIRMED, 1, 1_192_800)
    assert first.expected_date == dt.date(2026, 12, 3)
    # 0.625 half-even; without a day the supplier's mean lead time of 9 days counts.
    assert (second.total_amount, second.currency) == (62, "USD")
    assert second.expected_date == dt.date(2026, 11, 29)
    assert [(line.line_no, line.sku, line.answered_quantity) for line in lines] == [
        (1, "SKU-1", 600), (2, "SKU-2", 40),
    ]  # fmt: skip
    assert [event.type for event in events] == ["purchase_order.imported"]
    assert await inbound(database) == {
        ("SKU-1", "CON-YIW"): 600, ("SKU-2", "CON-YIW"): 40, ("SKU-2", "OVS-WAW"): 5,
    }  # fmt: skip


async def test_the_same_file_twice_changes_nothing(database: Database) -> None:
    trade = await make_trade(database)
    await load(database, FILE)
    again = await load(database, FILE)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 3)
    async with database.reading(trade.operator) as db:
        orders = await queries.list_orders(db, trade.operator)
        assert [len(await list_events_of(db, order.id)) for order in orders] == [1, 1]
    assert {order.version for order in orders} == {1}
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 600
    await assert_inbound_is_awaited(database)


async def test_new_terms_and_new_lines_update_an_imported_order(database: Database) -> None:
    trade = await make_trade(database)
    await load(database, FILE)
    done = await load(
        database,
        "1,A-1,zhili-01,SKU-1,CON-YIW,500,19.8,CNY,2026-11-01,2026-12-03\n"
        "2,A-1,zhili-01,SKU-3,CON-YIW,1000,2.5,CNY,2026-11-01,2026-12-03\n",
    )
    assert (done.inserted, done.updated, done.unchanged) == (1, 1, 0)
    async with database.reading(trade.operator) as db:
        orders = {o.number: o for o in await queries.list_orders(db, trade.operator)}
        lines = await queries.list_lines(db, orders["A-1"].id)
    assert [(line.line_no, line.sku) for line in lines] == [
        (1, "SKU-1"),
        (2, "SKU-2"),
        (3, "SKU-3"),
    ]
    assert (orders["A-1"].version, orders["A-1"].total_amount) == (2, 990_000 + 4_800 + 250)
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 500
    await assert_inbound_is_awaited(database)


async def test_without_a_price_the_offer_counts(database: Database) -> None:
    trade = await make_trade(database)
    columns = ("number", "supplier", "sku", "node", "quantity")
    done = await load(database, "1,C-1,zhili-01,SKU-1,CON-YIW,500\n", columns)
    assert done.inserted == 1
    async with database.reading(trade.operator) as db:
        [order] = await queries.list_orders(db, trade.operator)
        [line] = await queries.list_lines(db, order.id)
    assert (line.unit_price, order.currency) == (Decimal("19.8"), "CNY")


async def test_bad_rows_are_named_and_the_good_ones_kept(database: Database) -> None:
    trade = await make_trade(database)
    issued = await make_order(database, trade)
    done = await load(
        database,
        "1,D-1,zhili-01,SKU-1,CON-YIW,10,1,CNY,,\n"
        "2,D-1,yiwu-02,SKU-2,CON-YIW,10,1,CNY,,\n"
        "3,D-1,zhili-01,SKU-3,OVS-WAW,10,1,CNY,,\n"
        "4,D-1,zhili-01,SKU-1,CON-YIW,10,1,CNY,,\n"
        "5,D-2,nobody,SKU-1,CON-YIW,10,1,CNY,,\n"
        "6,D-3,zhili-01,SKU-9,CON-YIW,10,1,CNY,,\n"
        "7,D-4,zhili-01,SKU-1,CON-YIW,1.5,1,CNY,,\n"
        "8,D-5,zhili-01,SKU-3,CON-YIW,10,,CNY,,\n"
        f"9,{issued.number},zhili-01,SKU-1,CON-YIW,599,19.8,CNY,,\n"
        f"10,{issued.number},zhili-01,SKU-1,CON-YIW,600,19.8,CNY,,\n",
    )
    assert done.inserted == 1
    assert {(p.row, p.code) for p in done.problems} == {
        (2, "procurement.several_parties"), (3, "procurement.several_parties"),
        (4, "procurement.duplicate_sku"), (5, "suppliers.unknown_supplier"),
        (6, "catalog.unknown_sku"), (7, "procurement.not_whole"), (8, "procurement.no_price"),
        (10, "procurement.duplicate_sku"), (9, "procurement.moved_on"),
    }  # fmt: skip
    assert all(problem.remedy for problem in done.problems)
    async with database.reading(trade.operator) as db:
        kept = await queries.get_order(db, trade.operator, issued.id)
    assert kept.version == 1


async def test_issued_numbers_step_over_imported_ones(database: Database) -> None:
    trade = await make_trade(database)
    columns = ("number", "supplier", "sku", "node", "quantity")
    await load(database, "1,PO-10001,zhili-01,SKU-1,CON-YIW,500\n", columns)
    assert (await make_order(database, trade)).number == "PO-10002"

"""Importing goods and who makes them: new, changed, unchanged, refused; twice is once."""

from decimal import Decimal

from beltline.catalog import actions as catalog
from beltline.kit.db import Database
from beltline.suppliers import actions as suppliers
from beltline.suppliers import queries as supplier_queries
from beltline.trade import actions as trade
from tests.catalog.make import (
    NOW,
    OFFER_COLUMNS,
    PRODUCT_COLUMNS,
    SKU_COLUMNS,
    SUPPLIER_COLUMNS,
    import_all,
    make_network,
)


async def test_the_same_files_twice_change_nothing(database: Database) -> None:
    await make_network(database)
    async with database.system() as db:
        before = await db.value("select max(updated_at) from catalog.sku")
        again = await import_all(db)
        after = await db.value("select max(updated_at) from catalog.sku")
    assert [(one.inserted, one.updated) for one in again] == [(0, 0)] * 6
    assert sum(one.unchanged for one in again) == 2 + 2 + 2 + 2 + 3 + 7
    assert before == after


async def test_a_changed_row_is_updated_alone(database: Database) -> None:
    await make_network(database)
    csv = b"1,zhili-01,FACTORY,Zhili Kidswear,,B,6,12\n2,yiwu-02,TRADER,Yiwu Trade,,B,9,20\n"
    async with database.system() as db:
        done = await suppliers.import_suppliers(db, columns=SUPPLIER_COLUMNS, csv=csv, now=NOW)
        tiers = {s.code: s.tier for s in await supplier_queries.list_suppliers(db)}
    assert (done.inserted, done.updated, done.unchanged) == (0, 1, 1)
    assert tiers == {"zhili-01": "B", "yiwu-02": "B"}


async def test_an_unknown_reference_leaves_out_its_row_only(database: Database) -> None:
    await make_network(database)
    csv = b"7,P-9,nobody,x,Title,\n8,P-8,zhili-01,x,Title,\n"
    async with database.system() as db:
        done = await catalog.import_products(db, columns=PRODUCT_COLUMNS, csv=csv, now=NOW)
    assert done.inserted == 1
    problem = done.problems[0]
    assert (problem.row, problem.column, problem.code, problem.value) == (
        7, "supplier", "suppliers.unknown_supplier", "nobody",
    )  # fmt: skip
    assert problem.remedy


async def test_new_price_breaks_replace_the_old_ones(database: Database) -> None:
    await make_network(database)
    csv = (
        b"1,operator,SKU-1,BUYERS,USD,1,6,2\n2,operator,SKU-1,BUYERS,USD,50,5.5,2\n"
        b"3,operator,SKU-1,BUYERS,EUR,1,5,2\n"
    )
    async with database.system() as db:
        done = await catalog.import_offers(db, columns=OFFER_COLUMNS, csv=csv, now=NOW)
        changes = await db.values(
            "select array[price_before, unit_price] from catalog.price_change where at = $1", NOW
        )
        breaks = await db.values(
            """select array[b.quantity_from::numeric, b.unit_price] from catalog.offer_break b
                 join catalog.offer o on o.id = b.offer_id join catalog.sku k on k.id = o.sku_id
                where k.code = 'SKU-1' and o.audience = 'BUYERS'
                order by o.currency desc, b.quantity_from"""
        )
    assert (done.inserted, done.updated) == (2, 1)
    assert breaks == [[1, Decimal(6)], [50, Decimal("5.5")], [1, Decimal(5)]]
    assert changes == [[Decimal("5.25"), Decimal(6)]]


async def test_a_factory_node_names_its_supplier(database: Database) -> None:
    await make_network(database)
    columns = ("code", "kind", "name", "country", "tz", "supplier")
    csv = b"1,F-1,FACTORY,One,CN,Asia/Shanghai,zhili-01\n2,F-2,FACTORY,Two,CN,Asia/Shanghai,\n"
    async with database.system() as db:
        done = await trade.import_nodes(db, columns=columns, csv=csv, now=NOW)
    assert done.inserted == 1
    assert [p.code for p in done.problems] == ["trade.factory_without_supplier"]


async def test_a_sku_keeps_measures_that_a_file_leaves_empty(database: Database) -> None:
    await make_network(database)
    async with database.system() as db:
        await catalog.import_skus(
            db, columns=(*SKU_COLUMNS, "weight_g"), csv=b"1,SKU-1,P-1,PIECE,10,180\n", now=NOW
        )
        done = await catalog.import_skus(
            db, columns=SKU_COLUMNS, csv=b"1,SKU-1,P-1,PIECE,12\n", now=NOW
        )
        weight = await db.value("select weight_g from catalog.sku where code = 'SKU-1'")
    assert (done.updated, weight) == (1, 180)


async def test_phone_numbers_go_to_contacts_once(database: Database) -> None:
    await make_network(database)
    columns = ("code", "name", "phone")
    for _ in range(2):
        async with database.system() as db:
            await suppliers.import_suppliers(
                db, columns=columns, csv=b"1,new-03,New,0572-1\n", now=NOW
            )
    async with database.system() as db:
        phones = await db.values("select phone from accounts.contact")
        linked = await db.value("select contact_id from suppliers.supplier where code = 'new-03'")
    assert phones == ["0572-1"]
    assert linked is not None


async def test_a_deposit_stands_with_goods_made_to_order_alone(database: Database) -> None:
    await make_network(database)
    columns = (
        "supplier", "sku", "audience", "currency", "unit_price", "availability", "sales_model",
        "deposit_percent",
    )  # fmt: skip
    rows = [
        "1,operator,SKU-1,BUYERS,USD,6,MADE_TO_ORDER,VIRTUAL,33.33",
        "2,operator,SKU-2,BUYERS,USD,6,SPOT,OWNED,30",
        "3,zhili-01,SKU-1,OPERATOR,CNY,6,MADE_TO_ORDER,VIRTUAL,30",
        "4,operator,SKU-2,BUYERS,EUR,6,MADE_TO_ORDER,VIRTUAL,100",
        "5,operator,SKU-2,BUYERS,EUR,6,MADE_TO_ORDER,VIRTUAL,30.005",
        "6,operator,SKU-2,BUYERS,GBP,6,MADE_TO_ORDER,VIRTUAL,",
    ]
    async with database.system() as db:
        done = await catalog.import_offers(
            db, columns=columns, csv="".join(f"{row}\n" for row in rows).encode(), now=NOW
        )
        kept = await db.values(
            """select deposit_percent::text from catalog.offer
                where audience = 'BUYERS' and deposit_percent is not null"""
        )
    assert kept == ["33.33"]
    assert [(p.row, p.column, p.code) for p in done.problems] == [
        (4, "deposit_percent", "catalog.deposit_out_of_range"),
        (5, "deposit_percent", "catalog.deposit_out_of_range"),
        (2, "deposit_percent", "catalog.deposit_not_made_to_order"),
        (3, "deposit_percent", "catalog.deposit_not_made_to_order"),
    ]
    assert all(p.remedy for p in done.problems)

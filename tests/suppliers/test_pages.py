"""Suppliers and belts as pages."""

import datetime as dt
import json
import re

import msgspec
import pytest

from beltline.catalog import actions as offers
from beltline.catalog.actions import goods as catalog
from beltline.catalog.queries import goods
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.suppliers import actions
from beltline.suppliers.queries import belts
from beltline.suppliers.rules import belts as rules
from beltline.suppliers.types import BeltLife
from tests.catalog.make import NOW, OFFER_COLUMNS, make_network
from tests.visitor import visiting


async def test_suppliers_are_narrowed_by_tier_and_words(database: Database) -> None:
    network = await make_network(database)
    async with visiting(database, network.operator) as visitor:
        page = await visitor.see("/suppliers?tier=A")
        assert "zhili-01" in page
        assert "yiwu-02" not in page
        assert "yiwu-02" in await visitor.see("/suppliers?q=%E5%95%86%E8%A1%8C")
        assert (await visitor.get("/suppliers/nobody")).status_code == 404


async def test_closures_of_a_supplier_are_shown(database: Database) -> None:
    network = await make_network(database)
    columns = ("supplier", "starts", "ends", "ramp_down_from", "ramp_up_until",
               "last_order_date", "reason")  # fmt: skip
    row = b"1,zhili-01,2027-02-01,2027-02-21,2027-01-20,2027-03-01,2027-01-15,Spring Festival\n"
    async with database.system() as db:
        await actions.import_closures(db, columns=columns, csv=row)
    async with visiting(database, network.operator) as visitor:
        page = await visitor.see("/suppliers/zhili-01")
        assert "Spring Festival" in page
        assert "2027-01-15" in page
        assert "No closures known" in await visitor.see("/suppliers/yiwu-02")


async def test_belts_tell_what_is_not_verified_and_how_they_run(database: Database) -> None:
    network = await make_network(database)
    async with database.system() as db:
        await db.execute(
            "update suppliers.supplier set belt_id = 'CN-330782-001' where code = 'yiwu-02'"
        )
        assert await catalog.work_out_heat(db, now=NOW) == 1
    async with visiting(database, network.operator) as visitor:
        everything = await visitor.see("/belts")
        open_ = await visitor.see("/belts?evidence=open&by=capacity")
        one = await visitor.see("/belts/CN-330782-001")
        panel = await visitor.see("/products/panels/belt/CN-330782-001")
        assert (await visitor.get("/belts/nowhere")).status_code == 404
    counted = re.search(r"(\d+) of (\d+) industrial belts; (\d+) of them unverified", open_)
    assert counted
    assert counted[1] == counted[3]
    assert int(counted[1]) < int(counted[2])
    written = re.search(r'json">(.*?)</script>', everything, re.DOTALL)
    assert written
    chart = json.loads(written[1])
    assert (chart["kind"], len(chart["points"])) == ("points", int(counted[2]))
    assert {point[5] for point in chart["points"]} == {"low risk", "no suppliers here"}
    assert "Yiwu Trade" in one
    assert "ngm.nationalgeographic.com" in one
    assert "jewellery" in panel


async def test_a_belt_is_hot_when_more_is_ordered_than_before(database: Database) -> None:
    await make_network(database)
    async with database.system() as db:
        await db.execute(
            "update suppliers.supplier set belt_id = 'CN-330782-001' where code = 'yiwu-02'"
        )
        for days, orders in ((3, 9), (40, 4)):
            at = NOW - dt.timedelta(days=days)
            for _ in range(orders):
                lines = [{"sku": "SKU-2", "quantity": 5}]
                await catalog.count_sales(db, lines=lines, at=at)
        csv = b"1,yiwu-02,SKU-2,OPERATOR,CNY,1,1.5,100\n"
        await offers.import_offers(db, columns=OFFER_COLUMNS, csv=csv, now=NOW)
        await catalog.work_out_heat(db, now=NOW)
        belt = await belts.get_life(db, "CN-330782-001", today=day_of(NOW))
        best = await goods.list_best_sellers(db, belt.id, since=day_of(NOW) - dt.timedelta(days=28))
    assert (belt.orders_28d, belt.orders_before) == (9, 4)
    assert belt.price_index == pytest.approx(1.25)
    assert rules.heat(belt).text == "rising"
    assert [(one.code, one.orders, one.units) for one in best] == [("SKU-2", 9, 45)]


def test_words_of_a_belt_follow_its_suppliers() -> None:
    belt = BeltLife(
        "B", "带", "Belt", "", "", "", "", "", "c", "", 120.0, 30.0, "page", "", suppliers=4,
        tier_a=4, tier_c=0, verified=0, suspended=0, closed=0, closing=0, on_time=None,
        orders_28d=0, orders_before=0, skus=0, new_products_28d=0, price_index=None,
        computed_at=None,
    )  # fmt: skip
    changed = msgspec.structs.replace
    assert (rules.risk(belt).text, rules.capacity(belt).text) == ("low risk", "working")
    assert rules.risk(changed(belt, on_time=0.7)).tone == "crit"
    assert rules.risk(changed(belt, tier_c=3)).tone == "warn"
    assert rules.risk(changed(belt, suspended=1)).tone == "crit"
    assert rules.capacity(changed(belt, closing=2)).text == "closing soon"
    assert rules.capacity(changed(belt, closed=2)).text == "closed"
    assert rules.risk(changed(belt, suppliers=0)).text == "no suppliers here"

"""Suppliers and belts as pages."""

import re

from beltline.kit.db import Database
from beltline.suppliers import actions
from tests.catalog.make import make_network
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


async def test_belts_tell_what_is_not_verified(database: Database) -> None:
    network = await make_network(database)
    async with visiting(database, network.operator) as visitor:
        everything = await visitor.see("/belts")
        open_ = await visitor.see("/belts?evidence=open")
    assert everything.count("<circle") == open_.count("<circle") > 200
    assert 'class="p-on"' in everything
    assert 'class="p-on"' not in open_
    counted = re.search(r"(\d+) of (\d+) industrial belts; (\d+) of them unverified", open_)
    assert counted
    assert counted[1] == counted[3]
    assert int(counted[1]) < int(counted[2])

"""Lots on the receiving page: only where a SKU keeps them, several to a line, also offline."""

import datetime as dt
from typing import Any

import pytest

from beltline.fulfillment import rules
from beltline.fulfillment.types.receipts import Counted, LotUnusable
from beltline.inventory import actions as inventory
from beltline.inventory.queries.lots import list_lots, prove_lots
from beltline.inventory.types.lots import LotRule
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.procurement.queries import list_lines
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.test_browser import APP, _enter
from tests.fulfillment.test_offline import READY, orders_of, phone, station_of
from tests.procurement.browser import member, send
from tests.procurement.make import NOW, Trade, make_order, make_trade

DAY = "2027-06-30"


async def keeping(
    database: Database, *, shelf_life: int | None = None, kind: str = "EXPIRY"
) -> Trade:
    """A network in which SKU-1 keeps lots."""
    trade = await make_trade(database)
    async with database.writing(trade.operator) as db:
        rule = LotRule("SKU-1", kind, shelf_life, 7)
        await inventory.keep_lots(db, trade.operator, rule, now=NOW)
    return trade


async def lots(database: Database, trade: Trade) -> list[tuple[str, int, str]]:
    """What stands of SKU-1 by lot: code, units, last day; and the proof holds."""
    async with database.reading(trade.operator) as db:
        rows = await list_lots(db, today=day_of(NOW), sku="SKU-1")
        assert (await prove_lots(db)).holds
    return sorted((row.code, row.units, str(row.expires_date or "")) for row in rows)


async def test_lots_are_asked_for_where_they_are_kept(database: Database) -> None:
    trade = await keeping(database)
    order = await make_order(database, trade, now=await database.now())
    path = station_of(order)
    async with member(database, trade.operator, role="WAREHOUSE") as http:
        page = await http.get(f"{path}?mode=list")
        fields = {
            "act": "record", "count-1": "600", "count-2": "40", "lot-1-1": "A",
            "expires-1-1": DAY, "units-1-1": "400", "lot-1-2": " B ", "expires-1-2": DAY,
            "units-1-2": "150", "lot-2-1": "none of mine",
        }  # fmt: skip
        sent = [await send(http, path, seen=page, **fields) for _ in range(2)]
    assert ('name="lot-1-1"' in page.text, 'name="lot-2-1"' in page.text) == (True, False)
    assert [answer.status_code for answer in sent] == [303, 303]
    assert await lots(database, trade) == [("", 50, ""), ("A", 400, DAY), ("B", 150, DAY)]


async def test_a_lot_without_units_has_what_others_leave_and_a_shelf_life_ends_it(
    database: Database,
) -> None:
    trade = await keeping(database, shelf_life=30)
    order = await make_order(database, trade, now=await database.now())
    path = station_of(order)
    async with member(database, trade.operator) as http:
        page = await http.get(path)
        stepped = await send(http, path, seen=page, plus="1", **{"count-1": "4", "lot-1-1": "A"})
        done = await send(
            http, path, seen=stepped, act="record",
            **{"count-1": "5", "lot-1-1": "A", "lot-1-2": "B", "units-1-2": "1"},
        )  # fmt: skip
    assert 'name="lot-1-1" type="text" value="A"' in stepped.text
    assert done.status_code == 303
    ends = (day_of(await database.now()) + dt.timedelta(days=30)).isoformat()
    assert await lots(database, trade) == [("A", 4, ends), ("B", 1, ends)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lot-1-1": "A"}, "wants the day on which a lot expires"),
        ({"lot-1-1": "A", "units-1-1": "7", "expires-1-1": DAY}, "Correct “A 7”"),
        ({"lot-1-1": "A", "expires-1-1": "soon"}, "Correct “soon”"),
        ({"units-1-2": "3"}, "Correct “3”"),
        ({"lot-1-1": "A", "units-1-1": "4", "lot-1-2": "B", "units-1-2": "3"}, "Correct “B 3”"),
        ({"lot-1-1": "A", "units-1-1": "x", "expires-1-1": DAY}, "A count is no number"),
    ],
)
async def test_what_does_not_fit_is_said_and_nothing_is_received(
    database: Database, fields: dict[str, Any], said: str
) -> None:
    trade = await keeping(database)
    order = await make_order(database, trade, now=await database.now())
    path = station_of(order)
    async with member(database, trade.operator) as http:
        answer = await send(http, path, act="record", **{"count-1": "6", "count-2": "0"}, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'name="count-1" value="6"' in answer.text
    assert await lots(database, trade) == []


async def test_lines_are_divided_by_what_they_keep(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    async with database.reading(trade.operator) as db:
        lines = await list_lines(db, order.id)
    form = {"lot-1-1": "A", "lot-2-1": "B", "expires-2-1": DAY, "units-2-1": "3"}
    counted = rules.read_lots(form, lines, {1: 5, 2: 4}, {"SKU-2"})
    day = dt.date.fromisoformat(DAY)
    assert counted == [Counted(5, 1), Counted(3, 2, None, "B", day), Counted(1, 2)]
    assert rules.read_lots(form, lines, {1: 0, 2: 0}, {"SKU-2"}) == []
    none_of_it = form | {"units-2-1": "0"}
    assert rules.read_lots(none_of_it, lines, {1: 0, 2: 4}, {"SKU-2"}) == [Counted(4, 2)]
    with pytest.raises(LotUnusable):
        rules.read_lots({"lot-2-1": "x" * 61}, lines, {1: 0, 2: 4}, {"SKU-2"})


@browser.needed
async def test_lots_named_without_network_are_sent_with_their_receipt(database: Database) -> None:
    trade = await keeping(database)
    [order] = await orders_of(database, trade, 1)
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test")
    async with phone(database) as at:
        await at.enter(token)
        for path in ("/receive", station_of(order)):
            await at.keep(path)
        await at.cut()
        await at.open(station_of(order))
        await at.page.fill("#count-1", "3")
        await at.page.fill("[name=lot-1-1]", "A")
        await at.page.fill("[name=expires-1-1]", DAY)
        await at.page.click("[name=act][value=record]")
        await at.page.wait_for_url(f"{at.url}/receive")
        await at.page.wait_for_selector(READY, state="attached")
        assert await at.unsent() == 1
        await at.restore()
        await at.has_sent()
    assert await lots(database, trade) == [("A", 3, DAY)]


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_the_page_with_lots_passes_the_audit(database: Database, locale: str) -> None:
    trade = await keeping(database, shelf_life=90)
    order = await make_order(database, trade, now=await database.now())
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test")
    async with database.system() as db:
        await db.execute("update accounts.member set locale = $1", locale)
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, token, locale)
            found = await browser.audit_views(
                page, url + station_of(order), ((1440, 844, "dark"), (390, 844, "light"))
            )
            await page.click("details summary >> nth=-1")
            assert (await browser.audit(page)).problems() == []
    assert not any(found.values()), found

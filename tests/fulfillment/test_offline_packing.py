"""Packing on a phone whose network is cut: scanned, kept, sent once, or refused in words."""

from uuid import UUID

from playwright.async_api import expect

from beltline.fulfillment.queries import packing as queries
from beltline.fulfillment.types.packing import PackedParcel
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.journeys import finish, journeys_of
from tests.fulfillment.test_offline import READY, Station, phone
from tests.fulfillment.test_packing import packable
from tests.orders.make import Market
from tests.procurement.browser import hidden, member, send


def station_of(order_id: UUID) -> str:
    return f"/packing/{show_id('ord', order_id)}?node=WAW"


async def parcels_of(database: Database, market: Market, order_id: UUID) -> list[PackedParcel]:
    async with database.reading(market.operator) as db:
        made = await queries.list_packings(db, order_id)
        return await queries.list_parcels(db, [packing.id for packing in made])


async def scan(at: Station, *codes: str) -> None:
    """Scan piece after piece, as a scanner types."""
    await at.page.focus("#scan")
    for code in codes:
        await at.page.keyboard.type(code)
        await at.page.keyboard.press("Enter")


async def taken(at: Station) -> None:
    """Record the packing without network; the list is what comes next."""
    await at.page.click("button[form=pack]")
    await at.page.wait_for_url("**/packing")
    await at.page.wait_for_selector(READY, state="attached")


@browser.needed
async def test_goods_are_scanned_into_parcels_without_network(database: Database) -> None:
    """The list alone was opened; the page is left, closed and opened in between; sent once."""
    market, order_id = await packable(database, await database.now())
    token = await sign_up(
        database, market.operator.org_id, email="w@beltline.test", role="WAREHOUSE", locale="zh"
    )
    path = station_of(order_id)
    async with phone(database) as at:
        await at.enter(token)
        await at.keep("/packing")
        await at.open("/packing")
        await at.has(path)
        await at.cut()
        await at.page.click(f"a[href='{path}']")
        await at.page.wait_for_selector(READY, state="attached")
        await scan(at, "S-1")
        assert "S-1 都已装箱" in await at.page.inner_text("[data-said]")
        await at.page.click("[value=empty]")
        await scan(at, "S-1", "s-1", "S-1", "S-2", "S-9")
        assert "S-9" in await at.page.inner_text("[data-said]")
        await at.page.click("[data-open-parcel=next]:visible")
        await at.page.select_option("[name=carton-2]", "C-40")
        await scan(at, "S-2")
        assert "S-2: 2 / 2" in await at.page.inner_text("[data-said]")
        await at.page.reload()
        await expect(at.page.locator("form .note-info")).to_be_visible()
        assert (await browser.audit(at.page)).violations == []
        at = await at.reopen(path)
        await expect(at.page.locator("form .note-info")).to_contain_text("已恢复")
        assert await at.page.input_value("[name=carton-2]") == "C-40"
        await scan(at, "S-1")
        await taken(at)
        assert await at.unsent() == 1
        assert "网络已断开" in await at.page.inner_text("#waiting [data-unsent]")
        await at.open(path)
        await expect(at.page.locator("button[form=pack]")).to_be_disabled()
        at = await at.reopen("/packing")
        assert await at.unsent() == 1
        assert await parcels_of(database, market, order_id) == []
        await at.restore()
        await at.has_sent()
        await at.open(path)
        assert await at.page.locator("#pack").count() == 0
    made = await parcels_of(database, market, order_id)
    goods = {j.id: j.sku for j in await journeys_of(database, market, order_id)}
    packed = [(p.carton, {goods[n.journey_id]: n.units for n in p.lines}) for p in made]
    assert packed == [("C-20", {"S-1": 3, "S-2": 1}), ("C-40", {"S-1": 1, "S-2": 1})]


@browser.needed
async def test_what_was_packed_by_others_meanwhile_is_told(database: Database) -> None:
    """Refused when it is sent: with what was scanned, why, and the page that shows what is."""
    now = await database.now()
    market, order_id = await packable(database, now)
    first, _ = goods = await journeys_of(database, market, order_id)
    token = await sign_up(database, market.operator.org_id, email="w@beltline.test", locale="zh")
    async with phone(database) as at:
        await at.enter(token)
        await at.keep("/packing")
        await at.keep(station_of(order_id))
        await at.cut()
        await at.open(station_of(order_id))
        await taken(at)
        assert await finish(database, market.operator, "PACK", [first.id], now) == 1
        await at.restore()
        refused = at.page.locator("#waiting [data-acts] > li")
        await expect(refused.locator("[data-title]")).to_have_text("与待打包的不符")
        await expect(refused).to_contain_text(f"{first.number} 打包, S-1 4 在包裹 1")
        await expect(refused.locator("[data-detail]")).to_contain_text("S-1")
        assert await parcels_of(database, market, order_id) == []
        await refused.locator("[data-open]").click()
        await at.page.wait_for_selector(READY, state="attached")
        await expect(at.page.locator("[data-row-n] [data-sku]")).to_have_count(1)
        await at.page.click("button[form=pack]")
        await at.page.wait_for_url("**done=packed")
        await at.has_sent()
    made = await parcels_of(database, market, order_id)
    assert [line.journey_id for parcel in made for line in parcel.lines] == [goods[1].id]


async def test_without_scripts_every_press_goes_to_the_server(database: Database) -> None:
    market, order_id = await packable(database, await database.now())
    path = f"/packing/{show_id('ord', order_id)}"
    [first, _] = await journeys_of(database, market, order_id)
    name = f"units-1-{first.id.hex}"
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get(path)
        form = {"node": "WAW", "carton-1": "C-20", "current": "1"}
        emptied = await send(http, path, seen=page, act="empty", **form, **{name: "4"})
        counted = await send(http, path, seen=page, act="add", scan="s-1", **form, **{name: "1"})
        full = await send(http, path, seen=page, act="add", scan="S-1", **form, **{name: "4"})
        strange = await send(http, path, seen=page, act="add", scan="X-7", **form)
        more = await send(http, path, seen=page, act="more", **form, **{name: "4"})
    assert f'name="{name}" type="text" value=""' in emptied.text
    assert f'name="{name}" type="text" value="2"' in counted.text
    assert "S-1: 2 / 4" in counted.text
    assert "All of S-1 are in parcels" in full.text
    assert "X-7 is not on this order" in strange.text
    assert hidden(more)["key"] != hidden(page)["key"]
    assert 'name="carton-2"' in more.text
    assert 'name="current" value="2"' in more.text

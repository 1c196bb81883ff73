"""One buyer order of goods sold by all four models: from the form to the door and back."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from playwright.async_api import Locator, Page, expect

from beltline.kit.db import Database
from beltline.orders import actions as orders
from beltline_client import Beltline, models
from tests import browser
from tests.client.bridge import Bridge
from tests.fulfillment.journeys import assert_sound
from tests.fulfillment.test_journeys import carry_events
from tests.journeys.people import sign_in
from tests.orders.http import api, key_of
from tests.orders.make import Market, make_market, make_node, make_offer, set_stock

APP = "tests.procurement.served:app"
PHONE: Final[dict[str, Any]] = {"width": 390, "height": 844}
MODELS: Final = {"S-1": "OWNED", "S-2": "VIRTUAL", "S-3": "DIRECT", "S-4": "PRESTOCK"}
UNITS: Final = {"S-1": 4, "S-2": 6, "S-3": 2, "S-4": 3}
WAYBILLS: Final = {"S-2": "SF-2002", "S-3": "YT-3003"}
STAGES: Final = {
    "S-1": ["Packed", "Handed to the carrier", "Delivered"],
    "S-2": ["Packed", "Title has passed", "Declared at customs", "Handed to the carrier",
            "Arrived in the country", "Delivered"],
    "S-3": ["Delivered"],
    "S-4": ["Packed", "Title has passed", "Declared at customs", "Handed to the carrier",
            "Arrived in the country", "Delivered"],
}  # fmt: skip
"""What the hub does for each by a button of the journey, after its box was counted."""
RETURNED: Final = {"S-1": (4, "$50.00"), "S-2": (2, "$25.00"), "S-3": (1, "$12.50"),
                   "S-4": (3, "$37.50")}  # fmt: skip
"""Units of each that go back, and their money."""
FUNDS_CENTS: Final = 100_000
PRICE_CENTS: Final = 1_250
SHIP_TO: Final = {
    "Name": "Anna Nowak", "Country": "PL", "City": "Warszawa", "Postcode": "00-001",
    "Street and number": "Prosta 1", "Phone": "+48 22 555 01 10",
}  # fmt: skip


async def make_world(database: Database, now: dt.datetime) -> Market:
    """A SKU of each model: own goods in Warsaw, the factory's in Yiwu and at the factory."""
    market = await make_market(database, now, on_hand=0, skus=len(MODELS), balance=FUNDS_CENTS)
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        at = {"OWNED": market.nodes["WAW"], "PRESTOCK": market.nodes["YIW"]}
        for sku, model in MODELS.items():
            await set_stock(
                db, market.operator, {sku: market.skus[sku]}, node_id=at.get(model, factory),
                on_hand=40, now=now, owner=None if model == "OWNED" else market.supplier,
                kind="COUNTED" if model in at else "DECLARED",
            )  # fmt: skip
            await db.execute(
                "update catalog.offer set sales_model = $2 where sku_id = $1",
                market.skus[sku], model,
            )  # fmt: skip
            await make_offer(
                db, market.skus[sku], market.supplier, now, audience="OPERATOR", currency="CNY",
                breaks={1: "60"}, operator=market.operator,
            )  # fmt: skip
    return market


class Scene(msgspec.Struct, frozen=True):
    """The people at their screens: the buyer and the desk wide, factory and hub with phones."""

    url: str
    database: Database
    market: Market
    buyer: Page
    factory: Page
    hub: Page

    async def night(self) -> None:
        """What happens without them."""
        await _night(self.database, self.market)

    async def looks_well(self, page: Page) -> None:
        """The page as it stands passes the audit."""
        assert (await browser.audit(page)).problems() == []


async def _night(database: Database, market: Market) -> None:
    """What nobody presses a button for: events reach their listeners, factories are asked."""
    for _ in range(3):
        await carry_events(database)
    now = await database.now()
    async with database.system() as db:
        await orders.purchase_parts(
            db, market.operator, cut_off=now + dt.timedelta(minutes=1), limit=9, now=now
        )
    await carry_events(database)


@contextlib.asynccontextmanager
async def on_stage(database: Database) -> AsyncIterator[Scene]:
    market = await make_world(database, await database.now())
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with (
            browser.open_page() as buyer,
            browser.open_page(**PHONE, locale="zh-CN") as factory,
            browser.open_page(**PHONE) as hub,
        ):
            for page, actor, locale in (
                (buyer, market.buyer, "en"), (factory, market.supplier, "zh"),
                (hub, market.operator, "en"),
            ):  # fmt: skip
                await sign_in(page, database, actor, url, locale)
            yield Scene(url, database, market, buyer, factory, hub)


@browser.needed
async def test_one_order_of_four_models_from_the_form_to_the_door_and_back(
    database: Database,
) -> None:
    async with on_stage(database) as scene:
        path = await order(scene)
        await scene.night()
        await confirm(scene)
        await scene.night()
        await ship(scene)
        await receive(scene)
        assert await carry(scene) == STAGES
        await scene.night()
        await arrived(scene, path)
        for sku, (units, _) in RETURNED.items():
            await send_back(scene, path, sku, units)
        await take_back(scene)
        await scene.night()
        await refunded(scene, path)
    await assert_sound(database, await database.now())


async def order(scene: Scene) -> str:
    """The buyer finds the goods, sees what it would be, and places the order; its page."""
    page = scene.buyer
    await page.goto(f"{scene.url}/orders/new")
    for sku, units in UNITS.items():
        await page.fill("#find-goods", sku)
        await page.get_by_role("button", name="Find").click()
        await page.get_by_role("button", name=f"Add {sku}").click()
        await page.get_by_label(f"Quantity of {sku}").fill(str(units))
    for label, text in SHIP_TO.items():
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_role("button", name="Preview").last.click()
    await expect(panel(page, "quote")).to_contain_text("$187.50")
    await scene.looks_well(page)
    await page.get_by_role("button", name="Place the order").click()
    await page.wait_for_url("**/orders/ord_*")
    return page.url.removeprefix(scene.url)


async def confirm(scene: Scene) -> None:
    """The factory opens its queue on the phone and confirms what it is asked for."""
    page = scene.factory
    await page.goto(f"{scene.url}/supplier")
    await page.get_by_role("link", name="确认数量和日期").click()
    await scene.looks_well(page)
    await page.get_by_role("button", name="按原单全部确认").click()
    await expect(page.get_by_text("您已于")).to_be_visible()


async def ship(scene: Scene) -> None:
    """It sends both parcels: one to the hub, one blind to the buyer's door."""
    page = scene.factory
    await page.goto(f"{scene.url}/supplier/shipments")
    await scene.looks_well(page)
    for sku, waybill in WAYBILLS.items():
        task = page.get_by_role("listitem").filter(has_text=sku)
        await task.get_by_placeholder("运单号").fill(waybill)
        await task.get_by_role("button", name="已发货").click()
        await expect(task).to_have_count(0)


async def receive(scene: Scene) -> None:
    """The hub scans the box of the factory, finds all there, and inspects a sample."""
    page = scene.hub
    await page.goto(f"{scene.url}/parcels?node=YIW")
    await page.get_by_label("Scan or type the waybill").fill(WAYBILLS["S-2"])
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Good")).to_have_value("6")
    await scene.looks_well(page)
    await page.get_by_role("button", name="Record the box").click()
    await expect(page.get_by_text("Recorded and matched.")).to_be_visible()


async def carry(scene: Scene) -> dict[str, list[str]]:
    """Hub and carriers end one stage after the other by its button; which, for each SKU."""
    page, ended = scene.hub, dict[str, list[str]]()
    for sku in UNITS:
        await page.goto(f"{scene.url}/journeys")
        await page.get_by_role("row").filter(has_text=sku).get_by_role("link").first.click()
        await expect(page.get_by_role("heading", name=sku)).to_be_visible()
        ended[sku] = []
        if sku == "S-2":
            await page.get_by_role("button", name="Record the inspection").click()
            await expect(page.get_by_text("Lot accepted")).to_be_visible()
        acts = page.locator("form[action='/journeys/finish']")
        while await acts.count():
            button = acts.locator("[type=submit]")
            ended[sku].append(await button.inner_text())
            await acts.get_by_label("Waybill, declaration or proof").fill(f"D-{sku}")
            await button.click()
            await expect(page.get_by_role("button", name=ended[sku][-1])).to_have_count(0)
        await scene.looks_well(page)
    return ended


async def arrived(scene: Scene, path: str) -> None:
    """The buyer sees that all of it is there, and which owner gave it by which paper."""
    page = scene.buyer
    await page.goto(scene.url + path)
    await expect(page.get_by_role("heading", level=1)).to_have_text("SO-80001")
    await expect(page.get_by_text("Completed: all that comes has arrived")).to_be_visible()
    await expect(panel(page, "lines").get_by_text("Delivered")).to_have_count(len(UNITS))
    await expect(panel(page, "journey").get_by_text("Last mile")).to_have_count(len(UNITS))
    await scene.looks_well(page)


async def send_back(scene: Scene, path: str, sku: str, units: int) -> None:
    """The buyer asks to return some units of a delivered part."""
    page = scene.buyer
    await page.goto(scene.url + path)
    await panel(page, "journey").get_by_role("link", name=f"of {sku}").click()
    await page.get_by_label("Units to return").fill(str(units))
    await page.get_by_role("button", name="Ask to return").click()
    await page.wait_for_url("**/returns*")


async def take_back(scene: Scene) -> None:
    """The operator approves each return to a node, counts what came, and refunds."""
    page = scene.hub
    await page.goto(f"{scene.url}/returns")
    await scene.looks_well(page)
    button = page.get_by_role("button", name="Approve")
    for left in reversed(range(len(RETURNED))):
        await button.first.click()
        await expect(button).to_have_count(left)
    for left in reversed(range(len(RETURNED))):
        await page.get_by_role("link", name="Count and grade").first.click()
        await page.get_by_role("button", name="Grade and refund").click()
        # Its own page says "not refunded" until it has been opened again.
        await expect(page.locator("#grade")).to_have_count(0)
        await expect(page.get_by_text("Refunded").first).to_be_visible()
        await scene.looks_well(page)
        await page.goto(f"{scene.url}/returns")
        await expect(page.get_by_role("link", name="Count and grade")).to_have_count(left)


async def refunded(scene: Scene, path: str) -> None:
    """The money of what went back is there to the cent, that of the rest is still held."""
    page = scene.buyer
    await page.goto(f"{scene.url}/returns")
    for sku, (_, money) in RETURNED.items():
        row = page.get_by_role("row").filter(has_text=sku)
        await expect(row).to_contain_text("Refunded")
        await expect(row).to_contain_text(money)
    await page.goto(scene.url + path)
    for _, money in RETURNED.values():
        await expect(panel(page, "money")).to_contain_text(f"+{money}")
    await expect(page.get_by_role("region", name="Figures")).to_contain_text("$62.50")
    await scene.looks_well(page)


def panel(page: Page, name: str) -> Locator:
    """A panel of a page by the id of its heading."""
    return page.locator(f"section:has(#{name})")


async def test_the_same_by_programs_of_all_three(database: Database) -> None:
    market = await make_world(database, await database.now())
    people = (market.buyer, market.supplier, market.operator)
    tokens = [(await key_of(database, actor))["Authorization"][7:] for actor in people]
    async with api(database) as http:
        bridge = Bridge(http, asyncio.get_running_loop())
        with contextlib.ExitStack() as opened:
            buyer, factory, hub = (
                opened.enter_context(Beltline("http://test", token, http_transport=bridge))
                for token in tokens
            )
            placed = await asyncio.to_thread(_order, buyer)
            await _night(database, market)
            await asyncio.to_thread(_confirm, factory)
            await _night(database, market)
            await asyncio.to_thread(_ship, factory)
            await asyncio.to_thread(_carry, hub, placed)
            await _night(database, market)
            await asyncio.to_thread(_send_back, buyer, hub, placed)
    await assert_sound(database, await database.now())


def _order(buyer: Beltline) -> str:
    body = models.OrdersOrderBody(
        reference="PO-77",
        currency="USD",
        ship_to=models.ShipTo(name="Anna Nowak", country="PL", city="Warszawa", line1="Prosta 1"),
        lines=[models.LineBody(sku=sku, quantity=units) for sku, units in UNITS.items()],
        payment=models.PaymentBody(method="BALANCE"),
        partial=False,
    )
    quote, order = buyer.orders.preview_order(body), buyer.orders.place_order(body)
    assert quote.total == order.total
    assert {line.sku: [part.sales_model for part in line.parts] for line in order.lines} == {
        sku: [model] for sku, model in MODELS.items()
    }
    return order.id


def _confirm(factory: Beltline) -> None:
    [asked] = factory.purchase_orders.iter_orders()
    confirmed = factory.purchase_orders.answer_order(asked.id, models.Answer(answer="CONFIRMED"))
    assert confirmed.status == "CONFIRMED"


def _ship(factory: Beltline) -> None:
    tasks = {task.sku: task for task in factory.shipments.iter_shipments()}
    assert (tasks["S-2"].hub, tasks["S-2"].ship_to) == ("YIW", None)
    assert tasks["S-3"].ship_to is not None
    assert tasks["S-3"].ship_to["name"] == "Anna Nowak"
    for sku, waybill in WAYBILLS.items():
        _finish(factory, tasks[sku].journey_id, "FACTORY", waybill)
    assert list(factory.shipments.iter_shipments()) == []


def _finish(who: Beltline, journey: str, stage: str, document: str) -> None:
    body = models.FinishBody(stage=stage, journeys=[journey], document=document)
    assert who.journeys.finish_stage(body).moved == 1


def _carry(hub: Beltline, order: str) -> None:
    assert hub.parcels.receive_parcel(
        models.ParcelBody(waybill=WAYBILLS["S-2"], node="YIW")
    ).state == "MATCHED"  # fmt: skip
    for each in hub.orders.list_of_order(order).items:
        journey = each.journey
        while journey.stage is not None:
            if journey.stage == "INSPECTION":
                clean = models.InspectBody(critical=0, major=0, minor=0)
                assert hub.journeys.inspect(journey.id, clean).verdict == "ACCEPTED"
            else:
                _finish(hub, journey.id, journey.stage, f"D-{journey.sku}")
            journey = hub.journeys.get_journey(journey.id).journey
        assert (journey.state, journey.delivered) == ("DELIVERED", UNITS[journey.sku])


def _send_back(buyer: Beltline, hub: Beltline, order: str) -> None:
    assert buyer.orders.get_order(order).status == "COMPLETED"
    for each in buyer.orders.list_of_order(order).items:
        units, _ = RETURNED[each.journey.sku]
        asked = buyer.returns.request_return(
            models.ReturnBody(journey_id=each.journey.id, units=units, reason="DEFECTIVE")
        )
        hub.returns.answer_return(asked.id, models.FulfillmentAnswerBody(node="WAW"))
        graded = hub.returns.grade_return(
            asked.id, models.GradeBody(resell=0, scrap=units, charged_to="SUPPLIER")
        )
        assert graded.refunded_amount == units * PRICE_CENTS
    [balance] = buyer.ledger.list_balances().items
    kept = sum(UNITS.values()) - sum(units for units, _ in RETURNED.values())
    assert balance.amount == FUNDS_CENTS - kept * PRICE_CENTS

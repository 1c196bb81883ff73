"""Purchases and receiving in a real browser: audited at every size, counted by keyboard alone."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from playwright.async_api import Page

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.procurement import actions
from beltline.procurement.types.orders import Answer, AnswerKind, AnswerLine, PurchaseOrder
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.make import on_hand
from tests.procurement.make import Trade, make_order, make_trade

APP = "tests.procurement.served:app"
VIEWS: tuple[browser.View, ...] = ((1440, 844, "dark"), (390, 844, "light"))


class Scene(msgspec.Struct, frozen=True):
    """Orders in several states, a link, and a session of each side."""

    trade: Trade
    issued: PurchaseOrder
    countered: PurchaseOrder
    link: str
    operator: str
    supplier: str


@pytest.fixture
async def scene(database: Database) -> Scene:
    trade = await make_trade(database)
    now = await database.now()
    await make_order(database, trade, now=now - dt.timedelta(days=3))
    countered = await make_order(database, trade, now=now)
    issued = await make_order(database, trade, now=now)
    counter = Answer(AnswerKind.COUNTERED, [AnswerLine(1, 480, Decimal("20.5"))], note="模具")
    async with database.writing(trade.supplier) as db:
        await actions.answer_order(
            db, trade.supplier, order_id=countered.id, answer=counter, now=now
        )
    async with database.writing(trade.operator) as db:
        link = await actions.send_link(db, trade.operator, order_id=issued.id, now=now)
    return Scene(
        trade, issued, countered, link.path,
        await sign_up(database, trade.operator.org_id, email="operator@beltline.test"),
        await sign_up(database, trade.supplier.org_id, email="supplier@beltline.test"),
    )  # fmt: skip


async def _enter(page: Page, url: str, token: str, locale: str) -> None:
    await page.context.clear_cookies()
    cookies = {"bl_locale": locale, **({SESSION_COOKIE: token} if token else {})}
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_pages_pass_the_audit(database: Database, scene: Scene, locale: str) -> None:
    """Pages in states the demo does not have; it shows all the others to the same audit."""
    issued, countered = (show_id("po", o.id) for o in (scene.issued, scene.countered))
    visits = {
        scene.operator: (
            "/purchases?q=nothing", f"/purchases/{countered}",
            f"/purchases/{issued}/receive?mode=list",
        ),
        scene.supplier: (
            "/supplier", f"/supplier/orders/{issued}", f"/supplier/orders/{countered}",
        ),
        "": (scene.link,),
    }  # fmt: skip
    async with database.system() as db:
        await db.execute("update accounts.member set locale = $1", locale)
    problems = {}
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            for token, paths in visits.items():
                await _enter(page, url, token, locale)
                for path in paths:
                    problems[path] = await browser.audit_views(page, url + path, VIEWS)
    found = {(path, *view): told for path, of in problems.items() for view, told in of.items()}
    assert {where: told for where, told in found.items() if told} == {}


@browser.needed
async def test_receiving_by_scanner_and_keyboard_alone(database: Database, scene: Scene) -> None:
    path = f"/purchases/{show_id('po', scene.issued.id)}/receive"
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page(width=390, height=844) as page:
            await _enter(page, url, scene.operator, "en")
            await page.goto(url + path)
            for code in ("SKU-1", "sku-1", "SKU-2", "SKU-3", "SKU-1"):
                await page.keyboard.type(code)
                await page.keyboard.press("Enter")
                said = await page.inner_text("[data-said]")
                assert ("is not on this order" in said) == (code == "SKU-3")
            assert await page.input_value("#count-1") == "3"
            await page.focus("[name=plus][value='2']")
            await page.keyboard.press("Enter")
            assert await page.input_value("#count-2") == "2"
            assert (await browser.audit(page)).problems() == []
            await page.focus("[name=act][value=record]")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**?done=received")
            await page.wait_for_selector("#receipts")
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 3, ("SKU-2", "CON-YIW"): 2}

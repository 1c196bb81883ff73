"""Deposit and balance in a real browser: what a buyer reads, and the balance it pays."""

from uuid import UUID

import msgspec
import pytest
from playwright.async_api import Page, expect

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.deposits import MADE, made, order_of, place_made
from tests.orders.make import Market

APP = "tests.procurement.served:app"


class Scene(msgspec.Struct, frozen=True):
    """An order whose balance is due, one that waits for its deposit, and the buyer's session."""

    market: Market
    due: UUID
    placed: UUID
    buyer: str


@pytest.fixture
async def scene(database: Database) -> Scene:
    now = await database.now()
    market, due = await made(database, now, ("S-1", 2), (MADE, 7))
    placed = await place_made(database, market, now, payment={"method": "TRANSFER"})
    buyer = await sign_up(database, market.buyer.org_id, email="buyer@beltline.test")
    return Scene(market, due, placed, buyer)


async def _enter(page: Page, url: str, token: str, locale: str) -> None:
    await page.context.add_cookies(
        [
            {"name": name, "value": value, "url": url}
            for name, value in {"bl_locale": locale, SESSION_COOKIE: token}.items()
        ]
    )


@browser.needed
async def test_a_buyer_pays_the_balance_that_is_due(database: Database, scene: Scene) -> None:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, scene.buyer, "en")
            await page.goto(f"{url}/orders/{show_id('ord', scene.due)}")
            await expect(page.get_by_text("The balance of $61.25 is to be paid")).to_be_visible()
            await expect(page.get_by_text("Give the goods up, $26.25 is kept")).to_be_visible()
            await page.get_by_role("button", name="Pay from Buyer’s balance").click()
            await expect(page.get_by_text("Balance paid: the goods go on")).to_be_visible()
    order = await order_of(database, scene.market, scene.due)
    assert order.head.deferred_amount == 0


@browser.needed
async def test_the_form_tells_both_parts_before_the_order(database: Database, scene: Scene) -> None:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, scene.buyer, "en")
            await page.goto(f"{url}/orders/new?sku={MADE}")
            await page.get_by_label(f"Quantity of {MADE}").fill("7")
            await page.get_by_role("button", name="Preview").last.click()
            await expect(page.get_by_text("Until a factory has confirmed")).to_be_visible()
            for amount in ("$26.25", "$61.25"):
                await expect(page.get_by_text(amount, exact=True).first).to_be_visible()

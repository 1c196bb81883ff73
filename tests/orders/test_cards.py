"""Paying by card on pages: it is paid, declined or late, and a stranger sees nothing of it."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from playwright.async_api import Page, expect

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.ledger.adapters.payments import sign
from beltline.orders import actions, queries
from beltline.orders.types import OrderBody
from tests import browser
from tests.accounts.make import sign_up
from tests.app.client import client_of
from tests.ledger.test_providers import SECRET, sandbox
from tests.orders.make import Market, fresh_key, make_market, order_body
from tests.procurement.browser import send

APP = "tests.orders.served:app"


async def placed(database: Database, units: int, *, price: str = "1.01") -> tuple[Market, str]:
    """An order that waits for its money: a sandbox's last two digits say what its card does."""
    now = await database.now()
    market = await make_market(database, now, buyers=2, price=price, balance=0)
    return market, await place(database, market, units)


async def place(database: Database, market: Market, units: int) -> str:
    body = order_body(("S-1", units), payment={"method": "TRANSFER"})
    answer = await actions.place_order(
        database, market.buyer, msgspec.convert(body, OrderBody), key=fresh_key(),
        now=await database.now(),
    )  # fmt: skip
    shown: str = answer.unwrap().response["id"]
    return shown


async def status_of(database: Database, market: Market, order_id: str) -> str:
    async with database.reading(market.buyer) as db:
        return (await queries.get_order(db, read_id("ord", order_id))).head.status


async def told(http: httpx.AsyncClient, database: Database, payment: str) -> int:
    """The provider's signed message arrives."""
    body = msgspec.json.encode({"payment": payment})
    headers = {"sandbox-signature": sign(SECRET, body, await database.now())}
    answer = await http.post("/v1/payments/events", headers=headers, content=body)
    return answer.status_code


async def test_the_webhook_decides_and_looking_books_nothing(database: Database) -> None:
    market, order_id = await placed(database, 5)
    async with sandbox() as world, client_of(database.dsn, settings=world.settings) as http:
        http.cookies.set(
            SESSION_COOKIE, await sign_up(database, market.buyer.org_id, email="b@beltline.test")
        )
        page = await http.get(f"/orders/{order_id}")
        assert "Pay by card" in page.text
        begun = [
            await send(http, f"/orders/{order_id}/checkout", seen=page, key="k") for _ in range(2)
        ]
        urls = {re.findall(r'href="(http[^"]+payment=[^"]+)"', one.text)[0] for one in begun}
        [url] = urls
        back = urlsplit(url)
        [payment] = parse_qs(back.query)["payment"]
        seen = await http.get(f"{back.path}?{back.query}")
        assert "The provider has the money" in seen.text
        assert await status_of(database, market, order_id) == "PLACED"
        assert await told(http, database, payment) == 204
        seen = await http.get(f"{back.path}?{back.query}")
        assert "The payment has come, and the order is paid." in seen.text
        assert await status_of(database, market, order_id) == "ALLOCATED"
        page = await http.get(f"/orders/{order_id}")
        assert "Pay by card" not in page.text
        late = await send(http, f"/orders/{order_id}/checkout", seen=seen, key="k2")
        none = await http.get(f"/orders/{order_id}/payment")
        forged = await http.get(f"/orders/{order_id}/payment?payment={payment}0")
    assert (late.status_code, forged.status_code) == (409, 404)
    assert "Nothing was paid" in none.text
    async with sandbox() as world, client_of(database.dsn, settings=world.settings) as http:
        http.cookies.set(
            SESSION_COOKIE,
            await sign_up(database, market.buyers[1].org_id, email="c@beltline.test"),
        )
        stranger = await http.get(f"{back.path}?{back.query}")
    assert stranger.status_code == 404


async def test_without_a_provider_there_is_no_button(database: Database) -> None:
    market, order_id = await placed(database, 5)
    async with client_of(database.dsn) as http:
        http.cookies.set(
            SESSION_COOKIE, await sign_up(database, market.buyer.org_id, email="b@beltline.test")
        )
        page = await http.get(f"/orders/{order_id}")
        asked = await send(http, f"/orders/{order_id}/checkout", seen=page, key="k")
    assert "Pay by card" not in page.text
    assert asked.status_code == 409


async def _enter(page: Page, url: str, token: str) -> None:
    await page.context.add_cookies(
        [
            {"name": name, "value": value, "url": url}
            for name, value in {"bl_locale": "en", SESSION_COOKIE: token}.items()
        ]
    )


@browser.needed
@pytest.mark.parametrize(
    ("units", "said", "then", "status"),
    [
        (5, "The provider has the money", "the order is paid", "ALLOCATED"),
        (1, "The payment was declined (card_declined)", "", "PLACED"),
        (2, "The provider has the money", "the order is paid", "ALLOCATED"),
    ],
    ids=["pays", "declines", "delays"],
)
async def test_a_buyer_pays_by_card(
    database: Database, units: int, said: str, then: str, status: str
) -> None:
    market, order_id = await placed(database, units)
    token = await sign_up(database, market.buyer.org_id, email="b@beltline.test")
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn, BELTLINE_TEST_SECRET=SECRET) as url:
        async with browser.open_page() as page:
            await _enter(page, url, token)
            await page.goto(f"{url}/orders/{order_id}")
            await page.get_by_role("button", name="Pay by card").click()
            await expect(page.get_by_text("You pay on the page of sandbox")).to_be_visible()
            assert (await browser.audit(page)).problems() == []
            await page.get_by_role("link", name="Go on to pay").click()
            await expect(page.get_by_text(said)).to_be_visible()
            assert await status_of(database, market, order_id) == "PLACED"
            if units == 5:
                # Its signed message comes; the page is looked at again.
                [payment] = parse_qs(urlsplit(page.url).query)["payment"]
                async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
                    assert await told(http, database, payment) == 204
                await page.reload()
            elif then:
                # No message comes: the buyer asks.
                await page.get_by_role("button", name="Ask the provider and book it").click()
            if then:
                await expect(page.get_by_text(then)).to_be_visible()
            assert (await browser.audit(page)).problems() == []
    assert await status_of(database, market, order_id) == status

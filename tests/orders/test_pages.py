"""Orders as pages: the list, one order, cancelling, and the form that makes one order once."""

import re
from typing import Any

import msgspec
import pytest

from beltline.kit.db import Database
from beltline.orders import actions, queries
from beltline.orders.types import OrderBody
from tests.orders.make import Market, fresh_key, make_market, order_body
from tests.visitor import Visitor, visiting

ADDRESS = {
    "name": "Anna Nowak", "country": "PL", "city": "Warszawa", "line1": "Prosta 1",
    "reference": "PO-1", "currency": "USD",
}  # fmt: skip


@pytest.fixture
async def market(database: Database) -> Market:
    return await make_market(database, await database.now(), moq=5)


async def place(database: Database, market: Market, *lines: tuple[str, int]) -> str:
    body = msgspec.convert(order_body(*(lines or (("S-1", 10),))), OrderBody)
    answer = await actions.place_order(
        database, market.buyer, body, key=fresh_key(), now=await database.now()
    )
    placed: str = answer.unwrap().response["id"]
    return placed


async def count(database: Database, market: Market) -> int:
    async with database.reading(market.operator) as db:
        return len(await queries.list_orders(db, market.operator))


async def test_an_order_is_its_parties_business_only(database: Database, market: Market) -> None:
    order = await place(database, market)
    async with visiting(database, market.buyer) as visitor:
        page = await visitor.see(f"/orders/{order}")
        assert "Anna Nowak" in page
        assert "Placed: stock reserved" in page
        assert "\u2212$125.00" in page
        assert order in await visitor.see("/orders")
    async with visiting(database, market.buyers[1]) as visitor:
        assert (await visitor.get(f"/orders/{order}")).status_code == 404
        assert (await visitor.send(f"/orders/{order}/cancel")).status_code == 404
        assert order not in await visitor.see("/orders")
    async with visiting(database, market.operator) as visitor:
        assert "Anna Nowak" in await visitor.see(f"/orders/{order}")


async def test_the_list_is_narrowed(database: Database, market: Market) -> None:
    order = await place(database, market)
    async with visiting(database, market.operator) as visitor:
        assert order in await visitor.see("/orders?q=po-77&status=ALLOCATED&country=PL")
        for query in ("q=nothing", "status=CANCELLED", "country=DE"):
            assert "No order matches" in await visitor.see(f"/orders?{query}")


async def test_cancelling_says_what_it_does_and_does_it(database: Database, market: Market) -> None:
    order = await place(database, market)
    async with visiting(database, market.buyer) as visitor:
        assert "Cancelling gives $125.00 back" in await visitor.see(f"/orders/{order}")
        answer = await visitor.send(f"/orders/{order}/cancel", {"key": "k"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{order}")
        page = await visitor.see(f"/orders/{order}")
        assert "The order was cancelled on" in page
        assert "+$125.00" in page


async def test_an_order_is_paid_and_amended_on_its_page(database: Database, market: Market) -> None:
    body = msgspec.convert(order_body(("S-1", 10), payment={"method": "TRANSFER"}), OrderBody)
    placed = await actions.place_order(
        database, market.buyer, body, key=fresh_key(), now=await database.now()
    )
    order = placed.unwrap().response["id"]
    async with visiting(database, market.buyer) as visitor:
        page = await visitor.see(f"/orders/{order}")
        assert "waits for $125.00" in page
        assert "Nothing was paid" in page
        assert (
            await visitor.send(f"/orders/{order}/pay", {"method": "BALANCE"})
        ).status_code == 303
        changed = await visitor.send(f"/orders/{order}/amend", {"quantity-1": "12"})
        assert changed.status_code == 303
        page = await visitor.see(f"/orders/{order}")
        assert "Paid: money held" in page
        assert "Cancelling gives $150.00 back" in page
        assert (
            await visitor.send(f"/orders/{order}/amend", {"quantity-1": "x"})
        ).status_code == 422


async def test_a_viewer_cannot_cancel_or_order(database: Database, market: Market) -> None:
    order = await place(database, market)
    async with visiting(database, market.buyer, role="VIEWER") as visitor:
        assert "Cancel the order" not in await visitor.see(f"/orders/{order}")
        assert (await visitor.send(f"/orders/{order}/cancel")).status_code == 403
        assert (await visitor.get("/orders/new")).status_code == 403
    async with visiting(database, market.operator) as visitor:
        assert (await visitor.get("/orders/new")).status_code == 403


async def test_a_form_without_its_token_is_refused(database: Database, market: Market) -> None:
    order = await place(database, market)
    async with visiting(database, market.buyer) as visitor:
        assert (await visitor.client.post(f"/orders/{order}/cancel")).status_code == 403
        assert (await visitor.client.post("/orders/new", data=ADDRESS)).status_code == 403
    assert await count(database, market) == 1


async def send(visitor: Visitor, *more: tuple[str, str], **fields: Any) -> Any:
    pairs = [*{**ADDRESS, **fields}.items(), *more]
    return await visitor.send("/orders/new", [(name, str(value)) for name, value in pairs])


async def test_goods_are_found_added_and_previewed(database: Database, market: Market) -> None:
    async with visiting(database, market.buyer) as visitor:
        page = (await send(visitor, q="pyjamas", act="find")).text
        assert 'value="add|S-1"' in page
        page = (await send(visitor, fix="add|S-1")).text
        assert 'name="sku" value="S-1"' in page
        page = (await send(visitor, ("sku", "S-1"), ("quantity", "10"), act="look")).text
        assert "$125.00" in page
        assert "WAW" in page
        assert "$9,875.00" in page
        # No rate card is known; from Warsaw to Poland nothing is imported.
        landed = page.split("Until the goods have arrived")[1].split("</dl>")[0]
        assert re.findall(r"<d[td]>([^<]*)</d[td]>", landed) == [
            "Goods", "$125.00", "Freight", "the freight is not known", "Duty", "$0.00",
            "Import VAT", "$0.00", "Landed cost", "not known",
        ]  # fmt: skip
    assert await count(database, market) == 0


async def test_a_form_sent_twice_makes_one_order(database: Database, market: Market) -> None:
    async with visiting(database, market.buyer) as visitor:
        key = re.search(r'name="key" value="([0-9a-f]{32})"', await visitor.see("/orders/new"))
        assert key
        lines = (("sku", "S-1"), ("quantity", "10"))
        first = await send(visitor, *lines, act="place", key=key[1])
        second = await send(visitor, *lines, act="place", key=key[1])
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"]
        changed = await send(visitor, ("sku", "S-1"), ("quantity", "11"), act="place", key=key[1])
        assert changed.status_code == 422
        assert "second order" in changed.text
    assert await count(database, market) == 1


async def test_a_refusal_names_its_remedy_and_the_remedy_works(
    database: Database, market: Market
) -> None:
    async with visiting(database, market.buyer) as visitor:
        page = await send(visitor, ("sku", "S-1"), ("quantity", "2"), act="place", key="k1")
        assert page.status_code == 409
        assert 'value="quantity|S-1|5"' in page.text
        again = re.search(r'name="key" value="([^"]+)"', page.text)
        assert again
        assert again[1] != "k1"
        fixed = await send(
            visitor, ("sku", "S-1"), ("quantity", "2"), fix="quantity|S-1|5", key=again[1]
        )
        assert "$62.50" in fixed.text
        page = await send(visitor, ("sku", "S-1"), ("quantity", "400"), act="look")
        assert 'value="quantity|S-1|100"' in page.text
        assert 'value="partial|1"' in page.text
        page = await send(visitor, ("sku", "NOPE"), ("quantity", "4"), act="look")
        assert 'value="drop|NOPE"' in page.text


async def test_what_is_missing_is_said_at_its_field(database: Database, market: Market) -> None:
    async with visiting(database, market.buyer) as visitor:
        page = await send(
            visitor, ("sku", "S-1"), ("quantity", "1.5"), act="place", city="", country="Poland"
        )
        assert page.status_code == 422
        for text in ("Say which city.", "Two capital letters", "Say how much"):
            assert text in page.text
    assert await count(database, market) == 0

"""The stations on a phone whose network is cut: kept, sent in order, each once, nothing lost."""

import asyncio
import contextlib
import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from playwright.async_api import BrowserContext, Page, Route, expect

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.orders import actions as placing
from beltline.orders.types import OrderBody
from beltline.procurement.types.orders import PurchaseOrder
from tests import browser
from tests.accounts.make import PASSWORD, sign_up
from tests.fulfillment.journeys import finish, journeys_of, make_part, open_all, run_to_end
from tests.fulfillment.make import on_hand
from tests.orders.make import Market, fresh_key, make_market, make_node, order_body
from tests.procurement.browser import hidden, member, send
from tests.procurement.make import Trade, make_order, make_trade

APP = "tests.procurement.served:app"
READY = "html[data-waiting=ready]"
HAS_PAGES = "caches.keys().then((all) => all.some((name) => name.startsWith('pages-')))"
IS_KEPT = "(path) => caches.match(path, { ignoreVary: true }).then(Boolean)"
NAME = re.compile(r'name="(good-[0-9a-f]{32})"')


class Wire:
    """The line between the phone and the server; cut, it drops what is under way and all new."""

    def __init__(self, port: int) -> None:
        self.is_cut = False
        self._port = port
        self._ends: set[asyncio.StreamWriter] = set()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection both ways."""
        if self.is_cut:
            writer.transport.abort()
            return
        back, forth = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, forth}
        await asyncio.gather(_carry(reader, forth), _carry(back, writer))
        self._ends -= {writer, forth}

    def cut(self) -> None:
        """No network from now on."""
        self.is_cut = True
        for end in self._ends:
            end.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


class Station(msgspec.Struct, frozen=True):
    """A phone at a station: its browser, its page, where the server is, the line to it."""

    url: str
    page: Page
    wire: Wire

    @property
    def context(self) -> BrowserContext:
        """The browser with its cookies, its database and its pages."""
        return self.page.context

    async def enter(self, token: str) -> None:
        """Be signed in with a session."""
        cookie = {"name": SESSION_COOKIE, "value": token, "url": self.url}
        await self.context.add_cookies([cookie])  # type: ignore[list-item] # a TypedDict of these

    async def open(self, path: str) -> None:
        """Open a page and wait until its scripts are at rest."""
        await self.page.goto(self.url + path)
        await self.page.wait_for_selector(READY, state="attached")

    async def keep(self, path: str) -> None:
        """Open a page and wait until the browser has it for later."""
        await self.open(path)
        await self.has(path)

    async def has(self, path: str) -> None:
        """Wait until the browser has a page for later."""
        # Asked again and again: a predicate that promises is taken for true at once.
        while not await self.page.evaluate(IS_KEPT, path):  # noqa: ASYNC110 - no event of ours
            await asyncio.sleep(0.05)

    async def cut(self) -> None:
        """Cut the network, for the pages and for what answers in their place."""
        await self.page.wait_for_load_state("networkidle")
        self.wire.cut()
        await self.context.set_offline(offline=True)

    async def restore(self) -> None:
        """The network is back."""
        self.wire.is_cut = False
        await self.context.set_offline(offline=False)

    async def reopen(self, path: str) -> "Station":
        """Close the tab; open the page in another one."""
        other = Station(self.url, await self.context.new_page(), self.wire)
        await self.page.close()
        await other.open(path)
        return other

    async def count(self, path: str, units: str) -> None:
        """Record a receipt of the first line of an order."""
        await self.open(path)
        await self.page.fill("#count-1", units)
        await self.page.click("[name=act][value=record]")

    async def has_sent(self) -> None:
        """Wait until nothing is left to send; what was refused is told, and why."""
        await expect(self.page.locator("#waiting [data-acts]")).to_have_text("")
        await expect(self.page.locator("#waiting")).to_be_hidden()

    async def unsent(self) -> int:
        """How many acts wait or were refused."""
        return await self.page.locator("#waiting [data-acts] > li").count()


@contextlib.asynccontextmanager
async def phone(database: Database) -> AsyncIterator[Station]:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        wire = Wire(urlsplit(url).port or 0)
        async with (
            await asyncio.start_server(wire.join, "127.0.0.1") as line,
            browser.open_page(width=390, height=844) as page,
        ):
            host, port = line.sockets[0].getsockname()[:2]
            yield Station(f"http://{host}:{port}", page, wire)
            wire.cut()


async def orders_of(database: Database, trade: Trade, count: int) -> list[PurchaseOrder]:
    now = await database.now()
    return [await make_order(database, trade, now=now) for _ in range(count)]


def station_of(order: PurchaseOrder) -> str:
    return f"/purchases/{show_id('po', order.id)}/receive"


async def count_of(database: Database, table: str) -> int:
    async with database.system() as db:
        found: int = await db.value(f"select count(*) from {table}")
    return found


@browser.needed
async def test_three_boxes_received_without_network_are_three_receipts(database: Database) -> None:
    trade = await make_trade(database)
    orders = await orders_of(database, trade, 3)
    token = await sign_up(
        database, trade.operator.org_id, email="w@beltline.test", role="WAREHOUSE"
    )
    async with phone(database) as at:
        await at.enter(token)
        for path in ("/receive", *map(station_of, orders)):
            await at.keep(path)
        await at.cut()
        for order in orders:
            await at.open(station_of(order))
            await at.page.keyboard.type("SKU-1")
            await at.page.keyboard.press("Enter")
            await at.page.click("[name=act][value=record]")
            await at.page.wait_for_url(f"{at.url}/receive")
            await at.page.wait_for_selector(READY, state="attached")
        assert await at.unsent() == 3
        said = await at.page.inner_text("#waiting [data-unsent]")
        assert said.startswith("No connection. 3 not sent")
        assert f"Receipt of {orders[0].number}, SKU-1 1" in await at.page.inner_text("#waiting")
        assert (await browser.audit(at.page)).violations == []
        assert await on_hand(database) == {}
        reopened = await at.reopen("/receive")
        assert await reopened.unsent() == 3
        await at.restore()
        await reopened.has_sent()
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 3}
    assert await count_of(database, "fulfillment.goods_receipt") == 3


# Another tab writes for a while: what this one writes has to wait its turn.
OCCUPY = """(ms) => new Promise((done) => {
  const opening = indexedDB.open("beltline");
  opening.onsuccess = () => {
    const drafts = opening.result.transaction("draft", "readwrite").objectStore("draft");
    const until = Date.now() + ms;
    const go = () => { drafts.count().onsuccess = () => { if (Date.now() < until) go(); }; };
    go();
    done();
  };
})"""
COUNT = """() => {
  const count = document.getElementById("count-1");
  for (const units of ["1", "2", "3"]) {
    count.value = units;
    count.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


@browser.needed
async def test_what_was_counted_just_before_a_page_ended_comes_back(database: Database) -> None:
    """Three scans while the disk is busy, and away: the last one counts."""
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test", locale="en")
    async with phone(database) as at:
        await at.enter(token)
        await at.open(station_of(order))
        other = await at.context.new_page()
        await other.goto(f"{at.url}/receive")
        await other.evaluate(OCCUPY, 3_000)
        await at.page.evaluate(COUNT)
        await at.page.goto(f"{at.url}/receive")
        at = await at.reopen(station_of(order))
        assert await at.page.input_value("#count-1") == "3"


NO_DRAFTS = """
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...said) {
    if (this.name === "draft") throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, said);
  };
"""


@browser.needed
async def test_what_was_sent_does_not_come_back_where_no_draft_could_be_written(
    database: Database,
) -> None:
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test", locale="en")
    async with phone(database) as at:
        await at.enter(token)
        await at.context.add_init_script(NO_DRAFTS)
        await at.count(station_of(order), "1")
        await at.page.wait_for_url("**done=**")
        await at.open(station_of(order))
        assert await at.page.locator("form .note-info").count() == 0
        assert await at.page.evaluate("Object.keys(localStorage)") == []
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 1}


@browser.needed
async def test_counts_not_sent_come_back_until_one_starts_over(database: Database) -> None:
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    first, other = [
        await sign_up(database, trade.operator.org_id, email=f"{name}@beltline.test", locale="zh")
        for name in ("first", "other")
    ]
    async with phone(database) as at:
        await at.enter(first)
        await at.keep(station_of(order))
        await at.cut()
        await at.open(station_of(order))
        for _ in range(2):
            await at.page.keyboard.type("SKU-1")
            await at.page.keyboard.press("Enter")
        at = await at.reopen(station_of(order))
        assert await at.page.input_value("#count-1") == "2"
        await at.enter(other)
        await at.restore()
        at = await at.reopen(station_of(order))
        assert await at.page.input_value("#count-1") == "0"
        await at.enter(first)
        at = await at.reopen(station_of(order))
        await at.page.get_by_role("button", name="重新开始").click()
        await expect(at.page.locator("#count-1")).to_have_value("0")
        at = await at.reopen(station_of(order))
        assert await at.page.input_value("#count-1") == "0"
        assert await at.page.locator("form .note-info").count() == 0


@browser.needed
async def test_an_answer_that_was_lost_is_asked_for_again_and_counts_once(
    database: Database,
) -> None:
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test")
    posts, is_cut = 0, False

    async def lose_the_first(route: Route) -> None:
        nonlocal posts, is_cut
        posts += 1
        if posts == 1:
            is_cut = True
            assert (await route.fetch(max_redirects=0)).status == 204
            await route.abort()
        else:
            await route.continue_()

    async def cut(route: Route) -> None:
        await (route.abort() if is_cut else route.continue_())

    async with phone(database) as at:
        await at.enter(token)
        await at.open(station_of(order))
        await at.page.route("**/purchases/*/receive", lose_the_first)
        await at.page.route("**/session", cut)
        await at.page.fill("#count-1", "2")
        await at.page.click("[name=act][value=record]")
        await expect(at.page.locator("#waiting [data-acts] > li")).to_have_count(1)
        assert await on_hand(database) == {("SKU-1", "CON-YIW"): 2}
        is_cut = False
        await at.page.evaluate("dispatchEvent(new Event('online'))")
        await at.has_sent()
    assert posts == 2
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 2}
    assert await count_of(database, "fulfillment.goods_receipt") == 1


@browser.needed
async def test_what_is_refused_later_stays_with_its_remedy(database: Database) -> None:
    trade = await make_trade(database)
    first, second = await orders_of(database, trade, 2)
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test")
    async with phone(database) as at:
        await at.enter(token)
        for path in ("/receive", station_of(first), station_of(second)):
            await at.keep(path)
        await at.cut()
        await at.count(station_of(first), "9000")
        await at.page.wait_for_url(f"{at.url}/receive")
        await at.count(station_of(second), "4")
        await at.page.wait_for_url(f"{at.url}/receive")
        await at.page.wait_for_selector(READY, state="attached")
        await at.restore()
        refused = at.page.locator("#waiting [data-acts] > li")
        await expect(refused).to_have_count(1)
        await expect(refused).to_contain_text(f"Receipt of {first.number}, SKU-1 9000")
        await expect(refused).to_contain_text("Confirm it to take all")
        assert await on_hand(database) == {("SKU-1", "CON-YIW"): 4}
        assert (await browser.audit(at.page)).violations == []
        again = await at.reopen("/receive")
        shown = again.page.locator("#waiting [data-acts] > li")
        await shown.get_by_role("button", name="Send again").click()
        await expect(shown).to_contain_text("Confirm it to take all")
        await shown.get_by_role("link", name="Open its page").click()
        await expect(again.page.locator("#count-1")).to_have_value("9000")
        await again.page.click("[name=act][value=record]")
        await again.page.check("[name=over]")
        await again.page.click("[name=act][value=record]")
        await again.page.wait_for_url("**?done=received")
        await again.has_sent()
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 9004}


@browser.needed
async def test_after_the_session_ended_one_signs_in_and_it_is_sent(database: Database) -> None:
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    token = await sign_up(database, trade.operator.org_id, email="w@beltline.test")
    async with phone(database) as at:
        await at.enter(token)
        for path in ("/receive", station_of(order)):
            await at.keep(path)
        await at.cut()
        await at.count(station_of(order), "3")
        await at.page.wait_for_url(f"{at.url}/receive")
        await at.page.wait_for_selector(READY, state="attached")
        async with database.system() as db:
            await db.execute("delete from accounts.session")
        await at.restore()
        await at.page.click("#waiting [data-sign-in-link]")
        await expect(at.page.locator("#waiting")).to_contain_text("Sign in to send")
        assert await on_hand(database) == {}
        await at.page.fill("[name=email]", "w@beltline.test")
        await at.page.fill("[name=password]", PASSWORD)
        await at.page.click("button[form=sign-in]")
        await at.page.wait_for_url(f"{at.url}/receive")
        await at.has_sent()
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 3}


@browser.needed
async def test_another_member_neither_sends_nor_sees_what_one_kept(database: Database) -> None:
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    first, other = [
        await sign_up(database, trade.operator.org_id, email=f"{name}@beltline.test")
        for name in ("first", "other")
    ]
    async with phone(database) as at:
        await at.enter(first)
        for path in ("/receive", station_of(order)):
            await at.keep(path)
        await at.cut()
        await at.count(station_of(order), "3")
        await at.page.wait_for_url(f"{at.url}/receive")
        await at.page.wait_for_selector(READY, state="attached")
        await at.enter(other)
        await at.restore()
        await at.open("/settings")
        await expect(at.page.locator("#waiting")).to_contain_text("1 of another member")
        assert order.number not in await at.page.inner_text("#waiting")
        assert await at.page.evaluate(HAS_PAGES)
        await at.page.click("form[action='/logout'] button")
        await at.page.wait_for_url("**/login")
        assert not await at.page.evaluate(HAS_PAGES)
        await at.cut()
        await at.open(station_of(order))
        assert "No connection" in await at.page.inner_text("h1")
        assert order.number not in await at.page.content()
        assert await on_hand(database) == {}
        await at.enter(first)
        await at.restore()
        await at.open("/receive")
        await at.has_sent()
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 3}


async def boxes_of(database: Database, *waybills: str) -> Market:
    """A market with boxes on their way to its hub, one journey of four units in each."""
    now = await database.now()
    market = await make_market(database, now)
    async with database.system() as db:
        factory = await make_node(db, "F-1", "FACTORY", "CN", now, supplier=market.supplier)
    for waybill in waybills:
        await box_of(database, market, factory, waybill, now)
    return market


async def box_of(
    database: Database, market: Market, factory: UUID, waybill: str, now: dt.datetime
) -> None:
    body = msgspec.convert(order_body(("S-1", 4)), OrderBody)
    answer = await placing.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order_id = read_id("ord", answer.unwrap().response["id"])
    await make_part(
        database, market, order_id, node=factory, model="VIRTUAL", owner=market.supplier, now=now
    )
    await open_all(database, market, now, order_id)
    await run_to_end(database, market, order_id, now, until="FACTORY")
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.supplier, "FACTORY", [journey.id], now, waybill) == 1


async def parcels_of(database: Database) -> dict[str, str]:
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(waybill, state) from fulfillment.inbound_parcel
                where arrived_at is not null"""
        )
    return dict(rows)


@browser.needed
async def test_boxes_at_the_door_are_looked_up_and_counted_without_network(
    database: Database,
) -> None:
    market = await boxes_of(database, "SF-1", "SF-2")
    token = await sign_up(database, market.operator.org_id, email="w@beltline.test")
    async with phone(database) as at:
        await at.enter(token)
        await at.keep("/parcels")
        await at.keep("/parcels?node=YIW")
        async with database.system() as db:
            # Announced since: the page that was kept does not know it.
            await db.execute(
                "update fulfillment.journey set waybill = 'SF-3' where waybill = 'SF-2'"
            )
        await at.cut()
        await at.open("/parcels")
        for waybill, damaged in (("sf-1", "1"), ("STRAY", ""), ("SF-3", "")):
            await at.page.fill("#waybill", waybill)
            await at.page.keyboard.press("Enter")
            await at.page.wait_for_url(f"**waybill={waybill}")
            await at.page.wait_for_selector("#parcel")
            if damaged:
                await at.page.get_by_label("Damaged").fill(damaged)
            await at.page.click("[data-record]")
            await at.page.wait_for_url("**/parcels?node=YIW")
            await at.page.wait_for_selector(READY, state="attached")
        assert await at.unsent() == 3
        assert (await browser.audit(at.page)).violations == []
        await at.restore()
        refused = at.page.locator("#waiting [data-acts] > li")
        await expect(refused).to_have_count(1)
        await expect(refused).to_contain_text("Look it up and count it again")
        at.page.once("dialog", lambda dialog: dialog.accept())
        await refused.get_by_role("button", name="Discard").click()
        await at.has_sent()
    assert await parcels_of(database) == {"SF-1": "MATCHED", "STRAY": "UNANNOUNCED"}
    assert await count_of(database, "fulfillment.decision") == 1


async def test_what_was_kept_is_answered_in_words_not_in_pages(database: Database) -> None:
    trade = await make_trade(database)
    [order] = await orders_of(database, trade, 1)
    path, fields = station_of(order), {"act": "record", "count-2": "0"}
    async with member(database, trade.operator, locale="zh") as http:
        page = await http.get(path)
        standing = (await http.get("/session")).json()
        http.headers["Beltline-Kept"] = "1"
        over = await send(http, path, seen=page, **fields, **{"count-1": "9000"})
        done = await send(http, path, seen=page, key="other", **fields, **{"count-1": "2"})
        http.cookies.clear()
        nobody = await send(http, path, seen=page, **fields, **{"count-1": "1"})
        strange = (await http.get("/session")).json()
    assert standing["token"] == hidden(page)["_csrf"]
    assert (over.status_code, over.json()["code"]) == (409, "fulfillment.over_receipt")
    assert "件" in over.json()["detail"] or "SKU-1" in over.json()["detail"]
    assert over.json()["title"] != "Over receipt"
    assert (done.status_code, done.headers["Beltline-To"]) == (
        204, path.replace("/receive", "?done=received"),
    )  # fmt: skip
    assert nobody.status_code == 401
    assert strange == {"member": "", "token": ""}
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 2}


async def test_a_box_of_which_more_was_announced_is_counted_again(database: Database) -> None:
    market = await boxes_of(database, "SF-1")
    async with member(database, market.operator) as http:
        seen = await http.get("/parcels?node=YIW&waybill=SF-9")
        sent = await send(http, "/parcels", seen=seen, node="YIW", waybill="SF-1")
        page = await http.get("/parcels?node=YIW&waybill=SF-1")
        counted = dict.fromkeys(NAME.findall(page.text), "4")
        again = await send(http, "/parcels", seen=page, node="YIW", waybill="SF-1", **counted)
    assert sent.status_code == 409
    assert again.status_code == 303
    assert await parcels_of(database) == {"SF-1": "MATCHED"}


async def test_the_worker_knows_its_build_and_every_file_a_page_needs(database: Database) -> None:
    trade = await make_trade(database)
    async with member(database, trade.operator) as http:
        worker = (await http.get("/worker.js")).text
        told = json.loads(worker.removeprefix("const TOLD = ").partition(";\n")[0])
        statuses = [(await http.get(path)).status_code for path in told["files"]]
        page = await http.get("/receive")
        strange = await http.get("/offline")
    assert set(statuses) == {200}
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text + strange.text))
    assert named <= set(told["files"])
    assert page.headers["Beltline-Offline"] == "/receive"
    assert all(f"/static/{told['build']}/" in path for path in told["files"])

"""The demo as its user meets it: one command, every page for everybody, the loop, Ctrl-C.

One world is prepared for all tests of this file. `BELTLINE_TEST_DEMO` names the data folder of a
prepared demo to use instead, to save its time while working on these tests.
"""

import asyncio
import collections
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import psutil
import pytest
from playwright.async_api import Page, expect

from beltline.app.demo.state import PEOPLE
from beltline.kit.web.i18n import LANGUAGE_TAGS
from tests import browser
from tests.journeys.people import Person
from tests.journeys.program import (
    PREPARE_S,
    Program,
    processes_of,
    reachable_folder,
    run_well,
)

pytestmark = pytest.mark.xdist_group("demo")

STOP_S = 30.0
SECOND_START_S = 60.0
"""Seconds on two idle cores; the limit leaves room for a test run beside it."""
CHECKED_S = 30.0
AUDIT_PAGES = 20
OPERATOR, PLANNER, WAREHOUSE, SUPPLIER, BUYER = (email for _, email, *_ in PEOPLE)


class Demo(msgspec.Struct, frozen=True):
    """The running demo."""

    data: Path
    program: Program

    @property
    def url(self) -> str:
        """Where it is served now."""
        return self.program.url

    def person(self, email: str) -> Person:
        """One of its people, who knows the password."""
        password = (self.data / "demo" / "demo-login").read_text("utf-8").strip()
        return Person(self.url, email, password)

    def key(self, org: str, scopes: str) -> httpx.Client:
        """A client of the API with a new key of an organization."""
        said = run_well("key", "create", "--org", org, "--scopes", scopes, "--data", str(self.data))
        assert said.startswith("sk_live_"), said
        assert said.count("\n") == 1, "the key and nothing else"
        headers = {"Authorization": f"Bearer {said.strip()}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """The data folder of a prepared demo."""
    given = os.environ.get("BELTLINE_TEST_DEMO")
    if given:
        yield Path(given)
        return
    with reachable_folder("bldemo") as folder:
        data = folder / "data"
        run_well("demo", "--prepare", "--data", str(data), timeout=PREPARE_S)
        yield data


@pytest.fixture(scope="module")
def demo(prepared: Path) -> Iterator[Demo]:
    """The demo, started as `make demo` starts it."""
    program = Program("--data", str(prepared), "demo", "--port", "0")
    program.start()
    try:
        yield Demo(prepared, program)
    finally:
        program.stop()


def test_it_is_healthy_and_ready(demo: Demo) -> None:
    for path in ("/health", "/ready"):
        assert httpx.get(demo.url + path).status_code == 200


@pytest.mark.parametrize("email", [email for _, email, *_ in PEOPLE])
def test_everybody_sees_every_page_of_theirs(demo: Demo, email: str) -> None:
    with demo.person(email) as person:
        seen = person.walk()
    assert len(seen) > 8, seen


# ---------------------------------------------------------------- every page in a real browser


# Every pair of language, width and theme, each language with one load of the page.
VIEWS: Final[dict[str, tuple[browser.View, ...]]] = {
    "en": ((1440, 900, "light"), (390, 844, "dark")),
    "zh": ((1440, 900, "dark"), (390, 844, "light")),
}


@browser.needed
async def test_every_page_is_usable_by_all(demo: Demo) -> None:
    """WCAG 2.2 AA, the content policy, a silent console and no sideways scroll.

    A page that another organization sees with nothing in it but what was seen on that page before
    is not shown again.
    """
    problems, visits = [], []
    shown: dict[str, set[str]] = collections.defaultdict(set)
    with contextlib.ExitStack() as stack:
        for email in (OPERATOR, SUPPLIER, BUYER):
            person = stack.enter_context(demo.person(email))
            stack.callback(person.speak, person.speak("en"))
            new = [page for page in person.walk() if page.parts - shown[page.shape]]
            for page in new:
                shown[page.shape] |= page.parts
            visits.append((person, [page.path for page in new]))
        for locale in VIEWS:
            for person, _ in visits:
                person.speak(locale)
            halves = [[(who, paths[half::2]) for who, paths in visits] for half in (0, 1)]
            found = await asyncio.gather(*(_audited(demo.url, half, locale) for half in halves))
            problems += [problem for one in found for problem in one]
    assert problems == [], "\n".join(problems)


async def _audited(url: str, visits: list[tuple[Person, list[str]]], locale: str) -> list[str]:
    """Every page loaded in a language, and shown in its views."""
    problems = []
    async with browser.open_page() as page:
        for person, paths in visits:
            await _become(page, url, person.cookies)
            for path in paths:
                found = await browser.audit_views(page, url + path, VIEWS[locale])
                assert await page.get_attribute("html", "lang") == LANGUAGE_TAGS[locale], path
                for view, told in found.items():
                    where = f"{person.email} {path} {locale} {view}"
                    problems += [f"{where}: {line}" for line in _in_short(told)]
    return problems


def _in_short(problems: list[str]) -> list[str]:
    """One line for what is wrong in many places of a page alike."""
    alike = collections.defaultdict(list)
    for problem in problems:
        alike[problem.partition(" at ")[0]].append(problem)
    return [f"{len(same)} times, first {same[0]}" for same in alike.values()]


async def _become(page: Page, url: str, cookies: dict[str, str]) -> None:
    await page.context.clear_cookies()
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )


# ---------------------------------------------------------------- the loop


@contextlib.asynccontextmanager
async def _at_work(demo: Demo, email: str) -> AsyncIterator[Page]:
    """Somebody signed in at a browser, in English."""
    with demo.person(email) as person:
        async with browser.open_page() as page:
            await _become(page, demo.url, {**person.cookies, "bl_locale": "en"})
            yield page


@browser.needed
async def test_from_a_proposal_to_goods_in_stock(demo: Demo) -> None:
    """Planner, factory and warehouse, each at a browser; the data prove it."""
    async with _at_work(demo, PLANNER) as page:
        await page.goto(f"{demo.url}/replenish")
        await _choose_and_accept(page)
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("link", name="Accepted 0")).to_be_visible()
        await _choose_and_accept(page)
        await page.get_by_role("button", name="Create").click()
        await page.wait_for_url("**/replenish?status=ISSUED**")
        await page.goto(f"{demo.url}/purchases?tab=issued")
        await page.locator("a[data-row-link]").first.click()
        purchase = page.url.rsplit("/", 1)[1].partition("?")[0]
        await page.get_by_role("button", name="Make a link").click()
        link = await page.input_value("#f-address")
    await _confirm_on_a_phone(link)
    with demo.key("operator", "stock:read,purchases:read") as api:
        [line, *_] = api.get(f"/v1/purchase-orders/{purchase}").json()["lines"]
        before = _on_hand(api, line["sku"])
        async with _at_work(demo, WAREHOUSE) as page:
            await page.goto(f"{demo.url}/purchases/{purchase}/receive?mode=list")
            await page.locator("button[name=act][value=record]").click()
            await page.wait_for_url("**?done=received")
        assert _on_hand(api, line["sku"]) == before + line["asked"]["quantity"]
        _assert_sound(api)
    with demo.person(OPERATOR) as person:
        # The factory's answer stands in its own audit, and here among what happened.
        happened = person.see(f"/purchases/{purchase}").select("[aria-label=Events] li")
        audited = _audit_rows(person)
    done = ("accept", "undo", "issue", "create", "receive", "record")
    missing = [did for did in done if not any(did in row.lower() for row in audited)]
    assert missing == [], audited
    assert [each.get_text(" ").split()[0] for each in happened] == [
        "Issued",
        "Confirmed",
        "Received",
    ]


async def _choose_and_accept(page: Page) -> None:
    for nth in range(2):
        await page.locator("input[name=proposal]").nth(nth).check()
    await page.locator("#bulk button[value=accept]").click()
    await page.wait_for_load_state()
    await expect(page.get_by_role("link", name="Accepted 2")).to_be_visible()


def _audit_rows(person: Person) -> list[str]:
    """The newest rows of the audit, page by page."""
    rows, path = [], "/audit"
    for _ in range(AUDIT_PAGES):
        page = person.see(path)
        rows += [row.get_text(" ", strip=True) for row in page.select("tbody tr")]
        following = page.select_one("a[rel=next]")
        if following is None:
            break
        path = str(following["href"])
    return rows


async def _confirm_on_a_phone(link: str) -> None:
    """The factory, without an account; the page is Chinese by itself."""
    async with browser.open_page(width=390, height=844, locale="zh-CN") as page:
        await page.goto(link)
        assert await page.get_attribute("html", "lang") == "zh-CN"
        assert (await browser.audit(page)).problems() == []
        await page.locator("button[form=confirm]").click()
        await expect(page.locator("form#confirm")).to_have_count(0)
        assert (await browser.audit(page)).problems() == []


def _on_hand(api: httpx.Client, sku: str) -> int:
    rows = api.get("/v1/stock", params={"sku": sku, "limit": 250}).json()["items"]
    return sum(row["on_hand"] for row in rows if row.get("kind", "COUNTED") == "COUNTED")


def _assert_sound(api: httpx.Client) -> None:
    """Every invariant is proved; events may take a moment to be published."""
    until = time.monotonic() + CHECKED_S
    while True:
        health = api.get("/v1/health/invariants").json()
        broken = [proof for proof in health["items"] if not proof["holds"]]
        if not broken or time.monotonic() > until:
            break
        time.sleep(0.5)
    assert broken == []
    assert len(health["items"]) >= 7


def test_a_buyer_orders_by_api_and_cancels_to_the_cent(demo: Demo) -> None:
    with (
        demo.key("demo-buyer", "orders:write,orders:read,catalog:read") as api,
        demo.key("demo-buyer", "ledger:read") as ledger,
        demo.key("operator", "stock:read") as operator,
    ):
        before = _balances(ledger)
        sku, moq = _something_to_order(api)
        free = _free(operator, sku)
        placed = api.post(
            "/v1/orders", json=_order(sku, moq), headers={"Idempotency-Key": f"journey {sku}"}
        )
        assert placed.status_code == 201, placed.text
        order = placed.json()
        again = api.post(
            "/v1/orders", json=_order(sku, moq), headers={"Idempotency-Key": f"journey {sku}"}
        )
        assert (again.status_code, again.json()["id"]) == (201, order["id"])
        assert order["id"] in [row["id"] for row in api.get("/v1/orders").json()["items"]]
        assert _free(operator, sku) == free - moq
        assert _balances(ledger) != before
        cancelled = api.post(
            f"/v1/orders/{order['id']}/cancel", headers={"Idempotency-Key": f"cancel {sku}"}
        )
        assert cancelled.status_code in (200, 201), cancelled.text
        assert _balances(ledger) == before
        assert _free(operator, sku) == free
        _assert_sound(operator)
    with demo.person(BUYER) as person:
        page = person.see(f"/orders/{order['id']}").get_text(" ")
        assert "Cancelled" in page
        audit = person.see(f"/audit?object={order['id']}").get_text(" ").lower()
    assert "place" in audit
    assert "cancel" in audit


def _balances(api: httpx.Client) -> Any:
    answer = api.get("/v1/ledger/balances")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _something_to_order(api: httpx.Client) -> tuple[str, int]:
    """A SKU in stock that buyers can have for dollars, and its minimum."""
    for item in api.get("/v1/catalog/skus", params={"limit": 250}).json()["items"]:
        for offer in item["offers"]:
            is_here = offer["sales_model"] == "OWNED" and offer["currency"] == "USD"
            if is_here and item["available"] >= 2 * offer["moq"]:
                return item["code"], offer["moq"]
    raise AssertionError("nothing can be ordered")


def _free(api: httpx.Client, sku: str) -> int:
    rows = api.get("/v1/stock", params={"sku": sku, "limit": 250}).json()["items"]
    return sum(row["available"] for row in rows)


def _order(sku: str, quantity: int) -> dict[str, Any]:
    return {
        "reference": "JOURNEY-1", "currency": "USD",
        "ship_to": {"name": "Ola Nowak", "country": "PL", "city": "Warszawa", "line1": "Prosta 1"},
        "lines": [{"sku": sku, "quantity": quantity}], "payment": {"method": "BALANCE"},
    }  # fmt: skip


# ---------------------------------------------------------------- the installation


def test_ctrl_c_leaves_nothing_behind_and_the_next_start_finds_the_data(demo: Demo) -> None:
    with demo.person(OPERATOR) as person:
        before = person.see("/orders").select_one("nav.tabs a")
    running = demo.program.processes()
    assert len(running) >= 3, "the command, web and worker"
    code, took_s = demo.program.stop()
    left = [process for process in running if _is_alive(process)]
    named = processes_of(demo.data)
    started_s = demo.program.start()
    assert (code, left, named) == (0, [], [])
    assert took_s < STOP_S
    assert started_s < SECOND_START_S
    with demo.person(OPERATOR) as person:
        assert person.see("/orders").select_one("nav.tabs a") == before


def _is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_the_doctor_finds_nothing_and_a_backup_comes_back(demo: Demo) -> None:
    """The drill: what a backup brings back on another server is sound, keys and all."""
    run_well("doctor", "--data", str(demo.data))
    with demo.key("operator", "stock:read") as api, reachable_folder("bldrill") as folder:
        _assert_sound(api)
        run_well("backup", str(folder / "all.beltline"), "--data", str(demo.data), timeout=300)
        second = folder / "data"
        run_well("restore", str(folder / "all.beltline"), "--data", str(second), timeout=300)
        run_well("doctor", "--data", str(second))
        web = Program("--data", str(second), "serve", "--port", "0")
        web.start()
        try:
            with httpx.Client(base_url=web.url, headers=api.headers, timeout=60) as restored:
                items = restored.get("/v1/health/invariants").json()["items"]
                # Nobody publishes in the second folder what was not published in the first.
                broken = [p for p in items if not p["holds"] and p["name"] != "events_published"]
                assert (broken, len(items) >= 7) == ([], True)
                assert restored.get("/v1/stock").json() == api.get("/v1/stock").json()
        finally:
            web.stop()

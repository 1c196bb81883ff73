"""The pages of goods, stock, money and plans in a real browser: audited, decided by keyboard."""

from typing import Literal

import msgspec
import pytest
from playwright.async_api import Page

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.planning.actions import scenarios as scenarios_actions
from beltline.planning.types import Proposal
from beltline.planning.types.scenarios import Changes, Scope
from beltline.planning.workflows import JOBS
from tests import browser
from tests.catalog.make import Network
from tests.planning.make import list_all, make_plan, make_world, set_stock
from tests.visitor import add_member

APP = "tests.procurement.served:app"
VIEWS: tuple[browser.View, ...] = ((1440, 844, "dark"), (390, 844, "light"))


class Scene(msgspec.Struct, frozen=True):
    """A network with a plan and a what-if, and a session of each side."""

    network: Network
    operator: str
    buyer: str
    scenario: str


@pytest.fixture
async def scene(database: Database) -> Scene:
    network = await make_world(database)
    stock = {("SKU-1", "CON-YIW"): 60, ("SKU-1", "OVS-WAW"): 40, ("SKU-2", "CON-YIW"): 300}
    await set_stock(database, network.operator, stock)
    now = await database.now()
    await make_plan(database, network.operator)
    async with database.writing(network.operator) as db:
        asked = await scenarios_actions.ask_scenario(
            db, network.operator, scope=Scope(), changes=Changes(lead_time_days=5), now=now
        )
    await run_inline(
        database, network.operator, kind="scenario.v1", title="What-if", now=now,
        parameters={"scenario_id": str(asked.id)}, registry=registry_of(*JOBS),
    )  # fmt: skip
    return Scene(
        network,
        await add_member(database, network.operator, email="operator@example.test"),
        await add_member(database, network.buyer, email="buyer@example.test"),
        f"/what-if/scn_{asked.id.hex}",
    )  # fmt: skip


async def _enter(page: Page, url: str, token: str) -> None:
    await page.context.clear_cookies()
    await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_pages_pass_the_audit(database: Database, scene: Scene, locale: str) -> None:
    """Pages in states the demo does not have; it shows all the others to the same audit."""
    visits = {
        scene.operator: ("/inventory?q=nothing", scene.scenario),
        scene.buyer: (
            "/orders/new?sku=SKU-1&quantity=1", "/orders/new?sku=SKU-1&quantity=20",
        ),
    }  # fmt: skip
    async with database.system() as db:
        await db.execute("update accounts.member set locale = $1", locale)
    problems = {}
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            for token, paths in visits.items():
                await _enter(page, url, token)
                for path in paths:
                    problems[path] = await browser.audit_views(page, url + path, VIEWS)
    found = {(path, *view): told for path, of in problems.items() for view, told in of.items()}
    assert {where: told for where, told in found.items() if told} == {}


@browser.needed
async def test_proposals_are_decided_by_keyboard_alone(database: Database, scene: Scene) -> None:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, scene.operator)
            await page.goto(f"{url}/replenish")
            count = len(await list_all(database, scene.network.operator))
            for key in "jxjx":
                await page.keyboard.press(key)
            assert await page.inner_text("[data-bulk-count]") == "2 selected"
            await page.keyboard.press("a")
            await _answered(page, "attached")
            assert {p.status for p in await _decided(database, scene)} == {"ACCEPTED"}
            assert len(await _decided(database, scene)) == 2
            await page.keyboard.press("z")
            await _answered(page, "detached")
            assert await _decided(database, scene) == []
            for key in "jx":
                await page.keyboard.press(key)
            await page.keyboard.press("r")
            await _answered(page, "attached")
            rejected = await _decided(database, scene)
            assert [p.status for p in rejected] == ["REJECTED"]
            assert await page.locator("table[data-rows] tbody tr").count() == count - 1


async def _answered(page: Page, undo: Literal["attached", "detached"]) -> None:
    """The next page is there, and listens to keys: the old one is gone before that."""
    await page.wait_for_selector("[data-undo]", state=undo)
    await page.wait_for_load_state()


@browser.needed
async def test_a_quantity_is_edited_in_its_row(database: Database, scene: Scene) -> None:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, scene.operator)
            await page.goto(f"{url}/replenish")
            await page.keyboard.press("j")
            await page.keyboard.press("e")
            await page.keyboard.press("Control+a")
            await page.keyboard.type("1")
            await page.keyboard.press("Enter")
            await page.wait_for_selector(".wrong")
            assert "The minimum is" in await page.inner_text(".wrong")
            nearest = page.locator(".wrong button").last
            units = await nearest.inner_text()
            await nearest.click()
            await page.wait_for_selector(".wrong", state="detached")
            assert await page.input_value("table[data-rows] [name=quantity] >> nth=0") == units
            assert (await browser.audit(page)).problems() == []


@browser.needed
async def test_lists_fill_in_what_other_modules_know(database: Database, scene: Scene) -> None:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, scene.operator)
            await page.goto(f"{url}/inventory?q=SKU-1")
            cover = page.locator("[id^=cover-]").first
            await cover.filter(has_text=" d").wait_for()
            await page.goto(f"{url}/products?q=SKU-1")
            await page.locator("[id^=stock-]").first.filter(has_text="pcs").wait_for()
            await page.goto(f"{url}/products/SKU-1")
            await page.wait_for_selector("#demand ~ * svg, section:has(#demand) svg.spark")
            await page.wait_for_selector("section:has(#available) table")


async def _decided(database: Database, scene: Scene) -> list[Proposal]:
    found = await list_all(database, scene.network.operator)
    return [p for p in found if p.status != "OPEN"]

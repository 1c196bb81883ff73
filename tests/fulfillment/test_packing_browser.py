"""The pack station and carton sizes in a real browser: audited, packed by keyboard on a phone."""

from uuid import UUID

import msgspec
import pytest

from beltline.kit.db import Database
from beltline.kit.ids import show_id
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.journeys import journeys_of
from tests.fulfillment.test_browser import APP, VIEWS, _enter
from tests.fulfillment.test_packing import packable
from tests.orders.make import Market


class Scene(msgspec.Struct, frozen=True):
    """An order to pack whose goods have sizes, one whose goods have none, a session."""

    market: Market
    order_id: UUID
    session: str


@pytest.fixture
async def scene(database: Database) -> Scene:
    now = await database.now()
    market, order_id = await packable(database, now)
    return Scene(
        market, order_id, await sign_up(database, market.operator.org_id, email="op@beltline.test")
    )


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_pages_pass_the_audit(database: Database, scene: Scene, locale: str) -> None:
    async with database.system() as db:
        await db.execute("update accounts.member set locale = $1", locale)
    path = f"/packing/{show_id('ord', scene.order_id)}"
    found = {}
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, scene.session, locale)
            for shown in ("/packing", path, "/cartons", "/packing?node=YIW"):
                found[shown] = await browser.audit_views(page, url + shown, VIEWS)
            async with database.system() as db:
                await db.execute("update catalog.sku set height_mm = null where code = 'S-2'")
            found["unknown"] = await browser.audit_views(page, url + path, VIEWS)
    assert {where: told for where, told in found.items() if any(told.values())} == {}


@browser.needed
async def test_a_proposal_is_changed_and_packed_on_a_phone(
    database: Database, scene: Scene
) -> None:
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page(width=390, height=844) as page:
            await _enter(page, url, scene.session, "en")
            await page.goto(f"{url}/packing")
            await page.click("a.btn[href*='/packing/ord_']")
            await page.select_option("[name=carton-1]", "C-40")
            await page.fill("[name=weight-1]", "1.25")
            await page.focus("button[form=pack]")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**done=packed")
            assert "C-40" in await page.inner_text("main")
            assert (await browser.audit(page)).problems() == []
    stages = {j.stage for j in await journeys_of(database, scene.market, scene.order_id)}
    assert stages == {"DISPATCH"}

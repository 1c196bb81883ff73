"""Counts and lots in a real browser: audited at every size, counted by keyboard alone."""

import datetime as dt

import pytest
from playwright.async_api import Page, expect

from beltline.accounts.types import SESSION_COOKIE
from beltline.inventory import actions
from beltline.inventory.types.counts import CountEntry, CountWanted
from beltline.inventory.types.lots import LotNamed, LotRule
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from tests import browser
from tests.accounts.make import sign_up
from tests.orders.make import make_market

APP = "tests.procurement.served:app"
VIEWS: tuple[browser.View, ...] = ((1440, 844, "dark"), (390, 844, "light"))


async def _enter(page: Page, url: str, token: str, locale: str) -> None:
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": url}
         for name, value in (("bl_locale", locale), (SESSION_COOKIE, token))]
    )  # fmt: skip


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_counts_pass_the_audit_and_keep_what_is_typed(
    database: Database, locale: str
) -> None:
    now = await database.now()
    market = await make_market(database, now, skus=3, on_hand=500)
    async with database.writing(market.operator) as db:
        count = await actions.open_count(db, market.operator, CountWanted("WAW"), now=now)
        rule = LotRule("S-3", "EXPIRY", None, 30)
        await actions.keep_lots(db, market.operator, rule, now=now)
        day = day_of(now) + dt.timedelta(days=3)
        lots = [LotNamed("S-3", "WAW", "A-7", 5, day), LotNamed("S-3", "WAW", "B-1", 9, day)]
        await actions.name_lots(db, market.operator, lots, now=now)
        entries = [CountEntry("S-1", 480)]
        await actions.count_lines(db, market.operator, count.id, entries, now=now)
    token = await sign_up(database, market.operator.org_id, email="o@beltline.test", locale=locale)
    path = f"/counts/cnt_{count.id.hex}"
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page(width=390, height=844) as page:
            await _enter(page, url, token, locale)
            for address in ("/counts", path, f"{path}/station?sku=S-2", "/lots", "/lots/S-3"):
                problems = await browser.audit_views(page, url + address, VIEWS)
                assert not any(problems.values()), (address, problems)
            await page.goto(f"{url}{path}/station")
            await page.keyboard.type("S-2")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**sku=S-2")
            await page.keyboard.type("499")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**done=S-2")
            await page.reload()
            await expect(page.get_by_role("status").first).to_contain_text("499")

"""The page of the legal entity in a real browser: audited wide and narrow, stated on a phone."""

import pytest

from beltline.accounts import queries
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.web.i18n import LOCALES
from tests import browser
from tests.accounts.legal import SUPPLIER, state
from tests.accounts.make import make_actor, sign_up
from tests.fulfillment.test_browser import APP, VIEWS, _enter


@browser.needed
@pytest.mark.parametrize("locale", LOCALES)
async def test_the_page_passes_the_audit(database: Database, locale: str) -> None:
    await make_actor(database, "operator", "OPERATOR")
    supplier = await make_actor(database, "supplier", "SUPPLIER")
    session = await sign_up(database, supplier.org_id, email="s@beltline.test", locale=locale)
    found = {}
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, session, locale)
            found["empty"] = await browser.audit_views(page, f"{url}/settings/legal", VIEWS)
            await state(database, supplier, SUPPLIER, await database.now())
            found["stated"] = await browser.audit_views(page, f"{url}/settings/legal", VIEWS)
    assert {where: told for where, told in found.items() if any(told.values())} == {}


@browser.needed
async def test_a_factory_states_its_company_on_a_phone(database: Database) -> None:
    await make_actor(database, "operator", "OPERATOR")
    supplier = await make_actor(database, "supplier", "SUPPLIER")
    session = await sign_up(database, supplier.org_id, email="s@beltline.test", locale="zh")
    account = SUPPLIER.bank_accounts[0]
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page(width=390, height=844) as page:
            await _enter(page, url, session, "zh")
            await page.goto(f"{url}/settings/legal")
            for label, text in (
                ("注册名称", SUPPLIER.name), ("名称（拉丁字母）", SUPPLIER.name_latin),
                ("注册地址", SUPPLIER.address), ("地址（拉丁字母）", SUPPLIER.address_latin),
                ("税号", SUPPLIER.tax_id[:-1] + "0"), ("银行", account.bank),
                ("IBAN 或账号", account.number),
            ):  # fmt: skip
                await page.get_by_label(label, exact=True).first.fill(text)
            await page.get_by_role("button", name="登记", exact=True).click()
            await page.get_by_text("请按证照抄写").wait_for()
            assert await page.get_by_label("注册名称").input_value() == SUPPLIER.name
            await page.get_by_label("税号", exact=True).fill(SUPPLIER.tax_id)
            await page.get_by_role("button", name="登记", exact=True).click()
            await page.get_by_text("今日单据所用").wait_for()
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    async with database.reading(supplier) as db:
        found = await queries.find_legal_entity(
            db, supplier.org_id, on=day_of(await database.now())
        )
    assert found is not None
    assert (found.tax_id, found.bank_accounts[0].number) == (SUPPLIER.tax_id, account.number)

"""The pages of customs in a real browser: audited at both sizes, in both languages."""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page

from beltline.accounts.types import SESSION_COOKIE
from beltline.customs.types import Act
from beltline.fulfillment.actions import carriage
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.trade import actions as trade
from beltline.trade.types import FxRate
from tests import browser
from tests.accounts.make import sign_up
from tests.customs.make import (
    at_export,
    carry_events,
    declarations,
    enter_fapiao,
    files,
    make_border,
    move,
    with_rules,
)
from tests.fulfillment.journeys import journeys_of
from tests.orders.make import Market
from tests.trade.make import import_cargo_rules, import_export_terms, import_rates

APP = "tests.procurement.served:app"
VIEWS: tuple[browser.View, ...] = ((1440, 900, "dark"), (390, 844, "light"))


async def _carry(database: Database, market: Market, order_id: UUID, now: dt.datetime) -> None:
    """Choose a service for the first line's box; that of the others is not known."""
    await import_rates(database, market.operator, now, node="YIW")
    async with database.system() as db:
        await db.execute("update catalog.sku set length_mm = 50, width_mm = 40, height_mm = 30")
        await trade.keep_rates(db, [FxRate("CNY", "USD", day_of(now), Decimal("0.14"), "a bank")])
    journey = (await journeys_of(database, market, order_id))[0]
    async with database.writing(market.operator) as db:
        await carriage.choose_service(
            db, market.operator, journey_id=journey.id, service="YUN-AIR", now=now
        )


async def _scene(database: Database, locale: str) -> tuple[str, tuple[str, ...]]:
    """The operator's session, and pages in states the demo does not have."""
    now = await database.now()
    market = await make_border(database, now, skus=3)
    await with_rules(database, market, now, scheme="IOSS", scheme_number="IM3720000001")
    await import_export_terms(
        database, market.operator, now, node="YIW", country="PL", tax_basis="NONE",
        export_mode="1039", exporter="Yiwu Market Procurement Ltd", principal="Stall 7",
        incoterm="FOB", vat="EXEMPT",
    )  # fmt: skip
    await import_cargo_rules(
        database, market.operator, now,
        "1,BATTERY,,PL,,DOCUMENT,UN38_3,,2026-01-01,,ADR 2025,https://example.org/adr",
        "2,BATTERY,,PL,,PACK,,each cell in a bag of its own,2026-01-01,,ADR 2025,",
        "3,LIQUID,,,AIR,FORBID,,,2026-01-01,2026-12-31,carrier's letter,",
    )  # fmt: skip
    async with database.system() as db:
        await db.execute(
            """update catalog.offer set tax_basis = 'NONE'
                where sku_id = $1 and audience = 'OPERATOR'""",
            market.skus["S-2"],
        )
        await db.execute(
            "update catalog.sku set cargo_class = 'BATTERY', hs_code = '' where code = 'S-3'"
        )
    await enter_fapiao(database, market, now, ("S-1", 3, 3_000), ("S-2", 9, 9_000))
    first = await at_export(database, market, now, ("S-1", 4), ("S-2", 2), ("S-3", 1))
    await _carry(database, market, first, now)
    await at_export(database, market, now, ("S-2", 2))
    _, second = await files(database, market)
    [asked] = await declarations(database, market, second)
    for act in (Act.LODGE, Act.QUERY):
        await move(database, market, asked, act, now, number="310120260001", note="面料成分?")
    await at_export(database, market, now, ("S-2", 1))
    *_, third = await files(database, market)
    [seized] = await declarations(database, market, third)
    for act in (Act.LODGE, Act.HOLD, Act.RELEASE):
        await move(database, market, seized, act, now, note="inspection")
    await carry_events(database)
    token = await sign_up(
        database, market.operator.org_id, email="operator@beltline.test", locale=locale
    )
    shown = tuple(f"/customs/{show_id('cus', f.id)}" for f in await files(database, market))
    return token, (
        "/customs", "/customs?q=nothing", *shown, "/fapiaos", "/trade-rules",
        "/trade-rules?tab=values", "/trade-rules?tab=cargo", "/trade-rules?tab=terms",
    )  # fmt: skip


async def _enter(page: Page, url: str, token: str, locale: str) -> None:
    await page.context.add_cookies(
        [
            {"name": name, "value": value, "url": url}
            for name, value in {"bl_locale": locale, SESSION_COOKIE: token}.items()
        ]
    )


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_pages_pass_the_audit(database: Database, locale: str) -> None:
    token, paths = await _scene(database, locale)
    problems = {}
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await _enter(page, url, token, locale)
            for nth, path in enumerate(paths):
                problems[path] = await browser.audit_views(page, url + path, VIEWS)
                if pictures := os.environ.get("BELTLINE_TEST_PICTURES"):
                    for width, height, scheme in ((1440, 900, "light"), *VIEWS):
                        await page.set_viewport_size({"width": width, "height": height})
                        await page.emulate_media(color_scheme=scheme)
                        name = f"{nth}-{width}-{scheme}-{locale}.png"
                        await page.screenshot(path=Path(pictures) / name, full_page=True)
    found = {(path, *view): told for path, of in problems.items() for view, told in of.items()}
    assert {where: told for where, told in found.items() if told} == {}

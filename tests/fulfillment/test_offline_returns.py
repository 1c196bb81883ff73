"""Returns, dispatch and photos on a phone whose network is cut: kept, sent once, or refused."""

import datetime as dt
from pathlib import Path
from uuid import UUID

from playwright.async_api import Route, expect

from beltline.fulfillment import actions as moving
from beltline.fulfillment.actions import returns as actions
from beltline.fulfillment.queries import journeys, photos, returns
from beltline.fulfillment.types.photos import PhotoKind
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, place, run_to_end
from tests.fulfillment.test_offline import Station, phone
from tests.fulfillment.test_photos_browser import shot
from tests.orders.make import Market, make_market
from tests.procurement.browser import member, send


async def coming_back(
    database: Database, now: dt.datetime, *units: int
) -> tuple[Market, list[UUID]]:
    """A market with returns that are approved to Warsaw, of so many units each."""
    market, cases = await make_market(database, now), []
    for each in units:
        order_id = await place(database, market, now, ("S-1", each))
        await run_to_end(database, market, order_id, now)
        [journey] = await journeys_of(database, market, order_id)
        async with database.writing(market.buyer) as db:
            case = await actions.request_return(
                db, market.buyer, journey_id=journey.id, units=each, reason="DAMAGED", note="",
                now=now,
            )  # fmt: skip
        async with database.writing(market.operator) as db:
            await actions.answer_return(
                db, market.operator, return_id=case.id, node="WAW", note="", now=now
            )
        cases.append(case.id)
    return market, cases


async def states_of(database: Database, market: Market) -> dict[UUID, tuple[str, int, int]]:
    async with database.reading(market.operator) as db:
        cases = await returns.list_returns(db, market.operator)
    return {case.id: (case.state, case.resell, case.scrap) for case in cases}


def page_of(case: UUID) -> str:
    return f"/returns/{show_id('rma', case)}"


async def count(at: Station, case: UUID, good: int, bad: int) -> None:
    await at.open(page_of(case))
    await at.page.fill("[name=resell]", str(good))
    await at.page.fill("[name=scrap]", str(bad))


@browser.needed
async def test_returns_are_counted_and_photographed_without_network(
    database: Database, tmp_path: Path
) -> None:
    """Two graded in a dead corner, one of them by somebody else meanwhile; the tab dies twice."""
    now = await database.now()
    market, (first, second) = await coming_back(database, now, 10, 6)
    token = await sign_up(
        database, market.operator.org_id, email="w@beltline.test", role="WAREHOUSE", locale="zh"
    )
    (tmp_path / "torn.jpg").write_bytes(shot(1, width=2_400, height=1_600))
    async with phone(database) as at:
        await at.enter(token)
        await at.keep("/returns")
        await at.open("/returns")
        for case in (first, second):
            await at.has(page_of(case))
        await at.cut()
        await count(at, first, 7, 2)
        await at.page.set_input_files("#f-photo", tmp_path / "torn.jpg")
        await expect(at.page.locator("[data-photos-chosen] img")).to_have_count(1)
        assert (await browser.audit(at.page)).violations == []
        at = await at.reopen(page_of(first))
        await expect(at.page.locator("[data-photos-chosen] img")).to_have_count(1)
        assert await at.page.input_value("[name=scrap]") == "2"
        await at.page.click("button[form=grade]")
        await at.page.wait_for_url("**/returns")
        await count(at, second, 6, 0)
        await at.page.click("button[form=grade]")
        await at.page.wait_for_url("**/returns")
        at = await at.reopen("/returns")
        assert await at.unsent() == 2
        async with database.writing(market.operator) as db:
            await actions.grade_return(
                db, market.operator, return_id=second, resell=5, scrap=1,
                charged_to="CARRIER", now=now,
            )  # fmt: skip
        await at.restore()
        refused = at.page.locator("#waiting [data-acts] > li")
        await expect(refused).to_have_count(1)
        await expect(refused.locator("[data-title]")).to_have_text("退货已有进展")
        await expect(refused).to_contain_text("完好 6，不可售 0")
        assert await states_of(database, market) == {
            first: ("REFUNDED", 7, 2), second: ("REFUNDED", 5, 1),
        }  # fmt: skip
        at.page.once("dialog", lambda dialog: dialog.accept())
        await refused.locator("[data-act=discard]").click()
        await at.has_sent()
        await at.open(page_of(first))
        assert "完好 7，不可售 2" in await at.page.inner_text("main")
    async with database.reading(market.operator) as db:
        [photo] = await photos.list_photos(db, PhotoKind.RETURN, [first, second])
    assert (photo.subject_id, photo.width, photo.height) == (first, 2_000, 1_333)
    await assert_sound(database, now)


@browser.needed
async def test_a_dispatch_without_network_is_sent_once_or_says_why_not(database: Database) -> None:
    """Three leave: one as recorded, one that another sent with another waybill, one in question."""
    now = await database.now()
    market = await make_market(database, now)
    found = []
    for units in (2, 3, 4):
        order_id = await place(database, market, now, ("S-1", units))
        await run_to_end(database, market, order_id, now, until="DISPATCH")
        found += await journeys_of(database, market, order_id)
    token = await sign_up(database, market.operator.org_id, email="w@beltline.test", locale="zh")
    paths = [f"/journeys/{show_id('jny', journey.id)}" for journey in found]
    async with phone(database) as at:
        await at.enter(token)
        for path in paths:
            await at.keep(path)
        await at.cut()
        for n, path in enumerate(paths):
            await at.open(path)
            await at.page.fill("[name=document]", f"CY-{n}")
            at = await at.reopen(path)
            assert await at.page.input_value("[name=document]") == f"CY-{n}"
            await at.page.click("form[action='/journeys/finish'] [type=submit]")
            await expect(at.page.locator("#waiting [data-acts] > li")).to_have_count(n + 1)
        await finish(database, market.operator, "DISPATCH", [found[1].id], now, "ELSE-1")
        async with database.writing(market.operator) as db:
            await moving.question_units(
                db, market.operator, journey_id=found[2].id, cause="DAMAGED", units=4, note="",
                now=now,
            )  # fmt: skip
        await at.restore()
        refused = at.page.locator("#waiting [data-acts] > li")
        await expect(refused).to_have_count(2)
        await expect(refused.first).to_contain_text("ELSE-1")
        await expect(refused.first).to_contain_text("CY-1")
        await expect(refused.last).to_contain_text("请打开该运单查看")
    async with database.reading(market.operator) as db:
        waybills = {(await journeys.get_journey(db, j.id)).waybill for j in found}
    assert waybills == {"CY-0", "ELSE-1", ""}


@browser.needed
async def test_photos_are_added_without_network_once(database: Database, tmp_path: Path) -> None:
    """Chosen, the tab closed, sent when the network is back; its answer is lost once."""
    now = await database.now()
    market, [case] = await coming_back(database, now, 4)
    token = await sign_up(database, market.operator.org_id, email="w@beltline.test", locale="zh")
    path = f"/photos?kind=RETURN&of={show_id('rma', case)}"
    for n in range(2):
        (tmp_path / f"{n}.jpg").write_bytes(shot(n))
    async with phone(database) as at:
        await at.enter(token)
        await at.keep(path)
        await at.cut()
        await at.open(path)
        for n in range(2):
            await at.page.set_input_files("#f-photo", tmp_path / f"{n}.jpg")
            await expect(at.page.locator("[data-photos-chosen] img")).to_have_count(n + 1)
        at = await at.reopen(path)
        await expect(at.page.locator("[data-photos-chosen] img")).to_have_count(2)
        await at.page.click("button[form=photos]")
        await expect(at.page.locator("#waiting [data-acts] > li")).to_have_count(1)
        at = await at.reopen(path)
        assert await at.page.locator("[data-photos-chosen] img").count() == 0
        posts = 0

        async def lose_the_first(route: Route) -> None:
            nonlocal posts
            posts += 1
            if posts > 1:
                await route.continue_()
                return
            assert (await route.fetch(max_redirects=0)).status == 204
            await route.abort()

        await at.page.route("**/photos", lose_the_first)
        await at.restore()
        await at.has_sent()
    assert posts == 2
    async with database.reading(market.operator) as db:
        assert len(await photos.list_photos(db, PhotoKind.RETURN, [case])) == 2


async def test_a_refused_grading_keeps_what_was_typed(database: Database) -> None:
    market, [case] = await coming_back(database, await database.now(), 4)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get(page_of(case))
        form = {"charged_to": "CARRIER", "scrap": "0"}
        over = await send(http, f"{page_of(case)}/grade", seen=page, resell="9", **form)
        sent = [
            await send(http, f"{page_of(case)}/grade", seen=over, resell="3", **form)
            for _ in range(2)
        ]
    assert (over.status_code, 'value="9"' in over.text) == (409, True)
    assert [answer.headers["location"] for answer in sent] == [page_of(case)] * 2
    assert await states_of(database, market) == {case: ("REFUNDED", 3, 0)}
    async with member(database, market.buyer) as http:
        shown = await http.get(page_of(case))
    assert "3 good, 0 not" in shown.text
    assert 'id="grade"' not in shown.text

"""Photos in a real browser: on the pages they belong to, made smaller, kept without network."""

import datetime as dt
import io
import random
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageDraw
from playwright.async_api import expect

from beltline.fulfillment import actions as moving
from beltline.fulfillment.actions import returns as returning
from beltline.fulfillment.queries import journeys, photos
from beltline.fulfillment.types.photos import PhotoKind
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.orders import queries as orders
from tests import browser
from tests.accounts.make import sign_up
from tests.fulfillment.journeys import finish, journeys_of, place, run_to_end
from tests.fulfillment.test_browser import VIEWS, _enter
from tests.fulfillment.test_journeys import from_factory
from tests.fulfillment.test_offline import APP, READY, boxes_of, parcels_of, phone
from tests.fulfillment.test_photos import add
from tests.orders.test_claims import claim


def shot(seed: int, *, width: int = 640, height: int = 480) -> bytes:
    """A JPEG as a phone takes it: a box on a bench, with noise."""
    dice = random.Random(seed)
    image = Image.new("RGB", (width, height), (150, 140, 128))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = dice.randrange(width), dice.randrange(height)
        draw.ellipse([x, y, x + 9, y + 9], fill=(120 + dice.randrange(60), 110, 100))
    left, top = width // 5 + dice.randrange(40), height // 4
    draw.rectangle([left, top, width * 4 // 5, height * 4 // 5], fill=(181, 136, 88))
    draw.line([left, height // 2, width * 4 // 5, height // 2], fill=(222, 205, 160), width=18)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=90)
    return kept.getvalue()


class Scene(msgspec.Struct, frozen=True):
    """What photos can be of, with one each, and a session of each side."""

    operator: str
    buyer: str
    pages: dict[str, tuple[str, ...]]


async def make_scene(database: Database) -> Scene:
    now = await database.now()
    market, lot_order = await from_factory(database, now, "VIRTUAL", units=40)
    await run_to_end(database, market, lot_order, now, until="INSPECTION")
    [lot] = await journeys_of(database, market, lot_order)
    await add(database, market.operator, "INSPECTION", lot.id, now, shot(1), shot(2))
    async with database.writing(market.operator) as db:
        await returning.inspect(
            db, market.operator, journey_id=lot.id, critical=1, major=0, minor=0,
            note="needle left in", now=now,
        )  # fmt: skip
        await moving.receive_parcel(
            db, market.operator, waybill="YT 5520", node="YIW", counts=[], note="wet", now=now,
            sender="Jinhua Toys", contents="about 40 dolls",
        )  # fmt: skip
        [parcel] = await journeys.list_unclaimed(db)
        found = await photos.find_parcel(db, parcel.waybill)
    assert found
    await add(database, market.operator, "PARCEL", found, now, shot(3))
    arrived_order = await place(database, market, now, ("S-2", 10))
    [arrived] = await journeys_of(database, market, arrived_order)
    await run_to_end(database, market, arrived_order, now, until="LAST_MILE")
    await add(
        database, market.operator, "DELIVERY", arrived.id, now, shot(4), received_by="A. Nowak"
    )
    coming = await place(database, market, now, ("S-3", 2))
    await run_to_end(database, market, coming, now, until="LAST_MILE")
    [door] = await journeys_of(database, market, coming)
    await finish(database, market.operator, "LAST_MILE", [arrived.id], now)
    async with database.writing(market.buyer) as db:
        back = await returning.request_return(
            db, market.buyer, journey_id=arrived.id, units=3, reason="DAMAGED", note="torn",
            now=now,
        )  # fmt: skip
        [decision] = await journeys.list_decisions(db, market.buyer)
    await add(database, market.buyer, "RETURN", back.id, now, shot(5), shot(6))
    await add(database, market.operator, "DECISION", decision.id, now, shot(9))
    case = await claim(database, market, arrived_order, now)
    await add(database, market.buyer, "CLAIM", case.id, now, shot(7))
    await add(database, market.operator, "CLAIM", case.id, now, shot(8))
    await add(database, market.supplier, "CLAIM", case.id, now, shot(10))
    async with database.reading(market.supplier) as db:
        [of_factory] = await orders.list_cases(db, market.supplier)
    shown = show_id("jny", arrived.id)
    staff = (
        f"/journeys/{show_id('jny', lot.id)}", f"/journeys/{shown}",
        f"/journeys/{show_id('jny', door.id)}", "/returns", "/claims", "/parcels?node=YIW",
        "/parcels?node=YIW&waybill=NEW-1", "/photos?kind=PARCEL&of=YT 5520",
        f"/photos?kind=CLAIM&of={show_id('clm', case.id)}", "/decisions",
    )  # fmt: skip
    customer = (
        f"/journeys/{shown}", f"/orders/{show_id('ord', arrived_order)}", "/decisions",
        f"/photos?kind=DELIVERY&of={shown}", f"/photos?kind=RETURN&of={show_id('rma', back.id)}",
    )  # fmt: skip
    factory = ("/claims", f"/photos?kind=CLAIM&of={show_id('ccs', of_factory.id)}")
    operator = await sign_up(database, market.operator.org_id, email="o@beltline.test")
    buyer = await sign_up(database, market.buyer.org_id, email="b@beltline.test")
    supplier = await sign_up(database, market.supplier.org_id, email="s@beltline.test")
    return Scene(operator, buyer, {operator: staff, buyer: customer, supplier: factory})


@browser.needed
@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_pages_with_photos_pass_the_audit(database: Database, locale: str) -> None:
    scene = await make_scene(database)
    async with database.system() as db:
        await db.execute("update accounts.member set locale = $1", locale)
    problems = {}
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            for token, paths in scene.pages.items():
                await _enter(page, url, token, locale)
                for path in paths:
                    problems[path] = await browser.audit_views(page, url + path, VIEWS)
    found = {(path, *view): told for path, of in problems.items() for view, told in of.items()}
    assert {where: told for where, told in found.items() if told} == {}


@browser.needed
async def test_a_box_of_nobody_is_photographed_without_network(
    database: Database, tmp_path: Path
) -> None:
    """Two shots, one after the other: both are kept, made smaller, and sent once."""
    market = await boxes_of(database, "SF-1")
    token = await sign_up(database, market.operator.org_id, email="w@beltline.test")
    for n in range(2):
        (tmp_path / f"{n}.jpg").write_bytes(shot(n, width=3_000, height=2_000))
    async with phone(database) as at:
        await at.enter(token)
        await at.keep("/parcels")
        await at.keep("/parcels?node=YIW")
        await at.cut()
        await at.open("/parcels")
        await at.page.fill("#waybill", "STRAY")
        await at.page.keyboard.press("Enter")
        await at.page.wait_for_selector("#parcel")
        await at.page.get_by_label("Contents").fill("forty dolls")
        chosen = at.page.locator("[data-photos-chosen] img")
        for n in range(2):
            await at.page.set_input_files("#f-photo", tmp_path / f"{n}.jpg")
            await expect(chosen).to_have_count(n + 1)
        await at.page.click("[data-record]")
        await at.page.wait_for_url("**/parcels?node=YIW")
        await at.page.wait_for_selector(READY, state="attached")
        assert await at.unsent() == 1
        reopened = await at.reopen("/parcels")
        assert await reopened.unsent() == 1
        await at.restore()
        await reopened.has_sent()
    assert (await parcels_of(database))["STRAY"] == "UNANNOUNCED"
    sizes = await _photos_of_box(database, market.operator, "STRAY")
    assert [(width, height) for width, height, _ in sizes] == [(2_000, 1_333)] * 2


@browser.needed
async def test_a_refused_act_is_put_right_with_its_photos(
    database: Database, tmp_path: Path, now: dt.datetime
) -> None:
    """What was refused after it was kept opens again with the photos it had."""
    market, order_id = await from_factory(database, now, "VIRTUAL", units=40)
    await run_to_end(database, market, order_id, now, until="INSPECTION")
    [lot] = await journeys_of(database, market, order_id)
    path = f"/journeys/{show_id('jny', lot.id)}"
    (tmp_path / "lot.jpg").write_bytes(shot(1))
    token = await sign_up(database, market.operator.org_id, email="w@beltline.test")
    async with phone(database) as at:
        await at.enter(token)
        await at.keep(path)
        await at.cut()
        await at.open(path)
        await at.page.set_input_files("#f-photo-inspection", tmp_path / "lot.jpg")
        await expect(at.page.locator("[data-photos-chosen] img")).to_have_count(1)
        await at.page.get_by_label("Major defects").fill("9000")
        await at.page.get_by_role("button", name="Record the inspection").click()
        await expect(at.page.locator("#waiting [data-acts] > li")).to_have_count(1)
        await at.restore()
        link = at.page.locator("#waiting [data-open]")
        await expect(link).to_be_visible()
        await link.click()
        await at.page.reload()
        await at.page.wait_for_selector(READY, state="attached")
        await expect(at.page.locator("[data-photos-chosen] img")).to_have_count(1)
        await at.page.get_by_label("Major defects").fill("0")
        await at.page.get_by_role("button", name="Record the inspection").click()
        await expect(at.page.locator(".thumbs a img")).to_have_count(1)
        await at.has_sent()
    async with database.reading(market.operator) as db:
        kept = await photos.list_photos(db, PhotoKind.INSPECTION, [lot.id])
    assert len(kept) == 1
    [lot] = await journeys_of(database, market, order_id)
    assert lot.stage == "PACK"


async def _photos_of_box(
    database: Database, actor: Actor, waybill: str
) -> list[tuple[int, int, int]]:
    async with database.reading(actor) as db:
        found = await photos.find_parcel(db, waybill)
        assert found
        rows = await photos.list_photos(db, PhotoKind.PARCEL, [found])
    return [(row.width, row.height, row.size_bytes) for row in rows]

"""A factory in Zhili comes into the network from its phone, and a buyer finds what it makes."""

from typing import Any

from bs4 import BeautifulSoup
from playwright.async_api import Locator, Page, expect

from beltline.catalog import actions as catalog
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.kit.relay import deliver, publish
from beltline.search import actions as search
from beltline.search import workflows
from tests import browser
from tests.catalog.make import OFFER_COLUMNS, Network, make_network
from tests.journeys.people import sign_in
from tests.orders.http import idempotent, key_of
from tests.search.make import picture, read_all
from tests.visitor import visiting

APP = "tests.procurement.served:app"
PHONE: dict[str, Any] = {"width": 390, "height": 844, "locale": "zh-CN"}
TEAPOT = picture("teapot", "heap")
SHEET = (
    "货号\t品名\t出厂价\t起订量\t交期\t英文标题\n"
    "T-1\t玻璃茶壶 竹盖\t19.5\t20\t5\tGlass teapot with bamboo lid\n"
    "T-2\t真空不锈钢水瓶\t¥28\t50\t7\tVacuum steel water bottle\n"
    "T 3\t陶瓷杯\t9\t10\t3\tCeramic mug\n"
    "T-4\t折叠硅胶杯\t便宜\t10\t3\tFolding silicone cup\n"
)
TOUCH_PX = 40
"""Less than this is missed by a thumb; links in running text are measured by their line."""


@browser.needed
async def test_from_an_invitation_to_goods_that_a_buyer_finds(database: Database) -> None:
    network = await make_network(database)
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with (
            browser.open_page() as desk,
            browser.open_page(**PHONE) as phone,
        ):
            await sign_in(desk, database, network.operator, url)
            link = await _invite(desk, url)
            await _onboard(phone, link)
            await _tell_of_goods(phone)
            await _verify(desk, url)
            await _approve(desk, url)
            await phone.reload()
            await expect(phone.get_by_text("已入目录")).to_have_count(1)
            await expect(phone.get_by_text("xiaoxiang-T-1")).to_be_visible()
        await _carry_events(database, network)
        async with browser.open_page() as page:
            await sign_in(page, database, network.buyer, url)
            for words in ("玻璃茶壶", "glass teapot", "tetera de vidrio"):
                assert await _find(page, url, words) == "xiaoxiang-T-1", words
            await _drop(page, url, picture("teapot", "heap", side=200, kind="JPEG"))
            assert await _first(page) == "xiaoxiang-T-1"
            # What was not approved is nobody's to find.
            assert await _find(page, url, "真空不锈钢水瓶") != "xiaoxiang-T-2"


@browser.needed
async def test_words_of_three_languages_and_a_dropped_photo_find_the_same_goods_at_any_size(
    database: Database,
) -> None:
    network = await make_network(database)
    now = await database.now()
    async with database.system() as db:
        await catalog.import_products(
            db, columns=("code", "supplier", "category", "title", "title_zh"), now=now,
            csv="1,P-9,zhili-01,drinkware,Glass teapot with bamboo lid,玻璃茶壶 竹盖\n".encode(),
        )  # fmt: skip
        await catalog.import_skus(db, columns=("code", "product"), csv=b"1,T-9,P-9\n", now=now)
    async with visiting(database, network.operator) as visitor:
        await visitor.client.get("/settings")
        page = BeautifulSoup((await visitor.get("/products/T-9")).text, "html.parser")
        token = page.select_one("[name=_csrf]")
        assert token is not None
        sent = await visitor.client.post(
            "/products/T-9", data={"_csrf": str(token["value"]), "step": "media"},
            files={"picture": ("a.png", TEAPOT)},
        )  # fmt: skip
        assert sent.status_code == 303
    await _index(database, network)
    await read_all(database, network)
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        for width, locale in ((1440, "en"), (390, "zh")):
            async with browser.open_page(width=width, height=844) as page:
                await sign_in(page, database, network.buyer, url, locale)
                found = {words: await _find(page, url, words)
                         for words in ("茶壶", "teapot", "tetera de vidrio")}  # fmt: skip
                assert found == dict.fromkeys(found, "T-9")
                await _drop(page, url, TEAPOT)
                assert await _first(page) == "T-9"
                assert (await browser.audit(page)).problems() == []


@browser.needed
async def test_a_price_changed_through_the_api_is_in_the_next_answer(database: Database) -> None:
    network = await make_network(database)
    await _index(database, network)
    async with database.system() as db:
        await catalog.import_offers(
            db, columns=OFFER_COLUMNS, now=await database.now(),
            csv=b"1,operator,SKU-2,BUYERS,USD,1,0.5,1\n",
        )  # fmt: skip
    headers = await key_of(database, network.operator)
    with browser.serve(APP, BELTLINE_TEST_DSN=database.dsn) as url:
        async with browser.open_page() as page:
            await sign_in(page, database, network.buyer, url)
            await _find(page, url, "ear studs")
            await expect(page.locator("#compare tbody tr").first).to_contain_text("$0.50")
            changed = await page.request.post(
                f"{url}/v1/catalog/edits", headers=idempotent(headers),
                data={"rows": [{"sku": "SKU-2", "price": "0.77"}]},
            )  # fmt: skip
            assert changed.ok, await changed.text()
            await (
                page.get_by_role("button", name="Search goods")
                .or_(page.locator("#v-q"))
                .first.focus()
            )
            await page.keyboard.press("Enter")
            await expect(page.locator("#compare tbody tr").first).to_contain_text("$0.77")


async def _invite(page: Page, url: str) -> str:
    """The operator invites a supplier and copies the link for its phone."""
    await page.goto(f"{url}/verification")
    await page.get_by_label("Code for files").fill("xiaoxiang")
    await page.get_by_label("Name", exact=True).fill("Little Elephant")
    await page.get_by_label("Name in Chinese").fill("小象童装")
    await page.get_by_label("Phone").fill("13800000000")
    await page.get_by_role("button", name="Invite").click()
    await page.get_by_role("button", name="Make a link for its phone").click()
    return await page.get_by_label("Paste this into a chat").input_value()


async def _onboard(phone: Page, link: str) -> None:
    """The factory fills in what is asked on its phone, in Chinese, by what it reads there."""
    await phone.goto(link)
    await expect(phone.locator("html")).to_have_attribute("lang", "zh-CN")
    await _usable(phone)
    await phone.get_by_role("button", name="提交认证").click()
    await expect(phone.get_by_text("还缺：")).to_be_visible()
    for label, value in (
        ("执照名称", "湖州织里小象茶具厂"), ("执照号", "91330502MA2B4XYZ1A"),
        ("车间地址", "织里镇康泰西路 8 号"), ("主营产品", "茶具"), ("员工数", "86"),
        ("月产能", "40,000"), ("产能单位", "件"),
    ):  # fmt: skip
        await phone.get_by_label(label, exact=True).fill(value)
    await phone.get_by_label("您是").select_option("SOURCE_FACTORY")
    await phone.locator("#profile").get_by_role("button", name="保存").click()
    for part in ("LICENCE", "WORKSHOP", "WORKSHOP"):
        section = phone.locator(f"#{part}")
        before = await section.locator("img").count()
        await section.get_by_label("拍照").set_input_files(_photo(part))
        await section.get_by_role("button", name="添加照片").click()
        await expect(section.locator("img")).to_have_count(before + 1)
    certificate = phone.locator("#certificate")
    await certificate.get_by_text("添加证书").first.click()
    await certificate.get_by_label("编号").fill("CE-2026-1")
    await certificate.get_by_label("有效期至").fill("2099-01-31")
    await certificate.get_by_label("拍照").set_input_files(_photo("certificate"))
    await certificate.get_by_role("button", name="添加证书").click()
    await expect(certificate.get_by_text("CE-2026-1")).to_be_visible()
    await _usable(phone)
    await phone.get_by_role("link", name="添加货品").click()
    await _usable(phone)
    await phone.get_by_role("link", name="返回").click()
    await phone.get_by_role("button", name="提交认证").click()
    await expect(phone.get_by_text("已收到")).to_be_visible()


async def _tell_of_goods(phone: Page) -> None:
    """Goods pasted from a sheet with what changes shown first; one of them with a photo."""
    await phone.get_by_role("link", name="添加货品").click()
    await phone.get_by_label("含表头的行").fill(SHEET)
    await phone.get_by_role("button", name="查看改动").click()
    await expect(phone.locator("#plan")).to_contain_text("新增 2")
    await expect(phone.locator("#plan")).to_contain_text("玻璃茶壶 竹盖")
    left_out = phone.locator("#plan .task-crit")
    await expect(left_out).to_have_count(2)
    await expect(left_out.nth(0)).to_contain_text("T 3")
    await expect(left_out.nth(1)).to_contain_text("便宜")
    await _usable(phone)
    await phone.get_by_role("button", name="提交 2 个货品").click()
    told = phone.locator("#told > ul > li")
    await expect(told).to_have_count(2)
    one = phone.locator("#one")
    for label, value in (("您的货号", "T 5"), ("名称", "竹托盘"), ("单价（元）", "12")):
        await one.get_by_label(label, exact=True).fill(value)
    await one.get_by_role("button", name="添加该货品").click()
    await expect(one.locator("[aria-invalid=true]")).to_have_count(1)
    await expect(one.get_by_label("名称", exact=True)).to_have_value("竹托盘")
    await one.get_by_label("您的货号").fill("T-1")
    await one.get_by_label("名称", exact=True).fill("玻璃茶壶 竹盖")
    await one.get_by_label("单价（元）").fill("18.5")
    await one.get_by_label("拍照").set_input_files(_photo("teapot"))
    await one.get_by_role("button", name="添加该货品").click()
    await expect(told).to_have_count(2)
    pot = told.filter(has_text="T-1")
    await expect(pot).to_contain_text("18.5")
    await expect(pot.locator("img")).to_have_count(1)
    await _usable(phone)


async def _verify(page: Page, url: str) -> None:
    """Its goods cannot be approved before the operator has gone through the queue."""
    await page.goto(f"{url}/new-goods")
    await page.get_by_role("link", name="Glass teapot with bamboo lid").click()
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("Verify the supplier first").first).to_be_visible()
    await page.goto(f"{url}/verification")
    await page.get_by_role("link", name="Little Elephant").click()
    await expect(page.locator(".thumbs img")).to_have_count(4)
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_label("Why without a visit").fill("seen by video")
    await page.get_by_role("button", name="Review by hand").click()
    await page.get_by_role("button", name="Verify", exact=True).click()
    await expect(page.get_by_text("Verified", exact=True).first).to_be_visible()


async def _approve(page: Page, url: str) -> None:
    await page.goto(f"{url}/new-goods")
    await page.get_by_role("link", name="Glass teapot with bamboo lid").click()
    await _sound(page)
    await page.get_by_label("Category").fill("drinkware")
    await page.get_by_label("Price to buyers").fill("4.20")
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("link", name="Product", exact=True)).to_be_visible()
    await page.goto(f"{url}/new-goods")
    await page.get_by_role("link", name="Vacuum steel water bottle").click()
    await page.get_by_label("What is missing").fill("请补一张照片")
    await page.get_by_role("button", name="Send back for more").click()
    await expect(page.get_by_text("请补一张照片")).to_be_visible()


async def _carry_events(database: Database, network: Network) -> None:
    """What the worker does: the approval is heard of, and the goods are indexed and read."""
    await publish(database)
    for listener in workflows.LISTENERS:
        await deliver(database, listener)
    async with database.system() as db:
        assert search.INDEX_KIND in await db.values("select kind from kit.job")
    await _index(database, network)
    await read_all(database, network)


async def _index(database: Database, network: Network) -> None:
    await run_inline(
        database, network.operator, kind=search.INDEX_KIND, title="", parameters={},
        now=await database.now(), registry=registry_of(*workflows.JOBS),
    )  # fmt: skip


async def _find(page: Page, url: str, words: str) -> str:
    """Type words as a buyer does; the first of the goods that answer."""
    await page.goto(f"{url}/find")
    await page.locator("#v-q").fill(words)
    await page.locator("#v-q").press("Enter")
    # Not any navigation: what parts of a page do to its history is one, too.
    await page.wait_for_url("**q=**")
    return await _first(page)


async def _first(page: Page) -> str:
    rows = page.locator("#compare tbody tr")
    await expect(page.locator("#compare, .empty").first).to_be_visible()
    return str(await rows.first.locator("[name=sku]").input_value()) if await rows.count() else ""


async def _drop(page: Page, url: str, data: bytes) -> None:
    """Drag a photo from somewhere else onto the page and let it go there."""
    await page.goto(f"{url}/find")
    zone = page.locator("[data-drop][data-ready]")
    files = await page.evaluate_handle(
        """(bytes) => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], "seen.jpg", { type: "image/jpeg" }));
          return files;
        }""",
        list(data),
    )
    await zone.dispatch_event("drop", {"dataTransfer": files})
    await expect(zone).to_contain_text("seen.jpg")
    await page.locator("form[action='/find/photo'] button").click()
    await page.wait_for_url("**photo=**")


async def _usable(page: Page) -> None:
    """Nothing is cut off, too small for a thumb, or in another language than Chinese."""
    await _sound(page)
    for each in await page.locator("main button:visible, main a.btn:visible, .mbar button").all():
        assert await _height(each) >= TOUCH_PX, await each.inner_text()
    for each in await page.locator("main .form-control:visible").all():
        assert await _height(each) >= TOUCH_PX, await each.get_attribute("name")
    labels = await page.locator("main label:visible, main h2:visible, main button:visible").all()
    for each in labels:
        text = await each.inner_text()
        assert not text.isascii(), text


async def _sound(page: Page) -> None:
    problems = (await browser.audit(page)).problems()
    # A form that was refused comes back with its status, which the browser notes as an error.
    assert [one for one in problems if "(Conflict)" not in one and "(Unproc" not in one] == []


async def _height(each: Locator) -> float:
    box = await each.bounding_box()
    assert box is not None
    return box["height"]


def _photo(seed: str) -> Any:
    return {"name": f"{seed}.png", "mimeType": "image/png", "buffer": picture(seed, "heap")}

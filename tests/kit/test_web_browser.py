"""The living style page in a real browser: accessible, within the policy, quick by keyboard."""

import httpx
import pytest

from tests import browser

APP = "tests.kit.parts_app:app"
PATHS = ("/parts", "/phone", "/lost")
VIEWS: tuple[browser.View, ...] = (
    (1440, 900, "light"), (1440, 900, "dark"), (390, 844, "light"), (390, 844, "dark"),
)  # fmt: skip


@browser.needed
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_pages_pass_the_audit(locale: str) -> None:
    problems = {}
    with browser.serve(APP) as url:
        async with browser.open_page(locale=locale) as page:
            for path in PATHS:
                problems[path] = await browser.audit_views(page, url + path, VIEWS)
    found = {(path, *view): told for path, of in problems.items() for view, told in of.items()}
    assert {where: told for where, told in found.items() if told} == {}


@browser.needed
async def test_the_audit_finds_what_is_wrong() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page(width=390, height=844) as page:
            await page.goto(f"{url}/parts")
            await page.evaluate("""
                document.querySelector("h1").insertAdjacentHTML("afterend",
                  '<img src="/none.png"><p style="color:#ccc">pale</p>');
                const wide = document.createElement("div");
                wide.style.width = "2000px";
                wide.textContent = "wide";
                document.body.append(wide);
            """)
            audit = await browser.audit(page)
    assert any("image-alt" in line for line in audit.violations)
    assert any("style-src" in line for line in audit.csp_reports)
    assert audit.console_errors
    assert audit.sideways_px > 0


@browser.needed
async def test_one_odd_row_of_many_alike_is_found() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page() as page:
            await page.goto(f"{url}/lost")
            await page.evaluate("""
                const list = document.createElement("ul");
                for (let at = 0; at < 60; at++) {
                  const row = list.appendChild(document.createElement("li"));
                  row.id = `r${at}`;
                  row.textContent = "row";
                  if (at >= 50) row.style.color = "#ccc";
                  const link = row.appendChild(document.createElement("a"));
                  link.href = "/";
                  if (at != 30) link.textContent = "there";
                }
                document.querySelector("h1").after(list);
            """)
            audit = await browser.audit(page)
    pale = [line for line in audit.violations if line.startswith("color-contrast")]
    assert len(pale) == 3, pale
    assert "r50" in pale[0]
    assert [line.partition(" at ")[0] for line in audit.violations if "r30" in line] == [
        "link-name"
    ]


@browser.needed
async def test_what_is_pale_in_the_dark_alone_is_found() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page() as page:
            await page.add_init_script("""
                matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (now) => {
                  document.querySelector("h1").style.color = now.matches ? "#222" : "";
                });
            """)
            found = await browser.audit_views(page, f"{url}/lost", VIEWS[:2])
    light, dark = (found[view] for view in VIEWS[:2])
    assert light == []
    assert len(dark) == 1
    assert dark[0].startswith("color-contrast at ['h1']")


@browser.needed
async def test_charts_are_drawn_and_follow_the_theme() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page() as page:
            await page.goto(f"{url}/parts")
            await page.wait_for_selector("[data-canvas] svg")
            assert await page.locator("[data-canvas] svg").count() == 4
            light = await page.inner_html("[data-canvas]")
            await page.route("**/preferences", lambda route: route.abort())
            await page.click("[data-theme-switch]")
            assert await page.get_attribute("html", "data-theme") == "dark"
            assert await page.inner_html("[data-canvas]") != light
            await page.reload()  # and the server never heard of it
            assert await page.get_attribute("html", "data-theme") == "dark"


@browser.needed
async def test_rows_are_chosen_by_keyboard() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page() as page:
            await page.goto(f"{url}/parts")
            count = page.locator("[data-bulk-count]")
            assert await count.inner_text() == "2 selected"
            assert await page.inner_text("[data-bulk-sum]") == "¥106,920.00"
            for key in "jjx":
                await page.keyboard.press(key)
            assert await count.inner_text() == "3 selected"
            assert await page.is_checked("[data-select-all]")
            await page.uncheck("[data-select-all]")
            assert not await page.is_visible("#bulk")


@browser.needed
async def test_single_keys_can_be_switched_off() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page() as page:
            await page.goto(f"{url}/parts")
            await page.keyboard.press("?")
            await page.uncheck("#keys-on")
            await page.keyboard.press("Escape")
            await page.reload()
            await page.keyboard.press("?")
            assert not await page.is_visible("#keys")
            await page.keyboard.press("Control+k")
            assert await page.is_visible("#palette")


@browser.needed
async def test_the_palette_finds_pages_and_things() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page() as page:
            await page.goto(f"{url}/parts")
            await page.keyboard.press("Control+k")
            await page.keyboard.type("par")
            await page.get_by_text("SO-88213 par").wait_for()
            hits = page.locator("#palette-hits li .grow")
            assert await hits.all_inner_texts() == ["Parts", "SO-88213 par"]
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/parts?found=1")


@browser.needed
async def test_navigation_unfolds_without_script() -> None:
    with browser.serve(APP) as url:
        async with browser.open_page(width=390, height=844) as page:
            await page.route("**/*.js", lambda route: route.abort())
            await page.goto(f"{url}/parts")
            assert not await page.is_visible("#side")
            await page.click(".menu")
            assert await page.is_visible("#side")


def test_static_files_are_kept_forever_and_compressed() -> None:
    with browser.serve(APP) as url:
        path = httpx.get(f"{url}/parts").text.partition('rel="stylesheet" href="')[2]
        address = url + path.partition('"')[0]
        answer = httpx.get(address)
        assert answer.headers["cache-control"].endswith("immutable")
        assert answer.headers["content-encoding"] == "gzip"
        plain = httpx.get(address, headers={"Accept-Encoding": "identity"})
        assert plain.text == answer.text
        stale = httpx.get(f"{url}/static/000/console.css")
        assert stale.headers["cache-control"] == "no-cache"
        assert httpx.get(f"{url}/static/000/../templates.py").status_code == 404

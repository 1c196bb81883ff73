"""A real browser for tests: serve an app, open a page, audit what is shown.

    @browser.needed
    async def test_orders_page() -> None:
        with browser.serve("tests.orders.app:app") as url:
            async with browser.open_page(width=390, height=844) as page:
                await page.goto(f"{url}/orders")
                assert (await browser.audit(page)).problems() == []

Chromium comes from the system (`apt-get install chromium`), axe-core from
`python hatch_build.py --dev`; without them the tests that need them are skipped and say so.
"""

import asyncio
import contextlib
import functools
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import msgspec
import pytest
from playwright.async_api import Page, Request, ViewportSize, async_playwright, expect

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path(os.environ.get("BELTLINE_TEST_CHROMIUM", "/usr/bin/chromium"))
AXE = ROOT / "build/axe/axe.min.js"
# Nothing but the page under test may use the network.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The rules that read colors: where nothing else has changed, the others have nothing new to see.
OF_COLORS = ["color-contrast", "link-in-text-block"]
# Everything about a page that a reader or a rule can tell, except its colors.
SHAPE = """[...document.querySelectorAll("*")].map((each) => {
  const box = each.getBoundingClientRect();
  const themed = each.matches("html, [data-theme-switch], #dark-sheet");
  const named = themed ? [] : [...each.attributes]
    .filter(({ name }) => !["style", "fill", "stroke"].includes(name))
    .map(({ name, value }) => name + "=" + value);
  const text = [...each.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data);
  return [each.tagName, each.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
    box.x, box.y, box.width, box.height, ...named, ...text].join(" ");
}).join("\\n")"""
# Of rows and points built alike, a few of each build stand for the rest: what a rule can say of one
# it says of all, and some pages have a thousand. A build is the elements, how they are styled,
# which attributes they have, and whether there is anything in these and in the text.
ALIKE = """() => {
  const styled = ["class", "style", "role", "fill", "stroke"];
  const built = (each) => [each.tagName, Boolean(each.textContent.trim()), ...[...each.attributes]
    .map(({ name, value }) => name + "=" + (styled.includes(name) ? value : Boolean(value.trim())))
    .sort()].join(" ");
  const left = [];
  for (const parent of document.querySelectorAll("body *")) {
    if (parent.childElementCount <= 12) continue;
    const count = {};
    for (const child of parent.children) {
      const parts = new Set([child, ...child.querySelectorAll("*")].map(built));
      const build = [...parts].sort().join("|");
      count[build] = (count[build] ?? 0) + 1;
      if (count[build] > 3) left.push(child);
    }
  }
  return left;
}"""
START_TIMEOUT_S = 60.0
QUIET_S = 0.2
"""A page that asked for nothing for so long asks for nothing more by itself."""
# As patient as clicks are: on busy machines a page may take longer than the five seconds given.
expect.set_options(timeout=30_000)
View = tuple[int, int, Literal["light", "dark"]]
"""Width and height in pixels, color scheme."""
# Colors on their way from one theme to the other are nobody's to read. Two frames, so that all has
# heard of the change; then brought to their ends, not waited for: what is folded up never ends.
AT_REST = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
    .forEach((each) => each.finish()))"""


def _reason() -> str:
    if not CHROMIUM.is_file():
        return f"no Chromium at {CHROMIUM}: apt-get install chromium, or BELTLINE_TEST_CHROMIUM"
    if not AXE.is_file():
        return f"no {AXE.relative_to(ROOT)}: run python hatch_build.py --dev"
    return ""


def needed(test: Any) -> Any:
    """Mark a test that drives a browser; skipped with the reason where there is none."""
    return pytest.mark.browser(pytest.mark.skipif(bool(_reason()), reason=_reason())(test))


class Audit(msgspec.Struct, frozen=True):
    """What is wrong with a page as shown: each list is empty on a good page."""

    violations: list[str]
    csp_reports: list[str]
    console_errors: list[str]
    sideways_px: int

    def problems(self) -> list[str]:
        """Everything wrong, one line each."""
        sideways = [f"the page scrolls {self.sideways_px} px sideways"] if self.sideways_px else []
        return self.violations + self.csp_reports + self.console_errors + sideways


@contextlib.contextmanager
def serve(app: str, **environment: str) -> Iterator[str]:
    """Serve an ASGI app ("tests.kit.parts_app:app") on a free port; yields its address."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-log",
               "--host", "127.0.0.1", "--port", str(port), app]  # fmt: skip
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths, **environment}
    )
    try:
        _wait_until_open(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # still starting: it does not listen yet
            process.kill()
            process.wait()


@contextlib.asynccontextmanager
async def open_page(
    *,
    width: int = 1440,
    height: int = 900,
    color_scheme: Literal["light", "dark"] = "light",
    locale: str = "en-US",
) -> AsyncIterator[Page]:
    """A page of a fresh browser that notes its own CSP reports and console errors."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(
            viewport=ViewportSize(width=width, height=height),
            color_scheme=color_scheme,
            locale=locale,
        )
        page = await context.new_page()
        await page.add_init_script("""
            window.__problems = [];
            document.addEventListener("securitypolicyviolation", (event) => window.__problems.push(
              `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`));
        """)
        _errors(page)
        _traffic(page)
        yield page
        await browser.close()


async def audit(page: Page, rules: Sequence[str] = RULES) -> Audit:
    """Look at the page as it is now, with axe-core for WCAG 2.0 to 2.2, levels A and AA.

    `rules` are tags or ids of axe's rules, not both. Of many elements built alike side by side,
    a few are looked at.
    """
    await _at_rest(page)
    # Before axe runs: what it does to the page itself is not the page's fault.
    reports = list(await page.evaluate("window.__problems.splice(0)"))
    errors = list(_errors(page))
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    # Only what is wrong leaves the page: all that is right is megabytes.
    violations = await page.evaluate(
        f"""(rules) => axe.run({{ include: [document], exclude: ({ALIKE})() }}, {{
             runOnly: rules, preload: false, resultTypes: ["violations"],
           }}).then((found) => found.violations)""",
        list(rules),
    )
    sideways = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    _errors(page).clear()
    return Audit(
        violations=[_line(rule, node) for rule in violations for node in rule["nodes"]],
        csp_reports=reports,
        console_errors=errors,
        sideways_px=sideways,
    )


async def audit_views(page: Page, address: str, views: Iterable[View]) -> dict[View, list[str]]:
    """The problems of a page in each of some views: loaded once, as people turn and dim it."""
    found: dict[View, list[str]] = {}
    seen = set()
    for nth, (width, height, scheme) in enumerate(views):
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme)
        if nth == 0:
            answer = await page.goto(address)
            assert answer
            assert answer.status == 200, address
            # The sign-in page would pass for any.
            assert "/login" not in answer.url or "/login" in address, address
        await _at_rest(page)
        shape = await page.evaluate(SHAPE)
        rules = OF_COLORS if shape in seen else RULES
        seen.add(shape)
        found[width, height, scheme] = (await audit(page, rules)).problems()
    return found


async def _at_rest(page: Page) -> None:
    """Wait until nothing was on its way for a while, after a load as after what came later."""
    traffic = _traffic(page)
    async with asyncio.timeout(START_TIMEOUT_S):
        while traffic.open or time.monotonic() - traffic.changed_s < QUIET_S:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await page.evaluate(AT_REST)


class _Traffic:
    """The requests of a page that are on their way, and when one last came or went."""

    def __init__(self, page: Page) -> None:
        self.open: set[Request] = set()
        self.changed_s = time.monotonic()
        page.on("request", self._came)
        page.on("requestfinished", self._went)
        page.on("requestfailed", self._went)

    def _came(self, request: Request) -> None:
        self.open.add(request)
        self.changed_s = time.monotonic()

    def _went(self, request: Request) -> None:
        self.open.discard(request)
        self.changed_s = time.monotonic()


_TRAFFIC_OF: WeakKeyDictionary[Page, _Traffic] = WeakKeyDictionary()


def _traffic(page: Page) -> _Traffic:
    """The requests of a page, known from the first call on."""
    known = _TRAFFIC_OF.get(page)
    return known or _TRAFFIC_OF.setdefault(page, _Traffic(page))


_ERRORS_OF: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def _errors(page: Page) -> list[str]:
    """The console errors of a page, noted from the first call on."""
    known = _ERRORS_OF.get(page)
    if known is not None:
        return known
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return _ERRORS_OF.setdefault(page, errors)


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    checks = node["any"] + node["all"] + node["none"]
    why = checks[0]["message"] if checks else rule["help"]
    return f"{rule['id']} at {node['target']}: {why}"


@functools.cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the app ended with code {process.returncode} while starting")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the app did not open its port within {START_TIMEOUT_S:g} s")

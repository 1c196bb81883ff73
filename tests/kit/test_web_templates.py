"""Rules all templates obey, and how pages and parts of pages are rendered."""

import datetime as dt
import json
import re
from pathlib import Path

import jinja2
import pytest
from bs4 import BeautifulSoup

from beltline.kit.web import charts, page, parts
from beltline.kit.web.assets import fingerprint, static
from beltline.kit.web.headers import CONTENT_SECURITY_POLICY, security_headers
from beltline.kit.web.nav import NavItem, Verb, build_nav
from beltline.kit.web.templates import environment

SOURCES = Path(__file__).resolve().parents[2] / "src/beltline"
TEMPLATES = sorted(SOURCES.glob("*/templates/**/*.html"))
NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)

BANNED = {
    "inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style", re.IGNORECASE),
    "inline script": re.compile(r'<script(?![^>]*(\ssrc=|type="application/json"))', re.IGNORECASE),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "htmx script": re.compile(r"\shx-on[:-]|js:", re.IGNORECASE),
    "address of elsewhere": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "color utility of Tabler": re.compile(
        r"\b(?:bg|text|badge|border)-(?:blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|"
        r"teal|cyan|success|danger|warning|info|secondary|muted|dark|light)(?:-lt|-fg)?\b"
        r"|\b(?:btn|alert)-(?:outline-|ghost-)?(?:success|danger|warning|info|secondary|dark|light)\b"
    ),
    # The word `safe` switches escaping off: say why in a comment on the same line.
    "unexplained |safe": re.compile(r"\|\s*safe\b(?!.*\{#.*safe.*#\})"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SOURCES)))
def test_templates_obey_the_rules(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        broken = [rule for rule, pattern in BANNED.items() if pattern.search(line)]
        assert not broken, f"{path.name}:{number}: {', '.join(broken)}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(SOURCES)))
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_templates_compile(path: Path, locale: str) -> None:
    module, _, name = path.relative_to(SOURCES).as_posix().partition("/templates/")
    assert environment(locale).get_template(f"{module}/{name}")


@pytest.mark.parametrize(
    "bad",
    ['<p style="color:red">', "<script>1</script>", '<a onclick="x()">', '<b class="text-green">',
     "{{ x|safe }}", '<img src="https://elsewhere.example/x.png">', '<p class="bg-red-lt">'],
)  # fmt: skip
def test_the_rules_find_what_they_forbid(bad: str) -> None:
    assert any(pattern.search(bad) for pattern in BANNED.values())


def test_values_are_escaped_and_missing_ones_fail() -> None:
    env = environment("en")
    assert env.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    assert env.from_string("{{ _('%(x)s rows', x=x) }}").render(x="<b>") == "&lt;b&gt; rows"
    with pytest.raises(jinja2.UndefinedError):
        env.from_string("{{ y }}").render()


def test_counted_texts_and_bare_percents() -> None:
    env = environment("en")
    assert env.from_string("{{ _('target 95%') }}").render() == "target 95%"
    template = env.from_string("{{ ngettext('%(n)s order', '%(n)s orders', n) }}")
    assert [template.render(n=n) for n in (1, 1204)] == ["1 order", "1,204 orders"]


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_parts_page_is_whole(locale: str) -> None:
    context = make_page(locale=locale)
    answer = page.render("kit/parts.html", context, **parts.sample_values(context))
    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.html is not None
    assert soup.html["lang"] == context.lang
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert not soup.find_all(style=True)
    assert len(soup.select("[data-chart] table")) == len(soup.select("[data-canvas]")) == 4


def test_a_fragment_is_only_its_block() -> None:
    context = make_page(fragment=True)
    values = parts.sample_values(context)
    part = page.render("kit/parts.html", context, fragment="title", **values)
    assert part.content == "Parts and states"
    whole = page.render("kit/parts.html", make_page(), fragment="title", **values)
    assert whole.content.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"hx-request": "true", "hx-request-type": "partial"}, True),
        ({"hx-request": "true", "hx-request-type": "full"}, False),
        ({"hx-request": "true", "hx-history-restore-request": "true"}, False),
        ({}, False),
    ],
)
def test_when_htmx_wants_a_part(headers: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert page.is_fragment_request(headers) is expected


@pytest.mark.parametrize(
    ("target", "safe"),
    [("/orders?x=1", "/orders?x=1"), ("//evil.example", "/"), ("https://evil.example", "/"),
     ("/\\evil.example", "/"), ("", "/"), (None, "/")],
)  # fmt: skip
def test_going_on_stays_on_this_site(target: str | None, safe: str) -> None:
    assert page.safe_next(target) == safe


def test_only_known_preferences_become_cookies() -> None:
    cookies = page.preference_cookies({"theme": "dark", "locale": "<b>"}, secure=True)
    assert [(c.key, c.value, c.secure) for c in cookies] == [("bl_theme", "dark", True)]


def test_static_addresses_carry_one_fingerprint() -> None:
    assert static("console.css") == f"/static/{fingerprint()}/console.css"
    with pytest.raises(KeyError, match="no static file"):
        static("nothing.css")


def test_the_policy_allows_nothing_inline_or_foreign() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "Strict-Transport-Security" in security_headers(https=True)
    assert "Strict-Transport-Security" not in security_headers()


def test_the_navigation_shows_what_the_role_may_see() -> None:
    items = [
        NavItem(verb=Verb.MONEY, path="/ledger", label="Ledger", icon="coin",
                roles=frozenset({"FINANCE"})),
        NavItem(verb=Verb.FULFILL, path="/orders", label="Orders", icon="cart", count="orders"),
        NavItem(verb=Verb.FULFILL, path="/orders/late", label="Late", icon="clock",
                org_kinds=frozenset({"OPERATOR"})),
    ]  # fmt: skip
    planner = build_nav(items, role="PLANNER", org_kind="BUYER", path="/orders/x",
                        counts={"orders": 3})  # fmt: skip
    assert [[e.item.label for e in group.entries] for group in planner] == [["Orders"]]
    assert planner[0].entries[0].count == 3
    assert planner[0].entries[0].is_current
    admin = build_nav(items, role="ADMIN", org_kind="OPERATOR", path="/orders/late", counts={})
    assert [group.verb for group in admin] == [Verb.FULFILL, Verb.MONEY]
    assert [e.is_current for e in admin[0].entries] == [False, True]


def test_a_chart_cannot_end_its_script_element() -> None:
    chart = charts.BarChart(
        name="n", finding="f", bars=(("</script><b>&", 1.0, "1", "ink"),),
        category_label="c", value_label="v",
    )  # fmt: skip
    text = charts.specification(chart)
    assert "<" not in text
    assert json.loads(text)["bars"][0][0] == "</script><b>&"
    assert chart.table.rows == (("</script><b>&", "1"),)


def test_sparklines_stand_for_flat_and_empty_series() -> None:
    assert charts.sparkline([]) == ""
    assert "nan" not in charts.sparkline([3, 3, 3])
    assert 'aria-label="&#34;x"' in charts.sparkline([1, 2], label='"x')


def make_page(*, locale: str = "en", fragment: bool = False) -> page.PageContext:
    return page.PageContext(path="/parts", locale=locale, now=NOW, fragment=fragment)


def test_an_attribute_that_is_false_is_not_there() -> None:
    field = environment("en").from_string('{{ ui.field("Name", "name", disabled=off, **more) }}')
    open_ = BeautifulSoup(field.render(off=False, more={"readonly": True}), "html.parser").input
    closed = BeautifulSoup(field.render(off=True, more={"maxlength": 9}), "html.parser").input
    assert open_ is not None
    assert closed is not None
    assert ("disabled" in open_.attrs, open_["readonly"]) == (False, "")
    assert (closed["disabled"], closed["maxlength"]) == ("", "9")

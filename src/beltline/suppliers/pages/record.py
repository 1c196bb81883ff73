"""The measured record of a supplier: figures with intervals, and the facts behind each."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import decode_cursor
from beltline.kit.web import formats, i18n
from beltline.kit.web.charts import IntervalChart
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers import queries
from beltline.suppliers.actions import record as actions
from beltline.suppliers.queries import record
from beltline.suppliers.rules import tiers
from beltline.suppliers.types import Figure, Measure, TierChange

MEASURES: Final = {
    Measure.ON_TIME: N_("On time"),
    Measure.DEFECT_FREE: N_("Free of defects"),
    Measure.NOT_RETURNED: N_("Not returned"),
    Measure.ANSWERED: N_("Answered in time"),
    Measure.PRICE_KEPT: N_("Price kept"),
    Measure.CAPACITY_KEPT: N_("Quantity kept"),
}


class FigureRow(msgspec.Struct, frozen=True):
    """A figure in words: `tier` is what it alone allows, empty while its facts are too few."""

    figure: Figure
    name: str
    rate: str
    interval: str
    value: str
    tier: str
    why: str
    lift: str


def figure_rows(page: PageContext, figures: list[Figure], current: str) -> list[FigureRow]:
    """Each figure with its reason, and what would lift it to tier A."""
    return [
        FigureRow(
            one, page.gettext(MEASURES[one.measure]), formats.percent(one.mean, 1),
            formats.span(formats.percent(one.low, 1), formats.percent(one.high, 1)),
            value_text(page, one.measure, one.value_median),
            tiers.tier_of(one, current=current) if one.trials >= tiers.FACTS_MIN else "",
            _why(page, one, current), _lift(page, one, current),
        )
        for one in figures
    ]  # fmt: skip


def _why(page: PageContext, one: Figure, current: str) -> str:
    _, bar = page.gettext, tiers.BARS[one.measure]
    if one.trials < tiers.FACTS_MIN:
        text = _("{n} of {needed} facts that it takes to count")
        return text.format(n=one.trials, needed=tiers.FACTS_MIN)
    tier = tiers.tier_of(one, current=current)
    low = formats.percent(one.low, 1)
    if tier == "A":
        kept = one.low < bar.a
        text = (
            _("at least {low}: held at A, which is lost below {bound}")
            if kept
            else _("at least {low}: A takes {bound}")
        )
        bound = bar.a - tiers.HYSTERESIS if kept else bar.a
    else:
        text = _("at least {low}: short of the {bound} of A")
        bound = bar.a
    return text.format(low=low, bound=formats.percent(bound))


def _lift(page: PageContext, one: Figure, current: str) -> str:
    _ = page.gettext
    if one.trials >= tiers.FACTS_MIN and tiers.tier_of(one, current=current) == "A":
        return ""
    if one.good_to_a is None:
        return _("more than 1,000 good in a row")
    needed = max(one.good_to_a, tiers.FACTS_MIN - one.trials)
    text = page.ngettext("%(n)s good in a row", "%(n)s good in a row", needed)
    return text % {"n": formats.number(needed)}


def value_text(page: PageContext, measure: Measure, value: float | None) -> str:
    """What was measured, in its unit: days late (or early), hours, a change of price."""
    if value is None:
        return "–"
    _ = page.gettext
    if measure is Measure.ON_TIME:
        late = _("{days} d late") if value > 0 else _("{days} d early")
        return late.format(days=formats.number(abs(round(value)))) if value else _("on the day")
    if measure is Measure.ANSWERED:
        return formats.duration(dt.timedelta(hours=value), page.locale)
    return formats.change(value, 1) if measure is Measure.PRICE_KEPT else formats.number(value)


def interval_chart(page: PageContext, figures: list[Figure]) -> IntervalChart:
    """The figures as dots in their intervals, in percent."""
    _ = page.gettext
    weakest = min(figures, key=lambda one: one.low - tiers.BARS[one.measure].a)
    finding = _("Weakest: {measure}, {rate}, at least {low}.").format(
        measure=_(MEASURES[weakest.measure]), rate=formats.percent(weakest.mean, 1),
        low=formats.percent(weakest.low, 1),
    )  # fmt: skip
    return IntervalChart(
        name=_("Measured record"),
        finding=finding,
        intervals=tuple(
            (_(MEASURES[one.measure]), 100 * one.low, 100 * one.mean, 100 * one.high,
             formats.percent(one.mean, 1))
            for one in figures
        ),
        category_label=_("Measure"),
        value_label=_("Rate, %"),
    )  # fmt: skip


def tier_rows(page: PageContext, changes: list[TierChange]) -> list[tuple[str, str, str]]:
    """The history of tiers as a timeline."""
    _ = page.gettext
    rows = []
    for change in changes:
        weak = [r for r in change.reasons if r.tier == change.tier and change.tier != "A"]
        text = _("Tier {before} to {after}").format(before=change.tier_before, after=change.tier)
        comma = i18n.translations(page.locale).pgettext("list", ", ")
        why = comma.join(_(MEASURES[r.measure]) for r in weak)
        when = formats.datetime(change.at, page.zone, page.locale)
        tone = "ok" if change.tier < change.tier_before else "warn"
        rows.append((tone, text, f"{when}{': ' if why else ''}{why}"))
    return rows


@get("/suppliers/{code:str}/record")
async def record_page(
    *,
    code: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    measure: str = "",
    bad: bool = False,
    after: str = "",
) -> Response[str]:
    """The facts behind a supplier's figures, newest first."""
    measure = measure if measure in set(Measure) else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        supplier = await queries.get_supplier_by_code(db, code)
        rows = await record.list_outcomes(
            db, supplier.org_id, measure=Measure(measure) if measure else None, bad_only=bad,
            before=(position[0], position[1]) if position else None, limit=PAGE_ROWS + 1,
        )  # fmt: skip
        figures = await record.list_figures(db, supplier.org_id)
    shown, following = cut(rows, lambda row: (row.happened_at, row.id))
    return render(
        "suppliers/record.html", page, supplier=supplier, rows=shown, following=following,
        after=after, measures=MEASURES, figures=figure_rows(page, figures, supplier.tier),
        values=[value_text(page, row.measure, row.value) for row in shown],
        may_see=actor.org_kind == "OPERATOR" or actor.org_id == supplier.org_id,
        view=View(f"/suppliers/{supplier.code}/record", {"measure": measure, "bad": bad}),
        options=[(one.value, page.gettext(text)) for one, text in MEASURES.items()],
    )  # fmt: skip


@post("/suppliers/assess", status_code=303)
async def assess_now(database: Database, actor: Actor, page: PageContext) -> Redirect:
    """Have every record and tier worked out now; the job's page shows how far it is."""
    async with database.writing(actor) as db:
        await actions.ask_for_assessment(db, actor, now=page.now)
    return Redirect("/jobs", status_code=303)


PAGES = (record_page, assess_now)

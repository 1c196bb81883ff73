"""Demand: the list of series with accuracy, one series in full, and small views of it."""

import datetime as dt
import math
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.money import Money, minor_digits
from beltline.kit.uom import Uom, base_unit
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, local_name
from beltline.planning.actions import overrides as overrides_actions
from beltline.planning.pages.pictures import forecast_chart, out_of_stock_spans, spark_of
from beltline.planning.queries import glances, proposals, risks, runs, series
from beltline.planning.rules import assumptions, remedies
from beltline.planning.rules.sentences import explain_drivers
from beltline.trade import queries as trade

Web = Request[Any, Any, State]
Words = Annotated[str, Parameter(max_length=200)]

HISTORY: Final = dt.timedelta(days=730)
AHEAD: Final = dt.timedelta(days=180)
SPECIALS: Final = {
    "PROMOTION": N_("Promotion"), "NODE": N_("Node closed"), "SUPPLIER": N_("Supplier closed"),
}  # fmt: skip
MODELS: Final = {
    "VIRTUAL": N_("Left at the factory, bought when it is sold"),
    "PRESTOCK": N_("The supplier's, put forward here"),
    "OWNED": N_("Bought firm and owned"),
}  # fmt: skip


@get("/demand")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    q: Words = "",
    node: str = "",
    abc: str = "",
    watch: str = "",
    after: str = "",
) -> Response[str]:
    """Series of the latest plan by units forecast, with the accuracy on days kept apart."""
    actor.needs_operator()
    abc = abc if abc in {"A", "B", "C"} else ""
    async with database.reading(actor) as db:
        run = await runs.find_latest_run(db, actor.org_id)
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
        rows: list[series.SeriesLine] = []
        sparks: list[glances.Spark] = []
        following = None
        if run is not None:
            rows, following = await series.list_series(
                db, actor.org_id, run.id, words=q.strip(), node=node or None, abc=abc or None,
                drifted=watch == "drift", limit=PAGE_ROWS, cursor=after or None,
            )  # fmt: skip
            sparks = await glances.list_sparks(
                db, actor.org_id, [(run.id, row.sku_id, row.node_id) for row in rows]
            )
    names = [(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes]
    return render(
        "planning/demand.html", page, rows=rows, following=following or "", after=after, run=run,
        sparks={(spark.sku_id, spark.node_id): spark_of(spark) for spark in sparks},
        nodes=names, node_names=dict(names),
        view=View("/demand", {"q": q, "node": node, "abc": abc, "watch": watch}),
    )  # fmt: skip


@get("/demand/{sku:str}/{node:str}")
async def series_page(
    sku: str, node: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One series: history and forecast, what drives it, how good it was, what was special."""
    today = page.today
    async with database.reading(actor) as db:
        found = await series.get_series(db, actor.org_id, sku=sku, node=node)
        band = await series.find_band(db, actor.org_id, found.sku_id, found.node_id)
        history = await series.list_history(
            db, actor.org_id, found.sku_id, found.node_id, since=today - HISTORY, until=today
        )
        specials = await glances.list_specials(
            db, actor.org_id, found.sku_id, found.node_id, since=today - HISTORY / 2,
            until=today + AHEAD,
        )  # fmt: skip
        proposal = await proposals.find_proposal_of(db, actor.org_id, found.sku_id, found.node_id)
        overrides = await series.list_overrides(db, actor.org_id, found.sku_id, found.node_id)
        covers = (
            await glances.list_covers(
                db, actor.org_id, band.plan_run_id, [(found.sku_id, found.node_id)]
            )
            if band
            else []
        )
        models = (
            await risks.find_models(db, band.plan_run_id, found.sku_id, found.node_id)
            if band
            else None
        )
        place = await trade.get_node(db, node)
    freq = band.freq if band else "D"
    return render(
        "planning/series.html", page, series=found, band=band, history=history,
        place=local_name(page.locale, place.name, place.name_zh), specials=specials[::-1],
        kinds=SPECIALS, proposal=proposal, overrides=overrides,
        models=_models(page, models, found.uom), assumed=_assumptions(page),
        cover=covers[0].cover_days if covers else None,
        drivers=explain_drivers(band.drivers, page.locale) if band else [],
        accuracy=accuracy_of(band.accuracy) if band else None,
        stock_outs=out_of_stock_spans(history, freq),
        chart=forecast_chart(page, uom=found.uom, freq=freq, history=history, band=band,
                             today=today),
        per_uom=base_unit(Uom(found.uom)).per_uom, days=7 if freq == "W" else 1, today=today,
    )  # fmt: skip


class ModelLine(msgspec.Struct, frozen=True):
    """A sales model as a row: its name, the units it would hold, its profit a cycle."""

    name: str
    units: str
    profit: str


def _models(page: PageContext, found: risks.Models | None, uom: str) -> list[ModelLine]:
    if found is None:
        return []
    factor = 10 ** minor_digits(found.currency)
    return [
        ModelLine(
            name=page.gettext(MODELS[one.model]),
            units=formats.quantity(one.units, Uom(uom), page.locale),
            profit=formats.money(Money(round(one.profit * factor), found.currency), page.locale),
        )
        for one in found.models
    ]


def _assumptions(page: PageContext) -> list[tuple[str, str]]:
    _ = page.gettext
    return [
        (_("Buyers lost for each day of waiting"), formats.percent(assumptions.WAIT_LOST, 1)),
        (_("Promises kept from stock at hand"), formats.percent(assumptions.KEPT_FORWARD)),
        (_("A factory gives for goods bought firm"), formats.percent(assumptions.FIRM_DISCOUNT)),
        (_("An owned unit left over loses, of its cost"), formats.percent(assumptions.OBSOLETE)),
        (_("Carrying a unit forward, of its cost"), formats.percent(remedies.TRANSFER_COST)),
    ]


def accuracy_of(sums: dict[str, float]) -> dict[str, float] | None:
    """Shares of the sums kept with a forecast; None where nothing was measured or sold."""
    units, periods = sums.get("units", 0.0), sums.get("periods", 0.0)
    if units <= 0 or periods <= 0:
        return None
    return {
        "periods": periods,
        "wape": sums["absolute_error"] / units,
        "wape_naive": sums["absolute_error_naive"] / units,
        "bias": sums["error"] / units,
        "coverage": sums.get("covered", sums["inside"]) / periods,
    }


@post("/demand/{sku:str}/{node:str}/override")
async def override(
    sku: str, node: str, request: Web, database: Database, actor: Actor, page: PageContext
) -> Response[None]:
    """Expect more or less than the forecast for a while, and say why."""
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    today = page.today
    async with database.writing(actor) as db:
        await overrides_actions.override_demand(
            db, actor, sku=sku, node=node, starts=_day(form.get("starts")) or today,
            ends=_day(form.get("ends")) or today - dt.timedelta(days=1),
            factor=_factor(form.get("percent", "")), reason=form.get("reason", "")[:500],
            now=page.now,
        )  # fmt: skip
    return _to(sku, node)


@post("/demand/{sku:str}/{node:str}/overrides/{id_:str}/withdraw")
async def withdraw(
    *, sku: str, node: str, id_: str, database: Database, actor: Actor, page: PageContext
) -> Response[None]:
    """Take an override back."""
    async with database.writing(actor) as db:
        await overrides_actions.withdraw_override(
            db, actor, override_id=read_id("ovr", id_), now=page.now
        )
    return _to(sku, node)


def _to(sku: str, node: str) -> Response[None]:
    path = f"/demand/{quote(sku, safe='')}/{quote(node, safe='')}"
    return to(path)


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def _factor(percent: str) -> float:
    """What +30 or −20 % comes to; what is no number is 1, which says nothing."""
    try:
        value = 1.0 + float(percent.replace("\u2212", "-").rstrip("% ")) / 100.0
    except ValueError:
        return 1.0
    return value if math.isfinite(value) else 1.0


@get("/demand/cells")
async def cells(
    database: Database, actor: Actor, page: PageContext, series: list[str] | None = None
) -> Response[str]:
    """How long the stock of a list's rows lasts, as cells that htmx puts into that list."""
    wanted = [pair for text in (series or [])[:PAGE_ROWS] if (pair := _pair(text)) is not None]
    async with database.reading(actor) as db:
        run = await runs.find_latest_run(db, actor.org_id)
        covers = await glances.list_covers(db, actor.org_id, run.id, wanted) if run else []
    return render("planning/cells.html", page, covers=covers)


def _pair(text: str) -> tuple[UUID, UUID] | None:
    sku, _, node = text.partition(".")
    try:
        return UUID(hex=sku), UUID(hex=node)
    except ValueError:
        return None


@get("/demand/panels/{sku:str}")
async def panel(sku: str, database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """The series of a SKU: a panel of the product's page."""
    async with database.reading(actor) as db:
        run = await runs.find_latest_run(db, actor.org_id)
        found = await glances.list_series_of_sku(db, actor.org_id, run.id, sku) if run else []
        sparks = await glances.list_sparks(
            db, actor.org_id, [(row.plan_run_id, row.sku_id, row.node_id) for row in found]
        )
    return render(
        "planning/panel.html", page, rows=found, sku=sku,
        sparks={spark.node_id: spark_of(spark) for spark in sparks},
    )  # fmt: skip


PAGES = (list_page, series_page, override, withdraw, cells, panel)

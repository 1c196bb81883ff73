"""Plan runs: start one, see how far it is, and judge what it was worth."""

import datetime as dt
import math
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.web import charts, formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View
from beltline.planning import actions
from beltline.planning.queries import glances, hindsight, runs, series
from beltline.planning.rules.sentences import explain_notes
from beltline.planning.types import BudgetNotReadable, Parameters, PlanRun, RunState

STATES: Final = {
    RunState.QUEUED: N_("Waiting"), RunState.RUNNING: N_("Running"), RunState.DONE: N_("Done"),
    RunState.REFUSED: N_("Refused"), RunState.FAILED: N_("Failed"),
    RunState.CANCELLED: N_("Cancelled"),
}  # fmt: skip
TONES: Final = {
    RunState.QUEUED: "info", RunState.RUNNING: "info", RunState.DONE: "ok",
    RunState.REFUSED: "warn", RunState.FAILED: "crit", RunState.CANCELLED: "mute",
}  # fmt: skip
OPEN_STATES: Final = frozenset({RunState.QUEUED, RunState.RUNNING})
PARAMETERS: Final = {
    "horizon": N_("Horizon, periods"), "history_days": N_("History, days"),
    "review_days": N_("Review every, days"), "holding_rate": N_("Holding cost a year"),
    "margin_share": N_("Margin where no price is known"), "order_cost": N_("Cost of an order line"),
    "purchase_cost": N_("Cost of a purchase"), "largest_share": N_("Largest share of one supplier"),
    "service_level": N_("Service level (0 weighs costs)"), "currency": N_("Currency"),
    "budget": N_("Budget (0: none)"), "paths": N_("Simulated paths"), "seed": N_("Seed"),
}  # fmt: skip
COVERAGE_GOAL: Final = 0.8
BUDGET_MAX: Final = 1e12
SEGMENTS_DRAWN: Final = 8


@get("/plans")
async def list_page(
    database: Database, actor: Actor, page: PageContext, after: str = ""
) -> Response[str]:
    """Runs, the newest first."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        rows, following = await runs.list_runs(
            db, actor.org_id, limit=PAGE_ROWS, cursor=after or None
        )
    return render(
        "planning/plans.html", page, rows=rows, following=following or "", after=after,
        states=STATES, tones=TONES, view=View("/plans"), Money=Money,
        under_way=next((row for row in rows if row.state in OPEN_STATES), None), share=share,
    )  # fmt: skip


@post("/plans")
async def start(
    request: Request[Any, Any, Any], database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Ask a worker for a plan, with a budget or without, unless one is under way."""
    parameters = Parameters(budget=_budget((await request.form()).get("budget", "")))
    async with database.writing(actor) as db:
        under_way = await runs.find_run_under_way(db, actor.org_id)
        if under_way is None:
            await actions.start_plan(db, actor, parameters=parameters, now=now)
    return to("/plans")


@get("/plans/{run_id:str}")
async def run_page(
    run_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One run: what it was worth against last season repeated, and what it was made from."""
    async with database.reading(actor) as db:
        run = await runs.get_run(db, actor.org_id, read_id("run", run_id))
        classes = await series.list_classes(db, actor.org_id, run.id)
        segments = await glances.list_segments(db, actor.org_id, run.id)
        worth = await hindsight.sum_hindsight(db, actor.org_id, run.id)
        by_category = await hindsight.list_by_category(db, actor.org_id, run.id)
        by_belt = await hindsight.list_by_belt(db, actor.org_id, run.id)
    metrics = run.metrics or {}
    return render(
        "planning/run.html", page, run=run, classes=classes, segments=segments, metrics=metrics,
        states=STATES, tones=TONES, notes=list(zip(explain_notes(run.notes, page.locale),
                                                   run.notes, strict=False)),
        parameters=[(page.gettext(PARAMETERS.get(name, name)), value)
                    for name, value in run.parameters.items()],
        error_chart=_error_chart(page, metrics), calibration=_calibration(page, segments),
        currency=str(run.parameters.get("currency", "CNY")), Money=Money, goal=COVERAGE_GOAL,
        is_open=run.state in OPEN_STATES, share=share, worth=worth,
        groups=[(page.gettext("Category"), by_category), (page.gettext("Belt"), by_belt)],
    )  # fmt: skip


@get("/plans/{run_id:str}/progress")
async def progress(
    run_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """How far a run is; htmx asks every two seconds until it has ended."""
    async with database.reading(actor) as db:
        run = await runs.get_run(db, actor.org_id, read_id("run", run_id))
    return render(
        "planning/progress.html", page, run=run, is_open=run.state in OPEN_STATES, states=STATES,
        tones=TONES, share=share,
    )  # fmt: skip


def _budget(typed: str) -> float:
    """A sum as people type it, in whole or with cents; nothing is none."""
    text = typed.strip().replace(",", "").replace(" ", "")
    try:
        budget = float(text or 0)
    except ValueError:
        budget = math.nan
    if not 0 <= budget <= BUDGET_MAX:
        raise BudgetNotReadable(typed=typed[:40], param="budget")
    return budget


def share(run: PlanRun) -> float:
    """How much of a run is done, 0 to 1."""
    return min(run.done / run.total, 1.0) if run.total else 0.0


def path_of(run_id: UUID) -> str:
    """The address of a run."""
    return f"/plans/{show_id('run', run_id)}"


def _error_chart(page: PageContext, metrics: dict[str, Any]) -> charts.BarChart | None:
    """The run's error beside that of last season's values repeated."""
    _ = page.gettext
    wape, naive = metrics.get("wape"), metrics.get("wape_naive")
    if wape is None or naive is None:
        return None
    tone = "accent" if wape <= naive else "warn"
    finding = (
        _("This run is off by %(wape)s of the units sold, last season repeated by %(naive)s.")
        % {"wape": formats.percent(wape, 1), "naive": formats.percent(naive, 1)}
    )  # fmt: skip
    return charts.BarChart(
        name=_("Forecast error"),
        finding=finding,
        bars=(
            (_("Last season repeated"), naive * 100, formats.percent(naive, 1), "context"),
            (
                _("This run"),
                wape * 100,
                formats.percent(wape, 1),
                tone,
            ),
        ),
        category_label=_("Forecast"),
        value_label=_("Error, % of units"),
    )


def _calibration(page: PageContext, segments: list[glances.Segment]) -> charts.IntervalChart | None:
    """The share of periods inside the 10 to 90 % band by segment, with a 95 % interval."""
    _ = page.gettext
    measured = [segment for segment in segments if segment.periods > 0][:SEGMENTS_DRAWN]
    if not measured:
        return None
    intervals = []
    inside = 0
    for segment in measured:
        low, middle, high = _wilson(segment.covered, segment.periods)
        inside += low <= COVERAGE_GOAL <= high
        intervals.append(
            (segment.name, low * 100, middle * 100, high * 100, formats.percent(middle, 1))
        )
    return charts.IntervalChart(
        name=_("Share of periods inside P10–P90"),
        finding=_("%(inside)s of %(all)s segments are within chance of the 80%% promised.")
        % {"inside": inside, "all": len(measured)},
        intervals=tuple(intervals),
        category_label=_("Category"),
        value_label=_("Inside the band"),
        target=(COVERAGE_GOAL * 100, formats.percent(COVERAGE_GOAL)),
    )


def _wilson(hits: float, trials: float, z: float = 1.96) -> tuple[float, float, float]:
    """A share with its 95 % interval (Wilson 1927), as if periods were independent."""
    p = hits / trials
    center = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2)) / (1 + z * z / trials)
    return max(center - half, 0.0), p, min(center + half, 1.0)


PAGES = (list_page, start, run_page, progress)

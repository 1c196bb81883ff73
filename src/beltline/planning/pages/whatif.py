"""What-if: change a price, a promotion, a lead time or a service level; see what comes of it."""

import math
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money, minor_digits
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View
from beltline.planning.actions import scenarios as scenarios_actions
from beltline.planning.queries import runs, scenarios
from beltline.planning.rules.remedies import ELASTICITY
from beltline.planning.types.scenarios import Changes, Scenario, Scope, ScopeKind

SCOPES: Final = {
    ScopeKind.ALL: N_("Everything"), ScopeKind.CATEGORY: N_("A category"),
    ScopeKind.SUPPLIER: N_("A supplier, by code"), ScopeKind.SKU: N_("A SKU, by code"),
}  # fmt: skip
STATES: Final = {
    "QUEUED": N_("Waiting"), "DONE": N_("Done"), "REFUSED": N_("Refused"), "FAILED": N_("Failed"),
}  # fmt: skip
TONES: Final = {"QUEUED": "info", "DONE": "ok", "REFUSED": "warn", "FAILED": "crit"}

Web = Request[Any, Any, State]


@get("/what-if")
async def list_page(
    database: Database, actor: Actor, page: PageContext, after: str = ""
) -> Response[str]:
    """Ask something, and what was asked before, newest first."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        run = await runs.find_latest_run(db, actor.org_id)
        rows, following = await scenarios.list_scenarios(
            db, actor.org_id, limit=PAGE_ROWS, cursor=after or None
        )
        categories = await scenarios.list_categories(db, actor.org_id, run.id) if run else []
    return render(
        "planning/whatif.html", page, run=run, rows=rows, following=following or "", after=after,
        view=View("/what-if"), states=STATES, tones=TONES, categories=categories,
        scopes=[(kind.value, page.gettext(name)) for kind, name in SCOPES.items()],
        asked={row.id: sentence(page, row) for row in rows},
        gains={row.id: _gain(page, row) for row in rows},
    )  # fmt: skip


@post("/what-if")
async def ask(request: Web, database: Database, actor: Actor, page: PageContext) -> Response[None]:
    """Ask; the answer's page follows it."""
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    kind = ScopeKind(form["scope"]) if form.get("scope") in set(ScopeKind) else ScopeKind.ALL
    value = form.get("category" if kind is ScopeKind.CATEGORY else "value", "")[:200]
    level = form.get("service_level", "")
    changes = Changes(
        price=_between(form.get("price"), -90, 300) / 100,
        promotion_days=round(_between(form.get("promotion_days"), 0, 180)),
        promotion_uplift=_between(form.get("promotion_uplift"), 0, 2_000) / 100,
        lead_time_days=round(_between(form.get("lead_time_days"), -90, 90)),
        service_level=_between(level, 0, 99.9) / 100 if level else None,
    )
    scope = Scope(kind=kind, value="" if kind is ScopeKind.ALL else value)
    async with database.writing(actor) as db:
        made = await scenarios_actions.ask_scenario(
            db, actor, scope=scope, changes=changes, now=page.now
        )
    return to(path_of(made))


@get("/what-if/{id_:str}")
async def scenario_page(
    id_: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One scenario: now, what if, and the change; asked again every two seconds until it is."""
    async with database.reading(actor) as db:
        found = await scenarios.get_scenario(db, actor.org_id, read_id("scn", id_))
    return render(
        "planning/scenario.html", page, row=found, asked=sentence(page, found), states=STATES,
        tones=TONES, effects=_effects(page, found), gain=_gain(page, found),
        elasticity=ELASTICITY, path=path_of(found),
    )  # fmt: skip


@get("/what-if/{id_:str}/progress")
async def progress(id_: str, database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """Whether it is played yet; htmx asks every two seconds until it is."""
    async with database.reading(actor) as db:
        found = await scenarios.get_scenario(db, actor.org_id, read_id("scn", id_))
    return render("planning/played.html", page, row=found, path=path_of(found))


def path_of(scenario: Scenario) -> str:
    """The address of a scenario."""
    return f"/what-if/{show_id('scn', scenario.id)}"


def sentence(page: PageContext, scenario: Scenario) -> str:
    """What is asked, in words."""
    _ = page.gettext
    c, scope = scenario.changes, scenario.scope
    parts = []
    if c.price:
        parts.append(_("price %(change)s") % {"change": formats.change(c.price)})
    if c.promotion_days and c.promotion_uplift:
        parts.append(
            _("promotion of %(days)s days, demand %(change)s")
            % {"days": c.promotion_days, "change": formats.change(c.promotion_uplift)}
        )
    if c.lead_time_days:
        parts.append(_("lead time %(days)s days") % {"days": f"{c.lead_time_days:+d}"})
    if c.service_level is not None:
        level = formats.percent(c.service_level, 1)
        parts.append(_("service level %(level)s") % {"level": level})
    about = scope.value or _(SCOPES[ScopeKind.ALL])
    return f"{about}: {('，' if page.locale == 'zh' else ', ').join(parts)}"


def _effects(page: PageContext, scenario: Scenario) -> list[tuple[str, str, str, str]]:
    """Rows of the effect: what, now, what if, change."""
    if scenario.effect is None:
        return []
    _ = page.gettext
    now, then = scenario.effect.base, scenario.effect.changed

    def money(name: str, a: float, b: float) -> tuple[str, str, str, str]:
        before, after, more = (_money(page, scenario, v) for v in (a, b, b - a))
        return name, before, after, more

    def units(name: str, a: float, b: float) -> tuple[str, str, str, str]:
        change = f"{b - a:+,.0f}".replace("-", "\u2212")
        return name, formats.number(round(a)), formats.number(round(b)), change

    return [
        units(_("Units demanded"), now.units_demanded, then.units_demanded),
        units(_("Units lost"), now.units_lost, then.units_lost),
        (_("Share lost"), formats.percent(now.lost_share, 1), formats.percent(then.lost_share, 1),
         formats.points(then.lost_share - now.lost_share)),
        money(_("Margin earned"), now.margin, then.margin),
        money(_("Margin lost"), now.margin_lost, then.margin_lost),
        money(_("Holding cost"), now.holding, then.holding),
        money(_("Ordering cost"), now.ordering, then.ordering),
        money(_("Mean stock value"), now.stock_value, then.stock_value),
        money(_("Bought"), now.bought, then.bought),
        money(_("Margin after holding and ordering"), now.profit, then.profit),
    ]  # fmt: skip


def _gain(page: PageContext, scenario: Scenario) -> str:
    effect = scenario.effect
    if effect is None:
        return ""
    return _money(page, scenario, effect.changed.profit - effect.base.profit)


def _money(page: PageContext, scenario: Scenario, value: float) -> str:
    factor = 10 ** minor_digits(scenario.currency)
    return formats.money_short(Money(round(value * factor), scenario.currency), page.locale)


def _between(text: str | None, low: float, high: float) -> float:
    """A number a person typed, kept within what is allowed; nothing is 0."""
    try:
        value = float((text or "0").replace("\u2212", "-").rstrip("%") or 0)
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(value) else min(max(value, low), high)


PAGES = (list_page, ask, scenario_page, progress)

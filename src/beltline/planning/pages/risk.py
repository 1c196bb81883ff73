"""Inventory risk: what may run out, what is too much or dead, and what to do about it."""

from typing import Annotated, Final

from litestar import Response, get
from litestar.params import Parameter, QueryParameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.money import Money, minor_digits
from beltline.kit.uom import Uom
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, local_name
from beltline.planning.queries import risks, runs
from beltline.planning.rules import remedies
from beltline.planning.types.risks import Remedy, RemedyKind, RiskFilters, RiskState
from beltline.trade import queries as trade

Words = Annotated[str, Parameter(max_length=200)]

STATES: Final = {
    RiskState.OUT: N_("Nothing left"), RiskState.AT_RISK: N_("May run out"),
    RiskState.OVER: N_("Too much"), RiskState.DEAD: N_("Dead stock"),
    RiskState.FIT: N_("As it should be"),
}  # fmt: skip
TONES: Final = {
    RiskState.OUT: "crit", RiskState.AT_RISK: "warn", RiskState.OVER: "info",
    RiskState.DEAD: "mute", RiskState.FIT: "ok",
}  # fmt: skip
REMEDIES: Final = {
    RemedyKind.TRANSFER: N_("Transfer"), RemedyKind.MARKDOWN: N_("Markdown"),
    RemedyKind.RETURN: N_("Return to the supplier"), RemedyKind.BUNDLE: N_("Bundle"),
}  # fmt: skip
SENTENCES: Final = {
    RemedyKind.TRANSFER: N_("Move %(units)s to %(at)s, which lacks them"),
    RemedyKind.MARKDOWN: N_("Take %(discount)s off the price of %(units)s"),
    RemedyKind.RETURN: N_("Return %(units)s to the supplier"),
    RemedyKind.BUNDLE: N_("Sell %(units)s with %(partner)s, %(discount)s off"),
}
CLASSES: Final = ("A", "B", "C", "X", "Y", "Z", *(a + x for a in "ABC" for x in "XYZ"))


@get("/risk")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    standing: Annotated[str, QueryParameter(name="state")] = "",
    remedy: str = "",
    node: str = "",
    cls: str = "",
    q: Words = "",
    after: str = "",
) -> Response[str]:
    """Positions of the latest plan, the most money at stake first."""
    actor.needs_operator()
    state = standing if standing in STATES else ""
    remedy = remedy if remedy in REMEDIES else ""
    cls = cls if cls in CLASSES else ""
    view = View("/risk", {"state": state, "remedy": remedy, "node": node, "cls": cls, "q": q})
    filters = RiskFilters(
        state=RiskState(state) if state else None, remedy=RemedyKind(remedy) if remedy else None,
        node=node or None, classes=cls, words=q.strip(),
    )  # fmt: skip
    rows: list[risks.Risk] = []
    totals: list[risks.StateTotal] = []
    following = None
    async with database.reading(actor) as db:
        run = await runs.find_latest_run(db, actor.org_id)
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
        if run is not None:
            rows, following = await risks.list_risks(
                db, actor.org_id, run.id, filters, limit=PAGE_ROWS, cursor=after or None
            )
            totals = await risks.total_risks(db, actor.org_id, run.id, filters)
    names = [(n.code, local_name(page.locale, n.name, n.name_zh)) for n in nodes]
    currency = str(run.parameters.get("currency", "CNY")) if run else "CNY"
    return render(
        "planning/risk.html", page, rows=rows, following=following or "", after=after, run=run,
        view=view, nodes=names, node_names=dict(names), totals={t.state: t for t in totals},
        tabs=_tabs(page, view, totals), states=STATES, tones=TONES, RiskState=RiskState,
        currency=currency, Money=Money, classes=[(c, c) for c in CLASSES],
        remedy_names=[(kind.value, page.gettext(name)) for kind, name in REMEDIES.items()],
        told={
            (row.sku_id, row.node_id): [
                _told(page, one, row.uom, dict(names), currency) for one in row.remedies
            ]
            for row in rows
        },
        assumed=_assumptions(page),
    )  # fmt: skip


def _tabs(
    page: PageContext, view: View, totals: list[risks.StateTotal]
) -> list[tuple[str, str, bool]]:
    _ = page.gettext
    counts = {t.state: t.positions for t in totals}
    now = view.values["state"]
    title = _("All positions")
    every = [(f"{title} {sum(counts.values()):,}", view.but(state=""), not now)]
    return every + [
        (f"{_(name)} {counts.get(state, 0):,}", view.but(state=state.value), now == state)
        for state, name in STATES.items()
    ]


def _told(
    page: PageContext, remedy: Remedy, uom: str, nodes: dict[str, str], currency: str
) -> tuple[str, str]:
    """A remedy as a sentence, and what it gains."""
    text = page.gettext(SENTENCES[remedy.kind]) % {
        "units": formats.quantity(remedy.units, Uom(uom), page.locale),
        "at": nodes.get(remedy.at, remedy.at), "partner": remedy.partner,
        "discount": formats.percent(remedy.discount),
    }  # fmt: skip
    factor = 10 ** minor_digits(currency)
    saves, costs = (
        formats.money_short(Money(round(value * factor), currency), page.locale)
        for value in (remedy.benefit, remedy.cost)
    )
    return text, page.gettext("saves %(saves)s, costs %(costs)s") % {
        "saves": saves, "costs": costs,
    }  # fmt: skip


def _assumptions(page: PageContext) -> list[tuple[str, str]]:
    _ = page.gettext
    return [
        (_("Never too much: what sells within"), f"{remedies.KEEP_DAYS:.0f} d"),
        (_("Dead: no sale for"), f"{remedies.IDLE_DAYS} d"),
        (_("Counted as lost: what sells later than"), f"{remedies.LOST_AFTER_DAYS:.0f} d"),
        (_("A transfer costs, of the unit's cost"), formats.percent(remedies.TRANSFER_COST)),
        (_("A supplier credits, of the unit's cost"), formats.percent(remedies.RETURN_CREDIT)),
        (_("Sales for one percent off the price"), f"+{remedies.ELASTICITY}%"),
        (_("Buyers of the partner who take a bundle"), formats.percent(remedies.BUNDLE_SHARE)),
    ]


PAGES = (list_page,)

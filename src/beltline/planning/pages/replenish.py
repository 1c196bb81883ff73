"""Proposals to decide: the table, decisions singly and in bulk, undo, and the purchases made."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.ids import read_id
from beltline.kit.money import Money
from beltline.kit.uom import Uom, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import Flash, PageContext, Undo, render, safe_next
from beltline.kit.web.view import PAGE_ROWS, View, local_name, with_query
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.pages.pictures import spark_of
from beltline.planning.queries import glances, proposals, runs
from beltline.planning.rules.sentences import explain_why
from beltline.planning.types import Amount, Filters, Proposal, Status, Urgency
from beltline.suppliers import queries as suppliers
from beltline.trade import queries as trade

Words = Annotated[str, Parameter(max_length=200)]

STATUSES: Final = {
    Status.OPEN: N_("To decide"), Status.DEFERRED: N_("Over budget"),
    Status.ACCEPTED: N_("Accepted"),
    Status.REJECTED: N_("Rejected"), Status.ISSUED: N_("Purchased"),
    Status.SUPERSEDED: N_("Superseded"),
}  # fmt: skip
TONES: Final = {
    Status.OPEN: "info", Status.DEFERRED: "warn", Status.ACCEPTED: "ok",
    Status.REJECTED: "crit", Status.ISSUED: "mute", Status.SUPERSEDED: "mute",
}  # fmt: skip
SHOWN: Final = (
    Status.OPEN, Status.DEFERRED, Status.ACCEPTED, Status.REJECTED, Status.ISSUED,
)  # fmt: skip
URGENCIES: Final = {
    Urgency.NOW: N_("Order by today or late"), Urgency.WEEK: N_("Within 7 d"),
    Urgency.LATER: N_("Later"),
}  # fmt: skip

RETURNS: Final = {
    "REFUSED": N_("The factory refused the purchase: decide again."),
    "EXPIRED": N_("The factory did not answer in time: decide again."),
    "CANCELLED": N_("The purchase was cancelled: decide again."),
}

Web = Request[Any, Any, State]
Chip = tuple[str, str, bool]


@get("/replenish")
async def list_page(
    *,
    database: Database,
    actor: Actor,
    page: PageContext,
    status: str = "",
    due: str = "",
    node: str = "",
    belt: str = "",
    supplier: str = "",
    q: Words = "",
    returned: bool = False,
    after: str = "",
    made: int = 0,
) -> Response[str]:
    """Proposals by order-by date, narrowed; what waits to be issued; what can be undone."""
    actor.needs_operator()
    # What waits for a decision is the list; any other status is a filter.
    status = status if status in SHOWN and status != Status.OPEN else ""
    values: dict[str, str | bool] = {
        "status": status, "due": due, "node": node, "belt": belt, "supplier": supplier, "q": q,
        "returned": returned,
    }  # fmt: skip
    view = View("/replenish", values)
    filters, today = filters_of(values), page.today
    async with database.reading(actor) as db:
        run = await runs.find_latest_run(db, actor.org_id)
        tallies = await glances.tally_proposals(db, actor.org_id, filters, today=today)
        rows, following = await proposals.list_proposals(
            db, actor.org_id, filters, today=today, limit=PAGE_ROWS, cursor=after or None
        )
        sparks = await glances.list_sparks(
            db, actor.org_id, [(row.plan_run_id, row.sku_id, row.node_id) for row in rows]
        )
        waiting = await glances.sum_waiting(db, actor.org_id)
        nodes = await trade.list_nodes(db, own_only=True, limit=500)
        belts = await suppliers.list_belts_in_use(db)
        page = await _with_undo(db, actor, page, made)
    of_status = [t for t in tallies if t.status is filters.status]
    listed = [t for t in of_status if filters.urgency in {None, t.urgency}]
    urgent = {u: sum(t.count for t in of_status if t.urgency is u) for u in Urgency}
    return render(
        "planning/replenish.html", page, rows=rows, following=following or "", after=after,
        view=view, run=run, count=sum(t.count for t in listed), sums=_sums(listed), waiting=waiting,
        sparks={(spark.sku_id, spark.node_id): spark_of(spark) for spark in sparks},
        tabs=_tabs(page, view, tallies), urgencies=URGENCIES, today=today, Money=Money,
        why={row.id: short_why(row, page.locale) for row in rows},
        node_names={n.code: local_name(page.locale, n.name, n.name_zh) for n in nodes},
        belt_names={b.id: local_name(page.locale, b.name_en, b.name_zh) for b in belts},
        here=with_query("/replenish", **values, after=after), errors={}, Status=Status,
        decision=filters.status,
        statuses=STATUSES, tones=TONES, amounts=amounts, typed=typed,
        due_options=[
            (due, f"{page.gettext(text)}, {urgent[due]:,}")
            for due, text in URGENCIES.items()
        ],
        chips=_chips(page, view, supplier, returned), returns=RETURNS,
    )  # fmt: skip


def _chips(page: PageContext, view: View, supplier: str, returned: bool) -> list[Chip]:  # noqa: FBT001
    """What narrows the list beside the form: each is taken away by its own address."""
    _ = page.gettext
    chips = []
    if supplier:
        chips.append((f"{_('Supplier')} {supplier}", view.but(supplier=""), True))
    if returned:
        chips.append((_("Came back from a purchase"), view.but(returned=False), True))
    return chips


def filters_of(values: Mapping[str, Any]) -> Filters:
    """The filters of a view's values: open proposals unless they say otherwise."""
    status, due = values.get("status"), values.get("due")
    return Filters(
        status=Status(status) if status in SHOWN else Status.OPEN,
        urgency=Urgency(due) if due in URGENCIES else None,
        node=values.get("node") or None, supplier=values.get("supplier") or None,
        belt=values.get("belt") or None, words=str(values.get("q") or "").strip()[:200],
        is_returned=bool(values.get("returned")),
    )  # fmt: skip


def amounts(totals: list[Amount], locale: str) -> str:
    """Sums of each currency side by side: they are never added up."""
    shown = [formats.money_short(Money(a.amount, a.currency), locale) for a in totals]
    return " + ".join(shown)


def _sums(tallies: list[glances.Tally]) -> list[Amount]:
    currencies = sorted({tally.currency for tally in tallies})
    of = {c: [tally for tally in tallies if tally.currency == c] for c in currencies}
    return [Amount(c, sum(t.amount for t in of[c]), sum(t.count for t in of[c])) for c in of]


def _tabs(
    page: PageContext, view: View, tallies: list[glances.Tally]
) -> list[tuple[str, str, bool]]:
    _ = page.gettext
    counts = {s: sum(t.count for t in tallies if t.status is s) for s in SHOWN}
    return [
        (f"{_(STATUSES[status])} {counts[status]:,}",
         view.but(status="" if status is Status.OPEN else status),
         (view.values["status"] or Status.OPEN) == status)
        for status in SHOWN
    ]  # fmt: skip


async def _with_undo(db: Reader, actor: Actor, page: PageContext, made: int) -> PageContext:
    """The page with what its reader can take back, and what was just made."""
    _ = page.gettext
    latest = await proposals.find_latest_decision(
        db, actor.org_id, actor.name, actor.via_id, since=page.now - actions.UNDO_WITHIN
    )
    undo = latest and Undo(
        _(_DONE[latest.kind]) % {"count": f"{latest.count:,}"}, "/replenish/undo",
        latest.decided_at + actions.UNDO_WITHIN,
    )  # fmt: skip
    flash = None
    if made:
        text = page.ngettext("%(n)s purchase created.", "%(n)s purchases created.", made)
        flash = Flash("ok", text % {"n": f"{made:,}"})
    return msgspec.structs.replace(page, undo=undo, flash=flash or page.flash)


_DONE: Final = {
    "ACCEPT": N_("%(count)s proposals accepted"),
    "REJECT": N_("%(count)s proposals rejected"),
    "REOPEN": N_("%(count)s proposals put back"),
    "EDIT": N_("%(count)s quantity changed"),
}


@post("/replenish/decide")
async def decide(*, request: Web, database: Database, actor: Actor, page: PageContext) -> Any:
    """Accept, reject or put back the chosen proposals, or all that the filters name."""
    form = list((await request.form()).multi_items())
    fields = {name: value for name, value in form if isinstance(value, str)}
    chosen = [read_id("prp", value) for name, value in form if name == "proposal"]
    act = {"accept": actions.accept, "reject": actions.reject, "reopen": actions.reopen}.get(
        fields.get("act", "")
    )
    has_all = fields.get("all") == "1"
    if act is not None and (chosen or has_all):
        filters = filters_of(fields) if has_all else None
        async with database.writing(actor) as db:
            await act(
                db, actor, proposal_ids=chosen, filters=filters, note=fields.get("note", "")[:500],
                now=page.now,
            )  # fmt: skip
    return back(fields.get("next"))


@post("/replenish/undo")
async def undo(*, request: Web, database: Database, actor: Actor, page: PageContext) -> Any:
    """Take the latest decision back."""
    form = await request.form()
    async with database.writing(actor) as db:
        await actions.undo_latest(db, actor, now=page.now)
    return back(form.get("next"))


@post("/replenish/issue")
async def issue(*, database: Database, actor: Actor, page: PageContext) -> Any:
    """Make purchase orders of all accepted proposals."""
    async with database.writing(actor) as db:
        issued = await purchases_actions.issue_purchases(db, actor, now=page.now)
    return to(with_query("/replenish", status=Status.ISSUED.value, made=str(len(issued))))


def back(target: Any) -> Response[None]:
    """See the page the act was asked from."""
    path = safe_next(target if isinstance(target, str) and target else "/replenish")
    return to(path)


async def row_values(
    db: Reader, actor: Actor, page: PageContext, proposal: Proposal
) -> dict[str, Any]:
    """What the template of one row needs."""
    key = (proposal.plan_run_id, proposal.sku_id, proposal.node_id)
    sparks = await glances.list_sparks(db, actor.org_id, [key])
    nodes = await trade.list_nodes(db, own_only=True, limit=500)
    belts = await suppliers.list_belts_in_use(db)
    return {
        "row": proposal,
        "sparks": {(spark.sku_id, spark.node_id): spark_of(spark) for spark in sparks},
        "why": {proposal.id: short_why(proposal, page.locale)},
        "node_names": {n.code: local_name(page.locale, n.name, n.name_zh) for n in nodes},
        "belt_names": {b.id: local_name(page.locale, b.name_en, b.name_zh) for b in belts},
        "today": page.today, "Money": Money, "Status": Status,
        "statuses": STATUSES, "tones": TONES, "typed": typed, "returns": RETURNS,
    }  # fmt: skip


def short_why(proposal: Proposal, locale: str) -> str:
    """The one reason a row has room for: what its other cells do not say already."""
    telling = [reason for reason in proposal.why if reason.code in _TELLING]
    # A last-order date far ahead is good to know, but not what sets this order's date.
    telling = [r for r in telling if r.code != "LAST_ORDER_DATE" or r.ds == proposal.order_by]
    telling.sort(key=lambda reason: _TELLING.index(reason.code))
    return next(iter(explain_why(telling or proposal.why, locale)), "")


_TELLING: Final = (
    "LAST_ORDER_DATE", "CLOSURE", "CAPACITY_LIMITED", "MOQ_RAISED", "PRICE_BREAK",
    "PACK_ROUNDED", "BELOW_TARGET", "CLOSURE_AHEAD",
)  # fmt: skip


def typed(quantity: int, uom: str) -> str:
    """A quantity as it stands in a field: in the unit of sale."""
    return show_quantity(quantity, Uom(uom))


def proposal_id(text: str) -> UUID:
    """The id of a proposal in an address."""
    return read_id("prp", text)


PAGES = (list_page, decide, undo, issue)

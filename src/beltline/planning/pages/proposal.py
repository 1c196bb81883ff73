"""One proposal: why in full, the forecast it rests on, the offers that were compared."""

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id
from beltline.kit.money import Money
from beltline.kit.uom import Uom, read_quantity, show_quantity
from beltline.kit.web import formats
from beltline.kit.web.page import PageContext, render
from beltline.planning import actions
from beltline.planning.pages.pictures import forecast_chart
from beltline.planning.pages.replenish import (
    RETURNS,
    STATUSES,
    TONES,
    back,
    proposal_id,
    row_values,
)
from beltline.planning.queries import proposals, runs, series
from beltline.planning.rules.sentences import explain_drivers, explain_why
from beltline.planning.types import Proposal, QuantityNotAllowed, Status
from beltline.suppliers import queries as suppliers

HISTORY: Final = dt.timedelta(days=730)

Web = Request[Any, Any, State]


class Wrong(msgspec.Struct, frozen=True):
    """Why a quantity was not taken, and what would be (as typed)."""

    asked: str
    text: str
    nearest: tuple[str, ...] = ()


@get("/proposals/{id_:str}")
async def proposal_page(
    id_: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """Everything about one proposal."""
    return await _show(database, actor, page, id_)


async def _show(
    database: Database, actor: Actor, page: PageContext, id_: str, wrong: Wrong | None = None
) -> Response[str]:
    today = page.today
    async with database.reading(actor) as db:
        found = await proposals.get_proposal(db, actor.org_id, proposal_id(id_))
        run = await runs.get_run(db, actor.org_id, found.plan_run_id)
        band = await series.find_band(
            db, actor.org_id, found.sku_id, found.node_id, plan_run_id=found.plan_run_id
        )
        history = await series.list_history(
            db, actor.org_id, found.sku_id, found.node_id, since=run.cut_off - HISTORY,
            until=today,
        )  # fmt: skip
        breaks = await proposals.list_breaks(db, found.offer_id)
        sellers = await suppliers.list_suppliers_by_code(
            db, codes=sorted({found.supplier, *(a.supplier for a in found.alternatives)})
        )
    return render(
        "planning/proposal.html", page, status=422 if wrong else 200, row=found, run=run,
        band=band, breaks=breaks, sellers={seller.code: seller for seller in sellers},
        why=explain_why(found.why, page.locale),
        drivers=explain_drivers(band.drivers, page.locale) if band else [],
        chart=forecast_chart(page, uom=found.uom, freq=run.freq, history=history, band=band,
                             today=today) if history or band else None,
        statuses=STATUSES, tones=TONES, returns=RETURNS, Status=Status, Money=Money, wrong=wrong,
        typed=wrong.asked if wrong else show_quantity(found.quantity, Uom(found.uom)),
        run_currency=str(run.parameters.get("currency", found.currency)), today=today,
    )  # fmt: skip


@post("/proposals/{id_:str}/edit", status_code=200)
async def edit(
    id_: str, request: Web, database: Database, actor: Actor, page: PageContext
) -> Response[Any]:
    """Another quantity; htmx gets the row again, everybody else the page they came from."""
    form = await request.form()
    asked = str(form.get("nearest") or form.get("quantity", ""))[:20]
    version = str(form.get("version", ""))
    wrong = None
    async with database.writing(actor) as db:
        before = await proposals.get_proposal(db, actor.org_id, proposal_id(id_))
        try:
            async with db.savepoint():
                await actions.edit_proposal(
                    db, actor, proposal_id=before.id, now=page.now,
                    quantity=read_quantity(asked, Uom(before.uom)) or 0,
                    version=int(version) if version.isdigit() else before.version,
                    note=str(form.get("note", ""))[:500],
                )  # fmt: skip
        except Refusal as refusal:
            wrong = _wrong(page, before, asked, refusal)
        if page.fragment:
            found = await proposals.get_proposal(db, actor.org_id, before.id)
            values = await row_values(db, actor, page, found)
            return render(
                "planning/row.html", page, **values, errors={found.id: wrong} if wrong else {}
            )
    if wrong is not None:
        return await _show(database, actor, page, id_, wrong)
    return back(form.get("next") or f"/proposals/{id_}")


def _wrong(page: PageContext, proposal: Proposal, asked: str, refusal: Refusal) -> Wrong:
    """A refused quantity in the unit people typed it in."""
    _ = page.gettext
    if not isinstance(refusal, QuantityNotAllowed):
        return Wrong(asked, _(refusal.detail).format(title=_(refusal.title), **refusal.fields))
    uom = Uom(proposal.uom)
    text = _("The minimum is %(moq)s, the pack %(pack)s.") % {
        "moq": formats.quantity(refusal.moq, uom, page.locale),
        "pack": formats.quantity(refusal.pack_size, uom, page.locale),
    }
    nearest = sorted({units for units in (refusal.below, refusal.above) if units > 0})
    return Wrong(asked, text, tuple(show_quantity(units, uom) for units in nearest))


@post("/proposals/{id_:str}/decide")
async def decide(
    id_: str, request: Web, database: Database, actor: Actor, page: PageContext
) -> Response[None]:
    """Accept, reject or put back this one."""
    form = await request.form()
    act = {"accept": actions.accept, "reject": actions.reject, "reopen": actions.reopen}.get(
        str(form.get("act"))
    )
    version = str(form.get("version", ""))
    if act is not None:
        async with database.writing(actor) as db:
            await act(
                db, actor, proposal_ids=[proposal_id(id_)], note=str(form.get("note", ""))[:500],
                version=int(version) if version.isdigit() else None, now=page.now,
            )  # fmt: skip
    return back(f"/proposals/{id_}")


@post("/proposals/{id_:str}/supplier")
async def choose(
    id_: str, request: Web, database: Database, actor: Actor, page: PageContext
) -> Response[None]:
    """Buy it by another of the offers compared."""
    form = await request.form()
    version = str(form.get("version", ""))
    async with database.writing(actor) as db:
        found = await proposals.get_proposal(db, actor.org_id, proposal_id(id_))
        await actions.choose_supplier(
            db, actor, proposal_id=found.id, offer_id=read_id("ofr", str(form.get("offer", ""))),
            version=int(version) if version.isdigit() else found.version, now=page.now,
        )  # fmt: skip
    return back(f"/proposals/{id_}")


PAGES = (proposal_page, edit, decide, choose)

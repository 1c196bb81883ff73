"""Cases against shops: the list and one case, for the operator and for the shop itself."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers.actions import cases as actions
from beltline.suppliers.pages.forms import FORM_BYTES, WebRequest, picture_of, text_of
from beltline.suppliers.pages.words import CASES, GROUNDS
from beltline.suppliers.queries import cases as queries
from beltline.suppliers.rules import cases as rules
from beltline.suppliers.types import CaseState, Ground, ReasonNeeded

C = CaseState
TABS: Final = {
    "": (N_("Undecided"), rules.OPEN),
    "done": (N_("Decided"), (C.RESTORED, C.DELISTED, C.FINAL_RESTORED, C.FINAL_DELISTED)),
}


@get("/cases")
async def list_page(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = "",
    supplier: str = "",
) -> Response[str]:  # fmt: skip
    """Cases, the newest first; the operator opens one here."""
    return await _list(database, actor, page, tab, after, form={"supplier": supplier})


async def _list(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = "", *,
    form: dict[str, str], refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    tab = tab if tab in TABS else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_cases(
            db, states=TABS[tab][1], before=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.opened_at, row.id))
    view = View("/cases", {"tab": tab})
    return render(
        "suppliers/cases.html", page, status=refusal.status if refusal else 200, rows=shown,
        following=following, after=after, view=view, words=CASES, grounds=GROUNDS, form=form,
        tabs=[(page.gettext(text), view.but(tab=name), name == tab)
              for name, (text, _) in TABS.items()],
        ground_options=[(g.value, page.gettext(text)) for g, text in GROUNDS.items()],
        is_operator=actor.org_kind == "OPERATOR", is_wrong=refusal is not None,
    )  # fmt: skip


@post("/cases")
async def open_case(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Open a case; its goods are off the shelf from then on."""
    actor.needs_operator()
    form = {name: text_of(await request.form(), name)[:4_000] for name in (
        "supplier", "ground", "skus", "claimant", "right_number", "statement", "replacement",
    )}  # fmt: skip
    try:
        if form["ground"] not in set(Ground):
            raise ReasonNeeded(param="ground")
        told = actions.Complaint(
            form["supplier"], Ground(form["ground"]), form["statement"], form["skus"].split(),
            form["claimant"][:200], form["right_number"][:120], form["replacement"],
        )  # fmt: skip
        async with database.writing(actor) as db:
            made = await actions.open_case(db, actor, told, now=now)
    except Refusal as refusal:
        return await _list(database, actor, page, form=form, refusal=refusal)
    return to(f"/cases/{show_id('case', made.id)}")


@get("/cases/{case_id:str}")
async def case_page(
    case_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One case: what is complained of, what was said, what was decided, what can be done."""
    async with database.reading(actor) as db:
        return await _case(db, actor, page, read_id("case", case_id))


async def _case(
    db: Reader, actor: Actor, page: PageContext, case_id: UUID, *, refusal: Refusal | None = None
) -> Response[str]:
    case = await queries.get_case(db, case_id)
    is_operator = actor.org_kind == "OPERATOR"
    may_delist = case.state is not C.FROZEN or page.now >= case.answer_by
    may_appeal = (
        case.state is C.DELISTED and case.decided_at is not None
        and page.now <= case.decided_at + rules.APPEAL_WITHIN
    )  # fmt: skip
    return render(
        "suppliers/case.html", page, status=refusal.status if refusal else 200, case=case,
        words=CASES, grounds=GROUNDS, is_operator=is_operator,
        statements=await queries.list_statements(db, case_id), is_open=case.state in rules.OPEN,
        holds=case.state in rules.HOLDING, may_delist=may_delist,
        may_appeal=may_appeal and not is_operator, path=f"/cases/{show_id('case', case.id)}",
        why=_why(page, refusal) if refusal else "",
    )  # fmt: skip


def _why(page: PageContext, refusal: Refusal) -> str:
    _ = page.gettext
    if refusal.code == "suppliers.reason_needed":
        return _("Say in a few words why; the other side reads it.")
    if refusal.code == "kit.image_refused":
        return _("Send a photo as JPEG, PNG or WebP of at most 8 MiB and 40 megapixels.")
    return _("This is not possible now; the page shows how it stands.")


@post("/cases/{case_id:str}", request_max_body_size=FORM_BYTES, opt={"signed_in": True})
async def act(
    case_id: str, request: WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Evidence, a decision or an appeal."""
    found, form = read_id("case", case_id), dict(await request.form())
    step, text = text_of(form, "step"), text_of(form, "text")[:4_000]
    try:
        async with database.writing(actor) as db:
            if step in ("restore", "delist"):
                await actions.decide_case(
                    db, actor, case_id=found, restore=step == "restore", note=text, now=now
                )
            elif step == "appeal":
                await actions.appeal_case(db, actor, case_id=found, text=text, now=now)
            else:
                data = await picture_of(form, "picture")
                await actions.answer_case(
                    db, actor, case_id=found, text=text, data=data, now=now
                )  # fmt: skip
    except Refusal as refusal:
        async with database.reading(actor) as db:
            return await _case(db, actor, page, found, refusal=refusal)
    return to(f"/cases/{case_id}")


PAGES = (list_page, open_case, case_page, act)

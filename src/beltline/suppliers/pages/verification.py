"""The verification queue of the operator, a partner's tasks on the spot, and strict selection."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.accounts import queries as organizations
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers import queries as directory
from beltline.suppliers.actions import verification as actions
from beltline.suppliers.pages.directory import KINDS
from beltline.suppliers.pages.forms import WebRequest, text_of
from beltline.suppliers.pages.words import CERTIFICATES, PURPOSES, STANDINGS, STATES, TONES
from beltline.suppliers.queries import cases, record
from beltline.suppliers.queries import verification as queries
from beltline.suppliers.rules import strict, tiers
from beltline.suppliers.rules import verification as rules
from beltline.suppliers.types import FieldUnusable, Purpose
from beltline.suppliers.types import VerificationState as S

TABS: Final = {
    "": (N_("To decide"), (S.SUBMITTED, S.REVIEW)),
    "visits": (N_("Visits"), (S.LOCAL_CHECK,)),
    "invited": (N_("With the supplier"), (S.INVITED, S.DRAFT, S.RETURNED)),
    "done": (N_("Decided"), (S.VERIFIED, S.REFUSED, S.EXPIRED)),
}


@get("/verification")
async def queue_page(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = ""
) -> Response[str]:
    """Who waits to be verified, the longest first; and a form to invite another."""
    actor.needs_operator()
    return await _queue(database, actor, page, tab, after)


async def _queue(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = "", *,
    form: dict[str, str] | None = None, refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    tab = tab if tab in TABS else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_verifications(
            db, states=TABS[tab][1], after=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        belts = await directory.list_belts(db)
    shown, following = cut(rows, lambda row: (row.submitted_at or row.created_at, row.id))
    view = View("/verification", {"tab": tab})
    return render(
        "suppliers/queue.html", page, status=refusal.status if refusal else 200, rows=shown,
        following=following, after=after, view=view, states=STATES, tones=TONES,
        tabs=[(page.gettext(text), view.but(tab=name), name == tab)
              for name, (text, _) in TABS.items()],
        kinds=[(code, page.gettext(text)) for code, text in KINDS.items()],
        belts=[(belt.id, belt.name_zh if page.locale == "zh" else belt.name_en) for belt in belts],
        form=form or {}, wrong=(refusal.param or "code") if refusal else "",
        why=page.gettext("Taken, or not usable as a code.") if refusal else "",
    )  # fmt: skip


@post("/verification")
async def invite(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Bring a supplier in and go to its verification, where the link for its phone is made."""
    actor.needs_operator()
    form = {name: text_of(await request.form(), name) for name in (
        "code", "name", "name_zh", "kind", "belt", "contact_name", "phone")}  # fmt: skip
    belt = form["belt"] or None
    asked = msgspec.convert({**form, "belt": belt}, actions.Invitation)
    try:
        _check_invitation(asked)
        async with database.writing(actor) as db:
            made = await actions.invite(db, actor, asked, now=now)
    except Refusal as refusal:
        return await _queue(database, actor, page, form=form, refusal=refusal)
    return to(f"/verification/{show_id('ver', made.id)}")


def _check_invitation(asked: actions.Invitation) -> None:
    code = asked.code
    if not 2 <= len(code) <= 63 or "@" in code or any(c.isspace() for c in code):
        raise FieldUnusable(field="code", value=code[:60], param="code")
    if not code[0].isalnum():
        raise FieldUnusable(field="code", value=code[:60], param="code")
    if not 1 <= len(asked.name) <= 200 or asked.kind not in KINDS:
        raise FieldUnusable(field="name", value=asked.name[:60], param="name")


@get("/verification/{verification_id:str}")
async def one_page(
    verification_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One verification with its papers, visits and decision."""
    actor.needs_operator()
    async with database.reading(actor) as db:
        return await _one(db, page, read_id("ver", verification_id))


async def _one(
    db: Reader, page: PageContext, verification_id: UUID, *, address: str = "",
    until: dt.datetime | None = None, refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    found = await queries.get_verification(db, verification_id)
    documents = await queries.list_documents(db, found.org_id)
    profile = await queries.get_profile(db, found.org_id)
    supplier = await directory.get_supplier(db, found.org_id)
    standard = strict.standard_on(page.today)
    partners = await organizations.list_organizations(db)
    return render(
        "suppliers/verification.html", page, status=refusal.status if refusal else 200, v=found,
        supplier=supplier, profile=profile, states=STATES, tones=TONES, standings=STANDINGS,
        pictures={p: [d for d in documents if d.purpose is p] for p in Purpose},
        purposes=PURPOSES, certificates=await queries.list_certificates(db, found.org_id),
        kinds=CERTIFICATES, checks=await queries.list_checks(db, verification_id=found.id),
        checklist=rules.CHECKLIST, answers=rules.ANSWERS, required=rules.REQUIRED,
        lacking=rules.missing(profile, documents), can=rules.NEXT[found.state],
        editable=found.state in rules.EDITABLE, address=address, until=until,
        partners=[(p.code, p.name) for p in partners if p.kind in ("PARTNER", "INSPECTOR")],
        path=f"/verification/{show_id('ver', found.id)}", standard=standard, strict=strict,
        platform=await _platform(db, found.org_id, page),
        reviews=await queries.list_reviews(db, found.org_id),
        error=page.gettext("A reason is needed, and every item answered; the supplier reads it.")
        if refusal else "",
    )  # fmt: skip


async def _platform(db: Reader, org_id: UUID, page: PageContext) -> dict[str, str]:
    """What the data say of a supplier now, by item of the strict standard."""
    return strict.platform_results(
        verification=await queries.find_latest(db, org_id),
        figures=await record.list_figures(db, org_id),
        cases_lost=await cases.count_lost(db, org_id, since=page.now - tiers.WINDOW),
        bounds_b={measure: bar.b for measure, bar in tiers.BARS.items()}, today=page.today,
    )  # fmt: skip


@post("/verification/{verification_id:str}")
async def act(
    verification_id: str, request: WebRequest, database: Database, actor: Actor,
    page: PageContext, now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """What the operator does with a verification: link, visit, review, certificate, decision."""
    actor.needs_operator()
    found, form = read_id("ver", verification_id), dict(await request.form())
    step, note = text_of(form, "step"), text_of(form, "note")[:1_000]
    try:
        async with database.writing(actor) as db:
            if step == "link":
                link = await actions.send_link(db, actor, verification_id=found, now=now)
                return await _one(db, page, found, address=_address(request, link.token),
                                  until=link.expires_at)  # fmt: skip
            await _do(db, actor, found, step, note, form, now)
    except Refusal as refusal:
        async with database.reading(actor) as db:
            return await _one(db, page, found, refusal=refusal)
    return to(f"/verification/{verification_id}")


async def _do(
    db: Any, actor: Actor, found: UUID, step: str, note: str, form: dict[str, Any], now: dt.datetime
) -> None:
    if step == "visit":
        partner = text_of(form, "partner")
        await actions.ask_partner(db, actor, verification_id=found, partner=partner, now=now)
    elif step == "review":
        await actions.begin_review(db, actor, verification_id=found, note=note, now=now)
    elif step in (S.VERIFIED, S.RETURNED, S.REFUSED):
        await actions.decide(db, actor, verification_id=found, to=S(step), note=note, now=now)
    else:
        org_id = (await queries.get_verification(db, found)).org_id
        if step == "strict":
            manual = {name: text_of(form, name) for name in form}
            await actions.review_strictly(
                db, actor, org_id=org_id, manual=manual, note=note, now=now
            )
        elif step in ("confirm", "reject"):
            await actions.decide_certificate(
                db, actor, org_id=org_id, certificate_id=read_id("cert", text_of(form, "of")),
                confirm=step == "confirm", now=now,
            )  # fmt: skip


def _address(request: Request[Any, Any, State], token: str) -> str:
    return f"{str(request.base_url).rstrip('/')}/g/supplier/{token}"


@get("/checks")
async def checks_page(database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """What a partner is asked to look at on the spot, the most urgent first."""
    async with database.reading(actor) as db:
        checks = await queries.list_checks(db, limit=250)
    return render("suppliers/checks.html", page, checks=checks)


@get("/checks/{check_id:str}")
async def check_page(
    check_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """One task on the spot, on a phone: what the supplier says, and what was seen."""
    async with database.reading(actor) as db:
        return await _check(db, page, read_id("chk", check_id))


async def _check(
    db: Reader, page: PageContext, check_id: UUID, *, form: dict[str, str] | None = None
) -> Response[str]:
    check = await queries.get_check(db, check_id)
    documents = await queries.list_documents(db, check.org_id)
    return render(
        "suppliers/check.html", page, status=422 if form else 200, check=check, form=form or {},
        profile=await queries.get_profile(db, check.org_id), documents=documents,
        checklist=rules.CHECKLIST, answers=rules.ANSWERS, purposes=PURPOSES,
    )  # fmt: skip


@post("/checks/{check_id:str}")
async def report(
    check_id: str, request: WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """What was seen on the spot; a no needs a word of why."""
    found = read_id("chk", check_id)
    form = {name: text_of(await request.form(), name) for name in (*rules.CHECKLIST, "note")}
    try:
        async with database.writing(actor) as db:
            await actions.report_check(
                db, actor, check_id=found, answers=form, note=form["note"][:1_000], now=now
            )
    except Refusal:
        async with database.reading(actor) as db:
            return await _check(db, page, found, form=form)
    return to("/checks")


PAGES = (queue_page, invite, one_page, act, checks_page, check_page, report)

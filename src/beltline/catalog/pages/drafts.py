"""New goods: a supplier tells of them by its link or signed in, the operator takes them in."""

import datetime as dt
from typing import Any, Final, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile

from beltline.accounts.types import Guest, LinkEnded
from beltline.catalog.actions import drafts as actions
from beltline.catalog.pages.edit import FIELD_LABELS, SHOWN_MAX, TEXT_MAX
from beltline.catalog.queries import drafts as queries
from beltline.catalog.rules import drafts as rules
from beltline.catalog.types import Approval, BuyersCurrency, DraftPlan, DraftState, DraftUnusable
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id, show_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, chinese_first, render
from beltline.kit.web.view import PAGE_ROWS, View, cut
from beltline.suppliers import queries as suppliers
from beltline.suppliers.actions import verification
from beltline.suppliers.types import Standing

WebRequest = Request[Any, Any, State]
FORM_BYTES: Final = BYTES_MAX + (1 << 20)
OWN: Final = "/shop/goods"
LABELS: Final = {**FIELD_LABELS, "sku": N_("Your number"), "category": N_("Category"),
                 "price": N_("Price, CNY")}  # fmt: skip
STATES: Final = {
    DraftState.WAITING: (N_("waits for approval"), "info"),
    DraftState.RETURNED: (N_("returned"), "warn"),
    DraftState.APPROVED: (N_("in the catalog"), "ok"),
}
TABS: Final = {
    "": (N_("To decide"), DraftState.WAITING),
    "returned": (N_("With the supplier"), DraftState.RETURNED),
    "approved": (N_("Approved"), DraftState.APPROVED),
}
CURRENCIES: Final = get_args(BuyersCurrency)


@get("/g/supplier/{token:str}/goods")
async def guest_page(
    token: str, database: Database, page: PageContext, request: WebRequest, now: dt.datetime
) -> Response[Any]:
    """The goods of who holds a link: no account, Chinese first."""
    page = chinese_first(page, request.cookies)
    guest = await _guest(database, token, now)
    if guest is None:
        return render("suppliers/link_ended.html", page, status=410)
    return await _own(database, guest.actor, page, back=f"/g/supplier/{token}")


@post("/g/supplier/{token:str}/goods", request_max_body_size=FORM_BYTES)
async def guest_post(
    token: str, database: Database, page: PageContext, request: WebRequest, now: dt.datetime
) -> Response[Any]:
    """Tell of goods through a link."""
    page = chinese_first(page, request.cookies)
    guest = await _guest(database, token, now)
    if guest is None:
        return render("suppliers/link_ended.html", page, status=410)
    return await _tell(request, database, guest.actor, page, now, back=f"/g/supplier/{token}")


@get("/g/supplier/{token:str}/photos/{photo_id:str}")
async def guest_photo(
    token: str, photo_id: str, database: Database, now: dt.datetime
) -> Response[Any]:
    """A photo of goods that wait, behind a link."""
    guest = await _guest(database, token, now)
    if guest is None:
        raise LinkEnded
    return await _photo(database, guest.actor, photo_id)


@get(OWN)
async def own_page(database: Database, actor: Actor, page: PageContext) -> Response[Any]:
    """A supplier's new goods, signed in."""
    return await _own(database, actor, page)


@post(OWN, request_max_body_size=FORM_BYTES, opt={"signed_in": True})
async def own_post(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Tell of goods, signed in."""
    return await _tell(request, database, actor, page, now)


@get("/new-goods/photos/{photo_id:str}")
async def photo(photo_id: str, database: Database, actor: Actor) -> Response[Any]:
    """A photo of goods that wait, for who may see it."""
    return await _photo(database, actor, photo_id)


async def _photo(database: Database, actor: Actor, photo_id: str) -> Response[Any]:
    async with database.reading(actor) as db:
        found = await queries.find_photo(db, read_id("pic", photo_id))
    if found is None:
        return Response(b"", status_code=404, media_type="image/png")
    return Response(found[1], media_type=found[0], headers={
        "Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    })  # fmt: skip


async def _guest(database: Database, token: str, now: dt.datetime) -> Guest | None:
    try:
        return await verification.open_link(database, token[:200], now=now)
    except LinkEnded:
        return None


async def _tell(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime, *,
    back: str = "",
) -> Response[Any]:  # fmt: skip
    """Do what a form asks; shown again with the reason when it cannot be done."""
    form = await request.form()
    step, text = _text(form, "step"), str(form.get("text", ""))[:TEXT_MAX]
    upload = form.get("photo")
    data = await upload.read() if isinstance(upload, UploadFile) and upload.filename else None
    fields = {name: _text(form, name) for name in ("sku", *rules.FIELDS)}
    try:
        if step == "preview":
            async with database.reading(actor) as db:
                plan = await actions.plan_sheet(db, actor, text)
            return await _own(database, actor, page, back=back, text=text, plan=plan)
        async with database.writing(actor) as db:
            if step == "sheet":
                await actions.tell_sheet(db, actor, text, now=now)
            elif step == "one":
                await actions.tell(db, actor, fields, data, now=now)
            else:
                found = read_id("dft", _text(form, "of"))
                if step == "photo":
                    await actions.add_photo(db, actor, draft_id=found, data=data or b"", now=now)
                elif step == "take_back":
                    await actions.take_back(db, actor, draft_id=found, now=now)
    except Refusal as refusal:
        return await _own(database, actor, page, back=back, text=text, step=step, form=fields,
                          refusal=refusal)  # fmt: skip
    return to(f"{back}/goods#told" if back else f"{OWN}#told")


async def _own(
    database: Database, actor: Actor, page: PageContext, *, back: str = "", text: str = "",
    plan: DraftPlan | None = None, step: str = "", form: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response[Any]:  # fmt: skip
    async with database.reading(actor) as db:
        own = await queries.list_own(db, actor.org_id)
    return render(
        "catalog/drafts_by_link.html" if back else "catalog/drafts.html", page,
        status=refusal.status if refusal else 200, rows=own, states=STATES, labels=LABELS,
        plan=plan, text=text, step=step, form=form or {}, shown_max=SHOWN_MAX, back=back,
        path=f"{back}/goods" if back else OWN,
        photo_path=f"{back}/photos" if back else "/new-goods/photos",
        why=_why(page, refusal) if refusal else "", wrong=(refusal.param or "") if refusal else "",
        added=sum(row.is_new for row in plan.rows) if plan else 0,
    )  # fmt: skip


def _why(page: PageContext, refusal: Refusal) -> str:
    _ = page.gettext
    if isinstance(refusal, DraftUnusable):
        why = {"sku": rules.NOT_A_CODE, "title_zh": rules.NO_NAME, "price": rules.NO_PRICE}
        text = "" if refusal.value and refusal.field != "sku" else why.get(refusal.field, "")
        return _(text or N_("This cannot be kept; check what is written there."))
    if refusal.code == "kit.image_refused":
        return _("Send a photo as JPEG, PNG or WebP of at most 8 MiB and 40 megapixels.")
    if refusal.code == "catalog.media_full":
        return _("There are as many photos as goods can have; the others are kept.")
    if refusal.code == "catalog.nothing_told":
        return _("Paste a header with number, name and price, and rows below it.")
    return _("This is not possible now; the page shows how it stands.")


@get("/new-goods")
async def queue_page(
    database: Database, actor: Actor, page: PageContext, tab: str = "", after: str = ""
) -> Response[str]:
    """Goods that wait to be taken into the catalog, the longest first."""
    actor.needs_operator()
    tab = tab if tab in TABS else ""
    position = decode_cursor(after, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_drafts(
            db, TABS[tab][1], after=(position[0], position[1]) if position else None,
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
    shown, following = cut(rows, lambda row: (row.sent_at, row.id))
    view = View("/new-goods", {"tab": tab})
    return render(
        "catalog/new_goods.html", page, rows=shown, following=following, after=after, view=view,
        states=STATES,
        tabs=[(page.gettext(text), view.but(tab=name), name == tab)
              for name, (text, _) in TABS.items()],
    )  # fmt: skip


@get("/new-goods/{draft_id:str}")
async def one_page(
    draft_id: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """Goods of a supplier with photos and terms: take them in, or give them back."""
    actor.needs_operator()
    return await _one(database, actor, page, read_id("dft", draft_id))


async def _one(
    database: Database, actor: Actor, page: PageContext, draft_id: UUID, *,
    form: dict[str, str] | None = None, refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    async with database.reading(actor) as db:
        draft = await queries.get_draft(db, draft_id)
        supplier = await suppliers.get_supplier(db, draft.supplier_org_id)
    shown = {"title": draft.title, "title_zh": draft.title_zh, "category": draft.category,
             "price": "", "currency": CURRENCIES[0], "note": ""} | (form or {})  # fmt: skip
    return render(
        "catalog/new_goods_one.html", page, status=refusal.status if refusal else 200, draft=draft,
        supplier=supplier, states=STATES, form=shown, path=f"/new-goods/{show_id('dft', draft.id)}",
        is_verified=supplier.standing == Standing.ACTIVE, waiting=DraftState.WAITING,
        currencies=[(one, one) for one in CURRENCIES],
        wrong=(refusal.param or "page") if refusal else "",
        why=_why_not(page, refusal) if refusal else "",
    )  # fmt: skip


def _why_not(page: PageContext, refusal: Refusal) -> str:
    _ = page.gettext
    if refusal.code == "suppliers.reason_needed":
        return _("Say in a few words why; the other side reads it.")
    if refusal.code == "catalog.draft_unusable":
        return _("This cannot be kept; check what is written there.")
    if refusal.code == "catalog.supplier_not_verified":
        return _("Verify the supplier first; then its goods can be approved.")
    if refusal.code == "catalog.code_taken":
        return _("Their code is a SKU already; return them and ask for another number.")
    return _("This is not possible now; the page shows how it stands.")


@post("/new-goods/{draft_id:str}")
async def decide(
    draft_id: str, request: WebRequest, database: Database, actor: Actor, page: PageContext,
    now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Approve goods, or return them with a reason."""
    actor.needs_operator()
    found, sent = read_id("dft", draft_id), await request.form()
    names = ("step", "title", "title_zh", "category", "price", "currency", "note")
    form = {name: _text(sent, name)[:400] for name in names}
    try:
        async with database.writing(actor) as db:
            if form["step"] == "approve":
                await actions.approve(db, actor, draft_id=found, told=_approval(form), now=now)
            elif form["step"] == "return":
                await actions.return_draft(
                    db, actor, draft_id=found, note=form["note"], now=now
                )  # fmt: skip
    except Refusal as refusal:
        return await _one(database, actor, page, found, form=form, refusal=refusal)
    return to(f"/new-goods/{draft_id}")


def _approval(form: dict[str, str]) -> Approval:
    if form["currency"] not in CURRENCIES:
        raise DraftUnusable(field="currency", value=form["currency"], param="currency")
    told = {name: form[name] for name in ("title", "title_zh", "category", "currency")}
    return msgspec.convert(told | {"price": rules.read_price(form["price"])}, Approval)


def _text(form: Any, name: str) -> str:
    value = form.get(name, "")
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


PAGES = (
    guest_page, guest_post, guest_photo, own_page, own_post, photo, queue_page, one_page, decide,
)  # fmt: skip

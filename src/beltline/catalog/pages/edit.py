"""Edit goods: paste a sheet, see what changes, apply, undo; and what one product shows."""

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State, UploadFile

from beltline.catalog import queries
from beltline.catalog.actions import goods as actions
from beltline.catalog.queries import goods
from beltline.catalog.types import EditPlan, EvidenceBody, NothingToEdit
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id, show_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.paging import decode_cursor
from beltline.kit.web.acts import to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import Flash, PageContext, Undo, render
from beltline.kit.web.view import PAGE_ROWS, View, cut

WebRequest = Request[Any, Any, State]
TEXT_MAX: Final = 400_000
SHOWN_MAX: Final = 500
FIELD_LABELS: Final = {
    "title": N_("Title, English"), "title_zh": N_("Title, Chinese"), "pack_size": N_("Pack"),
    "weight_g": N_("Weight, g"), "length_mm": N_("Length, mm"), "width_mm": N_("Width, mm"),
    "height_mm": N_("Height, mm"), "carton_pieces": N_("Pieces a carton"),
    "carton_weight_g": N_("Carton weight, g"), "price": N_("Price"), "moq": N_("MOQ"),
    "lead_time_days": N_("Lead time, days"),
}  # fmt: skip


@get("/goods")
async def goods_page(
    database: Database, actor: Actor, page: PageContext, done: str = "", q: str = "",
    after: str = "",
) -> Response[str]:  # fmt: skip
    """One's own goods, and a field to paste a sheet of changes into."""
    _check_may(actor)
    async with database.reading(actor) as db:
        if done:
            page = await _told(db, page, done)
    return await _goods(database, actor, page, q=q, after=after)


async def _goods(
    database: Database, actor: Actor, page: PageContext, *, q: str = "", after: str = "",
    text: str = "", plan: EditPlan | None = None, refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    position = decode_cursor(after, str)
    async with database.reading(actor) as db:
        own = None
        if actor.org_kind != "OPERATOR":
            own = await db.value(
                "select code from accounts.organization where id = $1", actor.org_id
            )
        rows = await queries.list_skus(
            db, words=q[:200].strip(), supplier=own, after=position[0] if position else "",
            limit=PAGE_ROWS + 1,
        )  # fmt: skip
        shown, following = cut(rows, lambda row: (row.code,))
        current = await goods.current_fields(
            db, actor.org_id, [row.code for row in shown], all_goods=own is None
        )
    return render(
        "catalog/goods.html", page, status=refusal.status if refusal else 200, rows=shown,
        current=current, following=following, after=after, view=View("/goods", {"q": q}),
        text=text, plan=plan, labels=FIELD_LABELS, shown_max=SHOWN_MAX,
        error=page.gettext("Paste a header with SKU and at least one field, and rows below it.")
        if isinstance(refusal, NothingToEdit)
        else page.gettext("Somebody changed these goods meanwhile; look at the preview again.")
        if refusal else "",
    )  # fmt: skip


async def _told(db: Any, page: PageContext, done: str) -> PageContext:
    edit = await goods.get_edit(db, read_id("edit", done))
    text = page.ngettext("%(n)s field changed", "%(n)s fields changed", len(edit.changes))
    said = text % {"n": f"{len(edit.changes):,}"}
    until = edit.made_at + actions.UNDO_WITHIN
    if edit.undone_at is not None:
        flash = Flash("ok", page.gettext("Undone: everything is as it was before."))
        return msgspec.structs.replace(page, flash=flash)
    if until <= page.now:
        return page
    return msgspec.structs.replace(page, undo=Undo(said, f"/goods/undo/{done}", until))


@post("/goods")
async def edit_goods(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Show what a pasted sheet would change, or change it."""
    _check_may(actor)
    form = await request.form()
    text = str(form.get("text", ""))[:TEXT_MAX]
    try:
        if form.get("act") == "apply":
            async with database.writing(actor) as db:
                edit = await actions.make_edit(db, actor, text, now=now)
            return to(f"/goods?done={show_id('edit', edit.id)}")
        async with database.reading(actor) as db:
            plan = await actions.plan_edit(db, actor, text)
    except Refusal as refusal:
        return await _goods(database, actor, page, text=text, refusal=refusal)
    return await _goods(database, actor, page, text=text, plan=plan)


@post("/goods/undo/{edit_id:str}")
async def undo(edit_id: str, database: Database, actor: Actor, now: dt.datetime) -> Response[Any]:
    """Take an edit back."""
    async with database.writing(actor) as db:
        await actions.undo_edit(db, actor, edit_id=read_id("edit", edit_id), now=now)
    return to(f"/goods?done={edit_id}")


@post("/products/{sku:str}", request_max_body_size=BYTES_MAX + (1 << 20), opt={"signed_in": True})
async def change_product(
    sku: str, request: WebRequest, database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """A picture, HS candidates and their decision, evidence of a cargo class."""
    form = await request.form()
    upload = form.get("picture")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    async with database.writing(actor) as db:
        await _change(db, actor, sku, {k: str(v) for k, v in form.items()}, data, now)
    return to(f"/products/{sku}#{form.get('step', '')}")


async def _change(
    db: Writer, actor: Actor, sku: str, form: dict[str, str], data: bytes, now: dt.datetime
) -> None:
    step, code = form.get("step", ""), form.get("hs_code", "")
    if step == "media":
        product = (await queries.get_sku(db, sku)).product
        await actions.add_media(db, actor, product=product, data=data, now=now)
    elif step == "suggest":
        await actions.suggest_hs(db, actor, sku=sku)
    elif step in ("confirm", "reject"):
        await actions.decide_hs(
            db, actor, sku=sku, hs_code=code, confirm=step == "confirm", now=now
        )
    elif step == "evidence":
        fields = {name: form.get(name, "") for name in ("kind", "number", "valid_until")}
        try:
            told = msgspec.convert(fields, EvidenceBody)
        except msgspec.ValidationError:
            raise NothingToEdit(param="valid_until") from None
        await actions.add_evidence(db, actor, sku=sku, told=told, now=now)


@get("/products/media/{media_id:str}")
async def media(media_id: str, database: Database, actor: Actor) -> Response[Any]:
    """A picture of a product."""
    async with database.reading(actor) as db:
        found = await goods.find_content(db, read_id("med", media_id))
    if found is None:
        return Response(b"", status_code=404, media_type="image/png")
    return Response(found[1], media_type=found[0], headers={
        "Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    })  # fmt: skip


def _check_may(actor: Actor) -> None:
    if actor.org_kind != "SUPPLIER":
        actor.needs_operator()


PAGES = (goods_page, edit_goods, undo, change_product, media)

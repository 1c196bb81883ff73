"""The supplier's own journey on a phone: by a link without an account, or signed in."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from beltline.accounts.types import Guest, LinkEnded
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id
from beltline.kit.web.acts import to
from beltline.kit.web.page import PageContext, chinese_first, render
from beltline.suppliers.actions import verification as actions
from beltline.suppliers.pages.forms import (
    FORM_BYTES,
    WebRequest,
    date_of,
    number_of,
    picture_of,
    text_of,
)
from beltline.suppliers.pages.words import CERTIFICATES, PURPOSES, STATES, TONES
from beltline.suppliers.queries import verification as queries
from beltline.suppliers.rules import verification as rules
from beltline.suppliers.types import (
    CertificateKind,
    FieldUnusable,
    Profile,
    Purpose,
    VerificationState,
)

_TEXTS = ("legal_name", "licence_number", "address", "source", "capacity_unit", "goods",
          "video_url")  # fmt: skip
_NUMBERS = ("founded_year", "staff", "lines", "capacity_month")
_PICTURES = (Purpose.LICENCE, Purpose.WORKSHOP)


@get("/shop")
async def shop_page(database: Database, actor: Actor, page: PageContext) -> Response[Any]:
    """A supplier's own verification, signed in; begins one where there is none."""
    async with database.reading(actor) as db:
        latest = await queries.find_latest(db, actor.org_id)
        if latest is not None:
            return await _journey(db, page, latest.id, path="/shop", console=True)
    return render("suppliers/shop_none.html", page)


@post("/shop", request_max_body_size=FORM_BYTES, opt={"signed_in": True})
async def shop_post(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """One step of the journey, signed in."""
    async with database.reading(actor) as db:
        latest = await queries.find_latest(db, actor.org_id)
    form = await request.form()
    ended = latest is None or latest.state not in rules.OPEN
    if latest is None or (ended and text_of(form, "step") == "begin"):
        async with database.writing(actor) as db:
            await actions.renew(db, actor, org_id=actor.org_id, now=now)
        return to("/shop")
    return await _step(request, database, actor, page, latest.id, path="/shop", now=now)


@get("/g/supplier/{token:str}")
async def guest_page(
    token: str, database: Database, page: PageContext, request: WebRequest, now: dt.datetime
) -> Response[Any]:
    """The journey behind a link: no account, one verification, Chinese first."""
    page = chinese_first(page, request.cookies)
    guest = await _guest(database, token, now)
    if guest is None:
        return render("suppliers/link_ended.html", page, status=410)
    async with database.reading(guest.actor) as db:
        return await _journey(db, page, guest.object_id, path=f"/g/supplier/{token}")


@post("/g/supplier/{token:str}", request_max_body_size=FORM_BYTES)
async def guest_post(
    token: str, database: Database, page: PageContext, request: WebRequest, now: dt.datetime
) -> Response[Any]:
    """One step of the journey behind a link."""
    page = chinese_first(page, request.cookies)
    guest = await _guest(database, token, now)
    if guest is None:
        return render("suppliers/link_ended.html", page, status=410)
    path = f"/g/supplier/{token}"
    return await _step(request, database, guest.actor, page, guest.object_id, path=path, now=now)


@get("/g/supplier/{token:str}/pictures/{document_id:str}")
async def guest_picture(
    token: str, document_id: str, database: Database, now: dt.datetime
) -> Response[Any]:
    """A picture of the journey behind a link."""
    guest = await _guest(database, token, now)
    if guest is None:
        raise LinkEnded
    return await _picture(database, guest.actor, read_id("doc", document_id))


@get("/suppliers/pictures/{document_id:str}")
async def picture(document_id: str, database: Database, actor: Actor) -> Response[Any]:
    """A picture of a supplier, for who may see it."""
    return await _picture(database, actor, read_id("doc", document_id))


async def _picture(database: Database, actor: Actor, document_id: UUID) -> Response[Any]:
    async with database.reading(actor) as db:
        found = await queries.find_content(db, document_id)
    if found is None:
        return Response(b"", status_code=404, media_type="image/png")
    media_type, content = found
    return Response(content, media_type=media_type, headers={
        "Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    })  # fmt: skip


async def _guest(database: Database, token: str, now: dt.datetime) -> Guest | None:
    try:
        return await actions.open_link(database, token[:200], now=now)
    except LinkEnded:
        return None


async def _step(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, of: UUID, *,
    path: str, now: dt.datetime,
) -> Response[Any]:  # fmt: skip
    """Do what a form of the journey asks; shown again with the reason when it cannot be done."""
    form = dict(await request.form())
    step = text_of(form, "step")
    try:
        async with database.writing(actor) as db:
            if step == "profile":
                profile = _profile(form)
                await actions.keep_profile(db, actor, verification_id=of, profile=profile, now=now)
            elif step in {purpose.value for purpose in _PICTURES}:
                await actions.add_document(
                    db, actor, verification_id=of, purpose=Purpose(step),
                    data=await picture_of(form, "picture") or b"", now=now,
                )  # fmt: skip
            elif step == "certificate":
                await actions.add_certificate(
                    db, actor, verification_id=of, **_certificate(form),
                    data=await picture_of(form, "picture"), now=now,
                )  # fmt: skip
            elif step == "submit":
                await actions.submit(db, actor, verification_id=of, now=now)
    except Refusal as refusal:
        async with database.reading(actor) as db:
            return await _journey(
                db, page, of, path=path, console=path == "/shop", refusal=refusal, step=step,
                form={name: text_of(form, name) for name in form},
            )  # fmt: skip
    return to(f"{path}#{step}" if step != "submit" else path)


def _profile(form: dict[str, Any]) -> Profile:
    fields: dict[str, Any] = {name: text_of(form, name) for name in _TEXTS}
    fields |= {name: number_of(form, name) for name in _NUMBERS}
    for name, value in fields.items():
        try:
            msgspec.convert({name: value}, Profile)
        except msgspec.ValidationError:
            raise FieldUnusable(field=name, value=str(value)[:60], param=name) from None
    return Profile(**fields)


def _certificate(form: dict[str, Any]) -> dict[str, Any]:
    kind, until = text_of(form, "kind"), date_of(form, "valid_until")
    number = text_of(form, "number")
    if kind not in set(CertificateKind):
        raise FieldUnusable(field="kind", value=kind[:60], param="kind")
    if not 1 <= len(number) <= 120:
        raise FieldUnusable(field="number", value=number[:60], param="number")
    if until is None:
        raise FieldUnusable(field="valid_until", value="", param="valid_until")
    return {"kind": CertificateKind(kind), "number": number, "valid_until": until,
            "issuer": text_of(form, "issuer")[:200]}  # fmt: skip


async def _journey(
    db: Reader, page: PageContext, of: UUID, *, path: str, console: bool = False,
    refusal: Refusal | None = None, step: str = "", form: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    found = await queries.get_verification(db, of)
    profile = await queries.get_profile(db, found.org_id)
    documents = await queries.list_documents(db, found.org_id)
    lacking = rules.missing(profile, documents)
    shown = msgspec.to_builtins(profile)
    if step == "profile" and form:
        shown |= {name: form.get(name, "") for name in (*_TEXTS, *_NUMBERS)}
    return render(
        "suppliers/shop.html" if console else "suppliers/journey.html", page,
        status=refusal.status if refusal else 200, v=found, profile=shown, path=path,
        pictures={p.value: [d for d in documents if d.purpose is p] for p in Purpose},
        certificates=await queries.list_certificates(db, found.org_id), lacking=lacking,
        required=rules.REQUIRED, states=STATES, tones=TONES, kinds=CERTIFICATES, step=step,
        purposes=PURPOSES, editable=found.state in rules.EDITABLE,
        is_ended=found.state not in rules.OPEN, verified=VerificationState.VERIFIED,
        why=_why(page, refusal, lacking) if refusal else "",
        wrong=(refusal.param or "") if refusal else "",
        picture_path=f"{path}/pictures" if not console else "/suppliers/pictures",
        form=form or {},
    )  # fmt: skip


def _why(page: PageContext, refusal: Refusal, lacking: list[str]) -> str:
    _ = page.gettext
    if refusal.code == "suppliers.not_ready":
        names = " / ".join(_(rules.REQUIRED[item]) for item in lacking)
        return _("Still missing: {missing}.").format(missing=names)
    if refusal.code == "kit.image_refused":
        return _("Send a photo as JPEG, PNG or WebP of at most 8 MiB and 40 megapixels.")
    if refusal.code == "suppliers.field_unusable":
        return _("This cannot be kept; check what is written there.")
    return _("This is not possible now; the page shows how it stands.")


PAGES = (shop_page, shop_post, guest_page, guest_post, guest_picture, picture)

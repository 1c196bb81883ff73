"""Photos of one thing: whose they are, and the form that adds more, on a phone or at a desk."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.fulfillment.actions import photos as actions
from beltline.fulfillment.queries import photos as queries
from beltline.fulfillment.types.photos import PhotoKind, PhotoSubject, Side
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import once
from beltline.kit.ids import new_id, read_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.web.acts import chosen, files_of, form_of, went
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, offline, render
from beltline.kit.web.view import with_query

WebRequest = Request[Any, Any, State]
FORM_BYTES: Final = 4 * BYTES_MAX
"""Of a form with photos. Browsers make them smaller before they send them."""
TITLES: Final = {
    PhotoKind.INSPECTION: N_("Photos of the lot"), PhotoKind.PARCEL: N_("Photos of the box"),
    PhotoKind.DECISION: N_("Photos of the units in question"),
    PhotoKind.DELIVERY: N_("Proof of delivery"), PhotoKind.RETURN: N_("Photos of the return"),
    PhotoKind.CLAIM: N_("Evidence of the claim"),
}  # fmt: skip
SIDES: Final = {
    Side.OPERATOR: N_("The operator"), Side.BUYER: N_("The buyer"),
    Side.SUPPLIER: N_("The supplier"),
}  # fmt: skip
WHY: Final = {
    "kit.image_refused": N_(
        "Send a photo as JPEG, PNG or WebP of at most 8 MiB and 40 megapixels."
    ),
    "fulfillment.photos_full": N_("There are as many photos as are kept; those are safe."),
    "fulfillment.photo_not_now": N_("No photos are taken now: it has not begun, or it is decided."),
    "fulfillment.photo_missing": N_("Take a photo, too; the name is kept together with it."),
}


async def photos_of(db: Reader, kind: PhotoKind, subjects: list[UUID]) -> Mapping[UUID, list[UUID]]:
    """The ids of the photos of what a page shows, by subject."""
    found: dict[UUID, list[UUID]] = {}
    for photo in await queries.list_photos(db, kind, subjects) if subjects else ():
        found.setdefault(photo.subject_id, []).append(photo.id)
    return found


@get("/photos")
async def photos_page(
    kind: PhotoKind, of: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """The photos of one thing, with who added them, and the form for more."""
    return await _page(database, actor, page, kind, of)


@post("/photos", request_max_body_size=FORM_BYTES, opt={"signed_in": True})
async def add(
    request: WebRequest, database: Database, actor: Actor, page: PageContext, now: dt.datetime
) -> Response[Any]:
    """Add photos; the form's key makes a resend nothing new."""
    form, photos = await form_of(request), await files_of(request, "photo")
    kind, of = chosen(form, "kind", PhotoKind), form.get("of", "")[:120]

    async def act(db: Writer) -> tuple[int, Any]:
        subject = await actions.find_subject(db, kind, of)
        added = await actions.add_photos(
            db, actor, kind=kind, subject_id=subject.id, photos=photos,
            received_by=form.get("received_by", "")[:200], now=now,
        )  # fmt: skip
        return 201, len(added)

    try:
        answer = await once(
            database, actor, key=f"photos:{form.get('key', '')[:80]}",
            operation=f"photos.add {kind} {of}"[:200], body=marks(photos), act=act,
        )  # fmt: skip
        answer.unwrap()
    except Refusal as refusal:
        if refusal.code not in WHY or page.is_kept:
            raise
        return await _page(database, actor, page, kind, of, refusal=refusal)
    return went(page, with_query("/photos", kind=kind, of=of))


@get("/photos/strip")
async def strip(
    kind: PhotoKind, of: str, database: Database, actor: Actor, page: PageContext
) -> Response[str]:
    """The photos of one thing in a row: a part of other pages."""
    async with database.reading(actor) as db:
        subject, photos = await actions.list_photos_of(db, kind, of)
    return render(
        "fulfillment/photo_strip.html", page, photos=[one.id for one in photos], kind=kind, of=of,
        may_add=_may_add(actor, subject),
    )  # fmt: skip


@get("/photos/{photo_id:str}")
async def show(photo_id: str, database: Database, actor: Actor) -> Response[bytes]:
    """The picture itself."""
    found = read_id("pht", photo_id)
    async with database.reading(actor) as db:
        photo = await queries.get_photo(db, found)
        content = await queries.get_content(db, found)
    return Response(content, media_type=photo.media_type, headers={
        "Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    })  # fmt: skip


async def _page(
    database: Database, actor: Actor, page: PageContext, kind: PhotoKind, of: str, *,
    refusal: Refusal | None = None,
) -> Response[str]:  # fmt: skip
    async with database.reading(actor) as db:
        subject, photos = await actions.list_photos_of(db, kind, of)
    is_operator = actor.org_kind == "OPERATOR"
    side = {"OPERATOR": Side.OPERATOR, "SUPPLIER": Side.SUPPLIER}.get(actor.org_kind, Side.BUYER)
    is_full = sum(photo.side == side for photo in photos) >= actions.PHOTOS_MAX
    may_add = _may_add(actor, subject)
    return render(
        "fulfillment/photos.html", page, status=refusal.status if refusal else 200,
        subject=subject, photos=photos, of=of, title=TITLES[kind], sides=SIDES,
        may_add=may_add and not is_full, is_operator=is_operator, is_claim=kind is PhotoKind.CLAIM,
        headers=offline(with_query("/photos", kind=kind, of=of)) if may_add else None,
        key=new_id().hex, back=_back(kind, of),
        why=page.gettext(WHY[refusal.code]) if refusal else "",
    )  # fmt: skip


def _may_add(actor: Actor, subject: PhotoSubject) -> bool:
    return subject.is_open and (subject.is_mutual or actor.org_kind == "OPERATOR")


def _back(kind: PhotoKind, of: str) -> str:
    """Where what photos are of is looked at."""
    pages = {
        PhotoKind.PARCEL: "/parcels", PhotoKind.RETURN: "/returns", PhotoKind.CLAIM: "/claims",
        PhotoKind.DECISION: "/decisions",
    }  # fmt: skip
    return pages.get(kind) or f"/journeys/{of}"


def marks(photos: list[bytes]) -> list[str]:
    """What tells photos of one request from those of another."""
    return [hashlib.sha256(data).hexdigest() for data in photos]


PAGES = (photos_page, add, strip, show)

"""`/v1/photos`: evidence of lots, boxes, questions, handovers, returns and claims."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from beltline.fulfillment.actions import photos as actions
from beltline.fulfillment.queries import photos as queries
from beltline.fulfillment.types.photos import Photo, PhotoKind, Side
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.images import BYTES_MAX
from beltline.kit.web.kept import answered

Named = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
_MAY_READ: Final = {True: "purchases:read", False: "orders:read"}
_MAY_WRITE: Final = {True: "purchases:write", False: "orders:write"}
_STAFFED: Final = frozenset({PhotoKind.INSPECTION, PhotoKind.PARCEL})


class EvidenceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A photo (JPEG, PNG or WebP of at most 8 MiB, in base64) and what it is of.

    `subject` is a journey of INSPECTION and DELIVERY, a decision, return or claim (a supplier names
    its claim case), or the waybill of a PARCEL; `received_by` is who took the goods of a DELIVERY.
    """

    kind: PhotoKind
    subject: Named
    content: bytes
    received_by: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")] = ""


class PhotoRow(msgspec.Struct, frozen=True):
    """A photo: who added it, when, its size, and the SHA-256 of its bytes.

    Between buyer and supplier `side` says who it is, and `org` and `added_by` are empty.
    """

    id: str
    kind: PhotoKind
    subject: str
    side: Side
    org: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    added_by: str
    added_at: dt.datetime
    received_by: str


class PhotoList(msgspec.Struct, frozen=True):
    """All photos of one thing, the oldest first; twelve at most of each party."""

    items: list[PhotoRow]


@post("/v1/photos", summary="Add a photo as evidence", request_max_body_size=2 * BYTES_MAX)
async def add_photo(
    *,
    data: EvidenceBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[PhotoRow]:
    """By who is a party to it, while it is under way; a photo is never changed or taken away.

    Camera data (place, time, model) is taken out before it is kept. The same picture again is the
    first one.
    """
    actor.needs_scope(_MAY_WRITE[data.kind in actions.STAFFED])

    async def act(db: Writer) -> tuple[int, Any]:
        subject = await actions.find_subject(db, data.kind, data.subject)
        [photo_id] = await actions.add_photos(
            db, actor, kind=data.kind, subject_id=subject.id, photos=[data.content],
            received_by=data.received_by, now=now,
        )  # fmt: skip
        return 201, _shown(await queries.get_photo(db, photo_id), data.subject)

    answer = await once(
        database, actor, key=idempotency_key, operation="photos.add", body=data, act=act
    )
    return answered(answer, PhotoRow)


@get("/v1/photos", summary="The photos of something")
async def list_photos(kind: PhotoKind, subject: str, database: Database, actor: Actor) -> PhotoList:
    """Who may see what they are of sees its photos."""
    actor.needs_scope(_MAY_READ[kind in _STAFFED])
    async with database.reading(actor) as db:
        _, rows = await actions.list_photos_of(db, kind, subject)
    return PhotoList([_shown(row, subject) for row in rows])


@get(
    "/v1/photos/{photo_id:str}", summary="A photo", media_type="application/octet-stream"
)  # fmt: skip
async def get_photo(photo_id: str, database: Database, actor: Actor) -> Response[bytes]:
    """Its bytes, as `media_type` says; their SHA-256 is the one of the list."""
    found = read_id("pht", photo_id)
    async with database.reading(actor) as db:
        photo = await queries.get_photo(db, found)
        actor.needs_scope(_MAY_READ[photo.kind in _STAFFED])
        content = await queries.get_content(db, found)
    return Response(content, media_type=photo.media_type, headers={
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
    })  # fmt: skip


def _shown(row: Photo, subject: str) -> PhotoRow:
    named = {name: getattr(row, name) for name in PhotoRow.__struct_fields__ if name != "subject"}
    return PhotoRow(**(named | {"id": show_id("pht", row.id)}), subject=subject)


ROUTES = (add_photo, list_photos, get_photo)

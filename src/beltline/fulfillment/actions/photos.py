"""Use cases of photos as evidence: added by who is a party to what they show, never changed."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from beltline.fulfillment import store
from beltline.fulfillment.queries import photos as queries
from beltline.fulfillment.types.photos import Photo, PhotoKind, PhotoMissing, PhotoSubject
from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader, Writer
from beltline.kit.ids import read_id
from beltline.kit.images import clean_image

PHOTOS_MAX: Final = 12
PREFIXES: Final = {
    PhotoKind.INSPECTION: "jny", PhotoKind.DELIVERY: "jny", PhotoKind.DECISION: "dec",
    PhotoKind.RETURN: "rma", PhotoKind.CLAIM: "clm",
}  # fmt: skip
# What only who works with the goods takes photos of.
STAFFED: Final = frozenset({PhotoKind.INSPECTION, PhotoKind.PARCEL, PhotoKind.DELIVERY})


async def add_photos(
    db: Writer,
    actor: Actor,
    *,
    kind: PhotoKind,
    subject_id: UUID,
    photos: Sequence[bytes],
    now: dt.datetime,
    received_by: str = "",
) -> list[UUID]:
    """Keep photos of one thing, cleaned, all or none of them; a picture it has is not added twice.

    `received_by` is who took the goods of a DELIVERY. Refuses what is no picture, what takes none
    now, and more than `PHOTOS_MAX` of one party.
    """
    if kind in STAFFED:
        actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER", *(() if kind in STAFFED else ("BUYER",)))
    name = received_by.strip() if kind is PhotoKind.DELIVERY else ""
    if name and not photos:
        raise PhotoMissing(param="photo")
    return [
        await store.add_photo(
            db, actor, kind, subject_id, clean_image(data), receiver=name, most=PHOTOS_MAX, now=now
        )
        for data in photos
    ]


async def find_subject(db: Reader, kind: PhotoKind, named: str) -> PhotoSubject:
    """What photos are asked about: its id, a parcel's waybill, a supplier's case for its claim."""
    if kind is PhotoKind.PARCEL:
        subject_id = await queries.find_parcel(db, named.strip())
    elif kind is PhotoKind.CLAIM and named.startswith("ccs_"):
        subject_id = await queries.find_claim(db, read_id("ccs", named))
    else:
        subject_id = read_id(PREFIXES[kind], named)
    found = subject_id and await queries.find_subject(db, kind, subject_id)
    if not found:
        raise NotFound(what=kind.lower(), key=named[:120])
    return found


async def list_photos_of(
    db: Reader, kind: PhotoKind, named: str
) -> tuple[PhotoSubject, list[Photo]]:
    """What something is, and its photos, the oldest first."""
    subject = await find_subject(db, kind, named)
    return subject, await queries.list_photos(db, kind, [subject.id])

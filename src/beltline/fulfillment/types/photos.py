"""Photos as evidence, and why one is refused."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class PhotoKind(enum.StrEnum):
    """What photos show: a lot, a box, units in question, a handover, a return, a claim."""

    INSPECTION = "INSPECTION"
    PARCEL = "PARCEL"
    DECISION = "DECISION"
    DELIVERY = "DELIVERY"
    RETURN = "RETURN"
    CLAIM = "CLAIM"


class Side(enum.StrEnum):
    """Whose photo it is, for parties that are not to know each other's names."""

    OPERATOR = "OPERATOR"
    BUYER = "BUYER"
    SUPPLIER = "SUPPLIER"


class Photo(msgspec.Struct, frozen=True):
    """A photo as evidence: whose it is, when it was added, its digest; `received_by` of a handover.

    `subject_id` is a journey of INSPECTION and DELIVERY, else what the kind is called. Buyer and
    supplier do not learn each other's names: `org` and `added_by` are empty then, `side` says who.
    """

    id: UUID
    kind: PhotoKind
    subject_id: UUID
    side: Side
    org: str
    org_name: str
    org_name_zh: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    added_by: str
    added_at: dt.datetime
    received_by: str


class PhotoSubject(msgspec.Struct, frozen=True):
    """What photos are of; `is_mutual`: not only the operator adds its own, `is_open`: now."""

    id: UUID
    kind: PhotoKind
    number: str
    is_mutual: bool
    is_open: bool


class PhotoNotNow(Refusal):
    """Photos are evidence of what is under way: not of what has not begun or is decided."""

    kind, code = Kind.CONFLICT, "fulfillment.photo_not_now"
    title = "No photos now"
    detail = "{number} takes no photos now: it has not begun, or it is decided."
    number: str


class PhotosFull(Refusal):
    """A party has as many photos of one thing as are kept of each party."""

    kind, code = Kind.CONFLICT, "fulfillment.photos_full"
    title = "Enough photos"
    detail = "{number} has {most} photos of yours, which is all that are kept; those are safe."
    number: str
    most: int


class PhotoMissing(Refusal):
    """Who received the goods is kept with a photo of the handover, not alone."""

    kind, code = Kind.INVALID, "fulfillment.photo_missing"
    title = "The photo is missing"
    detail = "Take a photo, too: it is kept together with the name of who received the goods."

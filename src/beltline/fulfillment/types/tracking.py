"""What carriers tell of boxes."""

import datetime as dt
import enum
from typing import Annotated

import msgspec

from beltline.fulfillment.types.receipts import PRINTED
from beltline.kit.errors import Kind, Refusal


class TrackingKind(enum.StrEnum):
    """What a carrier's event of a box means; OTHER is what is only kept in its words."""

    PICKED_UP = "PICKED_UP"
    DEPARTED = "DEPARTED"
    ARRIVED = "ARRIVED"
    HELD = "HELD"
    RELEASED = "RELEASED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    ATTEMPTED = "ATTEMPTED"
    DELIVERED = "DELIVERED"
    RETURNING = "RETURNING"
    LOST = "LOST"
    DAMAGED = "DAMAGED"
    OTHER = "OTHER"


class TrackingEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event of a box: what happened to it, when and where; `words` are the carrier's own."""

    waybill: Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=PRINTED)]
    kind: TrackingKind
    at: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    place: Annotated[str, msgspec.Meta(max_length=120, pattern=PRINTED)] = ""
    words: Annotated[str, msgspec.Meta(max_length=200, pattern=PRINTED)] = ""


class TrackedEvent(msgspec.Struct, frozen=True):
    """An event as it is kept, and when its carrier told it."""

    carrier: str
    waybill: str
    kind: TrackingKind
    at: dt.datetime
    told_at: dt.datetime
    place: str
    words: str


class Tracked(msgspec.Struct, frozen=True):
    """What a carrier's word did: new events, stages that ended, questions that opened.

    `unknown` are waybills that nobody waits for, 20 at most.
    """

    fresh: int
    moved: int
    questions: int
    unknown: list[str]


class Consignment(msgspec.Struct, frozen=True):
    """A box that a carrier has: since when, and the hours its trunk and last mile are planned."""

    waybill: str
    handed_at: dt.datetime
    trunk_hours: float
    last_hours: float


class TrackingUnreadable(Refusal):
    """A carrier's file with something in it that cannot be meant; none of it is taken."""

    kind, code = Kind.INVALID, "fulfillment.tracking_unreadable"
    title = "The tracking file cannot be read"
    detail = "Row {row}: {reason}. Nothing of the file was taken."
    row: int
    reason: str

"""Inspections and returns; why one is refused."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class InspectionPlan(msgspec.Struct, frozen=True):
    """How to inspect a lot: so many pieces, so many defects allowed of each kind.

    `sample` pieces are drawn; major defects count among the first `sample_major` of them, minor
    ones among the first `sample_minor`. No critical defect is ever allowed; `is_stopped` says that
    nothing of this supplier may be accepted until it has corrected something.
    """

    severity: str
    lot: int
    sample: int
    sample_major: int
    sample_minor: int
    accept_major: int
    accept_minor: int
    is_stopped: bool = False


class Inspection(msgspec.Struct, frozen=True):
    """What a sample showed, and the verdict."""

    severity: str
    lot: int
    sample: int
    sample_major: int
    sample_minor: int
    accept_major: int
    accept_minor: int
    critical: int
    major: int
    minor: int
    verdict: str
    note: str
    inspected_by: str
    at: dt.datetime


class ReturnCase(msgspec.Struct, frozen=True):
    """Units a buyer sends back, from the request to the refund; amounts in minor units."""

    id: UUID
    number: str
    journey_id: UUID
    order_id: UUID
    order: str
    buyer: str
    sku: str
    title: str
    title_zh: str
    uom: str
    units: int
    reason: str
    note: str
    state: str
    node: str | None
    answer_note: str
    resell: int
    scrap: int
    refunded_amount: int
    currency: str
    charged_to: str | None
    requested_at: dt.datetime
    due_at: dt.datetime | None
    graded_at: dt.datetime | None
    photos: list[UUID]


class NotInspectable(Refusal):
    """A journey that is not at inspection, or whose lot changed meanwhile."""

    kind, code = Kind.CONFLICT, "fulfillment.not_inspectable"
    title = "Nothing to inspect"
    detail = "{number} is not at inspection, or its lot has changed; look at it again."
    number: str


class BoxChanged(Refusal):
    """A box was recorded by somebody who did not know all that was announced to be in it."""

    kind, code = Kind.CONFLICT, "fulfillment.box_changed"
    title = "More was announced of this box"
    detail = "More of {waybill} was announced than its page showed. Look it up and count it again."
    waybill: str


class FoundUnusable(Refusal):
    """More defects than pieces in the sample."""

    kind, code = Kind.INVALID, "fulfillment.found_unusable"
    title = "More defects than pieces"
    detail = "The sample has {sample} pieces; {found} defective ones cannot be among them."
    sample: int
    found: int


class NotReturnable(Refusal):
    """More units than can come back."""

    kind, code = Kind.CONFLICT, "fulfillment.not_returnable"
    title = "Not that many units"
    detail = "{units} units of {number} cannot come back; {delivered} can."
    number: str
    units: int
    delivered: int


class ReturnTooLate(Refusal):
    """The time to return has passed."""

    kind, code = Kind.CONFLICT, "fulfillment.return_too_late"
    title = "Too late to return"
    detail = "{number} can be returned within {days} days of its delivery."
    number: str
    days: int


class ReturnMovedOn(Refusal):
    """A return that is past this step."""

    kind, code = Kind.CONFLICT, "fulfillment.return_moved_on"
    title = "The return has moved on"
    detail = "{number} is {state}."
    number: str
    state: str


class UnknownReason(Refusal):
    """A reason or a payer that does not exist."""

    kind, code = Kind.INVALID, "fulfillment.unknown_reason"
    title = "Unknown word"
    detail = "“{reason}” is none of {reasons}."
    reason: str
    reasons: str

"""Corrections of stock by people: values and refusals."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_


class AdjustmentWanted(msgspec.Struct, frozen=True):
    """A change to ask for; without an owner it is the operator's own stock."""

    sku: str
    node: str
    owner: str | None
    kind: str
    quantity: int
    reason: str
    note: str


class Adjustment(msgspec.Struct, frozen=True):
    """A change of stock that a person asked for, with its reason; large ones wait for a second.

    `quantity` is in base units of `uom`, below 0 only where an ADJUST takes away.
    """

    id: UUID
    number: str
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
    node: str
    owner: str
    kind: str
    quantity: int
    reason: str
    note: str
    status: str
    asked_by: str
    asked_via_id: UUID | None
    asked_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


class AdjustmentKind(enum.StrEnum):
    """What an adjustment does: to what stands there, what is held, or what is damaged."""

    ADJUST = "ADJUST"
    HOLD = "HOLD"
    UNHOLD = "UNHOLD"
    DAMAGE = "DAMAGE"
    MEND = "MEND"
    SCRAP = "SCRAP"


class AdjustmentReason(enum.StrEnum):
    """Why stock is adjusted."""

    COUNT = "COUNT"
    FOUND = "FOUND"
    LOST = "LOST"
    BROKEN = "BROKEN"
    QUALITY = "QUALITY"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    SAMPLE = "SAMPLE"
    CORRECTION = "CORRECTION"


class AdjustmentStatus(enum.StrEnum):
    """How far an adjustment is."""

    WAITING = "WAITING"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"


class NeedsAnother(Refusal):
    """Who asked for a large adjustment may not decide it."""

    kind, code = Kind.FORBIDDEN, "inventory.needs_another"
    title = N_("A second person decides")
    detail = N_("{asked_by} asked for this adjustment; somebody else has to decide it.")
    asked_by: str

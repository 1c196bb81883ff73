"""What a planner knows better than a forecast."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Override(msgspec.Struct, frozen=True):
    """Demand of a series from one day to another times a factor, by a person who said why."""

    id: UUID
    sku_id: UUID
    node_id: UUID
    starts: dt.date
    ends: dt.date
    factor: float
    reason: str
    created_by: str
    created_at: dt.datetime
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None


class OverrideUnusable(Refusal):
    """An override that says nothing, or not about days to come."""

    kind, code = Kind.INVALID, "planning.override_unusable"
    title = "Not an override"
    detail = (
        "An override needs a reason, a factor from 0 to 100 that is not 1, and days that end "
        "after {today} and not before they start."
    )
    today: str

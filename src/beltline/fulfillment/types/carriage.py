"""The box a journey leaves in and the service it leaves by."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class BoxBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A box as it was measured: grams and outer millimeters."""

    weight_g: Annotated[int, msgspec.Meta(ge=1, le=10**8)]
    length_mm: Annotated[int, msgspec.Meta(ge=1, le=10**5)]
    width_mm: Annotated[int, msgspec.Meta(ge=1, le=10**5)]
    height_mm: Annotated[int, msgspec.Meta(ge=1, le=10**5)]


class Carriage(msgspec.Struct, frozen=True):
    """The service a box goes by at the quote that was chosen: minor units, grams, days."""

    journey_id: UUID
    service: str
    carrier: str
    mode: str
    weight_g: int
    chargeable_g: int
    amount: int
    currency: str
    transit_days_p50: float
    transit_days_p90: float
    chosen_by: str
    chosen_at: dt.datetime


class SizeUnknown(Refusal):
    """Goods without weight or sides cannot be quoted for."""

    kind, code = Kind.CONFLICT, "fulfillment.size_unknown"
    title = "Weight or size unknown"
    detail = "{sku} has no weight or sides; import them, or send the box as it was measured."
    sku: str


class LeftAlready(Refusal):
    """A service is chosen before the box leaves."""

    kind, code = Kind.CONFLICT, "fulfillment.left_already"
    title = "The box has left"
    detail = "The box of {number} has left, or is sent by its factory; no service is chosen for it."
    number: str

"""Suppliers, belts, closures."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Supplier(msgspec.Struct, frozen=True):
    """A factory, trader or market stall as everybody may know it. Lead times in days."""

    org_id: UUID
    code: str
    name: str
    name_zh: str
    kind: str
    tier: str
    belt_id: str | None
    belt: str
    belt_zh: str
    lead_time_days_mean: float
    lead_time_days_p95: float


class Belt(msgspec.Struct, frozen=True):
    """An industrial belt; `evidence` says whether a page was read (`page`) or not."""

    id: str
    name_zh: str
    name_en: str
    province: str
    city: str
    county: str
    products_zh: str
    products_en: str
    category: str
    hs4: str
    longitude: float
    latitude: float
    evidence: str
    source: str


class BeltName(msgspec.Struct, frozen=True):
    """A belt in a choice."""

    id: str
    name_en: str
    name_zh: str


class BeltRow(Belt, frozen=True):
    """A belt as the list shows it: with how many suppliers of it are in the network."""

    suppliers: int


class TierCount(msgspec.Struct, frozen=True):
    """How many suppliers are in a tier."""

    tier: str
    suppliers: int


class UnknownSupplier(Refusal):
    """No supplier has this code."""

    kind, code = Kind.NOT_FOUND, "suppliers.unknown_supplier"
    title = "Unknown supplier"
    detail = "There is no supplier “{supplier}” here."
    supplier: str


class Closure(msgspec.Struct, frozen=True):
    """Closed from `starts` to `ends`, both included; slower between the ramps."""

    org_id: UUID
    starts: dt.date
    ends: dt.date
    ramp_down_from: dt.date
    ramp_up_until: dt.date
    last_order_date: dt.date
    reason: str

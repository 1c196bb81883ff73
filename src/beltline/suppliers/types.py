"""Suppliers, belts, closures."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


class Supplier(msgspec.Struct, frozen=True):
    """A factory, trader or market stall as everybody may know it. Lead times in days.

    `tier_basis` is GIVEN (by a file) or MEASURED (by its record).
    """

    org_id: UUID
    code: str
    name: str
    name_zh: str
    kind: str
    tier: str
    tier_basis: str
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


class Measure(enum.StrEnum):
    """What a supplier is measured by; each outcome is good to a share between 0 and 1."""

    ON_TIME = "ON_TIME"
    DEFECT_FREE = "DEFECT_FREE"
    NOT_RETURNED = "NOT_RETURNED"
    ANSWERED = "ANSWERED"
    PRICE_KEPT = "PRICE_KEPT"
    CAPACITY_KEPT = "CAPACITY_KEPT"


class Outcome(msgspec.Struct, frozen=True):
    """One measured fact: the good share, and what was measured where that is a figure.

    `value` is in days late, hours to answer or the relative change of price. `subject_id` is the
    order (or inspection) it is about: of one subject and measure there is one fact.
    """

    measure: Measure
    score: float
    happened_at: dt.datetime
    source: str
    subject_id: UUID
    subject: str
    value: float | None = None


class Figure(msgspec.Struct, frozen=True):
    """The estimate of one measure, its 90 % interval, and what it rests on.

    `raw` is the plain rate of `trials` facts; `prior_mean` what the network does, worth
    `prior_trials` facts; `good_to_a` the good facts in a row that lift `low` to tier A.
    """

    measure: Measure
    trials: int
    raw: float
    mean: float
    low: float
    high: float
    value_median: float | None
    prior_mean: float
    prior_trials: float
    good_to_a: int | None
    assessed_at: dt.datetime


class TierReason(msgspec.Struct, frozen=True):
    """How one measure stood when a tier was decided, and the tier it alone allows."""

    measure: Measure
    trials: int
    low: float
    tier: str


class TierChange(msgspec.Struct, frozen=True):
    """A change of tier with the figures that decided it."""

    id: UUID
    at: dt.datetime
    tier_before: str
    tier: str
    reasons: list[TierReason]


class Tally(msgspec.Struct, frozen=True):
    """A supplier's facts of one measure in the window: their sum, count and middle value."""

    org_id: UUID
    tier: str
    measure: Measure
    good: float
    trials: int
    value_median: float | None


class Assessment(msgspec.Struct, frozen=True):
    """What an assessment did: suppliers measured, how many changed their tier."""

    suppliers: int
    facts: int
    late: int
    tiers_changed: int


class PastOutcome(Outcome, frozen=True, kw_only=True):
    """A fact as it is kept, for the list behind a figure."""

    id: UUID

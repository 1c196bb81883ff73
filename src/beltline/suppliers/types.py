"""Suppliers, belts, closures."""

import datetime as dt
import enum
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.texts import N_


class Supplier(msgspec.Struct, frozen=True):
    """A factory, trader or market stall as everybody may know it. Lead times in days.

    `tier_basis` is GIVEN (by a file) or MEASURED (by its record); `verified_until` and
    `strict_until` are the last days of its verification and strict selection.
    """

    org_id: UUID
    code: str
    name: str
    name_zh: str
    kind: str
    tier: str
    tier_basis: str
    standing: str
    verified_until: dt.date | None
    strict_until: dt.date | None
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


class BeltLife(Belt, frozen=True):
    """A belt as it runs: its suppliers by tier, closures within 28 days, orders and prices.

    `on_time` is the mean of its suppliers' measured rates; `price_index` is 1 where prices are
    those of 28 days ago; what is None has not been measured.
    """

    suppliers: int
    tier_a: int
    tier_c: int
    verified: int
    suspended: int
    closed: int
    closing: int
    on_time: float | None
    orders_28d: int
    orders_before: int
    skus: int
    new_products_28d: int
    price_index: float | None
    computed_at: dt.datetime | None


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


class Standing(enum.StrEnum):
    """Whether a supplier takes part: INVITED until verified, SUSPENDED while a case is open."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    REMOVED = "REMOVED"


class VerificationState(enum.StrEnum):
    """Where a verification stands; VERIFIED, REFUSED and EXPIRED are ends."""

    INVITED = "INVITED"
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    LOCAL_CHECK = "LOCAL_CHECK"
    REVIEW = "REVIEW"
    RETURNED = "RETURNED"
    VERIFIED = "VERIFIED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


class Purpose(enum.StrEnum):
    """What a picture shows."""

    LICENCE = "LICENCE"
    CERTIFICATE = "CERTIFICATE"
    WORKSHOP = "WORKSHOP"
    VISIT = "VISIT"
    EVIDENCE = "EVIDENCE"


class CertificateKind(enum.StrEnum):
    """What a certificate certifies; SGS_AUDIT and BV_AUDIT are audits of the factory."""

    ISO9001 = "ISO9001"
    ISO14001 = "ISO14001"
    BSCI = "BSCI"
    CE = "CE"
    FDA = "FDA"
    OEKO_TEX = "OEKO_TEX"
    CCC = "CCC"
    FSC = "FSC"
    SGS_AUDIT = "SGS_AUDIT"
    BV_AUDIT = "BV_AUDIT"
    OTHER = "OTHER"


_Text = Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00]*\Z")]
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a supplier says of itself. `source` is SOURCE_FACTORY, TRADER or empty."""

    legal_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    licence_number: Annotated[str, msgspec.Meta(max_length=60)] = ""
    address: _Text = ""
    source: Annotated[str, msgspec.Meta(pattern=r"^(SOURCE_FACTORY|TRADER|)\Z")] = ""
    founded_year: Annotated[int, msgspec.Meta(ge=1900, le=2100)] | None = None
    staff: _Count | None = None
    lines: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None
    capacity_month: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    capacity_unit: Annotated[str, msgspec.Meta(max_length=40)] = ""
    goods: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    video_url: Annotated[str, msgspec.Meta(max_length=300, pattern=r"^(https://[^\s\x00]+|)\Z")] = (
        ""
    )


class Certificate(msgspec.Struct, frozen=True):
    """A certificate: CLAIMED by the supplier, CONFIRMED or REJECTED by who looked at it."""

    id: UUID
    kind: CertificateKind
    number: str
    issuer: str
    valid_until: dt.date
    document_id: UUID | None
    state: str
    decided_by: str


class Document(msgspec.Struct, frozen=True):
    """A kept picture without its content."""

    id: UUID
    org_id: UUID
    purpose: Purpose
    media_type: str
    width: int
    height: int
    created_by: str
    created_at: dt.datetime


class Verification(msgspec.Struct, frozen=True):
    """A verification and whose it is. `valid_until` is set when it is VERIFIED."""

    id: UUID
    org_id: UUID
    supplier: str
    name: str
    name_zh: str
    kind: str
    standing: Standing
    belt_id: str | None
    belt: str
    belt_zh: str
    state: VerificationState
    note: str
    version: int
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    decided_at: dt.datetime | None
    decided_by: str
    valid_until: dt.date | None


class Check(msgspec.Struct, frozen=True):
    """A partner's task on the spot; `answers` are its results by item."""

    id: UUID
    verification_id: UUID
    org_id: UUID
    supplier: str
    name: str
    name_zh: str
    partner: str
    state: str
    due_at: dt.datetime
    answers: dict[str, str]
    note: str
    done_by: str
    done_at: dt.datetime | None


class StrictReview(msgspec.Struct, frozen=True):
    """A supplier measured against a version of the strict standard; `results` by item."""

    id: UUID
    standard: int
    results: dict[str, str]
    is_passed: bool
    note: str
    reviewed_by: str
    reviewed_at: dt.datetime
    valid_until: dt.date | None


class Ground(enum.StrEnum):
    """Why a shop or its goods are complained of; INFRINGING is an IP claim."""

    INFRINGING = "INFRINGING"
    NON_SOURCE = "NON_SOURCE"
    UNSAFE = "UNSAFE"
    FRAUD = "FRAUD"


class CaseState(enum.StrEnum):
    """FROZEN from the start, ANSWERED by the supplier, then decided; an appeal is decided once."""

    FROZEN = "FROZEN"
    ANSWERED = "ANSWERED"
    RESTORED = "RESTORED"
    DELISTED = "DELISTED"
    APPEALED = "APPEALED"
    FINAL_RESTORED = "FINAL_RESTORED"
    FINAL_DELISTED = "FINAL_DELISTED"


class ShopCase(msgspec.Struct, frozen=True):
    """A complaint against a shop (`skus` empty) or some of its goods."""

    id: UUID
    number: str
    org_id: UUID
    supplier: str
    name: str
    name_zh: str
    ground: Ground
    skus: list[str]
    claimant: str
    right_number: str
    statement: str
    state: CaseState
    version: int
    opened_by: str
    opened_at: dt.datetime
    answer_by: dt.datetime
    decision_note: str
    decided_by: str
    decided_at: dt.datetime | None
    replacement: str


class CaseStatement(msgspec.Struct, frozen=True):
    """What one side said in a case."""

    id: UUID
    side: str
    kind: str
    text: str
    document_id: UUID | None
    said_by: str
    said_at: dt.datetime


class NotReady(Refusal):
    """A verification that lacks something cannot be sent in."""

    kind, code = Kind.CONFLICT, "suppliers.not_ready"
    title = "Something is missing"
    detail = N_("Still missing: {missing}.")
    missing: str


class WrongState(Refusal):
    """Where it stands, this cannot be done (any more)."""

    kind, code = Kind.CONFLICT, "suppliers.wrong_state"
    title = "Not possible now"
    detail = N_("It is {state}; this cannot be done now.")
    state: str


class ReasonNeeded(Refusal):
    """What is decided against somebody has a reason."""

    kind, code = Kind.INVALID, "suppliers.reason_needed"
    title = "A reason is needed"
    detail = N_("Say in a few words why; the supplier reads it.")


class ChecklistIncomplete(Refusal):
    """A review answers every item of its checklist."""

    kind, code = Kind.INVALID, "suppliers.checklist_incomplete"
    title = "The checklist is not complete"
    detail = N_("Answer every item of the checklist; {missing} is open.")
    missing: str


class FieldUnusable(Refusal):
    """A field of a form holds what cannot be kept."""

    kind, code = Kind.INVALID, "suppliers.field_unusable"
    title = "Not usable"
    detail = N_("“{value}” cannot be kept as {field}.")
    field: str
    value: str


class TooManyDocuments(Refusal):
    """More pictures than a verification needs."""

    kind, code = Kind.LIMIT, "suppliers.too_many_documents"
    title = "Too many pictures"
    detail = N_("At most {most} pictures are kept for a supplier.")
    most: int

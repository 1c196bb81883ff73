"""Receipts, journeys, decisions, returns, documents, carriage and tracking; why one is refused."""

import datetime as dt
import enum
from typing import Annotated, Final
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.trade.types import Carton

PRINTED: Final = r"^[^\x00-\x1f\x7f]*\Z"
"""A text of one line."""


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How many base units came of a line of the order, named by its number or its SKU.

    Of goods that keep lots, `lot` says which one; a line of several lots is named once for each.
    """

    quantity: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    line_no: int | None = None
    sku: str | None = None
    lot: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=PRINTED)] | None = None
    expires_date: dt.date | None = None


class GoodsReceipt(msgspec.Struct, frozen=True):
    """What a node counted of an order at once. `is_final`: nothing more was to come."""

    id: UUID
    number: str
    purchase_order_id: UUID
    purchase_order: str
    node: str
    received_at: dt.datetime
    received_by: str
    is_final: bool
    note: str


class GoodsReceiptLine(msgspec.Struct, frozen=True):
    """A line of a receipt in base units: awaited before it, and counted."""

    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    expected_quantity: int
    received_quantity: int


class NotReceivable(Refusal):
    """No goods are awaited in this state."""

    kind, code = Kind.CONFLICT, "fulfillment.not_receivable"
    title = "Nothing is awaited"
    detail = "{number} is {state}; goods are received of an issued or confirmed order."
    number: str
    state: str


class NotOnOrder(Refusal):
    """Something was counted that the order does not have."""

    kind, code = Kind.CONFLICT, "fulfillment.not_on_order"
    title = "Not on this order"
    detail = "“{item}” is not on {number}; set it aside, or receive it on its own order."
    number: str
    item: str


class NothingCounted(Refusal):
    """A receipt of nothing."""

    kind, code = Kind.INVALID, "fulfillment.nothing_counted"
    title = "Nothing was counted"
    detail = "Count something of {number}, or say that nothing more will come."
    number: str


class OverReceipt(Refusal):
    """More came than was awaited, beyond the tolerance."""

    kind, code = Kind.CONFLICT, "fulfillment.over_receipt"
    title = "More than was ordered"
    detail = "{sku} of {number}: {counted} counted, {awaited} awaited. Confirm it to take all."
    number: str
    sku: str
    awaited: int
    counted: int


class NameMissing(Refusal):
    """A counted line must be named by number or SKU, not by both or none."""

    kind, code = Kind.INVALID, "fulfillment.name_missing"
    title = "Which line?"
    detail = "Name each line by line_no or by sku."


class CountUnusable(Refusal):
    """A count that is no whole number of base units."""

    kind, code = Kind.INVALID, "fulfillment.count_unusable"
    title = "Not a count"
    detail = "{sku}: “{text}” is no count; write a number of 0 or more."
    sku: str
    text: str


class Journey(msgspec.Struct, frozen=True):
    """The way of one part of an order: where its units are, whose they are, what comes next.

    Units are base units; each is moving, delivered, refunded, replaced by another journey, or in
    question until a decision.
    """

    id: UUID
    order_id: UUID
    number: str
    line_no: int
    part_no: int
    attempt: int
    buyer: str
    supplier: str
    sku: str
    title: str
    title_zh: str
    uom: str
    node: str
    hub: str
    country: str
    sales_model: str
    owner: str
    quantity: int
    moving: int
    delivered: int
    refunded: int
    replaced: int
    in_question: int
    state: str
    stage: str | None
    responsible: str | None
    due_at: dt.datetime | None
    waybill: str
    promise_date: dt.date | None
    expected_at: dt.datetime
    opened_at: dt.datetime
    ended_at: dt.datetime | None


class Stage(msgspec.Struct, frozen=True):
    """One stage of a journey: planned, allowed until `due_at` once it runs, done."""

    journey_id: UUID
    position: int
    kind: str
    responsible: str
    state: str
    planned_at: dt.datetime
    started_at: dt.datetime | None
    due_at: dt.datetime | None
    done_at: dt.datetime | None
    units: int | None
    document: str
    done_by: str


class TitleTransfer(msgspec.Struct, frozen=True):
    """A change of owner of some units, and the document that proves it."""

    journey_id: UUID
    from_org: str
    to_org: str
    units: int
    document: str
    at: dt.datetime


class Option(msgspec.Struct, frozen=True):
    """What can be done: WAIT, REFUND `amount` (minor units), or REPLACE from `node`.

    Of a balance: pay it LATER, or GIVE_UP the goods and the deposit of `kept` (minor units).

    `promise_date` is the day (ISO 8601) it would all be there, empty where there is none.
    """

    option: str
    amount: int
    currency: str = ""
    node: str = ""
    promise_date: str = ""
    kept: int = 0


class Decision(msgspec.Struct, frozen=True):
    """A question about units of a journey; `default_option` is taken at `due_at` if silent."""

    id: UUID
    journey_id: UUID
    order_id: UUID
    number: str
    buyer: str
    sku: str
    title: str
    title_zh: str
    uom: str
    cause: str
    units: int
    options: list[Option]
    default_option: str
    due_at: dt.datetime
    state: str
    chosen: str | None
    decided_by: str
    note: str
    opened_at: dt.datetime
    decided_at: dt.datetime | None
    reminded_at: dt.datetime | None
    photos: list[UUID]


class SupplierTask(msgspec.Struct, frozen=True):
    """What a supplier has to ship: to a hub, or blind to the door in `ship_to`."""

    id: UUID
    number: str
    sku: str
    title: str
    title_zh: str
    uom: str
    units: int
    stage: str
    due_at: dt.datetime
    reminded_at: dt.datetime | None
    hub: str | None
    ship_to: dict[str, str] | None


class Parcel(msgspec.Struct, frozen=True):
    """A box at a hub by its domestic waybill; UNANNOUNCED until somebody knows whose it is."""

    waybill: str
    node: str
    supplier: str
    state: str
    note: str
    sender: str
    contents: str
    arrived_at: dt.datetime | None
    photos: list[UUID]


class ParcelCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was counted of one journey in a parcel; what is not said came complete."""

    journey_id: UUID
    good: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    damaged: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0
    wrong: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A part of all cases, from none to all."""


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong in a simulated world, as shares of all cases; one seed, one history.

    `factory_late` of confirmations and shipments, `defects` of inspected units, `customs_hold` of
    declarations, `lost_parcel` of trunk lines and last miles, `damaged_parcel` of boxes that a
    carrier tells of.
    """

    factory_late: Share = 0.0
    defects: Share = 0.0
    customs_hold: Share = 0.0
    lost_parcel: Share = 0.0
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 1
    damaged_parcel: Share = 0.0


class RunningStage(msgspec.Struct, frozen=True):
    """A stage under way, as the simulated world sees it."""

    journey_id: UUID
    number: str
    line_no: int
    part_no: int
    attempt: int
    kind: str
    moving: int
    started_at: dt.datetime
    hours_planned: float
    hours_allowed: float
    is_carried: bool
    """Whether its carrier tells when it ends."""


class ConfirmedPurchase(msgspec.Struct, frozen=True):
    """A purchase that its factory confirmed, and the journeys that still wait for its word."""

    number: str
    journeys: list[UUID]


class SentJourneys(msgspec.Struct, frozen=True):
    """Journeys whose units are in a box on the road, and its waybill."""

    waybill: str
    journeys: list[UUID]


class Moved(msgspec.Struct, frozen=True):
    """What a span of simulated time did: stages ended, units called into question."""

    stages: int = 0
    questions: int = 0


class UnitsNotThere(Refusal):
    """More units are called into question than a journey moves."""

    kind, code = Kind.CONFLICT, "fulfillment.units_not_there"
    title = "Not that many units"
    detail = "{units} units of {number} cannot be taken out; {moving} are on their way."
    number: str
    units: int
    moving: int


class AlreadyDecided(Refusal):
    """A decision has one answer."""

    kind, code = Kind.CONFLICT, "fulfillment.already_decided"
    title = "Already decided"
    detail = "It was decided before: {chosen}."
    chosen: str


class NoSuchOption(Refusal):
    """An answer that the decision does not offer."""

    kind, code = Kind.INVALID, "fulfillment.no_such_option"
    title = "Not an option"
    detail = "“{option}” is none of the options of this decision."
    option: str


class OptionGone(Refusal):
    """The stock that a replacement was offered from was sold meanwhile."""

    kind, code = Kind.CONFLICT, "fulfillment.option_gone"
    title = "No longer possible"
    detail = "The goods that could have replaced those of {number} are sold; choose the refund."
    number: str


class BalanceUnpaid(Refusal):
    """Goods that are packed before their balance is paid."""

    kind, code = Kind.CONFLICT, "fulfillment.balance_unpaid"
    title = "The balance is not paid"
    detail = "The goods of order {number} wait for their balance; they go on once it is paid."
    number: str


class UnknownStage(Refusal):
    """A stage that does not exist."""

    kind, code = Kind.INVALID, "fulfillment.unknown_stage"
    title = "Unknown stage"
    detail = "“{stage}” is no stage; the stages are {stages}."
    stage: str
    stages: str


class UnknownCause(Refusal):
    """A cause that does not exist."""

    kind, code = Kind.INVALID, "fulfillment.unknown_cause"
    title = "Unknown cause"
    detail = "“{cause}” is no cause; the causes are {causes}."
    cause: str
    causes: str


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


class Waited(msgspec.Struct, frozen=True):
    """Stages of one kind and party of about the same length: how many, and how much they count."""

    kind: str
    party_id: UUID
    country: str
    hours: float
    has_ended: bool
    stages: int
    weight: float


class StageTime(msgspec.Struct, frozen=True):
    """How long a stage takes at a supplier or node, or the ROAD from a node to a country."""

    kind: str
    party_id: UUID
    country: str
    ended: int
    hours_p50: float
    hours_p90: float


class StageTimeRow(msgspec.Struct, frozen=True):
    """A learned time with its party's names, and the hours that were planned before."""

    kind: str
    party: str
    party_name: str
    party_name_zh: str
    country: str
    ended: int
    hours_p50: float
    hours_p90: float
    hours_declared: float | None
    learned_at: dt.datetime


class Learnt(msgspec.Struct, frozen=True):
    """What a night of learning kept: times of stages, and lanes measured."""

    stages: int
    lanes: int


class TrackingUnreadable(Refusal):
    """A carrier's file with something in it that cannot be meant; none of it is taken."""

    kind, code = Kind.INVALID, "fulfillment.tracking_unreadable"
    title = "The tracking file cannot be read"
    detail = "Row {row}: {reason}. Nothing of the file was taken."
    row: int
    reason: str


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


class DocumentParty(msgspec.Struct, frozen=True):
    """Who stands on a document: its name in both scripts, its address by lines."""

    name: str
    name_zh: str
    country: str
    address: list[str] = []


class DocumentLine(msgspec.Struct, frozen=True):
    """Goods on a document, in base units of `uom`; what the catalog does not know is None or empty.

    `origin` is the country they are made in, `unit_price` an exact decimal text per unit of sale,
    `amount` minor units. A packing list has no prices.
    """

    line_no: int
    sku: str
    title: str
    title_zh: str
    hs_code: str
    origin: str
    uom: str
    quantity: int
    packs: int
    net_weight_g: int | None
    unit_price: str | None = None
    amount: int | None = None


class TradeDocument(msgspec.Struct, frozen=True):
    """A commercial invoice or a packing list of the units of an order that are sent or standing.

    Refunded and replaced units are not on it. `net_weight_g` is None where a weight is unknown.
    """

    kind: str
    number: str
    order: str
    reference: str
    issued_date: dt.date
    seller: DocumentParty
    buyer: DocumentParty
    ship_to: DocumentParty
    lines: list[DocumentLine]
    packs: int
    net_weight_g: int | None
    waybills: list[str]
    currency: str | None = None
    total_amount: int | None = None


class Label(msgspec.Struct, frozen=True):
    """What is stuck on a box: where it goes, what it is, and a GS1-128 code.

    `element` is the GS1 element string without its brackets, such as `91ASN-70001-2`.
    """

    to: DocumentParty
    waybill: str
    reference: str
    contents: list[str]
    element: str
    box: int = 1
    boxes: int = 1


class NothingToDocument(Refusal):
    """An order without units that are sent or standing."""

    kind, code = Kind.CONFLICT, "fulfillment.nothing_to_document"
    title = "Nothing to put on it"
    detail = "{number} has no units that are sent or ready to be sent."
    number: str


class UnknownDocument(Refusal):
    """A document that does not exist."""

    kind, code = Kind.NOT_FOUND, "fulfillment.unknown_document"
    title = "Unknown document"
    detail = "“{document}” is no document here; there are {documents}."
    document: str
    documents: str


class PhotoKind(enum.StrEnum):
    """What photos show: a lot, a box, units in question, a handover, a return, a claim."""

    INSPECTION = "INSPECTION"
    PARCEL = "PARCEL"
    DECISION = "DECISION"
    DELIVERY = "DELIVERY"
    RETURN = "RETURN"
    CLAIM = "CLAIM"


class Photo(msgspec.Struct, frozen=True):
    """A photo as evidence: whose it is, when it was added, its digest; `received_by` of a handover.

    `subject_id` is a journey of INSPECTION and DELIVERY, else what the kind is called.
    """

    id: UUID
    kind: PhotoKind
    subject_id: UUID
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
    """What photos are of; `is_mutual`: the buyer adds its own, `is_open`: more are taken now."""

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
    """One thing has as many photos as are kept of one."""

    kind, code = Kind.CONFLICT, "fulfillment.photos_full"
    title = "Enough photos"
    detail = "{number} has {most} photos, which is all that are kept of one; the others are kept."
    number: str
    most: int


class PhotoMissing(Refusal):
    """Who received the goods is kept with a photo of the handover, not alone."""

    kind, code = Kind.INVALID, "fulfillment.photo_missing"
    title = "The photo is missing"
    detail = "Take a photo, too: it is kept together with the name of who received the goods."


class PackUnit(msgspec.Struct, frozen=True):
    """Some base units of a journey in a parcel."""

    journey_id: UUID
    units: int


class WhyNoProposal(enum.StrEnum):
    """Why nothing can be proposed: what is missing, or what fits into no carton."""

    NO_CARTONS = "NO_CARTONS"
    SIZE_UNKNOWN = "SIZE_UNKNOWN"
    FITS_NOWHERE = "FITS_NOWHERE"
    TOO_MANY = "TOO_MANY"


class PlannedParcel(msgspec.Struct, frozen=True):
    """A proposed parcel: carton, goods, what it will weigh, be charged for and cost (minor units).

    Without a rate card for the lane nothing is charged for: those are None.
    """

    carton: str
    lines: list[PackUnit]
    weight_g: int
    chargeable_g: int | None
    freight_amount: int | None
    carton_amount: int


class Proposal(msgspec.Struct, frozen=True):
    """The cheapest parcels for an order's goods at a node, by one service; amounts in `currency`.

    `service` is empty where no rate card is valid for the lane: then they are the fewest.
    """

    service: str
    carrier: str
    currency: str
    parcels: list[PlannedParcel]


class Packable(msgspec.Struct, frozen=True):
    """What of an order is to be packed at a node: goods, cartons, and the proposal or why not.

    `lacking` are SKUs that have no weight or sides, or that no carton holds.
    """

    order_id: UUID
    number: str
    node: str
    country: str
    goods: list[Journey]
    cartons: list[Carton]
    proposal: Proposal | None
    why: WhyNoProposal | None
    lacking: list[str]


class MadeParcel(msgspec.Struct, frozen=True):
    """A parcel as it was packed: a carton of the node, or `sides` (mm) of another.

    `weighed_g` is what the scale said, None where it stood on none.
    """

    carton: str
    lines: list[PackUnit]
    weighed_g: int | None = None
    sides: tuple[int, int, int] | None = None


class PackedParcel(msgspec.Struct, frozen=True):
    """A parcel that was packed: expected and on the scale, charged for and priced (minor units)."""

    id: UUID
    packing_id: UUID
    position: int
    carton: str
    length_mm: int
    width_mm: int
    height_mm: int
    expected_g: int | None
    weighed_g: int | None
    chargeable_g: int | None
    freight_amount: int | None
    carton_amount: int | None
    sscc: str | None
    lines: list[PackUnit]


class Packing(msgspec.Struct, frozen=True):
    """How goods of an order were packed: the parcels proposed (None: none could be) and made."""

    id: UUID
    order_id: UUID
    number: str
    node: str
    country: str
    service: str
    currency: str
    plan: list[PlannedParcel] | None
    packed_by: str
    packed_at: dt.datetime


class ToPack(msgspec.Struct, frozen=True):
    """An order with goods to pack at a node: how many of its parts, and when the first is due."""

    order_id: UUID
    number: str
    buyer: str
    node: str
    country: str
    parts: int
    due_at: dt.datetime


class NothingToPack(Refusal):
    """An order without goods that wait to be packed at a node."""

    kind, code = Kind.CONFLICT, "fulfillment.nothing_to_pack"
    title = "Nothing to pack"
    detail = "No goods of {number} wait to be packed at {node}."
    number: str
    node: str


class PackingChanged(Refusal):
    """Parcels that do not hold what the journeys move."""

    kind, code = Kind.CONFLICT, "fulfillment.packing_changed"
    title = "Not what is to be packed"
    detail = "{sku}: {packed} base units in parcels, {moving} to pack. Put each unit into a parcel."
    sku: str
    packed: int
    moving: int


class UnknownCarton(Refusal):
    """A carton that the node does not use that day."""

    kind, code = Kind.INVALID, "fulfillment.unknown_carton"
    title = "Unknown carton"
    detail = "“{carton}” is no carton of {node} now; choose one of them, or give its sides."
    carton: str
    node: str


class CartonTooWeak(Refusal):
    """More goods in a carton than it may hold."""

    kind, code = Kind.CONFLICT, "fulfillment.carton_too_weak"
    title = "Too heavy for the carton"
    detail = "Parcel {parcel}: {load_g} g of goods, and {carton} holds {load_g_max} g. Divide them."
    parcel: int
    carton: str
    load_g: int
    load_g_max: int


class NotAFigure(Refusal):
    """A text of a packing where a number or three sides belong."""

    kind, code = Kind.INVALID, "fulfillment.not_a_figure"
    title = "Not a figure"
    detail = "“{text}” is no figure; write numbers, and sides as 300 x 200 x 100."
    text: str


class NothingInParcels(Refusal):
    """A packing without goods."""

    kind, code = Kind.INVALID, "fulfillment.nothing_in_parcels"
    title = "Nothing was packed"
    detail = "Say what is in which parcel."


class Scanned(msgspec.Struct, frozen=True):
    """What has a code: a packed parcel and its order, or a carton of a shipping notice."""

    sscc: str
    parcel_id: UUID | None = None
    order_id: UUID | None = None
    waybill: str = ""
    notice: str = ""


class MisreadCode(Refusal):
    """18 digits that are no SSCC: the last does not follow from the others."""

    kind, code = Kind.INVALID, "fulfillment.misread_code"
    title = "The code was misread"
    detail = "{sscc} is no SSCC: its check digit is wrong. Scan it again, or type all 18 digits."
    sscc: str


class UnknownSscc(Refusal):
    """An SSCC that no parcel or carton here has."""

    kind, code = Kind.NOT_FOUND, "fulfillment.unknown_sscc"
    title = "Nobody here has this code"
    detail = "No parcel and no announced carton has the SSCC {sscc}."
    sscc: str


class LotUnusable(Refusal):
    """A lot on the receiving page that says too much, or cannot be read."""

    kind, code = Kind.INVALID, "fulfillment.lot_unusable"
    title = "The lots do not fit"
    detail = (
        "{sku}: its lots have to be named, hold no more than was counted, and end on a day. "
        "Correct “{text}”."
    )
    sku: str
    text: str

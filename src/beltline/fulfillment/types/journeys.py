"""Journeys, their stages, owners and decisions, boxes at a hub; why an act is refused."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


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


class StageMovedOn(Refusal):
    """An end of a stage at which the journey is not, and that it has not ended."""

    kind, code = Kind.CONFLICT, "fulfillment.stage_moved_on"
    title = "Not at this stage"
    detail = "{sku} of {number} is not where its page showed it. Open the shipment and look."
    sku: str
    number: str


class StageEndedOtherwise(Refusal):
    """An end of a stage that somebody ended before, with another document."""

    kind, code = Kind.CONFLICT, "fulfillment.stage_ended_otherwise"
    title = "Recorded before, with another document"
    detail = "{sku} of {number} was recorded with “{document}”, not “{given}”. Compare both."
    sku: str
    number: str
    document: str
    given: str

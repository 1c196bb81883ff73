"""Plan runs, forecasts, proposals and decisions as they are read, and why they are refused."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal

Share = Annotated[float, Meta(ge=0, le=1)]


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a plan is made with; stored with the run.

    `horizon` counts periods (days or weeks) that are forecast beyond the longest lead time.
    Rates are per year, costs in `currency` (major units).
    """

    horizon: Annotated[int, Meta(ge=1, le=180)] = 28
    history_days: Annotated[int, Meta(ge=28, le=3_700)] = 1_100
    review_days: Annotated[int, Meta(ge=1, le=90)] = 7
    """A series is looked at again this many days later."""
    holding_rate: Annotated[float, Meta(gt=0, le=5)] = 0.25
    """Cost of capital, space and ageing per year, as a share of the purchase price."""
    margin_share: Annotated[float, Meta(gt=0, le=20)] = 0.4
    """Margin taken for a lost unit, as a share of the purchase price, where no price to buyers
    is known (or it earns less than a tenth of that)."""
    order_cost: Annotated[float, Meta(ge=0, le=100_000)] = 5.0
    """What placing and receiving one order line costs."""
    purchase_cost: Annotated[float, Meta(ge=0, le=100_000)] = 30.0
    """What a purchase costs whatever is on it: answering for it, its collection and its papers."""
    largest_share: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """Below 1: the most of one need to take from one supplier where others can cover the rest."""
    service_level: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Above 0: the chance of no stock-out in a cycle to keep, instead of weighing costs."""
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
    budget: Annotated[float, Meta(ge=0, le=1e12)] = 0.0
    """Above 0: what the goods of one plan may cost; what saves least for its money is deferred."""
    paths: Annotated[int, Meta(ge=20, le=2_000)] = 200
    seed: Annotated[int, Meta(ge=0, le=2**53)] = 0


class RunState(enum.StrEnum):
    """A run is QUEUED, RUNNING, and then ended; CANCELLED is the state of its job."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Status(enum.StrEnum):
    """The states of a proposal. DRAFT is not shown; ISSUED and SUPERSEDED are ends.

    DEFERRED found no room in the plan's budget, or no factory that can make it; it can be accepted
    all the same.
    """

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    DEFERRED = "DEFERRED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    ISSUED = "ISSUED"
    SUPERSEDED = "SUPERSEDED"


class Urgency(enum.StrEnum):
    """By order-by date: passed or today, within seven days, later."""

    NOW = "NOW"
    WEEK = "WEEK"
    LATER = "LATER"


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code of why, with its figures, a name and dates where the code has them."""

    code: str
    value: float = 0.0
    limit: float = 0.0
    name: str = ""
    ds: dt.date | None = None
    until: dt.date | None = None


class Note(msgspec.Struct, frozen=True):
    """What a plan could not use or had to assume: a code, how often, and examples."""

    code: str
    count: int
    examples: list[str] = []


class PlanRun(msgspec.Struct, frozen=True):
    """One plan: from which inputs, with which parameters and versions, how good, how far."""

    id: UUID
    number: int
    state: RunState
    cut_off: dt.date
    as_of: dt.datetime
    freq: str
    horizon: int
    parameters: dict[str, Any]
    versions: dict[str, Any]
    input_hash: str | None
    metrics: dict[str, Any] | None
    notes: list[Note]
    job_id: UUID | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    done: int
    total: int | None
    message: str


class Alternative(msgspec.Struct, frozen=True):
    """One compared offer.

    Costs are per base unit in the plan's currency, at the economical `quantity`: the price, the
    share of an order's cost, capital bound, expected lateness.
    """

    offer_id: UUID
    supplier_org_id: UUID
    supplier: str
    tier: str
    currency: str
    moq: int
    quantity: int
    unit_price: Decimal
    lead_time_days_mean: float
    lead_time_days_p95: float
    cost_price: float
    cost_order: float
    cost_holding: float
    cost_lateness: float
    cost: float


class Proposal(msgspec.Struct, frozen=True):
    """Buy `quantity` base units of a SKU from a supplier, to a node, by a date: and why.

    `amount` and `expected_cost` are minor units (`expected_cost` of the run's currency: holding,
    shortage and order cost of the cycle, without the goods). `returned_*` tell of a purchase that
    was made of it and ended REFUSED, EXPIRED or CANCELLED.
    """

    id: UUID
    plan_run_id: UUID
    sku_id: UUID
    sku: str
    title: str
    title_zh: str
    uom: str
    node_id: UUID
    node: str
    node_kind: str
    supplier_org_id: UUID
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    tier: str
    belt_id: str | None
    offer_id: UUID
    currency: str
    proposed_quantity: int
    quantity: int
    moq: int
    pack_size: int
    unit_price: Decimal
    amount: int
    order_by: dt.date
    expected_date: dt.date
    on_hand: int
    inbound: int
    stock_target: int
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    expected_cost: int
    why: list[Reason]
    alternatives: list[Alternative]
    status: Status
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    purchase_order_id: UUID | None
    returned_order_id: UUID | None
    returned_status: str | None
    returned_note: str
    returned_at: dt.datetime | None


class Filters(msgspec.Struct, frozen=True):
    """Which proposals: every member narrows. Codes of node and supplier, id of the belt.

    `is_returned` keeps those whose purchase ended before anything came in.
    """

    status: Status | None = None
    urgency: Urgency | None = None
    node: str | None = None
    supplier: str | None = None
    belt: str | None = None
    words: str = ""
    plan_run_id: UUID | None = None
    is_returned: bool = False


class Size(msgspec.Struct, frozen=True):
    """What a base unit weighs and measures; None where nobody says."""

    sku_id: UUID
    kilograms: float | None
    cubic_meters: float | None


class Amount(msgspec.Struct, frozen=True):
    """Minor units of a currency and over how many proposals."""

    currency: str
    amount: int
    count: int


class Totals(msgspec.Struct, frozen=True):
    """Count, money by currency, and counts by status and urgency of a filtered list."""

    count: int
    amounts: list[Amount]
    by_status: dict[str, int]
    by_urgency: dict[str, int]


class Decided(msgspec.Struct, frozen=True):
    """What a decision did: `count` proposals changed, `left` could not."""

    decision_id: UUID
    kind: str
    count: int
    left: int


class Issued(msgspec.Struct, frozen=True):
    """One purchase order made of accepted proposals."""

    purchase_order_id: UUID
    number: str
    supplier_org_id: UUID
    node_id: UUID
    currency: str
    lines: int
    amount: int


class NoDemand(Refusal):
    """There is nothing to plan from."""

    kind, code = Kind.CONFLICT, "planning.no_demand"
    title = "No demand to plan from"
    detail = "There is no demand up to {cut_off}; import the dataset demand first."
    cut_off: str


class CutOffInFuture(Refusal):
    """A cut-off that has not come yet."""

    kind, code = Kind.INVALID, "planning.cut_off_in_future"
    title = "The cut-off lies in the future"
    detail = "{cut_off} has not ended yet; the latest cut-off is {latest}."
    cut_off: str
    latest: str


class BudgetNotReadable(Refusal):
    """What was typed as a budget is no sum of money."""

    kind, code = Kind.INVALID, "planning.budget_not_readable"
    title = "This is no budget"
    detail = "“{typed}” is not a sum of money; type a figure such as 50000, or nothing."
    typed: str


class QuantityNotAllowed(Refusal):
    """A quantity the supplier does not sell: below its MOQ or no whole packs."""

    kind, code = Kind.INVALID, "planning.quantity_not_allowed"
    title = "The supplier does not sell this quantity"
    detail = (
        "{sku}: {asked} is not possible with a minimum of {moq} in packs of {pack_size}; "
        "the nearest possible quantities are {below} and {above}."
    )
    sku: str
    asked: int
    moq: int
    pack_size: int
    below: int
    above: int


class QuantityUnreadable(Refusal):
    """A quantity that is none, typed into a page."""

    kind, code = Kind.INVALID, "planning.quantity_unreadable"
    title = "Not a quantity"
    detail = "{sku}: “{typed}” is not a quantity; write a number in the unit of sale, or 0."
    sku: str
    typed: str


class NotCompared(Refusal):
    """An offer that the plan did not compare, or the one that is chosen already."""

    kind, code = Kind.INVALID, "planning.not_compared"
    title = "Not another offer"
    detail = "{sku} can be bought elsewhere from: {suppliers}."
    sku: str
    suppliers: str


class ProposalChanged(Refusal):
    """Somebody else decided meanwhile."""

    kind, code = Kind.CONFLICT, "planning.proposal_changed"
    title = "The proposal was changed meanwhile"
    detail = "It is now {state}, version {version}, decided by {decided_by}; look again."
    state: str
    version: int
    decided_by: str


class WrongStatus(Refusal):
    """A decision that does not fit the state of the proposal."""

    kind, code = Kind.CONFLICT, "planning.wrong_status"
    title = "The proposal is past that"
    detail = "The proposal is {state}; only one that is {needed} can be decided so."
    state: str
    needed: str


class NoPlanYet(Refusal):
    """Nothing to ask of: no plan has finished."""

    kind, code = Kind.CONFLICT, "planning.no_plan_yet"
    title = "No plan yet"
    detail = "A what-if is asked of a finished plan; start one first."


class NothingToUndo(Refusal):
    """No decision of the last ten minutes by this actor can be taken back."""

    kind, code = Kind.CONFLICT, "planning.nothing_to_undo"
    title = "Nothing to undo"
    detail = "You took no decision in the last {minutes} minutes that can still be taken back."
    minutes: int


class NothingToIssue(Refusal):
    """No accepted proposal among those named."""

    kind, code = Kind.CONFLICT, "planning.nothing_to_issue"
    title = "Nothing to issue"
    detail = "None of these proposals is accepted and waiting to be issued."

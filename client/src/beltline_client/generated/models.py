"""Written by `make docs` from the API's description; change that instead."""

import datetime as dt
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

Act: TypeAlias = Literal["LODGE", "HOLD", "QUERY", "RELEASE", "RETURN", "FORFEIT"]
"""What happens to a declaration: said to customs, or said by it.

LODGE, HOLD, QUERY, RELEASE, RETURN, FORFEIT
"""


class AdjustmentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An adjustment: APPLIED, or WAITING for a second person."""

    id: str
    number: str
    sku: str
    node: str
    owner: str
    kind: str
    quantity: int
    reason: str
    note: str
    status: str
    asked_by: str
    asked_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


AdjustmentKind: TypeAlias = Literal["ADJUST", "HOLD", "UNHOLD", "DAMAGE", "MEND", "SCRAP"]
"""What an adjustment does: to what stands there, what is held, or what is damaged.

ADJUST, HOLD, UNHOLD, DAMAGE, MEND, SCRAP
"""

AdjustmentReason: TypeAlias = Literal[
    "COUNT", "FOUND", "LOST", "BROKEN", "QUALITY", "RELEASED", "EXPIRED", "SAMPLE", "CORRECTION"
]
"""Why stock is adjusted.

COUNT, FOUND, LOST, BROKEN, QUALITY, RELEASED, EXPIRED, SAMPLE, CORRECTION
"""

AdjustmentStatus: TypeAlias = Literal["WAITING", "APPLIED", "REJECTED"]
"""How far an adjustment is.

WAITING, APPLIED, REJECTED
"""


class AdvanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The job that lets the time pass: see `GET /v1/jobs/{id}`."""

    job_id: str


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong in a simulated world, as shares of all cases; one seed, one history.

    `factory_late` of confirmations and shipments, `defects` of inspected units, `customs_hold`
    of declarations, `lost_parcel` of trunk lines and last miles, `damaged_parcel` of boxes that
    a carrier tells of.
    """

    factory_late: float | UnsetType = UNSET
    defects: float | UnsetType = UNSET
    customs_hold: float | UnsetType = UNSET
    lost_parcel: float | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    damaged_parcel: float | UnsetType = UNSET


class AlertAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU that came to answer a saved search, at its price of that moment (null: no offer)."""

    sku: str
    title: str
    title_zh: str
    supplier: str
    supplier_name: str
    currency: str | None
    unit_price: str | None
    told_at: dt.datetime
    seen_at: dt.datetime | None


class AmendedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Another quantity in base units of the line at a place (the first is 1); 0 cancels it."""

    line: int
    quantity: int


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """Minor units of a currency and over how many proposals."""

    currency: str
    amount: int
    count: int


AnswerKind: TypeAlias = Literal["CONFIRMED", "COUNTERED", "REFUSED"]
"""What a supplier can say to an order.

CONFIRMED, COUNTERED, REFUSED
"""


class AnswerLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a counter changes of a line; None leaves it as asked."""

    line_no: int
    quantity: int | UnsetType | None = UNSET
    unit_price: str | UnsetType | None = UNSET


class ApproveBody(msgspec.Struct, frozen=True, kw_only=True):
    """How goods are taken in; null is as the supplier told.

    `price` is what buyers pay a unit in `currency`; null: buyers see no price yet.
    """

    title: str | UnsetType | None = UNSET
    title_zh: str | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    currency: Literal["USD", "EUR", "CNY"] | UnsetType = UNSET
    price: str | UnsetType | None = UNSET


class ArrivalBody(msgspec.Struct, frozen=True, kw_only=True):
    """How many base units came in (all unless given); the others were lost on the way."""

    quantity: int | UnsetType | None = UNSET


PaymentKind: TypeAlias = Literal["DEPOSIT", "BALANCE"]
"""What is paid to a factory in advance.

DEPOSIT, BALANCE
"""


class AssignBody(msgspec.Struct, frozen=True, kw_only=True):
    """The buyer whose money a payment is, by code."""

    org: str


class Assurance(msgspec.Struct, frozen=True, kw_only=True):
    """How long money waits.

    The receipt counts as confirmed `release_days` after the delivery; for `claim_days` more the
    buyer may claim; a claim not answered within `answer_days` is granted.
    """

    release_days: int
    claim_days: int
    answer_days: int


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: headers sent, `status` and the beginning of what came back, or the error."""

    number: int
    at: dt.datetime
    ms: int
    status: int | None
    error: str
    request: dict[str, Any]
    response: str


AttributeKind: TypeAlias = Literal["TEXT", "NUMBER", "CHOICE", "BOOLEAN"]
"""What values an attribute takes.

TEXT, NUMBER, CHOICE, BOOLEAN
"""


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what. `change` holds `[before, after]` per changed field, or facts."""

    id: str
    at: dt.datetime
    actor: str
    via: str
    action: str
    object: str
    object_id: str | None
    change: dict[str, Any]
    request_id: str


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What an organization has in one account, in minor units.

    `held` waits in open holds and is not part of `amount`. `spendable` is what may be spent: of
    a credit account (whose amount is below 0 by what is owed) that is what is left of the
    limit.
    """

    account: str
    currency: str
    amount: int
    held: int
    spendable: int


BalanceDue: TypeAlias = Literal["BEFORE_SHIPMENT", "AFTER_INSPECTION"]
"""When a factory is paid the rest of goods it makes to order.

BEFORE_SHIPMENT: when they have passed inspection and before they leave. AFTER_INSPECTION: with
the settlement of what was received and inspected at the hub.

BEFORE_SHIPMENT, AFTER_INSPECTION
"""


class BankAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Where a transfer to a company goes.

    `number` is an IBAN or the bank's own. Without a `currency` it takes any; `holder` is empty
    where it is the company itself.
    """

    bank: str
    number: str
    bic: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    holder: str | UnsetType = UNSET


class BankFile(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a bank's statement, and a name for the account it is of."""

    file: str
    bank: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """What became of money that came.

    `state` is UNMATCHED (the reference names no order), CREDITED (on the buyer's balance), PAID
    (it paid the order) or REVERSED.
    """

    id: str
    source: str
    external_id: str
    amount: int
    currency: str
    reference: str
    state: str
    order_id: str | None
    received_at: dt.datetime


Bearer: TypeAlias = Literal["OPERATOR", "SUPPLIER", "CARRIER"]
"""Who bears what customs sends back or keeps.

OPERATOR, SUPPLIER, CARRIER
"""


class BeltAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A belt; `evidence` is `page` when a published page was read, else it is unverified."""

    id: str
    name: str
    name_zh: str
    province: str
    city: str
    county: str
    category: str
    products: str
    products_zh: str
    longitude: float
    latitude: float
    evidence: str
    source: str
    suppliers: int
    orders_28d: int
    orders_before: int
    new_products_28d: int
    price_index: float | None
    on_time: float | None
    capacity: str
    risk: str


class BoxBody(msgspec.Struct, frozen=True, kw_only=True):
    """A box as it was measured: grams and outer millimeters."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


class BreakRow(msgspec.Struct, frozen=True, kw_only=True):
    """From a chargeable weight on: prices in major units, as exact decimal texts."""

    weight_from_g: int
    per_parcel: str
    per_kg: str


class BulkProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why an order of a bulk was refused; `params` are the members that its code comes with."""

    code: str
    title: str
    status: int
    detail: str
    param: str | None
    params: dict[str, Any]


class CancelBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why the order is taken back; the supplier reads it."""

    note: str | UnsetType = UNSET


CargoVerdict: TypeAlias = str
"""What a cargo class may do on a lane: go, go with a document or a packing, or not go.

ALLOW, DOCUMENT, PACK, FORBID
"""


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An exact amount: `amount` in minor units of the ISO 4217 `currency`."""

    amount: int
    currency: str


class CartonBody(msgspec.Struct, frozen=True, kw_only=True):
    """A carton as it is kept: inner millimeters, grams, price in major units of `currency`."""

    node: str
    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    load_g_max: int
    cost: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    valid_from: dt.date | UnsetType | None = UNSET
    valid_until: dt.date | UnsetType | None = UNSET


class CartonKept(msgspec.Struct, frozen=True, kw_only=True):
    """The carton that was added or changed."""

    id: str


class CartonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A carton: inner millimeters, grams, price in major units as an exact decimal text."""

    id: str
    node: str
    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_g: int
    load_g_max: int
    cost: str
    currency: str
    valid_from: dt.date
    valid_until: dt.date | None


Ground: TypeAlias = Literal["INFRINGING", "NON_SOURCE", "UNSAFE", "FRAUD"]
"""Why a shop or its goods are complained of; INFRINGING is an IP claim.

INFRINGING, NON_SOURCE, UNSAFE, FRAUD
"""

CaseState: TypeAlias = Literal[
    "FROZEN", "ANSWERED", "RESTORED", "DELISTED", "APPEALED", "FINAL_RESTORED", "FINAL_DELISTED"
]
"""FROZEN from the start, ANSWERED by the supplier, then decided; an appeal is decided once.

FROZEN, ANSWERED, RESTORED, DELISTED, APPEALED, FINAL_RESTORED, FINAL_DELISTED
"""


class CaseDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Restore the goods, or delist them, and why."""

    restore: bool
    note: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one SKU, before and after; None is empty."""

    sku: str
    field: str
    before: str | None
    after: str | None


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a change: what it would have, and what it had."""

    line_no: int
    sku: str
    quantity: int
    before: int


ChangeState: TypeAlias = str
"""Where a change of an order stands.

OPEN, ACCEPTED, REFUSED
"""


class ChangeAnswerBody(msgspec.Struct, frozen=True, kw_only=True):
    """The other side's word; a refusal needs a note."""

    is_accepted: bool
    note: str | UnsetType = UNSET


class ChangedLine(msgspec.Struct, frozen=True, kw_only=True):
    """The base units that a line shall have."""

    line_no: int
    quantity: int


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What would be different.

    `price` is the change of the price to buyers (-0.1 = a tenth less), `lead_time_days` is
    added to every delivery, a promotion multiplies the demand of the next `promotion_days` by 1
    plus `promotion_uplift`; a `service_level` replaces the weighing of costs (0 weighs them).
    """

    price: float | UnsetType = UNSET
    promotion_days: int | UnsetType = UNSET
    promotion_uplift: float | UnsetType = UNSET
    lead_time_days: int | UnsetType = UNSET
    service_level: float | UnsetType | None = UNSET


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """How an order's payment stands at a provider, in minor units.

    `state` is PENDING, SUCCEEDED or REVERSED. The buyer's own page goes on with
    `client_secret`; `status` is the order's.
    """

    provider: str
    external_id: str
    state: str
    amount: int
    currency: str
    client_secret: str
    status: str


class CheckoutBody(msgspec.Struct, frozen=True, kw_only=True):
    """A payment begun before, by the provider's name for it, to look at; none begins one."""

    external_id: str | UnsetType | None = UNSET


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's answer: minor units to refund, 0 to reject; `charged_to` bears them."""

    amount: int
    charged_to: Literal["SUPPLIER", "CARRIER", "OPERATOR"] | UnsetType = UNSET
    note: str | UnsetType = UNSET


class ClaimedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked back of the line at a place (the first is 1).

    The price of some base units, or an amount in minor units off the line, the units kept.
    """

    line: int
    units: int | UnsetType | None = UNSET
    amount: int | UnsetType | None = UNSET


class ClaimCaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A claim on goods of the calling supplier, which may answer until `due_at`, once."""

    id: str
    number: str
    reason: str
    note: str
    lines: list[dict[str, str | int | None]]
    state: str
    is_charged: bool
    evidence: str
    answered_at: dt.datetime | None
    opened_at: dt.datetime
    due_at: dt.datetime
    ended_at: dt.datetime | None


class ClaimEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the supplier of claimed goods says to a claim."""

    supplier: str
    text: str


class ClaimLine(msgspec.Struct, frozen=True, kw_only=True):
    """What of a line is asked back; `units` null where it is an amount off. In minor units."""

    line: int
    sku: str
    units: int | None
    asked_amount: int
    refunded_amount: int


class ClockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The instant it is for this key, and whether it is virtual."""

    now: dt.datetime
    is_sandbox: bool


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that was compared; costs are per base unit in the plan's currency."""

    supplier: str
    tier: str
    currency: str
    moq: int
    quantity: int
    unit_price: str
    lead_time_days_mean: float
    lead_time_days_p95: float
    cost_price: float
    cost_order: float
    cost_holding: float
    cost_lateness: float
    cost: float


Concerned: TypeAlias = Literal["OPERATOR", "SUPPLIER"]
"""Who has to do it.

OPERATOR, SUPPLIER
"""

CostKind: TypeAlias = str
"""What a part of the landed cost is for, in the order they are told.

GOODS, TRUNK_AND_LAST_MILE, DUTY, IMPORT_VAT
"""

Lack: TypeAlias = str
"""Why an amount is not known.

No rule of valuation, freight, rate, tariff code or exchange rate; or no duty it rests on.

RULE, FREIGHT, RATE, DUTY, CODE, EXCHANGE
"""


class CountAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A count: its lines, how many are left, how many differ and wait for a second person."""

    id: str
    number: str
    node: str
    blind: bool
    note: str
    state: str
    lines: int
    left: int
    differences: int | None
    waiting: int
    opened_by: str
    opened_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class CountEntryBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a SKU, in base units; `found` adds goods that the sheet lacks."""

    sku: str
    counted: int
    owner: str | UnsetType | None = UNSET
    found: bool | UnsetType = UNSET


class CountLineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a count, in base units; `expected` and `difference` null for who counts blind."""

    line_no: int
    sku: str
    owner: str
    state: str
    found: bool
    expected: int | None
    counted: int | None
    difference: int | None
    counted_by: str | None
    counted_at: dt.datetime | None
    adjustment: str | None


class CountProblemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong with an entry: its index, or its row of the file."""

    row: int
    sku: str
    code: str
    detail: str


class CountSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a file of counted figures."""

    file: str


CountState: TypeAlias = Literal["OPEN", "POSTED", "CANCELLED"]
"""How far a count of stock is.

OPEN, POSTED, CANCELLED
"""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many base units came of a line of the order, named by its number or its SKU.

    Of goods that keep lots, `lot` says which one; a line of several lots is named once for
    each.
    """

    quantity: int
    line_no: int | UnsetType | None = UNSET
    sku: str | UnsetType | None = UNSET
    lot: str | UnsetType | None = UNSET
    expires_date: dt.date | UnsetType | None = UNSET


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did or, in a dry run, would do; rows of the file or records."""

    rows: int
    inserted: int
    updated: int
    unchanged: int
    bad_rows: int
    problems: int


class CreditBody(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's line of credit as the operator sets it; `limit` in minor units.

    A month's orders are due on `due_day` of the next month; what is late costs `late_fee_ppm`
    parts in a million, once.
    """

    org: str
    currency: str
    limit: int
    due_day: int | UnsetType = UNSET
    late_fee_ppm: int | UnsetType = UNSET


class CreditLine(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's line of credit, in minor units; `used` is owed, `left` may still be spent.

    A month's orders are due on `due_day` of the next month.
    """

    org: str
    name: str
    currency: str
    credit_limit: int
    used: int
    left: int
    fees: int
    due_day: int
    late_fee_ppm: int
    state: str
    version: int


ValueBasis: TypeAlias = str
"""What duty is levied on: the goods (FOB), or these with freight and insurance (CIF).

FOB, CIF
"""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was proved, whether it holds, the figures behind it, and examples where it fails."""

    name: str
    statement: str
    holds: bool
    figures: dict[str, int | float | str]
    faults: list[dict[str, Any]] | None = None


class FieldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a data set; `choices` are its only values, where it has such."""

    name: str
    kind: str
    required: bool
    description: str
    example: str
    choices: list[str]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A period that was, or that is forecast: then with its 10, 50 and 90 % quantiles."""

    ds: dt.date
    y: float | None = None
    in_stock: bool | None = None
    mean: float | None = None
    p10: float | None = None
    p50: float | None = None
    p90: float | None = None


DeadlineKind: TypeAlias = str
"""What has to be done by a time: answer an order, send its goods, answer a change.

ANSWER, SHIPMENT, CHANGE
"""


class DecidePaymentBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it is paid, and the bank's name for the payment."""

    approve: bool
    reference: str | UnsetType = UNSET


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done: WAIT, REFUND `amount` (minor units), or REPLACE from `node`.

    Of a balance: pay it LATER, or GIVE_UP the goods and the deposit of `kept` (minor units).

    `promise_date` is the day (ISO 8601) it would all be there, empty where there is none.
    """

    option: str
    amount: int
    currency: str | None = None
    node: str | None = None
    promise_date: str | None = None
    kept: int | None = None


DeclarationState: TypeAlias = Literal[
    "DRAFT", "READY", "LODGED", "HELD", "QUERIED", "RELEASED", "RETURNED", "FORFEITED"
]
"""Where a declaration is between being put together and its end.

DRAFT, READY, LODGED, HELD, QUERIED, RELEASED, RETURNED, FORFEITED
"""

RefundState: TypeAlias = Literal[
    "COLLECTING", "MATCHED", "FILED", "PAID", "REPAID", "EXEMPT", "DEEMED_DOMESTIC"
]
"""Where the refund of VAT of a declaration is.

COLLECTING, MATCHED, FILED, PAID, REPAID, EXEMPT, DEEMED_DOMESTIC
"""


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to a webhook."""

    id: str
    event_id: str
    feed_seq: int
    type: str
    is_replay: bool
    status: str
    tries: int
    next_try_at: dt.datetime | None
    created_at: dt.datetime
    delivered_at: dt.datetime | None


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of a published event.

    `feed_seq` only grows; `sequence` counts in the aggregate.
    """

    id: str
    type: str
    version: int
    aggregate: str
    aggregate_id: str
    sequence: int
    feed_seq: int
    occurred_at: dt.datetime
    data: dict[str, Any]


DeliveryStatus: TypeAlias = Literal["WAITING", "DELIVERED", "FAILED"]
"""What became of a delivery.

WAITING, DELIVERED, FAILED
"""


class DeliveryTerm(msgspec.Struct, frozen=True, kw_only=True):
    """An Incoterm 2020 with its named place.

    `source` is EXPORT_TERM where the lane's term says so. It is ORDER where none is known: the
    order's price has carriage to the door in it and no duty, which is DAP.
    """

    incoterm: str
    place: str
    source: str


class Deposit(msgspec.Struct, frozen=True, kw_only=True):
    """What of an order is paid with it, and what later, in minor units; the sums of its lines.

    `due_at` is the first day on which a balance is due, null as long as nothing is made.
    """

    amount: int
    balance: int
    unpaid: int
    due_at: dt.datetime | None


class DocumentLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods on a document, in base units of `uom`; what the catalog does not know is None or
    empty.

    `origin` is the country they are made in, `unit_price` an exact decimal text per unit of
    sale, `amount` minor units. A packing list has no prices.
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


class DocumentParty(msgspec.Struct, frozen=True, kw_only=True):
    """A door on a document: its name in both scripts, its address by lines."""

    name: str
    name_zh: str
    country: str
    address: list[str] | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """It was done."""

    done: bool | None = None


DraftState: TypeAlias = str
"""WAITING for the operator, RETURNED with a reason, or APPROVED: in the catalog.

WAITING, RETURNED, APPROVED
"""


class EditProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of an edit that cannot be kept: row of the paste, its column, and why."""

    row: int
    column: str
    value: str
    why: str


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan comes to over its horizon: units, and money in major units of its currency.

    `margin` is earned on what is sold, `margin_lost` is missed on what is asked for in vain;
    `bought` is what is ordered, `stock_value` the mean value of what stands there.
    """

    series: int | None = None
    units_demanded: float | None = None
    units_lost: float | None = None
    margin: float | None = None
    margin_lost: float | None = None
    holding: float | None = None
    ordering: float | None = None
    bought: float | None = None
    stock_value: float | None = None


class EndBody(msgspec.Struct, frozen=True, kw_only=True):
    """How a pool ends before its time: as far as it has come, or with `cancel` without orders."""

    cancel: bool | UnsetType = UNSET


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that speaks for a pair or against it.

    `part` is TEXT, BARCODE, BRAND, PICTURE or PAPERS, against it OTHER_BRAND or OTHER_BARCODE;
    `detail` the score of the texts, the barcode, the brand.
    """

    part: str
    detail: str


class ExchangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """How many minor units of a currency are changed into another."""

    from_currency: str
    to_currency: str
    amount: int


class Exchanged(msgspec.Struct, frozen=True, kw_only=True):
    """What was given and got, in minor units, at which rate of whom and when."""

    gave: int
    from_currency: str
    got: int
    to_currency: str
    rate: str
    rate_source: str
    margin_ppm: int


class HsLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a declaration: goods of a code, origin and currency; what is not known is None."""

    line_no: int
    hs_code: str
    sku: str
    title: str
    title_zh: str
    origin: str
    uom: str
    quantity: int
    amount: int
    currency: str
    net_weight_g: int | None
    gross_weight_g: int | None


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """An amount of a currency in minor units."""

    amount: int
    currency: str


class RefundLine(msgspec.Struct, frozen=True, kw_only=True):
    """The refund of a journey's units: matched with fapiaos, and what is lost without one.

    `refund` is the fapiaos' net amount by the rate of the day, `lost` that of the agreed price
    less its VAT for units without one; None where a rate or a price is not known.
    """

    order_number: str
    line_no: int
    sku: str
    uom: str
    units: int
    fapiaos: list[str]
    fapiao_units: int
    is_paid: bool
    transport_document: str
    is_matched: bool
    percent: str | None
    source: str
    refund: int | None
    lost: int | None
    currency: str | None


class ExportTermRow(msgspec.Struct, frozen=True, kw_only=True):
    """How goods leave a node for a country; values in major units, as exact decimal texts."""

    id: str
    node: str
    country: str
    tax_basis: str
    export_mode: str
    exporter: str
    exporter_code: str
    principal: str
    incoterm: str
    vat: str
    value_max: str | None
    value_currency: str
    scheme: str
    scheme_number: str
    scheme_value_max: str | None
    scheme_currency: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A value by which the answer can be narrowed, and how many of its goods have it."""

    value: str
    goods: int


Measure: TypeAlias = Literal[
    "ON_TIME", "DEFECT_FREE", "NOT_RETURNED", "ANSWERED", "PRICE_KEPT", "CAPACITY_KEPT"
]
"""What a supplier is measured by; each outcome is good to a share between 0 and 1.

ON_TIME, DEFECT_FREE, NOT_RETURNED, ANSWERED, PRICE_KEPT, CAPACITY_KEPT
"""


class FapiaoLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """Base units of a SKU on a fapiao; amounts in minor units, without VAT and the VAT."""

    sku: str
    quantity: int
    net_amount: int
    vat_amount: int


FapiaoKind: TypeAlias = Literal["SPECIAL", "ORDINARY"]
"""Special fapiaos carry VAT that can be refunded, ordinary ones do not.

SPECIAL, ORDINARY
"""


class FapiaoLineRow(msgspec.Struct, frozen=True, kw_only=True):
    """Units on a fapiao and how many of them cover exports."""

    line_no: int
    sku: str
    quantity: int
    net_amount: int
    vat_amount: int
    used_units: int


FileState: TypeAlias = Literal["OPEN", "CLOSED", "JOINED"]
"""Where a customs file is: open, closed once all has left, or joined into another.

OPEN, CLOSED, JOINED
"""


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is missing or asked: its facts by kind, what may be answered and what silence means."""

    id: str
    file_id: str
    declaration_id: str | None
    kind: str
    subject: str
    stops: bool
    facts: dict[str, Any]
    options: list[str]
    default_option: str | None
    due_at: dt.datetime | None
    state: str
    chosen: str
    note: str
    opened_at: dt.datetime
    ended_at: dt.datetime | None


class FinishAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many journeys were in this stage and went on to the next."""

    moved: int


class FinishBody(msgspec.Struct, frozen=True, kw_only=True):
    """The stage to end, of which journeys; `document` is the waybill, declaration or proof."""

    stage: str
    journeys: list[str]
    document: str | UnsetType = UNSET


class PlanningReason(msgspec.Struct, frozen=True, kw_only=True):
    """One code of why, with its figures, a name and dates where the code has them."""

    code: str
    value: float | None = None
    limit: float | None = None
    name: str | None = None
    ds: dt.date | None = None
    until: dt.date | None = None


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """What the order would take of the account it is paid from, and what that has.

    In minor units; null for a bank transfer.
    """

    method: str
    needed: int
    available: int | None


class SearchReason(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a rank and what it adds (0..its weight).

    WORDS, or in their place MEANING or PICTURE; then READY, FAST, RELIABLE.
    """

    part: str
    adds: float


class GradeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What came: good units and others; `charged_to` caused it and bears the cost."""

    resell: int
    scrap: int
    charged_to: str


class Gs1Prefix(msgspec.Struct, frozen=True, kw_only=True):
    """The GS1 company prefix that SSCCs are made of; empty: labels carry none."""

    prefix: str


class HsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An HS code that may fit, with its evidence; CONFIRMED by a person or not."""

    hs_code: str
    score: float
    evidence: str
    state: str


class HsDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a candidate is the one."""

    confirm: bool


class MappedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """Which field a source column was taken for, and why; None when it was left out."""

    column: str
    field: str | None
    reason: str


TaxKind: TypeAlias = Literal["DUTY", "VAT", "REFUND"]
"""Which tax a dated rate is of: duty or VAT on import, refund of VAT on export.

DUTY, VAT, REFUND
"""


class InboundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What reaches a node in the week of a Monday, and how full what carries it is.

    Lines that are late count in the week of today. `loads` of the kind `load` (a truck at home,
    a container abroad) carry it; `last_fill` is the share of the last one that is full. Lines
    whose goods do not say what they weigh and measure are `unmeasured` and left out of both.
    """

    node: str
    week: dt.date
    purchases: int
    lines: int
    late: int
    unmeasured: int
    kilograms: float
    cubic_meters: float
    load: str
    loads: int
    last_fill: float


class InspectBody(msgspec.Struct, frozen=True, kw_only=True):
    """Defective pieces of the sample, by kind."""

    critical: int
    major: int
    minor: int
    note: str | UnsetType = UNSET


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
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


class InspectionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How to inspect a lot: so many pieces, so many defects allowed of each kind.

    `sample` pieces are drawn; major defects count among the first `sample_major` of them, minor
    ones among the first `sample_minor`. No critical defect is ever allowed; `is_stopped` says
    that nothing of this supplier may be accepted until it has corrected something.
    """

    severity: str
    lot: int
    sample: int
    sample_major: int
    sample_minor: int
    accept_major: int
    accept_minor: int
    is_stopped: bool | None = None


class InvitationBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to bring in. The phone goes to the supplier's contact and nowhere else."""

    code: str
    name: str
    name_zh: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    belt: str | UnsetType | None = UNSET
    contact_name: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET


InvoiceState: TypeAlias = Literal["MATCHED", "DIFFERING", "APPROVED", "REJECTED"]
"""Where a supplier's invoice stands.

MATCHED, DIFFERING, APPROVED, REJECTED
"""


class ProcurementDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoice asks above its order (PRICE), its receipts (QUANTITY) or its lines (TOTAL).

    Prices are exact decimal texts, quantities base units, totals minor units.
    """

    kind: str
    sku: str
    expected: str
    invoiced: str


class InvoicedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line three times: agreed, received, invoiced; prices are exact decimal texts."""

    line_no: int
    sku: str
    agreed_unit_price: str
    agreed_quantity: int
    received_quantity: int
    quantity: int
    unit_price: str
    amount: int


class InvoiceLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """Base units of a line of the order, at a price per unit of sale."""

    line_no: int
    quantity: int
    unit_price: str


class IssueBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which accepted proposals to order; all of them unless named."""

    proposal_ids: list[str] | UnsetType | None = UNSET


class JobAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A job: `done` of `total` units of its own; `result` is what it returned or what failed."""

    id: str
    kind: str
    title: str
    state: str
    done: int
    total: int | None
    message: str
    result: Any
    created_by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class JobAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The job that was asked for; `/v1/jobs/{id}` shows how far it is."""

    job_id: str


class JoinBody(msgspec.Struct, frozen=True, kw_only=True):
    """The files whose goods are to be declared with those of this one."""

    files: list[str]


class JourneyRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where the units of a part of an order are.

    Base units; each is moving, delivered, refunded, replaced or in question. `owner` is whose
    they are now, `due_at` when the present stage has to end, `expected_at` when they arrive.
    """

    id: str
    order_id: str
    order: str
    line_no: int
    part_no: int
    attempt: int
    buyer: str
    supplier: str
    sku: str
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


class StageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: planned to end at `planned_at`, allowed until `due_at` once it runs."""

    kind: str
    responsible: str
    state: str
    planned_at: dt.datetime
    started_at: dt.datetime | None
    due_at: dt.datetime | None
    done_at: dt.datetime | None
    units: int | None
    document: str


class TitleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A change of owner."""

    from_org: str
    to_org: str
    units: int
    document: str
    at: dt.datetime


class KeyBody(msgspec.Struct, frozen=True, kw_only=True):
    """A key to make. Without `expires_at` it stands until it is revoked."""

    name: str
    scopes: list[str]
    expires_at: dt.datetime | UnsetType | None = UNSET


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it can be shown later; `prefix` is the visible beginning of its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    latest_used_at: dt.datetime | None
    created_by: str
    created_at: dt.datetime


class LevelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many stock rows are watched or left alone now."""

    rows: int


class LevelBody(msgspec.Struct, frozen=True, kw_only=True):
    """From which available units on `stock.low` is recorded; null ends it."""

    sku: str
    node: str
    low_at: int | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line that come from one node."""

    node: str
    quantity: int
    sales_model: str
    status: str


class LineDeposit(msgspec.Struct, frozen=True, kw_only=True):
    """What of a line is paid first and what when its goods are made, in minor units.

    Of the `balance` the buyer has `unpaid` still to pay, until `due_at` once the goods are
    made.
    """

    percent: float
    amount: int
    balance: int
    unpaid: int
    due_at: dt.datetime | None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of base units at a price per unit of sale (an exact decimal text)."""

    quantity: int
    unit_price: str
    amount: int


class LineBody(msgspec.Struct, frozen=True, kw_only=True):
    """How many base units of a SKU, under which sales model (any, when none is named)."""

    sku: str
    quantity: int
    sales_model: Literal["DIRECT", "VIRTUAL", "PRESTOCK", "OWNED"] | UnsetType | None = UNSET


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """The way to the form without an account, shown this once; the link before it has ended."""

    path: str
    expires_at: dt.datetime


class LinkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A guest link: its path on this site, shown this once."""

    path: str
    expires_at: dt.datetime


LotKind: TypeAlias = Literal["NONE", "LOT", "EXPIRY"]
"""What a SKU wants of lots: none, to be told apart (dye lots), or also a last day.

NONE, LOT, EXPIRY
"""


class LotRow(msgspec.Struct, frozen=True, kw_only=True):
    """A lot in base units; an empty `lot` is not named yet, `held` of its units have expired."""

    id: str
    sku: str
    node: str
    owner: str
    lot: str
    expires_date: dt.date | None
    received_at: dt.datetime
    units: int
    held: int
    ending: bool


class LotMoveRow(msgspec.Struct, frozen=True, kw_only=True):
    """Units that came to a lot or left it; a SHIP's reference is the journey of an order."""

    id: str
    at: dt.datetime
    sku: str
    node: str
    owner: str
    lot: str
    kind: str
    units: int
    reference: str


class LotNameBody(msgspec.Struct, frozen=True, kw_only=True):
    """Units to put into `lot`, in base units; `source` is their lot, empty where nobody named it.

    The same lot as source and lot corrects the day of all its units.
    """

    sku: str
    node: str
    lot: str
    units: int
    expires_date: dt.date | UnsetType | None = UNSET
    owner: str | UnsetType | None = UNSET
    source: str | UnsetType = UNSET


LowValueVat: TypeAlias = str
"""When VAT of a consignment of little worth is due: on import, with the sale, or not at all.

DUE, SALE, FREE
"""

PairKind: TypeAlias = str
"""What two products of two suppliers are to each other.

SAME_ITEM, SAME_FACTORY, SUBSTITUTE, UNLIKE
"""

PairState: TypeAlias = str
"""Whether a person has said what a pair is: the same item (CONFIRMED) or not (SPLIT).

PROPOSED, CONFIRMED, SPLIT
"""


class SearchDifference(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute under which two products say different things, in their own words."""

    code: str
    a: str
    b: str


MilestoneKind: TypeAlias = Literal["STARTED", "FINISHED", "PASSED", "FAILED"]
"""What is told of the making of goods; PASSED and FAILED are inspections before they leave.

STARTED, FINISHED, PASSED, FAILED
"""


class ModelProfit(msgspec.Struct, frozen=True, kw_only=True):
    """A sales model of a position: units it would hold, expected profit a cycle (major units)."""

    model: str
    units: int
    profit: float


class MovementRow(msgspec.Struct, frozen=True, kw_only=True):
    """One change of stock; the amounts are differences in base units."""

    id: str
    at: dt.datetime
    sku: str
    node: str
    owner: str
    kind: str
    on_hand: int
    reserved: int
    quality_hold: int
    damaged: int
    reference: str


class NameBody(msgspec.Struct, frozen=True, kw_only=True):
    """Another name."""

    name: str


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key. `secret` is told in the first answer only: a repeated request gets null."""

    id: str
    secret: str | None


class NewPhotoBody(msgspec.Struct, frozen=True, kw_only=True):
    """A photo of goods: JPEG, PNG or WebP of at most 8 MiB, in base64."""

    content: str


class NewSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook's secret, told in the first answer only: a repeated request gets null."""

    id: str
    secret: str | None


class NodeStock(msgspec.Struct, frozen=True, kw_only=True):
    """Base units that could be ordered from a node now."""

    node: str
    available: int


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan could not use or had to assume: a code, how often, and examples."""

    code: str
    count: int
    examples: list[str] | None = None


NoticeState: TypeAlias = Literal["ANNOUNCED", "RECEIVED"]
"""Where a shipping notice stands.

ANNOUNCED, RECEIVED
"""


class NoticeLineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line: announced, counted (null until then), and what came more or less than announced."""

    line_no: int
    sku: str
    quantity: int
    received_quantity: int | None
    difference: int


class NoticeLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many base units of a line of the order were sent."""

    line_no: int
    quantity: int


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in minor units."""

    amount: int
    currency: str


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """The day by which all of it arrives, and how probable that is."""

    date: dt.date
    probability: float


class Proforma(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer's bank needs to know; the transfer must name `payment_reference`."""

    number: str
    payment_reference: str
    amount: int
    currency: str
    pay_by: dt.datetime


class OrderLineBody(msgspec.Struct, frozen=True, kw_only=True):
    """A line to order by its SKU's code: base units, and the price of one unit of sale."""

    sku: str
    quantity: int
    unit_price: str


class OrderPaper(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note of an order; `total` in minor units."""

    id: str
    number: str
    kind: str
    currency: str
    total: int
    issued_at: dt.datetime


class OrganizationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The organization a key or member acts for."""

    id: str
    code: str
    kind: str
    name: str
    name_zh: str
    country: str


class OverrideAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An override: who expects what of a series, when and why, and whether it was withdrawn."""

    id: str
    starts: dt.date
    ends: dt.date
    factor: float
    reason: str
    created_by: str
    created_at: dt.datetime
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None


class OverrideBody(msgspec.Struct, frozen=True, kw_only=True):
    """Demand of a SKU at a node will be `factor` times the forecast from one day to another."""

    sku: str
    node: str
    starts: dt.date
    ends: dt.date
    factor: float
    reason: str


class ParcelUnits(msgspec.Struct, frozen=True, kw_only=True):
    """Base units of a journey in a parcel."""

    journey_id: str
    units: int


class PackingKept(msgspec.Struct, frozen=True, kw_only=True):
    """The packing that was kept."""

    id: str


WhyNoProposal: TypeAlias = str
"""Why nothing can be proposed: what is missing, or what fits into no carton.

NO_CARTONS, SIZE_UNKNOWN, FITS_NOWHERE, TOO_MANY
"""


class PairSide(msgspec.Struct, frozen=True, kw_only=True):
    """One product of a pair."""

    product: str
    sku: str
    title: str
    title_zh: str
    supplier: str
    supplier_name: str
    tier: str


class PaperCredit(msgspec.Struct, frozen=True, kw_only=True):
    """What of a month's orders on credit was charged, settled already and is to be paid."""

    charged: int
    settled: int
    due: int


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is billed or given back, in base units and minor units.

    `line` is that of the order. An amount off a line has a `quantity` of 0. `kind` is DEPOSIT
    (its `balance` is billed later), BALANCE (the goods were billed with the deposit) or KEPT (a
    deposit of goods that were given up) of what is not billed in one.
    """

    line: int
    sku: str
    title: str
    title_zh: str
    uom: str
    quantity: int
    unit_price: str
    amount: int
    kind: str | None = None
    balance: int | None = None


class PaperRow(msgspec.Struct, frozen=True, kw_only=True):
    """A paper as it was issued, in minor units; `order_id` of an invoice or credit note.

    `total` is what is billed or given back; of a statement what stands at the end of its
    `month`.
    """

    id: str
    number: str
    kind: str
    org: str
    reference: str
    order_id: str | None
    month: dt.date | None
    currency: str
    total: int
    issued_on: dt.date
    issued_at: dt.datetime


class PaperSums(msgspec.Struct, frozen=True, kw_only=True):
    """A month of an account, in minor units: `closing` = `opening` + `added` + `taken`.

    Of a balance what is there counts above 0; of a line of credit what is owed does.
    """

    opening: int
    added: int
    taken: int
    closing: int
    entries: int


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is made with; stored with the run.

    `horizon` counts periods (days or weeks) that are forecast beyond the longest lead time.
    Rates are per year, costs in `currency` (major units).
    """

    horizon: int | UnsetType = UNSET
    history_days: int | UnsetType = UNSET
    review_days: int | UnsetType = UNSET
    holding_rate: float | UnsetType = UNSET
    margin_share: float | UnsetType = UNSET
    order_cost: float | UnsetType = UNSET
    purchase_cost: float | UnsetType = UNSET
    largest_share: float | UnsetType = UNSET
    service_level: float | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    budget: float | UnsetType = UNSET
    paths: int | UnsetType = UNSET
    seed: int | UnsetType = UNSET


class ParcelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """MATCHED to what was announced, or UNANNOUNCED and kept until it is claimed."""

    waybill: str
    node: str
    supplier: str
    state: str
    arrived_at: dt.datetime | None


class FulfillmentCountBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of one journey in a parcel."""

    journey_id: str
    good: int
    damaged: int | UnsetType = UNSET
    wrong: int | UnsetType = UNSET


class PayBody(msgspec.Struct, frozen=True, kw_only=True):
    """How a placed order, or the balance of one, is paid now."""

    method: Literal["BALANCE", "CREDIT"] | UnsetType = UNSET


class PaymentBody(msgspec.Struct, frozen=True, kw_only=True):
    """How the order is paid: at once from balance or credit, or later by bank transfer."""

    method: Literal["BALANCE", "CREDIT", "TRANSFER"]


class PaymentBodyIn(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came from outside, in minor units, as a bank or a provider told of it.

    `external_id` is the source's own name for it; `reference` what its sender wrote.
    """

    source: str
    external_id: str
    amount: int
    currency: str
    reference: str


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came from outside; `order_id` is what it paid."""

    id: str
    source: str
    external_id: str
    amount: int
    currency: str
    reference: str
    state: str
    order_id: str | None
    received_at: dt.datetime


PaymentState: TypeAlias = Literal["ASKED", "PAID", "DROPPED"]
"""Where an advance stands; DROPPED was never paid.

ASKED, PAID, DROPPED
"""


class PhotoAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that can be asked with until `expires_at`; nothing but its vector is kept."""

    id: str
    expires_at: dt.datetime


class PhotoBody(msgspec.Struct, frozen=True, kw_only=True):
    """A photo to look for goods with: JPEG, PNG or WebP of at most 8 MiB, in base64."""

    content: str


PhotoKind: TypeAlias = Literal["INSPECTION", "PARCEL", "DECISION", "DELIVERY", "RETURN", "CLAIM"]
"""What photos show: a lot, a box, units in question, a handover, a return, a claim.

INSPECTION, PARCEL, DECISION, DELIVERY, RETURN, CLAIM
"""

Side: TypeAlias = str
"""Whose photo it is, for parties that are not to know each other's names.

OPERATOR, BUYER, SUPPLIER
"""

RunState: TypeAlias = str
"""A run is QUEUED, RUNNING, and then ended; CANCELLED is the state of its job.

QUEUED, RUNNING, DONE, REFUSED, FAILED, CANCELLED
"""


class ShipTo(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and where to; `country` is ISO 3166 alpha-2."""

    name: str
    country: str
    phone: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    postcode: str | UnsetType = UNSET
    line1: str | UnsetType = UNSET
    line2: str | UnsetType = UNSET


class PooledPayment(msgspec.Struct, frozen=True, kw_only=True):
    """What the pledge's money is held from."""

    method: Literal["BALANCE", "CREDIT"] | UnsetType = UNSET


class PledgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pledge; amounts in minor units. `order_id` once it became an order.

    `amount` is what it paid, `alone_amount` what the same would have cost alone: null where
    that is below the minimum.
    """

    id: str
    number: str
    buyer: str
    quantity: int
    price_max: str
    held_amount: int
    status: str
    amount: int | None
    alone_amount: int | None
    order_id: str | None
    created_at: dt.datetime


class PoolBody(msgspec.Struct, frozen=True, kw_only=True):
    """A pool as the operator opens it: of the SKU's offer to buyers in a currency.

    `target_quantity` (base units) is the MOQ, or where there is none the first price break,
    unless given.
    """

    sku: str
    currency: str
    closes_at: dt.datetime
    target_quantity: int | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class PoolRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pool; quantities in base units, prices per unit of sale as decimal texts.

    `own_quantity` is the acting buyer's part of `pledged_quantity`. `reason` says why a pool
    without orders ended: TOO_FEW, NO_STOCK, OFFER_ENDED or CANCELLED.
    """

    id: str
    number: str
    sku: str
    currency: str
    uom: str
    target_quantity: int
    unit_price: str
    pledged_quantity: int
    pledges: int
    own_quantity: int
    status: str
    reason: str | None
    final_price: str | None
    note: str
    opened_at: dt.datetime
    closes_at: dt.datetime
    ended_at: dt.datetime | None


class PostBody(msgspec.Struct, frozen=True, kw_only=True):
    """With `skip_uncounted` lines that were not counted stay as the books have them."""

    skip_uncounted: bool | UnsetType = UNSET


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A translation; a machine's is marked, and one of an older text is stale."""

    locale: str
    title: str
    description: str
    is_machine: bool
    is_stale: bool


class ProductBody(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a product; what is left out stays."""

    title: str | UnsetType | None = UNSET
    title_zh: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    locale: str | UnsetType | None = UNSET
    origin_country: str | UnsetType | None = UNSET
    origin_place: str | UnsetType | None = UNSET
    is_customizable: bool | UnsetType | None = UNSET
    attributes: dict[str, str | None] | UnsetType = UNSET


PlanningStatus: TypeAlias = Literal[
    "DRAFT", "OPEN", "DEFERRED", "ACCEPTED", "REJECTED", "ISSUED", "SUPERSEDED"
]
"""The states of a proposal. DRAFT is not shown; ISSUED and SUPERSEDED are ends.

DEFERRED found no room in the plan's budget, or no factory that can make it; it can be accepted
all the same.

DRAFT, OPEN, DEFERRED, ACCEPTED, REJECTED, ISSUED, SUPERSEDED
"""

TransferStatus: TypeAlias = Literal["DRAFT", "OPEN", "ACCEPTED", "REJECTED", "SUPERSEDED"]
"""The states of a proposed transfer. DRAFT is not shown; what is ACCEPTED has been sent.

DRAFT, OPEN, ACCEPTED, REJECTED, SUPERSEDED
"""


class PurchasePaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of a purchase in base units: ordered on the terms that stand, cancelled, still wanted.

    `unit_price` is an exact decimal text per unit of sale, `amount` that of what is wanted and
    `ordered_amount` that of what was ordered, in minor units.
    """

    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    ordered: int
    cancelled: int
    wanted: int
    unit_price: str
    ordered_amount: int
    amount: int


class QuestionBody(msgspec.Struct, frozen=True, kw_only=True):
    """Units that will not come as promised, and why."""

    cause: str
    units: int
    note: str | UnsetType = UNSET


class OrdersBreak(msgspec.Struct, frozen=True, kw_only=True):
    """The unit price per uom, an exact decimal text, from a quantity of base units on."""

    quantity_from: int
    unit_price: str


class RangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """A range of the feed to send again, both ends included."""

    first: int
    last: int


class RateBody(msgspec.Struct, frozen=True, kw_only=True):
    """The share of sales the network keeps, in parts of a million, by the days it is valid.

    Of all suppliers without one of their own, when none is named.
    """

    rate_ppm: int
    valid_from: dt.date
    valid_until: dt.date | UnsetType | None = UNSET
    supplier: str | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class RateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rate in parts of a million; `supplier` null for that of all without one of their own."""

    supplier: str | None
    rate_ppm: int
    valid_from: dt.date
    valid_until: dt.date | None
    note: str
    set_by: str
    set_at: dt.datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the money of an order whose receipt was confirmed, in minor units."""

    order_id: str
    released: int
    refunded: int
    currency: str
    released_at: dt.datetime | None


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a receipt in base units: awaited before it, and counted."""

    line_no: int
    sku: str
    expected_quantity: int
    received_quantity: int


RefundStep: TypeAlias = Literal["FILED", "PAID", "REPAID", "DEEMED_DOMESTIC"]
"""What a person says of a refund.

FILED, PAID, REPAID, DEEMED_DOMESTIC
"""

WhyNot: TypeAlias = str
"""Why a service does not take a box.

TOO_HEAVY, TOO_LONG, TOO_LIGHT
"""

RemedyKind: TypeAlias = Literal["TRANSFER", "MARKDOWN", "RETURN", "BUNDLE"]
"""What can be done about too much stock.

TRANSFER, MARKDOWN, RETURN, BUNDLE
"""


class RepayBody(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what is owed on credit is repaid from the balance, in minor units."""

    currency: str
    amount: int


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How many events are sent again."""

    events: int


class ReturnBody(msgspec.Struct, frozen=True, kw_only=True):
    """Delivered units to send back, in base units, and why."""

    journey_id: str
    units: int
    reason: str
    note: str | UnsetType = UNSET


class ReturnRow(msgspec.Struct, frozen=True, kw_only=True):
    """A return; `refunded_amount` in minor units."""

    id: str
    number: str
    journey_id: str
    order_id: str
    order: str
    buyer: str
    sku: str
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
    photos: list[str] | None = None


class ReverseBody(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that was taken back, as its source names it."""

    source: str
    external_id: str


class Reversed(msgspec.Struct, frozen=True, kw_only=True):
    """What of it the buyer's balance did not cover, in minor units."""

    loss: int


RiskState: TypeAlias = Literal["OUT", "AT_RISK", "FIT", "OVER", "DEAD"]
"""Where a position stands: nothing left, likely to run out, as it should be, too much, dead.

OUT, AT_RISK, FIT, OVER, DEAD
"""


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row of a sheet: the order it is part of, or why it was not placed."""

    row: int
    reference: str
    id: str | None = None
    problem: str | None = None


class RunBody(msgspec.Struct, frozen=True, kw_only=True):
    """Until when is stated; now when it is left out."""

    until: dt.datetime | UnsetType | None = UNSET


SavedState: TypeAlias = str
"""Whether goods that come to answer a saved search are told of.

ACTIVE, PAUSED
"""


class SavedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A search to keep: what `GET /v1/search` takes, and a name of the organization's own."""

    name: str
    q: str
    quantity: int | UnsetType = UNSET
    currency: str | UnsetType | None = UNSET
    price_max: str | UnsetType | None = UNSET
    moq_max: int | UnsetType | None = UNSET
    lead_time_days_max: float | UnsetType | None = UNSET
    availability: Literal["SPOT", "MADE_TO_ORDER", "PRESALE"] | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    supplier: str | UnsetType | None = UNSET
    belt: str | UnsetType | None = UNSET
    tier: Literal["A", "B", "C"] | UnsetType | None = UNSET


class SayingBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a side says: evidence, or an appeal."""

    text: str


ScopeKind: TypeAlias = Literal["ALL", "CATEGORY", "SUPPLIER", "SKU"]
"""What a scenario is about.

ALL, CATEGORY, SUPPLIER, SKU
"""


class SendBackBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why goods are given back; the supplier reads it."""

    note: str


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what no rule speaks of stops goods; how long a missing fapiao is waited for."""

    is_strict: bool | None = None
    fapiao_hours: int | None = None


class SettingBody(msgspec.Struct, frozen=True, kw_only=True):
    """Strict: what no rule speaks of stops goods, too; hours a missing fapiao is waited for."""

    is_strict: bool
    fapiao_hours: int


class SettlementLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was earned or taken back, in minor units; `rate_ppm` null where no share is kept."""

    at: dt.datetime
    kind: str
    reference: str
    sku: str
    quantity: int
    amount: int
    rate_ppm: int | None
    commission: int
    earned_on: dt.date


class SettlementRow(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a supplier, in minor units.

    `closing` = `opening` + `earned` + `taken_back` - `commission`. `state` is DUE, ASKED, PAID,
    or CARRIED (nothing to pay; the next one opens with it). Who asked and paid is for the
    operator.
    """

    id: str
    number: str
    supplier: str
    currency: str
    starts: dt.datetime
    ends: dt.datetime
    opening: int
    earned: int
    taken_back: int
    commission: int
    closing: int
    state: str
    asked_by: str
    paid_by: str
    paid_at: dt.datetime | None
    payment_reference: str
    made_at: dt.datetime


class SheetUpload(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a file of orders."""

    file: str


class ShipmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a factory has to ship until `due_at`, in base units of `uom`.

    To the hub, or blind and without a price to the door in `ship_to`. Shipped, the stage
    FACTORY of `journey_id` is ended with the waybill (`POST /v1/journeys/finish`).
    """

    journey_id: str
    order: str
    sku: str
    title: str
    title_zh: str
    uom: str
    units: int
    due_at: dt.datetime
    hub: str | None
    ship_to: dict[str, str] | None


class SsccHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A packed parcel and its order, or the waybill and the number of a shipping notice."""

    sscc: str
    parcel_id: str | None
    order_id: str | None
    waybill: str
    notice: str


class StageTimeRow(msgspec.Struct, frozen=True, kw_only=True):
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


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """How many statements were drawn up."""

    made: int


class StatedLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a statement, in minor units; of a line of credit above 0 when more is owed."""

    at: dt.datetime
    kind: str
    reference: str
    amount: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer owes of one month's orders on credit, in minor units.

    `state` is OPEN, OVERDUE or PAID; `due` is what is left of it, late fee included. `paper_id`
    is the statement as it was issued (`/v1/ledger/papers/{paper_id}`).
    """

    id: str
    org: str
    name: str
    currency: str
    month: dt.date
    charged: int
    settled: int
    late_fee: int
    due: int
    due_on: dt.date
    state: str
    paper_id: str | None


class StockItemBody(msgspec.Struct, frozen=True, kw_only=True):
    """What stands of a SKU at a node. Without `owner` it is the caller's own."""

    sku: str
    node: str
    on_hand: int
    owner: str | UnsetType | None = UNSET
    version: int | UnsetType | None = UNSET


class StockRow(msgspec.Struct, frozen=True, kw_only=True):
    """Stock of a SKU at a node, in base units.

    A buyer gets sku, node, available and inbound, over all owners; the owner and the operator
    get everything.
    """

    sku: str
    node: str
    available: int
    inbound: int
    owner: str | None = None
    kind: str | None = None
    on_hand: int | None = None
    reserved: int | None = None
    quality_hold: int | None = None
    damaged: int | None = None
    version: int | None = None
    counted_at: dt.datetime | None = None


class StockResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item.

    `outcome` SET, UNCHANGED or SHORTAGE with the version kept, or the problem.
    """

    index: int
    sku: str
    node: str
    outcome: str | None = None
    version: int | None = None
    problem: dict[str, Any] | None = None


StockTransferStatus: TypeAlias = Literal["SENT", "RECEIVED", "RETURNED"]
"""How far a transfer is; RETURNED is back where it came from.

SENT, RECEIVED, RETURNED
"""

SuggestionKind: TypeAlias = str
"""What is suggested while somebody types: goods by their title, a category, a belt.

TITLE, CATEGORY, BELT
"""


class SupplierBody(msgspec.Struct, frozen=True, kw_only=True):
    """One of the suppliers compared, by code."""

    supplier: str
    version: int
    note: str | UnsetType = UNSET


class SupplierRow(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier. `tier_basis` is GIVEN (by a file) or MEASURED (by its record)."""

    code: str
    name: str
    name_zh: str
    kind: str
    tier: str
    tier_basis: str
    belt: str | None
    lead_time_days_mean: float
    lead_time_days_p95: float


class TakeUpBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was done about it; kept in the audit."""

    note: str | UnsetType = UNSET


class TellBody(msgspec.Struct, frozen=True, kw_only=True):
    """Goods as texts by column; with `dry_run` nothing is kept.

    Columns: `sku` (your own number), `title_zh` or `title`, `price` in CNY, `category`, `moq`,
    `lead_time_days`, `weight_g`, `pack_size`. A number told of before is changed: a blank cell
    leaves a field as it is.
    """

    rows: list[dict[str, str]]
    dry_run: bool | UnsetType = UNSET


class TermsSet(msgspec.Struct, frozen=True, kw_only=True):
    """The terms count from now on."""

    ok: bool | None = None


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """How far an invoice may lie above its order: percent, percent, minor units of its total."""

    price_percent: str
    quantity_percent: str
    total_amount: int


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier's word did: new events, stages that ended, questions that opened.

    `unknown` are waybills that nobody waits for, 20 at most.
    """

    fresh: int
    moved: int
    questions: int
    unknown: list[str]


TrackingKind: TypeAlias = Literal[
    "PICKED_UP",
    "DEPARTED",
    "ARRIVED",
    "HELD",
    "RELEASED",
    "OUT_FOR_DELIVERY",
    "ATTEMPTED",
    "DELIVERED",
    "RETURNING",
    "LOST",
    "DAMAGED",
    "OTHER",
]
"""What a carrier's event of a box means; OTHER is what is only kept in its words.

PICKED_UP, DEPARTED, ARRIVED, HELD, RELEASED, OUT_FOR_DELIVERY, ATTEMPTED, DELIVERED, RETURNING,
LOST, DAMAGED, OTHER
"""


class TrackingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A path anybody may open until `expires_at`; shown this once."""

    path: str
    expires_at: dt.datetime


class TrackingFile(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a carrier's file; `zone` is the time zone of times that name none."""

    file: str
    carrier: str
    zone: str | UnsetType = UNSET


class TransferLine(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's side of a transfer. `amount` is in minor units, negative when it goes out."""

    id: str
    at: dt.datetime
    kind: str
    account: str
    amount: int
    currency: str
    reference: str
    order_id: str | None


class TransfersBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which open transfers to send, all of them unless named; and a remark."""

    transfer_ids: list[str] | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class TransfersDecided(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision did: `count` transfers changed, `left` could not."""

    count: int
    left: int


class TranslationBody(msgspec.Struct, frozen=True, kw_only=True):
    """A product's words in another language; `model` names the machine that made them."""

    title: str
    description: str | UnsetType = UNSET
    is_machine: bool | UnsetType = UNSET
    model: str | UnsetType = UNSET


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """The form of an import: a CSV, XLSX or Parquet file and how it is to be read.

    Without `dataset` it is told from the file's name and columns. `columns` are corrections
    such as `日期=ds`, `constants` such as `currency=CNY`; both can be sent several times.
    `create_missing` makes SKUs, nodes and suppliers that nobody knows yet; `first_day` is the
    day of the column `d_1`, where columns are numbered days.
    """

    file: str
    dataset: str | UnsetType = UNSET
    columns: list[str] | UnsetType = UNSET
    constants: list[str] | UnsetType = UNSET
    sheet: str | UnsetType | None = UNSET
    dry_run: bool | UnsetType = UNSET
    strict: bool | UnsetType = UNSET
    create_missing: bool | UnsetType = UNSET
    first_day: dt.date | UnsetType | None = UNSET


Urgency: TypeAlias = Literal["NOW", "WEEK", "LATER"]
"""By order-by date: passed or today, within seven days, later.

NOW, WEEK, LATER
"""

VatBasis: TypeAlias = str
"""What VAT on import is of: customs value and duty, or these and all carriage.

VALUE, CARRIAGE
"""

Verdict: TypeAlias = Literal["SAME", "SUBSTITUTE", "UNLIKE"]
"""What a person says of a pair.

SAME, SUBSTITUTE, UNLIKE
"""

VerificationState: TypeAlias = Literal[
    "INVITED",
    "DRAFT",
    "SUBMITTED",
    "LOCAL_CHECK",
    "REVIEW",
    "RETURNED",
    "VERIFIED",
    "REFUSED",
    "EXPIRED",
]
"""Where a verification stands; VERIFIED, REFUSED and EXPIRED are ends.

INVITED, DRAFT, SUBMITTED, LOCAL_CHECK, REVIEW, RETURNED, VERIFIED, REFUSED, EXPIRED
"""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and how it stands; `feed_seq` is how far its deliveries are made."""

    id: str
    url: str
    types: list[str]
    description: str
    status: str
    disabled_reason: str
    feed_seq: int
    waiting: int
    failed: int
    delivered: int
    created_at: dt.datetime


class WebhookBody(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook to make. `types` are beginnings of types (`order.`); none is all."""

    url: str
    types: list[str] | UnsetType = UNSET
    description: str | UnsetType = UNSET


class WithdrawalBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why the factory cannot bring what it confirmed."""

    note: str


class CatalogBreak(msgspec.Struct, frozen=True, kw_only=True):
    """The unit price (an exact decimal text) from a quantity of base units on."""

    quantity_from: int
    unit_price: str


class CatalogEditBody(msgspec.Struct, frozen=True, kw_only=True):
    """Rows as texts by column: `sku` and fields; with `dry_run` nothing is changed."""

    rows: list[dict[str, str]]
    dry_run: bool | UnsetType = UNSET


class CustomsAnswerBody(msgspec.Struct, frozen=True, kw_only=True):
    """One of a task's options; a query needs a note of what customs was told."""

    option: str
    note: str | UnsetType = UNSET


class FulfillmentDecideBody(msgspec.Struct, frozen=True, kw_only=True):
    """The option to take: one of those the decision offers."""

    option: str


class FulfillmentAnswerBody(msgspec.Struct, frozen=True, kw_only=True):
    """The node to send it to; without one the return is refused."""

    node: str | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class InventoryCountBody(msgspec.Struct, frozen=True, kw_only=True):
    """What to count at a node of the network: `skus`, what has `words`, or all that stands there.

    With `blind` only administrators and planners see what the books say, until it has ended.
    """

    node: str
    skus: list[str] | UnsetType | None = UNSET
    words: str | UnsetType = UNSET
    blind: bool | UnsetType = UNSET
    note: str | UnsetType = UNSET


class LedgerDecideBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a statement is paid out, and the bank's name for the payment."""

    approve: bool
    reference: str | UnsetType = UNSET


class OrdersEvidenceBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the supplier knows of the goods."""

    evidence: str


class OrdersHappening(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the order's timeline."""

    type: str
    occurred_at: dt.datetime
    sequence: int
    data: dict[str, Any]


class PlanningDecisionBody(msgspec.Struct, frozen=True, kw_only=True):
    """The version of the proposal that was seen (refused when it moved), and a remark."""

    version: int | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class PlanningEditBody(msgspec.Struct, frozen=True, kw_only=True):
    """Another quantity, in base units."""

    quantity: int
    version: int
    note: str | UnsetType = UNSET


class ProcurementDecideBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the operator takes the invoice as it is; the supplier reads the note."""

    is_approved: bool
    note: str


class ProcurementHappening(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the order's timeline."""

    type: str
    occurred_at: dt.datetime
    sequence: int
    data: dict[str, Any]


ProcurementStatus: TypeAlias = Literal[
    "PROPOSED",
    "ISSUED",
    "CONFIRMED",
    "COUNTERED",
    "REFUSED",
    "EXPIRED",
    "CANCELLED",
    "DEPOSIT_PAID",
    "IN_PRODUCTION",
    "INSPECTED",
    "BALANCE_PAID",
    "PART_SHIPPED",
    "SHIPPED",
    "PART_RECEIVED",
    "RECEIVED",
    "INVOICED",
    "SETTLED",
]
"""Where a purchase order stands.

PROPOSED, ISSUED, CONFIRMED, COUNTERED, REFUSED, EXPIRED, CANCELLED, DEPOSIT_PAID,
IN_PRODUCTION, INSPECTED, BALANCE_PAID, PART_SHIPPED, SHIPPED, PART_RECEIVED, RECEIVED,
INVOICED, SETTLED
"""


class SuppliersDecisionBody(msgspec.Struct, frozen=True, kw_only=True):
    """VERIFIED, RETURNED or REFUSED; REVIEW begins a check by hand. All but the first say why."""

    state: str
    note: str | UnsetType = UNSET


class AdjustmentList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of adjustments, newest first."""

    items: list[AdjustmentAnswer]
    next_cursor: str | None


class AdjustmentBody(msgspec.Struct, frozen=True, kw_only=True):
    """A change of counted stock; `quantity` in base units, below 0 only where ADJUST takes away."""

    sku: str
    node: str
    kind: AdjustmentKind
    quantity: int
    reason: AdjustmentReason
    owner: str | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class AdvanceBody(msgspec.Struct, frozen=True, kw_only=True):
    """How many days to let pass, and what goes wrong meanwhile."""

    days: int
    faults: Faults | UnsetType = UNSET


class AlertList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of goods that came, the latest first."""

    items: list[AlertAnswer]
    next_cursor: str | None


class AmendBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; lines left out stay. All lines at 0 cancel the order."""

    lines: list[AmendedLine]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Count, money by currency, and counts by status and urgency of a filtered list."""

    count: int
    amounts: list[Amount]
    by_status: dict[str, int]
    by_urgency: dict[str, int]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier's answer: all as asked, on other terms, or not at all (`note` says why)."""

    answer: AnswerKind
    lines: list[AnswerLine] | UnsetType = UNSET
    expected_date: dt.date | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class AskPaymentBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which payment is asked for."""

    kind: PaymentKind


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """A typed attribute of a category: TEXT, NUMBER with its unit, CHOICE of some, or BOOLEAN."""

    code: str
    name: str
    kind: AttributeKind
    name_zh: str | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    choices: list[str] | UnsetType = UNSET


class AuditList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the audit, newest first."""

    items: list[AuditRow]
    next_cursor: str | None


class BalanceList(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts of the caller."""

    items: list[Balance]
    next_cursor: str | None = None


class TermBody(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of a factory, by its code, for what is ordered from now on; shares in percent."""

    supplier: str
    deposit_percent: str
    balance_due: BalanceDue | UnsetType = UNSET
    kept_percent: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class TermRow(msgspec.Struct, frozen=True, kw_only=True):
    """Terms of a factory, from `set_at` until others are set."""

    deposit_percent: str
    balance_due: BalanceDue
    kept_percent: str
    supplier: str
    note: str
    set_at: dt.datetime


class TermsShown(msgspec.Struct, frozen=True, kw_only=True):
    """Shares as exact decimal texts, in percent."""

    deposit_percent: str
    balance_due: BalanceDue
    kept_percent: str


class EntityBody(msgspec.Struct, frozen=True, kw_only=True):
    """A company as its register has it, and the day from which papers name it so.

    `country` is ISO 3166 alpha-2; `tax_id` the VAT number or, in China, the unified social
    credit code. A name or address in another script is also given in Latin letters. Without
    `valid_from` it counts from today.
    """

    name: str
    country: str
    address: str
    name_latin: str | UnsetType = UNSET
    address_latin: str | UnsetType = UNSET
    registration_number: str | UnsetType = UNSET
    tax_id: str | UnsetType = UNSET
    bank_accounts: list[BankAccount] | UnsetType = UNSET
    valid_from: dt.date | UnsetType | None = UNSET


class EntityRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the company that papers name, from `valid_from` on; none is ever changed."""

    id: str
    name: str
    name_latin: str
    address: str
    address_latin: str
    country: str
    registration_number: str
    tax_id: str
    bank_accounts: list[BankAccount]
    valid_from: dt.date
    stated_by: str
    stated_at: dt.datetime


class PaperParty(msgspec.Struct, frozen=True, kw_only=True):
    """A party as a paper named it when it was issued.

    `name` is that of the organization, all else of its company where one was stated. `tax_id`
    is the VAT number or, in China, the unified social credit code. `bank` is where a transfer
    in the paper's currency goes, of who is paid.
    """

    name: str
    name_zh: str
    country: str
    legal_name: str | None = None
    tax_id: str | None = None
    legal_name_latin: str | None = None
    address: str | None = None
    address_latin: str | None = None
    registration_number: str | None = None
    bank: BankAccount | None = None


class BankFileResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the credits of a bank's statement, and each of them in the file's order.

    `unmatched` wait for somebody to say whose they are; `known` were booked before.
    """

    paid: int
    credited: int
    unmatched: int
    known: int
    payments: list[Payment]


class MoveBody(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a declaration; `bearer` of what is returned or forfeited.

    `number` is customs' own, `hours` how long a query may wait for its answer.
    """

    act: Act
    number: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    hours: int | UnsetType = UNSET
    bearer: Bearer | UnsetType | None = UNSET


class BeltList(msgspec.Struct, frozen=True, kw_only=True):
    """Every belt, those with the most orders and suppliers first."""

    items: list[BeltAnswer]


class ChooseBody(msgspec.Struct, frozen=True, kw_only=True):
    """The service to go by; `box` as measured, else as its goods are known."""

    service: str
    box: BoxBody | UnsetType | None = UNSET


class RateCardRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service's rate card; money in major units, as exact decimal texts."""

    id: str
    service: str
    carrier: str
    mode: str
    node: str
    country: str
    currency: str
    valid_from: dt.date
    valid_until: dt.date | None
    divisor: int | None
    step_g: int
    minimum_g: int
    weight_g_max: int | None
    length_mm_max: int | None
    minimum_charge: str
    fuel_percent: str
    surcharge: str
    transit_days_p50: float
    transit_days_p90: float
    source: str
    breaks: list[BreakRow]


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the order at a place: its id, or why it was refused."""

    index: int
    id: str | None = None
    problem: BulkProblem | None = None


class CargoRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a cargo class may do on a lane; empty node, country or mode means any."""

    id: str
    cargo_class: str
    node: str
    country: str
    mode: str
    verdict: CargoVerdict
    evidence: str
    instruction: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class CarriageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The service a box goes by, at the quote that was chosen."""

    journey_id: str
    service: str
    carrier: str
    mode: str
    weight_g: int
    chargeable_g: int
    cost: Money
    transit_days_p50: float
    transit_days_p90: float
    chosen_by: str
    chosen_at: dt.datetime


class IssuedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One purchase order made of accepted proposals."""

    id: str
    number: str
    lines: int
    total: Money


class JourneyQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What a service asks for a journey's box; `best_at`: CHEAPEST, FASTEST, MOST_CERTAIN."""

    service: str
    carrier: str
    mode: str
    chargeable_g: int
    cost: Money
    transit_days_p50: float
    transit_days_p90: float
    best_at: list[str]


class QuoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a service asks for a box, for which weight, and the days half and nine in ten need.

    `best_at` holds CHEAPEST, FASTEST and MOST_CERTAIN.
    """

    rate_card_id: str
    service: str
    carrier: str
    mode: str
    weight_g: int
    chargeable_g: int
    cost: Money
    transit_days_p50: float
    transit_days_p90: float
    valid_until: dt.date | None
    best_at: list[str]


class CartonList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of cartons, by code."""

    items: list[CartonRow]
    next_cursor: str | None


class ComplaintBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is complained of. Without `skus` it is the whole shop, which is suspended."""

    supplier: str
    ground: Ground
    statement: str
    skus: list[str] | UnsetType = UNSET
    claimant: str | UnsetType = UNSET
    right_number: str | UnsetType = UNSET
    replacement: str | UnsetType = UNSET


class CaseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A case. While it `holds`, its goods are offered to nobody."""

    id: str
    number: str
    supplier: str
    ground: Ground
    skus: list[str]
    state: CaseState
    holds: bool
    statement: str
    opened_at: dt.datetime
    answer_by: dt.datetime
    decided_at: dt.datetime | None
    decision_note: str


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A change: who has to answer it, what would be different, what became of it."""

    id: str
    purchase_order_id: str
    purchase_order: str
    asked_of: str
    expected_date: dt.date | None
    date_before: dt.date
    lines: list[LineChange]
    note: str
    state: ChangeState
    asked_at: dt.datetime
    answer_by: dt.datetime
    answer_note: str
    answered_at: dt.datetime | None


class ChangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be different about a confirmed order: quantities, the day, and why."""

    lines: list[ChangedLine] | UnsetType = UNSET
    expected_date: dt.date | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class ClaimBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why money is asked back, and of which lines; of all that has left when none is named."""

    reason: Literal["NOT_ARRIVED", "DAMAGED", "DEFECTIVE", "WRONG", "NOT_AS_DESCRIBED", "LATE"]
    note: str | UnsetType = UNSET
    lines: list[ClaimedLine] | UnsetType = UNSET


class ClaimCaseList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of claims on the supplier's goods, newest first."""

    items: list[ClaimCaseRow]
    next_cursor: str | None


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """A claim; amounts in minor units. Unanswered until `due_at` it is granted."""

    id: str
    number: str
    order_id: str
    order: str
    buyer: str
    state: str
    reason: str
    note: str
    currency: str
    asked_amount: int
    refunded_amount: int
    answer_note: str
    charged_to: str | None
    by_default: bool
    opened_at: dt.datetime
    due_at: dt.datetime
    ended_at: dt.datetime | None
    lines: list[ClaimLine]
    evidence: list[ClaimEvidence]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what the goods cost until they have arrived; null where it is not known.

    `base` is what duty and VAT are of; `lacks` says what is missing for the amount: RULE (of
    valuation), FREIGHT, RATE, DUTY, CODE (of the tariff) or EXCHANGE (rate). Of a tax that
    `is_with_sale` some is due when the goods are sold on, and no part of the amount.
    """

    kind: CostKind
    amount: int | None
    source: str
    base: int | None = None
    lacks: list[Lack] | None = None
    is_with_sale: bool | None = None


class CountList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of counts, newest first."""

    items: list[CountAnswer]
    next_cursor: str | None


class CountEntriesBody(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 1,000 lines that were counted."""

    lines: list[CountEntryBody]


class CountLineList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the lines of a count."""

    items: list[CountLineAnswer]
    next_cursor: str | None


class CountTakenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries were written down, and what was wrong with the others."""

    counted: int
    problems: list[CountProblemAnswer]


class ReceiveBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of an order, by line number or SKU.

    `is_final` says that nothing more will come; `over` takes more than the tolerance of 5 %;
    `notice_id` is the shipping notice (`asn_...`) that this receipt ends.
    """

    lines: list[Counted]
    note: str | UnsetType = UNSET
    is_final: bool | UnsetType = UNSET
    over: bool | UnsetType = UNSET
    notice_id: str | UnsetType | None = UNSET


class CreditLineList(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of credit by buyer and currency."""

    items: list[CreditLine]
    next_cursor: str | None


class CustomsValueRow(msgspec.Struct, frozen=True, kw_only=True):
    """What duty is levied on, and the rule that says so; null where that is not known.

    `amount` is `goods` with `freight` and `insurance` as far as they count; `beyond` is what
    VAT is of beside value and duty.
    """

    basis: ValueBasis | None
    goods: Money
    freight: Money | None
    insurance: Money | None
    amount: Money | None
    beyond: Money | None
    lacks: list[Lack]
    source: str
    url: str
    valid_from: dt.date | None


class LineValue(msgspec.Struct, frozen=True, kw_only=True):
    """What duty of a line is levied on, in minor units; None and empty where that is not known.

    `amount` is `goods` with `freight` and `insurance` as far as the rule of the country counts
    them; `beyond` is what VAT is of beside value and duty. `services` are whose freight it is,
    `lacks` what is missing: RULE or FREIGHT.
    """

    line_no: int
    basis: ValueBasis | None
    currency: str
    goods: int
    freight: int | None
    insurance: int | None
    amount: int | None
    beyond: int | None
    services: list[str]
    lacks: list[Lack]
    source: str
    url: str
    valid_from: dt.date | None


class DataHealth(msgspec.Struct, frozen=True, kw_only=True):
    """Every invariant proved anew on the data as they are; `holds` when all of them do."""

    holds: bool
    checked_at: dt.datetime
    items: list[Proof]


class DatasetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file that can be imported."""

    name: str
    title: str
    description: str
    fields: list[FieldAnswer]


class DeadlineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline, whose it is, and what it has led to; `settled_at` is the operator's care."""

    kind: DeadlineKind
    purchase_order_id: str
    purchase_order: str
    concerns: Concerned
    due_at: dt.datetime
    is_running: bool
    reminded_at: dt.datetime | None
    escalated_at: dt.datetime | None
    settled_at: dt.datetime | None


class DecisionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question about units; `default_option` is taken at `due_at` when nobody answers."""

    id: str
    journey_id: str
    order: str
    sku: str
    cause: str
    units: int
    options: list[Option]
    default_option: str
    due_at: dt.datetime
    state: str
    chosen: str | None
    note: str
    opened_at: dt.datetime
    decided_at: dt.datetime | None
    photos: list[str] | None = None


class DeclarationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration and its refund; empty terms are not known."""

    id: str
    number: str
    file_id: str
    mode: str
    exporter: str
    incoterm: str
    vat: str
    cargo_class: str
    country: str
    state: DeclarationState
    customs_number: str
    note: str
    bearer: str
    refund_state: RefundState | None
    refund_reference: str
    opened_at: dt.datetime
    lodged_at: dt.datetime | None
    ended_at: dt.datetime | None


class DeliveryList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of deliveries, newest first."""

    items: list[DeliveryRow]
    next_cursor: str | None


class DeliveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with what is sent and every try."""

    delivery: DeliveryRow
    event: FeedEvent | None
    attempts: list[Attempt]


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order of `feed_seq`; go on with `after=next_after`."""

    items: list[FeedEvent]
    next_after: int


class NewGoods(msgspec.Struct, frozen=True, kw_only=True):
    """Goods a supplier told of. `code` is its own number; `price` in CNY a unit, from `moq` on.

    `weight_g` in g; `photos` are ids; `note` says why they were RETURNED; `sku` is their code
    in the network once APPROVED.
    """

    id: str
    supplier: str
    supplier_name: str
    code: str
    title: str
    title_zh: str
    category: str
    price: str
    moq: int
    lead_time_days: float | None
    weight_g: int | None
    pack_size: int
    state: DraftState
    note: str
    sku: str | None
    sent_at: dt.datetime
    photos: list[str]


class EditAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit changed (or would), and what is left out. `id` is null for a dry run."""

    id: str | None
    changes: list[Change]
    problems: list[EditProblem]
    warnings: list[EditProblem]
    undo_until: dt.datetime | None


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """As things are and as they would be, over `days`.

    Where more series fit than are played, `sampled` of `series` were, and sums are scaled up.
    """

    series: int
    sampled: int
    days: int
    base: Sums
    changed: Sums


class ExportTermList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of export terms, in the order they came."""

    items: list[ExportTermRow]
    next_cursor: str | None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One measured fact: `score` is the good share, `about` the order or inspection."""

    measure: Measure
    score: float
    value: float | None
    happened_at: dt.datetime
    about: str
    source: str


class MeasuredFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A rate with its 90 % interval, shrunk towards what the network does.

    `raw` is the plain rate of `facts`; `tier` what this measure alone allows (null while facts
    are too few); `good_to_a` the good facts in a row that lift `low` to tier A (null above
    1,000); `typical` the middle of days late, hours to answer or change of price.
    """

    measure: Measure
    facts: int
    raw: float
    rate: float
    low: float
    high: float
    typical: float | None
    network_rate: float
    network_weight: float
    tier: str | None
    bound_a: float
    bound_b: float
    good_to_a: int | None


class TierReason(msgspec.Struct, frozen=True, kw_only=True):
    """How one measure stood when a tier was decided, and the tier it alone allows."""

    measure: Measure
    trials: int
    low: float
    tier: str


class FapiaoBody(msgspec.Struct, frozen=True, kw_only=True):
    """A fapiao as it is entered; `buyer` is the company it is made out to."""

    number: str
    supplier: str
    buyer: str
    issued_date: dt.date
    lines: list[FapiaoLineBody]
    kind: FapiaoKind | UnsetType = UNSET
    currency: str | UnsetType = UNSET


class FapiaoRow(msgspec.Struct, frozen=True, kw_only=True):
    """A fapiao with its lines; amounts in minor units of its currency."""

    id: str
    number: str
    supplier: str
    kind: FapiaoKind
    buyer: str
    issued_date: dt.date
    currency: str
    entered_at: dt.datetime
    lines: list[FapiaoLineRow]


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A customs file: `stopping` of its open tasks let the goods wait."""

    id: str
    number: str
    node: str
    country: str
    state: FileState
    orders: list[str]
    declarations: int
    stopping: int
    open_tasks: int
    opened_at: dt.datetime
    closed_at: dt.datetime | None


class TaskList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of tasks, in the order they were opened."""

    items: list[TaskRow]
    next_cursor: str | None


class ForecastAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A series: its latest 120 days, its forecast, how good forecasts of it were, and why."""

    sku: str
    node: str
    plan_run_id: str
    cut_off: dt.date
    freq: str
    history: list[Day]
    forecast: list[Day]
    accuracy: dict[str, float]
    drivers: list[PlanningReason]
    drivers_text: list[str]


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU that answers, with its terms now for the quantity asked (null: not on offer).

    `availability` is `SPOT` where an order can take the quantity now, or the minimum where that
    is more; it is null where the offer says so and it cannot. `score` is 0..1 and the sum of
    what `reasons` add.
    """

    sku: str
    title: str
    title_zh: str
    category: str
    uom: str
    supplier: str
    supplier_name: str
    tier: str
    belt: str
    currency: str | None
    unit_price: str | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    score: float
    reasons: list[SearchReason]


class HsList(msgspec.Struct, frozen=True, kw_only=True):
    """The candidates of a SKU, the best first."""

    items: list[HsAnswer]


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An import; `counts` and `columns` once it is done, `problem` when it was refused or failed.

    `result` is the address of the list of rows that are not right, if there are any.
    """

    id: str
    job_id: str
    file_name: str
    dataset: str
    dry_run: bool
    strict: bool
    state: str
    done: int
    total: int | None
    message: str
    counts: Counts | None
    columns: list[MappedColumn]
    problem: dict[str, Any] | None
    result: str | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class ImportTaxRow(msgspec.Struct, frozen=True, kw_only=True):
    """Duty or VAT: percent and amount, null where no rate is known; and where the rate stands.

    `fixed` is the part of the amount that is no percentage. `lacks` says what is missing for
    the amount: RULE (of valuation), FREIGHT, RATE, DUTY, CODE or EXCHANGE (rate).
    """

    kind: TaxKind
    base: Money | None
    percent: str | None
    fixed: Money
    amount: Money | None
    source: str
    url: str
    valid_from: dt.date | None
    lacks: list[Lack]


class LineTax(msgspec.Struct, frozen=True, kw_only=True):
    """Duty or VAT of a line on arrival, in minor units; None and empty where no rate is known.

    `percent` is an exact decimal text, `fixed` the part of the amount that is no percentage;
    `lacks` is what is missing for the amount. A tax that `is_with_sale` is due when the goods
    are sold on, and not on import.
    """

    line_no: int
    kind: TaxKind
    currency: str
    base: int | None
    percent: str | None
    amount: int | None
    source: str
    url: str
    valid_from: dt.date | None
    lacks: list[Lack] | None = None
    fixed: int | None = None
    is_with_sale: bool | None = None


class TaxRateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A dated rate; percent as an exact decimal text, empty code or origin means any."""

    id: str
    kind: TaxKind
    country: str
    hs_code: str
    origin: str
    percent: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class InboundList(msgspec.Struct, frozen=True, kw_only=True):
    """The coming weeks, the nearest first."""

    items: list[InboundAnswer]


class InvoiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice and where it differs from its order and receipts."""

    id: str
    number: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    total: Money
    issued_date: dt.date
    state: InvoiceState
    differences: list[ProcurementDifference]
    entered_at: dt.datetime
    decision_note: str
    decided_at: dt.datetime | None


class InvoiceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice with its lines."""

    id: str
    number: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    total: Money
    issued_date: dt.date
    state: InvoiceState
    differences: list[ProcurementDifference]
    entered_at: dt.datetime
    decision_note: str
    decided_at: dt.datetime | None
    lines: list[InvoicedLine]


class InvoiceBody(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier's invoice under its own number; `total_amount` as stated, in minor units."""

    number: str
    currency: str
    issued_date: dt.date
    total_amount: int
    lines: list[InvoiceLineBody]


class JourneyList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of open journeys, the most urgent first."""

    items: list[JourneyRow]
    next_cursor: str | None


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of keys, newest first."""

    items: list[KeyRow]
    next_cursor: str | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line with what was accepted of it.

    `unit_price` per uom as an exact decimal text, `amount` in minor units. `deposit` is there
    of goods that are made to order and paid in two goes.
    """

    sku: str
    quantity: int
    ordered_quantity: int
    unit_price: str
    amount: int
    parts: list[Part]
    deposit: LineDeposit | None = None


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line: what was asked, what the supplier answered (null until it does), what came."""

    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    asked: Terms
    answered: Terms | None
    received_quantity: int
    awaited_quantity: int


class LotRuleBody(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a SKU keeps lots: NONE, LOT to tell them apart, EXPIRY with a last day.

    Without a named day a lot expires `shelf_life_days` after its receipt (EXPIRY only); it is
    shown as ending soon `soon_days` before.
    """

    sku: str
    keeps: LotKind
    shelf_life_days: int | UnsetType | None = UNSET
    soon_days: int | UnsetType = UNSET


class LotList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of lots, what ends first foremost."""

    items: list[LotRow]
    next_cursor: str | None


class LotMoveList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of moves, newest first."""

    items: list[LotMoveRow]
    next_cursor: str | None


class LowValueRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a country levies on goods worth `value_max` or less in all, in place of its rates.

    Limit and `duty_fixed` (for each tariff code) are in major units of `currency`,
    `duty_percent` is of the customs value, all as exact decimal texts; an empty `scheme` means
    any.
    """

    id: str
    country: str
    value_max: str
    currency: str
    scheme: str
    duty_percent: str | None
    duty_fixed: str | None
    vat: LowValueVat
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class MakerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Another supplier's product with its best terms at the quantity asked (null: no offer).

    `kind` is SAME_ITEM, SAME_FACTORY or SUBSTITUTE, `score` how surely both are one item (null:
    through a third product), `differences` what substitutes say otherwise: `a` of the product
    asked about, `b` of this one. `on_time` is measured on `trials` orders.
    """

    sku: str
    product: str
    title: str
    title_zh: str
    uom: str
    supplier: str
    supplier_name: str
    tier: str
    belt: str
    kind: PairKind
    state: PairState
    score: float | None
    evidence: list[Evidence]
    differences: list[SearchDifference]
    currency: str | None
    unit_price: str | None
    moq: int | None
    availability: str | None
    lead_time_days: float | None
    on_time: float | None
    trials: int


class MilestoneBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of the making of an order's goods; a failed inspection needs a note."""

    kind: MilestoneKind
    note: str | UnsetType = UNSET


class MilestoneRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something told of the making of goods."""

    kind: MilestoneKind
    note: str
    told_at: dt.datetime


class MovementList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of movements, newest first."""

    items: list[MovementRow]
    next_cursor: str | None


class NoticeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A shipping notice with its lines; `receipt` is what it was received with."""

    id: str
    number: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    node: str
    waybill: str
    carrier: str
    cartons: int
    weight_g: int | None
    note: str
    state: NoticeState
    announced_at: dt.datetime
    receipt: str
    received_at: dt.datetime | None
    lines: list[NoticeLineAnswer]


class NoticeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a supplier has sent of an order: a waybill, cartons, grams and units by line."""

    waybill: str
    cartons: int
    lines: list[NoticeLine]
    carrier: str | UnsetType = UNSET
    weight_g: int | UnsetType | None = UNSET
    note: str | UnsetType = UNSET


class OrdersOrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list; `buyer` is the code of the buyer's organization."""

    id: str
    number: str
    reference: str
    buyer: str
    status: str
    total: Total
    promise: Promise | None
    line_count: int
    created_at: dt.datetime
    cancelled_at: dt.datetime | None


class ProcurementOrderBody(msgspec.Struct, frozen=True, kw_only=True):
    """An order to issue: parties, place and goods by their codes.

    `answer_by` is when the supplier's time to answer ends; 48 hours from now unless given.
    """

    supplier: str
    node: str
    currency: str
    expected_date: dt.date
    lines: list[OrderLineBody]
    order_by_date: dt.date | UnsetType | None = UNSET
    answer_by: dt.datetime | UnsetType | None = UNSET


class OrderPapers(msgspec.Struct, frozen=True, kw_only=True):
    """The papers of an order, newest first; `/v1/ledger/papers/{id}` has what stands on them."""

    items: list[OrderPaper]


class OverrideList(msgspec.Struct, frozen=True, kw_only=True):
    """The overrides of a series, those that reach furthest first."""

    items: list[OverrideAnswer]
    next_cursor: str | None = None


class PackedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as it was packed: a carton of the node, or the sides of another; g and mm.

    `weighed_g` is what the scale said.
    """

    carton: str
    lines: list[ParcelUnits]
    weighed_g: int | UnsetType | None = UNSET
    sides_mm: list[int] | UnsetType | None = UNSET


class ParcelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as it was packed: expected and weighed, charged for, freight and carton."""

    id: str
    position: int
    carton: str
    length_mm: int
    width_mm: int
    height_mm: int
    expected_g: int | None
    weighed_g: int | None
    chargeable_g: int | None
    freight: Money | None
    carton_cost: Money | None
    sscc: str | None
    lines: list[ParcelUnits]


class ProposedParcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as it is proposed; null where no rate card is valid for the lane."""

    carton: str
    lines: list[ParcelUnits]
    weight_g: int
    chargeable_g: int | None
    freight: Money | None
    carton_cost: Money


class PairAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Two products of two suppliers, what speaks for their being one item, what people said."""

    id: str
    kind: PairKind
    state: PairState
    score: float
    evidence: list[Evidence]
    differences: list[SearchDifference]
    decided_by: str
    decided_at: dt.datetime | None
    a: PairSide
    b: PairSide


class PaperList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of papers, newest first."""

    items: list[PaperRow]
    next_cursor: str | None


class PlanBody(msgspec.Struct, frozen=True, kw_only=True):
    """What to plan: up to which day (the latest complete one unless given), and how."""

    cut_off: dt.date | UnsetType | None = UNSET
    parameters: Parameters | UnsetType = UNSET


class ParcelBody(msgspec.Struct, frozen=True, kw_only=True):
    """A box at a hub; journeys not in `counts` came complete. `sender`, `contents`: of nobody's."""

    waybill: str
    node: str
    counts: list[FulfillmentCountBody] | UnsetType = UNSET
    note: str | UnsetType = UNSET
    sender: str | UnsetType = UNSET
    contents: str | UnsetType = UNSET


class PaymentList(msgspec.Struct, frozen=True, kw_only=True):
    """Payments from outside, newest first."""

    items: list[PaymentRow]
    next_cursor: str | None


class SupplierPaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An advance: what of it is worked off or taken back, and what the factory keeps."""

    id: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    kind: PaymentKind
    amount: Money
    set_off: Money
    kept: Money
    state: PaymentState
    asked_at: dt.datetime
    paid_at: dt.datetime | None
    payment_reference: str


class FulfillmentEvidenceBody(msgspec.Struct, frozen=True, kw_only=True):
    """A photo (JPEG, PNG or WebP of at most 8 MiB, in base64) and what it is of.

    `subject` is a journey of INSPECTION and DELIVERY, a decision, return or claim (a supplier
    names its claim case), or the waybill of a PARCEL; `received_by` is who took the goods of a
    DELIVERY.
    """

    kind: PhotoKind
    subject: str
    content: str
    received_by: str | UnsetType = UNSET


class PhotoRow(msgspec.Struct, frozen=True, kw_only=True):
    """A photo: who added it, when, its size, and the SHA-256 of its bytes.

    Between buyer and supplier `side` says who it is, and `org` and `added_by` are empty.
    """

    id: str
    kind: PhotoKind
    subject: str
    side: Side
    org: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    added_by: str
    added_at: dt.datetime
    received_by: str


class PlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A plan run.

    `notes` say what it could not use or had to assume; `metrics` are null until it is DONE;
    `done` of `total` series are planned.
    """

    id: str
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
    notes_text: list[str]
    job_id: str | None
    done: int
    total: int | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class OrdersOrderBody(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a buyer sends it.

    `reference` is the buyer's own, `downstream_reference` the name of the buyer's own customer.
    `partial` accepts fewer units than ordered, never fewer than the minimum; `back_order`
    accepts all and waits for what is missing. `decision` says what to do when promised units
    turn out to be missing later (SHIP_PART with `partial`, else CANCEL, unless given).
    """

    reference: str
    currency: str
    ship_to: ShipTo
    lines: list[LineBody]
    payment: PaymentBody
    partial: bool | UnsetType = UNSET
    back_order: bool | UnsetType = UNSET
    decision: Literal["WAIT", "SHIP_PART", "CANCEL"] | UnsetType | None = UNSET
    downstream_reference: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


class PledgeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer wants in a pool: base units, and the most it pays for a unit of sale.

    Without `price_max` that is the pool's price. More than it keeps the pledge in a pool that
    comes to a dearer price, or an earlier price break, than was aimed at.
    """

    quantity: int
    reference: str
    ship_to: ShipTo
    price_max: str | UnsetType | None = UNSET
    payment: PooledPayment | UnsetType = UNSET


class PoolDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A pool and its pledges: a buyer's own, the operator's view has all."""

    pool: PoolRow
    pledges: list[PledgeRow]


class PoolList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of pools, newest first."""

    items: list[PoolRow]
    next_cursor: str | None


class ProductAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A product in its own language, with typed attributes, translations and pictures."""

    code: str
    category: str
    supplier: str
    locale: str
    title: str
    title_zh: str
    description: str
    origin_country: str
    origin_place: str
    is_customizable: bool
    version: int
    attributes: dict[str, str]
    translations: list[Spoken]
    media: list[str]


class ProposalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Buy `quantity` base units of a SKU from a supplier, to a node, by a date: and why.

    `returned_*` tell of a purchase made of it that ended REFUSED, EXPIRED or CANCELLED.
    """

    id: str
    plan_run_id: str
    sku: str
    title: str
    title_zh: str
    uom: str
    node: str
    supplier: str
    supplier_name: str
    tier: str
    proposed_quantity: int
    quantity: int
    moq: int
    pack_size: int
    unit_price: str
    total: Money
    order_by: dt.date
    expected_date: dt.date
    on_hand: int
    inbound: int
    stock_target: int
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    expected_cost: int
    why: list[PlanningReason]
    why_text: list[str]
    alternatives: list[Compared]
    status: PlanningStatus
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    purchase_order_id: str | None
    returned_purchase_order_id: str | None
    returned_status: str | None
    returned_note: str
    returned_at: dt.datetime | None


class ProposedTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """Move `quantity` base units of a SKU from `origin` to `target` before more is bought: and
    why.

    `gain` is expected after `freight`; `realised` is what it earned (or would have) once the
    demand was known. An ACCEPTED one is the stock transfer of `stock_transfer_id`, in
    `stock_status`.
    """

    id: str
    plan_run_id: str
    sku: str
    title: str
    title_zh: str
    uom: str
    origin: str
    target: str
    quantity: int
    gain: Money
    freight: Money
    is_assumed: bool
    order_by: dt.date
    expected_date: dt.date
    why: list[PlanningReason]
    why_text: list[str]
    status: TransferStatus
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    realised: Money | None
    stock_transfer_id: str | None
    stock_status: str | None
    received: int | None


class TransferTally(msgspec.Struct, frozen=True, kw_only=True):
    """Proposed transfers of a status in a currency; money in its minor units."""

    status: TransferStatus
    currency: str
    count: int
    gain: int
    freight: int
    in_transit: int


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a preview: with the terms it is sold at, its packs, and where its goods stand.

    The quantity is `packs` full packs and `loose` base units more.
    """

    sku: str
    quantity: int
    ordered_quantity: int
    unit_price: str
    amount: int
    parts: list[Part]
    deposit: LineDeposit | None = None
    moq: int
    lead_time_days: float | None
    pack_size: int
    packs: int
    loose: int
    breaks: list[OrdersBreak]
    stock: list[NodeStock]


class OrdersOfferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Terms at which a buyer can order today.

    `deposit_percent` is paid with the order and the rest when the goods are made; null: all at
    once.
    """

    currency: str
    moq: int
    sales_model: str
    availability: str
    lead_time_days: float | None
    valid_until: dt.date | None
    breaks: list[OrdersBreak]
    deposit_percent: float | None = None


class RateList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of rates, those set last first."""

    items: list[RateRow]
    next_cursor: str | None


class ReceiptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt, and where its order stands after it."""

    id: str
    number: str
    purchase_order: str
    purchase_order_status: str
    node: str
    received_at: dt.datetime
    is_final: bool
    note: str
    lines: list[ReceiptLine]


class RefundBody(msgspec.Struct, frozen=True, kw_only=True):
    """How a refund goes on, and under which reference of the tax office."""

    state: RefundStep
    reference: str | UnsetType = UNSET


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A service that serves the lane but does not take the box."""

    service: str
    carrier: str
    why: WhyNot


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """A remedy for an excess: how many units, what it saves and what it costs (major units).

    `at` is the node a transfer goes to, `partner` the SKU a bundle is made with, `discount` the
    share taken off the price.
    """

    kind: RemedyKind
    units: int
    benefit: float
    cost: float
    at: str | None = None
    partner: str | None = None
    discount: float | None = None


class ReturnList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of returns, newest first."""

    items: list[ReturnRow]
    next_cursor: str | None


class StateTotalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Positions in a state, and their money in minor units of the plan's currency."""

    state: RiskState
    positions: int
    order_gain: int
    overstock_cost: int
    remedy_gain: int


class SheetResult(msgspec.Struct, frozen=True, kw_only=True):
    """How many orders of a sheet were placed, and a result for every row."""

    placed: int
    rows: list[RowResult]


class SavedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A saved search; `told` goods have come to answer it, of which nobody has seen `unseen`.

    While PAUSED nothing is told, and what comes then is not told later.
    """

    id: str
    name: str
    q: str
    quantity: int
    currency: str | None
    price_max: str | None
    moq_max: int | None
    lead_time_days_max: float | None
    availability: str | None
    category: str | None
    supplier: str | None
    belt: str | None
    tier: str | None
    state: SavedState
    told: int
    unseen: int
    made_by: str
    created_at: dt.datetime
    checked_at: dt.datetime


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which series: all, or those of a category, a supplier's code or a SKU's code."""

    kind: ScopeKind | UnsetType = UNSET
    value: str | UnsetType = UNSET


class SettlementLines(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the lines of a statement, the oldest first."""

    items: list[SettlementLine]
    next_cursor: str | None


class SettlementList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of statements, newest first."""

    items: list[SettlementRow]
    next_cursor: str | None


class ShipmentList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of what is to be shipped, the first due first."""

    items: list[ShipmentRow]
    next_cursor: str | None


class StageTimeList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of measured times, by kind and party."""

    items: list[StageTimeRow]
    next_cursor: str | None


class StatedLines(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the entries of a statement, oldest first."""

    items: list[StatedLine]
    next_cursor: str | None


class StatementList(msgspec.Struct, frozen=True, kw_only=True):
    """Statements, newest month first."""

    items: list[Statement]
    next_cursor: str | None


class StockBody(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 1,000 rows to set."""

    items: list[StockItemBody]


class StockList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of stock."""

    items: list[StockRow]
    next_cursor: str | None


class StockResults(msgspec.Struct, frozen=True, kw_only=True):
    """One result an item, in the order given."""

    results: list[StockResult]


class StockTransferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Goods on their way between two nodes, in base units; `received` came in when it ended."""

    id: str
    number: str
    sku: str
    origin: str
    target: str
    quantity: int
    received: int | None
    status: StockTransferStatus
    expected_date: dt.date
    sent_by: str
    sent_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What a beginning may become. `value` is the title, the category or the belt's id."""

    kind: SuggestionKind
    text: str
    text_zh: str
    value: str


class SupplierList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of suppliers, by code."""

    items: list[SupplierRow]
    next_cursor: str | None


class TrackedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is kept, and when its carrier told it."""

    carrier: str
    waybill: str
    kind: TrackingKind
    at: dt.datetime
    told_at: dt.datetime
    place: str
    words: str


class TrackingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a box: what happened to it, when and where; `words` are the carrier's own."""

    waybill: str
    kind: TrackingKind
    at: dt.datetime
    place: str | UnsetType = UNSET
    words: str | UnsetType = UNSET


class TransferList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the caller's transfers, newest first."""

    items: list[TransferLine]
    next_cursor: str | None


class ValuationRuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a country levies duty and VAT on; percents as exact decimal texts.

    A null `border_percent` is all of the freight, a null `insurance_percent` a premium alone.
    """

    id: str
    country: str
    basis: ValueBasis
    vat_basis: VatBasis
    border_percent: str | None
    insurance_percent: str | None
    customs_union: str
    valid_from: dt.date
    valid_until: dt.date | None
    source: str
    url: str


class VerdictBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a pair is: SAME, SUBSTITUTE or UNLIKE."""

    verdict: Verdict


class VerificationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a verification stands; `note` is the reason it was returned or refused for."""

    id: str
    supplier: str
    state: VerificationState
    note: str
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    decided_at: dt.datetime | None
    valid_until: dt.date | None


class WebhookList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of webhooks, the oldest first."""

    items: list[Webhook]
    next_cursor: str | None


class CatalogOfferAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Terms of today. The operator also sees those to itself (audience OPERATOR).

    `deposit_percent` is paid with the order and the rest when the goods are made; null: all at
    once.
    """

    seller: str
    audience: str
    currency: str
    moq: int
    availability: str
    sales_model: str
    lead_time_days: float | None
    tax_basis: str
    valid_until: dt.date | None
    breaks: list[CatalogBreak]
    deposit_percent: float | None = None


class ProcurementOrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list. `total` is on the terms that stand."""

    id: str
    number: str
    status: ProcurementStatus
    supplier: str
    node: str
    total: Money
    line_count: int
    awaited_quantity: int
    expected_date: dt.date
    answered_date: dt.date | None
    answer_by: dt.datetime | None
    created_at: dt.datetime


class AttributeList(msgspec.Struct, frozen=True, kw_only=True):
    """The attributes of a category, in the order they are asked for."""

    items: list[Attribute]


class TermList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of terms, those set last first."""

    items: list[TermRow]
    next_cursor: str | None


class EntityAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The company that papers of today name, null while none is stated.

    `missing` is what they lack: `entity`, or `address`, `tax_id`, `bank_accounts`.
    """

    entity: EntityRow | None
    missing: list[str]


class EntityList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of versions, those stated last first."""

    items: list[EntityRow]
    next_cursor: str | None


class PaperShown(msgspec.Struct, frozen=True, kw_only=True):
    """A paper with its parties as they were named, and its lines or its sums."""

    id: str
    number: str
    kind: str
    org: str
    reference: str
    order_id: str | None
    month: dt.date | None
    currency: str
    total: int
    issued_on: dt.date
    issued_at: dt.datetime
    seller: PaperParty
    buyer: PaperParty
    lines: list[PaperLine]
    corrects: list[str]
    sums: PaperSums | None
    credit: PaperCredit | None
    due_on: dt.date | None


class PurchasePaper(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order as it stands now; its parties are those of the day it went out."""

    number: str
    status: str
    issued_date: dt.date
    printed_date: dt.date
    buyer: PaperParty
    supplier: PaperParty
    deliver_to: DocumentParty
    arrive_by: dt.date
    currency: str
    lines: list[PurchasePaperLine]
    ordered_amount: int
    total_amount: int


class SettlementShown(msgspec.Struct, frozen=True, kw_only=True):
    """A statement with its parties as they were named when it was made."""

    id: str
    number: str
    supplier: str
    currency: str
    starts: dt.datetime
    ends: dt.datetime
    opening: int
    earned: int
    taken_back: int
    commission: int
    closing: int
    state: str
    asked_by: str
    paid_by: str
    paid_at: dt.datetime | None
    payment_reference: str
    made_at: dt.datetime
    payer: PaperParty
    payee: PaperParty


class TradeDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A commercial invoice or a packing list of the units of an order that are sent or standing.

    Refunded and replaced units are not on it. `net_weight_g` is None where a weight is unknown.
    Goods that cross a border have a delivery term on the invoice, several where theirs differ.
    `seller` and `buyer` are those of the order's first invoice, before it those of now.
    """

    kind: str
    number: str
    order: str
    reference: str
    issued_date: dt.date
    seller: PaperParty
    buyer: PaperParty
    ship_to: DocumentParty
    lines: list[DocumentLine]
    packs: int
    net_weight_g: int | None
    waybills: list[str]
    currency: str | None = None
    total_amount: int | None = None
    delivery_terms: list[DeliveryTerm] | None = None


class RateCardList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of rate cards, by service."""

    items: list[RateCardRow]
    next_cursor: str | None


class BulkAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One result for each order, in the order sent."""

    results: list[BulkResult]


class CargoRuleList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of cargo rules, in the order they came."""

    items: list[CargoRuleRow]
    next_cursor: str | None


class IssuedList(msgspec.Struct, frozen=True, kw_only=True):
    """Every purchase order that was made."""

    items: list[IssuedAnswer]


class CaseList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of cases, newest first."""

    items: list[CaseAnswer]
    next_cursor: str | None


class ChangeList(msgspec.Struct, frozen=True, kw_only=True):
    """The changes of an order, oldest first."""

    items: list[ChangeAnswer]


class ClaimList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of claims, newest first."""

    items: list[ClaimRow]
    next_cursor: str | None


class LandedCost(msgspec.Struct, frozen=True, kw_only=True):
    """What an order's goods cost until they have arrived: as shown when it was placed, and since.

    Amounts are in minor units of `currency`. `declared` is empty until something of the order
    is declared to customs; it `is_whole` once all that is ordered is.
    """

    currency: str
    shown: list[Cost]
    declared: list[Cost]
    is_whole: bool
    declared_at: dt.datetime | None


class DatasetList(msgspec.Struct, frozen=True, kw_only=True):
    """Every kind of file, in the order in which they are useful to import."""

    items: list[DatasetAnswer]


class DeadlineList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of deadlines, the first due first."""

    items: list[DeadlineAnswer]
    next_cursor: str | None


class DecisionList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of open decisions, the first due first."""

    items: list[DecisionRow]
    next_cursor: str | None


class JourneyDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A journey with its stages, changes of owner and decisions."""

    journey: JourneyRow
    stages: list[StageRow]
    titles: list[TitleRow]
    decisions: list[DecisionRow]


class DeclarationList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of declarations, the newest first."""

    items: list[DeclarationRow]
    next_cursor: str | None


class FileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A file with its declarations and tasks; refund and lost refund are null while not known."""

    id: str
    number: str
    node: str
    country: str
    state: FileState
    orders: list[str]
    declarations: int
    stopping: int
    open_tasks: int
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    declared: list[DeclarationRow]
    tasks: list[TaskRow]
    refund: list[Worth] | None
    lost_refund: list[Worth] | None


class NewGoodsList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of new goods, the longest waiting first."""

    items: list[NewGoods]
    next_cursor: str | None


class TellAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept (nothing of a dry run), what that changed, and which rows are left out.

    Rows count from 2, as those of a sheet with a header do.
    """

    items: list[NewGoods]
    changes: list[Change]
    problems: list[EditProblem]
    unchanged: int


class FactList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of facts, newest first."""

    items: list[Fact]
    next_cursor: str | None


class RecordAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier's measured record; `standard` is the version of the bounds."""

    supplier: str
    tier: str
    tier_basis: str
    standard: int
    assessed_at: dt.datetime | None
    figures: list[MeasuredFigure]


class TierStep(msgspec.Struct, frozen=True, kw_only=True):
    """A change of tier and the figures that decided it."""

    at: dt.datetime
    tier_before: str
    tier: str
    reasons: list[TierReason]


class FapiaoList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of fapiaos, the latest entered first."""

    items: list[FapiaoRow]
    next_cursor: str | None


class FileList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of customs files, the newest first."""

    items: list[FileRow]
    next_cursor: str | None


class GoodsList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of answers, best first.

    `goods` counts all that answer (`has_more` where there are over 500); `left_out` are words
    nothing says, `meant` a question with near words in their place, or empty.
    """

    items: list[Goods]
    next_cursor: str | None
    goods: int
    has_more: bool
    facets: dict[str, list[Facet]]
    left_out: list[str]
    meant: str


class ImportList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of imports, newest first."""

    items: list[ImportAnswer]
    next_cursor: str | None


class TaxQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What import taxes of goods come to; null as long as a part of them is not known."""

    value: CustomsValueRow
    items: list[ImportTaxRow]
    total: Money | None


class ExportDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """The data set of an export declaration: what its paper and its structured form say.

    Empty texts and None are not known; money is in minor units, weights in grams, `percent` an
    exact decimal. `payer` of the import taxes is SELLER under DDP, else BUYER, empty without an
    Incoterm. `incoterm_place` is the place that the Incoterm names.
    """

    number: str
    customs_number: str
    state: DeclarationState
    issued_date: dt.date
    mode: str
    exporter: str
    exporter_code: str
    principal: str
    incoterm: str
    incoterm_place: str
    vat: str
    cargo_class: str
    node: str
    node_name: str
    from_country: str
    country: str
    scheme: str
    scheme_number: str
    orders: list[str]
    transport_documents: list[str]
    lines: list[HsLine]
    totals: list[Worth]
    net_weight_g: int | None
    gross_weight_g: int | None
    payer: str
    values: list[LineValue]
    taxes: list[LineTax]
    refunds: list[RefundLine]


class TaxRateList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of rates, in the order they came."""

    items: list[TaxRateRow]
    next_cursor: str | None


class InvoiceList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of invoices, newest first."""

    items: list[InvoiceRow]
    next_cursor: str | None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is kept. `expires_at` and `proforma` are there while it waits for money.

    `deposit` is there where goods are made to order and paid in two goes.
    """

    id: str
    number: str
    reference: str
    status: str
    total: Total
    promise: Promise | None
    lines: list[Line]
    created_at: dt.datetime
    cancelled_at: dt.datetime | None
    expires_at: dt.datetime | None = None
    proforma: Proforma | None = None
    deposit: Deposit | None = None


class ProcurementOrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One order with its lines and timeline, oldest event first.

    `plan_run_id`, `order_by_date` and `created_by` are the operator's business only.
    """

    id: str
    number: str
    status: ProcurementStatus
    supplier: str
    node: str
    total: Money
    expected_date: dt.date
    answered_date: dt.date | None
    answer_by: dt.datetime | None
    answer_note: str
    created_at: dt.datetime
    answered_at: dt.datetime | None
    received_at: dt.datetime | None
    lines: list[LineAnswer]
    timeline: list[ProcurementHappening]
    order_by_date: dt.date | None = None
    plan_run_id: str | None = None
    created_by: str | None = None


class LowValueRuleList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of rules for little worth, in the order they came."""

    items: list[LowValueRuleRow]
    next_cursor: str | None


class MakerList(msgspec.Struct, frozen=True, kw_only=True):
    """Who else makes the product of a SKU: the same item first, each kind by price."""

    sku: str
    product: str
    group_id: str | None
    items: list[MakerAnswer]


class NoticeList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of notices, newest first."""

    items: list[NoticeAnswer]
    next_cursor: str | None


class OrdersOrderList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of orders, newest first."""

    items: list[OrdersOrderRow]
    next_cursor: str | None


class PackBody(msgspec.Struct, frozen=True, kw_only=True):
    """All parcels that an order's goods at a node were packed into."""

    parcels: list[PackedBody]
    node: str | UnsetType = UNSET


class PackingProposal(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest parcels by one service; or `why` there are none, and the SKUs it is about."""

    order_id: str
    node: str
    service: str
    parcels: list[ProposedParcel]
    why: WhyNoProposal | None
    lacking: list[str]
    cartons: list[str]


class PackingRow(msgspec.Struct, frozen=True, kw_only=True):
    """How goods of an order were packed: parcels made beside those proposed (null: none were)."""

    id: str
    order: str
    node: str
    country: str
    service: str
    packed_by: str
    packed_at: dt.datetime
    planned: list[ProposedParcel] | None
    parcels: list[ParcelRow]


class PairList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of pairs that wait, the most doubtful first."""

    items: list[PairAnswer]
    next_cursor: str | None


class MakingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How an order is paid and how far its goods are; `due` is what can be asked for now."""

    purchase_order_id: str
    purchase_order: str
    terms: TermsShown | None
    deposit: Money
    balance: Money
    due: PaymentKind | None
    payments: list[SupplierPaymentRow]
    milestones: list[MilestoneRow]


class SupplierPaymentList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of advances, newest first."""

    items: list[SupplierPaymentRow]
    next_cursor: str | None


class PhotoList(msgspec.Struct, frozen=True, kw_only=True):
    """All photos of one thing, the oldest first; twelve at most of each party."""

    items: list[PhotoRow]


class PlanList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of plan runs, newest first."""

    items: list[PlanAnswer]
    next_cursor: str | None


class BulkBody(msgspec.Struct, frozen=True, kw_only=True):
    """Many orders; each is placed or refused on its own."""

    orders: list[OrdersOrderBody]


class ProposalList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of proposals by order-by date, and the totals of the whole list."""

    items: list[ProposalAnswer]
    next_cursor: str | None
    totals: Totals


class ProposedTransferList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of proposed transfers by the day to send them; the totals of every status."""

    items: list[ProposedTransfer]
    next_cursor: str | None
    totals: list[TransferTally]


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What an order would be; nothing is reserved. `promise` is null without a known lane.

    `costs` are those of the landed cost, as far as they are known. Of goods made to order
    `deposit` says what is paid with the order and what later: until a factory has confirmed
    that it makes them the deposit is given back, from then on it is kept if the buyer cancels
    or does not pay.
    """

    total: Total
    promise: Promise | None
    lines: list[QuoteLine]
    funds: Funds
    costs: list[Cost]
    deposit: Deposit | None = None


class OrdersSkuAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What can be ordered.

    The SKU, today's terms, and `available` base units over all nodes (`/v1/stock?sku=` says
    where).
    """

    code: str
    product: str
    category: str
    title: str
    title_zh: str
    uom: str
    pack_size: int
    weight_g: int | None
    cargo_class: str
    available: int
    offers: list[OrdersOfferAnswer]


class JourneyQuotes(msgspec.Struct, frozen=True, kw_only=True):
    """Every valid service, the cheapest first; those that refuse the box; the one chosen."""

    items: list[JourneyQuote]
    refused: list[Refused]
    chosen: str | None


class QuoteList(msgspec.Struct, frozen=True, kw_only=True):
    """Every valid service, the cheapest first; and those that do not take the box, with why."""

    items: list[QuoteRow]
    refused: list[Refused]


class RiskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A position at a plan's cut-off: what may run out, and what is too much.

    Money is in minor units of the plan's currency: `order_gain` is what ordering as proposed
    saves, `overstock_cost` what the excess costs when nothing is done, `stake` both. Remedies,
    in major units, come with the most gainful first; so do sales models, with the units each
    would hold and its expected profit a cycle.
    """

    sku: str
    node: str
    category: str
    state: RiskState
    abc: str
    xyz: str
    on_hand: int
    inbound: int
    stock_target: int
    units_a_day: float
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    order_gain: int
    idle_days: int | None
    age_days: int | None
    excess: int
    overstock_cost: int
    stake: int
    remedies: list[Remedy]
    remedy_gain: int
    models: list[ModelProfit]
    proposal_id: str | None


class SavedList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of saved searches, the latest first."""

    items: list[SavedAnswer]
    next_cursor: str | None


class ScenarioAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if on the inputs of a plan; `effect` is null until it is DONE."""

    id: str
    plan_run_id: str
    currency: str
    state: str
    scope: Scope
    changes: Changes
    effect: Effect | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class ScenarioBody(msgspec.Struct, frozen=True, kw_only=True):
    """Which series, and what would be different."""

    changes: Changes
    scope: Scope | UnsetType = UNSET


class StockTransferList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of transfers, newest first."""

    items: list[StockTransferAnswer]
    next_cursor: str | None


class SuggestionList(msgspec.Struct, frozen=True, kw_only=True):
    """What a beginning may become: categories and belts, then titles."""

    items: list[Suggestion]


class TrackedEventList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of events, the latest first."""

    items: list[TrackedEvent]
    next_cursor: str | None


class TrackingBody(msgspec.Struct, frozen=True, kw_only=True):
    """Events that a carrier tells of; in any order, and as often as it likes."""

    carrier: str
    events: list[TrackingEvent]


class ValuationRuleList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of rules of valuation, in the order they came."""

    items: list[ValuationRuleRow]
    next_cursor: str | None


class VerificationList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of verifications, the longest waiting first."""

    items: list[VerificationAnswer]
    next_cursor: str | None


class CatalogSkuAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU with today's offers. Weight in g, sizes in mm, quantities in base units."""

    code: str
    product: str
    category: str
    supplier: str
    title: str
    title_zh: str
    uom: str
    pack_size: int
    weight_g: int | None
    size_mm: list[int | None]
    cargo_class: str
    hs_code: str
    offers: list[CatalogOfferAnswer]


class ProcurementOrderList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of orders, newest first."""

    items: list[ProcurementOrderRow]
    next_cursor: str | None


class OrdersOrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One order with its timeline, oldest event first."""

    id: str
    number: str
    reference: str
    buyer: str
    status: str
    total: Total
    promise: Promise | None
    payment: dict[str, str]
    partial: bool
    back_order: bool
    decision: str
    downstream_reference: str
    note: str
    ship_to: dict[str, Any]
    lines: list[Line]
    expires_at: dt.datetime | None
    created_at: dt.datetime
    cancelled_at: dt.datetime | None
    timeline: list[OrdersHappening]
    deposit: Deposit | None = None
    landed_cost: LandedCost | None = None


class OrderJourneys(msgspec.Struct, frozen=True, kw_only=True):
    """All journeys of an order, those that ended too, in the order of its lines."""

    items: list[JourneyDetail]


class TierHistory(msgspec.Struct, frozen=True, kw_only=True):
    """The latest changes of tier, newest first."""

    items: list[TierStep]


class PackingList(msgspec.Struct, frozen=True, kw_only=True):
    """The packings of an order, the newest first."""

    items: list[PackingRow]


class OrdersSkuList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of SKUs by code."""

    items: list[OrdersSkuAnswer]
    next_cursor: str | None


class RiskList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of positions, the most at stake first, and the totals of the whole list."""

    plan_run_id: str
    currency: str
    items: list[RiskAnswer]
    next_cursor: str | None
    totals: list[StateTotalAnswer]


class ScenarioList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of what-ifs, newest first."""

    items: list[ScenarioAnswer]
    next_cursor: str | None


class CatalogSkuList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of SKUs, by code."""

    items: list[CatalogSkuAnswer]
    next_cursor: str | None

"""Orders as they are asked for, quoted and kept; and why one is refused."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal
from beltline.orders.types.landed import Cost

LINES_MAX = 100
QUANTITY_MAX = 10**9
BULK_MAX = 1_000

# PostgreSQL keeps no NUL; everything else that is text may be in a text.
_CLEAN = r"^[^\x00]*\Z"
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=_CLEAN)]
Text = Annotated[str, Meta(max_length=200, pattern=_CLEAN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_CLEAN)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
Note = Annotated[str, Meta(max_length=2_000, pattern=_CLEAN)]
SalesModel = Literal["DIRECT", "VIRTUAL", "PRESTOCK", "OWNED"]
Method = Literal["BALANCE", "CREDIT", "TRANSFER"]
Decision = Literal["WAIT", "SHIP_PART", "CANCEL"]


class ShipTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom and where to; `country` is ISO 3166 alpha-2."""

    name: Name
    country: Country
    phone: Text = ""
    region: Text = ""
    city: Text = ""
    postcode: Text = ""
    line1: Text = ""
    line2: Text = ""


class LineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many base units of a SKU, under which sales model (any, when none is named)."""

    sku: Code
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    sales_model: SalesModel | None = None


class PaymentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the order is paid: at once from balance or credit, or later by bank transfer."""

    method: Method


class OrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order as a buyer sends it.

    `reference` is the buyer's own, `downstream_reference` the name of the buyer's own customer.
    `partial` accepts fewer units than ordered, never fewer than the minimum; `back_order` accepts
    all and waits for what is missing. `decision` says what to do when promised units turn out to
    be missing later (SHIP_PART with `partial`, else CANCEL, unless given).
    """

    reference: Code
    currency: Currency
    ship_to: ShipTo
    lines: Annotated[list[LineBody], Meta(min_length=1, max_length=LINES_MAX)]
    payment: PaymentBody
    partial: bool = False
    back_order: bool = False
    decision: Decision | None = None
    downstream_reference: Text = ""
    note: Note = ""


class BulkBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many orders; each is placed or refused on its own."""

    orders: Annotated[list[OrderBody], Meta(min_length=1, max_length=BULK_MAX)]


class PayBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a placed order, or the balance of one, is paid now."""

    method: Literal["BALANCE", "CREDIT"] = "BALANCE"


class BankFileResult(msgspec.Struct, frozen=True):
    """What became of the credits of a bank's statement, and each of them in the file's order.

    `unmatched` wait for somebody to say whose they are; `known` were booked before.
    """

    paid: int
    credited: int
    unmatched: int
    known: int
    payments: list["Payment"]


class CheckoutBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment begun before, by the provider's name for it, to look at; none begins one."""

    external_id: Code | None = None


class Checkout(msgspec.Struct, frozen=True):
    """How an order's payment stands at a provider, in minor units.

    `state` is PENDING, SUCCEEDED or REVERSED. The buyer's own page goes on with `client_secret`;
    `status` is the order's.
    """

    provider: str
    external_id: str
    state: str
    amount: int
    currency: str
    client_secret: str
    status: str


class SeenPayment(msgspec.Struct, frozen=True):
    """What is known of a payment by a provider, in minor units.

    `state` is the provider's word: PENDING, SUCCEEDED, DECLINED (`reason` says why) or REVERSED.
    `booked` is how it stands here, None while it is not booked.
    """

    state: str
    amount: int
    currency: str
    reason: str
    booked: str | None


class PaymentBodyIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money that came from outside, in minor units, as a bank or a provider told of it.

    `external_id` is the source's own name for it; `reference` what its sender wrote.
    """

    source: Code
    external_id: Code
    amount: Annotated[int, Meta(ge=1, le=9 * 10**15)]
    currency: Currency
    reference: Text


class Payment(msgspec.Struct, frozen=True):
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


class AmendedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another quantity in base units of the line at a place (the first is 1); 0 cancels it."""

    line: Annotated[int, Meta(ge=1, le=LINES_MAX)]
    quantity: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class AmendBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different; lines left out stay. All lines at 0 cancel the order."""

    lines: Annotated[list[AmendedLine], Meta(min_length=1, max_length=LINES_MAX)]


class Total(msgspec.Struct, frozen=True):
    """An amount in minor units."""

    amount: int
    currency: str


class Promise(msgspec.Struct, frozen=True):
    """The day by which all of it arrives, and how probable that is."""

    date: dt.date
    probability: float


class Part(msgspec.Struct, frozen=True):
    """Units of a line that come from one node."""

    node: str
    quantity: int
    sales_model: str
    status: str


class LineDeposit(msgspec.Struct, frozen=True):
    """What of a line is paid first and what when its goods are made, in minor units.

    Of the `balance` the buyer has `unpaid` still to pay, until `due_at` once the goods are made.
    """

    percent: float
    amount: int
    balance: int
    unpaid: int
    due_at: dt.datetime | None


class Deposit(msgspec.Struct, frozen=True):
    """What of an order is paid with it, and what later, in minor units; the sums of its lines.

    `due_at` is the first day on which a balance is due, null as long as nothing is made.
    """

    amount: int
    balance: int
    unpaid: int
    due_at: dt.datetime | None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line with what was accepted of it.

    `unit_price` per uom as an exact decimal text, `amount` in minor units. `deposit` is there of
    goods that are made to order and paid in two goes.
    """

    sku: str
    quantity: int
    ordered_quantity: int
    unit_price: str
    amount: int
    parts: list[Part]
    deposit: LineDeposit | None = None


class Break(msgspec.Struct, frozen=True):
    """The unit price per uom, an exact decimal text, from a quantity of base units on."""

    quantity_from: int
    unit_price: str


class NodeStock(msgspec.Struct, frozen=True):
    """Base units that could be ordered from a node now."""

    node: str
    available: int


class QuoteLine(Line, frozen=True, kw_only=True):
    """A line of a preview: with the terms it is sold at, its packs, and where its goods stand.

    The quantity is `packs` full packs and `loose` base units more.
    """

    moq: int
    lead_time_days: float | None
    pack_size: int
    packs: int
    loose: int
    breaks: list[Break]
    stock: list[NodeStock]


class Funds(msgspec.Struct, frozen=True):
    """What the order would take of the account it is paid from, and what that has.

    In minor units; null for a bank transfer.
    """

    method: str
    needed: int
    available: int | None


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an order would be; nothing is reserved. `promise` is null without a known lane.

    `costs` are those of the landed cost, as far as they are known. Of goods made to order `deposit`
    says what is paid with the order and what later: until a factory has confirmed that it makes
    them the deposit is given back, from then on it is kept if the buyer cancels or does not pay.
    """

    total: Total
    promise: Promise | None
    lines: list[QuoteLine]
    funds: Funds
    costs: list[Cost]
    deposit: Deposit | None = None


class Proforma(msgspec.Struct, frozen=True):
    """What a buyer's bank needs to know; the transfer must name `payment_reference`."""

    number: str
    payment_reference: str
    amount: int
    currency: str
    pay_by: dt.datetime


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
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


class OrderHead(msgspec.Struct, frozen=True):
    """An order in a list; of its total `deferred_amount` is paid when its goods are made."""

    id: UUID
    number: str
    reference: str
    buyer: str
    buyer_name: str
    status: str
    total_amount: int
    currency: str
    line_count: int
    ship_to_country: str
    promise_date: dt.date | None
    promise_probability: float | None
    expires_at: dt.datetime | None
    created_at: dt.datetime
    cancelled_at: dt.datetime | None
    deferred_amount: int = 0


class OrderDetail(msgspec.Struct, frozen=True):
    """One order with everything its parties may see of it.

    `ship_to` has the members of the order body's; erased personal data are empty.
    """

    head: OrderHead
    payment_method: str
    partial: bool
    back_order: bool
    decision: str
    downstream_reference: str
    note: str
    ship_to: dict[str, Any]
    lines: list[Line]
    deposit: Deposit | None = None


class StatusCount(msgspec.Struct, frozen=True):
    """How many orders are in a status."""

    status: str
    orders: int


class RowResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a row of a sheet: the order it is part of, or why it was not placed."""

    row: int
    reference: str
    id: str | None = None
    problem: str | None = None


class SheetResult(msgspec.Struct, frozen=True):
    """How many orders of a sheet were placed, and a result for every row."""

    placed: int
    rows: list[RowResult]


class Purchased(msgspec.Struct, frozen=True):
    """Purchases made for orders, the parts in them, and parts left for want of an offer.

    `last` is the last supplier looked at by id; None when there was none.
    """

    purchases: int
    parts: int
    unpriced: int
    last: UUID | None


ClaimReason = Literal["NOT_ARRIVED", "DAMAGED", "DEFECTIVE", "WRONG", "NOT_AS_DESCRIBED", "LATE"]
Bearer = Literal["SUPPLIER", "CARRIER", "OPERATOR"]
Days = Annotated[int, Meta(ge=0, le=90)]


class ClaimedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked back of the line at a place (the first is 1).

    The price of some base units, or an amount in minor units off the line, the units kept.
    """

    line: Annotated[int, Meta(ge=1, le=LINES_MAX)]
    units: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)] | None = None
    amount: Annotated[int, Meta(ge=1, le=9 * 10**15)] | None = None

    def __post_init__(self) -> None:
        if (self.units is None) == (self.amount is None):
            raise ValueError("name either units or amount")


class ClaimBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why money is asked back, and of which lines; of all that has left when none is named."""

    reason: ClaimReason
    note: Note = ""
    lines: Annotated[list[ClaimedLine], Meta(max_length=LINES_MAX)] = []

    def __post_init__(self) -> None:
        if len({line.line for line in self.lines}) < len(self.lines):
            raise ValueError("a line is named twice")


class ClaimAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operator's answer: minor units to refund, 0 to reject; `charged_to` bears them."""

    amount: Annotated[int, Meta(ge=0, le=9 * 10**15)]
    charged_to: Bearer = "OPERATOR"
    note: Note = ""


class Assurance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long money waits.

    The receipt counts as confirmed `release_days` after the delivery; for `claim_days` more the
    buyer may claim; a claim not answered within `answer_days` is granted.
    """

    release_days: Days
    claim_days: Annotated[int, Meta(ge=0, le=180)]
    answer_days: Annotated[int, Meta(ge=1, le=60)]


class ClaimLine(msgspec.Struct, frozen=True):
    """What of a line is asked back; `units` null where it is an amount off. In minor units."""

    line: int
    sku: str
    units: int | None
    asked_amount: int
    refunded_amount: int


class ClaimEvidence(msgspec.Struct, frozen=True):
    """What the supplier of claimed goods says to a claim."""

    supplier: str
    text: str


class ClaimCase(msgspec.Struct, frozen=True):
    """A claim as the supplier of the goods sees it: no buyer, no price.

    `lines` are SKUs and base units (null where an amount is asked off); `is_charged` when it was
    refunded at the supplier's charge.
    """

    id: UUID
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


class Claim(msgspec.Struct, frozen=True):
    """A claim on an order; amounts in minor units.

    `state` is OPEN, REFUNDED, REJECTED or WITHDRAWN; `by_default` when nobody answered in time.
    """

    id: UUID
    number: str
    order_id: UUID
    order: str
    buyer: str
    buyer_name: str
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


class CaseClosed(Refusal):
    """Evidence for a claim that is decided, is late, or was answered before."""

    kind, code = Kind.CONFLICT, "orders.case_closed"
    title = "Nothing to answer"
    detail = "{number} takes no evidence any more: it is decided, its time is over, or you have answered."  # noqa: E501
    number: str


class EvidenceNeeded(Refusal):
    """An answer without a word."""

    kind, code = Kind.INVALID, "orders.evidence_needed"
    title = "Write your evidence"
    detail = (
        "Say what you know of these goods: checks, what was sent and when; photos are added to it."
    )


class UnknownSku(Refusal):
    """A line names a SKU that does not exist."""

    kind, code = Kind.CONFLICT, "orders.unknown_sku"
    title = "Unknown SKU"
    detail = "There is no SKU “{sku}” here; GET /v1/catalog/skus lists those that can be ordered."
    sku: str


class NotOffered(Refusal):
    """A SKU that buyers cannot buy in this currency today."""

    kind, code = Kind.CONFLICT, "orders.not_offered"
    title = "Not offered in this currency"
    detail = "{sku} is not offered in {currency} today; it is offered in: {offered_in}."
    sku: str
    currency: str
    offered_in: str


class MoqNotMet(Refusal):
    """Fewer units than the offer's minimum."""

    kind, code = Kind.CONFLICT, "orders.moq_not_met"
    title = "Below the minimum order quantity"
    detail = "{sku}: {ordered} were ordered; at least {moq} would be accepted."
    sku: str
    moq: int
    ordered: int


class OutOfStock(Refusal):
    """Stock does not suffice for a line."""

    kind, code = Kind.CONFLICT, "orders.out_of_stock"
    title = "Not enough stock"
    detail = (
        "{sku}: {ordered} were ordered, {available} are available; up to {available} would be "
        "accepted (the minimum is {moq})."
    )
    sku: str
    ordered: int
    available: int
    moq: int


class SalesModelNotOffered(Refusal):
    """No stock of a SKU is sold under the model that the line names."""

    kind, code = Kind.CONFLICT, "orders.sales_model_not_offered"
    title = "Not sold that way"
    detail = "{sku} is not sold as {sales_model}; it is sold as: {offered}. Or name none."
    sku: str
    sales_model: str
    offered: str


class AmountTooLarge(Refusal):
    """A line whose amount is beyond what is kept exactly."""

    kind, code = Kind.CONFLICT, "orders.amount_too_large"
    title = "The amount is too large"
    detail = "{sku}: the line's amount is beyond 90,000,000,000,000 minor units; order less."
    sku: str


class NothingToPay(Refusal):
    """An order that costs nothing cannot be paid, so it is not taken."""

    kind, code = Kind.CONFLICT, "orders.nothing_to_pay"
    title = "The order costs nothing"
    detail = "The lines come to less than one minor unit; order more."


class CannotCancel(Refusal):
    """An order that is past cancelling."""

    kind, code = Kind.CONFLICT, "orders.cannot_cancel"
    title = "Cannot be cancelled any more"
    detail = "Order {number} is {state}; only an order of which nothing has left can be cancelled."
    number: str
    state: str


class CannotAmend(Refusal):
    """A line, or an order, that is past changing."""

    kind, code = Kind.CONFLICT, "orders.cannot_amend"
    title = "Cannot be changed any more"
    detail = (
        "Order {number} is {state}; only a line of which nothing has left can be changed "
        "(line {line})."
    )
    number: str
    state: str
    line: int


class UnknownLine(Refusal):
    """An amendment of a line that the order does not have."""

    kind, code = Kind.CONFLICT, "orders.unknown_line"
    title = "No such line"
    detail = "Order {number} has no line {line}; lines count from 1."
    number: str
    line: int


class NotPayable(Refusal):
    """A payment for an order that does not wait for one."""

    kind, code = Kind.CONFLICT, "orders.not_payable"
    title = "It does not wait for money"
    detail = "Order {number} is {state}; only a PLACED order waits to be paid."
    number: str
    state: str


class BeingMade(Refusal):
    """Another quantity of goods that a factory makes already."""

    kind, code = Kind.CONFLICT, "orders.being_made"
    title = "It is being made"
    detail = (
        "Line {line} of order {number} is being made; it can only be cancelled (quantity 0), and "
        "its deposit is kept."
    )
    number: str
    line: int


class BalanceElsewhere(Refusal):
    """A balance paid from another account than the deposit."""

    kind, code = Kind.CONFLICT, "orders.balance_elsewhere"
    title = "Pay it from where the deposit came"
    detail = "The deposit of order {number} was paid by {method}; pay the balance the same way."
    number: str
    method: str


class BalanceOpen(Refusal):
    """A claim on a line whose balance is unpaid."""

    kind, code = Kind.CONFLICT, "orders.balance_open"
    title = "Its balance is not paid"
    detail = (
        "The balance of line {line} of order {number} is not paid and its goods have not left; "
        "pay it, or give the goods up."
    )
    number: str
    line: int


class PaymentLate(Refusal):
    """A payment for an order whose reservation has ended."""

    kind, code = Kind.CONFLICT, "orders.payment_late"
    title = "The reservation has ended"
    detail = "Order {number} kept its stock until {expired_at}; place it again."
    number: str
    expired_at: str


class QuantityUnreadable(Refusal):
    """A quantity that is none, typed into a page."""

    kind, code = Kind.INVALID, "orders.quantity_unreadable"
    title = "Not a quantity"
    detail = "{sku}: “{typed}” is not a quantity; write a number in the unit of sale, or 0."
    sku: str
    typed: str


class ClaimOpen(Refusal):
    """Something that waits for the end of a claim."""

    kind, code = Kind.CONFLICT, "orders.claim_open"
    title = "A claim is open"
    detail = "Order {number} has an open claim; it has to be answered or withdrawn first."
    number: str


class ClaimEnded(Refusal):
    """A claim that was answered or withdrawn."""

    kind, code = Kind.CONFLICT, "orders.claim_ended"
    title = "The claim has ended"
    detail = "Claim {number} is {state}; only an open one can be answered or withdrawn."
    number: str
    state: str


class ClaimTooLate(Refusal):
    """A claim on an order whose assurance is over."""

    kind, code = Kind.CONFLICT, "orders.claim_too_late"
    title = "The assurance is over"
    detail = "The money of order {number} was released more than {days} days ago."
    number: str
    days: int


class NothingToClaim(Refusal):
    """A claim on an order that was not paid or of which nothing has left."""

    kind, code = Kind.CONFLICT, "orders.nothing_to_claim"
    title = "Nothing to claim yet"
    detail = (
        "Order {number} is {state} and nothing of it has left; an order of which nothing has left "
        "can be cancelled."
    )
    number: str
    state: str


class ClaimBeyond(Refusal):
    """More money than there is to give back."""

    kind, code = Kind.CONFLICT, "orders.claim_beyond"
    title = "More than there is"
    detail = "{asked} {currency} (minor units) were asked; {left} are left to give back."
    asked: int
    left: int
    currency: str


class NotArrived(Refusal):
    """A receipt confirmed before all parts have come to an end."""

    kind, code = Kind.CONFLICT, "orders.not_arrived"
    title = "Not all of it has arrived"
    detail = "Order {number} is {state}; a receipt is confirmed when all of its parts are there."
    number: str
    state: str


class AmountUnreadable(Refusal):
    """An amount of money that is none, typed into a page."""

    kind, code = Kind.INVALID, "orders.amount_unreadable"
    title = "Not an amount"
    detail = "“{typed}” is not an amount of {currency}; write a number such as 12.50."
    typed: str
    currency: str


class NothingToInvoice(Refusal):
    """An invoice of an order that nothing was paid for."""

    kind, code = Kind.CONFLICT, "orders.nothing_to_invoice"
    title = "Nothing to invoice"
    detail = "Order {number} is {state} and nothing is paid for it; pay it first."
    number: str
    state: str

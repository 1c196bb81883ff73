"""Purchase orders, their lines and answers; and why one of them is refused."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal

Quantity = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
"""Base units, from none to more than any order."""


Code = Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]


class Status(enum.StrEnum):
    """Where a purchase order stands."""

    PROPOSED = "PROPOSED"
    ISSUED = "ISSUED"
    CONFIRMED = "CONFIRMED"
    COUNTERED = "COUNTERED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    DEPOSIT_PAID = "DEPOSIT_PAID"
    IN_PRODUCTION = "IN_PRODUCTION"
    INSPECTED = "INSPECTED"
    BALANCE_PAID = "BALANCE_PAID"
    PART_SHIPPED = "PART_SHIPPED"
    SHIPPED = "SHIPPED"
    PART_RECEIVED = "PART_RECEIVED"
    RECEIVED = "RECEIVED"
    INVOICED = "INVOICED"
    SETTLED = "SETTLED"


class AnswerKind(enum.StrEnum):
    """What a supplier can say to an order."""

    CONFIRMED = "CONFIRMED"
    COUNTERED = "COUNTERED"
    REFUSED = "REFUSED"


class NewLine(msgspec.Struct, frozen=True):
    """A line to order: base units, and the price of one unit of sale."""

    sku_id: UUID
    quantity: int
    unit_price: Decimal
    proposal_id: UUID | None = None


class OrderLineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line to order by its SKU's code: base units, and the price of one unit of sale."""

    sku: Code
    quantity: Quantity
    unit_price: Decimal


class OrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order to issue: parties, place and goods by their codes.

    `answer_by` is when the supplier's time to answer ends; 48 hours from now unless given.
    """

    supplier: Code
    node: Code
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    expected_date: dt.date
    lines: Annotated[list[OrderLineBody], msgspec.Meta(min_length=1, max_length=1_000)]
    order_by_date: dt.date | None = None
    answer_by: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None


class PurchaseOrder(msgspec.Struct, frozen=True):
    """The head of an order.

    `total_amount` (minor units) is on the terms that stand: those asked, or those of an accepted
    counter. `answered_date` is the day a counter names.
    """

    id: UUID
    number: str
    status: Status
    version: int
    operator_org_id: UUID
    supplier_org_id: UUID
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    node_id: UUID
    node: str
    node_name: str
    node_name_zh: str
    currency: str
    total_amount: int
    line_count: int
    quantity: int
    awaited_quantity: int
    order_by_date: dt.date | None
    expected_date: dt.date
    answered_date: dt.date | None
    answer_by: dt.datetime | None
    answer_note: str
    answered_by: str
    plan_run_id: UUID | None
    is_imported: bool
    created_by: str
    created_at: dt.datetime
    issued_at: dt.datetime | None
    answered_at: dt.datetime | None
    received_at: dt.datetime | None


class PurchaseOrderLine(msgspec.Struct, frozen=True):
    """A line: asked, answered (None until the supplier answers), received and still awaited.

    Quantities are base units, amounts minor units, prices per unit of sale.
    """

    line_no: int
    sku_id: UUID
    sku: str
    title: str
    title_zh: str
    uom: str
    quantity: int
    unit_price: Decimal
    amount: int
    answered_quantity: int | None
    answered_unit_price: Decimal | None
    answered_amount: int | None
    received_quantity: int
    awaited_quantity: int
    proposal_id: UUID | None

    @property
    def agreed_quantity(self) -> int:
        """What the supplier said it sends, or what was asked while it has said nothing."""
        return self.quantity if self.answered_quantity is None else self.answered_quantity

    @property
    def is_changed(self) -> bool:
        """Whether the answer differs from what was asked."""
        return self.answered_quantity is not None and (
            self.answered_quantity != self.quantity or self.answered_unit_price != self.unit_price
        )


class AnswerLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a counter changes of a line; None leaves it as asked."""

    line_no: int
    quantity: Quantity | None = None
    unit_price: Decimal | None = None


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A supplier's answer: all as asked, on other terms, or not at all (`note` says why)."""

    answer: AnswerKind
    lines: list[AnswerLine] = []
    expected_date: dt.date | None = None
    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class NoticeLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many base units of a line of the order were sent."""

    line_no: int
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class NoticeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a supplier has sent of an order: a waybill, cartons, grams and units by line."""

    waybill: Code
    cartons: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    lines: Annotated[list[NoticeLine], msgspec.Meta(min_length=1, max_length=1_000)]
    carrier: Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00]*\Z")] = ""
    weight_g: Annotated[int, msgspec.Meta(ge=1, le=10**11)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")] = ""


class NoticeState(enum.StrEnum):
    """Where a shipping notice stands."""

    ANNOUNCED = "ANNOUNCED"
    RECEIVED = "RECEIVED"


class ShippingNotice(msgspec.Struct, frozen=True):
    """What a supplier says it has sent of an order; `receipt` is what it was received with."""

    id: UUID
    number: str
    purchase_order_id: UUID
    purchase_order: str
    is_for_orders: bool
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    node: str
    waybill: str
    carrier: str
    cartons: int
    weight_g: int | None
    note: str
    state: NoticeState
    announced_by: str
    announced_at: dt.datetime
    receipt: str
    received_at: dt.datetime | None


class ShippingNoticeLine(msgspec.Struct, frozen=True):
    """A line of a notice in base units; `received_quantity` is None until it was counted."""

    shipping_notice_id: UUID
    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    quantity: int
    received_quantity: int | None

    @property
    def difference(self) -> int:
        """Units that came more (above 0) or less than announced; 0 while not counted."""
        return 0 if self.received_quantity is None else self.received_quantity - self.quantity


class InvoiceLineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base units of a line of the order, at a price per unit of sale."""

    line_no: int
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    unit_price: Decimal


class InvoiceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A supplier's invoice under its own number; `total_amount` as stated, in minor units."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[^\x00]*\Z")]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    issued_date: dt.date
    total_amount: Annotated[int, msgspec.Meta(ge=0, le=10**15)]
    lines: Annotated[list[InvoiceLineBody], msgspec.Meta(min_length=1, max_length=1_000)]


class InvoiceState(enum.StrEnum):
    """Where a supplier's invoice stands."""

    MATCHED = "MATCHED"
    DIFFERING = "DIFFERING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class Difference(msgspec.Struct, frozen=True):
    """What an invoice asks above its order (PRICE), its receipts (QUANTITY) or its lines (TOTAL).

    Prices are exact decimal texts, quantities base units, totals minor units.
    """

    kind: str
    sku: str
    expected: str
    invoiced: str


class SupplierInvoice(msgspec.Struct, frozen=True):
    """A supplier's invoice of an order, and how it compares with order and receipts."""

    id: UUID
    number: str
    purchase_order_id: UUID
    purchase_order: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    currency: str
    issued_date: dt.date
    total_amount: int
    state: InvoiceState
    differences: list[Difference]
    entered_by: str
    entered_at: dt.datetime
    decided_by: str
    decision_note: str
    decided_at: dt.datetime | None


class SupplierInvoiceLine(msgspec.Struct, frozen=True):
    """A line three times: agreed, received, invoiced. Units are base units."""

    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    agreed_unit_price: Decimal
    agreed_quantity: int
    received_quantity: int
    quantity: int
    unit_price: Decimal
    amount: int


class Tolerance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far an invoice may lie above its order: percent, percent, minor units of its total."""

    price_percent: Decimal
    quantity_percent: Decimal
    total_amount: Annotated[int, msgspec.Meta(ge=0, le=10**12)]


class ChangedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base units that a line shall have."""

    line_no: int
    quantity: Quantity


class ChangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall be different about a confirmed order: quantities, the day, and why."""

    lines: Annotated[list[ChangedLine], msgspec.Meta(max_length=1_000)] = []
    expected_date: dt.date | None = None
    note: Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")] = ""


class ChangeState(enum.StrEnum):
    """Where a change of an order stands."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


class LineChange(msgspec.Struct, frozen=True):
    """A line of a change: what it would have, and what it had."""

    line_no: int
    sku: str
    quantity: int
    before: int


class OrderChange(msgspec.Struct, frozen=True):
    """A change of a confirmed order, asked of the OPERATOR or the SUPPLIER."""

    id: UUID
    purchase_order_id: UUID
    purchase_order: str
    asked_of: str
    expected_date: dt.date | None
    date_before: dt.date
    lines: list[LineChange]
    note: str
    state: ChangeState
    asked_by: str
    asked_at: dt.datetime
    answer_by: dt.datetime
    answered_by: str
    answer_note: str
    answered_at: dt.datetime | None


class DeadlineKind(enum.StrEnum):
    """What has to be done by a time: answer an order, send its goods, answer a change."""

    ANSWER = "ANSWER"
    SHIPMENT = "SHIPMENT"
    CHANGE = "CHANGE"


class Concerned(enum.StrEnum):
    """Who has to do it."""

    OPERATOR = "OPERATOR"
    SUPPLIER = "SUPPLIER"


class Deadline(msgspec.Struct, frozen=True):
    """A deadline of an order (or of a change of it), and the steps it has led to, each once.

    `is_running` while what it asks for is not done; `settled_at` is when the operator took care
    of what was overdue.
    """

    kind: DeadlineKind
    subject_id: UUID
    purchase_order_id: UUID
    purchase_order: str
    concerns: Concerned
    due_at: dt.datetime
    is_running: bool
    reminded_at: dt.datetime | None
    escalated_at: dt.datetime | None
    settled_at: dt.datetime | None

    @property
    def is_waiting(self) -> bool:
        """Whether it waits in the operator's queue."""
        is_open = self.is_running or self.kind is DeadlineKind.ANSWER
        return self.escalated_at is not None and self.settled_at is None and is_open


class SentLink(msgspec.Struct, frozen=True):
    """A guest link to paste into a chat: its path, shown this once."""

    path: str
    expires_at: dt.datetime


class StatusCount(msgspec.Struct, frozen=True):
    """How many orders stand in a state."""

    status: Status
    orders: int


class EmptyOrder(Refusal):
    """An order without lines, or a line without units."""

    kind, code = Kind.INVALID, "procurement.empty_order"
    title = "Nothing ordered"
    detail = "An order has 1 to 1,000 lines, each with at least 1 unit."


class DuplicateSku(Refusal):
    """The same SKU on two lines of one order."""

    kind, code = Kind.INVALID, "procurement.duplicate_sku"
    title = "A SKU twice"
    detail = "A SKU stands on one line of an order; add the quantities up."


class PriceUnusable(Refusal):
    """A price that cannot be kept as it was written."""

    kind, code = Kind.INVALID, "procurement.price_unusable"
    title = "Not a price"
    detail = "{unit_price} is no price: write 0 to 1,000,000,000 with at most six decimals."
    unit_price: str


class QuantityUnusable(Refusal):
    """A text that is no whole number of base units."""

    kind, code = Kind.INVALID, "procurement.quantity_unusable"
    title = "Not a quantity"
    detail = "“{text}” is no quantity here; write a number of 0 or more."
    text: str


class DayUnusable(Refusal):
    """A text that is no day."""

    kind, code = Kind.INVALID, "procurement.day_unusable"
    title = "Not a day"
    detail = "“{day}” is no day; write it as 2026-12-31."
    day: str


class DateInThePast(Refusal):
    """Goods cannot arrive before they are ordered."""

    kind, code = Kind.INVALID, "procurement.date_in_the_past"
    title = "The day has passed"
    detail = "{day} has passed; goods can be expected from {earliest} on."
    day: str
    earliest: str


class AmountTooLarge(Refusal):
    """A line beyond what can be counted exactly everywhere."""

    kind, code = Kind.INVALID, "procurement.amount_too_large"
    title = "The amount is too large"
    detail = "{quantity} at {unit_price} is more than one line can be; check price and quantity."
    unit_price: str
    quantity: int


class AlreadyAnswered(Refusal):
    """The order is not open for an answer (any more)."""

    kind, code = Kind.CONFLICT, "procurement.already_answered"
    title = "Not open for an answer"
    detail = "{number} is {state}; it was answered or has ended."
    number: str
    state: str


class UnknownLine(Refusal):
    """An answer to a line that the order does not have."""

    kind, code = Kind.INVALID, "procurement.unknown_line"
    title = "No such line"
    detail = "{number} has no line {line_no}."
    number: str
    line_no: int


class NothingOffered(Refusal):
    """A counter with no unit of anything is a refusal and should say so."""

    kind, code = Kind.INVALID, "procurement.nothing_offered"
    title = "Nothing is offered"
    detail = "Every line of {number} is 0; refuse the order and say why instead."
    number: str


class NothingCountered(Refusal):
    """A counter that names neither a line nor a day."""

    kind, code = Kind.INVALID, "procurement.nothing_countered"
    title = "The counter is empty"
    detail = "Say which quantity, price or date is different, or confirm the order as it is."


class ReasonNeeded(Refusal):
    """A refusal without a reason helps nobody."""

    kind, code = Kind.INVALID, "procurement.reason_needed"
    title = "A reason is needed"
    detail = "Say in a few words why, so that the buyer knows what to change."


class NotCountered(Refusal):
    """There is no counter to accept."""

    kind, code = Kind.CONFLICT, "procurement.not_countered"
    title = "No counter to accept"
    detail = "{number} is {state}; only a countered order can be accepted."
    number: str
    state: str


class CannotCancel(Refusal):
    """Too late, or already ended."""

    kind, code = Kind.CONFLICT, "procurement.cannot_cancel"
    title = "Cannot be cancelled"
    detail = "{number} is {state}; an order can be cancelled until its first goods are received."
    number: str
    state: str


class CannotSendLink(Refusal):
    """A link only makes sense while its factory has something to do."""

    kind, code = Kind.CONFLICT, "procurement.cannot_send_link"
    title = "Nothing for the factory to do"
    detail = "{number} is {state}; a link is sent while an order waits for its answer or goods."
    number: str
    state: str


class NothingOverdue(Refusal):
    """Nothing of the order waits in the queue."""

    kind, code = Kind.CONFLICT, "procurement.nothing_overdue"
    title = "Nothing is overdue"
    detail = "Nothing of {number} is overdue, or somebody has taken it up before."
    number: str


class NotShippable(Refusal):
    """Nothing is sent of an order that does not stand."""

    kind, code = Kind.CONFLICT, "procurement.not_shippable"
    title = "Nothing to send"
    detail = "{number} is {state}; goods are announced of a confirmed order."
    number: str
    state: str


class AlreadyAnnounced(Refusal):
    """A waybill that was announced for this order before."""

    kind, code = Kind.CONFLICT, "procurement.already_announced"
    title = "Announced before"
    detail = "The waybill {waybill} is announced for {number} already; each box has its own."
    number: str
    waybill: str


class OverAnnounced(Refusal):
    """More on the road than was ordered."""

    kind, code = Kind.CONFLICT, "procurement.over_announced"
    title = "More than was ordered"
    detail = "{sku} of {number}: {announced} would be on the road, {left} are still to come."
    number: str
    sku: str
    announced: int
    left: int


class NoticeReceived(Refusal):
    """A notice that was counted before."""

    kind, code = Kind.CONFLICT, "procurement.notice_received"
    title = "Received before"
    detail = "{number} was counted already; open the order to see its receipt."
    number: str


class NothingSent(Refusal):
    """A form of a shipment that names no goods, or cartons that are no number."""

    kind, code = Kind.INVALID, "procurement.nothing_sent"
    title = "What was sent?"
    detail = "Write the waybill, how many cartons (1 to 10,000), and what is in them."


class NotInvoiceable(Refusal):
    """An invoice of an order that does not stand."""

    kind, code = Kind.CONFLICT, "procurement.not_invoiceable"
    title = "Nothing to invoice"
    detail = "{number} is {state}; an invoice belongs to a confirmed order."
    number: str
    state: str


class InvoiceKnown(Refusal):
    """An invoice number that this supplier used before."""

    kind, code = Kind.CONFLICT, "procurement.invoice_known"
    title = "The invoice is known"
    detail = "The invoice {number} was entered before; each has its own number."
    number: str


class InvoiceDecided(Refusal):
    """An invoice that waits for nobody."""

    kind, code = Kind.CONFLICT, "procurement.invoice_decided"
    title = "Nothing to decide"
    detail = "The invoice {number} agrees with its order or was decided before."
    number: str


class InvoiceUnusable(Refusal):
    """A form of an invoice that cannot be read, or a line on it twice."""

    kind, code = Kind.INVALID, "procurement.invoice_unusable"
    title = "The invoice is incomplete"
    detail = "Write its number, day and total, and each line it asks money for once."


class ToleranceUnusable(Refusal):
    """A tolerance that is no percentage."""

    kind, code = Kind.INVALID, "procurement.tolerance_unusable"
    title = "Not a tolerance"
    detail = "Write a percentage from 0 to 100 with at most two decimals."


class NotChangeable(Refusal):
    """An order that is not confirmed, or is at its end."""

    kind, code = Kind.CONFLICT, "procurement.not_changeable"
    title = "Cannot be changed"
    detail = "{number} is {state}; a confirmed order can be changed until all of it is received."
    number: str
    state: str


class ChangeOpen(Refusal):
    """One change at a time."""

    kind, code = Kind.CONFLICT, "procurement.change_open"
    title = "A change is open"
    detail = "A change of {number} waits for its answer; one is asked for at a time."
    number: str


class AlreadySent(Refusal):
    """Fewer units than are received or on the road."""

    kind, code = Kind.CONFLICT, "procurement.already_sent"
    title = "Sent already"
    detail = "{sku} of {number}: {sent} are received or on the road; {asked} cannot be left."
    number: str
    sku: str
    sent: int
    asked: int


class NothingChanged(Refusal):
    """A change that changes nothing."""

    kind, code = Kind.INVALID, "procurement.nothing_changed"
    title = "Nothing is different"
    detail = "Ask for a quantity or a day that {number} does not have."
    number: str


class OrdersStandBehind(Refusal):
    """The units of a purchase for buyers' orders are those of the orders."""

    kind, code = Kind.CONFLICT, "procurement.orders_stand_behind"
    title = "Buyers wait for these units"
    detail = "{number} is made for buyers' orders: its day can change, its quantities cannot."
    number: str


class OthersAnswer(Refusal):
    """Nobody answers what it asked itself."""

    kind, code = Kind.CONFLICT, "procurement.others_answer"
    title = "The other side answers"
    detail = "The change of {number} was asked by you; the other side says yes or no."
    number: str


class ChangeAnswered(Refusal):
    """A change has one answer."""

    kind, code = Kind.CONFLICT, "procurement.change_answered"
    title = "Answered before"
    detail = "The change of {number} was answered before."
    number: str


class TooLate(Refusal):
    """Goods were sent or received while a change was open."""

    kind, code = Kind.CONFLICT, "procurement.too_late"
    title = "Too late for this change"
    detail = "Goods of {number} were sent or received meanwhile; refuse this change and ask anew."
    number: str


class BalanceDue(enum.StrEnum):
    """When a factory is paid the rest of goods it makes to order.

    BEFORE_SHIPMENT: when they have passed inspection and before they leave. AFTER_INSPECTION: with
    the settlement of what was received and inspected at the hub.
    """

    BEFORE_SHIPMENT = "BEFORE_SHIPMENT"
    AFTER_INSPECTION = "AFTER_INSPECTION"


class PaymentKind(enum.StrEnum):
    """What is paid to a factory in advance."""

    DEPOSIT = "DEPOSIT"
    BALANCE = "BALANCE"


class PaymentState(enum.StrEnum):
    """Where an advance stands; DROPPED was never paid."""

    ASKED = "ASKED"
    PAID = "PAID"
    DROPPED = "DROPPED"


class MilestoneKind(enum.StrEnum):
    """What is told of the making of goods; PASSED and FAILED are inspections before they leave."""

    STARTED = "STARTED"
    FINISHED = "FINISHED"
    PASSED = "PASSED"
    FAILED = "FAILED"


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How goods made to order are paid.

    `deposit_percent` of an order (0: nothing in advance) is due when it is confirmed;
    `kept_percent` of the deposit is the factory's when the network cancels what it has begun.
    """

    deposit_percent: Decimal
    balance_due: BalanceDue = BalanceDue.AFTER_INSPECTION
    kept_percent: Decimal = Decimal(0)


class PaymentTerm(msgspec.Struct, frozen=True):
    """The terms of a factory for what is ordered from `set_at` until other terms are set."""

    id: UUID
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    deposit_percent: Decimal
    balance_due: BalanceDue
    kept_percent: Decimal
    note: str
    set_by: str
    set_at: dt.datetime


class PaymentDue(msgspec.Struct, frozen=True):
    """A deposit or balance that is to be paid and nobody has asked for, in minor units."""

    purchase_order_id: UUID
    purchase_order: str
    supplier_name: str
    supplier_name_zh: str
    kind: PaymentKind
    amount: int
    currency: str
    since: dt.datetime


class SupplierPayment(msgspec.Struct, frozen=True):
    """An advance to a factory for one purchase, in minor units.

    `set_off` of it was worked off by what was received or sold, or taken back; `kept` stays with
    the factory though the purchase ended.
    """

    id: UUID
    purchase_order_id: UUID
    purchase_order: str
    supplier: str
    supplier_name: str
    supplier_name_zh: str
    kind: PaymentKind
    amount: int
    currency: str
    state: PaymentState
    set_off: int
    kept: int
    asked_by: str
    asked_at: dt.datetime
    paid_by: str
    paid_at: dt.datetime | None
    payment_reference: str


class Milestone(msgspec.Struct, frozen=True):
    """Something told of the making of an order's goods."""

    kind: MilestoneKind
    note: str
    told_by: str
    told_at: dt.datetime


class Making(msgspec.Struct, frozen=True):
    """How an order is paid and how far its goods are.

    `terms` is None of an order that is paid with its settlement; `deposit` and `balance` (minor
    units) are what they come to on the order's total as it stands.
    """

    terms: Terms | None
    deposit: int
    balance: int
    due: PaymentDue | None
    payments: list[SupplierPayment]
    milestones: list[Milestone]


class TermsUnusable(Refusal):
    """Terms that are no shares of an order."""

    kind, code = Kind.INVALID, "procurement.terms_unusable"
    title = "Not terms of payment"
    detail = "Write a deposit from 0 to below 100 % and a share kept from 0 to 100 %, each with at most two decimals."  # noqa: E501


class NotItsTurn(Refusal):
    """A milestone before the one it follows, or told before."""

    kind, code = Kind.CONFLICT, "procurement.not_its_turn"
    title = "Not its turn"
    detail = "{number} is {state}: goods of a confirmed order are started, finished, then inspected, each once; after a failed inspection they are finished again."  # noqa: E501
    number: str
    state: str


class NothingToPay(Refusal):
    """A payment that is not due, or was asked for before."""

    kind, code = Kind.CONFLICT, "procurement.nothing_to_pay"
    title = "Nothing to pay now"
    detail = "{number} is {state}: a deposit is due from its confirmation, a balance when its goods have passed inspection, each once and only by the factory's terms."  # noqa: E501
    number: str
    state: str


class CannotWithdraw(Refusal):
    """A factory that withdraws from what it did not confirm or has sent."""

    kind, code = Kind.CONFLICT, "procurement.cannot_withdraw"
    title = "Cannot be withdrawn from"
    detail = "{number} is {state}; a factory withdraws from an order it confirmed and has sent nothing of. Ask for a change instead."  # noqa: E501
    number: str
    state: str

"""Purchase orders and suppliers' answers; why one is refused."""

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

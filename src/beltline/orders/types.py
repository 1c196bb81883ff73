"""Orders as they are asked for, quoted and kept; and why one is refused."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from beltline.kit.errors import Kind, Refusal

LINES_MAX = 100
QUANTITY_MAX = 10**9

# PostgreSQL keeps no NUL; everything else that is text may be in a text.
_CLEAN = r"^[^\x00]*\Z"
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=_CLEAN)]
Text = Annotated[str, Meta(max_length=200, pattern=_CLEAN)]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=_CLEAN)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
SalesModel = Literal["DIRECT", "VIRTUAL", "PRESTOCK", "OWNED"]


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
    """How the order is paid."""

    method: Literal["BALANCE", "CREDIT", "TRANSFER"]


class OrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order as a buyer sends it.

    `reference` is the buyer's own; `partial` accepts fewer units than ordered, never fewer than the
    minimum.
    """

    reference: Code
    currency: Currency
    ship_to: ShipTo
    lines: Annotated[list[LineBody], Meta(min_length=1, max_length=LINES_MAX)]
    payment: PaymentBody
    partial: bool = False


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


class Line(msgspec.Struct, frozen=True):
    """A line with what was accepted of it.

    `unit_price` per uom as an exact decimal text, `amount` in minor units.
    """

    sku: str
    quantity: int
    ordered_quantity: int
    unit_price: str
    amount: int
    parts: list[Part]


class Quote(msgspec.Struct, frozen=True):
    """What an order would be; nothing is reserved. `promise` is null without a known lane."""

    total: Total
    promise: Promise | None
    lines: list[Line]


class Order(msgspec.Struct, frozen=True):
    """An order as it is kept."""

    id: str
    number: str
    reference: str
    status: str
    total: Total
    promise: Promise | None
    lines: list[Line]
    created_at: dt.datetime
    cancelled_at: dt.datetime | None


class OrderHead(msgspec.Struct, frozen=True):
    """An order in a list."""

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
    created_at: dt.datetime
    cancelled_at: dt.datetime | None


class OrderDetail(msgspec.Struct, frozen=True):
    """One order with everything its parties may see of it.

    `ship_to` has the members of the order body's; erased personal data are empty.
    """

    head: OrderHead
    payment_method: str
    partial: bool
    ship_to: dict[str, Any]
    lines: list[Line]


class StatusCount(msgspec.Struct, frozen=True):
    """How many orders are in a status."""

    status: str
    orders: int


class DayFigures(msgspec.Struct, frozen=True):
    """Orders placed in a span, cancelled ones not counted, and what they come to."""

    currency: str
    orders: int
    amount: int


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


class PaymentMethodNotOffered(Refusal):
    """A way to pay that is not open to this buyer."""

    kind, code = Kind.CONFLICT, "orders.payment_method_not_offered"
    title = "Not a way to pay here"
    detail = "Payment by {method} is not offered; it would be accepted by: {offered}."
    method: str
    offered: str


class CannotCancel(Refusal):
    """An order that is past cancelling."""

    kind, code = Kind.CONFLICT, "orders.cannot_cancel"
    title = "Cannot be cancelled any more"
    detail = "Order {number} is {state}; only an order of which nothing has left can be cancelled."
    number: str
    state: str

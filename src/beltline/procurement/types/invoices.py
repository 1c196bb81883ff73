"""Suppliers' invoices and their match, and why one is refused."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


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

"""Receipts of purchases: what was counted, and why a count is refused."""

import datetime as dt
from typing import Annotated, Final
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal

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

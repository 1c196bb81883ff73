"""Shipping notices, and why one is refused."""

import datetime as dt
import enum
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.procurement.types.orders import Code


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

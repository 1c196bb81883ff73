"""Goods moved between nodes: values and refusals."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_


class StockTransferStatus(enum.StrEnum):
    """How far a transfer is; RETURNED is back where it came from."""

    SENT = "SENT"
    RECEIVED = "RECEIVED"
    RETURNED = "RETURNED"


class Transfer(msgspec.Struct, frozen=True):
    """Goods of the operator on their way from one node to another, in base units of `uom`.

    `received` came in when it ended; what is missing of `quantity` was lost on the way.
    """

    id: UUID
    number: str
    sku: str
    sku_title: str
    sku_title_zh: str
    uom: str
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


class TransferWanted(msgspec.Struct, frozen=True):
    """Units of the operator's own to send from node to node; `id` is the transfer's."""

    id: UUID
    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID
    quantity: int
    expected_date: dt.date


class TransferEnded(Refusal):
    """A transfer that came in, or back, already."""

    kind, code = Kind.CONFLICT, "inventory.transfer_ended"
    title = N_("The transfer has ended")
    detail = N_("{number} is {state} already; correct the stock by an adjustment.")
    number: str
    state: str


class MoreThanSent(Refusal):
    """More came in than was sent."""

    kind, code = Kind.INVALID, "inventory.more_than_sent"
    title = N_("More than was sent")
    detail = N_("{number} took {sent} on its way; receive at most that, and adjust what is found.")
    number: str
    sent: int

"""Changes of purchase orders, and why one is refused."""

import datetime as dt
import enum
from typing import Annotated
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.procurement.types.orders import Quantity


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

"""What of a purchase is due, and who is concerned."""

import datetime as dt
import enum
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal


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


class NothingOverdue(Refusal):
    """Nothing of the order waits in the queue."""

    kind, code = Kind.CONFLICT, "procurement.nothing_overdue"
    title = "Nothing is overdue"
    detail = "Nothing of {number} is overdue, or somebody has taken it up before."
    number: str

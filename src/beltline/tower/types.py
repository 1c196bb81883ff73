"""What the control tower shows: needs and figures, the health of the data, the event feed."""

import datetime as dt
import enum
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.proofs import Proof


class DataHealth(msgspec.Struct, frozen=True):
    """Every invariant proved anew on the data as they are; `holds` when all of them do."""

    holds: bool
    checked_at: dt.datetime
    items: list[Proof]


class NeedKind(enum.StrEnum):
    """What waits for somebody."""

    PROPOSAL = "PROPOSAL"
    """A proposal whose last day to order is today, tomorrow or past."""
    COUNTER = "COUNTER"
    """A supplier answered with other terms."""
    ANSWER = "ANSWER"
    """A supplier has not answered and its time runs out, or has run out."""
    LATE = "LATE"
    """Goods whose day has passed."""
    EXPIRED = "EXPIRED"
    """An order that ended because nobody answered it."""
    UNSENT = "UNSENT"
    """Goods that should be on the road and are not."""
    CHANGE = "CHANGE"
    """A change of an order that waits for our answer, or too long for the supplier's."""
    SILENT = "SILENT"
    """A box of which its carrier has told nothing for longer than is usual."""
    CUSTOMS = "CUSTOMS"
    """A customs file whose goods wait for something that is missing or asked."""
    COUNT = "COUNT"
    """A count of stock that is open."""
    ARRIVAL = "ARRIVAL"
    """Goods expected today."""
    SHORTAGE = "SHORTAGE"
    """More is promised of a stock row than stands there."""
    STOCKOUT = "STOCKOUT"
    """Sold lately, none left, none on its way, nothing proposed."""
    IMPORT = "IMPORT"
    """An import that left rows out."""
    JOB = "JOB"
    """A job that failed or was refused."""


class Need(msgspec.Struct, frozen=True):
    """One thing that waits for a decision.

    `amount` (minor units of `currency`) is the money it concerns, None where none is known;
    `facts` are what its sentence is made of, by kind.
    """

    kind: NeedKind
    id: UUID
    code: str
    name: str
    name_zh: str
    place: str
    place_zh: str
    currency: str | None
    amount: int | None
    due_at: dt.datetime
    facts: dict[str, Any]


class NeedCount(msgspec.Struct, frozen=True):
    """How many needs of a kind and currency there are."""

    kind: NeedKind
    currency: str | None
    needs: int
    amount: int
    first_due_at: dt.datetime
    due_today: int


class Cover(msgspec.Struct, frozen=True):
    """How many days the stock of forecast series lasts; `median_days` is None without any."""

    run_id: UUID
    run_number: int
    cut_off: dt.date
    finished_at: dt.datetime | None
    series: int
    median_days: float | None
    under_week: int


class Punctuality(msgspec.Struct, frozen=True):
    """Purchase orders received in a week, `week` weeks ago."""

    week: int
    received: int
    on_time: int


class DayOfOrders(msgspec.Struct, frozen=True):
    """Orders of one day in one currency; the amount in minor units."""

    day: dt.date
    currency: str
    orders: int
    amount: int


class Held(msgspec.Struct, frozen=True):
    """Money held for orders in one currency, in minor units."""

    currency: str
    holds: int
    amount: int


class OpenPurchase(msgspec.Struct, frozen=True):
    """A purchase order that is still to come; lead times in days."""

    belt_id: str | None
    currency: str
    amount: int
    expected_date: dt.date
    ordered_at: dt.datetime
    lead_time_days_mean: float
    lead_time_days_p95: float


class Rate(msgspec.Struct, frozen=True):
    """What one unit of a currency is worth in CNY."""

    currency: str
    rate: float


class BeltPoint(msgspec.Struct, frozen=True):
    """A belt as a point, in degrees."""

    id: str
    name: str
    name_zh: str
    longitude: float
    latitude: float


class BeltRisk(msgspec.Struct, frozen=True):
    """What is open in a belt and how much of its money is likely to come late.

    `amount` is of the orders in `currency`; `late_share` (0 to 1) weighs each order by its money.
    """

    belt: BeltPoint
    currency: str
    orders: int
    overdue: int
    amount: int
    late_share: float


class Hit(msgspec.Struct, frozen=True):
    """Something a search found: `key` is how its page's address names it."""

    kind: str
    key: str
    label: str
    detail: str
    detail_zh: str
    state: str


class ParkedEvent(msgspec.Struct, frozen=True):
    """An aggregate whose events wait, because a listener failed at one of them."""

    subscriber: str
    aggregate_id: UUID
    feed_seq: int
    tries: int
    next_try_at: dt.datetime
    error: str


class NotParked(Refusal):
    """The event is not what the listener stands at any more."""

    kind, code = Kind.CONFLICT, "tower.not_parked"
    title = "The event is not parked any more"
    detail = (
        "The listener does not wait at event {feed_seq}: it was taken, skipped or tried meanwhile. "
        "Look at the page again."
    )
    feed_seq: int


class ReasonMissing(Refusal):
    """An event given up without a word."""

    kind, code = Kind.INVALID, "tower.reason_missing"
    title = "Why is it given up?"
    detail = "Nobody is told of a skipped event any more; say why, for those who look later."


class JobsByState(msgspec.Struct, frozen=True):
    """Jobs in one state, and since when the oldest waits."""

    state: str
    jobs: int
    oldest_at: dt.datetime


class TableRows(msgspec.Struct, frozen=True):
    """How many rows something has."""

    name: str
    rows: int

"""What the events of an order say about its supplier: a few facts, and whether it is awaited.

Only the order's own events are read, in their order, so that reading them again gives the same
facts. A day is the supplier's: goods received at 17:00 UTC came the next morning in China.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.kit.clock import day_of
from beltline.kit.events import Event
from beltline.suppliers.types import Measure, Outcome

OVERDUE: Final = "suppliers.overdue"
"""The source of a fact that no event tells: an awaited order's day has passed."""

WATCHED: Final = frozenset(
    f"purchase_order.{past}"
    for past in (
        "issued", "imported", "confirmed", "countered", "refused", "expired", "cancelled",
        "changed", "part_received", "received",
    )
)  # fmt: skip

_ANSWERS = ("purchase_order.confirmed", "purchase_order.countered", "purchase_order.refused")
_ENDS = ("purchase_order.refused", "purchase_order.expired", "purchase_order.cancelled",
         "purchase_order.received")  # fmt: skip
_CLOSED = frozenset({"REFUSED", "EXPIRED", "CANCELLED", "RECEIVED", "INVOICED", "SETTLED"})


class Reading(msgspec.Struct, frozen=True):
    """The facts of an order, and the day its goods are awaited by, if they still are."""

    number: str
    outcomes: list[Outcome]
    due_date: dt.date | None


def read_order(order_id: UUID, events: Sequence[Event]) -> Reading:
    """The facts that an order's events, oldest first, tell about its supplier.

    What buyers ordered has the deadlines of its journeys: no day of its own is awaited.
    """
    first = events[0]
    number = str(first.data.get("number", ""))
    facts = [
        *_answer(first, events), *_prices(events), *_capacity(events), *_arrival(events),
    ]  # fmt: skip
    outcomes = [
        Outcome(measure, score, event.occurred_at, event.type, order_id, number, value)
        for measure, score, value, event in facts
    ]
    is_closed = any(e.type in _ENDS or e.data.get("status") in _CLOSED for e in events)
    is_awaited = not is_closed and not first.data.get("is_for_orders")
    return Reading(number, outcomes, _due_date(events) if is_awaited else None)


_Fact = tuple[Measure, float, float | None, Event]


def _answer(first: Event, events: Sequence[Event]) -> Iterator[_Fact]:
    """Whether the order was answered in the time asked for; an imported one was not asked here."""
    if first.type != "purchase_order.issued":
        return
    answered = next((e for e in events if e.type in _ANSWERS), None)
    ended = answered or next((e for e in events if e.type == "purchase_order.expired"), None)
    if ended is None:
        return
    deadline = first.data.get("answer_by")
    is_in_time = answered is not None and (
        deadline is None or answered.occurred_at <= dt.datetime.fromisoformat(deadline)
    )
    hours = (ended.occurred_at - first.occurred_at).total_seconds() / 3600
    yield Measure.ANSWERED, float(is_in_time), round(hours, 2), ended


def _prices(events: Sequence[Event]) -> Iterator[_Fact]:
    """Whether the supplier's answer kept the prices asked; the value is the worst rise."""
    answer = next((e for e in events if e.type in _ANSWERS[:2]), None)
    if answer is None:
        return
    rises = [
        float(line["answered_unit_price"]) / float(line["unit_price"]) - 1
        for line in answer.data.get("lines") or ()
        if "answered_unit_price" in line and float(line["unit_price"]) > 0
    ]
    if rises:
        yield Measure.PRICE_KEPT, float(max(rises) <= 0), round(max(rises), 6), answer


def _capacity(events: Sequence[Event]) -> Iterator[_Fact]:
    """The share of what was asked that was agreed to, and once received, that came.

    Of what buyers ordered some may not come because they cancelled: there the answer alone counts.
    """
    is_for_orders = bool(events[0].data.get("is_for_orders"))
    ends = [e for e in events if e.type == "purchase_order.received" and not is_for_orders]
    received = ends[0] if ends else None
    known = received or next((e for e in events if e.type in _ANSWERS), None)
    lines: Sequence[Mapping[str, Any]] = (known.data.get("lines") or ()) if known else ()
    asked = sum(line["quantity"] for line in lines)
    if known is None or not asked:
        return
    column = "received_quantity" if received else "answered_quantity"
    # Capped line by line: too much of one does not make up for too little of another.
    kept = sum(min(line.get(column, 0), line["quantity"]) for line in lines)
    yield Measure.CAPACITY_KEPT, kept / asked, None, known


def _arrival(events: Sequence[Event]) -> Iterator[_Fact]:
    received = next((e for e in events if e.type == "purchase_order.received"), None)
    due = _due_date(events)
    if received is not None and due is not None:
        days = (day_of(received.occurred_at) - due).days
        yield Measure.ON_TIME, float(days <= 0), float(days), received


def _due_date(events: Sequence[Event]) -> dt.date | None:
    """The latest day agreed to: the supplier's own, as far as the operator took it."""
    dates = [
        e.data["expected_date"]
        for e in events
        if e.data.get("expected_date") and e.type != "purchase_order.countered"
    ]
    return dt.date.fromisoformat(dates[-1]) if dates else None

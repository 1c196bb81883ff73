"""Facts from events, and tiers from bounds."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from beltline.kit.events import Event
from beltline.kit.ids import new_id
from beltline.suppliers.rules import outcomes, tiers
from beltline.suppliers.types import Figure, Measure

T0 = dt.datetime(2026, 11, 2, 2, 0, tzinfo=dt.UTC)
ORDER = new_id()


def happened(past: str, hours: float, **data: Any) -> Event:
    at = T0 + dt.timedelta(hours=hours)
    return Event(new_id(), f"purchase_order.{past}", 1, "purchase_order", ORDER, 1, None, at, data)


def line(**of: Any) -> dict[str, Any]:
    return {"line_no": 1, "sku": "S", "quantity": 100, "unit_price": "2.5", **of}


ISSUED = happened(
    "issued", 0, number="PO-1", expected_date="2026-11-10",
    answer_by=(T0 + dt.timedelta(hours=48)).isoformat(), lines=[line()],
)  # fmt: skip
CONFIRMED = happened(
    "confirmed", 5, expected_date="2026-11-10",
    lines=[line(answered_quantity=100, answered_unit_price="2.5")],
)  # fmt: skip
DAY = 24


def read(*events: Event) -> dict[Measure, tuple[float, float | None]]:
    reading = outcomes.read_order(ORDER, events)
    return {one.measure: (one.score, one.value) for one in reading.outcomes}


def test_an_order_answered_and_received_as_agreed_is_good_in_all() -> None:
    received = happened("received", 8 * DAY, lines=[line(received_quantity=100)])
    assert read(ISSUED, CONFIRMED, received) == {
        Measure.ANSWERED: (1.0, 5.0),
        Measure.PRICE_KEPT: (1.0, 0.0),
        Measure.CAPACITY_KEPT: (1.0, None),
        Measure.ON_TIME: (1.0, 0.0),
    }
    assert outcomes.read_order(ORDER, [ISSUED, CONFIRMED, received]).due_date is None


def test_what_buyers_ordered_has_no_day_of_its_own() -> None:
    issued = msgspec.structs.replace(ISSUED, data={**ISSUED.data, "is_for_orders": True})
    assert outcomes.read_order(ORDER, [ISSUED]).due_date == dt.date(2026, 11, 10)
    assert outcomes.read_order(ORDER, [issued]).due_date is None


def test_what_buyers_cancelled_is_no_fault_of_the_factory() -> None:
    issued = msgspec.structs.replace(ISSUED, data={**ISSUED.data, "is_for_orders": True})
    received = happened("received", 8 * DAY, lines=[line(received_quantity=70)])
    assert read(ISSUED, CONFIRMED, received)[Measure.CAPACITY_KEPT] == (0.7, None)
    assert read(issued, CONFIRMED, received)[Measure.CAPACITY_KEPT] == (1.0, None)


def test_a_day_is_the_suppliers() -> None:
    evening_in_utc = happened("received", 8 * DAY + 14.5, lines=[line(received_quantity=100)])
    assert evening_in_utc.occurred_at.date() == dt.date(2026, 11, 10)
    assert read(ISSUED, CONFIRMED, evening_in_utc)[Measure.ON_TIME] == (0.0, 1.0)


def test_a_counter_is_measured_against_what_was_asked() -> None:
    countered = happened(
        "countered", 50, expected_date="2026-11-20",
        lines=[line(answered_quantity=60, answered_unit_price="2.75")],
    )  # fmt: skip
    found = read(ISSUED, countered)
    assert found == {
        Measure.ANSWERED: (0.0, 50.0),
        Measure.PRICE_KEPT: (0.0, 0.1),
        Measure.CAPACITY_KEPT: (0.6, None),
    }
    # The operator has not taken the later day: the first is still awaited.
    assert outcomes.read_order(ORDER, [ISSUED, countered]).due_date == dt.date(2026, 11, 10)
    taken = happened("confirmed", 60, terms="COUNTERED", expected_date="2026-11-20")
    assert outcomes.read_order(ORDER, [ISSUED, countered, taken]).due_date == dt.date(2026, 11, 20)


def test_silence_and_refusal_count() -> None:
    assert read(ISSUED, happened("expired", 48)) == {Measure.ANSWERED: (0.0, 48.0)}
    refused = happened("refused", 1, lines=[line(answered_quantity=0, answered_unit_price="2.5")])
    assert read(ISSUED, refused)[Measure.CAPACITY_KEPT] == (0.0, None)


def test_too_much_of_one_line_does_not_make_up_for_another() -> None:
    received = happened(
        "received", 8 * DAY, lines=[line(received_quantity=150), line(received_quantity=50)]
    )
    assert read(ISSUED, CONFIRMED, received)[Measure.CAPACITY_KEPT] == (0.75, None)


def test_an_imported_order_was_asked_nothing_here() -> None:
    terms: dict[str, Any] = {"expected_date": "2026-11-30", "lines": [line()]}
    imported = happened("imported", 0, status="CONFIRMED", **terms)
    assert read(imported) == {}
    assert outcomes.read_order(ORDER, [imported]).due_date == dt.date(2026, 11, 30)
    ended = happened("imported", 0, status="RECEIVED", **terms)
    assert outcomes.read_order(ORDER, [ended]).due_date is None


def figure(low: float, *, trials: int = 40, measure: Measure = Measure.ON_TIME) -> Figure:
    return Figure(measure, trials, low, low, low, 1.0, None, 0.9, 10.0, 3, T0)


@pytest.mark.parametrize(
    ("low", "current", "tier"),
    [
        (0.90, "C", "A"), (0.899, "B", "B"), (0.88, "A", "A"), (0.869, "A", "B"),
        (0.75, "C", "B"), (0.749, "C", "C"), (0.73, "B", "B"), (0.719, "B", "C"),
        (0.73, "A", "B"),
    ],
)  # fmt: skip
def test_a_tier_is_held_a_little_below_what_it_takes(low: float, current: str, tier: str) -> None:
    verdict = tiers.decide([figure(low)], current=current)
    assert verdict is not None
    assert verdict.tier == tier


def test_the_weakest_measure_with_facts_enough_decides() -> None:
    good = figure(0.95)
    defects = figure(0.93, measure=Measure.DEFECT_FREE)
    verdict = tiers.decide([good, defects], current="C")
    assert verdict is not None
    assert (verdict.tier, [r.tier for r in verdict.reasons]) == ("B", ["A", "B"])
    few = figure(0.1, trials=tiers.FACTS_MIN - 1, measure=Measure.ANSWERED)
    unmoved = tiers.decide([good, few], current="C")
    assert unmoved is not None
    assert unmoved.tier == "A"
    assert tiers.decide([figure(0.95, measure=Measure.ANSWERED)], current="C") is None
    assert tiers.short_of_a([good, defects, few], current="B") == [defects]

"""The pure rules: quantities, the choice of a supplier, sentences."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import beltline.planning
from beltline.kit.money import line_amount
from beltline.planning.rules import sentences
from beltline.planning.rules.closures import latest_order
from beltline.planning.rules.quantities import (
    check_quantity,
    least_quantity,
    price_at,
    round_up,
    urgency_of,
)
from beltline.planning.rules.suppliers import Candidate, compare
from beltline.planning.types import Note, QuantityNotAllowed, Reason, Urgency
from beltline.science.calendar import Closure

DAY = dt.date(2026, 11, 20)


def candidate(supplier: str, **changes: object) -> Candidate:
    """An offer of 10 yuan, no minimum, a week to deliver."""
    base = Candidate(
        offer_id=UUID(int=len(supplier)), supplier_org_id=UUID(int=1), supplier=supplier,
        tier="A", currency="CNY", fx=1.0, moq=1, pack_size=1, uom="PIECE",
        breaks=((1, Decimal(10)),), lead_time_days_mean=7.0, lead_time_days_p95=10.0,
    )  # fmt: skip
    return msgspec.structs.replace(base, **changes)


def first_of(*candidates: Candidate, daily: float = 5.0) -> str:
    return compare(
        candidates,
        daily=daily,
        review_days=7,
        holding_rate=0.25,
        order_cost=5.0,
        margin=4.0,
        margin_share=0.4,
    )[0].supplier


@given(
    need=st.floats(0.01, 1e6), moq=st.integers(1, 5_000), pack=st.integers(1, 500),
)  # fmt: skip
def test_a_rounded_quantity_covers_the_need_and_is_allowed(
    need: float, moq: int, pack: int
) -> None:
    quantity = round_up(need, moq=moq, pack_size=pack)
    check_quantity(quantity, sku="S", moq=moq, pack_size=pack)
    assert quantity >= need
    smaller = quantity - pack
    assert smaller < need or smaller < least_quantity(moq, pack)


@given(
    quantity=st.integers(1, 10_000), moq=st.integers(1, 5_000), pack=st.integers(1, 500),
)  # fmt: skip
def test_a_refused_quantity_names_allowed_ones(quantity: int, moq: int, pack: int) -> None:
    try:
        check_quantity(quantity, sku="S", moq=moq, pack_size=pack)
    except QuantityNotAllowed as refused:
        for near in (refused.fields["below"], refused.fields["above"]):
            check_quantity(near, sku="S", moq=moq, pack_size=pack)


@pytest.mark.parametrize(
    ("quantity", "price"), [(1, "3"), (99, "3"), (100, "2.5"), (5_000, "2"), (10**9, "2")]
)
def test_the_price_follows_the_breaks(quantity: int, price: str) -> None:
    breaks = [(5_000, Decimal(2)), (10, Decimal(3)), (100, Decimal("2.5"))]
    assert price_at(breaks, quantity) == Decimal(price)


def test_meters_are_priced_by_the_meter_and_counted_in_millimeters() -> None:
    assert line_amount(Decimal("12.5"), 200_000, "METRE", "CNY") == 250_000
    assert line_amount(Decimal("0.005"), 1, "PIECE", "CNY") == 0  # half to even
    assert line_amount(Decimal("0.015"), 1, "PIECE", "CNY") == 2


def test_the_cheaper_equal_offer_wins() -> None:
    assert first_of(candidate("a"), candidate("b", breaks=((1, Decimal("9.9")),))) == "b"


def test_a_tie_goes_to_the_lower_code() -> None:
    assert first_of(candidate("b"), candidate("a")) == "a"


def test_a_huge_minimum_costs_more_than_a_small_discount() -> None:
    bulk = candidate("bulk", moq=20_000, breaks=((1, Decimal("9.8")),))
    assert first_of(bulk, candidate("small"), daily=2.0) == "small"
    assert first_of(bulk, candidate("small"), daily=2_000.0) == "bulk"


@pytest.mark.parametrize(("daily", "quantity"), [(0.1, 10), (20.0, 500), (200.0, 2_800)])
def test_the_economical_quantity_reaches_for_a_break_that_pays(daily: float, quantity: int) -> None:
    offer = candidate("s", moq=10, breaks=((10, Decimal(10)), (500, Decimal("9.5"))))
    (found,) = compare(
        [offer], daily=daily, review_days=7, holding_rate=0.25, order_cost=5.0, margin=4.0,
        margin_share=0.4,
    )  # fmt: skip
    assert found.quantity == quantity


def test_an_unreliable_supplier_needs_a_discount() -> None:
    late = candidate("late", tier="C", lead_time_days_p95=40.0, breaks=((1, Decimal("9.95")),))
    assert first_of(late, candidate("sure")) == "sure"
    cheap = msgspec.structs.replace(late, breaks=((1, Decimal(5)),))
    assert first_of(cheap, candidate("sure")) == "late"


def test_prices_in_other_currencies_are_compared_in_one() -> None:
    dollars = candidate("usd", currency="USD", fx=7.2, breaks=((1, Decimal("1.3")),))
    assert first_of(dollars, candidate("yuan")) == "usd"


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(-3, Urgency.NOW), (0, Urgency.NOW), (1, Urgency.WEEK), (7, Urgency.WEEK),
     (8, Urgency.LATER)],
)  # fmt: skip
def test_urgency_is_by_the_order_date(days: int, urgency: Urgency) -> None:
    assert urgency_of(DAY + dt.timedelta(days=days), DAY) is urgency


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_code_makes_a_sentence(locale: str) -> None:
    for texts, explain in (
        (sentences.WHY, sentences.explain_why), (sentences.DRIVERS, sentences.explain_drivers),
    ):  # fmt: skip
        for code in texts:
            reason = Reason(code, 1.5, 0.25, name="3", ds=DAY, until=DAY)
            (sentence,) = explain([reason], locale)
            assert "{" not in sentence
    told = sentences.explain_notes([Note(code, 7) for code in sentences.NOTES], locale)
    assert len(told) == len(sentences.NOTES)


def test_every_sentence_is_translated() -> None:
    from importlib import resources

    with resources.files(beltline.planning).joinpath("locale/zh.po").open("rb") as file:
        known = {m.id: m.string for m in read_po(file) if m.id}
    texts = [*sentences.WHY.values(), *sentences.DRIVERS.values(), *sentences.NOTES.values()]
    assert [text for text in texts if not known.get(text)] == []


def test_an_order_waits_for_a_closure_only_where_stock_lasts() -> None:
    today, latest = dt.date(2026, 11, 23), dt.date(2026, 12, 10)
    shut = Closure(
        starts=dt.date(2026, 12, 5), ends=dt.date(2026, 12, 20),
        last_order_date=dt.date(2026, 12, 3),
    )  # fmt: skip

    def told(closure: Closure | None, cover_days: float, last: dt.date = latest) -> dt.date:
        return latest_order(last, closure, order_date=today, cover_days=cover_days, lead_days=5)

    assert told(None, 0) == latest
    assert told(msgspec.structs.replace(shut, last_order_date=None), 0) == latest
    assert told(shut, 31.9) == dt.date(2026, 12, 3), "the new goods come on day 32"
    assert told(shut, 32) == latest
    assert told(shut, 0, dt.date(2026, 12, 2)) == dt.date(2026, 12, 2)
    passed = msgspec.structs.replace(shut, last_order_date=today - dt.timedelta(days=1))
    assert told(passed, 0) == latest, "too late for it: the work goes on after the closure"

"""Pure rules: what a form, a price and a day may say."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.ids import new_id
from beltline.kit.uom import Uom, show_quantity
from beltline.procurement import rules
from beltline.procurement.types import (
    Answer,
    AnswerKind,
    AnswerLine,
    DateInThePast,
    DayUnusable,
    PriceUnusable,
    PurchaseOrderLine,
    QuantityUnusable,
)

TODAY = dt.date(2026, 11, 20)


def line(number: int, quantity: int, price: str, uom: str = "PIECE") -> PurchaseOrderLine:
    """An unanswered line."""
    return PurchaseOrderLine(
        number, new_id(), f"SKU-{number}", "Title", "", uom, quantity, Decimal(price), 0, None,
        None, None, 0, quantity, None,
    )  # fmt: skip


LINES = [line(1, 600, "19.8"), line(2, 2_500, "2.5", "METRE")]


def test_only_what_differs_is_countered() -> None:
    form = {
        "quantity-1": "600", "unit_price-1": "19.80", "quantity-2": "2.25", "unit_price-2": "",
        "note": "x",
    }  # fmt: skip
    assert rules.read_counter(form, LINES) == Answer(
        AnswerKind.COUNTERED, [AnswerLine(2, 2_250)], None, "x"
    )


@pytest.mark.parametrize("text", ["1,200", " 1200 ", "１２００"])
def test_quantities_are_read_as_people_write_them(text: str) -> None:
    assert rules.read_counter({"quantity-1": text}, LINES).lines == [AnswerLine(1, 1_200)]


def test_none_of_a_line_can_be_offered() -> None:
    assert rules.read_counter({"quantity-1": "0"}, LINES).lines == [AnswerLine(1, 0)]


@pytest.mark.parametrize(
    ("form", "refusal", "param"),
    [
        ({"quantity-1": "-1"}, QuantityUnusable, "quantity-1"),
        ({"quantity-1": "1.5"}, QuantityUnusable, "quantity-1"),
        ({"quantity-2": "2.2505"}, QuantityUnusable, "quantity-2"),
        ({"unit_price-2": "cheap"}, PriceUnusable, "unit_price-2"),
        ({"unit_price-1": "Infinity"}, PriceUnusable, "unit_price-1"),
        ({"expected_date": "soon"}, DayUnusable, "expected_date"),
    ],
)
def test_a_field_that_says_nothing_is_named(
    form: dict[str, str], refusal: type[Exception], param: str
) -> None:
    with pytest.raises(refusal) as raised:
        rules.read_counter(form, LINES)
    assert getattr(raised.value, "param", None) == param


@given(quantity=st.integers(0, 10**9), uom=st.sampled_from(list(Uom)))
def test_a_shown_quantity_is_read_back(quantity: int, uom: Uom) -> None:
    assert rules.read_units(show_quantity(quantity, uom), uom, "q") == quantity


def test_yesterday_is_still_today_somewhere() -> None:
    rules.check_day(TODAY - dt.timedelta(days=1), TODAY)
    with pytest.raises(DateInThePast):
        rules.check_day(TODAY - dt.timedelta(days=2), TODAY)

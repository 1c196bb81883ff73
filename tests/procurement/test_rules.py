"""Pure rules: what a form, a price and a day may say."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.kit.ids import new_id
from beltline.kit.uom import Uom, show_quantity
from beltline.procurement import rules
from beltline.procurement.types.invoices import Tolerance, ToleranceUnusable
from beltline.procurement.types.notices import NothingSent
from beltline.procurement.types.orders import (
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


@pytest.mark.parametrize("price", ["0", "0.000001", "1000000000"])
def test_prices_that_can_be_kept(price: str) -> None:
    rules.check_price(Decimal(price), "p")


@pytest.mark.parametrize("price", ["-0.01", "0.0000001", "1000000000.000001", "NaN", "Infinity"])
def test_prices_that_cannot_be_kept(price: str) -> None:
    with pytest.raises(PriceUnusable) as raised:
        rules.check_price(Decimal(price), "p")
    assert raised.value.param == "p"


@pytest.mark.parametrize("percent", ["0", "0.01", "100"])
def test_tolerances_that_can_be_kept(percent: str) -> None:
    rules.check_tolerance(Tolerance(Decimal(percent), Decimal(percent), 0))


@pytest.mark.parametrize("percent", ["-0.01", "0.001", "100.01", "NaN"])
@pytest.mark.parametrize("field", ["price_percent", "quantity_percent"])
def test_tolerances_that_cannot_be_kept(percent: str, field: str) -> None:
    tolerance = msgspec.structs.replace(
        Tolerance(Decimal(1), Decimal(1), 0), **{field: Decimal(percent)}
    )
    with pytest.raises(ToleranceUnusable) as raised:
        rules.check_tolerance(tolerance)
    assert raised.value.param == field


@pytest.mark.parametrize("cartons", ["", "0", "-1", "²", "1.5", str(rules.CARTONS_MAX + 1)])
def test_cartons_that_are_no_number_of_cartons(cartons: str) -> None:
    with pytest.raises(NothingSent) as raised:
        rules.read_notice({"waybill": "SF1", "cartons": cartons, "sent-1": "1"}, LINES)
    assert raised.value.param == "cartons"


def test_a_counter_of_one_price_or_one_quantity_is_one() -> None:
    for counter in (AnswerLine(1, 5), AnswerLine(1, None, Decimal(2))):
        answer = Answer(AnswerKind.COUNTERED, [counter, AnswerLine(2)])
        assert rules.check_answer(answer, TODAY).lines == [counter]


def test_yesterday_is_still_today_somewhere() -> None:
    rules.check_day(TODAY - dt.timedelta(days=1), TODAY)
    with pytest.raises(DateInThePast):
        rules.check_day(TODAY - dt.timedelta(days=2), TODAY)

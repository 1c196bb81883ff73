"""Written numbers, dates and words become values, or a code that says why not."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.kit.sheets.dates import DateOrderUnknown
from beltline.kit.sheets.fields import Choice, Field, FieldKind
from beltline.kit.sheets.messages import MESSAGES, explain, field_params
from beltline.kit.sheets.types import DateOrder, DecimalMark
from beltline.kit.sheets.values import DTYPES, Reading, parse


def field(kind: FieldKind, **more: object) -> Field:
    return Field(name="f", kind=kind, description="", example="1", **more)  # type: ignore[arg-type]


def read(
    values: list[str | None], kind: FieldKind, **more: object
) -> tuple[list[object], list[str | None]]:
    reading = {name: more.pop(name) for name in ("date_order", "decimal_mark") if name in more}
    series = pl.Series(values, dtype=pl.String)
    value, code = parse(series, field(kind, **more), Reading(column="c", **reading))  # type: ignore[arg-type]
    return value.to_list(), code.to_list()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("￥12.50", "12.50"),
        ("¥ 12.50元", "12.50"),
        ("-¥3", "-3"),
        ("US$ 1,000.00", "1000"),
        ("12.5 CNY", "12.5"),
        ("1 234", "1234"),
        ("1\u00a0234,5", "1234.5"),
        ("1'234.50", "1234.5"),
        ("１２３．５", "123.5"),
        ("12%", "0.12"),
        ("12.5 %", "0.125"),
        ("1.2万", "12000"),
        ("3亿", "300000000"),
        ("(12.5)", "-12.5"),
        ("12-", "-12"),
        ("−7", "-7"),
        ("+7", "7"),
        ("1e3", "1000"),
        ("1.5E-05", "0.000015"),
        ("12件", "12"),
        ("24 pcs", "24"),
        (".5", "0.5"),
        ("0.125", "0.125"),
        ("'-5", "-5"),
        ("1234,500", "1234.5"),
    ],
)
def test_numbers_of_many_hands(written: str, value: str) -> None:
    assert read([written], FieldKind.DECIMAL) == ([Decimal(value)], [None])


@pytest.mark.parametrize("written", ["", " ", "-", "—", "N/A", "n/a", "NULL", "无", "暂无", "--"])
@pytest.mark.parametrize("kind", [FieldKind.DECIMAL, FieldKind.DATE, FieldKind.INTEGER])
def test_words_for_nothing(written: str, kind: FieldKind) -> None:
    assert read([written], kind) == ([None], [None])


@pytest.mark.parametrize(
    "written",
    ["abc", "1,23,4", "12 34", "1.2.3", "--5", "5 6", "1e999", "∞", "inf", "nan1", "0x1F"],
)
def test_what_is_no_number(written: str) -> None:
    values, codes = read([written], FieldKind.NUMBER)
    assert values == [None]
    assert codes[0] in {"NUMBER_INVALID", "TOO_LARGE"}


def test_the_column_decides_what_one_mark_means() -> None:
    assert read(["1.234", "2,5"], FieldKind.NUMBER)[0] == [1234.0, 2.5]
    assert read(["1,234", "2.5"], FieldKind.NUMBER)[0] == [1234.0, 2.5]
    assert read(["1,234", "1.234"], FieldKind.NUMBER)[0] == [1234.0, 1.234]
    comma = DecimalMark.COMMA
    assert read(["1,234", "1.234"], FieldKind.NUMBER, decimal_mark=comma)[0] == [1.234, 1234.0]


def test_a_column_that_contradicts_itself_is_asked_about() -> None:
    values, codes = read(["1,5", "2.5", "1.234"], FieldKind.NUMBER)
    assert values == [1.5, 2.5, None]
    assert codes == [None, None, "NUMBER_AMBIGUOUS"]


def test_ranges_and_whole_numbers() -> None:
    values, codes = read(
        ["12.0", "12.5", "-1", "101", "7"], FieldKind.INTEGER, minimum=0, maximum=100
    )
    assert codes == [None, "NOT_INTEGER", "TOO_SMALL", "TOO_LARGE", None]
    assert [values[0], values[4]] == [12, 7]
    assert read(["1234567890123.5"], FieldKind.DECIMAL)[1] == ["TOO_LARGE"]


def test_failed_formulas_are_errors_and_not_blanks() -> None:
    for kind in (FieldKind.NUMBER, FieldKind.TEXT, FieldKind.DATE):
        assert read(["#REF!", "#N/A"], kind)[1] == ["FORMULA_ERROR", "FORMULA_ERROR"]


DAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20",
        "2026/11/20",
        "2026.11.20",
        "20261120",
        "2026年11月20日",
        "２０２６年１１月２０日",
        "2026-11-20 08:30:00",
        "2026-11-20T08:30:00.123Z",
        "2026-11-20T08:30+08:00",
        "20/11/2026",
        "11/20/2026",
        "20.11.2026 8:30",
        "46346",
        "46346.5",
        "20-Nov-2026",
        "20-Nov-26",
        "20 November 2026",
        "Nov 20, 2026",
        "2026-W47-5",
        "2026/ 11/20",
    ],
)
def test_days_of_many_hands(written: str) -> None:
    assert read([written], FieldKind.DATE) == ([DAY], [None])


def test_a_week_is_its_monday() -> None:
    assert read(["2026-W47", "2026W01"], FieldKind.DATE)[0] == [
        dt.date(2026, 11, 16),
        dt.date(2025, 12, 29),
    ]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2026-02-30", "DATE_INVALID"),
        ("20261301", "DATE_INVALID"),
        ("31/11/2026", "DATE_INVALID"),
        ("20/11/26", "DATE_SHORT_YEAR"),
        ("tomorrow", "DATE_INVALID"),
        ("2026-11", "DATE_INVALID"),
        ("12", "DATE_INVALID"),
    ],
)
def test_what_is_no_day(written: str, code: str) -> None:
    assert read([written], FieldKind.DATE) == ([None], [code])


def test_day_or_month_first_is_proved_by_the_column() -> None:
    assert read(["03/04/2026", "25/04/2026"], FieldKind.DATE)[0][0] == dt.date(2026, 4, 3)
    assert read(["03/04/2026", "04/25/2026"], FieldKind.DATE)[0][0] == dt.date(2026, 3, 4)
    with pytest.raises(DateOrderUnknown, match="03/04/2026"):
        read(["03/04/2026", "05/06/2026"], FieldKind.DATE)
    order = DateOrder.DMY
    assert read(["03/04/2026"], FieldKind.DATE, date_order=order)[0] == [dt.date(2026, 4, 3)]
    assert read(["05/05/2026"], FieldKind.DATE)[0] == [dt.date(2026, 5, 5)]


def test_a_column_with_both_orders_keeps_only_what_is_clear() -> None:
    values, codes = read(["25/04/2026", "04/26/2026", "03/04/2026"], FieldKind.DATE)
    assert values == [dt.date(2026, 4, 25), dt.date(2026, 4, 26), None]
    assert codes == [None, None, "DATE_AMBIGUOUS"]


def test_choices_booleans_and_texts() -> None:
    choices = (
        Choice("FACTORY", ("工厂",)),
        Choice("MARKET_STALL", ("档口",)),
        Choice("CNY", ("¥",)),
    )
    written = ["factory", "工厂 ", "market stall", "¥", "￥", "other"]
    values, codes = read(list(written), FieldKind.CHOICE, choices=choices)
    assert values == ["FACTORY", "FACTORY", "MARKET_STALL", "CNY", "CNY", None]
    assert codes[-1] == "NOT_A_CHOICE"
    assert read(["是", "0", "TRUE", "缺货", "maybe"], FieldKind.BOOLEAN)[0] == [
        True,
        False,
        True,
        False,
        None,
    ]
    values, codes = read(
        [" A-1 ", "a@b", "x" * 9, "NA", "'=x", "a\x01"], FieldKind.TEXT, max_length=8, forbidden="@"
    )
    assert values == ["A-1", None, None, "NA", "=x", None]
    assert codes == [
        None,
        "CHARACTER_NOT_ALLOWED",
        "TEXT_TOO_LONG",
        None,
        None,
        "CHARACTER_NOT_ALLOWED",
    ]


def test_typed_columns_are_cast() -> None:
    reading = Reading(column="c")
    day, code = parse(
        pl.Series([dt.datetime.fromisoformat("2026-11-20T08:00"), None]),
        field(FieldKind.DATE),
        reading,
    )
    assert (day.to_list(), code.to_list()) == ([DAY, None], [None, None])
    whole, code = parse(pl.Series([1.0, 1.5, float("nan")]), field(FieldKind.INTEGER), reading)
    assert (whole[0], code.to_list()) == (1, [None, "NOT_INTEGER", None])
    text, _ = parse(pl.Series([1001.0, 1002.0]), field(FieldKind.TEXT), reading)
    assert text.to_list() == ["1001", "1002"]
    _, code = parse(pl.Series([1.5]), field(FieldKind.DATE), reading)
    assert code.to_list() == ["DATE_INVALID"]


numbers = st.decimals(min_value=-99_999_999, max_value=99_999_999, places=2)


def _european(number: Decimal) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def _wide(number: Decimal) -> str:
    return str(number).translate({ord("0") + n: 0xFF10 + n for n in range(10)})


@settings(deadline=None, max_examples=60)
@given(st.lists(numbers, min_size=1, max_size=30), st.sampled_from(["", "¥", "￥", "$"]))
def test_numbers_survive_being_written(written: list[Decimal], sign: str) -> None:
    styles = (str, lambda n: f"{n:,.2f}", _european, _wide, lambda n: f"{n:,.2f}".replace(",", " "))
    for style in styles:
        assert read([f"{sign}{style(n)}" for n in written], FieldKind.DECIMAL)[0] == written


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dates(dt.date(1955, 1, 1), dt.date(2090, 12, 31)), min_size=1, max_size=30))
def test_days_survive_being_written(days: list[dt.date]) -> None:
    for style in (
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y%m%d",
        "%Y年%m月%d日",
        "%d-%b-%Y",
        "%b %d, %Y",
        "%G-W%V-%u",
    ):
        assert read([day.strftime(style) for day in days], FieldKind.DATE)[0] == days
    serials = [str((day - dt.date(1899, 12, 30)).days) for day in days]
    assert read(list(serials), FieldKind.DATE)[0] == days
    for style, order in (("%d/%m/%Y", DateOrder.DMY), ("%m/%d/%Y", DateOrder.MDY)):
        written: list[str | None] = [day.strftime(style) for day in days]
        assert read(written, FieldKind.DATE, date_order=order)[0] == days
        if any(day.day > 12 for day in days):
            assert read(written, FieldKind.DATE)[0] == days


@settings(deadline=None, max_examples=150)
@given(st.lists(st.text(max_size=12), max_size=20), st.sampled_from(list(FieldKind)))
def test_any_text_is_a_value_a_blank_or_a_problem(texts: list[str], kind: FieldKind) -> None:
    safe = [text for text in texts if text.isprintable()]
    try:
        values, codes = parse(pl.Series(safe, dtype=pl.String), field(kind), Reading(column="c"))
    except DateOrderUnknown:
        return
    assert len(values) == len(codes) == len(safe)
    assert values.cast(DTYPES[kind]).dtype == DTYPES[kind]
    for value, code in zip(values, codes, strict=True):
        assert code is None or (value is None or code in {"TOO_SMALL", "TOO_LARGE"})
        assert code is None or code in MESSAGES


def test_every_message_can_be_written() -> None:
    params = field_params(field(FieldKind.DECIMAL, minimum=0), "单价")
    params |= {"other_row": "3", "key_fields": "sku", "fields": "a or b"}
    for code in MESSAGES:
        message, remedy = explain(code, params)
        assert message.endswith(".")
        assert remedy.endswith(".")
    assert (
        explain("REQUIRED", params, lambda text: text.replace("is empty", "为空"))[0]
        == "单价 为空."
    )

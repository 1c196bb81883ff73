"""Written days to days: year first, day or month first, 年月日, serial numbers, ISO weeks.

Year-first dates and dates with a named month are clear. 03/04/2026 is settled by the column: one
value with 13 or more in a place shows which place is the day. A column without such a value is
refused, since guessing would be wrong for a whole file at once.
"""

import polars as pl

from beltline.kit.errors import Kind, Refusal
from beltline.kit.sheets.types import DateOrder

_CLOCK = r"(?:[t ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm)?\s*(?:z|[-+]\d{2}:?\d{2})?)?"
_YEAR_FIRST = rf"^(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?{_CLOCK}$"
_EIGHT = r"^((?:19|20)\d{2})(\d{2})(\d{2})$"
_YEAR_LAST = rf"^(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*(\d{{4}}){_CLOCK}$"
_WEEK = r"^(\d{4})-?w(\d{2})(?:-?([1-7]))?$"
_DAY_MONTH = (
    r"^(\d{1,2})[- ]?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ,.]*(\d{4}|\d{2})$"
)
_MONTH_DAY = (
    r"^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[- ](\d{1,2}),?[- ](\d{4})$"
)
_SERIAL = r"^[2-7]\d{4}(?:\.\d+)?$"
_SHORT_YEAR = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$"
_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_EPOCH_OF_SERIALS = pl.date(1899, 12, 30)
_LATEST_MONTH = 12


class DateOrderUnknown(Refusal):
    """A column of 03/04/2026 in which no value shows which is the day."""

    kind, code = Kind.INVALID, "kit.date_order_unknown"
    title = "Day or month first?"
    detail = (
        "Column {column}: {example} can be two different days and no other value settles it. "
        "Say which comes first (date order DMY or MDY), or write dates as 2026-11-20."
    )
    column: str
    example: str


def parse_dates(text: pl.Series, *, column: str, order: DateOrder | None) -> pl.DataFrame:
    """Normalized lower-case texts to `value` (Date) and `code`; raises `DateOrderUnknown`."""
    frame = pl.DataFrame({"text": text}).with_columns(
        _a=pl.col("text").str.extract(_YEAR_LAST, 1).cast(pl.Int32),
        _b=pl.col("text").str.extract(_YEAR_LAST, 2).cast(pl.Int32),
        _y=pl.col("text").str.extract(_YEAR_LAST, 3),
    )
    order = order or _order_of(frame, column)
    return frame.with_columns(
        value=pl.coalesce(
            _three(_YEAR_FIRST, 1, 2, 3),
            _three(_EIGHT, 1, 2, 3),
            _year_last(order),
            _with_month_name(_DAY_MONTH, year=3, month=2, day=1),
            _with_month_name(_MONTH_DAY, year=3, month=1, day=2),
            _week(),
            _serial(),
        )
    ).select("value", code=_code(order))


def _order_of(frame: pl.DataFrame, column: str) -> DateOrder | None:
    """The order the column proves; None where there is nothing to prove or it contradicts."""
    pairs = frame.filter(pl.col("_a").is_not_null())
    day_first = pairs.filter(pl.col("_a") > _LATEST_MONTH).height > 0
    month_first = pairs.filter(pl.col("_b") > _LATEST_MONTH).height > 0
    if day_first and month_first:
        return None
    if day_first or month_first:
        return DateOrder.DMY if day_first else DateOrder.MDY
    unclear = pairs.filter(pl.col("_a") != pl.col("_b"))
    if unclear.height:
        raise DateOrderUnknown(column=column, example=unclear.get_column("text").min())
    return None


def _iso(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    written = pl.concat_str([year, month.str.zfill(2), day.str.zfill(2)], separator="-")
    return written.str.to_date("%Y-%m-%d", strict=False)


def _three(pattern: str, year: int, month: int, day: int) -> pl.Expr:
    text = pl.col("text").str
    return _iso(
        text.extract(pattern, year), text.extract(pattern, month), text.extract(pattern, day)
    )


def _year_last(order: DateOrder | None) -> pl.Expr:
    """Day and month by the order; where the column contradicts itself, only what is clear."""
    first, second, year = pl.col("_a").cast(pl.String), pl.col("_b").cast(pl.String), pl.col("_y")
    day_first, month_first = _iso(year, second, first), _iso(year, first, second)
    if order is DateOrder.DMY:
        return day_first
    if order is DateOrder.MDY:
        return month_first
    is_clear = (
        (pl.col("_a") > _LATEST_MONTH)
        | (pl.col("_b") > _LATEST_MONTH)
        | (pl.col("_a") == pl.col("_b"))
    )
    return pl.when(is_clear).then(pl.coalesce(day_first, month_first))


def _with_month_name(pattern: str, *, year: int, month: int, day: int) -> pl.Expr:
    text = pl.col("text").str
    years = text.extract(pattern, year)
    full = pl.when(years.str.len_chars() == 2).then(pl.lit("20") + years).otherwise(years)
    months = text.extract(pattern, month).replace_strict(_MONTHS, default=None)
    return _iso(full, months, text.extract(pattern, day))


def _week() -> pl.Expr:
    """ISO week to its Monday, or to the day it names."""
    text = pl.col("text").str
    parts = [text.extract(_WEEK, 1), text.extract(_WEEK, 2), text.extract(_WEEK, 3)]
    written = pl.concat_str([parts[0], parts[1], parts[2].fill_null("1")], separator="-")
    return pl.when(parts[0].is_not_null()).then(written).str.to_date("%G-%V-%u", strict=False)


def _serial() -> pl.Expr:
    """Days since 1899-12-30, as spreadsheets count (1954 to 2119)."""
    is_serial = pl.col("text").str.contains(_SERIAL)
    days = pl.when(is_serial).then("text").cast(pl.Float64, strict=False).floor().cast(pl.Int64)
    return _EPOCH_OF_SERIALS + pl.duration(days=days)


def _code(order: DateOrder | None) -> pl.Expr:
    unclear = pl.col("_a").is_not_null() if order is None else pl.lit(value=False)
    could_be = unclear & (pl.col("_a") <= _LATEST_MONTH) & (pl.col("_b") <= _LATEST_MONTH)
    return (
        pl.when(pl.col("value").is_not_null())
        .then(None)
        .when(could_be)
        .then(pl.lit("DATE_AMBIGUOUS"))
        .when(pl.col("text").str.contains(_SHORT_YEAR))
        .then(pl.lit("DATE_SHORT_YEAR"))
        .otherwise(pl.lit("DATE_INVALID"))
    )

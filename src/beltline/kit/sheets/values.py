"""Columns of text to typed columns, with a code for every cell that is wrong.

Only the distinct texts of a column are parsed, so a million rows of a few thousand days, codes
and quantities cost little more than the join that puts the values back.
"""

import math
from typing import Any

import msgspec
import polars as pl

from beltline.kit.sheets.aliases import key
from beltline.kit.sheets.dates import parse_dates
from beltline.kit.sheets.fields import Field, FieldKind
from beltline.kit.sheets.numbers import parse_numbers
from beltline.kit.sheets.shapes import EMPTY_WORDS, EMPTY_WORDS_TEXT
from beltline.kit.sheets.types import DateOrder, DecimalMark

DTYPES: dict[FieldKind, Any] = {
    FieldKind.TEXT: pl.String(),
    FieldKind.INTEGER: pl.Int64(),
    FieldKind.DECIMAL: pl.Decimal(18, 6),
    FieldKind.NUMBER: pl.Float64(),
    FieldKind.DATE: pl.Date(),
    FieldKind.BOOLEAN: pl.Boolean(),
    FieldKind.CHOICE: pl.String(),
}
"""The polars type of each kind of field."""

_ERROR_WORDS = ("#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!")
_TRUE = ("true", "yes", "y", "1", "t", "是", "有", "有货", "在售", "对", "真", "√", "✓", "√ ")
_FALSE = (
    "false",
    "no",
    "n",
    "0",
    "f",
    "否",
    "无",
    "无货",
    "缺货",
    "停售",
    "下架",
    "错",
    "假",
    "×",
    "x",
)
_INT_MAX = 9_007_199_254_740_992.0


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the column itself and the caller say about how its values are written."""

    column: str
    date_order: DateOrder | None = None
    decimal_mark: DecimalMark | None = None


def parse(values: pl.Series, field: Field, reading: Reading) -> tuple[pl.Series, pl.Series]:
    """Typed values and codes (null = fine), both as long as `values`.

    A blank is null without a code; whether it may be blank is not decided here. Typed input
    (Parquet) is cast, text is parsed. Raises `DateOrderUnknown`.
    """
    if values.dtype != pl.String:
        if field.kind in (FieldKind.TEXT, FieldKind.CHOICE, FieldKind.BOOLEAN):
            values = _as_text(values)
        else:
            return _from_typed(values, field)
    distinct = values.unique()
    parsed = _parse_distinct(distinct, field, reading)
    joined = values.to_frame("text").join(
        parsed, on="text", how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.get_column("value"), joined.get_column("code")


def _as_text(values: pl.Series) -> pl.Series:
    """Codes stored as numbers: 1001.0 is written 1001."""
    if values.dtype.is_float() and (values.drop_nulls().drop_nans() % 1 == 0).all():
        values = values.fill_nan(None).cast(pl.Int64, strict=False)
    return values.cast(pl.String)


def _from_typed(values: pl.Series, field: Field) -> tuple[pl.Series, pl.Series]:
    wanted = DTYPES[field.kind]
    is_day = values.dtype.is_temporal()
    if (field.kind is FieldKind.DATE) != is_day:
        wrong = "DATE_INVALID" if field.kind is FieldKind.DATE else "NUMBER_INVALID"
        if field.kind is FieldKind.DATE and values.dtype.is_integer():  # 20261120
            return parse(values.cast(pl.String), field, Reading(column=field.name))
        nothing = pl.Series("value", [None] * len(values), dtype=wanted)
        return nothing, _codes(values.is_not_null(), wrong)
    clean = values.fill_nan(None) if values.dtype.is_float() else values
    typed = clean.cast(wanted, strict=False)
    codes = _codes(clean.is_not_null() & typed.is_null(), "NUMBER_INVALID")
    if field.kind is FieldKind.INTEGER and values.dtype.is_float():
        codes = _codes(clean.is_not_null() & (clean != clean.floor()), "NOT_INTEGER")
    return _in_range(typed, codes, field)


def _codes(mask: pl.Series, code: str) -> pl.Series:
    return pl.select(pl.when(mask).then(pl.lit(code)).alias("code")).to_series()


def _parse_distinct(distinct: pl.Series, field: Field, reading: Reading) -> pl.DataFrame:
    """A table of `text`, `value`, `code` with one row per distinct text."""
    words = EMPTY_WORDS_TEXT if field.kind is FieldKind.TEXT else EMPTY_WORDS
    frame = pl.DataFrame({"text": distinct}).with_columns(clean=_clean(pl.col("text")))
    lower = pl.col("clean").str.to_lowercase()
    frame = frame.with_columns(lower=lower, is_blank=lower.is_in(list(words)) | lower.is_null())
    written = frame.filter(~pl.col("is_blank"))
    value, code = _PARSERS[field.kind](written, field, reading)
    value, code = _in_range(value, code, field)
    is_error = written.get_column("lower").is_in(list(_ERROR_WORDS))
    code = pl.select(pl.when(is_error).then(pl.lit("FORMULA_ERROR")).otherwise(code)).to_series()
    blank = frame.filter("is_blank").select(
        "text", pl.lit(None, value.dtype).alias("value"), pl.lit(None, pl.String).alias("code")
    )
    value = pl.select(pl.when(code.is_null()).then(value)).to_series()
    parsed = pl.DataFrame({"text": written.get_column("text"), "value": value, "code": code})
    return pl.concat([parsed.with_columns(pl.col("code").cast(pl.String)), blank])


def _clean(text: pl.Expr) -> pl.Expr:
    """Full-width to ASCII, blanks folded, and the apostrophe our own exports put before = + - @."""
    return (
        text.str.normalize("NFKC")
        .str.replace_all("−", "-", literal=True)
        .str.replace_all(r"[\s\u200b\ufeff]+", " ")
        .str.strip_chars()
        .str.replace(r"^'([=+\-@])", "${1}")
    )


def _text(frame: pl.DataFrame, field: Field, _: Reading) -> tuple[pl.Series, pl.Series]:
    """Text keeps the width and case it was written in (only its ends are trimmed)."""
    value = frame.get_column("text").str.strip_chars().str.replace(r"^'([=+\-@＝＋－＠])", "${1}")
    not_allowed = "".join(r"\s" if char == " " else f"\\{char}" for char in field.forbidden)
    has_wrong = value.str.contains(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{not_allowed}]")
    code = (
        pl.when(value.str.len_chars() > field.max_length)
        .then(pl.lit("TEXT_TOO_LONG"))
        .when(has_wrong)
        .then(pl.lit("CHARACTER_NOT_ALLOWED"))
    )
    return value, pl.select(code.alias("code")).to_series()


def _number(frame: pl.DataFrame, field: Field, reading: Reading) -> tuple[pl.Series, pl.Series]:
    parsed = parse_numbers(frame.get_column("lower"), decimal_mark=reading.decimal_mark)
    plain, code = parsed.get_column("plain"), parsed.get_column("code")
    if field.kind is FieldKind.INTEGER:
        as_float = plain.cast(pl.Float64, strict=False)
        is_whole = (as_float % 1 == 0) & (as_float.abs() <= _INT_MAX)
        code = pl.select(
            pl.when(code.is_null() & ~is_whole).then(pl.lit("NOT_INTEGER")).otherwise(code)
        ).to_series()
        whole = pl.select(pl.when(is_whole).then(as_float)).to_series()
        return whole.cast(pl.Int64, strict=False), code
    value = plain.cast(DTYPES[field.kind], strict=False)
    is_lost = value.is_null() & plain.is_not_null()
    code = pl.select(pl.when(is_lost).then(pl.lit("TOO_LARGE")).otherwise(code)).to_series()
    return value, code


def _date(frame: pl.DataFrame, _: Field, reading: Reading) -> tuple[pl.Series, pl.Series]:
    parsed = parse_dates(frame.get_column("lower"), column=reading.column, order=reading.date_order)
    return parsed.get_column("value"), parsed.get_column("code")


def _boolean(frame: pl.DataFrame, _: Field, __: Reading) -> tuple[pl.Series, pl.Series]:
    words = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    lower = frame.get_column("lower").str.replace(r"^([01])\.0$", "${1}")
    value = lower.replace_strict(words, default=None, return_dtype=pl.Boolean)
    return value, _codes(value.is_null(), "NOT_YES_OR_NO")


def _choice(frame: pl.DataFrame, field: Field, _: Reading) -> tuple[pl.Series, pl.Series]:
    """A code or another word for it; signs (¥, €) are compared as they are."""
    words = {
        form: choice.code
        for choice in field.choices
        for alias in (choice.code, *choice.aliases)
        for form in (key(alias), alias.casefold())
        if form
    }
    keys = [words.get(key(text), words.get(text)) for text in frame.get_column("lower").to_list()]
    value = pl.Series("value", keys, dtype=pl.String)
    return value, _codes(value.is_null(), "NOT_A_CHOICE")


def _in_range(value: pl.Series, code: pl.Series, field: Field) -> tuple[pl.Series, pl.Series]:
    if field.kind not in (FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.NUMBER):
        return value, code
    measure = value.cast(pl.Float64)
    found = (
        pl.when(code.is_not_null())
        .then(code)
        .when(measure.is_infinite() | measure.is_nan())
        .then(pl.lit("NUMBER_INVALID"))
        .when(measure < (-math.inf if field.minimum is None else field.minimum))
        .then(pl.lit("TOO_SMALL"))
        .when(measure > (math.inf if field.maximum is None else field.maximum))
        .then(pl.lit("TOO_LARGE"))
    )
    return value, pl.select(found.alias("code")).to_series()


_PARSERS = {
    FieldKind.TEXT: _text,
    FieldKind.INTEGER: _number,
    FieldKind.DECIMAL: _number,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.CHOICE: _choice,
}

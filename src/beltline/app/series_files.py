"""Files of series as an analyst has them: demand, stock, items, the known future.

A CSV or Parquet file with the canonical columns is read straight into typed columns, whatever its
size. Any other table goes through `kit.sheets`: headers in other words, Chinese ones, wide weeks.
Cells that are not right become problems of their row; the rest is answered.
"""

import datetime as dt
from collections import abc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from beltline.kit.errors import Kind, Refusal
from beltline.kit.sheets.convert import convert
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.layouts import with_days
from beltline.kit.sheets.mapping import override, sample, suggest
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.types import ROW, Layout, Mapping, Table
from beltline.science.problems import PROBLEM_SCHEMA

DEMAND_COLUMNS: Final = ("unique_id", "ds", "y")
STOCK_COLUMNS: Final = ("unique_id", "on_hand")
ITEM_COLUMNS: Final = (
    "unique_id", "lead_time_periods", "review_periods", "holding_cost", "shortage_cost",
)  # fmt: skip
_DATES: Final = ("ds", "arrives")
_NUMBERS: Final = (
    "y", "price", "on_hand", "units", "lead_time_periods", "review_periods", "holding_cost",
    "shortage_cost", "order_cost", "moq", "pack_size", "shelf_life_periods", "capacity",
    "service_level", "backorder",
)  # fmt: skip
_PROBLEMS: Final = pl.Schema(PROBLEM_SCHEMA)
_TRUE: Final = ("1", "1.0", "true", "t", "yes", "y", "是", "有")
_FALSE: Final = ("0", "0.0", "false", "f", "no", "n", "否", "无")


class FileUnusable(Refusal):
    """A file of series that lacks what an engine needs."""

    kind, code = Kind.INVALID, "app.file_unusable"
    title = "The file cannot be used"
    detail = "{file}: {reason}"
    file: str
    reason: str


class SeriesFile(msgspec.Struct, frozen=True, eq=False):
    """A file's typed rows and its wrong ones (`science.problems.PROBLEM_SCHEMA`).

    `understood` says how headers were read: (column, field) pairs, empty where canonical.
    """

    frame: pl.DataFrame
    problems: pl.DataFrame
    understood: tuple[tuple[str, str], ...] = ()


def read_demand(
    path: Path, *, columns: Sequence[str] = (), first_day: dt.date | None = None
) -> SeriesFile:
    """Demand: `unique_id, ds, y[, in_stock][, price]` and drivers, or any table like it.

    `columns` are corrections such as `日期=ds` or `Product+Store=unique_id`; `first_day` is the
    day of the column `d_1`, where columns are numbered days.
    """
    if not columns and (direct := _direct(path, DEMAND_COLUMNS)) is not None:
        return direct
    table = with_days(read_table(path), first_day)
    dataset = DATASETS["demand"]
    mapping = override(
        suggest(table.headers, sample(table), dataset), table.headers, dataset, columns=columns
    )
    converted = convert(table, mapping, dataset)
    kept = ["unique_id", "ds", "y", *[c for c in ("in_stock", "price") if c in converted.given]]
    frame = converted.good.select("row", *kept)
    if "price" in kept:
        frame = frame.with_columns(pl.col("price").cast(pl.Float64))
    frame = _with_drivers(frame, table, mapping).drop("row")
    problems = converted.problems.select(
        pl.col("row").cast(pl.UInt32),
        pl.lit("").alias("unique_id"),
        pl.lit(None, pl.Date).alias("ds"),
        pl.col("column"),
        pl.col("code"),
        pl.lit("ERROR").alias("severity"),
        (pl.col("message") + pl.lit(" ") + pl.col("remedy")).alias("message"),
    ).cast(_PROBLEMS)
    understood = tuple((c.column, c.field or "") for c in mapping.columns)
    return SeriesFile(frame=frame, problems=problems, understood=understood)


def read_rows(path: Path, needed: Sequence[str]) -> SeriesFile:
    """Stock, items or the known future: a table with canonical headers, other columns as given."""
    direct = _direct(path, needed)
    if direct is not None:
        return direct
    table = read_table(path)
    missing = [column for column in needed if column not in table.headers]
    if missing:
        raise _lacking(path, missing, table.headers)
    return _typed(table.frame.drop(ROW), needed, path)


def _direct(path: Path, needed: Sequence[str]) -> SeriesFile | None:
    """The rows of a CSV or Parquet file whose header has the canonical names; else None."""
    if not path.is_file():
        return None
    try:
        match path.suffix.lower():
            case ".parquet":
                head = pl.read_parquet_schema(path)
                if not _has(head, needed):
                    return None
                return _typed(_numbered(pl.scan_parquet(path), head), needed, path)
            case ".csv":
                return _direct_csv(path, needed)
            case _:
                return None
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        # Not as plain as it looks: the careful reader says what is wrong with it.
        return None


def _direct_csv(path: Path, needed: Sequence[str]) -> SeriesFile | None:
    head = pl.read_csv(path, n_rows=0, infer_schema=False).columns
    if not _has(head, needed):
        return None
    numbers = dict.fromkeys((c for c in head if c in _NUMBERS), pl.Float64)
    texts = dict.fromkeys((c for c in head if c in {"unique_id", "in_stock", *_DATES}), pl.String)
    # A cell that is no number becomes null, and its row a problem.
    rows = pl.scan_csv(
        path, schema_overrides={**numbers, **texts}, ignore_errors=True,
        infer_schema_length=10_000, null_values=["", "NA", "NaN", "nan", "null"],
    )  # fmt: skip
    return _typed(_numbered(rows, rows.collect_schema()), needed, path)


def _numbered(rows: pl.LazyFrame, kinds: abc.Mapping[str, pl.DataType]) -> pl.DataFrame:
    """All rows, ids and text drivers as numbered categories: a tenth of the memory of texts."""
    texts = [
        pl.col(name).cast(pl.Categorical)
        for name, kind in kinds.items()
        if kind == pl.String and name not in (*_DATES, "in_stock")
    ]
    return rows.with_columns(texts).collect(engine="streaming")


def _typed(frame: pl.DataFrame, needed: Sequence[str], path: Path) -> SeriesFile:
    """Ids as text, dates as dates, flags as booleans, known figures as numbers."""
    casts = [] if "unique_id" not in frame.columns else [_id(frame.schema["unique_id"])]
    for name in frame.columns:
        kind = frame.schema[name]
        if name in _DATES and kind == pl.String:
            casts.append(pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
        elif name in _DATES and kind != pl.Date:
            casts.append(pl.col(name).cast(pl.Date, strict=False))
        elif name in _NUMBERS:
            casts.append(pl.col(name).cast(pl.Float64, strict=False))
        elif name == "in_stock" and kind != pl.Boolean:
            casts.append(_flag(name))
    typed = frame.with_columns(casts)
    if typed.is_empty():
        raise FileUnusable(file=path.name, reason="there are no rows in it")
    if "y" in needed:  # the engine checks demand itself and names its rows
        return SeriesFile(frame=typed, problems=pl.DataFrame(schema=_PROBLEMS))
    problems = _cell_problems(typed, needed)
    bad = pl.any_horizontal(pl.col(c).is_null() for c in _checked(needed))
    return SeriesFile(frame=typed.filter(~bad) if len(problems) else typed, problems=problems)


def _id(kind: pl.DataType) -> pl.Expr:
    own = pl.col("unique_id")
    return own if kind == pl.Categorical else own.cast(pl.String)


def _checked(needed: Sequence[str]) -> list[str]:
    """Columns in which a blank is wrong: a stock row names either what is here or what comes."""
    return ["unique_id"] if "on_hand" in needed else list(needed)


def _cell_problems(frame: pl.DataFrame, needed: Sequence[str]) -> pl.DataFrame:
    numbered = frame.with_row_index("row", offset=2)
    found = [
        numbered.filter(pl.col(column).is_null()).select(
            pl.col("row").cast(pl.UInt32),
            pl.col("unique_id").cast(pl.String).fill_null("")
            if "unique_id" in frame.columns
            else pl.lit("").alias("unique_id"),
            pl.lit(None, pl.Date).alias("ds"),
            pl.lit(column).alias("column"),
            pl.lit("MISSING").alias("code"),
            pl.lit("ERROR").alias("severity"),
            pl.lit("empty, or not of the kind this column holds").alias("message"),
        )
        for column in _checked(needed)
    ]
    return pl.concat(found).cast(_PROBLEMS).sort("row")


def _with_drivers(frame: pl.DataFrame, table: Table, mapping: Mapping) -> pl.DataFrame:
    """Add the columns that are no field: numbers as numbers, the rest as text."""
    if mapping.layout is Layout.WIDE:
        return frame
    used = {c.column for c in mapping.columns if c.field is not None}
    used |= {column for composed in mapping.composed for column in composed.columns}
    left = [header for header in table.headers if header not in used]
    extra = table.frame.select(ROW, *left)
    for name in left:
        numbers = extra[name].cast(pl.Float64, strict=False)
        if numbers.null_count() == extra[name].null_count():
            extra = extra.with_columns(numbers.alias(name))
    return frame.join(extra, left_on="row", right_on=ROW, how="left", maintain_order="left")


def _flag(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.to_lowercase().str.strip_chars()
    return (
        pl.when(text.is_in(_TRUE))
        .then(pl.lit(value=True))
        .when(text.is_in(_FALSE))
        .then(pl.lit(value=False))
        .alias(name)
    )


def _has(columns: Iterable[str], needed: Sequence[str]) -> bool:
    return set(columns).issuperset(needed)


def _lacking(path: Path, missing: Sequence[str], headers: Sequence[str]) -> FileUnusable:
    return FileUnusable(
        file=path.name,
        reason=f"it lacks the columns {', '.join(missing)}; it has {', '.join(headers[:30])}.",
    )

"""Row-level checks of a long demand frame: what is wrong, where, and what is done about it."""

from datetime import date

import polars as pl

NOT_DRIVERS = ("y", "in_stock")
"""Outcomes: they may stand in history only and can never be a known-ahead driver."""

PROBLEM_SCHEMA = {
    "row": pl.UInt32,
    "unique_id": pl.String,
    "ds": pl.Date,
    "column": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "message": pl.String,
}


def no_problems() -> pl.DataFrame:
    """An empty problems frame."""
    return pl.DataFrame(schema=PROBLEM_SCHEMA)


def check_rows(
    frame: pl.DataFrame, *, cut_off: date, freq: str, week_anchor: int | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that may enter a panel, and a problem for each of the others.

    `row` counts from 1 in the frame as given. Codes: MISSING (no id, date or number), NEGATIVE,
    DUPLICATE (the first row is kept), MIXED_FREQUENCY, FUTURE_DATE. Severity is always ERROR:
    the row is left out.
    """
    missing = [c for c in ("unique_id", "ds", "y") if c not in frame.columns]
    if missing:
        raise ValueError(f"the frame lacks {', '.join(missing)}")
    rows = frame.with_row_index("row", offset=1).with_columns(
        pl.col("unique_id").cast(pl.String),
        pl.col("ds").cast(pl.Date),
        pl.col("y").cast(pl.Float64),
    )
    verdict = (
        pl.when(pl.col("unique_id").is_null() | (pl.col("unique_id") == ""))
        .then(pl.lit("MISSING|unique_id|no series id"))
        .when(pl.col("ds").is_null())
        .then(pl.lit("MISSING|ds|no date"))
        .when(pl.col("y").is_null() | ~pl.col("y").is_finite())
        .then(pl.lit("MISSING|y|no number"))
        .when(pl.col("y") < 0)
        .then(pl.lit("NEGATIVE|y|sales below zero"))
        .when(pl.col("ds") > cut_off)
        .then(pl.lit(f"FUTURE_DATE|ds|after the cut-off {cut_off}"))
        .when(_off_beat(rows, freq, week_anchor, cut_off))
        .then(pl.lit(f"MIXED_FREQUENCY|ds|does not fit frequency {freq}"))
    )
    rows = rows.with_columns(verdict.alias("verdict"))
    good = rows.filter(pl.col("verdict").is_null())
    second = ~good.select(pl.struct("unique_id", "ds").is_first_distinct()).to_series()
    repeated = good.filter(second).with_columns(
        verdict=pl.lit("DUPLICATE|ds|a second row of this series and period")
    )
    bad = pl.concat([rows.filter(pl.col("verdict").is_not_null()), repeated])
    return good.filter(~second).drop("row", "verdict"), _listed(bad)


def check_future(future: pl.DataFrame) -> pl.DataFrame:
    """A LEAK problem for every outcome column in a known-ahead frame (they are dropped)."""
    leaks = [c for c in NOT_DRIVERS if c in future.columns]
    return pl.DataFrame(
        [
            {
                "row": 0,
                "unique_id": "",
                "ds": None,
                "column": column,
                "code": "LEAK",
                "severity": "WARNING",
                "message": "an outcome cannot be known ahead: the column is ignored",
            }
            for column in leaks
        ],
        schema=PROBLEM_SCHEMA,
    )


def gap_problems(days: list[date]) -> pl.DataFrame:
    """A GAP warning for every period in which no series has a row (treated as closed)."""
    return no_problems().vstack(
        pl.DataFrame(
            {
                "row": [0] * len(days),
                "unique_id": [""] * len(days),
                "ds": days,
                "column": ["ds"] * len(days),
                "code": ["GAP"] * len(days),
                "severity": ["WARNING"] * len(days),
                "message": ["no series has a row: taken as closed, not as zero sales"] * len(days),
            },
            schema=PROBLEM_SCHEMA,
        )
    )


def infer_freq(frame: pl.DataFrame) -> str:
    """`W` where nearly every step inside a series is a multiple of seven days, else `D`."""
    steps = (
        frame.select("unique_id", pl.col("ds").cast(pl.Date))
        .unique()
        .sort("unique_id", "ds")
        .select((pl.col("ds").diff().over("unique_id")).dt.total_days().alias("step"))
        .drop_nulls()
    )
    if steps.is_empty():
        return "D"
    share = (steps["step"] % 7 == 0).mean()
    return "W" if isinstance(share, float) and share > 0.9 else "D"


def _off_beat(rows: pl.DataFrame, freq: str, week_anchor: int | None, cut_off: date) -> pl.Expr:
    """Rows on another weekday than the weekly ones, or weekly series among daily ones."""
    if freq == "W":
        anchor = week_anchor or _usual_weekday(rows, cut_off)
        return pl.col("ds").dt.weekday() != anchor
    weekly = (
        rows.filter(pl.col("ds").is_not_null())
        .select("unique_id", "ds")
        .unique()
        .sort("unique_id", "ds")
        .with_columns(pl.col("ds").diff().over("unique_id").dt.total_days().alias("step"))
        .group_by("unique_id")
        .agg(pl.len().alias("n"), (pl.col("step").drop_nulls() == 7).all().alias("weekly"))
        .filter((pl.col("n") >= 8) & pl.col("weekly"))
    )
    return pl.col("unique_id").is_in(weekly["unique_id"].to_list())


def _usual_weekday(rows: pl.DataFrame, cut_off: date) -> int:
    days = rows.filter(pl.col("ds").is_not_null())["ds"].dt.weekday()
    if days.is_empty():
        return cut_off.isoweekday()
    return int(days.value_counts().sort("count", "ds", descending=True)["ds"][0])


def _listed(bad: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("verdict").str.splitn("|", 3).struct
    return bad.sort("row").select(
        pl.col("row").cast(pl.UInt32),
        "unique_id",
        "ds",
        parts.field("field_1").alias("column"),
        parts.field("field_0").alias("code"),
        pl.lit("ERROR").alias("severity"),
        parts.field("field_2").alias("message"),
    )

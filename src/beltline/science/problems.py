"""Row-level checks of a long demand frame: what is wrong, where, and what is done about it."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from beltline.science.located import NO_DAY, Located, locate, numbers, repeated, weekly_series

NOT_DRIVERS = ("y", "in_stock")
"""Outcomes: they may stand in history only and can never be a known-ahead driver."""

EPOCH = date(1970, 1, 1)
MOST_ASKED = 1000
_VERDICTS = (
    ("MISSING", "unique_id", "no series id"),
    ("MISSING", "ds", "no date"),
    ("MISSING", "y", "no number"),
    ("NEGATIVE", "y", "sales below zero"),
    ("FUTURE_DATE", "ds", "after the cut-off {cut_off}"),
    ("MIXED_FREQUENCY", "ds", "does not fit frequency {freq}"),
    ("DUPLICATE", "ds", "a second row of this series and period"),
)

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
) -> tuple[Located, pl.DataFrame]:
    """The rows that may enter a panel, numbered, and a problem for each of the others.

    `row` counts from 1 in the frame as given. Codes: MISSING (no id, date or number), NEGATIVE,
    DUPLICATE (the first row is kept), MIXED_FREQUENCY, FUTURE_DATE. Severity is always ERROR:
    the row is left out.
    """
    missing = [c for c in ("unique_id", "ds", "y") if c not in frame.columns]
    if missing:
        raise ValueError(f"the frame lacks {', '.join(missing)}")
    rows = locate(frame)
    last = (cut_off - EPOCH).days
    verdict = _verdicts(rows, last, freq, week_anchor or _usual_weekday(rows, cut_off))
    usable = verdict == 0
    if usable.any():
        first = int(rows.day[usable].min())
        again = repeated(rows.series, rows.day - first, usable, len(rows.ids), last - first + 1)
        verdict[again] = len(_VERDICTS)
        usable &= ~again
    if usable.all():
        return rows, no_problems()
    return rows.take(usable), _listed(frame, verdict, cut_off, freq)


def _verdicts(rows: Located, last: int, freq: str, weekday: int) -> npt.NDArray[np.uint8]:
    """Number of the first thing wrong with each row (place in `_VERDICTS` + 1), 0 for nothing."""
    sold = numbers(rows.frame, "y")
    blank = rows.series < 0
    nameless = rows.ids.index_of("")
    if nameless is not None:
        blank |= rows.series == nameless
    if freq == "W":
        off_beat = (rows.day + 3) % 7 + 1 != weekday
    else:
        off_beat = np.append(weekly_series(rows.series, rows.day, len(rows.ids)), False)[
            rows.series
        ]
    verdict = np.zeros(len(sold), np.uint8)
    wrong = [blank, rows.day == NO_DAY, ~np.isfinite(sold), sold < 0, rows.day > last, off_beat]
    for k, where in reversed(list(enumerate(wrong))):
        verdict[where] = k + 1
    return verdict


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
    rows = locate(frame.select("unique_id", "ds"))
    some = np.linspace(0, max(len(rows.ids) - 1, 0), MOST_ASKED).astype(np.int32)
    kept = np.isin(rows.series, some) & (rows.day != NO_DAY)
    order = np.lexsort((rows.day[kept], rows.series[kept]))
    series, day = rows.series[kept][order], rows.day[kept][order]
    step = np.diff(day)[(np.diff(series) == 0) & (np.diff(day) > 0)]
    return "W" if len(step) and (step % 7 == 0).mean() > 0.9 else "D"


def _usual_weekday(rows: Located, cut_off: date) -> int:
    days = rows.day[rows.day != NO_DAY]
    if len(days) == 0:
        return cut_off.isoweekday()
    return int(np.bincount((days + 3) % 7, minlength=7).argmax()) + 1


def _listed(
    frame: pl.DataFrame, verdict: npt.NDArray[np.uint8], cut_off: date, freq: str
) -> pl.DataFrame:
    at = np.flatnonzero(verdict)
    found = [_VERDICTS[k - 1] for k in verdict[at]]
    bad = frame.select("unique_id", "ds")[at]
    return pl.DataFrame(
        {
            "row": pl.Series(at + 1, dtype=pl.UInt32),
            "unique_id": bad["unique_id"].cast(pl.String),
            "ds": bad["ds"].cast(pl.Date),
            "column": [column for _, column, _ in found],
            "code": [code for code, _, _ in found],
            "severity": ["ERROR"] * len(found),
            "message": [text.format(cut_off=cut_off, freq=freq) for _, _, text in found],
        },
        schema=PROBLEM_SCHEMA,
    )

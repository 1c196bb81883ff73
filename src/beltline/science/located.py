"""Where each row of a long frame lands: its series as a code, its period as a number.

A frame of thirty million rows is read in one pass over integers; texts are looked at once, to
number them.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

from beltline.science.keys import Bools, Floats, Ints, compiled

NO_DAY = np.iinfo(np.int32).min
WEEKS_SEEN = 8


class Located(msgspec.Struct, frozen=True, eq=False):
    """Rows of a frame with their series (-1: none of `ids`) and their day since 1970."""

    frame: pl.DataFrame
    ids: pl.Series
    series: Ints
    day: Ints

    def take(self, kept: Bools) -> "Located":
        """Some of the rows; series that have none left are forgotten."""
        series = self.series[kept]
        present = np.zeros(len(self.ids) + 1, np.bool_)
        present[series] = True
        renumbered = np.cumsum(present[:-1]) - 1
        return Located(
            frame=self.frame.filter(pl.Series(kept)),
            ids=self.ids.filter(pl.Series(present[:-1])),
            series=np.append(renumbered, -1)[series].astype(np.int32),
            day=self.day[kept],
        )


def locate(frame: pl.DataFrame, ids: pl.Series | None = None) -> Located:
    """Number the rows of a frame `[unique_id,] ds, ...`, by its own ids or by given ones."""
    series = np.zeros(len(frame), np.int32)
    own = pl.Series([""])
    if "unique_id" in frame.columns:
        own, series = number(frame["unique_id"])
    if ids is not None and "unique_id" in frame.columns:
        at = pl.DataFrame({"id": ids}).with_row_index("at")
        found = pl.DataFrame({"id": own}).join(at, on="id", how="left", maintain_order="left")
        places = found["at"].cast(pl.Int32).fill_null(-1).to_numpy()
        series = np.append(places, np.int32(-1))[series]
    days = frame["ds"].cast(pl.Date).to_physical().fill_null(int(NO_DAY)).to_numpy()
    return Located(
        frame=frame, ids=own if ids is None else ids, series=series, day=days.astype(np.int32)
    )


def number(texts: pl.Series) -> tuple[pl.Series, Ints]:
    """The distinct texts in order, and the place of each row among them (-1: null)."""
    kind = texts.dtype
    coded = texts if kind == pl.Categorical else texts.cast(pl.String).cast(pl.Categorical)
    distinct = coded.unique().drop_nulls()
    names = distinct.cast(pl.String)
    order = names.arg_sort().to_numpy()
    physical = distinct.to_physical().to_numpy()[order]
    none = int(physical.max()) + 1 if len(physical) else 0
    table = np.full(none + 1, -1, np.int32)
    table[physical] = np.arange(len(physical), dtype=np.int32)
    place = table[coded.to_physical().fill_null(none).to_numpy()]
    return names.gather(pl.Series(order)), np.asarray(place, np.int32)


def numbers(frame: pl.DataFrame, name: str) -> Floats:
    """A column as float32, NaN where it is null."""
    return frame[name].cast(pl.Float32).fill_null(float("nan")).to_numpy()


@compiled
def repeated(series: Ints, period: Ints, usable: Bools, size: int, length: int) -> Bools:
    """Rows whose series and period an earlier usable row has already."""
    seen = np.zeros((size, length), np.bool_)
    out = np.zeros(len(series), np.bool_)
    for r in range(len(series)):
        if not usable[r]:
            continue
        if seen[series[r], period[r]]:
            out[r] = True
        seen[series[r], period[r]] = True
    return out


@compiled
def weekly_series(series: Ints, day: Ints, size: int) -> Bools:
    """Series of eight rows or more that lie seven days apart, one and all."""
    count = np.zeros(size, np.int64)
    first, last = np.zeros(size, np.int64), np.zeros(size, np.int64)
    even = np.ones(size, np.bool_)
    for r in range(len(series)):
        i = series[r]
        if i < 0 or day[r] == NO_DAY:
            continue
        if count[i] == 0:
            first[i] = last[i] = day[r]
        even[i] &= (day[r] - first[i]) % 7 == 0
        first[i], last[i] = min(first[i], day[r]), max(last[i], day[r])
        count[i] += 1
    return even & (count >= WEEKS_SEEN) & ((last - first) // 7 + 1 <= count)


@compiled
def same_for_all(series: Ints, period: Ints, values: Floats, row: Floats) -> bool:
    """Whether every row of a period has one value; writes it into `row`, NaN where none."""
    for r in range(len(values)):
        t = period[r]
        if series[r] < 0 or t < 0 or t >= len(row):
            continue
        before = row[t]
        if before == -np.inf:
            row[t] = values[r]
        elif before != values[r] and not (np.isnan(before) and np.isnan(values[r])):
            return False
    return True


def shared_values(parts: Sequence[tuple[Ints, Ints, Floats]], length: int) -> Floats | None:
    """One row of values where all series agree in every period, else None.

    `parts` are (series, period, value) of the rows of one frame each.
    """
    row = np.full(length, -np.inf, np.float32)
    for series, period, values in parts:
        if not same_for_all(series, period, values, row):
            return None
    row[np.isneginf(row)] = np.nan
    return row[None, :]


@compiled
def scatter(series: Ints, period: Ints, values: Floats, out: Floats) -> None:
    """Write values into `out` (N x T) by series and period; what lies outside is left out."""
    for r in range(len(values)):
        i, t = series[r], period[r]
        if 0 <= i < out.shape[0] and 0 <= t < out.shape[1]:
            out[i, t] = values[r]


@compiled
def first_periods(series: Ints, period: Ints, evident: Bools, size: int, length: int) -> Ints:
    """First period of each series with evidence of being on sale, else its first row."""
    shown = np.full(size, length, np.int32)
    any_row = np.full(size, length, np.int32)
    for r in range(len(series)):
        i = series[r]
        any_row[i] = min(any_row[i], period[r])
        if evident[r]:
            shown[i] = min(shown[i], period[r])
    for i in range(size):
        if shown[i] == length:
            shown[i] = any_row[i]
    return shown

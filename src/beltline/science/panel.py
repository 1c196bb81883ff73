"""The panel: aligned history of many series, cut off by construction.

A `Panel` has no cell after its cut-off: the matrix of sales ends there, so nothing that reads a
panel can see the future. What is truly known ahead (planned promotions, prices, holidays) comes
in only through the separate `future` frame of `build_panel` and lies in `known`.
"""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from beltline.science.keys import Bools, Floats, Ints
from beltline.science.located import (
    Located,
    first_periods,
    locate,
    number,
    numbers,
    scatter,
    shared_values,
)
from beltline.science.problems import EPOCH, NOT_DRIVERS, check_future, check_rows

MOST_LEVELS = 60


class Freq(enum.StrEnum):
    """Length of a period."""

    DAY = "D"
    WEEK = "W"

    @property
    def days(self) -> int:
        """Days in one period."""
        return 1 if self is Freq.DAY else 7

    @property
    def season(self) -> int:
        """Periods in the season of a seasonal naive forecast."""
        return 7 if self is Freq.DAY else 52


class Static(msgspec.Struct, frozen=True, eq=False):
    """A categorical attribute: `names[codes[i]]` is the value of series i."""

    names: tuple[str, ...]
    codes: Ints


class Panel(msgspec.Struct, frozen=True, eq=False):
    """N series over T periods that end at the cut-off; F periods of `known` lie ahead.

    `y` is N x T float32 sales, NaN where the series was not on sale or is unknown. `in_stock`
    is N x T (None: always in stock). `price` is N x (T + F), NaN where unknown. Every matrix of
    `known` is (1 or N) x (T + F); one row means the driver is the same for every series.
    """

    unique_ids: pl.Series
    freq: Freq
    first_date: date
    y: Floats
    in_stock: Bools | None = None
    price: Floats | None = None
    known: dict[str, Floats] = {}
    static: dict[str, Static] = {}
    ahead: int = 0

    @property
    def size(self) -> int:
        """Number of series N."""
        return int(self.y.shape[0])

    @property
    def length(self) -> int:
        """Number of periods T."""
        return int(self.y.shape[1])

    @property
    def cut_off(self) -> date:
        """First day of the last period in the panel."""
        return self.date_of(self.length - 1)

    def date_of(self, period: int) -> date:
        """First day of a period; T is the first one after the cut-off."""
        return self.first_date + timedelta(days=period * self.freq.days)

    def dates(self, first: int, count: int) -> list[date]:
        """First days of `count` periods from period `first` on."""
        return [self.date_of(first + k) for k in range(count)]

    def stock_mask(self) -> Bools:
        """`in_stock`, or an empty matrix where every period was in stock (kernels read it so)."""
        return np.ones((0, 0), np.bool_) if self.in_stock is None else self.in_stock

    def demand(self) -> Floats:
        """Sales with out-of-stock periods as NaN: lost sales are unknown, never zero."""
        if self.in_stock is None:
            return self.y
        return np.where(self.in_stock, self.y, np.float32(np.nan))

    def until(self, cut_off: date) -> "Panel":
        """The panel as it was known at an earlier cut-off, with the same look-ahead F."""
        length = (cut_off - self.first_date).days // self.freq.days + 1
        if not 0 < length <= self.length:
            raise ValueError(f"cut-off {cut_off} lies outside the panel")
        wide = length + self.ahead
        return msgspec.structs.replace(
            self,
            y=self.y[:, :length].copy(),
            in_stock=None if self.in_stock is None else self.in_stock[:, :length].copy(),
            price=None if self.price is None else self.price[:, :wide].copy(),
            known={name: values[:, :wide].copy() for name, values in self.known.items()},
        )

    def take(self, rows: npt.NDArray[np.intp]) -> "Panel":
        """The panel of some of the series, in the order given."""
        return msgspec.structs.replace(
            self,
            unique_ids=self.unique_ids.gather(pl.Series(rows)),
            y=self.y[rows],
            in_stock=None if self.in_stock is None else self.in_stock[rows],
            price=None if self.price is None else self.price[rows],
            known={k: v if len(v) == 1 else v[rows] for k, v in self.known.items()},
            static={k: Static(names=v.names, codes=v.codes[rows]) for k, v in self.static.items()},
        )

    def with_latest(self, periods: int) -> "Panel":
        """The same panel with only its latest periods of history."""
        drop = max(0, self.length - periods)
        return msgspec.structs.replace(
            self,
            first_date=self.date_of(drop),
            y=self.y[:, drop:].copy(),
            in_stock=None if self.in_stock is None else self.in_stock[:, drop:].copy(),
            price=None if self.price is None else self.price[:, drop:].copy(),
            known={name: values[:, drop:].copy() for name, values in self.known.items()},
        )


def build_panel(
    frame: pl.DataFrame,
    *,
    cut_off: date,
    freq: Freq,
    future: pl.DataFrame | None = None,
    static: pl.DataFrame | None = None,
    closed: Iterable[date] = (),
    week_anchor: int | None = None,
    also: pl.Series | None = None,
) -> tuple[Panel, pl.DataFrame]:
    """A panel and the problems of its rows, from a long frame `unique_id, ds, y[, ...]`.

    Optional columns: `in_stock` (bool), `price`, and any numeric or text driver; drivers count
    as known ahead only as far as `future` (`[unique_id,] ds, drivers`) goes. Rows after
    `cut_off` (the first day of the last period) and faulty rows never enter; they are listed in
    the problems frame (`row, unique_id, ds, column, code, severity, message`). Missing periods
    are zero sales between the first sale and the cut-off and unknown before; leading zeros count
    only where a price or an in-stock flag says that the series was on sale. `closed` periods
    (see `silent_periods`) are unknown for every series; so are periods with the driver `closed`
    at 1, and nothing is forecast for them. `week_anchor` is the ISO weekday of
    weekly dates (default: the most frequent one). `also` names series that get a row even where
    they have no history.
    """
    rows, problems = check_rows(frame, cut_off=cut_off, freq=freq.value, week_anchor=week_anchor)
    if future is not None:
        problems = pl.concat([problems, check_future(future)])
        future = future.drop([c for c in NOT_DRIVERS if c in future.columns])
    first = EPOCH + timedelta(days=int(rows.day.min())) if len(rows.day) else cut_off
    ids = rows.ids
    if also is not None and not also.is_in(ids.to_list()).all():
        ids = pl.concat([ids, also.cast(pl.String)]).unique().sort()
        rows = locate(rows.frame, ids)
    grid = _Grid(ids=ids, first=first, freq=freq, length=_periods(first, cut_off, freq) + 1)
    parts = [grid.part(rows)]
    if future is not None and len(future):
        parts.append(grid.part(locate(future.filter(pl.col("ds").is_not_null()), ids)))
    ahead = max(0, max(int(p.period.max(initial=-1)) for p in parts) + 1 - grid.length)
    wide = grid.length + ahead
    known = _known(grid, parts, wide)
    sales = _sales(grid, parts[0], closed)
    if "closed" in known:
        sales[np.broadcast_to(known["closed"][:, : grid.length] > 0, sales.shape)] = np.nan
    priced = "price" in frame.columns
    return (
        Panel(
            unique_ids=grid.ids,
            freq=freq,
            first_date=first,
            y=sales,
            in_stock=_in_stock(grid, parts[0]),
            price=grid.matrix(parts, [p.values("price") for p in parts], wide) if priced else None,
            known=known,
            static=_static(grid.ids, static),
            ahead=ahead,
        ),
        problems,
    )


def silent_periods(frame: pl.DataFrame, *, cut_off: date, freq: Freq) -> list[date]:
    """Periods in which no series has a row though a busy panel should: closed or not delivered.

    Returned only where a period has 30 rows on the average; a thin panel may well sell nothing.
    """
    seen = frame.select(pl.col("ds").cast(pl.Date)).filter(pl.col("ds") <= cut_off)
    if seen.is_empty():
        return []
    first = seen["ds"].min()
    if not isinstance(first, date):
        return []
    count = _periods(first, cut_off, freq) + 1
    if len(seen) < 30 * count:
        return []
    present = set(seen["ds"].unique())
    every = [first + timedelta(days=k * freq.days) for k in range(count)]
    return [day for day in every if day not in present]


class _Part(msgspec.Struct, frozen=True, eq=False):
    """Rows of one frame with the series and period each belongs to; `own` has an id in each."""

    frame: pl.DataFrame
    series: Ints
    period: Ints
    own: bool

    def values(self, name: str) -> Floats:
        """A column, NaN where it is null; empty where the frame lacks it."""
        if name not in self.frame.columns:
            return np.zeros(0, np.float32)
        return numbers(self.frame, name)


class _Grid(msgspec.Struct, frozen=True, eq=False):
    """Where a row of a long frame lands in a matrix."""

    ids: pl.Series
    first: date
    freq: Freq
    length: int

    def part(self, rows: Located) -> _Part:
        days = rows.day - np.int32((self.first - EPOCH).days)
        return _Part(
            frame=rows.frame, series=rows.series, period=days // np.int32(self.freq.days),
            own="unique_id" in rows.frame.columns,
        )  # fmt: skip

    def matrix(self, parts: Sequence[_Part], columns: Sequence[Floats], wide: int) -> Floats:
        """A column as N x wide, NaN where no row says anything; `columns` by part."""
        out = np.full((len(self.ids), wide), np.nan, np.float32)
        for part, values in zip(parts, columns, strict=True):
            if len(values) and not part.own:
                row = shared_values([(part.series, part.period, values)], wide)
                told = np.isfinite(row[0]) if row is not None else np.zeros(wide, np.bool_)
                out[:, told] = 0.0 if row is None else row[0][told]
            elif len(values):
                scatter(part.series, part.period, values, out)
        return out

    def driver(self, parts: Sequence[_Part], columns: Sequence[Floats], wide: int) -> Floats:
        """A column as (1 or N) x wide, one row where all series agree."""
        told = [
            (p.series, p.period, v) for p, v in zip(parts, columns, strict=True) if len(v)
        ]  # fmt: skip
        shared = shared_values(told, wide)
        return self.matrix(parts, columns, wide) if shared is None else shared


def _sales(grid: _Grid, part: _Part, closed: Iterable[date]) -> Floats:
    y = np.full((len(grid.ids), grid.length), np.nan, np.float32)
    sold = part.values("y")
    scatter(part.series, part.period, sold, y)
    evident = sold > 0
    if "price" in part.frame.columns:
        evident |= part.frame["price"].is_not_null().to_numpy()
    if "in_stock" in part.frame.columns:
        evident |= part.frame["in_stock"].cast(pl.Boolean).fill_null(value=False).to_numpy()
    on_sale = first_periods(part.series, part.period, evident, len(grid.ids), grid.length)
    period = np.arange(grid.length)
    selling = period[None, :] >= on_sale[:, None]
    y[selling & np.isnan(y)] = 0.0
    y[~selling] = np.nan
    for day in closed:
        at = _periods(grid.first, day, grid.freq)
        if 0 <= at < grid.length:
            y[:, at] = np.nan
    return y


def _in_stock(grid: _Grid, part: _Part) -> Bools | None:
    if "in_stock" not in part.frame.columns:
        return None
    flags = part.frame["in_stock"].cast(pl.Boolean).fill_null(value=True)
    told = grid.matrix([part], [flags.cast(pl.Float32).to_numpy()], grid.length)
    return np.asarray(~(told == 0))


def _known(grid: _Grid, parts: Sequence[_Part], wide: int) -> dict[str, Floats]:
    """Drivers as matrices; a text driver becomes one 0/1 driver `name=value` per value."""
    apart = {"unique_id", "ds", "price", *NOT_DRIVERS}
    names = sorted({c for p in parts for c in p.frame.columns} - apart)
    known: dict[str, Floats] = {}
    for name in names:
        kinds = [p.frame.schema[name] for p in parts if name in p.frame.columns]
        if any(kind in (pl.String, pl.Categorical) for kind in kinds):
            known |= _indicators(grid, parts, name, wide)
        else:
            told = grid.driver(parts, [p.values(name) for p in parts], wide)
            known[name] = np.nan_to_num(told, nan=0.0)
    return known


def _indicators(
    grid: _Grid, parts: Sequence[_Part], name: str, wide: int
) -> dict[str, Floats]:  # fmt: skip
    numbered = [number(p.frame[name]) if name in p.frame.columns else None for p in parts]
    counts: dict[str, int] = {}
    for found in numbered:
        if found is not None:
            tally = np.bincount(found[1][found[1] >= 0], minlength=len(found[0]))
            for value, count in zip(found[0], tally, strict=True):
                counts[value] = counts.get(value, 0) + int(count)
    counts.pop("", None)
    kept = sorted(sorted(counts, key=lambda v: (-counts[v], v))[:MOST_LEVELS])
    at = {value: k for k, value in enumerate(kept)}
    columns = [
        np.zeros(0, np.float32) if found is None
        else np.append([at.get(v, -1) for v in found[0]], -1).astype(np.float32)[found[1]]
        for found in numbered
    ]  # fmt: skip
    codes = grid.driver(parts, columns, wide)
    return {f"{name}={value}": (codes == k).astype(np.float32) for k, value in enumerate(kept)}


def _static(ids: pl.Series, static: pl.DataFrame | None) -> dict[str, Static]:
    """Attributes of the series; an unknown value is the empty text."""
    if static is None:
        return {}
    rows = pl.DataFrame({"unique_id": ids}).join(
        static.unique("unique_id", keep="first", maintain_order=True),
        on="unique_id",
        how="left",
        maintain_order="left",
    )
    columns = [c for c in static.columns if c != "unique_id"]
    return {c: encode(rows[c].cast(pl.String).fill_null("")) for c in columns}


def encode(values: pl.Series) -> Static:
    """A text column as codes into its sorted distinct values."""
    names = values.unique().sort()
    at = pl.DataFrame({"value": names}).with_row_index("at")
    codes = pl.DataFrame({"value": values}).join(at, on="value", how="left", maintain_order="left")[
        "at"
    ]
    return Static(names=tuple(names.to_list()), codes=codes.to_numpy().astype(np.int32))


def _periods(first: date, day: date, freq: Freq) -> int:
    return (day - first).days // freq.days

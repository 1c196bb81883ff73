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
from beltline.science.problems import NOT_DRIVERS, check_future, check_rows

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
    weekly dates (default: the most frequent one).
    """
    clean, problems = check_rows(frame, cut_off=cut_off, freq=freq.value, week_anchor=week_anchor)
    if future is not None:
        problems = pl.concat([problems, check_future(future)])
        future = future.drop([c for c in NOT_DRIVERS if c in future.columns]).with_columns(
            pl.col("ds").cast(pl.Date)
        )
    ids = clean["unique_id"].unique().sort()
    first = clean["ds"].min() if len(clean) else cut_off
    if not isinstance(first, date):
        raise TypeError("ds must hold dates")
    grid = _Grid(ids=ids, first=first, freq=freq, length=_periods(first, cut_off, freq) + 1)
    ahead = grid.ahead_of(future)
    price = grid.matrix(clean, future, "price", ahead) if "price" in clean.columns else None
    known = _known(grid, clean, future, ahead)
    sales = _sales(grid, clean, closed)
    if "closed" in known:
        sales[np.broadcast_to(known["closed"][:, : grid.length] > 0, sales.shape)] = np.nan
    return (
        Panel(
            unique_ids=ids,
            freq=freq,
            first_date=first,
            y=sales,
            in_stock=_in_stock(grid, clean),
            price=price,
            known=known,
            static=_static(ids, static),
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


class _Grid(msgspec.Struct, frozen=True, eq=False):
    """Where a row of a long frame lands in a matrix."""

    ids: pl.Series
    first: date
    freq: Freq
    length: int

    def rows(self, frame: pl.DataFrame) -> npt.NDArray[np.intp]:
        order = pl.DataFrame({"unique_id": self.ids}).with_row_index("at")
        found = frame.select("unique_id").join(
            order, on="unique_id", how="left", maintain_order="left"
        )
        return found["at"].fill_null(len(self.ids)).to_numpy().astype(np.intp)

    def columns(self, frame: pl.DataFrame) -> npt.NDArray[np.intp]:
        days = (frame["ds"] - self.first).dt.total_days().to_numpy()
        return (days // self.freq.days).astype(np.intp)

    def ahead_of(self, future: pl.DataFrame | None) -> int:
        if future is None or future.is_empty():
            return 0
        return max(0, int(self.columns(future).max()) + 1 - self.length)

    def matrix(
        self, clean: pl.DataFrame, future: pl.DataFrame | None, name: str, ahead: int
    ) -> Floats:
        """One driver as (1 or N) x (T + F), NaN where no row says anything."""
        parts = [f for f in (clean, future) if f is not None and name in f.columns]
        shared = all(_is_shared(part, name) for part in parts)
        wide = self.length + ahead
        values = np.full((1 if shared else len(self.ids) + 1, wide), np.nan, np.float32)
        for part in parts:
            columns = self.columns(part)
            inside = (columns >= 0) & (columns < wide)
            cells = part[name].cast(pl.Float32).to_numpy()
            if shared:
                rows = np.zeros(len(part), np.intp)
            elif "unique_id" in part.columns:
                rows = self.rows(part)
            else:
                values[:, columns[inside]] = cells[inside]
                continue
            values[rows[inside], columns[inside]] = cells[inside]
        return values if shared else values[:-1]


def _is_shared(part: pl.DataFrame, name: str) -> bool:
    if "unique_id" not in part.columns:
        return True
    if name == "price":
        return False
    spread = part.group_by("ds").agg(pl.col(name).n_unique().alias("n"))["n"]
    return len(spread) == 0 or spread.max() == 1


def _sales(grid: _Grid, clean: pl.DataFrame, closed: Iterable[date]) -> Floats:
    y = np.full((len(grid.ids), grid.length), np.nan, np.float32)
    rows, columns = grid.rows(clean), grid.columns(clean)
    sold = clean["y"].to_numpy()
    y[rows, columns] = sold
    on_sale = np.full(len(grid.ids), grid.length, np.intp)
    evident = sold > 0
    for name in ("price", "in_stock"):
        if name in clean.columns:
            told = clean[name].is_not_null()
            if name == "in_stock":
                told = told & clean[name].cast(pl.Boolean).fill_null(value=False)
            evident |= told.to_numpy()
    np.minimum.at(on_sale, rows[evident], columns[evident])
    never = on_sale == grid.length
    np.minimum.at(on_sale, rows[never[rows]], columns[never[rows]])
    period = np.arange(grid.length)
    selling = period[None, :] >= on_sale[:, None]
    y[selling & np.isnan(y)] = 0.0
    y[~selling] = np.nan
    for day in closed:
        at = _periods(grid.first, day, grid.freq)
        if 0 <= at < grid.length:
            y[:, at] = np.nan
    return y


def _in_stock(grid: _Grid, clean: pl.DataFrame) -> Bools | None:
    if "in_stock" not in clean.columns:
        return None
    mask = np.ones((len(grid.ids), grid.length), np.bool_)
    flags = clean["in_stock"].cast(pl.Boolean).fill_null(value=True).to_numpy()
    mask[grid.rows(clean), grid.columns(clean)] = flags
    return mask


def _known(
    grid: _Grid, clean: pl.DataFrame, future: pl.DataFrame | None, ahead: int
) -> dict[str, Floats]:
    """Drivers as matrices; a text driver becomes one 0/1 driver `name=value` per value."""
    apart = {"unique_id", "ds", "price", *NOT_DRIVERS}
    frames = [f for f in (clean, future) if f is not None]
    names = sorted({c for f in frames for c in f.columns} - apart)
    known: dict[str, Floats] = {}
    for name in names:
        holders = [f for f in frames if name in f.columns]
        if holders[0].schema[name] in {pl.String, pl.Categorical}:
            known |= _indicators(grid, holders, name, ahead)
        else:
            known[name] = _driver(grid, holders, name, ahead)
    return known


def _indicators(
    grid: _Grid, holders: Sequence[pl.DataFrame], name: str, ahead: int
) -> dict[str, Floats]:
    values = pl.concat([f[name].cast(pl.String) for f in holders]).drop_nulls()
    kept = values.filter(values != "").value_counts(sort=True).head(MOST_LEVELS)[name].sort()
    flags: dict[str, Floats] = {}
    for value in kept:
        column = f"{name}={value}"
        marked = [
            f.with_columns((pl.col(name) == value).cast(pl.Float32).alias(column)) for f in holders
        ]
        flags[column] = _driver(grid, marked, column, ahead)
    return flags


def _driver(grid: _Grid, holders: Sequence[pl.DataFrame], name: str, ahead: int) -> Floats:
    second = holders[1] if len(holders) > 1 else None
    return np.nan_to_num(grid.matrix(holders[0], second, name, ahead), nan=0.0)


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

"""A panel prepared for the feature kernel: deseasonalized sales, running sums, group sums."""

from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from beltline.science.boost.kernel import (
    CORE,
    OFFSET,
    core_features,
    running,
    running_price,
    running_response,
)
from beltline.science.boost.layout import (
    Layout,
    calendar,
    category_codes,
    codes_in,
    driver_rows,
)
from beltline.science.boost.recipe import STEPS
from beltline.science.effects import Effects, effect_table, group_names, group_sums
from beltline.science.keys import Doubles, Floats, Ints, compiled
from beltline.science.panel import Freq, Panel

CLOSED_SHARE = 0.03
BUSY_UNITS = 200.0


class Sums(msgspec.Struct, frozen=True, eq=False):
    """What groups of series sold: cumulative over the latest periods, with mean prices.

    `total` and `count` are P x (W + 1) over the W latest periods before the cut-off; `price` is
    P x (W + H), or P x 0 where there are no prices.
    """

    names: tuple[str, ...]
    total: Doubles
    count: Doubles
    price: Floats

    def latest(self, periods: int) -> "Sums":
        """The same sums of fewer periods, for a model to carry along."""
        drop = max(0, self.total.shape[1] - 1 - periods)
        return Sums(
            names=self.names,
            total=self.total[:, drop:] - self.total[:, drop : drop + 1],
            count=self.count[:, drop:] - self.count[:, drop : drop + 1],
            price=self.price[:, drop:].copy(),
        )


class Prices(msgspec.Struct, frozen=True, eq=False):
    """Prices N x (T + H) with running figures, all empty where there are none.

    `total` and `seen` are cumulative (N x (T + 1)), `most` and `least` so far (N x T).
    """

    price: Floats
    total: Floats
    seen: npt.NDArray[np.uint16]
    most: Floats
    least: Floats


class Driver(msgspec.Struct, frozen=True, eq=False):
    """A driver, (1 or N) x (T + H), and its cumulative sums.

    `sold` and `acted` are cumulative too: sales in the periods in which it acted, and their
    number; empty where it is the same for all series.
    """

    values: Floats
    sums: Floats
    sold: Floats
    acted: npt.NDArray[np.uint16]


class View(msgspec.Struct, frozen=True, eq=False):
    """Arrays of one panel of N series, T periods and H ahead, as the kernel wants them.

    `demand` is N x T without effects taken out, NaN where unknown. `context` holds the sums of
    the groups and of up to two sets of peers.
    """

    demand: Floats
    history: tuple[Any, ...]
    y: Floats
    prices: Prices
    effect: Floats
    group: Ints
    context: tuple[Sums, ...]
    members: tuple[Ints, ...]
    calendar: Doubles
    drivers: tuple["Driver", ...]
    categories: tuple[Floats, ...]
    steps: Any
    least_level: float

    @property
    def size(self) -> int:
        """Number of series N."""
        return int(self.demand.shape[0])

    @property
    def length(self) -> int:
        """Number of known periods T."""
        return int(self.demand.shape[1])

    @property
    def first(self) -> Ints:
        """First period seen of each series (T: never)."""
        return np.asarray(self.history[8], np.int32)


def recent(panel: Panel, silent: tuple[date, ...]) -> Panel:
    """The latest history that trees look at, with `silent` dates and stock-outs unknown."""
    panel = panel.with_latest(STEPS[panel.freq].history)
    y = panel.demand()
    places = [(day - panel.first_date).days // panel.freq.days for day in silent]
    inside = [p for p in places if 0 <= p < panel.length]
    if inside:
        y = y.copy()
        y[:, inside] = np.nan
    return msgspec.structs.replace(panel, y=y, in_stock=None)


def silent_dates(panel: Panel) -> tuple[date, ...]:
    """Periods in which a busy panel sold next to nothing: everything was closed."""
    sold = np.nan_to_num(panel.y).sum(axis=0, dtype=np.float64)
    half = 14
    found = []
    for t in range(panel.length):
        around = np.median(sold[max(0, t - half) : t + half + 1])
        if around >= BUSY_UNITS and sold[t] < CLOSED_SHARE * around:
            found.append(panel.date_of(t))
    return tuple(found)


def prepare_prices(panel: Panel, horizon: int) -> Prices:
    """Prices over history and horizon; the last known one is carried where none is planned."""
    if panel.price is None:
        none = np.zeros((0, 0), np.float32)
        return Prices(price=none, total=none, seen=none.astype(np.uint16), most=none, least=none)
    wide = panel.length + horizon
    price = np.full((panel.size, wide), np.nan, np.float32)
    kept = min(wide, panel.price.shape[1])
    price[:, :kept] = panel.price[:, :kept]
    _carry_forward(price, panel.length)
    total, seen, most, least = running_price(price, panel.length)
    return Prices(price=price, total=total, seen=seen, most=most, least=least)


def build_view(
    panel: Panel,
    layout: Layout,
    effects: Effects | None,
    horizon: int,
    prices: Prices,
    context: tuple[Sums, ...] | None = None,
) -> View:
    """A view of a `recent` panel; without `effects` the offset is the level alone.

    `context` are the sums of the whole panel a model was fitted on; without it they are made
    from the series at hand.
    """
    wide = panel.length + horizon
    steps = STEPS[panel.freq]
    table, group = (np.ones((1, wide), np.float32), np.zeros(panel.size, np.int32))
    y = panel.y
    if effects is not None:
        table, group = effect_table(effects, panel, horizon)
        y = _divided(panel.y, table, group)
    sums = context or _context(panel, layout, y, prices.price)
    by = (layout.group_by, *layout.peers)
    # groups nobody knows borrow the first group's sums: the ratios stay near one
    codes = [codes_in(s.names, panel, names) for s, names in zip(sums, by, strict=True)]
    own = np.maximum(codes[0], 0)
    lookup = np.zeros((len(sums[0].names), wide), np.float32)
    lookup[own] = np.log(table)[group]
    return View(
        demand=panel.y,
        history=running(y, steps.season, np.array(steps.decays)),
        y=y,
        prices=prices,
        effect=lookup,
        group=own,
        context=sums,
        members=tuple(codes[1:]),
        calendar=calendar(layout, panel, wide),
        drivers=tuple(_driver(driver_rows(panel, name, wide), y) for name in layout.drivers),
        categories=tuple(category_codes(c, panel) for c in layout.categories),
        steps=np.array([*steps.windows, steps.season, steps.year, steps.half], np.int64),
        least_level=steps.least_level,
    )


def features(
    view: View, series: Ints, origin: Ints, horizon: Ints, begin: Ints | None = None
) -> Floats:
    """Feature matrix of rows (series, origin, steps ahead), columns as `Layout.names`.

    `begin` hides what a series sold before a period, row by row.
    """
    begin = np.zeros(len(series), np.int32) if begin is None else begin
    width = len(CORE) + view.calendar.shape[1] + 4 * len(view.drivers) + len(view.categories)
    out = np.empty((len(series), width), np.float32)
    total, squares, seen, zeros, fast, slow, run, seasonal, first = view.history
    prices = view.prices
    group, peer, near = (*view.context, _NOTHING, _NOTHING)[:3]
    members = (*view.members, _NOBODY, _NOBODY)[:2]
    core_features(
        series, origin, horizon, begin, view.steps, view.least_level, view.y, total, squares, seen,
        zeros, fast, slow, run, seasonal, first, view.group, view.effect,
        group.total, group.count, group.price, view.length + 1 - group.total.shape[1],
        members[0], peer.total, peer.price, view.length + 1 - peer.total.shape[1],
        members[1], near.total, view.length + 1 - near.total.shape[1],
        prices.price, prices.total, prices.seen, prices.most, prices.least, out,
    )  # fmt: skip
    target = origin + horizon
    column = len(CORE)
    out[:, column : column + view.calendar.shape[1]] = view.calendar[target]
    column += view.calendar.shape[1]
    window = int(view.steps[2])
    since = np.maximum(origin + 1 - window, 0)
    for driver in view.drivers:
        rows = series if len(driver.values) > 1 else np.zeros(len(series), np.int32)
        out[:, column] = driver.values[rows, target]
        out[:, column + 1] = driver.values[rows, target - 1]
        lately = driver.sums[rows, origin + 1] - driver.sums[rows, since]
        out[:, column + 2] = lately / np.maximum(origin + 1 - since, 1)
        out[:, column + 3] = _uplift(view, driver, series, origin, begin)
        column += 4
    for codes in view.categories:
        out[:, column] = codes[series]
        column += 1
    return out


def grid(view: View, origin: int, horizon: int) -> tuple[Ints, Ints, Ints]:
    """Rows of every series and every step ahead from one origin."""
    series = np.repeat(np.arange(view.size, dtype=np.int32), horizon)
    ahead = np.tile(np.arange(1, horizon + 1, dtype=np.int32), view.size)
    return series, np.full(len(series), origin, np.int32), ahead


def offset_of(rows: Floats) -> Floats:
    """The offset (log level plus log day effect) of feature rows."""
    return np.ascontiguousarray(rows[:, OFFSET])


_NOTHING = Sums(
    names=(), total=np.zeros((0, 1)), count=np.zeros((0, 1)), price=np.zeros((0, 0), np.float32)
)
_NOBODY: Ints = np.zeros(0, np.int32)


def _context(panel: Panel, layout: Layout, y: Floats, price: Floats) -> tuple[Sums, ...]:
    sums = []
    for by in (layout.group_by, *layout.peers):
        named = group_names(panel, by)
        total, count = group_sums(y, np.ones((0, 0), np.bool_), named.codes, len(named.names))
        closed = np.flatnonzero(count.sum(axis=0) == 0)
        season = STEPS[panel.freq].season
        for t in closed:
            total[:, t] = total[:, t - season] if t >= season else 0.0
        mean = np.zeros((len(named.names), 0), np.float32)
        if price.size:
            amount, priced = group_sums(
                price, np.ones((0, 0), np.bool_), named.codes, len(named.names)
            )
            mean = (amount / np.maximum(priced, 1.0)).astype(np.float32)
        sums.append(
            Sums(names=named.names, total=_cumulative(total), count=_cumulative(count), price=mean)
        )
    return tuple(sums)


def _driver(values: Floats, y: Floats) -> Driver:
    sums = np.zeros((len(values), values.shape[1] + 1), np.float32)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    sold, acted = np.zeros((0, 0), np.float32), np.zeros((0, 0), np.uint16)
    if len(values) > 1:
        sold, acted = running_response(y, values)
    return Driver(values=values, sums=sums, sold=sold, acted=acted)


def _uplift(view: View, driver: Driver, series: Ints, origin: Ints, begin: Ints) -> Floats:
    """What a series sold so far while a driver acted, over its mean; one active period is lent."""
    if driver.sold.size == 0:
        return np.full(len(series), np.nan, np.float32)
    total, _, seen = view.history[:3]
    end = origin + 1
    mean = total[series, end] / np.maximum(seen[series, end], 1)
    count = driver.acted[series, end].astype(np.float32)
    sold = (driver.sold[series, end] + mean) / (count + 1.0)
    known = (mean > 0) & (begin == 0)
    return np.asarray(np.where(known, sold / np.maximum(mean, 1e-6), np.nan), np.float32)


def _cumulative(values: Doubles) -> Doubles:
    start = np.zeros((len(values), 1))
    return np.concatenate([start, np.cumsum(values, axis=1)], axis=1)


@compiled
def _divided(y: Floats, table: Floats, group: Ints) -> Floats:
    out = np.empty_like(y)
    for i in range(y.shape[0]):
        for t in range(y.shape[1]):
            out[i, t] = y[i, t] / table[group[i], t]
    return out


@compiled
def _carry_forward(price: Floats, length: int) -> None:
    """Fill unknown prices of the future with the latest one of the series."""
    for i in range(price.shape[0]):
        latest = np.nan
        for t in range(price.shape[1]):
            if not np.isnan(price[i, t]):
                latest = price[i, t]
            elif t >= length:
                price[i, t] = latest


def shut_ahead(silent: tuple[date, ...], first: date, horizon: int, freq: Freq) -> list[int]:
    """Steps (from 0) of the horizon on a calendar day that was closed in two years or more."""
    years: dict[tuple[int, int], set[int]] = {}
    for day in silent:
        years.setdefault((day.month, day.day), set()).add(day.year)
    if freq is not Freq.DAY:
        return []
    ahead = [first + timedelta(days=k) for k in range(horizon)]
    return [k for k, d in enumerate(ahead) if len(years.get((d.month, d.day), ())) > 1]

"""Which attributes and drivers of a panel become features, fixed once when a model is fitted.

Names are kept, not codes: a shard may hold other values of an attribute than the panel had that
was learned from, and still means the same by them.
"""

import msgspec
import numpy as np
import polars as pl

from beltline.science.boost.kernel import CORE
from beltline.science.effects import group_names
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Freq, Panel

MOST_NAMES = 50
MOST_EXTRA = 3
LEAST_PEERS = 3
RARE = 0.05
LEAST_ACTIVE = 0.01
FAR = 14


class Category(msgspec.Struct, frozen=True):
    """An attribute as a categorical feature, and its known values."""

    name: str
    values: tuple[str, ...]


class Events(msgspec.Struct, frozen=True):
    """Drivers of which at most one is active at a time, read as one categorical driver."""

    name: str
    drivers: tuple[str, ...]


class Layout(msgspec.Struct, frozen=True):
    """Features of one model beside the core ones of the kernel.

    `peers` are the attributes of one wider and one nearer set of sister series (the same article
    in all stores; in the stores of one state). `events[0]` also gives the way to the next event.
    """

    freq: Freq
    group_by: tuple[str, ...]
    categories: tuple[Category, ...]
    peers: tuple[tuple[str, ...], ...]
    drivers: tuple[str, ...]
    events: tuple[Events, ...]

    @property
    def names(self) -> list[str]:
        """Names of all features, in order of the columns."""
        names = [*CORE, *self._calendar()]
        for k, events in enumerate(self.events):
            names.append(events.name)
            if k == 0:
                names += [f"{events.name}:{x}" for x in ("BEFORE", "NEXT", "NEXT_IN")]
        for driver in self.drivers:
            names += [driver, *(f"{driver}:{x}" for x in ("BEFORE", "RECENT", "UPLIFT"))]
        return names + [category.name for category in self.categories]

    @property
    def categorical(self) -> list[int]:
        """Columns that hold codes."""
        names = self.names
        coded = [c.name for c in self.categories] + [e.name for e in self.events]
        coded += [f"{e.name}:NEXT" for e in self.events[:1]]
        coded += ["WEEKDAY"] if self.freq is Freq.DAY else []
        return sorted(names.index(name) for name in coded)

    def _calendar(self) -> list[str]:
        return ["WEEKDAY", "MONTH_DAY", "YEAR_WEEK"] if self.freq is Freq.DAY else ["YEAR_WEEK"]


def lay_out(panel: Panel, group_by: tuple[str, ...]) -> Layout:
    """Choose the features of a panel whose day effects are shared by `group_by`."""
    families = _families(panel)
    taken = {d for family in families for d in family.drivers if "=" in d}
    return Layout(
        freq=panel.freq,
        group_by=group_by,
        categories=_categories(panel, group_by),
        peers=_peers(panel, group_by),
        drivers=tuple(n for n in _varying(panel) if n not in taken),
        events=families,
    )


def calendar(layout: Layout, panel: Panel, length: int) -> Doubles:
    """Calendar and event features of every period, `length` x columns."""
    days = pl.Series(panel.dates(0, length), dtype=pl.Date)
    columns = [days.dt.ordinal_day().to_numpy() / 7.0]
    if layout.freq is Freq.DAY:
        columns = [days.dt.weekday().to_numpy(), days.dt.day().to_numpy(), *columns]
    for k, events in enumerate(layout.events):
        code = _codes(events, panel, length)
        columns.append(code)
        if k == 0:
            upcoming, distance = _next(code)
            columns += [np.append(0.0, code[:-1]), upcoming, distance]
    return np.stack(columns, axis=1).astype(np.float64)


def category_codes(category: Category, panel: Panel) -> Floats:
    """Code of each series, NaN for a value the model does not know."""
    static = panel.static.get(category.name)
    if static is None:
        return np.full(panel.size, np.nan, np.float32)
    at = {value: k for k, value in enumerate(category.values)}
    local = np.array([at.get(name, np.nan) for name in static.names], np.float32)
    return np.asarray(local[static.codes], np.float32)


def driver_rows(panel: Panel, name: str, length: int) -> Floats:
    """One driver, (1 or N) x length, its last known value carried into an unknown future."""
    values = panel.known.get(name)
    if values is None:
        return np.zeros((1, length), np.float32)
    return values[:, :length] if values.shape[1] >= length else _padded(values, length)


def _padded(values: Floats, length: int) -> Floats:
    """Flags end with what is known; a level (a temperature, a rank) stays where it was."""
    rest = length - values.shape[1]
    flags = bool(((values == 0) | (values == 1)).all())
    tail = np.repeat(values[:, -1:] * (0.0 if flags else 1.0), rest, axis=1)
    return np.concatenate([values, tail], axis=1).astype(np.float32)


def _varying(panel: Panel) -> list[str]:
    names = []
    for name, values in sorted(panel.known.items()):
        past = values[:, : panel.length]
        if name != "closed" and past.size and past.min() < past.max():
            names.append(name)
    return names


def _families(panel: Panel) -> tuple[Events, ...]:
    """Text drivers and rare flags that are the same for all series, the richest first."""
    found: dict[str, list[str]] = {}
    for name in _varying(panel):
        values = panel.known[name][:, : panel.length]
        if len(values) > 1 or not bool(((values == 0) | (values == 1)).all()):
            continue
        if "=" in name:
            found.setdefault(name.split("=", 1)[0], []).append(name)
        elif float(values.mean()) < RARE:
            found.setdefault("EVENT", []).append(name)
    families = []
    for name, drivers in found.items():
        active = sum(float(panel.known[d][0, : panel.length].mean()) for d in drivers)
        if active >= LEAST_ACTIVE:
            families.append((-len(drivers), Events(name=f"EVENT:{name}", drivers=tuple(drivers))))
    return tuple(family for _, family in sorted(families, key=lambda f: (f[0], f[1].name)))


def _codes(events: Events, panel: Panel, length: int) -> Doubles:
    code = np.zeros(length)
    for k, driver in enumerate(events.drivers):
        flag = driver_rows(panel, driver, length)[0] > 0
        code[flag & (code == 0)] = k + 1
    return code


def _next(code: Doubles) -> tuple[Doubles, Doubles]:
    """Code of the next event from each period on, and how far it is (at most `FAR`)."""
    where = np.flatnonzero(code)
    at = np.arange(len(code))
    spot = np.searchsorted(where, at)
    ahead = np.where(spot < len(where), np.append(where, len(code) + FAR)[spot] - at, FAR)
    known = np.where(spot < len(where), code[np.append(where, 0)[spot]], 0.0)
    return np.where(ahead <= FAR, known, 0.0), np.minimum(ahead, FAR).astype(np.float64)


def _categories(panel: Panel, group_by: tuple[str, ...]) -> tuple[Category, ...]:
    """The attributes of the groups, and a few others that these do not already decide."""
    groups = len(group_names(panel, group_by).names)
    others = []
    for name in sorted(set(panel.static) - set(group_by)):
        few = 1 < len(panel.static[name].names) <= MOST_NAMES
        if few and len(group_names(panel, (*group_by, name)).names) > groups:
            others.append(name)
    chosen = [*sorted(group_by), *others[:MOST_EXTRA]]
    return tuple(Category(name=n, values=panel.static[n].names) for n in chosen)


def _peers(panel: Panel, group_by: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The finest attribute and the finest pair whose values still have several series."""
    names = sorted(panel.static)
    least = len(group_names(panel, group_by).names)
    chosen: list[tuple[str, ...]] = []
    pairs = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    for candidates in ([(n,) for n in names], pairs):
        sizes = [(len(group_names(panel, by).names), by) for by in candidates]
        fitting = [s for s in sizes if least < s[0] <= panel.size / LEAST_PEERS]
        if fitting:
            least, best = max(fitting, key=lambda s: s[0])
            chosen.append(best)
    return tuple(chosen)


def codes_in(names: tuple[str, ...], panel: Panel, by: tuple[str, ...]) -> Ints:
    """Place of each series' group among `names`, -1 where it is not there."""
    named = group_names(panel, by)
    at = {name: k for k, name in enumerate(names)}
    local = np.array([at.get(name, -1) for name in named.names], np.int32)
    return np.asarray(local[named.codes], np.int32)

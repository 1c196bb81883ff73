"""Seasonal and day effects shared by groups of series.

Sales of single articles are too thin to show a weekday, a pay day or a festival; their sum over
a group is not. Log group sales less a centered moving mean are regressed (ridge, pooled over
related groups first, then each group's own deviation) on weekday, day of month or yearly waves
and on the known 0/1 drivers: rare ones with a day before and after, frequent ones by weekday.
The effect is multiplicative and known for every future period because all its inputs are.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import numpy as np
import polars as pl

from beltline.science.keys import Bools, Doubles, Floats, Ints, compiled
from beltline.science.panel import Freq, Panel, Static, encode

ALONE_RIDGE = 2.0
POOLED_RIDGE = 8.0
OWN_RIDGE = 60.0
FREQUENT = 0.1
"""Share of periods from which on a driver acts by weekday instead of on the days around it."""
MOST_GROUPS = 300
SMALLEST_GROUP = 200
WAVES = 10


class Effects(msgspec.Struct, frozen=True, eq=False):
    """Fitted effects: row g of `weights` belongs to `groups[g - 1]`, row 0 to everyone else.

    Groups with the same value of the attribute `pool_by` (empty: all groups) were pooled;
    `frequent` are the drivers that act by weekday.
    `level` is the mean demand of a series per period in each group: the prior of a new series.
    """

    freq: Freq
    group_by: tuple[str, ...]
    groups: tuple[str, ...]
    pool_by: str
    drivers: tuple[str, ...]
    frequent: tuple[str, ...]
    month_days: bool
    waves: bool
    weights: Doubles
    offset: Doubles
    level: Doubles


def fit_effects(
    panel: Panel, *, group_by: tuple[str, ...] | None = None, pool_by: str | None = None
) -> Effects:
    """Effects of a panel by the attributes `group_by` (default: the finest well-filled ones).

    `pool_by` is the attribute of `group_by` whose groups lend each other strength (default: the
    one that leaves less of the group sales unexplained).
    """
    by = choose_groups(panel) if group_by is None else group_by
    named = group_names(panel, by)
    groups = tuple(named.names)
    sums, counts = group_sums(panel.y, panel.stock_mask(), named.codes, len(groups))
    drivers = _usable_drivers(panel, named.codes, len(groups))
    blank = Effects(
        freq=panel.freq,
        group_by=by,
        groups=groups,
        pool_by="",
        drivers=drivers,
        frequent=tuple(n for n in drivers if _is_frequent(panel, n)),
        month_days=panel.freq is Freq.DAY and panel.length >= 120,
        waves=panel.freq is Freq.WEEK and panel.length >= 104,
        weights=np.zeros((0, 0)),
        offset=np.zeros(0),
        level=np.zeros(0),
    )
    designs = [_design(blank, panel, g, named.codes, 0) for g in range(len(groups))]
    residual = _detrended(sums, counts, blank)
    chosen, weights = _best_pooling(panel, named, blank, designs, residual, pool_by)
    log_effect = np.stack(
        [weights[0] @ np.mean(designs, axis=0).T]
        + [design @ weights[g + 1] for g, design in enumerate(designs)]
    )
    year = 364 // panel.freq.days
    offset = np.log(np.exp(log_effect[:, -year:]).mean(axis=1))
    return msgspec.structs.replace(
        blank, pool_by=chosen, weights=weights, offset=offset, level=_group_levels(sums, counts)
    )


def effect_table(effects: Effects, panel: Panel, horizon: int) -> tuple[Floats, Ints]:
    """Factors over history and horizon, G x (T + H), and the row of each series in them."""
    named = group_names(panel, effects.group_by)
    at = {name: g + 1 for g, name in enumerate(effects.groups)}
    rows = np.array([at.get(name, 0) for name in named.names], np.int32)
    table = np.stack(
        [
            _design(effects, panel, local, named.codes, horizon) @ effects.weights[row]
            - effects.offset[row]
            for local, row in enumerate(rows)
        ]
    )
    return np.exp(table).astype(np.float32), named.codes


def prior_levels(effects: Effects, panel: Panel) -> Doubles:
    """Mean demand per period of a series of the same group, for each series."""
    named = group_names(panel, effects.group_by)
    at = {name: g + 1 for g, name in enumerate(effects.groups)}
    local = np.array([effects.level[at.get(name, 0)] for name in named.names])
    return np.asarray(local[named.codes], np.float64)


def choose_groups(panel: Panel) -> tuple[str, ...]:
    """The attribute or pair of attributes with the most groups that are still well filled."""
    names = sorted(panel.static)
    pairs = [(a,) for a in names] + [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    best: tuple[int, tuple[str, ...]] = (1, ())
    for by in pairs:
        count = len(group_names(panel, by).names)
        filled = panel.size >= SMALLEST_GROUP * count and count <= MOST_GROUPS
        if filled and count > best[0]:
            best = (count, by)
    return best[1]


def design_names(effects: Effects) -> list[str]:
    """What each column of the regression stands for, in order."""
    names = [f"WEEKDAY:{d}" for d in range(1, 8)] if effects.freq is Freq.DAY else []
    names += [f"MONTH_DAY:{d}" for d in range(1, 32)] if effects.month_days else []
    names += [f"SEASON:{k}" for k in range(2 * WAVES)] if effects.waves else []
    for name in effects.drivers:
        names.append(f"DRIVER:{name}")
        if effects.freq is Freq.DAY and name in effects.frequent:
            names += [f"DRIVER:{name}:WEEKDAY:{d}" for d in range(1, 8)]
        elif effects.freq is Freq.DAY:
            names += [f"DRIVER:{name}:BEFORE", f"DRIVER:{name}:AFTER"]
    return names


def _design(effects: Effects, panel: Panel, group: int, codes: Ints, horizon: int) -> Doubles:
    """Regressors of one group, (T + horizon) x P; its first series lends the drivers."""
    length = panel.length + horizon
    columns = [_calendar_columns(effects, panel.first_date, length)]
    weekdays = columns[0][:, :7]
    member = int(np.argmax(codes == group))
    for name in effects.drivers:
        values = np.zeros(length)
        known = panel.known.get(name)
        if known is not None:
            own = known[0 if len(known) == 1 else member][:length]
            values[: len(own)] = own
        around = [values]
        if effects.freq is Freq.DAY and name in effects.frequent:
            around += list((values[:, None] * weekdays).T)
        elif effects.freq is Freq.DAY:
            around += [np.append(values[1:], 0.0), np.append(0.0, values[:-1])]
        columns.append(np.stack(around, axis=1))
    return np.concatenate(columns, axis=1)


def _calendar_columns(effects: Effects, first: date, length: int) -> Doubles:
    step = effects.freq.days
    days = [first + timedelta(days=k * step) for k in range(length)]
    parts = []
    if effects.freq is Freq.DAY:
        weekday = np.array([d.isoweekday() for d in days])
        parts.append(weekday[:, None] == np.arange(1, 8))
    if effects.month_days:
        parts.append(np.array([d.day for d in days])[:, None] == np.arange(1, 32))
    if effects.waves:
        turn = np.array([d.timetuple().tm_yday for d in days]) * (2 * np.pi / 365.25)
        waves = [f(k * turn) for k in range(1, WAVES + 1) for f in (np.sin, np.cos)]
        parts.append(np.stack(waves, axis=1))
    return np.concatenate([np.zeros((length, 0)), *parts], axis=1).astype(np.float64)


def _usable_drivers(panel: Panel, codes: Ints, groups: int) -> tuple[str, ...]:
    """Drivers within 0..1 that vary in history and are the same for all series of a group."""
    usable = []
    for name, values in sorted(panel.known.items()):
        past = values[:, : panel.length]
        flags = bool(((past >= 0) & (past <= 1)).all()) and past.min() < past.max()
        if flags and name != "closed" and (len(past) == 1 or _same(past, codes, groups)):
            usable.append(name)
    return tuple(usable)


def _is_frequent(panel: Panel, name: str) -> bool:
    return float(panel.known[name][:, : panel.length].mean()) >= FREQUENT


def _same(values: Floats, codes: Ints, groups: int) -> bool:
    first = np.array([int(np.argmax(codes == g)) for g in range(groups)])
    return bool((values == values[first[codes]]).all())


def _detrended(sums: Doubles, counts: Doubles, effects: Effects) -> Doubles:
    """Log group sales less a centered moving mean, NaN where no series was on sale."""
    half = 28 if effects.freq is Freq.DAY else (26 if effects.waves else 6)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0, np.log(sums + 0.5), np.nan)
    width = logs.shape[1]
    total = np.concatenate([np.zeros((len(logs), 1)), np.nancumsum(logs, axis=1)], axis=1)
    seen = np.concatenate([np.zeros((len(logs), 1)), np.cumsum(counts > 0, axis=1)], axis=1)
    at = np.arange(width)
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, width)
    if effects.waves:  # a window shorter than a year would take the season for a trend
        low = np.clip(at - half, 0, max(width - 2 * half, 0))
        high = np.minimum(low + 2 * half, width)
    mean = (total[:, high] - total[:, low]) / np.maximum(seen[:, high] - seen[:, low], 1)
    return np.asarray(logs - mean, np.float64)


def _best_pooling(
    panel: Panel,
    named: Static,
    effects: Effects,
    designs: list[Doubles],
    residual: Doubles,
    pool_by: str | None,
) -> tuple[str, Doubles]:
    """The attribute to pool by, and the weights it gives (see `_two_stage_ridge`)."""
    if pool_by is not None:
        candidates = [pool_by]
    else:
        candidates = sorted(effects.group_by) if len(effects.group_by) > 1 else [""]
    early = min(60, residual.shape[1] // 10)
    targets = [np.where(np.arange(len(row)) >= early, row, np.nan) for row in residual]
    moments = [_moments(d, t) for d, t in zip(designs, targets, strict=True)]
    found: list[tuple[float, str, Doubles]] = []
    for name in candidates:
        left, weights = _two_stage_ridge(moments, _pools(panel, named, name))
        found.append((left, name, weights))
    _, chosen, weights = min(found, key=lambda option: option[:2])
    return chosen, weights


def _pools(panel: Panel, named: Static, name: str) -> Ints:
    """The pool of each group: the code of its first series in the attribute `name`."""
    if not name or name not in panel.static:
        return np.zeros(len(named.names), np.int32)
    first = np.array([int(np.argmax(named.codes == g)) for g in range(len(named.names))])
    return np.asarray(panel.static[name].codes[first], np.int32)


class _Moments(msgspec.Struct, frozen=True, eq=False):
    """What a ridge needs of one group: X'X, X'y and y'y over its known periods."""

    gram: Doubles
    moment: Doubles
    square: float


def _moments(design: Doubles, target: Doubles) -> _Moments:
    seen = np.isfinite(target)
    x, y = design[seen], target[seen]
    return _Moments(gram=x.T @ x, moment=x.T @ y, square=float(y @ y))


def _two_stage_ridge(groups: Sequence[_Moments], pools: Ints) -> tuple[float, Doubles]:
    """What pooled weights leave unexplained, and weights: everyone's, then each group's own."""
    weights = [_pooled_ridge(groups)]
    own: dict[int, Doubles] = {}
    left = 0.0
    for pool in np.unique(pools):
        inside = np.flatnonzero(pools == pool)
        pooled = _pooled_ridge([groups[int(g)] for g in inside])
        for g in inside:
            one = groups[int(g)]
            told = one.gram @ pooled
            left += one.square - 2.0 * float(pooled @ one.moment) + float(pooled @ told)
            own[int(g)] = pooled + _solve(one.gram, one.moment - told, OWN_RIDGE)
    return left, np.stack(weights + [own[g] for g in range(len(groups))])


def _pooled_ridge(groups: Sequence[_Moments]) -> Doubles:
    penalty = ALONE_RIDGE if len(groups) == 1 else POOLED_RIDGE * len(groups) ** 0.5
    gram = np.sum([one.gram for one in groups], axis=0)
    return _solve(gram, np.sum([one.moment for one in groups], axis=0), penalty)


def _solve(gram: Doubles, moment: Doubles, penalty: float) -> Doubles:
    if len(moment) == 0:
        return moment
    return np.asarray(np.linalg.solve(gram + penalty * np.eye(len(moment)), moment), np.float64)


def _group_levels(sums: Doubles, counts: Doubles) -> Doubles:
    latest = slice(-min(56, sums.shape[1]), None)
    units, cells = sums[:, latest].sum(axis=1), counts[:, latest].sum(axis=1)
    overall = units.sum() / max(cells.sum(), 1.0)
    own = np.where(cells > 0, units / np.maximum(cells, 1.0), overall)
    return np.concatenate([[overall], own])


def group_names(panel: Panel, by: tuple[str, ...]) -> Static:
    """Group of every series as text codes; attributes the panel lacks count as empty."""
    texts = [
        pl.Series(panel.static[name].names).gather(pl.Series(panel.static[name].codes))
        if name in panel.static
        else pl.Series([""] * panel.size)
        for name in by
    ]
    if not texts:
        return Static(names=("",), codes=np.zeros(panel.size, np.int32))
    joined = pl.DataFrame({str(k): text for k, text in enumerate(texts)})
    return encode(joined.select(pl.concat_str(pl.all(), separator="|")).to_series())


@compiled
def group_sums(y: Floats, in_stock: Bools, codes: Ints, groups: int) -> tuple[Doubles, Doubles]:
    """Sum and number of known sales of each group and period."""
    sums = np.zeros((groups, y.shape[1]))
    counts = np.zeros((groups, y.shape[1]))
    for i in range(y.shape[0]):
        for t in range(y.shape[1]):
            if np.isnan(y[i, t]) or (in_stock.size > 0 and not in_stock[i, t]):
                continue
            sums[codes[i], t] += y[i, t]
            counts[codes[i], t] += 1.0
    return sums, counts

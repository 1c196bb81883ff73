"""Features of a series at an origin for one period ahead, as ratios to its level."""

import numpy as np

from beltline.science.keys import Doubles, Floats
from beltline.science.panel import Freq
from beltline.science.reorder.past import Past, Sums

WINDOWS = {Freq.DAY: (1, 7, 14, 28, 56, 91, 182, 364), Freq.WEEK: (1, 2, 4, 8, 13, 26, 52)}
YEAR = {Freq.DAY: 364, Freq.WEEK: 52}
YEARS_BACK = 3


def features(past: Past, origin: int, step: int) -> Floats:
    """N x F for the period `origin + step`, from what was known when `origin` periods were over.

    The last columns are the codes of the groups: categories.
    """
    unit = 7 if past.freq is Freq.DAY else 1
    level = past.levels[:, origin]
    season = 26 * unit
    recent = past.own.mean(origin, season)
    spread = np.sqrt(np.maximum(past.squares.mean(origin, season) - recent**2, 0.0))
    columns = [past.own.mean(origin, w) / level for w in WINDOWS[past.freq]]
    columns += [
        spread / level,
        past.sold.mean(origin, 8 * unit),
        past.sold.mean(origin, season),
        past.idle[:, origin],
        past.fast[:, origin] / level,
        *(ratio for ratio in _seasons(past.own, origin, step, past.freq)),
        _year_ago(past, origin, step) / level,
    ]
    for sums, codes in zip(past.groups, past.codes, strict=True):
        columns += [column[codes] for column in _group_columns(sums, origin, step, past.freq)]
        columns.append(sums.mean(origin, 4 * unit)[codes] / level)
    size = len(level)
    columns += [np.repeat(c, size) for c in _group_columns(past.every, origin, step, past.freq)]
    columns += [
        np.full(size, float(step)),
        np.full(size, float(past.week[origin + step])),
        np.log(level),
        past.own.known[:, origin],
        past.own.known[:, origin] - past.own.known[:, max(origin - 8 * unit, 0)],
    ]
    if past.freq is Freq.DAY:
        columns += _same_weekday(past, origin, step)
    return np.stack([*columns, *past.codes], axis=1).astype(np.float32)


def _group_columns(sums: Sums, origin: int, step: int, freq: Freq) -> list[Doubles]:
    """How a group sells now against before, and what its season did in other years."""
    unit = 7 if freq is Freq.DAY else 1
    now, before = sums.mean(origin, 2 * unit), sums.mean(origin, 13 * unit)
    month, half = sums.mean(origin, 4 * unit), sums.mean(origin, 26 * unit)
    return [
        now / np.maximum(before, 1e-2),
        month / np.maximum(half, 1e-2),
        *_seasons(sums, origin, step, freq),
    ]


def _seasons(sums: Sums, origin: int, step: int, freq: Freq) -> list[Doubles]:
    unit = 7 if freq is Freq.DAY else 1
    year = YEAR[freq]
    return [
        _season(sums, origin, step, year, reach=1 * unit, before=8 * unit),
        _season(sums, origin, step, year, reach=2 * unit, before=26 * unit),
    ]


def _season(sums: Sums, origin: int, step: int, year: int, *, reach: int, before: int) -> Doubles:
    """Sales around the same date of other years against the time before the same origin.

    All years that lie far enough back are added up; a little of the mean keeps thin ratios tame.
    """
    near = far = np.zeros(len(sums.total))
    near_known = far_known = np.zeros(len(sums.total))
    for years in range(1, YEARS_BACK + 1):
        high, then = origin + step - years * year + reach + 1, origin - years * year
        low = high - 2 * reach - 1
        if low < 0 or then < 4:
            break
        high = min(high, origin)
        start = max(then - before, 0)
        near = near + sums.total[:, high] - sums.total[:, low]
        near_known = near_known + sums.known[:, high] - sums.known[:, low]
        far = far + sums.total[:, then] - sums.total[:, start]
        far_known = far_known + sums.known[:, then] - sums.known[:, start]
    there = (near_known > 0) & (far_known > 0)
    top, bottom = near / np.maximum(near_known, 1), far / np.maximum(far_known, 1)
    calm = 0.2 * bottom[there].mean() + 0.02 if there.any() else 1.0
    return np.where(there, (top + calm) / (bottom + calm), np.nan)


def _year_ago(past: Past, origin: int, step: int) -> Doubles:
    year, reach = YEAR[past.freq], 1 if past.freq is Freq.WEEK else 3
    high = min(origin + step - year + reach + 1, origin)
    low = high - 2 * reach - 1
    if low < 0:
        return np.full(len(past.levels), np.nan)
    return past.own.between(low, high)


def _same_weekday(past: Past, origin: int, step: int) -> list[Doubles]:
    """Mean of the same weekday of the last four and eight weeks, as ratios to the level."""
    latest = origin + step - 7 * (step // 7 + 1)
    days = [latest - 7 * k for k in range(8) if latest - 7 * k >= 0]
    level = past.levels[:, origin]
    blank = np.full(len(level), np.nan)
    means = []
    for count in (4, 8):
        cells = past.demand[:, days[:count]]
        known = np.isfinite(cells).sum(axis=1)
        total = np.nan_to_num(cells).sum(axis=1) / np.maximum(known, 1)
        means.append(np.where(known > 0, total / level, blank))
    return [*means, np.full(len(level), float((origin + step) % 7))]

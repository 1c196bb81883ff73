"""Running sums of a panel's history, from which every feature at every origin is a difference."""

import re

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from beltline.science.keys import Bools, Doubles, Ints
from beltline.science.panel import Freq, Panel, encode

MOST_GROUPS = 5
MOST_LABELS = 0.7
"""A grouping with more groups than this share of the series says nothing."""
LEAST_LEVEL = {Freq.DAY: 0.01, Freq.WEEK: 0.05}
DECAYS = {Freq.DAY: (0.93, 0.98), Freq.WEEK: (0.75, 0.92)}
ENOUGH = {Freq.DAY: 14, Freq.WEEK: 6}
"""Known periods after which the level of its group no longer helps a series."""
TWO_PARTS = re.compile(r"^([^@_|/:]+)[@_|/:]([^@_|/:]+)$")


class Sums(msgspec.Struct, frozen=True, eq=False):
    """Running totals over periods, one column more than there are: values and known periods."""

    total: Doubles
    known: Doubles

    def mean(self, end: int, count: int) -> Doubles:
        """Mean of the known periods among the `count` before `end`; NaN if there are none."""
        return self.between(max(end - count, 0), end)

    def between(self, low: int, high: int) -> Doubles:
        """Mean of the known periods in [low, high); NaN where there are none."""
        periods = self.known[:, high] - self.known[:, low]
        value = (self.total[:, high] - self.total[:, low]) / np.maximum(periods, 1.0)
        return np.where(periods > 0, value, np.nan)


class Past(msgspec.Struct, frozen=True, eq=False):
    """Everything features are made of; nothing in it lies after the panel's cut-off.

    `levels` is N x (T + 1): the level of each series after t periods. `groups` are sums over
    the series of an attribute, with the group of each series in `codes`.
    """

    demand: Doubles
    own: Sums
    squares: Sums
    sold: Sums
    idle: Doubles
    fast: Doubles
    levels: Doubles
    groups: tuple[Sums, ...]
    codes: tuple[Ints, ...]
    every: Sums
    week: npt.NDArray[np.int64]
    freq: Freq

    @property
    def length(self) -> int:
        """Periods of history T."""
        return int(self.demand.shape[1])


def look_back(panel: Panel, ahead: int) -> Past:
    """The past of a panel, with the calendar of `ahead` periods to come."""
    demand = panel.demand().astype(np.float64)
    known = np.isfinite(demand)
    value = np.where(known, demand, 0.0)
    fast, slow = (_smoothed(value, known, decay) for decay in DECAYS[panel.freq])
    codes = group_codes(panel)
    own = _sums(value, known)
    groups = tuple(_grouped(value, known, each) for each in codes)
    every = _grouped(value, known, np.zeros(len(value), np.int32))
    trust = np.minimum(own.known / ENOUGH[panel.freq], 1.0)
    level = trust * 0.5 * (fast + slow) + (1.0 - trust) * _usual(every, groups, codes, panel.freq)
    dates = panel.dates(0, panel.length + ahead)
    return Past(
        demand=demand,
        own=own,
        squares=_sums(value * value, known),
        sold=_sums((value > 0).astype(np.float64), known),
        idle=_idle(value, known),
        fast=fast,
        levels=np.maximum(level, LEAST_LEVEL[panel.freq]),
        groups=groups,
        codes=codes,
        every=every,
        week=np.array([day.isocalendar().week for day in dates]),
        freq=panel.freq,
    )


def group_codes(panel: Panel) -> tuple[Ints, ...]:
    """Up to `MOST_GROUPS` ways to group the series, finest first, each another partition.

    Attributes of the panel, and the two parts of ids such as `SKU@NODE`. Groups are numbered in
    the order of ids, whatever the order of the panel.
    """
    found = [static.codes for static in panel.static.values()]
    found += _id_parts(panel.unique_ids)
    order = panel.unique_ids.arg_sort().to_numpy()
    partitions: dict[bytes, Ints] = {}
    for codes in found:
        _, first, plain = np.unique(codes[order], return_index=True, return_inverse=True)
        renamed = np.argsort(np.argsort(first))[plain].astype(np.int32)
        if 2 <= len(first) <= MOST_LABELS * panel.size:
            partitions[renamed.tobytes()] = renamed
    finest = sorted(partitions.values(), key=lambda c: (-int(c.max()), c.tobytes()))
    back = np.argsort(order)
    return tuple(codes[back] for codes in finest[:MOST_GROUPS])


def _id_parts(ids: pl.Series) -> list[Ints]:
    parts = [TWO_PARTS.match(text) for text in ids.to_list()]
    if not all(parts):
        return []
    return [encode(pl.Series([p.group(k) for p in parts if p])).codes for k in (1, 2)]


def _sums(value: Doubles, known: Bools) -> Sums:
    pad = ((0, 0), (1, 0))
    counts = np.cumsum(known, axis=1, dtype=np.float64)
    return Sums(np.pad(np.cumsum(value, axis=1), pad), np.pad(counts, pad))


def _grouped(value: Doubles, known: Bools, codes: Ints) -> Sums:
    count = int(codes.max(initial=0)) + 1
    total, periods = np.zeros((count, value.shape[1])), np.zeros((count, value.shape[1]))
    np.add.at(total, codes, value)
    np.add.at(periods, codes, known)
    pad = ((0, 0), (1, 0))
    return Sums(np.pad(np.cumsum(total, axis=1), pad), np.pad(np.cumsum(periods, axis=1), pad))


def _smoothed(value: Doubles, known: Bools, decay: float) -> Doubles:
    """Exponentially weighted mean of the known periods so far: N x (T + 1)."""
    out = np.zeros((len(value), value.shape[1] + 1))
    total, weight = np.zeros(len(value)), np.zeros(len(value))
    for t in range(value.shape[1]):
        total = np.where(known[:, t], total * decay + value[:, t], total)
        weight = np.where(known[:, t], weight * decay + 1.0, weight)
        out[:, t + 1] = total / np.maximum(weight, 1e-9)
    return out


def _usual(every: Sums, groups: tuple[Sums, ...], codes: tuple[Ints, ...], freq: Freq) -> Doubles:
    """What a series sells that is like its group (the finest that sold), N x (T + 1)."""
    season = 26 * 7 // freq.days
    usual = _running_mean(every, season)
    for sums, own in zip(groups[::-1], codes[::-1], strict=True):
        mean = _running_mean(sums, season)[own]
        usual = np.where(mean > 0, mean, usual)
    return usual


def _running_mean(sums: Sums, count: int) -> Doubles:
    high = np.arange(sums.total.shape[1])
    low = np.maximum(high - count, 0)
    periods = np.maximum(sums.known[:, high] - sums.known[:, low], 1.0)
    return np.asarray((sums.total[:, high] - sums.total[:, low]) / periods, np.float64)


def _idle(value: Doubles, known: Bools) -> Doubles:
    """Known periods since the latest sale: N x (T + 1)."""
    out = np.zeros((len(value), value.shape[1] + 1))
    for t in range(value.shape[1]):
        out[:, t + 1] = np.where(
            known[:, t], np.where(value[:, t] > 0, 0.0, out[:, t] + 1), out[:, t]
        )
    return out

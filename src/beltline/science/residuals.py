"""Empirical residual paths: the spread of forecasts, learned from forecasts that were made.

For past origins the ratio of what was sold to what the floor tier would have said is kept as one
vector over the whole horizon, pooled in buckets of level and intermittency. A future path of a
series is its mean times one vector of its bucket (conformal: the spread is the observed one,
with its dependence over the horizon). Every series takes its s-th vector from the same part of
history, so what moved all series together then moves them together again in sums.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from beltline.science.effects import effect_table, fit_effects
from beltline.science.floor import Levels, levels_at
from beltline.science.keys import Bools, Doubles, Floats, Ints, Keys, compiled, mixed, uniform
from beltline.science.panel import Freq, Panel

MOST_ORIGINS = 8
MOST_SERIES = 40_000
PER_BUCKET = 1_200
LEAST_PER_BUCKET = 60
LEAST_VECTORS = 30
LEVEL_BINS = 16
CHANCE_BINS = 3


class Residuals(msgspec.Struct, frozen=True, eq=False):
    """Pooled ratio vectors (R x H, mean 1 in each bucket) and how to find a bucket's rows.

    Rows of bucket b are `starts[b]:starts[b + 1]`, in order of origin; `segment_starts[b, k]` is
    where the rows of origin k begin. `correction` multiplies the mean of a bucket: its own bias
    in the past windows relative to the bias of all series together.
    """

    ratios: Floats
    starts: Ints
    segment_starts: Ints
    level_edges: Doubles
    chance_edges: Doubles
    correction: Doubles


def fit_residuals(panel: Panel, horizon: int, keys: Keys, group_by: tuple[str, ...]) -> Residuals:
    """Residual pools from up to `MOST_ORIGINS` past windows that end before the cut-off.

    Day effects are fitted on what was known at the first of these origins only. A history too
    short for a whole horizon gives shorter vectors, repeated; none at all a generic spread.
    """
    origins, span = _origins(panel, horizon)
    if len(origins) == 0:
        return _generic(horizon)
    sample = panel
    if panel.size > MOST_SERIES:
        rows = np.sort(np.argsort(keys, kind="stable")[:MOST_SERIES])
        sample = panel.take(rows.astype(np.intp))
    effects = fit_effects(panel.until(panel.date_of(int(origins[0]) - 1)), group_by=group_by)
    levels = levels_at(sample, effects, origins)
    table, groups = effect_table(effects, sample, 0)
    season = 7 if panel.freq is Freq.DAY else 1
    ratios, sold, told = ratio_vectors(
        sample.y, sample.stock_mask(), levels.level, table, groups, origins, span, season
    )
    usable = np.flatnonzero(told.ravel() > 0)
    if len(usable) < 10:
        return _generic(horizon)
    return pool_residuals(
        ratios.reshape(-1, span)[usable][:, np.arange(horizon) % span],
        sold.ravel()[usable],
        told.ravel()[usable],
        levels.level.ravel()[usable],
        levels.chance.ravel()[usable],
        np.tile(np.arange(len(origins)), sample.size)[usable],
    )


def bucket_of(residuals: Residuals, levels: Levels, at: int = 0) -> Ints:
    """Bucket of every series at origin `at` of its levels."""
    return bucket_at(residuals, levels.level[:, at], levels.chance[:, at])


def bucket_at(residuals: Residuals, level: Doubles, chance: Doubles) -> Ints:
    """Bucket of series with a mean `level` and a `chance` of a sale per period."""
    return _buckets(level, chance, residuals.level_edges, residuals.chance_edges)


def quantile_table(residuals: Residuals, quantiles: tuple[float, ...]) -> Floats:
    """Quantiles of the ratios: bucket x quantile x horizon."""
    parts = [
        np.quantile(residuals.ratios[a:b], quantiles, axis=0)
        for a, b in zip(residuals.starts[:-1], residuals.starts[1:], strict=True)
    ]
    return np.stack(parts).astype(np.float32)


def cumulative_cv(residuals: Residuals) -> Doubles:
    """Spread (standard deviation) of the mean ratio of the first h + 1 periods: bucket x H."""
    horizon = residuals.ratios.shape[1]
    running = np.cumsum(residuals.ratios, axis=1, dtype=np.float64) / np.arange(1, horizon + 1)
    parts = [
        running[a:b].std(axis=0)
        for a, b in zip(residuals.starts[:-1], residuals.starts[1:], strict=True)
    ]
    return np.stack(parts)


@compiled
def draw_paths(
    mean: Floats,
    bucket: Ints,
    keys: Keys,
    ratios: Floats,
    starts: Ints,
    segment_starts: Ints,
    paths: int,
    seed: np.uint64,
    whole: bool,
) -> Floats:
    """N x S x H demand paths. Path s of every series comes from the same part of history.

    `whole` rounds to whole units at random, up with probability equal to the fraction, so that
    the mean stays and a rate of 0.1 becomes one unit in ten paths.
    """
    n, horizon = mean.shape
    out = np.empty((n, paths, horizon), np.float32)
    for s in range(paths):
        shared = mixed(seed ^ mixed(np.uint64(s)))
        share = (s + uniform(shared)) / paths
        for i in range(n):
            b = bucket[i]
            spot = starts[b] + int(share * (starts[b + 1] - starts[b]))
            segment = 0
            last = segment_starts.shape[1] - 1
            while segment < last - 1 and segment_starts[b, segment + 1] <= spot:
                segment += 1
            low, high = segment_starts[b, segment], segment_starts[b, segment + 1]
            state = mixed(keys[i] ^ shared)
            row = low + int(uniform(state) * (high - low))
            for h in range(horizon):
                value = mean[i, h] * ratios[row, h]
                if whole:
                    state = mixed(state)
                    value = np.floor(value + uniform(state))
                out[i, s, h] = value
    return out


@compiled
def ratio_vectors(
    y: Floats,
    in_stock: Bools,
    level: Doubles,
    effect: Floats,
    group: Ints,
    origins: npt.NDArray[np.int64],
    span: int,
    season: int,
) -> tuple[Floats, Doubles, Doubles]:
    """Ratios of sales to forecasts, N x K x span, with the units sold and told in known periods.

    A period hidden by a stock-out takes the ratio of the nearest known period of the same
    vector, the same weekday first. Where less than half is known, `told` is zero: do not use.
    """
    n, count = level.shape
    ratios = np.zeros((n, count, span), np.float32)
    sold, told = np.zeros((n, count)), np.zeros((n, count))
    for i in range(n):
        for k in range(count):
            known = 0
            for h in range(span):
                t = origins[k] + h
                if np.isnan(y[i, t]) or (in_stock.size > 0 and not in_stock[i, t]):
                    ratios[i, k, h] = np.nan
                    continue
                known += 1
                told[i, k] += level[i, k] * effect[group[i], t]
                sold[i, k] += y[i, t]
                ratios[i, k, h] = y[i, t] / (level[i, k] * effect[group[i], t])
            if 2 * known < span:
                told[i, k] = 0.0
            elif known < span:
                fill_nearest(ratios[i, k], season)
    return ratios, sold, told


@compiled
def fill_nearest(vector: Floats, season: int) -> None:
    """Replace unknown ratios by the nearest known ones, the same place of the season first."""
    known = ~np.isnan(vector)
    span = len(vector)
    for h in range(span):
        if known[h]:
            continue
        best, cost = -1, span * 100
        for other in range(span):
            apart = abs(other - h)
            price = apart if apart % season == 0 else apart + 3 * season
            if known[other] and price < cost:
                best, cost = other, price
        vector[h] = vector[best]


def _origins(panel: Panel, horizon: int) -> tuple[npt.NDArray[np.int64], int]:
    """Past origins, ascending, and how many periods after each of them are looked at.

    Few series have more origins, and where that is not enough shorter windows: a spread of their
    own over weeks says more than a generic one over months.
    """
    least = min(28 if panel.freq is Freq.DAY else 13, panel.length // 2)
    span = min(horizon, panel.length - least)
    if least < 3 or span < 1:
        return np.zeros(0, np.int64), 0
    most = max(MOST_ORIGINS, -(-LEAST_VECTORS // max(panel.size, 1)))
    shortest = 7 if panel.freq is Freq.DAY else 2
    while True:
        room = panel.length - span - least
        count = min(most, 1 + room // max(1, span // 4))
        if count * panel.size >= LEAST_VECTORS or span <= shortest:
            break
        span = max(span // 2, shortest)
    step = min(span, room // max(count - 1, 1)) if count > 1 else 0
    latest = panel.length - span
    return np.array([latest - step * k for k in range(count)][::-1], np.int64), span


def _generic(horizon: int) -> Residuals:
    """The spread of an exponential distribution, for panels without history."""
    ranks = (np.arange(200) + 0.5) / 200
    ratios = np.repeat(-np.log1p(-ranks)[:, None], horizon, axis=1)
    return Residuals(
        ratios=(ratios / ratios.mean()).astype(np.float32),
        starts=np.array([0, 200], np.int32),
        segment_starts=np.array([[0, 200]], np.int32),
        level_edges=np.zeros(0),
        chance_edges=np.zeros((1, 0)),
        correction=np.ones(1),
    )


def pool_residuals(
    vectors: Floats,
    sold: Doubles,
    told: Doubles,
    level: Doubles,
    chance: Doubles,
    origin: npt.NDArray[np.int64],
) -> Residuals:
    """Pools of ratio vectors (R x H) by level and chance of a sale; `origin` orders a pool."""
    bins = int(np.clip(len(level) // (LEAST_PER_BUCKET * CHANCE_BINS), 1, LEVEL_BINS))
    level_edges = np.quantile(level, np.arange(1, bins) / bins)
    chance_bins = CHANCE_BINS if len(level) >= LEAST_PER_BUCKET * CHANCE_BINS else 1
    level_bin = np.searchsorted(level_edges, level, side="right")
    parts = np.arange(1, chance_bins) / chance_bins
    chance_edges = np.stack(
        [
            np.quantile(chance[level_bin == b], parts)
            if (level_bin == b).any()
            else np.full(chance_bins - 1, 0.5)
            for b in range(bins)
        ]
    )
    bucket = _buckets(level, chance, level_edges, chance_edges)
    rows, normal, correction = [], [], np.ones(bins * chance_bins)
    overall = sold.sum() / told.sum() if sold.sum() > 0 else 1.0
    for b in range(bins * chance_bins):
        inside = np.flatnonzero(bucket == b)
        if len(inside) < 2:  # ties in the edges can leave a bucket empty: it takes everybody
            inside = np.arange(len(bucket))
        bias = sold[inside].sum() / told[inside].sum()
        correction[b] = np.clip(bias / overall, 0.5, 1.5)
        kept = inside[np.linspace(0, len(inside) - 1, min(PER_BUCKET, len(inside))).astype(int)]
        kept = kept[np.argsort(origin[kept], kind="stable")]
        rows.append(kept)
        normal.append(_mean_one(vectors[kept]))
    starts = np.cumsum([0] + [len(r) for r in rows]).astype(np.int32)
    count = int(origin.max()) + 1
    segments = np.stack(
        [
            starts[b] + np.searchsorted(origin[kept], np.arange(count + 1))
            for b, kept in enumerate(rows)
        ]
    )
    return Residuals(
        ratios=np.concatenate(normal).astype(np.float32),
        starts=starts,
        segment_starts=segments.astype(np.int32),
        level_edges=level_edges,
        chance_edges=chance_edges,
        correction=correction,
    )


def _mean_one(vectors: Floats) -> Floats:
    """Ratios of one bucket with mean 1, each period's mean drawn to 1 by its evidence.

    A bucket that sold nothing keeps a generic spread.
    """
    mean = vectors.mean(dtype=np.float64)
    if mean <= 1e-9:
        ranks = (np.arange(len(vectors)) + 0.5) / len(vectors)
        spread = -np.log1p(-ranks)
        column = (spread / spread.mean()).astype(np.float32)[:, None]
        return np.repeat(column, vectors.shape[1], axis=1)
    plain = vectors / mean
    count = len(vectors)
    each = (count * plain.mean(axis=0) + LEAST_PER_BUCKET) / (count + LEAST_PER_BUCKET)
    plain /= each
    return np.asarray(plain / plain.mean(), np.float32)


def _buckets(level: Doubles, chance: Doubles, edges: Doubles, chance_edges: Doubles) -> Ints:
    level_bin = np.searchsorted(edges, level, side="right")
    width = chance_edges.shape[1] + 1
    chance_bin = (chance[:, None] >= chance_edges[level_bin]).sum(axis=1)
    return np.asarray(level_bin * width + chance_bin, np.int32)

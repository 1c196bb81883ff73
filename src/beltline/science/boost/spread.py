"""The spread of forecasts: what past windows showed, and distributions between quantiles.

Quantile averaging (trees and past windows, half each) was better than either alone on every
origin tried. Between the nine levels a distribution is a line over normal scores.
"""

import msgspec
import numpy as np
from scipy.special import ndtri

from beltline.science.boost.trees import LEVELS
from beltline.science.keys import Doubles, Floats, Ints, Keys, compiled, mixed, uniform
from beltline.science.residuals import Residuals, fill_nearest

SCORES = np.asarray(ndtri(np.array(LEVELS)), np.float64)
FORECAST_BINS, VARIATION_BINS = 24, 4
LEAST_CELLS = 50
LEAST_FORECAST = 0.02


class PastRatios(msgspec.Struct, frozen=True, eq=False):
    """Quantiles of sales over forecast by size of the forecast and recent variation.

    `edges` cut forecasts into bins, `variation_edges` each bin by variation; `ratios` is
    bin x variation x 9.
    """

    edges: Doubles
    variation_edges: Doubles
    ratios: Floats


def variation(y: Floats, origin: int, periods: int = 56) -> Floats:
    """Coefficient of variation over the periods up to `origin`, unknown ones as zero."""
    latest = np.nan_to_num(y[:, max(0, origin + 1 - periods) : origin + 1])
    spread = np.sqrt(latest.var(axis=1) + 0.01)
    return np.asarray(spread / (latest.mean(axis=1) + 0.05), np.float32)


def fit_past_ratios(actual: Floats, told: Floats, varied: Floats) -> PastRatios:
    """Ratios of past windows: all arrays windows x N x H (`varied`: windows x N)."""
    known = np.isfinite(actual) & (told > 0)
    guess = told[known].astype(np.float64)
    sold = actual[known].astype(np.float64)
    spread = np.broadcast_to(varied[:, :, None], told.shape)[known]
    bins = int(np.clip(len(guess) // (20 * LEAST_CELLS), 1, FORECAST_BINS))
    edges = np.quantile(guess, np.linspace(0, 1, bins + 1)[1:-1]) if bins > 1 else np.zeros(0)
    place = np.searchsorted(edges, guess)
    ratio = sold / np.maximum(guess, LEAST_FORECAST)
    cuts = np.linspace(0, 1, VARIATION_BINS + 1)[1:-1]
    inner, table = [], []
    for b in range(bins):
        inside = place == b
        if not inside.any():
            inside = np.ones_like(inside)
        own = np.quantile(spread[inside], cuts)
        column = np.searchsorted(own, spread[inside])
        inner.append(own)
        for c in range(VARIATION_BINS):
            some = ratio[inside][column == c]
            table.append(np.quantile(some if len(some) > LEAST_CELLS else ratio[inside], LEVELS))
    shape = (bins, VARIATION_BINS, len(LEVELS))
    return PastRatios(
        edges=edges,
        variation_edges=np.stack(inner),
        ratios=np.stack(table).reshape(shape).astype(np.float32),
    )


def past_quantiles(past: PastRatios, mean: Floats, varied: Floats) -> Floats:
    """Quantiles N x 9 x H around a mean N x H of series with a variation (N)."""
    place = np.searchsorted(past.edges, mean.astype(np.float64))
    column = (varied[:, None, None] > past.variation_edges[place]).sum(axis=2)
    scale = np.maximum(mean, LEAST_FORECAST)
    ratios = past.ratios[place, column]
    return np.asarray((ratios * scale[:, :, None]).transpose(0, 2, 1), np.float32)


def symmetric_quantiles(
    actual: list[Doubles], told: list[Doubles], mean: list[Doubles]
) -> list[Floats]:
    """Quantiles G x 9 x H of sums at several levels, from windows x G x H of each.

    Log ratios over the spread of their level are pooled and made symmetric: a bias of the past
    windows says nothing about the next one.
    """
    logs = [np.log((a + 1.0) / (t + 1.0)) for a, t in zip(actual, told, strict=True)]
    spread = [max(float(np.sqrt((x**2).mean())), 1e-3) for x in logs]
    pooled = np.concatenate([(x / s).ravel() for x, s in zip(logs, spread, strict=True)])
    scores = np.quantile(pooled, LEVELS)
    scores = (scores - scores[::-1]) / 2.0
    return [
        (m[:, None, :] * np.exp(s * scores)[None, :, None]).astype(np.float32)
        for m, s in zip(mean, spread, strict=True)
    ]


def mixed_quantiles(one: Floats, other: Floats) -> Floats:
    """The mean of two sets of quantiles, rising along axis 1 and never negative."""
    return np.asarray(np.sort(np.maximum((one + other) / 2.0, 0.0), axis=1), np.float32)


def recentered(quantiles: Floats, center: Floats) -> Floats:
    """Quantiles G x 9 x H moved half way (on the log scale) to medians G x H."""
    own = np.maximum(quantiles[:, LEVELS.index(0.5)], 1e-6)
    factor = np.sqrt(np.clip(np.maximum(center, 1e-6) / own, 0.2, 5.0))
    return np.asarray(quantiles * factor[:, None, :], np.float32)


def at_levels(knots: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantiles N x Q x H at any levels, from the nine of `LEVELS`."""
    if levels == LEVELS:
        return knots
    asked = np.asarray(ndtri(np.clip(levels, 1e-6, 1 - 1e-6)), np.float64)
    left = np.clip(np.searchsorted(SCORES, asked) - 1, 0, len(SCORES) - 2)
    share = ((asked - SCORES[left]) / (SCORES[left + 1] - SCORES[left])).astype(np.float32)
    low, high = knots[:, left], knots[:, left + 1]
    values = low + (high - low) * share[None, :, None]
    return np.asarray(np.maximum(values, 0.0), np.float32)


def rank_scores(pool: Residuals) -> Floats:
    """Past ratio vectors as normal scores of their ranks, within bucket and step ahead.

    Ties are broken by the order of the rows, turned by a step that differs for each column, so
    that many zeros do not make one step ahead follow another.
    """
    out = np.empty_like(pool.ratios)
    for low, high in zip(pool.starts[:-1], pool.starts[1:], strict=True):
        count = int(high - low)
        for h in range(out.shape[1]):
            column = pool.ratios[low:high, h]
            tie = np.random.default_rng(h).permutation(count)
            rank = np.empty(count)
            rank[np.lexsort((tie, column))] = np.arange(count)
            out[low:high, h] = ndtri((rank + 0.5) / count)
    return out


@compiled
def draw_ranked(
    knots: Floats,
    scores: Doubles,
    bucket: Ints,
    keys: Keys,
    ranks: Floats,
    starts: Ints,
    segment_starts: Ints,
    paths: int,
    seed: np.uint64,
    whole: bool,
) -> Floats:
    """N x S x H paths: ranks of a past vector read off each series' own quantiles.

    Path s of every series comes from the same past window, as in `residuals.draw_paths`, and
    whole units are rounded at random in the same way.
    """
    n, levels, horizon = knots.shape
    out = np.empty((n, paths, horizon), np.float32)
    last = segment_starts.shape[1] - 1
    for s in range(paths):
        shared = mixed(seed ^ mixed(np.uint64(s)))
        share = (s + uniform(shared)) / paths
        for i in range(n):
            b = bucket[i]
            spot = starts[b] + int(share * (starts[b + 1] - starts[b]))
            segment = 0
            while segment < last - 1 and segment_starts[b, segment + 1] <= spot:
                segment += 1
            low, high = segment_starts[b, segment], segment_starts[b, segment + 1]
            state = mixed(keys[i] ^ shared)
            row = low + int(uniform(state) * (high - low))
            for h in range(horizon):
                z = ranks[row, h]
                k = 0
                while k < levels - 2 and scores[k + 1] < z:
                    k += 1
                step = (knots[i, k + 1, h] - knots[i, k, h]) / (scores[k + 1] - scores[k])
                value = max(0.0, knots[i, k, h] + step * (z - scores[k]))
                if whole:
                    state = mixed(state)
                    value = np.floor(value + uniform(state))
                out[i, s, h] = value
    return out


@compiled
def window_vectors(
    y: Floats, told: Floats, origins: Ints, season: int
) -> tuple[Floats, Doubles, Doubles]:
    """Ratios of sales to forecasts N x K x H, with units sold and told in known periods.

    `told` is K x N x H; origin k is the last known period. A period that is unknown takes the
    ratio of the nearest known one; `told` of a vector less than half known is zero: do not use.
    """
    windows, n, horizon = told.shape
    ratios = np.zeros((n, windows, horizon), np.float32)
    sold, guess = np.zeros((n, windows)), np.zeros((n, windows))
    for i in range(n):
        for k in range(windows):
            known = 0
            for h in range(horizon):
                value = y[i, origins[k] + 1 + h]
                if np.isnan(value):
                    ratios[i, k, h] = np.nan
                    continue
                known += 1
                guess[i, k] += told[k, i, h]
                sold[i, k] += value
                ratios[i, k, h] = value / max(told[k, i, h], 1e-6)
            if 2 * known < horizon:
                guess[i, k] = 0.0
                ratios[i, k, :] = 0.0
            elif known < horizon:
                fill_nearest(ratios[i, k], season)
    return ratios, sold, guess

"""How far demand strays from its mean, and sample paths that stray as far.

Demand of a period is Poisson around its mean times a gamma factor, whose variance was measured on
past forecasts by level of demand. Part of the factor is shared by all periods of a path: a series
that sells more than was thought next week does so in the week after too.
"""

import msgspec
import numpy as np
from scipy import special

from beltline.science.keys import Doubles, Floats, Ints, Keys, compiled, mixed, uniform

BINS = 8
LEAST_PER_BIN = 150
RANKS = 512
FEWEST, MOST = 0.05, 3.0
DEFAULT_VARIANCE, DEFAULT_SHARED = 0.5, 0.5
LARGE = 60.0
"""Mean above which Poisson draws are normal ones, rounded."""


class Spread(msgspec.Struct, frozen=True, eq=False):
    """Variance of the gamma factor for each bin of the mean, and the part of it that is shared."""

    edges: Doubles
    variance: Doubles
    shared: float


GENERIC = Spread(np.zeros(0), np.array([DEFAULT_VARIANCE]), DEFAULT_SHARED)


def fit_spread(told: Doubles, sold: Doubles) -> Spread:
    """From past means and what was sold then (R x H each, NaN: unknown), by moments.

    Bins with little evidence lean on all of them together.
    """
    seen = np.isfinite(sold)
    mean = np.where(seen, told, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    good = mean > 1e-3
    if good.sum() < LEAST_PER_BIN:
        return GENERIC
    told, sold, mean = told[good], sold[good], mean[good]
    count = int(np.clip(good.sum() // LEAST_PER_BIN, 1, BINS))
    edges = np.quantile(mean, np.arange(1, count) / count)
    place = np.searchsorted(edges, mean, side="right")
    extra = np.where(np.isfinite(sold), (sold - told) ** 2 - told, 0.0).sum(axis=1)
    scale = np.where(np.isfinite(sold), told**2, 0.0).sum(axis=1)
    # A relative variance per row: sums would let a few large series speak for their whole bin.
    ratio = np.clip(extra / np.maximum(scale, 1e-9), -1.0, 25.0)
    whole = np.average(ratio, weights=np.minimum(scale, np.quantile(scale, 0.9)))
    variance = np.empty(count)
    for b in range(count):
        inside = place == b
        weight = np.minimum(scale[inside], np.quantile(scale[inside], 0.9))
        own = np.average(ratio[inside], weights=weight) if weight.sum() > 0 else whole
        trust = inside.sum() / (inside.sum() + LEAST_PER_BIN)
        variance[b] = trust * own + (1.0 - trust) * whole
    variance = np.clip(variance, FEWEST, MOST)
    return Spread(edges, variance, _shared(told, sold, variance[place]))


def _shared(told: Doubles, sold: Doubles, variance: Doubles) -> float:
    """Part of the factor's variance that two neighboring periods have in common."""
    if told.shape[1] < 2:
        return DEFAULT_SHARED
    off = np.where(np.isfinite(sold), (sold - told) / np.maximum(told, 0.05), 0.0)
    both = np.isfinite(sold[:, 1:]) & np.isfinite(sold[:, :-1])
    common = np.clip(off[:, 1:] * off[:, :-1], -10.0, 10.0)
    weight = np.minimum(told[:, 1:], 5.0) * both
    total = (weight * variance[:, None]).sum()
    return float(np.clip((weight * common).sum() / max(total, 1e-9), 0.1, 0.9))


def sample_paths(mean: Floats, spread: Spread, keys: Keys, *, paths: int, seed: int) -> Floats:
    """N x S x H paths of whole units; a series gets the same ones in any company.

    The shared factor is stratified over the paths, so that few paths already tell the quantiles.
    """
    place = np.searchsorted(spread.edges, mean.mean(axis=1), side="right").astype(np.int32)
    ranks = (np.arange(RANKS) + 0.5) / RANKS
    common = _gamma_table(spread.variance * spread.shared, ranks)
    single = _gamma_table(spread.variance * (1.0 - spread.shared), ranks)
    return _draw(mean, place, keys, common, single, paths, np.uint64(seed))


def _gamma_table(variance: Doubles, ranks: Doubles) -> Doubles:
    """Quantiles of gamma factors with mean 1: bin x rank."""
    shape = 1.0 / np.maximum(variance, 1e-6)
    table = special.gammaincinv(shape[:, None], ranks[None, :]) / shape[:, None]
    return np.asarray(table / table.mean(axis=1, keepdims=True), np.float64)


@compiled
def _draw(
    mean: Floats, place: Ints, keys: Keys, common: Doubles, single: Doubles, paths: int,
    seed: np.uint64,
) -> Floats:  # fmt: skip
    n, horizon = mean.shape
    ranks = common.shape[1]
    out = np.empty((n, paths, horizon), np.float32)
    for i in range(n):
        start = mixed(keys[i] ^ mixed(seed))
        turn = uniform(start)
        for s in range(paths):
            # Golden-ratio steps visit every stratum once, in an order that means nothing.
            rank = (turn + s * 0.6180339887498949) % 1.0
            state = mixed(start ^ np.uint64(s + 1))
            factor = common[place[i], int(rank * ranks)]
            for h in range(horizon):
                state = mixed(state)
                own = single[place[i], int(uniform(state) * ranks)]
                state = mixed(state)
                out[i, s, h] = _poisson(mean[i, h] * factor * own, uniform(state))
    return out


@compiled
def _poisson(rate: float, ticket: float) -> float:
    """The Poisson quantile at `ticket`; above `LARGE` that of the normal (logistic) one."""
    if rate > LARGE:
        safe = min(max(ticket, 1e-9), 1.0 - 1e-9)
        normal = np.log(safe / (1.0 - safe)) * 0.5513288954217921  # sqrt(3) / pi: variance one
        return float(max(0.0, np.floor(rate + np.sqrt(rate) * normal + 0.5)))
    mass = np.exp(-rate)
    below, count = mass, 0.0
    while ticket > below and count < 400.0:
        count += 1.0
        mass *= rate / count
        below += mass
    return count

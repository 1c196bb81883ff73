"""Trees for the mean of the next periods: pooled rows, the level as offset, Tweedie and Poisson."""

from typing import Any

import lightgbm
import msgspec
import numpy as np

from beltline.science.keys import Floats
from beltline.science.panel import Freq, Panel
from beltline.science.reorder.features import features
from beltline.science.reorder.past import Past, look_back

MOST_ROWS = 260_000
LEAST_ROWS = 3_000
LEAST_KNOWN = {Freq.DAY: 14, Freq.WEEK: 4}
WARM_UP = {Freq.DAY: 120, Freq.WEEK: 30}
MOST_YEARS = 4
ROUNDS = 120
OBJECTIVES: tuple[dict[str, Any], ...] = (
    {"objective": "tweedie", "tweedie_variance_power": 1.2},
    {"objective": "poisson"},
)
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.06, "num_leaves": 15, "min_data_in_leaf": 200, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 63, "cat_smooth": 50,
    "boost_from_average": False, "verbosity": -1, "num_threads": 1, "deterministic": True,
}  # fmt: skip
LARGEST_RATIO = 20.0
"""No mean is forecast above this multiple of the level."""


class Learned(msgspec.Struct, frozen=True, eq=False):
    """Trees of one cut-off; they answer any later cut-off of the same series."""

    horizon: int
    members: tuple[Any, ...]


def fit_means(panel: Panel, *, horizon: int, seed: int) -> Learned | None:
    """Learn from all series and origins (evenly thinned to `MOST_ROWS`); None where too few.

    Rows are sorted by id and origin, so the order of the panel's series changes nothing.
    """
    order = panel.unique_ids.arg_sort().to_numpy().astype(np.intp)
    past = look_back(panel.take(order), horizon)
    rows, sold, offset = _rows(past, horizon)
    if len(rows) < LEAST_ROWS:
        return None
    categories = list(range(rows.shape[1] - len(past.codes), rows.shape[1]))
    data = lightgbm.Dataset(
        rows, sold, init_score=offset, categorical_feature=categories,
        params={"max_bin": SETTINGS["max_bin"], "verbosity": -1, "feature_pre_filter": False},
    )  # fmt: skip
    members = []
    for k, objective in enumerate(OBJECTIVES):
        settings = {**SETTINGS, **objective, "seed": (seed * len(OBJECTIVES) + k) % 2**31}
        members.append(lightgbm.train(settings, data, ROUNDS))
    return Learned(horizon=horizon, members=tuple(members))


def tell_means(learned: Learned, past: Past) -> Floats:
    """Mean demand of the periods after the past's end: N x H."""
    origin = past.length
    level = past.levels[:, origin]
    told = []
    for step in range(learned.horizon):
        rows = features(past, origin, step)
        scores = np.mean([m.predict(rows, raw_score=True) for m in learned.members], axis=0)
        told.append(level * np.exp(np.minimum(scores, np.log(LARGEST_RATIO))))
    return np.stack(told, axis=1).astype(np.float32)


def _rows(past: Past, horizon: int) -> tuple[Floats, Floats, Floats]:
    """Features, units sold and log levels of every known (series, origin, step)."""
    year = 52 if past.freq is Freq.WEEK else 364
    first = max(min(WARM_UP[past.freq], past.length // 2), past.length - MOST_YEARS * year)
    pairs = [
        (o, h) for o in range(first, past.length) for h in range(horizon) if o + h < past.length
    ]
    stride = max(1, -(-len(pairs) * len(past.levels) // MOST_ROWS))
    parts: list[tuple[Floats, Floats, Floats]] = []
    # A stride that shares a factor with the horizon would see some steps only.
    while stride > 1 and np.gcd(stride, horizon) > 1:
        stride += 1
    for origin, step in pairs[::stride]:
        target = past.demand[:, origin + step]
        good = np.isfinite(target) & (past.own.known[:, origin] >= LEAST_KNOWN[past.freq])
        rows = features(past, origin, step)[good]
        offset = np.log(past.levels[good, origin]).astype(np.float32)
        parts.append((rows, target[good].astype(np.float32), offset))
    if not parts:
        empty = np.zeros(0, np.float32)
        return np.zeros((0, 1), np.float32), empty, empty
    x, y, offsets = (np.concatenate(column) for column in zip(*parts, strict=True))
    return x, y, offsets

"""The learners: Tweedie members of the mean and quantile trees, over sampled rows."""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from beltline.science.boost.layout import Layout
from beltline.science.boost.recipe import STEPS, Member
from beltline.science.boost.view import View, features, grid, offset_of
from beltline.science.keys import Doubles, Floats, Ints

LEVELS = (0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995)
"""Quantile levels of the trees; others are read between them."""
CHUNK_ROWS = 600_000
WARM_PERIODS = 6
FRESH = 0.03
# A data set is built in about half the time when its bins are chosen from 50,000 rows.
COMMON: dict[str, Any] = {
    "verbose": -1,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "cat_smooth": 50,
    "deterministic": True,
    "force_col_wise": True,
    "bin_construct_sample_cnt": 50_000,
}
MEAN = COMMON | {
    "objective": "tweedie",
    "tweedie_variance_power": 1.1,
    "learning_rate": 0.08,
    "num_leaves": 63,
    "max_bin": 127,
    "boost_from_average": False,
}
QUANTILE = COMMON | {
    "objective": "quantile",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "feature_fraction": 0.4,
    "max_bin": 63,
}


class Rows(msgspec.Struct, frozen=True, eq=False):
    """Sampled training rows and their features."""

    series: Ints
    target: Ints
    features: Floats


def sample_rows(
    view: View,
    layout: Layout,
    *,
    horizon: int,
    rows: int,
    span: int,
    end: int,
    seed: int,
    fresh: float = FRESH,
) -> Rows:
    """Random (series, target, steps ahead) with known targets in the `span` periods up to `end`.

    Origins before year-ago values and running means have warmed up are left out. A share
    `fresh` of the rows sees only the latest zero to four weeks of its series, as if that were
    new: they teach what is known of an article by its attributes and its price. Of the other
    rows, those whose series was seen for less than a week are left out.
    """
    warm = min(STEPS[layout.freq].warm_up, end // 4)
    draw = np.random.default_rng(seed)
    low = max(end - span + 1, warm + 1)
    count = min(rows, 2 * view.size * (end + 1 - low))
    series = draw.integers(0, view.size, count).astype(np.int32)
    target = draw.integers(low, end + 1, count).astype(np.int32)
    ahead = draw.integers(1, horizon + 1, count).astype(np.int32)
    origin = target - ahead
    new = draw.random(count) < fresh
    shown = draw.integers(0, STEPS[layout.freq].windows[2] + 1, count)
    begin = np.where(new, np.maximum(origin + 1 - shown, 0), 0).astype(np.int32)
    kept = (origin >= warm) & (new | (view.first[series] <= origin - WARM_PERIODS))
    kept &= ~np.isnan(view.demand[series, target])
    series, target, ahead, begin = series[kept], target[kept], ahead[kept], begin[kept]
    rows_seen = features(view, series, target - ahead, ahead, begin)
    return Rows(series=series, target=target, features=rows_seen)


def fit_member(view: View, layout: Layout, member: Member, rows: Rows, seed: int) -> str:
    """One model of the mean, as text; raw predictions plus the offset are log means."""
    parameters = MEAN | {
        "feature_fraction": member.feature_share,
        "min_data_in_leaf": _leaf(len(rows.series), 800, 1000),
        "seed": seed,
    }
    lgb = _lightgbm()
    data = lgb.Dataset(
        rows.features,
        view.demand[rows.series, rows.target],
        init_score=offset_of(rows.features),
        categorical_feature=layout.categorical,
        params=parameters,
    )
    return str(lgb.train(parameters, data, member.trees).model_to_string())


def fit_quantiles(
    view: View, layout: Layout, rows: Rows, weight: Floats, *, trees: int, seed: int
) -> tuple[str, ...]:
    """One model for each of `LEVELS` of the ratio of sales to level times day effect.

    `weight` (per row) turns the pinball loss of ratios into the one that matters.
    """
    shared = QUANTILE | {"min_data_in_leaf": _leaf(len(rows.series), 1300, 300), "seed": seed}
    ratio = view.demand[rows.series, rows.target] / np.exp(offset_of(rows.features))
    lgb = _lightgbm()
    data = lgb.Dataset(
        rows.features, ratio, weight=weight, categorical_feature=layout.categorical,
        params=shared | {"alpha": LEVELS[0]}, free_raw_data=False,
    ).construct()  # fmt: skip
    return tuple(
        str(lgb.train(shared | {"alpha": level}, data, trees).model_to_string()) for level in LEVELS
    )


def fit_ratios(
    view: View, layout: Layout, rows: Rows, weight: Floats, *, trees: int, seed: int
) -> str:
    """A model of the mean ratio of sales to level times day effect, by squared error.

    For sums: they are large enough that no count distribution is needed.
    """
    parameters = QUANTILE | {
        "objective": "regression",
        "min_data_in_leaf": _leaf(len(rows.series), 1300, 300),
        "seed": seed,
    }
    ratio = view.demand[rows.series, rows.target] / np.exp(offset_of(rows.features))
    lgb = _lightgbm()
    data = lgb.Dataset(
        rows.features, ratio, weight=weight, categorical_feature=layout.categorical,
        params=parameters,
    )  # fmt: skip
    return str(lgb.train(parameters, data, trees).model_to_string())


def predict_ratios(models: list[str], view: View, *, origin: int, horizon: int) -> list[Floats]:
    """Means of every series over the horizon by `fit_ratios`, N x H for each model."""
    answers = [np.empty((view.size, horizon), np.float32) for _ in models]
    boosters = [_lightgbm().Booster(model_str=model) for model in models]
    for part, rows in _chunks(view, origin, horizon):
        scale = np.exp(offset_of(rows))
        for booster, answer in zip(boosters, answers, strict=True):
            told = np.maximum(_plain(booster.predict(rows)), 0.0) * scale
            answer[part] = told.reshape(-1, horizon)
    return answers


def predict_means(
    models: list[str], view: View, *, origin: int, horizon: int
) -> list[Floats]:  # fmt: skip
    """Means of every series over the horizon, N x H for each model."""
    answers = [np.empty((view.size, horizon), np.float32) for _ in models]
    boosters = [_lightgbm().Booster(model_str=model) for model in models]
    for part, rows in _chunks(view, origin, horizon):
        offset = offset_of(rows)
        for booster, answer in zip(boosters, answers, strict=True):
            raw = _plain(booster.predict(rows, raw_score=True)) + offset
            answer[part] = np.exp(raw).reshape(-1, horizon)
    return answers


def predict_quantiles(
    models: list[tuple[str, ...]], view: View, *, origin: int, horizon: int
) -> Floats:
    """Quantiles at `LEVELS`, N x 9 x H, averaged over the sets of models, rising along axis 1."""
    answer = np.zeros((view.size, len(LEVELS), horizon), np.float32)
    sets = [[_lightgbm().Booster(model_str=model) for model in some] for some in models]
    for part, rows in _chunks(view, origin, horizon):
        scale = np.exp(offset_of(rows)).reshape(-1, horizon)
        for boosters in sets:
            ratios = [_plain(b.predict(rows)).reshape(-1, horizon) for b in boosters]
            ordered = np.sort(np.maximum(np.stack(ratios, axis=1), 0.0), axis=1)
            answer[part] += (ordered * scale[:, None, :] / len(sets)).astype(np.float32)
    return answer


def averaged(parts: Sequence[Floats]) -> Floats:
    """The plain mean of several forecasts of the same shape."""
    return np.asarray(np.mean(parts, axis=0, dtype=np.float64), np.float32)


def _lightgbm() -> ModuleType:
    """The library, loaded where trees are used: it takes a second and brings pandas with it."""
    import lightgbm  # noqa: PLC0415

    return lightgbm


def _chunks(view: View, origin: int, horizon: int) -> Iterator[tuple[slice, Floats]]:
    series, origins, ahead = grid(view, origin, horizon)
    size = max(1, CHUNK_ROWS // horizon) * horizon
    for low in range(0, len(series), size):
        rows = slice(low, low + size)
        part = slice(low // horizon, min(low + size, len(series)) // horizon)
        yield part, features(view, series[rows], origins[rows], ahead[rows])


def _plain(predicted: Any) -> Doubles:
    return np.asarray(predicted, np.float64)


def _leaf(rows: int, share: int, most: int) -> int:
    return int(np.clip(rows // share, 20, most))

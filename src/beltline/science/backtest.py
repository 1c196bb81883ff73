"""Accuracy by rolling origins, beside the seasonal naive forecast in the same run.

At each origin the engine is fitted and asked with `panel.until(origin)`: a panel that has no
later cells. Out-of-stock periods are left out of the comparison: what would have been sold is
unknown.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from beltline.science.aggregate import sum_paths
from beltline.science.forecast import QUANTILES, Effort, Forecast, fit, forecast
from beltline.science.groups import Group, group_of, sum_rows
from beltline.science.keys import Bools, Doubles, Floats
from beltline.science.panel import Freq, Panel

AGGREGATE_PATHS = 200


def backtest(
    panel: Panel,
    *,
    horizon: int,
    origins: int = 3,
    step: int | None = None,
    seed: int = 0,
    effort: Effort = Effort.FAST,
    levels: Sequence[Sequence[str]] = ((),),
) -> pl.DataFrame:
    """Metrics of the last `origins` windows: one row per origin, level, segment and method.

    Columns `cut_off, level, segment, method, series, wape, bias, rmsse, pinball, coverage_95`.
    Level `item` is cut into segments (`ALL`, `A`/`B`/`C` by share of units, `SMOOTH`,
    `INTERMITTENT`, `NEW`); each of `levels` (attributes; `()` is the total) is scored on sums.
    `bias` and `wape` are shares of actual units; `rmsse` and the scaled pinball divide by the
    one-step naive errors of each series' history and are plain means over series. Method is
    `model` or `snaive` (last season's values; no distribution, so no pinball or coverage).
    """
    gap = horizon if step is None else step
    rows: list[dict[str, object]] = []
    for k in reversed(range(origins)):
        at = panel.length - horizon - k * gap
        if at < 2 * panel.freq.days:
            continue
        known = panel.until(panel.date_of(at - 1))
        model = fit(known, horizon=horizon, seed=seed, effort=effort)
        told = forecast(model, known)
        actual = panel.demand()[:, at : at + horizon]
        naive = seasonal_naive(known, horizon)
        for segment, inside in _segments(known).items():
            head = {"cut_off": known.cut_off, "level": "item", "segment": segment}
            rows += _score(head, known.demand()[inside], actual[inside], naive[inside],
                           told.mean[inside], told.quantiles[inside])  # fmt: skip
        groups = [group_of(known, columns) for columns in levels]
        paths = sum_paths(model, known, groups, paths=AGGREGATE_PATHS, mean=told.mean)
        for group, drawn in zip(groups, paths, strict=True):
            head = {"cut_off": known.cut_off, "level": group.level, "segment": "ALL"}
            rows += _score_sums(head, group, known, actual, naive, told, drawn)
    return pl.DataFrame(rows)


def seasonal_naive(panel: Panel, horizon: int) -> Floats:
    """Last season's sales repeated (a week of days, a year of weeks; else the last value)."""
    season = panel.freq.season if panel.length >= panel.freq.season else 1
    latest = np.nan_to_num(panel.demand()[:, -season:])
    return np.asarray(latest[:, np.arange(horizon) % season], np.float32)


def _score(
    head: dict[str, object], history: Floats, actual: Floats, naive: Floats, mean: Floats,
    quantiles: Floats,
) -> list[dict[str, object]]:  # fmt: skip
    if len(actual) == 0:
        return []
    one_step = np.diff(history.astype(np.float64), axis=1)
    with np.errstate(invalid="ignore"):
        scale = np.nan_to_num(np.nanmean(np.where(np.isnan(one_step), 0, np.abs(one_step)), axis=1))
        square = np.nan_to_num(np.nanmean(np.where(np.isnan(one_step), 0, one_step**2), axis=1))
    ours = {**head, "method": "model", "series": len(actual), **_errors(actual, mean, square)}
    ours["pinball"] = _pinball(actual, quantiles, scale)
    ours["coverage_95"] = _coverage(actual, quantiles)
    base = {**head, "method": "snaive", "series": len(actual), **_errors(actual, naive, square)}
    return [ours, base | {"pinball": None, "coverage_95": None}]


def _score_sums(
    head: dict[str, object], group: Group, known: Panel, actual: Floats, naive: Floats,
    told: Forecast, drawn: Floats,
) -> list[dict[str, object]]:  # fmt: skip
    """Scores of sums. Unknown cells count as their forecast on both sides: neither helps."""
    hidden = np.isnan(actual)
    filled = np.where(hidden, told.mean, actual)
    quantiles = np.quantile(drawn, QUANTILES, axis=1).transpose(1, 0, 2)
    return _score(
        head,
        sum_rows(known.y, group).astype(np.float32),
        sum_rows(filled, group).astype(np.float32),
        sum_rows(np.where(hidden, told.mean, naive), group).astype(np.float32),
        sum_rows(told.mean, group).astype(np.float32),
        quantiles.astype(np.float32),
    )


def _errors(actual: Floats, guess: Floats, square: Doubles) -> dict[str, float]:
    seen = np.isfinite(actual)
    error = np.where(seen, guess - np.nan_to_num(actual), 0.0).astype(np.float64)
    units = max(float(np.nansum(actual, dtype=np.float64)), 1e-9)
    mean_square = (error**2).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    scaled = square > 0
    rmsse = np.sqrt(mean_square[scaled] / square[scaled])
    return {
        "wape": float(np.abs(error).sum() / units),
        "bias": float(error.sum() / units),
        "rmsse": float(rmsse.mean()) if scaled.any() else float("nan"),
    }


def _pinball(actual: Floats, quantiles: Floats, scale: Doubles) -> float:
    level = np.array(QUANTILES)[None, :, None]
    gap = actual[:, None, :] - quantiles
    loss = np.where(gap >= 0, level * gap, (level - 1) * gap).astype(np.float64)
    known = np.isfinite(actual)[:, None, :]
    each = np.where(known, loss, 0.0).sum(axis=(1, 2))
    each /= np.maximum(known.sum(axis=(1, 2)) * len(QUANTILES), 1)
    scaled = scale > 0
    return float((each[scaled] / scale[scaled]).mean()) if scaled.any() else float("nan")


def _coverage(actual: Floats, quantiles: Floats) -> float:
    low, high = quantiles[:, QUANTILES.index(0.025)], quantiles[:, QUANTILES.index(0.975)]
    seen = np.isfinite(actual)
    inside = (actual >= low - 1e-6) & (actual <= high + 1e-6)
    return float(inside[seen].mean()) if seen.any() else float("nan")


def _segments(known: Panel) -> dict[str, Bools]:
    demand = known.demand()
    recent = np.nansum(demand[:, -(13 * 7 // known.freq.days) :], axis=1)
    order = np.argsort(-recent, kind="stable")
    share = np.empty(len(recent))
    share[order] = np.cumsum(recent[order]) / max(recent.sum(), 1e-9)
    periods = np.isfinite(demand).sum(axis=1)
    selling = np.nan_to_num(demand > 0).sum(axis=1) / np.maximum(periods, 1)
    new = periods < (56 if known.freq is Freq.DAY else 13)
    every = np.ones(known.size, np.bool_)
    cut = {"A": share <= 0.8, "B": (share > 0.8) & (share <= 0.95), "C": share > 0.95}
    kind = {"SMOOTH": selling >= 0.5, "INTERMITTENT": selling < 0.5, "NEW": new}
    return {"ALL": every, **cut, **kind}

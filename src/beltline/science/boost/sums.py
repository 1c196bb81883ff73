"""Sums of series as series of their own: quantile trees and past windows for every level.

A level with many sums (an article over all stores) gets trees of its own; few large sums are
learned together (`pool`).
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

from beltline.science.boost.layout import lay_out
from beltline.science.boost.recipe import Recipe
from beltline.science.boost.spread import (
    fit_past_ratios,
    past_quantiles,
    symmetric_quantiles,
    variation,
)
from beltline.science.boost.trees import fit_quantiles, predict_quantiles, sample_rows
from beltline.science.boost.view import build_view, offset_of, prepare_prices
from beltline.science.effects import MOST_GROUPS, choose_groups, fit_effects, group_sums
from beltline.science.groups import Group, group_of, partition, sum_rows
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Panel, Static, encode

SUM_SPAN_DAYS = 365


class Weights(msgspec.Struct, frozen=True, eq=False):
    """Scale (mean absolute one-step change) and worth (latest revenue) of each series."""

    scale: Doubles
    worth: Doubles

    def of_rows(self, series: Ints, level: Floats) -> Floats:
        """Weight of sampled rows: pinball of ratios becomes scaled pinball, tempered by worth."""
        share = self.worth[series] / max(float(self.worth.mean()), 1e-9)
        heavy = np.minimum(level / self.scale[series], 5.0) * np.sqrt(share + 0.05)
        return np.asarray(heavy, np.float32)


class Windows(msgspec.Struct, frozen=True, eq=False):
    """Forecasts made at past origins: `told` is K x N x H, `actual` the same (NaN: unknown)."""

    origins: Ints
    told: Floats
    actual: Floats


def weights_of(panel: Panel, worth: Doubles | None = None) -> Weights:
    """Scale and worth of the series of a panel; `worth` is given where it cannot be read off it."""
    steps = np.abs(np.diff(np.nan_to_num(panel.y), axis=1))
    begun = np.cumsum(np.nan_to_num(panel.y[:, :-1]) > 0, axis=1) > 0
    scale = (steps * begun).sum(axis=1, dtype=np.float64) / np.maximum(begun.sum(axis=1), 1)
    known = revenue(panel) if worth is None else worth
    return Weights(scale=np.maximum(scale, 1e-2), worth=np.asarray(known, np.float64))


def revenue(panel: Panel) -> Doubles:
    """Sales of the latest four weeks at their prices (units where there are none)."""
    width = min(panel.length, 28 // panel.freq.days)
    latest = slice(panel.length - width, panel.length)
    units = np.nan_to_num(panel.y[:, latest]).astype(np.float64)
    if panel.price is not None:
        units *= np.nan_to_num(panel.price[:, latest])
    return np.asarray(units.sum(axis=1), np.float64)


def summed(values: Doubles, group: Group) -> Doubles:
    """Values of the series summed by group."""
    total = np.bincount(group.codes, weights=values, minlength=len(group.names))
    return np.asarray(total, np.float64)


def own_levels(panel: Panel) -> list[Group]:
    """The total and every attribute or pair of attributes with few values, each once."""
    names = sorted(panel.static)
    candidates: list[tuple[str, ...]] = [(), *((n,) for n in names)]
    candidates += [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    levels: list[Group] = []
    seen: set[bytes] = set()
    for columns in candidates:
        group = group_of(panel, columns)
        mark = partition(group)
        if len(group.names) <= MOST_GROUPS and mark not in seen:
            seen.add(mark)
            levels.append(group)
    return levels


def level_quantiles(
    panel: Panel, level: Group, *, horizon: int, recipe: Recipe, seed: int
) -> Floats:  # fmt: skip
    """Tree quantiles (G x 9 x H) of a level with many sums."""
    sums = sum_panel(panel, level)
    effects = fit_effects(sums, group_by=choose_groups(sums))
    layout = lay_out(sums, effects.group_by)
    view = build_view(sums, layout, effects, horizon, prepare_prices(sums, horizon))
    weights = weights_of(sums, summed(revenue(panel), level))
    sets = []
    for start in (seed + 31 * k for k in range(recipe.spread_seeds)):
        rows = sample_rows(
            view, layout, horizon=horizon, rows=recipe.sum_rows,
            span=SUM_SPAN_DAYS // panel.freq.days, end=panel.length - 1, seed=start, fresh=0.0,
        )  # fmt: skip
        weight = weights.of_rows(rows.series, np.exp(offset_of(rows.features)))
        sets.append(
            fit_quantiles(view, layout, rows, weight, trees=recipe.spread_trees, seed=start)
        )
    return predict_quantiles(sets, view, origin=panel.length - 1, horizon=horizon)


def past_sum_quantiles(
    panel: Panel, levels: Sequence[Group], windows: Windows, mean: Floats
) -> list[Floats]:
    """Quantiles (G x 9 x H) of each level from past windows, around the sums of `mean` (N x H)."""
    # a cell that is unknown counts on neither side
    told = np.where(np.isfinite(windows.actual), windows.told, 0.0).astype(np.float32)
    answers: list[Floats] = []
    few = [level for level in levels if len(level.names) <= MOST_GROUPS]
    sums = {
        id(level): (
            np.stack([sum_rows(a, level) for a in windows.actual]),
            np.stack([sum_rows(t, level) for t in told]),
            sum_rows(mean, level),
        )
        for level in levels
    }
    smooth = symmetric_quantiles(
        [sums[id(level)][0] for level in few],
        [sums[id(level)][1] for level in few],
        [sums[id(level)][2] for level in few],
    ) if few else []  # fmt: skip
    at = iter(smooth)
    for level in levels:
        if len(level.names) <= MOST_GROUPS:
            answers.append(next(at))
            continue
        actual, guess, ahead = (np.asarray(x, np.float32) for x in sums[id(level)])
        y = sum_rows(panel.y, level).astype(np.float32)
        varied = np.stack([variation(y, int(o)) for o in windows.origins])
        past = fit_past_ratios(actual, guess, varied)
        answers.append(past_quantiles(past, ahead, variation(y, panel.length - 1)))
    return answers


def sum_panel(panel: Panel, group: Group) -> Panel:
    """The sums of a level as a panel: summed sales, mean prices and drivers.

    An attribute stays where all series of a sum agree in it.
    """
    count = len(group.names)
    total, seen = group_sums(panel.y, np.ones((0, 0), np.bool_), group.codes, count)
    return msgspec.structs.replace(
        panel,
        unique_ids=pl.Series(group.names),
        y=np.where(seen > 0, total, np.nan).astype(np.float32),
        price=None if panel.price is None else _mean(panel.price, group),
        known={
            name: values if len(values) == 1 else _mean(values, group)
            for name, values in panel.known.items()
        },
        static={name: _shared(static, group) for name, static in panel.static.items()},
    )


def _shared(static: Static, group: Group) -> Static:
    low = np.full(len(group.names), np.iinfo(np.int32).max, np.int32)
    high = np.full(len(group.names), -1, np.int32)
    np.minimum.at(low, group.codes, static.codes)
    np.maximum.at(high, group.codes, static.codes)
    values = [static.names[a] if a == b else "" for a, b in zip(low, high, strict=True)]
    return encode(pl.Series(values, dtype=pl.String))


def _mean(values: Floats, group: Group) -> Floats:
    total, seen = group_sums(values, np.ones((0, 0), np.bool_), group.codes, len(group.names))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(seen > 0, total / seen, np.nan), np.float32)

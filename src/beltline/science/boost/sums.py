"""Sums of series as series of their own: quantile trees and past windows for every level.

Few large sums (stores, departments, the total) are learned together in one pool; a level with
many sums (an article over all stores) gets trees of its own.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

from beltline.science.boost.layout import lay_out
from beltline.science.boost.recipe import Recipe
from beltline.science.boost.spread import (
    fit_past_ratios,
    mixed_quantiles,
    past_quantiles,
    symmetric_quantiles,
    variation,
)
from beltline.science.boost.trees import averaged, fit_quantiles, predict_quantiles, sample_rows
from beltline.science.boost.view import build_view, offset_of, prepare_prices
from beltline.science.effects import MOST_GROUPS, choose_groups, fit_effects, group_sums
from beltline.science.groups import Group, group_of, sum_rows
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Panel, Static, encode

LEAST_SUMS = 12
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


class SumForecast(msgspec.Struct, frozen=True, eq=False):
    """Quantiles (G x 9 x H) of one level."""

    group: Group
    quantiles: Floats


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


def partition(group: Group) -> bytes:
    """The same for two groups that put the same series together, whatever their names."""
    _, first, inverse = np.unique(group.codes, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return order[inverse].astype(np.int32).tobytes()


def pooled_quantiles(
    panel: Panel,
    levels: Sequence[Group],
    *,
    pool_by: str,
    horizon: int,
    rows: int,
    trees: int,
    seed: int,
) -> list[Floats] | None:
    """Tree quantiles (G x 9 x H) of few large sums, learned together; None for too few."""
    count = sum(len(level.names) for level in levels)
    if count < LEAST_SUMS:
        return None
    parts = [sum_panel(panel, level) for level in levels]
    kinds = [k for lv, p in zip(levels, parts, strict=True) for k in _kinds(lv, p, pool_by)]
    names = [f"{level.level}|{name}" for level in levels for name in level.names]
    joined = msgspec.structs.replace(
        parts[0],
        unique_ids=pl.Series(names),
        y=np.concatenate([p.y for p in parts]),
        price=None if panel.price is None else np.concatenate([p.price for p in parts]),
        known={n: _stacked(n, parts) for n in panel.known},
        static={"kind": encode(pl.Series(kinds)), "sum": encode(pl.Series(names))},
    )
    worth = np.concatenate([_summed(revenue(panel), level) for level in levels])
    told = _tree_quantiles(
        joined, ("kind", "sum"), "kind", worth,
        horizon=horizon, rows=rows, trees=trees, seed=seed,
    )  # fmt: skip
    return np.split(told, np.cumsum([len(level.names) for level in levels])[:-1])


def level_quantiles(
    panel: Panel, level: Group, *, horizon: int, rows: int, trees: int, seed: int
) -> Floats:  # fmt: skip
    """Tree quantiles (G x 9 x H) of a level with many sums."""
    sums = sum_panel(panel, level)
    worth = _summed(revenue(panel), level)
    return _tree_quantiles(
        sums, choose_groups(sums), None, worth,
        horizon=horizon, rows=rows, trees=trees, seed=seed,
    )  # fmt: skip


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


def forecast_levels(
    panel: Panel,
    levels: Sequence[Group],
    windows: Windows,
    mean: Floats,
    pool: Sequence[SumForecast],
    *,
    pool_by: str,
    recipe: Recipe,
    seed: int,
) -> list[Floats]:
    """Quantiles (G x 9 x H) of every level: trees and past windows, half each.

    Levels that are in the `pool` already take their trees from it.
    """
    horizon = mean.shape[1]
    ready = {partition(s.group): s for s in pool}
    fresh = [
        level for level in levels
        if partition(level) not in ready and len(level.names) <= MOST_GROUPS
    ]  # fmt: skip
    pooled = (
        pooled_quantiles(
            panel,
            fresh,
            pool_by=pool_by,
            horizon=horizon,
            rows=recipe.sum_rows,
            trees=recipe.sum_trees,
            seed=seed,
        )
        if fresh
        else None
    )
    trees = {id(level): told for level, told in zip(fresh, pooled or [], strict=False)}
    answers = []
    for level, past in zip(levels, past_sum_quantiles(panel, levels, windows, mean), strict=True):
        known = ready.get(partition(level))
        if known is not None:
            told: Floats | None = _renamed(known, level)
        elif len(level.names) > MOST_GROUPS:
            several = [
                level_quantiles(
                    panel,
                    level,
                    horizon=horizon,
                    rows=recipe.sum_rows,
                    trees=recipe.spread_trees,
                    seed=seed + 31 * k,
                )
                for k in range(recipe.spread_seeds)
            ]
            told = averaged(several)
        else:
            told = trees.get(id(level))
        answers.append(past if told is None else mixed_quantiles(told, past))
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


def _tree_quantiles(
    panel: Panel, group_by: tuple[str, ...], pool_by: str | None, worth: Doubles,
    *, horizon: int, rows: int, trees: int, seed: int,
) -> Floats:  # fmt: skip
    effects = fit_effects(panel, group_by=group_by, pool_by=pool_by)
    layout = lay_out(panel, group_by)
    view = build_view(panel, layout, effects, horizon, prepare_prices(panel, horizon))
    sampled = sample_rows(
        view, layout, horizon=horizon, rows=rows, span=SUM_SPAN_DAYS // panel.freq.days,
        end=panel.length - 1, seed=seed,
    )  # fmt: skip
    level = np.exp(offset_of(sampled.features))
    weight = weights_of(panel, worth).of_rows(sampled.series, level)
    models = fit_quantiles(view, layout, sampled, weight, trees=trees, seed=seed)
    return predict_quantiles([models], view, origin=panel.length - 1, horizon=horizon)


def _kinds(level: Group, sums: Panel, pool_by: str) -> list[str]:
    """What a sum shares its day effects with: its value of `pool_by`, else its level."""
    static = sums.static.get(pool_by)
    if static is None:
        return [level.level] * len(level.names)
    return [static.names[code] or level.level for code in static.codes]


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


def _stacked(name: str, parts: Sequence[Panel]) -> Floats:
    rows = [p.known[name] for p in parts]
    if all(len(r) == 1 for r in rows) and len({r.tobytes() for r in rows}) == 1:
        return rows[0]
    wide = [np.broadcast_to(r, (p.size, r.shape[1])) for r, p in zip(rows, parts, strict=True)]
    return np.concatenate(wide)


def _summed(values: Doubles, group: Group) -> Doubles:
    total = np.bincount(group.codes, weights=values, minlength=len(group.names))
    return np.asarray(total, np.float64)


def _renamed(known: SumForecast, level: Group) -> Floats:
    """Rows of a forecast in the order of another naming of the same partition."""
    place = np.zeros(len(level.names), np.intp)
    place[level.codes] = known.group.codes
    return known.quantiles[place]

"""Few large sums (stores, departments, the total) learned together: means and quantiles.

What the series' own models leave open is the level and the shape of the days of their groups:
noise of single articles hides both. A sum shows them, so trees of the sums answer for them, and
the means of the series are drawn to the sums of their groups (`pull_factors`).
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

from beltline.science.boost.layout import lay_out
from beltline.science.boost.recipe import Recipe
from beltline.science.boost.sums import revenue, sum_panel, summed, weights_of
from beltline.science.boost.trees import (
    averaged,
    fit_quantiles,
    fit_ratios,
    predict_quantiles,
    predict_ratios,
    sample_rows,
)
from beltline.science.boost.view import build_view, offset_of, prepare_prices
from beltline.science.effects import fit_effects
from beltline.science.groups import Group, partition, sum_rows
from beltline.science.keys import Doubles, Floats
from beltline.science.panel import Panel, encode

LEAST_SUMS = 12
MOST_PULL = 5.0


class SumForecast(msgspec.Struct, frozen=True, eq=False):
    """Means (G x H) and quantiles (G x 9 x H) of one level."""

    group: Group
    mean: Floats
    quantiles: Floats


def pooled_sums(
    panel: Panel, levels: Sequence[Group], *, pool_by: str, horizon: int, recipe: Recipe, seed: int
) -> tuple[SumForecast, ...]:
    """Forecasts of all sums of some levels by trees they share; none where they are too few."""
    sizes = [len(level.names) for level in levels]
    if sum(sizes) < LEAST_SUMS:
        return ()
    joined, worth = _joined(panel, levels, pool_by)
    effects = fit_effects(joined, group_by=("kind", "sum"), pool_by="kind")
    layout = lay_out(joined, ("kind", "sum"))
    view = build_view(joined, layout, effects, horizon, prepare_prices(joined, horizon))
    weights = weights_of(joined, worth)
    sets, models = [], []
    for repeat in range(recipe.spread_seeds):
        plans = [(1.0, recipe.sum_rows, 0), *((m.years, m.rows, m.trees) for m in recipe.sums)]
        for place, (years, rows, trees) in enumerate(plans):
            start = seed + 13 * repeat + 101 * place
            sampled = sample_rows(
                view, layout, horizon=horizon, rows=rows, span=round(365 * years / panel.freq.days),
                end=panel.length - 1, seed=start, fresh=0.0,
            )  # fmt: skip
            weight = weights.of_rows(sampled.series, np.exp(offset_of(sampled.features)))
            if trees:
                models.append(fit_ratios(view, layout, sampled, weight, trees=trees, seed=start))
            else:
                sets.append(fit_quantiles(view, layout, sampled, weight,
                                          trees=recipe.sum_trees, seed=start))  # fmt: skip
    at = panel.length - 1
    quantiles = predict_quantiles(sets, view, origin=at, horizon=horizon)
    means = averaged(predict_ratios(models, view, origin=at, horizon=horizon))
    cuts = np.cumsum(sizes)[:-1]
    return tuple(
        SumForecast(group=level, mean=mean, quantiles=spread)
        for level, mean, spread in zip(
            levels, np.split(means, cuts), np.split(quantiles, cuts), strict=True
        )
    )


def pull_factors(mean: Floats, own: Group, pool: Sequence[SumForecast], power: float) -> Doubles:
    """Factors (G x H) that draw means (N x H) to the forecasts of their groups' sums.

    `power` is how far (0 to 1, on the log scale); ones where no sums of these groups are known.
    """
    below = np.maximum(sum_rows(mean, own), 1e-6)
    for told in pool:
        if partition(told.group) == partition(own):
            place = np.zeros(len(own.names), np.intp)
            place[own.codes] = told.group.codes
            target = np.maximum(told.mean[place], 1e-6)
            factor = np.clip(target / below, 1.0 / MOST_PULL, MOST_PULL) ** power
            return np.asarray(factor, np.float64)
    return np.ones((len(own.names), mean.shape[1]))


def _joined(panel: Panel, levels: Sequence[Group], pool_by: str) -> tuple[Panel, Doubles]:
    """The sums of all levels as one panel, and what each is worth."""
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
    own = revenue(panel)
    return joined, np.concatenate([summed(own, level) for level in levels])


def _kinds(level: Group, sums: Panel, pool_by: str) -> list[str]:
    """What a sum shares its day effects with: its value of `pool_by`, else its level."""
    static = sums.static.get(pool_by)
    if static is None:
        return [level.level] * len(level.names)
    return [static.names[code] or level.level for code in static.codes]


def _stacked(name: str, parts: Sequence[Panel]) -> Floats:
    rows = [p.known[name] for p in parts]
    if all(len(r) == 1 for r in rows) and len({r.tobytes() for r in rows}) == 1:
        return rows[0]
    wide = [np.broadcast_to(r, (p.size, r.shape[1])) for r, p in zip(rows, parts, strict=True)]
    return np.concatenate(wide)

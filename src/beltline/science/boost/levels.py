"""Quantiles of sums at every level asked for: trees of the sums and past windows, half each."""

from collections.abc import Sequence

import numpy as np

from beltline.science.boost.pool import SumForecast, pooled_sums
from beltline.science.boost.recipe import Recipe
from beltline.science.boost.spread import mixed_quantiles, recentered
from beltline.science.boost.sums import Windows, level_quantiles, past_sum_quantiles
from beltline.science.effects import MOST_GROUPS
from beltline.science.groups import Group, partition, sum_rows
from beltline.science.keys import Floats
from beltline.science.panel import Panel


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
    """Quantiles (G x 9 x H) of every level around the sums of `mean` (N x H).

    Levels that are in the `pool` already take their trees from it; other levels of few sums
    share trees, levels of many sums have their own.
    """
    horizon = mean.shape[1]
    known = {partition(s.group) for s in pool}
    few = [level for level in levels if len(level.names) <= MOST_GROUPS]
    fresh = [level for level in few if partition(level) not in known]
    more = pooled_sums(panel, fresh, pool_by=pool_by, horizon=horizon, recipe=recipe, seed=seed)
    ready = {partition(s.group): s for s in (*pool, *more)}
    answers = []
    for level, past in zip(levels, past_sum_quantiles(panel, levels, windows, mean), strict=True):
        told = ready.get(partition(level))
        if told is not None:
            center = sum_rows(mean, level).astype(np.float32)
            answers.append(mixed_quantiles(recentered(_renamed(told, level), center), past))
        elif len(level.names) > MOST_GROUPS:
            trees = level_quantiles(panel, level, horizon=horizon, recipe=recipe, seed=seed)
            answers.append(mixed_quantiles(trees, past))
        else:
            answers.append(past)
    return answers


def _renamed(known: SumForecast, level: Group) -> Floats:
    """Rows of a forecast in the order of another naming of the same partition."""
    place = np.zeros(len(level.names), np.intp)
    place[level.codes] = known.group.codes
    return known.quantiles[place]

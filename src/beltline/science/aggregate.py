"""Sums of series: forecasts of groups and of everything.

Means are coherent, always the sums of the series' means. The spread of a sum comes from summed
paths or, where trees were fitted, from trees of the sums themselves and past windows.
"""

from collections.abc import Sequence

import numpy as np

from beltline.science.boost.levels import forecast_levels
from beltline.science.boost.spread import at_levels
from beltline.science.forecast import Model, Reviewed, forecast, simulate_chunks
from beltline.science.groups import Group, sum_rows
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Panel


def sum_paths(
    model: Model,
    panel: Panel,
    groups: Sequence[Group],
    *,
    paths: int,
    seed: int | None = None,
    mean: Floats | None = None,
) -> list[Floats]:
    """Demand paths of each group's sums (G x S x H), summed chunk by chunk over the series.

    The paths of each sum are scaled to the exact sum of the means (`mean` where it is at hand),
    so that levels add up.
    """
    totals = [np.zeros((len(g.names), paths, model.horizon)) for g in groups]
    for part, drawn in simulate_chunks(model, panel, paths=paths, seed=seed):
        for group, total in zip(groups, totals, strict=True):
            _add(total, group.codes[part], drawn)
    told = forecast(model, panel, quantiles=(0.5,)).mean if mean is None else mean
    return [_centered(t, sum_rows(told, g)) for g, t in zip(groups, totals, strict=True)]


def sum_quantiles(
    model: Model,
    panel: Panel,
    groups: Sequence[Group],
    reviewed: Reviewed | None,
    *,
    quantiles: tuple[float, ...],
    paths: int,
) -> list[Floats]:
    """Quantiles (G x Q x H) of each group's sums at the cut-off of the fit.

    `reviewed` is what `fit_reviewed` gave for the same panel, its series sorted by id.
    """
    if reviewed is None:
        drawn = sum_paths(model, panel, groups, paths=paths)
        return [
            np.quantile(d, quantiles, axis=1).transpose(1, 0, 2).astype(np.float32) for d in drawn
        ]
    review = reviewed.review
    knots = forecast_levels(
        review.panel, groups, review.windows, reviewed.answer.mean, review.pool,
        pool_by=review.pool_by, recipe=review.recipe, seed=model.seed * 1009 + 800,
    )  # fmt: skip
    return [at_levels(k, quantiles) for k in knots]


def _add(total: Doubles, codes: Ints, drawn: Floats) -> None:
    order = np.argsort(codes, kind="stable")
    present, begins = np.unique(codes[order], return_index=True)
    total[present] += np.add.reduceat(drawn[order], begins, axis=0, dtype=np.float64)


def _centered(paths: Doubles, mean: Doubles) -> Floats:
    drawn = paths.mean(axis=1)
    scale = mean / np.maximum(drawn, 1e-9)
    return np.asarray(paths * scale[:, None, :], np.float32)

"""How often the promised band holds, for demand that comes in whole units.

Where a series sells 0, 1 or 2 a day, no band of whole numbers holds exactly 80 %: a closed band
from 0 to 2 may well hold 95 % of the days and still be the right one. Such forecasts are judged by
the probability integral transform (Czado, Gneiting and Held 2009): an outcome takes up the whole
step from F(y - 1) to F(y) of its forecast distribution, and counts as inside by the share of that
step which lies between 10 and 90 %. A right forecast then has 80 %, whatever its units.
"""

from typing import Any, Final

import numpy as np

from beltline.science.keys import Bools, Doubles, Floats

GRID: Final = tuple(round(0.025 + 0.05 * k, 3) for k in range(20))
"""Levels at which a forecast is asked: twenty equally likely points of its distribution."""
BAND: Final = (0.1, 0.5, 0.9)
FEWEST: Final = 500
"""Periods below which a calibration would be noise: the levels stay as they are."""


def steps_of(
    actual: Floats | Doubles, quantiles: Floats, *, is_whole: bool
) -> tuple[Doubles, Doubles]:
    """F(y - 1) and F(y) of each outcome (N x H) under quantiles at `GRID` (N x J x H).

    Whole units are those of the simulated paths: a value rounded up or down at random, so that
    its mean stays.
    """
    points = quantiles.astype(np.float64)
    y = actual.astype(np.float64)[:, None, :]
    if is_whole:
        start = np.where(actual >= 1, np.clip(y - points, 0.0, 1.0).mean(axis=1), 0.0)
        end = np.clip(y + 1.0 - points, 0.0, 1.0).mean(axis=1)
    else:
        start = end = (points <= y).mean(axis=1)
    # Between two points of the grid the distribution is not known: a step is as wide at least.
    lacking = np.maximum(1.0 / points.shape[1] - (end - start), 0.0) / 2
    return np.maximum(start - lacking, 0.0), np.minimum(end + lacking, 1.0)


def covered(steps: tuple[Doubles, Doubles], low: float, high: float) -> Doubles:
    """The share of each outcome's step that lies between two levels (N x H)."""
    return _share_below(steps, high) - _share_below(steps, low)


def calibrate(steps: tuple[Doubles, Doubles], seen: Bools) -> tuple[float, float, float]:
    """The levels of a forecast at which 10, 50 and 90 % of past outcomes lay below."""
    if seen.sum() < FEWEST:
        return BAND
    grid = np.linspace(0.0, 1.0, 201)
    parts = (steps[0][seen], steps[1][seen])
    reached = np.array([_share_below(parts, level).mean() for level in grid])
    low, middle, high = np.interp(BAND, np.maximum.accumulate(reached), grid)
    return float(low), float(middle), float(high)


def at_levels(quantiles: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantiles at any levels (N x L x H) from those at `GRID`."""
    places = np.interp(levels, GRID, np.arange(len(GRID)))
    low = np.floor(places).astype(np.intp)
    high = np.minimum(low + 1, len(GRID) - 1)
    weight = (places - low)[None, :, None]
    between: Any = quantiles[:, low] * (1 - weight) + quantiles[:, high] * weight
    return np.asarray(between, np.float32)


def _share_below(steps: tuple[Doubles, Doubles], level: float) -> Doubles:
    start, end = steps
    return np.asarray(np.clip((level - start) / np.maximum(end - start, 1e-9), 0.0, 1.0))

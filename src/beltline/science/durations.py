"""How long a stage takes, learned from stages that ended and from those still under way.

A stage that has not ended says only that it takes longer than it has: leaving it out would make
everybody quick. The product-limit estimate (Kaplan and Meier 1958) counts it for as long as it was
seen. A group with few stages leans on the group above it: its distribution is the mixture of its
own and that of the one above, which is worth `strength` stages, so that ten parcels of a new lane
move the country's estimate a little and a thousand replace it.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from beltline.science.keys import Doubles

STRENGTH: Final = 20.0
"""How many stages of its own make a group worth as much as the group above it."""

Codes = NDArray[np.int64]


class Learned(msgspec.Struct, frozen=True, eq=False):
    """The distributions of one level of groups on a grid of durations.

    `chances` has shape (groups, grid): the chance that a stage of the group has ended by then.
    What had not ended at the last point of the grid never ends on it. `ended` is how many stages
    of each group were seen to end, by their weight.
    """

    grid: Doubles
    chances: Doubles
    ended: Doubles

    def quantile(self, share: float) -> Doubles:
        """By when this share of each group's stages has ended; infinite where it is not known."""
        reached = self.chances >= share
        at = np.where(reached.any(axis=1), reached.argmax(axis=1), len(self.grid) - 1)
        return np.where(reached.any(axis=1), self.grid[at], np.inf)

    def chance(self, groups: ArrayLike, durations: ArrayLike) -> Doubles:
        """The chance that a stage of each group has ended within each duration."""
        at = np.searchsorted(self.grid, np.asarray(durations, float), side="right") - 1
        found = self.chances[np.asarray(groups, np.int64), np.maximum(at, 0)]
        return np.where(at < 0, 0.0, found)


def learn(
    durations: ArrayLike,
    has_ended: ArrayLike,
    levels: Sequence[ArrayLike],
    *,
    grid: ArrayLike,
    weights: ArrayLike | None = None,
    strength: float = STRENGTH,
) -> list[Learned]:
    """The distributions of every group, level by level from the coarsest to the finest.

    `durations` (n) last until the end or, where `has_ended` is false, until they were last seen.
    Each of `levels` (n) numbers the groups of a level from 0; a group lies within one of the level
    before it. `weights` (n) count a stage for more or less than one. Durations beyond the grid
    count as not ended on it. Raises ValueError for arrays of other lengths.
    """
    seen, done, points = _arrays(durations, has_ended, grid)
    weight = np.ones(len(seen)) if weights is None else np.asarray(weights, float)
    if any(len(each) != len(seen) for each in (done, weight, *map(np.asarray, levels))):
        raise ValueError("durations, ends, weights and levels differ in length")
    found: list[Learned] = []
    above: Codes = np.zeros(len(seen), np.int64)
    parent = _estimate(seen, done, weight, above, 1, points)
    for level in levels:
        codes = np.asarray(level, np.int64)
        groups = int(codes.max(initial=-1)) + 1
        own = _estimate(seen, done, weight, codes, groups, points)
        inside = np.zeros(groups, np.int64)
        inside[codes] = above
        share = (own.ended / (own.ended + strength))[:, None]
        mixed = share * own.chances + (1 - share) * parent.chances[inside]
        parent = Learned(points, mixed, own.ended)
        found.append(parent)
        above = codes
    return found


def _arrays(
    durations: ArrayLike, has_ended: ArrayLike, grid: ArrayLike
) -> tuple[Doubles, NDArray[np.bool_], Doubles]:
    seen, done = np.asarray(durations, float), np.asarray(has_ended, bool)
    points = np.asarray(grid, float)
    if len(points) < 2 or not (np.diff(points) > 0).all():
        raise ValueError("a grid has at least two points, each above the one before")
    return seen, done & (seen <= points[-1]), points


def _estimate(
    seen: Doubles,
    done: NDArray[np.bool_],
    weight: Doubles,
    codes: Codes,
    groups: int,
    grid: Doubles,
) -> Learned:
    """The product-limit estimate of each group; of one without stages, nothing has ended."""
    # An end counts at the first point of the grid at or after it, a stage still under way until the
    # last point before it was seen: neither is counted for longer than it was known.
    cell = np.searchsorted(grid, seen, side="left")
    last = np.where(done, cell, np.searchsorted(grid, seen, side="right") - 1)
    size = len(grid) + 1
    place = codes * size + np.clip(last, -1, len(grid) - 1) + 1
    ends = np.bincount(place, np.where(done, weight, 0.0), groups * size).reshape(groups, size)
    gone = np.bincount(place, weight, groups * size).reshape(groups, size)
    at_risk = np.cumsum(gone[:, ::-1], axis=1)[:, ::-1]
    hazard = np.divide(ends, at_risk, out=np.zeros(ends.shape), where=at_risk > 0)
    left = np.cumprod(1.0 - hazard, axis=1, dtype=np.float64)[:, 1:]
    return Learned(grid, 1.0 - left, ends.sum(axis=1))

"""Where an order decision's demand comes from: trees where they can learn, else the floor tier."""

from collections.abc import Iterator

import msgspec
import numpy as np

from beltline.science.forecast import Effort, Model, fit, simulate_chunks
from beltline.science.keys import Doubles, Floats, series_keys
from beltline.science.panel import Freq, Panel
from beltline.science.reorder.features import YEAR
from beltline.science.reorder.learner import Learned, fit_means, tell_means
from beltline.science.reorder.past import look_back
from beltline.science.reorder.spread import GENERIC, Spread, fit_spread, sample_paths

CHUNK_CELLS = 16_000_000
REVIEW = {Freq.DAY: 56, Freq.WEEK: 32}
"""Periods of history on which the spread is measured and a policy is tried."""
REFIT = {Freq.DAY: 28, Freq.WEEK: 16}
"""Periods after which trees are learned anew in a review."""
LEAST_HISTORY = {Freq.DAY: 90, Freq.WEEK: 40}


class Source(msgspec.Struct, frozen=True, eq=False):
    """A fitted source of demand for `horizon` periods after any cut-off of its series.

    Exactly one of `learned` and `floor` is there.
    """

    horizon: int
    learned: Learned | None
    floor: Model | None
    spread: Spread = GENERIC

    @property
    def engine(self) -> str:
        """What answers: `trees` or `floor`."""
        return "floor" if self.learned is None else "trees"


class Review(msgspec.Struct, frozen=True, eq=False):
    """Forecasts as they would have been made: `told[k]` (N x H) after `first + k` periods."""

    first: int
    told: tuple[Floats, ...]
    spread: Spread


def learn(panel: Panel, *, horizon: int, seed: int, spread: Spread = GENERIC) -> Source:
    """Fit on all that the panel knows."""
    learned = None
    # Beyond a year "the same time last year" has not been when the forecast is made.
    is_near = horizon <= YEAR[panel.freq]
    if is_near and panel.length >= LEAST_HISTORY[panel.freq] and panel.size > 1:
        learned = fit_means(panel, horizon=horizon, seed=seed)
    floor = None
    if learned is None:
        floor = fit(panel, horizon=horizon, seed=seed, effort=Effort.FLOOR)
    return Source(horizon=horizon, learned=learned, floor=floor, spread=spread)


def tell(source: Source, panel: Panel) -> Floats:
    """Mean demand of the trees for the periods after the panel's cut-off."""
    if source.learned is None:
        raise ValueError("the floor tier has no means of this kind")
    return tell_means(source.learned, look_back(panel, source.horizon))


def draw(
    source: Source, panel: Panel, *, paths: int, seed: int, told: Floats | None = None
) -> Iterator[tuple[slice, Floats]]:
    """Demand paths after the cut-off, piece by piece: (which series, n x S x H).

    `told` are the means where they are known already.
    """
    if source.floor is not None:
        yield from simulate_chunks(source.floor, panel, paths=paths, seed=seed)
        return
    mean = tell(source, panel) if told is None else told
    keys = series_keys(panel.unique_ids)
    size = max(1, CHUNK_CELLS // max(1, paths * source.horizon))
    for low in range(0, panel.size, size):
        part = slice(low, min(low + size, panel.size))
        yield part, sample_paths(mean[part], source.spread, keys[part], paths=paths, seed=seed)


def review(panel: Panel, *, horizon: int, seed: int, periods: int | None = None) -> Review | None:
    """Forecast the last periods of history as if they lay ahead; None where trees cannot.

    Trees are learned anew every `REFIT` periods, always on what lies before the first of them.
    """
    asked = REVIEW[panel.freq] if periods is None else periods
    first = max(panel.length - asked, LEAST_HISTORY[panel.freq])
    told: list[Floats] = []
    source: Source | None = None
    for end in range(first, panel.length):
        known = panel.until(panel.date_of(end - 1))
        if source is None or (end - first) % REFIT[panel.freq] == 0:
            source = learn(known, horizon=horizon, seed=seed)
            if source.learned is None:
                return None
        told.append(tell(source, known))
    if not told:
        return None
    return Review(first=first, told=tuple(told), spread=_spread_of(panel, told, first, horizon))


def _spread_of(panel: Panel, told: list[Floats], first: int, horizon: int) -> Spread:
    demand = panel.demand().astype(np.float64)
    wide = np.concatenate([demand, np.full((panel.size, horizon), np.nan)], axis=1)
    sold: list[Doubles] = [wide[:, first + k : first + k + horizon] for k in range(len(told))]
    return fit_spread(np.concatenate(told).astype(np.float64), np.concatenate(sold))

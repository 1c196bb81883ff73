"""The floor tier: a level for every series, at a hundred thousand series a second and core.

Sales divided by the day effects of the group are smoothed over the periods in which the series
was on sale and in stock. Steady series take the mean of a fast and a slow exponentially weighted
mean (simple exponential smoothing whose weights are normalized, so that the start is exact);
series that sell in less than `INTERMITTENT` of the periods take TSB (Teunter, Syntetos and Babai
2011): probability of a sale times size of a sale, which fades when an article dies.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from beltline.science.effects import Effects, effect_table, prior_levels
from beltline.science.keys import Bools, Doubles, Floats, Ints, compiled
from beltline.science.panel import Freq, Panel

INTERMITTENT = 0.4
DECAYS = {Freq.DAY: (0.93, 0.98), Freq.WEEK: (0.75, 0.92)}
TSB_DECAYS = {Freq.DAY: (0.98, 0.95), Freq.WEEK: (0.92, 0.85)}
"""Decay of the probability of a sale, and of its size (per sale)."""
ENOUGH = {Freq.DAY: 14, Freq.WEEK: 6}
"""Periods of history after which the group's level no longer helps a series."""
LEAST_LEVEL = {Freq.DAY: 0.002, Freq.WEEK: 0.01}


class Levels(msgspec.Struct, frozen=True, eq=False):
    """State of N series at each of K origins (N x K arrays).

    `level` is demand per period without day effects, `chance` the smoothed share of periods with
    a sale, `seen` the number of periods learned from, `masked` those hidden by stock-outs;
    `intermittent` says which series took TSB.
    """

    level: Doubles
    chance: Doubles
    seen: Ints
    masked: Ints
    intermittent: Bools


def levels_at(panel: Panel, effects: Effects, origins: npt.NDArray[np.int64]) -> Levels:
    """Levels of every series after the first `origins[k]` periods (ascending)."""
    table, rows = effect_table(effects, panel, 0)
    fast, slow = DECAYS[panel.freq]
    chance_decay, size_decay = TSB_DECAYS[panel.freq]
    level, tsb, chance, seen, masked = smooth(
        panel.y, panel.stock_mask(), rows, 1.0 / table, np.asarray(origins, np.int64),
        np.array([fast, slow, chance_decay, size_decay]),
    )  # fmt: skip
    intermittent = chance < INTERMITTENT
    own = np.where(intermittent, tsb, level)
    weight = np.minimum(seen / ENOUGH[panel.freq], 1.0)
    prior = prior_levels(effects, panel)[:, None]
    blended = weight * own + (1.0 - weight) * prior
    return Levels(
        level=np.maximum(blended, LEAST_LEVEL[panel.freq]),
        chance=chance,
        seen=seen,
        masked=masked,
        intermittent=intermittent,
    )


@compiled
def smooth(
    y: Floats,
    in_stock: Bools,
    group: Ints,
    divisor: Floats,
    origins: npt.NDArray[np.int64],
    decays: Doubles,
) -> tuple[Doubles, Doubles, Doubles, Ints, Ints]:
    """One pass over the panel: (ses, tsb, chance, seen, masked), each N x K.

    `divisor` is one over the effect of each group and period. Unknown periods are skipped: no
    weight decays over them, so a series that comes back starts where it left.
    """
    n, count = y.shape[0], len(origins)
    ses, tsb, chance = np.zeros((n, count)), np.zeros((n, count)), np.zeros((n, count))
    seen, masked = np.zeros((n, count), np.int32), np.zeros((n, count), np.int32)
    fast, slow, chance_decay, size_decay = decays[0], decays[1], decays[2], decays[3]
    for i in range(n):
        fast_sum = fast_weight = slow_sum = slow_weight = 0.0
        sold_sum = sold_weight = size_sum = size_weight = 0.0
        known = hidden = 0
        t = 0
        for k in range(count):
            while t < origins[k]:
                value = y[i, t]
                if not np.isnan(value):
                    if in_stock.size > 0 and not in_stock[i, t]:
                        hidden += 1
                    else:
                        known += 1
                        plain = value * divisor[group[i], t]
                        fast_sum = fast_sum * fast + plain
                        fast_weight = fast_weight * fast + 1.0
                        slow_sum = slow_sum * slow + plain
                        slow_weight = slow_weight * slow + 1.0
                        sold_weight = sold_weight * chance_decay + 1.0
                        sold_sum *= chance_decay
                        if value > 0:
                            sold_sum += 1.0
                            size_sum = size_sum * size_decay + plain
                            size_weight = size_weight * size_decay + 1.0
                t += 1
            seen[i, k], masked[i, k] = known, hidden
            if known > 0:
                ses[i, k] = 0.5 * (fast_sum / fast_weight + slow_sum / slow_weight)
                chance[i, k] = sold_sum / sold_weight
            if size_weight > 0:
                tsb[i, k] = chance[i, k] * size_sum / size_weight
    return ses, tsb, chance, seen, masked

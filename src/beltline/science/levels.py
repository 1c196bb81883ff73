"""Exact reorder point and order-up-to level where an order costs something.

The algorithm of Zheng and Federgruen (1991, Operations Research 39:654) for the discrete (s, S)
policy of least long-run cost, on demand that is Poisson or negative binomial by its moments. A lot
is a pair of levels at a fixed distance, compared by the same cost per cycle.
"""

import numpy as np

from beltline.science.keys import Doubles, compiled

CELLS = 240.0
"""Demand until the next arrival is counted in steps of at most this many to its mean."""
LEAST_RATIO = 0.05
"""The grid of shortage costs starts at this part of the holding cost of a cycle."""
RAISE = 1.08
MOST_RAISES = 180
MOST_LEVELS = 4_000


@compiled
def reorder_levels(
    total: Doubles, total_variance: Doubles, cycle: Doubles, cycle_variance: Doubles,
    order_cost: Doubles, holding: Doubles, shortage: Doubles, least: Doubles,
) -> tuple[Doubles, Doubles, Doubles]:  # fmt: skip
    """(s, S, cost per cycle) of N series: at a position of s or below, order up to S.

    `total` is demand until the next order's arrival, `cycle` demand of one review; means and
    variances. `holding` is per unit and cycle, `shortage` per unit short at the end of a cycle,
    `least` the smallest lot.

    The exact levels jump down where a dearer shortage makes fewer cycles per order the cheaper
    way. Here neither falls: each is the highest of those for smaller shortage costs on a fixed
    grid, and rises evenly between its points.
    """
    n = len(total)
    low, high, cost = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        step = max(1.0, np.ceil(total[i] / CELLS))
        whole = _chances(total[i] / step, total_variance[i] / step**2, step > 1.0)
        single = _chances(cycle[i] / step, cycle_variance[i] / step**2, step > 1.0)
        lot = max(1, int(np.ceil(least[i] / step - 1e-9)))
        depth = min(MOST_LEVELS, 2 * len(whole) + lot)
        width = min(MOST_LEVELS, 3 * len(whole) + lot) + depth
        spare, short = _one_cycle(whole, depth, width)
        renewal = _renewal(single, min(width, MOST_LEVELS))
        spare *= holding[i] * step
        short *= step
        ratio = max(shortage[i] / max(holding[i], 1e-12) / LEAST_RATIO, 1.0)
        rank = min(np.log(ratio) / np.log(RAISE), float(MOST_RAISES))
        point = min(int(rank), MOST_RAISES - 1)
        s, top, before = -1e18, -1e18, (-1e18, -1e18)
        for k in range(point + 2):
            before = (s, top)
            penalty = holding[i] * LEAST_RATIO * RAISE**k
            found = _levels(spare + penalty * short, renewal, order_cost[i], lot)
            s, top = max(s, found[0] - depth), max(top, found[1] - depth)
        part = rank - point
        low[i] = np.floor((before[0] + (s - before[0]) * part) * step)
        high[i] = np.floor((before[1] + (top - before[1]) * part) * step + 0.5)
        cost[i] = _levels(spare + shortage[i] * short, renewal, order_cost[i], lot)[2]
    return low, high, cost


@compiled
def _chances(mean: float, variance: float, coarse: bool) -> Doubles:
    """P(demand = k): negative binomial or Poisson; a rounded normal where units are coarse."""
    size = int(mean + 12.0 * np.sqrt(max(variance, mean)) + 20.0)
    found = np.empty(size)
    if coarse and variance < mean:
        for k in range(size):
            found[k] = np.exp(-0.5 * (k - mean) ** 2 / max(variance, 0.05))
    elif variance <= 1.1 * mean + 1e-9:
        found[0] = np.exp(-mean)
        for k in range(1, size):
            found[k] = found[k - 1] * mean / k
    else:
        shape = mean * mean / (variance - mean)
        found[0] = np.exp(shape * np.log(shape / (shape + mean)))
        for k in range(1, size):
            found[k] = found[k - 1] * (k - 1 + shape) / k * mean / (mean + shape)
    found /= found.sum()
    return found


@compiled
def _levels(
    loss: Doubles, renewal: Doubles, order_cost: float, least: int
) -> tuple[float, float, float]:
    """s, S and cost per cycle by Zheng and Federgruen; S - s at least `least`.

    `loss` is the expected cost of a cycle at each level; s and S are indices into it.
    """
    width = len(loss)
    best = int(loss.argmin())
    s, top = best - 1, best
    cost = _average(loss, renewal, s, top, order_cost)
    while s > 0 and cost > loss[s]:
        s -= 1
        cost = _average(loss, renewal, s, top, order_cost)
    trial = top + 1
    while trial < width - 1 and loss[trial] <= cost and trial - s < len(renewal):
        tried = _average(loss, renewal, s, trial, order_cost)
        if tried < cost:
            top, cost = trial, tried
            while s + 1 < top and cost <= loss[s + 1]:
                s += 1
                cost = _average(loss, renewal, s, top, order_cost)
        trial += 1
    if top - s < least:
        s, top, cost = _with_lot(loss, renewal, order_cost, least, best)
    return float(s), float(top), cost


@compiled
def _with_lot(
    loss: Doubles, renewal: Doubles, order_cost: float, lot: int, best: int
) -> tuple[int, int, float]:
    """The cheapest s where S lies a fixed lot above it."""
    found, cost = best - 1, 1e300
    for s in range(max(0, best - lot), min(best + 1, len(loss) - lot)):
        tried = _average(loss, renewal, s, s + lot, order_cost)
        if tried < cost:
            found, cost = s, tried
    return found, found + lot, cost


@compiled
def _one_cycle(whole: Doubles, depth: int, width: int) -> tuple[Doubles, Doubles]:
    """Units expected to spare and to be short in a cycle that starts at position k - depth."""
    mean = 0.0
    for k in range(len(whole)):
        mean += k * whole[k]
    spare, short = np.zeros(width), np.zeros(width)
    below = 0.0
    for k in range(width):
        position = k - depth
        if position <= 0:
            short[k] = mean - position
            continue
        if position - 1 < len(whole):
            below += whole[position - 1]
        spare[k] = spare[k - 1] + below
        short[k] = short[k - 1] + below - 1.0
    return spare, short


@compiled
def _renewal(single: Doubles, size: int) -> Doubles:
    """Expected number of cycles in which the position lies j below S."""
    found = np.empty(size)
    found[0] = 1.0 / max(1.0 - single[0], 1e-9)
    for j in range(1, size):
        total = 0.0
        for k in range(1, min(j, len(single) - 1) + 1):
            total += single[k] * found[j - k]
        found[j] = total * found[0]
    return found


@compiled
def _average(loss: Doubles, renewal: Doubles, s: int, top: int, order_cost: float) -> float:
    """Long-run cost per cycle of (s, S)."""
    cost, cycles = order_cost, 0.0
    for j in range(min(top - s, len(renewal))):
        cost += renewal[j] * loss[top - j]
        cycles += renewal[j]
    return cost / cycles

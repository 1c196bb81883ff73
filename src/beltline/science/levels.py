"""Exact reorder point and order-up-to level where an order costs something.

The algorithm of Zheng and Federgruen (1991, Operations Research 39:654) for the discrete (s, S)
policy of least long-run cost, on demand that is Poisson or negative binomial by its moments. Lots
and price steps are levels at a fixed distance, compared by the same cost per cycle.
"""

import numpy as np

from beltline.science.keys import Doubles, compiled

CELLS = 240.0
"""Demand until the next arrival is counted in steps of at most this many to its mean."""
RAISES = 6
RAISE = 1.12
"""A level never lies below that of the last `RAISES` smaller shortage costs, `RAISE` apart."""
MOST_LEVELS = 4_000


@compiled
def reorder_levels(
    total: Doubles, total_variance: Doubles, cycle: Doubles, cycle_variance: Doubles,
    order_cost: Doubles, holding: Doubles, shortage: Doubles, least: Doubles,
) -> tuple[Doubles, Doubles, Doubles]:  # fmt: skip
    """(s, S, cost per cycle) of N series: at a position of s or below, order up to S.

    `total` is demand until the next order's arrival, `cycle` demand of one review; means and
    variances. `holding` is per unit and cycle, `shortage` per unit short at the end of a cycle,
    `least` the smallest lot. S does not fall where shortage becomes dearer: it is the largest of
    those for somewhat smaller costs on a fixed grid.
    """
    n = len(total)
    low, high, cost = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        step = max(1.0, np.ceil(total[i] / CELLS))
        whole = _chances(total[i] / step, total_variance[i] / step**2, step > 1.0)
        single = _chances(cycle[i] / step, cycle_variance[i] / step**2, step > 1.0)
        grid = np.floor(np.log(max(shortage[i], 1e-9)) / np.log(RAISE))
        least_steps = max(1, int(np.ceil(least[i] / step - 1e-9)))
        low[i], high[i], cost[i] = -1e18, -1e18, 0.0
        for k in range(RAISES + 1):
            penalty = shortage[i] if k == RAISES else RAISE ** (grid - k)
            s, top, each = _levels(
                whole, single, order_cost[i], holding[i] * step, penalty * step, least_steps
            )
            low[i], high[i] = max(low[i], s * step), max(high[i], top * step)
            cost[i] = each
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
    whole: Doubles, single: Doubles, order_cost: float, holding: float, penalty: float, least: int
) -> tuple[float, float, float]:
    """s, S and cost per cycle by Zheng and Federgruen; S - s at least `least`."""
    depth = min(MOST_LEVELS, 2 * len(whole) + least)
    width = min(MOST_LEVELS, 3 * len(whole) + least) + depth
    loss = _one_cycle(whole, holding, penalty, depth, width)
    renewal = _renewal(single, min(width, MOST_LEVELS))
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
    return float(s - depth), float(top - depth), cost


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
def _one_cycle(whole: Doubles, holding: float, penalty: float, depth: int, width: int) -> Doubles:
    """Expected holding and shortage of a cycle that starts at position k - depth."""
    mean = 0.0
    for k in range(len(whole)):
        mean += k * whole[k]
    loss = np.empty(width)
    below = 0.0
    for k in range(width):
        position = k - depth
        if position <= 0:
            loss[k] = penalty * (mean - position)
            continue
        if position - 1 < len(whole):
            below += whole[position - 1]
        loss[k] = loss[k - 1] + (holding + penalty) * below - penalty
    return loss


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

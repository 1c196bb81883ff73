"""Kernels of the order decision: one cycle, played on every path and priced for every quantity."""

import numpy as np

from beltline.science.keys import Doubles, Floats, Ints, Keys, compiled, mixed, uniform
from beltline.science.terms import TOLERANCE

MOST_WAITING = 400.0
"""Periods after which stock that does not sell is no longer charged."""
MOST_CYCLES = 200.0


@compiled
def draw_leads(lead_pmf: Floats, keys: Keys, seed: np.uint64, count: int) -> Ints:
    """One nominal lead time per series and path, N x S, from the key of the series."""
    leads = np.empty((len(keys), count), np.int32)
    for i in range(len(keys)):
        for s in range(count):
            ticket = uniform(mixed(mixed(keys[i] ^ np.uint64(0x5EED)) ^ mixed(seed ^ np.uint64(s))))
            lead = 0
            mass = lead_pmf[i, 0]
            while ticket >= mass and lead < lead_pmf.shape[1] - 1:
                lead += 1
                mass += lead_pmf[i, lead]
            leads[i, s] = lead
    return leads


@compiled
def play(
    paths: Floats, on_hand: Floats, inbound: Floats, leads: Ints, arrivals: Ints, calendar: Ints,
    review: Ints, backorder: Floats,
) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles, Doubles, Doubles]:  # fmt: skip
    """Play every path without an order, with lost sales or (`backorder` above 0) backlog.

    Returns per path (N x S): stock when the order would arrive, the shortfall of the cycle after
    it (negative: to spare), units lost before it (backlog: units times periods), net demand of
    the cycle less that stock, and
    the length of the cycle; per series (N x 5) the means of demand per period, demand until the
    next arrival, periods of cover, first and next arrival; and (N x D) the units lost in
    addition when the order waits d periods.
    """
    n, count, horizon = paths.shape
    stock, short, before = np.empty((n, count)), np.empty((n, count)), np.empty((n, count))
    net, span = np.empty((n, count)), np.empty((n, count))
    waits = arrivals.shape[1]
    means, wait_lost = np.zeros((n, 5)), np.zeros((n, waits))
    left = np.empty(count)
    for i in range(n):
        table = arrivals[calendar[i]]
        again = min(review[i], waits - 1)
        for s in range(count):
            lead = leads[i, s]
            first = min(table[0, lead], horizon - 1)
            after = min(max(table[again, lead], first + 1), horizon)
            x, lost, demand, cover = float(on_hand[i]), 0.0, 0.0, -1.0
            running, worst, reference = 0.0, -1e18, 0.0
            d = 0
            for t in range(horizon + 1):
                while d < waits and min(table[d, lead], horizon) <= t:
                    reference = lost if d == 0 else reference
                    wait_lost[i, d] += (lost - reference) / count
                    d += 1
                if t == horizon or (t >= after and d == waits and cover >= 0):
                    break
                if t == first:
                    stock[i, s], before[i, s] = x, lost
                if t < after:
                    demand += paths[i, s, t]
                    if t >= first:
                        running += paths[i, s, t] - inbound[i, t]
                        worst = max(worst, running)
                x += inbound[i, t] - paths[i, s, t]
                if x < 0:
                    if cover < 0:
                        cover = t + max(0.0, 1.0 + x / max(paths[i, s, t], 1e-9))
                    lost -= x
                    if backorder[i] <= 0:
                        x = 0.0
            short[i, s] = worst - stock[i, s]
            net[i, s] = running - stock[i, s]
            span[i, s] = after - first
            means[i, 0] += demand / after / count
            means[i, 1] += demand / count
            left[s] = x if cover < 0 else -1.0
            means[i, 2] += max(cover, 0.0) / count
            means[i, 3] += first / count
            means[i, 4] += after / count
        # What outlasts the horizon sells at the series' rate: a path of a slow one often sells
        # nothing for a cycle, and at its own rate its stock would last for ever.
        for s in range(count):
            if left[s] >= 0:
                beyond = left[s] / max(means[i, 0], 1e-9)
                means[i, 2] += min(horizon + beyond, MOST_WAITING) / count
    return stock, short, before, net, span, means, wait_lost


@compiled
def price_candidates(
    units: Doubles, stock: Doubles, short: Doubles, before: Doubles, net: Doubles, span: Doubles,
    rate: Doubles, review: Ints, holding: Floats, absorbed: Doubles, backorder: Floats,
) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles]:  # fmt: skip
    """Means over the paths for every candidate (N x C each).

    Units lost in the cycle (exact for lost sales: the largest shortfall above the order; for
    backlog units times periods, exact for cycles of one period), holding cost (on the stock at
    the end of each period, between those at the cycle's start and end along a line; what is left
    beyond `absorbed`, the next order's own target, waits until it is sold), chance of any loss
    until the next arrival, chance of none in the cycle, and further cycles covered.
    """
    n, size = units.shape
    count = short.shape[1]
    lost, held, risk = np.zeros((n, size)), np.zeros((n, size)), np.zeros((n, size))
    safe, skipped = np.zeros((n, size)), np.zeros((n, size))
    for i in range(n):
        cycle = max(rate[i] * review[i], 1e-6)
        per_unit = 0.5 / max(rate[i], 1e-6)
        for c in range(size):
            z = units[i, c]
            if c > 0 and z == units[i, c - 1]:
                lost[i, c], held[i, c], risk[i, c] = lost[i, c - 1], held[i, c - 1], risk[i, c - 1]
                safe[i, c], skipped[i, c] = safe[i, c - 1], skipped[i, c - 1]
                continue
            missed = kept = losing = calm = cycles = 0.0
            for s in range(count):
                gone = max(short[i, s] - z, 0.0)
                left = max(z - net[i, s] + gone, 0.0)
                over = max(left - absorbed[i], 0.0)
                if backorder[i] > 0:
                    owed = max(net[i, s] - z, 0.0)
                    waits = 1.0 if span[i, s] <= 1 else min(0.5 + per_unit * owed, span[i, s])
                    missed += owed * waits
                else:
                    missed += gone
                start = max(stock[i, s] + z, 0.0)
                kept += 0.5 * ((span[i, s] - 1.0) * start + (span[i, s] + 1.0) * left)
                kept += over * min(per_unit * over, MOST_WAITING)
                cycles += min(over / cycle, MOST_CYCLES)
                losing += 1.0 if before[i, s] + gone > TOLERANCE else 0.0
                calm += 1.0 if gone <= TOLERANCE else 0.0
            lost[i, c], held[i, c] = missed / count, holding[i] * kept / count
            risk[i, c], safe[i, c], skipped[i, c] = losing / count, calm / count, cycles / count
    return lost, held, risk, safe, skipped

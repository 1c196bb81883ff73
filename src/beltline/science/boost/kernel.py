"""Features of (series, origin, horizon) rows from running sums, compiled.

A row may read the series, its group and its peers up to its origin `o`, and the known future
(price, day effects) of its target `t = o + h`; nothing else. All arrays of sums are cumulative:
index k holds the sum of periods before k.
"""

import numpy as np
import numpy.typing as npt

from beltline.science.keys import Doubles, Floats, Ints, compiled

SEASON_STEP = 0.2
CORE = (
    "horizon", "offset", "mean_w0", "mean_w1", "mean_w2", "mean_w3", "mean_w4", "slow_level",
    "variation", "zeros_w2", "zeros_w3", "zero_run", "zero_run_rate", "season_smooth",
    "season_mean_4", "season_mean_8", "season_latest", "year_ago", "year_ago_period",
    "year_ago_level", "group_year_ago", "group_growth", "group_momentum", "group_trend",
    "group_season", "peer_momentum", "peer_share", "near_peer_momentum", "price", "price_w2",
    "price_w4", "price_to_most", "price_to_least", "price_in_group", "price_among_peers", "age",
    "latest", "effect",
)  # fmt: skip
OFFSET = CORE.index("offset")
OLD = 2000
KNOWN_LEVEL = 14.0


@compiled
def running(
    y: Floats, season: int, decays: Doubles
) -> tuple[
    Floats, Floats, npt.NDArray[np.uint16], npt.NDArray[np.uint16], Floats, Floats,
    npt.NDArray[np.uint16], Floats, Ints,
]:  # fmt: skip
    """Running figures of every series in one pass; unknown periods are skipped.

    Cumulative sum, squares, periods seen and zeros (N x (T + 1)); fast and slow level, run of
    zeros and same-season level after each period (N x T); the first period seen (T: never).
    """
    n, length = y.shape
    total = np.zeros((n, length + 1), np.float32)
    squares = np.zeros((n, length + 1), np.float32)
    seen = np.zeros((n, length + 1), np.uint16)
    zeros = np.zeros((n, length + 1), np.uint16)
    fast = np.zeros((n, length), np.float32)
    slow = np.zeros((n, length), np.float32)
    run = np.zeros((n, length), np.uint16)
    seasonal = np.zeros((n, length), np.float32)
    first = np.full(n, length, np.int32)
    for i in range(n):
        fast_sum = fast_weight = slow_sum = slow_weight = 0.0
        sum_all = sum_square = 0.0
        count = zero_count = zero_run = 0
        for t in range(length):
            value = y[i, t]
            known = not np.isnan(value)
            if known:
                if count == 0:
                    first[i] = t
                fast_sum = fast_sum * decays[0] + value
                fast_weight = fast_weight * decays[0] + 1.0
                slow_sum = slow_sum * decays[1] + value
                slow_weight = slow_weight * decays[1] + 1.0
                sum_all += value
                sum_square += value * value
                count += 1
                if value == 0:
                    zero_count += 1
                    zero_run += 1
                else:
                    zero_run = 0
            total[i, t + 1], squares[i, t + 1] = sum_all, sum_square
            seen[i, t + 1], zeros[i, t + 1] = count, zero_count
            fast[i, t] = fast_sum / max(fast_weight, 1e-6)
            slow[i, t] = slow_sum / max(slow_weight, 1e-6)
            run[i, t] = zero_run
            before = seasonal[i, t - season] if t >= season else (value if known else 0.0)
            seasonal[i, t] = before + SEASON_STEP * (value - before) if known else before
    return total, squares, seen, zeros, fast, slow, run, seasonal, first


@compiled
def running_response(y: Floats, driver: Floats) -> tuple[Floats, npt.NDArray[np.uint16]]:
    """Cumulative sales in the known periods in which a driver acted, and their number."""
    n, length = y.shape
    total = np.zeros((n, length + 1), np.float32)
    count = np.zeros((n, length + 1), np.uint16)
    for i in range(n):
        amount, seen = 0.0, 0
        for t in range(length):
            if driver[i, t] > 0 and not np.isnan(y[i, t]):
                amount += y[i, t]
                seen += 1
            total[i, t + 1], count[i, t + 1] = amount, seen
    return total, count


@compiled
def running_price(
    price: Floats, length: int
) -> tuple[Floats, npt.NDArray[np.uint16], Floats, Floats]:
    """Cumulative sum and count (N x (T + 1)), most and least so far (N x T) of known prices."""
    n = price.shape[0]
    total = np.zeros((n, length + 1), np.float32)
    seen = np.zeros((n, length + 1), np.uint16)
    most = np.full((n, length), np.nan, np.float32)
    least = np.full((n, length), np.nan, np.float32)
    for i in range(n):
        amount, count = 0.0, 0
        high = low = np.nan
        for t in range(length):
            value = price[i, t]
            if not np.isnan(value):
                amount += value
                count += 1
                if not high >= value:
                    high = value
                if not low <= value:
                    low = value
            total[i, t + 1], seen[i, t + 1] = amount, count
            most[i, t], least[i, t] = high, low
    return total, seen, most, least


@compiled
def level_at(own: float, count: float, prior: float, least: float) -> float:
    """Level of a series seen in `count` periods; one hardly seen leans on `prior`."""
    if np.isnan(prior) or count >= KNOWN_LEVEL:
        return own
    weight = count / KNOWN_LEVEL
    return weight * own + (1.0 - weight) * max(prior, least)


@compiled
def core_features(
    series: Ints,
    origin: Ints,
    horizon: Ints,
    begin: Ints,
    steps: npt.NDArray[np.int64],
    least: float,
    y: Floats,
    total: Floats,
    squares: Floats,
    seen: npt.NDArray[np.uint16],
    zeros: npt.NDArray[np.uint16],
    fast: Floats,
    slow: Floats,
    run: npt.NDArray[np.uint16],
    seasonal: Floats,
    first: Ints,
    group: Ints,
    effect: Floats,
    group_sum: Doubles,
    group_count: Doubles,
    group_price: Floats,
    group_base: int,
    peer: Ints,
    peer_sum: Doubles,
    peer_price: Floats,
    peer_base: int,
    near: Ints,
    near_sum: Doubles,
    near_base: int,
    price: Floats,
    price_sum: Floats,
    price_seen: npt.NDArray[np.uint16],
    price_most: Floats,
    price_least: Floats,
    out: Floats,
) -> None:
    """Write the features named `CORE` into the first columns of `out`, a row for each row.

    `steps` is the five windows, season, year and half. Sums of groups begin at period
    `group_base` (peers likewise): what lies before is unknown. `effect` is on the log scale.
    A row reads its series from period `begin` on, as if it were new then (0: all of it).
    """
    w0, w2, w3, w4 = steps[0], steps[2], steps[3], steps[4]
    season, year, half = steps[5], steps[6], steps[7]
    wide = 2 * half + 1
    nan = np.float32(np.nan)
    for r in range(len(series)):
        i, o, h = series[r], origin[r], horizon[r]
        t = o + h
        g = group[i]
        s = begin[r]
        x = out[r]
        end = o + 1 - group_base
        prior = np.nan
        if end >= w2:
            there = group_count[g, end] - group_count[g, end - w2]
            prior = (group_sum[g, end] - group_sum[g, end - w2]) / max(there, 1.0)
        known = float(seen[i, o + 1]) - float(seen[i, s])
        slower = float(slow[i, o])
        own = 0.5 * max(float(fast[i, o]), least) + 0.5 * max(slower, least)
        if s > 0:
            slower = (total[i, o + 1] - total[i, s]) / max(known, 1.0)
            own = max(slower, least)
        b = level_at(own, known, prior, least)
        x[0], x[1] = h, np.log(b) + effect[g, t]
        for k in range(5):
            a = max(o + 1 - steps[k], s)
            count = float(seen[i, o + 1]) - float(seen[i, a])
            x[2 + k] = (total[i, o + 1] - total[i, a]) / count / b if count > 0 else nan
        x[7] = slower / b if known > 0 else nan
        a = max(o + 1 - w2, s)
        count = float(seen[i, o + 1]) - float(seen[i, a])
        x[8] = x[9] = x[10] = x[11] = x[12] = nan
        if count > 0:
            mean = (total[i, o + 1] - total[i, a]) / count
            spread = (squares[i, o + 1] - squares[i, a]) / count - mean * mean
            x[8] = np.sqrt(max(spread, 0.0)) / (mean + 0.05)
            x[9] = (zeros[i, o + 1] - zeros[i, a]) / count
        a = max(o + 1 - w3, s)
        count = float(seen[i, o + 1]) - float(seen[i, a])
        if count > 0:
            x[10] = (zeros[i, o + 1] - zeros[i, a]) / count
        if known > 0:
            x[11] = min(int(run[i, o]), o + 1 - s)
            x[12] = x[11] * slower
        k = t  # the latest period not after o in the same place of the season as t
        while k > o:
            k -= season
        x[13] = seasonal[i, k] / b if k >= 0 and s == 0 and first[i] <= k else nan
        s4 = c4 = s8 = c8 = 0.0
        for j in range(8):
            p = k - season * j
            if p >= s and not np.isnan(y[i, p]):
                s8 += y[i, p]
                c8 += 1.0
                if j < 4:
                    s4 += y[i, p]
                    c4 += 1.0
        x[14] = s4 / c4 / b if c4 > 0 else nan
        x[15] = s8 / c8 / b if c8 > 0 else nan
        x[16] = y[i, k] / b if k >= s else nan
        past = o - year
        x[17] = x[18] = x[19] = nan
        if past - w2 >= s and first[i] <= past - w2 + 1:
            then = total[i, past + 1] - total[i, past - w2 + 1]
            then /= max(seen[i, past + 1] - seen[i, past - w2 + 1], 1)
            a = t - year - half
            around = (total[i, a + wide] - total[i, a]) / max(seen[i, a + wide] - seen[i, a], 1)
            x[17] = (around + 0.05) / (then + 0.05)
            x[18] = y[i, t - year] / (then + 0.05)
            x[19] = then / b
        recent = nan
        if end >= w2:
            recent = (group_sum[g, end] - group_sum[g, end - w2]) / w2
        x[20] = x[21] = x[22] = x[23] = x[24] = nan
        if end - year - w2 >= 0:
            then = (group_sum[g, end - year] - group_sum[g, end - year - w2]) / w2
            a = t - year - half - group_base
            x[20] = (group_sum[g, a + wide] - group_sum[g, a]) / wide / max(then, 1e-3)
            x[21] = recent / max(then, 1e-3)
        if end >= w3:
            longer = (group_sum[g, end] - group_sum[g, end - w3]) / w3
            x[22] = (group_sum[g, end] - group_sum[g, end - w0]) / w0 / max(recent, 1e-3)
            x[23] = recent / max(longer, 1e-3)
            same = 0.0
            for j in range(8):
                a = k - season * j - group_base
                if a >= 0:
                    same += group_sum[g, a + 1] - group_sum[g, a]
            x[24] = same / 8.0 / max(longer, 1e-3)
        x[25] = x[26] = x[27] = nan
        end = o + 1 - peer_base
        if peer.size > 0 and peer[i] >= 0 and end >= w2:
            wider = (peer_sum[peer[i], end] - peer_sum[peer[i], end - w2]) / w2
            short = (peer_sum[peer[i], end] - peer_sum[peer[i], end - w0]) / w0
            x[25] = short / (wider + 0.05)
            x[26] = b / (wider + 0.05)
        end = o + 1 - near_base
        if near.size > 0 and near[i] >= 0 and end >= w2:
            wider = (near_sum[near[i], end] - near_sum[near[i], end - w2]) / w2
            short = (near_sum[near[i], end] - near_sum[near[i], end - w0]) / w0
            x[27] = short / (wider + 0.05)
        for c in range(28, 35):
            x[c] = nan
        if price.size > 0:
            value = price[i, t]
            x[28] = value
            a = max(o + 1 - w2, s)
            count = max(price_seen[i, o + 1] - price_seen[i, a], 1)
            x[29] = value / ((price_sum[i, o + 1] - price_sum[i, a]) / count + 1e-6)
            a = max(o + 1 - w4, s)
            before = float(price_seen[i, o + 1]) - float(price_seen[i, a])
            x[30] = value / ((price_sum[i, o + 1] - price_sum[i, a]) / max(before, 1.0) + 1e-6)
            if before < 1.0:
                x[29] = x[30] = nan
            if s == 0:
                x[31] = value / price_most[i, o]
                x[32] = value / price_least[i, o]
            x[33] = value / max(group_price[g, t - group_base], 1e-3)
            if peer.size > 0 and peer[i] >= 0:
                x[34] = value / max(peer_price[peer[i], t - peer_base], 1e-3)
        x[35] = t - max(first[i], s) if max(first[i], s) > 0 else OLD
        x[36] = y[i, o] / b if o >= s else nan
        x[37] = effect[g, t]

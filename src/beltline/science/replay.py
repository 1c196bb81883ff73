"""Replay history with a policy, and calibrate the policy by it.

The theoretical critical ratio over-orders when the predictive distribution is too wide or biased;
what a factor on the shortage cost would really have cost is found by playing past periods, each
decided with what was known then.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from beltline.science.cycle import draw_leads
from beltline.science.keys import Doubles, Floats, Ints, series_keys
from beltline.science.panel import Panel
from beltline.science.reorder.source import Review, draw, learn, review, tell
from beltline.science.reorder.spread import sample_paths
from beltline.science.replenish import decide
from beltline.science.terms import Policy, Terms

FACTORS = (0.1, 0.16, 0.25, 0.32, 0.4, 0.5, 0.63, 0.8, 1.0, 1.3, 1.8)
MOST_SERIES = 2_000
PATHS = 100
NEAR = 1.0075
"""Factors this near to the cheapest are as good: the one that ties up least is taken."""

Rows: TypeAlias = npt.NDArray[np.intp]
Draws: TypeAlias = Callable[[Panel, int], Floats]
"""Demand paths (N x S x H) of a panel as it was known at a step of the replay."""


class Calibration(msgspec.Struct, frozen=True, eq=False):
    """The cheapest policy and what every factor tried would have cost (`factor, cost`)."""

    policy: Policy
    costs: pl.DataFrame


def calibrate(
    panel: Panel,
    terms: Terms,
    *,
    horizon: int,
    windows: int,
    paths: int = PATHS,
    seed: int = 0,
    factors: Sequence[float] = FACTORS,
    past: Review | None = None,
) -> Calibration:
    """The factor on shortage cost that was cheapest over the last `windows` periods.

    At most `MOST_SERIES` series, chosen by key, take part. `terms` gives the costs, lead times
    and lots; its stock and pipeline are not used. `past` saves making the forecasts again.
    """
    keys = series_keys(panel.unique_ids)
    rows = np.sort(np.argsort(keys, kind="stable")[:MOST_SERIES]).astype(np.intp)
    if past is None:
        past = review(panel, horizon=horizon, seed=seed, periods=windows)
    part = panel.take(rows)
    windows = min(windows, panel.length - 1)
    begin = panel.length - windows
    draws = _draws_of(panel, past, rows, begin, horizon=horizon, paths=paths, seed=seed)
    policies = [Policy(shortage_factor=factor) for factor in factors]
    costs = replay(part, terms.take(rows), draws, windows=windows, seed=seed, policies=policies)
    totals = costs.sum(axis=1)
    frame = pl.DataFrame({"factor": list(factors), "cost": totals})
    near = [f for f, cost in zip(factors, totals, strict=True) if cost <= NEAR * totals.min()]
    return Calibration(policy=Policy(shortage_factor=min(near)), costs=frame)


def _draws_of(
    panel: Panel, past: Review | None, rows: Rows, begin: int, *, horizon: int, paths: int,
    seed: int,
) -> Draws:  # fmt: skip
    """Paths of past cut-offs: from a review's means, or the floor fitted before the window."""
    if past is not None and past.first <= begin:
        shown = past

        def told_then(known: Panel, step: int) -> Floats:
            mean = shown.told[begin + step - shown.first][rows]
            keys = series_keys(known.unique_ids)
            return sample_paths(mean, shown.spread, keys, paths=paths, seed=seed + step)

        return told_then
    source = learn(panel.until(panel.date_of(begin - 1)), horizon=horizon, seed=seed)

    def drawn(known: Panel, step: int) -> Floats:
        told = None
        if source.learned is not None:  # trees look at all series, whichever take part
            told = tell(source, panel.until(known.cut_off))[rows]
        parts = draw(source, known, paths=paths, seed=seed + step, told=told)
        return np.concatenate([part for _, part in parts])

    return drawn


def replay(
    panel: Panel,
    terms: Terms,
    draws: Draws,
    *,
    windows: int,
    seed: int,
    policies: list[Policy],
) -> Doubles:
    """Cost of each series under each policy (policies x N) over the last `windows` periods.

    Every policy starts with the expected demand of lead time and review in stock and nothing on
    the way; the first lead time and review are played but not counted where the window is long
    enough. In out-of-stock periods the true demand is unknown: the mean forecast stands in. What
    is missing is lost, or owed until it comes where the terms say so.
    """
    count, n = len(policies), panel.size
    keys = series_keys(panel.unique_ids)
    begin = panel.length - windows
    lead_mean = terms.lead_pmf @ np.arange(terms.lead_pmf.shape[1])
    settle = int(np.ceil(lead_mean.max(initial=0) + terms.review.max(initial=1)))
    counted_from = settle if settle < windows // 2 else 0
    longest = terms.lead_pmf.shape[1]
    stock = np.zeros((count, n))
    pipeline = np.zeros((0, 0, 0))
    cost = np.zeros((count, n))
    for step in range(windows):
        known = panel.until(panel.date_of(begin + step - 1))
        paths = draws(known, step)
        told = paths.mean(axis=1)
        if step == 0:
            horizon = paths.shape[2]
            pipeline = np.zeros((count, n, windows + horizon + longest))
            span = np.minimum(np.rint(lead_mean).astype(int) + terms.review, horizon - 1)
            stock[:] = np.cumsum(told, axis=1)[np.arange(n), span]
        due = (step % terms.review) == 0
        if due.any():
            leads = draw_leads(terms.lead_pmf, keys, np.uint64(seed + step + 1), 1)[:, 0]
            for p, policy in enumerate(policies):
                units = _order(terms, paths, known, stock[p], pipeline[p], step, policy, seed)
                units = np.where(due, units, 0.0)
                pipeline[p, np.arange(n), step + leads] += units
                cost[p] += np.where(step >= counted_from, terms.order_cost * (units > 0), 0.0)
        demand = _true_demand(panel, begin + step, told[:, 0])
        stock += pipeline[:, :, step]
        stock -= demand
        if step >= counted_from:
            cost += terms.shortage * np.maximum(-stock, 0.0)
            cost += terms.holding * np.maximum(stock, 0.0)
        stock = np.where(terms.backorder > 0, stock, np.maximum(stock, 0.0))
    return cost


def _order(
    terms: Terms, paths: Floats, known: Panel, stock: Doubles, pipeline: Doubles, step: int,
    policy: Policy, seed: int,
) -> Floats:  # fmt: skip
    state = msgspec.structs.replace(
        terms,
        on_hand=stock.astype(np.float32),
        inbound=np.ascontiguousarray(pipeline[:, step : step + paths.shape[2]], np.float32),
        arrivals=_open(terms.arrivals, paths.shape[2]),
        calendar=np.zeros(terms.size, np.int32),
    )
    keys = series_keys(known.unique_ids)
    return decide(state, paths, known.unique_ids, keys, policy=policy, seed=seed).units


def _open(arrivals: Ints, horizon: int) -> Ints:
    """The table without closures: the past is replayed on an open calendar."""
    plain = np.add.outer(np.arange(arrivals.shape[1]), np.arange(arrivals.shape[2]))
    return np.minimum(plain, horizon)[None].astype(np.int32)


def _true_demand(panel: Panel, period: int, stand_in: Floats) -> Doubles:
    sold = np.nan_to_num(panel.y[:, period]).astype(np.float64)
    if panel.in_stock is None:
        return sold
    return np.where(panel.in_stock[:, period], sold, np.maximum(sold, stand_in))

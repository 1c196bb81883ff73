"""Replay history with a policy, and calibrate the policy by it.

The theoretical critical ratio over-orders when the predictive distribution is too wide or biased;
what a factor on the shortage cost would really have cost is found by playing past periods, each
decided with what was known then.
"""

import msgspec
import numpy as np
import polars as pl

from beltline.science.cycle import draw_leads
from beltline.science.forecast import Effort, Model, fit, forecast, simulate_chunks
from beltline.science.keys import Doubles, Floats, Ints, series_keys
from beltline.science.panel import Panel
from beltline.science.replenish import decide
from beltline.science.terms import Policy, Terms

FACTORS = (0.15, 0.25, 0.4, 0.6, 0.8, 1.0, 1.3, 1.8)
MOST_SERIES = 2_000


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
    paths: int = 100,
    seed: int = 0,
    effort: Effort = Effort.FAST,
    factors: tuple[float, ...] = FACTORS,
) -> Calibration:
    """The factor on shortage cost that was cheapest over the last `windows` periods.

    The model is fitted before the window; at most `MOST_SERIES` series, chosen by key, take
    part. `terms` gives the costs, lead times and lots; its stock and pipeline are not used.
    """
    keys = series_keys(panel.unique_ids)
    rows = np.sort(np.argsort(keys, kind="stable")[:MOST_SERIES]).astype(np.intp)
    part, sample = panel.take(rows), terms.take(rows)
    start = part.date_of(part.length - windows - 1)
    model = fit(panel.until(start), horizon=horizon, seed=seed, effort=effort)
    costs = replay(
        part, sample, model, windows=windows, paths=paths, seed=seed,
        policies=[Policy(shortage_factor=f) for f in factors],
    )  # fmt: skip
    totals = costs.sum(axis=1)
    frame = pl.DataFrame({"factor": list(factors), "cost": totals})
    best = Policy(shortage_factor=factors[int(totals.argmin())])
    return Calibration(policy=best, costs=frame)


def replay(
    panel: Panel,
    terms: Terms,
    model: Model,
    *,
    windows: int,
    paths: int,
    seed: int,
    policies: list[Policy],
) -> Doubles:
    """Cost of each series under each policy (policies x N) over the last `windows` periods.

    Every policy starts with the expected demand of lead time and review in stock and nothing on
    the way; the first lead time and review are played but not counted where the window is long
    enough. In out-of-stock periods the true demand is unknown: the mean forecast stands in.
    """
    count, n, horizon = len(policies), panel.size, model.horizon
    keys = series_keys(panel.unique_ids)
    begin = panel.length - windows
    lead_mean = terms.lead_pmf @ np.arange(terms.lead_pmf.shape[1])
    settle = int(np.ceil(lead_mean.max(initial=0) + terms.review.max(initial=1)))
    counted_from = settle if settle < windows // 2 else 0
    stock, pipeline = np.zeros((count, n)), np.zeros((count, n, windows + horizon + 1))
    cost = np.zeros((count, n))
    for step in range(windows):
        known = panel.until(panel.date_of(begin + step - 1))
        told = forecast(model, known, quantiles=(0.5,))
        if step == 0:
            span = np.minimum(np.rint(lead_mean).astype(int) + terms.review, horizon - 1)
            stock[:] = np.cumsum(told.mean, axis=1)[np.arange(n), span]
        due = (step % terms.review) == 0
        if due.any():
            leads = draw_leads(terms.lead_pmf, keys, np.uint64(seed + step + 1), 1)[:, 0]
            drawn = np.concatenate(
                [c for _, c in simulate_chunks(model, known, paths=paths, seed=seed + step)]
            )
            for p, policy in enumerate(policies):
                units = _order(terms, drawn, known, stock[p], pipeline[p], step, policy, seed)
                units = np.where(due, units, 0.0)
                pipeline[p, np.arange(n), step + leads] += units
                cost[p] += np.where(step >= counted_from, terms.order_cost * (units > 0), 0.0)
        demand = _true_demand(panel, begin + step, told.mean[:, 0])
        stock += pipeline[:, :, step]
        lost = np.maximum(demand - stock, 0.0)
        stock = np.maximum(stock - demand, 0.0)
        if step >= counted_from:
            cost += terms.shortage * lost + terms.holding * stock
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

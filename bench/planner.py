"""Order decisions: how many a minute, and how near to the exact (s, S) policy.

Speed is that of `decide` on 200 fresh sample paths for each series (random lead times of one to
four periods, pipeline, MOQ, packs, a price step), measured on 20,000 series in one process; the
time of a million on two cores is extrapolated from it and marked so, shards being independent.
The closed form of the long tail runs on the whole million. Nearness: 200 random Poisson cases with
order cost and backorders; levels as `decide` finds them from 200 paths, their exact long-run cost
by the renewal equations against the best of all (s, S) by enumeration. `python -m bench.planner`.
"""

import sys
import time
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
from scipy import stats

from beltline.science.forecast import Forecast
from beltline.science.keys import Doubles, series_keys
from beltline.science.levels import reorder_levels
from beltline.science.panel import Freq
from beltline.science.reorder.spread import GENERIC, sample_paths
from beltline.science.replenish import decide
from beltline.science.tail import decide_closed_form
from beltline.science.terms import Terms, make_terms
from bench.table import Row

PATHS, HORIZON = 200, 6
SERIES, CHUNK, TAIL = 20_000, 5_000, 1_000_000
CASES = 200


def rows() -> Iterator[Row]:
    """The rows of the benchmark page."""
    rate = speed()
    minutes = TAIL / (2.0 * rate)
    yield Row(
        what=f"decisions on {PATHS} paths", method="beltline", value=rate, unit="SKU/s a core",
        seeds="0", note=f"measured on {SERIES:,} SKUs, paths included",
    )  # fmt: skip
    yield Row(
        what="a million SKUs on two cores", method="beltline", value=minutes, unit="s",
        seeds="0", goal="<= 60 s", met=minutes <= 60.0, note="extrapolated from the row above",
    )  # fmt: skip
    yield Row(
        what="the long tail in closed form, a million SKUs", method="beltline",
        value=tail_seconds(), unit="s", seeds="0", note="one core, measured",
    )  # fmt: skip
    excess = np.array(list(excesses(0)))
    low, high = np.quantile(excess, [0.025, 0.975])
    yield Row(
        what=f"cost above the exact (s, S), {CASES} Poisson cases", method="beltline",
        value=float(excess.mean()), unit="%", low=float(low), high=float(high), seeds="0",
        goal="<= 0.5 %", met=bool(excess.mean() <= 0.5), note=f"worst case {excess.max():.2f} %",
    )  # fmt: skip


def main() -> int:
    """Print the rows."""
    for row in rows():
        print(row.what, round(row.value, 3), row.unit, row.note, flush=True)
    return 0


def speed() -> float:
    """Series decided per second of one core."""
    _decide_some(0, 200)  # compile
    began = time.process_time()
    for low in range(0, SERIES, CHUNK):
        _decide_some(low, low + CHUNK)
    return SERIES / (time.process_time() - began)


def _decide_some(low: int, high: int) -> None:
    draw = np.random.default_rng(low)
    size = high - low
    base = draw.lognormal(0.0, 1.3, size)
    mean = (base[:, None] * draw.uniform(0.7, 1.3, (size, HORIZON))).astype(np.float32)
    ids = pl.Series([f"S{k}" for k in range(low, high)])
    keys = series_keys(ids)
    paths = sample_paths(mean, GENERIC, keys, paths=PATHS, seed=0)
    decide(_terms(base, draw), paths, ids, keys)


def _terms(base: Doubles, draw: np.random.Generator) -> Terms:
    size = len(base)
    inbound = np.zeros((size, HORIZON), np.float32)
    inbound[:, :2] = np.round(base * draw.uniform(0.0, 2.0, size))[:, None]
    pmf = np.tile(np.array([0.0, 0.6, 0.3, 0.1], np.float32), (size, 1))
    return make_terms(
        on_hand=np.round(2.0 * base), inbound=inbound, lead_pmf=pmf, review=1, holding=1.0,
        shortage=5.0, moq=5.0, pack=2.0,
        break_quantity=np.tile(np.array([1.0, 50.0], np.float32), (size, 1)),
        break_price=np.tile(np.array([1.0, 0.9], np.float32), (size, 1)),
    )  # fmt: skip


def tail_seconds() -> float:
    """Seconds of the closed form for a million series."""
    draw = np.random.default_rng(0)
    base = draw.lognormal(0.0, 1.3, TAIL)
    mean = np.repeat(base[:, None], HORIZON, axis=1).astype(np.float32)
    told = Forecast(
        unique_ids=pl.Series(np.arange(TAIL)).cast(pl.String), freq=Freq.WEEK,
        first_date=date(2024, 1, 1), mean=mean, levels=(), quantiles=np.zeros((TAIL, 0, HORIZON)),
        cumulative_sd=np.sqrt(np.cumsum(mean, axis=1)),
    )  # fmt: skip
    terms = _terms(base, draw)
    began = time.process_time()
    decide_closed_form(terms, told)
    return time.process_time() - began


def excesses(seed: int) -> Iterator[float]:
    """Percent by which each case's levels cost more than the exact ones."""
    draw = np.random.default_rng(seed)
    for _ in range(CASES):
        rate, lead = draw.uniform(0.5, 20.0), int(draw.integers(0, 4))
        order_cost, holding = draw.uniform(1.0, 100.0), 1.0
        shortage = draw.uniform(2.0, 40.0)
        paths = draw.poisson(rate, (PATHS, lead + 1)).astype(np.float64)
        total = paths.sum(axis=1)
        low, high, _ = reorder_levels(
            np.array([total.mean()]), np.array([total.var()]), np.array([paths[:, -1].mean()]),
            np.array([paths[:, -1].var()]), np.array([order_cost]), np.array([holding]),
            np.array([shortage]), np.ones(1),
        )  # fmt: skip
        costs = exact_costs(rate, lead, order_cost, holding, shortage)
        own = costs[int(high[0] - low[0]) - 1, int(high[0]) + OFFSET]
        yield 100.0 * float(own / costs.min() - 1.0)


OFFSET, TOP, WIDEST = 60, 260, 220


def exact_costs(
    rate: float, lead: int, order_cost: float, holding: float, shortage: float
) -> Doubles:
    """Long-run cost of every policy: row S - s - 1, column S + `OFFSET` (inf where not covered)."""
    size = 2 * OFFSET + TOP
    position = np.arange(-OFFSET - WIDEST, TOP)
    demand = stats.poisson.pmf(np.arange(size), rate * (lead + 1))
    spare = position[:, None] - np.arange(size)[None, :]
    cycle = np.where(spare > 0, holding * spare, -shortage * spare) @ demand
    single = stats.poisson.pmf(np.arange(WIDEST), rate)
    visits = np.zeros(WIDEST)
    visits[0] = 1.0 / (1.0 - single[0])
    for j in range(1, WIDEST):
        visits[j] = visits[0] * (single[1 : j + 1] * visits[j - 1 :: -1][:j]).sum()
    found = np.full((WIDEST, OFFSET + TOP), np.inf)
    running = np.zeros(OFFSET + TOP)
    for width in range(WIDEST):
        running = running + visits[width] * cycle[WIDEST - width :][: OFFSET + TOP]
        found[width] = (order_cost + running) / visits[: width + 1].sum()
    return found


if __name__ == "__main__":
    sys.exit(main())

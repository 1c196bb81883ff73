"""Orders on the VN2 inventory competition's history, by its rules, without a look ahead.

The last 32 weeks of the history are replayed: holding .2 and shortage 1 per unit and week, lost
sales, an order decided at the end of week X can be sold from the start of X + 3. Beltline's
planner is calibrated on what lies before them, learns demand anew every eight weeks, and sees
week by week what was sold. Beside it: the competition's benchmark policy, a textbook (R, S)
rule and the clairvoyant. `python -m bench.vn2 --weeks 32 --seeds 5`; the data lies beside the
repository. In a week, stock arrives, demand is met or lost, and the rest is charged.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import TypeAlias

import msgspec
import numpy as np
import polars as pl

from beltline.science.keys import Bools, Doubles
from beltline.science.ordering import Planner, learned_anew, make_planner, order
from beltline.science.panel import Freq, Panel, encode
from beltline.science.terms import Terms, make_terms
from bench.table import Row, resampled

DATA = Path(__file__).parents[2] / "shared" / "data" / "vn2_history"
HOLDING, SHORTAGE, LEAD = 0.2, 1.0, 2
UNTOUCHED = 2
"""Weeks at the start of a replay that no decision in it can change; they are not counted."""
REFIT_WEEKS = 8
Policy: TypeAlias = Callable[[int, Doubles, Doubles, Doubles], Doubles]
"""Units to order after `t` weeks, from stock, what arrives next week and the week after."""


class World(msgspec.Struct, frozen=True, eq=False):
    """Sales and flags of the whole history, N x 157."""

    ids: pl.Series
    sold: Doubles
    in_stock: Bools
    first: date
    attributes: pl.DataFrame

    def panel(self, weeks: int) -> Panel:
        """What was known after so many weeks."""
        return Panel(
            unique_ids=self.ids, freq=Freq.WEEK, first_date=self.first,
            y=self.sold[:, :weeks].astype(np.float32), in_stock=self.in_stock[:, :weeks],
            static={n: encode(self.attributes[n]) for n in self.attributes.columns},
        )  # fmt: skip

    def week_of_year(self, weeks: int) -> np.ndarray:
        """ISO week of each of the first `weeks` periods."""
        days = self.panel(1).dates(0, weeks)
        return np.array([day.isocalendar().week for day in days])


def rows() -> Iterator[Row]:
    """The rows of the benchmark page."""
    if not (DATA / "sales.csv").exists():
        raise SystemExit(f"the VN2 history is absent: {DATA}")
    yield from measure(weeks=32, seeds=range(5))


def main() -> int:
    """Print a quick look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=32)
    parser.add_argument("--end", type=int, default=157, help="the last week that is replayed")
    parser.add_argument("--seeds", type=int, default=1)
    chosen = parser.parse_args()
    if not (DATA / "sales.csv").exists():
        print(f"the VN2 history is absent: {DATA}", file=sys.stderr)
        return 2
    for row in measure(weeks=chosen.weeks, seeds=range(chosen.seeds), end=chosen.end):
        print(row.method, round(row.value, 4), row.low, row.high, row.note, flush=True)
    return 0


def measure(*, weeks: int, seeds: range, end: int = 157) -> Iterator[Row]:
    """Cost of every policy over `weeks` weeks up to week `end`, and ours relative to it."""
    world = read_world()
    begin = end - weeks
    what = f"cost of weeks {begin + UNTOUCHED + 1}-{end}"
    base = simulate(world, begin, end, benchmark_policy(world)).sum(axis=1)
    sure = simulate(world, begin, end, clairvoyant_policy(world, end)).sum(axis=1)
    book = simulate(world, begin, end, textbook_policy(world)).sum(axis=1)
    yield _row(what, "competition's benchmark policy", base)
    yield _row(what, "textbook (R, S), z sd sqrt(L + R)", book)
    yield _row(what, "clairvoyant, same lead time", sure)
    ours, factors = [], []
    for seed in seeds:
        policy = BeltlinePolicy(world, begin, seed)
        ours.append(simulate(world, begin, end, policy).sum(axis=1))
        factors.append(policy.factor)
        print(f"seed {seed}: {ours[-1].sum():,.0f}", file=sys.stderr, flush=True)
    totals = np.array([cost.sum() for cost in ours])
    middle = ours[int(np.argsort(totals)[(len(totals) - 1) // 2])]
    named = f"{seeds.start}-{seeds.stop - 1}"
    tried = f"each seed: {', '.join(f'{t:,.0f}' for t in totals)}"
    yield msgspec.structs.replace(
        _row(what, "beltline, median of the seeds", middle), seeds=named, note=tried
    )
    ratio = float(np.median(totals) / base.sum())
    low, high = resampled(middle, base)
    yield Row(
        what="cost relative to the benchmark policy", method="beltline, median of the seeds",
        value=ratio, low=low, high=high, seeds=named, goal="<= 0.77", met=ratio <= 0.77,
        note=f"weights of shortage chosen by replay: {factors}",
    )  # fmt: skip
    closed = (base.sum() - np.median(totals)) / (base.sum() - sure.sum())
    yield Row(
        what="share of the benchmark's regret closed", method="beltline, median of the seeds",
        value=float(closed), seeds=named,
    )  # fmt: skip


def _row(what: str, method: str, cost: Doubles) -> Row:
    low, high = resampled(cost)
    return Row(what=what, method=method, value=float(cost.sum()), unit="EUR", low=low, high=high)


def read_world() -> World:
    """The history, series sorted by id."""
    sales, flags = (pl.read_csv(DATA / f"{name}.csv") for name in ("sales", "in_stock"))
    ids = pl.Series([f"{p}@{s}" for s, p in zip(sales["Store"], sales["Product"], strict=True)])
    order_of = ids.arg_sort()
    weeks = sales.columns[2:]
    attributes = pl.read_csv(DATA / "master.csv").select(pl.all().cast(pl.String))
    return World(
        ids=ids.gather(order_of),
        sold=sales.select(weeks).to_numpy().astype(np.float64)[order_of],
        in_stock=flags.select(weeks).to_numpy().astype(np.bool_)[order_of],
        first=date.fromisoformat(weeks[0]),
        attributes=attributes[order_of],
    )


def simulate(world: World, begin: int, end: int, policy: Policy) -> Doubles:
    """Cost of each series and counted week. All policies start with the benchmark's target."""
    stock = np.round(seasonal_mean(world, begin, 4).sum(axis=1))
    next_week, week_after = np.zeros_like(stock), np.zeros_like(stock)
    cost = np.zeros((len(stock), end - begin))
    for k, week in enumerate(range(begin, end)):
        units = policy(week, stock, next_week, week_after)
        stock = stock + next_week
        demand = world.sold[:, week]
        lost = np.maximum(demand - stock, 0.0)
        stock = np.maximum(stock - demand, 0.0)
        cost[:, k] = HOLDING * stock + SHORTAGE * lost
        next_week, week_after = week_after, units
    return cost[:, UNTOUCHED:]


class BeltlinePolicy:
    """The planner of `beltline replenish`, fitted again every `REFIT_WEEKS`."""

    def __init__(self, world: World, begin: int, seed: int) -> None:
        """Nothing is fitted yet."""
        self._world, self._begin, self._seed = world, begin, seed
        self._planner: Planner | None = None
        self.factor = 1.0

    def __call__(
        self, week: int, stock: Doubles, next_week: Doubles, week_after: Doubles
    ) -> Doubles:
        """Units of the planner."""
        panel = self._world.panel(week)
        terms = _terms(stock, next_week, week_after)
        if self._planner is None:
            self._planner = make_planner(panel, terms, seed=self._seed)
            self.factor = self._planner.policy.shortage_factor
        elif (week - self._begin) % REFIT_WEEKS == 0:
            self._planner = learned_anew(self._planner, panel, seed=self._seed)
        return order(self._planner, panel, terms, seed=self._seed + week).units.astype(np.float64)


def _terms(stock: Doubles, next_week: Doubles, week_after: Doubles) -> Terms:
    inbound = np.zeros((len(stock), LEAD + 1), np.float32)
    inbound[:, 0], inbound[:, 1] = next_week, week_after
    pmf = np.zeros((len(stock), LEAD + 1), np.float32)
    pmf[:, LEAD] = 1.0
    return make_terms(
        on_hand=stock, inbound=inbound, lead_pmf=pmf, review=1, holding=HOLDING, shortage=SHORTAGE
    )


def seasonal_mean(world: World, weeks: int, ahead: int) -> Doubles:
    """The competition's forecast: mean of 13 weeks without, then with, week-of-year factors."""
    known = np.where(world.in_stock[:, :weeks], world.sold[:, :weeks], np.nan)
    calendar = world.week_of_year(weeks + ahead)
    mean = np.nanmean(known, axis=0)
    factor = np.ones(54)
    for week in np.unique(calendar[:weeks]):
        factor[week] = mean[calendar[:weeks] == week].mean()
    present = np.unique(calendar[:weeks])
    factor[present] /= factor[present].mean()
    plain = known / factor[calendar[:weeks]]
    latest = plain[:, -13:]
    count = np.isfinite(latest).sum(axis=1)
    level = np.nan_to_num(latest).sum(axis=1) / np.maximum(count, 1)
    return level[:, None] * factor[calendar[weeks:]]


def benchmark_policy(world: World) -> Policy:
    """Order up to the forecast of the next four weeks."""

    def policy(week: int, stock: Doubles, a: Doubles, b: Doubles) -> Doubles:
        target = seasonal_mean(world, week, LEAD + 2).sum(axis=1)
        return np.round(np.maximum(target - stock - a - b, 0.0))

    return policy


def textbook_policy(world: World) -> Policy:
    """Mean demand of lead time and review plus z standard deviations, critical ratio b/(b + h)."""
    z = NormalDist().inv_cdf(SHORTAGE / (SHORTAGE + HOLDING))
    cycle = LEAD + 1

    def policy(week: int, stock: Doubles, a: Doubles, b: Doubles) -> Doubles:
        known = np.where(world.in_stock[:, :week], world.sold[:, :week], np.nan)[:, -52:]
        count = np.maximum(np.isfinite(known).sum(axis=1), 1)
        mean = np.nan_to_num(known).sum(axis=1) / count
        spread = np.sqrt(np.nansum((known - mean[:, None]) ** 2, axis=1) / count)
        target = cycle * mean + z * spread * np.sqrt(cycle)
        return np.round(np.maximum(target - stock - a - b, 0.0))

    return policy


def clairvoyant_policy(world: World, end: int) -> Policy:
    """Knows every sale: orders just what will be missing in the week of arrival."""

    def policy(week: int, stock: Doubles, a: Doubles, b: Doubles) -> Doubles:
        if week + LEAD >= end:
            return np.zeros_like(stock)
        left = np.maximum(stock + a - world.sold[:, week], 0.0)
        left = np.maximum(left + b - world.sold[:, week + 1], 0.0)
        return np.maximum(world.sold[:, week + 2] - left, 0.0)

    return policy


if __name__ == "__main__":
    sys.exit(main())

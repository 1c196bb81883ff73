"""Order splitting over six warehouses with scarce stock, against a proved bound.

Orders of one to six lines over 200 SKUs with popularity falling by rank, stock 15 % above all
demand but spread unevenly over two to five warehouses. The bound is the dual bound of the whole
day as one mixed-integer program, solved by HiGHS with all orders known (clairvoyant). Beside it
per-line nearest: each line from the cheapest warehouse that has it. Run `python -m bench.alloc`.
"""

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np
from scipy import optimize, sparse

from beltline.science.allocation import Orders, cost_of, decide
from beltline.science.keys import Ints
from bench.table import Row

SKUS, WAREHOUSES, LOST = 200, 6, 12.0
SPEED_ORDERS = 20_000


def rows() -> Iterator[Row]:
    """The rows of the benchmark page."""
    yield from measure(orders=100, seeds=range(5), seconds=20.0)


def main() -> int:
    """Print a quick look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each bound")
    chosen = parser.parse_args()
    for row in measure(orders=chosen.orders, seeds=range(chosen.seeds), seconds=chosen.seconds):
        print(row.what, row.method, round(row.value, 4), row.low, row.high, row.note, flush=True)
    return 0


def measure(*, orders: int, seeds: range, seconds: float) -> Iterator[Row]:
    """Cost relative to the bound for each method, and orders a second."""
    ratios: dict[str, list[float]] = {"per-line nearest": [], "beltline": []}
    for seed in seeds:
        day, stock = generate(orders, seed)
        bound = clairvoyant_bound(day, stock, seconds)
        expected = np.bincount(day.sku, day.units, SKUS)
        mine = decide(day, stock, lost_cost=LOST, expected=expected)
        near = nearest(day, stock)
        ratios["beltline"].append(cost_of(day, mine.shipped, lost_cost=LOST) / bound)
        ratios["per-line nearest"].append(cost_of(day, near, lost_cost=LOST) / bound)
    named = f"{seeds.start}-{seeds.stop - 1}"
    for method, values in ratios.items():
        mean = float(np.mean(values))
        ours = method == "beltline"
        yield Row(
            what=f"cost / clairvoyant bound, {orders} orders", method=method, value=mean,
            low=min(values), high=max(values), seeds=named, goal="<= 1.03" if ours else "",
            met=mean <= 1.03 if ours else None, note="interval: least and largest of the seeds",
        )  # fmt: skip
    day, stock = generate(SPEED_ORDERS, 0)
    expected = np.bincount(day.sku, day.units, SKUS)
    began = time.process_time()
    decide(day, stock, lost_cost=LOST, expected=expected)
    rate = SPEED_ORDERS / (time.process_time() - began)
    yield Row(
        what=f"speed, {SPEED_ORDERS:,} orders", method="beltline", value=rate,
        unit="orders/s a core", seeds="0", goal=">= 5,000", met=rate >= 5_000,
    )  # fmt: skip


def generate(count: int, seed: int) -> tuple[Orders, Ints]:
    """A day of orders and the stock (SKU x warehouse) it meets."""
    draw = np.random.default_rng(seed)
    popular = 1.0 / np.arange(1, SKUS + 1) ** 0.8
    popular /= popular.sum()
    order, sku, units = [], [], []
    for o in range(count):
        lines = min(1 + int(draw.geometric(0.45)), 6)
        sku += [int(s) for s in draw.choice(SKUS, lines, replace=False, p=popular)]
        units += [int(q) for q in draw.integers(1, 4, lines)]
        order += [o] * lines
    demand = np.bincount(sku, units, SKUS)
    stock = np.zeros((SKUS, WAREHOUSES), np.int32)
    for s in range(SKUS):
        places = draw.choice(WAREHOUSES, int(draw.integers(2, WAREHOUSES)), replace=False)
        whole = int(demand[s] * 1.15 + 2)
        stock[s, places] = np.ceil(draw.dirichlet(np.ones(len(places))) * whole)
    parcel = draw.uniform(2, 5, (count, WAREHOUSES))
    unit = draw.uniform(0.2, 0.6, (count, WAREHOUSES))
    as_ints = (np.array(column, np.int32) for column in (order, sku, units))
    return Orders(*as_ints, parcel, unit), stock


def nearest(day: Orders, stock: Ints) -> Ints:
    """Each line from the warehouses in order of parcel and unit cost."""
    left = stock.copy()
    shipped = np.zeros((len(day.sku), WAREHOUSES), np.int32)
    for k, (o, s) in enumerate(zip(day.order, day.sku, strict=True)):
        need = int(day.units[k])
        for w in np.argsort(day.parcel[o] + day.unit[o]):
            part = min(need, int(left[s, w]))
            shipped[k, w], left[s, w], need = part, left[s, w] - part, need - part
    return shipped


def clairvoyant_bound(day: Orders, stock: Ints, seconds: float) -> float:
    """Dual bound of all orders at once: no promise of any kind costs less."""
    lines = len(day.sku)
    there = stock[day.sku] > 0
    line, place = np.nonzero(there)
    pieces, parcels = len(line), day.size * WAREHOUSES
    lost = pieces + parcels
    width = lost + lines
    price = np.concatenate(
        [day.unit[day.order[line], place], day.parcel.ravel(), np.full(lines, LOST)]
    )
    high = np.concatenate([day.units[line], np.ones(parcels), day.units]).astype(np.float64)
    every = np.arange(pieces)
    used = pieces + day.order[line] * WAREHOUSES + place
    link = sparse.coo_array(
        (np.concatenate([np.ones(pieces), -high[:pieces]]),
         (np.tile(every, 2), np.concatenate([every, used]))), shape=(pieces, width),
    )  # fmt: skip
    cover = sparse.coo_array(
        (np.ones(pieces + lines),
         (np.concatenate([line, np.arange(lines)]),
          np.concatenate([every, lost + np.arange(lines)]))), shape=(lines, width),
    )  # fmt: skip
    held = sparse.coo_array(
        (np.ones(pieces), (day.sku[line] * WAREHOUSES + place, every)), shape=(stock.size, width)
    )
    found = optimize.milp(
        price,
        constraints=[
            optimize.LinearConstraint(link.tocsr(), -np.inf, 0),
            optimize.LinearConstraint(cover.tocsr(), day.units, day.units),
            optimize.LinearConstraint(held.tocsr(), -np.inf, stock.ravel()),
        ],
        bounds=optimize.Bounds(0, high),
        integrality=np.ones(width),
        options={"time_limit": seconds, "mip_rel_gap": 1e-3},
    )
    return float(found.mip_dual_bound)


if __name__ == "__main__":
    sys.exit(main())

"""Order splitting: stock is never oversold, looking again helps, and it is near the best."""

import itertools

import numpy as np
import pytest

from beltline.science.allocation import Orders, cost_of, decide
from beltline.science.keys import Ints

LOST = 12.0


def day(seed: int, orders: int = 60, skus: int = 12, warehouses: int = 4) -> tuple[Orders, Ints]:
    draw = np.random.default_rng(seed)
    order, sku, units = [], [], []
    for o in range(orders):
        lines = int(draw.integers(1, 4))
        sku += [int(s) for s in draw.choice(skus, lines, replace=False)]
        units += [int(q) for q in draw.integers(1, 4, lines)]
        order += [o] * lines
    demand = np.bincount(sku, units, skus)
    share = draw.dirichlet(np.full(warehouses, 0.7), skus)
    stock = np.ceil(share * demand[:, None] * 1.1).astype(np.int32)
    parcel = draw.uniform(2, 5, (orders, warehouses))
    unit = draw.uniform(0.2, 0.6, (orders, warehouses))
    columns = (np.array(column, np.int32) for column in (order, sku, units))
    return Orders(*columns, parcel, unit), stock


@pytest.mark.parametrize("block", [1, 10, 60])
def test_stock_is_neither_oversold_nor_lost(block: int) -> None:
    orders, stock = day(1)
    found = decide(orders, stock, lost_cost=LOST, block=block)
    assert (found.left >= 0).all()
    used = np.zeros_like(stock)
    np.add.at(used, orders.sku, found.shipped)
    np.testing.assert_array_equal(used + found.left, stock)
    assert (found.shipped >= 0).all()
    assert (found.shipped.sum(axis=1) <= orders.units).all()
    assert found.cost.sum() == pytest.approx(cost_of(orders, found.shipped, lost_cost=LOST))


def test_looking_again_helps_and_prices_keep_stock_for_later() -> None:
    once, often, alone = [], [], []
    for seed in range(4):
        orders, stock = day(seed)
        expected = np.bincount(orders.sku, orders.units, len(stock))
        once.append(decide(orders, stock, lost_cost=LOST, expected=expected, tries=0).cost.sum())
        mended = decide(orders, stock, lost_cost=LOST, expected=expected, tries=40)
        often.append(mended.cost.sum())
        alone.append(decide(orders, stock, lost_cost=LOST, tries=0).cost.sum())
    assert sum(often) < 0.97 * sum(once)
    assert sum(once) < sum(alone)


def test_a_few_orders_are_split_as_enumeration_would() -> None:
    orders, stock = day(3, orders=3, skus=3, warehouses=2)
    found = decide(orders, stock, lost_cost=LOST, tries=30)
    choices = [[(a, q - a) for a in range(q + 1)] + [(0, 0)] for q in map(int, orders.units)]
    best = np.inf
    for picked in itertools.product(*choices):
        shipped = np.array(picked, np.int32)
        used = np.zeros_like(stock)
        np.add.at(used, orders.sku, shipped)
        if (used <= stock).all():
            best = min(best, cost_of(orders, shipped, lost_cost=LOST))
    assert best - 1e-9 <= found.cost.sum() <= 1.02 * best


def test_an_order_dearer_than_its_loss_is_not_shipped() -> None:
    orders = Orders(
        order=np.zeros(1, np.int32), sku=np.zeros(1, np.int32), units=np.ones(1, np.int32),
        parcel=np.full((1, 2), 20.0), unit=np.full((1, 2), 0.5),
    )  # fmt: skip
    found = decide(orders, np.full((1, 2), 5, np.int32), lost_cost=LOST)
    assert found.shipped.sum() == 0
    assert found.cost[0] == LOST

"""Sales models at their best quantities, and transfers that pay for their freight."""

import numpy as np
import pytest
from scipy import stats

from beltline.science.placement import Economics, Model, decide_models, decide_transfers

DEMAND = np.random.default_rng(0).poisson(20.0, (3, 4_000)).astype(np.float32)


def economics(**others: float) -> Economics:
    plain = {"margin": 4.0, "carry": 1.0, "handling": 0.0, "converted": 1.0, "kept": 1.0,
             "broken": 0.0} | others  # fmt: skip
    return Economics(**{name: np.full(3, value) for name, value in plain.items()})


def test_forward_stock_is_the_newsvendor() -> None:
    found = decide_models(DEMAND, {Model.OWNED: economics()})
    assert found.units[0, 0] == pytest.approx(stats.poisson.ppf(0.8, 20.0), abs=1)
    demand = DEMAND[0].astype(float)
    profits = [
        4.0 * np.minimum(demand, q).mean() - np.maximum(q - demand, 0).mean() for q in range(40)
    ]
    assert found.profit[0, 0] == pytest.approx(max(profits), rel=1e-3)


def test_the_factory_wins_where_forward_stock_risks_more_than_speed_earns() -> None:
    slow = economics(converted=0.7)
    safe = decide_models(DEMAND, {Model.VIRTUAL: slow, Model.PRESTOCK: economics(carry=0.5)})
    risky = decide_models(DEMAND, {Model.VIRTUAL: slow, Model.PRESTOCK: economics(carry=60.0)})
    assert safe.models == (Model.PRESTOCK, Model.VIRTUAL)
    assert [safe.models[k] for k in safe.best] == [Model.PRESTOCK] * 3
    assert [risky.models[k] for k in risky.best] == [Model.VIRTUAL] * 3
    assert (safe.units[:, 1] == 0).all()
    assert safe.profit[0, 1] == pytest.approx(0.7 * 4.0 * DEMAND[0].mean(), rel=1e-5)


def test_broken_promises_cost() -> None:
    sure = decide_models(DEMAND, {Model.VIRTUAL: economics()})
    late = decide_models(DEMAND, {Model.VIRTUAL: economics(kept=0.9, broken=10.0)})
    assert late.profit[0, 0] == pytest.approx(sure.profit[0, 0] * (0.9 * 4 - 1.0) / 4, rel=1e-5)


def test_stock_moves_to_where_it_is_missed() -> None:
    stock = np.array([60.0, 5.0, 20.0])
    freight = np.full((3, 3), 0.5)
    moves = decide_transfers(stock, DEMAND, freight, shortage=4.0, holding=0.2)
    assert moves[0].origin == 0
    assert {m.target for m in moves} == {1, 2}
    assert sum(m.units for m in moves if m.target == 1) == pytest.approx(20, abs=4)
    assert all(m.gain > 0 for m in moves)
    dear = decide_transfers(stock, DEMAND, freight * 100, shortage=4.0, holding=0.2)
    assert dear == ()

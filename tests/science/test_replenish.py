"""Order decisions: known answers, properties, lots, lead times, calibration."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

from beltline.science.calendar import Closure, WorkCalendar, arrival_periods
from beltline.science.forecast import fit, forecast
from beltline.science.keys import Floats, series_keys
from beltline.science.levels import reorder_levels
from beltline.science.panel import Freq
from beltline.science.replay import calibrate
from beltline.science.replenish import decide, explain
from beltline.science.tail import decide_closed_form
from beltline.science.terms import Decisions, Policy, Terms
from tests.science import make

H = 14


def poisson_paths(series: int, rate: float = 3.0, seed: int = 0, paths: int = 400) -> Floats:
    draw = np.random.default_rng(seed)
    return draw.poisson(rate, (series, paths, H)).astype(np.float32)


def answer(terms: Terms, paths: Floats, **others: Any) -> Decisions:
    ids = pl.Series([f"S{i}" for i in range(terms.size)])
    return decide(terms, paths, ids, series_keys(ids), **others)


def one_period(**others: Any) -> Terms:
    """Lead time 0, review 1: the newsvendor."""
    pmf = np.ones((1, 1), np.float32)
    return make.terms(1, on_hand=[0.0], inbound=np.zeros((1, H)), lead_pmf=pmf, review=1,
                      **others)  # fmt: skip


@pytest.mark.parametrize(("holding", "shortage"), [(1.0, 9.0), (0.2, 1.0), (1.0, 1.5)])
def test_one_period_is_the_newsvendor(holding: float, shortage: float) -> None:
    paths = poisson_paths(1, rate=30.0, paths=4000)
    found = answer(one_period(holding=holding, shortage=shortage), paths).units[0]
    ratio = shortage / (shortage + holding)  # holding is charged at the end of a period
    assert found == pytest.approx(stats.poisson.ppf(ratio, 30.0), abs=1.5)


def test_a_service_level_is_kept_by_the_smallest_order() -> None:
    paths = poisson_paths(1, rate=30.0, paths=4000)
    found = answer(one_period(service_level=0.9), paths)
    assert found.units[0] == pytest.approx(stats.poisson.ppf(0.9, 30.0), abs=1.0)
    assert found.p_stockout_after[0] <= 0.1


def test_stock_and_pipeline_are_counted() -> None:
    paths = poisson_paths(3)
    inbound = np.zeros((3, H), np.float32)
    inbound[1, 3] = 20.0
    inbound[2, 13] = 20.0  # after the next order's arrival: of no help now
    found = answer(make.terms(3, on_hand=[10.0] * 3, inbound=inbound), paths)
    assert found.units[1] < found.units[0] - 12
    assert found.units[2] == pytest.approx(found.units[0], abs=3)
    assert found.p_stockout_now[0] > 0.9
    assert found.p_stockout_after[0] < found.p_stockout_now[0]
    assert 0.8 < found.fill_rate[1] <= 1.0


@settings(max_examples=150, deadline=None)
@example(seed=1, low=1.0, more=2.0, moq=1.0, pack=1.0, cost=5.0, steps=False)
@example(seed=221, low=13.0, more=2.0, moq=1.0, pack=1.0, cost=5.0, steps=True)
@given(
    seed=st.integers(0, 10_000), low=st.floats(0.01, 50), more=st.floats(1.0, 20),
    moq=st.sampled_from([1.0, 10.0, 60.0]), pack=st.sampled_from([1.0, 6.0]),
    cost=st.sampled_from([0.0, 5.0]), steps=st.booleans(),
)  # fmt: skip
def test_more_shortage_cost_never_lowers_an_order(
    *, seed: int, low: float, more: float, moq: float, pack: float, cost: float, steps: bool
) -> None:
    paths = poisson_paths(8, seed=seed, paths=60)
    quantity = np.tile(np.array([[1.0, 40.0 if steps else np.nan]], np.float32), (8, 1))
    price = np.tile(np.array([[2.0, 1.9 if steps else np.nan]], np.float32), (8, 1))
    both = [
        answer(
            make.terms(8, shortage=b, moq=moq, pack=pack, order_cost=cost,
                       break_quantity=quantity, break_price=price),
            paths,
        ).units
        for b in (low, low * more)
    ]  # fmt: skip
    assert (both[1] >= both[0] - 1e-4).all()


def test_lots_are_kept() -> None:
    found = answer(make.terms(200, moq=20.0, pack=6.0, capacity=40.0), poisson_paths(200)).units
    ordered = found[found > 0]
    assert len(ordered) > 50
    assert (ordered >= 20).all()
    assert (ordered <= 40).all()
    assert (ordered % 6 == 0).all()
    none = answer(make.terms(20, moq=50.0, capacity=40.0), poisson_paths(20)).units
    assert (none == 0).all()


def test_a_price_step_is_taken_when_it_pays() -> None:
    quantity = np.array([[1.0, 60.0]], np.float32)
    paths = poisson_paths(1)
    dear, fair = (
        answer(
            make.terms(1, on_hand=[0.0], break_quantity=quantity,
                       break_price=np.array([[2.0, price]], np.float32)),
            paths,
        )
        for price in (1.99, 1.0)
    )  # fmt: skip
    assert dear.units[0] < 60
    assert fair.units[0] == 60
    assert fair.unit_price[0] == 1.0


def test_a_saving_is_not_a_reason_to_order_what_is_covered() -> None:
    quantity, price = (
        np.array([[1.0, 60.0]] * 4, np.float32),
        np.array([[2.0, 1.0]] * 4, np.float32),
    )
    terms = make.terms(4, on_hand=[0.0, 20.0, 90.0, 300.0],
                       break_quantity=quantity, break_price=price)  # fmt: skip
    found = answer(terms, poisson_paths(4))
    assert found.units.tolist() == [60.0, 60.0, 0.0, 0.0]


def steady_cost(price: float) -> tuple[float, float]:
    """Cost a period of a hundred stocks kept for as many days, and their mean.

    Three sell a day, goods come after two, 60 or more cost `price` a piece instead of 2.
    """
    draw = np.random.default_rng(0)
    series, days, settled = 100, 100, 40
    on_hand, coming = np.full(series, 10.0), np.zeros((series, H), np.float32)
    pmf = np.tile(np.array([0.0, 0.0, 1.0], np.float32), (series, 1))
    bought = paid = held = lost = 0.0
    for day in range(days):
        terms = make.terms(
            series, on_hand=on_hand, inbound=coming, lead_pmf=pmf, review=1, holding=0.02,
            shortage=10.0,
            break_quantity=np.tile(np.array([1.0, 60.0], np.float32), (series, 1)),
            break_price=np.tile(np.array([2.0, price], np.float32), (series, 1)),
        )  # fmt: skip
        units = answer(terms, draw.poisson(3.0, (series, 60, H)).astype(np.float32)).units
        coming[:, 2] += units
        on_hand = on_hand + coming[:, 0]
        coming = np.roll(coming, -1, axis=1)
        coming[:, -1] = 0.0
        wanted = draw.poisson(3.0, series)
        sold = np.minimum(on_hand, wanted)
        on_hand = on_hand - sold
        if day >= settled:
            bought += units.sum()
            paid += (np.where(units >= 60, price, 2.0) * units).sum()
            held += on_hand.sum()
            lost += (wanted - sold).sum()
    counted = series * (days - settled)
    return (0.02 * held + 10.0 * lost) / counted + 3.0 * paid / bought, held / counted


def test_a_price_step_is_kept_at_the_stock_that_it_needs() -> None:
    """Lots of 60 at 1.50 and half of one in stock, 5.10 a day, and what is kept for safety."""
    cost, stock = steady_cost(price=1.5)
    assert cost <= 5.35
    assert stock <= 45.0
    plain, _ = steady_cost(price=1.999)
    assert cost <= plain - 0.5


def test_where_orders_cost_something_the_step_is_the_least_lot() -> None:
    quantity, price = (
        np.array([[1.0, 60.0]] * 2, np.float32),
        np.array([[2.0, 1.0]] * 2, np.float32),
    )
    terms = make.terms(2, on_hand=[0.0, 90.0], holding=0.05, order_cost=1.0,
                       break_quantity=quantity, break_price=price)  # fmt: skip
    found = answer(terms, poisson_paths(2))
    plain = answer(make.terms(1, on_hand=[0.0], holding=0.05, order_cost=1.0), poisson_paths(1))
    assert plain.units[0] < 60
    assert found.units[0] >= 60
    assert found.units[1] == 0


def test_order_costs_bundle_orders() -> None:
    paths = poisson_paths(1)
    cheap, dear = (
        answer(make.terms(1, on_hand=[0.0], order_cost=k, holding=0.01), paths).units[0]
        for k in (0.0, 50.0)
    )
    assert dear > 1.5 * cheap


def test_perishables_are_not_piled_up() -> None:
    found = answer(make.terms(1, on_hand=[0.0], shelf_life=5.0, shortage=100.0), poisson_paths(1))
    assert found.units[0] <= 16


def test_the_more_stock_the_later_the_order() -> None:
    terms = make.terms(5, on_hand=[0.0, 20.0, 26.0, 33.0, 400.0])
    found = answer(terms, poisson_paths(5))
    assert found.order_by[0] == 0
    assert (np.diff(found.order_by) >= 0).all()
    assert 0 < found.order_by[3] < H
    assert found.order_by[4] == terms.arrivals.shape[1]  # not in sight
    assert found.periods_of_cover[1] == pytest.approx(20 / 3, rel=0.1)


def test_a_closure_makes_the_last_order_before_it_larger() -> None:
    festival = WorkCalendar(closures=(Closure(starts=date(2024, 1, 8), ends=date(2024, 1, 12)),))
    table = np.stack(
        [
            arrival_periods(c, cut_off=date(2024, 1, 1), freq=Freq.DAY, orders=H, longest=4,
                            horizon=H)
            for c in (WorkCalendar(), festival)
        ]
    )  # fmt: skip
    terms = make.terms(2, on_hand=[5.0, 5.0], review=5, arrivals=table, calendar=[0, 1])
    found = answer(terms, poisson_paths(2))
    assert found.next_arrival[1] > found.next_arrival[0]
    assert found.units[1] > found.units[0] + 6
    codes = [[r["code"] for r in why] for why in explain(found, terms).to_list()]
    assert "CLOSURE" in codes[1]
    assert "CLOSURE" not in codes[0]


def test_reasons_carry_their_numbers() -> None:
    terms = make.terms(4, on_hand=[0.0, 0.0, 900.0, 0.0], moq=[1.0, 40.0, 1.0, 900.0])
    why = explain(answer(terms, poisson_paths(4)), terms).to_list()
    codes = [{r["code"]: r for r in reasons} for reasons in why]
    assert codes[0]["STOCKOUT_RISK"]["value"] == 1.0
    assert codes[1]["MOQ_RAISED"]["limit"] == 40.0
    assert {"OVERSTOCK", "NO_NEED"} <= set(codes[2])
    assert codes[3]["NOT_WORTH_IT"]["limit"] == 900.0


def test_permuting_items_changes_nothing() -> None:
    panel = make.panel(90, 100)
    model = fit(panel, horizon=H)
    terms = make.terms(90)
    order = np.random.default_rng(0).permutation(90)
    ids, keys = panel.unique_ids, series_keys(panel.unique_ids)
    paths = np.random.default_rng(1).poisson(2.0, (90, 80, H)).astype(np.float32)
    one = decide(terms, paths, ids, keys)
    two = decide(terms.take(order), paths[order], ids.gather(pl.Series(order)), keys[order])
    for name in Decisions.__struct_fields__[1:]:
        np.testing.assert_array_equal(getattr(two, name), getattr(one, name)[order])
    told = forecast(model, panel.take(order))
    np.testing.assert_array_equal(told.quantiles, forecast(model, panel).quantiles[order])


def test_the_closed_form_agrees_with_simulation() -> None:
    panel = make.panel(400, 200)
    model = fit(panel, horizon=H)
    told = forecast(model, panel)
    draw = np.random.default_rng(0)
    shape = np.maximum(told.mean[:, None, :], 1e-3)
    paths = draw.poisson(np.repeat(shape, 200, axis=1)).astype(np.float32)
    pmf = np.zeros((400, 4), np.float32)
    pmf[:, 3] = 1.0
    terms = make.terms(400, on_hand=np.zeros(400), lead_pmf=pmf)
    tail, full = decide_closed_form(terms, told), answer(terms, paths)
    assert np.corrcoef(tail.units, full.units)[0, 1] > 0.97
    assert ((tail.p_stockout_after >= 0) & (tail.p_stockout_after <= 1)).all()
    assert ((tail.fill_rate >= 0) & (tail.fill_rate <= 1)).all()
    more = decide_closed_form(terms, told, policy=Policy(shortage_factor=3.0))
    assert (more.units >= tail.units).all()


def test_calibration_finds_the_cheapest_factor() -> None:
    panel = make.panel(60, 160)
    terms = make.terms(60, review=3)
    found = calibrate(panel, terms, horizon=9, windows=30, paths=40, factors=(0.02, 1.0, 40.0))
    assert found.costs["factor"].to_list() == [0.02, 1.0, 40.0]
    assert found.policy.shortage_factor == 1.0
    assert panel.cut_off == make.MONDAY + timedelta(days=159)


def test_levels_are_the_cheapest_of_all() -> None:
    draw = np.random.default_rng(4)
    for _ in range(6):
        rate, order_cost = draw.uniform(1, 15), draw.uniform(5, 60)
        holding, shortage = 1.0, draw.uniform(4, 20)
        one = np.array([rate])
        low, high, cost = reorder_levels(
            2 * one, 2 * one, one, one, np.array([order_cost]), np.array([holding]),
            np.array([shortage]), np.ones(1),
        )  # fmt: skip
        cost_of = average_costs(rate, order_cost, holding, shortage)
        best = min(
            cost_of(s, top)
            for s in range(-3, int(4 * rate) + 5)
            for top in range(s + 1, s + int(6 * rate) + 25)
        )
        own = cost_of(int(low[0]), int(high[0]))
        assert own <= best * 1.002
        assert cost[0] == pytest.approx(best, rel=1e-3)


def average_costs(
    rate: float, order_cost: float, holding: float, shortage: float
) -> Callable[[int, int], float]:
    """Long-run cost of (s, S) with backorders, lead time 1: from the renewal equations."""
    size = 160
    single = stats.poisson.pmf(np.arange(size), rate)
    step = np.eye(size) - linalg.toeplitz(single, np.zeros(size))
    # Lower triangular: how often a level below S is visited does not depend on those below it.
    visits = np.linalg.solve(step, np.eye(size)[0])
    below = stats.poisson.pmf(np.arange(200), 2 * rate)
    spare = np.arange(-size, 2 * size)[:, None] - np.arange(200)
    loss = (below * (holding * np.maximum(spare, 0) + shortage * np.maximum(-spare, 0))).sum(axis=1)

    def cost(s: int, top: int) -> float:
        seen = visits[: top - s]
        return float((order_cost + seen @ loss[size + top - np.arange(top - s)]) / seen.sum())

    return cost


def test_backlog_is_not_lost() -> None:
    """Stock of ten against three a period: backlog is owed to the order, lost sales are not."""
    paths = np.full((2, 5, H), 3.0, np.float32)
    pmf = np.zeros((2, 6), np.float32)
    pmf[:, 5] = 1.0
    terms = make.terms(2, on_hand=[10.0, 10.0], lead_pmf=pmf, review=1, backorder=[0.0, 1.0])
    found = answer(terms, paths)
    assert found.units[0] == 3.0
    assert found.units[1] == 8.0  # five periods of three, less ten, plus its own cycle

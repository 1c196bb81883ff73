"""Orders from frames: demand told by trees, nothing learned from stock-outs or from the future."""

from datetime import timedelta

import msgspec
import numpy as np
import polars as pl
import pytest

from beltline.science.keys import series_keys
from beltline.science.ordering import learned_anew, make_planner, order, replenish_file
from beltline.science.panel import Freq, Panel, build_panel
from beltline.science.reorder.past import group_codes
from beltline.science.reorder.source import learn, review, tell
from beltline.science.reorder.spread import GENERIC, fit_spread, sample_paths
from tests.science import make

SERIES, WEEKS = 40, 80


def weekly(seed: int = 0) -> Panel:
    frame = make.long_frame(make.sales(SERIES, WEEKS, seed, weekly=True), step=7)
    return build_panel(frame, cut_off=make.dates(WEEKS, 7)[-1], freq=Freq.WEEK)[0]


@pytest.fixture(scope="module")
def panel() -> Panel:
    return weekly()


def items(**others: float) -> pl.DataFrame:
    ids = [f"S{i:04d}@HUB" for i in range(SERIES)]
    columns = {"lead_time_periods": 2, "review_periods": 1, "holding_cost": 0.2,
               "shortage_cost": 1.0} | others  # fmt: skip
    return pl.DataFrame({"unique_id": ids}).with_columns(
        pl.lit(v).alias(k) for k, v in columns.items()
    )


def test_a_file_is_answered_by_trees_in_any_order_of_its_rows(panel: Panel) -> None:
    demand = make.long_frame(panel.y, step=7)
    ids = items()["unique_id"]
    first = panel.date_of(WEEKS)
    stock = pl.DataFrame(
        {
            "unique_id": [*ids, ids[0], ids[1]],
            "on_hand": [1.0] * SERIES + [None, None],
            "arrives": [None] * SERIES + [first, first + timedelta(days=14)],
            "units": [None] * SERIES + [500.0, 500.0],
        },
        schema_overrides={"arrives": pl.Date},
    )
    one = replenish_file(demand, stock, items(), calibrate_windows=0)
    two = replenish_file(
        demand.sample(fraction=1.0, shuffle=True, seed=1), stock.reverse(), items().reverse(),
        calibrate_windows=0,
    )  # fmt: skip
    assert one.engine == "trees"
    assert one.policy.shortage_factor == 1.0
    assert one.frame.equals(two.frame)
    assert one.frame.columns == [
        "unique_id", "units", "arrives", "order_up_to", "expected_cost", "p_stockout", "why",
    ]  # fmt: skip
    assert one.frame["arrives"].unique().to_list() == [first + timedelta(days=14)]
    by_id = dict(zip(one.frame["unique_id"], one.frame["units"], strict=True))
    assert by_id[ids[0]] == by_id[ids[1]] == 0  # 500 are on the way and come in time
    assert sum(by_id.values()) > SERIES


def test_stock_outs_are_not_learned_as_zero_demand(panel: Panel) -> None:
    draw = np.random.default_rng(5)
    out = draw.random(panel.y.shape) < 0.3
    sold = np.where(out, 0.0, panel.y).astype(np.float32)
    hidden = msgspec.structs.replace(panel, y=sold, in_stock=~out)
    naive = msgspec.structs.replace(panel, y=sold)
    told, plain = (tell(learn(p, horizon=3, seed=0), p).sum() for p in (hidden, naive))
    true = 3 * np.nanmean(panel.y, axis=1).sum()
    assert told == pytest.approx(true, rel=0.08)
    assert plain < 0.75 * true


def test_a_review_knows_nothing_of_what_came_after(panel: Panel) -> None:
    seen = review(panel, horizon=3, seed=0, periods=6)
    changed = panel.y.copy()
    changed[:, WEEKS - 3 :] *= 50
    other = review(msgspec.structs.replace(panel, y=changed), horizon=3, seed=0, periods=6)
    assert seen is not None
    assert other is not None
    assert seen.first == WEEKS - 6
    for before, after in zip(seen.told[:4], other.told[:4], strict=True):
        np.testing.assert_array_equal(before, after)
    assert (other.told[5] > 2 * seen.told[5]).mean() > 0.5


def test_a_planner_serves_later_cut_offs(panel: Panel) -> None:
    early = panel.until(panel.date_of(WEEKS - 9))
    pmf = np.zeros((SERIES, 3), np.float32)
    pmf[:, 2] = 1.0
    terms = make.terms(SERIES, 3, on_hand=np.zeros(SERIES), lead_pmf=pmf, review=1)
    planner = make_planner(early, terms, windows=0)
    later = order(learned_anew(planner, panel), panel, terms)
    assert later.unique_ids.to_list() == panel.unique_ids.to_list()
    assert np.corrcoef(later.units, panel.y[:, -26:].mean(axis=1))[0, 1] > 0.9


def test_paths_have_the_mean_and_spread_that_were_measured() -> None:
    draw = np.random.default_rng(0)
    told = np.repeat(draw.lognormal(1.5, 0.8, 4_000)[:, None], 3, axis=1)
    factor = draw.gamma(4.0, 0.25, (4_000, 1)) * draw.gamma(8.0, 0.125, (4_000, 3))
    spread = fit_spread(told, draw.poisson(told * factor).astype(np.float64))
    assert spread.variance.mean() == pytest.approx(0.406, rel=0.25)
    assert spread.shared == pytest.approx(0.25 / 0.406, abs=0.2)
    keys = series_keys(pl.Series(["a", "b"]))
    mean = np.array([[5.0, 5.0], [200.0, 0.1]], np.float32)
    paths = sample_paths(mean, GENERIC, keys, paths=4_000, seed=3)
    np.testing.assert_allclose(paths.mean(axis=1), mean, rtol=0.15)
    alone = sample_paths(mean[1:], GENERIC, keys[1:], paths=4_000, seed=3)
    np.testing.assert_array_equal(alone[0], paths[1])
    assert np.corrcoef(paths[0].T)[0, 1] > 0.15


def test_ids_of_two_parts_are_groups() -> None:
    grid = [f"p{k % 7}@s{k % 5}" for k in range(35)]
    base = weekly()
    panel = msgspec.structs.replace(
        base, unique_ids=pl.Series(grid), y=base.y[:35], in_stock=None, known={}, static={}
    )
    codes = group_codes(panel)
    assert [int(c.max()) + 1 for c in codes] == [7, 5]
    turned = np.random.default_rng(0).permutation(35)
    for one, two in zip(codes, group_codes(panel.take(turned)), strict=True):
        np.testing.assert_array_equal(one[turned], two)

"""Durations: the product-limit estimate, groups that lean on others."""

import numpy as np
import pytest

from beltline.science.durations import learn

GRID = np.arange(0.0, 101.0)


def test_the_product_limit_estimate_of_a_textbook() -> None:
    # Ends at 1, 3, 4; two still under way at 2 and 5: S = 4/5, then x 2/3, then x 1/2.
    [found] = learn(
        [1, 2, 3, 4, 5], [True, False, True, True, False], [[0] * 5], grid=GRID, strength=0
    )
    left = 1 - found.chances[0]
    assert left[[0, 1, 2, 3, 4, 100]] == pytest.approx([1, 0.8, 0.8, 8 / 15, 4 / 15, 4 / 15])
    assert found.quantile(0.4)[0] == 3
    assert found.quantile(0.9)[0] == np.inf
    assert found.chance([0, 0, 0], [-1, 2.9, 3.0]) == pytest.approx([0, 0.2, 7 / 15])


def test_leaving_out_what_is_under_way_would_make_everybody_quick() -> None:
    rng = np.random.default_rng(5)
    truth = rng.exponential(20, 20_000)
    seen_for = rng.uniform(0, 30, 20_000)
    ended = truth <= seen_for
    [found] = learn(
        np.minimum(truth, seen_for), ended, [np.zeros(20_000, int)], grid=GRID, strength=0
    )
    expected = 20 * np.log(2)
    assert found.quantile(0.5)[0] == pytest.approx(expected, abs=1)
    assert np.median(truth[ended]) < expected - 4


def test_a_group_with_few_leans_on_the_one_above() -> None:
    quick, slow = np.full(1_000, 2.0), np.full(1_000, 10.0)
    hours = np.concatenate([quick, slow, [10.0] * 5])
    groups = np.repeat([0, 1, 2], [1_000, 1_000, 5])
    [found] = learn(hours, np.ones(2_005, bool), [groups], grid=GRID, strength=20)
    few, many = found.chances[2, 5], found.chances[1, 5]
    # Of five, four fifths of the estimate is everybody's.
    assert few == pytest.approx(0.8 * found.chances[:2, 5].mean(), abs=0.01)
    assert many < 0.02
    assert found.ended.tolist() == [1_000, 1_000, 5]


def test_weights_count_and_an_empty_group_is_the_one_above() -> None:
    [found] = learn([2.0, 10.0], [True, True], [[0, 2]], grid=GRID, weights=[30, 10], strength=1)
    assert found.chances[1, 5] == pytest.approx(0.75)
    nothing = learn([], [], [[]], grid=GRID)[0]
    assert nothing.chances.shape == (0, 101)
    with pytest.raises(ValueError, match="length"):
        learn([1.0], [True], [[0, 0]], grid=GRID)
    with pytest.raises(ValueError, match="grid"):
        learn([1.0], [True], [[0]], grid=[1.0, 1.0])

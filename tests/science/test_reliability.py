"""Shrunk rates: known answers, bounds that hold, and better than raw rates on a generated truth."""

import numpy as np
import pytest
from scipy.stats import beta

from beltline.science import reliability
from beltline.science.reliability import Prior


def test_without_outcomes_the_population_is_what_was_expected() -> None:
    prior = reliability.fit([0, 0], [0, 0], expected=0.8)
    assert (prior.mean, prior.strength) == (0.8, reliability.STRENGTH_DEFAULT)


def test_the_posterior_is_the_known_one() -> None:
    prior = Prior(0.9, 10.0)
    found = reliability.estimate(prior, [3], [4])
    exact = beta(9 + 3, 1 + 1)
    assert found.mean[0] == pytest.approx(exact.mean())
    assert (found.low[0], found.high[0]) == pytest.approx(exact.interval(0.9))


def test_few_outcomes_stay_near_the_population_and_many_speak() -> None:
    found = reliability.estimate(Prior(0.9, 10.0), [0, 0], [1, 1_000])
    assert found.mean[0] > 0.8
    assert found.mean[1] < 0.02


def test_the_population_is_found_again() -> None:
    rng = np.random.default_rng(3)
    trials = rng.integers(1, 60, 4_000)
    prior = reliability.fit(rng.binomial(trials, rng.beta(8, 2, 4_000)), trials)
    assert prior.mean == pytest.approx(0.8, abs=0.01)
    assert prior.strength == pytest.approx(10, rel=0.15)


def test_shrunk_rates_err_half_as_much_and_choose_better() -> None:
    rng = np.random.default_rng(0)
    truth = rng.beta(9, 1.2, 2_000)
    trials = np.maximum(1, rng.negative_binomial(0.6, 0.6 / 25.6, 2_000))
    good = rng.binomial(trials, truth)
    found = reliability.estimate(reliability.fit(good, trials), good, trials)
    raw = good / trials
    assert np.sqrt(np.mean((found.mean - truth) ** 2)) <= 0.5 * np.sqrt(np.mean((raw - truth) ** 2))
    assert truth[np.argsort(found.mean)[-200:]].mean() > 0.96
    assert 0.87 < np.mean((found.low <= truth) & (truth <= found.high)) < 0.93


def test_good_outcomes_in_a_row_are_just_enough() -> None:
    prior = Prior(0.88, 12.0)
    needed = reliability.trials_to_reach(prior, [9.0, 0.0, 60.0], [10, 400, 60], bound=0.9)
    assert np.isnan(needed[1])
    assert needed[2] == 0
    for more, is_enough in ((needed[0], True), (needed[0] - 1, False)):
        low = reliability.estimate(prior, [9 + more], [10 + more]).low[0]
        assert bool(low >= 0.9) is is_enough


def test_shares_count_as_parts_of_an_outcome() -> None:
    found = reliability.estimate(Prior(0.9, 10.0), [4.5], [5])
    assert found.mean[0] == pytest.approx((9 + 4.5) / 15)
    with pytest.raises(ValueError, match="good outcomes"):
        reliability.estimate(Prior(0.9, 10.0), [6], [5])

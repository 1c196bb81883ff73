"""The band's promise, judged where demand comes in whole units."""

import numpy as np

from beltline.planning.rules.calibration import BAND, GRID, at_levels, calibrate, covered, steps_of
from beltline.science.keys import Floats


def drawn(*, spread: float = 1.0, rate: float = 0.8) -> tuple[Floats, Floats]:
    """Outcomes of a slow mover, and quantiles whose spread is right, or so many times too wide.

    The forecast is a continuous value that is rounded up or down at random, as paths are.
    """
    chance = np.random.default_rng(7)
    points = np.quantile(chance.gamma(2.0, rate / 2.0, 200_000), GRID)
    level = chance.gamma(2.0, rate / 2.0, (400, 28))
    actual = np.floor(level + chance.random((400, 28))).astype(np.float32)
    told = rate + (points - rate) * spread
    quantiles = np.broadcast_to(np.maximum(told, 0)[None, :, None], (400, len(GRID), 28))
    return actual, quantiles.astype(np.float32)


def test_a_right_forecast_of_few_units_covers_what_it_promises() -> None:
    actual, quantiles = drawn()
    steps = steps_of(actual, quantiles, is_whole=True)
    share = covered(steps, 0.1, 0.9).mean()
    band = at_levels(quantiles, BAND)
    inside = ((actual >= np.floor(band[:, 0])) & (actual <= np.ceil(band[:, 2]))).mean()
    assert abs(share - 0.8) < 0.02
    assert inside > 0.9


def test_levels_of_a_right_forecast_stay_and_of_a_wide_one_move_in() -> None:
    seen = np.ones((400, 28), np.bool_)
    right = calibrate(steps_of(*drawn(rate=30.0), is_whole=True), seen)
    assert np.allclose(right, BAND, atol=0.02)
    actual, quantiles = drawn(rate=30.0, spread=1.5)
    low, _, high = calibrate(steps_of(actual, quantiles, is_whole=True), seen)
    assert low > 0.12
    assert high < 0.88
    steps = steps_of(actual, quantiles, is_whole=True)
    assert abs(covered(steps, low, high).mean() - 0.8) < 0.02
    assert covered(steps, 0.1, 0.9).mean() > 0.85


def test_measured_quantities_are_judged_without_steps() -> None:
    actual, quantiles = drawn(rate=30.0)
    steps = steps_of(actual + np.float32(0.37), quantiles, is_whole=False)
    assert abs(covered(steps, 0.1, 0.9).mean() - 0.8) < 0.03


def test_a_few_periods_calibrate_nothing() -> None:
    actual, quantiles = drawn(spread=2.0)
    steps = steps_of(actual[:5], quantiles[:5], is_whole=True)
    assert calibrate(steps, np.ones((5, 28), np.bool_)) == BAND


def test_levels_between_those_asked_are_interpolated() -> None:
    quantiles = np.arange(20, dtype=np.float32)[None, :, None]
    assert at_levels(quantiles, (GRID[3], 0.2, 0.999)).ravel().tolist() == [3.0, 3.5, 19.0]

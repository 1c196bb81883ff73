"""The floor tier against plain Python, its pools, and what it promises."""

from datetime import timedelta

import numpy as np
import pytest

from beltline.science.effects import choose_groups, effect_table, fit_effects
from beltline.science.floor import DECAYS, TSB_DECAYS, smooth
from beltline.science.forecast import (
    MODEL_VERSION,
    Effort,
    explain,
    fit,
    forecast,
    load_model,
    save_model,
    simulate,
    simulate_chunks,
)
from beltline.science.keys import series_keys
from beltline.science.panel import Freq, Panel, Static, build_panel
from beltline.science.residuals import fit_residuals
from tests.science import make


def plain_level(values: list[float], decay: float) -> float:
    """Simple exponential smoothing with normalized weights, newest first."""
    weights = [decay**k for k in range(len(values))]
    return sum(w * v for w, v in zip(weights, reversed(values), strict=True)) / sum(weights)


def test_smoothing_equals_a_plain_python_loop() -> None:
    y = make.sales(30, 80)
    y[3, :40] = np.nan
    y[5, 20:25] = np.nan
    in_stock = np.ones_like(y, np.bool_)
    in_stock[7, 60:70] = False
    fast, slow = DECAYS[Freq.DAY]
    p_decay, z_decay = TSB_DECAYS[Freq.DAY]
    ses, tsb, chance, seen, masked = smooth(
        y, in_stock, np.zeros(30, np.int32), np.ones((1, 80), np.float32),
        np.array([50, 80]), np.array([fast, slow, p_decay, z_decay]),
    )  # fmt: skip
    for i in range(30):
        for k, origin in enumerate((50, 80)):
            known = [float(v) for v, s in zip(y[i, :origin], in_stock[i], strict=False)
                     if s and not np.isnan(v)]  # fmt: skip
            sold = [v for v in known if v > 0]
            level = 0.5 * (plain_level(known, fast) + plain_level(known, slow))
            assert ses[i, k] == pytest.approx(level, rel=1e-6)
            often = plain_level([float(v > 0) for v in known], p_decay)
            assert chance[i, k] == pytest.approx(often, rel=1e-6)
            size = plain_level(sold, z_decay) if sold else 0.0
            assert tsb[i, k] == pytest.approx(often * size, rel=1e-6)
            assert seen[i, k] == len(known)
    assert masked[7].tolist() == [0, 10]


def test_weekday_effects_are_found_and_shared() -> None:
    panel = make.panel(300, 200)
    table, groups = effect_table(fit_effects(panel), panel, 7)
    assert groups.max() == 0
    found = table[0, -7:] / table[0, -7:].mean()
    expected = make.WEEKDAYS[[(200 + k) % 7 for k in range(7)]]
    np.testing.assert_allclose(found, expected / expected.mean(), rtol=0.08)


def test_a_known_festival_moves_the_forecast() -> None:
    rng = np.random.default_rng(0)
    flag = np.zeros((1, 134), np.float32)
    flag[0, [20, 50, 80, 110, 125]] = 1
    rate = 4.0 * (1 + 2 * flag[0, :120])
    y = rng.poisson(np.tile(rate, (200, 1))).astype(np.float32)
    base = make.panel(200, 120)
    panel = Panel(unique_ids=base.unique_ids, freq=Freq.DAY, first_date=base.first_date, y=y,
                  known={"festival": flag}, ahead=14)  # fmt: skip
    model = fit(panel, horizon=14)
    mean = forecast(model, panel).mean.mean(axis=0)
    assert mean[5] > 1.4 * np.delete(mean, [4, 5, 6]).mean()
    drivers = explain(model, panel).filter(code="DRIVER")
    assert len(drivers) == 200
    assert drivers["ds"][0] == panel.date_of(125)
    assert drivers["value"][0] > 1.4


def test_nothing_is_forecast_while_closed() -> None:
    closed = np.zeros((1, 107), np.float32)
    closed[0, 103:105] = 1
    base = make.panel(50, 100)
    panel = Panel(unique_ids=base.unique_ids, freq=Freq.DAY, first_date=base.first_date,
                  y=base.y, known={"closed": closed}, ahead=7)  # fmt: skip
    mean = forecast(fit(panel, horizon=7), panel).mean
    assert (mean[:, 3:5] == 0).all()
    assert (np.delete(mean, [3, 4], axis=1) > 0).all()


def test_groups_are_the_finest_that_are_well_filled() -> None:
    base = make.panel(1000, 60)
    static = {
        "store": Static(names=("a", "b"), codes=np.arange(1000, dtype=np.int32) % 2),
        "dept": Static(names=("x", "y"), codes=np.arange(1000, dtype=np.int32) // 500),
        "item": Static(names=tuple(map(str, range(1000))), codes=np.arange(1000, dtype=np.int32)),
    }
    panel = Panel(unique_ids=base.unique_ids, freq=Freq.DAY, first_date=base.first_date,
                  y=base.y, static=static)  # fmt: skip
    assert choose_groups(panel) == ("dept", "store")
    assert choose_groups(base) == ()


def test_quantiles_never_cross_and_are_never_negative() -> None:
    panel = make.panel(300, 150, seed=4)
    told = forecast(fit(panel, horizon=21), panel)
    assert (np.diff(told.quantiles, axis=1) >= 0).all()
    assert (told.quantiles >= 0).all()
    assert (told.mean >= 0).all()
    assert np.isfinite(told.quantiles).all()


def test_paths_have_the_mean_and_the_quantiles_of_the_forecast() -> None:
    draw = np.random.default_rng(1)
    y = draw.gamma(4.0, 5.0, (400, 200)).astype(np.float32)
    panel, _ = build_panel(make.long_frame(y), cut_off=make.dates(200)[-1], freq=Freq.DAY)
    model = fit(panel, horizon=14)
    assert not model.whole_units
    told = forecast(model, panel, quantiles=(0.1, 0.5, 0.9))
    paths = simulate(model, panel, paths=600, seed=3)
    np.testing.assert_allclose(paths.mean(axis=(0, 1)), told.mean.mean(axis=0), rtol=0.03)
    drawn = np.quantile(paths, (0.1, 0.5, 0.9), axis=1).transpose(1, 0, 2)
    np.testing.assert_allclose(drawn.mean(axis=0), told.quantiles.mean(axis=0), rtol=0.06)


def test_paths_keep_the_dependence_over_the_horizon() -> None:
    draw = np.random.default_rng(2)
    level = draw.lognormal(3.0, 0.1, (300, 1))
    swing = np.repeat(draw.gamma(4.0, 0.25, (300, 14)), 14, axis=1)
    y = (level * swing).astype(np.float32)  # fortnights stay high or low together
    panel, _ = build_panel(make.long_frame(y), cut_off=make.dates(196)[-1], freq=Freq.DAY)
    model = fit(panel, horizon=14)
    paths = simulate(model, panel, paths=300)
    apart = np.corrcoef(paths[:, :, 0].ravel(), paths[:, :, 5].ravel())[0, 1]
    assert apart > 0.4
    sums = paths.sum(axis=2).std(axis=1).mean()
    told = forecast(model, panel).cumulative_sd[:, -1].mean()
    assert told == pytest.approx(sums, rel=0.15)


def test_whole_units_stay_whole_and_unbiased() -> None:
    panel = make.panel(300, 120)
    model = fit(panel, horizon=7)
    paths = simulate(model, panel, paths=400)
    assert (paths == np.floor(paths)).all()
    total = forecast(model, panel).mean.sum()
    assert paths.mean(axis=1).sum() == pytest.approx(total, rel=0.02)


def test_a_series_has_the_same_numbers_in_any_company() -> None:
    panel = make.panel(120, 100)
    model = fit(panel, horizon=10, seed=5)
    rows = np.array([70, 3, 41], np.intp)
    few = panel.take(rows)
    np.testing.assert_array_equal(forecast(model, few).mean, forecast(model, panel).mean[rows])
    together = simulate(model, panel, paths=50)
    np.testing.assert_array_equal(simulate(model, few, paths=50), together[rows])
    pieces = list(simulate_chunks(model, panel, paths=50))
    np.testing.assert_array_equal(np.concatenate([p for _, p in pieces]), together)
    assert not np.array_equal(simulate(model, few, paths=50, seed=6), together[rows])


def test_models_survive_bytes_and_refuse_other_versions() -> None:
    panel = make.panel(80, 90)
    model = fit(panel, horizon=7, seed=2, effort=Effort.FLOOR)
    data = save_model(model)
    again = load_model(data)
    assert save_model(again) == data
    np.testing.assert_array_equal(forecast(again, panel).quantiles,
                                  forecast(model, panel).quantiles)  # fmt: skip
    assert model.engine == "floor"
    with pytest.raises(ValueError, match="version 99"):
        load_model(data.replace(b"\xa7version" + bytes([MODEL_VERSION]), b"\xa7version\x63", 1))


@pytest.mark.parametrize("periods", [1, 2, 5, 9, 20])
def test_short_histories_still_get_an_answer(periods: int) -> None:
    panel = make.panel(20, periods, seed=1)
    told = forecast(fit(panel, horizon=28), panel)
    assert np.isfinite(told.quantiles).all()
    assert told.mean.shape == (20, 28)
    assert told.mean.max() < 500


def test_a_new_series_starts_at_its_groups_level() -> None:
    base = make.panel(400, 100)
    y = base.y.copy()
    y[0] = np.nan
    panel = Panel(unique_ids=base.unique_ids, freq=Freq.DAY, first_date=base.first_date, y=y)
    mean = forecast(fit(panel, horizon=28), panel).mean
    assert mean[0].mean() == pytest.approx(np.nanmean(y[1:, -56:]), rel=0.4)


def test_residual_windows_end_before_the_cut_off() -> None:
    panel = make.panel(60, 120)
    pools = fit_residuals(panel, 14, series_keys(panel.unique_ids), ())
    assert pools.ratios.shape[1] == 14
    assert (np.diff(pools.starts) > 0).all()
    for b in range(len(pools.starts) - 1):
        part = pools.ratios[pools.starts[b] : pools.starts[b + 1]]
        assert part.mean() == pytest.approx(1.0, abs=1e-3)


def test_weekly_panels_learn_the_season_of_the_year() -> None:
    weeks = 160
    turn = 2 * np.pi * np.array([d.timetuple().tm_yday for d in make.dates(weeks + 8, 7)]) / 365.25
    rate = 10 * np.exp(0.8 * np.sin(turn))
    y = np.random.default_rng(3).poisson(np.tile(rate, (300, 1))).astype(np.float32)
    panel, _ = build_panel(make.long_frame(y[:, :weeks], step=7),
                           cut_off=make.dates(weeks, 7)[-1], freq=Freq.WEEK)  # fmt: skip
    model = fit(panel, horizon=8)
    mean = forecast(model, panel).mean.mean(axis=0)
    np.testing.assert_allclose(mean, rate[weeks:], rtol=0.15)
    assert (explain(model, panel)["code"] == "SEASON").sum() == 300
    assert panel.date_of(weeks) == panel.cut_off + timedelta(days=7)


@pytest.mark.parametrize(("series", "horizon"), [(1, 60), (4, 90)])
def test_few_series_with_history_keep_a_spread_of_their_own(series: int, horizon: int) -> None:
    draw = np.random.default_rng(2)
    y = np.round(draw.normal(12.0, 2.0, (series, 120))).astype(np.float32)
    panel, _ = build_panel(make.long_frame(y), cut_off=make.dates(120)[-1], freq=Freq.DAY)
    found = forecast(fit(panel, horizon=horizon), panel, quantiles=(0.1, 0.9))
    low, high = found.quantiles[:, 0], found.quantiles[:, 1]
    assert low.min() > 6.0
    assert high.max() < 18.0

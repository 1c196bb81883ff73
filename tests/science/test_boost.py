"""The trees: better than the floor where price and events act, and honest about the future."""

import msgspec
import numpy as np
import polars as pl
import pytest

from beltline.science.aggregate import sum_quantiles
from beltline.science.boost.engine import LEAST_CELLS, too_small
from beltline.science.boost.layout import lay_out
from beltline.science.boost.recipe import STEPS, Member, Recipe, SumMember
from beltline.science.boost.spread import at_levels, rank_scores
from beltline.science.boost.sums import own_levels
from beltline.science.boost.trees import LEVELS
from beltline.science.boost.view import (
    build_view,
    features,
    prepare_prices,
    recent,
    shut_ahead,
    silent_dates,
)
from beltline.science.effects import fit_effects
from beltline.science.forecast import (
    Effort,
    Model,
    Reviewed,
    fit,
    fit_reviewed,
    forecast,
    load_model,
    save_model,
    simulate,
)
from beltline.science.groups import group_of, sum_rows
from beltline.science.keys import Doubles, Floats
from beltline.science.panel import Freq, Panel, Static
from tests.science import make

H = 14
SMALL = Recipe(
    name="trees-small",
    members=(
        Member(effects=True, years=1.0, trees=20, feature_share=0.8),
        Member(effects=False, years=1.0, trees=20, feature_share=0.8),
    ),
    seeds=1,
    rows=25_000,
    review_rows=20_000,
    spread_seeds=1,
    spread_rows=20_000,
    spread_trees=15,
    sum_rows=10_000,
    sum_trees=15,
    sums=(SumMember(years=1.0, trees=20, rows=10_000),),
    pull=0.5,
)


def world(series: int = 420, periods: int = 220, seed: int = 0) -> tuple[Panel, Doubles, Floats]:
    """A panel whose demand doubles in a price promotion and in a festival; rates; actuals."""
    draw = np.random.default_rng(seed)
    wide = periods + H
    week = draw.integers(0, 7, (series, wide // 7 + 1)) == 0
    promo = np.repeat(week, 7, axis=1)[:, :wide]
    base = draw.uniform(2.0, 20.0, (series, 1))
    price = np.where(promo, 0.7 * base, base)
    festival = np.zeros(wide)
    festival[[30, 75, 110, 150, 190, periods + 4]] = 1
    level = draw.lognormal(0.7, 0.8, (series, 1))
    weekday = np.resize(make.WEEKDAYS, wide)
    rate = level * weekday * np.where(promo, 2.2, 1.0) * (1.0 + festival)
    sold = draw.poisson(rate).astype(np.float32)
    panel = Panel(
        unique_ids=pl.Series([f"S{i:04d}@HUB" for i in range(series)]),
        freq=Freq.DAY,
        first_date=make.MONDAY,
        y=sold[:, :periods],
        price=price.astype(np.float32),
        known={"event=festival": festival[None, :].astype(np.float32)},
        static={
            "belt": Static(names=("x", "y"), codes=np.arange(series, dtype=np.int32) % 2),
            "kind": Static(names=tuple("abcdef"), codes=np.arange(series, dtype=np.int32) // 70),
        },
        ahead=H,
    )
    return panel, rate[:, periods:], sold[:, periods:]


def fitted(panel: Panel) -> tuple[Model, Reviewed]:
    model, reviewed = fit_reviewed(panel, horizon=H, effort=Effort.FAST, recipe=SMALL)
    assert reviewed is not None
    return model, reviewed


@pytest.fixture(scope="module")
def known() -> tuple[Panel, Doubles, Floats]:
    return world()


@pytest.fixture(scope="module")
def learned(known: tuple[Panel, Doubles, Floats]) -> tuple[Model, Reviewed]:
    return fitted(known[0])


def pinball(actual: Floats, quantiles: Floats) -> float:
    level = np.array(LEVELS)[None, :, None]
    gap = actual[:, None, :] - quantiles
    return float(np.maximum(level * gap, (level - 1) * gap).mean())


def test_prices_and_events_are_used_where_the_floor_cannot(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel, rate, sold = known
    told = forecast(learned[0], panel)
    floor = forecast(fit(panel, horizon=H, effort=Effort.FLOOR), panel)
    error, base = (np.sqrt(((f.mean - rate) ** 2).mean()) for f in (told, floor))
    assert error < 0.8 * base
    assert pinball(sold, told.quantiles) < 0.93 * pinball(sold, floor.quantiles)
    assert told.mean.sum() == pytest.approx(rate.sum(), rel=0.06)
    assert told.mean[:, 4].sum() > 1.5 * told.mean[:, 11].sum()  # the same weekday, no festival


def test_the_model_says_what_answers(learned: tuple[Model, Reviewed]) -> None:
    assert learned[0].engine == "trees-small"
    assert learned[0].fallback == ""
    thin = fit(make.panel(60, 180), horizon=H, effort=Effort.FAST)
    assert (thin.engine, thin.fallback) == ("floor", "FEW_CELLS")
    assert LEAST_CELLS > 60 * 180
    few = too_small(make.panel(10, 100), H), too_small(make.panel(60, 100), 90)
    assert few == ("FEW_SERIES", "SHORT_HISTORY")
    assert fit(make.panel(60, 100), horizon=H, effort=Effort.FLOOR).fallback == ""


def test_the_order_of_the_series_changes_nothing(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel = known[0]
    shuffled = panel.take(np.random.default_rng(3).permutation(panel.size).astype(np.intp))
    assert save_model(fitted(shuffled)[0]) == save_model(learned[0])


def test_a_series_has_the_same_numbers_in_any_company_and_after_loading(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel = known[0]
    again = load_model(save_model(learned[0]))
    whole = forecast(learned[0], panel)
    rows = np.array([310, 3, 77], np.intp)
    few = forecast(again, panel.take(rows))
    np.testing.assert_array_equal(few.mean, whole.mean[rows])
    np.testing.assert_array_equal(few.quantiles, whole.quantiles[rows])
    together = simulate(learned[0], panel, paths=20)
    np.testing.assert_array_equal(simulate(again, panel.take(rows), paths=20), together[rows])


def test_new_series_are_forecast_by_what_is_known_of_their_like(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel = known[0]
    fresh = panel.y.copy()
    fresh[:40] = np.nan
    fresh[:20, -3:] = panel.y[:20, -3:]  # three days of history; the others have none
    told = forecast(learned[0], msgspec.structs.replace(panel, y=fresh))
    assert np.isfinite(told.quantiles).all()
    like = np.nanmean(panel.y[:, -28:])
    assert 0.6 * like < told.mean[20:40].mean() < 1.5 * like
    assert panel.price is not None
    ahead = panel.price[20:40, panel.length :]
    promoted = ahead < 0.9 * panel.price[20:40].max(axis=1, keepdims=True)
    ordinary = told.mean[20:40][~promoted].mean()
    assert told.mean[20:40][promoted].mean() > 1.2 * ordinary
    early = np.corrcoef(told.mean[:20].mean(axis=1), panel.y[:20, -3:].mean(axis=1))[0, 1]
    assert early > 0.6  # the first days of sales are believed in part


def test_rows_that_play_new_see_nothing_older(known: tuple[Panel, Doubles, Floats]) -> None:
    panel = known[0]
    effects = fit_effects(panel)
    layout = lay_out(panel, effects.group_by)
    series = np.arange(panel.size, dtype=np.int32)
    origin, ahead = np.full(panel.size, 180, np.int32), np.full(panel.size, 3, np.int32)
    begin = np.full(panel.size, 178, np.int32)
    prices = prepare_prices(panel, H)
    context = build_view(panel, layout, effects, H, prices).context
    seen = []
    for past in (panel.y, np.where(np.arange(panel.length) < 178, np.float32(7.0), panel.y)):
        tried = msgspec.structs.replace(panel, y=past)
        view = build_view(tried, layout, effects, H, prices, context=context)
        seen.append(features(view, series, origin, ahead, begin))
    np.testing.assert_allclose(seen[0], seen[1], rtol=0.02, atol=0.02)  # sums are float32


def test_features_know_nothing_after_their_origin(known: tuple[Panel, Doubles, Floats]) -> None:
    panel = known[0]
    origin, later = 180, np.random.default_rng(1).integers(0, 10_000, (panel.size, 39))
    leaky = msgspec.structs.replace(panel, y=panel.y.copy())
    leaky.y[:, origin + 1 :] = later
    effects = fit_effects(panel.until(panel.date_of(origin)))
    layout = lay_out(panel, effects.group_by)
    series = np.repeat(np.arange(panel.size, dtype=np.int32), H)
    ahead = np.tile(np.arange(1, H + 1, dtype=np.int32), panel.size)
    rows = []
    for tried in (panel, leaky):
        view = build_view(tried, layout, effects, H, prepare_prices(tried, H))
        rows.append(features(view, series, np.full(len(series), origin, np.int32), ahead))
    np.testing.assert_array_equal(rows[0], rows[1])
    assert rows[0].shape[1] == len(layout.names)
    low, high = np.nan_to_num(rows[0]).min(axis=0), np.nan_to_num(rows[0]).max(axis=0)
    assert (low < high).sum() > 30  # the comparison is not one of empty columns


def test_what_is_sold_after_the_cut_off_cannot_move_a_forecast(
    known: tuple[Panel, Doubles, Floats],
) -> None:
    panel = known[0]
    cut = panel.date_of(199)
    leaky = msgspec.structs.replace(panel, y=panel.y.copy())
    leaky.y[:, 200:] = 5000.0
    one, two = (fitted(p.until(cut))[0] for p in (panel, leaky))
    assert one.engine == two.engine == "trees-small"
    assert save_model(one) == save_model(two)


def test_quantiles_rise_and_cover(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel, _, sold = known
    asked = (0.001, 0.01, 0.1, 0.3, 0.5, 0.6, 0.9, 0.99, 0.999)
    for levels in (asked, LEVELS):
        told = forecast(learned[0], panel, quantiles=levels)
        assert (np.diff(told.quantiles, axis=1) >= 0).all()
        assert (told.quantiles >= 0).all()
    inside = (sold >= told.quantiles[:, 1]) & (sold <= told.quantiles[:, 7])
    assert 0.92 < inside.mean() < 0.995


def test_quantiles_between_the_nine_are_read_off_a_line_of_normal_scores() -> None:
    knots = np.array(LEVELS, np.float32)[None, :, None]
    np.testing.assert_array_equal(at_levels(knots, LEVELS), knots)
    between = at_levels(knots, (0.165, 0.2, 0.25))[0, :, 0]
    assert between[0] == pytest.approx(0.165, abs=1e-6)
    assert 0.19 < between[1] < 0.21


def test_paths_read_off_the_quantiles(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel = known[0].take(np.arange(150, dtype=np.intp))
    told = forecast(learned[0], panel, quantiles=(0.1, 0.5, 0.9))
    paths = simulate(learned[0], panel, paths=600, seed=3)
    assert (paths == np.floor(paths)).all()
    assert paths.mean(axis=1).sum() == pytest.approx(told.mean.sum(), rel=0.06)
    drawn = np.quantile(paths, (0.1, 0.5, 0.9), axis=1).transpose(1, 0, 2)
    np.testing.assert_allclose(drawn.mean(axis=(0, 2)), told.quantiles.mean(axis=(0, 2)), atol=0.35)
    sums = paths.sum(axis=2).std(axis=1).sum()
    assert sums == pytest.approx(told.cumulative_sd[:, -1].sum(), rel=0.35)


def test_ranks_are_even_at_every_step_and_keep_the_dependence(
    learned: tuple[Model, Reviewed],
) -> None:
    pool = learned[0].residuals
    draw = np.random.default_rng(5)
    shared = draw.gamma(3.0, 1.0, (pool.ratios.shape[0], 1)).astype(np.float32)
    tied = msgspec.structs.replace(
        pool, ratios=(shared * draw.uniform(0.8, 1.2, pool.ratios.shape)).astype(np.float32)
    )
    ranks = rank_scores(tied)
    for low, high in zip(pool.starts[:-1], pool.starts[1:], strict=True):
        np.testing.assert_allclose(ranks[low:high].mean(axis=0), 0.0, atol=1e-5)
    assert np.corrcoef(ranks[:, 0], ranks[:, 9])[0, 1] > 0.8


def test_sums_at_every_level_are_calibrated_and_means_add_up(
    known: tuple[Panel, Doubles, Floats], learned: tuple[Model, Reviewed]
) -> None:
    panel, _, sold = known
    model, reviewed = learned
    assert [g.level for g in own_levels(panel)] == ["total", "belt", "kind", "belt,kind"]
    groups = [group_of(panel, c) for c in ((), ("kind",), ("kind", "belt"))]
    told = sum_quantiles(model, panel, groups, reviewed, quantiles=LEVELS, paths=10)
    for group, quantiles in zip(groups, told, strict=True):
        assert quantiles.shape == (len(group.names), len(LEVELS), H)
        assert (np.diff(quantiles, axis=1) >= 0).all()
        actual = sum_rows(sold, group)
        inside = (actual >= quantiles[:, 1]) & (actual <= quantiles[:, 7])
        assert inside.mean() > 0.8
        width = (quantiles[:, 7] - quantiles[:, 1]) / actual
        assert width.mean() < 1.0
        np.testing.assert_allclose(quantiles[:, 4], sum_rows(reviewed.answer.mean, group), rtol=0.3)


def test_days_on_which_all_is_closed_are_not_learned_and_not_forecast() -> None:
    days = 800
    y = np.full((50, days), 20.0, np.float32)
    christmas = [358, 724]  # 25 December of a year that begins on a Monday, and of the next
    y[:, christmas] = 0.0
    base = make.panel(50, 60)
    panel = Panel(unique_ids=base.unique_ids, freq=Freq.DAY, first_date=make.MONDAY, y=y)
    silent = silent_dates(panel)
    assert [(d.month, d.day) for d in silent] == [(12, 24), (12, 25)]
    assert np.isnan(recent(panel, silent).y[:, christmas]).all()
    assert silent_dates(make.panel(50, 60)) == ()
    twice = (make.MONDAY.replace(month=12, day=25), make.MONDAY.replace(2025, 12, 25))
    first = make.MONDAY.replace(2026, 12, 20)
    assert shut_ahead(twice, first, 10, Freq.DAY) == [5]
    assert shut_ahead(twice[:1], first, 10, Freq.DAY) == []


def test_weekly_sales_with_stock_outs_are_learned_too() -> None:
    weeks, series = 140, 700
    draw = np.random.default_rng(8)
    level = draw.lognormal(2.0, 0.6, (series, 1))
    wave = 1.0 + 0.4 * np.sin(2 * np.pi * np.arange(weeks + 4) / 52.18)
    rate = level * wave
    y = draw.poisson(rate[:, :weeks]).astype(np.float32)
    in_stock = draw.random(y.shape) > 0.1
    y[~in_stock] = 0.0
    panel = Panel(
        unique_ids=pl.Series([f"S{i:04d}@HUB" for i in range(series)]), freq=Freq.WEEK,
        first_date=make.MONDAY, y=y, in_stock=in_stock,
    )  # fmt: skip
    model, _ = fit_reviewed(panel, horizon=4, effort=Effort.FAST, recipe=SMALL)
    assert model.engine == "trees-small"
    told = forecast(model, panel)
    assert told.mean.sum() == pytest.approx(rate[:, weeks:].sum(), rel=0.1)
    assert STEPS[Freq.WEEK].year == 52

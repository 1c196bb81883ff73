"""Panels: nothing after the cut-off, gaps, stock-outs, faulty rows, drivers."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from beltline.science.forecast import fit, forecast
from beltline.science.keys import series_keys, shard_of
from beltline.science.panel import Freq, build_panel, silent_periods
from beltline.science.problems import infer_freq
from tests.science import make


def test_a_planted_leak_cannot_get_in() -> None:
    y = make.sales(60, 120)
    frame = make.long_frame(y)
    cut_off = make.dates(120)[99]
    leaky = frame.with_columns(
        pl.when(pl.col("ds") > cut_off).then(pl.col("y") * 1000 + 777).otherwise(pl.col("y"))
    )
    honest, _ = build_panel(frame, cut_off=cut_off, freq=Freq.DAY)
    tried, problems = build_panel(leaky, cut_off=cut_off, freq=Freq.DAY)
    assert tried.length == 100
    np.testing.assert_array_equal(tried.y, honest.y)
    assert problems["code"].unique().to_list() == ["FUTURE_DATE"]
    assert len(problems) == 60 * 20
    one, two = (forecast(fit(p, horizon=7), p) for p in (honest, tried))
    np.testing.assert_array_equal(one.mean, two.mean)


def test_an_outcome_cannot_enter_through_the_known_future() -> None:
    frame = make.long_frame(make.sales(5, 30))
    future = pl.DataFrame({"ds": make.dates(37)[30:], "y": [99.0] * 7, "promo": [1.0] * 7})
    panel, problems = build_panel(frame, cut_off=make.dates(30)[-1], freq=Freq.DAY, future=future)
    assert panel.length == 30
    assert panel.ahead == 7
    assert list(panel.known) == ["promo"]
    assert problems["code"].to_list() == ["LEAK"]


def test_until_forgets_later_cells_and_keeps_the_same_look_ahead() -> None:
    whole = make.panel(20, 100)
    past = whole.until(whole.date_of(59))
    assert past.y.shape == (20, 60)
    assert past.y.base is None  # a copy: no view that reaches into the future
    assert past.cut_off == whole.date_of(59)
    with pytest.raises(ValueError, match="outside"):
        whole.until(whole.date_of(100))


def test_gaps_are_zero_only_between_first_sale_and_cut_off() -> None:
    frame = pl.DataFrame(
        {"unique_id": ["A", "A", "B"], "ds": make.dates(9)[2:9:3], "y": [3.0, 1.0, 2.0]}
    )
    panel, problems = build_panel(frame, cut_off=make.dates(10)[-1], freq=Freq.DAY)
    assert problems.is_empty()
    assert panel.first_date == make.dates(3)[2]
    np.testing.assert_array_equal(panel.y[0], [3, 0, 0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(panel.y[1], [np.nan] * 6 + [2, 0])


def test_leading_zeros_count_only_where_the_series_was_on_sale() -> None:
    base = {"unique_id": ["A"] * 4, "ds": make.dates(4), "y": [0.0, 0.0, 2.0, 0.0]}
    cut = make.dates(4)[-1]
    silent, _ = build_panel(pl.DataFrame(base), cut_off=cut, freq=Freq.DAY)
    priced, _ = build_panel(
        pl.DataFrame(base | {"price": [None, 5.0, 5.0, 5.0]}), cut_off=cut, freq=Freq.DAY
    )
    np.testing.assert_array_equal(silent.y[0], [np.nan, np.nan, 2, 0])
    np.testing.assert_array_equal(priced.y[0], [np.nan, 0, 2, 0])


def test_out_of_stock_periods_are_never_learned_as_zero_demand() -> None:
    y = np.full((40, 90), 10.0, np.float32)
    in_stock = np.ones_like(y, np.bool_)
    y[:, 60:], in_stock[:, 60:] = 0.0, False
    cut = make.dates(90)[-1]
    blind, _ = build_panel(make.long_frame(y), cut_off=cut, freq=Freq.DAY)
    seeing, _ = build_panel(make.long_frame(y, in_stock=in_stock), cut_off=cut, freq=Freq.DAY)
    assert forecast(fit(blind, horizon=7), blind).mean.mean() < 3.0
    assert forecast(fit(seeing, horizon=7), seeing).mean.mean() == pytest.approx(10.0, rel=0.05)


def test_faulty_rows_are_named_and_left_out() -> None:
    days = make.dates(10)
    frame = pl.DataFrame(
        {
            "unique_id": ["A", "A", "A", "A", None, "A", "A"],
            "ds": [days[0], days[1], days[1], days[2], days[3], days[9], None],
            "y": [1.0, 2.0, 5.0, -1.0, 1.0, 1.0, 1.0],
        }
    )
    panel, problems = build_panel(frame, cut_off=days[5], freq=Freq.DAY)
    found = dict(zip(problems["row"], problems["code"], strict=True))
    assert found == {
        3: "DUPLICATE", 4: "NEGATIVE", 5: "MISSING", 6: "FUTURE_DATE", 7: "MISSING",
    }  # fmt: skip
    np.testing.assert_array_equal(panel.y[0], [1, 2, 0, 0, 0, 0])


def test_mixed_frequencies_are_row_errors() -> None:
    weekly = pl.DataFrame({"unique_id": ["W"] * 10, "ds": make.dates(10, 7), "y": [1.0] * 10})
    daily = make.long_frame(make.sales(3, 64))
    cut = make.dates(64)[-1]
    panel, problems = build_panel(pl.concat([daily, weekly]), cut_off=cut, freq=Freq.DAY)
    assert panel.unique_ids.to_list() == ["S0000@HUB", "S0001@HUB", "S0002@HUB"]
    assert problems["code"].to_list() == ["MIXED_FREQUENCY"] * 10
    off = weekly.with_columns(
        pl.when(pl.int_range(pl.len()) == 4).then(pl.col("ds") + timedelta(days=2))
        .otherwise(pl.col("ds"))
    )  # fmt: skip
    _, problems = build_panel(off, cut_off=make.dates(10, 7)[-1], freq=Freq.WEEK)
    assert problems["row"].to_list() == [5]
    assert (infer_freq(daily), infer_freq(weekly)) == ("D", "W")


def test_a_day_without_any_row_of_a_busy_panel_is_closed_not_zero() -> None:
    frame = make.long_frame(make.sales(50, 40)).filter(pl.col("ds") != make.dates(40)[25])
    cut = make.dates(40)[-1]
    silent = silent_periods(frame, cut_off=cut, freq=Freq.DAY)
    assert silent == [make.dates(40)[25]]
    panel, _ = build_panel(frame, cut_off=cut, freq=Freq.DAY, closed=silent)
    assert np.isnan(panel.y[:, 25]).all()
    assert silent_periods(frame.filter(pl.col("unique_id") == "S0000@HUB"),
                          cut_off=cut, freq=Freq.DAY) == []  # fmt: skip


def test_text_drivers_become_flags_shared_by_all_series() -> None:
    y = make.sales(4, 30)
    event = np.where(np.arange(30) % 10 == 3, "festival", "")
    frame = make.long_frame(y, event=np.tile(event, (4, 1)))
    panel, _ = build_panel(frame, cut_off=make.dates(30)[-1], freq=Freq.DAY)
    assert list(panel.known) == ["event=festival"]
    np.testing.assert_array_equal(panel.known["event=festival"], [(event == "festival")])


def test_keys_are_stable_for_ever_and_shards_even() -> None:
    keys = series_keys(pl.Series(["SKU1@HUB", "", "义乌"]))
    assert [int(k) for k in keys] == [
        14491649997525218956,
        14087677454934409008,
        9421566287136459420,
    ]
    shards = shard_of(pl.Series([f"SKU{i}" for i in range(8000)]), 8)
    counts = np.bincount(shards, minlength=8)
    assert counts.min() > 850
    assert counts.max() < 1150


def test_dates_and_periods_agree() -> None:
    panel, _ = build_panel(
        make.long_frame(make.sales(2, 10, weekly=True), step=7),
        cut_off=make.dates(10, 7)[-1], freq=Freq.WEEK,
    )  # fmt: skip
    assert panel.cut_off == date(2024, 3, 4)
    assert panel.date_of(panel.length) == date(2024, 3, 11)

"""Working calendars: closures, ramps and last-order dates shift what arrives when."""

from datetime import date

import numpy as np
import pytest

from beltline.science.calendar import (
    ALWAYS_OPEN,
    Closure,
    WorkCalendar,
    arrival,
    arrival_periods,
    capacity,
    lead_time_pmf,
)
from beltline.science.panel import Freq

FESTIVAL = Closure(
    starts=date(2026, 2, 10), ends=date(2026, 2, 24), ramp_down_from=date(2026, 2, 5),
    ramp_up_until=date(2026, 3, 6), last_order_date=date(2026, 1, 31), reason="SPRING_FESTIVAL",
)  # fmt: skip
PLAIN = Closure(starts=date(2026, 2, 10), ends=date(2026, 2, 24))


def test_an_open_calendar_counts_days() -> None:
    days = arrival([date(2026, 1, 1), date(2026, 1, 9)], [0, 1, 5], ALWAYS_OPEN)
    assert days[0] == [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 6)]
    assert days[1][2] == date(2026, 1, 14)


@pytest.mark.parametrize(
    ("ordered", "work", "done"),
    [
        (date(2026, 2, 7), 2, date(2026, 2, 9)),  # done on the eve
        (date(2026, 2, 7), 3, date(2026, 2, 25)),  # one day over
        (date(2026, 2, 15), 1, date(2026, 2, 25)),  # ordered while closed
        (date(2026, 2, 24), 1, date(2026, 2, 25)),
        (date(2026, 2, 26), 1, date(2026, 2, 27)),
    ],
)
def test_a_closure_is_waited_out(ordered: date, work: int, done: date) -> None:
    assert arrival([ordered], [work], WorkCalendar(closures=(PLAIN,))) == [[done]]


def test_orders_after_the_last_order_date_wait_for_the_end() -> None:
    calendar = WorkCalendar(closures=(FESTIVAL,))
    before, after = arrival([date(2026, 1, 31), date(2026, 2, 1)], [3], calendar)
    assert before == [date(2026, 2, 3)]
    assert after[0] > date(2026, 2, 27)  # the ramp is slow


def test_capacity_falls_to_zero_and_climbs_back() -> None:
    share = capacity(WorkCalendar(closures=(FESTIVAL,)), date(2026, 2, 1), 40)
    assert share[:4].tolist() == [1.0] * 4
    assert (np.diff(share[3:9]) < 0).all()
    assert (share[9:24] == 0).all()
    assert (np.diff(share[24:34]) >= 0).all()
    assert share[34:].tolist() == [1.0] * 6


def test_weekly_days_off() -> None:
    calendar = WorkCalendar(days_off=(6, 7))
    assert arrival([date(2026, 1, 2)], [1, 5, 6], calendar)[0] == [
        date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 12),
    ]  # fmt: skip


@pytest.mark.parametrize("freq", [Freq.DAY, Freq.WEEK])
def test_arrival_periods_follow_the_lead_time_rule(freq: Freq) -> None:
    table = arrival_periods(ALWAYS_OPEN, cut_off=date(2026, 1, 5), freq=freq, orders=4,
                            longest=3, horizon=20)  # fmt: skip
    np.testing.assert_array_equal(table, np.add.outer(np.arange(4), np.arange(4)))


def test_arrival_periods_see_a_closure_and_the_horizon() -> None:
    table = arrival_periods(WorkCalendar(closures=(PLAIN,)), cut_off=date(2026, 2, 6),
                            freq=Freq.DAY, orders=10, longest=5, horizon=21)  # fmt: skip
    assert table[0, 3] == 3  # done on the 9th, sold from the 10th
    assert table[0, 4] == 19  # done on the 25th
    assert (np.diff(table, axis=0) >= 0).all()
    assert (np.diff(table, axis=1) >= 0).all()
    assert table.max() == 21
    weekly = arrival_periods(WorkCalendar(closures=(PLAIN,)), cut_off=date(2026, 2, 2),
                             freq=Freq.WEEK, orders=3, longest=2, horizon=12)  # fmt: skip
    assert weekly[0].tolist() == [0, 4, 5]


def test_lead_time_pmf_has_the_mean_and_the_tail() -> None:
    pmf = lead_time_pmf(np.array([7.0, 3.0]), np.array([12.0, 3.0]), 40)
    np.testing.assert_allclose(pmf.sum(axis=1), 1.0, rtol=1e-5)
    assert pmf[0] @ np.arange(41) == pytest.approx(7.0, rel=0.03)
    assert pmf[0, :13].sum() == pytest.approx(0.95, abs=0.03)
    assert pmf[1, 3] > 0.999

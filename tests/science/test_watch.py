"""Flags: a series that doubled, a day nobody expected, and silence where nothing happened."""

import msgspec
import numpy as np

from beltline.science.watch import flags
from tests.science import make


def test_what_moved_is_told_and_the_rest_is_left_alone() -> None:
    panel = make.panel(300, 200)
    busy = np.argsort(-panel.y.mean(axis=1))[:40]
    quiet = flags(panel)
    assert len(quiet) <= 3  # of 300 series with 28 days each
    y = panel.y.copy()
    y[busy[:5], -28:] *= 2.5
    y[busy[20:23], -10] += 15 * (y[busy[20:23]].mean(axis=1) + 3)
    told = flags(msgspec.structs.replace(panel, y=y))
    drifted = set(told.filter(code="DRIFT")["unique_id"])
    assert set(panel.unique_ids.gather(busy[:5].tolist())) <= drifted
    odd = told.filter(code="ANOMALY")
    assert set(panel.unique_ids.gather(busy[20:23].tolist())) <= set(odd["unique_id"])
    assert panel.date_of(190) in odd["ds"].to_list()
    assert len(told) <= len(quiet) + 10


def test_days_out_of_stock_are_no_drift() -> None:
    panel = make.panel(100, 200)
    y, in_stock = panel.y.copy(), np.ones_like(panel.y, np.bool_)
    y[:50, -28:], in_stock[:50, -28:] = 0.0, False
    seeing = msgspec.structs.replace(panel, y=y, in_stock=in_stock)
    assert flags(seeing).is_empty()
    assert not flags(msgspec.structs.replace(panel, y=y)).is_empty()
    assert flags(make.panel(10, 40)).is_empty()


def test_what_was_new_has_no_level_to_leave() -> None:
    panel = make.panel(60, 200)
    y = panel.y.copy()
    y[:30, :-40], y[:30, -40:-28], y[:30, -28:] = np.nan, 1.0, 60.0
    assert flags(msgspec.structs.replace(panel, y=y)).is_empty()
    y[:30, :-60], y[:30, -60:-28] = np.nan, 1.0
    known = flags(msgspec.structs.replace(panel, y=y))
    assert set(known["unique_id"]) == set(panel.unique_ids[:30])

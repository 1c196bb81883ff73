"""Builders of generated demand for the science tests."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from beltline.science.keys import Floats
from beltline.science.panel import Freq, Panel, build_panel
from beltline.science.terms import Terms, make_terms

MONDAY = date(2024, 1, 1)
WEEKDAYS = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.6, 0.7])


def dates(count: int, step: int = 1) -> list[date]:
    return [MONDAY + timedelta(days=k * step) for k in range(count)]


def sales(series: int, periods: int, seed: int = 0, *, weekly: bool = False) -> Floats:
    """Poisson sales around log-normal levels with a weekday profile; most series are thin."""
    draw = np.random.default_rng(seed)
    level = draw.lognormal(0.0, 1.2, series)
    factor = np.ones(periods) if weekly else np.resize(WEEKDAYS, periods)
    return draw.poisson(level[:, None] * factor).astype(np.float32)


def long_frame(y: Floats, *, step: int = 1, **columns: Any) -> pl.DataFrame:
    """A dense long frame of a matrix; extra columns are matrices of the same shape."""
    series, periods = y.shape
    return pl.DataFrame(
        {
            "unique_id": np.repeat([f"S{i:04d}@HUB" for i in range(series)], periods),
            "ds": dates(periods, step) * series,
            "y": y.ravel().astype(np.float64),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def panel(series: int = 200, periods: int = 200, seed: int = 0) -> Panel:
    y = sales(series, periods, seed)
    return build_panel(long_frame(y), cut_off=dates(periods)[-1], freq=Freq.DAY)[0]


def terms(series: int, horizon: int = 14, **others: Any) -> Terms:
    """Lead time of two or four days with equal chance, weekly review, some stock."""
    pmf = np.zeros((series, 5), np.float32)
    pmf[:, 2] = pmf[:, 4] = 0.5
    given: dict[str, Any] = {
        "on_hand": np.linspace(0, 30, series), "inbound": np.zeros((series, horizon), np.float32),
        "lead_pmf": pmf, "review": 7, "holding": 0.05, "shortage": 2.0,
    } | others  # fmt: skip
    return make_terms(**given)

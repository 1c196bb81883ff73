"""The floor tier: series forecast a second and core, with nine quantiles over the horizon.

200,000 generated weekly series of 104 weeks, most of them thin; learning is timed apart, as a plan
learns once and forecasts shards. `statsforecast` (SES and TSB, one process) is measured in the same
run where it is installed; it is no dependency of the project.
"""

import importlib.util
import time
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from beltline.science.forecast import Effort, fit, forecast
from beltline.science.panel import Freq, Panel, encode
from beltline.science.residuals import MOST_SERIES
from bench.table import Row, as_text

SERIES, WEEKS, HORIZON = 200_000, 104, 8
THEIRS = 20_000
RUNS = 5
GOAL = 100_000


def rows() -> Iterator[Row]:
    """Rates of the floor tier and of the library."""
    panel = make_panel(SERIES)
    began = time.process_time()
    model = fit(panel, horizon=HORIZON, effort=Effort.FLOOR)
    learned = time.process_time() - began
    rates = []
    for _run in range(RUNS):
        began = time.process_time()
        forecast(model, panel)
        rates.append(SERIES / (time.process_time() - began))
    rate = float(np.median(rates))
    yield Row(what="series a second of one core", method="floor, mean and nine quantiles",
              value=rate, low=min(rates), high=max(rates), seeds="0", goal=f">= {GOAL:,}",
              met=rate >= GOAL, note=f"median of {RUNS}, range; {WEEKS} weeks each")  # fmt: skip
    yield Row(what="learning, once", method="floor", value=learned, unit="s", seeds="0",
              note=f"{MOST_SERIES:,} series show the spread")  # fmt: skip
    yield from _theirs(panel)


def make_panel(series: int) -> Panel:
    """Poisson sales around log-normal levels with a yearly wave, in eight groups."""
    draw = np.random.default_rng(0)
    level = draw.lognormal(0.0, 1.2, (series, 1))
    wave = 1.0 + 0.3 * np.sin(2 * np.pi * np.arange(WEEKS) / 52)
    kinds = encode(pl.Series([f"kind {k % 8}" for k in range(series)]))
    return Panel(
        unique_ids=pl.Series([f"S{k:06d}@HUB" for k in range(series)]), freq=Freq.WEEK,
        first_date=date(2024, 1, 1),
        y=draw.poisson(level * wave).astype(np.float32), static={"kind": kinds},
    )  # fmt: skip


def _theirs(panel: Panel) -> Iterator[Row]:
    if importlib.util.find_spec("statsforecast") is None:
        yield Row(what="series a second of one core", method="statsforecast",
                  value=None, note="not installed: not measured")  # fmt: skip
        return
    from statsforecast import StatsForecast  # noqa: PLC0415
    from statsforecast.models import TSB, SimpleExponentialSmoothing  # noqa: PLC0415

    ids = np.repeat(np.arange(THEIRS), WEEKS)
    frame = pl.DataFrame({"unique_id": ids, "ds": np.tile(np.arange(WEEKS), THEIRS),
                          "y": panel.y[:THEIRS].ravel().astype(np.float64)})  # fmt: skip
    for name, engine in (("SES", SimpleExponentialSmoothing(0.15)), ("TSB", TSB(0.1, 0.1))):
        began = time.process_time()
        StatsForecast(models=[engine], freq=1, n_jobs=1).forecast(df=frame, h=HORIZON)
        yield Row(what="series a second of one core", method=f"statsforecast {name}, mean alone",
                  value=THEIRS / (time.process_time() - began), seeds="0")  # fmt: skip


if __name__ == "__main__":
    print(as_text(rows()))

"""Accuracy on the M5 panel at past origins, by the official scorer, beside two baselines.

Run `python -m bench.m5 --origin 1885` (days 1886-1913 are scored; 1577 and 1913 are the other
origins of the goals; nothing after day 1941 is ever read). Prints WRMSSE, WSPL, the bias of the
total, seconds and peak memory of the trees, the floor tier and the seasonal naive forecast. The
data lies beside the repository and is not part of it; where it is absent the bench says so.
"""

import argparse
import importlib.util
import os
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before any numeric library is loaded

import numpy as np
import polars as pl

from beltline.science.aggregate import sum_quantiles
from beltline.science.forecast import QUANTILES, Effort, Reviewed, fit_reviewed, forecast
from beltline.science.groups import group_of
from beltline.science.keys import Doubles, Floats
from beltline.science.panel import Freq, Panel, encode

DATA = Path(__file__).parents[2] / "shared" / "data" / "m5"
FIRST_DATE = date(2011, 1, 29)
LATEST_DAY = 1941
HORIZON = 28
HISTORY = 1096
ATTRIBUTES = ("item_id", "dept_id", "cat_id", "store_id", "state_id")
STATES = ("CA", "TX", "WI")


def main() -> int:
    """Print one row for each method at each origin; 2 where the data is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origin", type=int, action="append", choices=(1577, 1857, 1885, 1913))
    parser.add_argument("--effort", choices=("fast", "high", "none"), default="fast")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", help="one store only: a quick look, no figure for a goal")
    chosen = parser.parse_args()
    if not (DATA / "m5score.py").exists():
        print(f"the M5 data is absent: {DATA}", file=sys.stderr)
        return 2
    for origin in chosen.origin or (1885,):
        world = World(origin, chosen.store)
        world.row("snaive", world.naive(), None, 0.0)
        for effort in ("floor", chosen.effort):
            if effort != "none":
                world.measure(Effort(effort), chosen.seed)
    return 0


class World:
    """The panel up to one origin and the scorer of the days after it."""

    def __init__(self, origin: int, store: str | None = None) -> None:
        """Read the files; `scorer` sees the actuals, `panel` ends at the origin."""
        self.origin = origin
        scorer = _load_scorer()
        sales = pl.concat([pl.read_parquet(DATA / f"sales_train_{s}.parquet") for s in STATES])
        if store is not None:
            sales = sales.filter(pl.col("store_id").cast(pl.String) == store)
        ids = sales.select("id", *ATTRIBUTES).with_columns(pl.all().cast(pl.String))
        last = min(origin + HORIZON, LATEST_DAY)
        whole = sales.select(f"d_{d}" for d in range(1, last + 1)).to_numpy().astype(np.float32)
        self.panel = _panel(whole[:, :origin], ids, origin)
        assert self.panel.price is not None
        latest = np.nan_to_num(self.panel.price[:, HISTORY - 28 : HISTORY])
        revenue = (latest * whole[:, origin - 28 : origin]).sum(axis=1)
        self.scorer = scorer.M5(whole.astype(np.int32), ids, revenue, origin)
        unsold = ~(self.scorer.mse > 0)
        self.scorer.mse[unsold] = self.scorer.mae[unsold] = 1.0
        self.levels = [group_of(self.panel, columns or ()) for columns in scorer.LV]
        self.latest_week = whole[:, origin - 7 : origin]

    def naive(self) -> Floats:
        """The last week repeated."""
        return np.asarray(self.latest_week[:, np.arange(HORIZON) % 7], np.float32)

    def measure(self, effort: Effort, seed: int) -> None:
        """Fit and forecast all twelve levels, and print the row."""
        begin = time.perf_counter()
        model, reviewed = fit_reviewed(self.panel, horizon=HORIZON, seed=seed, effort=effort)
        mean, own = _series(self.panel, model, reviewed)
        told = sum_quantiles(
            model, self.panel, self.levels[:-1], reviewed, quantiles=QUANTILES, paths=200
        )
        seconds = time.perf_counter() - begin
        if reviewed is not None:
            self.row(f"{model.engine} before the pull", reviewed.answer.plain, None, 0.0)
            for told_at, origin in zip(
                reviewed.review.windows.told, reviewed.review.windows.origins, strict=True
            ):
                sold = np.nansum(self.panel.y[:, origin + 1 : origin + 1 + HORIZON])
                print(f"  past window {origin - HISTORY + 1:4d}: bias "
                      f"{100 * (told_at.sum() / sold - 1):+.1f} %")  # fmt: skip
        self.row(model.engine, mean, self._in_scorer_order([*told, own]), seconds)

    def row(self, name: str, mean: Floats, quantiles: Floats | None, seconds: float) -> None:
        """Print the scores of one method."""
        error, by_level = self.scorer.wrmsse(mean.astype(np.float64))
        bias = mean.sum() / self.scorer.act[0].sum() - 1
        spread = np.array([]) if quantiles is None else self.scorer.wspl(quantiles)[1]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{self.origin} {name:24s} WRMSSE {error:.4f}  WSPL "
            f"{spread.mean() if len(spread) else float('nan'):.4f}  bias {100 * bias:+.1f} %  "
            f"{seconds:5.0f} s  {peak:.1f} GB"
        )
        print("  levels 1-12:", np.round(by_level, 3), np.round(spread, 3), flush=True)

    def _in_scorer_order(self, quantiles: list[Floats]) -> Floats:
        """Rows of all levels as the scorer numbers them, 42,840 x H x 9."""
        whole: Any = np.zeros((len(self.scorer.lev), HORIZON, len(QUANTILES)), np.float32)
        for k, (level, values) in enumerate(zip(self.levels, quantiles, strict=True)):
            rows = np.flatnonzero(self.scorer.lev == k + 1)
            member = self.scorer.A[rows].tocsr()
            first = member.indices[member.indptr[:-1]]
            place = first if k == 11 else level.codes[first]
            whole[rows] = values[place].transpose(0, 2, 1)
        return np.asarray(whole)


def _series(panel: Panel, model: Any, reviewed: Reviewed | None) -> tuple[Floats, Floats]:
    """Means and quantiles of the series, in the order of the panel."""
    if reviewed is None:
        told = forecast(model, panel)
        return told.mean, told.quantiles
    return reviewed.answer.mean, reviewed.answer.quantiles


def _panel(sales: Floats, ids: pl.DataFrame, origin: int) -> Panel:
    days = np.arange(origin - HISTORY + 1, origin + HORIZON + 1)
    calendar = (
        pl.read_parquet(DATA / "calendar.parquet")
        .with_columns(pl.col("d").str.slice(2).cast(pl.Int32).alias("day"))
        .sort("day")
        .filter(pl.col("day").is_between(int(days[0]), int(days[-1])))
    )
    price = _prices(ids, calendar["wm_yr_wk"].to_numpy())
    y = sales[:, origin - HISTORY :].copy()
    y[np.isnan(price[:, :HISTORY])] = np.nan
    known = _events(calendar)
    state = ids["state_id"].to_numpy()
    snap = {s: calendar[f"snap_{s}"].to_numpy() for s in STATES}
    known["snap"] = np.stack([snap[s] for s in state]).astype(np.float32)
    return Panel(
        unique_ids=pl.Series([f"{k:05d}" for k in range(len(ids))]),  # sorted, as files give them
        freq=Freq.DAY,
        first_date=FIRST_DATE + timedelta(days=int(days[0]) - 1),
        y=y,
        price=price,
        known=known,
        static={name: encode(ids[name]) for name in ATTRIBUTES},
        ahead=HORIZON,
    )


def _events(calendar: pl.DataFrame) -> dict[str, Floats]:
    flags: dict[str, Floats] = {}
    for column in ("event_name_1", "event_type_1", "event_name_2"):
        texts = calendar[column].cast(pl.String).fill_null("").to_numpy()
        for value in sorted(set(texts) - {"", "NA", "nan"}):
            flags[f"{column}={value}"] = (texts == value)[None, :].astype(np.float32)
    return flags


def _prices(ids: pl.DataFrame, week_of_day: Doubles) -> Floats:
    weeks, place = np.unique(week_of_day, return_inverse=True)
    rows = (
        pl.read_parquet(DATA / "sell_prices.parquet")
        .with_columns(pl.col("store_id", "item_id").cast(pl.String), pl.col("wm_yr_wk").cast(int))
        .join(ids.with_row_index("row"), on=["store_id", "item_id"])
        .filter(pl.col("wm_yr_wk").is_in(weeks.tolist()))
    )
    weekly = np.full((len(ids), len(weeks)), np.nan, np.float32)
    column = np.searchsorted(weeks, rows["wm_yr_wk"].to_numpy())
    weekly[rows["row"].to_numpy(), column] = rows["sell_price"].to_numpy()
    return np.asarray(weekly[:, place], np.float32)


def _load_scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("m5score", DATA / "m5score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    raise SystemExit(main())

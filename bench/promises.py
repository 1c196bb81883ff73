"""Promises with their chance: calibrated on nine years of real deliveries, always learned before.

USAID's SCMS deliveries (10,324 lines, 43 countries): the chance that a line has come by its
promised day, and 7, 14, 30 and 60 days later, is learned at each cut from lines due before it
(those not delivered by then are still under way, not left out) and judged on the lines due in the
year after it. Levels: where it is sent from, country, vendor; half-life a year; nothing is tuned
on what is judged. Intervals: bootstrap over the purchase orders that are judged.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

from beltline.science.durations import STRENGTH, learn
from beltline.science.keys import Doubles
from bench.table import Row

DATA: Final = Path(__file__).resolve().parents[2] / "shared/data/scms/deliveries.parquet"
LEVELS: Final = ("fulfill_via", "country", "vendor")
LATER: Final = (0, 7, 14, 30, 60)
HALF_LIFE_DAYS: Final = 365.0
CUTS: Final = (dt.date(2011, 5, 2), dt.date(2012, 5, 2), dt.date(2013, 5, 2), dt.date(2014, 5, 2))
YEAR: Final = dt.timedelta(days=365)
DRAWS: Final = 400
GOAL: Final = 0.03


class Judged(msgspec.Struct, frozen=True, eq=False):
    """Chances promised and whether each was kept, shape (lines, LATER); the order of each line."""

    chances: Doubles
    kept: Doubles
    orders: np.ndarray


def lines() -> pl.DataFrame:
    """Lines with the day they were due and the day they came, the first due first."""
    return (
        pl.read_parquet(DATA)
        .select(*LEVELS, "po_so_no", due="scheduled_delivery_date", came="delivered_to_client_date")
        .drop_nulls(("due", "came"))
        .sort("due", "po_so_no")
    )


def judge(known: pl.DataFrame, cut: dt.date, strength: float, *, levels: int = 3) -> Judged:
    """Learn from what was due before a cut, as it was seen then; judge the year after it."""
    before = known.filter(pl.col("due") < cut)
    after = known.filter(pl.col("due").is_between(cut, cut + YEAR, closed="left"))
    both = pl.concat([before, after])
    codes = [
        both.select(pl.concat_str(LEVELS[: n + 1], separator="|", ignore_nulls=True))
        .to_series().rank("dense").to_numpy().astype(np.int64) - 1
        for n in range(levels)
    ]  # fmt: skip
    is_here = before["came"].to_numpy() < np.datetime64(cut)
    age = (np.datetime64(cut) - before["due"].to_numpy()).astype(float)
    late = (before["came"] - before["due"]).dt.total_days().to_numpy().astype(float)
    # Groups that are only judged have no weight: they are the group above them.
    none = np.zeros(len(after))
    learned = learn(
        np.concatenate([np.where(is_here, late, age), none]),
        np.concatenate([is_here, none.astype(bool)]), codes,
        grid=np.arange(-600.0, 601.0), strength=strength,
        weights=np.concatenate([0.5 ** (age / HALF_LIFE_DAYS), none]),
    )[-1]  # fmt: skip
    groups = codes[-1][len(before) :]
    found = (after["came"] - after["due"]).dt.total_days().to_numpy()
    return Judged(
        np.column_stack([learned.chance(groups, np.full(len(after), d)) for d in LATER]),
        np.column_stack([found <= d for d in LATER]).astype(float),
        after["po_so_no"].to_numpy(),
    )


def calibration_error(chances: Doubles, kept: Doubles, weights: Doubles, bins: int = 10) -> float:
    """The expected calibration error over bins of about as many promises each."""
    edges = np.quantile(chances, np.linspace(0, 1, bins + 1)[1:-1])
    at = np.searchsorted(edges, chances, side="right")
    size = np.bincount(at, weights, bins)
    gap = np.bincount(at, weights * chances, bins) - np.bincount(at, weights * kept, bins)
    return float(np.abs(gap[size > 0]).sum() / size.sum())


def brier(chances: Doubles, kept: Doubles, weights: Doubles) -> float:
    """The mean squared distance of the chances from what happened."""
    return float(np.average((chances - kept) ** 2, weights=weights))


def _resampled(orders: np.ndarray) -> Iterator[Doubles]:
    """Weights of lines, drawn by whole purchase orders: their lines are late together."""
    rng = np.random.default_rng(7)
    _, place = np.unique(orders, return_inverse=True)
    count = int(place.max()) + 1
    for _ in range(DRAWS):
        yield np.bincount(rng.integers(0, count, count), minlength=count)[place].astype(float)


def _rows(name: str, method: str, judged: Judged, *, goal: bool) -> Iterator[Row]:
    flat = judged.chances.ravel(), judged.kept.ravel()
    draws = [np.repeat(weights, len(LATER)) for weights in _resampled(judged.orders)]
    for what, measure in (("calibration error", calibration_error), ("Brier score", brier)):
        value = measure(*flat, np.ones(len(flat[0])))
        low, high = np.quantile([measure(*flat, weights) for weights in draws], (0.025, 0.975))
        has_goal = goal and measure is calibration_error
        yield Row(
            f"{what}, {name}", method, value, "", float(low), float(high), "7",
            f"<= {GOAL}" if has_goal else "", value <= GOAL if has_goal else None,
            f"{len(judged.orders):,} lines, {len(LATER)} promises each",
        )  # fmt: skip


def rows() -> Iterator[Row]:
    """Each cut by itself, all together, and what simpler ways make of all together."""
    if not DATA.exists():
        yield Row("calibration error", "beltline", None, note=f"{DATA.name} is absent")
        return
    known = lines()
    by_cut = [judge(known, cut, STRENGTH) for cut in CUTS]
    for cut, judged in zip(CUTS, by_cut, strict=True):
        yield from _rows(f"due in the year after {cut}", "beltline", judged, goal=True)
    yield from _rows("all four years", "beltline", _all(by_cut), goal=True)
    for method, strength, levels in (
        ("each group by itself", 1e-9, 3), ("where it is sent from only", STRENGTH, 1),
    ):  # fmt: skip
        judged = _all([judge(known, cut, strength, levels=levels) for cut in CUTS])
        yield from _rows("all four years", method, judged, goal=False)


def _all(years: list[Judged]) -> Judged:
    return Judged(
        np.concatenate([year.chances for year in years]),
        np.concatenate([year.kept for year in years]),
        np.concatenate([year.orders for year in years]),
    )

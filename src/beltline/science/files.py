"""Files in, files out: the engines for an analyst without a database.

Frames in the ecosystem's long format (`unique_id, ds, y`) come in, frames go out; reading and
writing files is the caller's part. Faulty rows come back as problems and the rest is answered.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np
import polars as pl

from beltline.science.aggregate import sum_quantiles
from beltline.science.boost.spread import at_levels
from beltline.science.forecast import (
    QUANTILES,
    Effort,
    Model,
    Reviewed,
    fit_reviewed,
    forecast,
)
from beltline.science.groups import group_of, sum_rows
from beltline.science.keys import Floats
from beltline.science.panel import Freq, Panel, build_panel, silent_periods
from beltline.science.problems import gap_problems, infer_freq, no_problems

AGGREGATE_PATHS = 500


class FileForecast(msgspec.Struct, frozen=True, eq=False):
    """`level, unique_id, ds, mean, q0.005, ...` sorted, the problems of the rows, the model."""

    frame: pl.DataFrame
    problems: pl.DataFrame
    model: Model


def forecast_file(
    demand: pl.DataFrame,
    *,
    horizon: int,
    freq: Freq | None = None,
    static: pl.DataFrame | None = None,
    future: pl.DataFrame | None = None,
    quantiles: Sequence[float] = QUANTILES,
    aggregates: Sequence[Sequence[str]] = (),
    effort: Effort = Effort.FAST,
    seed: int = 0,
    cut_off: date | None = None,
) -> FileForecast:
    """`read_panel` and `forecast_panel` in one."""
    panel, problems = read_panel(demand, freq=freq, cut_off=cut_off, future=future, static=static)
    told = forecast_panel(
        panel, horizon=horizon, quantiles=quantiles, aggregates=aggregates, effort=effort, seed=seed
    )
    return msgspec.structs.replace(told, problems=problems)


def read_panel(
    demand: pl.DataFrame,
    *,
    freq: Freq | None = None,
    cut_off: date | None = None,
    static: pl.DataFrame | None = None,
    future: pl.DataFrame | None = None,
) -> tuple[Panel, pl.DataFrame]:
    """The panel of a demand frame and the problems of its rows.

    `cut_off` (default: the last date) keeps later rows out. Series that only `static` names have
    no history and are answered by what their group sells.
    """
    last = cut_off or demand["ds"].cast(pl.Date).max()
    if not isinstance(last, date):
        raise ValueError("the demand has no dates")  # noqa: TRY004 (a caller's mistake)
    beat = freq or Freq(infer_freq(demand))
    silent = silent_periods(demand, cut_off=last, freq=beat)
    if static is not None:
        static = static.with_columns(pl.col("unique_id").cast(pl.String))
    panel, problems = build_panel(
        demand, cut_off=last, freq=beat, future=future, static=static, closed=silent,
        also=None if static is None else static["unique_id"].drop_nulls(),
    )  # fmt: skip
    return panel, pl.concat([problems, gap_problems(silent)])


def forecast_panel(
    panel: Panel,
    *,
    horizon: int,
    quantiles: Sequence[float] = QUANTILES,
    aggregates: Sequence[Sequence[str]] = (),
    effort: Effort = Effort.FAST,
    seed: int = 0,
) -> FileForecast:
    """Forecasts of every series, every `aggregates` level and the total, for every period.

    Levels are named `item`, the columns of an aggregate as given (`state_id,store_id`), and
    `total` with an empty id. An attribute that the panel lacks is a KeyError.
    """
    groups = [group_of(panel, columns) for columns in [*aggregates, ()]]
    asked = tuple(sorted(quantiles))
    model, reviewed = fit_reviewed(panel, horizon=horizon, seed=seed, effort=effort)
    mean, own = _series_level(model, panel, reviewed, asked)
    dates = panel.dates(panel.length, horizon)
    frames = [_long("item", panel.unique_ids, dates, mean, own, asked)]
    told = sum_quantiles(model, panel, groups, reviewed, quantiles=asked, paths=AGGREGATE_PATHS)
    for group, spread in zip(groups, told, strict=True):
        sums = sum_rows(mean, group).astype(np.float32)
        frames.append(_long(group.level, pl.Series(group.names), dates, sums, spread, asked))
    frame = pl.concat(frames).sort("level", "unique_id", "ds")
    return FileForecast(frame=frame, problems=no_problems(), model=model)


def _series_level(
    model: Model, panel: Panel, reviewed: Reviewed | None, asked: tuple[float, ...]
) -> tuple[Floats, Floats]:
    """Means and quantiles of the series; a fit of the trees has already made them."""
    if reviewed is None:
        told = forecast(model, panel, quantiles=asked)
        return told.mean, told.quantiles
    return reviewed.answer.mean, at_levels(reviewed.answer.quantiles, asked)


def _long(
    level: str, ids: pl.Series, dates: list[date], mean: Floats, quantiles: Floats,
    asked: tuple[float, ...],
) -> pl.DataFrame:  # fmt: skip
    count = len(ids)
    columns = {f"q{q:g}": quantiles[:, k].ravel() for k, q in enumerate(asked)}
    days = pl.Series("ds", dates, dtype=pl.Date)
    return pl.DataFrame(
        {
            "level": pl.repeat(level, count * len(dates), eager=True, dtype=pl.String),
            "unique_id": ids.gather(np.repeat(np.arange(count), len(dates))),
            "ds": days.gather(np.tile(np.arange(len(dates)), count)),
            "mean": mean.ravel(),
            **columns,
        }
    )

"""Forecasts with whole distributions: `fit`, `forecast`, `simulate`, `explain`.

The one interface to every forecasting engine. `effort` names how much may be spent; the model
remembers which engine answered, so a plan can say what it rests on. Fit once on all series (or a
sample), then forecast any shard of them: at the cut-off of the fit the numbers of a series depend
on the model and on its own history only.
"""

import enum
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from beltline.science.boost.engine import (
    Answer,
    Boosted,
    Review,
    fit_boosted,
    forecast_boosted,
    too_small,
)
from beltline.science.boost.recipe import FAST, HIGH, Recipe
from beltline.science.boost.spread import SCORES, at_levels, draw_ranked
from beltline.science.effects import (
    Effects,
    design_names,
    effect_table,
    fit_effects,
    group_names,
)
from beltline.science.floor import levels_at
from beltline.science.keys import Bools, Doubles, Floats, Ints, series_keys
from beltline.science.panel import Freq, Panel
from beltline.science.residuals import (
    Residuals,
    bucket_at,
    bucket_of,
    cumulative_cv,
    draw_paths,
    fit_residuals,
    quantile_table,
)

MODEL_VERSION = 3
QUANTILES = (0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995)
CHUNK_CELLS = 16_000_000


class Effort(enum.StrEnum):
    """How much computing a forecast may take."""

    FLOOR = "floor"
    FAST = "fast"
    HIGH = "high"


RECIPES = {Effort.FAST: FAST, Effort.HIGH: HIGH}


class Model(msgspec.Struct, frozen=True, eq=False):
    """Everything a forecast needs beside the history of the series; see `save_model`.

    `engine` is what answers: `floor`, `trees-fast` or `trees-high`. `fallback` says why the
    floor answers where more effort was allowed: `FEW_SERIES`, `FEW_CELLS`, `SHORT_HISTORY`,
    `LONG_HORIZON`; else it is empty.
    """

    version: int
    engine: str
    fallback: str
    freq: Freq
    horizon: int
    seed: int
    trained_until: date
    whole_units: bool
    effects: Effects
    residuals: Residuals
    boosted: Boosted | None = None


class Reviewed(msgspec.Struct, frozen=True, eq=False):
    """What a fit of the trees knows beside the model, for the forecast of sums at its cut-off."""

    review: Review
    answer: Answer


class Forecast(msgspec.Struct, frozen=True, eq=False):
    """Demand of N series over H periods after the cut-off, never negative.

    `mean` is N x H; `quantiles` is N x Q x H for the `levels`, rising along Q; `cumulative_sd`
    is the standard deviation of demand summed from the first future period on, N x H.
    """

    unique_ids: pl.Series
    freq: Freq
    first_date: date
    mean: Floats
    levels: tuple[float, ...]
    quantiles: Floats
    cumulative_sd: Floats


def fit(
    panel: Panel,
    *,
    horizon: int,
    seed: int = 0,
    effort: Effort = Effort.FLOOR,
    group_by: tuple[str, ...] | None = None,
) -> Model:
    """Learn day effects, means and the spread of errors from a panel.

    `group_by` names the attributes whose groups share day effects (default: chosen). A panel
    that is too small for trees is answered by the floor; see `Model.engine`.
    """
    return fit_reviewed(panel, horizon=horizon, seed=seed, effort=effort, group_by=group_by)[0]


def fit_reviewed(
    panel: Panel,
    *,
    horizon: int,
    seed: int = 0,
    effort: Effort = Effort.FLOOR,
    group_by: tuple[str, ...] | None = None,
    recipe: Recipe | None = None,
) -> tuple[Model, Reviewed | None]:
    """`fit`, with what the trees (if they answer) found about past windows and sums.

    `recipe` replaces the one that belongs to the effort.
    """
    fallback = "" if effort is Effort.FLOOR else too_small(panel, horizon)
    boosted: Boosted | None = None
    reviewed: Reviewed | None = None
    if effort is Effort.FLOOR or fallback:
        engine = "floor"
        effects = fit_effects(panel, group_by=group_by)
        keys = series_keys(panel.unique_ids)
        residuals = fit_residuals(panel, horizon, keys, effects.group_by)
    else:
        chosen = recipe or RECIPES[effort]
        engine = chosen.name
        boosted, effects, residuals, review, answer = fit_boosted(
            panel, horizon=horizon, seed=seed, recipe=chosen, group_by=group_by
        )
        reviewed = Reviewed(review=review, answer=answer)
    model = Model(
        version=MODEL_VERSION,
        engine=engine,
        fallback=fallback,
        freq=panel.freq,
        horizon=horizon,
        seed=seed,
        trained_until=panel.cut_off,
        whole_units=_sold_whole(panel.y),
        effects=effects,
        residuals=residuals,
        boosted=boosted,
    )
    return model, reviewed


def forecast(model: Model, panel: Panel, *, quantiles: tuple[float, ...] = QUANTILES) -> Forecast:
    """Mean and quantiles for the periods after the cut-off of `panel`."""
    mean, bucket, answer = _told(model, panel)
    if answer is not None:
        values = at_levels(answer.quantiles, quantiles)
    else:
        values = mean[:, None, :] * quantile_table(model.residuals, quantiles)[bucket]
    spread = cumulative_cv(model.residuals)
    return Forecast(
        unique_ids=panel.unique_ids,
        freq=panel.freq,
        first_date=panel.date_of(panel.length),
        mean=mean,
        levels=quantiles,
        quantiles=values,
        cumulative_sd=(np.cumsum(mean, axis=1) * spread[bucket]).astype(np.float32),
    )


def simulate(model: Model, panel: Panel, *, paths: int, seed: int | None = None) -> Floats:
    """Demand paths N x S x H; `seed` defaults to the model's. Mind the size: see the chunks."""
    return np.concatenate([c for _, c in simulate_chunks(model, panel, paths=paths, seed=seed)])


def simulate_chunks(
    model: Model, panel: Panel, *, paths: int, seed: int | None = None
) -> Iterator[tuple[slice, Floats]]:
    """The paths of `simulate`, piece by piece: (which series, n x S x H), in bounded memory.

    Paths of the floor are the mean times a past ratio vector; paths of the trees read the ranks
    of a past vector off the quantiles of the series. Both keep the dependence over the horizon.
    """
    mean, bucket, answer = _told(model, panel)
    keys = series_keys(panel.unique_ids)
    pool = model.residuals
    start = np.uint64(model.seed if seed is None else seed)
    size = max(1, CHUNK_CELLS // max(1, paths * model.horizon))
    for low in range(0, max(panel.size, 1), size):
        part = slice(low, min(low + size, panel.size))
        if answer is None or model.boosted is None:
            drawn = draw_paths(
                mean[part], bucket[part], keys[part], pool.ratios, pool.starts,
                pool.segment_starts, paths, start, model.whole_units,
            )  # fmt: skip
        else:
            drawn = draw_ranked(
                answer.quantiles[part], SCORES, bucket[part], keys[part], model.boosted.ranks,
                pool.starts, pool.segment_starts, paths, start, model.whole_units,
            )  # fmt: skip
        yield part, drawn


def explain(model: Model, panel: Panel) -> pl.DataFrame:
    """Why each series has its forecast: rows `unique_id, rank, code, name, value, ds`.

    Codes, with `value`: LEVEL (units per period without effects), INTERMITTENT (share of periods
    with a sale), NEW (periods of history), OUT_OF_STOCK (periods left out), WEEKDAY and DRIVER
    (factor; `name` is the ISO weekday or the driver, `ds` where it acts first), SEASON (factor
    of the horizon's mean against the year).
    """
    levels = levels_at(panel, model.effects, np.array([panel.length]))
    table, groups = effect_table(model.effects, panel, model.horizon)
    ids = panel.unique_ids
    dates = panel.dates(panel.length, model.horizon)
    facts = [
        _fact(ids, "LEVEL", levels.level[:, 0]),
        _fact(ids, "INTERMITTENT", levels.chance[:, 0], levels.intermittent[:, 0]),
        _fact(ids, "NEW", levels.seen[:, 0], levels.seen[:, 0] < 28 // panel.freq.days + 2),
        _fact(ids, "OUT_OF_STOCK", levels.masked[:, 0], levels.masked[:, 0] > 0),
    ]
    ahead = table[:, panel.length :]
    if panel.freq is Freq.DAY:
        facts.append(_strongest(ids, "WEEKDAY", _weekdays(ahead, dates), groups))
    else:
        facts.append(_fact(ids, "SEASON", ahead.mean(axis=1)[groups]))
    facts += _driver_facts(model, panel, groups, dates)
    return (
        pl.concat(facts)
        .with_columns(pl.int_range(pl.len()).over("unique_id").cast(pl.Int32).alias("rank"))
        .sort("unique_id", "rank")
        .select("unique_id", "rank", "code", "name", "value", "ds")
    )


def save_model(model: Model) -> bytes:
    """The model as bytes: MessagePack, the same model always the same bytes."""
    return msgspec.msgpack.encode(model, enc_hook=_encode_array)


def load_model(data: bytes | Path) -> Model:
    """A model from `save_model`'s bytes or a file of them; another version is a ValueError."""
    body = data.read_bytes() if isinstance(data, Path) else data
    version = msgspec.msgpack.decode(body, type=_Versioned).version
    if version != MODEL_VERSION:
        raise ValueError(f"model version {version}, this program reads {MODEL_VERSION}")
    return msgspec.msgpack.decode(body, type=Model, dec_hook=_decode_array)


class _Versioned(msgspec.Struct, frozen=True):
    version: int


def _told(model: Model, panel: Panel) -> tuple[Floats, Ints, Answer | None]:
    """Mean over the horizon and residual bucket of every series; the trees' whole answer."""
    if panel.freq is not model.freq:
        raise ValueError(f"a {model.freq} model cannot forecast a {panel.freq} panel")
    levels = levels_at(panel, model.effects, np.array([panel.length]))
    if model.boosted is not None:
        answer = forecast_boosted(model.boosted, model.effects, panel, model.horizon)
        level = answer.plain.mean(axis=1, dtype=np.float64)
        bucket = bucket_at(model.residuals, level, levels.chance[:, 0])
        return answer.mean, bucket, answer
    table, groups = effect_table(model.effects, panel, model.horizon)
    bucket = bucket_of(model.residuals, levels)
    level = levels.level[:, 0] * model.residuals.correction[bucket]
    mean = level[:, None] * table[:, panel.length :][groups]
    closed = panel.known.get("closed")
    if closed is not None:
        shut = closed[:, panel.length : panel.length + model.horizon] > 0
        mean[:, : shut.shape[1]] *= ~shut
    return np.asarray(mean, np.float32), bucket, None


def _sold_whole(y: Floats) -> bool:
    cells = y[: min(len(y), 2000)]
    cells = cells[np.isfinite(cells)]
    return bool((cells == np.floor(cells)).all())


def _fact(
    ids: pl.Series, code: str, values: Doubles | Ints | Floats, where: Bools | None = None
) -> pl.DataFrame:
    rows = np.arange(len(ids)) if where is None else np.flatnonzero(where)
    return _facts(ids, code, rows, [""] * len(rows), values[rows], [None] * len(rows))


def _facts(
    ids: pl.Series, code: str, rows: Any, names: list[str], values: Any, dates: list[date | None]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "unique_id": ids.gather(pl.Series(rows, dtype=pl.UInt32)),
            "code": pl.Series([code] * len(rows), dtype=pl.String),
            "name": pl.Series(names, dtype=pl.String),
            "value": pl.Series(np.asarray(values, np.float64)),
            "ds": pl.Series(dates, dtype=pl.Date),
        }
    )


def _weekdays(ahead: Floats, dates: list[date]) -> Doubles:
    """Mean factor of each weekday over the horizon: group x 7."""
    weekday = np.array([d.isoweekday() for d in dates])
    columns = [ahead[:, weekday == d] for d in range(1, 8)]
    return np.stack([c.mean(axis=1) if c.shape[1] else np.ones(len(ahead)) for c in columns], 1)


def _strongest(ids: pl.Series, code: str, factors: Doubles, groups: Ints) -> pl.DataFrame:
    best = np.abs(np.log(np.maximum(factors, 1e-6))).argmax(axis=1)
    value = factors[np.arange(len(factors)), best]
    names = [str(best[g] + 1) for g in groups]
    return _facts(ids, code, np.arange(len(ids)), names, value[groups], [None] * len(ids))


def _driver_facts(
    model: Model, panel: Panel, groups: Ints, dates: list[date]
) -> list[pl.DataFrame]:
    """One row for each driver that acts in the horizon, with its factor on the day itself."""
    at = {name: g + 1 for g, name in enumerate(model.effects.groups)}
    columns = {name: k for k, name in enumerate(design_names(model.effects))}
    rows = np.array([at.get(name, 0) for name in group_names(panel, model.effects.group_by).names])
    facts = []
    for name in model.effects.drivers:
        known = panel.known.get(name)
        if known is None:
            continue
        acts = known[:, panel.length : panel.length + model.horizon] > 0
        first = acts.argmax(axis=1)
        where = np.flatnonzero(np.broadcast_to(acts.any(axis=1), panel.size))
        factor = np.exp(model.effects.weights[rows, columns[f"DRIVER:{name}"]])[groups]
        day = [dates[int(first[0 if len(first) == 1 else i])] for i in where]
        facts.append(_facts(panel.unique_ids, "DRIVER", where, [name] * len(where),
                            factor[where], list(day)))  # fmt: skip
    return facts


def _encode_array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value)
        return [data.dtype.str, list(data.shape), data.tobytes()]
    raise TypeError(f"cannot encode {type(value).__name__}")


def _decode_array(kind: type, value: Any) -> Any:
    """Arrays come back as copies, which kernels may hold on to after the bytes are gone."""
    del kind
    dtype, shape, data = value
    return np.frombuffer(data, np.dtype(dtype)).reshape(shape).copy()

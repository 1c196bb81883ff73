"""Files in, files out: the engines for an analyst without a database.

Frames in the ecosystem's long format (`unique_id, ds, y`) come in, frames go out; reading and
writing files is the caller's part. Faulty rows come back as problems and the rest is answered.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

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
    fit,
    fit_reviewed,
    forecast,
    simulate_chunks,
)
from beltline.science.groups import group_of, sum_rows
from beltline.science.keys import Floats, series_keys
from beltline.science.panel import Freq, Panel, build_panel, silent_periods
from beltline.science.problems import gap_problems, infer_freq
from beltline.science.replay import calibrate
from beltline.science.replenish import decide, explain
from beltline.science.terms import Decisions, Policy, Terms, make_terms

AGGREGATE_PATHS = 500
ORDER_PATHS = 400
MOST_BREAKS = 6


class FileForecast(msgspec.Struct, frozen=True, eq=False):
    """`level, unique_id, ds, mean, q0.005, ...` sorted, the problems of the rows, the model."""

    frame: pl.DataFrame
    problems: pl.DataFrame
    model: Model


class FileOrders(msgspec.Struct, frozen=True, eq=False):
    """`unique_id, units, arrives, order_up_to, expected_cost, p_stockout, why` and problems."""

    frame: pl.DataFrame
    problems: pl.DataFrame
    policy: Policy


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
    """Forecasts of every series, every `aggregates` level and the total, for every period.

    Levels are named `item`, the columns of an aggregate as given (`state_id,store_id`), and
    `total` with an empty id. `cut_off` (default: the last date) keeps later rows out.
    """
    panel, problems = _panel(demand, freq=freq, cut_off=cut_off, future=future, static=static)
    asked = tuple(sorted(quantiles))
    model, reviewed = fit_reviewed(panel, horizon=horizon, seed=seed, effort=effort)
    mean, own = _series_level(model, panel, reviewed, asked)
    dates = panel.dates(panel.length, horizon)
    groups = [group_of(panel, columns) for columns in [*aggregates, ()]]
    frames = [_long("item", panel.unique_ids, dates, mean, own, asked)]
    told = sum_quantiles(model, panel, groups, reviewed, quantiles=asked, paths=AGGREGATE_PATHS)
    for group, spread in zip(groups, told, strict=True):
        sums = sum_rows(mean, group).astype(np.float32)
        frames.append(_long(group.level, pl.Series(group.names), dates, sums, spread, asked))
    frame = pl.concat(frames).sort("level", "unique_id", "ds")
    return FileForecast(frame=frame, problems=problems, model=model)


def _series_level(
    model: Model, panel: Panel, reviewed: Reviewed | None, asked: tuple[float, ...]
) -> tuple[Floats, Floats]:
    """Means and quantiles of the series; a fit of the trees has already made them."""
    if reviewed is None:
        told = forecast(model, panel, quantiles=asked)
        return told.mean, told.quantiles
    return reviewed.answer.mean, at_levels(reviewed.answer.quantiles, asked)


def replenish_file(
    demand: pl.DataFrame,
    stock: pl.DataFrame,
    items: pl.DataFrame,
    *,
    freq: Freq | None = None,
    calibrate_windows: int = 0,
    effort: Effort = Effort.FAST,
    seed: int = 0,
    paths: int = ORDER_PATHS,
    cut_off: date | None = None,
) -> FileOrders:
    """Orders to place at the end of the demand file's last period.

    `stock`: `unique_id, on_hand, arrives, units`, one row with `on_hand` per series and one per
    open inbound. `items`: `unique_id, lead_time_periods, review_periods, holding_cost,
    shortage_cost[, order_cost, moq, pack_size, price_breaks, shelf_life_periods, capacity,
    service_level]` and attributes; `price_breaks` reads `1:2.50;100:2.20`. Every series of
    `items` is answered; one without demand history is ordered by its group's level.
    `calibrate_windows` periods of history are replayed to set the policy's scalar.
    """
    rows = items.unique("unique_id", keep="first", maintain_order=True).with_columns(
        pl.col("unique_id").cast(pl.String)
    )
    wanted = demand.with_columns(pl.col("unique_id").cast(pl.String)).filter(
        pl.col("unique_id").is_in(rows["unique_id"].to_list())
    )
    attributes = rows.select(c for c in rows.columns if c not in ITEM_NUMBERS)
    panel, problems = _panel(wanted, freq=freq, cut_off=cut_off, static=attributes)
    panel = _with_every(panel, attributes)
    rows = pl.DataFrame({"unique_id": panel.unique_ids}).join(
        rows, on="unique_id", how="left", maintain_order="left"
    )
    leads = rows["lead_time_periods"].cast(pl.Int32).to_numpy()
    horizon = int((leads + rows["review_periods"].cast(pl.Int32).to_numpy()).max()) + 1
    terms = _terms(panel, rows, stock, horizon=horizon)
    policy = Policy()
    if calibrate_windows > 0:
        policy = calibrate(
            panel, terms, horizon=horizon, windows=calibrate_windows, seed=seed, effort=effort
        ).policy
    model = fit(panel, horizon=horizon, seed=seed, effort=effort)
    keys = series_keys(panel.unique_ids)
    frames = []
    for part, drawn in simulate_chunks(model, panel, paths=paths):
        some = terms.take(part)
        answer = decide(some, drawn, panel.unique_ids[part], keys[part], policy=policy, seed=seed)
        frames.append(_orders(answer, some, panel, leads[part]))
    return FileOrders(frame=pl.concat(frames), problems=problems, policy=policy)


ITEM_NUMBERS = (
    "lead_time_periods", "review_periods", "holding_cost", "shortage_cost", "order_cost", "moq",
    "pack_size", "price_breaks", "shelf_life_periods", "capacity", "service_level",
)  # fmt: skip


def _panel(
    demand: pl.DataFrame,
    *,
    freq: Freq | None,
    cut_off: date | None,
    static: pl.DataFrame | None,
    future: pl.DataFrame | None = None,
) -> tuple[Panel, pl.DataFrame]:
    frame = demand.with_columns(pl.col("ds").cast(pl.Date))
    last = cut_off or frame["ds"].max()
    if not isinstance(last, date):
        raise ValueError("the demand has no dates")  # noqa: TRY004 (a caller's mistake)
    beat = freq or Freq(infer_freq(frame))
    silent = silent_periods(frame, cut_off=last, freq=beat)
    panel, problems = build_panel(
        frame, cut_off=last, freq=beat, future=future, static=static, closed=silent
    )
    return panel, pl.concat([problems, gap_problems(silent)])


def _with_every(panel: Panel, attributes: pl.DataFrame) -> Panel:
    """The panel with the series of `attributes` that have no history added as unknown."""
    ids = pl.concat([panel.unique_ids, attributes["unique_id"]]).unique().sort()
    at = pl.DataFrame({"unique_id": panel.unique_ids}).with_row_index("at")
    order = pl.DataFrame({"unique_id": ids}).join(
        at, on="unique_id", how="left", maintain_order="left"
    )["at"]
    if order.null_count() == 0:
        return panel
    found = order.is_not_null().to_numpy()
    y = np.full((len(ids), panel.length), np.nan, np.float32)
    y[found] = panel.y
    mask = None if panel.in_stock is None else np.ones_like(y, np.bool_)
    if mask is not None:
        mask[found] = panel.in_stock
    empty = build_panel(
        pl.DataFrame({"unique_id": ids, "ds": [panel.cut_off] * len(ids), "y": [0.0] * len(ids)}),
        cut_off=panel.cut_off, freq=panel.freq, static=attributes,
    )[0]  # fmt: skip
    return msgspec.structs.replace(
        panel, unique_ids=ids, y=y, in_stock=mask, price=None, known={}, ahead=0,
        static=empty.static,
    )  # fmt: skip


def _terms(panel: Panel, rows: pl.DataFrame, stock: pl.DataFrame, *, horizon: int) -> Terms:
    leads = rows["lead_time_periods"].cast(pl.Int32).to_numpy()
    pmf = (leads[:, None] == np.arange(int(leads.max()) + 1)).astype(np.float32)
    on_hand, inbound = _stock(panel, stock, horizon)
    quantities, prices = _breaks(rows)
    optional = {
        "order_cost": ("order_cost", 0.0), "moq": ("moq", 1.0), "pack": ("pack_size", 1.0),
        "capacity": ("capacity", np.inf), "shelf_life": ("shelf_life_periods", np.inf),
        "service_level": ("service_level", 0.0),
    }  # fmt: skip
    chosen: dict[str, Any] = {
        k: _number(rows, column, blank) for k, (column, blank) in optional.items()
    }
    return make_terms(
        on_hand=on_hand, inbound=inbound, lead_pmf=pmf,
        review=rows["review_periods"].cast(pl.Int32).to_numpy(),
        holding=_number(rows, "holding_cost", 0.0), shortage=_number(rows, "shortage_cost", 0.0),
        break_quantity=quantities, break_price=prices, **chosen,
    )  # fmt: skip


def _number(rows: pl.DataFrame, column: str, blank: float) -> Floats:
    if column not in rows.columns:
        return np.full(len(rows), blank, np.float32)
    return rows[column].cast(pl.Float32, strict=False).fill_null(blank).to_numpy()


def _breaks(rows: pl.DataFrame) -> tuple[Floats, Floats]:
    """`1:2.50;100:2.20` as quantities and prices, N x B, NaN where there are fewer."""
    if "price_breaks" not in rows.columns:
        blank = np.full((len(rows), 1), np.nan, np.float32)
        return blank, blank.copy()
    texts = rows["price_breaks"].cast(pl.String).fill_null("").to_list()
    steps = [
        sorted(tuple(map(float, step.split(":"))) for step in text.split(";") if step)
        for text in texts
    ]
    width = min(max((len(s) for s in steps), default=0) or 1, MOST_BREAKS)
    table = np.full((2, len(steps), width), np.nan, np.float32)
    for i, own in enumerate(steps):
        for j, (quantity, price) in enumerate(own[:width]):
            table[:, i, j] = quantity, price
    return table[0], table[1]


def _stock(panel: Panel, stock: pl.DataFrame, horizon: int) -> tuple[Floats, Floats]:
    """Stock in hand and inbound by future period; what is overdue arrives in the first one."""
    at = pl.DataFrame({"unique_id": panel.unique_ids}).with_row_index("at")
    rows = stock.with_columns(pl.col("unique_id").cast(pl.String)).join(
        at, on="unique_id", how="inner"
    )
    held = rows.filter(pl.col("on_hand").is_not_null())
    on_hand = np.zeros(panel.size, np.float32)
    on_hand[held["at"].to_numpy()] = held["on_hand"].cast(pl.Float32).to_numpy()
    inbound = np.zeros((panel.size, horizon), np.float32)
    if "arrives" in rows.columns:
        coming = rows.filter(pl.col("units").is_not_null() & pl.col("arrives").is_not_null())
        days = (coming["arrives"].cast(pl.Date) - panel.date_of(panel.length)).dt.total_days()
        period = np.maximum(days.to_numpy() // panel.freq.days, 0)
        inside = period < horizon
        places = coming["at"].to_numpy()[inside], period[inside]
        np.add.at(inbound, places, coming["units"].cast(pl.Float32).to_numpy()[inside])
    return on_hand, inbound


def _orders(answer: Decisions, terms: Terms, panel: Panel, leads: Floats) -> pl.DataFrame:
    reasons = explain(answer, terms).to_list()
    texts = [
        "; ".join(f"{r['code']} {r['value']:.4g} ({r['limit']:.4g})" for r in why or [])
        for why in reasons
    ]
    first = panel.date_of(panel.length)
    arrives = [first + timedelta(days=int(k) * panel.freq.days) for k in leads]
    return pl.DataFrame(
        {
            "unique_id": answer.unique_ids,
            "units": answer.units,
            "arrives": arrives,
            "order_up_to": answer.order_up_to,
            "expected_cost": answer.expected_cost,
            "p_stockout": answer.p_stockout_after,
            "why": texts,
        }
    )


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

"""Orders from files: demand, stock and items in, what to order out, without a database.

Frames in the ecosystem's long format (`unique_id, ds, y`) come in, a frame goes out; reading and
writing files is the caller's part. Faulty rows come back as problems and the rest is answered.
"""

from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np
import polars as pl

from beltline.science.files import read_panel
from beltline.science.keys import Floats, Ints, series_keys
from beltline.science.panel import Freq, Panel
from beltline.science.reorder.source import REVIEW, Review, Source, draw, learn, review
from beltline.science.replay import calibrate
from beltline.science.replenish import decide, explain
from beltline.science.terms import Decisions, Policy, Terms, make_terms

ORDER_PATHS = 400
MOST_BREAKS = 6
ITEM_NUMBERS = (
    "lead_time_periods", "review_periods", "holding_cost", "shortage_cost", "order_cost", "moq",
    "pack_size", "price_breaks", "shelf_life_periods", "capacity", "service_level", "backorder",
)  # fmt: skip


class FileOrders(msgspec.Struct, frozen=True, eq=False):
    """`unique_id, units, arrives, order_up_to, expected_cost, p_stockout, why` and problems.

    `engine` is what told the demand: `trees` or `floor`.
    """

    frame: pl.DataFrame
    problems: pl.DataFrame
    policy: Policy
    engine: str


class Planner(msgspec.Struct, frozen=True, eq=False):
    """A fitted source of demand and the policy that history chose for it."""

    source: Source
    policy: Policy


def replenish_file(
    demand: pl.DataFrame,
    stock: pl.DataFrame,
    items: pl.DataFrame,
    *,
    freq: Freq | None = None,
    calibrate_windows: int | None = None,
    seed: int = 0,
    paths: int = ORDER_PATHS,
    cut_off: date | None = None,
) -> FileOrders:
    """Orders to place at the end of the demand file's last period.

    `stock`: `unique_id, on_hand, arrives, units`, one row with `on_hand` per series and one per
    open inbound. `items`: `unique_id, lead_time_periods, review_periods, holding_cost,
    shortage_cost[, order_cost, moq, pack_size, price_breaks, shelf_life_periods, capacity,
    service_level, backorder]` and attributes; `price_breaks` reads `1:2.50;100:2.20`. Every
    series of `items` is answered; one without demand history is ordered by its group's level.
    `calibrate_windows` periods of history are replayed to set the policy's scalar: 0 for none,
    None for `REVIEW` where history is long enough for trees.
    """
    rows = items.unique("unique_id", keep="first", maintain_order=True).with_columns(
        pl.col("unique_id").cast(pl.String)
    )
    wanted = demand.with_columns(pl.col("unique_id").cast(pl.String)).filter(
        pl.col("unique_id").is_in(rows["unique_id"].to_list())
    )
    attributes = rows.select(c for c in rows.columns if c not in ITEM_NUMBERS)
    panel, problems = read_panel(wanted, freq=freq, cut_off=cut_off, static=attributes)
    rows = pl.DataFrame({"unique_id": panel.unique_ids}).join(
        rows, on="unique_id", how="left", maintain_order="left"
    )
    terms = terms_of(panel, rows, stock)
    planner = make_planner(panel, terms, windows=calibrate_windows, seed=seed)
    answer = order(planner, panel, terms, paths=paths, seed=seed)
    leads = rows["lead_time_periods"].cast(pl.Int32).to_numpy()
    return FileOrders(
        frame=_orders(answer, terms, panel, leads),
        problems=problems,
        policy=planner.policy,
        engine=planner.source.engine,
    )


def make_planner(
    panel: Panel, terms: Terms, *, windows: int | None = None, seed: int = 0
) -> Planner:
    """Fit demand and calibrate the policy on all that the panel knows.

    The same past forecasts measure the spread and replay the policy.
    """
    horizon = terms.inbound.shape[1]
    looked = windows or REVIEW[panel.freq]
    past = review(panel, horizon=horizon, seed=seed, periods=looked)
    policy = Policy()
    if windows or (windows is None and past is not None):
        counted = windows or len(past.told if past is not None else ())
        policy = calibrate(
            panel, terms, horizon=horizon, windows=counted, seed=seed, past=past
        ).policy
    return Planner(source=_source(panel, past, horizon, seed), policy=policy)


def learned_anew(planner: Planner, panel: Panel, *, seed: int = 0) -> Planner:
    """The same policy and spread, with demand learned on all that the panel knows by now."""
    source = learn(panel, horizon=planner.source.horizon, seed=seed, spread=planner.source.spread)
    return Planner(source=source, policy=planner.policy)


def _source(panel: Panel, past: Review | None, horizon: int, seed: int) -> Source:
    if past is None:
        return learn(panel, horizon=horizon, seed=seed)
    return learn(panel, horizon=horizon, seed=seed, spread=past.spread)


def order(
    planner: Planner, panel: Panel, terms: Terms, *, paths: int = ORDER_PATHS, seed: int = 0
) -> Decisions:
    """Decisions at the cut-off of the panel, which may lie after the planner's."""
    keys = series_keys(panel.unique_ids)
    parts = [
        decide(terms.take(part), drawn, panel.unique_ids[part], keys[part],
               policy=planner.policy, seed=seed)
        for part, drawn in draw(planner.source, panel, paths=paths, seed=seed)
    ]  # fmt: skip
    joined = {
        name: np.concatenate([getattr(p, name) for p in parts])
        for name in Decisions.__struct_fields__[1:]
    }
    return Decisions(unique_ids=panel.unique_ids, **joined)


def terms_of(panel: Panel, rows: pl.DataFrame, stock: pl.DataFrame) -> Terms:
    """The terms of ITEMS rows (in the panel's order) with the stock of STOCK."""
    leads = rows["lead_time_periods"].cast(pl.Int32).to_numpy()
    reviews = rows["review_periods"].cast(pl.Int32).to_numpy()
    horizon = int((leads + reviews).max())
    pmf = (leads[:, None] == np.arange(int(leads.max()) + 1)).astype(np.float32)
    on_hand, inbound = _stock(panel, stock, horizon)
    quantities, prices = _breaks(rows)
    optional = {
        "order_cost": ("order_cost", 0.0), "moq": ("moq", 1.0), "pack": ("pack_size", 1.0),
        "capacity": ("capacity", np.inf), "shelf_life": ("shelf_life_periods", np.inf),
        "service_level": ("service_level", 0.0), "backorder": ("backorder", 0.0),
    }  # fmt: skip
    chosen: dict[str, Any] = {
        k: _number(rows, column, blank) for k, (column, blank) in optional.items()
    }
    return make_terms(
        on_hand=on_hand, inbound=inbound, lead_pmf=pmf, review=reviews,
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
        sorted(tuple(map(float, step.split(":"))) for step in text.split(";") if step.strip())
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
    if "arrives" in rows.columns and "units" in rows.columns:
        coming = rows.filter(pl.col("units").is_not_null() & pl.col("arrives").is_not_null())
        days = (coming["arrives"].cast(pl.Date) - panel.date_of(panel.length)).dt.total_days()
        period = np.maximum(days.to_numpy() // panel.freq.days, 0)
        inside = period < horizon
        places = coming["at"].to_numpy()[inside], period[inside]
        np.add.at(inbound, places, coming["units"].cast(pl.Float32).to_numpy()[inside])
    return on_hand, inbound


def _orders(answer: Decisions, terms: Terms, panel: Panel, leads: Ints) -> pl.DataFrame:
    texts = [
        "; ".join(f"{r['code']} {r['value']:.4g} ({r['limit']:.4g})" for r in why or [])
        for why in explain(answer, terms).to_list()
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

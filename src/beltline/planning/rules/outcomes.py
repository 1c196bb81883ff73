"""What a worker process computes: models from shards, and a planned shard as rows to write.

These functions take and give plain bytes and values, so that they can run in another process.
"""

import datetime as dt
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np
import polars as pl

from beltline.kit.money import line_amount, minor_digits
from beltline.planning.rules.calibration import (
    BAND,
    GRID,
    at_levels,
    calibrate,
    covered,
    steps_of,
)
from beltline.planning.rules.closures import closure_reasons, latest_order
from beltline.planning.rules.models import models_of
from beltline.planning.rules.overrides import override
from beltline.planning.rules.quantities import price_at, round_up
from beltline.planning.rules.risks import RiskRow, risks_of
from beltline.planning.rules.shards import Frame, SeriesContext, unpack
from beltline.planning.rules.transfers import Move, transfer
from beltline.planning.types import Alternative, Reason
from beltline.science.backtest import seasonal_naive
from beltline.science.forecast import Model, explain, fit, forecast, load_model, save_model
from beltline.science.keys import Floats
from beltline.science.panel import Panel, encode
from beltline.science.shard import plan_shard, read_plan, read_shard
from beltline.science.watch import flags

FIT_SERIES: Final = 30_000
"""A model is learned from this many series at most: whole shards, the first ones."""
HOLDOUT: Final = {"D": 28, "W": 8}
MOST_WATCHED: Final = 3
HISTORY_MIN: Final = {"D": 56, "W": 26}


class Fitted(msgspec.Struct, frozen=True):
    """The model of the plan, the one that never saw the holdout periods, and what they are.

    `levels` are those at which forecasts of the window before that had 10, 50 and 90 % of the
    outcomes below: what a band is promised by.
    """

    model: bytes
    holdout_model: bytes | None
    holdout_periods: int
    engine: str
    series: int
    levels: tuple[float, float, float] = BAND


class ForecastRow(msgspec.Struct, frozen=True):
    """One row of `planning.forecast` but for the run."""

    sku_id: UUID
    node_id: UUID
    mean: list[float]
    p10: list[float]
    p50: list[float]
    p90: list[float]
    drivers: list[Reason]
    accuracy: dict[str, float]


class ProposalRow(msgspec.Struct, frozen=True):
    """One row of `planning.proposal` but for the run."""

    sku_id: UUID
    node_id: UUID
    supplier_org_id: UUID
    offer_id: UUID
    currency: str
    quantity: int
    moq: int
    pack_size: int
    unit_price: Decimal
    amount: int
    order_by: dt.date
    expected_date: dt.date
    on_hand: int
    inbound: int
    stock_target: int
    cover_days: float
    p_stockout: float
    p_stockout_after: float
    expected_cost: int
    why: list[Reason]
    alternatives: list[Alternative]


class TransferRow(msgspec.Struct, frozen=True):
    """One row of `planning.transfer` but for the run; money in minor units of its currency."""

    sku_id: UUID
    origin_node_id: UUID
    target_node_id: UUID
    quantity: int
    gain: int
    freight: int
    is_assumed: bool
    order_by: dt.date
    expected_date: dt.date
    arrives: int
    why: list[Reason]


class PlannedShard(msgspec.Struct, frozen=True):
    """Everything a shard gave."""

    forecasts: list[ForecastRow]
    proposals: list[ProposalRow]
    risks: list[RiskRow]
    transfers: list[TransferRow]


def load_libraries() -> None:
    """Nothing more than what importing this module does: a process is ready when it returns."""


def fit_models(shards: Sequence[bytes], *, periods: int, seed: int) -> Fitted:
    """Learn from the panels of some shards: all history, and history without the holdout.

    The levels of the band come from the window before the holdout, which so stays unseen.
    """
    panel = _joined([_read(content)[0] for content in shards])
    model = fit(panel, horizon=periods, seed=seed)
    window = HOLDOUT[panel.freq.value]
    holdout = None
    levels = BAND
    if panel.length >= HISTORY_MIN[panel.freq.value] + window:
        before = panel.until(panel.date_of(panel.length - 1 - window))
        holdout = save_model(fit(before, horizon=window, seed=seed))
        levels = _levels(before, window, seed)
    return Fitted(
        model=save_model(model), holdout_model=holdout,
        holdout_periods=window if holdout is not None else 0, engine=model.engine,
        series=panel.size, levels=levels,
    )  # fmt: skip


def _levels(panel: Panel, window: int, seed: int) -> tuple[float, float, float]:
    """The calibrated levels of the band from the last window of a panel."""
    if panel.length < HISTORY_MIN[panel.freq.value] + window:
        return BAND
    before = panel.until(panel.date_of(panel.length - 1 - window))
    model = fit(before, horizon=window, seed=seed)
    told = forecast(model, before, quantiles=GRID)
    actual = panel.demand()[:, -window:]
    steps = steps_of(np.nan_to_num(actual), told.quantiles, is_whole=model.whole_units)
    return calibrate(steps, np.isfinite(actual))


def plan_one(
    content: bytes, context: bytes, model: bytes, holdout: bytes | None, frame: Frame,
    levels: tuple[float, float, float] = BAND,
) -> PlannedShard:  # fmt: skip
    """Plan one packed shard: forecasts with drivers and accuracy, proposals with why.

    `levels` of the forecast are shown as its 10, 50 and 90 %.
    """
    contexts = msgspec.json.decode(unpack(context), type=list[SeriesContext])
    with tempfile.TemporaryDirectory(prefix="beltline-plan-") as name:
        folder = Path(name)
        (folder / "in.arrow").write_bytes(unpack(content))
        (folder / "model").write_bytes(model)
        plan_shard(folder / "in.arrow", folder / "model", folder / "out.arrow")
        told, decisions = read_plan(folder / "out.arrow")
        panel, terms, settings = read_shard(folder / "in.arrow")
    fitted = load_model(model)
    told, decisions, plain = override(fitted, panel, terms, settings, contexts, told, decisions)
    terms, decisions, moves = transfer(
        frame, fitted, panel, terms, settings, contexts, decisions
    )  # fmt: skip
    drivers, watched = _drivers(fitted, panel), _watched(panel)
    accuracy = _accuracy(panel, None if holdout is None else load_model(holdout), levels)
    band = at_levels(told.quantiles, levels)
    horizon = frame.parameters.horizon
    forecasts = [
        ForecastRow(
            sku_id=c.sku_id, node_id=c.node_id, mean=_listed(told.mean[i, :horizon]),
            p10=_listed(band[i, 0, :horizon]), p50=_listed(band[i, 1, :horizon]),
            p90=_listed(band[i, 2, :horizon]),
            drivers=[
                *_told_of(frame, c), *watched.get(panel.unique_ids[i], []),
                *drivers.get(panel.unique_ids[i], []),
            ],
            accuracy=accuracy[i],
        )
        for i, c in enumerate(contexts)
    ]  # fmt: skip
    rows = list(decisions.iter_rows(named=True))
    coming: dict[int, list[Move]] = {}
    for move in moves:
        coming.setdefault(move.target, []).append(move)
    proposals = [
        proposal_of(frame, c, row, coming.get(i, ()))
        for i, (c, row) in enumerate(zip(contexts, rows, strict=True))
        if row["units"] > 0 and c.alternatives
    ]
    models = models_of(frame, contexts, terms.shortage, told.mean, told.cumulative_sd, rows)
    given = {m.origin: 0 for m in moves if m.origin is not None}
    for move in moves:
        if move.origin is not None:
            given[move.origin] += move.quantity
    risks = risks_of(frame, panel, terms, contexts, told.mean, rows, plain, models, given)
    return PlannedShard(
        forecasts=forecasts, proposals=proposals, risks=risks,
        transfers=[_transfer_row(move, frame) for move in moves],
    )  # fmt: skip


def _transfer_row(m: Move, frame: Frame) -> TransferRow:
    factor = 10 ** minor_digits(frame.parameters.currency)
    return TransferRow(
        sku_id=m.sku_id, origin_node_id=m.origin_node_id, target_node_id=m.target_node_id,
        quantity=m.quantity, gain=round(m.gain * factor), freight=round(m.freight * factor),
        is_assumed=m.is_assumed, order_by=m.order_by, expected_date=m.expected_date,
        arrives=m.arrives, why=m.why,
    )  # fmt: skip


def proposal_of(
    frame: Frame, c: SeriesContext, row: dict[str, Any], moves: Sequence[Move] = ()
) -> ProposalRow:
    """The proposal of one decided series; `moves` are the transfers that are to come to it."""
    chosen = c.alternatives[0]
    quantity = round_up(round(row["units"]), moq=chosen.moq, pack_size=c.pack_size)
    unit_price = price_at([(a, Decimal(b)) for a, b in c.breaks], quantity)
    step = dt.timedelta(days=frame.freq.days)
    first = frame.cut_off + step
    return ProposalRow(
        sku_id=c.sku_id, node_id=c.node_id, supplier_org_id=chosen.supplier_org_id,
        offer_id=chosen.offer_id, currency=chosen.currency, quantity=quantity, moq=chosen.moq,
        pack_size=c.pack_size, unit_price=unit_price,
        amount=line_amount(unit_price, quantity, c.uom, chosen.currency),
        order_by=_order_by(frame, c, row), expected_date=first + int(row["arrives"]) * step,
        on_hand=c.on_hand, inbound=c.inbound, stock_target=round(row["order_up_to"]),
        cover_days=round(float(row["periods_of_cover"]) * frame.freq.days, 1),
        p_stockout=_share(row["p_stockout_now"]), p_stockout_after=_share(row["p_stockout_after"]),
        expected_cost=round(
            float(row["expected_cost"]) * 10 ** minor_digits(frame.parameters.currency)
        ),
        why=[
            *_why(frame, c, row),
            *(Reason(code="TRANSFER_IN", name=m.origin_code, value=float(m.quantity),
                     ds=m.expected_date) for m in moves),
        ],
        alternatives=c.alternatives,
    )  # fmt: skip


def _order_by(frame: Frame, c: SeriesContext, row: dict[str, Any]) -> dt.date:
    """The latest day on which waiting still costs less than it saves."""
    latest = frame.order_date + dt.timedelta(days=int(row["order_by"]) * frame.freq.days)
    return latest_order(
        latest, c.closure, order_date=frame.order_date,
        cover_days=float(row["periods_of_cover"]) * frame.freq.days,
        lead_days=c.alternatives[0].lead_time_days_mean,
    )  # fmt: skip


def _why(frame: Frame, c: SeriesContext, row: dict[str, Any]) -> list[Reason]:
    """The reasons of science in days, then those of the choice of supplier."""
    scale = {"CLOSURE": frame.freq.days, "OVERSTOCK": frame.freq.days}
    reasons = [
        Reason(
            code=r["code"], value=_figure(r["value"] * scale.get(r["code"], 1)),
            limit=_figure(r["limit"] * scale.get(r["code"], 1)),
        )
        for r in row["why"] or []
    ]  # fmt: skip
    chosen = c.alternatives[0]
    breaks = [(start, Decimal(price)) for start, price in c.breaks]
    unit_price = price_at(breaks, round(row["units"]))
    if unit_price < min(breaks)[1]:
        reasons.append(Reason(code="PRICE_BREAK", value=row["units"], limit=float(unit_price)))
    if c.closure is not None:
        reasons += closure_reasons(c.closure, chosen.supplier, frame.order_date)
    if len(c.alternatives) > 1:
        reasons.append(
            Reason(code="SUPPLIER_CHEAPEST", name=chosen.supplier, value=_figure(chosen.cost),
                   limit=_figure(c.alternatives[1].cost))
        )  # fmt: skip
    else:
        reasons.append(Reason(code="SUPPLIER_ONLY", name=chosen.supplier))
    if c.margin_share is not None:
        reasons.append(Reason(code="MARGIN_ASSUMED", value=c.margin_share))
    return reasons


def _told_of(frame: Frame, c: SeriesContext) -> list[Reason]:
    """What a planner said about the coming demand, where it stands in for the history."""
    step = dt.timedelta(days=frame.freq.days)
    first = frame.cut_off + step
    return [
        Reason(code="OVERRIDE", value=factor, ds=first + a * step, until=first + b * step - _DAY)
        for a, b, factor in c.overrides
    ]


_DAY: Final = dt.timedelta(days=1)


def _drivers(model: Model, panel: Panel) -> dict[str, list[Reason]]:
    found: dict[str, list[Reason]] = {}
    for row in explain(model, panel).iter_rows(named=True):
        reason = Reason(
            code=row["code"], value=_figure(row["value"]), name=row["name"], ds=row["ds"]
        )
        found.setdefault(row["unique_id"], []).append(reason)
    return found


def _watched(panel: Panel) -> dict[str, list[Reason]]:
    """Series that left their level of late, and the latest days nobody would have expected."""
    found: dict[str, list[Reason]] = {}
    for row in flags(panel).sort("ds", descending=True).iter_rows(named=True):
        told = found.setdefault(row["unique_id"], [])
        if len(told) < MOST_WATCHED:
            told.append(
                Reason(code=row["code"], value=_figure(row["sold"]), ds=row["ds"],
                       limit=_figure(row["expected"]))
            )  # fmt: skip
    return found


def _accuracy(
    panel: Panel, model: Model | None, levels: tuple[float, float, float]
) -> list[dict[str, float]]:
    """Sums over the holdout periods in stock.

    Units, errors, those of the last season repeated, how many periods the band covered (an
    outcome of whole units by its share, see `calibration`), and how many lay inside it or on its
    edge.
    """
    if model is None:
        return [{} for _ in range(panel.size)]
    window = model.horizon
    before = panel.until(panel.date_of(panel.length - 1 - window))
    told = forecast(model, before, quantiles=GRID)
    naive = seasonal_naive(before, window)
    actual = panel.demand()[:, -window:]
    seen = np.isfinite(actual)
    y = np.nan_to_num(actual).astype(np.float64)
    band = at_levels(told.quantiles, levels)
    low, high = band[:, 0] - 1e-6, band[:, 2] + 1e-6
    steps = steps_of(y, told.quantiles, is_whole=model.whole_units)
    sums = {
        "periods": seen.sum(axis=1),
        "units": y.sum(axis=1),
        "error": np.where(seen, told.mean - y, 0).sum(axis=1),
        "absolute_error": np.where(seen, np.abs(told.mean - y), 0).sum(axis=1),
        "absolute_error_naive": np.where(seen, np.abs(naive - y), 0).sum(axis=1),
        "inside": (seen & (y >= low) & (y <= high)).sum(axis=1),
        "covered": np.where(seen, covered(steps, levels[0], levels[2]), 0).sum(axis=1),
    }
    table = {name: np.round(values.astype(np.float64), 4).tolist() for name, values in sums.items()}
    return [{name: table[name][i] for name in table} for i in range(panel.size)]


def _joined(panels: Sequence[Panel]) -> Panel:
    """Panels of the same periods as one, of `FIT_SERIES` series at most."""
    kept: list[Panel] = []
    for panel in panels:
        if kept and sum(p.size for p in kept) + panel.size > FIT_SERIES:
            break
        kept.append(panel)
    head = kept[0]
    if len(kept) == 1:
        return head
    has_mask = any(p.in_stock is not None for p in kept)
    has_price = any(p.price is not None for p in kept)
    blank = np.float32(np.nan)
    return msgspec.structs.replace(
        head,
        unique_ids=pl.concat([p.unique_ids for p in kept]),
        y=np.concatenate([p.y for p in kept]),
        in_stock=np.concatenate(
            [np.ones(p.y.shape, np.bool_) if p.in_stock is None else p.in_stock for p in kept]
        ) if has_mask else None,
        price=np.concatenate(
            [np.full((p.size, p.length + p.ahead), blank) if p.price is None else p.price
             for p in kept]
        ) if has_price else None,
        known={name: _joined_known(kept, name) for name in head.known},
        static={
            name: encode(pl.Series([v for p in kept for v in _values(p, name)], dtype=pl.String))
            for name in head.static
        },
    )  # fmt: skip


def _joined_known(panels: Sequence[Panel], name: str) -> Floats:
    """A driver of every series; shared where every panel says it is."""
    parts = [p.known[name] for p in panels]
    if all(len(part) == 1 and (part == parts[0]).all() for part in parts):
        return parts[0]
    return np.concatenate(
        [np.broadcast_to(part, (p.size, part.shape[1])) for p, part in zip(panels, parts,
                                                                           strict=True)]
    )  # fmt: skip


def _values(panel: Panel, name: str) -> list[str]:
    static = panel.static[name]
    return [static.names[code] for code in static.codes]


def _read(content: bytes) -> Any:
    with tempfile.TemporaryDirectory(prefix="beltline-plan-") as folder:
        path = Path(folder) / "shard.arrow"
        path.write_bytes(unpack(content))
        return read_shard(path)


def _listed(values: Floats) -> list[float]:
    rounded: list[float] = np.round(values.astype(np.float64), 4).tolist()
    return rounded


def _figure(value: float) -> float:
    return float(f"{value:.6g}")


def _share(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)

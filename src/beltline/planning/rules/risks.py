"""What a planned shard says about its positions beside its proposals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np

from beltline.kit.money import minor_digits
from beltline.planning.rules.remedies import (
    Surplus,
    excess_of,
    overstock_cost,
    state_of,
    xyz_of,
)
from beltline.planning.rules.shards import Frame, SeriesContext
from beltline.planning.types.risks import ModelProfit, RiskState
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Panel
from beltline.science.terms import Terms

WEEKS: Final = 26


class RiskRow(msgspec.Struct, frozen=True):
    """One row of `planning.inventory_risk` but for the run; remedies follow when it is whole."""

    sku_id: UUID
    node_id: UUID
    supplier_org_id: UUID | None
    category: str
    on_hand: int
    inbound: int
    stock_target: int
    units_a_day: float
    variation: float | None
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    order_gain: int
    unit_cost: float
    unit_margin: float
    idle_days: int | None
    excess: int
    overstock_cost: int
    state: RiskState
    xyz: str
    units: int
    units_plain: int | None
    arrives: int
    next_arrival: int
    coming: list[tuple[int, float]]
    moq: int
    pack_size: int
    models: list[ModelProfit]


def risks_of(
    frame: Frame, panel: Panel, terms: Terms, contexts: Sequence[SeriesContext], mean: Floats,
    decisions: Sequence[Mapping[str, Any]], plain: Mapping[int, float],
    models: Sequence[list[ModelProfit]], given: Mapping[int, int],
) -> list[RiskRow]:  # fmt: skip
    """The positions of a shard, in the order of its series.

    `plain` has the units of those with overrides as they would be without, `given` what is to move
    to other nodes.
    """
    rates = mean[:, : frame.parameters.horizon].mean(axis=1, dtype=np.float64) / frame.freq.days
    variations = _variations(panel)
    idle = _idle_periods(panel)
    factor = 10 ** minor_digits(frame.parameters.currency)
    return [
        _row(frame, context, row, float(rates[i]), float(variations[i]), int(idle[i]),
             float(terms.shortage[i]), factor, plain.get(i), terms.inbound[i], models[i],
             given.get(i, 0))
        for i, (context, row) in enumerate(zip(contexts, decisions, strict=True))
    ]  # fmt: skip


def _row(
    frame: Frame, c: SeriesContext, row: Mapping[str, Any], rate: float, variation: float,
    idle: int, margin: float, factor: int, plain: float | None, inbound: Floats,
    models: list[ModelProfit], given: int,
) -> RiskRow:  # fmt: skip
    p = frame.parameters
    chosen = c.alternatives[0] if c.alternatives else None
    unit_cost = chosen.cost_price if chosen else 0.0
    excess = excess_of(
        on_hand=c.on_hand, inbound=c.inbound, stock_target=float(row["order_up_to"]),
        units_a_day=rate,
    )  # fmt: skip
    surplus = Surplus(
        excess=excess, units_a_day=rate, unit_cost=unit_cost, unit_margin=margin if chosen else 0.0
    )
    p_stockout = _share(row["p_stockout_now"])
    idle_days = None if idle < 0 else idle * frame.freq.days
    variation_known = variation if np.isfinite(variation) else None
    return RiskRow(
        sku_id=c.sku_id, node_id=c.node_id,
        supplier_org_id=chosen.supplier_org_id if chosen else None, category=c.category,
        on_hand=c.on_hand, inbound=c.inbound, stock_target=round(row["order_up_to"]),
        units_a_day=round(rate, 4), variation=variation_known,
        cover_days=round(float(row["periods_of_cover"]) * frame.freq.days, 1),
        p_stockout=p_stockout, p_stockout_after=_share(row["p_stockout_after"]),
        order_gain=round(max(float(row["cost_now"]) - float(row["expected_cost"]), 0.0) * factor)
        if chosen else 0,
        unit_cost=unit_cost, unit_margin=surplus.unit_margin, idle_days=idle_days, excess=excess,
        overstock_cost=round(overstock_cost(surplus, p.holding_rate) * factor),
        state=state_of(on_hand=c.on_hand, units_a_day=rate, p_stockout=p_stockout, excess=excess,
                       idle_days=idle_days),
        xyz=xyz_of(variation_known), units=round(row["units"]) if chosen else 0,
        units_plain=None if plain is None else round(plain), arrives=int(row["arrives"]),
        next_arrival=int(row["next_arrival"]),
        coming=[
            *([(0, -float(given))] if given else []),
            *((int(h), float(inbound[h])) for h in np.flatnonzero(inbound)),
        ],
        moq=chosen.moq if chosen else 1, pack_size=c.pack_size, models=models,
    )  # fmt: skip


def _variations(panel: Panel) -> Doubles:
    """Standard deviation of a week's demand over its mean, of the latest half year."""
    size = 7 // panel.freq.days
    weeks = min(WEEKS, panel.length // size)
    if weeks < 4:
        return np.full(panel.size, np.nan)
    latest = panel.demand()[:, -weeks * size :].astype(np.float64).reshape(panel.size, weeks, size)
    seen = np.isfinite(latest).sum(axis=2)
    sums = np.nansum(latest, axis=2) * size / np.maximum(seen, 1)
    known = seen > 0
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, sums, 0).sum(axis=1) / count
    square = np.where(known, (sums - mean[:, None]) ** 2, 0).sum(axis=1) / count
    return np.where(mean > 0, np.sqrt(square) / np.maximum(mean, 1e-9), np.nan)


def _idle_periods(panel: Panel) -> Ints:
    """Periods since the last sale; -1 where there was none."""
    sold = np.nan_to_num(panel.y) > 0
    last = sold[:, ::-1].argmax(axis=1)
    return np.where(sold.any(axis=1), last, -1).astype(np.int32)


def _share(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)

"""Whose stock, and where: what a series earns a cycle under each sales model, and how many to hold.

Demand of a cycle (until the order after this one could arrive) is a gamma distribution with the
forecast's mean and spread; units and profits are `science.placement`'s newsvendor for each model.
What a model costs beside the margin, until a network's own figures are known, is assumed
(`assumptions`): goods left at the factory lose buyers who do not wait and break promises as late as
the supplier's tier is; goods put forward are carried there once and sent back where they do not
sell; goods owned are bought firm, dearer to be left with.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy import special

from beltline.planning.rules.assumptions import (
    FIRM_DISCOUNT,
    KEPT_FORWARD,
    OBSOLETE,
    WAIT_LOST,
)
from beltline.planning.rules.remedies import TRANSFER_COST
from beltline.planning.rules.shards import Frame, SeriesContext
from beltline.planning.rules.suppliers import LATE_SHARE
from beltline.planning.types.risks import ModelProfit
from beltline.science.keys import Doubles, Floats
from beltline.science.placement import Economics, Model, decide_models

POINTS: Final = 40
"""Equally likely points of a cycle's demand."""
FORWARD_KINDS: Final = frozenset({"SHARP", "OVERSEAS"})
"""Kinds of nodes where a supplier's goods are put forward."""


def models_of(
    frame: Frame, contexts: Sequence[SeriesContext], margin: Floats, mean: Floats, spread: Floats,
    decisions: Sequence[Mapping[str, Any]],
) -> list[list[ModelProfit]]:  # fmt: skip
    """Sales models of every series of a shard, the most profitable first; none without an offer.

    `margin` is earned a unit; `mean` and `spread` are N x H: demand a period, and the deviation of
    its running sums.
    """
    periods = np.clip([int(row["next_arrival"]) for row in decisions], 1, mean.shape[1])
    at = np.arange(len(contexts)), periods - 1
    demand = _points(
        np.cumsum(mean, axis=1, dtype=np.float64)[at], spread[at].astype(np.float64)
    )  # fmt: skip
    offers = [c.alternatives[0] if c.alternatives else None for c in contexts]
    found = decide_models(
        demand.astype(np.float32),
        _economics(
            frame,
            margin=margin.astype(np.float64),
            cost=np.array([a.cost_price if a else 0.0 for a in offers]),
            wait=np.array([a.lead_time_days_mean if a else 0.0 for a in offers]),
            late=np.array([LATE_SHARE.get(a.tier, LATE_SHARE["C"]) if a else 0.0 for a in offers]),
            days=periods * float(frame.freq.days),
        ),
    )
    return [
        _ranked(found.models, found.units[i], found.profit[i], context) if offers[i] else []
        for i, context in enumerate(contexts)
    ]


def _economics(
    frame: Frame, *, margin: Doubles, cost: Doubles, wait: Doubles, late: Doubles, days: Doubles
) -> dict[Model, Economics]:
    one = np.ones_like(margin)
    capital = cost * frame.parameters.holding_rate / 365.0 * days
    haul = TRANSFER_COST * cost
    return {
        Model.VIRTUAL: Economics(
            margin=margin, carry=0.0 * one, handling=0.0 * one, converted=(1 - WAIT_LOST) ** wait,
            kept=1.0 - late, broken=margin,
        ),
        Model.PRESTOCK: Economics(
            margin=margin, carry=capital + haul, handling=haul, converted=one,
            kept=KEPT_FORWARD * one, broken=margin,
        ),
        Model.OWNED: Economics(
            margin=margin + FIRM_DISCOUNT * cost, carry=capital + OBSOLETE * cost, handling=haul,
            converted=one, kept=KEPT_FORWARD * one, broken=margin,
        ),
    }  # fmt: skip


def _ranked(
    models: Sequence[Model], units: Doubles, profit: Doubles, c: SeriesContext
) -> list[ModelProfit]:
    rows = [
        ModelProfit(model=model.value, units=round(float(u)), profit=round(float(p), 2))
        for model, u, p in zip(models, units, profit, strict=True)
        if model is not Model.PRESTOCK or c.node_kind in FORWARD_KINDS
    ]
    return sorted(rows, key=lambda row: (-row.profit, row.model))


def _points(mean: Doubles, spread: Doubles) -> Doubles:
    """N x `POINTS` quantiles of gamma distributions, their mean kept."""
    sells = (mean > 0) & (spread > 0)
    shape = np.where(sells, (mean / np.maximum(spread, 1e-9)) ** 2, 1.0)
    level = (np.arange(POINTS) + 0.5) / POINTS
    drawn = special.gammaincinv(shape[:, None], level[None, :])
    drawn *= np.where(sells, mean / np.maximum(drawn.mean(axis=1), 1e-12), 0.0)[:, None]
    return np.asarray(np.where(sells[:, None], drawn, mean[:, None]), np.float64)

"""Where a planner knows better: forecast, paths and decisions of overridden series.

The shard is planned without them first, so that what an override did to an order can be told, and
judged when the demand is known.
"""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from beltline.planning.rules.shards import SeriesContext
from beltline.science.forecast import Forecast, Model, simulate
from beltline.science.keys import Floats, series_keys
from beltline.science.panel import Panel
from beltline.science.replenish import decide, explain
from beltline.science.shard import Settings
from beltline.science.terms import Decisions, Terms

Indices: TypeAlias = npt.NDArray[np.intp]


def override(
    model: Model, panel: Panel, terms: Terms, settings: Settings,
    contexts: Sequence[SeriesContext], told: Forecast, decisions: pl.DataFrame,
) -> tuple[Forecast, pl.DataFrame, dict[int, float]]:  # fmt: skip
    """Forecast and decisions with the overrides of a shard, and the units decided without them."""
    rows = np.array([i for i, c in enumerate(contexts) if c.overrides], np.intp)
    if not len(rows):
        return told, decisions, {}
    factor = factors(contexts, told.mean.shape[1])
    plain = {int(i): float(decisions["units"][int(i)]) for i in rows}
    paths = paths_of(model, panel, settings, rows, factor)
    decided = decide_anew(terms, settings, panel, rows, paths, decisions)
    scaled = msgspec.structs.replace(
        told, mean=np.asarray(told.mean * factor, np.float32),
        quantiles=np.asarray(told.quantiles * factor[:, None, :], np.float32),
    )  # fmt: skip
    return scaled, decided, plain


def paths_of(
    model: Model, panel: Panel, settings: Settings, rows: Indices, factor: Floats
) -> Floats:
    """Paths of demand of some series of a shard, as its orders are decided by: n x S x H."""
    paths = simulate(model, panel.take(rows), paths=settings.paths, seed=settings.seed)
    return np.asarray(paths * factor[rows][:, None, : paths.shape[2]], np.float32)


def decide_anew(
    terms: Terms, settings: Settings, panel: Panel, rows: Indices, paths: Floats,
    decisions: pl.DataFrame,
) -> pl.DataFrame:  # fmt: skip
    """The decisions of a shard, those of some series decided anew by their terms and paths."""
    some, agreed = panel.take(rows), terms.take(rows)
    answer = decide(
        agreed, paths, some.unique_ids, series_keys(some.unique_ids), policy=settings.policy,
        seed=settings.seed,
    )  # fmt: skip
    columns = {n.replace("_ids", "_id"): getattr(answer, n) for n in Decisions.__struct_fields__}
    anew = pl.DataFrame(columns).with_columns(explain(answer, agreed).alias("why"))
    kept = decisions.filter(~pl.col("unique_id").is_in(some.unique_ids.implode()))
    order = pl.DataFrame({"unique_id": decisions["unique_id"]})
    both = pl.concat([kept, anew.select(kept.columns).cast(kept.schema)])
    return order.join(both, on="unique_id", how="left", maintain_order="left")


def factors(contexts: Sequence[SeriesContext], periods: int) -> Floats:
    """What the demand of every series and period is multiplied by; overlapping ones multiply."""
    factor = np.ones((len(contexts), periods), np.float32)
    for i, context in enumerate(contexts):
        for a, b, times in context.overrides:
            factor[i, a:b] *= np.float32(times)
    return factor

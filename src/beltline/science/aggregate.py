"""Sums of series: forecasts of groups and of everything, coherent because paths are summed."""

from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

from beltline.science.forecast import Model, forecast, simulate_chunks
from beltline.science.keys import Doubles, Floats, Ints
from beltline.science.panel import Panel, Static, encode


class Group(msgspec.Struct, frozen=True, eq=False):
    """One level of aggregation: the names of its sums and the sum each series belongs to."""

    level: str
    names: tuple[str, ...]
    codes: Ints


def group_of(panel: Panel, columns: Sequence[str]) -> Group:
    """The level of some attributes, `state_id,store_id`, with ids `state_id=CA,store_id=CA_1`.

    Without attributes it is the total, with one empty id. An unknown attribute is a KeyError.
    """
    if not columns:
        return Group(level="total", names=("",), codes=np.zeros(panel.size, np.int32))
    parts = [_labeled(column, panel.static[column]) for column in columns]
    frame = pl.DataFrame({str(k): part for k, part in enumerate(parts)})
    coded = encode(frame.select(pl.concat_str(pl.all(), separator=",")).to_series())
    return Group(level=",".join(columns), names=coded.names, codes=coded.codes)


def sum_paths(
    model: Model, panel: Panel, groups: Sequence[Group], *, paths: int, seed: int | None = None
) -> list[Floats]:
    """Demand paths of each group's sums (G x S x H), summed chunk by chunk over the series.

    The paths of each sum are shifted to the exact sum of the means, so that levels add up.
    """
    totals = [np.zeros((len(g.names), paths, model.horizon)) for g in groups]
    for part, drawn in simulate_chunks(model, panel, paths=paths, seed=seed):
        for group, total in zip(groups, totals, strict=True):
            _add(total, group.codes[part], drawn)
    mean = forecast(model, panel, quantiles=(0.5,)).mean
    return [_centered(t, sum_rows(mean, g)) for g, t in zip(groups, totals, strict=True)]


def sum_rows(values: Floats, group: Group) -> Doubles:
    """Rows of a matrix summed by group, unknown cells as zero."""
    total = np.zeros((len(group.names), values.shape[1]))
    np.add.at(total, group.codes, np.nan_to_num(values))
    return total


def _add(total: Doubles, codes: Ints, drawn: Floats) -> None:
    order = np.argsort(codes, kind="stable")
    present, begins = np.unique(codes[order], return_index=True)
    total[present] += np.add.reduceat(drawn[order], begins, axis=0, dtype=np.float64)


def _centered(paths: Doubles, mean: Doubles) -> Floats:
    drawn = paths.mean(axis=1)
    scale = mean / np.maximum(drawn, 1e-9)
    return np.asarray(paths * scale[:, None, :], np.float32)


def _labeled(column: str, static: Static) -> pl.Series:
    values = pl.Series([f"{column}={name}" for name in static.names])
    return values.gather(pl.Series(static.codes))

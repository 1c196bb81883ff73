"""Groups of series by their attributes, and sums over them."""

from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

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


def sum_rows(values: Floats, group: Group) -> Doubles:
    """Rows of a matrix summed by group, unknown cells as zero."""
    total = np.zeros((len(group.names), values.shape[1]))
    np.add.at(total, group.codes, np.nan_to_num(values))
    return total


def partition(group: Group) -> bytes:
    """The same for two groups that put the same series together, whatever their names."""
    _, first, inverse = np.unique(group.codes, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return order[inverse].astype(np.int32).tobytes()


def _labeled(column: str, static: Static) -> pl.Series:
    values = pl.Series([f"{column}={name}" for name in static.names])
    return values.gather(pl.Series(static.codes))

"""Wide to long, and the two ways a demand series is named."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

import msgspec
import polars as pl

from beltline.kit.sheets.fields import Joined
from beltline.kit.sheets.shapes import EMPTY_WORDS
from beltline.kit.sheets.types import ROW, Table

COLUMN = "__column__"
"""In a melted frame: the header of the source column a record comes from."""
VALUE = "__value__"
"""In a melted frame: the cell."""
_NUMBERED = re.compile(r"([^\d]+)[1-9]\d*")


def melt(table: Table, id_columns: Sequence[str], date_columns: Sequence[str]) -> pl.DataFrame:
    """One record per row and date column: `ROW`, the id columns, `COLUMN`, `VALUE`.

    Blank cells give no record: in a wide file they mean `nothing known`, not zero. A second wide
    file (in-stock flags beside sales) is melted the same way and joined by the caller.
    """
    frame = table.frame.select(ROW, *id_columns, *date_columns)
    kinds = {frame.schema[name] for name in date_columns}
    if len(kinds) > 1:
        frame = frame.with_columns(pl.col(list(date_columns)).cast(pl.String))
    long = frame.unpivot(
        on=list(date_columns),
        index=[ROW, *id_columns],
        variable_name=COLUMN,
        value_name=VALUE,
    ).drop_nulls(VALUE)
    if long.schema[VALUE] != pl.String:
        return long
    return long.filter(~pl.col(VALUE).str.to_lowercase().is_in(list(EMPTY_WORDS)))


def with_days(table: Table, first: dt.date | None) -> Table:
    """The table with its numbered days, if it has any, dated from `first` on; None leaves it."""
    if first is None:
        return table
    stems = Counter(
        found[1] for column in table.columns if (found := _NUMBERED.fullmatch(column.name))
    )
    return number_days(table, prefix=stems.most_common(1)[0][0], first=first) if stems else table


def number_days(table: Table, *, prefix: str, first: dt.date) -> Table:
    """Give columns of numbered days (`d_1`, `d_2` ...) their dates; `first` is day 1."""
    names = {
        column.name: (first + dt.timedelta(days=int(number) - 1)).isoformat()
        for column in table.columns
        if (number := column.name.removeprefix(prefix)).isdecimal() and number != column.name
    }
    return msgspec.structs.replace(
        table,
        frame=table.frame.rename(names),
        columns=tuple(
            msgspec.structs.replace(column, name=names.get(column.name, column.name))
            for column in table.columns
        ),
    )


def complete_joined(frame: pl.DataFrame, joined: Joined) -> pl.DataFrame:
    """Fill the joined field from its parts and the parts from the joined field.

    A joined value without the separator is the first part where the second is known by itself.
    """
    first, second = (pl.col(part) for part in joined.parts)
    whole = pl.col(joined.field)
    has_both = whole.str.contains(joined.separator, literal=True)
    # The last separator counts: the second part never contains one.
    head = whole.str.extract(rf"^(.*){joined.separator}[^{joined.separator}]*$", 1)
    tail = whole.str.extract(rf"{joined.separator}([^{joined.separator}]*)$", 1)
    return frame.with_columns(
        pl.coalesce(first, pl.when(has_both).then(head).otherwise(whole)),
        pl.coalesce(second, pl.when(has_both).then(tail)),
    ).with_columns(
        pl.when(has_both)
        .then(whole)
        .otherwise(pl.concat_str([first, second], separator=joined.separator))
        .alias(joined.field)
    )

"""Values passed between the reading child, its parent and the converters."""

import enum

import msgspec
import polars as pl

from beltline.kit.sheets.wire import CellIssue, Encoding, FileKind, LeftOut, Limits, Outcome

__all__ = [
    "ROW",
    "CellIssue",
    "ColumnMapping",
    "Composed",
    "Converted",
    "DateOrder",
    "DecimalMark",
    "Encoding",
    "FileKind",
    "Layout",
    "LeftOut",
    "Limits",
    "Mapping",
    "Outcome",
    "SourceColumn",
    "Table",
]

ROW = "__row__"
"""Name of the column of source row numbers in every frame of a `Table`."""


class SourceColumn(msgspec.Struct, frozen=True):
    """One column as the file has it."""

    name: str
    """Header text, made unique; the name of the column in `Table.frame`."""
    position: int
    """0-based position in the source, blank columns counted."""
    has_native_numbers: bool = False
    """True where the file itself says that cells are numbers (so `.` is their decimal mark)."""


class Table(msgspec.Struct, frozen=True, eq=False):
    """What a file says, before anybody knows what it means.

    `frame` has `ROW` (int64, the row number a spreadsheet shows) and one column per source
    column: text, or the file's own type for Parquet. Blank rows, blank columns and trailing
    totals are gone; what was left out is listed in `left_out`.
    """

    frame: pl.DataFrame
    columns: tuple[SourceColumn, ...]
    issues: tuple[CellIssue, ...]
    left_out: tuple[LeftOut, ...]
    source: Outcome

    @property
    def headers(self) -> tuple[str, ...]:
        """The header texts in source order."""
        return tuple(column.name for column in self.columns)


class Layout(enum.StrEnum):
    """How records lie in the file."""

    LONG = "LONG"
    WIDE = "WIDE"
    """One column per date; melted before conversion."""


class DateOrder(enum.StrEnum):
    """How 03/04/2026 is meant; year-first dates never need it."""

    DMY = "DMY"
    MDY = "MDY"


class DecimalMark(enum.StrEnum):
    """How 1.234 and 1,234 are meant where a column gives no evidence."""

    POINT = "POINT"
    COMMA = "COMMA"


class ColumnMapping(msgspec.Struct, frozen=True):
    """What one source column is taken for, how sure that is (0 to 1) and why."""

    column: str
    field: str | None
    confidence: float
    reason: str


class Composed(msgspec.Struct, frozen=True):
    """A field joined from several source columns, for example `unique_id` = Product@Store."""

    field: str
    columns: tuple[str, ...]
    separator: str


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which column is which field, for one source; JSON-storable and re-applicable.

    `fingerprint` identifies the source by its headers. `constants` fill a field the file does
    not have (`currency` = `CNY`). In the `WIDE` layout `dates` lists the columns that are dates.
    """

    dataset: str
    fingerprint: str
    columns: tuple[ColumnMapping, ...]
    composed: tuple[Composed, ...] = ()
    constants: dict[str, str] = {}
    layout: Layout = Layout.LONG
    dates: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    decimal_mark: DecimalMark | None = None

    def column_of(self, field: str) -> str | None:
        """The source column mapped to a field, or None."""
        return next((each.column for each in self.columns if each.field == field), None)

    @property
    def fields(self) -> frozenset[str]:
        """Every field that gets a value: mapped, composed or constant."""
        mapped = {each.field for each in self.columns if each.field is not None}
        return frozenset(mapped | {each.field for each in self.composed} | set(self.constants))


class Converted(msgspec.Struct, frozen=True, eq=False):
    """Good rows, typed, and everything that is wrong with the others.

    `good` has every field of the dataset in its order (all null where the file has none) plus
    `row`, the source row number. `given` names the fields the file really provides: a blank cell
    of a given field is a blank, an absent field says nothing. `problems` has `row, column, field,
    code, value, message, remedy, params` (`params` is JSON for a translated message).
    """

    good: pl.DataFrame
    problems: pl.DataFrame
    given: tuple[str, ...]

    @property
    def bad_row_count(self) -> int:
        """How many source rows have at least one problem."""
        return self.problems.get_column("row").n_unique()

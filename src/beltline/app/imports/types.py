"""What an import is asked to do, and what it did."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal

IMPORT_KIND = "import.v1"
"""The kind of job an import is."""


class ImportParameters(msgspec.Struct, frozen=True):
    """One import: which kept file, what it holds, how its columns are corrected.

    An empty `dataset` means: find out from the name and the columns.
    `columns` are corrections such as `日期=ds`, `constants` such as `currency=CNY`.
    """

    file_id: UUID
    file_name: str
    dataset: str
    columns: list[str] = []
    constants: list[str] = []
    sheet: str | None = None
    dry_run: bool = False
    strict: bool = False
    create_missing: bool = False
    """Make the SKUs, nodes and suppliers that the file names and nobody knows yet."""
    first_day: dt.date | None = None
    """The day of the column `d_1`, where columns are numbered days."""


class MappedColumn(msgspec.Struct, frozen=True):
    """Which field a source column was taken for, and why; None when it was left out."""

    column: str
    field: str | None
    reason: str


class ImportOutcome(msgspec.Struct, frozen=True):
    """What an import did, or (`dry_run`) would do. Counts are rows of the file or records."""

    dataset: str
    file_name: str
    rows: int
    inserted: int
    updated: int
    unchanged: int
    bad_rows: int
    problems: int
    dry_run: bool
    columns: list[MappedColumn]
    left_out: list[str]
    result_file_id: UUID | None
    created: int = 0
    """SKUs, nodes and suppliers made because the rows name them."""


class UnknownDataset(Refusal):
    """No such kind of file."""

    kind, code = Kind.INVALID, "imports.unknown_dataset"
    title = "Unknown kind of file"
    detail = "There is no data set “{dataset}”; the data sets are {known}."
    dataset: str
    known: str


class DatasetUnclear(Refusal):
    """Neither the name nor the columns say what a file holds."""

    kind, code = Kind.INVALID, "imports.dataset_unclear"
    title = "What does this file hold?"
    detail = "{file}: its columns fit no data set well; say which it is: {known}."
    file: str
    known: str


class StrictImportRefused(Refusal):
    """A strict import found rows that are not right and changed nothing."""

    kind, code = Kind.CONFLICT, "imports.strict_refused"
    title = "Nothing was imported"
    detail = (
        "{bad_rows} rows of {file} are not right and the import is strict: nothing was changed. "
        "The result file lists row, column and what would be right."
    )
    file: str
    bad_rows: int
    result_file_id: str

"""What parent and reading child say to each other; the child must not pay for more imports."""

import enum
from typing import NoReturn

import msgspec

MIB = 1 << 20


class FileKind(enum.StrEnum):
    """What a file really is, by its first bytes and not by its name."""

    DELIMITED = "DELIMITED"
    WORKBOOK = "WORKBOOK"
    PARQUET = "PARQUET"
    HTML = "HTML"
    """A table of a web page, which many ERPs save under the name `.xls`."""


class Encoding(enum.StrEnum):
    """The encodings of text files that are read; values are Python codec names."""

    UTF_8 = "utf-8"
    UTF_8_BOM = "utf-8-sig"
    UTF_16 = "utf-16"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    GB18030 = "gb18030"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one file may ask for; beyond it is refused, not truncated."""

    file_bytes_max: int = 512 * MIB
    unpacked_bytes_max: int = 640 * MIB
    unpack_ratio_max: int = 120
    """Real workbooks unpack to 5 to 40 times their size; bombs to 250 and more."""
    unpack_ratio_from_bytes: int = 16 * MIB
    """Below this the ratio is not looked at: small repetitive sheets are harmless."""
    rows_max: int = 5_000_000
    columns_max: int = 4_096
    cells_max: int = 30_000_000
    cell_chars_max: int = 32_767
    issues_max: int = 100_000
    memory_bytes_max: int = 1_536 * MIB
    cpu_seconds_max: int = 60
    wall_seconds_max: int = 120


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is asked to do (JSON on its standard input)."""

    path: str
    output: str
    sheet: str | None = None
    header_row: int | None = None
    """1-based row of the header as a spreadsheet shows it; 0 = there is none; None = find it."""
    encoding: str | None = None
    delimiter: str | None = None
    limits: Limits = Limits()


class CellIssue(msgspec.Struct, frozen=True):
    """A cell (or, without `position`, a row) that could not be read; becomes a problem."""

    row: int
    position: int | None
    code: str
    value: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """A row or column that was read and deliberately not used, with the reason."""

    what: str
    reason: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the child found out (JSON on its standard output). Header names are as written."""

    kind: FileKind
    headers: tuple[str, ...]
    header_row: int
    """1-based; the last row of a header of two rows; 0 = the file has none."""
    rows: int
    native_numbers: tuple[int, ...] = ()
    """Per column: cells the file itself types as numbers."""
    out_of_order: bool = False
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    issues: tuple[CellIssue, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """The child's `no`: a reason of `refusals.REASONS` and what fills its sentence."""

    why: str
    params: dict[str, str] = {}


class Reply(msgspec.Struct, frozen=True):
    """Exactly one of the two is set."""

    outcome: Outcome | None = None
    refused: Refused | None = None


class UnfitError(Exception):
    """Raised inside the child; `main` turns it into `Refused`."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why)
        self.refused = refused


def refuse(why: str, **params: object) -> NoReturn:
    """End the reading with a reason of `refusals.REASONS`."""
    raise UnfitError(Refused(why, {name: str(value) for name, value in params.items()}))


def check_size(*, rows: int, columns: int, limits: Limits) -> None:
    """Refuse a table that is larger than the limits allow."""
    if columns > limits.columns_max:
        refuse("TOO_MANY_COLUMNS", columns=f"{columns:,}", most=f"{limits.columns_max:,}")
    if rows > limits.rows_max:
        refuse("TOO_MANY_ROWS", rows=f"{rows:,}", most=f"{limits.rows_max:,}")
    if rows * columns > limits.cells_max:
        refuse("TOO_MANY_CELLS", cells=f"{rows * columns:,}", most=f"{limits.cells_max:,}")

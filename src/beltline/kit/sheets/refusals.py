"""Why a file as a whole is refused: one sentence what is wrong, one what would be right."""

from collections.abc import Callable
from typing import NamedTuple

from beltline.kit.errors import Kind, Refusal
from beltline.kit.texts import N_


class FileRefusal(Refusal):
    """Base of the refusals of a whole file; `why` is a key of `REASONS`."""

    kind = Kind.INVALID
    code = "kit.file_refused"
    detail = "{file}: {reason} {remedy}"
    file: str
    why: str
    reason: str
    remedy: str
    params: dict[str, str]

    def sentence(self, translate: Callable[[str], str]) -> str:
        """The sentence in another language: reason and remedy are said anew."""
        found = REASONS[self.why]
        return translate(self.detail).format(
            file=self.file,
            reason=translate(found.reason).format(**self.params),
            remedy=translate(found.remedy).format(**self.params),
        )


class FileUnreadable(FileRefusal):
    """Not a table, damaged, locked or not what its name says."""

    kind, code = Kind.INVALID, "kit.file_unreadable"
    title = "The file cannot be read"


class FileEncodingUnknown(FileRefusal):
    """Text in no encoding we can tell."""

    kind, code = Kind.INVALID, "kit.file_encoding"
    title = "The text encoding is not known"


class FileEmpty(FileRefusal):
    """Nothing to import."""

    kind, code = Kind.INVALID, "kit.file_empty"
    title = "The file is empty"


class FileTooLarge(FileRefusal):
    """An honest file beyond the limits."""

    kind, code = Kind.TOO_LARGE, "kit.file_too_large"
    title = "The file is too large"


class FileHostile(FileRefusal):
    """A file that asks for far more than its size: a bomb, or damaged like one."""

    kind, code = Kind.INVALID, "kit.file_hostile"
    title = "The file asks for too much"


class Reason(NamedTuple):
    """The refusal and its two sentences (format strings over the parameters)."""

    refusal: type[FileRefusal]
    reason: str
    remedy: str


_SAVE_AGAIN = N_("Open it in your spreadsheet program and save it again as .xlsx or .csv.")
_SPLIT = N_("Split it into several files, or export fewer columns.")
_UNPACK = N_("Unpack it and import the table inside.")

REASONS: dict[str, Reason] = {
    "MISSING": Reason(FileUnreadable, N_("There is no such file."), N_("Check the name.")),
    "NO_BYTES": Reason(FileEmpty, N_("It has no content."), N_("Export it again.")),
    "NO_ROWS": Reason(
        FileEmpty, N_("There are no rows under the header."), N_("Add at least one row of values.")
    ),
    "NO_CELLS": Reason(
        FileEmpty, N_("No sheet has a value in it."), N_("Check that it was saved.")
    ),
    "NOT_A_TABLE": Reason(
        FileUnreadable,
        N_("It is {found}, not a table."),
        N_("Give a .csv, .tsv, .xlsx or .parquet file."),
    ),
    "COMPRESSED": Reason(FileUnreadable, N_("It is a compressed archive ({found})."), _UNPACK),
    "LOCKED": Reason(
        FileUnreadable,
        N_("It is protected by a password."),
        N_("Save a copy without the password."),
    ),
    "DAMAGED": Reason(FileUnreadable, N_("It is damaged or cut off ({detail})."), _SAVE_AGAIN),
    "NUL_BYTES": Reason(
        FileUnreadable,
        N_("It contains NUL bytes (first at byte {byte}), so it is not plain text."),
        N_("Export it again as CSV in UTF-8."),
    ),
    "NO_SUCH_SHEET": Reason(
        FileUnreadable, N_("There is no sheet {sheet}."), N_("Choose one of: {sheets}.")
    ),
    "NO_SUCH_HEADER_ROW": Reason(
        FileUnreadable,
        N_("There is no header in row {row}."),
        N_("Give the row the column names stand in, within the first {most} rows."),
    ),
    "ENCODING": Reason(
        FileEncodingUnknown,
        N_("Its text is neither UTF-8 nor GB18030/GBK (first wrong byte at {byte}, in row {row})."),
        N_("Save it as “CSV UTF-8”."),
    ),
    "NO_SUCH_ENCODING": Reason(
        FileEncodingUnknown,
        N_("{encoding} is not an encoding we read."),
        N_("Choose one of: {known}."),
    ),
    "RAGGED": Reason(
        FileUnreadable,
        N_("More than {most} rows do not have the same number of cells as the header."),
        N_("Export it again with values in quotation marks, or give the right delimiter."),
    ),
    "TOO_MANY_ISSUES": Reason(
        FileUnreadable,
        N_("More than {most} cells have no readable value, such as formulas without a result."),
        N_("Open it in your spreadsheet program, let it calculate, and save it again."),
    ),
    "TOO_MANY_BYTES": Reason(
        FileTooLarge, N_("It has {bytes} bytes; at most {most} are read."), _SPLIT
    ),
    "TOO_MANY_ROWS": Reason(
        FileTooLarge, N_("It has {rows} rows; at most {most} are read."), _SPLIT
    ),
    "TOO_MANY_COLUMNS": Reason(
        FileTooLarge, N_("It has {columns} columns; at most {most} are read."), _SPLIT
    ),
    "TOO_MANY_CELLS": Reason(
        FileTooLarge, N_("It has {cells} cells; at most {most} are read."), _SPLIT
    ),
    "UNPACKS_TOO_LARGE": Reason(
        FileHostile,
        N_("Unpacked it would be {unpacked} bytes, {ratio} times its size."),
        _SAVE_AGAIN,
    ),
    "TOO_MUCH_MEMORY": Reason(
        FileHostile, N_("Reading it needs more memory than a file may use."), _SAVE_AGAIN
    ),
    "TOO_MUCH_TIME": Reason(
        FileHostile, N_("Reading it takes longer than a file may take."), _SAVE_AGAIN
    ),
    "CRASHED": Reason(FileHostile, N_("The reader could not survive it."), _SAVE_AGAIN),
}


def refusal(why: str, *, file: str, **params: str) -> FileRefusal:
    """The refusal for a key of `REASONS`, ready to raise."""
    found = REASONS[why]
    return found.refusal(
        file=file,
        why=why,
        reason=found.reason.format(**params),
        remedy=found.remedy.format(**params),
        params=params,
    )

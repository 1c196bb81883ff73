"""Files we give people: results, tables, templates. Nothing in them runs in a spreadsheet."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from beltline.kit.errors import Kind, Refusal
from beltline.kit.sheets.fields import Dataset, Field
from beltline.kit.sheets.messages import one_of_text

DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that starts with one of these may be taken for a formula (the wide forms too)."""

_DANGEROUS = r"^[=+\-@\t\r\n＝＋－＠]"
_EXACT_MAX = 1e15
_SHEET_ROWS_MAX = 1_048_575
_COLUMN_WIDTH = 18
_NOTE_WIDTHS = (24, 14, 12, 60, 40)
_RESULT_COLUMNS = ("row", "column", "field", "code", "value", "message", "remedy")
_IN_CHINESE = ("message_zh", "remedy_zh")


class ExportTooLong(Refusal):
    """More rows than a sheet holds."""

    kind, code = Kind.TOO_LARGE, "kit.export_too_long"
    title = "Too many rows for a sheet"
    detail = "A sheet holds {most} rows, this table has {rows}. Use .csv or .parquet."
    rows: int
    most: int


class ExportFormatUnknown(Refusal):
    """A file name whose ending names no format we write."""

    kind, code = Kind.INVALID, "kit.export_format_unknown"
    title = "Unknown file format"
    detail = "{name} ends in no format that is written. Use .csv, .xlsx or .parquet."
    name: str


def safe_cell(text: str) -> str:
    """A text as it may stand in a CSV file: an apostrophe before what could be a formula."""
    return f"'{text}" if text.startswith(DANGEROUS_STARTS) else text


def write_problems(problems: pl.DataFrame, path: Path) -> None:
    """The result file of an import: row, column, code, what is wrong, what would be right.

    In Chinese too where the problems have `message_zh` and `remedy_zh`.
    """
    chinese = [name for name in _IN_CHINESE if name in problems.columns]
    write_table(problems.select(*_RESULT_COLUMNS, *chinese), path)


def write_table(frame: pl.DataFrame, path: Path, *, has_bom: bool = True) -> None:
    """Write a table in the format the file name ends in.

    CSV is UTF-8, by default with the byte order mark spreadsheet programs need for Chinese; only
    texts are escaped, numbers stay numbers. XLSX writes texts as texts, never as formulas or
    links. Raises `ExportFormatUnknown`, `ExportTooLong`.
    """
    match path.suffix.lower():
        case ".csv":
            safe = frame.rename({name: safe_cell(name) for name in frame.columns})
            safe.with_columns(_escaped(safe)).write_csv(path, include_bom=has_bom)
        case ".parquet":
            frame.write_parquet(path)
        case ".xlsx":
            _write_xlsx(frame, path)
        case _:
            raise ExportFormatUnknown(name=path.name)


def _escaped(frame: pl.DataFrame) -> list[pl.Expr]:
    texts = [name for name, kind in frame.schema.items() if kind in (pl.String, pl.Categorical)]
    return [
        pl.when(pl.col(name).cast(pl.String).str.contains(_DANGEROUS))
        .then(pl.lit("'") + pl.col(name).cast(pl.String))
        .otherwise(pl.col(name).cast(pl.String))
        .alias(name)
        for name in texts
    ]


def _write_xlsx(frame: pl.DataFrame, path: Path) -> None:
    if frame.height > _SHEET_ROWS_MAX:
        raise ExportTooLong(rows=frame.height, most=_SHEET_ROWS_MAX)
    with _workbook(path, constant_memory=True) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Data")
        sheet.set_column(0, max(0, frame.width - 1), _COLUMN_WIDTH)
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(frame.columns):
            sheet.write_string(0, at, name, bold)
        for number, row in enumerate(frame.iter_rows(), start=1):
            for at, cell in enumerate(row):
                _write_cell(sheet, number, at, cell, day)


def _workbook(path: Path, *, constant_memory: bool) -> Any:
    return xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": constant_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )


def _write_cell(sheet: Any, row: int, column: int, cell: Any, day: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float, Decimal)):
        _write_number(sheet, row, column, cell)
    elif hasattr(cell, "isoformat"):
        sheet.write_datetime(row, column, cell, day)
    else:
        sheet.write_string(row, column, str(cell))


def _write_number(sheet: Any, row: int, column: int, cell: float | Decimal) -> None:
    """A number a sheet would round or cannot hold is written as text."""
    if math.isfinite(cell) and abs(float(cell)) < _EXACT_MAX:
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, str(cell))


def template(dataset: Dataset, path: Path) -> None:
    """Write an empty file to fill in: headers, one example row and, in XLSX, a sheet of notes.

    The example row is to be written over.
    """
    fields = dataset.fields
    examples = _examples(dataset)
    if path.suffix.lower() != ".xlsx":
        write_table(pl.DataFrame({name: [cell] for name, cell in examples.items()}), path)
        return
    with _workbook(path, constant_memory=False) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(dataset.name)
        sheet.set_column(0, len(fields) - 1, _COLUMN_WIDTH)
        sheet.freeze_panes(1, 0)
        for at, field in enumerate(fields):
            sheet.write_string(0, at, field.name, bold)
            sheet.write_string(1, at, examples[field.name])
        _write_notes(book.add_worksheet("Notes"), dataset, bold)


def _examples(dataset: Dataset) -> dict[str, str]:
    """A row that can be imported as it stands: of alternatives that exclude each other, one."""
    others = {name for group in dataset.one_of[1:] for name in group} if dataset.exclusive else ()
    return {field.name: "" if field.name in others else field.example for field in dataset.fields}


def _write_notes(sheet: Any, dataset: Dataset, bold: Any) -> None:
    lines: list[tuple[str]] = [
        (f"{dataset.title}: {dataset.description}.",),
        ("Write over the example row. Other headers and other orders of columns are fine.",),
    ]
    if dataset.one_of:
        lines.append((f"Needed in every row: {one_of_text(dataset)}.",))
    if dataset.wide is not None:
        wide = f"Also: one column per day, with the day as header and {dataset.wide.value} below."
        lines.append((wide,))
    for number, line in enumerate(lines):
        sheet.write_string(number, 0, line[0], bold if number == 0 else None)
    top = len(lines) + 1
    heads = ("Field", "Kind", "Needed", "Meaning", "Also called")
    for number, row in enumerate([heads, *map(_note, dataset.fields)]):
        for at, cell in enumerate(row):
            sheet.write_string(top + number, at, cell, bold if number == 0 else None)
    for at, width in enumerate(_NOTE_WIDTHS):
        sheet.set_column(at, at, width)


def _note(field: Field) -> tuple[str, ...]:
    choices = f": {' | '.join(choice.code for choice in field.choices)}" if field.choices else ""
    return (
        field.name,
        field.kind.value.lower(),
        "yes" if field.required else "",
        f"{field.description}{choices}",
        ", ".join(field.aliases[:8]),
    )

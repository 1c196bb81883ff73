"""Tables that are already rows of cells: workbooks and tables of web pages."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from beltline.kit.sheets.archive import cells_without_value, check_archive
from beltline.kit.sheets.header import HEADER_WITHIN_ROWS, find_header
from beltline.kit.sheets.output import Output
from beltline.kit.sheets.text import decoded, detect_encoding
from beltline.kit.sheets.wire import (
    CellIssue,
    Encoding,
    FileKind,
    LeftOut,
    Outcome,
    Request,
    check_size,
    refuse,
)

_CELLS_PER_BATCH = 200_000
_SAMPLE_ROWS = HEADER_WITHIN_ROWS + 60

Cells = Sequence[Any]


def read_workbook(request: Request, *, is_archive: bool) -> Outcome:
    """Write the cells of one sheet (XLSX, XLSB, ODS or old XLS) to `request.output`."""
    path = Path(request.path)
    is_xlsx = is_archive and check_archive(path, request.limits) == "xlsx"
    with calamine.CalamineWorkbook.from_path(str(path)) as book:
        names = _visible_sheets(book)
        name, sheet = _choose_sheet(book, names, request)
        check_size(rows=sheet.total_height, columns=sheet.width, limits=request.limits)
        left = sheet.start[1] if sheet.start else 0
        issues = (
            []
            if not is_xlsx
            else [
                CellIssue(issue.row, issue.position - left, issue.code, issue.value)
                for issue in islice(cells_without_value(path, name), request.limits.issues_max + 1)
                if issue.position is not None
            ]
        )
        merged = _tall_merges(sheet, left) if is_xlsx else {}
        outcome = _write_rows(_filled_down(sheet.iter_rows(), merged), request, issues)
    others = tuple(each for each in names if each != name)
    return _named(outcome, sheet=name, others=others, names=names)


def _named(
    outcome: Outcome, *, sheet: str, others: tuple[str, ...], names: tuple[str, ...]
) -> Outcome:
    left_out = tuple(LeftOut(f"sheet {each}", "OTHER_SHEET") for each in others)
    return Outcome(
        kind=FileKind.WORKBOOK,
        headers=outcome.headers,
        header_row=outcome.header_row,
        rows=outcome.rows,
        native_numbers=outcome.native_numbers,
        sheet=sheet,
        sheets=names,
        issues=outcome.issues,
        left_out=left_out,
    )


def _visible_sheets(book: Any) -> tuple[str, ...]:
    visible = tuple(
        each.name
        for each in book.sheets_metadata
        if each.typ == calamine.SheetTypeEnum.WorkSheet
        and each.visible == calamine.SheetVisibleEnum.Visible
    )
    return visible or tuple(book.sheet_names)


def _choose_sheet(book: Any, names: tuple[str, ...], request: Request) -> tuple[str, Any]:
    """The asked-for sheet, else the first visible one that has a value."""
    if request.sheet is not None:
        if request.sheet not in book.sheet_names:
            refuse("NO_SUCH_SHEET", sheet=request.sheet, sheets=", ".join(names))
        return request.sheet, book.get_sheet_by_name(request.sheet)
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return name, sheet
    return refuse("NO_CELLS")


def _tall_merges(sheet: Any, left: int) -> dict[tuple[int, int], int]:
    """(first row, position) -> last row of cells merged downwards in one column."""
    ranges = sheet.merged_cell_ranges or []
    return {
        (top, first - left): bottom
        for (top, first), (bottom, last) in ranges
        if first == last and bottom > top
    }


def _filled_down(rows: Iterator[Cells], merged: dict[tuple[int, int], int]) -> Iterator[Cells]:
    """Repeat words merged over several rows; a merged number would be counted twice, so not it."""
    if not merged:
        yield from rows
        return
    running: dict[int, tuple[int, str]] = {}
    starts: dict[int, list[int]] = {}
    for top, position in merged:
        starts.setdefault(top, []).append(position)
    for number, row in enumerate(rows):
        cells = list(row)
        for position, (bottom, word) in list(running.items()):
            if number > bottom:
                del running[position]
            elif position < len(cells) and cells[position] == "":
                cells[position] = word
        for position in starts.get(number, ()):
            if 0 <= position < len(cells) and isinstance(cells[position], str):
                running[position] = (merged[number, position], cells[position])
        yield cells


def _write_rows(rows: Iterator[Cells], request: Request, issues: Sequence[CellIssue]) -> Outcome:
    """Find the header in the first rows, then write what is below it."""
    sample = list(islice(rows, _SAMPLE_ROWS))
    texts = [[cell_text(cell) for cell in row] for row in sample]
    header = find_header(texts, given=request.header_row)
    below = sample[header.index + 1 :]
    width = max([len(header.names), 1, *(len(row) for row in below)])
    names = [f"c{position}" for position in range(width)]
    numbers = [0] * width
    first = header.index + 2
    with Output(Path(request.output), names=names, limits=request.limits) as output:
        for issue in issues:
            if issue.row >= first:
                output.note(issue)
        remaining = chain(below, rows)
        batch_rows = max(1, _CELLS_PER_BATCH // width)
        while batch := list(islice(remaining, batch_rows)):
            columns = _columns(batch, width, numbers)
            output.write(range(first + output.rows, first + output.rows + len(batch)), columns)
    return Outcome(
        kind=FileKind.WORKBOOK,
        headers=header.names,
        header_row=header.index + 1,
        rows=output.rows,
        native_numbers=tuple(numbers),
        issues=tuple(output.issues),
    )


def _columns(rows: list[Cells], width: int, numbers: list[int]) -> list[Any]:
    padded = (
        row if len(row) == width else [*row[:width], *[""] * (width - len(row))] for row in rows
    )
    columns = []
    for position, column in enumerate(zip(*padded, strict=True)):
        numbers[position] += sum(1 for cell in column if type(cell) is float)
        columns.append(pa.array([cell_text(cell) for cell in column], pa.large_string()))
    return columns


def cell_text(cell: Any) -> str:
    """The text of a cell: numbers with a point and no more than a spreadsheet's 15 digits."""
    kind = type(cell)
    if kind is str:
        return str(cell)
    if kind is float or kind is int:
        return f"{cell:.15g}" if abs(cell) < 1e15 else f"{cell:.0f}"
    if kind is bool:
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell)


def read_html(request: Request) -> Outcome:
    """Write the cells of the longest table of a web page to `request.output`."""
    path = Path(request.path)
    given = request.encoding or _declared_encoding(path)
    parser = _TableParser()
    for piece in decoded(path, detect_encoding(path, given=given)):
        parser.feed(piece)
    parser.close()
    table = max(parser.tables, key=len, default=[])
    if not table:
        refuse("NOT_A_TABLE", found="a web page without a table")
    check_size(rows=len(table), columns=max(map(len, table)), limits=request.limits)
    outcome = _write_rows(iter(table), request, [])
    return Outcome(
        kind=FileKind.HTML,
        headers=outcome.headers,
        header_row=outcome.header_row,
        rows=outcome.rows,
        issues=outcome.issues,
    )


def _declared_encoding(path: Path) -> str | None:
    """`charset=gb2312` of the page, where it is one that is read."""
    found = re.search(rb"charset=[\"']?([\w-]+)", path.read_bytes()[:4096], re.IGNORECASE)
    name = found[1].decode().lower() if found else ""
    return "gb18030" if name in {"gb2312", "gbk", Encoding.GB18030.value} else None


class _TableParser(HTMLParser):
    """Collects the rows of every table; a cell over several columns leaves blanks after it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), 100) if span.isascii() and span.isdigit() else 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self.tables[-1]:
            self.tables[-1][-1] += ["".join(self._cell).strip()] + [""] * (self._span - 1)
        self._cell = None

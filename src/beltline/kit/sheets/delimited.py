"""CSV, TSV and the like: streamed through Arrow, every row accounted for.

Arrow reads what is regular; rows of another width come back as text and are padded, trimmed of
empty cells, or named as issues. Row numbers count records, as a spreadsheet would show them.
"""

import codecs
import csv
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv as arrow_csv

from beltline.kit.sheets.header import HEADER_WITHIN_ROWS, Header, find_header
from beltline.kit.sheets.output import Output
from beltline.kit.sheets.text import (
    PREFIX_CHARS,
    decoded,
    detect_delimiter,
    detect_encoding,
    records,
)
from beltline.kit.sheets.wire import (
    MIB,
    CellIssue,
    Encoding,
    FileKind,
    Outcome,
    Request,
    check_size,
    refuse,
)

_BLOCK_BYTES = 4 * MIB
_SAMPLE_RECORDS = 400
_SNIPPET = 60


class _Start(msgspec.Struct, frozen=True):
    """How the text is laid out: found on its first characters."""

    delimiter: str
    header: Header
    width: int
    skip_bytes: int
    """UTF-8 bytes up to the first record under the header."""


def read_delimited(request: Request) -> Outcome:
    """Write the cells of a text table to `request.output`."""
    csv.field_size_limit(request.limits.file_bytes_max)  # endless cells are dealt with later
    path = Path(request.path)
    encoding = detect_encoding(path, given=request.encoding)
    with tempfile.NamedTemporaryFile(dir=Path(request.output).parent, suffix=".txt") as copy:
        text_path, offset = _as_utf8(path, encoding, copy)
        start = _look_at_start(text_path, offset, request)
        names = [f"c{position}" for position in range(start.width)]
        with Output(Path(request.output), names=names, limits=request.limits) as output:
            irregular = _stream(text_path, offset + start.skip_bytes, start, output, request)
    return Outcome(
        kind=FileKind.DELIMITED,
        headers=start.header.names,
        header_row=start.header.index + 1,
        rows=output.rows,
        out_of_order=irregular,
        encoding=encoding.value,
        delimiter=start.delimiter,
        issues=tuple(output.issues),
    )


def _as_utf8(path: Path, encoding: Encoding, copy: Any) -> tuple[Path, int]:
    """A UTF-8 file with the text and the bytes to skip in it (a byte order mark)."""
    if encoding is Encoding.UTF_8:
        return path, 0
    if encoding is Encoding.UTF_8_BOM:
        for _ in decoded(path, encoding):  # refuses what does not decode
            pass
        return path, len(codecs.BOM_UTF8)
    for piece in decoded(path, encoding):
        copy.write(piece.encode("utf-8"))
    copy.flush()
    return Path(copy.name), 0


def _look_at_start(path: Path, offset: int, request: Request) -> _Start:
    with path.open("rb") as file:
        file.seek(offset)
        raw = file.read(PREFIX_CHARS)
        is_whole = not file.read(1)
    _refuse_nul(path)
    prefix = raw.decode("utf-8", "ignore")
    directive, prefix = _split_directive(prefix)
    if not prefix.strip():
        refuse("NO_BYTES")
    delimiter = request.delimiter or (directive[4:5] or detect_delimiter(prefix))
    found = list(records(prefix, delimiter, most=_SAMPLE_RECORDS))
    if not is_whole and len(found) > 1 and len(found) < _SAMPLE_RECORDS:
        found.pop()  # cut in the middle
    rows = [record for record, _ in found]
    header = _counting_directive(find_header(rows, given=_less_one(request, directive)), directive)
    at = header.index - (1 if directive else 0)
    skip = found[at][1] if at >= 0 else 0
    width = _width(header.names, rows[at + 1 :])
    check_size(rows=1, columns=width, limits=request.limits)
    return _Start(
        delimiter=delimiter,
        header=header,
        width=width,
        skip_bytes=len((directive + prefix[:skip]).encode("utf-8")),
    )


def _refuse_nul(path: Path) -> None:
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_BLOCK_BYTES):
            if (at := chunk.find(b"\0")) >= 0:
                refuse("NUL_BYTES", byte=done + at)
            done += len(chunk)


def _split_directive(prefix: str) -> tuple[str, str]:
    """Excel's own first line `sep=;`, which is no record of the table."""
    line = prefix[:8].splitlines(keepends=True)
    if line and line[0].lower().startswith("sep=") and len(line[0].strip("\r\n")) == len("sep=;"):
        return line[0], prefix[len(line[0]) :]
    return "", prefix


def _less_one(request: Request, directive: str) -> int | None:
    if directive and request.header_row:
        return request.header_row - 1
    return request.header_row


def _counting_directive(header: Header, directive: str) -> Header:
    if not directive:
        return header
    return Header(header.index + 1, header.names)


def _width(names: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Cells of a regular record: what most records have, at least the written headers."""
    written = max((at + 1 for at, name in enumerate(names) if name), default=0)
    usual = Counter(len(row) for row in rows[:HEADER_WITHIN_ROWS] if any(row))
    return max(written, usual.most_common(1)[0][0] if usual else 0, 1)


def _stream(path: Path, skip_bytes: int, start: _Start, output: Output, request: Request) -> bool:
    """Write all records; True when irregular ones were appended out of order."""
    irregular: list[tuple[int, str]] = []
    most = request.limits.issues_max

    def keep(row: Any) -> str:
        irregular.append((row.number, row.text))
        return "skip" if len(irregular) <= most else "error"

    first = start.header.index + 2
    with path.open("rb") as file:
        file.seek(skip_bytes)
        if not file.read(1):
            return False
        file.seek(skip_bytes)
        try:
            for batch, numbers in _batches(file, start, keep, irregular):
                output.write([first + number for number in numbers], batch.columns)
        except pa.ArrowInvalid:
            if len(irregular) > most:
                refuse("RAGGED", most=f"{most:,}")
            raise
    return _append_irregular(irregular, start, first, output)


def _batches(
    file: Any, start: _Start, keep: Any, irregular: list[tuple[int, str]]
) -> Iterator[tuple[Any, list[int]]]:
    """Arrow's batches with the 0-based numbers of their records.

    Arrow parses ahead, so the rows it set aside may belong to a later batch.
    """
    names = [f"c{position}" for position in range(start.width)]
    reader = arrow_csv.open_csv(
        file,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=_BLOCK_BYTES, column_names=names
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=start.delimiter,
            ignore_empty_lines=False,
            newlines_in_values=True,
            invalid_row_handler=keep,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    following, seen = 0, 0
    set_aside: set[int] = set()
    for batch in reader:
        set_aside.update(number - 1 for number, _ in irregular[seen:])
        seen = len(irregular)
        numbers: list[int] = []
        while len(numbers) < batch.num_rows:
            if following not in set_aside:
                numbers.append(following)
            following += 1
        yield batch, numbers


def _append_irregular(
    irregular: list[tuple[int, str]], start: _Start, first: int, output: Output
) -> bool:
    numbers: list[int] = []
    rows: list[list[str]] = []
    for record, text in irregular:
        number = first + record - 1
        cells = next(csv.reader([text], delimiter=start.delimiter), [])
        if "\n" in text and text.count('"') % 2:
            output.note(CellIssue(number, None, "QUOTE_NOT_CLOSED", text[:_SNIPPET]))
        elif any(cell.strip() for cell in cells[start.width :]):
            output.note(CellIssue(number, None, "ROW_TOO_WIDE", text[:_SNIPPET]))
        elif any(cell.strip() for cell in cells):
            numbers.append(number)
            rows.append((cells + [""] * start.width)[: start.width])
    if rows:
        output.write(numbers, [pa.array(column, pa.string()) for column in zip(*rows, strict=True)])
    return bool(rows)

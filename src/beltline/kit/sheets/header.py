"""Finding the header row under title rows, and giving every column a name.

A header is the first row that is about as full as the rows below it and looks different from
them. Titles (`销售日报`, `Export of 2026-11-20`) fill one or two cells and are passed over.
"""

import re
from collections.abc import Sequence

import msgspec

from beltline.kit.sheets.shapes import Shape, normalized, shape
from beltline.kit.sheets.wire import refuse

HEADER_WITHIN_ROWS = 60
_FILLED_SHARE = 0.6
_SAMPLE_BELOW = 40

_TOTAL = re.compile(
    r"^(合\s*计|总\s*计|小\s*计|共\s*计|汇\s*总|本页小计"
    r"|grand total|sub ?total|totals?|sum)( ?[:(].*)?$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^(制表|打印|导出|审核|填表|备注|第\s*\d+\s*页|printed|exported|generated|page \d|created by)",
    re.IGNORECASE,
)


class Header(msgspec.Struct, frozen=True):
    """Where the header is: `index` of its last row (-1 = none) and the names as written."""

    index: int
    names: tuple[str, ...]


def find_header(rows: Sequence[Sequence[str]], *, given: int | None = None) -> Header:
    """Find the header in the first rows of a source; `given` is its 1-based row, 0 for none."""
    if given is not None:
        return _given_header(rows, given)
    full = max((_filled(row) for row in rows), default=0)
    for index, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        filled = _filled(row)
        if filled == 0 or filled < full * _FILLED_SHARE or (full > 1 and filled < 2):
            continue
        if not _looks_like_header(row, rows[index + 1 : index + 1 + _SAMPLE_BELOW]):
            return Header(index - 1 if index and not _filled(rows[index - 1]) else -1, ())
        return _with_second_row(rows, index)
    return Header(-1, ())


def _given_header(rows: Sequence[Sequence[str]], given: int) -> Header:
    if given == 0:
        return Header(-1, ())
    if given > len(rows) or not _filled(rows[given - 1]):
        refuse("NO_SUCH_HEADER_ROW", row=given, most=HEADER_WITHIN_ROWS)
    return Header(given - 1, tuple(normalized(cell) for cell in rows[given - 1]))


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _looks_like_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Some column changes its shape under the row, or nothing in it is a number or a date."""
    shapes = [shape(cell) for cell in row]
    if all(each in (Shape.TEXT, Shape.EMPTY) for each in shapes):
        return True
    return any(
        above in (Shape.TEXT, Shape.DATE) and _usual_shape(below, position) not in (above, None)
        for position, above in enumerate(shapes)
        if above is not Shape.EMPTY
    ) and not all(
        above is _usual_shape(below, position)
        for position, above in enumerate(shapes)
        if above in (Shape.NUMBER, Shape.DATE)
    )


def _usual_shape(rows: Sequence[Sequence[str]], position: int) -> Shape | None:
    seen = [shape(row[position]) for row in rows if position < len(row)]
    seen = [each for each in seen if each is not Shape.EMPTY]
    return max(set(seen), key=seen.count) if seen else None


def _with_second_row(rows: Sequence[Sequence[str]], index: int) -> Header:
    """Join a header of two rows (库存 over 可用, 在途); a plain header is returned as it is."""
    top = [normalized(cell) for cell in rows[index]]
    below = [normalized(cell) for cell in rows[index + 1]] if index + 1 < len(rows) else []
    beneath = rows[index + 2 : index + 2 + _SAMPLE_BELOW]
    if _is_second_row(top, below) and _looks_like_header(below, beneath):
        return Header(index + 1, tuple(_joined(top, below)))
    return Header(index, tuple(top))


def _is_second_row(top: Sequence[str], below: Sequence[str]) -> bool:
    """Only words, some of them where the first row is blank, and none under single columns.

    Under a single column the second row is blank, or repeats the word if the two are merged.
    """
    fills_gap = any(name and not _at(top, position) for position, name in enumerate(below))
    words = all(shape(name) is Shape.TEXT for name in below if name)
    leaves_single = any(
        name and _at(below, position) in ("", name) for position, name in enumerate(top)
    )
    return fills_gap and words and leaves_single


def _at(names: Sequence[str], position: int) -> str:
    return names[position] if position < len(names) else ""


def _joined(top: Sequence[str], below: Sequence[str]) -> list[str]:
    names: list[str] = []
    group = ""
    for at in range(max(len(top), len(below))):
        part = _at(below, at)
        group = _at(top, at) or (group if part else "")
        names.append(" ".join(dict.fromkeys(each for each in (group, part) if each)))
    return names


def unique_names(names: Sequence[str], width: int) -> tuple[str, ...]:
    """Names for `width` columns: blanks become `Column C`, repeats get a number."""
    taken: set[str] = set()
    result: list[str] = []
    for position in range(width):
        written = names[position] if position < len(names) else ""
        base = written or f"Column {letters(position)}"
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        result.append(name)
    return tuple(result)


def letters(position: int) -> str:
    """The letters a spreadsheet gives a 0-based column: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def is_total(cells: Sequence[str | None]) -> bool:
    """Whether a row is a totals row: its first written cell says so."""
    first = next((normalized(cell) for cell in cells if cell and cell.strip()), "")
    return bool(_TOTAL.match(first))


def is_footer(cells: Sequence[str | None]) -> bool:
    """Whether a row is a remark under the table (制表人, Printed ...) in at most two cells."""
    written = [normalized(cell) for cell in cells if cell and cell.strip()]
    return 0 < len(written) <= 2 < len(cells) and bool(_FOOTER.match(written[0]))

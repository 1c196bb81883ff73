"""Looking into a packed workbook before anything unpacks it: bombs, kinds, cells without value."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from beltline.kit.sheets.wire import MIB, CellIssue, Limits, refuse

_CHUNK = 2 * MIB
_OVERLAP = 16_384

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_FORMULA_WITHOUT_VALUE = re.compile(
    rb"<c\b([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_ERROR_CELL = re.compile(
    rb'<c\b([^>]*\bt="e"[^>]*)>(?:\s*<f\b[^>]*>[^<]*</f>)?\s*<v>([^<]{1,20})</v>'
)


def check_archive(path: Path, limits: Limits) -> str:
    """Refuse bombs; return `xlsx`, `xlsb` or `ods` (other archives are refused)."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        packed = max(path.stat().st_size, 1)
        ratio = unpacked // packed
        is_dense = unpacked > limits.unpack_ratio_from_bytes and ratio > limits.unpack_ratio_max
        if unpacked > limits.unpacked_bytes_max or is_dense:
            refuse("UNPACKS_TOO_LARGE", unpacked=f"{unpacked:,}", ratio=f"{ratio:,}")
        names = {member.filename for member in members}
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "xl/workbook.bin" in names:
            return "xlsb"
        if "content.xml" in names and "mimetype" in names:
            return "ods"
    found = "a Word document" if "word/document.xml" in names else "a ZIP archive"
    if found == "a ZIP archive":
        refuse("COMPRESSED", found="ZIP")
    return refuse("NOT_A_TABLE", found=found)


def cells_without_value(path: Path, sheet: str) -> Iterator[CellIssue]:
    """Cells of an XLSX sheet with a formula nobody calculated, or with an error value.

    The workbook reader returns both as blanks, which would silently lose a number.
    """
    with zipfile.ZipFile(path) as archive:
        member = _member_of(archive, sheet)
        if member is None:
            return
        seen: set[bytes] = set()
        with archive.open(member) as file:
            tail = b""
            while chunk := file.read(_CHUNK):
                text = tail + chunk
                yield from _issues(text, seen)
                tail = text[-_OVERLAP:]


def _issues(text: bytes, seen: set[bytes]) -> Iterator[CellIssue]:
    if b"<f" in text:
        for found in _FORMULA_WITHOUT_VALUE.finditer(text):
            attributes = dict(_ATTRIBUTE.findall(found[1]))
            if attributes.get(b"t") != b"str" and b"r" in attributes:
                yield from _issue(attributes[b"r"], "FORMULA_WITHOUT_VALUE", b"", seen)
    if b't="e"' in text:
        for found in _ERROR_CELL.finditer(text):
            attributes = dict(_ATTRIBUTE.findall(found[1]))
            if b"r" in attributes:
                yield from _issue(attributes[b"r"], "FORMULA_ERROR", found[2], seen)


def _issue(reference: bytes, code: str, value: bytes, seen: set[bytes]) -> Iterator[CellIssue]:
    """The overlap of two pieces shows a cell twice; it is told once."""
    if reference in seen:
        return
    seen.add(reference)
    row, position = _place(reference.decode("ascii", "replace"))
    if row:
        yield CellIssue(row, position, code, value.decode("utf-8", "replace"))


def _place(reference: str) -> tuple[int, int]:
    """`C7` is row 7, position 2; (0, 0) for what is no reference."""
    found = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
    if found is None:
        return 0, 0
    position = 0
    for letter in found[1]:
        position = position * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), position - 1


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive member that holds a sheet, by way of the workbook's relations."""
    try:
        book = archive.read("xl/workbook.xml")
        relations = archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return None
    wanted = next(
        (
            attributes.get(b"r:id") or attributes.get(b"id")
            for attributes in (dict(_ATTRIBUTE.findall(text)) for text in _SHEET.findall(book))
            if _unescaped(attributes.get(b"name", b"")) == sheet
        ),
        None,
    )
    for text in _RELATION.findall(relations):
        attributes = dict(_ATTRIBUTE.findall(text))
        if attributes.get(b"Id") == wanted and b"Target" in attributes:
            target = attributes[b"Target"].decode("utf-8", "replace")
            name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return name if name in archive.namelist() else None
    return None


def _unescaped(name: bytes) -> str:
    text = name.decode("utf-8", "replace")
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        text = text.replace(entity, char)
    return text.replace("&amp;", "&")

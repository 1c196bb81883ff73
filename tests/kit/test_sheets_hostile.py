"""No file can hurt: each ends within seconds, in a small child, with a sentence."""

import gzip
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from beltline.kit.errors import Refusal
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.refusals import (
    FileHostile,
    FileRefusal,
    FileTooLarge,
    FileUnreadable,
)
from beltline.kit.sheets.types import Limits
from tests.kit.sheets_make import repacked, text_file, workbook

SECONDS_MAX = 5.0
SHEET = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS_MAX * 3, "three times the promise, on a busy machine"


def test_a_workbook_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["sku", "qty"], ["A", 1]])
    row = b"<row><c><v>1</v></c></row>"
    path = repacked(path, "xl/worksheets/sheet1.xml", SHEET % (row * 6_000_000))
    assert path.stat().st_size < 1_000_000
    small = Limits(memory_bytes_max=400 << 20)  # address space; the bare child has 320 MiB
    with pytest.raises(FileHostile, match="times its size"):
        read_table(path, limits=small)


def test_a_cell_at_the_far_corner_is_stopped_by_the_limits(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["sku", "qty"], ["A", 1]])
    cells = b"".join(
        b'<row r="%d"><c r="%s%d"><v>1</v></c></row>' % (row, column, row)
        for row, column in ((1, b"A"), (1_048_576, b"XFD"))
    )
    path = repacked(path, "xl/worksheets/sheet1.xml", SHEET % cells)
    with pytest.raises((FileHostile, FileTooLarge)):
        read_table(path)


def test_a_lying_archive_is_stopped_by_memory(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["sku", "qty"], ["A", 1]])
    filler = b'<row><c t="inlineStr"><is><t>' + b"x" * 1000 + b"</t></is></c></row>"
    path = repacked(path, "xl/worksheets/sheet1.xml", SHEET % (filler * 60_000))
    raw = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(raw.replace(true_size.to_bytes(4, "little"), (500).to_bytes(4, "little")))
    with pytest.raises(FileRefusal):
        read_table(path, limits=Limits(memory_bytes_max=600 << 20))


def test_entities_do_not_expand(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["sku", "qty"], ["A", 1]])
    entities = b"<!ENTITY a0 'ha'>" + b"".join(
        b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x ['
        + entities
        + b"]>"
        + (SHEET[21:] % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>')
    )
    with pytest.raises(FileRefusal):
        read_table(repacked(path, "xl/worksheets/sheet1.xml", bomb))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"%PDF-1.7 ...", "a PDF document"),
        ("a.csv", b"\x89PNG\r\n\x1a\n....", "a picture"),
        ("a.xlsx", gzip.compress(b"a,b\n1,2\n", mtime=0), "gzip"),
        ("a.csv", b"\x7fELF....", "a program"),
        ("a.csv", b'{"a": 1}', "a JSON document"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
        ("a.parquet", b"PAR1" + b"\1" * 100 + b"PAR1", "damaged"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 50, "damaged"),
        ("a.csv", b"sku,qty\nA,1\nB\0,2\n", "NUL bytes (first at byte 13)"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnreadable) as refused:
        read_table(tmp_path / name)
    assert words in refused.value.message
    assert refused.value.remedy


def test_archives_that_are_no_workbook(tmp_path: Path) -> None:
    for member, words in (("table.csv", "compressed archive"), ("word/document.xml", "Word")):
        with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
            archive.writestr(member, "a,b")
        with pytest.raises(FileUnreadable, match=words):
            read_table(tmp_path / "x.xlsx")


@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_cut_off_file_is_damaged(tmp_path: Path, share: float) -> None:
    path = workbook(tmp_path, [["sku", "qty"], *[[f"A{n}", n] for n in range(500)]])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(FileUnreadable, match="damaged"):
        read_table(path)
    parquet = tmp_path / "x.parquet"
    pl.DataFrame({"sku": ["A"] * 1000}).write_parquet(parquet)
    parquet.write_bytes(parquet.read_bytes()[: int(parquet.stat().st_size * share)])
    with pytest.raises(FileUnreadable, match="damaged"):
        read_table(parquet)


def test_an_endless_cell_is_one_problem_and_not_the_end(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, f"sku,note\nA,{'x' * 1_000_000}\nB,fine\n"))
    assert table.frame.rows() == [(2, "A", None), (3, "B", "fine")]
    assert [(each.row, each.position, each.code) for each in table.issues] == [
        (2, 1, "CELL_TOO_LONG")
    ]


def test_an_open_quotation_mark_is_found(tmp_path: Path) -> None:
    lines = "".join(f"A{n},fine,{n}\n" for n in range(50))
    table = read_table(text_file(tmp_path, f'sku,note,n\n{lines}B,"open,1\n{lines}'))
    assert table.frame.height == 50
    assert [(each.row, each.code) for each in table.issues] == [(52, "QUOTE_NOT_CLOSED")]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(file_bytes_max=100), "bytes; at most 100"),
        (Limits(rows_max=50), "rows; at most 50"),
        (Limits(columns_max=2), "3 columns; at most 2"),
        (Limits(cells_max=100), "cells; at most 100"),
    ],
)
def test_limits_are_named(tmp_path: Path, limits: Limits, words: str) -> None:
    rows = [["a", "b", "c"], *[["x", "y", str(n)] for n in range(100)]]
    text = text_file(tmp_path, "\n".join(",".join(row) for row in rows))
    for path in (text, workbook(tmp_path, rows)):
        with pytest.raises(FileTooLarge) as refused:
            read_table(path, limits=limits)
        assert words in refused.value.reason
        assert refused.value.status == 413


def test_time_is_limited(tmp_path: Path) -> None:
    line = ",".join(["x"] * 200) + "\n"
    path = text_file(tmp_path, "h," * 199 + "h\n" + line * 100_000)
    # Memory enough: which of two limits is met first would be a matter of chance.
    limits = Limits(cpu_seconds_max=1, memory_bytes_max=8 << 30)
    with pytest.raises(FileHostile, match="longer than"):
        read_table(path, limits=limits)


def test_memory_is_limited(tmp_path: Path) -> None:
    rows = [["sku", "qty"], *[[f"A{n}", n] for n in range(20_000)]]
    path = workbook(tmp_path, rows)
    with pytest.raises(Refusal) as refused:
        read_table(path, limits=Limits(memory_bytes_max=150 << 20))
    assert refused.value.code == "kit.file_hostile"


def test_the_child_sees_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from beltline.kit.sheets import reading

    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    assert "DATABASE_URL" not in reading._ENVIRONMENT
    assert read_table(text_file(tmp_path, "a,b\n1,x\n")).frame.height == 1

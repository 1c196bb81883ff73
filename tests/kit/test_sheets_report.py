"""What we write opens without harm and can be read again."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from beltline.kit.sheets.convert import convert
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.mapping import sample, suggest
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.report import (
    DANGEROUS_STARTS,
    ExportFormatUnknown,
    ExportTooLong,
    safe_cell,
    template,
    write_problems,
    write_table,
)
from tests.kit.sheets_make import imported, text_file

EVIL = [f"{start}cmd|'/c calc'!A1" for start in DANGEROUS_STARTS]


def test_no_text_of_a_csv_starts_like_a_formula(tmp_path: Path) -> None:
    frame = pl.DataFrame({"=name": [*EVIL, "plain", None], "n": [-1.5] * (len(EVIL) + 2)})
    write_table(frame, tmp_path / "out.csv")
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf'=name,n")
    back = pl.read_csv(tmp_path / "out.csv")
    for cell in back.get_column("'=name").drop_nulls():
        assert not cell.startswith(DANGEROUS_STARTS)
    assert back.get_column("n").to_list() == [-1.5] * frame.height
    write_table(frame, tmp_path / "plain.csv", has_bom=False)
    assert not (tmp_path / "plain.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_xlsx_keeps_texts_as_texts_and_numbers_as_numbers(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "text": ["=1+1", "http://example.com", "007"],
            "number": [Decimal("1.50"), None, Decimal(-2)],
            "day": [dt.date(2026, 11, 20)] * 3,
            "flag": [True, False, None],
            "long": [1, 10**17, 3],
        }
    )
    write_table(frame, tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert [(cell.value, cell.data_type) for cell in sheet["A"][1:]] == [
        ("=1+1", "s"),
        ("http://example.com", "s"),
        ("007", "s"),
    ]
    assert sheet["A2"].hyperlink is None
    assert [cell.value for cell in sheet["B"][1:]] == [1.5, None, -2]
    assert sheet["C2"].value == dt.datetime.fromisoformat("2026-11-20")
    assert sheet["E3"].value == "100000000000000000"


def test_exports_come_back_as_they_were(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"sku": ["-A1", "=B", "＋C"], "node": ["N"] * 3, "on_hand": ["1", "2", "3"]}
    )
    for ending in ("csv", "xlsx", "parquet"):
        write_table(frame, tmp_path / f"stock.{ending}")
        done = imported(tmp_path / f"stock.{ending}", "stock")
        assert done.good["sku"].to_list() == ["-A1", "=B", "＋C"]


def test_the_result_file_of_an_import(tmp_path: Path) -> None:
    done = imported(text_file(tmp_path, "sku,node,qty\n=A,N,=x\nB,N,3\n"), "stock")
    for ending in ("csv", "xlsx"):
        write_problems(done.problems, tmp_path / f"result.{ending}")
        back = read_table(tmp_path / f"result.{ending}")
        assert back.headers == ("row", "column", "field", "code", "value", "message", "remedy")
        assert back.frame.row(0)[1:5] == ("2", "qty", "on_hand", "NUMBER_INVALID")


def test_other_endings_and_endless_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportFormatUnknown):
        write_table(pl.DataFrame({"a": [1]}), tmp_path / "out.doc")
    with pytest.raises(ExportTooLong):
        write_table(pl.DataFrame({"a": pl.repeat(1, 1_048_576, eager=True)}), tmp_path / "x.xlsx")


@pytest.mark.parametrize("name", list(DATASETS))
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_is_a_file_that_imports(tmp_path: Path, name: str, ending: str) -> None:
    dataset = DATASETS[name]
    template(dataset, tmp_path / f"t.{ending}")
    table = read_table(tmp_path / f"t.{ending}")
    assert table.headers == dataset.names
    mapping = suggest(table.headers, sample(table), dataset)
    done = convert(table, mapping, dataset)
    assert done.problems.is_empty()
    assert done.good.height == 1


@pytest.mark.parametrize(
    ("text", "safe"), [("=1", "'=1"), ("a=1", "a=1"), ("", ""), ("＝1", "'＝1")]
)
def test_safe_cell(text: str, safe: str) -> None:
    assert safe_cell(text) == safe

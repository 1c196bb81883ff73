"""Files as an ERP or a marketplace exports them become tables of text."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import msgspec
import polars as pl
import pytest

from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.refusals import FileEmpty, FileEncodingUnknown, FileUnreadable
from beltline.kit.sheets.types import ROW
from beltline.kit.sheets.wire import Reply, Request
from tests.kit.sheets_make import text_file, workbook

CHINESE = "货号,商品名称,可用库存\nA-1,儿童睡衣,12\nA-2,保温杯，带盖,7\n"

READING_AHEAD = """
import io, threading, time
import pyarrow.csv
from beltline.kit.sheets import reader

began = threading.Event()

class Slow(io.BytesIO):
    def read(self, size=-1):
        began.set()
        time.sleep(2)
        return super().read(size)

def read_ahead():
    pyarrow.csv.open_csv(Slow(b"a,b\\n1,2\\n"))

threading.Thread(target=read_ahead, daemon=True).start()
assert began.wait(10)
reader.main()
"""


@pytest.mark.parametrize(
    ("encoding", "seen"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_encodings_are_told_apart_by_the_whole_text(
    tmp_path: Path, encoding: str, seen: str
) -> None:
    text = CHINESE if encoding != "utf-16-le" else "sku,qty\nA-1,12\n"
    table = read_table(text_file(tmp_path, text, encoding=encoding))
    assert table.source.encoding == seen
    assert table.headers[0] in {"货号", "sku"}
    assert table.frame.row(0)[1] == "A-1"


def test_gbk_file_keeps_every_character(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, CHINESE, encoding="gbk"))
    assert table.frame.get_column("商品名称").to_list() == ["儿童睡衣", "保温杯，带盖"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("big5", "商品編號,數量\n臺灣鐵路,1\n貨號測試,2\n"), ("latin-1", "sku,name\n1,Größe äöü é\n")],
)
def test_other_encodings_are_refused_and_not_garbled(
    tmp_path: Path, encoding: str, text: str
) -> None:
    with pytest.raises(FileEncodingUnknown) as refused:
        read_table(text_file(tmp_path, text, encoding=encoding))
    assert "UTF-8" in refused.value.remedy


def test_a_damaged_utf8_file_is_not_taken_for_gbk(tmp_path: Path) -> None:
    path = tmp_path / "damaged.csv"
    lines = [f"A-{n},儿童睡衣红色,{n}" for n in range(500)]
    good = ("货号,品名,数量\n" + "\n".join(lines)).encode()
    path.write_bytes(good[:6000] + b"\xff" + good[6000:])
    with pytest.raises(FileEncodingUnknown) as refused:
        read_table(path)
    # The wrong byte may cut a character, whose first byte is then the one named.
    assert any(
        f"{at:d} " in refused.value.reason or f"{at}," in refused.value.reason
        for at in range(5997, 6001)
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = 'sku;name;qty\nA;"x, y";1,5\nB;"z; w";2,5\n'.replace(";", delimiter, 2)
    rows = [["sku", "name", "qty"], ["A", '"a, b; c\td|e"', "1"], ["B", "plain", "2"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    table = read_table(text_file(tmp_path, text, name="lying.xlsx"))
    assert table.source.delimiter == delimiter
    assert table.frame.row(0) == (2, "A", "a, b; c\td|e", "1")


def test_excel_directive_line_is_obeyed_and_counted(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, "sep=;\nsku;qty\nA,1;2\n"))
    assert table.headers == ("sku", "qty")
    assert table.frame.row(0) == (3, "A,1", "2")


def test_title_rows_blank_rows_columns_and_totals(tmp_path: Path) -> None:
    text = (
        "销售日报,,,,\n导出时间：2026-11-20 08:00,,,,\n,,,,\n"
        "货号,品名,,数量,单价\nA-1,睡衣,,3,12.5\n,,,,\n\nA-2,杯子,,4,8\n合计,,,7,\n制表人：张三,,,,\n"
    )
    table = read_table(text_file(tmp_path, text))
    assert table.headers == ("货号", "品名", "数量", "单价")
    assert table.frame.rows() == [(5, "A-1", "睡衣", "3", "12.5"), (8, "A-2", "杯子", "4", "8")]
    assert [(left.what, left.reason) for left in table.left_out] == [
        ("row 9", "TOTALS_ROW"),
        ("row 10", "REMARK_ROW"),
    ]


def test_rows_of_another_width_are_padded_or_named(tmp_path: Path) -> None:
    text = 'a,b,c\n1,2,3\n4,5\n6,7,8,,\n9,1,234,5\n"x\ny",2,3\n'
    table = read_table(text_file(tmp_path, text))
    assert table.frame.rows() == [
        (2, "1", "2", "3"),
        (3, "4", "5", None),
        (4, "6", "7", "8"),
        (6, "x\ny", "2", "3"),
    ]
    assert [(issue.row, issue.code) for issue in table.issues] == [(5, "ROW_TOO_WIDE")]


def test_row_numbers_hold_over_many_blocks(tmp_path: Path) -> None:
    lines = [
        f"A{number},short" if number % 997 == 0 else f"A{number},{'x' * 60},{number}"
        for number in range(2, 120_000)
    ]
    table = read_table(text_file(tmp_path, "\n".join(["sku,note,number", *lines])))
    assert table.frame.get_column("sku").to_list() == [f"A{n}" for n in table.frame[ROW]]
    assert table.frame.height == 119_998


def test_a_file_without_header_keeps_its_first_row(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, "A-1,2026-11-20,4\nA-2,2026-11-21,5\n"))
    assert table.headers == ("Column A", "Column B", "Column C")
    assert table.frame.height == 2
    given = read_table(text_file(tmp_path, "x\ny,z\n1,2\n"), header_row=2)
    assert given.headers == ("y", "z")


def test_repeated_headers_stay_apart(tmp_path: Path) -> None:
    table = read_table(text_file(tmp_path, "sku,qty,qty,__row__\nA,1,2,3\n"))
    assert table.headers[:3] == ("sku", "qty", "qty (2)")
    assert table.frame.width == 5


def test_workbook_with_merged_titles_dates_and_numbers(tmp_path: Path) -> None:
    rows = [
        ["库存报表 2026年11月"],
        [],
        [None, "货号", "仓库", "可用库存", "日期", "条码"],
        [None, "A-1", "义乌", 12.0, dt.datetime.fromisoformat("2026-11-20"), 6901234567890],
        [None, "A-2", None, 0.1 + 0.2, dt.datetime.fromisoformat("2026-11-21T08:30"), None],
        [None, "总计", None, 12.3],
    ]
    table = read_table(workbook(tmp_path, rows, merged=["A1:F1", "C4:C5"], name="lying.csv"))
    assert table.headers == ("货号", "仓库", "可用库存", "日期", "条码")
    assert table.frame.rows() == [
        (4, "A-1", "义乌", "12", "2026-11-20", "6901234567890"),
        (5, "A-2", "义乌", "0.3", "2026-11-21 08:30:00", None),
    ]
    assert [column.has_native_numbers for column in table.columns] == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    rows = [
        ["货号", "库存", None, "单价"],
        [None, "可用", "在途", None],
        ["A-1", 3, 4, 5],
        ["A-2", 5, 6, 7],
    ]
    table = read_table(workbook(tmp_path, rows, merged=["B1:C1", "A1:A2", "D1:D2"]))
    assert table.headers == ("货号", "库存 可用", "库存 在途", "单价")
    assert table.frame.row(0) == (3, "A-1", "3", "4", "5")


def test_a_merged_number_is_not_repeated(tmp_path: Path) -> None:
    rows = [["sku", "qty"], ["A", 30], ["B", None], ["C", None]]
    table = read_table(workbook(tmp_path, rows, merged=["B2:B4"]))
    assert table.frame.get_column("qty").to_list() == ["30", None, None]


def test_formulas_without_result_are_named(tmp_path: Path) -> None:
    rows = [["sku", "qty"], ["A", "=1+1"], ["B", 2], ["C", "#N/A"]]
    table = read_table(workbook(tmp_path, rows))
    assert [(issue.row, issue.position, issue.code) for issue in table.issues] == [
        (2, 1, "FORMULA_WITHOUT_VALUE"),
        (4, 1, "FORMULA_ERROR"),
    ]


def test_sheets_are_chosen_by_content_or_by_name(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.create_sheet("数据").append(["sku", "qty"])
    book["数据"].append(["A", 1])
    book.create_sheet("R&D <x>").append(["code", "n"])
    book["R&D <x>"].append(["B", "=2"])
    book.save(tmp_path / "book.xlsx")
    table = read_table(tmp_path / "book.xlsx")
    assert (table.source.sheet, table.headers) == ("数据", ("sku", "qty"))
    other = read_table(tmp_path / "book.xlsx", sheet="R&D <x>")
    assert (other.headers, other.issues[0].code) == (("code", "n"), "FORMULA_WITHOUT_VALUE")
    with pytest.raises(FileUnreadable, match="no sheet Z"):
        read_table(tmp_path / "book.xlsx", sheet="Z")


def test_parquet_keeps_its_types_and_leaves_nested_columns_out(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "sku": pl.Series(["A", "B"], dtype=pl.Categorical),
            "ds": [dt.date(2026, 11, 20), None],
            "y": [1.5, float("nan")],
            "tags": [["x"], ["y"]],
        }
    )
    frame.write_parquet(tmp_path / "demand.parquet")
    table = read_table(tmp_path / "demand.parquet")
    assert table.frame.schema["ds"] == pl.Date
    assert table.frame.get_column("sku").to_list() == ["A", "B"]
    assert table.left_out[0].what == "column tags"
    assert table.frame.get_column(ROW).to_list() == [1, 2]


def test_a_web_page_called_xls_is_read(tmp_path: Path) -> None:
    page = (
        "<html><head><meta charset=gb2312></head><table><tr><th colspan=2>报表</th></tr>"
        "<tr><th>货号<th>数量</tr><tr><td>A&amp;1</td><td>5</td></tr><tr><td>B<td>6</table></html>"
    )
    table = read_table(text_file(tmp_path, page, name="export.xls", encoding="gbk"))
    assert table.headers == ("货号", "数量")
    assert table.frame.rows() == [(3, "A&1", "5"), (4, "B", "6")]


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"sku,qty\n", b"sku,qty\n,,\n"])
def test_nothing_to_import(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.csv").write_bytes(content)
    with pytest.raises(FileEmpty):
        read_table(tmp_path / "empty.csv")


def test_arrow_still_reading_ahead_does_not_spoil_the_answer(tmp_path: Path) -> None:
    """A thread of Arrow's own that wants the interpreter when it ends used to abort the child."""
    path = text_file(tmp_path, "sku,qty\nA,1\n")
    output = tmp_path / "cells.arrow"
    request = msgspec.json.encode(Request(path=str(path), output=str(output)))
    ended = subprocess.run(
        [sys.executable, "-c", READING_AHEAD], input=request, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    reply = msgspec.json.decode(ended.stdout, type=Reply)
    assert reply.outcome is not None
    assert reply.outcome.rows == 1
    assert pl.read_ipc(output).height == 1


def test_a_missing_file_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"here\.csv: There is no such file"):
        read_table(tmp_path / "x.csv", name="here.csv")

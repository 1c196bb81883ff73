"""Good rows are kept, every bad cell is named with what would be right."""

import datetime as dt
import time
from decimal import Decimal
from pathlib import Path

import msgspec
import polars as pl
import pytest

from beltline.kit.sheets.convert import ColumnsMissing, convert
from beltline.kit.sheets.datasets import DATASETS, IN_STOCK
from beltline.kit.sheets.dates import DateOrderUnknown
from beltline.kit.sheets.layouts import number_days
from beltline.kit.sheets.mapping import MappingInvalid, sample, suggest
from beltline.kit.sheets.reading import read_table
from beltline.kit.sheets.types import Converted, DateOrder
from beltline.kit.sheets.values import DTYPES
from tests.kit.sheets_make import imported, mapped, text_file, workbook

VN2 = Path(__file__).parents[2].parent / "shared" / "data" / "vn2_history"
M5 = VN2.parent / "m5"


def codes(converted: Converted) -> list[tuple[int, str, str]]:
    return converted.problems.select("row", "column", "code").rows()


def test_an_erp_export_end_to_end(tmp_path: Path) -> None:
    rows = [
        ["库存日报"],
        ["货号", "仓库", "可用库存", "库存类型"],
        ["A-1", "义乌", "1,200", "盘点"],
        ["A-2", "义乌", "多", "盘点"],
        ["A-3", "", 5, "申报"],
        ["A-4", "宁波", -1, "猜测"],
        ["A-5", "宁波", "=B2", "盘点"],
        ["A@6", "宁波", 8, None],
        ["合计", None, 1212],
    ]
    done = imported(workbook(tmp_path, rows), "stock")
    assert done.good.select("row", "sku", "node", "on_hand", "kind").rows() == [
        (3, "A-1", "义乌", Decimal(1200), "COUNTED")
    ]
    assert codes(done) == [
        (4, "可用库存", "NUMBER_INVALID"),
        (5, "仓库", "REQUIRED"),
        (6, "可用库存", "TOO_SMALL"),
        (6, "库存类型", "NOT_A_CHOICE"),
        (7, "可用库存", "FORMULA_WITHOUT_VALUE"),
        (8, "货号", "CHARACTER_NOT_ALLOWED"),
    ]
    problem = done.problems.row(3, named=True)
    assert problem["value"] == "猜测"
    assert problem["remedy"] == "Write one of: COUNTED, DECLARED."
    assert msgspec.json.decode(problem["params"])["choices"] == "COUNTED, DECLARED"
    assert done.bad_row_count == 5
    assert done.given == ("sku", "node", "kind", "on_hand")
    assert {name: done.good.schema[name] for name in done.good.columns[1:]} == {
        field.name: DTYPES[field.kind] for field in DATASETS["stock"].fields
    }


def test_missing_columns_and_undecided_dates_concern_the_file(tmp_path: Path) -> None:
    with pytest.raises(ColumnsMissing, match="ds, y, unique_id or sku"):
        imported(text_file(tmp_path, "foo,bar\na,b\n"), "demand")
    path = text_file(tmp_path, "sku,store,date,qty\nA,S,03/04/2026,5\n")
    with pytest.raises(DateOrderUnknown):
        imported(path, "demand")
    table = read_table(path)
    mapping = msgspec.structs.replace(mapped(table, "demand"), date_order=DateOrder.DMY)
    assert convert(table, mapping, DATASETS["demand"]).good["ds"].to_list() == [dt.date(2026, 4, 3)]


def test_series_are_named_in_either_way(tmp_path: Path) -> None:
    one = imported(text_file(tmp_path, "unique_id,ds,y\nA@N,20261120,5\nB,20261120,5\n"), "demand")
    assert one.good.select("unique_id", "sku", "node").rows() == [("A@N", "A", "N")]
    assert codes(one) == [(3, "", "SERIES_WITHOUT_NODE")]
    two = imported(text_file(tmp_path, "sku,node,ds,y\nA,N,20261120,5\n,N,20261120,5\n"), "demand")
    assert two.good["unique_id"].to_list() == ["A@N"]
    assert codes(two) == [(3, "", "ONE_OF_REQUIRED")]
    three = imported(
        text_file(tmp_path, "unique_id,ds,y\nB,20261120,5\n"), "demand", constants=["node=N"]
    )
    assert three.good.select("unique_id", "sku", "node").rows() == [("B@N", "B", "N")]
    four = imported(
        text_file(tmp_path, "Store,Kind,Product,ds,y\n1,x,9,20261120,5\n"),
        "demand",
        "Kind+Product=sku",
    )
    assert four.good["unique_id"].to_list() == ["x-9@1"]


def test_a_wrong_constant_is_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path, "number,supplier,sku,node,quantity\nP,S,A,N,1\n")
    with pytest.raises(MappingInvalid, match="currency=shells"):
        imported(path, "orders_open", constants=["currency=shells"])
    done = imported(path, "orders_open", constants=["currency=人民币"])
    assert done.good["currency"].to_list() == ["CNY"]


def test_closures_need_exactly_one_place(tmp_path: Path) -> None:
    text = (
        "supplier,node,starts,ends\nS,,2027-02-01,2027-02-20\n,N,2027-02-01,2027-02-20\n"
        "S,N,2027-02-01,2027-02-20\n,,2027-02-01,2027-02-20\n"
    )
    done = imported(text_file(tmp_path, text), "closures")
    assert done.good["row"].to_list() == [2, 3]
    assert codes(done) == [(4, "", "ONLY_ONE_ALLOWED"), (5, "", "ONE_OF_REQUIRED")]


def test_duplicates_name_each_other(tmp_path: Path) -> None:
    text = "sku,node,qty\nA,N,1\nB,N,2\nA,N,1\nB,N,3\nB,N,2\nC,N,4\n"
    done = imported(text_file(tmp_path, text), "stock")
    assert done.good["row"].to_list() == [2, 7]
    found = done.problems.select("row", "code", "message").rows()
    assert found == [
        (
            3,
            "CONFLICTING_DUPLICATE",
            "Row 5 has the same sku, node, owner, kind with other values.",
        ),
        (4, "DUPLICATE", "The same record stands in row 2."),
        (
            5,
            "CONFLICTING_DUPLICATE",
            "Row 3 has the same sku, node, owner, kind with other values.",
        ),
        (
            6,
            "CONFLICTING_DUPLICATE",
            "Row 3 has the same sku, node, owner, kind with other values.",
        ),
    ]


def test_a_wide_file_loses_only_the_wrong_cells(tmp_path: Path) -> None:
    text = "货号,仓库,2026/11/2,2026/11/9,2026/11/16\nA,N,1,,x\nB,N,2,-,3\n,N,1,1,1\n"
    done = imported(text_file(tmp_path, text), "demand")
    assert done.good.select("row", "unique_id", "ds", "y").sort("row", "ds").rows() == [
        (2, "A@N", dt.date(2026, 11, 2), 1.0),
        (3, "B@N", dt.date(2026, 11, 2), 2.0),
        (3, "B@N", dt.date(2026, 11, 16), 3.0),
    ]
    assert codes(done)[0] == (2, "2026/11/16", "NUMBER_INVALID")
    assert {(row, code) for row, _, code in codes(done)[1:]} == {(4, "ONE_OF_REQUIRED")}


def test_european_text_beside_true_numbers(tmp_path: Path) -> None:
    rows = [["sku", "node", "qty"], ["A", "N", 1.234], ["B", "N", "1.234,5"], ["C", "N", 2]]
    done = imported(workbook(tmp_path, rows), "stock")
    assert [float(each) for each in done.good["on_hand"]] == [1.234, 1234.5, 2.0]


def test_parquet_is_taken_as_typed(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "item": [1001, 1002],
            "store": ["S", "S"],
            "date": [
                dt.datetime.fromisoformat("2026-11-20"),
                dt.datetime.fromisoformat("2026-11-21"),
            ],
            "sales": [3, -1],
        }
    )
    frame.write_parquet(tmp_path / "x.parquet")
    done = imported(tmp_path / "x.parquet", "demand")
    assert done.good.select("unique_id", "ds", "y").rows() == [
        ("1001@S", dt.date(2026, 11, 20), 3.0)
    ]
    assert codes(done) == [(2, "sales", "TOO_SMALL")]


def test_a_million_rows_in_seconds(tmp_path: Path) -> None:
    series = pl.DataFrame({"unique_id": [f"SKU{n:05d}@N{n % 9}" for n in range(1000)]})
    days = pl.date_range(dt.date(2024, 1, 1), dt.date(2026, 9, 26), eager=True).alias("ds")
    frame = series.join(days.to_frame(), how="cross").with_row_index("y")
    frame.with_columns(pl.col("y") % 97, price=pl.lit("12.50")).write_csv(tmp_path / "m.csv")
    began = time.process_time()
    wall = time.monotonic()
    done = imported(tmp_path / "m.csv", "demand")
    assert done.good.height == 1_000_000
    assert done.problems.is_empty()
    assert time.process_time() - began < 8
    assert time.monotonic() - wall < 24, "three times the promise, on a busy machine"


@pytest.mark.skipif(not VN2.is_dir(), reason="../shared/data/vn2_history is not here")
def test_vn2_weekly_sales_and_flags() -> None:
    sales = imported(VN2 / "sales.csv", "demand")
    assert sales.problems.is_empty()
    assert sales.good["unique_id"].n_unique() == 599
    assert sales.good["ds"].min() == dt.date(2021, 4, 12)
    assert sales.good.height == 599 * 157
    table = read_table(VN2 / "in_stock.csv")
    flags = convert(table, suggest(table.headers, sample(table), IN_STOCK), IN_STOCK)
    assert flags.problems.is_empty()
    both = sales.good.drop("in_stock").join(flags.good, on=["unique_id", "ds"], how="inner")
    assert both.height == sales.good.height
    assert 0 < both.filter(~pl.col("in_stock")).height < both.height


@pytest.mark.skipif(not M5.is_dir(), reason="../shared/data/m5 is not here")
def test_m5_numbered_days_get_their_dates() -> None:
    table = read_table(M5 / "sales_train_CA.parquet")
    dated = number_days(table, prefix="d_", first=dt.date(2011, 1, 29))
    store = msgspec.structs.replace(
        dated, frame=dated.frame.filter(pl.col("store_id") == "CA_1").head(50)
    )
    done = convert(store, mapped(store, "demand"), DATASETS["demand"])
    assert done.problems.is_empty()
    assert done.good["unique_id"][0].endswith("@CA_1")
    assert done.good["ds"].max() == dt.date(2011, 1, 29) + dt.timedelta(days=1940)
    assert done.good.height == 50 * 1941

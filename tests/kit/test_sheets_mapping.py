"""Headers find their fields, users correct them, sources are remembered."""

import msgspec
import pytest

from beltline.kit.sheets.aliases import key
from beltline.kit.sheets.datasets import DATASETS
from beltline.kit.sheets.mapping import (
    MappingInvalid,
    fingerprint,
    missing_fields,
    override,
    suggest,
)
from beltline.kit.sheets.types import Layout, Mapping


def fields(dataset: str, headers: list[str], *rows: tuple[str, ...]) -> dict[str, str | None]:
    found = suggest(headers, rows, DATASETS[dataset])
    return {each.column: each.field for each in found.columns}


@pytest.mark.parametrize("name", list(DATASETS))
def test_every_field_knows_its_own_name_and_every_alias_one_meaning(name: str) -> None:
    dataset = DATASETS[name]
    headers = list(dataset.names)
    assert fields(name, headers) == {header: header for header in headers}
    for field in dataset.fields:
        for alias in field.aliases:
            best = suggest([alias], [], dataset).columns[0]
            rivals = [
                f.name for f in dataset.fields if key(alias) in map(key, (f.name, *f.aliases))
            ]
            assert best.field in rivals
            assert best.confidence >= 0.9
    assert len({field.name for field in dataset.fields}) == len(dataset.fields)
    assert set(dataset.key) <= set(dataset.names)


@pytest.mark.parametrize(
    ("dataset", "headers", "expected"),
    [
        ("stock", ["货号", "品名", "仓库", "可用库存(件)"], ["sku", None, "node", "on_hand"]),
        ("stock", ["商品编码", "现货数量", "发货仓库", "备注"], ["sku", "on_hand", "node", None]),
        ("stock", ["SKU Code", "Warehouse", "Qty On Hand"], ["sku", "node", "on_hand"]),
        (
            "demand",
            ["日期", "规格编码", "店铺", "销量", "单价（元）"],
            ["ds", "sku", "node", "y", "price"],
        ),
        ("demand", ["OrderDate", "ItemID", "StoreID", "Units Sold"], ["ds", "sku", "node", "y"]),
        ("demand", ["sku", "销售数量", "仓库名称", "销售日期"], ["sku", "y", "node", "ds"]),
        (
            "offers",
            ["供应商", "货号", "起订量", "采购单价", "币种"],
            ["supplier", "sku", "moq", "unit_price", "currency"],
        ),
        (
            "skus",
            ["SKU", "装箱数", "毛重(g)", "长(mm)"],
            ["code", "pack_size", "weight_g", "length_mm"],
        ),
        ("suppliers", ["供应商编码", "供应商名称", "联系电话"], ["code", "name_zh", "phone"]),
        (
            "orders_open",
            ["采购单号", "供应商", "SKU编码", "收货仓库", "未入库数量", "预计到货日期"],
            ["number", "supplier", "sku", "node", "quantity", "expected_date"],
        ),
        ("stock", ["Suppler", "Warehose", "Quantitiy", "货 号"], [None, "node", "on_hand", "sku"]),
    ],
)
def test_headers_of_erps_and_marketplaces(
    dataset: str, headers: list[str], expected: list[str | None]
) -> None:
    assert list(fields(dataset, headers).values()) == expected


def test_values_speak_against_a_name() -> None:
    rows = [("A-1", "red", "12"), ("A-2", "blue", "7")]
    assert fields("stock", ["sku", "stock note", "quantity"], *rows)["stock note"] is None


def test_an_unnamed_column_of_dates_is_the_date() -> None:
    rows = [("A", "S1", "2026-11-20", "5"), ("A", "S1", "2026-11-21", "6")]
    found = suggest(["sku", "store", "foo", "qty"], rows, DATASETS["demand"])
    assert found.column_of("ds") == "foo"
    assert found.columns[2].confidence < 0.6


def test_one_field_once() -> None:
    found = fields("stock", ["数量", "库存数量", "可用库存", "sku", "仓库"])
    assert sorted(each for each in found.values() if each) == ["node", "on_hand", "sku"]


def test_wide_files_are_seen_by_their_headers() -> None:
    headers = ["Store", "Product", "2026-11-02", "2026-11-09", "2026-11-16"]
    found = suggest(headers, [("1", "2", "3", "", "5")], DATASETS["demand"])
    assert found.layout is Layout.WIDE
    assert found.dates == tuple(headers[2:])
    assert missing_fields(found, DATASETS["demand"]) == ()
    later = suggest(
        [*headers[:2], "2026-11-23", "2026-11-30", "2026-12-07"], [], DATASETS["demand"]
    )
    assert later.fingerprint == found.fingerprint


def test_corrections() -> None:
    headers = ["Store", "Product", "day", "n", "备注"]
    dataset = DATASETS["demand"]
    found = suggest(headers, [("1", "2", "2026-11-20", "4", "x")], dataset)
    changed = override(
        found, headers, dataset, columns=["n=y", "备注=", "Product + Store=unique_id"]
    )
    assert changed.column_of("y") == "n"
    assert changed.composed[0].columns == ("Product", "Store")
    changed = override(changed, headers, dataset, constants=["node=YIWU-01"])
    assert changed.column_of("node") is None
    assert changed.constants == {"node": "YIWU-01"}


@pytest.mark.parametrize(
    ("instruction", "words"),
    [("n", "no “="), ("nope=y", "no column nope"), ("n=nope", "no field nope"), ("=y", "no “=")],
)
def test_corrections_that_are_not_right(instruction: str, words: str) -> None:
    dataset = DATASETS["demand"]
    found = suggest(["n"], [], dataset)
    with pytest.raises(MappingInvalid) as refused:
        override(found, ["n"], dataset, columns=[instruction])
    assert words in refused.value.message


def test_a_source_is_remembered_whatever_the_order_of_its_columns() -> None:
    dataset = DATASETS["demand"]
    headers = ["foo", "bar", "sku", "store", "extra"]
    first = override(suggest(headers, [], dataset), headers, dataset, columns=["foo=ds", "bar=y"])
    stored = msgspec.json.decode(msgspec.json.encode(first), type=Mapping)
    assert stored == first
    turned = list(reversed(headers))
    again = suggest(turned, [], dataset, stored)
    assert (again.column_of("ds"), again.column_of("y")) == ("foo", "bar")
    assert {each.confidence for each in again.columns} == {1.0}
    other = suggest([*headers, "new"], [], dataset, stored)
    assert other.column_of("ds") is None
    assert fingerprint(["A b", "C"]) == fingerprint(["c", "a_B"])

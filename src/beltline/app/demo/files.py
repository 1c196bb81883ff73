"""The files of the world, each in the dress in which such an export really comes.

Suppliers come as a workbook with a merged title and Chinese headers, as an ERP prints them;
demand as Parquet; the rest as CSV with the canonical headers. Equal rows give equal bytes.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import polars as pl
import xlsxwriter

from beltline.app.demo.rows import SupplierRow

SUPPLIER_HEADERS: Final = {
    "code": "供应商编码",
    "kind": "供应商类型",
    "name_zh": "供应商名称",
    "name": "英文名称",
    "belt": "产业带编号",
    "tier": "等级",
    "lead_time_days_mean": "平均交期(天)",
    "lead_time_days_p95": "最长交期(天,P95)",
    "phone": "联系电话",
}

# A workbook carries its time of creation; equal rows must give equal bytes.
CREATED: Final = datetime(2026, 1, 1)  # noqa: DTZ001 (the format knows no time zone)


def write_csv(path: Path, columns: type[msgspec.Struct], rows: Iterable[msgspec.Struct]) -> int:
    """Write the rows under the names of the struct's fields; returns how many there were."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.__struct_fields__)
        for row in rows:
            writer.writerow([text(value) for value in msgspec.structs.astuple(row)])
            count += 1
    return count


def text(value: object) -> str:
    """A cell: money without an exponent, days as ISO, nothing for what is unknown."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_suppliers(path: Path, rows: Sequence[SupplierRow], today: date) -> int:
    """The supplier list as a workbook: title row merged over all columns, headers in Chinese."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": "供应商档案", "created": CREATED})
        sheet = book.add_worksheet("供应商")
        title = book.add_format({"bold": True, "align": "center", "font_size": 14})
        header = book.add_format({"bold": True, "bottom": 1})
        last = len(SUPPLIER_HEADERS) - 1
        sheet.merge_range(0, 0, 0, last, f"供应商档案 导出日期 {today.isoformat()}", title)
        sheet.write_row(1, 0, SUPPLIER_HEADERS.values(), header)
        sheet.set_column(0, last, 16)
        for index, row in enumerate(rows, start=2):
            sheet.write_row(index, 0, [getattr(row, field) for field in SUPPLIER_HEADERS])
    return len(rows)


def write_demand(path: Path, demand: pl.DataFrame, codes: dict[str, str]) -> int:
    """The panel under its SKU codes: unique_id, ds, y, in_stock (unknown), price (USD, text)."""
    price = pl.col("price_usd").round(4).cast(pl.Decimal(18, 4)).cast(pl.String)
    sku = pl.col("source").replace_strict(codes, return_dtype=pl.String)
    table = demand.select(
        pl.concat_str(sku, pl.lit("@"), "node").alias("unique_id"),
        "ds",
        "y",
        pl.lit(None, dtype=pl.Boolean).alias("in_stock"),
        price.alias("price"),
    ).sort("unique_id", "ds")
    table.write_parquet(path, compression="zstd", statistics=True)
    return table.height

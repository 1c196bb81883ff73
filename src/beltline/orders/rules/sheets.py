"""Orders from a sheet: rows of one reference are one order, and every bad row says why.

Knows neither the file's format nor the database: takes text by row, gives order bodies.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.orders.types import BULK_MAX, OrderBody

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "reference": (
        "reference",
        "order",
        "order number",
        "po",
        "po number",
        "订单号",
        "参考号",
        "采购单号",
    ),
    "sku": ("sku", "code", "item", "货号", "商品编码", "编码"),
    "quantity": ("quantity", "qty", "units", "数量"),
    "sales_model": ("sales model", "model", "销售模式"),
    "currency": ("currency", "币种"),
    "method": ("payment", "payment method", "method", "付款方式"),
    "name": ("name", "recipient", "ship to", "收件人", "收货人", "姓名"),
    "phone": ("phone", "telephone", "mobile", "电话", "手机"),
    "country": ("country", "country code", "国家"),
    "region": ("region", "state", "province", "省", "州"),
    "city": ("city", "城市", "市"),
    "postcode": ("postcode", "zip", "postal code", "邮编"),
    "line1": ("line1", "address", "street", "address 1", "地址"),
    "line2": ("line2", "address 2", "地址2"),
    "downstream_reference": ("customer", "customer reference", "客户"),
    "note": ("note", "notes", "remark", "备注"),
}
REQUIRED: Final = ("reference", "sku", "quantity", "name", "country")
_LINE: Final = ("sku", "quantity", "sales_model")
_SHIP_TO: Final = ("name", "phone", "country", "region", "city", "postcode", "line1", "line2")


class OrderColumnsMissing(Refusal):
    """A sheet without a column that every order needs."""

    kind, code = Kind.INVALID, "orders.columns_missing"
    title = "Columns are missing"
    detail = "The file has no column for: {missing}. It has: {found}."
    missing: str
    found: str


class TooManyOrders(Refusal):
    """A sheet with more orders than are placed at once."""

    kind, code = Kind.TOO_LARGE, "orders.too_many_orders"
    title = "Too many orders at once"
    detail = "The file has {orders} orders; up to {most} are placed at once. Split the file."
    orders: int
    most: int


class RowProblem(msgspec.Struct, frozen=True):
    """Why a row, and with it its whole order, was not placed."""

    row: int
    reference: str
    detail: str


class SheetOrder(msgspec.Struct, frozen=True):
    """An order and the rows of the file it stands in, as a spreadsheet numbers them."""

    rows: tuple[int, ...]
    body: OrderBody


def columns_of(headers: Sequence[str]) -> dict[str, str]:
    """Which header is which field; refuses when one that is needed is missing."""
    known = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
    known |= {field: field for field in ALIASES}
    found: dict[str, str] = {}
    for header in headers:
        field = known.get(re.sub(r"[\s_\-]+", " ", header.strip().lower())) or known.get(
            header.strip().lower()
        )
        if field is not None:
            found.setdefault(field, header)
    missing = [field for field in REQUIRED if field not in found]
    if missing:
        raise OrderColumnsMissing(missing=", ".join(missing), found=", ".join(headers) or "none")
    return found


def read_orders(
    headers: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str | None]]]
) -> tuple[list[SheetOrder], list[RowProblem]]:
    """The orders of a sheet in order of their first row, and the rows that are not right.

    An order takes address, currency and payment from its first row; one with a bad row is left
    out as a whole.
    """
    columns = columns_of(headers)
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        cells = {field: (row.get(header) or "").strip() for field, header in columns.items()}
        groups.setdefault(cells["reference"], []).append((number, cells))
    if len(groups) > BULK_MAX:
        raise TooManyOrders(orders=len(groups), most=BULK_MAX)
    orders, problems = [], []
    for reference, group in groups.items():
        wrong = [problem for number, cells in group for problem in _problems(number, cells)]
        if not wrong:
            try:
                orders.append(SheetOrder(tuple(n for n, _ in group), _body(group)))
            except msgspec.ValidationError as error:
                wrong = [RowProblem(group[0][0], reference, str(error))]
        problems += wrong
    return orders, problems


def _problems(number: int, cells: Mapping[str, str]) -> list[RowProblem]:
    reference = cells["reference"]
    missing = [field for field in REQUIRED if not cells[field]]
    if missing:
        return [RowProblem(number, reference, f"{', '.join(missing)}: empty")]
    if not re.fullmatch(r"[1-9][0-9]{0,8}(\.0+)?", cells["quantity"]):
        detail = f"quantity: “{cells['quantity'][:40]}” is not a whole number of base units above 0"
        return [RowProblem(number, reference, detail)]
    return []


def _body(group: Sequence[tuple[int, Mapping[str, str]]]) -> OrderBody:
    first = group[0][1]
    lines: list[dict[str, Any]] = [
        {
            "sku": cells["sku"],
            "quantity": int(cells["quantity"].split(".")[0]),
            "sales_model": cells.get("sales_model", "").upper() or None,
        }
        for _, cells in group
    ]
    return msgspec.convert(
        {
            "reference": first["reference"],
            "currency": (first.get("currency") or "USD").upper(),
            "ship_to": {
                field: first.get(field, "").upper() if field == "country" else first.get(field, "")
                for field in _SHIP_TO
            },
            "lines": lines,
            "payment": {"method": (first.get("method") or "BALANCE").upper()},
            "downstream_reference": first.get("downstream_reference", ""),
            "note": first.get("note", ""),
        },
        OrderBody,
    )

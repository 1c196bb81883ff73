"""Edits of many goods at once: a pasted sheet read, compared with what is, and shown before it is.

A blank cell leaves a field as it is; a row left out changes nothing; `-` empties a field that may
be empty. Nothing is kept of a row with a problem.
"""

import csv
import io
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from beltline.catalog.types import Change, EditPlan, EditProblem, NothingToEdit
from beltline.kit.figures import decimal_text
from beltline.kit.texts import N_

ROWS_MAX: Final = 2_000
DROP_WARNED: Final = Decimal("0.3")
"""A price that falls (or rises to its inverse) by more than this is to be looked at twice."""


class Field(msgspec.Struct, frozen=True):
    """A field that can be edited: TEXT, WHOLE or DECIMAL, its bounds, whether it may be empty."""

    kind: str
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(10**9)
    may_be_empty: bool = False


FIELDS: Final[Mapping[str, Field]] = {
    "title": Field("TEXT"),
    "title_zh": Field("TEXT", may_be_empty=True),
    "pack_size": Field("WHOLE", low=Decimal(1)),
    "weight_g": Field("WHOLE", may_be_empty=True),
    "length_mm": Field("WHOLE", may_be_empty=True),
    "width_mm": Field("WHOLE", may_be_empty=True),
    "height_mm": Field("WHOLE", may_be_empty=True),
    "carton_pieces": Field("WHOLE", low=Decimal(1), may_be_empty=True),
    "carton_weight_g": Field("WHOLE", may_be_empty=True),
    "price": Field("DECIMAL", low=Decimal("0.000001")),
    "moq": Field("WHOLE", low=Decimal(1)),
    "lead_time_days": Field("DECIMAL", high=Decimal(1_000), may_be_empty=True),
}
HEADERS: Final[Mapping[str, str]] = {
    **{name: name for name in FIELDS}, "sku": "sku", "code": "sku", "货号": "sku", "编码": "sku",
    "sku编码": "sku", "title (zh)": "title_zh", "english title": "title", "英文标题": "title",
    "标题": "title_zh", "中文标题": "title_zh", "名称": "title_zh", "pack": "pack_size",
    "装箱数": "carton_pieces", "每包": "pack_size", "weight": "weight_g", "重量": "weight_g",
    "重量g": "weight_g", "长": "length_mm", "宽": "width_mm", "高": "height_mm",
    "箱重": "carton_weight_g", "unit price": "price", "价格": "price", "单价": "price",
    "起订量": "moq", "起批量": "moq", "lead time": "lead_time_days", "交期": "lead_time_days",
    "货期": "lead_time_days",
}  # fmt: skip

# Terms of an offer can be edited where there is exactly one to edit.
_NEEDS: Final = {"price": "price", "moq": "moq", "lead_time_days": "moq"}

UNKNOWN_SKU: Final = N_("no SKU of yours")
NOT_USABLE: Final = N_("not a value of this field")
TWICE: Final = N_("this SKU stands on two rows")
NO_OFFER: Final = N_("no single offer of yours to price")
BIG_MOVE: Final = N_("the price moves by more than 30%")


def read_paste(text: str) -> list[dict[str, str]]:
    """The rows of a pasted sheet by field; refuses one without a header that is understood."""
    rows = read_rows(text, HEADERS)
    if not rows or "sku" not in rows[0] or not set(rows[0]) & set(FIELDS):
        raise NothingToEdit
    return rows


def read_rows(text: str, headers: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of a pasted sheet by what `headers` calls its columns; none where it is no sheet.

    Every row has the columns that are understood; cells that are missing are empty.
    """
    text = text.replace("\x00", "").lstrip("\ufeff\r\n ")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not 1 < len(rows) <= ROWS_MAX + 1:
        return []
    header = [headers.get(cell.lower(), "") for cell in rows[0]]
    cells = (itertools.zip_longest(header, row[: len(header)], fillvalue="") for row in rows[1:])
    return [dict(each) for each in cells]


def plan(
    rows: Sequence[Mapping[str, str]], current: Mapping[str, Mapping[str, str | None]]
) -> EditPlan:
    """What rows would change of `current` (SKU -> field -> text); price None: nothing to price."""
    changes: list[Change] = []
    problems: list[EditProblem] = []
    warnings: list[EditProblem] = []
    seen: set[str] = set()
    unchanged = 0
    for number, row in enumerate(rows, start=2):
        sku = row.get("sku", "")
        why = TWICE if sku in seen else "" if sku in current else UNKNOWN_SKU
        seen.add(sku)
        if why:
            problems.append(EditProblem(number, "sku", sku, why))
            continue
        own, wrong = _row(number, sku, row, current[sku])
        problems += wrong
        if not wrong:
            changes += own
            unchanged += not own
            warnings += [w for change in own if (w := _warning(number, change))]
    return EditPlan(changes, problems, warnings, unchanged)


def _row(
    number: int, sku: str, row: Mapping[str, str], current: Mapping[str, str | None]
) -> tuple[list[Change], list[EditProblem]]:
    changes, problems = [], []
    for name, field in FIELDS.items():
        cell = row.get(name, "")
        if not cell:
            continue
        value = value_of(field, cell)
        if value is None or (value == "" and not field.may_be_empty):
            problems.append(EditProblem(number, name, cell, NOT_USABLE))
        elif name in _NEEDS and current.get(_NEEDS[name]) is None:
            problems.append(EditProblem(number, name, cell, NO_OFFER))
        elif (value or None) != (current.get(name) or None):
            changes.append(Change(sku, name, current.get(name), value or None))
    return changes, problems


def value_of(field: Field, cell: str) -> str | None:
    """A cell as the text it is kept as; "" empties, None cannot be kept."""
    if cell in ("-", "–"):
        return ""
    if field.kind == "TEXT":
        return cell if len(cell) <= 400 else None
    try:
        number = Decimal(cell.replace(",", "").removeprefix("¥").removeprefix("￥"))
    except InvalidOperation:
        return None
    if not number.is_finite() or not field.low <= number <= field.high:
        return None
    if number != round(number, 0 if field.kind == "WHOLE" else 6):
        return None
    return decimal_text(number)


def _warning(number: int, change: Change) -> EditProblem | None:
    if change.field != "price" or change.before is None or change.after is None:
        return None
    ratio = Decimal(change.after) / Decimal(change.before)
    if 1 - DROP_WARNED <= ratio <= 1 / (1 - DROP_WARNED):
        return None
    return EditProblem(number, "price", f"{change.before} → {change.after}", BIG_MOVE)


def reversed_changes(changes: Sequence[Change]) -> list[Change]:
    """What takes changes back, the last first."""
    return [Change(c.sku, c.field, c.after, c.before) for c in reversed(changes)]

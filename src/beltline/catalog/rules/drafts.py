"""New goods as their supplier tells of them: a form or a pasted sheet read, and what it changes.

A blank cell of goods told of before leaves a field as it is, `-` empties one that may be empty.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final

from beltline.catalog.rules.edits import HEADERS as EDITS
from beltline.catalog.rules.edits import NOT_USABLE, TWICE, Field, read_rows, value_of
from beltline.catalog.types import (
    Change,
    DraftPlan,
    DraftRow,
    DraftUnusable,
    EditProblem,
    NothingTold,
)
from beltline.kit.texts import N_

FIELDS: Final[Mapping[str, Field]] = {
    "title_zh": Field("TEXT", may_be_empty=True),
    "title": Field("TEXT", may_be_empty=True),
    "category": Field("TEXT", may_be_empty=True),
    "price": Field("DECIMAL", low=Decimal("0.000001")),
    "moq": Field("WHOLE", low=Decimal(1)),
    "lead_time_days": Field("DECIMAL", high=Decimal(1_000), may_be_empty=True),
    "weight_g": Field("WHOLE", may_be_empty=True),
    "pack_size": Field("WHOLE", low=Decimal(1)),
}
HEADERS: Final[Mapping[str, str]] = {
    **EDITS, "category": "category", "类目": "category", "品类": "category", "分类": "category",
    "name": "title_zh", "品名": "title_zh", "产品名称": "title_zh", "商品名称": "title_zh",
    "number": "sku", "款号": "sku", "产品编号": "sku", "出厂价": "price", "供货价": "price",
    "最小起订量": "moq", "克重": "weight_g", "交货期": "lead_time_days",
}  # fmt: skip
CODE_MAX: Final = 60

NOT_A_CODE: Final = N_("no number: at most 60 letters and digits, no blanks, no @")
NO_NAME: Final = N_("a name is missing")
NO_PRICE: Final = N_("a price is missing")
APPROVED: Final = N_("in the catalog already; change it under “Edit goods”")


def read_sheet(text: str) -> list[dict[str, str]]:
    """The rows of a pasted sheet of goods; refuses one without a header that is understood."""
    rows = read_rows(text, HEADERS)
    if not rows or "sku" not in rows[0] or not {"title", "title_zh", "price"} & set(rows[0]):
        raise NothingTold(param="text")
    return rows


def read_row(sent: Mapping[str, str]) -> dict[str, str]:
    """A row without blanks around its cells; refuses a column that goods do not have."""
    for column, value in sent.items():
        if column != "sku" and column not in FIELDS:
            raise DraftUnusable(field=column[:60], value=value[:60], param="rows")
    return {column: value.strip() for column, value in sent.items()}


def read_price(text: str) -> Decimal | None:
    """What buyers pay a unit, as it is written; None where nothing is."""
    if not text:
        return None
    # Who writes a sign may mean another currency than the one that is chosen.
    value = None if text.startswith(("¥", "￥")) else value_of(FIELDS["price"], text)
    if not value:
        raise DraftUnusable(field="price", value=text[:60], param="price")
    return Decimal(value)


def plan(
    rows: Sequence[Mapping[str, str]], current: Mapping[str, Mapping[str, str | None]],
    approved: Collection[str],
) -> DraftPlan:  # fmt: skip
    """What rows would add to and change of `current` (own number -> field -> text)."""
    kept: list[DraftRow] = []
    changes: list[Change] = []
    problems: list[EditProblem] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        code = row.get("sku", "")
        why = _wrong_code(code, seen, approved)
        seen.add(code)
        if why:
            problems.append(EditProblem(number, "sku", code, why))
            continue
        before = current.get(code)
        fields, wrong = _fields(number, row, before or {})
        problems += wrong
        own = [] if wrong else _changes(code, before or {}, fields)
        if own:
            kept.append(DraftRow(code, before is None, fields))
            changes += own
    unchanged = len(rows) - len(kept) - len({problem.row for problem in problems})
    return DraftPlan(kept, changes, problems, unchanged)


def _wrong_code(code: str, seen: Collection[str], approved: Collection[str]) -> str:
    if not 1 <= len(code) <= CODE_MAX or "@" in code or any(letter.isspace() for letter in code):
        return NOT_A_CODE
    if code in seen:
        return TWICE
    return APPROVED if code in approved else ""


def _fields(
    number: int, row: Mapping[str, str], before: Mapping[str, str | None]
) -> tuple[dict[str, str | None], list[EditProblem]]:
    """All fields of goods after a row, and what of the row cannot be kept."""
    fields = {name: before.get(name) for name in FIELDS}
    problems = []
    for name, field in FIELDS.items():
        cell = row.get(name, "")
        value = value_of(field, cell) if cell else None
        if cell and (value is None or (value == "" and not field.may_be_empty)):
            problems.append(EditProblem(number, name, cell, NOT_USABLE))
        elif cell:
            fields[name] = value or None
    bad = {problem.column for problem in problems}
    if not fields["title_zh"] and not fields["title"] and not bad & {"title", "title_zh"}:
        problems.append(EditProblem(number, "title_zh", "", NO_NAME))
    if not fields["price"] and "price" not in bad:
        problems.append(EditProblem(number, "price", "", NO_PRICE))
    return fields, problems


def _changes(
    code: str, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> list[Change]:
    return [
        Change(code, name, before.get(name), after[name])
        for name in FIELDS
        if (before.get(name) or None) != after[name]
    ]

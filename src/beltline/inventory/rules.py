"""Pure decisions about stock."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from beltline.accounts.types import UnknownOrganization
from beltline.catalog.types import UnknownSku
from beltline.inventory.types import NotYourStock, StaleVersion, StockItem, StockOutcome
from beltline.inventory.types.counts import (
    CountColumnsMissing,
    CountedHere,
    CountEntry,
    CountIsBlind,
    CountProblem,
    CountState,
    StockCount,
)
from beltline.kit.errors import Refusal
from beltline.kit.uom import Uom
from beltline.kit.uom import read_quantity as read_sold
from beltline.trade.types import UnknownNode

COUNT_LINES_MAX: Final = 5_000
"""Lines of one count."""
_COUNT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": ("sku", "code", "item", "货号", "商品编码", "编码"),
    "counted": ("counted", "count", "quantity", "qty", "units", "实盘", "实盘数", "实盘数量",
                "盘点数", "盘点数量", "数量"),
    "owner": ("owner", "货主", "所有者"),
}  # fmt: skip


def refusal_of(outcome: StockOutcome, index: int) -> Refusal | None:
    """Why an item was not taken; None when it was, or had been already."""
    at = f"items[{index}]"
    place = {"sku": outcome.sku, "node": outcome.node}
    match outcome.outcome:
        case "SET" | "UNCHANGED":
            return None
        case "STALE":
            return StaleVersion(param=f"{at}.version", kept=outcome.version, **place)
        case "COUNTED":
            return CountedHere(param=f"{at}.node", **place)
        case "NOT_YOURS":
            return NotYourStock(param=f"{at}.node", **place)
        case _:
            return _unknown(outcome, at)


def _unknown(outcome: StockOutcome, at: str) -> Refusal:
    if outcome.outcome == "UNKNOWN_SKU":
        return UnknownSku(param=f"{at}.sku", sku=outcome.sku)
    if outcome.outcome == "UNKNOWN_NODE":
        return UnknownNode(param=f"{at}.node", node=outcome.node)
    return UnknownOrganization(param=f"{at}.owner", org=outcome.owner)


def read_quantity(text: str, kind: str) -> int | None:
    """Units as a person writes them (`-3`, `+1,200`); None for what this kind cannot have."""
    plain = text.replace(",", "").replace("−", "-").replace(" ", "")
    digits = plain.lstrip("+-")
    if len(plain) - len(digits) > 1 or not (digits.isascii() and digits.isdigit()):
        return None
    quantity = int(digits[:16]) * (-1 if plain.startswith("-") else 1)
    return None if quantity == 0 or (quantity < 0 and kind != "ADJUST") else quantity


def duplicate_of(items: Sequence[StockItem]) -> int | None:
    """The index of the first item that names stock an earlier one named; None without one."""
    seen = set()
    for index, item in enumerate(items):
        key = (item.sku, item.node, item.owner)
        if key in seen:
            return index
        seen.add(key)
    return None


def sees_books(count: StockCount, role: str) -> bool:
    """Whether somebody sees what the books say of a count's lines."""
    return not count.is_blind or count.state != CountState.OPEN or role in {"ADMIN", "PLANNER"}


def check_reviewer(count: StockCount, role: str) -> None:
    """Refuse whoever counts blind to decide the differences."""
    if not sees_books(count, role):
        raise CountIsBlind(number=count.number)


def read_found(text: str, uom: str) -> int | None:
    """What was found, written in the unit of sale, in base units; none is 0, None no number."""
    plain = text.strip().replace(",", "")
    if re.fullmatch(r"0+(\.0*)?", plain, re.ASCII):
        return 0
    return read_sold(plain, Uom(uom)) if plain.isascii() else None


def read_count_sheet(
    headers: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str | None]]]
) -> tuple[dict[int, CountEntry], list[CountProblem]]:
    """The entries of a file by row, in base units, and the rows that are not right.

    A row without a figure was not counted and says nothing. Of a SKU and owner named twice neither
    row is taken: nobody knows whether they add up.
    """
    columns = _count_columns(headers)
    entries: dict[int, CountEntry] = {}
    problems = []
    places: dict[tuple[str, str], list[int]] = {}
    for number, row in rows:
        cell = {field: (row.get(header) or "").strip() for field, header in columns.items()}
        if not cell["counted"]:
            continue
        plain = cell["counted"].replace(",", "")
        if not cell["sku"]:
            problems.append(CountProblem(number, "", "EMPTY"))
        elif not re.fullmatch(r"[0-9]{1,15}(\.0+)?", plain, re.ASCII):
            problems.append(CountProblem(number, cell["sku"], "NOT_UNITS"))
        else:
            owner = cell.get("owner", "")
            places.setdefault((cell["sku"], owner), []).append(number)
            counted = int(plain.split(".")[0])
            entries[number] = CountEntry(cell["sku"], counted, owner or None)
    for (sku, _), numbers in places.items():
        for number in numbers if len(numbers) > 1 else ():
            del entries[number]
            problems.append(CountProblem(number, sku, "TWICE"))
    return entries, problems


def _count_columns(headers: Sequence[str]) -> dict[str, str]:
    known = {alias: field for field, aliases in _COUNT_COLUMNS.items() for alias in aliases}
    found: dict[str, str] = {}
    for header in headers:
        if field := known.get(re.sub(r"[\s_\-]+", " ", header.strip().lower())):
            found.setdefault(field, header)
    missing = [field for field in ("sku", "counted") if field not in found]
    if missing:
        raise CountColumnsMissing(missing=", ".join(missing), found=", ".join(headers) or "none")
    return found

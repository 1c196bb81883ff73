"""Pure decisions about stock."""

from collections.abc import Sequence

from beltline.accounts.types import UnknownOrganization
from beltline.catalog.types import UnknownSku
from beltline.inventory.types import (
    CountedHere,
    NotYourStock,
    StaleVersion,
    StockItem,
    StockOutcome,
)
from beltline.kit.errors import Refusal
from beltline.trade.types import UnknownNode


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

"""What the pages of search read from addresses and show of offers."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from litestar.params import Parameter

from beltline.kit.web.i18n import N_
from beltline.search.types import Wishes

Short = Annotated[str, Parameter(max_length=20)]
AVAILABILITY: Final = {
    "SPOT": N_("In stock"), "MADE_TO_ORDER": N_("Made to order"), "PRESALE": N_("Presale"),
}  # fmt: skip


def wishes_of(fields: Mapping[str, str]) -> Wishes:
    """The wishes that the fields of a search say; what is none of them is left out."""
    return Wishes(
        quantity=whole(fields.get("quantity", "")) or 1, price_max=amount(fields.get("price", "")),
        moq_max=whole(fields.get("moq", "")), availability=fields.get("availability") or None,
        category=fields.get("category") or None, supplier=fields.get("supplier") or None,
        belt=fields.get("belt") or None, tier=fields.get("tier") or None,
    )  # fmt: skip


def whole(text: str) -> int | None:
    """A number from 1 on, commas between its digits or not; None for anything else."""
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) > 0 else None


def amount(text: str) -> Decimal | None:
    """An amount from 0 on; None for anything else."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None

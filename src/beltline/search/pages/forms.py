"""What the pages of search read from addresses and show of offers."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from litestar.params import Parameter

from beltline.kit.web.i18n import N_

Short = Annotated[str, Parameter(max_length=20)]
AVAILABILITY: Final = {
    "SPOT": N_("In stock"), "MADE_TO_ORDER": N_("Made to order"), "PRESALE": N_("Presale"),
}  # fmt: skip


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

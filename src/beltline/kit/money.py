"""Money: integers in minor units with a currency, rounded half-even, once, at the line."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.uom import Uom, in_uom

# ISO 4217 minor units that differ from two; the rest of the list has two.
_MINOR_DIGITS: Final = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


class CurrencyMismatch(Refusal):
    """Two amounts of different currencies met where only one can stand."""

    kind, code = Kind.CONFLICT, "kit.currency_mismatch"
    title = "Different currencies"
    detail = "{left} and {right} cannot be added; convert one at a dated rate first."
    left: str
    right: str


class Money(msgspec.Struct, frozen=True):
    """An exact amount: `amount` in minor units of the ISO 4217 `currency`."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)


def minor_digits(currency: str) -> int:
    """How many decimal digits the currency's minor unit has."""
    return _MINOR_DIGITS.get(currency, 2)


def to_minor(value: Decimal, currency: str) -> int:
    """A decimal amount in major units as minor units, rounded half-even once."""
    scaled = value.scaleb(minor_digits(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def to_major(amount: int, currency: str) -> Decimal:
    """Minor units as a decimal in major units, exact."""
    return Decimal(amount).scaleb(-minor_digits(currency))


def line_amount(unit_price: Decimal, quantity: int, uom: str, currency: str) -> int:
    """What `quantity` base units cost in minor units at a price per uom, rounded half-even once.

    SQL's `kit.line_amount` says the same.
    """
    return to_minor(unit_price * in_uom(quantity, Uom(uom)), currency)


def split(amount: int, weights: list[int]) -> list[int]:
    """Divide `amount` in proportion to `weights`, to the last minor unit (largest remainder)."""
    total = sum(weights)
    if total <= 0:
        raise ValueError("weights must have a positive sum")
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def percent_of(amount: int | Decimal, percent: Decimal) -> int:
    """A percentage of an amount in minor units, rounded half-even once."""
    return int((amount * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))

"""Units of measure: every quantity in the system is an integer of a base unit."""

import enum
from decimal import Decimal, InvalidOperation

import msgspec

from beltline.kit.figures import decimal_text


class Uom(enum.StrEnum):
    """The unit goods are sold in. The base unit is what quantities count."""

    PIECE = "PIECE"
    SET = "SET"
    PAIR = "PAIR"
    METRE = "METRE"
    KILOGRAM = "KILOGRAM"


class BaseUnit(msgspec.Struct, frozen=True):
    """`per_uom` base units of `symbol` make one unit of sale: 1 m = 1,000 mm."""

    symbol: str
    per_uom: int


_BASE = {
    Uom.PIECE: BaseUnit("pc", 1),
    Uom.SET: BaseUnit("set", 1),
    Uom.PAIR: BaseUnit("pr", 1),
    Uom.METRE: BaseUnit("mm", 1_000),
    Uom.KILOGRAM: BaseUnit("g", 1_000),
}


def base_unit(uom: Uom) -> BaseUnit:
    """The integer unit in which quantities of `uom` are counted."""
    return _BASE[uom]


def in_uom(quantity: int, uom: Uom) -> Decimal:
    """A quantity of base units as a decimal in the unit of sale, exact."""
    return Decimal(quantity) / base_unit(uom).per_uom


def read_quantity(text: str, uom: Uom) -> int | None:
    """A quantity typed in the unit of sale as base units; None unless positive and whole."""
    try:
        units = Decimal(text.strip().replace(",", "")) * base_unit(uom).per_uom
    except InvalidOperation:
        return None
    is_whole = units.is_finite() and 0 < units < 10**15 and units == units.to_integral()
    return int(units) if is_whole else None


def show_quantity(quantity: int, uom: Uom) -> str:
    """Base units as `read_quantity` reads them: `1.25` for 1,250 mm."""
    return decimal_text(in_uom(quantity, uom))

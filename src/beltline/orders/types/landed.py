"""What the landed cost of a preview is worked out from."""

from decimal import Decimal

import msgspec

from beltline.trade.types import Tariff
from beltline.trade.types.dated import Lack, TaxRate, ValuationRule


class Cost(msgspec.Struct, frozen=True):
    """A part of what the goods cost until they have arrived; null where it is not known.

    `base` is what duty and VAT are of; `lacks` says what is missing for the amount: RULE (of
    valuation), FREIGHT, RATE or DUTY.
    """

    kind: str
    amount: int | None
    source: str
    base: int | None = None
    lacks: list[Lack] = []


class LandedPart(msgspec.Struct, frozen=True):
    """Base units of a line (the first is 1) that leave from a node."""

    line: int
    quantity: int


class LandedWay(msgspec.Struct, frozen=True):
    """What leaves from one node, whether it is imported at its destination, and the rate cards."""

    node: str
    is_import: bool
    parts: list[LandedPart]
    tariffs: list[Tariff]


class LandedGoods(msgspec.Struct, frozen=True):
    """A line: minor units, grams and millimeters of a unit of sale, and the rates of the day."""

    sku: str
    uom: str
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    amount: int
    duty: TaxRate | None
    vat: TaxRate | None


class LandedFacts(msgspec.Struct, frozen=True):
    """Everything that an order's landed cost rests on.

    `rates` are what one unit of a card's currency is in that of the order; None without a rate.
    """

    rule: ValuationRule | None
    ways: list[LandedWay]
    goods: list[LandedGoods]
    rates: dict[str, Decimal | None]

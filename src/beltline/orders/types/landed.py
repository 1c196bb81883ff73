"""What the landed cost of a preview is worked out from."""

from decimal import Decimal

import msgspec

from beltline.trade.types import Tariff
from beltline.trade.types.dated import Lack, LowValueRule, TaxRate, ValuationRule


class Cost(msgspec.Struct, frozen=True):
    """A part of what the goods cost until they have arrived; null where it is not known.

    `base` is what duty and VAT are of; `lacks` says what is missing for the amount: RULE (of
    valuation), FREIGHT, RATE, DUTY, CODE (of the tariff) or EXCHANGE (rate). Of a
    tax that `is_with_sale` some is due when the goods are sold on, and no part of the amount.
    """

    kind: str
    amount: int | None
    source: str
    base: int | None = None
    lacks: list[Lack] = []
    is_with_sale: bool = False


class LandedPart(msgspec.Struct, frozen=True):
    """Base units of a line (the first is 1) that leave from a node.

    `scheme` is the destination's that they come in under, up to a worth in major units.
    """

    line: int
    quantity: int
    scheme: str = ""
    scheme_value_max: Decimal | None = None
    scheme_currency: str = ""


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
    hs_code: str
    duty: TaxRate | None
    vat: TaxRate | None


class LandedFacts(msgspec.Struct, frozen=True):
    """Everything that an order's landed cost rests on.

    `rates` are what one unit of another currency is in `currency`, that of the order; None without
    a rate. `low_values` are the destination's rules for consignments of little worth.
    """

    rule: ValuationRule | None
    ways: list[LandedWay]
    goods: list[LandedGoods]
    rates: dict[str, Decimal | None]
    currency: str
    low_values: list[LowValueRule]

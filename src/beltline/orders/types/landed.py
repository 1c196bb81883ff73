"""What the landed cost of a preview is worked out from."""

import datetime as dt
import enum
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Self

import msgspec

from beltline.kit.figures import sum_known
from beltline.trade.types import Tariff
from beltline.trade.types.dated import Lack, LowValueRule, TaxRate, ValuationRule


class CostKind(enum.StrEnum):
    """What a part of the landed cost is for, in the order they are told."""

    GOODS = "GOODS"
    TRUNK_AND_LAST_MILE = "TRUNK_AND_LAST_MILE"
    DUTY = "DUTY"
    IMPORT_VAT = "IMPORT_VAT"


class Cost(msgspec.Struct, frozen=True):
    """A part of what the goods cost until they have arrived; null where it is not known.

    `base` is what duty and VAT are of; `lacks` says what is missing for the amount: RULE (of
    valuation), FREIGHT, RATE, DUTY, CODE (of the tariff) or EXCHANGE (rate). Of a
    tax that `is_with_sale` some is due when the goods are sold on, and no part of the amount.
    """

    kind: CostKind
    amount: int | None
    source: str
    base: int | None = None
    lacks: list[Lack] = []
    is_with_sale: bool = False

    @classmethod
    def sum(cls, kind: CostKind, costs: Sequence[Self], *, otherwise: str = "") -> Self:
        """Costs as one; what is not known of one is not known of all. `otherwise` is its source."""
        sources = sorted({cost.source for cost in costs} - {""})
        return cls(
            kind, sum_known(cost.amount for cost in costs), ", ".join(sources) or otherwise,
            base=sum_known(cost.base for cost in costs),
            lacks=sorted({lack for cost in costs for lack in cost.lacks}),
            is_with_sale=any(cost.is_with_sale for cost in costs),
        )  # fmt: skip


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


class LandedOrder(msgspec.Struct, frozen=True):
    """A state of an order, what its goods come to, and the facts of its landed cost as JSON."""

    version: int
    currency: str
    total: int
    landed: dict[str, Any]


class DeclaredCost(msgspec.Struct, frozen=True):
    """What base units of an order, by its number, were declared to cost."""

    order: str
    units: int
    costs: list[Cost]


class LandedCost(msgspec.Struct, frozen=True):
    """What an order's goods cost until they have arrived: as shown when it was placed, and since.

    Amounts are in minor units of `currency`. `declared` is empty until something of the order is
    declared to customs; it `is_whole` once all that is ordered is.
    """

    currency: str
    shown: list[Cost]
    declared: list[Cost]
    is_whole: bool
    declared_at: dt.datetime | None

"""What goods cost until they have arrived: freight, and duty and VAT on import; pure."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from beltline.kit.figures import sum_known
from beltline.kit.money import split
from beltline.kit.uom import Uom, in_uom
from beltline.orders.types.landed import (
    Cost,
    LandedFacts,
    LandedGoods,
    LandedPart,
    LandedWay,
)
from beltline.trade.types import BoxSize
from beltline.trade.types.dated import CustomsValue, ImportTax, Lack


def landed_costs(facts: LandedFacts, freights: Sequence[int | None], total: int) -> list[Cost]:
    """The parts of the landed cost of goods worth `total`, in minor units of the order.

    `freights` are what carrying the goods of each way costs, None where nobody knows. Amounts and
    freight are divided to the last minor unit: a line's by the units that leave from each node, a
    node's freight by weight. What is not known makes its sum unknown, and says why.
    """
    taxes = list(_taxes(facts, freights))
    return [
        Cost("GOODS", total, "offer"),
        _freight_cost(freights),
        _tax_cost("DUTY", [duty for duty, _ in taxes]),
        _tax_cost("IMPORT_VAT", [vat for _, vat in taxes]),
    ]


def size_of(way: LandedWay, goods: Sequence[LandedGoods]) -> BoxSize | None:
    """How large the goods of a way are together; None where a weight or side is not known.

    Goods are taken to fill their boxes: their volume is the sum of theirs.
    """
    weight = volume = longest = 0
    for part in way.parts:
        of = goods[part.line - 1]
        sides = (of.length_mm, of.width_mm, of.height_mm)
        known = [side for side in sides if side]
        if not of.weight_g or len(known) < len(sides):
            return None
        units = _units(part, of)
        weight += of.weight_g * units
        volume += math.prod(known) * units
        longest = max(longest, *known)
    return BoxSize(weight, volume, longest)


def _units(part: LandedPart, goods: LandedGoods) -> int:
    """Units of sale, begun ones whole."""
    return math.ceil(in_uom(part.quantity, Uom(goods.uom)))


class _Share(msgspec.Struct, frozen=True):
    """Goods of a line that leave from one node, with their part of its freight."""

    goods: LandedGoods
    amount: int
    freight: int | None


def _shares(facts: LandedFacts, freights: Sequence[int | None]) -> Iterable[_Share]:
    """What is imported of each line and way."""
    amounts: dict[tuple[int, int], int] = {}
    for number, goods in enumerate(facts.goods, 1):
        parts = [
            (position, part.quantity)
            for position, way in enumerate(facts.ways)
            for part in way.parts
            if part.line == number
        ]
        divided = split(goods.amount, [quantity for _, quantity in parts])
        for (position, _), amount in zip(parts, divided, strict=True):
            amounts[number, position] = amounts.get((number, position), 0) + amount
    for position, (way, freight) in enumerate(zip(facts.ways, freights, strict=True)):
        if not way.is_import:
            continue
        weights: dict[int, int] = {}
        for part in way.parts:
            of = facts.goods[part.line - 1]
            weights[part.line] = weights.get(part.line, 0) + (of.weight_g or 0) * _units(part, of)
        parted = None if freight is None else split(freight, list(weights.values()))
        for place, line in enumerate(weights):
            yield _Share(
                facts.goods[line - 1], amounts[line, position], parted[place] if parted else None
            )


def _taxes(
    facts: LandedFacts, freights: Sequence[int | None]
) -> Iterable[tuple[ImportTax, ImportTax]]:
    for share in _shares(facts, freights):
        value = CustomsValue.of(
            share.amount, freight=share.freight, insurance=None, rule=facts.rule
        )
        duty, vat = ImportTax.on_import(value, share.goods.duty, share.goods.vat)
        yield duty, vat


def _freight_cost(freights: Sequence[int | None]) -> Cost:
    amount = sum_known(freights)
    if amount is None:
        return Cost("TRUNK_AND_LAST_MILE", None, "no rate card", lacks=[Lack.FREIGHT])
    return Cost("TRUNK_AND_LAST_MILE", amount, "rate card")


def _tax_cost(kind: str, taxes: Sequence[ImportTax]) -> Cost:
    if not taxes:
        return Cost(kind, 0, "nothing is imported", base=0)
    sources = sorted({tax.source for tax in taxes} - {""})
    lacks = sorted({lack for tax in taxes for lack in tax.lacks})
    return Cost(
        kind, sum_known(tax.amount for tax in taxes), ", ".join(sources) or "destination customs",
        base=sum_known(tax.base for tax in taxes), lacks=lacks,
    )  # fmt: skip

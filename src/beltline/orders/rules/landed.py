"""What goods cost until they have arrived: freight, and duty and VAT on import; pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from beltline.kit.figures import sum_known
from beltline.kit.money import split
from beltline.kit.uom import Uom, in_uom
from beltline.orders.types.landed import (
    Cost,
    CostKind,
    LandedFacts,
    LandedGoods,
    LandedPart,
    LandedWay,
)
from beltline.trade.types import BoxSize
from beltline.trade.types.dated import CustomsValue, ImportTax, Lack, Relief, worth_of


def landed_costs(facts: LandedFacts, freights: Sequence[int | None], total: int) -> list[Cost]:
    """The parts of the landed cost of goods worth `total`, in minor units of the order.

    `freights` are what carrying the goods of each way costs, None where nobody knows. Amounts and
    freight are divided to the last minor unit: a line's by the units that leave from each node, a
    node's freight by weight. What is not known makes its sum unknown, and says why.
    """
    taxes = list(_taxes(facts, freights))
    return [
        Cost(CostKind.GOODS, total, "offer"),
        _freight_cost(freights),
        _tax_cost(CostKind.DUTY, [duty for duty, _ in taxes]),
        _tax_cost(CostKind.IMPORT_VAT, [vat for _, vat in taxes]),
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
    part: LandedPart
    amount: int
    freight: int | None


def _consignments(facts: LandedFacts, freights: Sequence[int | None]) -> Iterable[list[_Share]]:
    """What is imported, as a consignment for each way it goes."""
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
        part_of = {part.line: part for part in way.parts}
        for part in way.parts:
            of = facts.goods[part.line - 1]
            weights[part.line] = weights.get(part.line, 0) + (of.weight_g or 0) * _units(part, of)
        parted = None if freight is None else split(freight, list(weights.values()))
        yield [
            _Share(
                facts.goods[line - 1], part_of[line], amounts[line, position],
                parted[place] if parted else None,
            )
            for place, line in enumerate(weights)
        ]  # fmt: skip


def _taxes(
    facts: LandedFacts, freights: Sequence[int | None]
) -> Iterable[tuple[ImportTax, ImportTax]]:
    for shares in _consignments(facts, freights):
        worths = _worths(facts, shares)
        schemes = [_scheme(share.part, worths) for share in shares]
        reliefs = {each: Relief.of(facts.low_values, worths, each) for each in set(schemes)}
        lines = [(share.goods.hs_code, share.amount) for share in shares]
        fixed = {
            scheme: relief.fixed_of(lines, facts.currency, facts.rates)
            for scheme, relief in reliefs.items()
        }
        for place, (share, scheme) in enumerate(zip(shares, schemes, strict=True)):
            value = CustomsValue.of(
                share.amount, freight=share.freight, insurance=None, rule=facts.rule
            )
            duty, vat = ImportTax.on_import(
                value, share.goods.duty, share.goods.vat, reliefs[scheme],
                fixed=fixed[scheme][place],
            )  # fmt: skip
            yield duty, vat


def _scheme(part: LandedPart, worths: Mapping[str, Decimal | None]) -> str:
    """The scheme of goods, as long as their consignment is not known to be worth more."""
    if part.scheme_value_max is None:
        return part.scheme
    worth = worths[part.scheme_currency]
    return part.scheme if worth is None or worth <= part.scheme_value_max else ""


def _worths(facts: LandedFacts, shares: Sequence[_Share]) -> dict[str, Decimal | None]:
    """What a consignment is worth in the currencies that limits are in."""
    limits = {rule.currency for rule in facts.low_values}
    limits |= {share.part.scheme_currency for share in shares} - {""}
    return {currency: _worth(facts, shares, currency) for currency in limits}


def _worth(facts: LandedFacts, shares: Sequence[_Share], currency: str) -> Decimal | None:
    rate = Decimal(1) if currency == facts.currency else facts.rates.get(currency)
    amount = sum(share.amount for share in shares)
    return worth_of(amount, facts.currency, None if not rate else 1 / rate)


def _freight_cost(freights: Sequence[int | None]) -> Cost:
    amount = sum_known(freights)
    if amount is None:
        return Cost(CostKind.TRUNK_AND_LAST_MILE, None, "no rate card", lacks=[Lack.FREIGHT])
    return Cost(CostKind.TRUNK_AND_LAST_MILE, amount, "rate card")


def _tax_cost(kind: CostKind, taxes: Sequence[ImportTax]) -> Cost:
    if not taxes:
        return Cost(kind, 0, "nothing is imported", base=0)
    found = [
        Cost(kind, tax.amount, tax.source, tax.base, tax.lacks, tax.is_with_sale) for tax in taxes
    ]  # fmt: skip
    return Cost.sum(kind, found, otherwise="destination customs")

"""Which pieces go into which carton, by what a service asks for parcels; pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from beltline.catalog.types import Sku
from beltline.fulfillment.types.journeys import Journey
from beltline.fulfillment.types.packing import (
    CartonTooWeak,
    MadeParcel,
    PackingChanged,
    PackUnit,
    UnknownCarton,
)
from beltline.kit.money import to_minor
from beltline.kit.uom import Uom, base_unit, in_uom
from beltline.science import boxes
from beltline.trade.types import Carton, RateBreak, RateCard

PIECES_MAX: Final = 200
"""Up to how many pieces a packing is proposed; more would keep the packer waiting."""
_NO_DIVISOR: Final = 10**12
_NO_LIMIT_G: Final = 10**9
_FEWEST: Final = boxes.Rate(1, 1, 0, 1, 10**9, _NO_LIMIT_G)
"""Without a rate card a parcel more is worse than any larger carton."""


def unsized(skus: Iterable[Sku]) -> list[str]:
    """The codes of goods whose weight or sides nobody entered, in order."""
    return sorted(
        sku.code
        for sku in skus
        if not (sku.weight_g and sku.length_mm and sku.width_mm and sku.height_mm)
    )


def pieces(goods: Sequence[Journey], skus: Mapping[str, Sku]) -> list[boxes.Item]:
    """The pieces of some goods: what is measured out counts by begun units of sale.

    A cargo class with the word FRAGILE (`FRAGILE`, `LIQUID_FRAGILE`) makes them fragile.
    """
    found = []
    for journey in goods:
        sku = skus[journey.sku]
        piece = boxes.Item(
            journey.id.hex, sku.weight_g or 0, sku.length_mm or 0, sku.width_mm or 0,
            sku.height_mm or 0, is_fragile="FRAGILE" in sku.cargo_class.split("_"),
        )  # fmt: skip
        found += [piece] * count(journey)
    return found


def count(journey: Journey) -> int:
    """How many pieces a journey's goods are."""
    return math.ceil(in_uom(journey.moving, Uom(journey.uom)))


def lines_of(packed: Sequence[boxes.Parcel], goods: Sequence[Journey]) -> list[list[PackUnit]]:
    """The base units of each journey in each parcel; the last piece may be a part of one."""
    left = {journey.id.hex: journey.moving for journey in goods}
    by_key = {journey.id.hex: journey for journey in goods}
    found = []
    for parcel in packed:
        lines = []
        for key, n in sorted(Counter(item.key for item in parcel.items).items()):
            journey = by_key[key]
            units = min(n * base_unit(Uom(journey.uom)).per_uom, left[key])
            left[key] -= units
            lines.append(PackUnit(journey.id, units))
        found.append(lines)
    return found


def sizes(
    cartons: Sequence[Carton], card: RateCard | None, rates: Mapping[str, Decimal]
) -> list[boxes.Box]:
    """The cartons a card takes, priced in its currency; `rates` give one unit of others in it.

    A price in a currency without a rate cannot be compared and counts as none.
    """
    longest = card.length_mm_max if card is not None else None
    return [
        boxes.Box(
            c.code, c.length_mm, c.width_mm, c.height_mm, c.tare_g, c.load_g_max,
            0 if card is None else price_of(c, card.currency, rates),
        )
        for c in cartons
        if longest is None or max(c.length_mm, c.width_mm, c.height_mm) <= longest
    ]  # fmt: skip


def price_of(carton: Carton, currency: str, rates: Mapping[str, Decimal]) -> int:
    """What a carton costs, in minor units of a currency."""
    return to_minor(carton.cost * rates.get(carton.currency, Decimal(0)), currency)


def rates_of(card: RateCard, breaks: Sequence[RateBreak], weight_g: int) -> list[boxes.Rate]:
    """A card as straight lines: by its lightest break, and by that of all the goods together."""
    fitting = [b for b in breaks if b.weight_from_g <= weight_g]
    fuel = 1 + card.fuel_percent / 100
    return list(dict.fromkeys(
        boxes.Rate(
            card.divisor or _NO_DIVISOR, card.step_g, card.minimum_g,
            to_minor(b.per_kg * fuel, card.currency),
            to_minor(b.per_parcel * fuel + card.surcharge, card.currency),
            card.weight_g_max or _NO_LIMIT_G,
        )
        for b in (*fitting[:1], *fitting[-1:])
    ))  # fmt: skip


def fewest() -> list[boxes.Rate]:
    """The line by which the fewest and then the smallest parcels are best."""
    return [_FEWEST]


def load_g(
    lines: Sequence[PackUnit], goods: Mapping[str, Journey], skus: Mapping[str, Sku]
) -> int | None:
    """What some units weigh; None where a weight is unknown."""
    total = Decimal(0)
    for line in lines:
        journey = goods[line.journey_id.hex]
        sku = skus.get(journey.sku)
        if sku is None or not sku.weight_g:
            return None
        total += sku.weight_g * in_uom(line.units, Uom(journey.uom))
    return round(total)


def carton_of(parcel: MadeParcel, cartons: Mapping[str, Carton], node: str) -> Carton | None:
    """The carton of a parcel; None for one of its own measure, refuses an unknown one."""
    if parcel.carton in cartons:
        return cartons[parcel.carton]
    if parcel.sides is None:
        raise UnknownCarton(carton=parcel.carton[:60], node=node)
    return None


def check_load(position: int, carton: Carton, load: int) -> None:
    """Refuse more goods than a carton may hold."""
    if load > carton.load_g_max:
        raise CartonTooWeak(
            parcel=position, carton=carton.code, load_g=load, load_g_max=carton.load_g_max
        )


def check_complete(
    made: Sequence[MadeParcel], goods: Sequence[Journey], known: Sequence[Journey]
) -> None:
    """Refuse parcels that hold more or less than is to be packed, or units of something else.

    `known` are all journeys of the order: others may have packed some of them meanwhile.
    """
    packed = Counter[str]()
    for parcel in made:
        for line in parcel.lines:
            packed[line.journey_id.hex] += line.units
    by_key = {journey.id.hex: journey for journey in goods}
    names = {journey.id.hex: journey.sku for journey in known}
    for key in sorted({*packed, *by_key}):
        journey = by_key.get(key)
        moving = journey.moving if journey else 0
        if packed[key] != moving:
            sku = names.get(key, f"jny_{key}")
            raise PackingChanged(sku=sku, packed=packed[key], moving=moving)

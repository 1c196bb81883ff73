"""What an order's goods cost until they have arrived, by rate cards and the destination's rules."""

from typing import Any

import msgspec

from beltline.kit.money import to_minor
from beltline.orders.rules import landed as rules
from beltline.orders.types.landed import Cost, LandedFacts, LandedWay
from beltline.trade import actions as trade


def price(found: dict[str, Any], *, total: int, currency: str) -> list[Cost]:
    """The parts of the landed cost of goods worth `total` minor units, from what is known of them.

    Freight is that of the service that is cheapest for all that leaves from a node together.
    """
    facts = msgspec.convert(found, LandedFacts)
    return rules.landed_costs(facts, [_freight(facts, way, currency) for way in facts.ways], total)


def _freight(facts: LandedFacts, way: LandedWay, currency: str) -> int | None:
    size = rules.size_of(way, facts.goods)
    if size is None:
        return None
    asked = []
    for tariff in way.tariffs:
        quote, rate = trade.price_boxes(tariff, size), facts.rates.get(tariff.card.currency)
        if quote is not None and rate is not None:
            asked.append(to_minor(quote.major * rate, currency))
    return min(asked, default=None)

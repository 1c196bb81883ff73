"""What an order's goods cost until they have arrived, by rate cards and the destination's rules."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.money import to_minor
from beltline.orders import store
from beltline.orders.rules import landed as rules
from beltline.orders.types.landed import Cost, DeclaredCost, LandedFacts, LandedWay
from beltline.trade import actions as trade


def price(found: dict[str, Any], *, total: int, currency: str) -> list[Cost]:
    """The parts of the landed cost of goods worth `total` minor units, from what is known of them.

    Freight is that of the service that is cheapest for all that leaves from a node together.
    """
    facts = msgspec.convert(found, LandedFacts)
    return rules.landed_costs(facts, [_freight(facts, way, currency) for way in facts.ways], total)


async def keep_landed_cost(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> None:
    """Keep what an order's goods are to cost as a preview of the day it was placed shows it."""
    actor.needs_operator()
    found = await store.landed_of(db, actor, order_id)
    if found is not None:
        costs = price(found.landed, total=found.total, currency=found.currency)
        await store.keep_landed(db, actor, order_id, found.version, costs, now)


async def declare_landed_costs(
    db: Writer, actor: Actor, *, declared: Sequence[DeclaredCost], now: dt.datetime
) -> None:
    """Write what was declared of orders; the parties of those that it is news of are told."""
    actor.needs_operator()
    await store.declare_landed(db, actor, declared, now)


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

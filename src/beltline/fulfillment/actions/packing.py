"""Use cases of packing: propose parcels for an order's goods, keep those that were made."""

import asyncio
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from beltline.catalog import queries as catalog
from beltline.catalog.types import Sku
from beltline.fulfillment import store
from beltline.fulfillment.queries import carriage, journeys, packing
from beltline.fulfillment.rules import packing as rules
from beltline.fulfillment.types.journeys import Journey
from beltline.fulfillment.types.packing import (
    MadeParcel,
    Packable,
    PlannedParcel,
    Proposal,
    WhyNoProposal,
)
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id
from beltline.orders import queries as orders
from beltline.science import boxes
from beltline.trade import actions as trade
from beltline.trade import queries as places
from beltline.trade.queries import cartons as sizes
from beltline.trade.types import BoxSize, Carton, Tariff

COMMON = "CNY"
"""The currency in which services are compared."""


async def propose(
    db: Reader, actor: Actor, *, order_id: UUID, node: str = "", on: dt.date
) -> Packable:
    """What of an order waits to be packed at a node, and the cheapest parcels for it.

    Goods of all suppliers go together. Where all their services were chosen alike, that one
    counts; else the cheapest of the day. Refuses an order without such goods.
    """
    actor.needs_operator()
    order = await orders.get_order(db, order_id)
    goods = await packing.list_goods(db, order_id, number=order.head.number, node=node)
    place, country = carriage.packed_at(goods[0]), goods[0].country
    skus = await catalog.skus_of(db, sorted({journey.sku for journey in goods}))
    cartons = await sizes.list_usable_cartons(db, place, on=on)
    shown = Packable(order_id, order.head.number, place, country, goods, skus, cartons)
    if not cartons:
        return msgspec.structs.replace(shown, why=WhyNoProposal.NO_CARTONS)
    if lacking := rules.unsized(skus.values()):
        return msgspec.structs.replace(shown, why=WhyNoProposal.SIZE_UNKNOWN, lacking=lacking)
    if sum(map(rules.count, goods)) > rules.PIECES_MAX:
        return msgspec.structs.replace(shown, why=WhyNoProposal.TOO_MANY)
    tariffs = await _tariffs_for(db, goods, place, on)
    currencies = {c.currency for c in cartons} | {t.card.currency for t in tariffs}
    rates = await places.rates_to(db, COMMON, currencies, on=on)
    try:
        # Some tenths of a second for large orders: others are served meanwhile.
        proposal, tariff = await asyncio.to_thread(_cheapest, goods, skus, cartons, tariffs, rates)
    except boxes.Unpackable as unpackable:
        lacking = [j.sku for j in goods if j.id.hex == str(unpackable)]
        return msgspec.structs.replace(shown, why=WhyNoProposal.FITS_NOWHERE, lacking=lacking)
    return msgspec.structs.replace(shown, proposal=proposal, tariff=tariff)


async def pack_order(
    db: Writer,
    actor: Actor,
    *,
    order_id: UUID,
    node: str,
    parcels: Sequence[MadeParcel],
    now: dt.datetime,
) -> UUID:
    """Keep what an order's goods were packed into at a node, and end their packing; its id.

    Every unit that waits there is in a parcel. What was proposed is kept beside what was made,
    priced by the same service. Run it inside `kit.idempotency.once`.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    found = await propose(db, actor, order_id=order_id, node=node, on=day_of(now))
    rules.check_complete(parcels, found.goods, await journeys.list_journeys_of(db, order_id))
    proposal = found.proposal
    currency = proposal.currency if proposal else COMMON
    rates = await places.rates_to(
        db, currency, {carton.currency for carton in found.cartons}, on=day_of(now)
    )
    by_code = {carton.code: carton for carton in found.cartons}
    made = [
        _made(n, parcel, rules.carton_of(parcel, by_code, found.node), found, currency, rates)
        for n, parcel in enumerate(parcels, 1)
    ]
    packing_id = new_id()
    place = await places.get_node(db, found.node)
    kept = {
        "id": packing_id, "node_id": place.id, "service": proposal.service if proposal else "",
        "currency": currency, "plan": proposal.parcels if proposal else None,
        "parcels": made,
    }  # fmt: skip
    await store.pack_goods(db, actor, order_id, msgspec.to_builtins(kept), now)
    await store.number_parcels(db, actor, packing_id)
    return packing_id


def _made(
    position: int,
    parcel: MadeParcel,
    carton: Carton | None,
    found: Packable,
    currency: str,
    rates: Mapping[str, Decimal],
) -> dict[str, Any]:
    """A parcel as it is kept: priced by what the scale said, else by what it should weigh."""
    goods = {journey.id.hex: journey for journey in found.goods}
    sides = parcel.sides or (1, 1, 1)
    tare = 0
    if carton is not None:
        sides, tare = (carton.length_mm, carton.width_mm, carton.height_mm), carton.tare_g
    load = rules.load_g(parcel.lines, goods, found.skus)
    weighed = parcel.weighed_g
    if carton is not None and (weighed or load):
        rules.check_load(position, carton, weighed - tare if weighed else load or 0)
    weight = weighed or (None if load is None else load + tare)
    quote = None
    if found.tariff is not None and weight:
        quote = trade.price_box(found.tariff, BoxSize(weight, math.prod(sides), max(sides)))
    return {
        "id": new_id(), "carton": carton.code if carton else parcel.carton,
        "length_mm": sides[0], "width_mm": sides[1], "height_mm": sides[2], "tare_g": tare,
        "expected_g": None if load is None else load + tare, "weighed_g": weighed,
        "chargeable_g": quote.chargeable_g if quote else None,
        "freight_amount": quote.amount if quote else None,
        "carton_amount": rules.price_of(carton, currency, rates) if carton else None,
        "lines": parcel.lines,
    }  # fmt: skip


async def _tariffs_for(
    db: Reader, goods: Sequence[Journey], node: str, on: dt.date
) -> list[Tariff]:
    """What services ask on the goods' lane: the one that was chosen for all, else any."""
    tariffs = await trade.list_tariffs(db, node=node, country=goods[0].country, on=on)
    carried = await carriage.list_carriage(db, [journey.id for journey in goods])
    chosen = {found.service for found in carried} if len(carried) == len(goods) else set()
    named = [t for t in tariffs if {t.card.service} == chosen]
    return named or tariffs


def _cheapest(
    goods: Sequence[Journey],
    skus: Mapping[str, Sku],
    cartons: Sequence[Carton],
    tariffs: Sequence[Tariff],
    rates: Mapping[str, Decimal],
) -> tuple[Proposal, Tariff | None]:
    """The cheapest packing over all tariffs, each parcel at its exact price, and its tariff."""
    items = rules.pieces(goods, skus)
    packings = [
        (*found, tariff)
        for tariff in tariffs
        if (found := _packed_by(tariff, items, goods, cartons, rates)) is not None
    ]
    if packings:
        _, proposal, tariff = min(packings, key=lambda each: each[0])
        return proposal, tariff
    packed = boxes.pack(items, rules.sizes(cartons, None, rates), rules.fewest()[0])
    prices = {c.code: rules.price_of(c, COMMON, rates) for c in cartons}
    return Proposal("", "", COMMON, [
        PlannedParcel(p.box.code, lines, p.weight_g, None, None, prices[p.box.code])
        for p, lines in zip(packed, rules.lines_of(packed, goods), strict=True)
    ]), None  # fmt: skip


def _packed_by(
    tariff: Tariff,
    items: Sequence[boxes.Item],
    goods: Sequence[Journey],
    cartons: Sequence[Carton],
    rates: Mapping[str, Decimal],
) -> tuple[Decimal, Proposal] | None:
    """The cheapest packing by one tariff and its cost in the common currency.

    None where the tariff does not take the goods, or its currency has no rate.
    """
    card = tariff.card
    if card.currency not in rates:
        return None
    into = {code: rate / rates[card.currency] for code, rate in rates.items()}
    usable = rules.sizes(cartons, card, into)
    weight_g = sum(item.weight_g for item in items)
    found = None
    for line in rules.rates_of(card, tariff.breaks, weight_g):
        try:
            packed = boxes.pack(items, usable, line)
        except boxes.Unpackable:
            return None
        quotes = [
            trade.price_box(
                tariff,
                BoxSize(
                    p.weight_g, p.box.volume_mm3,
                    max(p.box.length_mm, p.box.width_mm, p.box.height_mm),
                ),
            )
            for p in packed
        ]  # fmt: skip
        parcels = [
            PlannedParcel(
                p.box.code, lines, p.weight_g, q.chargeable_g, q.amount, p.box.cost
            )
            for p, q, lines in zip(packed, quotes, rules.lines_of(packed, goods), strict=True)
            if q is not None
        ]  # fmt: skip
        total = sum(p.box.cost for p in packed) + sum(q.amount for q in quotes if q is not None)
        if len(parcels) == len(packed) and (found is None or total < found[0]):
            found = total, parcels
    if found is None:
        return None
    proposal = Proposal(card.service, card.carrier, card.currency, found[1])
    return found[0] * rates[card.currency], proposal

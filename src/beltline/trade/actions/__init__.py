"""Use cases of trade: bring in nodes, calendars, lanes and rate cards; quote boxes."""

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from typing import Final

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Reader, Writer
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.trade import queries, rules, store
from beltline.trade.types import (
    BoxSize,
    FxRate,
    Haulage,
    LaneTime,
    NoService,
    Quote,
    Quotes,
    RateCard,
    Refused,
    Tariff,
)

_NODE_TYPES = {
    "code": "text", "kind": "text", "name": "text", "name_zh": "text", "country": "text",
    "tz": "text", "latitude": "double precision", "longitude": "double precision",
    "supplier": "text",
}  # fmt: skip
_CLOSURE_TYPES = {
    "supplier": "text", "node": "text", "starts": "date", "ends": "date",
    "ramp_down_from": "date", "ramp_up_until": "date", "last_order_date": "date",
    "reason": "text",
}  # fmt: skip
_LANE_TYPES = {
    "node": "text", "country": "text", "mode": "text", "transit_days_p50": "double precision",
    "transit_days_p90": "double precision", "source": "text",
}  # fmt: skip
_RATE_TYPES = {
    "service": "text", "carrier": "text", "mode": "text", "node": "text", "country": "text",
    "currency": "text", "valid_from": "date", "valid_until": "date", "weight_from_g": "int",
    "per_parcel": "numeric(18, 6)", "per_kg": "numeric(18, 6)", "divisor": "int", "step_g": "int",
    "minimum_g": "int", "weight_g_max": "int", "length_mm_max": "int",
    "minimum_charge": "numeric(18, 6)", "fuel_percent": "numeric(9, 4)",
    "surcharge": "numeric(18, 6)", "transit_days_p50": "double precision",
    "transit_days_p90": "double precision", "source": "text",
}  # fmt: skip
_KNOWN_NODE = Reference(
    "node", "trade.unknown_node",
    N_("No node has the code “{value}”."),
    "exists (select from trade.node n where n.code = i.node)",
    N_("Import the node first, or correct its code."),
)  # fmt: skip
_KNOWN_SUPPLIER = Reference(
    "supplier", "suppliers.unknown_supplier",
    N_("No supplier has the code “{value}”."),
    "exists (select from suppliers.supplier s where s.code = i.supplier)",
    N_("Import the supplier first, or correct its code."),
)  # fmt: skip
# A kind and a supplier that do not go together; asked of the column `kind`.
_FACTORY_NAMES_SUPPLIER = Reference(
    "kind", "trade.factory_without_supplier",
    N_("A node of the kind {value} and the supplier given do not go together."),
    "(i.kind = 'FACTORY') = (i.supplier is not null)",
    N_("A FACTORY node names its supplier, and no other node does."),
)  # fmt: skip


async def import_nodes(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change nodes from canonical CSV."""
    name = "incoming_nodes"
    await stage(db, name, _NODE_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SUPPLIER, _FACTORY_NAMES_SUPPLIER])
    return await store.merge_nodes(db, name, now) + Imported(problems=problems)


async def create_nodes(db: Writer, *, codes: Sequence[str], country: str, now: dt.datetime) -> int:
    """Make warehouses of codes that nobody knows yet; how many were made."""
    return await store.insert_bare_nodes(db, codes, country, now)


async def import_closures(db: Writer, *, columns: Sequence[str], csv: bytes) -> Imported:
    """Add and change closures of nodes; rows that name a supplier are suppliers' to import."""
    name = "incoming_node_closures"
    await stage(db, name, _CLOSURE_TYPES, columns, csv)
    await db.execute(f"delete from {name} where node is null")
    problems = await refuse_unknown(db, name, [_KNOWN_NODE])
    return await store.merge_closures(db, name) + Imported(problems=problems)


async def import_lanes(
    db: Writer, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change lanes from canonical CSV."""
    name = "incoming_lanes"
    await stage(db, name, _LANE_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_NODE])
    return await store.merge_lanes(db, name, now) + Imported(problems=problems)


async def learn_lanes(db: Writer, lanes: Sequence[LaneTime], *, now: dt.datetime) -> int:
    """Let what was measured on lanes count in place of what was declared; how many lanes.

    Promises, journeys and plans read the same days. A file that declares anew is kept beside.
    """
    return await store.keep_lane_times(db, lanes, now) if lanes else 0


_RATES = "incoming_rates"
_RATE_CARD = (
    "carrier", "mode", "valid_until", "divisor", "step_g", "minimum_g", "weight_g_max",
    "length_mm_max", "minimum_charge", "fuel_percent", "surcharge", "transit_days_p50",
    "transit_days_p90",
)  # fmt: skip
_USABLE_RATE = (
    _KNOWN_NODE,
    Reference(
        "country", "trade.not_a_country",
        N_("“{value}” is no country code."), "i.country ~ '^[A-Z]{2}$'",
        N_("Write two letters, such as PL."),
    ),
    Reference(
        "service", "trade.no_rate_given",
        N_("“{value}” has neither a price a parcel nor a price a kilogram."),
        "i.per_parcel is not null or i.per_kg is not null",
        N_("Give one of the two, or both."),
    ),
    Reference(
        "valid_until", "trade.ends_before_it_begins",
        N_("{value} lies before the first day."), "i.valid_until >= i.valid_from",
        N_("Let it end on or after its first day."),
    ),
    Reference(
        "transit_days_p90", "trade.slow_before_usual",
        N_("Nine in ten cannot need less ({value}) than half of the boxes."),
        "i.transit_days_p90 >= i.transit_days_p50",
        N_("Let the slow days be at least the usual ones."),
    ),
    Reference(
        "weight_from_g", "trade.several_terms",
        N_("The row from {value} g says otherwise about its card than an earlier row."),
        f"""row({", ".join(f"i.{name}" for name in _RATE_CARD)}) is not distinct from (
              select row({", ".join(f"f.{name}" for name in _RATE_CARD)}) from {_RATES} f
               where (f.service, f.node, f.country, f.currency, f.valid_from)
                   = (i.service, i.node, i.country, i.currency, i.valid_from)
               order by f.row limit 1)""",
        N_("Only weights and prices differ between the rows of one card."),
    ),
)  # fmt: skip


async def import_rates(
    db: Writer, actor: Actor, *, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change rate cards from canonical CSV, one row a weight break.

    The breaks of a file replace those its cards had before; a card of a later first day is
    another card.
    """
    await stage(db, _RATES, _RATE_TYPES, columns, csv)
    await store.complete_rates(db, _RATES)
    problems = await refuse_unknown(db, _RATES, _USABLE_RATE)
    done = await store.merge_rates(db, _RATES, actor.org_id, now)
    return done + Imported(problems=problems)


async def keep_rates(db: Writer, rates: Sequence[FxRate]) -> None:
    """Keep dated exchange rates with their source."""
    await store.upsert_rates(db, rates)


async def quote(
    db: Reader, *, node: str, country: str, box: BoxSize, on: dt.date, currency: str = "CNY"
) -> Quotes:
    """What every service valid that day asks for a box, compared in `currency`.

    Of two cards of one service the newer counts.
    """
    cards = await queries.list_valid_cards(db, node=node, country=country, on=on)
    breaks = await queries.list_rate_breaks(db, [card.id for card in cards])
    priced = [
        (card, rules.quote_box(card, [x for x in breaks if x.rate_card_id == card.id], box))
        for card in cards
    ]
    found = [each for _, each in priced if isinstance(each, Quote)]
    rates = await queries.rates_to(db, currency, {each.currency for each in found}, on=on)
    refused = [
        Refused(card.service, card.carrier, each)
        for card, each in priced
        if not isinstance(each, Quote)
    ]
    return Quotes(rules.mark(found, rates), refused)


async def list_tariffs(db: Reader, *, node: str, country: str, on: dt.date) -> list[Tariff]:
    """What each service asks from a node to a country on a day, by weight."""
    cards = await queries.list_valid_cards(db, node=node, country=country, on=on)
    breaks = await queries.list_rate_breaks(db, [card.id for card in cards])
    return [Tariff(card, [b for b in breaks if b.rate_card_id == card.id]) for card in cards]


def price_box(tariff: Tariff, box: BoxSize) -> Quote | None:
    """What a box costs by a tariff; None where it does not take the box."""
    found = rules.quote_box(tariff.card, tariff.breaks, box)
    return found if isinstance(found, Quote) else None


def price_boxes(tariff: Tariff, goods: BoxSize) -> Quote | None:
    """What goods cost by a tariff in as many equal boxes as it takes; None where it takes none."""
    most = tariff.card.weight_g_max or max(goods.weight_g, 1)
    boxes = max(1, math.ceil(goods.weight_g / most))
    box = BoxSize(
        math.ceil(goods.weight_g / boxes), math.ceil(goods.volume_mm3 / boxes), goods.longest_mm
    )
    found = price_box(tariff, box)
    if found is None:
        return None
    return msgspec.structs.replace(
        found, weight_g=goods.weight_g, chargeable_g=found.chargeable_g * boxes,
        amount=found.amount * boxes,
    )  # fmt: skip


async def quote_service(
    db: Reader, *, service: str, node: str, country: str, box: BoxSize, on: dt.date
) -> Quote:
    """The cheapest quote of one service for a box; refuses one that does not take it."""
    found = await quote(db, node=node, country=country, box=box, on=on)
    chosen = next((each for each in found.quotes if each.service == service), None)
    if chosen is None:
        raise NoService(service=service, node=node, country=country, ds=on.isoformat())
    return chosen


MOST_CARDS: Final = 5_000
FULL_BOX_G: Final = 100_000


async def list_haulage(db: Reader, *, on: dt.date) -> list[Haulage]:
    """What carrying goods in full boxes costs on a day: every lane's services by node and service.

    A box is as heavy as its card takes, or `FULL_BOX_G` where that does not say.
    """
    newest: dict[tuple[str, str, str, str], RateCard] = {}
    cards = await queries.list_rate_cards(db, valid_on=on, limit=MOST_CARDS)
    for card in sorted(cards, key=lambda c: c.valid_from):
        newest[card.node, card.country, card.service, card.currency] = card
    breaks = await queries.list_rate_breaks(db, [card.id for card in newest.values()])
    steps = {key: list(some) for key, some in itertools.groupby(breaks, lambda b: b.rate_card_id)}
    found = []
    for _, card in sorted(newest.items()):
        weight = card.weight_g_max or FULL_BOX_G
        quote = rules.quote_box(card, steps.get(card.id, ()), BoxSize(weight, 0, 0))
        if isinstance(quote, Quote):
            found.append(
                Haulage(
                    node=card.node, country=card.country, service=card.service,
                    currency=card.currency, per_kg=float(quote.major) / (weight / 1_000),
                    kg_per_m3=1e6 / card.divisor if card.divisor else 0.0,
                    days=card.transit_days_p50,
                )
            )  # fmt: skip
    return found

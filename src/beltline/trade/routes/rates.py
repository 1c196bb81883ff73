"""`/v1/rate-cards` and `/v1/shipping-quotes`: what carriers ask. The operator's own."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.figures import decimal_text
from beltline.kit.ids import show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.trade import actions, queries
from beltline.trade.types import BoxSize, Quote, Quotes, RateBreak, RateCard, Refused

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Code = Annotated[str, Parameter(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
Country = Annotated[str, Parameter(pattern=r"^[A-Z]{2}\Z")]
Currency = Annotated[str, Parameter(pattern=r"^[A-Z]{3}\Z")]
Grams = Annotated[int, Parameter(ge=1, le=10**8)]
Millimeters = Annotated[int, Parameter(ge=1, le=10**5)]


class BreakRow(msgspec.Struct, frozen=True):
    """From a chargeable weight on: prices in major units, as exact decimal texts."""

    weight_from_g: int
    per_parcel: str
    per_kg: str


class RateCardRow(msgspec.Struct, frozen=True):
    """A service's rate card; money in major units, as exact decimal texts."""

    id: str
    service: str
    carrier: str
    mode: str
    node: str
    country: str
    currency: str
    valid_from: dt.date
    valid_until: dt.date | None
    divisor: int | None
    step_g: int
    minimum_g: int
    weight_g_max: int | None
    length_mm_max: int | None
    minimum_charge: str
    fuel_percent: str
    surcharge: str
    transit_days_p50: float
    transit_days_p90: float
    source: str
    breaks: list[BreakRow]


class RateCardList(msgspec.Struct, frozen=True):
    """One page of rate cards, by service."""

    items: list[RateCardRow]
    next_cursor: str | None


class QuoteRow(msgspec.Struct, frozen=True):
    """What a service asks for a box, for which weight, and the days half and nine in ten need.

    `best_at` holds CHEAPEST, FASTEST and MOST_CERTAIN.
    """

    rate_card_id: str
    service: str
    carrier: str
    mode: str
    weight_g: int
    chargeable_g: int
    cost: Money
    transit_days_p50: float
    transit_days_p90: float
    valid_until: dt.date | None
    best_at: list[str]


class QuoteList(msgspec.Struct, frozen=True):
    """Every valid service, the cheapest first; and those that do not take the box, with why."""

    items: list[QuoteRow]
    refused: list[Refused]


@get("/v1/rate-cards", summary="List rate cards")
async def list_rate_cards(
    *,
    database: Database,
    actor: Actor,
    node: Code | None = None,
    country: Country | None = None,
    q: Annotated[str, Parameter(max_length=200)] = "",
    valid_on: dt.date | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> RateCardList:
    """By service; `q` is a part of its name or its carrier's. They come in as the file `rates`."""
    actor.needs_scope("stock:read")
    actor.needs_operator()
    after = decode_cursor(cursor, str, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_rate_cards(
            db, node=node, country=country, words=q.strip(), valid_on=valid_on,
            after=(after[0], after[1]) if after else None, limit=limit + 1,
        )  # fmt: skip
        shown, following = cut(rows, limit, lambda row: (row.service, row.id))
        breaks = await queries.list_rate_breaks(db, [row.id for row in shown])
    return RateCardList(
        [_row(card, [b for b in breaks if b.rate_card_id == card.id]) for card in shown], following
    )


@get("/v1/shipping-quotes", summary="Quote a box")
async def quote_box(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    node: Code,
    country: Country,
    weight_g: Grams,
    length_mm: Millimeters,
    width_mm: Millimeters,
    height_mm: Millimeters,
    on: dt.date | None = None,
    currency: Currency = "CNY",
) -> QuoteList:
    """What each service asks for a box of this weight and size on a day (today unless given).

    `currency` is the one in which costs are compared, by dated rates; quotes keep their own.
    """
    actor.needs_scope("stock:read")
    actor.needs_operator()
    box = BoxSize(weight_g, length_mm * width_mm * height_mm, max(length_mm, width_mm, height_mm))
    async with database.reading(actor) as db:
        await queries.get_node(db, node)
        found = await actions.quote(
            db, node=node, country=country, box=box, on=on or day_of(now), currency=currency
        )
    return shown_quotes(found)


def shown_quotes(found: Quotes) -> QuoteList:
    """Quotes as the API shows them."""
    return QuoteList([_quote(each) for each in found.quotes], found.refused)


def _quote(quote: Quote) -> QuoteRow:
    return QuoteRow(
        show_id("rate", quote.rate_card_id), quote.service, quote.carrier, quote.mode,
        quote.weight_g, quote.chargeable_g, Money(quote.amount, quote.currency),
        quote.transit_days_p50, quote.transit_days_p90, quote.valid_until, quote.best_at,
    )  # fmt: skip


def _row(card: RateCard, breaks: list[RateBreak]) -> RateCardRow:
    return RateCardRow(
        show_id("rate", card.id), card.service, card.carrier, card.mode, card.node, card.country,
        card.currency, card.valid_from, card.valid_until, card.divisor, card.step_g,
        card.minimum_g, card.weight_g_max, card.length_mm_max, decimal_text(card.minimum_charge),
        decimal_text(card.fuel_percent), decimal_text(card.surcharge),
        card.transit_days_p50, card.transit_days_p90, card.source,
        [
            BreakRow(b.weight_from_g, decimal_text(b.per_parcel), decimal_text(b.per_kg))
            for b in breaks
        ],
    )  # fmt: skip


ROUTES = (list_rate_cards, quote_box)

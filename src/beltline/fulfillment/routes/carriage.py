"""`/v1/journeys/{id}/quotes` and `/service`: by whom a box goes, and what it costs."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from msgspec import Meta

from beltline.fulfillment.actions import carriage as actions
from beltline.fulfillment.queries import carriage as queries
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.carriage import BoxBody, Carriage
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.web.kept import answered
from beltline.trade.types import Refused


class JourneyQuote(msgspec.Struct, frozen=True):
    """What a service asks for a journey's box; `best_at`: CHEAPEST, FASTEST, MOST_CERTAIN."""

    service: str
    carrier: str
    mode: str
    chargeable_g: int
    cost: Money
    transit_days_p50: float
    transit_days_p90: float
    best_at: list[str]


class JourneyQuotes(msgspec.Struct, frozen=True):
    """Every valid service, the cheapest first; those that refuse the box; the one chosen."""

    items: list[JourneyQuote]
    refused: list[Refused]
    chosen: str | None


class ChooseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The service to go by; `box` as measured, else as its goods are known."""

    service: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00]*\Z")]
    box: BoxBody | None = None


class CarriageAnswer(msgspec.Struct, frozen=True):
    """The service a box goes by, at the quote that was chosen."""

    journey_id: str
    service: str
    carrier: str
    mode: str
    weight_g: int
    chargeable_g: int
    cost: Money
    transit_days_p50: float
    transit_days_p90: float
    chosen_by: str
    chosen_at: dt.datetime


@get("/v1/journeys/{journey_id:str}/quotes", summary="Quote a journey's box")
async def quote_journey(
    journey_id: str, database: Database, actor: Actor, now: dt.datetime
) -> JourneyQuotes:
    """By the weight and size of its goods. For the operator."""
    actor.needs_scope("orders:read")
    actor.needs_operator()
    found = read_id("jny", journey_id)
    async with database.reading(actor) as db:
        journey = await journeys.get_journey(db, found)
        quotes = await actions.quote_journey(db, journey, on=day_of(now))
        chosen = await queries.find_carriage(db, found)
    items = [
        JourneyQuote(
            q.service, q.carrier, q.mode, q.chargeable_g, Money(q.amount, q.currency),
            q.transit_days_p50, q.transit_days_p90, q.best_at,
        )
        for q in quotes.quotes
    ]  # fmt: skip
    return JourneyQuotes(items, quotes.refused, chosen.service if chosen else None)


@post("/v1/journeys/{journey_id:str}/service", summary="Choose a service", status_code=200)
async def choose_service(
    *,
    journey_id: str,
    data: ChooseBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[CarriageAnswer]:
    """The box goes by it, at the quote of this moment; choosing again replaces the choice."""
    actor.needs_scope("purchases:write")
    found = read_id("jny", journey_id)

    async def act(db: Writer) -> tuple[int, Any]:
        chosen = await actions.choose_service(
            db, actor, journey_id=found, service=data.service, measured=data.box, now=now
        )
        return 200, _answer(chosen)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"journeys.service {journey_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, CarriageAnswer)


def _answer(c: Carriage) -> CarriageAnswer:
    return CarriageAnswer(
        show_id("jny", c.journey_id), c.service, c.carrier, c.mode, c.weight_g, c.chargeable_g,
        Money(c.amount, c.currency), c.transit_days_p50, c.transit_days_p90, c.chosen_by,
        c.chosen_at,
    )  # fmt: skip


ROUTES = (quote_journey, choose_service)

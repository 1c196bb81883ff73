"""Use cases of carriage: what each service asks for a box, and choosing one."""

import datetime as dt
from uuid import UUID

from beltline.fulfillment import store
from beltline.fulfillment.queries import carriage, journeys
from beltline.fulfillment.types.carriage import BoxBody, Carriage
from beltline.fulfillment.types.journeys import Journey
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Reader, Writer
from beltline.trade import actions as trade
from beltline.trade.types import Quotes


async def quote_journey(db: Reader, journey: Journey, *, on: dt.date) -> Quotes:
    """What each service asks for a journey's box from where it is packed, the cheapest first."""
    return await trade.quote(
        db, node=carriage.packed_at(journey), country=journey.country,
        box=await carriage.size_of(db, journey), on=on,
    )  # fmt: skip


async def choose_service(
    db: Writer,
    actor: Actor,
    *,
    journey_id: UUID,
    service: str,
    measured: BoxBody | None = None,
    now: dt.datetime,
) -> Carriage:
    """Let a journey's box go by a service, at the quote of this moment; again replaces it.

    The box has not left; trunk and last mile are planned with the days of the service.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    journey = await journeys.get_journey(db, journey_id)
    quote = await trade.quote_service(
        db, service=service, node=carriage.packed_at(journey), country=journey.country,
        box=await carriage.size_of(db, journey, measured), on=day_of(now),
    )  # fmt: skip
    await store.choose_service(db, actor, journey_id, quote, now)
    chosen = await carriage.find_carriage(db, journey_id)
    if chosen is None:
        raise RuntimeError(f"the carriage of {journey_id} is not kept")
    return chosen

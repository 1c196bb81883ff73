"""Use cases of tracking: keep what carriers tell, ask about boxes they are silent of."""

import datetime as dt
from collections.abc import Sequence

from beltline.fulfillment import rules, store
from beltline.fulfillment.queries import tracking
from beltline.fulfillment.rules.carriers import Carrier, FileCarrier, SimulatedCarrier
from beltline.fulfillment.types.journeys import Faults
from beltline.fulfillment.types.tracking import Tracked, TrackingEvent
from beltline.kit.actor import Actor
from beltline.kit.db import Writer

SIMULATED = "SIMULATED"


async def record_tracking(
    db: Writer, actor: Actor, carrier: str, events: Sequence[TrackingEvent], *, now: dt.datetime
) -> Tracked:
    """Keep events of boxes and let their journeys follow, all or nothing.

    The furthest event of a box counts: told again, or in another order, nothing is different.
    """
    actor.needs_operator()
    actor.needs_role("WAREHOUSE", "PLANNER")
    rules.check_events(events, now)
    return await store.record_tracking(db, actor, carrier, events, now)


async def take_tracking_file(
    db: Writer, actor: Actor, content: bytes, *, carrier: str, zone: str, now: dt.datetime
) -> Tracked:
    """Keep what a carrier's file tells; refuses all of a file with a row that cannot be meant.

    `zone` is the time zone of times that name none.
    """
    told = FileCarrier(carrier, content, zone=zone, now=now)
    return await _listen(db, actor, told, now)


async def _listen(db: Writer, actor: Actor, carrier: Carrier, now: dt.datetime) -> Tracked:
    """Keep everything a carrier has told until now."""
    return await record_tracking(db, actor, carrier.name, carrier.tell(now), now=now)


async def simulate_carrier(
    db: Writer, actor: Actor, *, faults: Faults, now: dt.datetime
) -> Tracked:
    """What the carrier of a simulated world has told by now of the boxes that have a waybill."""
    boxes = await tracking.list_consignments(db)
    return await _listen(db, actor, SimulatedCarrier(SIMULATED, boxes, faults), now)


async def question_silence(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Ask about boxes silent for longer than is usual, once for each silence; how many."""
    actor.needs_operator()
    return await store.question_silence(db, actor, limit, now)

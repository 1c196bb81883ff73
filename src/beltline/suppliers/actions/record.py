"""Use cases of the measured record: note facts, and ask for everybody's assessment."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.events import list_events_of
from beltline.kit.jobs.queue import enqueue
from beltline.suppliers import store
from beltline.suppliers.rules import outcomes

ASSESS_JOB = "suppliers.assess.v1"
ASSESS_TITLE = "Assess suppliers"


async def note_order(
    db: Writer, *, order_id: UUID, supplier_org_id: UUID, now: dt.datetime
) -> None:
    """Read what an order's events say about its supplier, and keep it."""
    events = await list_events_of(db, order_id)
    reading = outcomes.read_order(order_id, events)
    await store.upsert_outcomes(db, supplier_org_id, reading.outcomes, now)
    if reading.due_date is None:
        await store.forget_awaited(db, order_id)
    else:
        await store.await_order(db, supplier_org_id, order_id, reading.number, reading.due_date)


async def ask_for_assessment(db: Writer, actor: Actor, *, now: dt.datetime) -> UUID:
    """Have everybody's record and tier worked out now; the id of the job."""
    actor.needs_operator()
    return await enqueue(
        db, actor, kind=ASSESS_JOB, title=ASSESS_TITLE, parameters={}, now=now
    )  # fmt: skip

"""Use cases of deadlines: remind before them, escalate after them, take care of what is overdue."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.procurement import queries, store
from beltline.procurement.types.orders import PurchaseOrder


async def meet_deadlines(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Take the steps that are due, up to `limit`; how many. Each is taken once, whoever asks.

    Before a deadline whom it concerns is reminded; after it the order waits in the operator's
    queue. An order nobody answered ends instead (`expire_order`) and waits there too.
    """
    actor.needs_operator()
    return await store.meet_deadlines(db, actor, limit, now)


async def settle_overdue(
    db: Writer, actor: Actor, *, order_id: UUID, note: str, now: dt.datetime
) -> PurchaseOrder:
    """Say that somebody has taken care of what is overdue of an order: it leaves the queue."""
    actor.needs_operator()
    actor.needs_role("PLANNER", "BUYER")
    await store.settle_overdue(db, actor, order_id, note.strip(), now)
    return await queries.get_order(db, actor, order_id)

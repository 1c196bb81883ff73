"""What orders and the clock ask of journeys."""

import datetime as dt
from typing import Final

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.fulfillment import actions
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent

_AT_ONCE: Final = 500


async def follow_orders(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """End the journeys of what was cancelled or changed; begin those of what is allocated."""
    operator = await find_operator(db)
    if operator is None or event.aggregate != "order":
        return
    actor = system_actor(operator, "orders")
    if event.type in {"order.cancelled", "order.amended"}:
        await actions.end_cancelled(db, actor, order_id=event.aggregate_id, now=now)
    if event.type != "order.cancelled":
        await actions.open_journeys(db, actor, order_ids=[event.aggregate_id], now=now)


@job("journeys.deadlines.v1")
async def meet_deadlines(run: Run) -> int:
    """Ask about late stages and answer silent questions, some hundreds a step; how many."""
    total, part = 0, 1
    while True:

        async def meet(db: Writer, now: dt.datetime) -> int:
            return await actions.meet_deadlines(db, run.actor, limit=_AT_ONCE, now=now)

        touched = await run.step(f"meet {part}", meet, int)
        total += touched
        run.report(done=total)
        if not touched:
            return total
        part += 1


JOBS = (meet_deadlines,)
LISTENERS = (Listener("fulfillment.orders", "order.", follow_orders),)

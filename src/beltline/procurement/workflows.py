"""What the clock and arriving goods ask of purchase orders."""

import datetime as dt
from typing import Final
from uuid import UUID

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.procurement import actions, queries
from beltline.procurement.actions import deadlines, invoices

_AT_ONCE: Final = 500


@job("purchases.expire.v1")
async def expire_unanswered(run: Run) -> int:
    """End the orders that nobody answered in time; how many.

    Each in a step of its own, so that the stock of no two orders is locked at once.
    """

    async def find(db: Writer, now: dt.datetime) -> list[UUID]:
        return await queries.list_unanswered(db, now=now)

    waiting = await run.step("find", find, list[UUID])
    run.report(total=len(waiting))
    ended = 0
    for order_id in waiting:
        ended += await _expire(run, order_id)
    return ended


@job("purchases.deadlines.v1")
async def meet_deadlines(run: Run) -> int:
    """Remind and escalate, some hundreds a step; how many steps of deadlines were taken."""

    async def meet(db: Writer, now: dt.datetime) -> int:
        return await deadlines.meet_deadlines(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("meet", meet)


async def _expire(run: Run, order_id: UUID) -> bool:
    async def end(db: Writer, now: dt.datetime) -> bool:
        return await actions.expire_order(db, run.actor, order_id=order_id, now=now)

    return await run.step(f"expire {order_id}", end, bool)


async def follow_receipts(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """Goods of an order came: its invoices that differed may agree now."""
    operator = await find_operator(db)
    if operator is not None:
        actor = system_actor(operator, "invoices")
        await invoices.match_again(db, actor, order_id=event.aggregate_id, now=now)


JOBS = (expire_unanswered, meet_deadlines)
_RECEIVED: Final = frozenset({"purchase_order.part_received", "purchase_order.received"})
LISTENERS = (Listener("procurement.invoices", _RECEIVED, follow_receipts),)

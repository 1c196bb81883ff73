"""What the clock asks of purchase orders."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.procurement import actions, queries


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


async def _expire(run: Run, order_id: UUID) -> bool:
    async def end(db: Writer, now: dt.datetime) -> bool:
        return await actions.expire_order(db, run.actor, order_id=order_id, now=now)

    return await run.step(f"expire {order_id}", end, bool)


JOBS = (expire_unanswered,)

"""What the clock asks of customs files."""

import datetime as dt
from typing import Final

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.customs import actions
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent

_AT_ONCE: Final = 200


@job("customs.deadlines.v1")
async def meet_deadlines(run: Run) -> int:
    """Let silent tasks take their default, look at open files again, some hundreds a step."""

    async def meet(db: Writer, now: dt.datetime) -> int:
        return await actions.meet_deadlines(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("meet", meet)


async def follow_lodged(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """Goods were declared: their orders are told what at, beside what they were shown."""
    operator = await find_operator(db)
    if operator is not None:
        actor = system_actor(operator, "customs")
        await actions.tell_landed(db, actor, declaration_id=event.aggregate_id, now=now)


JOBS = (meet_deadlines,)
LISTENERS = (Listener("customs.landed", frozenset({"declaration.lodged"}), follow_lodged),)

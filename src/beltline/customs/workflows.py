"""What the clock asks of customs files."""

import datetime as dt
from typing import Final

from beltline.customs import actions
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job

_AT_ONCE: Final = 200


@job("customs.deadlines.v1")
async def meet_deadlines(run: Run) -> int:
    """Let silent tasks take their default, look at open files again, some hundreds a step."""

    async def meet(db: Writer, now: dt.datetime) -> int:
        return await actions.meet_deadlines(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("meet", meet)


JOBS = (meet_deadlines,)

"""What the clock asks of money."""

import datetime as dt
from typing import Final

from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.ledger import actions

_AT_ONCE: Final = 200


@job("ledger.credit.v1")
async def keep_credit(run: Run) -> dict[str, int]:
    """Draw up and issue the statements of the month before, then mark those past their day."""

    async def close(db: Writer, now: dt.datetime) -> int:
        first = day_of(now).replace(day=1)
        month = (first - dt.timedelta(days=1)).replace(day=1)
        return await actions.close_month(db, run.actor, month=month, now=now)

    async def mark(db: Writer, now: dt.datetime) -> int:
        return await actions.mark_overdue(db, run.actor, now=now)

    async def issue(db: Writer, now: dt.datetime) -> int:
        first = day_of(now - actions.SEAL_AFTER).replace(day=1)
        month = (first - dt.timedelta(days=1)).replace(day=1)
        return await actions.issue_statements(db, run.actor, month=month, limit=_AT_ONCE, now=now)

    made = await run.step("close", close, int)
    issued = await run.repeat("issue", issue)
    return {"made": made, "issued": issued, "overdue": await run.step("mark", mark, int)}


@job("ledger.seal.v1")
async def seal(run: Run) -> int:
    """Seal what was booked until shortly before now; how many hours."""

    async def work(db: Writer, now: dt.datetime) -> int:
        return await actions.seal(db, run.actor, now=now)

    return await run.repeat("seal", work)


JOBS = (keep_credit, seal)

"""What the clock asks of stock."""

import datetime as dt

from beltline.inventory import actions
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job

ROWS_AT_ONCE = 200


@job("stock.watch.v1")
async def watch_levels(run: Run) -> int:
    """Tell of stock that orders made low since the last look; how many rows.

    Here rather than in each order, so that no order pays for it.
    """

    async def tell(db: Writer, now: dt.datetime) -> int:
        return await actions.tell_low(db, now=now)

    return await run.step("tell", tell, int)


@job("stock.expire.v1")
async def expire_lots(run: Run) -> int:
    """Take lots whose day has come off sale; on how many rows."""

    async def hold(db: Writer, now: dt.datetime) -> int:
        return await actions.hold_expired(db, limit=ROWS_AT_ONCE, now=now)

    return await run.repeat("hold", hold)


JOBS = (watch_levels, expire_lots)

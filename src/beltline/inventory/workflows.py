"""What the clock asks of stock."""

import datetime as dt

from beltline.inventory import actions
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job


@job("stock.watch.v1")
async def watch_levels(run: Run) -> int:
    """Tell of stock that orders made low since the last look; how many rows.

    Here rather than in each order, so that no order pays for it.
    """

    async def tell(db: Writer, now: dt.datetime) -> int:
        return await actions.tell_low(db, now=now)

    return await run.step("tell", tell, int)


JOBS = (watch_levels,)

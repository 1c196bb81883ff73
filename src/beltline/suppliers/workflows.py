"""What suppliers hear of others, and what the clock asks: facts from events, the nightly record."""

import datetime as dt

from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.suppliers.actions import assessment, record
from beltline.suppliers.rules.outcomes import WATCHED
from beltline.suppliers.types import Assessment


@job(record.ASSESS_JOB)
async def assess(run: Run) -> Assessment:
    """Everybody's measured record and tier, from the facts of the latest year."""

    async def overdue(db: Writer, now: dt.datetime) -> int:
        await assessment.expire(db, now=now)
        return await assessment.count_overdue(db, now=now)

    late = await run.step("overdue", overdue, int)

    async def all_at_once(db: Writer, now: dt.datetime) -> Assessment:
        return await assessment.assess(db, late=late, now=now)

    return await run.step("assess", all_at_once, Assessment)


async def _note_order(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    if event.supplier_org_id is not None:
        await record.note_order(
            db, order_id=event.aggregate_id, supplier_org_id=event.supplier_org_id, now=now
        )


JOBS = (assess,)
LISTENERS = (Listener("suppliers.record", WATCHED, _note_order),)

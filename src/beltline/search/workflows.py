"""What keeps the index, and what is known to be alike, up to the catalog."""

import datetime as dt

from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.search import actions, queries
from beltline.search.actions import alike, comparing
from beltline.search.queries import alike as alike_queries


@job(actions.INDEX_KIND)
async def index_goods(run: Run) -> int:
    """Bring every changed SKU into the index, batch by batch; how many were changed."""

    async def count(db: Writer, _now: dt.datetime) -> int:
        return await queries.count_changed(db)

    async def index(db: Writer, _now: dt.datetime) -> int:
        return await actions.index_batch(db)

    async def count_words(db: Writer, _now: dt.datetime) -> int:
        return await actions.count_words(db)

    total = await run.step("count", count, int)
    done, batch = 0, 0
    while done < total:
        batch += 1
        indexed = await run.step(f"batch {batch}", index, int)
        if not indexed:
            break
        done += indexed
        run.report(done=done, total=max(total, done))
    if done:
        await run.step("words", count_words, int)
    return done


@job(alike.ALIKE_KIND)
async def find_alike(run: Run) -> int:
    """Compare every changed category across suppliers, then group; how many are in a group."""

    async def count(db: Writer, _now: dt.datetime) -> int:
        return await alike_queries.count_stale_blocks(db)

    async def compare(db: Writer, now: dt.datetime) -> bool:
        return await comparing.compare_block(db, now=now)

    async def compare_marks(db: Writer, now: dt.datetime) -> int:
        return await comparing.compare_marks(db, now=now)

    async def regroup(db: Writer, _now: dt.datetime) -> int:
        return await comparing.regroup(db)

    total = await run.step("count", count, int)
    for number in range(1, total + 1):
        if not await run.step(f"block {number}", compare, bool):
            break
        run.report(done=number, total=total)
    await run.step("marks", compare_marks, int)
    return await run.step("groups", regroup, int)


JOBS = (index_goods, find_alike)

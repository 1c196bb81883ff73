"""What keeps the index up to the catalog."""

import datetime as dt

from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.search import actions, queries


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


JOBS = (index_goods,)

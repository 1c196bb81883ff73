"""What the catalog hears of others, and what the clock asks: cases, sales, the heat of belts."""

import datetime as dt

from beltline.catalog import actions
from beltline.catalog.actions import goods
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent


@job("catalog.heat.v1")
async def work_out_heat(run: Run) -> int:
    """How each belt runs: orders, new products, prices, beside 28 days before; how many belts."""

    async def all_at_once(db: Writer, now: dt.datetime) -> int:
        return await goods.work_out_heat(db, now=now)

    return await run.step("heat", all_at_once, int)


async def _follow_case(db: Writer, _event: PublishedEvent, _now: dt.datetime) -> None:
    await actions.follow_cases(db)


async def _count_order(db: Writer, event: PublishedEvent, _now: dt.datetime) -> None:
    lines = event.data.get("lines") or []
    await goods.count_sales(db, lines=lines, at=event.occurred_at)


JOBS = (work_out_heat,)
LISTENERS = (
    Listener("catalog.cases", "shop_case.", _follow_case),
    Listener("catalog.sales", frozenset({"order.placed"}), _count_order),
)

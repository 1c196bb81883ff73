"""The scheduled job: it ends what nobody answered, once, and leaves the rest."""

import datetime as dt

from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.procurement import queries
from beltline.procurement.types.orders import Status
from beltline.procurement.workflows import JOBS, expire_unanswered
from tests.procurement.make import assert_inbound_is_awaited, inbound, make_order, make_trade


async def test_unanswered_orders_end_once(database: Database) -> None:
    trade = await make_trade(database)
    now = await database.now()
    old = [await make_order(database, trade, now=now - dt.timedelta(days=3)) for _ in range(2)]
    await make_order(database, trade, lines=(("SKU-1", 7, "20"),), now=now)
    job_id = new_id()
    for _ in range(2):
        done = await run_inline(
            database, trade.operator, kind=expire_unanswered.name, title="Expire", parameters={},
            now=now, registry=registry_of(*JOBS), job_id=job_id,
        )  # fmt: skip
    assert done.result == 2
    async with database.reading(trade.operator) as db:
        for order in old:
            assert (await queries.get_order(db, trade.operator, order.id)).status is Status.EXPIRED
            assert len(await list_events_of(db, order.id)) == 2
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 7}
    await assert_inbound_is_awaited(database)

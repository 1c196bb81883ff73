"""What the clock and arriving goods do to orders that wait."""

import datetime as dt

import msgspec

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import get_operator
from beltline.kit.db import Database
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.kit.listeners import PublishedEvent
from beltline.orders import actions, workflows
from beltline.orders.types import OrderBody
from tests.orders.make import fresh_key, make_market, order_body, set_stock


async def test_jobs_end_unpaid_orders_and_serve_waiting_ones(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1, on_hand=2)
    for lines, changes in (
        ([("S-1", 2)], {"payment": {"method": "TRANSFER"}}),
        ([("S-1", 2), ("S-2", 5)], {"back_order": True}),
    ):
        body = msgspec.convert(order_body(*lines, **changes), OrderBody)
        await actions.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    async with database.system() as db:
        actor = system_actor(await get_operator(db), "schedule")
        await db.execute("update orders.\"order\" set expires_at = $1 where status = 'PLACED'", now)
    for kind in workflows.JOBS:
        job = await run_inline(
            database, actor, kind=kind.name, title=kind.name, parameters={}, now=now,
            registry=registry_of(*workflows.JOBS),
        )  # fmt: skip
        assert job.result == 1
    async with database.system() as db:
        await set_stock(
            db, market.operator, market.skus, node_id=market.nodes["WAW"], on_hand=9, now=now
        )
        event = PublishedEvent(
            new_id(), "goods_receipt.recorded", 1, "goods_receipt", new_id(), 1, 1, now, {}
        )
        await workflows.follow_receipts(db, event, now)
        waiting = await db.value(
            "select count(*) from orders.order_part where status = 'BACKORDERED'"
        )
        statuses = await db.values('select status from orders."order" order by number')
    assert (waiting, statuses) == (0, ["CANCELLED", "ALLOCATED"])

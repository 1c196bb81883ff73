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
from beltline.procurement import actions as procurement
from beltline.procurement import queries as purchases
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import (
    fresh_key,
    make_market,
    make_node,
    make_offer,
    order_body,
    set_stock,
)


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
    for kind in workflows.JOBS[:2]:
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


async def test_factories_are_asked_once_and_a_refusal_does_what_buyers_decided(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1, on_hand=1, skus=2)
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        await set_stock(
            db, market.operator, market.skus, node_id=factory, on_hand=100, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = 'VIRTUAL'")
        await make_offer(
            db, market.skus["S-1"], market.supplier, now, audience="OPERATOR", currency="CNY",
            breaks={1: "60", 10: "50"}, operator=market.operator,
        )  # fmt: skip
        actor = system_actor(await get_operator(db), "schedule")
    for lines, changes in (
        ([("S-1", 5), ("S-2", 2)], {"decision": "SHIP_PART"}),
        ([("S-1", 4)], {"decision": "WAIT"}),
        ([("S-1", 3)], {}),
        ([("S-1", 2)], {"payment": {"method": "TRANSFER"}}),
    ):
        body = msgspec.convert(order_body(*lines, **changes), OrderBody)
        placed = await actions.place_order(database, market.buyer, body, key=fresh_key(), now=now)
        placed.unwrap()
    later = now + dt.timedelta(minutes=1)
    async with database.system() as db:
        done = [
            await actions.purchase_parts(db, actor, cut_off=later, limit=100, now=later)
            for _ in range(2)
        ]
        (order,) = await purchases.list_orders(db, actor)
        (line,) = await purchases.list_lines(db, order.id)
        assert [(d.purchases, d.parts, d.unpriced) for d in done] == [(1, 3, 1), (0, 0, 1)]
        assert (order.node, line.quantity, str(line.unit_price)) == ("YIW", 12, "50.000000")
        assert await db.value("select sum(inbound)::bigint from inventory.stock") == 0
        await procurement.cancel_order(db, actor, order_id=order.id, note="no", now=later)
        met = [
            await actions.lose_purchase(db, actor, purchase_id=order.id, now=later)
            for _ in range(2)
        ]
        statuses = await db.values('select status from orders."order" order by number')
        refunded = await db.values("select refunded_quantity from orders.order_line order by 1")
    assert (met, refunded) == ([3, 0], [0, 0, 0, 3, 5])
    assert statuses == ["ALLOCATED", "ALLOCATED", "CANCELLED", "PLACED"]
    # Who waits is asked for again at the next cut-off, once.
    made = []
    for _ in range(2):
        job = await run_inline(
            database, actor, kind="orders.purchase.v1", title="Ask", parameters={}, now=later,
            registry=registry_of(*workflows.JOBS),
        )  # fmt: skip
        made.append(job.result)
    assert made == [1, 0]
    health = await prove_all(database, now)
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []

"""Builders: placed orders with journeys, in the market of the builders of orders."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.journeys import Journey
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.orders import actions as orders
from beltline.orders.types import OrderBody
from beltline.tower.queries.proofs import prove_all
from tests.orders.make import Market, fresh_key, order_body, set_stock


async def place(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> UUID:
    """An order that is placed and whose journeys are open; its id."""
    body = msgspec.convert(order_body(*lines, **changes), OrderBody)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order_id = read_id("ord", answer.unwrap().response["id"])
    await open_all(database, market, now, order_id)
    return order_id


async def open_all(database: Database, market: Market, now: dt.datetime, *orders: UUID) -> int:
    """Begin the journeys of some orders; how many are new."""
    async with database.writing(market.operator) as db:
        return await actions.open_journeys(db, market.operator, order_ids=orders, now=now)


async def finish(
    database: Database,
    actor: Actor,
    stage: str,
    moved: list[UUID],
    now: dt.datetime,
    document: str = "",
) -> int:
    """End a stage of some journeys."""
    async with database.writing(actor) as db:
        return await actions.finish_stages(
            db, actor, stage=stage, journey_ids=moved, document=document, now=now
        )


async def run_to_end(
    database: Database, market: Market, order_id: UUID, now: dt.datetime, *, until: str = ""
) -> list[str]:
    """End stage after stage of an order's journeys, up to one; which were ended."""
    ended: list[str] = []
    while True:
        found = [j for j in await journeys_of(database, market, order_id) if j.stage]
        if not found or found[0].stage in (None, until):
            return ended
        stage = str(found[0].stage)
        moved = [j.id for j in found if j.stage == stage]
        assert await finish(database, market.operator, stage, moved, now) == len(moved)
        ended.append(stage)


async def journeys_of(database: Database, market: Market, order_id: UUID) -> list[Journey]:
    """The journeys of an order as the operator sees them."""
    async with database.reading(market.operator) as db:
        return await journeys.list_journeys_of(db, order_id)


async def make_part(
    database: Database,
    market: Market,
    order_id: UUID,
    *,
    node: UUID,
    model: str,
    owner: Actor,
    now: dt.datetime,
) -> None:
    """Let an order without journeys come from a factory: its reserved units move there."""
    async with database.system() as db:
        sku_id, units = (
            await db.values(
                "select sku_id::text from orders.order_part where order_id = $1", order_id
            ),
            await db.value(
                "select sum(quantity)::bigint from orders.order_part where order_id = $1", order_id
            ),
        )
        await db.execute(
            """select inventory.release_lines(array_agg(sku_id), array_agg(node_id),
                        array_agg(owner_org_id), array_agg(quantity::bigint), 'test', order_id, $2)
                 from orders.order_part where order_id = $1 group by order_id""",
            order_id, now,
        )  # fmt: skip
        await set_stock(
            db, market.operator, {"x": UUID(sku_id[0])}, node_id=node, on_hand=units * 2, now=now,
            owner=owner, kind="DECLARED",
        )  # fmt: skip
        await db.execute(
            """update orders.order_part set node_id = $2, owner_org_id = $3, sales_model = $4
                where order_id = $1""",
            order_id, node, owner.org_id, model,
        )  # fmt: skip
        await db.execute(
            """select inventory.reserve_lines(array_agg(sku_id), array_agg(node_id),
                        array_agg(owner_org_id), array_agg(quantity::bigint), 'test', order_id, $2)
                 from orders.order_part where order_id = $1 group by order_id""",
            order_id, now,
        )  # fmt: skip


async def assert_sound(database: Database, now: dt.datetime) -> None:
    """Every invariant of stock, money and orders holds; events wait, as no relay runs here."""
    health = await prove_all(database, now)
    broken = [p for p in health.items if not p.holds and not p.name.startswith("events")]
    assert broken == [], broken

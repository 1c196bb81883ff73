"""Builders: orders of goods that are made to order for a deposit, at every stage of their way."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.app.workflows import LISTENERS
from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.journeys import Decision
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.relay import deliver, publish
from beltline.ledger import queries as ledger
from beltline.orders import actions as orders
from beltline.orders import queries
from beltline.orders.types import OrderBody, OrderDetail, PayBody
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import Answer, AnswerKind
from tests.fulfillment.journeys import finish, journeys_of
from tests.orders.make import (
    Market,
    fresh_key,
    make_market,
    make_node,
    make_offer,
    order_body,
    set_stock,
)

MADE = "S-2"
"""The SKU that is made to order, for 30 % with the order."""


async def make_deposits(database: Database, now: dt.datetime, **more: Any) -> Market:
    """A market in which `S-1` stands ready and a factory makes `S-2`, 12.50 USD each."""
    market = await make_market(database, now, skus=2, **more)
    made = {MADE: market.skus[MADE]}
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        await set_stock(db, market.operator, made, node_id=market.nodes["WAW"], on_hand=0, now=now)
        await set_stock(
            db, market.operator, made, node_id=factory, on_hand=100, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute(
            """update catalog.offer set sales_model = 'VIRTUAL', availability = 'MADE_TO_ORDER',
                      deposit_percent = 30, lead_time_days = 20
                where sku_id = $1""",
            market.skus[MADE],
        )
        await make_offer(
            db, market.skus[MADE], market.supplier, now, audience="OPERATOR", currency="CNY",
            breaks={1: "40"}, operator=market.operator,
        )  # fmt: skip
    return market


async def place_made(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> UUID:
    """An order of 7 units that are made, 87.50 USD, unless other lines are named; its id."""
    body = msgspec.convert(order_body(*(lines or ((MADE, 7),)), **changes), OrderBody)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    return read_id("ord", answer.unwrap().response["id"])


async def confirm(database: Database, market: Market, now: dt.datetime) -> None:
    """The factory is asked for what was ordered of it and says yes; everybody hears of it."""
    async with database.system() as db:
        await orders.purchase_parts(
            db, market.operator, cut_off=now + dt.timedelta(days=1), limit=9, now=now
        )
        asked = await db.values("select id from procurement.purchase_order where status = 'ISSUED'")
    for purchase in asked:
        async with database.writing(market.supplier) as db:
            await purchases.answer_order(
                db, market.supplier, order_id=purchase, answer=Answer(AnswerKind.CONFIRMED),
                now=now,
            )  # fmt: skip
    await carry(database)


async def inspect(database: Database, market: Market, order_id: UUID, now: dt.datetime) -> None:
    """What a factory has confirmed comes to the hub and passes its inspection."""
    for stage in ("FACTORY", "RECEIPT", "INSPECTION"):
        moved = [j.id for j in await journeys_of(database, market, order_id) if j.stage == stage]
        assert await finish(database, market.operator, stage, moved, now) == len(moved)
    await carry(database)


async def made(
    database: Database, now: dt.datetime, *lines: tuple[str, int], **changes: Any
) -> tuple[Market, UUID]:
    """An order whose goods are made and inspected."""
    market = await make_deposits(database, now)
    order_id = await place_made(database, market, now, *lines, **changes)
    await carry(database)
    await confirm(database, market, now)
    await inspect(database, market, order_id, now)
    return market, order_id


async def pay(
    database: Database, actor: Actor, order_id: UUID, now: dt.datetime, method: str = "BALANCE"
) -> dict[str, Any]:
    """Pay what an order waits for; the answer."""
    body = msgspec.convert({"method": method}, PayBody)
    answer = await orders.pay_order(database, actor, order_id, body, key=fresh_key(), now=now)
    shown: dict[str, Any] = answer.unwrap().response
    return shown


async def decide(
    database: Database, actor: Actor, decision: Decision, option: str, now: dt.datetime
) -> Decision:
    """Answer a question."""
    async with database.writing(actor) as db:
        return await actions.decide(db, actor, decision_id=decision.id, option=option, now=now)


async def meet_deadlines(database: Database, market: Market, now: dt.datetime) -> int:
    """What the clock does; how many journeys it touched."""
    async with database.system() as db:
        return await actions.meet_deadlines(db, market.operator, limit=50, now=now)


async def order_of(database: Database, market: Market, order_id: UUID) -> OrderDetail:
    """An order as its buyer sees it."""
    async with database.reading(market.buyer) as db:
        return await queries.get_order(db, order_id)


async def questions(database: Database, market: Market, order_id: UUID) -> list[Decision]:
    """The questions about an order's balance, the oldest first."""
    async with database.reading(market.buyer) as db:
        found = await journeys.list_decisions_of(db, order_id)
    return [one for one in found if one.cause == "BALANCE"]


async def money(database: Database, market: Market, order_id: UUID) -> tuple[int, int, int]:
    """What of an order is held, was released and was given back."""
    async with database.reading(market.operator) as db:
        hold = await ledger.find_hold(db, order_id)
    assert hold is not None
    return hold.amount - hold.released - hold.refunded, hold.released, hold.refunded


async def carry(database: Database) -> None:
    """Everybody hears of what happened, and of what that made happen."""
    for _ in range(3):
        await publish(database)
        for listener in LISTENERS:
            await deliver(database, listener)

"""Purchases for buyers' orders: they end with what came, however it was sent."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import pytest

from beltline.fulfillment import actions
from beltline.fulfillment.types.journeys import ParcelCount
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.orders import actions as placing
from beltline.procurement import actions as purchases
from beltline.procurement import queries
from beltline.procurement.types.orders import PurchaseOrder, PurchaseOrderLine
from tests.fulfillment.journeys import assert_sound, finish, journeys_of
from tests.fulfillment.test_journeys import (
    DAY,
    answered,
    carry_events,
    from_factory,
    purchased,
    question,
)
from tests.orders.make import Market, fresh_key
from tests.procurement.browser import member


async def asked(
    database: Database, now: dt.datetime, *, decision: str = "WAIT"
) -> tuple[Market, UUID, PurchaseOrder]:
    """An order of 4 units that its factory is asked for, and the purchase that asks."""
    market, order_id = await from_factory(database, now, "VIRTUAL", decision=decision)
    purchase = await purchased(database, market, order_id, now)
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set is_for_orders = true")
    return market, order_id, purchase


async def confirmed(database: Database, now: dt.datetime) -> tuple[Market, UUID, PurchaseOrder]:
    """The same, and the factory has said yes."""
    market, order_id, purchase = await asked(database, now)
    await answered(database, market, purchase, now)
    await carry_events(database)
    return market, order_id, purchase


async def sent(database: Database, now: dt.datetime) -> tuple[Market, UUID, PurchaseOrder]:
    """The same, and it has sent the box from its task page, without a shipping notice."""
    market, order_id, purchase = await confirmed(database, now)
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.supplier, "FACTORY", [journey.id], now, "SF-70") == 1
    return market, order_id, purchase


async def receive(
    database: Database, market: Market, counts: Sequence[ParcelCount], now: dt.datetime
) -> None:
    async with database.writing(market.operator) as db:
        await actions.receive_parcel(
            db, market.operator, waybill="SF-70", node="YIW", counts=counts, note="", now=now
        )


async def seen(
    database: Database, market: Market, purchase: PurchaseOrder
) -> tuple[str, PurchaseOrderLine]:
    """The state of a purchase and its only line."""
    async with database.reading(market.operator) as db:
        [line] = await queries.list_lines(db, purchase.id)
        return (await queries.get_order(db, market.operator, purchase.id)).status, line


async def test_a_box_without_a_notice_ends_its_purchase(
    database: Database, now: dt.datetime
) -> None:
    market, _order_id, purchase = await sent(database, now)
    assert (await seen(database, market, purchase))[0] == "CONFIRMED"
    await receive(database, market, [], now + DAY)
    status, line = await seen(database, market, purchase)
    assert (status, line.received_quantity) == ("RECEIVED", 4)
    await receive(database, market, [], now + DAY)
    assert await seen(database, market, purchase) == (status, line)
    await assert_sound(database, now + DAY)


@pytest.mark.parametrize(
    ("good", "damaged", "wrong", "came"), [(1, 1, 1, 3), (0, 3, 1, 4), (0, 0, 2, 2)]
)
async def test_what_came_broken_or_wrong_came(
    database: Database, now: dt.datetime, good: int, damaged: int, wrong: int, came: int
) -> None:
    market, order_id, purchase = await sent(database, now)
    [journey] = await journeys_of(database, market, order_id)
    await receive(database, market, [ParcelCount(journey.id, good, damaged, wrong)], now + DAY)
    status, line = await seen(database, market, purchase)
    assert (status, line.received_quantity) == ("RECEIVED", came)
    # What is found broken later came as well, and is not counted twice.
    if good:
        await question(database, market, journey.id, "DAMAGED", 1, now + 2 * DAY)
        assert await seen(database, market, purchase) == (status, line)
    await assert_sound(database, now + 2 * DAY)


async def test_an_empty_box_ends_its_purchase_without_goods(
    database: Database, now: dt.datetime
) -> None:
    market, order_id, purchase = await sent(database, now)
    [journey] = await journeys_of(database, market, order_id)
    await receive(database, market, [ParcelCount(journey.id, 0)], now + DAY)
    status, line = await seen(database, market, purchase)
    assert (status, line.received_quantity) == ("CANCELLED", 0)


async def test_a_purchase_whose_order_is_cancelled_is_not_wanted_any_more(
    database: Database, now: dt.datetime
) -> None:
    market, order_id, purchase = await confirmed(database, now)
    await placing.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    for _ in range(3):
        await carry_events(database)
    assert (await seen(database, market, purchase))[0] == "CANCELLED"
    async with database.reading(market.operator) as db:
        last = (await list_events_of(db, purchase.id))[-1]
    assert (last.type, last.data["cause"]) == ("purchase_order.cancelled", "NOT_WANTED")
    async with member(database, market.operator) as http:
        page = await http.get(f"/purchases/{show_id('po', purchase.id)}")
    assert "want nothing of it any more" in page.text
    await assert_sound(database, now)


async def test_units_given_up_leave_the_buyers_choice_open(
    database: Database, now: dt.datetime
) -> None:
    """The purchase ends; what is in question is still the buyer's to decide."""
    market, order_id, purchase = await confirmed(database, now)
    [journey] = await journeys_of(database, market, order_id)
    decision = await question(database, market, journey.id, "LATE", 4, now)
    for _ in range(3):
        await carry_events(database)
    assert (await seen(database, market, purchase))[0] == "CANCELLED"
    async with database.writing(market.buyer) as db:
        done = await actions.decide(
            db, market.buyer, decision_id=decision.id, option="REFUND", now=now
        )
    assert done.state == "DECIDED"
    await assert_sound(database, now)


async def test_a_silent_factory_is_asked_again(database: Database, now: dt.datetime) -> None:
    market, order_id, purchase = await asked(database, now, decision="CANCEL")
    later = now + 30 * DAY
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set answer_by = $1", now)
    async with database.system() as db:
        assert await purchases.expire_order(db, market.operator, order_id=purchase.id, now=later)
    for _ in range(2):
        await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.state, journey.stage) == ("OPEN", "PURCHASE")
    async with database.system() as db:
        linked = "select purchase_order_id from orders.order_part where order_id = $1"
        assert await db.values(linked, order_id) == [None]
    await assert_sound(database, now)

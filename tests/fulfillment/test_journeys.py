"""Journeys: every order ends, units, owners and money add up, whatever goes wrong."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from beltline.app.workflows import LISTENERS
from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.journeys import (
    AlreadyDecided,
    Decision,
    NoSuchOption,
    ParcelCount,
    UnitsNotThere,
)
from beltline.kit.actor import WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import read_id
from beltline.kit.relay import deliver, publish
from beltline.ledger import queries as ledger
from beltline.orders import actions as placing
from beltline.orders import queries as orders
from beltline.orders.types import OrderBody
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import Answer, AnswerKind, NewLine, PurchaseOrder
from tests.fulfillment.journeys import (
    assert_sound,
    finish,
    journeys_of,
    make_part,
    open_all,
    place,
    run_to_end,
)
from tests.orders.make import (
    Market,
    fresh_key,
    make_market,
    make_node,
    order_body,
)

DAY = dt.timedelta(days=1)


async def question(
    database: Database, market: Market, journey_id: UUID, cause: str, units: int, now: dt.datetime
) -> Decision:
    async with database.writing(market.operator) as db:
        return await actions.question_units(
            db, market.operator, journey_id=journey_id, cause=cause, units=units,
            note="seen at the dock", now=now,
        )  # fmt: skip


async def test_own_stock_goes_from_node_to_door(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4), ("S-2", 2))
    assert await run_to_end(database, market, order_id, now + DAY) == [
        "PACK", "DISPATCH", "LAST_MILE",
    ]  # fmt: skip
    first, second = await journeys_of(database, market, order_id)
    assert (first.state, first.delivered, first.owner) == ("DELIVERED", 4, "buyer-1")
    assert (second.state, second.delivered, second.stage) == ("DELIVERED", 2, None)
    async with database.reading(market.operator) as db:
        order = await orders.get_order(db, order_id)
        hold = await ledger.find_hold(db, order_id)
        told = [event.type for event in await list_events_of(db, order_id)]
        way = [event.type for event in await list_events_of(db, first.id)]
        stages = await journeys.list_stages(db, [first.id])
    assert order.head.status == "COMPLETED"
    assert {part.status for line in order.lines for part in line.parts} == {"DELIVERED"}
    assert hold is not None
    assert (hold.released, hold.state) == (0, "OPEN")
    assert hold.release_after == now + 8 * DAY
    assert told == ["order.placed", "order.shipped", "order.completed"]
    assert way == [
        "journey.opened", "journey.stage_done", "journey.stage_done", "journey.delivered",
    ]  # fmt: skip
    assert all(stage.done_at and stage.done_by and stage.units == 4 for stage in stages)
    await assert_sound(database, now + DAY)


async def test_twice_is_once_and_strangers_move_nothing(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    assert await open_all(database, market, now, order_id) == 0
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.operator, "PACK", [journey.id], now) == 1
    assert await finish(database, market.operator, "PACK", [journey.id], now) == 0
    for stranger in (market.supplier, market.buyers[1], market.buyer):
        assert await finish(database, stranger, "DISPATCH", [journey.id], now) == 0
    async with database.reading(market.buyers[1]) as db:
        with pytest.raises(NotFound):
            await journeys.get_journey(db, journey.id)
    async with database.reading(market.supplier) as db:
        assert await journeys.list_journeys_of(db, order_id) == []


async def test_a_confirmed_purchase_ends_its_stage(database: Database, now: dt.datetime) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL")
    purchase = await purchased(database, market, order_id, now)
    await carry_events(database)
    assert [j.stage for j in await journeys_of(database, market, order_id)] == ["PURCHASE"]
    await answered(database, market, purchase, now)
    await carry_events(database)
    await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    async with database.reading(market.operator) as db:
        first, second, *_ = await journeys.list_stages(db, [journey.id])
    assert (first.kind, first.state, first.document) == ("PURCHASE", "DONE", purchase.number)
    assert (journey.stage, second.kind, second.state) == ("FACTORY", "FACTORY", "ACTIVE")
    async with database.writing(market.operator) as db:
        again = await actions.finish_confirmed(
            db, market.operator, subject_id=order_id, now=now
        )  # fmt: skip
    assert again == 0


@pytest.mark.parametrize("decision", ["WAIT", "SHIP_PART", "CANCEL"])
async def test_a_refused_purchase_does_what_the_buyer_decided(
    database: Database, now: dt.datetime, decision: str
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL", decision=decision)
    purchase = await purchased(database, market, order_id, now)
    await carry_events(database)
    await answered(database, market, purchase, now, kind=AnswerKind.REFUSED)
    for _ in range(3):
        await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    async with database.reading(market.buyer) as db:
        order = await orders.get_order(db, order_id)
        hold = await ledger.find_hold(db, order_id)
    assert hold is not None
    if decision == "WAIT":
        assert (order.head.status, journey.state, hold.refunded) == ("ALLOCATED", "OPEN", 0)
        async with database.system() as db:
            asked = "select purchase_order_id from orders.order_part where order_id = $1"
            assert await db.values(asked, order_id) == [None]
    else:
        assert (order.head.status, journey.state) == ("CANCELLED", "ENDED")
        assert hold.refunded == hold.amount > 0
    await assert_sound(database, now)


async def purchased(
    database: Database, market: Market, order_id: UUID, now: dt.datetime
) -> PurchaseOrder:
    """A purchase of the goods of an order, asked of its factory."""
    async with database.writing(market.operator) as db:
        purchase = await purchases.issue_order(
            db, market.operator, supplier_org_id=market.supplier.org_id,
            node_id=market.nodes["YIW"], currency="CNY", expected_date=day_of(now) + 9 * DAY,
            order_by_date=None, plan_run_id=None,
            lines=[NewLine(market.skus["S-1"], 4, Decimal(3))], now=now,
        )  # fmt: skip
    async with database.system() as db:
        await db.execute(
            "update orders.order_part set purchase_order_id = $2 where order_id = $1",
            order_id, purchase.id,
        )  # fmt: skip
    return purchase


async def answered(
    database: Database,
    market: Market,
    purchase: PurchaseOrder,
    now: dt.datetime,
    *,
    kind: AnswerKind = AnswerKind.CONFIRMED,
) -> None:
    """The factory's answer to a purchase."""
    async with database.writing(market.supplier) as db:
        await purchases.answer_order(
            db, market.supplier, order_id=purchase.id, answer=Answer(kind, note="No fabric."),
            now=now,
        )  # fmt: skip


async def carry_events(database: Database) -> None:
    """Publish what waits and hand it to everybody who listens; nobody fails on it."""
    await publish(database)
    for listener in LISTENERS:
        await deliver(database, listener)
    async with database.system() as db:
        assert await db.values("select subscriber || ': ' || error from kit.parked") == []


async def test_silence_does_what_the_buyer_said_when_it_ordered(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    expected = {}
    for said, default in (("WAIT", "REPLACE"), ("SHIP_PART", "REFUND")):
        order_id = await place(database, market, now, ("S-1", 4), decision=said)
        [journey] = await journeys_of(database, market, order_id)
        decision = await question(database, market, journey.id, "SHORT", 1, now)
        assert (said, decision.default_option) == (said, default)
        expected[decision.id] = default
    async with database.system() as db:
        await actions.meet_deadlines(db, market.operator, limit=9, now=now + 2 * DAY)
    async with database.system() as db:
        for decision_id, default in expected.items():
            chosen = "select chosen from fulfillment.decision where id = $1"
            assert await db.value(chosen, decision_id) == default
    await assert_sound(database, now + 2 * DAY)


async def test_silence_gives_the_money_back_when_nothing_is_left_to_replace_with(
    database: Database, now: dt.datetime
) -> None:
    """Whose replacement was sold meanwhile keeps nobody else's question from being answered."""
    market = await make_market(database, now, on_hand=5)
    expected = {}
    for sku, default in (("S-1", "REFUND"), ("S-2", "REPLACE")):
        order_id = await place(database, market, now, (sku, 4), decision="WAIT")
        [journey] = await journeys_of(database, market, order_id)
        decision = await question(database, market, journey.id, "LOST", 1, now)
        assert decision.default_option == "REPLACE"
        expected[decision.id] = default
    await place(database, market, now, ("S-1", 1))
    await let_time_pass(database, market, now + 2 * DAY)
    async with database.system() as db:
        for decision_id, default in expected.items():
            chosen = "select chosen from fulfillment.decision where id = $1"
            assert await db.value(chosen, decision_id) == default
    await assert_sound(database, now + 2 * DAY)


async def test_a_replacement_is_not_replaced_by_silence(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4), decision="WAIT")
    for default in ("REPLACE", "REFUND"):
        journey = (await journeys_of(database, market, order_id))[-1]
        decision = await question(database, market, journey.id, "LOST", 4, now)
        assert decision.default_option == default
        assert "REPLACE" in {option.option for option in decision.options}
        now += 2 * DAY
        await let_time_pass(database, market, now)
    async with database.reading(market.buyer) as db:
        assert (await orders.get_order(db, order_id)).head.status == "CANCELLED"
    await assert_sound(database, now)


async def test_a_factory_ships_blind_to_the_door(database: Database, now: dt.datetime) -> None:
    market, order_id = await from_factory(database, now, "DIRECT")
    async with database.reading(market.supplier) as db:
        [task] = await journeys.list_supplier_tasks(db)
    assert task.ship_to is not None
    assert (task.units, task.ship_to["name"], task.hub) == (4, "Anna Nowak", None)
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.supplier, "FACTORY", [journey.id], now, "SF-1") == 1
    assert await run_to_end(database, market, order_id, now + DAY) == ["LAST_MILE"]
    [journey] = await journeys_of(database, market, order_id)
    async with database.reading(market.operator) as db:
        [title] = await journeys.list_titles(db, [journey.id])
        order = await orders.get_order(db, order_id)
    assert (journey.waybill, order.head.status) == ("SF-1", "COMPLETED")
    assert (title.from_org, title.to_org, title.units) == ("zhili-1", "buyer-1", 4)
    await assert_sound(database, now + DAY)


async def test_virtual_goods_pass_the_hub_and_change_owner_before_export(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL")
    [journey] = await journeys_of(database, market, order_id)
    assert await run_to_end(database, market, order_id, now, until="FACTORY") == ["PURCHASE"]
    await finish(database, market.supplier, "FACTORY", [journey.id], now, "SF-9")
    async with database.reading(market.operator) as db:
        assert [j.id for j in await journeys.list_announced(db, "SF-9", "YIW")] == [journey.id]
    async with database.writing(market.operator) as db:
        parcel = await actions.receive_parcel(
            db, market.operator, waybill="SF-9", node="YIW", counts=[], note="", now=now
        )
    assert (parcel.state, parcel.supplier) == ("MATCHED", "zhili-1")
    [at_hub] = await journeys_of(database, market, order_id)
    assert (at_hub.stage, at_hub.owner) == ("INSPECTION", "zhili-1")
    await assert_sound(database, now)
    await run_to_end(database, market, order_id, now, until="EXPORT")
    [bought] = await journeys_of(database, market, order_id)
    assert bought.owner == "operator"
    await assert_sound(database, now)
    assert await run_to_end(database, market, order_id, now + DAY) == [
        "EXPORT", "DISPATCH", "TRUNK", "LAST_MILE",
    ]  # fmt: skip
    async with database.reading(market.operator) as db:
        titles = await journeys.list_titles(db, [journey.id])
    assert [(t.from_org, t.to_org) for t in titles] == [
        ("zhili-1", "operator"), ("operator", "buyer-1"),
    ]  # fmt: skip
    await assert_sound(database, now)


async def test_a_parcel_short_broken_and_wrong_asks_for_each(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL", units=10)
    [journey] = await journeys_of(database, market, order_id)
    await run_to_end(database, market, order_id, now, until="RECEIPT")
    async with database.system() as db:
        await db.execute(
            "update fulfillment.journey set waybill = 'SF-2' where id = $1", journey.id
        )
    counts = [ParcelCount(journey.id, good=6, damaged=1, wrong=1)]
    async with database.writing(market.operator) as db:
        await actions.receive_parcel(
            db, market.operator, waybill="SF-2", node="YIW", counts=counts, note="wet", now=now
        )
    [seen] = await journeys_of(database, market, order_id)
    assert (seen.stage, seen.moving, seen.in_question) == ("INSPECTION", 6, 4)
    async with database.reading(market.buyer) as db:
        found = await journeys.list_decisions(db, market.buyer)
    assert sorted((d.cause, d.units) for d in found) == [("DAMAGED", 1), ("SHORT", 2), ("WRONG", 1)]
    await assert_sound(database, now)
    await let_time_pass(database, market, now + 2 * DAY)
    await run_to_end(database, market, order_id, now + 2 * DAY)
    [done] = await journeys_of(database, market, order_id)
    assert (done.state, done.delivered, done.refunded) == ("DELIVERED", 6, 4)
    async with database.reading(market.operator) as db:
        hold = await ledger.find_hold(db, order_id)
    assert hold is not None
    assert (hold.refunded, hold.amount - hold.refunded) == (4 * 1250, 6 * 1250)
    await assert_sound(database, now + 2 * DAY)


async def test_a_box_nobody_announced_waits_to_be_claimed(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    async with database.writing(market.operator) as db:
        parcel = await actions.receive_parcel(
            db, market.operator, waybill="YT-77", node="YIW", counts=[], note="toys", now=now
        )
    assert parcel.state == "UNANNOUNCED"
    async with database.reading(market.operator) as db:
        assert [p.waybill for p in await journeys.list_unclaimed(db)] == ["YT-77"]
    with pytest.raises(WrongRole):
        async with database.writing(market.supplier) as db:
            await actions.receive_parcel(
                db, market.supplier, waybill="YT-78", node="YIW", counts=[], note="", now=now
            )


async def test_a_lost_parcel_is_replaced_from_another_node(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4), ("S-2", 1))
    await run_to_end(database, market, order_id, now, until="LAST_MILE")
    first, sibling = await journeys_of(database, market, order_id)
    decision = await question(database, market, first.id, "LOST", 4, now)
    assert [o.option for o in decision.options] == ["REFUND", "REPLACE"]
    # The sibling does not wait for the answer.
    assert await finish(database, market.operator, "LAST_MILE", [sibling.id], now) == 1
    async with database.writing(market.buyer) as db:
        await actions.decide(db, market.buyer, decision_id=decision.id, option="REPLACE", now=now)
    with pytest.raises(AlreadyDecided):
        async with database.writing(market.operator) as db:
            await actions.decide(
                db, market.operator, decision_id=decision.id, option="REFUND", now=now
            )
    assert await run_to_end(database, market, order_id, now + DAY) == [
        "PACK", "DISPATCH", "LAST_MILE",
    ]  # fmt: skip
    lost, again, _ = await journeys_of(database, market, order_id)
    assert (lost.state, lost.replaced, again.attempt, again.delivered) == ("ENDED", 4, 2, 4)
    async with database.reading(market.operator) as db:
        order = await orders.get_order(db, order_id)
        hold = await ledger.find_hold(db, order_id)
    assert order.head.status == "COMPLETED"
    assert hold is not None
    assert hold.refunded == 0
    await assert_sound(database, now + DAY)


async def test_silence_gives_the_money_back_to_the_cent(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, price="0.333333")
    order_id = await place(database, market, now, ("S-1", 10))
    [journey] = await journeys_of(database, market, order_id)
    for units in (3, 3):
        await question(database, market, journey.id, "DAMAGED", units, now)
    last = await question(database, market, journey.id, "SHORT", 4, now)
    with pytest.raises(NoSuchOption):
        async with database.writing(market.buyer) as db:
            await actions.decide(db, market.buyer, decision_id=last.id, option="WAIT", now=now)
    with pytest.raises(UnitsNotThere):
        await question(database, market, journey.id, "SHORT", 1, now)
    await let_time_pass(database, market, now + 2 * DAY)
    [journey] = await journeys_of(database, market, order_id)
    async with database.reading(market.buyer) as db:
        order = await orders.get_order(db, order_id)
        hold = await ledger.find_hold(db, order_id)
    assert (journey.state, journey.refunded, order.head.status) == ("ENDED", 10, "CANCELLED")
    assert hold is not None
    assert (hold.refunded, hold.state) == (333, "CLOSED")
    await assert_sound(database, now + 2 * DAY)


async def test_every_silent_stage_ends(database: Database, now: dt.datetime) -> None:
    """Nobody does anything: the first delay waits, the second gives the money back."""
    market, order_id = await from_factory(database, now, "VIRTUAL")
    for day in range(1, 40):
        await let_time_pass(database, market, now + day * DAY)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.state, journey.refunded) == ("ENDED", 4)
    async with database.reading(market.operator) as db:
        order = await orders.get_order(db, order_id)
        causes = [d.cause for d in await journeys.list_decisions_of(db, order_id)]
    assert (order.head.status, causes) == ("CANCELLED", ["LATE", "LATE"])
    await assert_sound(database, now + 40 * DAY)


async def test_a_cancelled_order_does_not_leave(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    [journey] = await journeys_of(database, market, order_id)
    await finish(database, market.operator, "PACK", [journey.id], now)
    await placing.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    # Cancelled but the journey has not heard of it yet: it must not leave all the same.
    assert await finish(database, market.operator, "DISPATCH", [journey.id], now) == 0
    async with database.system() as db:
        assert await actions.end_cancelled(db, market.operator, order_id=order_id, now=now) == 1
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.state, journey.refunded) == ("ENDED", 4)
    await assert_sound(database, now)


async def let_time_pass(database: Database, market: Market, now: dt.datetime) -> None:
    """The clock's work at an instant, until nothing is due."""
    while True:
        async with database.system() as db:
            if not await actions.meet_deadlines(db, market.operator, limit=100, now=now):
                return


async def from_factory(
    database: Database, now: dt.datetime, model: str, *, units: int = 4, **changes: str
) -> tuple[Market, UUID]:
    """A market with a placed order whose goods stand at a factory in China."""
    market = await make_market(database, now)
    async with database.system() as db:
        factory = await make_node(db, "F-1", "FACTORY", "CN", now, supplier=market.supplier)
    body = msgspec.convert(order_body(("S-1", units), **changes), OrderBody)
    answer = await placing.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order_id = read_id("ord", answer.unwrap().response["id"])
    await make_part(
        database, market, order_id, node=factory, model=model, owner=market.supplier, now=now
    )
    await open_all(database, market, now, order_id)
    return market, order_id

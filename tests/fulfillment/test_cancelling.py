"""Orders given up while something was wrong with their goods: just what stood reserved is freed."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable
from uuid import UUID

import asyncpg
import msgspec
import pytest

from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.types.journeys import AlreadyDecided
from beltline.kit.db import Database, NotFound
from beltline.ledger import queries as ledger
from beltline.orders import actions as placing
from beltline.orders import queries as orders
from beltline.orders.types import AmendBody, AmendedLine
from beltline.procurement.types.orders import AnswerKind
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, place, run_to_end
from tests.fulfillment.test_journeys import (
    DAY,
    answered,
    carry_events,
    from_factory,
    let_time_pass,
    purchased,
    question,
)
from tests.orders.make import Market, fresh_key, make_market, make_node, set_stock


class Scene(msgspec.Struct, frozen=True):
    """A market with an order of 4 units and somebody else's 4 units of the same stock."""

    market: Market
    order_id: UUID
    journey_id: UUID


async def make_scene(database: Database, now: dt.datetime) -> Scene:
    market = await make_market(database, now)
    await place(database, market, now, ("S-1", 4))
    order_id = await place(database, market, now, ("S-1", 4))
    [journey] = await journeys_of(database, market, order_id)
    return Scene(market, order_id, journey.id)


async def cancel(database: Database, scene: Scene, now: dt.datetime) -> None:
    """The buyer cancels; before and after the journeys hear of it all is sound."""
    await placing.cancel_order(
        database, scene.market.buyer, scene.order_id, key=fresh_key(), now=now
    )
    for _ in range(3):
        await carry_events(database)
    found = await journeys_of(database, scene.market, scene.order_id)
    assert {j.state for j in found} == {"ENDED"}
    async with database.reading(scene.market.operator) as db:
        hold = await ledger.find_hold(db, scene.order_id)
    assert hold is not None
    assert hold.refunded == hold.amount
    await assert_sound(database, now)


@pytest.mark.parametrize("cause", ["DAMAGED", "SHORT", "LOST"])
async def test_units_in_question_are_not_freed_again(
    database: Database, now: dt.datetime, cause: str
) -> None:
    scene = await make_scene(database, now)
    await question(database, scene.market, scene.journey_id, cause, 1, now)
    await cancel(database, scene, now)


@pytest.mark.parametrize("option", ["REFUND", "REPLACE"])
async def test_what_was_decided_is_given_up_with_the_rest(
    database: Database, now: dt.datetime, option: str
) -> None:
    scene = await make_scene(database, now)
    market = scene.market
    async with database.system() as db:
        sharp = await make_node(db, "SHP-9", "SHARP", "CN", now)
        # Nothing more is free where the order is packed, so that others come from elsewhere.
        for node_id, on_hand in ((sharp, 9), (market.nodes["WAW"], 8)):
            await set_stock(
                db, market.operator, {"S-1": market.skus["S-1"]}, node_id=node_id,
                on_hand=on_hand, now=now,
            )  # fmt: skip
    decision = await question(database, market, scene.journey_id, "LOST", 1, now)
    async with database.writing(market.buyer) as db:
        await actions.decide(db, market.buyer, decision_id=decision.id, option=option, now=now)
    found = await journeys_of(database, market, scene.order_id)
    assert [j.node for j in found] == (["WAW"] if option == "REFUND" else ["WAW", "SHP-9"])
    await cancel(database, scene, now)


async def test_goods_that_changed_owner_are_freed_where_they_are(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "PRESTOCK")
    assert "TITLE" in await run_to_end(database, market, order_id, now, until="EXPORT")
    [journey] = await journeys_of(database, market, order_id)
    await cancel(database, Scene(market, order_id, journey.id), now)


async def test_goods_of_a_cancelled_order_change_no_owner(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "PRESTOCK")
    await run_to_end(database, market, order_id, now, until="TITLE")
    [journey] = await journeys_of(database, market, order_id)
    await placing.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    await finish(database, market.operator, "TITLE", [journey.id], now)
    async with database.reading(market.operator) as db:
        assert await journeys.list_titles(db, [journey.id]) == []
    await carry_events(database)
    await assert_sound(database, now)


async def test_a_line_is_made_smaller_while_a_unit_of_it_is_in_question(
    database: Database, now: dt.datetime
) -> None:
    scene = await make_scene(database, now)
    market = scene.market
    await question(database, market, scene.journey_id, "DAMAGED", 1, now)
    await placing.amend_order(
        database, market.buyer, scene.order_id, AmendBody([AmendedLine(1, 2)]), key=fresh_key(),
        now=now,
    )  # fmt: skip
    for _ in range(3):
        await carry_events(database)
    first, second = await journeys_of(database, market, scene.order_id)
    assert (first.state, second.state, second.moving) == ("ENDED", "OPEN", 2)
    await assert_sound(database, now)


@pytest.mark.parametrize("is_late", [False, True], ids=["answered", "unanswered"])
async def test_nothing_is_decided_about_a_cancelled_order(
    database: Database, now: dt.datetime, *, is_late: bool
) -> None:
    """The journey has not heard of it yet, and the money was given back with the order."""
    scene = await make_scene(database, now)
    market = scene.market
    decision = await question(database, market, scene.journey_id, "SHORT", 1, now)
    await placing.cancel_order(database, market.buyer, scene.order_id, key=fresh_key(), now=now)
    if is_late:
        await let_time_pass(database, market, now + 2 * DAY)
    else:
        for option in ("REFUND", "REPLACE"):
            with pytest.raises(AlreadyDecided):
                async with database.writing(market.buyer) as db:
                    await actions.decide(
                        db, market.buyer, decision_id=decision.id, option=option, now=now
                    )
        with pytest.raises(NotFound):
            await question(database, market, scene.journey_id, "DAMAGED", 1, now)
    await carry_events(database)
    [journey] = await journeys_of(database, market, scene.order_id)
    assert (journey.state, journey.refunded) == ("ENDED", 4)
    await assert_sound(database, now)


@pytest.mark.parametrize("decision", ["WAIT", "SHIP_PART", "CANCEL"])
async def test_a_factory_refuses_what_is_partly_in_question(
    database: Database, now: dt.datetime, decision: str
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL", decision=decision)
    purchase = await purchased(database, market, order_id, now)
    [journey] = await journeys_of(database, market, order_id)
    await question(database, market, journey.id, "LATE", 1, now)
    await answered(database, market, purchase, now, kind=AnswerKind.REFUSED)
    for _ in range(3):
        await carry_events(database)
    async with database.reading(market.buyer) as db:
        order = await orders.get_order(db, order_id)
    assert order.head.status == ("ALLOCATED" if decision == "WAIT" else "CANCELLED")
    await assert_sound(database, now)
    if decision == "WAIT":
        await let_time_pass(database, market, now + 2 * DAY)
        await assert_sound(database, now + 2 * DAY)


async def test_a_cancellation_and_a_question_at_once(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    scenes = []
    for _ in range(8):
        order_id = await place(database, market, now, ("S-1", 4))
        [journey] = await journeys_of(database, market, order_id)
        scenes.append(Scene(market, order_id, journey.id))

    async def ask(scene: Scene) -> None:
        with contextlib.suppress(NotFound):
            await question(database, market, scene.journey_id, "DAMAGED", 1, now)

    def give_up(scene: Scene) -> Awaitable[object]:
        return placing.cancel_order(
            database, market.buyer, scene.order_id, key=fresh_key(), now=now
        )

    await asyncio.gather(*(ask(scene) for scene in scenes), *(give_up(scene) for scene in scenes))
    for _ in range(3):
        await carry_events(database)
    await assert_sound(database, now)


@pytest.mark.parametrize("is_delivered", [True, False])
async def test_an_order_ends_when_its_last_open_line_is_taken_out(
    database: Database, now: dt.datetime, *, is_delivered: bool
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4), ("S-2", 3))
    first, _ = await journeys_of(database, market, order_id)
    await finish(database, market.operator, "PACK", [first.id], now)
    await finish(database, market.operator, "DISPATCH", [first.id], now)
    if is_delivered:
        await finish(database, market.operator, "LAST_MILE", [first.id], now)
    else:
        lost = await question(database, market, first.id, "LOST", 4, now)
        async with database.writing(market.buyer) as db:
            await actions.decide(db, market.buyer, decision_id=lost.id, option="REFUND", now=now)
    await placing.amend_order(
        database, market.buyer, order_id, AmendBody([AmendedLine(2, 0)]), key=fresh_key(), now=now
    )
    for _ in range(2):
        await carry_events(database)
    async with database.reading(market.operator) as db:
        order = await orders.get_order(db, order_id)
        hold = await ledger.get_hold(db, order_id)
    assert order.head.status == ("COMPLETED" if is_delivered else "CANCELLED")
    assert (hold.release_after is not None) == is_delivered
    assert hold.refunded == (3 if is_delivered else 7) * 1250
    await assert_sound(database, now)


async def test_what_a_factory_does_not_send_is_refunded_once(
    database: Database, now: dt.datetime
) -> None:
    """Two of the line's units come from elsewhere, and one of the factory's is refunded."""
    market = await make_market(database, now, on_hand=2)
    async with database.system() as db:
        factory = await make_node(db, "F-1", "FACTORY", "CN", now, supplier=market.supplier)
        await set_stock(
            db, market.operator, market.skus, node_id=factory, on_hand=5, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = 'VIRTUAL'")
    order_id = await place(database, market, now, ("S-1", 6), decision="SHIP_PART")
    found = await journeys_of(database, market, order_id)
    assert {(j.node, j.moving) for j in found} == {("WAW", 2), ("F-1", 4)}
    [late] = [j for j in found if j.node == "F-1"]
    decision = await question(database, market, late.id, "LATE", 1, now)
    async with database.writing(market.buyer) as db:
        await actions.decide(db, market.buyer, decision_id=decision.id, option="REFUND", now=now)
    purchase = await purchased(database, market, order_id, now)
    async with database.system() as db:
        await db.execute(
            "update orders.order_part set purchase_order_id = null where node_id <> $1", factory
        )
    await answered(database, market, purchase, now, kind=AnswerKind.REFUSED)
    for _ in range(3):
        await carry_events(database)
    async with database.reading(market.operator) as db:
        hold = await ledger.get_hold(db, order_id)
    assert hold.refunded == 4 * 1250
    await assert_sound(database, now)


async def test_what_ends_and_the_clock_take_their_locks_in_one_order(
    database: Database, now: dt.datetime
) -> None:
    """Questions about both lines are due while the journeys of the cancelled order end."""
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4), ("S-2", 4))
    for journey in await journeys_of(database, market, order_id):
        await question(database, market, journey.id, "DAMAGED", 1, now)
    await placing.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    late = now + 9 * DAY

    async def end() -> int:
        async with database.system() as db:
            return await actions.end_cancelled(db, market.operator, order_id=order_id, now=late)

    async def meet() -> int:
        async with database.system() as db:
            return await actions.meet_deadlines(db, market.operator, limit=50, now=late)

    async with database.system() as db:
        # Whoever ends the journeys has them, and waits here before it comes to their questions.
        await db.execute("select from fulfillment.stage for update")
        ending = asyncio.create_task(end())
        await waiting(database, "fulfillment.end_cancelled")
        meeting = asyncio.create_task(meet())
        await asyncio.sleep(0.3)
    assert await asyncio.gather(ending, meeting) == [2, 0]
    for _ in range(3):
        await carry_events(database)
    assert {j.state for j in await journeys_of(database, market, order_id)} == {"ENDED"}
    await assert_sound(database, late)


async def waiting(database: Database, words: str) -> None:
    """Wait until a session with these words waits for a lock."""
    watcher = await asyncpg.connect(database.dsn)
    try:
        async with asyncio.timeout(20):
            while not await watcher.fetchval(  # noqa: ASYNC110 - another process
                """select exists (select from pg_stat_activity
                    where wait_event_type = 'Lock' and query like '%' || $1 || '%'
                      and pid <> pg_backend_pid())""",
                words,
            ):
                await asyncio.sleep(0.01)
    finally:
        await watcher.close()

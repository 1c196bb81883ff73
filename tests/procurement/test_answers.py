"""The supplier's answer and what follows: one answer counts, inbound follows the terms."""

import asyncio
import datetime as dt
from decimal import Decimal

import pytest

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.errors import Refusal
from beltline.kit.events import list_events_of
from beltline.procurement import actions, queries
from beltline.procurement.types.orders import (
    AlreadyAnswered,
    Answer,
    AnswerKind,
    AnswerLine,
    CannotCancel,
    DateInThePast,
    NotCountered,
    NothingCountered,
    NothingOffered,
    PurchaseOrder,
    ReasonNeeded,
    Status,
    UnknownLine,
)
from tests.procurement.make import (
    EXPECTED,
    NOW,
    Trade,
    assert_inbound_is_awaited,
    inbound,
    make_order,
    make_trade,
)

CONFIRM = Answer(AnswerKind.CONFIRMED)
LATER = EXPECTED + dt.timedelta(days=6)


async def answer(
    database: Database, actor: Actor, order: PurchaseOrder, given: Answer
) -> PurchaseOrder:
    async with database.writing(actor) as db:
        return await actions.answer_order(db, actor, order_id=order.id, answer=given, now=NOW)


async def accept(database: Database, trade: Trade, order: PurchaseOrder) -> PurchaseOrder:
    async with database.writing(trade.operator) as db:
        return await actions.accept_counter(db, trade.operator, order_id=order.id, now=NOW)


async def cancel(database: Database, trade: Trade, order: PurchaseOrder) -> PurchaseOrder:
    async with database.writing(trade.operator) as db:
        return await actions.cancel_order(
            db, trade.operator, order_id=order.id, note="no demand", now=NOW
        )


async def test_confirming_keeps_terms_and_inbound(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    confirmed = await answer(database, trade.supplier, order, CONFIRM)
    async with database.reading(trade.operator) as db:
        lines = await queries.list_lines(db, order.id)
        events = await list_events_of(db, order.id)
    assert confirmed.status is Status.CONFIRMED
    assert [line.answered_quantity for line in lines] == [600, 40]
    assert [line.answered_amount for line in lines] == [line.amount for line in lines]
    assert confirmed.total_amount == order.total_amount == 1_188_000 + 4_800
    assert [event.sequence for event in events] == [1, 2]
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 600, ("SKU-2", "CON-YIW"): 40}


async def test_a_counter_moves_nothing_until_it_is_accepted(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    countered = await answer(
        database, trade.supplier, order,
        Answer(AnswerKind.COUNTERED, [AnswerLine(1, 480, Decimal("20.005"))], LATER, "holiday"),
    )  # fmt: skip
    assert (countered.status, countered.expected_date) == (Status.COUNTERED, EXPECTED)
    assert countered.answered_date == LATER
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 600
    accepted = await accept(database, trade, order)
    assert (accepted.status, accepted.expected_date) == (Status.CONFIRMED, LATER)
    assert accepted.total_amount == 960_240 + 4_800
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 480, ("SKU-2", "CON-YIW"): 40}
    await assert_inbound_is_awaited(database)
    with pytest.raises(NotCountered):
        await accept(database, trade, order)


async def test_a_counter_that_changes_nothing_confirms(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    same = Answer(AnswerKind.COUNTERED, [AnswerLine(1, 600, Decimal("19.8"))], EXPECTED)
    assert (await answer(database, trade.supplier, order, same)).status is Status.CONFIRMED


async def test_refusing_takes_the_goods_back(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    refused = await answer(
        database, trade.supplier, order, Answer(AnswerKind.REFUSED, note=" mold broken ")
    )
    assert (refused.status, refused.answer_note) == (Status.REFUSED, "mold broken")
    assert await inbound(database) == {}


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (Answer(AnswerKind.REFUSED, note="  "), ReasonNeeded),
        (Answer(AnswerKind.COUNTERED), NothingCountered),
        (Answer(AnswerKind.COUNTERED, [AnswerLine(1)]), NothingCountered),
        (Answer(AnswerKind.COUNTERED, [AnswerLine(9, 5)]), UnknownLine),
        (Answer(AnswerKind.COUNTERED, [AnswerLine(1, 0), AnswerLine(2, 0)]), NothingOffered),
        (
            Answer(AnswerKind.COUNTERED, expected_date=day_of(NOW) - dt.timedelta(days=2)),
            DateInThePast,
        ),
    ],
)
async def test_an_answer_that_says_nothing_changes_nothing(
    database: Database, given: Answer, refusal: type[Refusal]
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    with pytest.raises(refusal):
        await answer(database, trade.supplier, order, given)
    async with database.reading(trade.supplier) as db:
        kept = await queries.get_order(db, trade.supplier, order.id)
        lines = await queries.list_lines(db, order.id)
    assert (kept.status, kept.version) == (Status.ISSUED, 1)
    assert [line.answered_quantity for line in lines] == [None, None]


async def test_of_two_answers_at_once_one_wins(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    refuse = Answer(AnswerKind.REFUSED, note="full")
    results = await asyncio.gather(
        *(answer(database, trade.supplier, order, given) for given in [CONFIRM, refuse] * 3),
        return_exceptions=True,
    )
    won = [result for result in results if isinstance(result, PurchaseOrder)]
    assert len(won) == 1
    assert sum(isinstance(result, AlreadyAnswered) for result in results) == 5
    async with database.reading(trade.operator) as db:
        kept = await queries.get_order(db, trade.operator, order.id)
        assert len(await list_events_of(db, order.id)) == 2
    assert kept.status is won[0].status
    await assert_inbound_is_awaited(database)


async def test_nobody_answers_for_another_supplier(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    for stranger in (trade.other_supplier, trade.buyer, trade.operator):
        with pytest.raises(NotFound):
            await answer(database, stranger, order, CONFIRM)
    countered = Answer(AnswerKind.COUNTERED, [AnswerLine(1, 1)])
    await answer(database, trade.supplier, order, countered)
    with pytest.raises(WrongRole):
        async with database.writing(trade.supplier) as db:
            await actions.accept_counter(db, trade.supplier, order_id=order.id, now=NOW)


async def test_cancelling_takes_the_goods_back_once(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    kept = await make_order(database, trade, lines=(("SKU-1", 7, "20"),))
    await answer(database, trade.supplier, order, CONFIRM)
    cancelled = await cancel(database, trade, order)
    assert cancelled.status is Status.CANCELLED
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 7}
    with pytest.raises(CannotCancel):
        await cancel(database, trade, order)
    with pytest.raises(AlreadyAnswered):
        await answer(database, trade.supplier, order, CONFIRM)
    assert kept.status is Status.ISSUED


async def test_unanswered_orders_expire_and_answered_ones_do_not(database: Database) -> None:
    trade = await make_trade(database)
    silent = await make_order(database, trade)
    answered = await make_order(database, trade, lines=(("SKU-1", 7, "20"),))
    await answer(database, trade.supplier, answered, CONFIRM)
    late = NOW + dt.timedelta(hours=48)
    async with database.system() as db:
        assert await queries.list_unanswered(db, now=late - dt.timedelta(seconds=1)) == []
        assert await queries.list_unanswered(db, now=late) == [silent.id]
        ended = [
            await actions.expire_order(db, trade.operator, order_id=order.id, now=late)
            for order in (silent, answered, silent)
        ]
    assert ended == [True, False, False]
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 7}
    with pytest.raises(AlreadyAnswered):
        await answer(database, trade.supplier, silent, CONFIRM)

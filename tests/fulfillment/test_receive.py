"""Receiving: stock, order, events and audit move together, once; short and over are handled."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.accounts.queries import list_audit
from beltline.fulfillment import actions
from beltline.fulfillment.queries import receipts as queries
from beltline.fulfillment.types.receipts import (
    Counted,
    GoodsReceipt,
    NameMissing,
    NothingCounted,
    NotOnOrder,
    NotReceivable,
    OverReceipt,
)
from beltline.inventory import actions as inventory
from beltline.inventory.queries import prove_stock
from beltline.inventory.queries.lots import list_lots, prove_lots
from beltline.inventory.types.lots import LotRule
from beltline.kit.actor import WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.errors import Refusal
from beltline.kit.events import list_events_of
from beltline.kit.idempotency import KeyInFlight, once
from beltline.procurement import actions as procurement
from beltline.procurement import queries as orders
from beltline.procurement.types.orders import Answer, AnswerKind, AnswerLine, Status
from tests.fulfillment.make import on_hand, receive
from tests.procurement.make import (
    NOW,
    assert_inbound_is_awaited,
    find_trade,
    inbound,
    make_order,
    make_trade,
)

ALL = (Counted(600, sku="SKU-1"), Counted(40, line_no=2))


async def test_receiving_all_moves_stock_order_events_and_audit(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    receipt = await receive(database, trade, order, *ALL)
    async with database.reading(trade.operator) as db:
        kept = await orders.get_order(db, trade.operator, order.id)
        lines = await queries.list_receipt_lines(db, receipt.id)
        order_events = await list_events_of(db, order.id)
        [event] = await list_events_of(db, receipt.id)
        audit = await list_audit(db, trade.operator.org_id)
        proof = await prove_stock(db)
    assert kept.status is Status.RECEIVED
    assert [(x.sku, x.expected_quantity, x.received_quantity) for x in lines] == [
        ("SKU-1", 600, 600), ("SKU-2", 40, 40),
    ]  # fmt: skip
    assert [x.type for x in order_events] == ["purchase_order.issued", "purchase_order.received"]
    assert (event.type, event.data["purchase_order"]) == ("goods_receipt.recorded", order.number)
    assert sorted(entry.action for entry in audit) == ["issue", "receive", "record"]
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 600, ("SKU-2", "CON-YIW"): 40}
    assert await inbound(database) == {}
    assert proof.holds


async def test_a_receipt_names_the_lots_it_brought(database: Database) -> None:
    """A line of several lots is named once for each; what has no lot waits to be named."""
    trade = await make_trade(database)
    order = await make_order(database, trade)
    day = day_of(NOW) + dt.timedelta(days=30)
    async with database.writing(trade.operator) as db:
        await inventory.keep_lots(db, trade.operator, LotRule("SKU-1", "EXPIRY", None, 7), now=NOW)
    lots = (Counted(400, sku="SKU-1", lot="A", expires_date=day),
            Counted(150, line_no=1, lot="B", expires_date=day), Counted(50, line_no=1))  # fmt: skip
    await receive(database, trade, order, *lots)
    async with database.reading(trade.operator) as db:
        kept = await list_lots(db, today=day_of(NOW), sku="SKU-1")
        proof = await prove_lots(db)
    assert sorted((lot.code, lot.units, lot.expires_date) for lot in kept) == [
        ("", 50, None), ("A", 400, day), ("B", 150, day),
    ]  # fmt: skip
    assert proof.holds


async def test_a_short_receipt_leaves_the_rest_awaited(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    await receive(database, trade, order, Counted(580, sku="SKU-1"))
    async with database.reading(trade.operator) as db:
        kept = await orders.get_order(db, trade.operator, order.id)
    assert (kept.status, kept.awaited_quantity) == (Status.PART_RECEIVED, 60)
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 20, ("SKU-2", "CON-YIW"): 40}
    await receive(database, trade, order, Counted(20, sku="SKU-1"), Counted(40, sku="SKU-2"))
    async with database.reading(trade.operator) as db:
        done = await orders.get_order(db, trade.operator, order.id)
        assert len(await queries.list_receipts(db, order.id)) == 2
    assert done.status is Status.RECEIVED
    await assert_inbound_is_awaited(database)
    with pytest.raises(NotReceivable):
        await receive(database, trade, order, Counted(1, sku="SKU-1"))


async def test_a_final_short_receipt_ends_the_order(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    receipt = await receive(database, trade, order, Counted(580, sku="SKU-1"), is_final=True)
    async with database.reading(trade.operator) as db:
        kept = await orders.get_order(db, trade.operator, order.id)
        lines = await queries.list_receipt_lines(db, receipt.id)
    assert (kept.status, kept.awaited_quantity) == (Status.RECEIVED, 0)
    assert [(x.expected_quantity, x.received_quantity) for x in lines] == [(600, 580), (40, 0)]
    assert await inbound(database) == {}


async def test_over_the_tolerance_needs_a_word(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    with pytest.raises(OverReceipt) as refused:
        await receive(database, trade, order, Counted(631, sku="SKU-1"))
    assert refused.value.fields["awaited"] == 600
    assert await on_hand(database) == {}
    # 5 % of 600 are taken without a question, and do not make other orders' goods disappear.
    await make_order(database, trade, lines=(("SKU-1", 7, "20"),))
    await receive(database, trade, order, Counted(630, sku="SKU-1"))
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 7
    await receive(database, trade, order, Counted(100, sku="SKU-2"), over=True)
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 630, ("SKU-2", "CON-YIW"): 100}
    await assert_inbound_is_awaited(database)


async def test_goods_come_on_the_countered_terms(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    counter = Answer(AnswerKind.COUNTERED, [AnswerLine(1, 480)])
    async with database.writing(trade.supplier) as db:
        await procurement.answer_order(
            db, trade.supplier, order_id=order.id, answer=counter, now=NOW
        )
    with pytest.raises(NotReceivable):
        await receive(database, trade, order, Counted(480, sku="SKU-1"))
    async with database.writing(trade.operator) as db:
        await procurement.accept_counter(db, trade.operator, order_id=order.id, now=NOW)
    await receive(database, trade, order, Counted(480, sku="SKU-1"), Counted(40, sku="SKU-2"))
    async with database.reading(trade.operator) as db:
        kept = await orders.get_order(db, trade.operator, order.id)
    assert kept.status is Status.RECEIVED


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ((), NothingCounted),
        ((Counted(0, sku="SKU-1"),), NothingCounted),
        ((Counted(1, sku="SKU-3"),), NotOnOrder),
        ((Counted(1, line_no=3),), NotOnOrder),
        ((Counted(1),), NameMissing),
        ((Counted(1, line_no=1, sku="SKU-1"),), NameMissing),
    ],
)
async def test_a_wrong_count_changes_nothing(
    database: Database, lines: tuple[Counted, ...], refusal: type[Refusal]
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    with pytest.raises(refusal):
        await receive(database, trade, order, *lines)
    assert await on_hand(database) == {}
    async with database.reading(trade.operator) as db:
        assert await queries.list_receipts(db, order.id) == []


async def test_only_the_operator_receives(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    for stranger in (trade.supplier, trade.buyer):
        with pytest.raises(WrongRole):
            async with database.writing(stranger) as db:
                await actions.receive_goods(
                    db, stranger, purchase_order_id=order.id, lines=ALL, note="", now=NOW
                )
        # The command itself knows no such order for them either.
        with pytest.raises(NotFound):
            async with database.writing(stranger) as db:
                await db.execute(
                    "select fulfillment.receive_goods($1, $2, $2, $3, '', false, false, 5, $4)",
                    stranger.as_row(), order.id, ALL, NOW,
                )  # fmt: skip
    async with database.reading(trade.other_supplier) as db:
        assert await queries.list_receipts(db, order.id) == []


async def test_the_same_form_sent_many_times_receives_once(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)

    async def act(db: Writer) -> tuple[int, Any]:
        receipt = await actions.receive_goods(
            db, trade.operator, purchase_order_id=order.id, lines=ALL, note="", now=NOW
        )
        return 201, {"number": receipt.number}

    async def send() -> str:
        answer = await once(
            database, trade.operator, key="form-1", operation="receive", body={}, act=act
        )
        return str(answer.unwrap().response["number"])

    sent = await asyncio.gather(*(send() for _ in range(6)), return_exceptions=True)
    numbers = {result for result in sent if isinstance(result, str)}
    assert len(numbers) == 1
    assert all(isinstance(result, str | KeyInFlight) for result in sent)
    assert await send() in numbers
    assert (await on_hand(database))["SKU-1", "CON-YIW"] == 600


async def test_receipts_at_once_never_take_more_than_was_ordered(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    done = await asyncio.gather(
        *(receive(database, trade, order, Counted(200, sku="SKU-1")) for _ in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, GoodsReceipt) for result in done) == 3
    assert sum(isinstance(result, OverReceipt) for result in done) == 3
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 600}
    await assert_inbound_is_awaited(database)


@given(
    counts=st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.booleans()), min_size=1, max_size=5
    )
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_units_are_conserved(database: Database, counts: list[tuple[int, int, bool]]) -> None:
    """Whatever is counted: on hand = sum of receipts, inbound = what orders await."""
    async with database.system() as db:
        known = await db.value("select count(*) from accounts.organization")
    trade = await (make_trade(database) if not known else find_trade(database))
    before = await on_hand(database)
    order = await make_order(database, trade, lines=(("SKU-1", 100, "1"), ("SKU-2", 50, "1")))
    taken = [0, 0]
    for first, second, is_final in counts:
        try:
            await receive(
                database, trade, order, Counted(first, line_no=1), Counted(second, line_no=2),
                is_final=is_final,
            )  # fmt: skip
        except (OverReceipt, NothingCounted, NotReceivable):
            continue
        taken = [taken[0] + first, taken[1] + second]
    after = await on_hand(database)
    keys = [("SKU-1", "CON-YIW"), ("SKU-2", "CON-YIW")]
    moved = [after.get(key, 0) - before.get(key, 0) for key in keys]
    assert moved == taken
    await assert_inbound_is_awaited(database)
    async with database.reading(trade.operator) as db:
        assert (await prove_stock(db)).holds

"""Issuing an order: exact amounts, goods announced, event and audit in one transaction."""

import datetime as dt
from decimal import Decimal

import pytest

from beltline.accounts.queries import list_audit
from beltline.kit.actor import WrongRole
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id
from beltline.procurement import actions, queries
from beltline.procurement.types.orders import (
    AmountTooLarge,
    DateInThePast,
    DuplicateSku,
    EmptyOrder,
    NewLine,
    Status,
)
from tests.procurement.make import (
    EXPECTED,
    NOW,
    assert_inbound_is_awaited,
    inbound,
    make_order,
    make_trade,
)


async def test_an_order_is_issued_with_exact_amounts(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(
        database,
        trade,
        lines=(("SKU-1", 3, "0.115"), ("SKU-2", 1, "0.125"), ("SKU-3", 1250, "2.5")),
    )
    async with database.reading(trade.operator) as db:
        kept = await queries.list_lines(db, order.id)
    # 0.345 and 0.125 and 3.125 (1.25 m of goods sold by the meter) rounded half-even.
    assert [line.amount for line in kept] == [34, 12, 312]
    assert (order.status, order.total_amount, order.line_count) == (Status.ISSUED, 358, 3)
    assert order.number.startswith("PO-")
    assert order.answer_by == NOW + dt.timedelta(hours=48)


async def test_issued_goods_are_inbound_and_two_orders_add_up(database: Database) -> None:
    trade = await make_trade(database)
    await make_order(database, trade)
    await make_order(database, trade, lines=(("SKU-1", 5, "20"),))
    assert await inbound(database) == {("SKU-1", "CON-YIW"): 605, ("SKU-2", "CON-YIW"): 40}
    await assert_inbound_is_awaited(database)


async def test_issuing_records_event_and_audit(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    async with database.reading(trade.supplier) as db:
        events = await list_events_of(db, order.id)
    async with database.reading(trade.operator) as db:
        audit = await list_audit(db, trade.operator.org_id, object_id=order.id)
    assert [event.type for event in events] == ["purchase_order.issued"]
    assert events[0].data["lines"][0] == {
        "line_no": 1, "sku": "SKU-1", "quantity": 600, "unit_price": "19.8",
    }  # fmt: skip
    assert [entry.action for entry in audit] == ["issue"]


@pytest.mark.parametrize(
    ("lines", "day", "refusal"),
    [
        ((), EXPECTED, EmptyOrder),
        ((("SKU-1", 0, "1"),), EXPECTED, EmptyOrder),
        ((("SKU-1", 1, "1"), ("SKU-1", 2, "1")), EXPECTED, DuplicateSku),
        ((("SKU-1", 1, "1"),), dt.date(2026, 11, 1), DateInThePast),
        ((("SKU-1", 10**12, "1000000"),), EXPECTED, AmountTooLarge),
    ],
)
async def test_an_order_nobody_could_fill_is_refused(
    database: Database,
    lines: tuple[tuple[str, int, str], ...],
    day: dt.date,
    refusal: type[Exception],
) -> None:
    trade = await make_trade(database)
    with pytest.raises(refusal):
        async with database.writing(trade.operator) as db:
            await actions.issue_order(
                db, trade.operator, supplier_org_id=trade.supplier.org_id,
                node_id=trade.nodes["CON-YIW"], currency="CNY", expected_date=day,
                order_by_date=None, plan_run_id=None, now=NOW,
                lines=[NewLine(trade.goods[c], q, Decimal(p)) for c, q, p in lines],
            )  # fmt: skip
    assert await inbound(database) == {}


async def test_unknown_parties_and_goods_are_not_found(database: Database) -> None:
    trade = await make_trade(database)
    known = {
        "supplier_org_id": trade.supplier.org_id, "node_id": trade.nodes["CON-YIW"],
    }  # fmt: skip
    for wrong in ({"supplier_org_id": trade.buyer.org_id}, {"node_id": new_id()}):
        with pytest.raises(NotFound):
            async with database.writing(trade.operator) as db:
                await actions.issue_order(
                    db, trade.operator, currency="CNY", expected_date=EXPECTED,
                    order_by_date=None, plan_run_id=None, now=NOW,
                    lines=[NewLine(trade.goods["SKU-1"], 1, Decimal(1))], **{**known, **wrong},
                )  # fmt: skip
    with pytest.raises(NotFound):
        async with database.writing(trade.operator) as db:
            await actions.issue_order(
                db, trade.operator, currency="CNY", expected_date=EXPECTED, order_by_date=None,
                plan_run_id=None, now=NOW, lines=[NewLine(new_id(), 1, Decimal(1))], **known,
            )  # fmt: skip


async def test_only_the_operator_issues(database: Database) -> None:
    trade = await make_trade(database)
    order = {
        "id": new_id(), "supplier_org_id": trade.supplier.org_id, "lines": [],
        "node_id": trade.nodes["CON-YIW"], "currency": "CNY", "expected_date": EXPECTED,
    }  # fmt: skip
    with pytest.raises(WrongRole):
        async with database.writing(trade.supplier) as db:
            await db.execute(
                "select procurement.issue_order($1, $2, $3)", trade.supplier.as_row(), order, NOW
            )


async def test_strangers_see_no_order(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    for stranger in (trade.other_supplier, trade.buyer):
        async with database.reading(stranger) as db:
            assert await queries.list_orders(db, stranger) == []
            assert await queries.list_lines(db, order.id) == []
            with pytest.raises(NotFound):
                await queries.get_order(db, stranger, order.id)
    async with database.reading(trade.supplier) as db:
        assert [o.id for o in await queries.list_to_answer(db, trade.supplier)] == [order.id]


async def test_a_supplier_sees_no_draft(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set status = 'PROPOSED'")
    async with database.reading(trade.supplier) as db:
        assert await queries.list_orders(db, trade.supplier) == []
        assert await queries.list_lines(db, order.id) == []


async def test_the_proof_of_inbound_finds_a_fault(database: Database) -> None:
    trade = await make_trade(database)
    await make_order(database, trade)
    await assert_inbound_is_awaited(database)
    async with database.system() as db:
        await db.execute("update inventory.stock set inbound = inbound + 1 where inbound = 600")
        proof = await queries.prove_inbound(db)
    assert not proof.holds
    assert [(fault["inbound"], fault["awaited"]) for fault in proof.faults] == [(601, 600)]

"""Deadlines of purchases: a reminder before, the operator's queue after, each of them once."""

import asyncio
import datetime as dt

import pytest

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id, show_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.procurement import actions as purchases
from beltline.procurement.actions import changes
from beltline.procurement.actions import deadlines as actions
from beltline.procurement.queries import deadlines as queries
from beltline.procurement.types.changes import ChangeBody
from beltline.procurement.types.deadlines import Deadline, NothingOverdue
from beltline.procurement.types.orders import PurchaseOrder
from beltline.procurement.workflows import JOBS, meet_deadlines
from beltline.tower.queries import needs
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import member, send
from tests.procurement.make import EXPECTED, NOW, Trade, confirm, make_order, make_trade, ship

HOUR = dt.timedelta(hours=1)
# Two days on the road before 18:00 of the day in Shanghai.
SHIP_BY = dt.datetime(2026, 12, 2, 10, 0, tzinfo=dt.UTC)


async def meet(database: Database, trade: Trade, now: dt.datetime) -> int:
    async with database.system() as db:
        return await actions.meet_deadlines(db, trade.operator, limit=500, now=now)


async def deadlines_of(database: Database, actor: Actor, order: PurchaseOrder) -> list[Deadline]:
    async with database.reading(actor) as db:
        return await queries.list_deadlines_of(db, order.id)


async def told(database: Database, trade: Trade, order: PurchaseOrder) -> list[str]:
    async with database.reading(trade.operator) as db:
        found = await list_events_of(db, order.id)
    assert len({event.sequence for event in found}) == len(found)
    return [event.type.removeprefix("purchase_order.") for event in found]


async def waiting(database: Database, trade: Trade, now: dt.datetime) -> list[tuple[str, str]]:
    """The operator's queue as (kind, order)."""
    async with database.reading(trade.operator) as db:
        found = await needs.list_needs(
            db, trade.operator.org_id, now=now, zone="Asia/Shanghai", today=day_of(now)
        )
    return [(need.kind.value, need.code) for need in found if need.code.startswith("PO-")]


async def test_an_unanswered_order_reminds_then_ends_and_waits_in_the_queue(
    database: Database,
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    assert order.answer_by is not None
    assert await meet(database, trade, order.answer_by - 13 * HOUR) == 0
    near = order.answer_by - 11 * HOUR
    assert await meet(database, trade, near) == 1
    assert await meet(database, trade, near + HOUR) == 0
    assert await meet(database, trade, order.answer_by) == 0
    async with database.system() as db:
        assert await purchases.expire_order(
            db, trade.operator, order_id=order.id, now=order.answer_by
        )
    [deadline] = await deadlines_of(database, trade.operator, order)
    assert (deadline.kind, deadline.concerns) == ("ANSWER", "SUPPLIER")
    assert (deadline.reminded_at, deadline.escalated_at) == (near, order.answer_by)
    assert (deadline.is_running, deadline.is_waiting) == (False, True)
    assert await told(database, trade, order) == ["issued", "reminded", "expired"]
    assert await waiting(database, trade, order.answer_by) == [("EXPIRED", order.number)]


async def test_goods_not_sent_in_time_escalate_once_and_a_later_day_begins_anew(
    database: Database,
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    await confirm(database, trade, order)
    [running] = await deadlines_of(database, trade.supplier, order)
    assert (running.kind, running.due_at) == ("SHIPMENT", SHIP_BY)
    assert [await meet(database, trade, SHIP_BY + lag) for lag in (-HOUR, HOUR, 2 * HOUR)] == [
        1, 1, 0,
    ]  # fmt: skip
    assert await waiting(database, trade, SHIP_BY + HOUR) == [("UNSENT", order.number)]
    later = ChangeBody([], EXPECTED + dt.timedelta(days=6))
    async with database.writing(trade.supplier) as db:
        asked = await changes.ask_change(
            db, trade.supplier, order_id=order.id, body=later, now=SHIP_BY
        )
    async with database.writing(trade.operator) as db:
        await changes.answer_change(
            db, trade.operator, change_id=asked.id, is_accepted=True, note="", now=SHIP_BY
        )
    assert await waiting(database, trade, SHIP_BY + HOUR) == []
    assert await meet(database, trade, SHIP_BY + dt.timedelta(days=6)) == 1
    await ship(database, trade.supplier, order.id, (1, 600), (2, 40))
    assert await meet(database, trade, SHIP_BY + dt.timedelta(days=9)) == 0
    assert await waiting(database, trade, SHIP_BY + dt.timedelta(days=6)) == []
    assert (await told(database, trade, order)).count("overdue") == 2


async def test_a_change_nobody_answers_reminds_its_side_and_escalates(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    await confirm(database, trade, order)
    body = ChangeBody([], EXPECTED + dt.timedelta(days=1))
    async with database.writing(trade.operator) as db:
        asked = await changes.ask_change(db, trade.operator, order_id=order.id, body=body, now=NOW)
    assert asked.answer_by == NOW + 48 * HOUR
    assert await waiting(database, trade, asked.answer_by - HOUR) == []
    assert await meet(database, trade, asked.answer_by - HOUR) == 1
    assert await meet(database, trade, asked.answer_by + HOUR) == 1
    assert await waiting(database, trade, asked.answer_by + HOUR) == [("CHANGE", order.number)]
    async with database.writing(trade.supplier) as db:
        await changes.answer_change(
            db, trade.supplier, change_id=asked.id, is_accepted=False, note="no", now=NOW
        )
    assert await waiting(database, trade, asked.answer_by + HOUR) == []


async def test_two_workers_at_once_remind_once(database: Database) -> None:
    trade = await make_trade(database)
    orders = [await make_order(database, trade) for _ in range(3)]
    near = NOW + 47 * HOUR
    taken = await asyncio.gather(*(meet(database, trade, near) for _ in range(4)))
    assert sum(taken) + await meet(database, trade, near) == 3
    for order in orders:
        assert await told(database, trade, order) == ["issued", "reminded"]


async def test_imported_orders_and_those_for_buyers_have_no_day_of_shipping(
    database: Database,
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    await confirm(database, trade, order)
    for column in ("is_imported", "is_for_orders"):
        async with database.system() as db:
            await db.execute(f"update procurement.purchase_order set {column} = true")
        assert await deadlines_of(database, trade.operator, order) == []
        assert await meet(database, trade, SHIP_BY) == 0
        async with database.system() as db:
            await db.execute(f"update procurement.purchase_order set {column} = false")
    with pytest.raises(WrongRole):
        async with database.writing(trade.supplier) as db:
            await actions.meet_deadlines(db, trade.supplier, limit=1, now=SHIP_BY)


async def test_the_job_meets_them_and_the_doors_show_and_settle_them(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    order = await make_order(database, trade, now=now - 47 * HOUR)
    done = await run_inline(
        database, trade.operator, kind=meet_deadlines.name, title="Remind", parameters={},
        now=now, registry=registry_of(*JOBS), job_id=new_id(),
    )  # fmt: skip
    assert done.result == 1
    async with database.system() as db:
        await purchases.expire_order(db, trade.operator, order_id=order.id, now=now + 2 * HOUR)
    shown = show_id("po", order.id)
    async with member(database, trade.operator) as http:
        page = await http.get(f"/purchases/{shown}")
        assert "Taken care of" in page.text
        queue = await http.get("/queue?kind=EXPIRED")
        assert order.number in queue.text
        settled = await send(http, f"/purchases/{shown}/take-up", seen=page, note="asked Yiwu")
        again = await http.get(f"/purchases/{shown}")
    assert settled.status_code == 303
    assert "Taken care of" not in again.text
    operator, other = (
        await key_of(database, trade.operator), await key_of(database, trade.other_supplier),
    )  # fmt: skip
    path = f"/v1/purchase-orders/{shown}"
    async with api(database) as http:
        listed = await http.get(f"{path}/deadlines", headers=operator)
        hidden = await http.get(f"{path}/deadlines", headers=other)
        twice = await http.post(f"{path}/take-up", json={}, headers=idempotent(operator))
        foreign = await http.post(f"{path}/take-up", json={}, headers=idempotent(other))
    [deadline] = listed.json()["items"]
    assert deadline["settled_at"] is not None
    assert (hidden.status_code, foreign.status_code) == (404, 403)
    assert twice.json()["code"] == NothingOverdue.code


async def test_a_factory_sees_what_is_due_soon(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    order = await make_order(database, trade, now=now)
    await confirm(database, trade, order, now=now)
    async with database.system() as db:
        await db.execute(
            "update procurement.purchase_order set expected_date = $1, answered_at = $2",
            day_of(now), now - 2 * 24 * HOUR,
        )  # fmt: skip
    key = await key_of(database, trade.supplier)
    async with member(database, trade.supplier) as http:
        queue = await http.get("/supplier")
    async with api(database) as http:
        overdue = await http.get("/v1/purchase-deadlines?overdue=true", headers=key)
        none = await http.get("/v1/purchase-deadlines?concerns=OPERATOR", headers=key)
    assert "Send the goods" in queue.text
    assert [x["kind"] for x in overdue.json()["items"]] == ["SHIPMENT"]
    assert none.json()["items"] == []
    with pytest.raises(NotFound):
        async with database.writing(trade.other_supplier) as db:
            await db.execute(
                "select procurement.settle_overdue($1, $2, '', $3)",
                trade.other_supplier.as_row(), order.id, now,
            )  # fmt: skip

"""Changes of confirmed orders: one side asks, the other answers, stock follows to the unit."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from beltline.fulfillment.types.receipts import Counted
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.procurement import queries as purchases
from beltline.procurement.actions import changes as actions
from beltline.procurement.queries import changes as queries
from beltline.procurement.types.changes import (
    AlreadySent,
    ChangeAnswered,
    ChangeBody,
    ChangedLine,
    ChangeOpen,
    NotChangeable,
    NothingChanged,
    OrderChange,
    OrdersStandBehind,
    OthersAnswer,
    TooLate,
)
from beltline.procurement.types.orders import DateInThePast, PurchaseOrder, ReasonNeeded
from tests.fulfillment.make import receive
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import guest, member, send
from tests.procurement.make import (
    EXPECTED,
    NOW,
    Trade,
    assert_inbound_is_awaited,
    confirm,
    inbound,
    make_order,
    make_trade,
    ship,
)

LATER = EXPECTED + dt.timedelta(days=6)


async def confirmed(database: Database) -> tuple[Trade, PurchaseOrder]:
    """600 at 19.80 and 40 at 1.20, confirmed."""
    trade = await make_trade(database)
    order = await make_order(database, trade)
    await confirm(database, trade, order)
    return trade, order


async def ask(
    database: Database, actor: Actor, order: PurchaseOrder, *lines: tuple[int, int], **more: Any
) -> OrderChange:
    body = ChangeBody([ChangedLine(n, q) for n, q in lines], **more)
    async with database.writing(actor) as db:
        return await actions.ask_change(db, actor, order_id=order.id, body=body, now=NOW)


async def answer(
    database: Database, actor: Actor, change: OrderChange, *, yes: bool = True, note: str = ""
) -> OrderChange:
    async with database.writing(actor) as db:
        return await actions.answer_change(
            db, actor, change_id=change.id, is_accepted=yes, note=note, now=NOW
        )


async def kept(database: Database, trade: Trade, order: PurchaseOrder) -> PurchaseOrder:
    async with database.reading(trade.operator) as db:
        return await purchases.get_order(db, trade.operator, order.id)


async def test_an_accepted_change_moves_inbound_money_and_day(database: Database) -> None:
    trade, order = await confirmed(database)
    change = await ask(database, trade.supplier, order, (1, 480), (2, 40), expected_date=LATER)
    assert (change.asked_of, [x.sku for x in change.lines]) == ("OPERATOR", ["SKU-1"])
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 600
    with pytest.raises(ChangeOpen):
        await ask(database, trade.operator, order, (2, 50))
    with pytest.raises(OthersAnswer):
        await answer(database, trade.supplier, change)
    done = await answer(database, trade.operator, change)
    assert done.state == "ACCEPTED"
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 480
    await assert_inbound_is_awaited(database)
    after = await kept(database, trade, order)
    assert (after.status, after.expected_date) == ("CONFIRMED", LATER)
    assert after.total_amount == 480 * 1_980 + 4_800
    async with database.reading(trade.operator) as db:
        told = [event.type for event in await list_events_of(db, order.id)]
        lines = await purchases.list_lines(db, order.id)
    assert told[-2:] == ["purchase_order.change_asked", "purchase_order.changed"]
    assert lines[0].answered_unit_price == Decimal("19.8")
    with pytest.raises(ChangeAnswered):
        await answer(database, trade.operator, change)


async def test_a_refused_change_changes_nothing(database: Database) -> None:
    trade, order = await confirmed(database)
    change = await ask(database, trade.operator, order, (1, 700))
    with pytest.raises(ReasonNeeded):
        await answer(database, trade.supplier, change, yes=False)
    refused = await answer(database, trade.supplier, change, yes=False, note="no capacity")
    assert (refused.state, refused.answer_note) == ("REFUSED", "no capacity")
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 600
    for stranger in (trade.other_supplier, trade.buyer):
        with pytest.raises(NotFound):
            await answer(database, stranger, change)


async def test_what_is_sent_stays_and_the_rest_can_go(database: Database) -> None:
    trade, order = await confirmed(database)
    await ship(database, trade.supplier, order.id, (1, 500))
    with pytest.raises(AlreadySent) as refused:
        await ask(database, trade.operator, order, (1, 499))
    assert (refused.value.sent, refused.value.asked) == (500, 499)
    change = await ask(database, trade.operator, order, (1, 500), (2, 0))
    await answer(database, trade.supplier, change)
    assert (await kept(database, trade, order)).status == "SHIPPED"
    await receive(database, trade, order, Counted(400, line_no=1))
    await assert_inbound_is_awaited(database)


async def test_less_than_came_meanwhile_is_too_late_and_exactly_that_closes(
    database: Database,
) -> None:
    trade, order = await confirmed(database)
    late = await ask(database, trade.supplier, order, (1, 100), (2, 0))
    await receive(database, trade, order, Counted(200, line_no=1))
    with pytest.raises(TooLate):
        await answer(database, trade.operator, late)
    await answer(database, trade.operator, late, yes=False, note="too many came")
    change = await ask(database, trade.supplier, order, (1, 200), (2, 0))
    await answer(database, trade.operator, change)
    assert (await kept(database, trade, order)).status == "RECEIVED"
    assert await inbound(database) == {}
    async with database.reading(trade.operator) as db:
        told = await list_events_of(db, order.id)
    assert told[-1].type == "purchase_order.received"
    assert len({event.sequence for event in told}) == len(told)


async def test_what_is_no_change(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    with pytest.raises(NotChangeable):
        await ask(database, trade.operator, order, (1, 1))
    await confirm(database, trade, order)
    with pytest.raises(NothingChanged):
        await ask(database, trade.operator, order, (1, 600), expected_date=EXPECTED)
    with pytest.raises(DateInThePast):
        await ask(database, trade.operator, order, expected_date=dt.date(2026, 1, 1))
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set is_for_orders = true")
    with pytest.raises(OrdersStandBehind):
        await ask(database, trade.operator, order, (1, 1))
    await ask(database, trade.operator, order, expected_date=LATER)


async def test_each_door_asks_and_answers(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    order = await make_order(database, trade, now=now)
    await confirm(database, trade, order, now=now)
    shown = show_id("po", order.id)
    async with member(database, trade.supplier) as http:
        page = await http.get(f"/supplier/orders/{shown}")
        same = await send(
            http, f"/supplier/orders/{shown}/change", seen=page, **{"quantity-1": "600"}
        )
        asked = await send(
            http, f"/supplier/orders/{shown}/change", seen=page, note="mold broke",
            **{"quantity-1": "550"},
        )  # fmt: skip
    assert (same.status_code, asked.status_code) == (422, 303)
    async with member(database, trade.operator) as http:
        seen = await http.get(f"/purchases/{shown}")
        assert "The factory asks for a change" in seen.text
        assert "mold broke" in seen.text
        async with database.reading(trade.operator) as db:
            [change] = await queries.list_changes_of(db, order.id)
        done = await send(
            http, f"/purchases/{shown}/change", seen=seen, change=show_id("chg", change.id),
            act="accept",
        )  # fmt: skip
    assert done.status_code == 303
    operator, supplier = (
        await key_of(database, trade.operator), await key_of(database, trade.supplier),
    )  # fmt: skip
    path = f"/v1/purchase-orders/{shown}/changes"
    async with api(database) as http:
        made = await http.post(
            path, json={"lines": [{"line_no": 1, "quantity": 560}]}, headers=idempotent(operator)
        )
        said = await http.post(
            f"/v1/order-changes/{made.json()['id']}/answer",
            json={"is_accepted": False, "note": "no"}, headers=idempotent(supplier),
        )  # fmt: skip
        listed = await http.get(path, headers=supplier)
        hidden = await http.get(path, headers=await key_of(database, trade.other_supplier))
    assert (made.status_code, said.json()["state"]) == (201, "REFUSED")
    assert [x["state"] for x in listed.json()["items"]] == ["ACCEPTED", "REFUSED"]
    assert hidden.status_code == 404
    assert (await inbound(database))["SKU-1", "CON-YIW"] == 550
    async with guest(database) as http:
        ended = await send(http, "/g/po/nonsense/change", seen=page, change="x")
    assert ended.status_code in (403, 410)

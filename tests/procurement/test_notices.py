"""Shipping notices: what a supplier says it has sent, by API and by link."""

import pytest

from beltline.kit.db import Database, NotFound
from beltline.kit.ids import show_id
from beltline.procurement import actions, queries
from beltline.procurement.queries import notices
from beltline.procurement.types.notices import AlreadyAnnounced, NotShippable, OverAnnounced
from beltline.procurement.types.orders import PurchaseOrder, Status, UnknownLine
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import guest, member, send
from tests.procurement.make import (
    Trade,
    assert_inbound_is_awaited,
    confirm,
    make_order,
    make_trade,
    ship,
)


async def confirmed(database: Database) -> tuple[Trade, PurchaseOrder]:
    """An order of 600 and 40 that its supplier has confirmed, by the application's clock."""
    trade, now = await make_trade(database), await database.now()
    order = await make_order(database, trade, now=now)
    await confirm(database, trade, order, now=now)
    return trade, order


async def status_of(database: Database, trade: Trade, order: PurchaseOrder) -> Status:
    async with database.reading(trade.operator) as db:
        return (await queries.get_order(db, trade.operator, order.id)).status


async def test_boxes_are_announced_until_all_is_on_the_road(database: Database) -> None:
    trade, order = await confirmed(database)
    first = await ship(database, trade.supplier, order.id, (1, 400))
    assert (first.number, first.state, first.cartons) == ("ASN-70001", "ANNOUNCED", 3)
    assert await status_of(database, trade, order) is Status.PART_SHIPPED
    with pytest.raises(AlreadyAnnounced):
        await ship(database, trade.supplier, order.id, (2, 40))
    with pytest.raises(OverAnnounced) as over:
        await ship(database, trade.supplier, order.id, (1, 231), waybill="SF-2")
    assert (over.value.announced, over.value.left) == (631, 600)
    # Within the tolerance of 5 %, and the operator may type it in for the supplier.
    await ship(database, trade.operator, order.id, (1, 230), (2, 40), waybill="SF-2")
    assert await status_of(database, trade, order) is Status.SHIPPED
    await assert_inbound_is_awaited(database)


async def test_what_cannot_be_announced(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    with pytest.raises(NotShippable):
        await ship(database, trade.supplier, order.id, (1, 1))
    await confirm(database, trade, order)
    with pytest.raises(UnknownLine):
        await ship(database, trade.supplier, order.id, (7, 1))
    for stranger in (trade.other_supplier, trade.buyer):
        with pytest.raises(NotFound):
            await ship(database, stranger, order.id, (1, 1))
    assert await status_of(database, trade, order) is Status.CONFIRMED


async def test_the_api_announces_once_and_finds_by_waybill(database: Database) -> None:
    trade, order = await confirmed(database)
    supplier, stranger = (
        await key_of(database, trade.supplier), await key_of(database, trade.other_supplier),
    )  # fmt: skip
    body = {"waybill": "YT-9", "cartons": 2, "lines": [{"line_no": 1, "quantity": 600}]}
    path, headers = (
        f"/v1/purchase-orders/{show_id('po', order.id)}/shipping-notices", idempotent(supplier),
    )  # fmt: skip
    async with api(database) as http:
        made = [await http.post(path, json=body, headers=headers) for _ in range(2)]
        none = await http.post(path, json={**body, "lines": []}, headers=idempotent(supplier))
        seen = await http.get("/v1/shipping-notices?waybill=YT-9", headers=supplier)
        unseen = await http.get("/v1/shipping-notices?waybill=YT-9", headers=stranger)
        timeline = await http.get(path.removesuffix("/shipping-notices"), headers=supplier)
    assert [m.status_code for m in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert none.status_code == 422
    [found] = seen.json()["items"]
    assert (found["node"], found["lines"][0]["quantity"], found["state"]) == (
        "CON-YIW", 600, "ANNOUNCED",
    )  # fmt: skip
    assert unseen.json()["items"] == []
    assert timeline.json()["timeline"][-1]["type"] == "purchase_order.part_shipped"


async def test_a_guest_announces_on_a_chinese_page(database: Database) -> None:
    trade, order = await confirmed(database)
    async with database.writing(trade.operator) as db:
        link = await actions.send_link(
            db, trade.operator, order_id=order.id, now=await database.now()
        )
    async with guest(database) as http:
        page = await http.get(link.path)
        wrong = await send(
            http, f"{link.path}/ship", seen=page, waybill="SF-5", cartons="many",
            **{"sent-1": "600"},
        )  # fmt: skip
        sent = await send(
            http, f"{link.path}/ship", seen=page, waybill="SF-5", cartons="4",
            **{"sent-1": "590", "sent-2": "0"},
        )  # fmt: skip
        after = await http.get(sent.headers["location"])
        ended = await send(http, "/g/po/nonsense/ship", seen=page, waybill="x")
    assert "预告发货" in page.text
    assert 'value="600"' in page.text
    assert (wrong.status_code, sent.status_code, ended.status_code) == (422, 303, 410)
    assert "请填写运单号" in wrong.text
    assert f'action="{link.path}/ship"' in wrong.text
    assert "SF-5" in after.text
    assert 'value="10"' in after.text
    async with database.reading(trade.supplier) as db:
        [notice] = await notices.list_notices_of(db, order.id)
    assert (notice.waybill, notice.cartons) == ("SF-5", 4)


async def test_a_member_announces_and_the_operator_sees_it(database: Database) -> None:
    trade, order = await confirmed(database)
    path = f"/supplier/orders/{show_id('po', order.id)}"
    async with member(database, trade.supplier) as http:
        page = await http.get(path)
        over = await send(
            http, f"{path}/ship", seen=page, waybill="SF-6", cartons="1", **{"sent-1": "700"}
        )
        sent = await send(
            http, f"{path}/ship", seen=page, waybill="SF-6", cartons="1", **{"sent-1": "600"}
        )
    async with member(database, trade.operator) as http:
        seen = await http.get(f"/purchases/{show_id('po', order.id)}")
    assert "more than is still to come" in over.text
    assert sent.status_code == 303
    assert "SF-6" in seen.text
    assert "1 carton" in seen.text

"""The station without scripts: by scan, by list, twice pressed, over, with a wrong count."""

from beltline.fulfillment.queries import receipts as queries
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.procurement.types.orders import PurchaseOrder
from tests.fulfillment.make import on_hand
from tests.procurement.browser import hidden, member, send
from tests.procurement.make import Trade, make_order, make_trade


async def order_at(database: Database, trade: Trade) -> tuple[PurchaseOrder, str]:
    order = await make_order(
        database, trade, lines=(("SKU-1", 3, "1"), ("SKU-3", 2500, "1")), now=await database.now()
    )
    return order, f"/purchases/{show_id('po', order.id)}/receive"


async def test_counting_by_scan(database: Database) -> None:
    trade = await make_trade(database)
    order, path = await order_at(database, trade)
    async with member(database, trade.operator, role="WAREHOUSE") as http:
        awaited = await http.get("/receive?node=CON-YIW")
        counts = {"count-1": "0", "count-2": "0"}
        first = await send(http, path, act="add", scan="sku-1", **counts)
        counts["count-1"] = "1"
        second = await send(http, path, plus="2", **counts)
        stray = await send(http, path, act="add", scan="SKU-2", **counts)
        counts["count-2"] = "1"
        lessened = await send(http, path, minus="2", **counts)
    assert order.number in awaited.text
    assert 'name="count-1" value="1"' in first.text
    assert 'name="count-2" value="1"' in second.text
    assert "SKU-2 is not on this order" in stray.text
    assert 'name="count-2" value="0"' in lessened.text
    assert await on_hand(database) == {}


async def test_recording_a_list_twice_receives_once(database: Database) -> None:
    trade = await make_trade(database)
    order, path = await order_at(database, trade)
    async with member(database, trade.operator, role="WAREHOUSE") as http:
        page = await http.get(f"{path}?mode=list")
        assert 'name="count-2" value="2.5"' in page.text
        fields = {"act": "record", "count-1": "3", "count-2": "2.5"}
        sent = [await send(http, path, seen=page, **fields) for _ in range(2)]
        receipts = await http.get(path.replace("/receive", "/receipts"))
    assert [answer.status_code for answer in sent] == [303, 303]
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 3, ("SKU-3", "CON-YIW"): 2500}
    assert "GRN-" in receipts.text
    async with database.reading(trade.operator) as db:
        assert len(await queries.list_receipts(db, order.id)) == 1


async def test_over_is_asked_for_and_then_taken(database: Database) -> None:
    trade = await make_trade(database)
    _, path = await order_at(database, trade)
    fields = {"act": "record", "count-1": "9", "count-2": "0"}
    async with member(database, trade.operator) as http:
        page = await http.get(path)
        asked = await send(http, path, seen=page, **fields)
        taken = await send(http, path, seen=asked, over="1", **fields)
    assert asked.status_code == 200
    assert "Take more than was ordered" in asked.text
    assert 'name="count-1" value="9"' in asked.text
    assert hidden(asked)["key"] != hidden(page)["key"]
    assert taken.status_code == 303
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 9}


async def test_a_count_that_is_none_comes_back(database: Database) -> None:
    trade = await make_trade(database)
    _, path = await order_at(database, trade)
    async with member(database, trade.operator) as http:
        for fields in ({"count-1": "three"}, {"count-1": "1.5"}, {"count-1": "0"}):
            page = await send(http, path, act="record", **fields)
            assert page.status_code == 422
            assert fields["count-1"] in page.text
    assert await on_hand(database) == {}


async def test_only_the_operator_has_a_station(database: Database) -> None:
    trade = await make_trade(database)
    _, path = await order_at(database, trade)
    for stranger in (trade.supplier, trade.buyer):
        async with member(database, stranger) as http:
            assert (await http.get("/receive")).status_code == 403
            assert (await http.get(path)).status_code == 403

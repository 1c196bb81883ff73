"""Announced boxes at the hub: found by their waybill, counted, told short and over."""

import datetime as dt

import pytest

from beltline.fulfillment import actions
from beltline.fulfillment.types.journeys import ParcelCount
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.procurement import queries
from beltline.procurement.actions import changes
from beltline.procurement.queries import notices
from beltline.procurement.types.changes import ChangeBody
from beltline.procurement.types.notices import NoticeReceived
from tests.fulfillment.journeys import assert_sound, journeys_of, run_to_end
from tests.fulfillment.make import on_hand
from tests.fulfillment.test_journeys import answered, carry_events, from_factory, purchased
from tests.procurement.browser import hidden, member, send
from tests.procurement.make import confirm, make_order, make_trade, ship


async def test_a_waybill_leads_to_the_count_of_what_was_announced(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    order = await make_order(database, trade, now=now)
    await confirm(database, trade, order, now=now)
    notice = await ship(database, trade.supplier, order.id, (1, 600), now=now)
    path = f"/purchases/{show_id('po', order.id)}"
    async with member(database, trade.operator, role="WAREHOUSE") as http:
        found = await http.get("/parcels?node=CON-YIW&waybill=SF-1")
        link = f"{path}/receive?mode=list&amp;notice={show_id('asn', notice.id)}"
        assert link in found.text
        elsewhere = await http.get("/parcels?node=SHARP-1&waybill=SF-1")
        assert link not in elsewhere.text
        station = await http.get(link.replace("&amp;", "&"))
        assert 'name="count-1" value="600"' in station.text
        assert 'name="count-2" value="0"' in station.text
        # 598 came of what was announced, and 5 of another line of the order.
        fields = {"act": "record", "count-1": "598", "count-2": "5"}
        fields["notice"] = hidden(station)["notice"]
        done = await send(http, f"{path}/receive", seen=station, **fields)
        after = await http.get(path)
    assert done.status_code == 303
    assert "2\xa0pcs short" in after.text
    assert "5\xa0pcs over" in after.text
    async with database.reading(trade.supplier) as db:
        [seen] = await notices.list_notices_of(db, order.id)
        lines = await notices.list_notice_lines(db, [seen.id])
    assert (seen.state, seen.receipt[:4]) == ("RECEIVED", "GRN-")
    assert [(x.quantity, x.received_quantity, x.difference) for x in lines] == [
        (600, 598, -2), (0, 5, 5),
    ]  # fmt: skip
    assert await on_hand(database) == {("SKU-1", "CON-YIW"): 598, ("SKU-2", "CON-YIW"): 5}
    with pytest.raises(NoticeReceived):
        async with database.writing(trade.operator) as db:
            await actions.receive_goods(
                db, trade.operator, purchase_order_id=order.id, lines=[Counted(1, line_no=2)],
                note="", now=now, notice_id=notice.id,
            )  # fmt: skip
    assert (await on_hand(database))["SKU-2", "CON-YIW"] == 5


async def test_a_box_for_orders_moves_their_journeys(database: Database, now: dt.datetime) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL")
    purchase = await purchased(database, market, order_id, now)
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set is_for_orders = true")
    await answered(database, market, purchase, now)
    await ship(database, market.supplier, purchase.id, (1, 3), waybill="SF-30", now=now)
    await ship(database, market.supplier, purchase.id, (1, 1), waybill="SF-31", now=now)
    await carry_events(database)
    # Three of its four units are not enough for the journey.
    assert [j.stage for j in await journeys_of(database, market, order_id)] == ["FACTORY"]
    async with database.system() as db:
        await db.execute("delete from procurement.shipping_notice_line")
        await db.execute("delete from procurement.shipping_notice")
    await ship(database, market.supplier, purchase.id, (1, 4), waybill="SF-32", now=now)
    await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.stage, journey.waybill) == ("RECEIPT", "SF-32")
    async with database.writing(market.operator) as db:
        await actions.receive_parcel(
            db, market.operator, waybill="SF-32", node="YIW", counts=[], note="", now=now
        )
    async with database.reading(market.operator) as db:
        [notice] = await notices.list_notices_of(db, purchase.id)
        kept = await queries.get_order(db, market.operator, purchase.id)
    assert (notice.state, notice.receipt, kept.status) == ("RECEIVED", "SF-32", "RECEIVED")
    await run_to_end(database, market, order_id, now)
    await assert_sound(database, now)


@pytest.mark.parametrize(
    ("good", "damaged", "score"), [(4, 0, 1.0), (3, 0, 0.75), (2, 1, 0.75), (1, 3, 1.0)]
)
async def test_what_a_box_lacks_of_what_was_announced_counts_against_its_factory(
    database: Database, now: dt.datetime, good: int, damaged: int, score: float
) -> None:
    """What is broken came: that counts elsewhere."""
    market, order_id = await from_factory(database, now, "VIRTUAL")
    purchase = await purchased(database, market, order_id, now)
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set is_for_orders = true")
    await answered(database, market, purchase, now)
    notice = await ship(database, market.supplier, purchase.id, (1, 4), waybill="SF-32", now=now)
    await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.operator) as db:
        await actions.receive_parcel(
            db, market.operator, waybill="SF-32", node="YIW",
            counts=[ParcelCount(journey.id, good, damaged)], note="", now=now,
        )  # fmt: skip
    async with database.system() as db:
        found = await db.values(
            """select score from suppliers.outcome
                where measure = 'CAPACITY_KEPT' and subject_id = $1""",
            notice.id,
        )
    assert found == [score]
    await assert_sound(database, now)


async def test_a_day_that_moves_takes_the_journeys_along(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL")
    purchase = await purchased(database, market, order_id, now)
    await answered(database, market, purchase, now)
    await carry_events(database)
    [before] = await journeys_of(database, market, order_id)
    later = ChangeBody(expected_date=purchase.expected_date + dt.timedelta(days=3))
    async with database.writing(market.supplier) as db:
        change = await changes.ask_change(
            db, market.supplier, order_id=purchase.id, body=later, now=now
        )
    async with database.writing(market.operator) as db:
        await changes.answer_change(
            db, market.operator, change_id=change.id, is_accepted=True, note="", now=now
        )
    await carry_events(database)
    [after] = await journeys_of(database, market, order_id)
    assert before.due_at is not None
    assert (after.stage, after.due_at) == ("FACTORY", before.due_at + dt.timedelta(days=3))
    assert after.expected_at == before.expected_at + dt.timedelta(days=3)
    assert after.promise_date == before.promise_date
    await assert_sound(database, now)

"""The paper of a purchase: what was ordered, what was cancelled of it, what is still wanted."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from beltline.accounts.types.legal import PaperParty
from beltline.fulfillment import actions as moving
from beltline.fulfillment.actions import documents as actions
from beltline.fulfillment.adapters import purchases as pdf
from beltline.fulfillment.rules.purchases import purchase_paper
from beltline.fulfillment.types.documents import PurchasePaper
from beltline.fulfillment.types.journeys import ParcelCount
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import new_id, read_id, show_id
from beltline.orders import actions as placing
from beltline.orders.types import OrderBody
from beltline.procurement import actions as purchases
from beltline.procurement.types.orders import (
    AnswerKind,
    NewLine,
    PurchaseOrder,
    PurchaseOrderLine,
    Status,
)
from beltline.procurement.types.papers import PurchaseParties
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, make_part, open_all
from tests.fulfillment.test_documents import text_of
from tests.fulfillment.test_journeys import (
    DAY,
    answered,
    carry_events,
    from_factory,
    question,
)
from tests.orders.http import api, key_of
from tests.orders.make import Market, fresh_key, order_body
from tests.procurement.browser import guest, member

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
PARTIES = PurchaseParties(
    PaperParty("Beltline Trading", "带线贸易", "CN"), PaperParty("F", "织里", "CN")
)
ORDER = PurchaseOrder(
    new_id(), "PO-7", Status.CONFIRMED, 2, new_id(), new_id(), "zhili-1", "F", "织里", new_id(),
    "YIW", "Yiwu hub", "义乌", "CNY", 2_000, 2, 2_530, 2_530, None, dt.date(2026, 12, 1),
    dt.date(2026, 12, 4), None, "", "", None, False, "A", NOW, NOW, NOW, None,
)  # fmt: skip
LINE = PurchaseOrderLine(
    1, new_id(), "S-1", "Pyjamas", "睡衣", "PIECE", 30, Decimal("0.333333"), 1_000, None, None,
    None, 0, 30, None,
)  # fmt: skip
CLOTH = PurchaseOrderLine(
    2, new_id(), "S-2", "Cloth", "面料", "METRE", 2_500, Decimal("4.2"), 1_050, 2_000,
    Decimal("4.5"), 900, 0, 2_000, None,
)  # fmt: skip


def paper(wanted: dict[str, int] | None, **changes: Any) -> PurchasePaper:
    order = msgspec.structs.replace(ORDER, **changes)
    return purchase_paper(order, [LINE, CLOTH], wanted, parties=PARTIES, printed_date=day_of(NOW))


def quantities(found: PurchasePaper) -> list[tuple[int, int, int, int]]:
    return [(x.ordered, x.cancelled, x.wanted, x.amount) for x in found.lines]


def test_amounts_are_of_what_is_wanted() -> None:
    found = paper({"S-1": 20, "S-2": 2_000})
    # Twenty at 0.333333 are 6.67; two meters on the factory's terms, 4.50.
    assert quantities(found) == [(30, 10, 20, 667), (2_000, 0, 2_000, 900)]
    assert (found.ordered_amount, found.total_amount) == (1_900, 1_567)
    assert found.arrive_by == dt.date(2026, 12, 4)
    # For the stock of a node all is wanted; more than was ordered never is.
    assert quantities(paper(None)) == [(30, 0, 30, 1_000), (2_000, 0, 2_000, 900)]
    assert quantities(paper({"S-1": 99, "S-2": 0})) == [(30, 0, 30, 1_000), (2_000, 2_000, 0, 0)]


def test_a_counter_changes_nothing_and_what_ended_is_not_wanted() -> None:
    asked = paper(None, status=Status.COUNTERED)
    assert quantities(asked) == [(30, 0, 30, 1_000), (2_500, 0, 2_500, 1_050)]
    assert asked.arrive_by == dt.date(2026, 12, 1)
    for status in (Status.CANCELLED, Status.REFUSED, Status.EXPIRED):
        assert [line.wanted for line in paper(None, status=status).lines] == [0, 0]
        assert paper(None, status=status).total_amount == 0


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ["Purchase order", "PO-7", "Beltline Trading", "China", "Yiwu hub", "Ordered",
                "Cancelled", "Wanted", "30 pcs", "10 pcs", "20 pcs", "0.333333", "CNY 6.67",
                "CNY 19.00", "CNY 3.33", "Total of what is wanted CNY 15.67"]),
        ("zh", ["采购单", "带线贸易", "织里", "义乌", "已取消", "仍需", "睡衣",
                "仍需货物合计 CNY 15.67"]),
    ],
)  # fmt: skip
def test_the_paper_reads_in_both_languages(locale: str, said: list[str]) -> None:
    found = paper({"S-1": 20, "S-2": 2_000})
    text = text_of(pdf.purchase_pdf(found, locale=locale, at=NOW)).replace("\xa0", " ")
    flat = " ".join(text.split())
    assert [part for part in said if part not in flat] == [], flat
    whole = text_of(pdf.purchase_pdf(paper(None), locale="en", at=NOW))
    assert "CNY 3.33" not in whole


async def two_orders(
    database: Database, now: dt.datetime
) -> tuple[Market, list[UUID], PurchaseOrder]:
    """Orders of 3 and 4 units that one confirmed purchase is to bring."""
    market, first = await from_factory(database, now, "VIRTUAL", units=3)
    body = msgspec.convert(order_body(("S-1", 4)), OrderBody)
    placed = await placing.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    second = read_id("ord", placed.unwrap().response["id"])
    async with database.system() as db:
        factory = await db.value("select id from trade.node where code = 'F-1'")
    await make_part(
        database, market, second, node=factory, model="VIRTUAL", owner=market.supplier, now=now
    )
    await open_all(database, market, now, second)
    async with database.writing(market.operator) as db:
        purchase = await purchases.issue_order(
            db, market.operator, supplier_org_id=market.supplier.org_id,
            node_id=market.nodes["YIW"], currency="CNY", expected_date=day_of(now) + 9 * DAY,
            order_by_date=None, plan_run_id=None,
            lines=[NewLine(market.skus["S-1"], 7, Decimal(3))], now=now,
        )  # fmt: skip
    async with database.system() as db:
        await db.execute("update procurement.purchase_order set is_for_orders = true")
        await db.execute("update orders.order_part set purchase_order_id = $1", purchase.id)
    await answered(database, market, purchase, now, kind=AnswerKind.CONFIRMED)
    await carry_events(database)
    return market, [first, second], purchase


async def read(
    database: Database, market: Market, purchase: PurchaseOrder, now: dt.datetime
) -> tuple[int, int, int, int]:
    async with database.reading(market.supplier) as db:
        found = await actions.purchase_paper(db, market.supplier, purchase_id=purchase.id, now=now)
    return quantities(found)[0]


async def test_a_purchase_of_which_a_buyer_cancelled_its_part(
    database: Database, now: dt.datetime
) -> None:
    market, [first, second], purchase = await two_orders(database, now)
    assert await read(database, market, purchase, now) == (7, 0, 7, 2_100)
    await placing.cancel_order(database, market.buyer, second, key=fresh_key(), now=now)
    for _ in range(3):
        await carry_events(database)
    assert await read(database, market, purchase, now) == (7, 4, 3, 900)
    # What is in question is not to be sent, as on the page of what to ship.
    [journey] = await journeys_of(database, market, first)
    await question(database, market, journey.id, "LATE", 1, now)
    assert await read(database, market, purchase, now) == (7, 5, 2, 600)
    # What came stays wanted, broken or not.
    assert await finish(database, market.supplier, "FACTORY", [journey.id], now, "SF-70") == 1
    async with database.writing(market.operator) as db:
        await moving.receive_parcel(
            db, market.operator, waybill="SF-70", node="YIW",
            counts=[ParcelCount(journey.id, 1, 1)], note="", now=now + DAY,
        )  # fmt: skip
    assert await read(database, market, purchase, now + DAY) == (7, 5, 2, 600)
    await assert_sound(database, now + DAY)


async def test_each_party_has_the_paper_and_nobody_else(
    database: Database, now: dt.datetime
) -> None:
    market, [_first, second], purchase = await two_orders(database, now)
    await placing.cancel_order(database, market.buyer, second, key=fresh_key(), now=now)
    for _ in range(3):
        await carry_events(database)
    shown = show_id("po", purchase.id)
    async with member(database, market.operator) as http:
        page = await http.get(f"/purchases/{shown}")
        ours = await http.get(f"/purchases/{shown}/paper")
    assert f"/purchases/{shown}/paper" in page.text
    assert "CNY 9.00" in text_of(ours.content)
    async with member(database, market.supplier) as http:
        page = await http.get(f"/supplier/orders/{shown}")
        theirs = await http.get(f"/supplier/orders/{shown}/paper?lang=zh")
    assert f"/supplier/orders/{shown}/paper" in page.text
    assert "仍需" in text_of(theirs.content)
    async with database.writing(market.operator) as db:
        link = await purchases.send_link(db, market.operator, order_id=purchase.id, now=now)
    async with guest(database) as http:
        assert "仍需" in text_of((await http.get(f"{link.path}/paper")).content)
        assert (await http.get("/g/po/nonsense/paper")).status_code == 410
    key, other = await key_of(database, market.supplier), await key_of(database, market.buyer)
    async with api(database) as http:
        data = (await http.get(f"/v1/purchase-orders/{shown}/document", headers=key)).json()
        content = (await http.get(f"/v1/purchase-orders/{shown}/pdf", headers=key)).content
        denied = await http.get(f"/v1/purchase-orders/{shown}/document", headers=other)
    assert (data["lines"][0]["wanted"], data["total_amount"]) == (3, 900)
    assert "Total of what is wanted" in text_of(content)
    assert denied.status_code == 404
    async with database.reading(market.buyer) as db:
        with pytest.raises(NotFound):
            await actions.purchase_paper(db, market.buyer, purchase_id=purchase.id, now=now)
        assert await db.value("select fulfillment.wanted_of($1)", purchase.id) is None

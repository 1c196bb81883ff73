"""Suppliers' invoices: agreed, received and invoiced have to be one, or somebody decides."""

import datetime as dt
from decimal import Decimal

import pytest

from beltline.fulfillment.types.receipts import Counted
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import show_id
from beltline.kit.money import CurrencyMismatch
from beltline.kit.relay import deliver, publish
from beltline.procurement import queries as purchases
from beltline.procurement.actions import invoices as actions
from beltline.procurement.queries import invoices as queries
from beltline.procurement.types.invoices import (
    InvoiceBody,
    InvoiceDecided,
    InvoiceKnown,
    InvoiceLineBody,
    InvoiceUnusable,
    NotInvoiceable,
    SupplierInvoice,
    Tolerance,
    ToleranceUnusable,
)
from beltline.procurement.types.orders import PurchaseOrder, ReasonNeeded
from beltline.procurement.workflows import LISTENERS
from tests.fulfillment.make import receive
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import guest, member, send
from tests.procurement.make import NOW, Trade, confirm, make_order, make_trade


async def confirmed(database: Database) -> tuple[Trade, PurchaseOrder]:
    """600 at 19.80 and 40 at 1.20, confirmed."""
    trade = await make_trade(database)
    order = await make_order(database, trade)
    await confirm(database, trade, order)
    return trade, order


def body(
    *lines: tuple[int, int, str], number: str = "F-1", total: int, currency: str = "CNY"
) -> InvoiceBody:
    billed = [InvoiceLineBody(n, q, Decimal(price)) for n, q, price in lines]
    return InvoiceBody(number, currency, day_of(NOW), total, billed)


async def enter(
    database: Database, trade: Trade, order: PurchaseOrder, invoice: InvoiceBody
) -> SupplierInvoice:
    async with database.writing(trade.supplier) as db:
        return await actions.enter_invoice(
            db, trade.supplier, order_id=order.id, body=invoice, now=NOW
        )


def kinds(invoice: SupplierInvoice) -> list[tuple[str, str, str, str]]:
    return [(d.kind, d.sku, d.expected, d.invoiced) for d in invoice.differences]


async def status_of(database: Database, trade: Trade, order: PurchaseOrder) -> str:
    async with database.reading(trade.operator) as db:
        return (await purchases.get_order(db, trade.operator, order.id)).status


async def test_what_agrees_is_matched_and_closes_the_order(database: Database) -> None:
    trade, order = await confirmed(database)
    await receive(database, trade, order, Counted(600, line_no=1), Counted(40, line_no=2))
    first = await enter(database, trade, order, body((1, 600, "19.8"), total=1_188_000))
    assert (first.state, first.differences) == ("MATCHED", [])
    assert await status_of(database, trade, order) == "RECEIVED"
    # Less than agreed is no difference.
    await enter(database, trade, order, body((2, 40, "1.1"), number="F-2", total=4_400))
    assert await status_of(database, trade, order) == "INVOICED"
    again = await enter(
        database, trade, order, body((2, 1, "1.2"), number="F-3", total=120)
    )  # fmt: skip
    assert kinds(again) == [("QUANTITY", "SKU-2", "40", "41")]


async def test_every_difference_is_told_and_a_person_decides(database: Database) -> None:
    trade, order = await confirmed(database)
    await receive(database, trade, order, Counted(590, line_no=1))
    asked = body((1, 600, "20.1"), (2, 40, "1.2"), total=1_300_000)
    found = await enter(database, trade, order, asked)
    assert found.state == "DIFFERING"
    assert kinds(found) == [
        ("PRICE", "SKU-1", "19.8", "20.1"), ("QUANTITY", "SKU-1", "590", "600"),
        ("QUANTITY", "SKU-2", "0", "40"), ("TOTAL", "", "1210800", "1300000"),
    ]  # fmt: skip
    with pytest.raises(ReasonNeeded):
        async with database.writing(trade.operator) as db:
            await actions.decide_invoice(
                db, trade.operator, invoice_id=found.id, is_approved=True, note=" ", now=NOW
            )
    async with database.writing(trade.operator) as db:
        sent_back = await actions.decide_invoice(
            db, trade.operator, invoice_id=found.id, is_approved=False, note="price", now=NOW
        )
    assert (sent_back.state, sent_back.decision_note) == ("REJECTED", "price")
    with pytest.raises(InvoiceDecided):
        async with database.writing(trade.operator) as db:
            await actions.decide_invoice(
                db, trade.operator, invoice_id=found.id, is_approved=True, note="x", now=NOW
            )
    # What was sent back asks for nothing any more.
    right = await enter(
        database, trade, order, body((1, 590, "19.8"), number="F-2", total=1_168_200)
    )
    assert right.state == "MATCHED"


async def test_an_invoice_before_its_goods_agrees_when_they_come(database: Database) -> None:
    trade, order = await confirmed(database)
    asked = body((1, 600, "19.8"), (2, 40, "1.2"), total=1_192_800)
    early = await enter(database, trade, order, asked)
    assert early.state == "DIFFERING"
    for counted in (Counted(600, line_no=1), Counted(40, line_no=2)):
        await receive(database, trade, order, counted)
        await publish(database)
        for listener in LISTENERS:
            await deliver(database, listener)
    async with database.reading(trade.supplier) as db:
        seen = await queries.get_invoice(db, trade.supplier, early.id)
    assert (seen.state, seen.differences) == ("MATCHED", [])
    assert await status_of(database, trade, order) == "INVOICED"


async def test_the_tolerance_lets_little_pass(database: Database) -> None:
    trade, order = await confirmed(database)
    await receive(database, trade, order, Counted(600, line_no=1))
    with pytest.raises(ToleranceUnusable):
        async with database.writing(trade.operator) as db:
            await actions.set_tolerance(
                db, trade.operator, tolerance=Tolerance(Decimal("1.234"), Decimal(0), 0), now=NOW
            )
    async with database.writing(trade.operator) as db:
        await actions.set_tolerance(
            db, trade.operator, tolerance=Tolerance(Decimal(1), Decimal("0.5"), 100), now=NOW
        )
    within = await enter(database, trade, order, body((1, 603, "19.99"), total=1_205_497))
    assert within.state == "MATCHED"
    async with database.reading(trade.other_supplier) as db:
        with pytest.raises(NotFound):
            await queries.get_invoice(db, trade.other_supplier, within.id)


async def test_what_is_no_invoice(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade)
    good = body((1, 1, "1"), total=100)
    with pytest.raises(NotInvoiceable):
        await enter(database, trade, order, good)
    await confirm(database, trade, order)
    with pytest.raises(CurrencyMismatch):
        await enter(database, trade, order, body((1, 1, "1"), total=100, currency="USD"))
    with pytest.raises(InvoiceUnusable):
        await enter(database, trade, order, body((1, 1, "1"), (1, 2, "1"), total=300))
    await enter(database, trade, order, good)
    with pytest.raises(InvoiceKnown):
        await enter(database, trade, order, good)


async def test_pages_and_api_do_the_same(database: Database) -> None:
    trade, now = await make_trade(database), await database.now()
    order = await make_order(database, trade, now=now)
    await confirm(database, trade, order, now=now)
    path = f"/supplier/orders/{show_id('po', order.id)}"
    day = (day_of(now) - dt.timedelta(days=1)).isoformat()
    fields = {"number": "F-9", "issued_date": day, "total": "11,880", "billed-1": "600"}
    fields |= {"price-1": "19.80", "billed-2": "0", "price-2": "1.2"}
    async with member(database, trade.supplier) as http:
        page = await http.get(path)
        wrong = await send(http, f"{path}/invoice", seen=page, **{**fields, "issued_date": ""})
        sent = await send(http, f"{path}/invoice", seen=page, **fields)
        after = await http.get(path)
    assert (wrong.status_code, sent.status_code) == (422, 303)
    assert "Write the number, the day" in wrong.text
    assert "Differs" in after.text
    async with guest(database) as http:
        ended = await send(http, "/g/po/nonsense/invoice", seen=page, **fields)
    assert ended.status_code in (403, 410)
    async with member(database, trade.operator) as http:
        listed = await http.get("/invoices?tab=DIFFERING")
        async with database.reading(trade.operator) as db:
            [invoice] = await queries.list_invoices(db, trade.operator)
        one = f"/invoices/{show_id('inv', invoice.id)}"
        shown = await http.get(one)
        set_ = await send(
            http, "/invoices/tolerance", seen=listed, price_percent="2", quantity_percent="0",
            total="1.50",
        )  # fmt: skip
        none = await http.get("/invoices?tab=MATCHED")
    assert one in listed.text
    assert "More than was received" in shown.text
    assert "No invoice is in this state" in none.text
    assert set_.status_code == 303
    operator = await key_of(database, trade.operator)
    async with api(database) as http:
        tolerance = await http.get("/v1/match-tolerance", headers=operator)
        decided = await http.post(
            f"/v1{one.replace('invoices', 'supplier-invoices')}/decide",
            json={"is_approved": True, "note": "goods are at the dock"},
            headers=idempotent(operator),
        )  # fmt: skip
        rows = await http.get("/v1/supplier-invoices?status=APPROVED", headers=operator)
    assert tolerance.json() == {
        "price_percent": "2.00", "quantity_percent": "0.00", "total_amount": 150,
    }  # fmt: skip
    assert decided.json()["state"] == "APPROVED"
    [row] = rows.json()["items"]
    assert (row["number"], row["total"]["amount"]) == ("F-9", 1_188_000)

"""Deposits that are paid to factories for what buyers ordered: worked off by sales, or back."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec

from beltline.fulfillment.actions import earnings
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.db import Database
from beltline.kit.ids import new_id
from beltline.orders import actions as orders
from beltline.procurement.actions import invoices
from beltline.procurement.actions import payments as actions
from beltline.procurement.types.invoices import InvoiceBody, InvoiceLineBody
from beltline.procurement.types.payments import BalanceDue, MilestoneKind, PaymentKind, Terms
from tests.fulfillment.deposits import (
    carry,
    confirm,
    inspect,
    make_deposits,
    money,
    pay,
    place_made,
)
from tests.fulfillment.journeys import assert_sound, run_to_end
from tests.fulfillment.make import receive
from tests.fulfillment.test_earnings import booked
from tests.orders.make import Market, fresh_key
from tests.procurement.make import NOW, make_order, make_trade
from tests.procurement.make import confirm as say_yes

TOTAL, DEPOSIT = 28_000, 8_400
"""Seven units at 40 CNY, and 30 % of it."""


async def begun(database: Database, now: dt.datetime) -> tuple[Market, UUID, UUID]:
    """A buyer's order whose factory has confirmed, was paid its deposit, and has started."""
    market = await make_deposits(database, now)
    async with database.writing(market.operator) as db:
        await actions.set_terms(
            db, market.operator, supplier_org_id=market.supplier.org_id, note="", now=now,
            terms=Terms(Decimal(30), BalanceDue.AFTER_INSPECTION, Decimal(50)),
        )  # fmt: skip
    order_id = await place_made(database, market, now)
    await carry(database)
    await confirm(database, market, now)
    async with database.system() as db:
        purchase = await db.value("select id from procurement.purchase_order")
    async with database.writing(market.operator) as db:
        asked = await actions.ask_payment(
            db, market.operator, order_id=purchase, kind=PaymentKind.DEPOSIT, now=now
        )
    other = msgspec.structs.replace(market.operator, via_id=new_id())
    async with database.writing(other) as db:
        await actions.decide_payment(
            db, other, payment_id=asked.id, is_approved=True, reference="BK", now=now
        )
    async with database.writing(market.supplier) as db:
        await actions.report_production(
            db, market.supplier, order_id=purchase, kind=MilestoneKind.STARTED, note="", now=now
        )
    return market, order_id, purchase


async def test_sales_to_buyers_work_a_deposit_off(database: Database, now: dt.datetime) -> None:
    market, order_id, _purchase = await begun(database, now)
    await inspect(database, market, order_id, now)
    # Received, and not sold yet: it is not taken back.
    assert await booked(database, market.operator, now) == []
    await pay(database, market.buyer, order_id, now)
    await carry(database)
    await run_to_end(database, market, order_id, now)
    assert await booked(database, market.operator, now) == []
    async with database.writing(market.buyer) as db:
        await orders.confirm_receipt(db, market.buyer, order_id=order_id, now=now)
    assert await booked(database, market.operator, now) == [
        ("SALE", 7, TOTAL), ("ADVANCE", 1, -DEPOSIT),
    ]  # fmt: skip
    await assert_sound(database, now)


async def test_a_buyer_that_cancels_leaves_the_factory_what_its_terms_say(
    database: Database, now: dt.datetime
) -> None:
    market, order_id, purchase = await begun(database, now)
    await orders.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    await carry(database)
    assert await booked(database, market.operator, now) == [
        ("KEPT", 1, DEPOSIT // 2), ("ADVANCE", 1, -DEPOSIT),
    ]  # fmt: skip
    async with database.system() as db:
        status = await db.value(
            "select status from procurement.purchase_order where id = $1", purchase
        )
    assert status == "CANCELLED"
    await assert_sound(database, now)


async def test_a_factory_that_withdraws_gives_everything_back_and_so_do_its_orders(
    database: Database, now: dt.datetime
) -> None:
    market, order_id, purchase = await begun(database, now)
    async with database.writing(market.supplier) as db:
        await actions.withdraw_order(
            db, market.supplier, order_id=purchase, note="fire", now=now
        )  # fmt: skip
    await carry(database)
    assert await booked(database, market.operator, now) == [("ADVANCE", 1, -DEPOSIT)]
    assert await money(database, market, order_id) == (0, 0, 2_625)
    await assert_sound(database, now)


async def test_what_is_invoiced_at_once_is_earned_all_the_same(database: Database) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade, lines=(("SKU-1", 6, "10"),))
    await say_yes(database, trade, order)
    await receive(database, trade, order, Counted(6, line_no=1))
    body = InvoiceBody(
        "F-1", "CNY", NOW.date(), 6_000, [InvoiceLineBody(1, 6, Decimal(10))]
    )  # fmt: skip
    async with database.writing(trade.operator) as db:
        await invoices.enter_invoice(db, trade.operator, order_id=order.id, body=body, now=NOW)
    async with database.system() as db:
        assert await db.value("select status from procurement.purchase_order") == "INVOICED"
        assert await earnings.book_earnings(db, trade.operator, limit=9, now=NOW) == 1

"""Goods made to order: a deposit on confirmation, an inspection, a balance; exact to the fen."""

import datetime as dt
import re
from decimal import Decimal

import msgspec
import pytest

from beltline.fulfillment.actions import earnings
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id, show_id
from beltline.ledger import actions as ledger
from beltline.ledger import queries as books
from beltline.ledger.queries import settlements
from beltline.ledger.types import NeedsAnother, SettlementMovedOn
from beltline.procurement import actions as purchases
from beltline.procurement import queries as orders
from beltline.procurement.actions import payments as actions
from beltline.procurement.queries import payments as queries
from beltline.procurement.types.orders import PurchaseOrder, ReasonNeeded
from beltline.procurement.types.payments import (
    BalanceDue,
    CannotWithdraw,
    Making,
    MilestoneKind,
    NothingToPay,
    NotItsTurn,
    PaymentKind,
    SupplierPayment,
    Terms,
    TermsUnusable,
)
from tests.fulfillment.make import receive
from tests.orders.http import api, idempotent, key_of
from tests.procurement.browser import guest, member, send
from tests.procurement.make import (
    NOW,
    Trade,
    assert_inbound_is_awaited,
    confirm,
    make_order,
    make_trade,
)

DAY = dt.timedelta(days=1)
TOTAL = 1_192_800
"""600 at 19.80 and 40 at 1.20, in fen."""
DEPOSIT, BALANCE = TOTAL * 30 // 100, TOTAL - TOTAL * 30 // 100
SHIPPED_PAID = Terms(Decimal(30), BalanceDue.BEFORE_SHIPMENT, Decimal(50))


async def ordered(
    database: Database, terms: Terms | None = SHIPPED_PAID, *, made: bool = True
) -> tuple[Trade, PurchaseOrder]:
    """An issued order of goods that are made to order, by a factory with terms."""
    trade = await make_trade(database)
    if made:
        async with database.system() as db:
            await db.execute(
                """update catalog.offer set availability = 'MADE_TO_ORDER'
                    where sku_id = $1 and supplier_org_id = $2""",
                trade.goods["SKU-1"],
                trade.supplier.org_id,
            )
    if terms:
        await agree(database, trade, terms)
    return trade, await make_order(database, trade)


async def agree(database: Database, trade: Trade, terms: Terms) -> None:
    async with database.writing(trade.operator) as db:
        await actions.set_terms(
            db, trade.operator, supplier_org_id=trade.supplier.org_id, terms=terms, note="",
            now=NOW,
        )  # fmt: skip


async def tell(
    database: Database, actor: Actor, order: PurchaseOrder, kind: str, note: str = "",
    now: dt.datetime = NOW,
) -> None:  # fmt: skip
    async with database.writing(actor) as db:
        await actions.report_production(
            db, actor, order_id=order.id, kind=MilestoneKind(kind), note=note, now=now
        )


async def ask(
    database: Database, trade: Trade, order: PurchaseOrder, kind: str = "DEPOSIT"
) -> SupplierPayment:
    async with database.writing(trade.operator) as db:
        return await actions.ask_payment(
            db, trade.operator, order_id=order.id, kind=PaymentKind(kind), now=NOW
        )


async def decide(
    database: Database, trade: Trade, payment: SupplierPayment, *, yes: bool = True
) -> SupplierPayment:
    other = msgspec.structs.replace(trade.operator, via_id=new_id(), name="second")
    async with database.writing(other) as db:
        return await actions.decide_payment(
            db, other, payment_id=payment.id, is_approved=yes, reference="BK-9", now=NOW
        )


async def pay(
    database: Database, trade: Trade, order: PurchaseOrder, kind: str = "DEPOSIT"
) -> SupplierPayment:
    return await decide(database, trade, await ask(database, trade, order, kind))


async def read(database: Database, trade: Trade, order: PurchaseOrder) -> tuple[str, Making]:
    async with database.reading(trade.operator) as db:
        found = await orders.get_order(db, trade.operator, order.id)
        return found.status, await queries.get_making(db, found)


async def book(database: Database, trade: Trade) -> None:
    """What the hourly job books, until nothing is left."""
    while True:
        async with database.system() as db:
            if not await earnings.book_earnings(db, trade.operator, limit=50, now=NOW):
                return


async def items(database: Database) -> list[tuple[str, int]]:
    """What was booked of suppliers, by kind and amount."""
    async with database.system() as db:
        rows = await db.values("select jsonb_build_array(kind, amount) from ledger.supplier_item")
    return sorted((kind, amount) for kind, amount in rows)


async def assert_proved(database: Database) -> None:
    async with database.system() as db:
        proofs = [
            await queries.prove_advances(db), await settlements.prove_settlements(db),
            await books.prove_transfers(db),
        ]  # fmt: skip
    assert [(proof.name, proof.faults) for proof in proofs if not proof.holds] == []


async def balances(database: Database) -> dict[str, int]:
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(a.kind, sum(e.amount)) from ledger.account a
                 join ledger.entry e on e.account_id = a.id group by a.kind"""
        )
    return {kind: amount for kind, amount in rows if amount}


async def test_a_deposit_and_a_balance_are_paid_by_two_and_worked_off_by_what_comes(
    database: Database,
) -> None:
    trade, order = await ordered(database)
    status, making = await read(database, trade, order)
    assert (status, making.deposit, making.balance, making.due) == (
        "ISSUED",
        DEPOSIT,
        BALANCE,
        None,
    )
    with pytest.raises(NothingToPay):
        await ask(database, trade, order)
    await confirm(database, trade, order)
    _, making = await read(database, trade, order)
    assert making.due is not None
    assert (making.due.kind, making.due.amount) == ("DEPOSIT", DEPOSIT)
    asked = await ask(database, trade, order)
    with pytest.raises(NothingToPay):
        await ask(database, trade, order)
    with pytest.raises(NeedsAnother):
        async with database.writing(trade.operator) as db:
            await actions.decide_payment(
                db, trade.operator, payment_id=asked.id, is_approved=True, reference="", now=NOW
            )
    back = await decide(database, trade, asked, yes=False)
    assert (back.state, await balances(database)) == ("DROPPED", {})
    paid = await pay(database, trade, order)
    assert (paid.state, paid.amount, paid.payment_reference) == ("PAID", DEPOSIT, "BK-9")
    with pytest.raises(SettlementMovedOn):
        await decide(database, trade, paid)
    assert await balances(database) == {"BANK": DEPOSIT, "SUPPLIER_ADVANCE": -DEPOSIT}
    assert (await read(database, trade, order))[0] == "DEPOSIT_PAID"
    await tell(database, trade.supplier, order, "STARTED")
    await tell(database, trade.supplier, order, "FINISHED")
    with pytest.raises(NothingToPay):
        await ask(database, trade, order, "BALANCE")
    await tell(database, trade.operator, order, "FAILED", "seams")
    await tell(database, trade.supplier, order, "FINISHED", now=NOW + DAY)
    await tell(database, trade.operator, order, "PASSED", now=NOW + 2 * DAY)
    await pay(database, trade, order, "BALANCE")
    status, making = await read(database, trade, order)
    assert (status, [x.kind for x in making.milestones]) == (
        "BALANCE_PAID", ["STARTED", "FINISHED", "FAILED", "FINISHED", "PASSED"],
    )  # fmt: skip
    await book(database, trade)
    assert await items(database) == []
    await receive(database, trade, order, Counted(600, line_no=1), Counted(40, line_no=2))
    await book(database, trade)
    await book(database, trade)
    assert sum(amount for _, amount in await items(database)) == 0
    assert await balances(database) == {"BANK": TOTAL, "PURCHASES": -TOTAL}
    async with database.system() as db:
        told = [event.type.removeprefix("purchase_order.") for event in
                await list_events_of(db, order.id)]  # fmt: skip
    assert told == [
        "issued", "confirmed", "payment_asked", "payment_returned", "payment_asked",
        "deposit_paid", "production_started", "production_finished", "inspection_failed",
        "production_finished", "inspected", "payment_asked", "balance_paid", "received",
    ]  # fmt: skip
    await assert_proved(database)
    await assert_inbound_is_awaited(database)


async def test_what_comes_works_the_deposit_off_first_and_the_rest_is_settled(
    database: Database,
) -> None:
    trade, order = await ordered(database, Terms(Decimal(30)))
    await confirm(database, trade, order)
    await pay(database, trade, order)
    await tell(database, trade.supplier, order, "STARTED")
    await tell(database, trade.supplier, order, "FINISHED")
    await tell(database, trade.operator, order, "PASSED")
    with pytest.raises(NothingToPay):
        await ask(database, trade, order, "BALANCE")
    await receive(database, trade, order, Counted(100, line_no=1))
    await book(database, trade)
    assert await items(database) == [("ADVANCE", -198_000), ("PURCHASE", 198_000)]
    await receive(database, trade, order, Counted(500, line_no=1), Counted(40, line_no=2))
    await book(database, trade)
    open_ = DEPOSIT - 198_000
    assert await items(database) == [
        ("ADVANCE", -198_000), ("ADVANCE", -open_), ("PURCHASE", 4_800), ("PURCHASE", 198_000),
        ("PURCHASE", 990_000),
    ]  # fmt: skip
    async with database.writing(trade.operator) as db:
        await ledger.settle(db, trade.operator, until=NOW + DAY, now=NOW + DAY)
        [statement] = await settlements.list_settlements(db, trade.operator)
    assert (statement.earned, statement.taken_back, statement.closing) == (TOTAL, -DEPOSIT, BALANCE)
    await assert_proved(database)


@pytest.mark.parametrize(
    ("how", "kept"), [("before it began", 0), ("begun", DEPOSIT // 2), ("withdrawn", 0)]
)
async def test_a_deposit_comes_back_or_is_kept_by_the_terms_when_the_order_ends(
    database: Database, how: str, kept: int
) -> None:
    trade, order = await ordered(database)
    await confirm(database, trade, order)
    await pay(database, trade, order)
    if how != "before it began":
        await tell(database, trade.supplier, order, "STARTED")
    if how == "withdrawn":
        with pytest.raises(ReasonNeeded):
            await withdraw(database, trade.supplier, order, " ")
        with pytest.raises(NotFound):
            await withdraw(database, trade.other_supplier, order, "fire")
        assert (await withdraw(database, trade.supplier, order, "fire")).status == "CANCELLED"
    else:
        async with database.writing(trade.operator) as db:
            await purchases.cancel_order(db, trade.operator, order_id=order.id, note="", now=NOW)
    await book(database, trade)
    await book(database, trade)
    expected = [("ADVANCE", -DEPOSIT)] + ([("KEPT", kept)] if kept else [])
    assert await items(database) == expected
    owed = await balances(database)
    assert owed.get("SUPPLIER_ADVANCE", 0) == 0
    assert owed["SUPPLIER_PAYABLE"] == kept - DEPOSIT
    with pytest.raises(CannotWithdraw):
        await withdraw(database, trade.supplier, order, "again")
    await assert_proved(database)
    await assert_inbound_is_awaited(database)


async def withdraw(
    database: Database, actor: Actor, order: PurchaseOrder, note: str
) -> PurchaseOrder:
    async with database.writing(actor) as db:
        return await actions.withdraw_order(db, actor, order_id=order.id, note=note, now=NOW)


async def test_a_payment_under_way_is_dropped_with_its_order(database: Database) -> None:
    trade, order = await ordered(database)
    await confirm(database, trade, order)
    asked = await ask(database, trade, order)
    async with database.writing(trade.operator) as db:
        await purchases.cancel_order(db, trade.operator, order_id=order.id, note="", now=NOW)
    with pytest.raises(SettlementMovedOn):
        await decide(database, trade, asked)
    await book(database, trade)
    assert await balances(database) == {}
    await assert_proved(database)


async def test_a_deposit_for_more_than_came_is_taken_back(database: Database) -> None:
    trade, order = await ordered(database, Terms(Decimal(90)))
    await confirm(database, trade, order)
    await pay(database, trade, order)
    await receive(database, trade, order, Counted(10, line_no=1), is_final=True)
    await book(database, trade)
    await book(database, trade)
    # 90 % of the order was paid, 198.00 came: the rest is owed by the factory.
    assert (await balances(database))["SUPPLIER_PAYABLE"] == 19_800 - TOTAL * 90 // 100
    await assert_proved(database)


async def test_terms_count_for_orders_of_goods_made_to_order_from_then_on(
    database: Database,
) -> None:
    trade, before = await ordered(database, None)
    await agree(database, trade, SHIPPED_PAID)
    after = await make_order(database, trade)
    ready = await make_order(database, trade, lines=(("SKU-2", 40, "1.2"),))
    await agree(database, trade, Terms(Decimal(0)))
    ended = await make_order(database, trade)
    found = [(await read(database, trade, one))[1].terms for one in (before, after, ready, ended)]
    assert found == [None, SHIPPED_PAID, None, None]
    for terms in (Terms(Decimal(100)), Terms(Decimal("0.001")), Terms(Decimal(1), kept_percent=Decimal(101))):  # fmt: skip  # noqa: E501
        with pytest.raises(TermsUnusable):
            await agree(database, trade, terms)


async def test_milestones_have_their_order_and_their_side(database: Database) -> None:
    trade, order = await ordered(database, None)
    with pytest.raises(NotItsTurn):
        await tell(database, trade.supplier, order, "STARTED")
    await confirm(database, trade, order)
    with pytest.raises(NotItsTurn):
        await tell(database, trade.supplier, order, "FINISHED")
    await tell(database, trade.supplier, order, "STARTED")
    with pytest.raises(NotItsTurn):
        await tell(database, trade.supplier, order, "STARTED")
    with pytest.raises(NotItsTurn):
        await tell(database, trade.operator, order, "PASSED")
    await tell(database, trade.supplier, order, "FINISHED")
    with pytest.raises(WrongRole):
        await tell(database, trade.supplier, order, "PASSED")
    with pytest.raises(ReasonNeeded):
        await tell(database, trade.operator, order, "FAILED")
    with pytest.raises(NotFound):
        await tell(database, trade.other_supplier, order, "FINISHED")
    with pytest.raises(NothingToPay):
        await ask(database, trade, order)


async def test_the_proof_finds_damage(database: Database) -> None:
    trade, order = await ordered(database)
    await confirm(database, trade, order)
    paid = await pay(database, trade, order)
    for damage, why in (
        ("update ledger.advance set set_off = 1 where id = $1", "worked off otherwise"),
        ("update ledger.advance set amount = amount + 1 where id = $1", "is not what stands"),
        ("update ledger.advance set kept = 1 where id = $1", "kept of a purchase that stands"),
        ("update ledger.advance set kind = 'BALANCE' where id = $1", "before an inspection"),
        (
            """delete from procurement.order_term where purchase_order_id = (
                 select reference_id from ledger.advance where id = $1)""",
            "paid without terms",
        ),
    ):
        await assert_proved(database)
        async with database.system() as db:
            await db.execute(damage, paid.id)
            proof = await queries.prove_advances(db)
            assert why in " ".join(str(fault["why"]) for fault in proof.faults), why
            await db.execute(
                """update ledger.advance set set_off = 0, kept = 0, amount = $2, kind = 'DEPOSIT'
                    where id = $1""",
                paid.id,
                DEPOSIT,
            )


async def test_each_door_tells_asks_and_pays(database: Database) -> None:
    trade, _ = await ordered(database)
    now = await database.now()
    order = await make_order(database, trade, now=now)
    await confirm(database, trade, order, now=now)
    shown = show_id("po", order.id)
    async with member(database, trade.supplier) as http:
        page = await http.get(f"/supplier/orders/{shown}")
        assert "Deposit, 30 %" in page.text
        done = await send(
            http, f"/supplier/orders/{shown}/production", seen=page, kind="STARTED", note="cut"
        )
        again = await send(http, f"/supplier/orders/{shown}/production", seen=page, kind="STARTED")
        odd = await send(http, f"/supplier/orders/{shown}/production", seen=page, kind="odd")
        page = await http.get(f"/supplier/orders/{shown}")
        assert "Production has started" in page.text
        refused = await http.post(f"/purchases/{shown}/production")
    assert (done.status_code, again.status_code, odd.status_code) == (303, 422, 422)
    assert refused.status_code in (403, 404)
    async with member(database, trade.operator) as http:
        seen = await http.get(f"/purchases/{shown}")
        assert "The deposit is due." in seen.text
        due = await http.get("/factory-payments")
        assert order.number in due.text
        asked = await send(http, f"/purchases/{shown}/payments", seen=seen, payment="DEPOSIT")
        seen = await http.get(f"/purchases/{shown}")
        own = await send(
            http, f"/purchases/{shown}/payments", seen=seen, act="approve",
            payment=re.findall(r"adv_[0-9a-f]{32}", seen.text)[0],
        )  # fmt: skip
        terms = await send(
            http, "/factory-payments/terms", seen=due, supplier="zhili-01", deposit_percent="20 %",
            kept_percent="", balance_due="AFTER_INSPECTION",
        )  # fmt: skip
        wrong = await send(
            http, "/factory-payments/terms", seen=due, supplier="zhili-01", deposit_percent="x",
            balance_due="AFTER_INSPECTION",
        )  # fmt: skip
    assert (asked.status_code, own.status_code, terms.status_code) == (303, 403, 303)
    assert wrong.status_code == 422
    operator, supplier = (
        await key_of(database, trade.operator), await key_of(database, trade.supplier),
    )  # fmt: skip
    path = f"/v1/purchase-orders/{shown}"
    async with api(database) as http:
        [listed] = (await http.get("/v1/supplier-payments", headers=supplier)).json()["items"]
        paid = await http.post(
            f"/v1/supplier-payments/{listed['id']}/decide",
            json={"approve": True, "reference": "BK-1"}, headers=idempotent(operator),
        )  # fmt: skip
        for kind, key in (("FINISHED", supplier), ("PASSED", operator)):
            made = await http.post(
                f"{path}/production", json={"kind": kind}, headers=idempotent(key)
            )
            assert made.status_code == 201
        balance = await http.post(
            f"{path}/payments", json={"kind": "BALANCE"}, headers=idempotent(operator)
        )
        set_ = await http.post(
            "/v1/payment-terms", json={"supplier": "zhili-01", "deposit_percent": "25"},
            headers=idempotent(operator),
        )  # fmt: skip
        known = await http.get("/v1/payment-terms", headers=supplier)
        whole = await http.get(f"{path}/production", headers=supplier)
        hidden = await http.get(
            f"{path}/production", headers=await key_of(database, trade.other_supplier)
        )
        gone = await http.post(
            f"{path}/withdrawal", json={"note": "fire"}, headers=idempotent(supplier)
        )
    assert (paid.json()["state"], balance.status_code, set_.status_code) == ("PAID", 201, 200)
    assert [row["deposit_percent"] for row in known.json()["items"]] == ["25", "20", "30"]
    assert [row["kind"] for row in whole.json()["payments"]] == ["DEPOSIT", "BALANCE"]
    assert (hidden.status_code, gone.status_code) == (404, 200)
    assert [row["state"] for row in gone.json()["payments"]] == ["PAID", "DROPPED"]
    async with member(database, trade.supplier) as http:
        page = await http.get(f"/supplier/orders/{shown}")
    assert "You withdrew from this order" in page.text
    async with guest(database) as http:
        ended = await send(http, "/g/po/nonsense/production", seen=page, kind="STARTED")
    assert ended.status_code in (403, 410)

"""Deposit and balance of goods made to order, from the order to the door, or to its end before."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from beltline.fulfillment.actions import earnings
from beltline.fulfillment.types.journeys import BalanceUnpaid, NoSuchOption
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.ledger import actions as ledger
from beltline.ledger.queries import papers
from beltline.ledger.types import CreditLimitExceeded, InsufficientBalance
from beltline.orders import actions as orders
from beltline.orders.types import (
    AmendBody,
    AmendedLine,
    BalanceElsewhere,
    BalanceOpen,
    BeingMade,
    CannotAmend,
    CannotCancel,
    ClaimAnswer,
    ClaimBody,
    ClaimedLine,
    OrderBody,
    PaymentBodyIn,
)
from tests.fulfillment.deposits import (
    MADE,
    carry,
    confirm,
    decide,
    inspect,
    made,
    make_deposits,
    meet_deadlines,
    money,
    order_of,
    pay,
    place_made,
    questions,
)
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, run_to_end
from tests.fulfillment.test_journeys import question
from tests.orders.make import Market, fresh_key, order_body

DAY = dt.timedelta(days=1)
# 7 at 12.50 are 87.50; seven tenths of that, rounded down, are paid later.
TOTAL, DEPOSIT, BALANCE = 8_750, 2_625, 6_125


async def available(database: Database, market: Market) -> int:
    async with database.system() as db:
        return int(await db.value("select ledger.available_balance($1, 'USD')",
                                  market.buyer.org_id))  # fmt: skip


async def amend(
    database: Database, market: Market, order_id: Any, now: dt.datetime, line: int, quantity: int
) -> dict[str, Any]:
    answer = await orders.amend_order(
        database, market.buyer, order_id, AmendBody([AmendedLine(line, quantity)]),
        key=fresh_key(), now=now,
    )  # fmt: skip
    shown: dict[str, Any] = answer.unwrap().response
    return shown


async def cancel(
    database: Database, market: Market, order_id: Any, now: dt.datetime
) -> dict[str, Any]:
    answer = await orders.cancel_order(database, market.buyer, order_id, key=fresh_key(), now=now)
    shown: dict[str, Any] = answer.unwrap().response
    return shown


async def test_deposit_and_balance_are_told_before_and_held_after(
    database: Database, now: dt.datetime
) -> None:
    market = await make_deposits(database, now)
    body = msgspec.convert(order_body(("S-1", 2), (MADE, 7)), OrderBody)
    quote = await orders.preview_order(database, market.buyer, body, now=now)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order = answer.unwrap().response
    later = {"amount": 2_500 + DEPOSIT, "balance": BALANCE, "unpaid": BALANCE, "due_at": None}
    assert msgspec.to_builtins(quote.deposit) == later
    assert order["deposit"] == later
    assert (quote.total.amount, quote.funds.needed) == (2_500 + TOTAL, 2_500 + DEPOSIT)
    assert "deposit" not in order["lines"][0]
    assert order["lines"][1]["deposit"] == {
        "percent": 30, "amount": DEPOSIT, "balance": BALANCE, "unpaid": BALANCE, "due_at": None,
    }  # fmt: skip
    assert await available(database, market) == 1_000_000 - 2_500 - DEPOSIT
    await assert_sound(database, now)


async def test_an_order_without_them_says_nothing_of_deposits(
    database: Database, now: dt.datetime
) -> None:
    market = await make_deposits(database, now)
    body = msgspec.convert(order_body(("S-1", 2)), OrderBody)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order = answer.unwrap().response
    assert "deposit" not in order
    assert "deposit" not in order["lines"][0]
    quote = await orders.preview_order(database, market.buyer, body, now=now)
    assert quote.deposit is None


async def test_funds_need_cover_the_deposit_alone(database: Database, now: dt.datetime) -> None:
    market = await make_deposits(database, now, balance=DEPOSIT)
    order_id = await place_made(database, market, now)
    assert await money(database, market, order_id) == (DEPOSIT, 0, 0)
    with pytest.raises(InsufficientBalance) as raised:
        await place_made(database, market, now)
    assert raised.value.fields["needed"] == DEPOSIT


async def test_a_transfer_is_asked_for_the_deposit_then_for_the_balance(
    database: Database, now: dt.datetime
) -> None:
    market = await make_deposits(database, now, balance=0)
    body = msgspec.convert(order_body((MADE, 7), payment={"method": "TRANSFER"}), OrderBody)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order = answer.unwrap().response
    assert order["proforma"]["amount"] == DEPOSIT
    for number, amount in (("PI-80001", DEPOSIT), ("SO-80001", BALANCE)):
        told = PaymentBodyIn("bank", number, amount, "USD", number)
        async with database.writing(market.operator) as db:
            paid = await orders.receive_payment(db, market.operator, told, now=now)
        assert paid.state == "PAID"
    async with database.system() as db:
        held = await db.value("select amount from ledger.hold")
    assert held == TOTAL
    await assert_sound(database, now)


async def test_goods_wait_at_the_hub_until_their_balance_is_paid(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await made(database, now)
    [journey] = await journeys_of(database, market, order_id)
    [asked] = await questions(database, market, order_id)
    assert (journey.stage, asked.default_option, asked.due_at) == ("PACK", "GIVE_UP", now + 7 * DAY)
    assert [(o.option, o.kept) for o in asked.options] == [("LATER", 0), ("GIVE_UP", DEPOSIT)]
    with pytest.raises(BalanceUnpaid):
        await finish(database, market.operator, "PACK", [journey.id], now)
    order = await order_of(database, market, order_id)
    assert order.deposit is not None
    assert (order.deposit.unpaid, order.deposit.due_at) == (BALANCE, now + 7 * DAY)
    with pytest.raises(CannotCancel):
        await cancel(database, market, order_id, now)
    answer = await pay(database, market.buyer, order_id, now + DAY)
    assert answer["deposit"] == {
        "amount": DEPOSIT, "balance": BALANCE, "unpaid": 0, "due_at": None,
    }  # fmt: skip
    await carry(database)
    [asked] = await questions(database, market, order_id)
    assert (asked.state, asked.chosen) == ("DECIDED", "PAID")
    assert await meet_deadlines(database, market, now + 8 * DAY) == 1, "it is late by now"
    await run_to_end(database, market, order_id, now + 9 * DAY)
    assert (await order_of(database, market, order_id)).head.status == "COMPLETED"
    assert await money(database, market, order_id) == (TOTAL, 0, 0)
    async with database.reading(market.buyer) as db:
        told = [event.type for event in await list_events_of(db, order_id)]
    assert told[-4:] == [
        "order.shipped", "order.balance_due", "order.balance_paid", "order.completed",
    ]  # fmt: skip
    await assert_sound(database, now + 9 * DAY)


async def test_a_balance_paid_before_makes_nothing_wait(
    database: Database, now: dt.datetime
) -> None:
    market = await make_deposits(database, now)
    order_id = await place_made(database, market, now)
    await carry(database)
    assert (await pay(database, market.buyer, order_id, now))["deposit"]["unpaid"] == 0
    await confirm(database, market, now)
    await inspect(database, market, order_id, now)
    assert await questions(database, market, order_id) == []
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.operator, "PACK", [journey.id], now) == 1


async def test_only_what_is_made_is_asked_for(database: Database, now: dt.datetime) -> None:
    market, order_id = await made(database, now, (MADE, 7), (MADE, 2))
    second = [j for j in await journeys_of(database, market, order_id) if j.line_no == 2]
    async with database.system() as db:
        # The second line is not made yet.
        await db.execute("update orders.order_line set balance_due_at = null where line_no = 2")
    answer = await pay(database, market.buyer, order_id, now)
    assert [line["deposit"]["unpaid"] for line in answer["lines"]] == [0, 1_750]
    with pytest.raises(BalanceUnpaid):
        await finish(database, market.operator, "PACK", [second[0].id], now)
    answer = await pay(database, market.buyer, order_id, now)
    assert answer["deposit"]["unpaid"] == 0
    await assert_sound(database, now)


async def test_spot_goods_of_the_same_order_go_on(database: Database, now: dt.datetime) -> None:
    market, order_id = await made(database, now, ("S-1", 2), (MADE, 7))
    spot = [j for j in await journeys_of(database, market, order_id) if j.line_no == 1]
    for stage in ("PACK", "DISPATCH", "LAST_MILE"):
        assert await finish(database, market.operator, stage, [spot[0].id], now) == 1
    assert (await order_of(database, market, order_id)).head.status == "ALLOCATED"


async def test_cancelled_before_it_is_made_gives_all_back(
    database: Database, now: dt.datetime
) -> None:
    market = await make_deposits(database, now)
    order_id = await place_made(database, market, now)
    async with database.system() as db:
        await orders.purchase_parts(
            db, market.operator, cut_off=now + DAY, limit=9, now=now
        )  # the factory has not answered
    await cancel(database, market, order_id, now)
    assert await money(database, market, order_id) == (0, 0, DEPOSIT)
    assert await available(database, market) == 1_000_000
    await assert_sound(database, now)


@pytest.mark.parametrize("paid", [False, True])
async def test_cancelled_while_it_is_made_keeps_the_deposit(
    database: Database, now: dt.datetime, *, paid: bool
) -> None:
    market = await make_deposits(database, now)
    order_id = await place_made(database, market, now, ("S-1", 2), (MADE, 7))
    await carry(database)
    if paid:
        await pay(database, market.buyer, order_id, now)
    await confirm(database, market, now)
    assert (await cancel(database, market, order_id, now))["status"] == "CANCELLED"
    await carry(database)
    assert await available(database, market) == 1_000_000 - DEPOSIT
    assert (await money(database, market, order_id))[:2] == (0, DEPOSIT)
    async with database.writing(market.buyer) as db:
        await orders.ask_invoice(db, market.buyer, order_id=order_id, now=now)
        [paper] = await papers.list_papers(db, reference_id=order_id)
        shown = await papers.get_paper(db, paper.id)
    assert [(line.kind, line.quantity, line.amount) for line in shown.content.lines] == [
        ("KEPT", 0, DEPOSIT)
    ]
    assert {j.state for j in await journeys_of(database, market, order_id)} == {"ENDED"}
    await assert_sound(database, now)


async def test_a_line_that_is_made_is_only_cancelled(database: Database, now: dt.datetime) -> None:
    market = await make_deposits(database, now)
    order_id = await place_made(database, market, now, ("S-1", 2), (MADE, 7))
    changed = await amend(database, market, order_id, now, 2, 10)
    assert changed["deposit"]["balance"] == 8_750
    await carry(database)
    await confirm(database, market, now)
    with pytest.raises(BeingMade):
        await amend(database, market, order_id, now, 2, 11)
    changed = await amend(database, market, order_id, now, 2, 0)
    assert (changed["total"]["amount"], "deposit" in changed) == (2_500 + 3_750, False)
    assert await money(database, market, order_id) == (2_500 + 3_750, 0, 0)
    with pytest.raises(CannotAmend):
        await amend(database, market, order_id, now, 2, 1)
    await carry(database)
    await assert_sound(database, now)
    await cancel(database, market, order_id, now)
    assert await money(database, market, order_id) == (0, 3_750, 2_500)
    await assert_sound(database, now)


async def test_what_is_not_paid_in_time_is_given_up(database: Database, now: dt.datetime) -> None:
    market, order_id = await made(database, now)
    [asked] = await questions(database, market, order_id)
    with pytest.raises(NoSuchOption):
        await decide(database, market.operator, asked, "GIVE_UP", now)
    await decide(database, market.buyer, asked, "LATER", now + DAY)
    _first, second = await questions(database, market, order_id)
    assert [option.option for option in second.options] == ["GIVE_UP"]
    assert second.due_at == now + 8 * DAY
    later = now + 8 * DAY
    assert await meet_deadlines(database, market, later) == 1
    await carry(database)
    _first, second = await questions(database, market, order_id)
    assert (second.state, second.chosen, second.units) == ("DEFAULTED", "GIVE_UP", 7)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.state, journey.owner, journey.delivered) == ("ENDED", "operator", 0)
    assert (await order_of(database, market, order_id)).head.status == "CANCELLED"
    assert await money(database, market, order_id) == (0, DEPOSIT, 0)
    async with database.system() as db:
        standing = await db.value(
            """select jsonb_build_array(s.on_hand, s.reserved) from inventory.stock s
                where s.node_id = $1 and s.owner_org_id = $2""",
            market.nodes["YIW"], market.operator.org_id,
        )  # fmt: skip
        # The factory has made and sent them: it is owed its whole price.
        assert await earnings.book_earnings(db, market.operator, limit=9, now=later) == 1
        owed = await db.value("select amount from ledger.supplier_item")
    assert standing == [7, 0]
    assert owed == 28_000
    await assert_sound(database, later)


async def test_the_buyer_gives_up_at_once(database: Database, now: dt.datetime) -> None:
    market, order_id = await made(database, now, ("S-1", 2), (MADE, 7))
    [asked] = await questions(database, market, order_id)
    await decide(database, market.buyer, asked, "GIVE_UP", now)
    order = await order_of(database, market, order_id)
    assert order.head.status == "ALLOCATED", "what stood ready still comes"
    assert order.head.deferred_amount == 0
    assert await money(database, market, order_id) == (2_500 + DEPOSIT, 0, 0)
    await assert_sound(database, now)


async def test_units_that_do_not_come_take_their_share_of_both(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await made(database, now)
    [journey] = await journeys_of(database, market, order_id)
    await question(database, market, journey.id, "DAMAGED", 2, now)
    assert await meet_deadlines(database, market, now + 2 * DAY) == 1
    # 25.00 of goods: 17.50 of them were to be paid later.
    assert await money(database, market, order_id) == (DEPOSIT - 750, 0, 750)
    answer = await pay(database, market.buyer, order_id, now + 2 * DAY)
    assert answer["deposit"]["balance"] == BALANCE - 1_750
    assert await money(database, market, order_id) == (6_250, 0, 750)
    await assert_sound(database, now + 2 * DAY)


async def test_a_balance_comes_from_where_its_deposit_came(
    database: Database, now: dt.datetime
) -> None:
    market = await make_deposits(database, now)
    async with database.writing(market.operator) as db:
        await ledger.set_credit_line(
            db, market.operator, for_org_id=market.buyer.org_id, currency="USD",
            limit=TOTAL - 1, due_day=8, late_fee_ppm=0, now=now,
        )  # fmt: skip
    order_id = await place_made(database, market, now, payment={"method": "CREDIT"})
    with pytest.raises(BalanceElsewhere):
        await pay(database, market.buyer, order_id, now)
    with pytest.raises(CreditLimitExceeded):
        await pay(database, market.buyer, order_id, now, "CREDIT")
    async with database.writing(market.buyer) as db:
        await ledger.repay_credit(db, market.buyer, currency="USD", amount=1, now=now)
    await pay(database, market.buyer, order_id, now, "CREDIT")
    assert await money(database, market, order_id) == (TOTAL, 0, 0)
    await assert_sound(database, now)


async def test_nothing_is_claimed_before_the_balance_is_paid(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await made(database, now)
    claim = ClaimBody("LATE", lines=[ClaimedLine(1, amount=100)])
    async with database.writing(market.buyer) as db:
        with pytest.raises(BalanceOpen):
            await orders.open_claim(db, market.buyer, order_id=order_id, body=claim, now=now)
    await pay(database, market.buyer, order_id, now)
    async with database.writing(market.buyer) as db:
        opened = await orders.open_claim(db, market.buyer, order_id=order_id, body=claim, now=now)
    assert opened.asked_amount == 100


async def test_invoices_tell_deposit_from_balance(database: Database, now: dt.datetime) -> None:
    market, order_id = await made(database, now)
    await pay(database, market.buyer, order_id, now)
    async with database.system() as db:
        await orders.bill_orders(db, market.operator, limit=9, now=now)
        found = [
            await papers.get_paper(db, paper.id)
            for paper in await papers.list_papers(db, reference_id=order_id)
        ]
    lines = {line.kind: line for paper in found for line in paper.content.lines}
    deposit, balance = lines.pop("DEPOSIT"), lines.pop("BALANCE")
    assert lines == {}
    assert (deposit.quantity, deposit.amount, deposit.balance) == (7, DEPOSIT, BALANCE)
    assert (balance.quantity, balance.amount) == (0, BALANCE)
    for paper in found:
        assert (await ledger.print_detail(paper, [], locale="zh")).content.startswith(b"%PDF")
    await assert_sound(database, now)


@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_proformas_of_deposit_and_balance(
    database: Database, now: dt.datetime, locale: str
) -> None:
    market = await make_deposits(database, now)
    order_id = await place_made(database, market, now, payment={"method": "TRANSFER"})
    for _pay in ("deposit", "balance"):
        paper = await orders.print_proforma(
            database, market.buyer, order_id=order_id, locale=locale, now=now
        )
        assert paper.content.startswith(b"%PDF")
        await pay(database, market.buyer, order_id, now)


async def test_money_off_beyond_the_deposit_goes_off_the_balance(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await made(database, now)
    await pay(database, market.buyer, order_id, now)
    claim = ClaimBody("DAMAGED", lines=[ClaimedLine(1, amount=5_000)])
    async with database.writing(market.buyer) as db:
        opened = await orders.open_claim(db, market.buyer, order_id=order_id, body=claim, now=now)
    async with database.writing(market.operator) as db:
        await orders.answer_claim(
            db, market.operator, claim_id=opened.id, answer=ClaimAnswer(4_000), now=now
        )
    shown = (await order_of(database, market, order_id)).deposit
    assert shown
    assert (shown.amount, shown.balance, shown.unpaid) == (0, TOTAL - 4_000, 0)
    await assert_sound(database, now)

"""Credit, payments from outside, exchange and seals, to the last minor unit."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id, read_id
from beltline.ledger import actions, queries
from beltline.orders import actions as orders
from beltline.orders.types import (
    AmendBody,
    AmendedLine,
    ClaimAnswer,
    ClaimBody,
    ClaimedLine,
    OrderBody,
    PaymentBodyIn,
)
from beltline.tower.queries.proofs import prove_all
from tests.fulfillment import journeys
from tests.orders.make import Market, deposit, fresh_key, make_market, order_body

DAY = dt.timedelta(days=1)
_ACTOR = Actor(new_id(), "BUYER", "test", "API_KEY")


async def assert_sound(database: Database, now: dt.datetime) -> None:
    health = await prove_all(database, now)
    assert [p for p in health.items if not p.holds and p.name != "events_published"] == []
    async with database.system() as db:
        assert (await queries.prove_seals(db)).holds


async def place(
    database: Database, market: Market, now: dt.datetime, quantity: int, method: str
) -> dict[str, Any]:
    body = msgspec.convert(order_body(("S-1", quantity), payment={"method": method}), OrderBody)
    answer = await orders.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order: dict[str, Any] = answer.unwrap().response
    return order


async def refused(awaitable: Any) -> str:
    with pytest.raises(Refusal) as raised:
        await awaitable
    return raised.value.code


async def set_line(database: Database, market: Market, now: dt.datetime, limit: int) -> None:
    async with database.system() as db:
        await actions.set_credit_line(
            db, market.operator, for_org_id=market.buyer.org_id, currency="USD", limit=limit,
            due_day=8, late_fee_ppm=10_000, now=now,
        )  # fmt: skip


async def repay(database: Database, market: Market, now: dt.datetime, amount: int) -> None:
    async with database.writing(market.buyer) as db:
        await actions.repay_credit(db, market.buyer, currency="USD", amount=amount, now=now)


async def test_a_month_on_credit(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, buyers=1, balance=20_000)
    await set_line(database, market, now, 10_000)
    await place(database, market, now, 4, "CREDIT")
    await repay(database, market, now, 1_000)
    december, late = now.replace(month=12, day=1), now.replace(month=12, day=9)
    async with database.system() as db:
        close = [
            await actions.close_month(db, market.operator, month=dt.date(2026, 11, 1), now=december)
            for _ in range(2)
        ]
        early = await actions.mark_overdue(db, market.operator, now=december + 7 * DAY)
        marked = [await actions.mark_overdue(db, market.operator, now=late) for _ in range(2)]
    assert (close, early, marked) == ([1, 0], 0, [1, 0])
    async with database.reading(market.buyer) as db:
        (statement,) = await queries.list_statements(db)
        (line,) = await queries.list_credit_lines(db)
    assert (statement.charged, statement.settled, statement.late_fee) == (5_000, 1_000, 40)
    assert (statement.due, statement.due_on, statement.state) == (
        4_040, dt.date(2026, 12, 8), "OVERDUE",
    )  # fmt: skip
    assert (line.used, line.left, line.fees, line.state) == (4_000, 6_000, 40, "SUSPENDED")
    assert await refused(place(database, market, late, 1, "CREDIT")) == "ledger.credit_suspended"
    assert await refused(repay(database, market, late, 4_041)) == "ledger.nothing_owed"
    await repay(database, market, late, 4_040)
    await place(database, market, late, 1, "CREDIT")
    assert await refused(set_line(database, market, late, 1_000)) == "ledger.limit_below_debt"
    async with database.reading(market.buyer) as db:
        (statement,) = await queries.list_statements(db)
        (line,) = await queries.list_credit_lines(db)
        balances = {b.account: b.amount for b in await queries.list_balances(
            db, market.buyer.org_id)}  # fmt: skip
    assert (statement.state, statement.due, line.state, line.used) == ("PAID", 0, "OPEN", 1_250)
    assert balances == {"BUYER_BALANCE": 14_960, "BUYER_CREDIT": -1_250, "BUYER_FEES": 0}
    await assert_sound(database, now)


async def cancel(
    database: Database, market: Market, now: dt.datetime, order: dict[str, Any]
) -> None:
    number = read_id("ord", order["id"])
    answer = await orders.cancel_order(database, market.buyer, number, key=fresh_key(), now=now)
    assert answer.unwrap().response["status"] == "CANCELLED"


async def test_what_is_given_back_is_owed_no_more(database: Database, now: dt.datetime) -> None:
    """A refund settles the statement that charged it, and what is over counts for the next."""
    market = await make_market(database, now, buyers=1, balance=20_000)
    await set_line(database, market, now, 20_000)
    november = [await place(database, market, now, quantity, "CREDIT") for quantity in (4, 2)]
    december = now.replace(month=12, day=1)
    january, late = now.replace(year=now.year + 1, month=1, day=1), now.replace(month=12, day=9)
    async with database.system() as db:
        await actions.close_month(db, market.operator, month=dt.date(2026, 11, 1), now=december)
    await cancel(database, market, december, november[1])
    async with database.reading(market.buyer) as db:
        (statement,) = await queries.list_statements(db)
    assert (statement.charged, statement.settled, statement.due) == (7_500, 2_500, 5_000)
    async with database.system() as db:
        assert await actions.mark_overdue(db, market.operator, now=late) == 1
    assert await refused(place(database, market, late, 1, "CREDIT")) == "ledger.credit_suspended"
    await repay(database, market, late, 50)
    await cancel(database, market, late, november[0])
    async with database.reading(market.buyer) as db:
        (statement,) = await queries.list_statements(db)
        (line,) = await queries.list_credit_lines(db)
    assert (statement.state, statement.due) == ("PAID", 0)
    assert (line.state, line.used) == ("OPEN", 0)
    await place(database, market, late, 2, "CREDIT")
    async with database.system() as db:
        await actions.close_month(db, market.operator, month=dt.date(2026, 12, 1), now=january)
    async with database.reading(market.buyer) as db:
        statements = {s.month.month: s for s in await queries.list_statements(db)}
    assert (statements[12].charged, statements[12].due) == (2_500, 2_500)
    await assert_sound(database, now)


async def receive(
    database: Database, market: Market, now: dt.datetime, name: str, amount: int, reference: str
) -> Any:
    body = PaymentBodyIn("bank", name, amount, "USD", reference)
    async with database.writing(market.operator) as db:
        return await orders.receive_payment(db, market.operator, body, now=now)


async def test_a_transfer_pays_the_proforma_it_names_once(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1, balance=0)
    order = await place(database, market, now, 4, "TRANSFER")
    reference = f"invoice {order['proforma']['number'].lower()}, thanks"
    short = await receive(database, market, now, "t1", 4_000, reference)
    assert (short.state, short.order_id) == ("CREDITED", None)
    rest = [await receive(database, market, now, "t2", 1_500, reference) for _ in range(2)]
    assert {(p.state, p.order_id) for p in rest} == {("PAID", order["id"])}
    assert await refused(receive(database, market, now, "t2", 1_501, reference)) == (
        "ledger.incoming_differs"
    )
    unknown = await receive(database, market, now, "t3", 700, "rent")
    assert unknown.state == "UNMATCHED"
    async with database.system() as db:
        status = await db.value('select status || payment_method from orders."order"')
        unmatched = await queries.list_incoming(db, state="UNMATCHED")
        assert status == "ALLOCATEDTRANSFER"
        await actions.assign_incoming(
            db, market.operator, incoming_id=unmatched[0].id, org_id=market.buyer.org_id, now=now
        )
        assert await db.value("select available from ledger.balance") == 500 + 700
        losses = [
            await actions.reverse_incoming(
                db, market.operator, source="bank", external_id="t2", now=now
            )
            for _ in range(2)
        ]
        assert losses == [300, 0]
        assert await db.value("select available from ledger.balance") == 0
    await assert_sound(database, now)


@given(
    amount=st.integers(1, 10**12),
    rate=st.decimals(Decimal("0.0001"), 9_999, places=6),
    pair=st.permutations(["USD", "JPY", "KWD"]),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_an_exchange_loses_nothing(
    database: Database, now: dt.datetime, amount: int, rate: Decimal, pair: list[str]
) -> None:
    async with database.system() as db:
        is_new = await db.value("select count(*) from accounts.organization") == 0
    if is_new:
        await make_market(database, now, buyers=1, balance=0)
    async with database.system() as db:
        org = await db.value("select id from accounts.organization where kind = 'BUYER'")
        operator = await db.value("select accounts.operator_org()")
        market_buyer = msgspec.structs.replace(_ACTOR, org_id=org)
        holder = msgspec.structs.replace(_ACTOR, org_id=operator, org_kind="OPERATOR")
        await deposit(db, market_buyer, holder, amount, now, currency=pair[0])
    digits = {"USD": 2, "JPY": 0, "KWD": 3}
    worth = Decimal(amount) * rate * Decimal(10) ** (digits[pair[1]] - digits[pair[0]])
    async with database.writing(market_buyer) as db:
        exchange = actions.exchange(
            db, market_buyer, from_currency=pair[0], to_currency=pair[1], amount=amount,
            rate=rate, rate_source="test, 2026-11-20", now=now,
        )  # fmt: skip
        if worth * Decimal("0.995") < 1:
            assert await refused(exchange) == "ledger.too_little_to_exchange"
            return
        got = await exchange
    assert 0 <= worth * Decimal("0.995") - got < 1
    async with database.system() as db:
        assert (await queries.prove_transfers(db)).holds
        assert (await queries.prove_balances(db)).holds


async def test_every_tampering_with_what_was_sealed_is_found(
    dsn: str, database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, buyers=1)
    for hour in range(4):
        await place(database, market, now + hour * dt.timedelta(hours=1), 1 + hour, "BALANCE")
    until = now + dt.timedelta(hours=5)
    async with database.system() as db:
        assert [await actions.seal(db, market.operator, now=until) for _ in range(2)] == [4, 0]
        assert (await queries.prove_seals(db)).figures["sealed"] == 5
    connection = await asyncpg.connect(dsn)
    await connection.execute("set session_replication_role = 'replica'")
    chance = random.Random(20261122)
    try:
        for _ in range(30):
            sql = chance.choice(_TAMPERINGS)
            tampering = connection.transaction()
            await tampering.start()
            assert await connection.execute(sql, chance.randrange(5)) != "UPDATE 0"
            broken = await connection.fetchval("select count(*) from ledger.broken_seals(9)")
            await tampering.rollback()
            assert broken > 0, sql
        assert await connection.fetchval("select count(*) from ledger.broken_seals(9)") == 0
    finally:
        await connection.close()


_ENTRY = "(select id from ledger.entry order by id offset $1 limit 1)"
_TRANSFER = "(select id from ledger.transfer order by id offset $1 limit 1)"
_TAMPERINGS = (
    f"update ledger.entry set amount = amount + 1 where id = {_ENTRY}",
    f"update ledger.entry set currency = 'EUR' where id = {_ENTRY}",
    f"update ledger.entry set account_id = gen_random_uuid() where id = {_ENTRY}",
    f"update ledger.entry set org_id = operator_org_id, amount = -amount where id = {_ENTRY}",
    f"delete from ledger.entry where id = {_ENTRY}",
    f"delete from ledger.transfer where id = {_TRANSFER}",
    f"update ledger.transfer set reference = reference || '.' where id = {_TRANSFER}",
    f"update ledger.transfer set at = at + interval '1 hour' where id = {_TRANSFER}",
    f"""insert into ledger.entry select gen_random_uuid(), at, transfer_id, account_id, org_id,
          operator_org_id, amount, currency from ledger.entry where id = {_ENTRY}""",
    "update ledger.seal set digest = sha256(digest) where number = 1 + $1 % 4",
    "delete from ledger.seal where number = 1 + $1 % 3",
)  # fmt: skip


async def test_every_refund_of_a_credit_order_is_owed_no_more_to_the_cent(
    database: Database, now: dt.datetime
) -> None:
    """Amended before it leaves, claimed while it is held, claimed after its release."""
    market = await make_market(database, now, buyers=1, balance=0)
    await set_line(database, market, now, 20_000)
    order_id = read_id("ord", (await place(database, market, now, 4, "CREDIT"))["id"])
    assert await owed(database, market) == (5_000, [])
    (
        await orders.amend_order(
            database, market.buyer, order_id, AmendBody([AmendedLine(1, 3)]), key=fresh_key(),
            now=now,
        )
    ).unwrap()  # fmt: skip
    assert await owed(database, market) == (3_750, [])
    await journeys.open_all(database, market, now, order_id)
    await journeys.run_to_end(database, market, order_id, now)
    december = now.replace(month=12, day=1)
    async with database.system() as db:
        await actions.close_month(db, market.operator, month=dt.date(2026, 11, 1), now=december)
    assert await owed(database, market) == (3_750, [(5_000, 1_250, 3_750)])
    await claim(database, market, order_id, ClaimedLine(1, units=1), 1_250, now)
    assert await owed(database, market) == (2_500, [(5_000, 2_500, 2_500)])
    async with database.system() as db:
        assert await orders.release_due(db, market.operator, limit=9, now=now + 9 * DAY) == 1
    await claim(database, market, order_id, ClaimedLine(1, amount=101), 33, now + 10 * DAY)
    assert await owed(database, market) == (2_467, [(5_000, 2_533, 2_467)])
    await assert_sound(database, now + 10 * DAY)


async def owed(database: Database, market: Market) -> tuple[int, list[tuple[int, int, int]]]:
    """What is used of the line of credit, and of each statement what is charged, settled, due."""
    async with database.reading(market.buyer) as db:
        (line,) = await queries.list_credit_lines(db)
        statements = await queries.list_statements(db)
        balances = {b.account: b.amount for b in await queries.list_balances(
            db, market.buyer.org_id)}  # fmt: skip
    assert balances["BUYER_CREDIT"] == -line.used
    assert balances.get("BUYER_BALANCE", 0) == 0, "credit is not paid out"
    return line.used, [(s.charged, s.settled, s.due) for s in statements]


async def claim(
    database: Database, market: Market, order_id: UUID, line: ClaimedLine, given: int,
    now: dt.datetime,
) -> None:  # fmt: skip
    async with database.writing(market.buyer) as db:
        case = await orders.open_claim(
            db, market.buyer, order_id=order_id, body=ClaimBody("DAMAGED", lines=[line]), now=now
        )
    async with database.writing(market.operator) as db:
        await orders.answer_claim(
            db, market.operator, claim_id=case.id, answer=ClaimAnswer(given), now=now
        )

"""The server process dies before each write of each flow of orders and money: nothing is half done.

The points are found, not listed: a flow is rehearsed, and every table it wrote is one. Its session
is killed while it waits to write there for the first time; then it is asked again. The flows are
all command functions of both modules: a new one without a scenario fails.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from beltline.accounts.actions import legal
from beltline.fulfillment.actions import earnings
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.errors import Transient
from beltline.kit.ids import new_id, read_id
from beltline.ledger import actions as ledger
from beltline.ledger import queries
from beltline.ledger.queries import settlements
from beltline.ledger.types import Earning, Loss
from beltline.orders import actions as orders
from beltline.orders.actions import landed, pools
from beltline.orders.types import (
    AmendBody,
    AmendedLine,
    Assurance,
    Claim,
    ClaimAnswer,
    ClaimBody,
    ClaimedLine,
    OrderBody,
    PayBody,
    PaymentBodyIn,
    ShipTo,
)
from beltline.orders.types.landed import Cost, CostKind, DeclaredCost
from beltline.orders.types.pools import PledgeBody, PoolBody
from beltline.procurement import actions as purchases
from beltline.procurement.actions import payments as advances
from beltline.procurement.types.orders import Answer, AnswerKind, NewLine
from beltline.procurement.types.payments import BalanceDue, MilestoneKind, PaymentKind, Terms
from beltline.tower.queries.proofs import prove_all
from tests.accounts.legal import SUPPLIER
from tests.fulfillment import journeys
from tests.orders.make import (
    Market,
    deposit,
    fresh_key,
    make_market,
    make_node,
    make_offer,
    order_body,
    set_stock,
)

pytestmark = pytest.mark.proof

Call = Callable[[], Awaitable[Any]]
LONG = dt.timedelta(days=40)


class Stage(msgspec.Struct, frozen=True):
    """Where a flow is played: `victim` is the database whose sessions die."""

    victim: Database
    market: Market
    now: dt.datetime


async def _place(stage: Stage, *lines: tuple[str, int], **changes: Any) -> str:
    body = msgspec.convert(order_body(*(lines or (("S-1", 2),)), **changes), OrderBody)
    answer = await orders.place_order(
        stage.victim, stage.market.buyer, body, key=fresh_key(), now=stage.now
    )
    placed: str = answer.unwrap().response["id"]
    return placed


async def place_orders(stage: Stage) -> Call:
    body, key = msgspec.convert(order_body(("S-1", 2), ("S-4", 1)), OrderBody), fresh_key()
    return lambda: orders.place_order(
        stage.victim, stage.market.buyer, body, key=key, now=stage.now
    )


async def place_bulk(stage: Stage) -> Call:
    body, key = msgspec.convert(order_body(("S-1", 1)), OrderBody), fresh_key()
    return lambda: orders.place_bulk(
        stage.victim, stage.market.buyer, [body] * 3, key=key, now=stage.now
    )


async def change_order(stage: Stage) -> Call:
    placed = await _place(stage, ("S-1", 2), ("S-4", 2), payment={"method": "TRANSFER"})
    order, keys = read_id("ord", placed), fresh_key()

    async def call() -> None:
        buyer, now = stage.market.buyer, stage.now
        body = AmendBody([AmendedLine(1, 5)])
        await orders.pay_order(stage.victim, buyer, order, PayBody(), key=f"{keys}1", now=now)
        await orders.amend_order(stage.victim, buyer, order, body, key=f"{keys}2", now=now)
        await orders.pay_order(stage.victim, buyer, order, PayBody(), key=f"{keys}3", now=now)
        await orders.cancel_order(stage.victim, buyer, order, key=f"{keys}4", now=now)

    return call


async def receive_payment(stage: Stage) -> Call:
    await _place(stage, payment={"method": "TRANSFER"})
    async with stage.victim.system() as db:
        number = await db.value('select number from orders."order" order by number desc limit 1')
    body = PaymentBodyIn("bank", fresh_key(), 2_500, "USD", number)
    return _writing(
        stage, lambda db: orders.receive_payment(db, stage.market.operator, body, now=stage.now)
    )


async def expire_orders(stage: Stage) -> Call:
    await _place(stage, payment={"method": "TRANSFER"})
    later = stage.now + LONG
    return _writing(
        stage, lambda db: orders.expire_orders(db, stage.market.operator, limit=9, now=later)
    )


async def allocate_waiting(stage: Stage) -> Call:
    await _place(stage, ("S-3", 3), back_order=True)
    async with stage.victim.system() as db:
        on_hand = 3 + await db.value(
            "select on_hand from inventory.stock where sku_id = $1", stage.market.skus["S-3"]
        )
        await set_stock(
            db, stage.market.operator, {"S-3": stage.market.skus["S-3"]},
            node_id=stage.market.nodes["WAW"], on_hand=on_hand, now=stage.now,
        )  # fmt: skip
    return _writing(
        stage, lambda db: orders.allocate_waiting(db, stage.market.operator, limit=9, now=stage.now)
    )


async def purchase_parts(stage: Stage) -> Call:
    await _place(stage, ("S-4", 2))
    later = stage.now + LONG
    return _writing(
        stage,
        lambda db: orders.purchase_parts(
            db, stage.market.operator, cut_off=later, limit=9, now=stage.now
        ),
    )


async def lose_purchase(stage: Stage) -> Call:
    await (await purchase_parts(stage))()
    async with stage.victim.system() as db:
        purchase = await db.value(
            "select id from procurement.purchase_order order by number desc limit 1"
        )
    return _writing(
        stage,
        lambda db: orders.lose_purchase(
            db, stage.market.operator, purchase_id=purchase, now=stage.now
        ),
    )


async def _sent(stage: Stage) -> UUID:
    """An order that is on its way."""
    order_id = read_id("ord", await _place(stage))
    await journeys.open_all(stage.victim, stage.market, stage.now, order_id)
    await journeys.run_to_end(stage.victim, stage.market, order_id, stage.now, until="LAST_MILE")
    return order_id


async def _arrived(stage: Stage) -> UUID:
    order_id = await _sent(stage)
    await journeys.run_to_end(stage.victim, stage.market, order_id, stage.now)
    return order_id


async def _claimed(stage: Stage) -> Claim:
    order_id = await _sent(stage)
    async with stage.victim.system() as db:
        return await orders.open_claim(
            db, stage.market.buyer, order_id=order_id, body=ClaimBody("LATE"), now=stage.now
        )


async def open_claim(stage: Stage) -> Call:
    order_id, body = await _sent(stage), ClaimBody("LATE", lines=[ClaimedLine(1, amount=70)])
    return _writing(
        stage,
        lambda db: orders.open_claim(
            db, stage.market.buyer, order_id=order_id, body=body, now=stage.now
        ),
    )


async def answer_claim(stage: Stage) -> Call:
    claim = await _claimed(stage)
    return _writing(
        stage,
        lambda db: orders.answer_claim(
            db, stage.market.operator, claim_id=claim.id, answer=ClaimAnswer(70), now=stage.now
        ),
    )


async def answer_case(stage: Stage) -> Call:
    claim = await _claimed(stage)
    async with stage.victim.system() as db:
        case = await db.value("select id from orders.claim_case where claim_id = $1", claim.id)
    return _writing(
        stage,
        lambda db: orders.answer_case(
            db, stage.market.supplier, case_id=case, evidence="checked", now=stage.now
        ),
    )


async def withdraw_claim(stage: Stage) -> Call:
    claim = await _claimed(stage)
    return _writing(
        stage,
        lambda db: orders.withdraw_claim(db, stage.market.buyer, claim_id=claim.id, now=stage.now),
    )


async def default_claims(stage: Stage) -> Call:
    await _claimed(stage)
    later = stage.now + LONG
    return _writing(
        stage, lambda db: orders.default_claims(db, stage.market.operator, limit=9, now=later)
    )


async def confirm_receipt(stage: Stage) -> Call:
    order_id = await _arrived(stage)
    return _writing(
        stage,
        lambda db: orders.confirm_receipt(db, stage.market.buyer, order_id=order_id, now=stage.now),
    )


async def release_due(stage: Stage) -> Call:
    await _arrived(stage)
    later = stage.now + LONG
    return _writing(
        stage, lambda db: orders.release_due(db, stage.market.operator, limit=9, now=later)
    )


async def bill_orders(stage: Stage) -> Call:
    await _sent(stage)
    return _writing(
        stage, lambda db: orders.bill_orders(db, stage.market.operator, limit=9, now=stage.now)
    )


async def ask_invoice(stage: Stage) -> Call:
    order_id = read_id("ord", await _place(stage))
    return _writing(
        stage,
        lambda db: orders.ask_invoice(db, stage.market.buyer, order_id=order_id, now=stage.now),
    )


async def _to_pool(stage: Stage) -> PoolBody:
    """S-1, of which an order takes 4 and a buyer wants fewer."""
    async with stage.victim.system() as db:
        await db.execute("update catalog.offer set moq = 4")
    return PoolBody("S-1", "USD", stage.now + LONG, target_quantity=4)


async def _pool(stage: Stage, *quantities: int) -> UUID:
    """An open pool of S-1 from 4, with as many buyers as quantities."""
    body = await _to_pool(stage)
    async with stage.victim.system() as db:
        made = await pools.open_pool(db, stage.market.operator, body=body, now=stage.now)
        for buyer, quantity in zip(stage.market.buyers, quantities, strict=False):
            await pools.join_pool(db, buyer, pool_id=made.id, body=_pledge(quantity), now=stage.now)
    return made.id


def _pledge(quantity: int) -> PledgeBody:
    return PledgeBody(quantity, "W", ShipTo("Anna", "PL", city="Warszawa", line1="Prosta 1"))


async def open_pool(stage: Stage) -> Call:
    body = await _to_pool(stage)
    return _writing(
        stage, lambda db: pools.open_pool(db, stage.market.operator, body=body, now=stage.now)
    )


async def join_pool(stage: Stage) -> Call:
    pool_id = await _pool(stage)
    return _writing(
        stage,
        lambda db: pools.join_pool(
            db, stage.market.buyer, pool_id=pool_id, body=_pledge(2), now=stage.now
        ),
    )


async def leave_pool(stage: Stage) -> Call:
    pool_id = await _pool(stage, 2)
    return _writing(
        stage,
        lambda db: pools.leave_pool(db, stage.market.buyer, pool_id=pool_id, now=stage.now),
    )


async def end_pool(stage: Stage) -> Call:
    pool_id = await _pool(stage, 2, 3)
    return _writing(
        stage,
        lambda db: pools.end_pool(db, stage.market.operator, pool_id=pool_id, now=stage.now),
    )


async def set_assurance(stage: Stage) -> Call:
    rules = Assurance(7, 30, 7)
    return _writing(
        stage,
        lambda db: orders.set_assurance(db, stage.market.operator, rules=rules, now=stage.now),
    )


async def declare_landed(stage: Stage) -> Call:
    order_id = read_id("ord", await _place(stage))
    operator, now = stage.market.operator, stage.now
    async with stage.victim.system() as db:
        await landed.keep_landed_cost(db, operator, order_id=order_id, now=now)
        number = await db.value('select number from orders."order" where id = $1', order_id)
    declared = [DeclaredCost(number, 2, [Cost(CostKind.DUTY, 150, "a law")])]
    return _writing(
        stage, lambda db: landed.declare_landed_costs(db, operator, declared=declared, now=now)
    )


async def set_credit_line(stage: Stage) -> Call:
    limit = 100_000 + int(fresh_key().split("-")[1])
    return _writing(
        stage,
        lambda db: ledger.set_credit_line(
            db, stage.market.operator, for_org_id=stage.market.buyer.org_id, currency="USD",
            limit=limit, due_day=8, late_fee_ppm=5_000, now=stage.now,
        ),
    )  # fmt: skip


async def make_statements(stage: Stage) -> Call:
    await (await set_credit_line(stage))()
    async with stage.victim.system() as db:
        (line,) = await queries.list_credit_lines(db)
        if line.used + line.fees:
            await ledger.repay_credit(
                db, stage.market.buyer, currency="USD", amount=line.used + line.fees, now=stage.now
            )
        months = await db.value("select count(*) from ledger.statement")
    month = (stage.now + (months + 1) * dt.timedelta(days=31)).replace(day=1)
    ordered = msgspec.structs.replace(stage, now=month)
    await _place(ordered, payment={"method": "CREDIT"})
    return _writing(
        stage,
        lambda db: ledger.close_month(
            db, stage.market.operator, month=day_of(month).replace(day=1), now=month + LONG
        ),
    )


async def issue_statements(stage: Stage) -> Call:
    async with stage.victim.system() as db:
        stated = await db.value("select count(distinct month) from ledger.paper where month > $1",
                                day_of(stage.now))  # fmt: skip
    month = (stage.now + (stated + 24) * dt.timedelta(days=31)).replace(day=1)
    await _place(msgspec.structs.replace(stage, now=month))
    return _writing(
        stage,
        lambda db: ledger.issue_statements(
            db, stage.market.operator, month=day_of(month).replace(day=1), limit=9, now=month + LONG
        ),
    )


async def mark_overdue(stage: Stage) -> Call:
    await (await make_statements(stage))()
    later = stage.now + 100 * LONG
    return _writing(stage, lambda db: ledger.mark_overdue(db, stage.market.operator, now=later))


async def repay_credit(stage: Stage) -> Call:
    await (await mark_overdue(stage))()
    async with stage.victim.system() as db:
        (line,) = await queries.list_credit_lines(db)
    return _writing(
        stage,
        lambda db: ledger.repay_credit(
            db, stage.market.buyer, currency="USD", amount=line.used + line.fees, now=stage.now
        ),
    )


async def _unmatched(stage: Stage) -> PaymentBodyIn:
    body = PaymentBodyIn("bank", fresh_key(), 700, "USD", "rent")
    async with stage.victim.system() as db:
        await orders.receive_payment(db, stage.market.operator, body, now=stage.now)
    return body


async def assign_incoming(stage: Stage) -> Call:
    await _unmatched(stage)
    async with stage.victim.system() as db:
        (found, *_) = await queries.list_incoming(db, state="UNMATCHED")
    return _writing(
        stage,
        lambda db: ledger.assign_incoming(
            db, stage.market.operator, incoming_id=found.id, org_id=stage.market.buyer.org_id,
            now=stage.now,
        ),
    )  # fmt: skip


async def reverse_incoming(stage: Stage) -> Call:
    await (await assign_incoming(stage))()
    async with stage.victim.system() as db:
        (found, *_) = await queries.list_incoming(db, state="CREDITED")
    return _writing(
        stage,
        lambda db: ledger.reverse_incoming(
            db, stage.market.operator, source=found.source, external_id=found.external_id,
            now=stage.now,
        ),
    )  # fmt: skip


async def exchange(stage: Stage) -> Call:
    return _writing(
        stage,
        lambda db: ledger.exchange(
            db, stage.market.buyer, from_currency="USD", to_currency="EUR", amount=1_000,
            rate=Decimal("0.9"), rate_source="test", now=stage.now,
        ),
    )  # fmt: skip


def _sale(stage: Stage) -> Earning:
    return Earning(
        stage.market.supplier.org_id, "SALE", new_id(), 1, 1, "PO-1", "S-1", 1, 900, "CNY",
        day_of(stage.now), True,
    )  # fmt: skip


async def earn(stage: Stage) -> Call:
    sale = _sale(stage)
    return _writing(stage, lambda db: ledger.earn(db, stage.market.operator, [sale], now=stage.now))


async def write_off(stage: Stage) -> Call:
    loss = Loss(new_id(), "CF-1", 900, "CNY")
    return _writing(
        stage, lambda db: ledger.write_off(db, stage.market.operator, [loss], now=stage.now)
    )


async def set_commission(stage: Stage) -> Call:
    async with stage.victim.system() as db:
        known = await db.value("select count(*) from ledger.commission_rate")
    day = day_of(stage.now) - (known + 1) * dt.timedelta(days=1)
    return _writing(
        stage,
        lambda db: ledger.set_commission(
            db, stage.market.operator, supplier_org_id=None, rate_ppm=50_000, valid_from=day,
            valid_until=None, note="", now=stage.now,
        ),
    )  # fmt: skip


async def settle(stage: Stage) -> Call:
    await (await set_commission(stage))()
    await (await earn(stage))()
    later = stage.now + LONG
    return _writing(
        stage, lambda db: ledger.settle(db, stage.market.operator, until=later, now=later)
    )


async def _due(stage: Stage) -> UUID:
    await (await settle(stage))()
    async with stage.victim.system() as db:
        [latest] = await settlements.list_settlements(
            db, stage.market.operator, state="DUE", limit=1
        )
    return latest.id


async def ask_payout(stage: Stage) -> Call:
    due = await _due(stage)
    return _writing(
        stage,
        lambda db: ledger.ask_payout(db, stage.market.operator, settlement_id=due, now=stage.now),
    )


async def decide_payout(stage: Stage) -> Call:
    due = await _due(stage)
    async with stage.victim.system() as db:
        await ledger.ask_payout(db, stage.market.operator, settlement_id=due, now=stage.now)
    other = msgspec.structs.replace(stage.market.operator, via_id=new_id())
    return _writing(
        stage,
        lambda db: ledger.decide_payout(
            db, other, settlement_id=due, is_approved=True, reference="B", now=stage.now
        ),
    )


async def _being_made(stage: Stage, *told: MilestoneKind) -> UUID:
    """A purchase of goods made to order that is confirmed, its deposit unpaid."""
    market, now = stage.market, stage.now
    async with stage.victim.system() as db:
        await advances.set_terms(
            db, market.operator, supplier_org_id=market.supplier.org_id, note="", now=now,
            terms=Terms(Decimal(30), BalanceDue.BEFORE_SHIPMENT, Decimal(50)),
        )  # fmt: skip
        made = await purchases.issue_order(
            db, market.operator, supplier_org_id=market.supplier.org_id,
            node_id=market.nodes["YIW"], currency="CNY", expected_date=day_of(now + LONG),
            order_by_date=None, plan_run_id=None, now=now,
            lines=[NewLine(market.skus["S-4"], 10, Decimal(60))],
        )  # fmt: skip
        await purchases.answer_order(
            db, market.supplier, order_id=made.id, answer=Answer(AnswerKind.CONFIRMED), now=now
        )
        for kind in told:
            await advances.report_production(
                db, market.operator, order_id=made.id, kind=kind, note="", now=now
            )
    return made.id


async def _asked(stage: Stage, order_id: UUID) -> UUID:
    async with stage.victim.system() as db:
        asked = await advances.ask_payment(
            db, stage.market.operator, order_id=order_id, kind=PaymentKind.DEPOSIT, now=stage.now
        )
    return asked.id


async def _paid(stage: Stage, order_id: UUID) -> Call:
    asked = await _asked(stage, order_id)
    other = msgspec.structs.replace(stage.market.operator, via_id=new_id())
    return _writing(
        stage,
        lambda db: advances.decide_payment(
            db, other, payment_id=asked, is_approved=True, reference="B", now=stage.now
        ),
    )


async def set_terms(stage: Stage) -> Call:
    market = stage.market
    return _writing(
        stage,
        lambda db: advances.set_terms(
            db, market.operator, supplier_org_id=market.supplier.org_id, terms=Terms(Decimal(20)),
            note="", now=stage.now,
        ),
    )  # fmt: skip


async def report_production(stage: Stage) -> Call:
    order_id = await _being_made(stage, MilestoneKind.STARTED)
    return _writing(
        stage,
        lambda db: advances.report_production(
            db, stage.market.supplier, order_id=order_id, kind=MilestoneKind.FINISHED, note="",
            now=stage.now,
        ),
    )  # fmt: skip


async def ask_payment(stage: Stage) -> Call:
    order_id = await _being_made(stage)
    return _writing(
        stage,
        lambda db: advances.ask_payment(
            db, stage.market.operator, order_id=order_id, kind=PaymentKind.DEPOSIT, now=stage.now
        ),
    )


async def decide_payment(stage: Stage) -> Call:
    return await _paid(stage, await _being_made(stage))


async def withdraw_order(stage: Stage) -> Call:
    order_id = await _being_made(stage, MilestoneKind.STARTED)
    await _asked(stage, order_id)
    return _writing(
        stage,
        lambda db: advances.withdraw_order(
            db, stage.market.supplier, order_id=order_id, note="fire", now=stage.now
        ),
    )


async def cancel_order(stage: Stage) -> Call:
    order_id = await _being_made(stage)
    await (await _paid(stage, order_id))()
    async with stage.victim.system() as db:
        await advances.report_production(
            db, stage.market.supplier, order_id=order_id, kind=MilestoneKind.STARTED, note="",
            now=stage.now,
        )  # fmt: skip
    return _writing(
        stage,
        lambda db: purchases.cancel_order(
            db, stage.market.operator, order_id=order_id, note="", now=stage.now
        ),
    )


async def earn_advance(stage: Stage) -> Call:
    await (await cancel_order(stage))()
    return _writing(
        stage,
        lambda db: earnings.book_earnings(db, stage.market.operator, limit=9, now=stage.now),
    )


async def state_legal_entity(stage: Stage) -> Call:
    return _writing(
        stage,
        lambda db: legal.state_legal_entity(
            db, stage.market.supplier, entity=SUPPLIER, now=stage.now
        ),
    )


FLOWS = {
    "orders": (
        place_orders, place_bulk, change_order, receive_payment, expire_orders, allocate_waiting,
        purchase_parts, lose_purchase, open_claim, answer_claim, withdraw_claim, default_claims,
        answer_case, confirm_receipt, release_due, bill_orders, ask_invoice, set_assurance,
        open_pool, join_pool, leave_pool, end_pool, declare_landed,
    ),
    "ledger": (
        set_credit_line, make_statements, issue_statements, mark_overdue, repay_credit,
        assign_incoming, reverse_incoming, exchange, earn, write_off, set_commission, settle,
        ask_payout, decide_payout,
    ),
}  # fmt: skip
# Of accounts what stands on papers.
ACCOUNTS = (state_legal_entity,)
# Of purchases what moves money.
PURCHASES = (
    set_terms, report_production, ask_payment, decide_payment, withdraw_order, cancel_order,
    earn_advance,
)  # fmt: skip
_READS = {"parties_at", "preview_order", "ship_to", "pool_to_end", "landed_of"}
# One row of one table: there is nothing between its writes.
_SINGLE = {"keep_landed"}


async def test_every_command_function_is_a_flow(database: Database) -> None:
    for module, flows in FLOWS.items():
        async with database.system() as db:
            commands = await db.values(
                """select distinct p.proname::text from pg_proc p
                    where p.pronamespace = $1::regnamespace and p.prosecdef
                      and p.prorettype <> 'trigger'::regtype""",
                module,
            )
        assert {flow.__name__ for flow in flows} == set(commands) - _READS - _SINGLE


@pytest.mark.parametrize(
    "flow",
    [flow for flows in (*FLOWS.values(), ACCOUNTS, PURCHASES) for flow in flows],
    ids=lambda flow: flow.__name__,
)
async def test_a_session_killed_before_any_write_leaves_nothing(
    dsn: str, database: Database, now: dt.datetime, flow: Callable[[Stage], Awaitable[Call]]
) -> None:
    market = await make_market(database, now, buyers=1, skus=4, on_hand=50)
    await _factory(database, market, now)
    async with _opened(dsn) as victim:
        await _prove(dsn, database, Stage(victim, market, now), flow)


@contextlib.asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[Database]:
    victim = await Database(dsn, pool_size=1).open()
    try:
        yield victim
    finally:
        await victim.close()


async def _prove(
    dsn: str, database: Database, stage: Stage, flow: Callable[[Stage], Awaitable[Call]]
) -> None:
    # Once for what is made but once, such as accounts.
    await (await flow(stage))()
    rehearsed = await flow(stage)
    between = await _marks(database)
    await rehearsed()
    after = await _marks(database)
    points = sorted(table for table in after if after[table] != between[table])
    assert len(points) >= 2
    call = await flow(stage)
    standing = await _marks(database)
    for table in points:
        await _killed_at(dsn, table, call)
        if flow is not change_order:  # four commands: the first may have been done
            assert await _marks(database) == standing, table
    await call()
    health = await prove_all(database, stage.now)
    broken = [p for p in health.items if not p.holds and p.name != "events_published"]
    assert broken == []


async def _factory(database: Database, market: Market, now: dt.datetime) -> None:
    """`S-4` is made to order in its factory, for a deposit; of `S-3` nothing is there."""
    goods = {"S-4": market.skus["S-4"]}
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        for node, owner, kind, on_hand in (
            (market.nodes["WAW"], market.operator, "COUNTED", 0),
            (factory, market.supplier, "DECLARED", 100),
        ):
            await set_stock(
                db, market.operator, goods, node_id=node, on_hand=on_hand, now=now, owner=owner,
                kind=kind,
            )  # fmt: skip
        await set_stock(
            db, market.operator, {"S-3": market.skus["S-3"]}, node_id=market.nodes["WAW"],
            on_hand=0, now=now,
        )  # fmt: skip
        await db.execute(
            """update catalog.offer set sales_model = 'VIRTUAL', availability = 'MADE_TO_ORDER',
                      deposit_percent = 30 where sku_id = $1""",
            goods["S-4"],
        )
        await make_offer(
            db, goods["S-4"], market.supplier, now, audience="OPERATOR", currency="CNY",
            breaks={1: "60"}, operator=market.operator,
        )  # fmt: skip
        await deposit(db, market.buyer, market.operator, 1_000, now, currency="EUR")


def _writing(stage: Stage, act: Callable[[Any], Awaitable[Any]]) -> Call:
    async def call() -> None:
        async with stage.victim.system() as db:
            await act(db)

    return call


async def _marks(database: Database) -> dict[str, tuple[int, int]]:
    """Of every table what changes with any write: how many rows, and the newest transaction."""
    async with database.system() as db:
        tables = await db.values(
            """select c.oid::regclass::text from pg_class c
                where c.relkind in ('r', 'p') and not c.relispartition
                  and c.relnamespace = any(array['kit', 'accounts', 'inventory', 'ledger',
                                                 'procurement', 'orders',
                                                 'fulfillment']::regnamespace[])
                  and has_table_privilege(c.oid, 'select') order by 1"""
        )
        marks = {}
        for table in tables:
            rows = await db.value(f"select count(*) from {table}")
            newest = await db.value(f"select coalesce(max(xmin::text::bigint), 0) from {table}")
            marks[table] = (rows, newest)
    return marks


async def _killed_at(dsn: str, table: str, call: Call) -> None:
    """Kill the session of `call` while it waits to write to a table."""
    connection = await asyncpg.connect(dsn)
    try:
        await _kill(connection, table, call)
    finally:
        await connection.close()


async def _kill(connection: Any, table: str, call: Call) -> None:
    lock = connection.transaction()
    await lock.start()
    await connection.execute(f"lock table {table} in share row exclusive mode")
    running = asyncio.create_task(_ended(call))
    killed: list[int] = []
    while not killed and not running.done():
        await asyncio.sleep(0.01)
        killed = await connection.fetchval(
            """select coalesce(array_agg(pid) filter (where pg_terminate_backend(pid)), '{}')
                 from pg_stat_activity
                where wait_event_type = 'Lock' and application_name like 'beltline bl_%'
                  and pg_backend_pid() = any(pg_blocking_pids(pid))"""
        )
    await running
    await lock.rollback()
    # Its client hears of the end first; what it had locked would be passed over by who skips.
    async with asyncio.timeout(10):
        while await connection.fetchval(  # noqa: ASYNC110 - another process
            "select exists(select from pg_stat_activity where pid = any($1))", killed
        ):
            await asyncio.sleep(0.001)
    assert killed, f"{table} was never written to"


async def _ended(call: Call) -> None:
    with contextlib.suppress(Transient):
        await call()

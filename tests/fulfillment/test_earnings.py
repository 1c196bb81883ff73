"""What suppliers earned: received purchases, released sales, and what is taken back of them."""

import datetime as dt
from uuid import UUID

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import get_operator
from beltline.fulfillment import workflows
from beltline.fulfillment.actions import earnings
from beltline.fulfillment.actions import returns as coming_back
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.ledger import actions as ledger
from beltline.ledger.queries.settlements import list_unstated
from beltline.orders import actions as orders
from beltline.orders.types import ClaimAnswer, ClaimBody, ClaimedLine
from tests.fulfillment.journeys import assert_sound, journeys_of, run_to_end
from tests.fulfillment.make import receive
from tests.fulfillment.test_journeys import from_factory
from tests.orders.make import Market, make_offer
from tests.procurement.make import NOW, make_order, make_trade

DAY = dt.timedelta(days=1)
Item = tuple[str, int, int]


async def booked(database: Database, actor: Actor, now: dt.datetime) -> list[Item]:
    """Book what is new; every item so far as (kind, units, amount)."""
    async with database.system() as db:
        # What is taken back of a sale is found once the sale is known.
        while await earnings.book_earnings(db, actor, limit=100, now=now):
            pass
        rows = await db.values(
            """select jsonb_build_array(kind, quantity, amount) from ledger.supplier_item
                order by at, amount desc"""
        )
    return [(kind, units, amount) for kind, units, amount in rows]


async def test_a_purchase_is_owed_as_it_is_received_up_to_what_was_agreed(
    database: Database,
) -> None:
    trade = await make_trade(database)
    order = await make_order(database, trade, lines=(("SKU-1", 7, "0.333333"),))
    assert await booked(database, trade.operator, NOW) == []
    await receive(database, trade, order, Counted(2, sku="SKU-1"))
    assert await booked(database, trade.operator, NOW) == [("PURCHASE", 2, 67)]
    await receive(database, trade, order, Counted(9, sku="SKU-1"), over=True)
    items = await booked(database, trade.operator, NOW + DAY)
    assert items == [("PURCHASE", 2, 67), ("PURCHASE", 5, 166)]
    async with database.reading(trade.supplier) as db:
        [mine] = await list_unstated(db)
    assert (mine.amount, mine.unrated) == (233, 0)
    await assert_sound(database, NOW)


async def sold(database: Database, now: dt.datetime, model: str) -> tuple[Market, UUID]:
    """Ten units of a factory that have arrived; it gets 60 CNY for each."""
    market, order_id = await from_factory(database, now, model, units=10)
    async with database.system() as db:
        await make_offer(
            db, market.skus["S-1"], market.supplier, now, audience="OPERATOR", currency="CNY",
            breaks={1: "60"}, operator=market.operator,
        )  # fmt: skip
    await run_to_end(database, market, order_id, now)
    return market, order_id


async def claim(
    database: Database, market: Market, order_id: UUID, line: ClaimedLine, bearer: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    async with database.writing(market.buyer) as db:
        case = await orders.open_claim(
            db, market.buyer, order_id=order_id, body=ClaimBody("DEFECTIVE", lines=[line]), now=now
        )
    answer = ClaimAnswer(case.asked_amount, "SUPPLIER" if bearer == "SUPPLIER" else "CARRIER")
    async with database.writing(market.operator) as db:
        await orders.answer_claim(db, market.operator, claim_id=case.id, answer=answer, now=now)


async def test_a_sale_is_owed_when_its_money_is_released_and_taken_back_by_claims(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await sold(database, now, "DIRECT")
    await claim(database, market, order_id, ClaimedLine(1, units=3), "SUPPLIER", now)
    assert await booked(database, market.operator, now) == []
    async with database.system() as db:
        await orders.release_due(db, market.operator, limit=9, now=now + 7 * DAY)
    both = await booked(database, market.operator, now + 7 * DAY)
    assert both == [("SALE", 10, 60_000), ("CLAWBACK", 3, -18_000)]
    # 6.25 of the line's 125.00 off: half a unit.
    later = now + 9 * DAY
    await claim(database, market, order_id, ClaimedLine(1, amount=625), "SUPPLIER", later)
    await claim(database, market, order_id, ClaimedLine(1, units=1), "CARRIER", later)
    assert (await booked(database, market.operator, later))[2:] == [("CLAWBACK", 1, -3_000)]
    await assert_sound(database, now)


async def test_a_return_at_the_suppliers_charge_is_taken_back_and_the_month_is_stated(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await sold(database, now, "VIRTUAL")
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.buyer) as db:
        await orders.confirm_receipt(db, market.buyer, order_id=order_id, now=now)
        case = await coming_back.request_return(
            db, market.buyer, journey_id=journey.id, units=4, reason="DEFECTIVE", note="", now=now
        )
    async with database.writing(market.operator) as db:
        await coming_back.answer_return(
            db, market.operator, return_id=case.id, node="WAW", note="", now=now
        )
        await coming_back.grade_return(
            db, market.operator, return_id=case.id, resell=3, scrap=1, charged_to="SUPPLIER",
            now=now,
        )  # fmt: skip
        await ledger.set_commission(
            db, market.operator, supplier_org_id=None, rate_ppm=50_000, note="", now=now,
            valid_from=dt.date(2026, 1, 1), valid_until=None,
        )  # fmt: skip
    async with database.system() as db:
        actor = system_actor(await get_operator(db), "schedule")
    job = await run_inline(
        database, actor, kind=workflows.settle_suppliers.name, title="x", parameters={}, now=now,
        registry=registry_of(*workflows.JOBS),
    )  # fmt: skip
    assert job.result == {"booked": 2, "stated": 0}
    async with database.system() as db:
        await ledger.settle(db, market.operator, until=now + 60 * DAY, now=now + 60 * DAY)
        stated = await db.value("select jsonb_build_array(earned, taken_back, commission, closing)"
                                " from ledger.settlement")  # fmt: skip
    assert stated == [60_000, -24_000, 1_800, 34_200]
    await assert_sound(database, now)

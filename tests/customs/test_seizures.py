"""What customs keeps or sends back is a loss of who bears it, to the minor unit."""

import datetime as dt

import pytest

from beltline.customs.types import Act, Bearer
from beltline.fulfillment import actions as fulfillment
from beltline.fulfillment.queries import journeys
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id
from beltline.ledger import actions as ledger
from beltline.ledger.types import Earning, Loss
from tests.customs.make import (
    at_export,
    carry_events,
    declarations,
    make_border,
    move,
    with_rules,
)
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, run_to_end
from tests.fulfillment.test_earnings import booked
from tests.fulfillment.test_journeys import from_factory, question
from tests.orders.make import Market, make_offer

DAY = dt.timedelta(days=1)


async def seize(
    database: Database, market: Market, act: Act, bearer: Bearer, now: dt.datetime
) -> None:
    """Customs keeps or sends back what is declared; its buyers take their money."""
    for declaration in await declarations(database, market):
        await move(database, market, declaration, Act.LODGE, now)
        await move(database, market, declaration, Act.HOLD, now, note="brand")
        await move(database, market, declaration, act, now, note="kept", bearer=bearer)
    await carry_events(database)
    await carry_events(database)
    async with database.reading(market.buyer) as db:
        found = await journeys.list_decisions(db, market.buyer)
    for decision in found:
        if decision.state == "OPEN":
            async with database.writing(market.buyer) as db:
                await fulfillment.decide(
                    db, market.buyer, decision_id=decision.id, option="REFUND", now=now
                )


async def balances(database: Database, actor: Actor) -> dict[str, int]:
    """What the accounts of an organization hold in CNY."""
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(a.kind, coalesce(sum(e.amount), 0))
                 from ledger.account a join ledger.entry e on e.account_id = a.id
                where a.org_id = $1 and a.currency = 'CNY' group by a.kind""",
            actor.org_id,
        )
    return dict(rows)


@pytest.mark.parametrize(
    ("act", "bearer"),
    [
        (Act.FORFEIT, Bearer.OPERATOR), (Act.FORFEIT, Bearer.SUPPLIER),
        (Act.RETURN, Bearer.CARRIER), (Act.RETURN, Bearer.SUPPLIER),
    ],
)  # fmt: skip
async def test_a_seizure_of_a_factorys_goods_is_paid_by_who_bears_it(
    database: Database, now: dt.datetime, act: Act, bearer: Bearer
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL", units=10)
    await with_rules(database, market, now, vat="EXEMPT")
    async with database.system() as db:
        await make_offer(
            db, market.skus["S-1"], market.supplier, now, audience="OPERATOR", currency="CNY",
            breaks={1: "6.333333"}, operator=market.operator,
        )  # fmt: skip
        await db.execute("update catalog.sku set hs_code = '6108310000', weight_g = 250")
        await ledger.set_commission(
            db, market.operator, supplier_org_id=None, rate_ppm=50_000, note="", now=now,
            valid_from=dt.date(2026, 1, 1), valid_until=None,
        )  # fmt: skip
    [journey] = await journeys_of(database, market, order_id)
    # Of ten units three were held before title passed: nobody owes anything for those.
    spoilt = await question(database, market, journey.id, "HELD", 3, now - DAY)
    async with database.writing(market.buyer) as db:
        await fulfillment.decide(db, market.buyer, decision_id=spoilt.id, option="REFUND", now=now)
    await run_to_end(database, market, order_id, now, until="EXPORT")
    await seize(database, market, act, bearer, now)
    items = await booked(database, market.operator, now)
    # 7 x 6.333333 is 44.33; 5 % of it 2.22.
    loss = ("CLAWBACK", 7, -4_433)
    assert items == [("SALE", 7, 4_433), *([loss] if bearer is Bearer.SUPPLIER else [])]
    assert await booked(database, market.operator, now + DAY) == items
    async with database.system() as db:
        await ledger.settle(db, market.operator, until=now + 2 * DAY, now=now + 2 * DAY)
        closing = await db.value("select closing from ledger.settlement")
        refunded = await db.value("select refunded from ledger.hold")
    kept = bearer is not Bearer.SUPPLIER
    assert closing == (4_433 - 222 if kept else 0)
    assert (await balances(database, market.supplier))["SUPPLIER_PAYABLE"] == closing
    # The buyer got its 125.00 back and no more, so what the operator paid for is its loss.
    assert refunded == 12_500
    own = await balances(database, market.operator)
    assert own["PURCHASES"] == 0
    assert own.get("SEIZURES", 0) == (-4_433 if kept else 0)
    await assert_sound(database, now)


async def test_a_seizure_of_own_goods_is_taken_back_at_the_price_they_were_bought_for(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    bought = Earning(
        market.supplier.org_id, "PURCHASE", new_id(), 1, 9, "PO-1", "S-1", 9, 10_000, "CNY",
        day_of(now), False,
    )  # fmt: skip
    async with database.system() as db:
        await ledger.earn(db, market.operator, [bought], now=now)
    await at_export(database, market, now, ("S-1", 4))
    await seize(database, market, Act.FORFEIT, Bearer.SUPPLIER, now)
    assert await booked(database, market.operator, now) == [
        ("PURCHASE", 9, 10_000), ("CLAWBACK", 4, -4_444),
    ]  # fmt: skip
    assert (await balances(database, market.operator))["PURCHASES"] == -5_556
    await assert_sound(database, now)


async def test_a_seizure_of_own_goods_is_a_cost_of_its_own_once_it_is_known_what_they_cost(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    await at_export(database, market, now, ("S-1", 4))
    await seize(database, market, Act.FORFEIT, Bearer.OPERATOR, now)
    assert await booked(database, market.operator, now) == []
    assert "SEIZURES" not in await balances(database, market.operator)
    bought = Earning(
        market.supplier.org_id, "PURCHASE", new_id(), 1, 9, "PO-1", "S-1", 9, 10_000, "CNY",
        day_of(now), False,
    )  # fmt: skip
    async with database.system() as db:
        await ledger.earn(db, market.operator, [bought], now=now)
    for _ in range(2):
        await booked(database, market.operator, now)
        own = await balances(database, market.operator)
        assert (own["PURCHASES"], own["SEIZURES"]) == (-5_556, -4_444)
    # One that was read twice, by two at a time, is booked once all the same.
    async with database.system() as db:
        [source_id] = await db.values(
            "select reference_id from ledger.transfer where kind = 'SEIZURE'"
        )
        loss = Loss(source_id, "CF-1", 4_444, "CNY")
        assert await ledger.write_off(db, market.operator, [loss], now=now) == 0
        other = Loss(new_id(), "CF-2", 1, "CNY")
        assert await ledger.write_off(db, market.operator, [other, other, loss], now=now) == 1
        kinds = await db.values("select reference from ledger.transfer where kind = 'SEIZURE'")
    assert len(kinds) == 2
    await assert_sound(database, now)


async def test_goods_that_were_released_after_all_are_nobodys_loss(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    order_id = await at_export(database, market, now, ("S-1", 4))
    [declaration] = await declarations(database, market)
    for act in (Act.LODGE, Act.HOLD, Act.RELEASE):
        await move(database, market, declaration, act, now, note="brand")
    await carry_events(database)
    [journey] = await journeys_of(database, market, order_id)
    assert journey.stage == "DISPATCH"
    await finish(database, market.operator, "DISPATCH", [journey.id], now)
    held = await question(database, market, journey.id, "HELD", 4, now)
    async with database.writing(market.buyer) as db:
        await fulfillment.decide(db, market.buyer, decision_id=held.id, option="REFUND", now=now)
    assert await booked(database, market.operator, now) == []

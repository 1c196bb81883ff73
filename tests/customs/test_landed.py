"""What an order's goods were shown to cost until they have arrived, beside what is declared."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from beltline.customs import actions
from beltline.customs.types import Act
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from beltline.orders import actions as orders
from beltline.orders import queries
from beltline.orders.types import AmendBody, AmendedLine
from beltline.orders.types.landed import Cost, LandedCost
from beltline.trade import actions as trade
from beltline.trade.types import FxRate
from beltline.trade.types.dated import Lack
from tests.customs.make import (
    at_export,
    carry_events,
    check,
    declarations,
    enter_fapiao,
    files,
    make_border,
    move,
    with_rules,
)
from tests.customs.test_values import choose
from tests.orders.http import api, key_of
from tests.orders.make import Market, fresh_key
from tests.orders.test_actions import body
from tests.procurement.browser import member
from tests.trade.make import import_rates


async def kept(database: Database, market: Market, order_id: UUID) -> LandedCost | None:
    async with database.reading(market.buyer) as db:
        return await queries.find_landed(db, order_id)


def amounts(costs: list[Cost]) -> list[int | None]:
    return [cost.amount for cost in costs]


async def told(database: Database) -> list[dict[str, Any]]:
    async with database.system() as db:
        return await db.values(
            "select data from kit.event_all where type = 'landed_cost.declared' order by sequence"
        )


async def with_freight(database: Database, market: Market, now: dt.datetime) -> None:
    await with_rules(database, market, now)
    await import_rates(database, market.operator, now, node="YIW")
    async with database.system() as db:
        await db.execute("update catalog.sku set length_mm = 50, width_mm = 40, height_mm = 30")
        rate = FxRate("CNY", "USD", day_of(now), Decimal("0.14"), "a bank")
        await trade.keep_rates(db, [rate])


async def test_what_was_shown_stays_and_what_is_declared_stands_beside_it(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_freight(database, market, now)
    quote = await orders.preview_order(database, market.buyer, body(("S-1", 4)), now=now)
    order_id = await at_export(database, market, now)
    assert await kept(database, market, order_id) is None
    await carry_events(database)
    found = await kept(database, market, order_id)
    assert found == LandedCost("USD", quote.costs, [], is_whole=False, declared_at=None)
    assert amounts(found.shown) == [5_000, 560, 667, 1_432]
    # What the rules say later is not what was shown; a dearer service is what it comes to.
    async with database.system() as db:
        await db.execute("update trade.tax_rate set percent = 20 where kind = 'VAT'")
    await choose(database, market, "YUN-AIR", now, order_id)
    await enter_fapiao(database, market, now, ("S-1", 4, 4_000))
    await check(database, market, now)
    [declaration] = await declarations(database, market)
    await move(database, market, declaration, Act.LODGE, now)
    await carry_events(database)
    found = await kept(database, market, order_id)
    assert found is not None
    assert found.shown == quote.costs
    # 107.60 yuan are 15.06 dollars; 12 % of 65.06, 20 % of 72.87.
    assert amounts(found.declared) == [5_000, 1_506, 781, 1_457]
    assert found.is_whole
    assert found.declared_at is not None
    kinds = ["GOODS", "TRUNK_AND_LAST_MILE", "DUTY", "IMPORT_VAT"]
    number = (await first_order(database, market)).head.number
    assert await told(database) == [
        {
            "order_id": show_id("ord", order_id), "number": number,
            "currency": "USD", "is_whole": True,
            "shown": dict(zip(kinds, [5_000, 560, 667, 1_432], strict=True)),
            "declared": dict(zip(kinds, [5_000, 1_506, 781, 1_457], strict=True)),
        }
    ]  # fmt: skip
    # Told again, it is no news.
    async with database.system() as db:
        await actions.tell_landed(db, market.operator, declaration_id=declaration.id, now=now)
    assert len(await told(database)) == 1
    await by_page_and_api(database, market, order_id)


async def by_page_and_api(database: Database, market: Market, order_id: UUID) -> None:
    shown_id = show_id("ord", order_id)
    async with member(database, market.buyer, locale="en") as http:
        page = (await http.get(f"/orders/{shown_id}")).text
    panel = page.split('id="landed"')[1].split("</table>")[0]
    assert re.findall(r'<td class="num wrap">([^<]*)</td>', panel) == [
        "$50.00", "$50.00", "$5.60", "$15.06", "$6.67", "$7.81", "$14.32", "$14.57", "$76.59",
        "$87.44",
    ]  # fmt: skip
    assert "Declared at customs" in panel
    assert "so far" not in panel
    async with api(database) as client:
        for party in (market.buyer, market.operator):
            headers = await key_of(database, party, "orders:read")
            answer = (await client.get(f"/v1/orders/{shown_id}", headers=headers)).json()
            assert [c["amount"] for c in answer["landed_cost"]["declared"]] == [
                5_000, 1_506, 781, 1_457,
            ]  # fmt: skip
    async with database.reading(market.supplier) as db:
        assert await queries.find_landed(db, order_id) is None


async def test_an_order_that_changes_is_worked_out_anew_by_the_rules_of_its_day(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await with_freight(database, market, now)
    placed = await orders.place_order(
        database, market.buyer, body(("S-1", 4), ("S-2", 4)), key=fresh_key(), now=now
    )
    order_id = (await first_order(database, market)).head.id
    assert placed.status == 201
    await carry_events(database)
    placed_cost = await kept(database, market, order_id)
    assert placed_cost is not None
    assert placed_cost.shown[0].amount == 10_000
    later = now + dt.timedelta(days=3)
    async with database.system() as db:
        await db.execute(
            "update trade.tax_rate set valid_until = $1 where kind = 'DUTY'", day_of(now)
        )
    change = AmendBody([AmendedLine(1, 0), AmendedLine(2, 2)])
    amended = await orders.amend_order(
        database, market.buyer, order_id, change, key=fresh_key(), now=later
    )
    assert amended.status == 200
    await carry_events(database)
    found = await kept(database, market, order_id)
    again = await orders.preview_order(database, market.buyer, body(("S-2", 2)), now=now)
    assert found is not None
    assert found.shown == again.costs
    assert found.shown[2].amount is not None
    # An older state of the order does not come back over a newer one.
    async with database.system() as db:
        await db.execute(
            "select orders.keep_landed($1, $2, 1, '[]', $3)",
            market.operator.as_row(), order_id, later,
        )  # fmt: skip
    assert await kept(database, market, order_id) == found


async def first_order(database: Database, market: Market) -> Any:
    async with database.reading(market.buyer) as db:
        [order_id] = await db.values('select id from orders."order"')
        return await queries.get_order(db, order_id)


async def test_orders_in_one_box_bear_their_parts(database: Database, now: dt.datetime) -> None:
    market = await make_border(database, now)
    await with_rules(database, market, now, vat="EXEMPT")
    async with database.system() as db:
        await db.execute("update trade.valuation_rule set basis = 'FOB', vat_basis = 'VALUE'")
    one = await at_export(database, market, now, ("S-1", 4))
    two = await at_export(database, market, now, ("S-1", 2), ("S-2", 1))
    await carry_events(database)
    first, second = await files(database, market)
    async with database.writing(market.operator) as db:
        await actions.join_files(db, market.operator, file_id=first.id, others=[second.id], now=now)
    [declaration] = await declarations(database, market)
    await move(database, market, declaration, Act.LODGE, now)
    await carry_events(database)
    # Six of S-1 at 12.50: 9.00 of duty, 19.32 of VAT, two parts to one; S-2 1.50 and 3.22.
    larger, smaller = [await kept(database, market, each) for each in (one, two)]
    assert larger is not None
    assert smaller is not None
    assert amounts(larger.declared) == [5_000, None, 600, 1_288]
    assert amounts(smaller.declared) == [2_500 + 1_250, None, 300 + 150, 644 + 322]
    assert larger.declared[1].lacks == smaller.declared[1].lacks == [Lack.FREIGHT]


async def test_what_is_lodged_adds_up_and_leaves_others_in_the_box_alone(
    database: Database, now: dt.datetime
) -> None:
    """A box with three declarations of two orders, one of which shares only the second."""
    market = await make_border(database, now, skus=3)
    await with_rules(database, market, now, vat="EXEMPT")
    async with database.system() as db:
        await db.execute("update trade.valuation_rule set basis = 'FOB', vat_basis = 'VALUE'")
        for sku, kind in (("S-2", "LIQUID"), ("S-3", "BATTERY")):
            await db.execute("update catalog.sku set cargo_class = $2 where code = $1", sku, kind)
    one = await at_export(database, market, now, ("S-1", 4), ("S-2", 2))
    two = await at_export(database, market, now, ("S-2", 2), ("S-3", 2))
    await carry_events(database)
    first, second = await files(database, market)
    async with database.writing(market.operator) as db:
        await actions.join_files(db, market.operator, file_id=first.id, others=[second.id], now=now)
    lots = {d.cargo_class: d for d in await declarations(database, market)}

    async def lodge(kind: str) -> list[tuple[int | None, bool]]:
        await move(database, market, lots[kind], Act.LODGE, now)
        await carry_events(database)
        found = [await kept(database, market, order_id) for order_id in (one, two)]
        return [(each.declared[0].amount, each.is_whole) for each in found if each]

    assert await lodge("LIQUID") == [(2_500, False), (2_500, False)]
    assert await lodge("BATTERY") == [(2_500, False), (2_500 + 2_500, True)]
    assert await lodge("GENERAL") == [(5_000 + 2_500, True), (2_500 + 2_500, True)]
    assert len(await told(database)) == 4


async def test_nothing_is_kept_of_an_order_that_was_cancelled_at_once(
    database: Database, now: dt.datetime
) -> None:
    market = await make_border(database, now)
    await orders.place_order(database, market.buyer, body(("S-1", 4)), key=fresh_key(), now=now)
    order = await first_order(database, market)
    await orders.cancel_order(database, market.buyer, order.head.id, key=fresh_key(), now=now)
    await carry_events(database)
    assert await kept(database, market, order.head.id) is None

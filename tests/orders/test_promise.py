"""The promise: the legs of each way of selling, and the chance that all of them are there."""

import datetime as dt
import statistics
from typing import Any

import msgspec
import pytest

from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.orders import actions
from beltline.orders.types import OrderBody, Promise
from tests.orders.make import Market, make_lane, make_market, make_node, order_body, set_stock

NORMAL = statistics.NormalDist()
NINE_IN_TEN = NORMAL.inv_cdf(0.9)


async def keep(database: Database, *rows: dict[str, Any]) -> None:
    """Handling as it was learned, beside the rules."""
    async with database.system() as db:
        rules = await db.value(
            "select jsonb_agg(to_jsonb(h)) from trade.handling h where party_id is null"
        )
        await db.value("select trade.keep_handling($1)", [*rules, *rows])


async def promised(
    database: Database, market: Market, now: dt.datetime, *lines: tuple[str, int]
) -> Promise:
    body = msgspec.convert(order_body(*lines), OrderBody)
    quote = await actions.preview_order(database, market.buyer, body, now=now)
    assert quote.promise is not None
    return quote.promise


async def test_what_a_node_was_measured_to_need_moves_its_promise(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    by_rule = await promised(database, market, now, ("S-1", 1))
    here = {"party_id": market.nodes["WAW"], "way": "STOCK", "crosses": False}
    await keep(database, {**here, "days_p50": 0.25, "days_p90": 0.5})
    quick = await promised(database, market, now, ("S-1", 1))
    await keep(database, {**here, "days_p50": 9, "days_p90": 12})
    slow = await promised(database, market, now, ("S-1", 1))
    # A lane of 2.5 days that are always the same, and what lies before it.
    assert [day - day_of(now) for day in (quick.date, by_rule.date, slow.date)] == [
        dt.timedelta(days) for days in (3, 5, 15)
    ]
    await keep(database)
    assert await promised(database, market, now, ("S-1", 1)) == by_rule


@pytest.mark.parametrize("days", [0.1, 1, 3])
async def test_the_chance_is_that_of_all_legs_on_the_promised_day(
    database: Database, now: dt.datetime, days: float
) -> None:
    market = await make_market(database, now)
    async with database.system() as db:
        await set_stock(
            db, market.operator, {"S-2": market.skus["S-2"]}, node_id=market.nodes["WAW"],
            on_hand=0, now=now,
        )  # fmt: skip
        await set_stock(
            db, market.operator, {"S-2": market.skus["S-2"]}, node_id=market.nodes["YIW"],
            on_hand=9, now=now,
        )  # fmt: skip
    await keep(
        database,
        {"party_id": market.nodes["WAW"], "way": "STOCK", "crosses": False, "days_p50": 8,
         "days_p90": 8 + days},
        {"party_id": market.nodes["YIW"], "way": "STOCK", "crosses": True, "days_p50": 1,
         "days_p90": 2},
    )  # fmt: skip
    promise = await promised(database, market, now, ("S-1", 1), ("S-2", 1))
    left = (promise.date - day_of(now)).days
    near = NORMAL.cdf((left - 10.5) * NINE_IN_TEN / days)
    far = NORMAL.cdf((left - 15) * NINE_IN_TEN / 1)
    assert promise.probability == pytest.approx(min(0.99, near * far), abs=6e-4)


async def test_made_goods_take_the_hub_of_their_factory(
    database: Database, now: dt.datetime
) -> None:
    """A nearer hub in another country is not on their way."""
    market = await make_market(database, now, on_hand=0)
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        other = await make_node(db, "AAA", "CONSOLIDATION", "VN", now)
        await make_lane(db, other, "PL", 1, now)
        await set_stock(
            db, market.operator, {"S-1": market.skus["S-1"]}, node_id=factory, on_hand=50, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = 'VIRTUAL'")
    rows = [
        {"party_id": market.supplier.org_id, "way": "MADE", "crosses": False, "days_p50": 2,
         "days_p90": 2},
        {"party_id": market.nodes["YIW"], "way": "HUB", "crosses": True, "days_p50": 3,
         "days_p90": 3},
    ]  # fmt: skip
    await keep(database, *rows)
    promise = await promised(database, market, now, ("S-1", 1))
    assert (promise.date - day_of(now), promise.probability) == (dt.timedelta(2 + 3 + 14), 0.99)
    async with database.system() as db:
        await db.execute("update catalog.offer set lead_time_days = 20")
    later = await promised(database, market, now, ("S-1", 1))
    assert later.date - promise.date == dt.timedelta(18)


async def test_the_slowest_goods_of_a_factory_make_its_promise(
    database: Database, now: dt.datetime
) -> None:
    """Whatever the order of the lines, and the factory counts as one place."""
    market = await make_market(database, now, on_hand=0)
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        await set_stock(
            db, market.operator, market.skus, node_id=factory, on_hand=50, now=now,
            owner=market.supplier, kind="DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = 'VIRTUAL', lead_time_days = 5")
        await db.execute(
            "update catalog.offer set lead_time_days = 30 where sku_id = $1", market.skus["S-2"]
        )
    alone = await promised(database, market, now, ("S-2", 1))
    quick = await promised(database, market, now, ("S-1", 1))
    assert alone.date - quick.date == dt.timedelta(25)
    assert await promised(database, market, now, ("S-1", 1), ("S-2", 1)) == alone
    assert await promised(database, market, now, ("S-2", 1), ("S-1", 1)) == alone

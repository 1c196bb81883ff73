"""The plan of a journey keeps to what was promised before the order."""

import datetime as dt

import msgspec
import pytest

from beltline.fulfillment.queries import journeys
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.orders import actions as placing
from beltline.orders.types import OrderBody
from tests.fulfillment.journeys import journeys_of, open_all
from tests.orders.make import (
    fresh_key,
    make_lane,
    make_market,
    make_node,
    order_body,
    set_stock,
)

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("lead", [None, 1, 20])
@pytest.mark.parametrize("model", ["OWNED", "PRESTOCK", "VIRTUAL", "DIRECT"])
async def test_a_journey_does_not_begin_behind_its_promise(
    database: Database, now: dt.datetime, model: str, lead: int | None
) -> None:
    market = await make_market(database, now, on_hand=0)
    goods = {"S-1": market.skus["S-1"]}
    async with database.system() as db:
        factory = await make_node(db, "FAB", "FACTORY", "CN", now, supplier=market.supplier)
        await make_lane(db, factory, "PL", 9, now)
        await set_stock(
            db, market.operator, goods, now=now, on_hand=50,
            node_id=market.nodes["YIW"] if model in {"OWNED", "PRESTOCK"} else factory,
            owner=None if model == "OWNED" else market.supplier,
            kind="COUNTED" if model in {"OWNED", "PRESTOCK"} else "DECLARED",
        )  # fmt: skip
        await db.execute("update catalog.offer set sales_model = $1, lead_time_days = $2",
                         model, lead)  # fmt: skip
    body = msgspec.convert(order_body(("S-1", 4)), OrderBody)
    placed = await placing.place_order(database, market.buyer, body, key=fresh_key(), now=now)
    order_id = read_id("ord", placed.unwrap().response["id"])
    await open_all(database, market, now, order_id)
    [journey] = await journeys_of(database, market, order_id)
    async with database.reading(market.operator) as db:
        stages = {each.kind: each for each in await journeys.list_stages(db, [journey.id])}
    assert journey.promise_date is not None
    assert day_of(journey.expected_at) <= journey.promise_date
    if lead == 20 and model in {"VIRTUAL", "DIRECT"}:
        ready = stages["RECEIPT" if model == "VIRTUAL" else "FACTORY"]
        assert ready.planned_at == now + lead * DAY
        if model == "DIRECT":
            assert journey.due_at == now + (lead + 2) * DAY

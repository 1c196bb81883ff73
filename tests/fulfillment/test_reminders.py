"""Reminders before the deadlines of journeys: once each, to whom they concern."""

import datetime as dt

from beltline.fulfillment import actions
from beltline.fulfillment.queries import journeys
from beltline.fulfillment.workflows import JOBS, remind
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from tests.fulfillment.journeys import journeys_of, place
from tests.fulfillment.test_journeys import from_factory, question
from tests.orders.make import make_market

HOUR = dt.timedelta(hours=1)


async def reminders(database: Database, operator: Actor, now: dt.datetime) -> int:
    async with database.system() as db:
        return await actions.remind(db, operator, limit=500, now=now)


async def test_a_factory_is_reminded_once_of_each_deadline(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "DIRECT")
    [journey] = await journeys_of(database, market, order_id)
    assert journey.due_at == now + 96 * HOUR
    lags = (80, 85, 86, 97)
    assert [await reminders(database, market.operator, now + lag * HOUR) for lag in lags] == [
        0, 1, 0, 0,
    ]  # fmt: skip
    async with database.reading(market.supplier) as db:
        [task] = await journeys.list_supplier_tasks(db)
        seen = [e for e in await list_events_of(db, journey.id) if e.type == "journey.reminded"]
    assert task.reminded_at == now + 85 * HOUR
    assert [event.data["deadline"] for event in seen] == ["SHIPMENT"]
    async with database.reading(market.buyer) as db:
        assert "journey.reminded" not in [e.type for e in await list_events_of(db, journey.id)]


async def test_a_buyer_with_a_choice_is_reminded_before_silence_decides(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    [journey] = await journeys_of(database, market, order_id)
    asked = [
        await question(database, market, journey.id, cause, 1, now)
        for cause in ("SHORT", "DAMAGED")
    ]
    assert all(len(decision.options) > 1 for decision in asked)
    done = await run_inline(
        database, market.operator, kind=remind.name, title="Remind", parameters={},
        now=now, registry=registry_of(*JOBS), job_id=new_id(),
    )  # fmt: skip
    assert done.result == 0
    assert await reminders(database, market.operator, now + 20 * HOUR) == 2
    assert await reminders(database, market.operator, now + 21 * HOUR) == 0
    async with database.reading(market.buyer) as db:
        told = await list_events_of(db, journey.id)
        shown = await journeys.list_decisions(db, market.buyer)
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    assert [event.type for event in told].count("journey.reminded") == 2
    assert [decision.reminded_at for decision in shown] == [now + 20 * HOUR] * 2

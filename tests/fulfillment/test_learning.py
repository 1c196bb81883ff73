"""What stages took is learned, those under way counted; journeys and promises follow."""

import datetime as dt
import math
from uuid import UUID

from beltline.fulfillment import actions
from beltline.fulfillment.queries import times as queries
from beltline.fulfillment.rules.times import ENDED_MIN, learn_times
from beltline.fulfillment.types.times import Waited
from beltline.fulfillment.workflows import JOBS
from beltline.fulfillment.workflows import learn_times as learn_job
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.orders import actions as placing
from beltline.trade import actions as trade
from tests.fulfillment.journeys import finish, journeys_of, place
from tests.fulfillment.test_journeys import question
from tests.orders.http import api, key_of
from tests.orders.make import Market, fresh_key, make_market
from tests.procurement.browser import member

HOUR = dt.timedelta(hours=1)
A, B = (UUID(int=n) for n in (1, 2))


def waited(party: UUID, hours: float, stages: int, *, ended: bool = True) -> Waited:
    return Waited("PACK", party, "", hours, ended, stages, float(stages))


def test_stages_under_way_make_a_party_slower_and_few_are_not_enough() -> None:
    ended = [waited(A, 6, 100), waited(A, 12, 100), waited(B, 6, ENDED_MIN - 1)]
    [quick] = learn_times(ended)
    [slow] = learn_times([*ended, waited(A, 9, 300, ended=False)])
    assert (quick.party_id, quick.ended) == (A, 200)
    assert (quick.hours_p50, quick.hours_p90) == (6, 12)
    assert slow.hours_p50 == 12
    assert learn_times([]) == []


async def packed(database: Database, market: Market, now: dt.datetime, hours: list[int]) -> None:
    """Orders packed after some hours each, and delivered 100 hours later."""
    for each in hours:
        order_id = await place(database, market, now, ("S-1", 1))
        [journey] = await journeys_of(database, market, order_id)
        at = now + each * HOUR
        for stage, end in (("PACK", at), ("DISPATCH", at), ("LAST_MILE", at + 100 * HOUR)):
            await finish(database, market.operator, stage, [journey.id], end)


async def learn(database: Database, market: Market, now: dt.datetime) -> dict[str, int]:
    done = await run_inline(
        database, market.operator, kind=learn_job.name, title="Learn", parameters={}, now=now,
        registry=registry_of(*JOBS), job_id=new_id(),
    )  # fmt: skip
    return done.result  # type: ignore[no-any-return]


async def test_what_was_measured_plans_the_next_journey_and_its_promise(
    database: Database,
) -> None:
    now = await database.now() - dt.timedelta(days=30)
    market = await make_market(database, now)
    await packed(database, market, now, [2] * 18 + [8] * 6)
    learned = await learn(database, market, now)
    assert learned == {"stages": 2, "lanes": 1}
    async with database.reading(market.operator) as db:
        dispatch, pack, road, stock = await queries.list_stage_times(db)
    assert (pack.kind, pack.party, pack.ended, pack.hours_p50) == ("PACK", "WAW", 24, 3)
    assert (road.kind, road.country, road.hours_p50, road.hours_declared) == ("ROAD", "PL", 102, 60)
    assert (stock.kind, stock.country, stock.ended, stock.hours_p50) == ("STOCK", "", 24, 3)
    assert (stock.hours_p90, stock.hours_declared) == (9, 14)
    later = now + dt.timedelta(days=20)
    order_id = await place(database, market, later, ("S-1", 1))
    [journey] = await journeys_of(database, market, order_id)
    # Boxes left as soon as they were packed; the deadline of packing stays the rule.
    assert dispatch.hours_p50 == 0
    assert journey.expected_at == later + (3 + 102) * HOUR
    assert journey.due_at == later + 24 * HOUR
    # Half need 3 and 102 hours; nine in ten 6 more of the first, none of the second. By the rules
    # of packing it would be a day later.
    assert journey.promise_date == day_of(later) + dt.timedelta(math.ceil((3 + 102 + 6) / 24))
    columns = ("node", "country", "mode", "transit_days_p50", "transit_days_p90")
    async with database.system() as db:
        same = await trade.import_lanes(
            db, columns=columns, csv=b"1,WAW,PL,TRUCK,9,12\n", now=later
        )
        kept = await db.value(
            """select jsonb_build_array(transit_days_p50, declared_days_p50) from trade.lane l
                 join trade.node n on n.id = l.node_id where n.code = 'WAW'"""
        )
    # What a file says anew is kept beside what was measured.
    assert (same.updated, kept) == (1, [4.25, 9])


async def test_pages_and_api_show_times_to_the_operator(database: Database) -> None:
    now = await database.now() - dt.timedelta(days=30)
    market = await make_market(database, now)
    async with member(database, market.operator) as http:
        empty = await http.get("/times")
    await packed(database, market, now, [20] * 24)
    await learn(database, market, now)
    async with member(database, market.operator, locale="zh") as http:
        shown = await http.get("/times?kind=ROAD")
    keys = [await key_of(database, actor) for actor in (market.operator, market.buyer)]
    async with api(database) as http:
        first, hidden = [
            await http.get("/v1/stage-times?limit=1", headers=headers) for headers in keys
        ]
        rest = await http.get(
            "/v1/stage-times", params={"cursor": first.json()["next_cursor"]}, headers=keys[0]
        )
    assert "Nothing is measured yet" in empty.text
    assert "WAW → PL" in shown.text
    kinds = [row["kind"] for row in first.json()["items"] + rest.json()["items"]]
    assert kinds == ["DISPATCH", "PACK", "ROAD", "STOCK"]
    assert hidden.status_code == 403


async def test_what_does_not_move_any_more_is_seen_no_longer(
    database: Database, now: dt.datetime
) -> None:
    """One order under way, one questioned and replaced, one questioned, one cancelled."""
    market = await make_market(database, now)
    orders = [await place(database, market, now, ("S-1", 4)) for _ in range(4)]
    [_, replaced, questioned, cancelled] = [
        journey for order in orders for journey in await journeys_of(database, market, order)
    ]
    first = await question(database, market, replaced.id, "DAMAGED", 4, now + 6 * HOUR)
    await question(database, market, questioned.id, "DAMAGED", 4, now + 9 * HOUR)
    async with database.writing(market.buyer) as db:
        await actions.decide(
            db, market.buyer, decision_id=first.id, option="REPLACE", now=now + 20 * HOUR
        )
    await placing.cancel_order(
        database, market.buyer, cancelled.order_id, key=fresh_key(), now=now + 12 * HOUR
    )
    async with database.system() as db:
        await actions.end_cancelled(
            db, market.operator, order_id=cancelled.order_id, now=now + 12 * HOUR
        )
    async with database.reading(market.operator) as db:
        seen = await queries.list_waited(
            db, market.operator, now=now + 60 * HOUR, since=now, step_hours=3.0
        )
    # What replaces is a way of its own, and a promise is never of one.
    assert [(w.hours, w.has_ended, w.stages) for w in seen if w.kind == "STOCK"] == [
        (6, False, 1), (9, False, 1), (12, False, 1), (60, False, 1),
    ]  # fmt: skip

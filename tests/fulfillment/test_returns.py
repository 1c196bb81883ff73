"""Inspection by plan, and returns: stock and money to the unit and the cent."""

import datetime as dt

import pytest

from beltline.fulfillment import rules
from beltline.fulfillment.actions import returns as actions
from beltline.fulfillment.queries import journeys, returns
from beltline.fulfillment.types.returns import (
    FoundUnusable,
    InspectionPlan,
    NotInspectable,
    NotReturnable,
    ReturnMovedOn,
    ReturnTooLate,
)
from beltline.kit.actor import WrongRole
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.ledger import queries as ledger
from tests.fulfillment.journeys import assert_sound, journeys_of, place, run_to_end
from tests.fulfillment.test_journeys import from_factory
from tests.orders.make import make_market
from tests.procurement.browser import member, send

DAY = dt.timedelta(days=1)


def test_a_plan_is_stricter_for_a_supplier_that_failed_twice() -> None:
    normal = rules.inspection_plan(400, [True] * 9)
    tightened = rules.inspection_plan(400, [True, False, True, False])
    assert normal == InspectionPlan("NORMAL", 400, 50, 50, 50, 3, 5)
    assert tightened.severity == "TIGHTENED"
    assert (tightened.accept_major, tightened.accept_minor) == (2, 3)
    assert rules.judge(normal, 0, 3, 5) == "ACCEPTED"
    assert rules.judge(normal, 0, 4, 0) == "REJECTED"
    assert rules.judge(normal, 1, 0, 0) == "REJECTED"
    with pytest.raises(FoundUnusable):
        rules.judge(normal, 0, 50, 1)


def test_each_aql_has_its_own_sample() -> None:
    plan = rules.inspection_plan(10, [])
    assert plan == InspectionPlan("NORMAL", 10, 5, 5, 3, 0, 0)
    assert rules.judge(plan, 0, 0, 0) == "ACCEPTED"
    assert rules.judge(plan, 0, 0, 3) == "REJECTED"
    with pytest.raises(FoundUnusable) as refused:
        rules.judge(plan, 0, 0, 4)
    assert (refused.value.param, refused.value.sample) == ("minor", 3)


async def outcomes_of(database: Database, measure: str) -> list[tuple[str, float]]:
    async with database.system() as db:
        rows = await db.values(
            """select jsonb_build_array(source, score) from suppliers.outcome
                where measure = $1 order by happened_at""",
            measure,
        )
    return [(source, score) for source, score in rows]


async def test_an_accepted_lot_goes_on_without_its_bad_pieces(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL", units=100)
    await run_to_end(database, market, order_id, now, until="INSPECTION")
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.operator) as db:
        done = await actions.inspect(
            db, market.operator, journey_id=journey.id, critical=0, major=1, minor=2, note="",
            now=now,
        )  # fmt: skip
    assert (done.verdict, done.sample, done.severity) == ("ACCEPTED", 20, "NORMAL")
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.stage, journey.moving, journey.in_question) == ("PACK", 99, 1)
    with pytest.raises(NotInspectable):
        async with database.writing(market.operator) as db:
            await actions.inspect(
                db, market.operator, journey_id=journey.id, critical=0, major=0, minor=0,
                note="", now=now,
            )  # fmt: skip
    async with database.reading(market.supplier) as db:
        assert await returns.list_verdicts(db, "zhili-1") == [True]
    assert await outcomes_of(database, "DEFECT_FREE") == [("inspection.recorded", 0.85)]
    await assert_sound(database, now)


async def test_a_rejected_lot_stops_and_is_asked_about(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "VIRTUAL", units=40)
    await run_to_end(database, market, order_id, now, until="INSPECTION")
    [journey] = await journeys_of(database, market, order_id)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        path = f"/journeys/{show_id('jny', journey.id)}"
        page = await http.get(path)
        assert "Inspect 13 of 40" in page.text
        sent = await send(http, f"{path}/inspect", seen=page, critical="1", major="0", minor="0")
        after = await http.get(path)
    assert sent.status_code == 303
    assert "1 critical, 0 major, 0 minor among 13" in after.text
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.stage, journey.moving, journey.in_question) == (None, 0, 40)
    async with database.reading(market.operator) as db:
        [decision] = await journeys.list_decisions(db, market.operator)
    assert (decision.cause, decision.units) == ("REJECTED", 40)
    await assert_sound(database, now)


async def test_a_return_is_refunded_to_the_cent_and_stands_again(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now, price="0.333333")
    order_id = await place(database, market, now, ("S-1", 10))
    await run_to_end(database, market, order_id, now)
    [journey] = await journeys_of(database, market, order_id)
    async with member(database, market.buyer) as http:
        page = await http.get(f"/journeys/{show_id('jny', journey.id)}")
        asked = await send(
            http, f"/journeys/{show_id('jny', journey.id)}/return", seen=page, units="7",
            reason="DEFECTIVE", note="zip broken",
        )  # fmt: skip
        assert asked.status_code == 303
    with pytest.raises(NotReturnable):
        async with database.writing(market.buyer) as db:
            await actions.request_return(
                db, market.buyer, journey_id=journey.id, units=4, reason="LATE", note="", now=now
            )
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get("/returns?status=REQUESTED")
        assert "zip broken" in page.text
        async with database.reading(market.operator) as db:
            [case] = await returns.list_returns(db, market.operator)
        path = f"/returns/{show_id('rma', case.id)}"
        sent = [
            await send(http, f"{path}/answer", seen=page, act="approve", node="WAW"),
            await send(
                http, f"{path}/grade", seen=page, resell="5", scrap="2", charged_to="SUPPLIER"
            ),
        ]
        again = await send(
            http, f"{path}/grade", seen=page, resell="5", scrap="2", charged_to="SUPPLIER"
        )
    assert [s.status_code for s in sent] == [303, 303]
    assert again.status_code == 409
    async with database.reading(market.operator) as db:
        case = await returns.get_return(db, case.id)
        told = [event.type for event in await list_events_of(db, case.id)]
        hold = await ledger.find_hold(db, order_id)
    # 10 pieces cost 3.33: seven of them are 2.33.
    assert (case.state, case.refunded_amount, case.charged_to) == ("REFUNDED", 233, "SUPPLIER")
    assert told == ["return.requested", "return.approved", "return.refunded"]
    assert hold is not None
    assert (hold.refunded, hold.state) == (233, "OPEN")
    async with database.system() as db:
        stock = await db.values(
            """select jsonb_build_array(s.on_hand, s.reserved, s.damaged) from inventory.stock s
                 join catalog.sku k on k.id = s.sku_id join trade.node n on n.id = s.node_id
                where k.code = 'S-1' and n.code = 'WAW'"""
        )
    assert stock == [[97, 0, 2]]
    await assert_sound(database, now)


async def test_what_comes_back_is_kept_with_the_factory_that_caused_it(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await from_factory(database, now, "DIRECT")
    await run_to_end(database, market, order_id, now)
    assert await outcomes_of(database, "NOT_RETURNED") == [("journey.delivered", 1.0)]
    [journey] = await journeys_of(database, market, order_id)
    for payer, score in (("CARRIER", 1.0), ("SUPPLIER", 0.75)):
        async with database.writing(market.operator) as db:
            case = await actions.request_return(
                db, market.operator, journey_id=journey.id, units=1, reason="DEFECTIVE", note="",
                now=now,
            )  # fmt: skip
            await actions.answer_return(
                db, market.operator, return_id=case.id, node="WAW", note="", now=now
            )
            await actions.grade_return(
                db, market.operator, return_id=case.id, resell=0, scrap=1, charged_to=payer,
                now=now,
            )  # fmt: skip
        assert [s for _, s in await outcomes_of(database, "NOT_RETURNED")] == [score]


async def test_a_return_has_its_time_and_its_parties(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 2))
    await run_to_end(database, market, order_id, now)
    [journey] = await journeys_of(database, market, order_id)
    with pytest.raises(ReturnTooLate):
        async with database.writing(market.buyer) as db:
            await actions.request_return(
                db, market.buyer, journey_id=journey.id, units=1, reason="LATE", note="",
                now=now + 31 * DAY,
            )  # fmt: skip
    with pytest.raises(NotFound):
        async with database.writing(market.buyers[1]) as db:
            await actions.request_return(
                db, market.buyers[1], journey_id=journey.id, units=1, reason="LATE", note="",
                now=now,
            )  # fmt: skip
    async with database.writing(market.buyer) as db:
        case = await actions.request_return(
            db, market.buyer, journey_id=journey.id, units=1, reason="NO_REASON", note="", now=now
        )
    with pytest.raises(WrongRole):
        async with database.writing(market.buyer) as db:
            await actions.answer_return(
                db, market.buyer, return_id=case.id, node="WAW", note="", now=now
            )
    async with database.writing(market.operator) as db:
        refused = await actions.answer_return(
            db, market.operator, return_id=case.id, node=None, note="worn", now=now
        )
    assert refused.state == "REFUSED"
    with pytest.raises(ReturnMovedOn):
        async with database.writing(market.operator) as db:
            await actions.grade_return(
                db, market.operator, return_id=case.id, resell=1, scrap=0, charged_to="BUYER",
                now=now,
            )  # fmt: skip

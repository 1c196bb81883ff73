"""What carriers tell: each event once, in any order; hostile files change nothing; silence asks."""

import datetime as dt
import itertools
import random
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest

from beltline.fulfillment import actions as journeys_actions
from beltline.fulfillment.actions import carriage
from beltline.fulfillment.actions import tracking as actions
from beltline.fulfillment.queries import journeys, tracking
from beltline.fulfillment.rules.carriers import (
    Carrier,
    FileCarrier,
    SimulatedCarrier,
    meaning_of,
)
from beltline.fulfillment.types.carriage import BoxBody
from beltline.fulfillment.types.journeys import Decision, Faults, NoSuchOption
from beltline.fulfillment.types.tracking import (
    Consignment,
    Tracked,
    TrackingEvent,
    TrackingKind,
    TrackingUnreadable,
)
from beltline.fulfillment.workflows import JOBS, question_silence
from beltline.kit.actor import WrongRole
from beltline.kit.clock import day_of
from beltline.kit.db import Database
from beltline.kit.events import list_events_of
from beltline.kit.ids import new_id, show_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import registry_of
from beltline.tower.queries import needs
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, place
from tests.fulfillment.test_journeys import from_factory
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import Market, make_market
from tests.procurement.browser import hidden, member
from tests.trade.make import import_rates

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
HEADER = "waybill,time,status,location\n"


def event(kind: str, at: dt.datetime, waybill: str = "W-1") -> TrackingEvent:
    return TrackingEvent(waybill, TrackingKind(kind), at, "Warsaw", kind.lower())


async def sent(
    database: Database, now: dt.datetime, *, waybill: str = "W-1"
) -> tuple[Market, UUID, UUID]:
    """Four units in the last mile under a waybill: market, order, journey."""
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    [journey] = await journeys_of(database, market, order_id)
    await finish(database, market.operator, "PACK", [journey.id], now)
    await finish(database, market.operator, "DISPATCH", [journey.id], now, waybill)
    return market, order_id, journey.id


async def tell(
    database: Database, market: Market, events: Sequence[TrackingEvent], now: dt.datetime
) -> Tracked:
    async with database.writing(market.operator) as db:
        return await actions.record_tracking(db, market.operator, "DHL", events, now=now)


async def silent(database: Database, market: Market, now: dt.datetime) -> int:
    async with database.system() as db:
        return await actions.question_silence(db, market.operator, limit=500, now=now)


async def asked(database: Database, market: Market) -> list[Decision]:
    async with database.reading(market.operator) as db:
        return await journeys.list_decisions(db, market.operator)


# ---------------------------------------------------------------- the port


def boxes(*waybills: str) -> list[Consignment]:
    return [Consignment(waybill, NOW, 0.0, 60.0) for waybill in waybills]


def in_a_file(waybills: Sequence[str]) -> Carrier:
    rows = [
        f"{waybill},{NOW + hours * HOUR:%Y-%m-%d %H:%M},{status},Łódź"
        for hours, status in ((70, "已签收"), (1, "Picked up"), (1, "Picked up"), (30, "Departed"))
        for waybill in waybills
    ]
    content = (HEADER + "\n".join(rows)).encode()
    return FileCarrier("DHL", content, zone="UTC", now=NOW + 4 * DAY)


def in_a_simulation(waybills: Sequence[str]) -> Carrier:
    return SimulatedCarrier("SIMULATED", boxes(*waybills), Faults())


@pytest.mark.parametrize("carrier_of", [in_a_file, in_a_simulation])
async def test_every_carrier_keeps_the_contract(
    database: Database, carrier_of: Callable[[Sequence[str]], Carrier]
) -> None:
    carrier = carrier_of(["W-1", "W-2"])
    told = [carrier.tell(NOW + hours * HOUR) for hours in (0, 20, 40, 96)]
    for until, events in zip((0, 20, 40, 96), told, strict=True):
        assert all(event.at.utcoffset() == dt.timedelta(0) for event in events)
        assert all(event.at <= NOW + until * HOUR for event in events)
        assert {event.waybill for event in events} <= {"W-1", "W-2"}
    for before, after in itertools.pairwise(told):
        assert set(before) <= set(after)
    assert carrier.tell(NOW + 96 * HOUR) == told[-1]
    assert carrier.name
    # Twice and in any order it is one history, at its end.
    market, order_id, journey_id = await sent(database, NOW)
    shuffled = [*told[-1], *told[-1]]
    random.Random(7).shuffle(shuffled)
    for event in shuffled:
        await tell(database, market, [event], NOW + 4 * DAY)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.state, journey.delivered) == ("DELIVERED", 4)
    async with database.reading(market.operator) as db:
        types = [event.type for event in await list_events_of(db, journey_id)]
        events = await tracking.list_events(db, waybill="W-1")
    assert types.count("journey.delivered") == 1
    assert {(s.kind, s.at) for s in events} == {
        (e.kind, e.at) for e in told[-1] if e.waybill == "W-1"
    }
    await assert_sound(database, NOW + 4 * DAY)


def test_a_simulated_carrier_is_late_lossy_and_repeats_itself_the_same_way_each_time() -> None:
    waybills = [f"W-{n}" for n in range(400)]
    faults = Faults(lost_parcel=0.2, damaged_parcel=0.1, seed=3)
    carrier = SimulatedCarrier("SIMULATED", boxes(*waybills), faults)
    told = carrier.tell(NOW + 10 * DAY)
    assert told == SimulatedCarrier("SIMULATED", boxes(*waybills), faults).tell(NOW + 10 * DAY)
    ends = {e.waybill: e.kind.value for e in told if e.kind in ("DELIVERED", "DAMAGED")}
    lost = len(waybills) - len(ends)
    assert 60 <= lost <= 100
    assert 25 <= sum(kind == "DAMAGED" for kind in ends.values()) <= 60
    assert len(told) > len(set(told))
    in_order = sorted(told, key=lambda event: event.at)
    assert [event.at for event in told] != [event.at for event in in_order]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("DELIVERED", "DELIVERED"), ("Shipment delivered to recipient", "DELIVERED"),
        ("delivered to the carrier", "OTHER"), ("will be delivered tomorrow", "OTHER"),
        ("Not delivered, address unknown", "ATTEMPTED"), ("拒签", "ATTEMPTED"),
        ("快件已签收", "DELIVERED"), ("Arrived at destination country", "ARRIVED"),
        ("In transit", "DEPARTED"), ("海关查验", "HELD"), ("customs cleared", "RELEASED"),
        ("Out for delivery", "OUT_FOR_DELIVERY"), ("parcel lost", "LOST"),
        ("returned to sender", "RETURNING"), ("information received", "OTHER"),
    ],
)  # fmt: skip
def test_statuses_are_read_in_the_carriers_words(status: str, kind: str) -> None:
    assert meaning_of(status) == kind


ROW = "W-1,2026-11-20 09:41,Delivered,Warsaw\n"
HOSTILE = {
    "empty": b"",
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xd8\xfe",
    "workbook": b"PK\x03\x04\x14\x00\x00\x00\x08\x00[Content_Types].xml\xff\x81",
    "utf-16": (HEADER + ROW).encode("utf-16"),
    "nul": (HEADER + ROW + "W-2\x00,2026-11-20,Delivered,x\n").encode(),
    "page": b"<!DOCTYPE html><html><body>503</body></html>",
    "no status column": b"waybill,time\nW-1,2026-11-20\n",
    "no waybill column": b"time,status\n2026-11-20,Delivered\n",
    "no time column": b"waybill,status\nW-1,Delivered\n",
    "two waybill columns": b"waybill,tracking number,time,status\nW-1,W-2,2026-11-20,Delivered\n",
    "open quote": (HEADER + ROW + '"W-2,2026-11-20,Delivered,x\n').encode(),
    "stray quote": (HEADER + ROW + '"W"2,2026-11-20,Delivered,x\n').encode(),
    "huge cell": (HEADER + ROW + "W" * 200_000 + ",2026-11-20,Delivered,x\n").encode(),
    "long waybill": (HEADER + ROW + "W" * 121 + ",2026-11-20,Delivered,x\n").encode(),
    "no waybill": (HEADER + ROW + ",2026-11-20,Delivered,x\n").encode(),
    "unprintable waybill": (HEADER + ROW + "W\u202e1,2026-11-20,Delivered,x\n").encode(),
    "no status": (HEADER + ROW + "W-2,2026-11-20,,x\n").encode(),
    "no time": (HEADER + ROW + "W-2,soon,Delivered,x\n").encode(),
    "no such day": (HEADER + ROW + "W-2,2026-02-30,Delivered,x\n").encode(),
    "the future": (HEADER + ROW + "W-2,2027-11-20,Delivered,x\n").encode(),
    "the year one": (HEADER + ROW + "W-2,0001-01-01T00:00+14:00,Delivered,x\n").encode(),
    "long ago": (HEADER + ROW + "W-2,1999-12-31,Delivered,x\n").encode(),
    "a short row": (HEADER + ROW + "W-2\n").encode(),
    "too many rows": (HEADER + ROW * 20_001).encode(),
}


async def test_hostile_files_are_refused_with_a_reason_and_change_nothing(
    database: Database,
) -> None:
    market, order_id, _ = await sent(database, NOW)
    reasons = {}
    for name, content in HOSTILE.items():
        with pytest.raises(TrackingUnreadable) as refused:
            async with database.writing(market.operator) as db:
                await actions.take_tracking_file(
                    db, market.operator, content, carrier="DHL", zone="UTC", now=NOW
                )
        reasons[name] = refused.value.reason
    assert len(reasons) >= 20
    assert all(reasons.values())
    with pytest.raises(TrackingUnreadable):
        FileCarrier("DHL", (HEADER + ROW).encode(), zone="Mars/Olympus", now=NOW)
    async with database.reading(market.operator) as db:
        assert await tracking.list_events(db) == []
    [journey] = await journeys_of(database, market, order_id)
    assert journey.stage == "LAST_MILE"


def test_a_file_in_gb_18030_with_bare_times_is_read_in_its_zone() -> None:
    content = "运单号,时间,状态,地点\nW-1,2026/11/20 09:00,已揽收,义乌\n\n".encode("gb18030")
    [event] = FileCarrier("SF", content, zone="Asia/Shanghai", now=NOW).tell(NOW)
    assert event.at == dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
    assert (event.kind, event.place) == ("PICKED_UP", "义乌")


# ---------------------------------------------------------------- effects


async def test_lost_units_become_a_question_once(database: Database) -> None:
    market, order_id, _ = await sent(database, NOW)
    done = await tell(database, market, [event("LOST", NOW + HOUR)], NOW + HOUR)
    again = await tell(database, market, [event("LOST", NOW + HOUR)], NOW + 2 * HOUR)
    assert (done.questions, again) == (1, Tracked(0, 0, 0, []))
    [decision] = await asked(database, market)
    assert (decision.cause, decision.units) == ("LOST", 4)
    [journey] = await journeys_of(database, market, order_id)
    assert (journey.moving, journey.in_question) == (0, 4)
    await assert_sound(database, NOW + HOUR)


async def test_a_domestic_waybill_does_not_deliver_to_the_buyer(database: Database) -> None:
    market, order_id = await from_factory(database, NOW, "VIRTUAL")
    [journey] = await journeys_of(database, market, order_id)
    await finish(database, market.operator, "PURCHASE", [journey.id], NOW)
    await finish(database, market.supplier, "FACTORY", [journey.id], NOW, "SF-9")
    for stage in ("RECEIPT", "INSPECTION", "PACK", "TITLE", "EXPORT", "DISPATCH"):
        await finish(database, market.operator, stage, [journey.id], NOW)
    done = await tell(database, market, [event("DELIVERED", NOW, "SF-9")], NOW)
    assert (done.fresh, done.moved) == (1, 0)
    [journey] = await journeys_of(database, market, order_id)
    assert journey.stage == "TRUNK"
    unknown = await tell(database, market, [event("DELIVERED", NOW, "X-1")], NOW)
    assert unknown.unknown == ["X-1"]
    with pytest.raises(WrongRole):
        async with database.writing(market.supplier) as db:
            await actions.record_tracking(db, market.supplier, "DHL", [], now=NOW)


async def test_arrived_ends_the_trunk_and_delivered_both(database: Database) -> None:
    market, order_id = await from_factory(database, NOW, "VIRTUAL")
    [journey] = await journeys_of(database, market, order_id)
    for stage in ("PURCHASE", "FACTORY", "RECEIPT", "INSPECTION", "PACK", "TITLE", "EXPORT"):
        await finish(database, market.operator, stage, [journey.id], NOW)
    await finish(database, market.operator, "DISPATCH", [journey.id], NOW, "W-1")
    first = await tell(database, market, [event("ARRIVED", NOW + DAY)], NOW + DAY)
    [journey] = await journeys_of(database, market, order_id)
    assert (first.moved, journey.stage) == (1, "LAST_MILE")
    # Told late: what happened before changes nothing.
    late = await tell(database, market, [event("DEPARTED", NOW + HOUR)], NOW + DAY)
    assert (late.fresh, late.moved) == (1, 0)
    last = await tell(database, market, [event("DELIVERED", NOW + 2 * DAY)], NOW + 2 * DAY)
    assert last.moved == 1
    await assert_sound(database, NOW + 2 * DAY)


# ---------------------------------------------------------------- silence


async def test_a_silent_box_is_asked_about_once_and_a_sign_answers(database: Database) -> None:
    market, order_id, journey_id = await sent(database, NOW)
    # 2.5 days for half and for nine in ten: what is allowed counts, 3.5 days after the last event.
    assert await silent(database, market, NOW + 9 * DAY) == 0
    await tell(database, market, [event("PICKED_UP", NOW + HOUR)], NOW + HOUR)
    assert await silent(database, market, NOW + 84 * HOUR) == 0
    assert await silent(database, market, NOW + 86 * HOUR) == 1
    assert await silent(database, market, NOW + 200 * HOUR) == 0
    [decision] = await asked(database, market)
    assert (decision.cause, decision.default_option, decision.note) == ("SILENT", "WAIT", "W-1")
    async with database.reading(market.buyer) as db:
        assert await journeys.list_decisions(db, market.buyer) == []
    async with database.reading(market.operator) as db:
        queue = await needs.list_needs(
            db, market.operator.org_id, now=NOW, zone="UTC", today=day_of(NOW), kind="SILENT"
        )
    assert [need.facts["waybill"] for need in queue] == ["W-1"]
    with pytest.raises(NoSuchOption):
        async with database.writing(market.buyer) as db:
            await journeys_actions.decide(
                db, market.buyer, decision_id=decision.id, option="LOST", now=NOW
            )
    await tell(database, market, [event("DEPARTED", NOW + 90 * HOUR)], NOW + 90 * HOUR)
    assert await asked(database, market) == []
    async with database.reading(market.operator) as db:
        told = await list_events_of(db, journey_id)
    assert len({event.sequence for event in told}) == len(told)
    [journey] = await journeys_of(database, market, order_id)
    assert journey.stage == "LAST_MILE"


async def test_a_silent_box_is_waited_for_by_default(database: Database) -> None:
    market, order_id, _ = await sent(database, NOW)
    await tell(database, market, [event("PICKED_UP", NOW)], NOW)
    # The stage is late at that hour, too; the question about the box comes first.
    at = NOW + 85 * HOUR
    assert await silent(database, market, at) == 1
    async with database.system() as db:
        await journeys_actions.meet_deadlines(db, market.operator, limit=9, now=at + 2 * DAY)
    waiting, late = await decisions_of(database, market, order_id)
    assert (waiting.cause, waiting.state, waiting.chosen) == ("SILENT", "DEFAULTED", "WAIT")
    # Waiting for an event gives the stage no more time.
    assert (late.cause, late.state) == ("LATE", "OPEN")
    [journey] = await journeys_of(database, market, order_id)
    assert journey.due_at == NOW + 84 * HOUR


async def test_a_silent_box_is_given_up_by_the_operator(database: Database) -> None:
    market, _, journey_id = await sent(database, NOW)
    await tell(database, market, [event("PICKED_UP", NOW)], NOW)
    at = NOW + 85 * HOUR
    await silent(database, market, at)
    [silence] = await asked(database, market)
    async with database.writing(market.operator) as db:
        await journeys_actions.decide(
            db, market.operator, decision_id=silence.id, option="LOST", now=at
        )
    [lost] = await asked(database, market)
    assert (lost.cause, lost.units) == ("LOST", 4)
    async with database.reading(market.operator) as db:
        told = await list_events_of(db, journey_id)
    assert [event.sequence for event in told] == list(range(1, len(told) + 1))
    await assert_sound(database, at)


async def decisions_of(database: Database, market: Market, order_id: UUID) -> list[Decision]:
    async with database.reading(market.operator) as db:
        return await journeys.list_decisions_of(db, order_id)


async def test_what_is_usual_is_learned_from_signs(database: Database) -> None:
    market, _, _ = await sent(database, NOW)
    # 60 gaps of 26 hours before this box, and none longer.
    events = [event("OTHER", NOW - 65 * DAY + n * 26 * HOUR, "W-1") for n in range(61)]
    await tell(database, market, events, NOW)
    await tell(database, market, [event("PICKED_UP", NOW)], NOW)
    assert await silent(database, market, NOW + 25 * HOUR) == 0
    assert await silent(database, market, NOW + 27 * HOUR) == 1


async def test_a_box_never_seen_is_silent_when_its_carrier_tells_of_others(
    database: Database,
) -> None:
    market = await make_market(database, NOW)
    order_id = await place(database, market, NOW, ("S-1", 4))
    await import_rates(database, market.operator, NOW, node="WAW")
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.operator) as db:
        await carriage.choose_service(
            db, market.operator, journey_id=journey.id, service="DHL-X", now=NOW,
            measured=BoxBody(500, 100, 100, 100),
        )  # fmt: skip
    await finish(database, market.operator, "PACK", [journey.id], NOW)
    await finish(database, market.operator, "DISPATCH", [journey.id], NOW, "W-1")
    # Half in 4 days, nine in ten in 9: 95 in 100 in 4 x (9/4)^1.2835 = 11.33.
    assert await silent(database, market, NOW + 12 * DAY) == 0
    await tell(database, market, [event("PICKED_UP", NOW + 11 * DAY, "W-2")], NOW + 11 * DAY)
    assert await silent(database, market, NOW + 271 * HOUR) == 0
    done = await run_inline(
        database, market.operator, kind=question_silence.name, title="Silent", parameters={},
        now=NOW, registry=registry_of(*JOBS), job_id=new_id(),
    )  # fmt: skip
    assert done.result in {0, 1}
    assert await silent(database, market, NOW + 273 * HOUR) + int(done.result) == 1


# ---------------------------------------------------------------- doors


async def test_pages_and_api_take_files_and_show_signs(database: Database) -> None:
    now = await database.now()
    market, _, journey_id = await sent(database, now)
    good = f"{HEADER}W-1,{now - HOUR:%Y-%m-%d %H:%M},Departed,Łódź\nX-1,{now:%Y-%m-%d},Lost,x\n"
    fields = {"carrier": "DHL", "zone": "UTC"}
    async with member(database, market.operator) as http:
        form = await http.get("/tracking")
        data = {**fields, "_csrf": hidden(form)["_csrf"]}
        bad = await http.post("/tracking", data=data, files={"file": ("a.csv", b"\x00\xff")})
        done = await http.post("/tracking", data=data, files={"file": ("a.csv", good.encode())})
        shown = await http.get("/tracking?waybill=W-1")
        journey = await http.get(f"/journeys/{show_id('jny', journey_id)}")
    assert (bad.status_code, done.status_code) == (422, 200)
    assert "Nothing of the file was taken" in bad.text
    assert "X-1" in done.text
    assert "Łódź" in shown.text
    assert "What the carrier told" in journey.text
    operator, buyer = (
        await key_of(database, market.operator), await key_of(database, market.buyer),
    )  # fmt: skip
    event = {"waybill": "W-1", "kind": "DELIVERED", "at": now.isoformat()}
    body = {"carrier": "DHL", "events": [event]}
    async with api(database) as http:
        told = await http.post("/v1/tracking-events", json=body, headers=idempotent(operator))
        future = await http.post(
            "/v1/tracking-events",
            json={"carrier": "DHL", "events": [{**event, "at": "2999-01-01T00:00:00Z"}]},
            headers=idempotent(operator),
        )
        file = await http.post(
            "/v1/tracking-files", data=fields, files={"file": ("a.csv", good.encode())},
            headers=idempotent(operator),
        )  # fmt: skip
        first = (await http.get("/v1/tracking-events?limit=2", headers=operator)).json()
        rest = await http.get(
            "/v1/tracking-events", params={"cursor": first["next_cursor"]}, headers=operator
        )
        unseen = await http.get("/v1/tracking-events", headers=buyer)
        refused = await http.post("/v1/tracking-events", json=body, headers=idempotent(buyer))
    assert told.json() == {"fresh": 1, "moved": 1, "questions": 0, "unknown": []}
    assert future.json()["code"] == TrackingUnreadable.code
    assert file.json()["fresh"] == 0
    assert len(first["items"] + rest.json()["items"]) == 3
    assert (unseen.status_code, refused.status_code) == (403, 403)

"""Photos as evidence: seen by who sees what they are of, added by its parties, never changed."""

import base64
import datetime as dt
import hashlib
from uuid import UUID

import httpx
import msgspec
import pytest

from beltline.accounts import actions as accounts
from beltline.fulfillment import actions as moving
from beltline.fulfillment.actions import photos as actions
from beltline.fulfillment.actions import returns as returning
from beltline.fulfillment.queries import journeys, photos, returns
from beltline.fulfillment.types.photos import PhotoKind, PhotoMissing, PhotoNotNow, PhotosFull
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database, NotFound
from beltline.kit.events import list_events_of
from beltline.kit.ids import show_id
from beltline.kit.images import ImageRefused
from beltline.ledger import actions as ledger
from beltline.ledger.queries.settlements import list_settlements
from beltline.orders import actions as ordering
from beltline.orders import queries as orders
from beltline.orders.types import Claim, ClaimCase
from tests.fulfillment.journeys import assert_sound, finish, journeys_of, place, run_to_end
from tests.fulfillment.test_earnings import booked, sold
from tests.fulfillment.test_journey_doors import api
from tests.fulfillment.test_journeys import from_factory, question
from tests.orders.make import Market, fresh_key, make_market
from tests.orders.test_claims import answer, claim
from tests.procurement.browser import hidden, member
from tests.suppliers.make import png

Files = list[tuple[str, tuple[str, bytes]]]


async def add(
    database: Database, actor: Actor, kind: str, subject_id: UUID, now: dt.datetime,
    *pictures: bytes, received_by: str = "",
) -> list[UUID]:  # fmt: skip
    async with database.writing(actor) as db:
        return await actions.add_photos(
            db, actor, kind=PhotoKind(kind), subject_id=subject_id, photos=pictures or [png()],
            received_by=received_by, now=now,
        )  # fmt: skip


async def seen_by(database: Database, actor: Actor, kind: str, subject_id: UUID) -> int:
    async with database.reading(actor) as db:
        return len(await photos.list_photos(db, PhotoKind(kind), [subject_id]))


def files(*pictures: bytes) -> Files:
    return [("photo", (f"{n}.png", data)) for n, data in enumerate(pictures)]


async def upload(
    http: httpx.AsyncClient, path: str, page: httpx.Response, *pictures: bytes, **fields: str
) -> httpx.Response:
    """Send a form with photos, as a browser without scripts does."""
    token = {name: value for name, value in hidden(page).items() if name in {"_csrf", "key"}}
    return await http.post(path, data={**token, **fields}, files=files(*pictures))


async def at_inspection(database: Database, now: dt.datetime) -> tuple[Market, UUID, UUID]:
    """A market, an order whose lot of 40 stands at inspection, and its journey."""
    market, order_id = await from_factory(database, now, "VIRTUAL", units=40)
    await run_to_end(database, market, order_id, now, until="INSPECTION")
    [journey] = await journeys_of(database, market, order_id)
    return market, order_id, journey.id


async def delivered(database: Database, now: dt.datetime) -> tuple[Market, UUID, UUID]:
    """A market, an order of ten that has arrived, and its journey."""
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 10))
    await run_to_end(database, market, order_id, now)
    [journey] = await journeys_of(database, market, order_id)
    return market, order_id, journey.id


async def test_a_lots_photos_are_seen_by_its_factory_and_by_who_is_asked(
    database: Database, now: dt.datetime
) -> None:
    market, _, lot = await at_inspection(database, now)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        path = f"/journeys/{show_id('jny', lot)}"
        page = await http.get(path)
        assert 'name="photo"' in page.text
        await add(database, market.operator, "INSPECTION", lot, now, png(5))
        # Before it is inspected, nobody else has anything to see.
        for actor in (market.supplier, *market.buyers):
            assert await seen_by(database, actor, "INSPECTION", lot) == 0
        sent = await upload(
            http, f"{path}/inspect", page, png(6), png(7), critical="1", major="0", minor="0"
        )
        assert sent.status_code == 303
        shown = await http.get(path)
        assert shown.text.count('alt="Photo 3"') == 2
    counts = [await seen_by(database, one, "INSPECTION", lot) for one in market.buyers]
    assert counts == [3, 0]
    assert await seen_by(database, market.supplier, "INSPECTION", lot) == 3
    async with database.reading(market.buyer) as db:
        [decision] = await journeys.list_decisions(db, market.buyer)
    assert (decision.cause, len(decision.photos)) == ("REJECTED", 3)
    async with member(database, market.buyer) as http:
        queue = await http.get("/decisions")
    assert f"/photos/{show_id('pht', decision.photos[0])}" in queue.text
    async with api(database, market.supplier) as http:
        listed = await http.get(f"/v1/photos?kind=INSPECTION&subject={show_id('jny', lot)}")
    assert [row["org"] for row in listed.json()["items"]] == ["operator"] * 3
    await assert_sound(database, now)


async def test_an_accepted_lots_photos_are_none_of_the_buyers(
    database: Database, now: dt.datetime
) -> None:
    market, _, lot = await at_inspection(database, now)
    [photo] = await add(database, market.operator, "INSPECTION", lot, now)
    async with database.writing(market.operator) as db:
        await returning.inspect(
            db, market.operator, journey_id=lot, critical=0, major=0, minor=0, note="", now=now
        )
    assert await seen_by(database, market.buyer, "INSPECTION", lot) == 0
    with pytest.raises(NotFound):
        async with database.reading(market.buyer) as db:
            await photos.get_photo(db, photo)
    for actor in (market.supplier, market.buyer):
        with pytest.raises((WrongRole, NotFound)):
            await add(database, actor, "INSPECTION", lot, now, png(9))
    assert await seen_by(database, market.supplier, "INSPECTION", lot) == 1


async def test_units_in_question_are_shown_until_they_are_decided(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    [journey] = await journeys_of(database, market, order_id)
    decision = await question(database, market, journey.id, "DAMAGED", 2, now)
    [photo] = await add(database, market.operator, "DECISION", decision.id, now)
    await add(database, market.buyer, "DECISION", decision.id, now, png(9))
    with pytest.raises(NotFound):
        await add(database, market.buyers[1], "DECISION", decision.id, now, png(8))
    async with api(database, market.buyer) as http:
        [row] = (await http.get("/v1/decisions")).json()["items"]
        assert (len(row["photos"]), row["photos"][0]) == (2, show_id("pht", photo))
        got = await http.get(f"/v1/photos/{row['photos'][0]}")
        assert (got.content, got.headers["content-type"]) == (png(), "image/png")
        assert got.headers["x-content-type-options"] == "nosniff"
    async with api(database, market.buyers[1]) as http:
        assert (await http.get(f"/v1/photos/{show_id('pht', photo)}")).status_code == 404
    async with database.writing(market.buyer) as db:
        await moving.decide(db, market.buyer, decision_id=decision.id, option="REFUND", now=now)
    with pytest.raises(PhotoNotNow):
        await add(database, market.operator, "DECISION", decision.id, now, png(7))
    async with database.reading(market.operator) as db:
        [event] = await list_events_of(db, photo)
    assert (event.type, event.data["number"], event.data["sha256"]) == (
        "photo.added", journey.number, hashlib.sha256(png()).hexdigest(),
    )  # fmt: skip


async def test_the_same_picture_is_kept_once_and_twelve_are_enough(
    database: Database, now: dt.datetime
) -> None:
    market, _, lot = await at_inspection(database, now)
    pictures = [png(n) for n in range(1, 13)]
    first = await add(database, market.operator, "INSPECTION", lot, now, *pictures)
    again = await add(database, market.operator, "INSPECTION", lot, now, *pictures[:2])
    assert (len(set(first)), again) == (12, first[:2])
    with pytest.raises(PhotosFull) as refused:
        await add(database, market.operator, "INSPECTION", lot, now, png(20))
    assert refused.value.most == 12
    assert await seen_by(database, market.operator, "INSPECTION", lot) == 12


async def test_one_hostile_photo_keeps_the_whole_act_from_happening(
    database: Database, now: dt.datetime
) -> None:
    market, order_id, lot = await at_inspection(database, now)
    with pytest.raises(ImageRefused):
        await add(database, market.operator, "INSPECTION", lot, now, png(), b"<svg onload=x>")
    async with member(database, market.operator) as http:
        path = f"/journeys/{show_id('jny', lot)}"
        page = await http.get(path)
        sent = await upload(
            http, f"{path}/inspect", page, png(), b"GIF89a", critical="0", major="0", minor="0"
        )
        assert sent.status_code == 422
        own = await http.get(f"/photos?kind=INSPECTION&of={show_id('jny', lot)}")
        sent = await upload(
            http, "/photos", own, b"GIF89a", kind="INSPECTION", of=show_id("jny", lot)
        )
        assert sent.status_code == 422
        assert "Send a photo as JPEG, PNG or WebP" in sent.text
    [journey] = await journeys_of(database, market, order_id)
    assert journey.stage == "INSPECTION"
    assert await seen_by(database, market.operator, "INSPECTION", lot) == 0


async def test_a_handover_is_proved_by_a_photo_and_a_name_that_can_be_erased(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    [journey] = await journeys_of(database, market, order_id)
    with pytest.raises(PhotoNotNow):
        await add(database, market.operator, "DELIVERY", journey.id, now)
    await run_to_end(database, market, order_id, now, until="LAST_MILE")
    shown = show_id("jny", journey.id)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get(f"/journeys/{shown}")
        form = {"stage": "LAST_MILE", "journeys": shown, "received_by": "A. Nowak"}
        alone = await upload(http, "/journeys/finish", page, **form)
        assert alone.status_code == 422
        sent = await upload(http, "/journeys/finish", page, png(), **form)
        again = await upload(http, "/journeys/finish", page, png(), **form)
    assert (sent.status_code, again.status_code) == (303, 303)
    async with member(database, market.buyer) as http:
        panel = await http.get(f"/orders/{show_id('ord', order_id)}/journeys")
        proof = await http.get(f"/photos?kind=DELIVERY&of={shown}")
        assert "Proof of delivery" in panel.text
        assert "Received by A. Nowak" in proof.text
        assert 'type="file"' not in proof.text
    async with member(database, market.buyers[1]) as http:
        assert (await http.get(f"/photos?kind=DELIVERY&of={shown}")).status_code == 404
    async with database.writing(market.buyer) as db:
        found = await db.value("select contact_id from fulfillment.photo")
        await accounts.erase_contact(db, market.buyer, contact_id=found, now=now)
    async with database.reading(market.operator) as db:
        [photo] = await photos.list_photos(db, PhotoKind.DELIVERY, [journey.id])
    assert photo.received_by == ""
    with pytest.raises(PhotoMissing):
        async with database.writing(market.operator) as db:
            await actions.add_photos(
                db, market.operator, kind=PhotoKind.DELIVERY, subject_id=journey.id, photos=[],
                received_by="B", now=now,
            )  # fmt: skip
    await assert_sound(database, now)


async def test_both_sides_show_what_comes_back_until_it_is_graded(
    database: Database, now: dt.datetime
) -> None:
    market, _, arrived = await delivered(database, now)
    shown = show_id("jny", arrived)
    async with member(database, market.buyer) as http:
        page = await http.get(f"/journeys/{shown}")
        sent = await upload(
            http, f"/journeys/{shown}/return", page, png(5), png(6), units="3",
            reason="DAMAGED", note="torn",
        )  # fmt: skip
        assert sent.status_code == 303
    async with database.reading(market.operator) as db:
        [case] = await returns.list_returns(db, market.operator)
    assert len(case.photos) == 2
    async with database.writing(market.operator) as db:
        await returning.answer_return(
            db, market.operator, return_id=case.id, node="WAW", note="", now=now
        )
    async with member(database, market.operator, role="WAREHOUSE") as http:
        of = show_id("rma", case.id)
        page = await http.get(f"/photos?kind=RETURN&of={of}")
        form = {"kind": "RETURN", "of": of}
        sent = await upload(http, "/photos", page, png(7), **form)
        again = await upload(http, "/photos", page, png(7), **form)
        other = await upload(http, "/photos", page, png(8), **form)
        assert [s.status_code for s in (sent, again, other)] == [303, 303, 422]
    async with database.writing(market.operator) as db:
        await returning.grade_return(
            db, market.operator, return_id=case.id, resell=2, scrap=1, charged_to="SUPPLIER",
            now=now,
        )  # fmt: skip
    with pytest.raises(PhotoNotNow):
        await add(database, market.buyer, "RETURN", case.id, now, png(9))
    async with api(database, market.buyer) as http:
        [row] = (await http.get("/v1/returns")).json()["items"]
        rows = (await http.get(f"/v1/photos?kind=RETURN&subject={row['id']}")).json()["items"]
    assert [r["org"] for r in rows] == ["buyer-1", "buyer-1", "operator"]
    assert [r["id"] for r in rows] == row["photos"]
    assert await seen_by(database, market.buyers[1], "RETURN", case.id) == 0


async def test_a_claim_has_evidence_of_both_sides_until_it_is_answered(
    database: Database, now: dt.datetime
) -> None:
    market, order_id, _ = await delivered(database, now)
    case = await claim(database, market, order_id, now)
    await add(database, market.buyer, "CLAIM", case.id, now, png(5))
    async with member(database, market.operator) as http:
        of = show_id("clm", case.id)
        row = await http.get(f"/photos/strip?kind=CLAIM&of={of}")
        page = await http.get(f"/photos?kind=CLAIM&of={of}")
        assert "Add photos" in row.text
        sent = await upload(http, "/photos", page, png(6), kind="CLAIM", of=of)
        assert sent.status_code == 303
    await answer(database, market, case, 100, now)
    with pytest.raises(PhotoNotNow):
        await add(database, market.buyer, "CLAIM", case.id, now, png(7))
    async with member(database, market.buyer) as http:
        page = await http.get(f"/photos?kind=CLAIM&of={of}")
        assert page.text.count("SHA-256") == 2
        assert 'type="file"' not in page.text


async def test_a_box_of_nobody_is_shown_at_the_hub_alone(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get("/parcels?node=YIW&waybill=SF 77/1")
        sent = await upload(
            http,
            "/parcels",
            page,
            png(5),
            png(6),
            node="YIW",
            waybill="SF 77/1",
            note="wet",
            sender="Yiwu Toys",
            contents="two dolls",
        )
        assert sent.status_code == 303
        listed = await http.get("/parcels?node=YIW")
        assert listed.text.count('alt="Photo ') == 2
        more = await http.get("/photos?kind=PARCEL&of=SF 77/1")
        sent = await upload(http, "/photos", more, png(7), kind="PARCEL", of="SF 77/1")
        assert sent.status_code == 303
    async with database.reading(market.operator) as db:
        [parcel] = await journeys.list_unclaimed(db)
    assert len(parcel.photos) == 3
    assert (parcel.sender, parcel.contents, parcel.note) == ("Yiwu Toys", "two dolls", "wet")
    for actor in (market.supplier, market.buyer):
        async with api(database, actor) as http:
            for photo in parcel.photos:
                got = await http.get(f"/v1/photos/{show_id('pht', photo)}")
                assert got.status_code == 404
            got = await http.get("/v1/photos?kind=PARCEL&subject=SF 77/1")
            assert got.status_code == 404


async def test_the_api_adds_a_photo_once_a_key(database: Database, now: dt.datetime) -> None:
    market, _, lot = await at_inspection(database, now)
    body = {
        "kind": "INSPECTION", "subject": show_id("jny", lot),
        "content": base64.b64encode(png()).decode(),
    }  # fmt: skip
    async with api(database, market.operator) as http:
        key = {"Idempotency-Key": fresh_key()}
        sent = [await http.post("/v1/photos", json=body, headers=key) for _ in range(2)]
        assert [s.status_code for s in sent] == [201, 201]
        assert sent[0].json() == sent[1].json()
        assert sent[1].headers["Idempotent-Replayed"] == "true"
        row = sent[0].json()
        assert (row["width"], row["height"], row["size_bytes"]) == (4, 3, len(png()))
        got = await http.get(f"/v1/photos/{row['id']}")
        assert hashlib.sha256(got.content).hexdigest() == row["sha256"]
        bad = {**body, "content": base64.b64encode(b"MZ" * 40).decode()}
        no = await http.post("/v1/photos", json=bad, headers={"Idempotency-Key": fresh_key()})
        assert (no.status_code, no.json()["code"]) == (422, "kit.image_refused")
        none = {**body, "subject": show_id("jny", UUID(int=5))}
        no = await http.post("/v1/photos", json=none, headers={"Idempotency-Key": fresh_key()})
        assert (no.status_code, no.json()["code"]) == (404, "kit.not_found")
    async with api(database, market.supplier) as http:
        no = await http.post("/v1/photos", json=body, headers={"Idempotency-Key": fresh_key()})
        assert no.status_code in {403, 404}
    assert await seen_by(database, market.operator, "INSPECTION", lot) == 1


async def test_nobody_writes_a_photo_past_its_command(database: Database, now: dt.datetime) -> None:
    market, order_id, _ = await at_inspection(database, now)
    async with database.system() as db:
        may = await db.values(
            """select v from unnest(array['insert', 'update', 'delete']) v
                where has_table_privilege('bl_app', 'fulfillment.photo', v)"""
        )
    assert may == []
    [journey] = await journeys_of(database, market, order_id)
    assert await finish(database, market.operator, "INSPECTION", [journey.id], now) == 1


async def claimed_of_two(
    database: Database, now: dt.datetime
) -> tuple[Market, Actor, Claim, dict[str, ClaimCase]]:
    """A claim on goods of two suppliers: the second, and the case of each by its code."""
    market = await make_market(database, now)
    async with database.system() as db:
        other = await accounts.create_organization(
            db, code="other-factory", kind="SUPPLIER", name="Other", country="CN", now=now
        )
        await db.execute("update catalog.sku set supplier_org_id = $1 where code = 'S-2'", other.id)
    second = msgspec.structs.replace(market.supplier, org_id=other.id, name="factory two")
    order_id = await place(database, market, now, ("S-1", 4), ("S-2", 2))
    await run_to_end(database, market, order_id, now)
    opened = await claim(database, market, order_id, now)
    cases = {}
    for actor in (market.supplier, second):
        async with database.reading(actor) as db:
            [cases[actor.name]] = await orders.list_cases(db, actor)
    return market, second, opened, cases


async def test_a_claims_photos_are_the_same_for_all_who_answer_it(
    database: Database, now: dt.datetime
) -> None:
    market, second, opened, cases = await claimed_of_two(database, now)
    one = market.supplier
    of_claim, of_case = show_id("clm", opened.id), show_id("ccs", cases[one.name].id)
    await add(database, market.buyer, "CLAIM", opened.id, now, png(1))
    await add(database, market.operator, "CLAIM", opened.id, now, png(2))
    body = {"kind": "CLAIM", "subject": of_case, "content": base64.b64encode(png(3)).decode()}
    async with api(database, one) as http:
        added = await http.post("/v1/photos", json=body, headers={"Idempotency-Key": fresh_key()})
        assert (added.status_code, added.json()["side"]) == (201, "SUPPLIER")
        foreign = show_id("ccs", cases[second.name].id)
        assert (await http.get(f"/v1/photos?kind=CLAIM&subject={foreign}")).status_code == 404
    await add(database, second, "CLAIM", opened.id, now, png(4))

    async def listed(actor: Actor, of: str) -> list[tuple[str, str, str]]:
        async with api(database, actor) as http:
            got = await http.get(f"/v1/photos?kind=CLAIM&subject={of}")
            for row in got.json()["items"]:
                assert (await http.get(f"/v1/photos/{row['id']}")).status_code == 200
        return [(row["side"], row["org"], row["added_by"]) for row in got.json()["items"]]

    buyer, operator = market.buyer, market.operator
    seen = {name: await listed(actor, of) for name, actor, of in (
        ("operator", operator, of_claim), ("buyer", buyer, of_claim), ("one", one, of_case),
        ("two", second, of_claim),
    )}  # fmt: skip
    by_operator = ("OPERATOR", "operator", operator.name)
    assert [side for side, _, _ in seen["operator"]] == ["BUYER", "OPERATOR", *["SUPPLIER"] * 2]
    assert all(org and name for _, org, name in seen["operator"])
    assert seen["buyer"][2:] == [("SUPPLIER", "", "")] * 2
    assert seen["buyer"][1] == by_operator
    # Neither the buyer's name nor the other supplier's photo.
    for who, code in (("one", "zhili-1"), ("two", "other-factory")):
        assert seen[who][:2] == [("BUYER", "", ""), by_operator]
        assert [(side, org) for side, org, _ in seen[who][2:]] == [("SUPPLIER", code)]
    stranger = market.buyers[1]
    assert await seen_by(database, stranger, "CLAIM", opened.id) == 0
    with pytest.raises(NotFound):
        await add(database, stranger, "CLAIM", opened.id, now, png(9))
    await assert_sound(database, now)


async def test_each_party_of_a_claim_has_its_own_twelve_until_it_is_decided(
    database: Database, now: dt.datetime
) -> None:
    market, second, opened, cases = await claimed_of_two(database, now)
    await add(database, market.buyer, "CLAIM", opened.id, now, *[png(n) for n in range(1, 13)])
    with pytest.raises(PhotosFull):
        await add(database, market.buyer, "CLAIM", opened.id, now, png(40))
    # The buyer's picture is known to the supplier; one of another supplier's is not.
    [same] = await add(database, market.supplier, "CLAIM", opened.id, now, png(1))
    [own] = await add(database, market.supplier, "CLAIM", opened.id, now, png(50))
    [alike] = await add(database, second, "CLAIM", opened.id, now, png(50))
    async with database.reading(market.buyer) as db:
        shown = await photos.list_photos(db, PhotoKind.CLAIM, [opened.id])
    assert (len(shown), shown[0].id, shown[12].id, shown[13].id) == (14, same, own, alike)
    told = {}
    for actor in (market.buyer, market.supplier, second):
        async with database.reading(actor) as db:
            told[actor.org_id] = [len(await list_events_of(db, one)) for one in (same, own, alike)]
    assert list(told.values()) == [[1, 1, 1], [0, 1, 0], [0, 0, 1]]
    case = cases[market.supplier.name]
    async with member(database, market.supplier) as http:
        path = f"/photos?kind=CLAIM&of={show_id('ccs', case.id)}"
        page = await http.get("/claims")
        assert f"of={show_id('ccs', case.id)}" in page.text
        form = await http.get(path)
        assert "The buyer" in form.text
        assert market.buyer.name not in form.text
        sent = await upload(
            http, "/photos", form, png(51), kind="CLAIM", of=show_id("ccs", case.id)
        )
        assert sent.status_code == 303
        await answer(database, market, opened, opened.asked_amount, now)
        late = await upload(
            http, "/photos", form, png(52), kind="CLAIM", of=show_id("ccs", case.id)
        )
        assert late.status_code in {409, 422}
        assert 'name="photo"' not in (await http.get(path)).text
    with pytest.raises(PhotoNotNow):
        await add(database, second, "CLAIM", opened.id, now, png(53))


async def test_a_supplier_sees_what_it_was_charged_for(
    database: Database, now: dt.datetime
) -> None:
    market, order_id = await sold(database, now, "VIRTUAL")
    [journey] = await journeys_of(database, market, order_id)
    async with database.writing(market.buyer) as db:
        await ordering.confirm_receipt(db, market.buyer, order_id=order_id, now=now)
        cases = [
            await returning.request_return(
                db, market.buyer, journey_id=journey.id, units=2, reason="DEFECTIVE", note="",
                now=now,
            )
            for _ in range(2)
        ]  # fmt: skip
    for case, payer in zip(cases, ("SUPPLIER", "CARRIER"), strict=True):
        await add(database, market.buyer, "RETURN", case.id, now, png(7))
        assert await seen_by(database, market.supplier, "RETURN", case.id) == 0
        async with database.writing(market.operator) as db:
            await returning.answer_return(
                db, market.operator, return_id=case.id, node="WAW", note="", now=now
            )
            await returning.grade_return(
                db, market.operator, return_id=case.id, resell=1, scrap=1, charged_to=payer, now=now
            )
    charged, spared = cases
    assert await seen_by(database, market.supplier, "RETURN", charged.id) == 1
    assert await seen_by(database, market.supplier, "RETURN", spared.id) == 0
    with pytest.raises(NotFound):
        await add(database, market.supplier, "RETURN", charged.id, now, png(8))
    await booked(database, market.operator, now)
    async with database.writing(market.operator) as db:
        await ledger.set_commission(
            db, market.operator, supplier_org_id=None, rate_ppm=0, note="", now=now,
            valid_from=dt.date(2026, 1, 1), valid_until=None,
        )  # fmt: skip
        later = now + dt.timedelta(days=1)
        await ledger.settle(db, market.operator, until=later, now=later)
    async with database.reading(market.supplier) as db:
        [statement] = await list_settlements(db, market.supplier, limit=9)
    async with member(database, market.supplier) as http:
        lines = await http.get(f"/settlements/{show_id('stm', statement.id)}")
        link = f"/photos?kind=RETURN&amp;of={show_id('rma', charged.id)}"
        assert lines.text.count(link) == 1
        shown = await http.get(link.replace("&amp;", "&"))
    assert (shown.status_code, "The buyer" in shown.text) == (200, True)
    assert 'name="photo"' not in shown.text

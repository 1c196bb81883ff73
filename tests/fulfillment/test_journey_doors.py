"""Journeys through pages, API and the public link."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import httpx

from beltline.fulfillment.queries import journeys
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import show_id
from tests.app.client import client_of
from tests.fulfillment.journeys import journeys_of, place, run_to_end
from tests.orders.http import key_of
from tests.orders.make import fresh_key, make_market
from tests.procurement.browser import guest, member, send


@contextlib.asynccontextmanager
async def api(database: Database, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key of the actor's organization."""
    async with client_of(database.dsn, **await key_of(database, actor)) as http:
        yield http


async def test_the_operator_moves_an_order_by_one_button_each(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4), ("S-2", 1))
    first, second = await journeys_of(database, market, order_id)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        shown = await http.get("/journeys?stage=PACK")
        assert shown.text.count(f">{first.number}</a>") == 2
        page = await http.get(f"/journeys/{show_id('jny', first.id)}")
        assert "Last mile" in page.text
        for stage in ("PACK", "DISPATCH", "LAST_MILE"):
            pressed = await send(
                http, "/journeys/finish", seen=shown, stage=stage,
                journeys=show_id("jny", first.id), next="//elsewhere.test/",
            )  # fmt: skip
            assert (pressed.status_code, pressed.headers["location"]) == (303, "/")
        panel = await http.get(f"/orders/{show_id('ord', order_id)}/journeys")
        order = await http.get(f"/orders/{show_id('ord', order_id)}")
        assert "Shipped" in order.text
        assert panel.text.count("S-1") >= 1
        asked = await send(
            http, f"/journeys/{show_id('jny', second.id)}/question", seen=page, units="1",
            cause="DAMAGED", note="wet",
        )  # fmt: skip
        wrong = await send(
            http, f"/journeys/{show_id('jny', second.id)}/question", seen=page, units="9",
            cause="DAMAGED",
        )  # fmt: skip
    assert (asked.status_code, wrong.status_code) == (303, 409)
    done, second = await journeys_of(database, market, order_id)
    assert (done.state, second.in_question) == ("DELIVERED", 1)
    async with member(database, market.buyer) as http:
        queue = await http.get("/decisions")
        assert "$12.50" in queue.text
        async with database.reading(market.buyer) as db:
            [decision] = await journeys.list_decisions(db, market.buyer)
        pressed = await send(
            http, f"/decisions/{show_id('dec', decision.id)}", seen=queue, option="REFUND"
        )
        assert pressed.status_code == 303
        assert "Nothing to decide" in (await http.get("/decisions")).text
        assert "Nothing is under way" in (await http.get("/journeys")).text


async def test_the_api_does_the_same_with_a_key(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    async with api(database, market.operator) as http:
        [row] = (await http.get("/v1/journeys?stage=PACK")).json()["items"]
        assert (row["sku"], row["owner"], row["responsible"]) == ("S-1", "operator", "WAREHOUSE")
        key = {"Idempotency-Key": fresh_key()}
        body = {"stage": "PACK", "journeys": [row["id"]]}
        sent = [await http.post("/v1/journeys/finish", json=body, headers=key) for _ in range(2)]
        assert [s.json() for s in sent] == [{"moved": 1}, {"moved": 1}]
        assert sent[1].headers["Idempotent-Replayed"] == "true"
        unknown = await http.post(
            "/v1/journeys/finish", json={**body, "stage": "FLY"},
            headers={"Idempotency-Key": fresh_key()},
        )  # fmt: skip
        assert (unknown.status_code, unknown.json()["code"]) == (422, "fulfillment.unknown_stage")
        asked = await http.post(
            f"/v1/journeys/{row['id']}/question", json={"cause": "LOST", "units": 1},
            headers={"Idempotency-Key": fresh_key()},
        )  # fmt: skip
        decision = asked.json()
        assert (asked.status_code, decision["default_option"]) == (201, "REFUND")
        parcel = await http.post(
            "/v1/parcels", json={"waybill": "YT-1", "node": "YIW"},
            headers={"Idempotency-Key": fresh_key()},
        )  # fmt: skip
        assert (parcel.status_code, parcel.json()["state"]) == (201, "UNANNOUNCED")
    async with api(database, market.buyers[1]) as http:
        assert (await http.get(f"/v1/journeys/{row['id']}")).status_code == 404
        assert (await http.get("/v1/decisions")).json()["items"] == []
        stolen = await http.post(
            f"/v1/decisions/{decision['id']}", json={"option": "REFUND"},
            headers={"Idempotency-Key": fresh_key()},
        )  # fmt: skip
        assert stolen.status_code == 404
    async with api(database, market.buyer) as http:
        [open_one] = (await http.get("/v1/decisions")).json()["items"]
        taken = await http.post(
            f"/v1/decisions/{open_one['id']}", json={"option": "REFUND"},
            headers={"Idempotency-Key": fresh_key()},
        )  # fmt: skip
        assert (taken.status_code, taken.json()["state"]) == (200, "DECIDED")
        detail = (await http.get(f"/v1/journeys/{row['id']}")).json()
    assert (detail["journey"]["refunded"], detail["journey"]["moving"]) == (1, 3)
    assert [s["state"] for s in detail["stages"]] == ["DONE", "ACTIVE", "PLANNED"]
    assert order_id.hex in row["order_id"]


async def test_anybody_with_the_link_sees_where_it_is_and_no_more(
    database: Database, now: dt.datetime
) -> None:
    market = await make_market(database, now)
    order_id = await place(database, market, now, ("S-1", 4))
    await run_to_end(database, market, order_id, now, until="LAST_MILE")
    async with api(database, market.buyer) as http:
        link = (await http.post(f"/v1/orders/{show_id('ord', order_id)}/tracking-link")).json()
    async with api(database, market.buyers[1]) as http:
        foreign = await http.post(f"/v1/orders/{show_id('ord', order_id)}/tracking-link")
    assert foreign.status_code == 404
    async with guest(database) as http:
        page = await http.get(link["path"])
        http.cookies.set("bl_locale", "zh")
        chinese = await http.get(link["path"])
        ended = await http.get("/t/nobody-made-this")
    assert "On its way to you" in page.text
    assert "正在送达您手中" in chinese.text
    for secret in ("12.50", "zhili", "WAW", "operator"):
        assert secret not in page.text
    assert ended.status_code == 410


async def test_a_box_is_counted_at_the_station(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now)
    async with member(database, market.operator, role="WAREHOUSE") as http:
        page = await http.get("/parcels?node=YIW&waybill=SF-1")
        assert "Nobody announced this box" in page.text
        sent = [
            await send(http, "/parcels", seen=page, node="YIW", waybill="SF-1", note="toys")
            for _ in range(2)
        ]
        after = await http.get(sent[0].headers["location"])
    assert [s.status_code for s in sent] == [303, 303]
    assert after.text.count("<b>SF-1</b>") == 1
    assert "Whose box is this?" in after.text
    async with member(database, market.buyer) as http:
        assert (await http.get("/parcels")).status_code == 403

"""Adjustments with reason and four eyes; buffers of declarations; drift and low stock told."""

import datetime as dt
from typing import Any

import httpx
import pytest

from beltline.inventory import actions, queries, rules
from beltline.inventory.types import StockItem
from beltline.kit.db import Database
from tests.inventory.test_stock import assert_sound, put
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import make_market, make_node
from tests.visitor import visiting


async def ask(http: httpx.AsyncClient, headers: dict[str, str], **body: Any) -> httpx.Response:
    wanted = {"sku": "S-1", "node": "WAW", "kind": "ADJUST", "reason": "COUNT", **body}
    return await http.post("/v1/stock/adjustments", json=wanted, headers=idempotent(headers))


async def test_each_kind_moves_what_it_says_and_no_more(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1, on_hand=50)
    headers = await key_of(database, market.operator)
    steps = [
        ({"kind": "ADJUST", "quantity": -5, "reason": "LOST"}, (45, 0, 0)),
        ({"kind": "HOLD", "quantity": 20, "reason": "QUALITY"}, (45, 20, 0)),
        ({"kind": "DAMAGE", "quantity": 10, "reason": "BROKEN"}, (45, 20, 10)),
        ({"kind": "UNHOLD", "quantity": 20, "reason": "RELEASED"}, (45, 0, 10)),
        ({"kind": "MEND", "quantity": 4, "reason": "CORRECTION"}, (45, 0, 6)),
        ({"kind": "SCRAP", "quantity": 6, "reason": "BROKEN"}, (39, 0, 0)),
    ]
    refused = [
        {"kind": "HOLD", "quantity": 40}, {"kind": "SCRAP", "quantity": 1},
        {"kind": "ADJUST", "quantity": -40}, {"kind": "UNHOLD", "quantity": 1},
    ]  # fmt: skip
    async with api(database) as http:
        for body, expected in steps:
            answer = await ask(http, headers, **body)
            assert (answer.status_code, answer.json()["status"]) == (201, "APPLIED"), answer.text
            row = (await http.get("/v1/stock?sku=S-1", headers=headers)).json()["items"][0]
            assert (row["on_hand"], row["quality_hold"], row["damaged"]) == expected
            assert row["available"] == expected[0] - expected[1] - expected[2]
        for body in refused:
            answer = await ask(http, headers, **body)
            assert (answer.status_code, answer.json()["code"]) == (409, "inventory.not_enough")
        assert (await ask(http, headers, kind="HOLD", quantity=-1)).status_code == 422
        assert (await ask(http, headers, sku="S-9", quantity=1)).status_code == 404
    await assert_sound(database)


async def test_a_large_one_waits_for_somebody_else(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1, on_hand=500)
    asking = await key_of(database, market.operator)
    deciding = await key_of(database, market.operator)
    buyer = await key_of(database, market.buyer)
    async with api(database) as http:
        first = (await ask(http, asking, quantity=-200, note="a pallet")).json()
        second = (await ask(http, asking, quantity=-300)).json()
        path = f"/v1/stock/adjustments/{first['id']}/approve"
        own = await http.post(path, headers=idempotent(asking))
        theirs = await http.post(path, headers=idempotent(buyer))
        done = await http.post(path, headers=idempotent(deciding))
        twice = await http.post(path, headers=idempotent(deciding))
        rejected = await http.post(
            f"/v1/stock/adjustments/{second['id']}/reject", headers=idempotent(deciding)
        )
        listed = (await http.get("/v1/stock/adjustments?limit=1", headers=asking)).json()
        hidden = (await http.get("/v1/stock/adjustments", headers=buyer)).json()["items"]
        row = (await http.get("/v1/stock?sku=S-1", headers=asking)).json()["items"][0]
    assert (first["status"], first["number"]) == ("WAITING", "ADJ-1")
    assert (own.status_code, own.json()["code"]) == (403, "inventory.needs_another")
    assert (theirs.status_code, hidden) == (403, [])
    assert (done.json()["status"], twice.status_code) == ("APPLIED", 404)
    assert rejected.json()["status"] == "REJECTED"
    assert listed["next_cursor"]
    assert row["on_hand"] == 300
    await assert_sound(database)


async def test_declared_stock_sells_less_a_buffer(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, skus=1, buyers=1)
    async with database.system() as db:
        await make_node(db, "FAC", "FACTORY", "CN", now, supplier=market.supplier)
    await put(database, market.supplier, now, StockItem("S-1", "FAC", 105))
    async with database.system() as db:
        free = await db.value(
            "select available from inventory.availability where kind = 'DECLARED'"
        )
        rows = await queries.list_stock(db, sku="S-1", node="FAC")
    assert (free, rows[0].on_hand, rows[0].available) == (94, 105, 94)


async def test_low_stock_and_drift_are_told_once(database: Database, now: dt.datetime) -> None:
    market = await make_market(database, now, skus=1, buyers=1, on_hand=50)
    async with database.writing(market.operator) as db:
        rows = await actions.watch_level(
            db, market.operator, sku="S-1", node="WAW", low_at=20, now=now
        )
    for on_hand in (45, 15, 14, 40, 12):
        await put(database, market.operator, now, StockItem("S-1", "WAW", on_hand))
    async with database.system() as db:
        await db.value(
            "select inventory.reserve_lines($1, $2, $3, '{1}', 'x', null, $4)",
            [market.skus["S-1"]], [market.nodes["WAW"]], [market.operator.org_id], now,
        )  # fmt: skip
        assert await actions.tell_low(db, now=now) == 0
        told = await db.values(
            """select type from kit.event_all where aggregate = 'stock' order by sequence"""
        )
        numbers = await db.values(
            "select sequence from kit.event_all where aggregate = 'stock' order by sequence"
        )
    assert rows == 1
    assert numbers == list(range(1, len(numbers) + 1))
    assert told.count("stock.low") == 2
    assert told.count("stock.drifted") == 3
    await assert_sound(database)


async def test_the_page_adjusts_and_decides(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1, on_hand=500)
    form = {
        "sku": "S-1",
        "node": "WAW",
        "kind": "ADJUST",
        "reason": "LOST",
        "note": "",
        "owner": "",
    }
    async with visiting(database, market.operator, role="WAREHOUSE") as visitor:
        assert "No adjustment yet" in await visitor.see("/adjustments")
        assert (await visitor.send("/adjustments", {**form, "quantity": "-3"})).status_code == 303
        assert (await visitor.send("/adjustments", {**form, "quantity": "-300"})).status_code == 303
        wrong = await visitor.send("/adjustments", {**form, "quantity": "many"})
        page = await visitor.see("/adjustments?status=WAITING")
    assert wrong.status_code == 422
    assert "ADJ-2" in page
    assert "ADJ-1" not in page
    assert "/approve" not in page
    async with visiting(database, market.operator) as visitor:
        page = await visitor.see("/adjustments?status=WAITING")
        action = page.split('action="/adjustments/')[1].split('"')[0]
        assert (await visitor.send(f"/adjustments/{action}")).status_code == 303
        assert "197" in await visitor.see("/inventory/S-1")
    async with visiting(database, market.buyer) as visitor:
        assert (await visitor.get("/adjustments")).status_code == 403


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [("-3", "ADJUST", -3), ("+1,200", "HOLD", 1200), ("−5", "ADJUST", -5), ("-3", "HOLD", None),
     ("0", "ADJUST", None), ("", "ADJUST", None), ("1.5", "ADJUST", None), ("--3", "ADJUST", None)],
)  # fmt: skip
def test_units_are_read_as_people_write_them(text: str, kind: str, read: int | None) -> None:
    assert rules.read_quantity(text, kind) == read

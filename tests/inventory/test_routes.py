"""The API of stock: what each party sees, and the result of each item."""

import datetime as dt

import pytest

from beltline.kit.db import Database
from tests.orders.http import api, key_of
from tests.orders.make import make_market


@pytest.fixture
async def today(database: Database) -> dt.datetime:
    """The application reads the real clock."""
    return await database.now()


async def test_each_party_sees_its_own(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today)
    seen = {}
    async with api(database) as http:
        for name, actor in (
            ("operator", market.operator), ("supplier", market.supplier), ("buyer", market.buyer),
        ):  # fmt: skip
            headers = await key_of(database, actor, "stock:read")
            rows = (await http.get("/v1/stock?sku=S-1&node=WAW", headers=headers)).json()["items"]
            seen[name] = rows
        first = (await http.get("/v1/stock?limit=2", headers=headers)).json()
        rest = (await http.get(f"/v1/stock?cursor={first['next_cursor']}", headers=headers)).json()
    assert seen["supplier"] == []
    assert seen["buyer"] == [{"sku": "S-1", "node": "WAW", "available": 100, "inbound": 0}]
    shown = seen["operator"][0]
    assert {"sku", "node", "owner", "on_hand", "reserved", "available", "inbound", "version"} <= (
        set(shown)
    )
    assert (shown["owner"], shown["reserved"]) == ("operator", 0)
    assert len(first["items"] + rest["items"]) == 3


async def test_each_item_has_its_own_answer(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today)
    headers = await key_of(database, market.operator, "stock:read", "stock:write")
    async with api(database) as http:
        await http.put(
            "/v1/stock",
            json={"items": [{"sku": "S-1", "node": "YIW", "on_hand": 7, "version": 5}]},
            headers=headers,
        )
        answer = await http.put(
            "/v1/stock",
            json={
                "items": [
                    {"sku": "S-1", "node": "YIW", "on_hand": 9, "version": 4},
                    {"sku": "S-9", "node": "YIW", "on_hand": 9},
                    {"sku": "S-2", "node": "YIW", "on_hand": 9, "owner": "zhili-1"},
                ]
            },
            headers=headers,
        )
        moved = (await http.get("/v1/stock/movements?node=YIW", headers=headers)).json()["items"]
    assert answer.status_code == 200
    stale, unknown, taken = answer.json()["results"]
    assert (stale["problem"]["code"], stale["problem"]["status"], stale["problem"]["kept"]) == (
        "inventory.stale_version", 409, 5,
    )  # fmt: skip
    assert (unknown["problem"]["code"], unknown["problem"]["param"]) == (
        "catalog.unknown_sku", "items[1].sku",
    )  # fmt: skip
    assert taken == {"index": 2, "sku": "S-2", "node": "YIW", "outcome": "SET", "version": 1}
    assert [(row["sku"], row["owner"], row["on_hand"]) for row in moved] == [
        ("S-2", "zhili-1", 9), ("S-1", "operator", 7),
    ]  # fmt: skip


async def test_a_shortage_is_accepted_and_named(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today, on_hand=10)
    async with database.system() as db:
        await db.value(
            "select inventory.reserve_lines($1, $2, $3, '{8}', 'x', null, $4)",
            [market.skus["S-1"]], [market.nodes["WAW"]], [market.operator.org_id], today,
        )  # fmt: skip
    headers = await key_of(database, market.operator)
    item = {"sku": "S-1", "node": "WAW", "on_hand": 5}
    async with api(database) as http:
        answer = await http.put("/v1/stock", json={"items": [item]}, headers=headers)
        twice = await http.put("/v1/stock", json={"items": [item, item]}, headers=headers)
        row = (await http.get("/v1/stock?sku=S-1", headers=headers)).json()["items"][0]
    assert answer.json()["results"][0]["outcome"] == "SHORTAGE"
    assert (twice.status_code, twice.json()["code"]) == (422, "inventory.duplicate_item")
    assert (row["on_hand"], row["reserved"], row["available"]) == (5, 8, 0)


@pytest.mark.parametrize(
    "item",
    [
        {"sku": "S-1", "node": "WAW", "on_hand": -1},
        {"sku": "S-1", "node": "WAW", "on_hand": 2**63},
        {"sku": "S-1", "node": "WAW", "on_hand": 1, "version": 0},
        {"sku": "S-1", "node": "W\u0000W", "on_hand": 1},
        {"sku": "S-1", "node": "WAW", "on_hand": 1, "reserved": 0},
    ],
)
async def test_a_body_that_does_not_fit_is_422(
    database: Database, today: dt.datetime, item: dict[str, object]
) -> None:
    market = await make_market(database, today, skus=1, buyers=1)
    headers = await key_of(database, market.operator)
    async with api(database) as http:
        answer = await http.put("/v1/stock", json={"items": [item]}, headers=headers)
    assert answer.status_code == 422

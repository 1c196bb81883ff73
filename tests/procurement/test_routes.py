"""The API over the whole application: each party's doors, keys, strangers, bad input."""

import datetime as dt
from typing import Any

import httpx
import pytest

from beltline.kit.clock import day_of, system_now
from beltline.kit.db import Database
from beltline.kit.ids import new_id, show_id
from tests.orders.http import api, idempotent, key_of
from tests.procurement.make import Trade, inbound, make_order, make_trade


def body_of(**changes: Any) -> dict[str, Any]:
    """An order to issue; the application reads the real clock, so its day lies ahead."""
    ahead = day_of(system_now()) + dt.timedelta(days=14)
    return {
        "supplier": "zhili-01",
        "node": "CON-YIW",
        "currency": "CNY",
        "expected_date": ahead.isoformat(),
        "lines": [
            {"sku": "SKU-1", "quantity": 600, "unit_price": "19.8"},
            {"sku": "SKU-2", "quantity": 40, "unit_price": "1.2"},
        ],
        **changes,
    }


def line_of(**changes: Any) -> dict[str, Any]:
    return {"sku": "SKU-1", "quantity": 1, "unit_price": "1", **changes}


async def issue(http: httpx.AsyncClient, operator: dict[str, str]) -> dict[str, Any]:
    made = await http.post("/v1/purchase-orders", json=body_of(), headers=idempotent(operator))
    assert made.status_code == 201, made.text
    order: dict[str, Any] = made.json()
    return order


async def keys_of(database: Database, trade: Trade) -> tuple[dict[str, str], ...]:
    return tuple(
        [
            await key_of(database, actor)
            for actor in (trade.operator, trade.supplier, trade.other_supplier, trade.buyer)
        ]
    )


async def test_the_whole_way_of_an_order(database: Database) -> None:
    trade = await make_trade(database)
    operator, supplier, *_ = await keys_of(database, trade)
    async with api(database) as http:
        order = await issue(http, operator)
        address = f"/v1/purchase-orders/{order['id']}"
        counter = {"answer": "COUNTERED", "lines": [{"line_no": 1, "quantity": 480}]}
        headers = idempotent(supplier)
        countered = await http.post(f"{address}/answer", json=counter, headers=headers)
        replayed = await http.post(f"{address}/answer", json=counter, headers=headers)
        accepted = await http.post(f"{address}/accept-counter", headers=idempotent(operator))
        received = await http.post(
            f"{address}/receive", headers=idempotent(operator),
            json={"lines": [{"sku": "SKU-1", "quantity": 480}, {"line_no": 2, "quantity": 40}]},
        )  # fmt: skip
        seen = (await http.get(address, headers=supplier)).json()
    assert order["total"] == {"amount": 1_192_800, "currency": "CNY"}
    assert (countered.status_code, countered.json()["status"]) == (200, "COUNTERED")
    assert (replayed.json(), replayed.headers["Idempotent-Replayed"]) == (countered.json(), "true")
    assert accepted.json()["total"]["amount"] == 480 * 1980 + 4_800
    assert received.status_code == 201, received.text
    assert received.json()["purchase_order_status"] == "RECEIVED"
    assert [event["type"] for event in seen["timeline"]] == [
        "purchase_order.issued", "purchase_order.countered", "purchase_order.confirmed",
        "purchase_order.received",
    ]  # fmt: skip
    assert seen["lines"][0]["answered"] == {
        "quantity": 480, "unit_price": "19.8", "amount": 950_400,
    }  # fmt: skip
    assert "created_by" not in seen
    assert await inbound(database) == {}


async def test_strangers_find_nothing(database: Database) -> None:
    trade = await make_trade(database)
    operator, _, *strangers = await keys_of(database, trade)
    async with api(database) as http:
        order = await issue(http, operator)
        address = f"/v1/purchase-orders/{order['id']}"
        for stranger in strangers:
            one = await http.get(address, headers=stranger)
            listed = await http.get("/v1/purchase-orders", headers=stranger)
            answered = await http.post(
                f"{address}/answer", json={"answer": "CONFIRMED"}, headers=idempotent(stranger)
            )
            assert (one.status_code, answered.status_code) == (404, 404)
            assert listed.json() == {"items": [], "next_cursor": None}
            for act in ("cancel", "accept-counter", "link"):
                refused = await http.post(f"{address}/{act}", headers=idempotent(stranger))
                assert refused.status_code == 403
        unknown = await http.get(f"/v1/purchase-orders/{show_id('po', new_id())}", headers=operator)
        malformed = await http.get("/v1/purchase-orders/po_7", headers=operator)
    assert (unknown.status_code, malformed.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"supplier": "nobody"}, 404, "suppliers.unknown_supplier"),
        ({"node": "NOWHERE"}, 404, "trade.unknown_node"),
        ({"lines": [line_of(sku="X")]}, 404, "catalog.unknown_sku"),
        ({"lines": [line_of(quantity=0)]}, 422, "procurement.empty_order"),
        ({"lines": [line_of(unit_price="NaN")]}, 422, "procurement.price_unusable"),
        ({"lines": [line_of(unit_price="0.0000001")]}, 422, "procurement.price_unusable"),
        ({"lines": [line_of(unit_price="-1")]}, 422, "procurement.price_unusable"),
        ({"expected_date": "2020-01-01"}, 422, "procurement.date_in_the_past"),
        ({"currency": "yuan"}, 422, None),
        ({"lines": []}, 422, None),
        ({"more": 1}, 422, None),
    ],
)  # fmt: skip
async def test_a_wrong_order_is_refused(
    database: Database, changes: dict[str, Any], status: int, code: str | None
) -> None:
    trade = await make_trade(database)
    operator = await key_of(database, trade.operator)
    async with api(database) as http:
        refused = await http.post(
            "/v1/purchase-orders", json=body_of(**changes), headers=idempotent(operator)
        )
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["code"] == code
    assert await inbound(database) == {}


async def test_scopes_are_needed(database: Database) -> None:
    trade = await make_trade(database)
    reader = await key_of(database, trade.operator, "purchases:read")
    none = await key_of(database, trade.operator, "stock:read")
    async with api(database) as http:
        listed = await http.get("/v1/purchase-orders", headers=reader)
        refused = [
            await http.get("/v1/purchase-orders", headers=none),
            await http.post("/v1/purchase-orders", json=body_of(), headers=idempotent(reader)),
        ]
    assert listed.status_code == 200
    assert [answer.status_code for answer in refused] == [403, 403]


async def test_lists_page_and_filter(database: Database) -> None:
    trade = await make_trade(database)
    made = [await make_order(database, trade) for _ in range(3)]
    operator = await key_of(database, trade.operator)
    async with api(database) as http:
        first = (await http.get("/v1/purchase-orders?limit=2", headers=operator)).json()
        cursor = first["next_cursor"]
        second = (
            await http.get(f"/v1/purchase-orders?limit=2&cursor={cursor}", headers=operator)
        ).json()
        found = (await http.get(f"/v1/purchase-orders?q={made[0].number}", headers=operator)).json()
        none = (await http.get("/v1/purchase-orders?status=REFUSED", headers=operator)).json()
        wild = (await http.get("/v1/purchase-orders?q=%25", headers=operator)).json()
    numbers = [row["number"] for row in (*first["items"], *second["items"])]
    assert numbers == [order.number for order in reversed(made)]
    assert second["next_cursor"] is None
    assert [row["number"] for row in found["items"]] == [made[0].number]
    assert none["items"] == wild["items"] == []

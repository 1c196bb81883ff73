"""The API of orders over the whole application: shapes, statuses, keys, strangers, bad input."""

import datetime as dt
import json
from typing import Any

import pytest

from beltline.kit.db import Database
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import fresh_key, make_market, order_body


@pytest.fixture
async def today(database: Database) -> dt.datetime:
    """The application reads the real clock, so its offers must hold today."""
    return await database.now()


async def test_the_shape_of_an_order(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today)
    buyer = await key_of(database, market.buyer, "orders:write", "orders:read")
    key = fresh_key()
    async with api(database) as http:
        body = order_body(("S-1", 3), ("S-2", 1))
        made = await http.post("/v1/orders", json=body, headers=idempotent(buyer, key))
        again = await http.post("/v1/orders", json=body, headers=idempotent(buyer, key))
        one = await http.get(f"/v1/orders/{made.json()['id']}", headers=buyer)
        listed = await http.get("/v1/orders?limit=1&reference=PO-77", headers=buyer)
        none = await http.get("/v1/orders?status=CANCELLED", headers=buyer)
    order = made.json()
    assert (made.status_code, again.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in made.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == order
    assert {"id", "reference", "status", "total", "promise", "lines", "created_at"} <= set(order)
    assert order["total"] == {"amount": 5_000, "currency": "USD"}
    assert set(order["promise"]) == {"date", "probability"}
    assert {"sku", "quantity", "unit_price", "parts"} <= set(order["lines"][0])
    assert order["lines"][0]["parts"] == [
        {"node": "WAW", "quantity": 3, "sales_model": "OWNED", "status": "ALLOCATED"}
    ]
    detail = one.json()
    assert detail["ship_to"]["name"] == "Anna Nowak"
    assert [event["type"] for event in detail["timeline"]] == ["order.placed"]
    assert [row["id"] for row in listed.json()["items"]] == [order["id"]]
    assert (none.json(), listed.json()["next_cursor"]) == ({"items": [], "next_cursor": None}, None)


async def test_cancel_and_preview(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today)
    buyer = await key_of(database, market.buyer)
    async with api(database) as http:
        quote = await http.post("/v1/orders/preview", json=order_body(("S-1", 3)), headers=buyer)
        made = await http.post("/v1/orders", json=order_body(("S-1", 3)), headers=idempotent(buyer))
        address = f"/v1/orders/{made.json()['id']}/cancel"
        done = await http.post(address, headers=idempotent(buyer))
        late = await http.post(address, headers=idempotent(buyer))
        timeline = (await http.get(f"/v1/orders/{made.json()['id']}", headers=buyer)).json()
    assert (quote.status_code, quote.json()["total"]["amount"]) == (200, 3_750)
    assert (done.status_code, done.json()["status"]) == (200, "CANCELLED")
    assert (late.status_code, late.json()["code"]) == (409, "orders.cannot_cancel")
    assert [e["type"] for e in timeline["timeline"]] == ["order.placed", "order.cancelled"]


async def test_a_refusal_is_problem_json(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today, moq=5, balance=0)
    buyer = await key_of(database, market.buyer)
    cases: list[tuple[dict[str, Any], str, str]] = [
        (order_body(("S-1", 4)), "orders.moq_not_met", "lines[0].quantity"),
        (order_body(("S-1", 5), ("S-2", 500)), "orders.out_of_stock", "lines[1].quantity"),
        (order_body(("S-1", 5)), "ledger.insufficient_balance", "payment.method"),
        (
            order_body(("S-1", 5), payment={"method": "CREDIT"}),
            "ledger.no_credit_line",
            "payment.method",
        ),
    ]
    async with api(database) as http:
        for body, code, param in cases:
            answer = await http.post("/v1/orders", json=body, headers=idempotent(buyer))
            assert answer.status_code == 409
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert (answer.json()["code"], answer.json()["param"]) == (code, param)


@pytest.mark.parametrize(
    "change",
    [
        {"surplus": 1},
        {"reference": ""},
        {"reference": "x" * 121},
        {"reference": "a\u0000b"},
        {"currency": "usd"},
        {"currency": "USD\n"},
        {"lines": []},
        {"lines": [{"sku": "S-1", "quantity": 0}]},
        {"lines": [{"sku": "S-1", "quantity": 10**9 + 1}]},
        {"lines": [{"sku": "S-1", "quantity": 2**63}]},
        {"lines": [{"sku": "S-1", "quantity": 1.5}]},
        {"lines": [{"sku": "S-1", "quantity": True}]},
        {"lines": [{"sku": "S\u0000", "quantity": 1}]},
        {"lines": [{"sku": "S-1", "quantity": 1}] * 101},
        {"lines": [{"sku": "S-1", "quantity": 1, "sales_model": "GIFT"}]},
        {"ship_to": {"name": "A", "country": "Poland"}},
        {"ship_to": {"name": "A" * 201, "country": "PL"}},
        {"payment": {"method": "GOLD"}},
        {"partial": "yes"},
    ],
    ids=lambda change: json.dumps(change)[:40],
)
async def test_a_body_that_does_not_fit_is_422(
    database: Database, today: dt.datetime, change: dict[str, Any]
) -> None:
    market = await make_market(database, today, skus=1, buyers=1)
    buyer = await key_of(database, market.buyer)
    async with api(database) as http:
        for address in ("/v1/orders", "/v1/orders/preview"):
            answer = await http.post(
                address, json=order_body(("S-1", 1), **change), headers=idempotent(buyer)
            )
            assert answer.status_code == 422, answer.text
            assert answer.json()["detail"]


async def test_strange_texts_are_kept_or_refused_never_broken(
    database: Database, today: dt.datetime
) -> None:
    market = await make_market(database, today, skus=1, buyers=1)
    buyer = await key_of(database, market.buyer)
    headers = {**idempotent(buyer), "Content-Type": "application/json"}
    whole = json.dumps(order_body(("S-1", 1)))
    async with api(database) as http:
        for text in ("\u202eabc", "织里 👕", "'; drop table x; --", "{{7*7}}"):
            answer = await http.post(
                "/v1/orders", json=order_body(("S-1", 1), reference=text), headers=idempotent(buyer)
            )
            assert (answer.status_code, answer.json()["reference"]) == (201, text)
        for raw in (
            whole.replace("PO-77", "\\ud800"), whole[:-1], "[" * 5_000, "1e999", "null", "",
            whole.replace('"quantity": 1', '"quantity": 1e400'),
            whole.replace('"quantity": 1', '"quantity": -0'),
        ):  # fmt: skip
            answer = await http.post("/v1/orders", content=raw, headers=headers)
            assert 400 <= answer.status_code < 500, (raw[:60], answer.text)


async def test_keys_scopes_and_strangers(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today)
    buyer = await key_of(database, market.buyer)
    reader = await key_of(database, market.buyer, "orders:read")
    stranger = await key_of(database, market.buyers[1])
    supplier = await key_of(database, market.supplier)
    body = order_body(("S-1", 1))
    async with api(database) as http:
        made = (await http.post("/v1/orders", json=body, headers=idempotent(buyer))).json()["id"]
        statuses = {
            "no key": (
                await http.post("/v1/orders", json=body, headers=idempotent({}))
            ).status_code,
            "no idempotency": (await http.post("/v1/orders", json=body, headers=buyer)).status_code,
            "no scope": (
                await http.post("/v1/orders", json=body, headers=idempotent(reader))
            ).status_code,
            "supplier buys": (
                await http.post("/v1/orders", json=body, headers=idempotent(supplier))
            ).status_code,
        }
        assert statuses == {
            "no key": 401, "no idempotency": 400, "no scope": 403, "supplier buys": 403,
        }  # fmt: skip
        for headers in (stranger, supplier):
            assert (await http.get("/v1/orders", headers=headers)).json()["items"] == []
            assert (await http.get(f"/v1/orders/{made}", headers=headers)).status_code == 404
            cancelled = await http.post(f"/v1/orders/{made}/cancel", headers=idempotent(headers))
            assert cancelled.status_code == 404
        for wrong in ("ord_zz", "po_" + "0" * 32, "ord_" + "0" * 32):
            assert (await http.get(f"/v1/orders/{wrong}", headers=buyer)).status_code == 404
        bad = await http.get("/v1/orders?cursor=xyz", headers=buyer)
        assert (bad.status_code, bad.json()["param"]) == (422, "cursor")


async def test_what_can_be_ordered_is_listed(database: Database, today: dt.datetime) -> None:
    market = await make_market(database, today)
    buyer = await key_of(database, market.buyer, "catalog:read")
    async with api(database) as http:
        first = (await http.get("/v1/catalog/skus?limit=2", headers=buyer)).json()
        rest = (
            await http.get(f"/v1/catalog/skus?cursor={first['next_cursor']}", headers=buyer)
        ).json()
        found = (await http.get("/v1/catalog/skus?q=s-3", headers=buyer)).json()
        one = (await http.get("/v1/catalog/skus/S-1", headers=buyer)).json()
        missing = await http.get("/v1/catalog/skus/S-9", headers=buyer)
    assert [sku["code"] for sku in first["items"] + rest["items"]] == ["S-1", "S-2", "S-3"]
    assert [sku["code"] for sku in found["items"]] == ["S-3"]
    assert one["available"] == 100
    assert one["offers"][0]["breaks"] == [{"quantity_from": 1, "unit_price": "12.5"}]
    assert (missing.status_code, missing.json()["code"]) == (404, "catalog.unknown_sku")

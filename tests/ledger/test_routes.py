"""The API of money: balances and the caller's side of its transfers."""

from beltline.kit.db import Database
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import make_market, order_body


async def test_balances_and_transfers(database: Database) -> None:
    market = await make_market(database, await database.now(), balance=10_000)
    buyer = await key_of(database, market.buyer)
    async with api(database) as http:
        made = await http.post("/v1/orders", json=order_body(("S-1", 2)), headers=idempotent(buyer))
        balances = (await http.get("/v1/ledger/balances", headers=buyer)).json()
        first = (await http.get("/v1/ledger/transfers?limit=1", headers=buyer)).json()
        rest = (
            await http.get(f"/v1/ledger/transfers?cursor={first['next_cursor']}", headers=buyer)
        ).json()
        stranger = await key_of(database, market.supplier)
        nothing = (await http.get("/v1/ledger/transfers", headers=stranger)).json()
    assert balances["items"] == [
        {
            "account": "BUYER_BALANCE", "currency": "USD", "amount": 7_500, "held": 2_500,
            "spendable": 7_500,
        }
    ]  # fmt: skip
    line = first["items"][0]
    assert (line["kind"], line["amount"], line["order_id"]) == (
        "ORDER_HOLD", -2_500, made.json()["id"],
    )  # fmt: skip
    assert [(row["kind"], row["amount"]) for row in rest["items"]] == [("DEPOSIT", 10_000)]
    assert nothing["items"] == []

"""The feed of events and the proof of the invariants, over the whole application."""

import datetime as dt

import pytest

from beltline.kit.db import Database
from beltline.tower.queries.proofs import LAG_S_MAX, prove_all
from tests.orders.http import api, idempotent, key_of
from tests.orders.make import make_market, order_body

_PUBLISH = """with sent as (delete from kit.outbox returning *), told as (
  insert into kit.event (feed_seq, id, type, version, aggregate, aggregate_id, sequence,
    occurred_at, operator_org_id, buyer_org_id, supplier_org_id, data)
  select row_number() over (order by seq), id, type, version, aggregate, aggregate_id, sequence,
         occurred_at, operator_org_id, buyer_org_id, supplier_org_id, data
    from sent returning feed_seq)
select max(feed_seq) from told"""


@pytest.fixture
async def today(database: Database) -> dt.datetime:
    """The application reads the real clock."""
    return await database.now()


async def test_the_invariants_are_proved_for_the_operator(
    database: Database, today: dt.datetime
) -> None:
    market = await make_market(database, today)
    operator = await key_of(database, market.operator, "stock:read")
    buyer = await key_of(database, market.buyer)
    async with api(database) as http:
        made = (
            await http.post("/v1/orders", json=order_body(("S-1", 2)), headers=idempotent(buyer))
        ).json()
        await http.post("/v1/orders", json=order_body(("S-2", 3)), headers=idempotent(buyer))
        await http.post(f"/v1/orders/{made['id']}/cancel", headers=idempotent(buyer))
        answer = await http.get("/v1/health/invariants", headers=operator)
        refused = await http.get("/v1/health/invariants", headers=buyer)
    health = answer.json()
    assert (answer.status_code, health["holds"], refused.status_code) == (200, True, 403)
    figures = {item["name"]: item["figures"] for item in health["items"]}
    assert figures["reserved_equals_open_parts"] == {
        "open_parts": 1, "promised": 3, "reserved": 3, "rows_wrong": 0,
    }  # fmt: skip
    assert figures["held_equals_open_holds"] == {"open_holds": 1, "held": 3_750, "booked": 3_750}
    assert figures["orders_paid"] == {"orders": 2, "orders_wrong": 0}
    assert figures["ledger_balanced"]["transfers"] == 5


@pytest.mark.parametrize(
    ("damage", "proof"),
    [
        ("update orders.order_part set quantity = quantity + 1", "reserved_equals_open_parts"),
        ("update ledger.hold set refunded = 1", "held_equals_open_holds"),
        ('update orders."order" set total_amount = total_amount + 1', "orders_paid"),
        ("update inventory.stock set on_hand = on_hand + 1", "stock_equals_movements"),
        ("update ledger.balance set available = 0", "balances_equal_entries"),
        (
            """insert into orders.to_bill (order_id, noted_at, is_off)
               select id, created_at, true from orders."order" """,
            "orders_billed",
        ),
        ('update orders."order" set has_deposit = true, deferred_amount = 1', "deposits_add_up"),
        ("update kit.outbox set occurred_at = occurred_at - interval '1 day'", "events_published"),
    ],
)
async def test_damage_is_found(
    database: Database, today: dt.datetime, damage: str, proof: str
) -> None:
    market = await make_market(database, today)
    buyer = await key_of(database, market.buyer)
    async with api(database) as http:
        await http.post("/v1/orders", json=order_body(("S-1", 2)), headers=idempotent(buyer))
    async with database.system() as db:
        await db._connection.execute("set local role bl_owner")
        await db.execute(damage)
    health = await prove_all(database, await database.now())
    assert proof in {item.name for item in health.items if not item.holds}


async def test_waiting_events_are_a_fault_only_after_a_while(
    database: Database, today: dt.datetime
) -> None:
    await make_market(database, today)
    for seconds, holds in ((LAG_S_MAX, True), (LAG_S_MAX + 1, False)):
        health = await prove_all(database, today + dt.timedelta(seconds=seconds))
        assert health.holds is holds


async def test_the_feed_has_the_callers_events_in_order(
    database: Database, today: dt.datetime
) -> None:
    market = await make_market(database, today)
    buyer, other = [await key_of(database, actor) for actor in market.buyers]
    operator = await key_of(database, market.operator)
    async with api(database) as http:
        for _ in range(3):
            await http.post("/v1/orders", json=order_body(("S-1", 1)), headers=idempotent(buyer))
        before = (await http.get("/v1/events", headers=buyer)).json()
        async with database.system() as db:
            await db._connection.execute("set local role bl_owner")
            latest = await db.value(_PUBLISH)
        first = (await http.get("/v1/events?limit=2", headers=buyer)).json()
        rest = (await http.get(f"/v1/events?after={first['next_after']}", headers=buyer)).json()
        nothing = (await http.get("/v1/events", headers=other)).json()
        everything = (await http.get("/v1/events", headers=operator)).json()
    assert (before, nothing["items"]) == ({"items": [], "next_after": 0}, [])
    events = first["items"] + rest["items"]
    assert [event["type"] for event in events] == ["order.placed"] * 3
    assert [e["feed_seq"] for e in events] == sorted(e["feed_seq"] for e in events)
    assert events[0]["aggregate_id"].startswith("ord_")
    assert rest["next_after"] == latest
    assert len(everything["items"]) == latest

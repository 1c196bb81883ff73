"""Webhooks: made, carried in order, tried again, given up aloud, sent again; nobody else's."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from beltline.channels import pages, routes, rules
from beltline.channels.queries import prove_deliveries
from beltline.channels.workflows import Carrier
from beltline.kit.db import Database
from beltline.kit.events import Parties, record
from beltline.kit.ids import new_id
from beltline.kit.relay import publish
from tests.app.client import client_of, settings_for_tests
from tests.channels.receiver import Got, receiving
from tests.orders.http import idempotent, key_of
from tests.orders.make import Market, make_market


@contextlib.asynccontextmanager
async def local_api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The application of an installation that may send to this machine."""
    settings = settings_for_tests()
    worker = msgspec.structs.replace(settings.worker, private_webhooks=True)
    settings = msgspec.structs.replace(settings, worker=worker)
    async with client_of(
        database.dsn, settings=settings, routes=routes.ROUTES, pages=pages.PAGES
    ) as http:
        yield http


async def tell(database: Database, market: Market, *, events: int, things: int = 1) -> None:
    """Events of the buyer's, some of each of a few aggregates, published."""
    ids = [new_id() for _ in range(things)]
    async with database.system() as db:
        for number in range(events):
            await record(
                db, "order.placed", aggregate="order", aggregate_id=ids[number % things],
                sequence=number // things + 1, now=await database.now(), data={"n": number},
                parties=Parties(market.operator.org_id, market.buyer.org_id),
            )  # fmt: skip
    await publish(database)


async def carry(database: Database, *, steps: int = 60) -> None:
    """Deliver until nothing is due."""
    carrier = Carrier(database, allow_private=True)
    for _ in range(steps):
        if not await carrier.step():
            break
    await carrier.finish()


async def test_events_arrive_signed_and_in_order(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    headers = await key_of(database, market.buyer)
    async with receiving() as receiver, local_api(database) as http:
        made = await http.post(
            "/v1/webhooks", json={"url": receiver.url, "types": ["order."]},
            headers=idempotent(headers, "w1"),
        )  # fmt: skip
        again = await http.post(
            "/v1/webhooks", json={"url": receiver.url, "types": ["order."]},
            headers=idempotent(headers, "w1"),
        )  # fmt: skip
        await tell(database, market, events=30, things=4)
        await carry(database)
        seen = (await http.get(f"/v1/webhooks/{made.json()['id']}", headers=headers)).json()
    assert made.status_code == 201, made.text
    assert again.json() == {"id": made.json()["id"], "secret": None}
    secret = base64.b64decode(made.json()["secret"].removeprefix(rules.PREFIX))
    assert len(receiver.got) == 30
    for got in receiver.got:
        content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode()
        expected = base64.b64encode(hmac.digest(secret, content + got.body, hashlib.sha256))
        assert got.headers["webhook-signature"] == f"v1,{expected.decode()}"
    for thing in {str(got.event["aggregate_id"]) for got in receiver.got}:
        mine = [got.event["sequence"] for got in receiver.got if got.event["aggregate_id"] == thing]
        assert mine == sorted(mine)
    assert (seen["delivered"], seen["waiting"], seen["status"]) == (30, 0, "ACTIVE")
    async with database.system() as db:
        assert (await prove_deliveries(db)).holds


async def test_a_failure_holds_up_its_aggregate_and_nothing_else(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    headers = await key_of(database, market.buyer)
    broken = [True]

    def answer(got: Got) -> int:
        return 500 if broken[0] and got.event["data"] == {"n": 0} else 200

    async with receiving(answer) as receiver, local_api(database) as http:
        made = await http.post(
            "/v1/webhooks", json={"url": receiver.url, "types": ["order."]},
            headers=idempotent(headers),
        )  # fmt: skip
        path = f"/v1/webhooks/{made.json()['id']}/deliveries"
        await tell(database, market, events=6, things=2)
        await carry(database)
        assert [got.event["data"] for got in receiver.got] == [{"n": 1}, {"n": 3}, {"n": 5}]
        waiting = (await http.get(f"{path}?status=WAITING", headers=headers)).json()["items"]
        first = waiting[-1]
        shown = (await http.get(f"/v1/webhooks/deliveries/{first['id']}", headers=headers)).json()
        broken[0] = False
        async with database.system() as db:
            await db.execute("update channels.delivery set next_try_at = '-infinity'")
        await carry(database)
        again = await http.post(
            f"/v1/webhooks/deliveries/{first['id']}/replay", headers=idempotent(headers)
        )
        await carry(database)
    assert len(waiting) == 3
    assert [(a["status"], a["response"]) for a in shown["attempts"]] == [(500, "ok")]
    assert shown["event"]["data"] == {"n": 0}
    assert [got.event["data"] for got in receiver.got[3:]] == [
        {"n": 0},
        {"n": 2},
        {"n": 4},
        {"n": 0},
    ]
    assert again.status_code == 201
    assert receiver.got[-1].headers["webhook-id"] == receiver.got[3].headers["webhook-id"]


@pytest.mark.parametrize(("status", "tries"), [(410, 1), (503, rules.TRIES)])
async def test_what_is_given_up_is_told_and_goes_on_later(
    database: Database, status: int, tries: int
) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    headers = await key_of(database, market.buyer)
    dead = [True]
    async with (
        receiving(lambda _got: status if dead[0] else 204) as receiver, local_api(database) as http,
    ):  # fmt: skip
        made = await http.post(
            "/v1/webhooks", json={"url": receiver.url, "types": ["order."]},
            headers=idempotent(headers),
        )  # fmt: skip
        path = f"/v1/webhooks/{made.json()['id']}"
        await tell(database, market, events=3)
        for _ in range(tries):
            await carry(database, steps=4)
            async with database.system() as db:
                await db.execute("update channels.delivery set next_try_at = '-infinity'")
        stopped = (await http.get(path, headers=headers)).json()
        await publish(database)
        told = (await http.get("/v1/events?limit=250", headers=headers)).json()["items"]
        dead[0] = False
        await carry(database)
        assert receiver.got == []
        enabled = await http.post(f"{path}/enable", headers=idempotent(headers))
        await carry(database)
    assert (stopped["status"], stopped["failed"], stopped["waiting"]) == ("DISABLED", 1, 2)
    assert "endpoint.disabled" in [event["type"] for event in told]
    assert enabled.json()["status"] == "ACTIVE"
    assert [got.event["data"] for got in receiver.got] == [{"n": 0}, {"n": 1}, {"n": 2}]


async def test_a_range_is_sent_again_and_a_new_secret_signs_beside_the_old(
    database: Database,
) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    headers = await key_of(database, market.buyer)
    async with receiving() as receiver, local_api(database) as http:
        made = await http.post(
            "/v1/webhooks", json={"url": receiver.url, "types": ["order."]},
            headers=idempotent(headers),
        )  # fmt: skip
        path = f"/v1/webhooks/{made.json()['id']}"
        await tell(database, market, events=4)
        await carry(database)
        seqs = [int(str(got.event["feed_seq"])) for got in receiver.got]
        rotated = await http.post(f"{path}/rotate", headers=idempotent(headers))
        body = {"first": seqs[1], "last": seqs[2]}
        sent = await http.post(f"{path}/replay", json=body, headers=idempotent(headers))
        await carry(database)
    assert rotated.json()["secret"] not in {None, made.json()["secret"]}
    assert (sent.status_code, sent.json()) == (202, {"events": 2})
    assert [got.event["feed_seq"] for got in receiver.got[4:]] == seqs[1:3]
    assert len(receiver.got[-1].headers["webhook-signature"].split()) == 2


async def test_a_webhook_is_nobody_elses(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    mine, theirs = await key_of(database, market.buyer), await key_of(database, market.supplier)
    async with receiving() as receiver, local_api(database) as http:
        made = await http.post("/v1/webhooks", json={"url": receiver.url}, headers=idempotent(mine))
        path = f"/v1/webhooks/{made.json()['id']}"
        for act in ("rotate", "disable", "enable", "replay"):
            body = {"first": 1, "last": 2} if act == "replay" else None
            answer = await http.post(f"{path}/{act}", json=body, headers=idempotent(theirs))
            assert (act, answer.status_code) == (act, 404)
        assert (await http.get(path, headers=theirs)).status_code == 404
        assert (await http.get(f"{path}/deliveries", headers=theirs)).status_code == 404
        assert (await http.get("/v1/webhooks", headers=theirs)).json()["items"] == []


async def test_a_slow_receiver_holds_up_only_itself(database: Database) -> None:
    market = await make_market(database, await database.now(), skus=1, buyers=1)
    headers = await key_of(database, market.buyer)
    others_have_theirs = asyncio.Event()

    async def hang(_r: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await others_have_theirs.wait()
        writer.close()

    slow = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with slow, receiving() as receiver, local_api(database) as http:
        made = []
        for url in (f"http://127.0.0.1:{slow.sockets[0].getsockname()[1]}/", receiver.url):
            body = {"url": url, "types": ["order."]}
            made.append(await http.post("/v1/webhooks", json=body, headers=idempotent(headers)))
        await tell(database, market, events=20, things=20)
        carrier = Carrier(database, allow_private=True)
        while len(receiver.got) < 20:
            await carrier.step()
        path = f"/v1/webhooks/{made[0].json()['id']}/deliveries"
        hanging = (await http.get(path, headers=headers)).json()["items"]
        others_have_theirs.set()
        await carrier.finish()
    # Nothing was gained by waiting until the slow one was given up.
    assert [(delivery["status"], delivery["tries"]) for delivery in hanging] == [
        ("WAITING", 0)
    ] * 20

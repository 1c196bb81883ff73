"""The web process: who may in, what is answered, what is refused, what is written down."""

import asyncio
import datetime as dt
import gzip
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import pytest
import structlog
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.routes import HTTPRoute

from beltline.accounts import actions as accounts
from beltline.accounts.types import SESSION_COOKIE, Organization
from beltline.app.logs import scrub, without_secrets
from beltline.app.problems import TooManyRequests
from beltline.app.sandbox import open_sandbox
from beltline.app.web.create import compose
from beltline.app.web.dependencies import CSRF_COOKIE
from beltline.app.web.limits import Buckets
from beltline.app.web.request import decode
from beltline.app.web.server import forget_dead
from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Unavailable, Writer
from beltline.kit.errors import Refusal
from beltline.kit.idempotency import once
from beltline.kit.web.page import PageContext, render
from tests.app.client import ORIGIN, client_of, settings_for_tests

PASSWORD = "correct horse battery"


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    """A body of the probe routes."""

    name: str
    count: int = 1
    more: dict[str, Any] = {}


@get("/v1/probe/who")
async def who(actor: Actor, now: dt.datetime) -> dict[str, Any]:
    actor.needs_scope("orders:read")
    return {"org": str(actor.org_id), "via": actor.via, "now": now, "request": actor.request_id}


@get("/v1/probe/list")
async def listed(
    actor: Actor, limit: Annotated[int, Parameter(ge=1, le=250)] = 50
) -> dict[str, int]:
    return {"limit": limit}


@post("/v1/probe/things")
async def make(actor: Actor, database: Database, idempotency_key: str, data: Thing) -> Thing:
    async with database.writing(actor) as db:
        await db.value("select $1::text", data.name)
        await db.value("select $1::bigint", data.count)
    return data


@get("/v1/probe/parts/{part:str}/end")
async def parted(actor: Actor, part: str) -> dict[str, str]:
    return {"part": part}


@post("/v1/probe/refuse")
async def refuse(actor: Actor, database: Database, idempotency_key: str) -> None:
    async def act(_db: Writer) -> tuple[int, Any]:
        raise NotFound(what="thing", key="x")

    answer = await once(
        database, actor, key=idempotency_key, operation="POST refuse", body=None, act=act
    )
    answer.unwrap()


@get("/v1/probe/bug")
async def bug() -> None:
    raise RuntimeError("password=hunter2 inside")


@get("/v1/probe/away")
async def away() -> None:
    raise Unavailable("gone")


class Door:
    """Keeps the requests that come to `/v1/probe/slow` inside until it is opened."""

    def __init__(self) -> None:
        self.inside = asyncio.Semaphore(0)
        self.open = asyncio.Event()


DOORS: list[Door] = []


@get("/v1/probe/slow")
async def slow() -> dict[str, str]:
    for door in DOORS:
        door.inside.release()
        await door.open.wait()
    return {}


@get("/probe/page")
async def page_(actor: Actor, page: PageContext) -> Response[str]:
    return render("kit/error.html", page, title="Probe", text=page.csrf_token, code="probe",
                  request_id="r", retry_path="")  # fmt: skip


@get("/probe/open")
async def open_page(page: PageContext) -> Response[str]:
    return Response(page.csrf_token, media_type="text/plain")


@get("/probe/bug")
async def bug_page() -> None:
    raise RuntimeError("inside")


@post("/probe/act", status_code=200)
async def act(
    actor: Actor, data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> dict[str, str]:
    return {"got": data["value"]}


ROUTES = [who, listed, make, parted, refuse, bug, away, slow]
PAGES = [page_, open_page, bug_page, act]


@pytest.fixture
async def shop(database: Database, now: dt.datetime) -> Organization:
    async with database.system() as db:
        return await accounts.create_organization(
            db, code="demo-buyer", kind="BUYER", name="Demo Buyer", country="PL", now=now
        )


@pytest.fixture
async def key(database: Database, shop: Organization, now: dt.datetime) -> str:
    async with database.system() as db:
        issued = await accounts.create_key(
            db, accounts.system_actor(shop), name="t", scopes=["orders:read"], now=now
        )
    return issued.secret


@pytest.fixture
async def token(database: Database, shop: Organization) -> str:
    now = await database.now()
    async with database.system() as db:
        await accounts.create_member(
            db, accounts.system_actor(shop), org_id=shop.id, email="a@example.com", name="Ann",
            password=PASSWORD, role="BUYER", now=now,
        )  # fmt: skip
    return await accounts.sign_in(
        database, email="a@example.com", password=PASSWORD, address="x", now=now
    )


@pytest.fixture
async def client(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(dsn, routes=ROUTES, pages=PAGES) as opened:
        yield opened


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def post_headers(key: str, name: str = "k1") -> dict[str, str]:
    return {**bearer(key), "Idempotency-Key": name, "Content-Type": "application/json"}


# -- alive and ready


async def test_alive_and_ready_without_a_key(client: httpx.AsyncClient) -> None:
    alive = await client.get("/health")
    assert (alive.status_code, alive.json()["status"]) == (200, "alive")
    ready = await client.get("/ready")
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True, "database": "ok", "migrations_pending": 0, "worker_seen_s": None,
    }  # fmt: skip


async def test_not_ready_while_a_migration_waits(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.system() as db:
        # As if this version brought one more than the database has run.
        await db.execute("set local role none")
        await db.execute("delete from kit.migration where module = 'tower' or module = 'orders'")
    answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["migrations_pending"] >= 1


async def test_figures_need_their_token(dsn: str) -> None:
    settings = settings_for_tests(metrics_token="metrics-secret")
    async with client_of(dsn, settings=settings, routes=ROUTES) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/metrics", headers=bearer("wrong"))).status_code == 404
        await client.get("/v1/probe/list")
        text = (await client.get("/metrics", headers=bearer("metrics-secret"))).text
    assert 'route="/v1/probe/list",status="401"' in text
    assert "beltline_outbox_waiting 0.0" in text


async def test_without_a_token_there_are_no_figures(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics", headers=bearer(""))).status_code == 404


# -- keys and sessions


async def test_a_key_acts_for_its_organization(
    client: httpx.AsyncClient, key: str, shop: Organization
) -> None:
    answer = await client.get("/v1/probe/who", headers={**bearer(key), "X-Request-Id": "mine-1"})
    assert answer.status_code == 200
    assert answer.json()["org"] == str(shop.id)
    assert answer.json()["via"] == "API_KEY"
    assert answer.json()["request"] == "mine-1"
    assert answer.headers["x-request-id"] == "mine-1"


@pytest.mark.parametrize(
    "authorization",
    ["Bearer sk_live_" + "x" * 43, "Bearer sk_test_" + "x" * 43, "Bearer nonsense", "Basic YTpi",
     "Bearer \x7f", "Bearer sk_live_", "Bearer " + "sk_live_" + "y" * 5000],
)  # fmt: skip
async def test_what_is_no_key_is_told_so(client: httpx.AsyncClient, authorization: str) -> None:
    answer = await client.get("/v1/probe/who", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "accounts.not_signed_in"


async def test_a_missing_scope_is_403(
    client: httpx.AsyncClient, database: Database, shop: Organization, now: dt.datetime
) -> None:
    async with database.system() as db:
        issued = await accounts.create_key(
            db, accounts.system_actor(shop), name="t", scopes=["catalog:read"], now=now
        )
    answer = await client.get("/v1/probe/who", headers=bearer(issued.secret))
    assert answer.status_code == 403
    assert answer.json()["scope"] == "orders:read"


async def test_a_test_key_works_in_the_sandbox_by_its_clock(
    client: httpx.AsyncClient, dsn: str, shop: Organization
) -> None:
    async with open_sandbox(dsn) as sandbox, sandbox.system() as db:
        await db.execute("update kit.clock set virtual_at = '2030-01-02 03:04Z'")
        org_id = await db.value("select id from accounts.organization where code = $1", shop.code)
        there = msgspec.structs.replace(shop, id=org_id)
        issued = await accounts.create_key(
            db, accounts.system_actor(there), name="t", scopes=["orders:read"],
            now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC), test=True,
        )  # fmt: skip
    answer = await client.get("/v1/probe/who", headers=bearer(issued.secret))
    assert answer.status_code == 200
    assert answer.json()["org"] == str(org_id) != str(shop.id)
    assert answer.json()["now"].startswith("2030-01-02T03:04")


async def test_a_member_sees_pages_and_a_stranger_the_way_in(
    client: httpx.AsyncClient, token: str
) -> None:
    stranger = await client.get("/probe/page?a=1")
    assert stranger.status_code == 303
    assert stranger.headers["location"] == "/login?next=/probe/page%3Fa%3D1"
    fragment = await client.get("/probe/page", headers={"HX-Request": "true"})
    assert fragment.headers["hx-redirect"].startswith("/login?next=")
    client.cookies.set(SESSION_COOKIE, token)
    member = await client.get("/probe/page")
    assert member.status_code == 200
    assert "Ann" in member.text


async def test_an_ended_session_is_a_stranger(client: httpx.AsyncClient) -> None:
    client.cookies.set(SESSION_COOKIE, "x" * 400)
    answer = await client.get("/probe/page")
    assert answer.status_code == 303


# -- forms


async def _form_token(client: httpx.AsyncClient, token: str) -> str:
    client.cookies.set(SESSION_COOKIE, token)
    return (await client.get("/probe/open")).text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_form_comes_from_this_site(
    client: httpx.AsyncClient, token: str, headers: dict[str, str], status: int
) -> None:
    form = {"value": "7", "_csrf": await _form_token(client, token)}
    answer = await client.post("/probe/act", data=form, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("sent", [None, "", "wrong", "\u4f60"])
async def test_a_form_carries_its_token(
    client: httpx.AsyncClient, token: str, sent: str | None
) -> None:
    form = {"value": "7"} | ({} if sent is None else {"_csrf": sent})
    client.cookies.set(SESSION_COOKIE, token)
    answer = await client.post("/probe/act", data=form)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_visitor_gets_a_token_of_its_own(client: httpx.AsyncClient) -> None:
    page = await client.get("/probe/open")
    cookie = page.headers["set-cookie"]
    assert cookie.startswith(f"{CSRF_COOKIE}={page.text};")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    # The right token and still nobody: on to signing in, not a broken form.
    answer = await client.post("/probe/act", data={"value": "7", "_csrf": page.text})
    assert answer.headers["location"] == "/login?next=/"


async def test_the_api_by_cookie_needs_the_token_in_a_header(
    client: httpx.AsyncClient, token: str
) -> None:
    good = {"Idempotency-Key": "k", "X-CSRF-Token": await _form_token(client, token)}
    bare = {"Idempotency-Key": "k"}
    path, body = "/v1/probe/things", {"name": "a"}
    assert (await client.post(path, json=body, headers=bare)).status_code == 403
    assert (await client.post(path, json=body, headers=good)).status_code == 201


# -- bodies


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b'{"name": "a", "count": 2}', 201, None),
        (b'{"name": "a", "count": "many"}', 422, "count"),
        (b'{"name": "a", "count": "2"}', 422, "count"),
        (b'{"name": "a", "count": true}', 422, "count"),
        (b'{"name": 7}', 422, "name"),
        (b'{"count": 2}', 422, "name"),
        (b'{"name": "a", "colour": 1}', 422, "colour"),
        (b"[]", 422, None),
        (b"", 422, None),
        (b'{"name": ', 400, None),
        (b'{"name": "\\ud800"}', 400, None),
        (b'{"name": "\xff"}', 400, None),
        (b'{"name": NaN}', 400, None),
        (b'{"name": "a\\u0000b"}', 422, "name"),
        (b'{"name": "a", "more": {"b\\u0000": 1}}', 422, "more"),
        (b'{"name": "\\\\u0000 is only text"}', 201, None),
        (b'{"name": "a", "count": 9223372036854775807}', 201, None),
        (b'{"name": "a", "count": 9223372036854775808}', 422, "count"),
        (b'{"name": "a", "more": {"x": [1, 99999999999999999999999]}}', 422, "more.x[1]"),
        (b'{"name": "a", "more": {"x": 1e999}}', 422, "more[...]"),
        (b'{"name": "a", "more": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, 400, None),
        (b"[" * 200_000, 422, None),
    ],
)
async def test_no_body_ends_in_a_failure_of_ours(
    client: httpx.AsyncClient, key: str, body: bytes, status: int, param: str | None
) -> None:
    answer = await client.post("/v1/probe/things", content=body, headers=post_headers(key))
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.json()["param"] == param


@pytest.mark.parametrize("target", ["?a=%00", "?a=%ff", "/%00", "/%ff", "?a=%ed%a0%80"])
async def test_no_address_ends_in_a_failure_of_ours(client: httpx.AsyncClient, target: str) -> None:
    answer = await client.get(f"/v1/probe/list{target}")
    assert 400 <= answer.status_code < 500


def test_checked_json_keeps_what_can_be_kept() -> None:
    assert decode(b'{"a": [1, -9223372036854775808, "x"]}') == {"a": [1, -(2**63), "x"]}
    with pytest.raises(Refusal):
        decode(b"[-9223372036854775809]")


async def test_a_body_beyond_the_limit_is_413(client: httpx.AsyncClient, key: str) -> None:
    body = b'{"name": "' + b"a" * 10_000_001 + b'"}'
    answer = await client.post("/v1/probe/things", content=body, headers=post_headers(key))
    assert (answer.status_code, answer.json()["code"]) == (413, "http.too_large")


@pytest.mark.parametrize("key_sent", [None, "", "x" * 256, "tab\there"])
async def test_a_post_needs_an_idempotency_key(
    client: httpx.AsyncClient, key: str, key_sent: str | None
) -> None:
    headers = bearer(key) | ({} if key_sent is None else {"Idempotency-Key": key_sent})
    answer = await client.post("/v1/probe/things", json={"name": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "kit.idempotency_key_missing")


def test_dependencies_of_a_request_are_found_one_by_one() -> None:
    """Litestar starts a task for each of several."""
    models = [
        model for route in compose().routes if isinstance(route, HTTPRoute)
        for _, model in route.route_handler_map.values()
    ]  # fmt: skip
    batches = [batch for model in models for batch in model.dependency_batches]
    assert len(batches) > len(models)
    assert {len(batch) for batch in batches} == {1}


async def test_who_asks_comes_before_what_is_asked(client: httpx.AsyncClient) -> None:
    for body in (b'{"name": "a"}', b"{", b"x" * 20_000_000):
        answer = await client.post("/v1/probe/things", content=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "accounts.not_signed_in")


async def test_a_slash_in_a_part_of_the_path_belongs_to_it(
    client: httpx.AsyncClient, key: str
) -> None:
    for sent, read in (
        ("A%2FB", "A/B"),
        ("A%2fB%2F", "A/B/"),
        ("%3F%23%25", "?#%"),
        ("a b", "a b"),
    ):
        answer = await client.get(f"/v1/probe/parts/{sent}/end", headers=bearer(key))
        assert (answer.status_code, answer.json()) == (200, {"part": read}), sent
    assert (await client.get("/v1/probe/parts/A/B/end", headers=bearer(key))).status_code == 404


async def test_a_kept_refusal_says_that_it_is_one(client: httpx.AsyncClient, key: str) -> None:
    headers = post_headers(key, "refused-once")
    first, again = [await client.post("/v1/probe/refuse", headers=headers) for _ in range(2)]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    for answer in (first, again):
        assert (answer.status_code, answer.json()["code"]) == (404, "kit.not_found")


async def test_a_query_out_of_range_names_itself(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get("/v1/probe/list?limit=251", headers=bearer(key))
    assert (answer.status_code, answer.json()["param"]) == (422, "limit")


# -- failures


async def test_a_bug_is_noted_and_says_nothing(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/v1/probe/bug")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    (noted,) = [line for line in lines if line["event"] == "bug"]
    assert isinstance(noted["exc_info"], RuntimeError)
    page = await client.get("/probe/bug")
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    assert "inside" not in page.text.lower().replace("inside this", "")


async def test_time_helps_is_503(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/probe/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize(
    ("method", "path", "accept", "status", "kind"),
    [
        ("GET", "/v1/nothing", "text/html", 404, "application/problem+json"),
        ("GET", "/nothing", "text/html", 404, "text/html"),
        ("GET", "/nothing", "*/*", 404, "application/problem+json"),
        ("DELETE", "/v1/probe/who", "*/*", 405, "application/problem+json"),
        ("DELETE", "/health", "*/*", 405, "application/problem+json"),
    ],
)
async def test_nothing_here(
    client: httpx.AsyncClient, *, method: str, path: str, accept: str, status: int, kind: str
) -> None:
    answer = await client.request(method, path, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)


# -- limits


async def test_a_rate_is_told_and_then_refused(dsn: str, key: str) -> None:
    settings = settings_for_tests(rate_key=0.01, burst_s=200.0)
    async with client_of(dsn, settings=settings, routes=ROUTES) as client:
        first = await client.get("/v1/probe/list", headers=bearer(key))
        assert first.headers["ratelimit-limit"] == "2"
        assert first.headers["ratelimit-remaining"] == "1"
        assert int(first.headers["ratelimit-reset"]) == 100
        await client.get("/v1/probe/list", headers=bearer(key))
        third = await client.get("/v1/probe/list", headers=bearer(key))
        assert (third.status_code, third.json()["code"]) == (429, "app.too_many_requests")
        assert third.headers["ratelimit-remaining"] == "0"
        assert int(third.headers["retry-after"]) > 0
        # Another caller is not its concern, and health is nobody's.
        assert (await client.get("/v1/probe/list")).status_code == 401
        assert (await client.get("/health")).status_code == 200


async def test_guessing_keys_is_slowed(dsn: str, key: str) -> None:
    settings = settings_for_tests(rate_address=0.01, burst_s=300.0)
    async with client_of(dsn, settings=settings, routes=ROUTES) as client:
        guess = bearer("sk_live_" + "x" * 43)
        seen = [(await client.get("/v1/probe/list", headers=guess)).status_code for _ in range(4)]
        assert seen == [401, 401, 401, 429]


async def test_more_than_can_be_done_is_shed(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()
    monkeypatch.setitem(globals(), "DOORS", [door])
    async with client_of(dsn, settings=settings_for_tests(concurrency=2), routes=ROUTES) as client:
        slow_ones = [asyncio.create_task(client.get("/v1/probe/slow")) for _ in range(2)]
        for _ in slow_ones:
            await door.inside.acquire()
        shed = await client.get("/v1/probe/slow")
        alive = await client.get("/health")
        door.open.set()
        assert [answer.status_code for answer in await asyncio.gather(*slow_ones)] == [200, 200]
        after = await client.get("/v1/probe/slow")
    assert (shed.status_code, shed.headers["retry-after"]) == (429, "1")
    assert (alive.status_code, after.status_code) == (200, 200)


def test_a_bucket_fills_with_time() -> None:
    now = [0.0]
    buckets = Buckets(2.0, 4.0, clock=lambda: now[0])
    for left in (3, 2, 1, 0):
        assert buckets.take("a").remaining == left
    with pytest.raises(TooManyRequests):
        buckets.take("a")
    buckets.take("b")
    now[0] = 1.0
    assert buckets.take("a").remaining == 1
    now[0] = 100.0
    assert buckets.take("a").remaining == 3


# -- headers, compression, description, logs


async def test_every_answer_is_protected(client: httpx.AsyncClient) -> None:
    for path in ("/health", "/nothing", "/parts", "/v1/probe/bug", "/v1/%00"):
        answer = await client.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"].startswith("req_")
        assert answer.headers["cache-control"]
        assert "strict-transport-security" not in answer.headers


async def test_https_is_said_where_it_is(dsn: str) -> None:
    settings = settings_for_tests(https=True)
    async with client_of(dsn, settings=settings, pages=PAGES) as client:
        answer = await client.get("/probe/open")
    assert "strict-transport-security" in answer.headers
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_text_is_compressed_for_who_can_read_it(client: httpx.AsyncClient) -> None:
    for encoding, expected in (("gzip", "gzip"), ("identity", None)):
        request = client.build_request("GET", "/parts", headers={"Accept-Encoding": encoding})
        answer = await client.send(request, stream=True)
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == expected
        assert int(answer.headers["content-length"]) == len(raw)
        assert "Accept-Encoding" in answer.headers["vary"]
        page = gzip.decompress(raw) if expected else raw
        assert page.startswith(b"<!doctype html>")


async def test_a_forged_request_id_is_replaced(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health", headers={"X-Request-Id": 'x" onload="'})
    assert answer.headers["x-request-id"].startswith("req_")


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    document = (await client.get("/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        f"/v1/probe/{name}"
        for name in ("who", "list", "things", "parts/{part}/end", "refuse", "bug", "away", "slow")
    }
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    operation = document["paths"]["/v1/probe/things"]["post"]
    assert set(operation["responses"]) >= {
        "201",
        "400",
        "401",
        "403",
        "404",
        "409",
        "422",
        "429",
        "503",
    }
    assert "application/problem+json" in operation["responses"]["422"]["content"]
    assert [p["name"] for p in operation["parameters"]] == ["Idempotency-Key"]


def test_several_processes_tell_their_figures_together(tmp_path: Path) -> None:
    program = (
        "import os, sys; os.environ['PROMETHEUS_MULTIPROC_DIR'] = sys.argv[1];"
        "from beltline.app.telemetry import Metrics; m = Metrics(sys.argv[1]);"
        "m.requests.labels('GET', '/x', '200').inc(); m.in_flight.set(2);"
        "m.outbox_waiting.set(7); print(m.text().decode())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ][-1]  # fmt: skip
    assert 'beltline_http_requests_total{method="GET",route="/x",status="200"} 2.0' in told
    assert "beltline_http_in_flight 4.0" in told
    assert "beltline_outbox_waiting 7.0" in told
    forget_dead(tmp_path)
    assert not list(tmp_path.glob("gauge_livesum_*"))
    assert list(tmp_path.glob("counter_*"))


async def test_csp_reports_are_counted(dsn: str) -> None:
    settings = settings_for_tests(metrics_token="m")
    async with client_of(dsn, settings=settings) as client:
        report = json.dumps({"csp-report": {"blocked-uri": "inline"}})
        with structlog.testing.capture_logs() as lines:
            answers = [await client.post("/csp-report", content=report) for _ in range(25)]
        assert {answer.status_code for answer in answers} == {204}
        assert len([line for line in lines if line["event"] == "csp report"]) == 20
        large = await client.post("/csp-report", content="x" * 9_000)
        assert large.status_code == 413
        assert (
            "beltline_csp_reports_total 25.0"
            in (await client.get("/metrics", headers=bearer("m"))).text
        )


async def test_each_request_is_one_line(
    client: httpx.AsyncClient, key: str, shop: Organization
) -> None:
    with structlog.testing.capture_logs() as lines:
        await client.get("/v1/probe/list?limit=3", headers=bearer(key))
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/probe/list", 200)
    assert line["org"] == str(shop.id)
    assert line["ms"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "key sk_live_Abc-123_def456 used", "Authorization: Bearer abc.def.ghi",
        "postgresql://owner:s3cr3t@host/db", "password=s3cr3t&x=1", '{"token": "s3cr3t"}',
    ],
)  # fmt: skip
def test_secrets_do_not_reach_a_log(text: str) -> None:
    for secret in ("Abc-123", "abc.def", "s3cr3t"):
        assert secret not in without_secrets(text)
    line = scrub(None, "info", {"event": text, "cookie": "s3cr3t", "a": {"api_key": "s3cr3t"}})
    assert "s3cr3t" not in str(line)
    assert "Abc-123" not in str(line)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_no_values(as_json: bool) -> None:  # noqa: FBT001
    program = (
        "import structlog; from beltline.app.logs import configure_logs;"
        "from beltline.app.settings import LogSettings;"
        f"configure_logs(LogSettings(json={as_json}))\n"
        "def page(phone):\n    raise RuntimeError('inside')\n"
        "try:\n    page('+48 600' + ' 100 200')\n"
        "except RuntimeError as error:\n    structlog.get_logger('x').error('bug', exc_info=error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "RuntimeError: inside" in told.stderr
    assert "+48 600 100 200" not in told.stderr


def test_a_line_of_the_log_is_json_whatever_it_tells_of() -> None:
    program = (
        "import logging, structlog, uuid; from beltline.app.logs import configure_logs;"
        "from beltline.app.settings import LogSettings; configure_logs(LogSettings());"
        "log = structlog.get_logger('x'); log.debug('hidden');"
        "log.info('价格', of=object, id=uuid.UUID(int=7), at=1.5, token='s3cr3t');"
        "logging.getLogger('a.library').warning('theirs')"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8"
    )
    own, theirs = (msgspec.json.decode(line) for line in told.stderr.splitlines())
    assert (own["event"], own["level"], own["at"]) == ("价格", "info", 1.5)
    assert (own["of"], own["id"][-1], own["token"]) == ("<class 'object'>", "7", "***")
    assert (theirs["event"], theirs["logger"]) == ("theirs", "a.library")
    assert own["timestamp"].endswith("Z")


def test_ordinary_text_stays() -> None:
    text = "order ord_018f of https://shop.test/a:b took 12 ms"
    assert without_secrets(text) == text


def test_the_web_process_loads_neither_numeric_science_nor_the_job_engine() -> None:
    program = (
        "import sys, beltline.app.web.create, beltline.app.web.server;"
        "heavy = {'dbos', 'sqlalchemy', 'psycopg', 'numpy', 'numba', 'scipy', 'lightgbm',"
        " 'polars', 'onnxruntime'};"
        # Words of a search, tables of a sample, boxes and pools of buyers are plain Python.
        "plain = {'beltline.science' + m for m in ('', '.boxes', '.sampling', '.retrieval',"
        " '.retrieval.words', '.sourcing', '.sourcing.pooling', '.sourcing.types', '.threads')};"
        "found = sorted({m.partition('.')[0] for m in sys.modules} & heavy);"
        "found += [m for m in sys.modules if m.startswith('beltline.science') and m not in plain];"
        "print(found); sys.exit(bool(found))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_web_process_makes_ready_for_questions_behind_its_start() -> None:
    program = (
        "import os, sys, threading, beltline.app.web.create as create;"
        "create.create_app = lambda *_, **__: None;"
        "from beltline.app.environment import read_settings;"
        "from beltline.app.web.server import load;"
        "load(read_settings({}), '', os.getppid());"
        "[t.join() for t in threading.enumerate() if t.name == 'search'];"
        # A question takes arrays and a model: no compiler, no tables of data.
        "heavy = {'numba', 'polars', 'pyarrow', 'scipy', 'lightgbm', 'onnxruntime'};"
        "print('beltline.search.adapters' in sys.modules, sorted(heavy & set(sys.modules)),"
        " sys.modules['beltline.science.retrieval.meaning']._short_model.cache_info().misses)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["True", "[]", "1"], told.stdout + told.stderr


def test_a_web_process_computes_on_one_thread() -> None:
    program = (
        "import os, beltline.app.web.create as create;"
        "create.create_app = lambda *_, **__: os.environ.get('OPENBLAS_NUM_THREADS');"
        "from beltline.app.environment import read_settings;"
        "from beltline.app.web.server import load;"
        "print(load(read_settings({}), '', os.getppid()))"
    )
    environment = {name: text for name, text in os.environ.items() if "NUM_THREADS" not in name}
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=environment,
    )  # fmt: skip
    assert told.stdout.strip() == "1"


async def test_the_error_page_of_a_code(client: httpx.AsyncClient) -> None:
    known = await client.get("/docs/errors/kit.not_found")
    assert known.json()["status"] == 404
    assert (await client.get("/docs/errors/no.such")).status_code == 404

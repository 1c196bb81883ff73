"""Signing in and out, settings, the team, keys and the audit: as a browser and as a program."""

import datetime as dt
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
import pytest

from beltline.accounts import actions, rules
from beltline.accounts.types import SESSION_COOKIE, Changed, Member, Organization
from beltline.kit.actor import MissingScope
from beltline.kit.db import Database
from beltline.kit.ids import new_id, show_id
from tests.accounts.make import NOW, make_organization
from tests.app.client import client_of

PASSWORD = "correct horse battery"


class _Tokens(HTMLParser):
    """Finds the hidden token of the first form."""

    def __init__(self) -> None:
        super().__init__()
        self.found = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("name") == "_csrf":
            self.found = self.found or str(named["value"])


def token_of(page: httpx.Response) -> str:
    parser = _Tokens()
    parser.feed(page.text)
    return parser.found


@pytest.fixture
async def shop(database: Database) -> Organization:
    return await make_organization(database, "demo-buyer", "BUYER")


@pytest.fixture
async def client(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(dsn, accept="text/html") as opened:
        yield opened


async def add(database: Database, shop: Organization, email: str, role: str) -> Member:
    async with database.system() as db:
        return await actions.create_member(
            db, actions.system_actor(shop), org_id=shop.id, email=email, name="Anna Nowak",
            password=PASSWORD, role=role, now=NOW,
        )  # fmt: skip


async def sign_in(
    client: httpx.AsyncClient, email: str, password: str = PASSWORD, **form: str
) -> httpx.Response:
    page = await client.get("/login")
    fields = {"email": email, "password": password, "_csrf": token_of(page), **form}
    return await client.post("/login", data=fields)


@pytest.fixture
async def admin(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> httpx.AsyncClient:
    await add(database, shop, "anna@shop.test", "ADMIN")
    assert (await sign_in(client, "anna@shop.test")).status_code == 303
    return client


async def post(client: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    token = token_of(await client.get("/settings"))
    return await client.post(path, data={**form, "_csrf": token})


# -- in and out


async def test_a_page_leads_to_sign_in_and_back(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    await add(database, shop, "anna@shop.test", "VIEWER")
    sent = await client.get("/audit?object=po_1")
    assert sent.headers["location"].startswith("/login?next=/audit")
    shown = await client.get(sent.headers["location"])
    assert 'value="/audit?object=po_1"' in shown.text
    came = await sign_in(client, "Anna@Shop.test ", next="/team")
    assert (came.status_code, came.headers["location"]) == (303, "/team")
    assert "HttpOnly" in came.headers["set-cookie"]
    assert (await client.get("/team")).status_code == 200
    again = await client.get("/login?next=/team")
    assert again.headers["location"] == "/team"


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "x"])
async def test_signing_in_never_leads_to_another_site(
    client: httpx.AsyncClient, database: Database, shop: Organization, target: str
) -> None:
    await add(database, shop, "anna@shop.test", "VIEWER")
    came = await sign_in(client, "anna@shop.test", next=target)
    assert (came.status_code, came.headers["location"]) == (303, "/")


async def test_a_wrong_password_says_so_and_nothing_else(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    await add(database, shop, "anna@shop.test", "VIEWER")
    wrong = await sign_in(client, "anna@shop.test", "wrong password")
    unknown = await sign_in(client, "nobody@shop.test", "wrong password")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert "do not belong together" in answer.text
        assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")
    assert 'value="anna@shop.test"' in wrong.text
    assert "wrong password" not in wrong.text.lower().replace("wrong passwords", "")


async def test_signing_in_needs_the_token_of_its_page(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    await add(database, shop, "anna@shop.test", "VIEWER")
    answer = await client.post("/login", data={"email": "anna@shop.test", "password": PASSWORD})
    assert answer.status_code == 403


async def test_signing_out_ends_the_session(admin: httpx.AsyncClient) -> None:
    kept = admin.cookies[SESSION_COOKIE]
    assert (await post(admin, "/logout")).headers["location"] == "/login"
    assert SESSION_COOKIE not in admin.cookies
    admin.cookies.set(SESSION_COOKIE, kept)
    assert (await admin.get("/team")).headers["location"].startswith("/login")


# -- preferences and settings


async def test_language_and_theme_are_kept_for_the_member(
    admin: httpx.AsyncClient, database: Database
) -> None:
    answer = await post(admin, "/preferences", locale="zh", next="/settings?done=saved")
    assert answer.headers["location"] == "/settings?done=saved"
    shown = await admin.get("/settings?done=saved")
    assert '<html lang="zh-CN"' in shown.text
    assert "已保存" in shown.text
    await post(admin, "/preferences", theme="dark", next="//evil.test")
    async with database.system() as db:
        kept = await db.value("select locale || ' ' || theme from accounts.member")
    assert kept == "zh dark"


async def test_a_visitor_keeps_preferences_in_the_browser_alone(client: httpx.AsyncClient) -> None:
    token = token_of(await client.get("/login"))
    answer = await client.post(
        "/preferences", data={"locale": "zh", "theme": "bogus", "_csrf": token, "next": "/login"}
    )
    assert answer.status_code == 303
    assert "bl_theme" not in client.cookies
    assert 'lang="zh-CN"' in (await client.get("/login")).text


# -- team


async def test_an_administrator_adds_a_member(admin: httpx.AsyncClient) -> None:
    fields = {"name": "Lin Yue", "email": "lin@shop.test", "password": PASSWORD, "role": "PLANNER"}
    answer = await post(admin, "/team", **fields)
    assert answer.headers["location"] == "/team?done=added"
    assert "Lin Yue" in (await admin.get("/team?done=added")).text
    taken = await post(admin, "/team", **fields)
    assert taken.status_code == 422
    assert "is taken" in taken.text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": " "}, "how the person is called"),
        ({"email": "lin"}, "e-mail address has"),
        ({"role": "KING"}, "Choose a role"),
        ({"password": "short"}, "at least 10"),
    ],
)
async def test_a_member_that_cannot_be_added_says_why(
    admin: httpx.AsyncClient, changes: dict[str, str], text: str
) -> None:
    fields = {"name": "Lin Yue", "email": "lin@shop.test", "password": PASSWORD, "role": "PLANNER"}
    answer = await post(admin, "/team", **{**fields, **changes})
    assert answer.status_code == 422
    assert text in answer.text
    assert PASSWORD not in answer.text


async def test_who_is_no_administrator_adds_nobody(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    await add(database, shop, "viewer@shop.test", "VIEWER")
    await sign_in(client, "viewer@shop.test")
    assert 'action="/team"' not in (await client.get("/team")).text
    answer = await post(client, "/team", name="X", email="x@shop.test", password=PASSWORD,
                        role="ADMIN")  # fmt: skip
    assert answer.status_code == 403
    made = await post(client, "/developers/keys", name="mine", scopes="orders:read")
    assert made.status_code == 403


# -- developers


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(admin: httpx.AsyncClient) -> None:
    made = await post(
        admin, "/developers/keys", name="shop plug-in", scopes=["accounts:read", "orders:read"]
    )
    secret = made.text.partition("sk_live_")[2].partition('"')[0]
    key = {"Authorization": f"Bearer sk_live_{secret}"}
    assert secret not in (await admin.get("/developers")).text
    organization = (await admin.get("/v1/organization", headers=key)).json()
    assert organization["code"] == "demo-buyer"
    (row,) = (await admin.get("/v1/api-keys", headers=key)).json()["items"]
    assert row["scopes"] == ["accounts:read", "orders:read"]
    revoked = await post(admin, f"/developers/keys/{row['id']}/revoke")
    assert revoked.headers["location"] == "/developers?done=revoked"
    assert (await admin.get("/v1/organization", headers=key)).status_code == 401
    assert (await post(admin, f"/developers/keys/{row['id']}/revoke")).status_code == 404


async def test_a_key_needs_a_name_and_a_scope(admin: httpx.AsyncClient) -> None:
    answer = await post(admin, "/developers/keys", name="", days="30")
    assert answer.status_code == 422
    assert "what the key is for" in answer.text
    assert "at least one scope" in answer.text


async def test_another_organizations_key_is_not_found(
    admin: httpx.AsyncClient, database: Database
) -> None:
    other = await make_organization(database, "other-buyer", "BUYER")
    async with database.system() as db:
        issued = await actions.create_key(
            db, actions.system_actor(other), name="theirs", scopes=["orders:read"], now=NOW
        )
    answer = await post(admin, f"/developers/keys/{show_id('key', issued.id)}/revoke")
    assert answer.status_code == 404
    assert "theirs" not in (await admin.get("/developers")).text


# -- audit


async def test_the_audit_reads_as_before_and_after(
    admin: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    order_id = new_id()
    async with database.system() as db:
        for n in range(60):
            await actions.record_audit(
                db, actions.system_actor(shop), action="cancel", object_="order",
                object_id=order_id if n == 7 else new_id(),
                change={"status": ["PLACED", "CANCELLED"]}, now=NOW + dt.timedelta(minutes=n),
            )  # fmt: skip
    first = await admin.get("/audit")
    assert "CANCELLED" in first.text
    assert 'rel="next"' in first.text
    only = await admin.get(f"/audit?object={show_id('ord', order_id)}")
    assert only.text.count("CANCELLED") == 1
    assert "An id looks like" in (await admin.get("/audit?object=nonsense")).text


def test_a_change_is_told_field_by_field() -> None:
    assert rules.readable_change({"status": ["A", "B"], "lines": [{"n": 1}], "name": "x"}) == [
        Changed("status", "A", "B"), Changed("lines", "", '[{"n":1}]'), Changed("name", "", "x"),
    ]  # fmt: skip
    assert rules.readable_change({"note": [None, "late"]}) == [Changed("note", "–", "late")]
    assert len(rules.readable_change({"text": "x" * 500})[0].after) == 160


# -- the API


async def make_key(database: Database, shop: Organization, *scopes: str) -> dict[str, str]:
    async with database.system() as db:
        issued = await actions.create_key(
            db, actions.system_actor(shop), name="api", scopes=scopes, now=NOW
        )
    return {"Authorization": f"Bearer {issued.secret}"}


async def test_a_repeated_request_makes_one_key_and_tells_its_secret_once(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    headers = await make_key(database, shop, "accounts:write", "accounts:read", "orders:read")
    body = {"name": "second", "scopes": ["orders:read"]}
    request = {"json": body, "headers": headers | {"Idempotency-Key": "k1"}}
    first = await client.post("/v1/api-keys", **request)
    again = await client.post("/v1/api-keys", **request)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["secret"].startswith("sk_live_")
    assert again.json() == {"id": first.json()["id"], "secret": None}
    assert again.headers["idempotent-replayed"] == "true"
    async with database.system() as db:
        assert not await db.value(
            "select exists(select from kit.idempotency where response::text like '%sk_live_%')"
        )
    listed = (await client.get("/v1/api-keys?limit=1", headers=headers)).json()
    rest = await client.get(
        "/v1/api-keys", params={"cursor": listed["next_cursor"]}, headers=headers
    )
    assert {row["name"] for row in listed["items"] + rest.json()["items"]} == {"second", "api"}


async def test_a_key_makes_none_that_may_do_more(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    headers = await make_key(database, shop, "accounts:write")
    body = {"name": "greedy", "scopes": ["ledger:write"]}
    answer = await client.post(
        "/v1/api-keys", json=body, headers=headers | {"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, MissingScope.code)


async def test_the_api_revokes_a_key(
    client: httpx.AsyncClient, database: Database, shop: Organization
) -> None:
    headers = await make_key(database, shop, "accounts:write", "accounts:read")
    doomed = await make_key(database, shop, "accounts:read")
    rows = (await client.get("/v1/api-keys", headers=headers)).json()["items"]
    key_id = next(row["id"] for row in rows if row["scopes"] == ["accounts:read"])
    for _ in range(2):
        answer = await client.post(
            f"/v1/api-keys/{key_id}/revoke", headers=headers | {"Idempotency-Key": "r"}
        )
        assert (answer.status_code, answer.json()["id"]) == (200, key_id)
    assert (await client.get("/v1/organization", headers=doomed)).status_code == 401
    audit = (await client.get("/v1/audit", headers=headers)).json()["items"]
    assert audit[0]["action"] == "revoke"
    assert audit[0]["object_id"] == key_id
    one = await client.get("/v1/audit", params={"object_id": key_id}, headers=headers)
    assert {row["object_id"] for row in one.json()["items"]} == {key_id}


@pytest.mark.parametrize("path", ["/v1/organization", "/v1/api-keys", "/v1/audit"])
async def test_reading_accounts_needs_its_scope(
    client: httpx.AsyncClient, database: Database, shop: Organization, path: str
) -> None:
    headers = await make_key(database, shop, "orders:read")
    assert (await client.get(path, headers=headers)).status_code == 403
    assert (await client.get(path)).status_code == 401


# -- a password of one's own, and who is in the team


async def test_a_password_is_changed_by_who_knows_it(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, database: Database, dsn: str
) -> None:
    async with client_of(dsn, accept="text/html") as elsewhere:
        await sign_in(elsewhere, "anna@shop.test")
        given = {"current": PASSWORD, "password": "another horse", "repeated": "another horse"}
        for wrong, said in (
            ({"current": "wrong password"}, "not your present password"),
            ({"password": "short", "repeated": "short"}, "at least 10 characters"),
            ({"repeated": "a third horse"}, "not the same"),
        ):
            refused = await post(admin, "/settings/password", **{**given, **wrong})
            assert refused.status_code in {403, 422}, refused.text
            assert said in refused.text
        assert (await elsewhere.get("/team")).status_code == 200
        changed = await post(admin, "/settings/password", **given)
        assert changed.headers["location"] == "/settings?done=password"
        assert (await admin.get("/team")).status_code == 200
        assert (await elsewhere.get("/team")).status_code == 303
        assert (await sign_in(elsewhere, "anna@shop.test")).status_code == 401
        assert (await sign_in(elsewhere, "anna@shop.test", "another horse")).status_code == 303


async def test_the_present_password_cannot_be_guessed(admin: httpx.AsyncClient) -> None:
    given = {"current": "wrong", "password": "another horse", "repeated": "another horse"}
    for _ in range(rules.TRIES):
        assert (await post(admin, "/settings/password", **given)).status_code == 422
    refused = await post(admin, "/settings/password", **{**given, "current": PASSWORD})
    assert "wait 15 minutes" in refused.text


async def test_an_administrator_changes_roles_and_closes(
    admin: httpx.AsyncClient, database: Database, shop: Organization, dsn: str
) -> None:
    async with client_of(dsn, accept="text/html") as other:
        await add(database, shop, "bo@shop.test", "VIEWER")
        await sign_in(other, "bo@shop.test")
        async with database.system() as db:
            ids = dict(
                await db.value(
                    "select jsonb_object_agg(email, id) from accounts.member where org_id = $1",
                    shop.id,
                )
            )
        anna, bo = (show_id("mem", UUID(ids[f"{name}@shop.test"])) for name in ("anna", "bo"))
        assert (await post(other, f"/team/{bo}", act="role", role="ADMIN")).status_code == 403
        assert (await post(admin, f"/team/{anna}", act="role", role="VIEWER")).status_code == 409
        assert (await post(admin, f"/team/{anna}", act="close")).status_code == 409
        assert (await post(admin, f"/team/{bo}", act="role", role="KING")).status_code == 422
        done = await post(admin, f"/team/{bo}", act="role", role="ADMIN")
        assert done.headers["location"] == "/team?done=changed"
        assert (await post(other, f"/team/{anna}", act="role", role="VIEWER")).status_code == 303
        assert (await post(other, f"/team/{anna}", act="close")).status_code == 303
        assert (await admin.get("/team")).headers["location"].startswith("/login")
        assert (await sign_in(admin, "anna@shop.test")).status_code == 401
        assert (await post(other, f"/team/{anna}", act="open")).status_code == 303
        assert (await sign_in(admin, "anna@shop.test")).status_code == 303
        audit = (await other.get("/audit")).text
        assert "VIEWER" in audit


async def test_a_member_of_another_organization_is_not_found(
    admin: httpx.AsyncClient, database: Database
) -> None:
    other = await make_organization(database, "other", "BUYER")
    stranger = await add(database, other, "eve@other.test", "VIEWER")
    answer = await post(admin, f"/team/{show_id('mem', stranger.id)}", act="close")
    assert answer.status_code == 404

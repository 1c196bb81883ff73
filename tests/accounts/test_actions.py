"""Signing in, keys, links, audit: what works, what is refused, what another cannot see."""

import asyncio
import datetime as dt

import pytest

from beltline.accounts import actions, queries
from beltline.accounts.types import (
    CodeTaken,
    LinkEnded,
    SignInRefused,
    TooManyTries,
    UnknownScope,
    WeakPassword,
)
from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Database, NotFound
from beltline.kit.ids import new_id
from tests.accounts.make import make_actor

PASSWORD = "correct horse battery"


async def _member(database: Database, actor: Actor, now: dt.datetime) -> None:
    async with database.writing(actor) as db:
        await actions.create_member(
            db, actor, org_id=actor.org_id, email="Lin@Example.com", name="Lin Yue",
            password=PASSWORD, role="PLANNER", now=now,
        )  # fmt: skip


async def _sign_in(database: Database, password: str, now: dt.datetime) -> str:
    return await actions.sign_in(
        database, email="lin@example.com", password=password, address="192.0.2.1", now=now
    )


async def test_a_member_signs_in_and_out(database: Database, now: dt.datetime) -> None:
    actor = await make_actor(database, "operator", "OPERATOR")
    await _member(database, actor, now)
    token = await _sign_in(database, PASSWORD, now)
    session = await actions.authenticate_session(database, token, now)
    assert session is not None
    assert (session.actor.name, session.actor.role) == ("Lin Yue", "PLANNER")
    await actions.sign_out(database, token)
    assert await actions.authenticate_session(database, token, now) is None


async def test_a_session_ends_when_idle_and_for_good(database: Database, now: dt.datetime) -> None:
    actor = await make_actor(database, "operator", "OPERATOR")
    await _member(database, actor, now)
    token = await _sign_in(database, PASSWORD, now)
    idle = now + dt.timedelta(minutes=31)
    assert await actions.authenticate_session(database, token, idle) is None
    used = now
    while used < now + dt.timedelta(hours=11, minutes=40):
        used += dt.timedelta(minutes=20)
        assert await actions.authenticate_session(database, token, used) is not None
    over = now + dt.timedelta(hours=12, minutes=1)
    assert await actions.authenticate_session(database, token, over) is None


async def test_a_wrong_password_is_refused_and_counted(
    database: Database, now: dt.datetime
) -> None:
    actor = await make_actor(database, "operator", "OPERATOR")
    await _member(database, actor, now)
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await _sign_in(database, "wrong password", now)
    with pytest.raises(TooManyTries):
        await _sign_in(database, PASSWORD, now)
    later = now + dt.timedelta(minutes=16)
    assert await _sign_in(database, PASSWORD, later)


async def test_a_short_password_and_a_taken_address_are_refused(
    database: Database, now: dt.datetime
) -> None:
    actor = await make_actor(database, "operator", "OPERATOR")
    await _member(database, actor, now)
    with pytest.raises(CodeTaken):
        await _member(database, actor, now)
    async with database.writing(actor) as db:
        with pytest.raises(WeakPassword):
            await actions.create_member(
                db, actor, org_id=actor.org_id, email="b@example.com", name="B",
                password="short", role="VIEWER", now=now,
            )  # fmt: skip


async def test_a_key_works_until_it_is_revoked_or_expires(
    database: Database, now: dt.datetime
) -> None:
    actor = await make_actor(database, "demo-buyer", "BUYER")
    async with database.writing(actor) as db:
        key = await actions.create_key(
            db, actor, name="shop", scopes=["orders:write", "orders:read"], now=now,
            expires_at=now + dt.timedelta(days=1),
        )  # fmt: skip
    found = await actions.authenticate_key(database, key.secret, now)
    assert found is not None
    assert found.org_id == actor.org_id
    assert found.scopes == {"orders:read", "orders:write"}
    tomorrow = now + dt.timedelta(days=1)
    assert await actions.authenticate_key(database, key.secret, tomorrow) is None
    async with database.writing(actor) as db:
        await actions.revoke_key(db, actor, key_id=key.id, now=now)
    assert await actions.authenticate_key(database, key.secret, now) is None


async def test_keys_that_come_together_are_each_its_own(
    database: Database, now: dt.datetime
) -> None:
    actors = [await make_actor(database, f"buyer-{n}", "BUYER") for n in range(3)]
    secrets = []
    for actor in actors:
        async with database.writing(actor) as db:
            key = await actions.create_key(db, actor, name="x", scopes=["orders:read"], now=now)
            secrets.append(key.secret)
    async with database.writing(actors[1]) as db:
        await actions.revoke_key(
            db, actors[1], key_id=(await queries.list_keys(db, actors[1].org_id))[0].id, now=now
        )
    asked = [*secrets, "sk_live_unknown", secrets[0]]
    found = await asyncio.gather(
        *(actions.authenticate_key(database, secret, now, request_id=f"req_{n}")
          for n, secret in enumerate(asked))
    )  # fmt: skip
    assert [actor and (actor.org_id, actor.request_id) for actor in found] == [
        (actors[0].org_id, "req_0"), None, (actors[2].org_id, "req_2"), None,
        (actors[0].org_id, "req_4"),
    ]  # fmt: skip
    async with database.system() as db:
        used = await db.values(
            "select latest_used_at is not null from accounts.api_key order by created_at, id"
        )
    assert used == [True, False, True]


async def test_a_secret_is_kept_nowhere(database: Database, now: dt.datetime) -> None:
    actor = await make_actor(database, "demo-buyer", "BUYER")
    async with database.writing(actor) as db:
        key = await actions.create_key(db, actor, name="x", scopes=["orders:read"], now=now)
    async with database.system() as db:
        rows = await db.values("select to_jsonb(k)::text from accounts.api_key k")
        audit = await db.values("select to_jsonb(a)::text from accounts.audit a")
    assert len(rows) == len(audit) == 1
    assert key.secret not in rows[0] + audit[0]


async def test_another_organization_cannot_revoke_a_key(
    database: Database, now: dt.datetime
) -> None:
    owner = await make_actor(database, "demo-buyer", "BUYER")
    other = await make_actor(database, "other-buyer", "BUYER")
    async with database.writing(owner) as db:
        key = await actions.create_key(db, owner, name="x", scopes=["orders:read"], now=now)
    async with database.writing(other) as db:
        assert await queries.list_keys(db, owner.org_id) == []
        with pytest.raises(NotFound):
            await actions.revoke_key(db, other, key_id=key.id, now=now)
    assert await actions.authenticate_key(database, key.secret, now) is not None


async def test_only_known_scopes_and_admins_make_keys(database: Database, now: dt.datetime) -> None:
    actor = await make_actor(database, "demo-buyer", "BUYER")
    viewer = Actor(actor.org_id, "BUYER", "viewer", "MEMBER", None, "VIEWER")
    async with database.writing(actor) as db:
        with pytest.raises(UnknownScope):
            await actions.create_key(db, actor, name="x", scopes=["orders:all"], now=now)
        with pytest.raises(WrongRole):
            await actions.create_key(db, viewer, name="x", scopes=["orders:read"], now=now)


async def test_a_guest_link_serves_one_purpose_until_it_ends(
    database: Database, now: dt.datetime
) -> None:
    operator = await make_actor(database, "operator", "OPERATOR")
    supplier = await make_actor(database, "factory", "SUPPLIER")
    thing = new_id()
    async with database.writing(operator) as db:
        link = await actions.create_link(
            db, operator, for_org_id=supplier.org_id, purpose="answer", object_id=thing,
            life=dt.timedelta(days=2), now=now,
        )  # fmt: skip
    guest = await actions.authenticate_link(database, link.token, purpose="answer", now=now)
    assert (guest.actor.org_id, guest.object_id) == (supplier.org_id, thing)
    for purpose, at in (("other", now), ("answer", now + dt.timedelta(days=2))):
        with pytest.raises(LinkEnded):
            await actions.authenticate_link(database, link.token, purpose=purpose, now=at)


async def test_a_new_link_ends_the_one_before(database: Database, now: dt.datetime) -> None:
    operator = await make_actor(database, "operator", "OPERATOR")
    thing = new_id()
    links = []
    for _ in range(2):
        async with database.writing(operator) as db:
            links.append(
                await actions.create_link(
                    db,
                    operator,
                    for_org_id=operator.org_id,
                    purpose="answer",
                    object_id=thing,
                    life=dt.timedelta(days=2),
                    now=now,
                )
            )
    with pytest.raises(LinkEnded):
        await actions.authenticate_link(database, links[0].token, purpose="answer", now=now)
    assert await actions.authenticate_link(database, links[1].token, purpose="answer", now=now)


async def test_erasure_blanks_a_contact_and_keeps_its_row(
    database: Database, now: dt.datetime
) -> None:
    actor = await make_actor(database, "demo-buyer", "BUYER")
    async with database.system() as db:
        contact_id = await db.value(
            "select accounts.record_contact($1, $2, $3)",
            actor.org_id,
            {"name": "Ola", "phone": "600", "country": "PL"},
            now,
        )
    async with database.writing(actor) as db:
        await actions.erase_contact(db, actor, contact_id=contact_id, now=now)
        contact = await queries.get_contact(db, actor.org_id, contact_id)
        entries = await queries.list_audit(db, actor.org_id)
    assert (contact.name, contact.phone, contact.erased_at) == ("", "", now)
    assert [entry.action for entry in entries] == ["erase"]
    assert "Ola" not in str(entries)

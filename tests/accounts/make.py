"""Builders: organizations and their actors."""

import datetime as dt
import functools
import secrets
from uuid import UUID

import argon2

from beltline.accounts import actions, rules, store
from beltline.accounts.types import Member, Organization
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import new_id

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"


async def make_organization(
    database: Database, code: str, kind: str, *, country: str = "CN"
) -> Organization:
    """An organization with this code."""
    async with database.system() as db:
        return await actions.create_organization(
            db, code=code, kind=kind, name=code.title(), country=country, now=NOW
        )


async def make_actor(database: Database, code: str, kind: str) -> Actor:
    """The system acting for a new organization."""
    return actions.system_actor(await make_organization(database, code, kind))


async def make_session(
    database: Database, organization: Organization, role: str = "ADMIN", *, locale: str = "en"
) -> str:
    """The token of a session of a new member of this role."""
    email = f"{role.lower()}@{organization.code}.test"
    return await sign_up(database, organization.id, email=email, role=role, locale=locale)


async def sign_up(
    database: Database, org_id: UUID, *, email: str, role: str = "ADMIN", locale: str = "en",
    name: str = "Lin Yue",
) -> str:  # fmt: skip
    """A new member with `PASSWORD` who has signed in; the token of the session.

    Its rows are those of the actions, without their slow hashes: half of a page test's time.
    """
    now, token = await database.now(), secrets.token_urlsafe(32)
    member = Member(new_id(), org_id, email, name, role, locale, "auto", is_active=True)
    async with database.system() as db:
        assert await store.insert_member(db, member, _digest(), now)
        await store.insert_session(
            db, id_hash=rules.secret_hash(token), org_id=org_id, member_id=member.id,
            csrf_token=secrets.token_urlsafe(24), now=now, expires_at=now + rules.SESSION_LIFE,
        )  # fmt: skip
    return token


@functools.cache
def _digest() -> str:
    return argon2.PasswordHasher().hash(PASSWORD)

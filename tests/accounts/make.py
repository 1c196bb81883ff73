"""Builders: organizations and their actors."""

import datetime as dt

from beltline.accounts import actions
from beltline.accounts.types import Organization
from beltline.kit.actor import Actor
from beltline.kit.db import Database

NOW = dt.datetime(2026, 11, 20, 9, 41, tzinfo=dt.UTC)


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
    now = await database.now()
    email, password = f"{role.lower()}@{organization.code}.test", "correct horse battery"
    async with database.system() as db:
        await actions.create_member(
            db, actions.system_actor(organization), org_id=organization.id, email=email,
            name="Lin Yue", password=password, role=role, now=now, locale=locale,
        )  # fmt: skip
    return await actions.sign_in(
        database, email=email, password=password, address="203.0.113.7", now=now
    )

"""`beltline key`: API keys of an organization."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from beltline.accounts import actions, queries
from beltline.accounts.types import ApiKey, IssuedKey, Organization
from beltline.app.commands.common import Call, command
from beltline.app.database import open_database
from beltline.app.sandbox import open_live, open_sandbox
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Writer
from beltline.kit.ids import read_id, show_id

T = TypeVar("T")
Act = Callable[[Database, Writer, Organization], Awaitable[T]]


@click.group()
def key() -> None:
    """Make, list and revoke API keys."""


@key.command()
@click.option("--org", required=True, help="The code of the organization, such as demo-buyer.")
@click.option("--scopes", required=True, help="Comma-separated, such as orders:write,orders:read.")
@click.option("--name", default="command line", show_default=True, help="What the key is for.")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="Days until it expires; never unless given."
)
@click.option("--test", is_flag=True, help="A key of the sandbox, which is made when missing.")
@command
def create(call: Call, org: str, scopes: str, name: str, *, days: int | None, test: bool) -> None:
    """Print a new key and nothing else. It cannot be shown again."""

    async def act(database: Database, db: Writer, organization: Organization) -> IssuedKey:
        now = await database.now()
        return await actions.create_key(
            db, actions.system_actor(organization, "command line"), name=name,
            scopes=[scope.strip() for scope in scopes.split(",") if scope.strip()], now=now,
            expires_at=now + dt.timedelta(days=days) if days else None, test=test,
        )  # fmt: skip

    issued = _with_organization(call, org, act, test=test)
    call.answer({"id": show_id("key", issued.id), "secret": issued.secret}, issued.secret)


@key.command(name="list")
@click.option("--org", required=True, help="The code of the organization.")
@click.option("--test", is_flag=True, help="The keys of the sandbox.")
@command
def list_(call: Call, org: str, *, test: bool) -> None:
    """List an organization's keys, newest first; never their secrets."""

    async def act(_database: Database, db: Writer, organization: Organization) -> list[ApiKey]:
        return await queries.list_keys(db, organization.id)

    keys = _with_organization(call, org, act, test=test)
    rows = [
        (show_id("key", k.id), f"{k.prefix}…", _state(k), ",".join(k.scopes), k.name) for k in keys
    ]
    call.answer({"items": keys}, "\n".join("  ".join(row) for row in rows))


@key.command()
@click.argument("key_id")
@click.option("--org", required=True, help="The code of the organization.")
@click.option("--test", is_flag=True, help="A key of the sandbox.")
@command
def revoke(call: Call, key_id: str, org: str, *, test: bool) -> None:
    """End a key at once. KEY_ID is what `list` shows first."""
    known = read_id("key", key_id)

    async def act(database: Database, db: Writer, organization: Organization) -> None:
        actor = actions.system_actor(organization, "command line")
        await actions.revoke_key(db, actor, key_id=known, now=await database.now())

    _with_organization(call, org, act, test=test)
    call.answer({"revoked": key_id}, f"{key_id} is revoked.")


def _with_organization(call: Call, org: str, act: Act[T], *, test: bool) -> T:
    """Run `act` as the system in the network's database, or in the sandbox."""

    async def run(dsn: str) -> T:
        opened = open_sandbox(dsn) if test else open_live(dsn)
        async with opened as database, database.system() as db:
            return await act(database, db, await queries.get_organization(db, org))

    with open_database(call.settings, migrating=True, log=call.say) as dsn:
        return asyncio.run(run(dsn))


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "until " + day_of(key.expires_at).isoformat() if key.expires_at else "active"

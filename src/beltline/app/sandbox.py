"""The sandbox: a database of its own beside the network's, with a clock that is a row.

It begins with the network's organizations and nothing else, and is made at the first test key.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import asyncpg

from beltline.accounts import actions, queries
from beltline.app.database import apply_migrations, sandbox_dsn
from beltline.kit.clock import system_now
from beltline.kit.db import Database, database_name
from beltline.kit.sandbox import start_clock


@contextlib.asynccontextmanager
async def open_live(dsn: str, *, pool_size: int = 2) -> AsyncIterator[Database]:
    """The network's database with small pools, for a command."""
    database = Database(dsn, pool_size=pool_size)
    try:
        yield await database.open()
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def open_sandbox(dsn: str) -> AsyncIterator[Database]:
    """The sandbox beside the database at `dsn`, made and brought up to date when needed."""
    now = system_now()
    beside = sandbox_dsn(dsn)
    await _create(dsn, database_name(beside))
    await asyncio.to_thread(apply_migrations, beside, now=now)
    async with open_live(dsn) as live, open_live(beside) as sandbox:
        await _start_clock(sandbox, now)
        await _copy_organizations(live, sandbox, now)
    async with open_live(beside) as sandbox:
        yield sandbox


async def _create(dsn: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f'create database "{name}"')
    except asyncpg.DuplicateDatabaseError:
        return
    finally:
        await connection.close()


async def _start_clock(sandbox: Database, now: dt.datetime) -> None:
    async with sandbox.system() as db:
        await start_clock(db, now)


async def _copy_organizations(live: Database, sandbox: Database, now: dt.datetime) -> None:
    """The operator, the suppliers, the buyers: those that the sandbox does not know yet."""
    after = ""
    while True:
        async with live.system() as db:
            page = await queries.list_organizations(db, after=after)
        if not page:
            return
        after = page[-1].code
        async with sandbox.system() as db:
            known = await queries.organization_ids(db, [o.code for o in page])
            for organization in page:
                if organization.code not in known:
                    await actions.create_organization(
                        db, code=organization.code, kind=organization.kind,
                        name=organization.name, name_zh=organization.name_zh,
                        country=organization.country, now=now,
                    )  # fmt: skip

"""The real application in this process, and a key of each party of a market."""

import contextlib
from collections.abc import AsyncIterator

import httpx

from beltline.accounts.actions import create_key
from beltline.accounts.types import SCOPES
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.app.client import client_of
from tests.orders.make import fresh_key


async def key_of(database: Database, actor: Actor, *scopes: str) -> dict[str, str]:
    """Headers of a new key of the actor's organization; all scopes when none is named."""
    async with database.system() as db:
        issued = await create_key(
            db, actor, name=fresh_key(), scopes=scopes or SCOPES, now=await database.now()
        )
    return {"Authorization": f"Bearer {issued.secret}"}


@contextlib.asynccontextmanager
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application on the test's database."""
    async with client_of(database.dsn) as client:
        yield client


def idempotent(headers: dict[str, str], key: str | None = None) -> dict[str, str]:
    """The headers with an Idempotency-Key, a fresh one unless given."""
    return {**headers, "Idempotency-Key": key or fresh_key()}

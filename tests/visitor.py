"""A signed-in member of an organization at the whole application: pages as a browser asks them."""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.accounts.make import sign_up
from tests.app.client import client_of

_TOKEN = re.compile(r'name="_csrf" value="([^"]+)"')


class Visitor:
    """Asks for pages and sends forms; every form carries the token of the page before it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer to GET."""
        return await self.client.get(path, headers=headers)

    async def see(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    async def send(
        self,
        path: str,
        fields: Mapping[str, Any] | Sequence[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """POST a form; pairs instead of a mapping send a name twice."""
        page = await self.client.get("/settings")
        found = _TOKEN.search(page.text)
        assert found, page.text[:500]
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        data: dict[str, list[str]] = {"_csrf": [found[1]]}
        for name, value in pairs:
            data.setdefault(name, []).append(str(value))
        return await self.client.post(path, data=data, headers=headers)


async def add_member(
    database: Database,
    actor: Actor,
    *,
    role: str = "ADMIN",
    email: str = "a@example.test",
    locale: str = "en",
) -> str:
    """A member of the actor's organization; the token of a session that has just begun."""
    return await sign_up(
        database, actor.org_id, email=email, role=role, locale=locale, name=f"Ann {role.title()}"
    )


@contextlib.asynccontextmanager
async def visiting(
    database: Database, actor: Actor, *, role: str = "ADMIN", language: str = "en"
) -> AsyncIterator[Visitor]:
    """Somebody of an organization at the application."""
    email = f"{role.lower()}-{actor.org_id.hex}@example.test"
    token = await add_member(database, actor, role=role, email=email, locale=language)
    async with client_of(database.dsn, accept="text/html") as client:
        client.cookies.set(SESSION_COOKIE, token)
        yield Visitor(client)

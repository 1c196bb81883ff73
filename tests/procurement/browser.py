"""A member's browser without scripts: signed in, forms sent with their hidden fields."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx

from beltline.accounts.types import SESSION_COOKIE
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from tests.accounts.make import sign_up
from tests.app.client import client_of

_names = itertools.count()


class _Hidden(HTMLParser):
    """The hidden fields of a page; of a name that comes again, the first."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.fields.setdefault(str(named["name"]), str(named.get("value") or ""))


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page: its token, and its form's key where it has one."""
    parser = _Hidden()
    parser.feed(page.text)
    return parser.fields


@contextlib.asynccontextmanager
async def guest(database: Database, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody without an account."""
    async with client_of(database.dsn, accept="text/html", **headers) as client:
        yield client


@contextlib.asynccontextmanager
async def member(
    database: Database, actor: Actor, role: str = "ADMIN", locale: str = "en"
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which a new member of the actor's organization has signed in."""
    email = f"member-{next(_names)}@beltline.test"
    token = await sign_up(database, actor.org_id, email=email, role=role, locale=locale)
    async with client_of(database.dsn, accept="text/html") as client:
        client.cookies.set(SESSION_COOKIE, token)
        yield client


async def send(
    client: httpx.AsyncClient, path: str, *, seen: httpx.Response | None = None, **fields: str
) -> httpx.Response:
    """POST a form of the page at `path`, or of one seen before, with its hidden fields."""
    page = seen or await client.get(path)
    kept = {name: value for name, value in hidden(page).items() if name in {"_csrf", "key", "mode"}}
    return await client.post(path, data={**kept, **fields})

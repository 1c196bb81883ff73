"""The web application in this process, spoken to over ASGI: no port, the same code."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar

from beltline.app.environment import read_settings, with_changes
from beltline.app.settings import Settings
from beltline.app.web import composition
from beltline.app.web.create import compose, equip

ORIGIN = "http://beltline.test"
# Composing takes half a second: one whole application after the other is equipped anew.
_idle: list[Litestar] = []


def settings_for_tests(**web: Any) -> Settings:
    """Settings of an empty environment, with members of `web` replaced."""
    return with_changes(read_settings({}, data=Path("/nowhere")), "web", **{"pool_size": 4, **web})


@contextlib.asynccontextmanager
async def client_of(
    dsn: str,
    *,
    settings: Settings | None = None,
    routes: Sequence[Any] = composition.ROUTES,
    pages: Sequence[Any] = composition.PAGES,
    **headers: str,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application on the database at `dsn`; headers go with each request."""
    is_whole = routes is composition.ROUTES and pages is composition.PAGES
    composed = _idle.pop() if is_whole and _idle else compose(routes, pages)
    app = equip(composed, settings or settings_for_tests(), dsn)
    async with (
        lifespan_of(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("203.0.113.7", 1234)),
            base_url=ORIGIN,
            headers=headers,
        ) as client,
    ):
        yield client
    if is_whole:
        _idle.append(composed)


@contextlib.asynccontextmanager
async def lifespan_of(app: Any) -> AsyncIterator[None]:
    """Start an ASGI application, and stop it at the end."""
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    started = await outbox.get()
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await outbox.get()
        await task

"""One question to a database from code that is not asynchronous."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg


def ask(dsn: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of one statement, over a connection of its own.

    It runs in a thread, so that it also works below a running event loop.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, _fetch(dsn, query)).result()


async def _fetch(dsn: str, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()

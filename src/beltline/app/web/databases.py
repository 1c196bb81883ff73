"""The databases one web process serves: the network's, and the sandbox beside it."""

import asyncio

import asyncpg

from beltline.app.database import sandbox_dsn
from beltline.kit.db import Database

_SANDBOX_POOL = 4


class Databases:
    """Pools of the network's database, and of the sandbox from its first use on."""

    def __init__(self, dsn: str, pool_size: int) -> None:
        self.live = Database(dsn, pool_size=pool_size)
        self._sandbox: Database | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Open the network's pools."""
        await self.live.open()

    async def of_key(self, secret: str) -> Database:
        """Where a key is to be looked up: in the sandbox when there is one and it says so."""
        if secret.startswith("sk_test_"):
            return await self.sandbox() or self.live
        return self.live

    async def sandbox(self) -> Database | None:
        """The sandbox, or None when nobody has made one."""
        async with self._opening:
            if self._sandbox is None:
                self._sandbox = await _open(sandbox_dsn(self.live.dsn))
        return self._sandbox

    async def close(self) -> None:
        """Close all pools."""
        await self.live.close()
        if self._sandbox is not None:
            await self._sandbox.close()


async def _open(dsn: str) -> Database | None:
    database = Database(dsn, pool_size=_SANDBOX_POOL)
    try:
        return await database.open()
    except (asyncpg.InvalidCatalogNameError, asyncpg.UndefinedTableError):
        await database.close()
        return None

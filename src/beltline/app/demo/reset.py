"""Begin again: take everything of Beltline out of a database that holds a demo."""

import asyncpg

from beltline.app.demo.state import MARKER
from beltline.app.modules import MODULES
from beltline.kit.errors import Kind, Refusal


class NotADemo(Refusal):
    """Only a demo may be reset."""

    kind, code = Kind.CONFLICT, "demo.not_a_demo"
    title = "This is no demo"
    detail = "The database holds a network that no demo made; it is not reset."


async def reset(dsn: str) -> None:
    """Drop every schema of Beltline, if the database is empty or a demo (finished or begun)."""
    connection = await asyncpg.connect(dsn)
    try:
        if not await _is_demo(connection):
            raise NotADemo
        async with connection.transaction():
            for schema in (*reversed(MODULES), "jobs"):
                await connection.execute(f"drop schema if exists {schema} cascade")
    finally:
        await connection.close()


async def _is_demo(connection: asyncpg.Connection) -> bool:
    if await connection.fetchval("select to_regclass('accounts.organization')") is None:
        return True
    count = await connection.fetchval("select count(*) from accounts.organization")
    marked = await connection.fetchval(
        """select exists (select from kit.job where id = $1)
               or exists (select from accounts.organization
                           where kind = 'OPERATOR' and name_zh = '百联示范网络')""",
        MARKER,
    )
    return count == 0 or bool(marked)

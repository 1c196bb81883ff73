"""Worlds of a proof: databases of their own, ids that come again, and what one holds in the end."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import asyncpg
import pytest
import uuid_utils.compat

from beltline.kit.db import Database


@asynccontextmanager
async def cloned(server: str, template: str, name: str) -> AsyncIterator[str]:
    """A migrated, empty database besides the test's own: its address."""
    name = f"{name}_{os.getpid()}"
    admin = await asyncpg.connect(server.format(database="postgres"))
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    try:
        yield server.format(database=name)
    finally:
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


@asynccontextmanager
async def opened(dsn: str, *, pool_size: int) -> AsyncIterator[Database]:
    """A `Database`, open as long as it is worked with."""
    database = await Database(dsn, pool_size=pool_size).open()
    try:
        yield database
    finally:
        await database.close()


async def count_ids(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids by counting: which of two things of one instant comes first is chance otherwise."""
    numbers = itertools.count(1)
    monkeypatch.setattr(
        uuid_utils.compat, "uuid7", lambda: UUID(f"{0x7000_8000 << 64 | next(numbers):032x}")
    )
    admin = await asyncpg.connect(dsn)
    await admin.execute(
        """create sequence kit.counted_ids;
           grant usage on kit.counted_ids to public;
           create or replace function kit.uuid7(p_now timestamptz) returns uuid
           language sql volatile as $$
             select (lpad(to_hex((date_part('epoch', p_now) * 1000)::bigint), 12, '0') || '70008'
                     || lpad(to_hex(nextval('kit.counted_ids')), 7, '0') || '00000000')::uuid
           $$"""
    )
    await admin.close()


_WORLD: Final = {
    "stock": """select concat_ws(' ', k.code, n.code, o.code, s.on_hand, s.quality_hold,
                                 s.damaged)
                  from inventory.stock s join catalog.sku k on k.id = s.sku_id
                  join trade.node n on n.id = s.node_id
                  join accounts.organization o on o.id = s.owner_org_id order by 1""",
    "money": """select concat_ws(' ', o.code, a.kind, a.currency, sum(e.amount))
                  from ledger.entry e join ledger.account a on a.id = e.account_id
                  join accounts.organization o on o.id = a.org_id
                 group by o.code, a.kind, a.currency order by 1""",
    "orders": """select concat_ws(' ', number, status, total_amount)
                   from orders."order" order by number""",
    "journeys": """select concat_ws(' ', number, line_no, part_no, attempt, state,
                                    delivered, refunded, moving)
                     from fulfillment.journey
                    order by number, line_no, part_no, attempt, 1""",
    "events": "select type || ' ' || count(*) from kit.event group by type order by 1",
}
"""Where every unit and every cent is, what became of each order, what was told; without ids."""


async def world_of(database: Database) -> dict[str, list[str]]:
    """All of it."""
    async with database.system() as db:
        return {what: await db.values(sql) for what, sql in _WORLD.items()}


async def digest_of(database: Database) -> dict[str, tuple[int, str]]:
    """How much of each there is, and a digest of it: of a world that is too large to be held."""
    async with database.system() as db:
        return {
            what: (
                await db.value(f"select count(*) from ({sql}) w"),
                await db.value(
                    f"""select md5(coalesce(string_agg(md5(w.line), '' order by w.line), ''))
                          from ({sql}) w (line)"""
                ),
            )
            for what, sql in _WORLD.items()
        }


async def rows_of(database: Database) -> dict[str, int]:
    """How many rows each table holds."""
    async with database.system() as db:
        tables = await db.values(
            """select c.oid::regclass::text from pg_class c
                 join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p') and not c.relispartition
                  and n.nspname !~ '^pg_|information_schema'
                  and has_table_privilege(c.oid, 'select') order by 1"""
        )
        return {table: await db.value(f"select count(*) from {table}") for table in tables}

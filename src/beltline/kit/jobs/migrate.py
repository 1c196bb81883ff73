"""The engine's own tables: made and brought up to date beside our migrations."""

import asyncio

import asyncpg
from dbos._serialization import DefaultSerializer
from dbos._sys_db import SystemDatabase

from beltline.kit.jobs.connection import SCHEMA, connect_engine, quiet_loggers

_SCHEMA = f"create schema if not exists {SCHEMA} authorization bl_owner"

_GRANTS = f"""
  set role bl_owner;
  revoke all on schema {SCHEMA} from public;
  grant usage on schema {SCHEMA} to bl_sys, beltline_core;
  grant select, insert, update, delete on all tables in schema {SCHEMA} to bl_sys, beltline_core;
  grant usage on all sequences in schema {SCHEMA} to bl_sys, beltline_core;
  revoke execute on all functions in schema {SCHEMA} from public;
  grant execute on all functions in schema {SCHEMA} to bl_sys, beltline_core;
"""


async def migrate_jobs(dsn: str) -> None:
    """Make or update schema `jobs` as bl_owner. Call it after `kit.migrate`; repeat at will."""
    quiet_loggers()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_SCHEMA)
        await asyncio.to_thread(_run_engine_migrations, dsn)
        await connection.execute(_GRANTS)
    finally:
        await connection.close()


def _run_engine_migrations(dsn: str) -> None:
    engine = connect_engine(dsn, "bl_owner")
    # `DBOS.migrate` has no `use_listen_notify`, and what the first migration sets can't change.
    tables = SystemDatabase.create(
        system_database_url="postgresql://",
        engine_kwargs={},
        engine=engine,
        schema=SCHEMA,
        serializer=DefaultSerializer(),
        executor_id=None,
        use_listen_notify=False,
    )
    try:
        tables.run_migrations()
    finally:
        tables.destroy()
        engine.dispose()

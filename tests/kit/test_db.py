"""The database door: typed rows, transactions, translated errors, the acting organization."""

import msgspec
import pytest

from beltline.kit.actor import Actor
from beltline.kit.db import Database
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

"""A request with a key that loses a deadlock: tried again whole, kept once, or not at all."""

from typing import Any

import pytest

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Deadlocked, Writer
from beltline.kit.idempotency import once
from tests.accounts.make import make_actor

GIVE_WAY = "do $$ begin raise sqlstate '40P01' using message = 'deadlock detected'; end $$"


class Losing:
    """An act that writes a row, then loses its first deadlocks."""

    def __init__(self, losses: int) -> None:
        self.losses, self.calls = losses, 0

    async def act(self, db: Writer) -> tuple[int, Any]:
        """One try."""
        self.calls += 1
        await db.execute("insert into kit.test_done (call) values ($1)", self.calls)
        if self.calls <= self.losses:
            await db.execute(GIVE_WAY)
        return 201, {"call": self.calls}


@pytest.fixture
async def writable(database: Database) -> Database:
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute("create table kit.test_done (call int not null)")
        await db.execute("grant select, insert on kit.test_done to bl_app, bl_sys")
    return database


async def ask(database: Database, actor: Actor, act: Losing) -> dict[str, Any]:
    answer = await once(database, actor, key="k", operation="test", body={}, act=act.act)
    return {"status": answer.status, "replayed": answer.replayed, **answer.unwrap().response}


async def done(database: Database) -> list[int]:
    async with database.system() as db:
        return await db.values("select call from kit.test_done")


async def test_what_loses_a_deadlock_is_tried_again_and_done_once(writable: Database) -> None:
    actor, act = await make_actor(writable, "buyer", "BUYER"), Losing(3)
    assert await ask(writable, actor, act) == {"status": 201, "replayed": False, "call": 4}
    assert await done(writable) == [4]
    assert (await ask(writable, actor, act))["replayed"]
    assert act.calls == 4


async def test_what_loses_each_time_keeps_nothing_and_may_be_sent_again(writable: Database) -> None:
    actor = await make_actor(writable, "buyer", "BUYER")
    with pytest.raises(Deadlocked):
        await ask(writable, actor, Losing(99))
    assert await done(writable) == []
    assert await ask(writable, actor, Losing(0)) == {"status": 201, "replayed": False, "call": 1}

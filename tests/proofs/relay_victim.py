"""A relay to be killed: `python -m tests.proofs.relay_victim DSN`."""

import asyncio
import datetime as dt
import random
import sys

import asyncpg

from beltline.kit import parking
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Transient
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.kit.relay import relay_forever


def listeners() -> list[Listener]:
    """One that always succeeds, and one that fails three times in ten, after its write."""

    async def note(db: Writer, name: str, event: PublishedEvent) -> None:
        await db.execute(
            "insert into kit.proof_taken (listener, aggregate_id, sequence) values ($1, $2, $3)",
            name, event.aggregate_id, event.sequence,
        )  # fmt: skip

    async def steady(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
        await note(db, "steady", event)

    async def moody(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
        await note(db, "moody", event)
        if random.random() < 0.3:
            raise ZeroDivisionError("three in ten")

    return [Listener("steady", "proof.", steady), Listener("moody", "proof.", moody)]


async def relay(dsn: str) -> None:
    """Relay until killed."""
    parking._RETRY_FIRST = dt.timedelta(milliseconds=20)
    parking._RETRY_MAX = dt.timedelta(milliseconds=200)
    database = Database(dsn)
    while True:
        try:
            await database.open("bl_sys")
            break
        except (OSError, Transient, asyncpg.PostgresError):
            await asyncio.sleep(0.2)
    await relay_forever(database, listeners(), asyncio.Event())


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[1]))

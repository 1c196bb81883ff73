"""P7: every event once and in order per aggregate; relays and the server are killed."""

import asyncio
import random
from uuid import UUID

import msgspec
import pytest

from beltline.kit.clock import system_now
from beltline.kit.db import Database, Writer
from beltline.kit.errors import Transient
from beltline.kit.events import Parties, record
from beltline.kit.ids import new_id
from beltline.kit.relay import lag
from tests.proofs.victims import (
    KILLS,
    NIGHTLY,
    SEED,
    Victim,
    embedded_server,
    kill_server,
    migrated,
    patiently,
)

EVENTS = 1_000_000 if NIGHTLY else 50_000
WRITERS = 6
TOGETHER_MAX = 16  # events of one transaction, as an order with many lines writes them


class Gaps(msgspec.Struct, frozen=True):
    """What went wrong with a listener; all zero when nothing did."""

    taken: int
    repeated: int
    out_of_order: int


@pytest.mark.proof
async def test_events_survive_every_kill() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with embedded_server() as (data, superuser_dsn):
        dsn = await migrated(superuser_dsn)
        database = await Database(dsn, pool_size=WRITERS + 2).open()
        await _prepare(database)
        relays = [Victim("relay_victim", dsn) for _ in range(2)]
        try:
            aggregates = [new_id() for _ in range(200)]
            writing = [
                asyncio.create_task(_write(database, aggregates, seed)) for seed in range(WRITERS)
            ]
            for number in range(KILLS):
                await asyncio.sleep(chance.uniform(0.3, 2.5))
                if number % 5 == 4:
                    kill_server(data)
                else:
                    victim = chance.choice(relays)
                    victim.kill()
                    victim.start()
            await asyncio.gather(*writing)
            await _until_delivered(database)
        finally:
            for victim in relays:
                victim.kill()
        await patiently(lambda: _check(database))
        await database.close()


async def _prepare(database: Database) -> None:
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            """create table kit.proof_aggregate (id uuid primary key, sequence bigint not null);
               create table kit.proof_taken (at bigint generated always as identity,
                                             listener text, aggregate_id uuid, sequence bigint);
               grant all on kit.proof_aggregate, kit.proof_taken to bl_sys"""
        )


async def _write(database: Database, aggregates: list[UUID], seed: int) -> None:
    """Write events, one or many in a transaction, some slow; the server may be away."""
    chance = random.Random(SEED + seed)
    left = EVENTS // WRITERS
    while left > 0:
        together = sorted(chance.sample(aggregates, min(left, chance.randint(1, TOGETHER_MAX))))
        left -= len(together)
        try:
            async with database.system() as db:
                for aggregate_id in together:
                    await _record(db, aggregate_id)
                if chance.random() < 0.05:
                    await asyncio.sleep(chance.uniform(0, 0.02))
            await asyncio.sleep(chance.uniform(0, 0.04))
        except Transient:
            await asyncio.sleep(0.1)


async def _record(db: Writer, aggregate_id: UUID) -> None:
    sequence = await db.value(
        """insert into kit.proof_aggregate values ($1, 1)
           on conflict (id) do update set sequence = proof_aggregate.sequence + 1
           returning sequence""",
        aggregate_id,
    )
    await record(
        db, "proof.moved", aggregate="thing", aggregate_id=aggregate_id, sequence=sequence,
        parties=Parties(), data={}, now=system_now(),
    )  # fmt: skip


async def _until_delivered(database: Database) -> None:
    """Wait as long as more is taken; when nothing was for a minute, the check says what is left."""
    taken, still = -1, 0
    while still < 300:
        try:
            now = await lag(database, system_now())
            if not now.waiting and not any(s.behind or s.parked for s in now.subscribers):
                return
            async with database.system() as db:
                found = await db.value("select count(*) from kit.proof_taken")
            still = still + 1 if found == taken else 0
            taken = found
        except Transient:
            still += 1
        await asyncio.sleep(0.2)


async def _check(database: Database) -> None:
    async with database.system() as db:
        # The aggregates count what was committed, acknowledged or not.
        committed = await db.value("select sum(sequence)::bigint from kit.proof_aggregate")
        feed = await db.value(
            "select array[count(*), min(feed_seq), max(feed_seq), count(distinct feed_seq)]"
            " from kit.event"
        )
        for name in ("steady", "moody"):
            found = await db.get(
                Gaps,
                "listener",
                name,
                """with t as (select *, row_number() over (partition by aggregate_id order by at)
                                as expected from kit.proof_taken where listener = $1)
                   select count(*) as taken,
                          count(*) - count(distinct (aggregate_id, sequence)) as repeated,
                          count(*) filter (where sequence <> expected) as out_of_order from t""",
                name,
            )
            print(f"{name}: {found}")
            assert found == Gaps(committed, 0, 0)
    print(f"{KILLS} kills, {committed} events")
    assert feed == [committed, 1, committed, committed]
    assert committed > EVENTS * 0.8

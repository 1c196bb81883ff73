"""The relay: nothing lost, nothing twice, nothing out of order; a failure harms its aggregate."""

import asyncio
import collections
import contextlib
import datetime as dt
import random
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest

from beltline.kit import parking
from beltline.kit.actor import Actor
from beltline.kit.clock import system_now
from beltline.kit.db import Database, Deadlocked, Writer
from beltline.kit.events import Event, Parties, record
from beltline.kit.ids import new_id
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.kit.parking import skip_parked, try_parked_now
from beltline.kit.relay import deliver, lag, publish, relay_forever

BUYER = new_id()


class Taken(msgspec.Struct, frozen=True):
    """What the counting listener wrote in the transaction of an event."""

    aggregate_id: UUID
    sequence: int


@pytest.fixture
async def counted(dsn: str, database: Database) -> Database:
    """The test's database with tables for aggregates and for what a listener took."""
    async with database.system() as db:
        await db.execute("set local role bl_owner")
        await db.execute(
            """create table kit.test_aggregate (id uuid primary key, sequence bigint not null);
               create table kit.test_taken (at bigint generated always as identity,
                                            listener text, aggregate_id uuid, sequence bigint);
               grant all on kit.test_aggregate, kit.test_taken to bl_sys"""
        )
    return database


async def _record(db: Writer, aggregate_id: UUID, type_: str = "tests.moved") -> int:
    """Write the aggregate's next event, holding its row as every writer does."""
    sequence: int = await db.value(
        """insert into kit.test_aggregate values ($1, 1)
           on conflict (id) do update set sequence = test_aggregate.sequence + 1
           returning sequence""",
        aggregate_id,
    )
    await record(
        db, type_, aggregate="thing", aggregate_id=aggregate_id, sequence=sequence,
        parties=Parties(buyer_org_id=BUYER), data={"n": sequence}, now=system_now(),
    )  # fmt: skip
    return sequence


async def _record_each(database: Database, *aggregates: UUID, type_: str = "tests.moved") -> None:
    for aggregate_id in aggregates:
        async with database.system() as db:
            await _record(db, aggregate_id, type_)


def _counting(name: str = "counter", failing: set[UUID] | None = None) -> Listener:
    async def take(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
        await db.execute(
            "insert into kit.test_taken (listener, aggregate_id, sequence) values ($1, $2, $3)",
            name, event.aggregate_id, event.sequence,
        )  # fmt: skip
        if event.aggregate_id in (failing or ()):
            raise ZeroDivisionError("not today")

    return Listener(name, "tests.", take)


async def _taken(database: Database, name: str = "counter") -> list[Taken]:
    async with database.system() as db:
        return await db.rows(
            Taken,
            "select aggregate_id, sequence from kit.test_taken where listener = $1 order by at",
            name,
        )


@contextlib.asynccontextmanager
async def _relaying(
    database: Database, *listeners: Listener, relays: int = 1
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = [asyncio.create_task(relay_forever(database, listeners, stop)) for _ in range(relays)]
    yield
    stop.set()
    await asyncio.gather(*running)


def _check_order(taken: list[Taken]) -> None:
    """Each aggregate's events once, from 1, in order."""
    by_aggregate: dict[UUID, list[int]] = collections.defaultdict(list)
    for one in taken:
        by_aggregate[one.aggregate_id].append(one.sequence)
    for sequences in by_aggregate.values():
        assert sequences == list(range(1, len(sequences) + 1))


async def test_slow_writers_and_two_relays_lose_and_repeat_nothing(counted: Database) -> None:
    aggregates = [new_id() for _ in range(40)]
    wrote = collections.Counter[int]()

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        end = asyncio.get_running_loop().time() + 2
        while asyncio.get_running_loop().time() < end:
            async with counted.system() as db:
                await _record(db, chance.choice(aggregates))
                if chance.random() < 0.05:
                    await asyncio.sleep(chance.uniform(0, 0.05))
            wrote[seed] += 1

    async with _relaying(counted, _counting(), _counting("other"), relays=2):
        await asyncio.gather(*(write(seed) for seed in range(6)))
        for _ in range(300):
            if len(await _taken(counted)) == len(await _taken(counted, "other")) == wrote.total():
                break
            await asyncio.sleep(0.05)
    for name in ("counter", "other"):
        taken = await _taken(counted, name)
        assert len(taken) == wrote.total()
        _check_order(taken)
    async with counted.system() as db:
        feed = await db.values("select feed_seq from kit.event order by feed_seq")
    assert feed == list(range(1, wrote.total() + 1))
    assert wrote.total() > 300


async def test_many_publishers_number_without_gap_and_in_order(counted: Database) -> None:
    aggregates = [new_id() for _ in range(3)]
    await _record_each(counted, *(aggregates[n % 3] for n in range(120)))

    async def publish_all() -> None:
        while await publish(counted, limit=5):
            pass

    await asyncio.gather(*(publish_all() for _ in range(6)))
    async with counted.system() as db:
        feed = await db.values("select feed_seq from kit.event order by feed_seq")
        published = await db.rows(
            Taken, "select aggregate_id, sequence from kit.event order by feed_seq"
        )
    assert feed == list(range(1, 121))
    _check_order(published)


async def test_events_share_transactions_until_one_of_them_fails(counted: Database) -> None:
    things, sick = [new_id() for _ in range(60)], new_id()
    seen: list[tuple[UUID, int]] = []

    async def take(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
        seen.append((event.aggregate_id, await db.value("select txid_current()")))
        await db.execute(
            "insert into kit.test_taken (listener, aggregate_id, sequence) values ($1, $2, $3)",
            "counter", event.aggregate_id, event.sequence,
        )  # fmt: skip
        if event.aggregate_id == sick:
            raise ZeroDivisionError("not today")

    listener = Listener("counter", "tests.", take)
    await _record_each(counted, *things)
    await publish(counted)
    assert await deliver(counted, listener) == 60
    assert [aggregate_id for aggregate_id, _ in seen] == things
    assert len({transaction for _, transaction in seen}) == 2

    seen.clear()
    await _record_each(counted, *things[:3], sick, *things[3:6])
    await publish(counted)
    await deliver(counted, listener)
    # Four together, one of which fails; then each on its own, the last three not behind the sick.
    taken = [one.aggregate_id for one in await _taken(counted)]
    assert taken == things + things[:6]
    assert [aggregate_id for aggregate_id, _ in seen[:4]] == [*things[:3], sick]
    assert len({transaction for _, transaction in seen[4:]}) == 7
    (behind,) = (await lag(counted, system_now())).subscribers
    assert (behind.behind, behind.parked) == (0, 1)


async def test_a_handler_that_gave_way_is_tried_again_and_not_parked(counted: Database) -> None:
    thing = new_id()
    tries = 0

    async def take(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
        nonlocal tries
        tries += 1
        await db.execute(
            "insert into kit.test_taken (listener, aggregate_id, sequence) values ($1, $2, $3)",
            "counter", event.aggregate_id, event.sequence,
        )  # fmt: skip
        if tries < 3:
            raise Deadlocked

    await _record_each(counted, thing)
    await publish(counted)
    assert await deliver(counted, Listener("counter", "tests.", take)) == 1
    # Once with all that came with it, twice on its own.
    assert tries == 3
    assert await _taken(counted) == [Taken(thing, 1)]
    assert (await lag(counted, system_now())).subscribers[0].parked == 0


async def test_a_failing_event_parks_its_aggregate_and_recovers_in_order(
    counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "_RETRY_FIRST", dt.timedelta())
    sick, well = new_id(), new_id()
    failing = {sick}
    listener = _counting(failing=failing)
    await _record_each(counted, sick, well, sick, well, sick)
    assert await publish(counted) == 5
    await deliver(counted, listener)
    assert await _taken(counted) == [Taken(well, 1), Taken(well, 2)]
    behind = (await lag(counted, system_now())).subscribers[0]
    assert (behind.behind, behind.parked, behind.parked_since_seq) == (0, 1, 1)
    assert behind.tries_max == 2
    assert behind.error == "ZeroDivisionError: not today"

    failing.clear()
    await _record_each(counted, sick)
    await publish(counted)
    await deliver(counted, listener)
    assert await _taken(counted) == [
        Taken(well, 1), Taken(well, 2), *(Taken(sick, n) for n in (1, 2, 3, 4)),
    ]  # fmt: skip
    assert (await lag(counted, system_now())).subscribers[0].parked == 0
    await _record_each(counted, sick)
    await publish(counted)
    assert await deliver(counted, listener) == 1


async def test_a_parked_aggregate_waits_longer_each_time(
    counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = new_id()
    await _record_each(counted, sick)
    await publish(counted)
    listener = _counting(failing={sick})
    waits = []
    for _ in range(4):
        await deliver(counted, listener)
        async with counted.system() as db:
            due = await db.value("select next_try_at from kit.parked")
        waits.append(round((due - parking.system_now()).total_seconds()))
        monkeypatch.setattr(parking, "system_now", lambda due=due: due)
    assert waits == [1, 2, 4, 8]
    assert await _taken(counted) == []


async def test_a_hopeless_event_can_be_skipped(counted: Database) -> None:
    sick = new_id()
    failing = {sick}
    await _record_each(counted, sick, sick)
    await publish(counted)
    await deliver(counted, _counting(failing=failing))
    async with counted.system() as db:
        assert not await skip_parked(db, subscriber="counter", aggregate_id=new_id(), feed_seq=1)
        assert not await skip_parked(db, subscriber="counter", aggregate_id=sick, feed_seq=2)
        assert await skip_parked(db, subscriber="counter", aggregate_id=sick, feed_seq=1)
        assert not await skip_parked(db, subscriber="counter", aggregate_id=sick, feed_seq=1)
    failing.clear()
    await deliver(counted, _counting())
    assert await _taken(counted) == [Taken(sick, 2)]


async def test_a_parked_event_can_be_tried_before_its_time(counted: Database) -> None:
    sick = new_id()
    await _record_each(counted, sick, sick)
    await publish(counted)
    await deliver(counted, _counting(failing={sick}))
    await deliver(counted, _counting())
    assert await _taken(counted) == [], "it waits for its time"
    async with counted.system() as db:
        assert not await try_parked_now(db, subscriber="counter", aggregate_id=sick, feed_seq=2)
        assert await try_parked_now(db, subscriber="counter", aggregate_id=sick, feed_seq=1)
    await deliver(counted, _counting())
    assert await _taken(counted) == [Taken(sick, 1), Taken(sick, 2)]


async def test_the_failures_of_many_relays_keep_the_order(
    counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "_RETRY_FIRST", dt.timedelta(milliseconds=5))
    monkeypatch.setattr(parking, "_RETRY_MAX", dt.timedelta(milliseconds=20))
    chance = random.Random(7)

    async def take(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
        await db.execute(
            "insert into kit.test_taken (listener, aggregate_id, sequence) values ($1, $2, $3)",
            "moody", event.aggregate_id, event.sequence,
        )  # fmt: skip
        if chance.random() < 0.3:
            raise ZeroDivisionError("one in three")

    aggregates = [new_id() for _ in range(8)]
    async with _relaying(counted, Listener("moody", "tests.", take), relays=3):
        await _record_each(counted, *(chance.choice(aggregates) for _ in range(200)))
        for _ in range(300):
            if len(await _taken(counted, "moody")) == 200:
                break
            await asyncio.sleep(0.05)
    taken = await _taken(counted, "moody")
    assert len(taken) == 200
    _check_order(taken)


async def test_listeners_get_the_types_they_want(counted: Database) -> None:
    got: dict[str, list[str]] = {"prefix": [], "set": []}

    def listening(name: str, types: str | frozenset[str]) -> Listener:
        async def take(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
            got[name].append(event.type)
            assert event.buyer_org_id == BUYER

        return Listener(name, types, take)

    for type_ in ("tests.moved", "tests_moved", "tests.sold", "other.sold"):
        await _record_each(counted, new_id(), type_=type_)
    await publish(counted)
    await deliver(counted, listening("prefix", "tests."))
    await deliver(counted, listening("set", frozenset({"other.sold", "tests.sold"})))
    assert got == {"prefix": ["tests.moved", "tests.sold"], "set": ["tests.sold", "other.sold"]}
    # What nobody wants is passed by, so that the lag tells the truth.
    assert [s.behind for s in (await lag(counted, system_now())).subscribers] == [0, 0]


async def test_the_lag_is_told(counted: Database) -> None:
    await _record_each(counted, *(new_id() for _ in range(3)))
    waiting = await lag(counted, system_now() + dt.timedelta(seconds=30))
    assert (waiting.waiting, waiting.feed_seq, waiting.subscribers) == (3, 0, ())
    assert 29 < waiting.oldest_age_s < 40
    assert await publish(counted, limit=2) == 2
    assert (await lag(counted, system_now())).waiting == 1


async def test_a_party_sees_its_events_and_nobody_elses(counted: Database) -> None:
    await _record_each(counted, new_id())
    await publish(counted)
    for org_id, seen in ((BUYER, 1), (new_id(), 0)):
        async with counted.reading(Actor(org_id, "BUYER", "x", "SYSTEM")) as db:
            assert await db.value("select count(*) from kit.event") == seen


async def test_two_listeners_of_one_name_are_a_mistake(database: Database) -> None:
    with pytest.raises(ValueError, match="one name"):
        await relay_forever(database, [_counting(), _counting()], asyncio.Event())


def test_a_handler_of_plain_events_will_do() -> None:
    async def take(db: Writer, event: Event, now: dt.datetime) -> None:
        """Knows nothing of the feed."""

    assert Listener("plain", "", take).condition() == ([], "")

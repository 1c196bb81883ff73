"""The relay: numbers what waits in the outbox, and carries each event to every listener.

`publish` moves events from `kit.outbox` to `kit.event`, numbered without a gap under the lock of
the feed, so that a reader with a cursor on `feed_seq` can never pass one by. `deliver` hands a
listener its events in that order; the handler's writes and the listener's new position are one
transaction, so an event has its effect once. Some events share a transaction, so that a busy feed
is followed at a fraction of the commits; when one of them fails they are taken one by one. A
handler that fails then parks the event's aggregate: its later events wait behind it, everything
else goes on. Any number of relays may run.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Sequence

import msgspec

from beltline.kit.db import Database, Reader, giving_way
from beltline.kit.errors import Transient
from beltline.kit.listeners import COLUMNS, Listener, PublishedEvent, move_position
from beltline.kit.parking import list_parked, park, retry_parked

_log = logging.getLogger(__name__)

_IDLE_MIN_S = 0.02
_IDLE_MAX_S = 0.5
_TROUBLE_MAX_S = 5.0
_BATCH = 200
_TOGETHER = 40
"""Events a transaction: what they lock is held until the last of them is done."""


class SubscriberLag(msgspec.Struct, frozen=True):
    """How far a listener is: `behind` in events of the whole feed, `parked` in aggregates."""

    name: str
    behind: int
    parked: int
    parked_since_seq: int | None
    tries_max: int
    error: str | None


class Lag(msgspec.Struct, frozen=True):
    """`waiting` unpublished events, the oldest for `oldest_age_s` seconds; then the listeners."""

    waiting: int
    oldest_age_s: float
    feed_seq: int
    subscribers: tuple[SubscriberLag, ...]


async def publish(database: Database, limit: int = 1000) -> int:
    """Number and publish up to `limit` waiting events; how many there were.

    `seq` is the order of commits within an aggregate, so numbering by it keeps that order: a
    later event of an aggregate is not visible before the earlier one.
    """
    async with database.system() as db:
        latest = await db.value("select latest_seq from kit.feed where name = 'main' for update")
        moved: int = await db.value(
            """with taken as (
                 delete from kit.outbox
                  where seq in (select seq from kit.outbox order by seq limit $2) returning *),
               published as (
                 insert into kit.event
                   (feed_seq, id, type, version, aggregate, aggregate_id, sequence, occurred_at,
                    operator_org_id, buyer_org_id, supplier_org_id, data)
                 select $1 + row_number() over (order by seq), id, type, version, aggregate,
                        aggregate_id, sequence, occurred_at, operator_org_id, buyer_org_id,
                        supplier_org_id, data
                   from taken returning feed_seq)
               select count(*) from published""",
            latest,
            limit,
        )
        if moved:
            await db.execute(
                "update kit.feed set latest_seq = latest_seq + $1 where name = 'main'", moved
            )
    return moved


async def deliver(database: Database, listener: Listener) -> int:
    """Take the listener's next events, then what it parked and is due; how many were handled."""
    handled = await _follow(database, listener)
    return handled + await retry_parked(database, listener)


async def relay_forever(
    database: Database, listeners: Sequence[Listener], stop: asyncio.Event
) -> None:
    """Publish and deliver until `stop`, asking often while there is work and rarely when idle."""
    if len({listener.name for listener in listeners}) < len(listeners):
        raise ValueError("two listeners have one name")
    idle_s = _IDLE_MIN_S
    while not stop.is_set():
        try:
            worked = await publish(database) + await _deliver_all(database, listeners)
            idle_s = _IDLE_MIN_S if worked else min(idle_s * 2, _IDLE_MAX_S)
        except Transient as error:
            _log.warning("the relay waits for the database: %s", error)
            idle_s = min(max(idle_s, _IDLE_MAX_S) * 2, _TROUBLE_MAX_S)
        except Exception:  # noqa: BLE001 - the relay lives on, and says so
            _log.exception("the relay failed and tries again")
            idle_s = _TROUBLE_MAX_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), idle_s)


async def lag(database: Database, now: dt.datetime) -> Lag:
    """How much is on its way, at `now`."""
    async with database.system() as db:
        waiting, oldest, feed_seq = await _backlog(db)
        subscribers = await db.rows(
            SubscriberLag,
            """select s.name, $1 - s.feed_seq as behind, count(p.aggregate_id) as parked,
                      min(p.feed_seq) as parked_since_seq, coalesce(max(p.tries), 0) as tries_max,
                      (array_agg(p.error order by p.feed_seq))[1] as error
                 from kit.subscriber s left join kit.parked p on p.subscriber = s.name
                group by s.name, s.feed_seq order by s.name""",
            feed_seq,
        )
    age_s = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return Lag(waiting, age_s, feed_seq, tuple(subscribers))


async def _deliver_all(database: Database, listeners: Sequence[Listener]) -> int:
    """All listeners side by side; the trouble of one is raised when the others are through."""
    outcomes = await asyncio.gather(
        *(deliver(database, listener) for listener in listeners), return_exceptions=True
    )
    handled = 0
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        handled += outcome
    return handled


async def _backlog(db: Reader) -> tuple[int, dt.datetime | None, int]:
    waiting = await db.value("select count(*) from kit.outbox")
    oldest = await db.value("select occurred_at from kit.outbox order by seq limit 1")
    return waiting, oldest, await db.value("select latest_seq from kit.feed where name = 'main'")


async def _follow(database: Database, listener: Listener) -> int:
    position, head, events = await _next_events(database, listener)
    handled = 0
    for at in range(0, len(events), _TOGETHER):
        together = events[at : at + _TOGETHER]
        taken = await _take_together(database, listener, together, position)
        if taken is None:
            taken = await _take_each(database, listener, together, position)
        handled += taken
        if taken < len(together):
            return handled  # another relay is at work on this listener
        position = together[-1].feed_seq or position
    if len(events) < _BATCH and position < head:
        async with database.system() as db:
            await move_position(db, listener.name, position, head)
    return handled


async def _next_events(
    database: Database, listener: Listener
) -> tuple[int, int, list[PublishedEvent]]:
    """The listener's position, the feed's head, and the wanted events between them.

    The head is read first: every event up to it is then visible.
    """
    async with database.system() as db:
        head = await db.value("select latest_seq from kit.feed where name = 'main'")
        position = await db.value(
            "select feed_seq from kit.subscriber where name = $1", listener.name
        )
        if position is None:
            await db.execute(
                "insert into kit.subscriber (name) values ($1) on conflict (name) do nothing",
                listener.name,
            )
            position = 0
        events = [] if head <= position else await _wanted(db, listener, position, head)
    return position, head, events


async def _wanted(db: Reader, listener: Listener, after: int, until: int) -> list[PublishedEvent]:
    return await db.rows(
        PublishedEvent,
        f"""select {COLUMNS} from kit.event
             where feed_seq > $1 and feed_seq <= $2 and (type = any($3) or starts_with(type, $4))
             order by feed_seq limit $5""",
        after,
        until,
        *listener.condition(),
        _BATCH,
    )


async def _take_together(
    database: Database, listener: Listener, events: Sequence[PublishedEvent], position: int
) -> int | None:
    """Handle events in one transaction; how many, or None when one of them fails.

    Nothing of it stays then: the same events are to be taken one by one.
    """
    now = await database.now()
    try:
        async with database.system() as db:
            if not await move_position(db, listener.name, position, events[-1].feed_seq):
                return 0
            waiting = await list_parked(db, listener.name, [event.aggregate_id for event in events])
            for event in events:
                if event.aggregate_id not in waiting:
                    await listener.handle(db, event, now)
    except Exception:  # noqa: BLE001 - which of them it was is found one by one
        return None
    return len(events)


async def _take_each(
    database: Database, listener: Listener, events: Sequence[PublishedEvent], position: int
) -> int:
    for taken, event in enumerate(events):
        if not await _take(database, listener, event, position):
            return taken
        position = event.feed_seq or position
    return len(events)


async def _take(
    database: Database, listener: Listener, event: PublishedEvent, position: int
) -> bool:
    """Handle an event, or let it wait behind its aggregate; False when the position moved on."""
    now = await database.now()

    async def once() -> bool:
        async with database.system() as db:
            if not await move_position(db, listener.name, position, event.feed_seq):
                return False
            if not await list_parked(db, listener.name, [event.aggregate_id]):
                await listener.handle(db, event, now)
            return True

    try:
        return await giving_way(once)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must not wait for it
        return await park(database, listener, event, position, error)

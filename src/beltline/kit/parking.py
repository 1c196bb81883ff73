"""Events whose handler failed: their aggregate waits, in order, and is tried again."""

import datetime as dt
import logging
from collections.abc import Sequence
from uuid import UUID

from beltline.kit.clock import system_now
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.listeners import (
    COLUMNS,
    Listener,
    PublishedEvent,
    lock_position,
    move_position,
)

_log = logging.getLogger(__name__)

_RETRY_FIRST = dt.timedelta(seconds=1)
_RETRY_MAX = dt.timedelta(minutes=10)
_BATCH = 200


async def skip_parked(db: Writer, *, subscriber: str, aggregate_id: UUID, feed_seq: int) -> bool:
    """Give up the event an aggregate is parked at, which a person found to be beyond help.

    The listener goes on with the aggregate's next event. False when the aggregate is not parked at
    `feed_seq` (any more): what the person looked at is no longer what would be skipped.
    """
    await lock_position(db, subscriber)
    skipped = await db.value(
        """update kit.parked set feed_seq = feed_seq + 1, tries = 1, next_try_at = '-infinity'
            where subscriber = $1 and aggregate_id = $2 and feed_seq = $3 returning feed_seq""",
        subscriber,
        aggregate_id,
        feed_seq,
    )
    return skipped is not None


async def try_parked_now(db: Writer, *, subscriber: str, aggregate_id: UUID, feed_seq: int) -> bool:
    """Let the event an aggregate is parked at be tried at once; False when it is not there."""
    due = await db.value(
        """update kit.parked set next_try_at = '-infinity'
            where subscriber = $1 and aggregate_id = $2 and feed_seq = $3 returning feed_seq""",
        subscriber,
        aggregate_id,
        feed_seq,
    )
    return due is not None


async def list_parked(db: Reader, name: str, aggregate_ids: Sequence[UUID]) -> set[UUID]:
    """Which of some aggregates have to wait. The caller holds the listener's position."""
    # A statement of its own after the position's lock, so that it sees what the last holder did.
    return set(
        await db.values(
            """select aggregate_id from kit.parked
                where subscriber = $1 and aggregate_id = any($2)""",
            name, aggregate_ids,
        )
    )  # fmt: skip


async def park(
    database: Database,
    listener: Listener,
    event: PublishedEvent,
    position: int,
    error: Exception,
) -> bool:
    """Step over an event that failed and let its aggregate wait at it.

    False when the listener does not stand at `position` any more.
    """
    async with database.system() as db:
        if not await move_position(db, listener.name, position, event.feed_seq):
            return False
        await db.execute(
            """insert into kit.parked (subscriber, aggregate_id, feed_seq, next_try_at, error)
               values ($1, $2, $3, $4, $5)""",
            listener.name,
            event.aggregate_id,
            event.feed_seq,
            system_now() + _RETRY_FIRST,
            _describe(error),
        )
    _log.warning(
        "%s parked %s %s at %s", listener.name, event.type, event.aggregate_id, event.feed_seq,
        exc_info=error,
    )  # fmt: skip
    return True


async def retry_parked(database: Database, listener: Listener) -> int:
    """Try what is due again, with all that waits behind it; how many events were handled."""
    now = system_now()
    async with database.system() as db:
        due = await db.values(
            """select aggregate_id from kit.parked where subscriber = $1 and next_try_at <= $2
                order by next_try_at, aggregate_id limit $3""",
            listener.name,
            now,
            _BATCH,
        )
    handled = 0
    for aggregate_id in due:
        while await _retry(database, listener, aggregate_id, now):
            handled += 1
    return handled


async def _retry(
    database: Database, listener: Listener, aggregate_id: UUID, now: dt.datetime
) -> bool:
    """Handle the event an aggregate is parked at; whether there may be a next one to handle.

    The position is locked first, as in `_take`: while it is, no event of the aggregate can be
    passed by, so that "nothing waits behind it" stays true until the parking is undone.
    """
    instant = await database.now()
    try:
        async with database.system() as db:
            position = await lock_position(db, listener.name)
            event = await _parked_event(db, listener, aggregate_id, position, now)
            if event is None:
                await _unpark(db, listener.name, aggregate_id, now)
                return False
            await listener.handle(db, event, instant)
            await db.execute(
                """update kit.parked set feed_seq = $3 + 1, tries = 1, next_try_at = '-infinity'
                    where subscriber = $1 and aggregate_id = $2""",
                listener.name,
                aggregate_id,
                event.feed_seq,
            )
            return True
    except Exception as error:  # noqa: BLE001 - as in _take
        await _put_off(database, listener, aggregate_id, error, now)
        return False


async def _parked_event(
    db: Reader, listener: Listener, aggregate_id: UUID, position: int, now: dt.datetime
) -> PublishedEvent | None:
    """The next event of a parked aggregate that is due; None when none waits any more."""
    return await db.find(
        PublishedEvent,
        f"""select {COLUMNS} from kit.event
             where aggregate_id = $2 and feed_seq <= $3
               and feed_seq >= (select p.feed_seq from kit.parked p
                                 where p.subscriber = $1 and p.aggregate_id = $2
                                   and p.next_try_at <= $4)
               and (type = any($5) or starts_with(type, $6))
             order by feed_seq limit 1""",
        listener.name,
        aggregate_id,
        position,
        now,
        *listener.condition(),
    )


async def _unpark(db: Writer, name: str, aggregate_id: UUID, now: dt.datetime) -> None:
    # Not due any more means that another relay tried it just now.
    await db.execute(
        """delete from kit.parked
            where subscriber = $1 and aggregate_id = $2 and next_try_at <= $3""",
        name,
        aggregate_id,
        now,
    )


async def _put_off(
    database: Database, listener: Listener, aggregate_id: UUID, error: Exception, now: dt.datetime
) -> None:
    async with database.system() as db:
        tries = await db.value(
            """update kit.parked set tries = tries + 1, error = $3,
                      next_try_at = $4 + least($5::interval * power(2, least(tries, 20)), $6)
                where subscriber = $1 and aggregate_id = $2 and next_try_at <= $4
                returning tries""",
            listener.name,
            aggregate_id,
            _describe(error),
            now,
            _RETRY_FIRST,
            _RETRY_MAX,
        )
    _log.warning("%s failed again on %s (try %s): %s", listener.name, aggregate_id, tries, error)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]

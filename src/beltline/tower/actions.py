"""What a person does about the installation itself: an event no listener can take."""

import datetime as dt
from uuid import UUID

from beltline.accounts.actions import record_audit
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.parking import skip_parked, try_parked_now
from beltline.tower.types import NotParked, ReasonMissing


async def skip_event(
    db: Writer, actor: Actor, *, subscriber: str, aggregate_id: UUID, feed_seq: int, reason: str,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Give up the event a listener failed at, with a reason; what waits behind it goes on.

    `db` is the system's: listeners and what they failed at belong to no organization.
    """
    if not reason.strip():
        raise ReasonMissing
    if not await skip_parked(
        db, subscriber=subscriber, aggregate_id=aggregate_id, feed_seq=feed_seq
    ):
        raise NotParked(feed_seq=feed_seq)
    await record_audit(
        db, actor, action="event.skipped", object_="parked_event", object_id=aggregate_id,
        change={"subscriber": subscriber, "feed_seq": feed_seq, "reason": reason.strip()}, now=now,
    )  # fmt: skip


async def try_event(
    db: Writer, actor: Actor, *, subscriber: str, aggregate_id: UUID, feed_seq: int,
    now: dt.datetime,
) -> None:  # fmt: skip
    """Let the event a listener failed at be tried at once."""
    if not await try_parked_now(
        db, subscriber=subscriber, aggregate_id=aggregate_id, feed_seq=feed_seq
    ):
        raise NotParked(feed_seq=feed_seq)
    await record_audit(
        db, actor, action="event.tried", object_="parked_event", object_id=aggregate_id,
        change={"subscriber": subscriber, "feed_seq": feed_seq}, now=now,
    )  # fmt: skip

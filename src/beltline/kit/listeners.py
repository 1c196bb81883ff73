"""Who listens to the feed, and where each listener stands."""

import datetime as dt
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from beltline.kit.db import Writer
from beltline.kit.events import Event

COLUMNS = """feed_seq, id, type, version, aggregate, aggregate_id, sequence, occurred_at, data,
              operator_org_id, buyer_org_id, supplier_org_id"""


class PublishedEvent(Event, frozen=True):
    """An event of the feed with the organizations it is the business of."""

    operator_org_id: UUID | None = None
    buyer_org_id: UUID | None = None
    supplier_org_id: UUID | None = None


Handle = Callable[[Writer, PublishedEvent, dt.datetime], Awaitable[None]]


class Listener(msgspec.Struct, frozen=True):
    """Somebody above who has to know: a name for good, the events wanted, what to do with one.

    `types` is a prefix (`"orders."`; `""` is all) or a set of full types. `handle(db, event,
    now)` works in a transaction of the system; what it does outside the database can happen
    more than once, so it enqueues a job instead.
    """

    name: str
    types: str | frozenset[str]
    handle: Handle

    def condition(self) -> tuple[list[str], str | None]:
        """The two halves of a condition on types: a set, or a prefix (null matches nothing)."""
        if isinstance(self.types, str):
            return [], self.types
        return sorted(self.types), None


async def move_position(db: Writer, name: str, position: int, to: int | None) -> bool:
    """Advance a listener from where it was thought to be; holds its row until the end."""
    moved = await db.execute(
        "update kit.subscriber set feed_seq = $3 where name = $1 and feed_seq = $2",
        name,
        position,
        to,
    )
    return bool(moved)


async def lock_position(db: Writer, name: str) -> int:
    """Where a listener stands; it cannot move until the transaction ends."""
    position: int | None = await db.value(
        "select feed_seq from kit.subscriber where name = $1 for update", name
    )
    return position or 0

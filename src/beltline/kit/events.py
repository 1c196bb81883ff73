"""Events: what happened, recorded in the transaction in which it happened."""

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.db import Reader, Writer


class Parties(msgspec.Struct, frozen=True):
    """The organizations an event is the business of."""

    operator_org_id: UUID | None = None
    buyer_org_id: UUID | None = None
    supplier_org_id: UUID | None = None


class Event(msgspec.Struct, frozen=True):
    """The envelope.

    `sequence` counts within the aggregate, `feed_seq` within the feed; the latter is None until
    the relay has published the event.
    """

    id: UUID
    type: str
    version: int
    aggregate: str
    aggregate_id: UUID
    sequence: int
    feed_seq: int | None
    occurred_at: dt.datetime
    data: dict[str, Any]


async def record(
    db: Writer,
    type_: str,
    *,
    aggregate: str,
    aggregate_id: UUID,
    sequence: int,
    parties: Parties,
    data: dict[str, Any],
    now: dt.datetime,
    version: int = 1,
) -> None:
    """Write an event to the outbox.

    `sequence` is the aggregate row's new version, which its writer holds locked: that is what
    keeps events of one aggregate in order.
    """
    await db.execute(
        "select kit.record_event($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        type_,
        version,
        aggregate,
        aggregate_id,
        sequence,
        now,
        parties.operator_org_id,
        parties.buyer_org_id,
        parties.supplier_org_id,
        data,
    )


async def list_events_of(db: Reader, aggregate_id: UUID, *, limit: int = 200) -> list[Event]:
    """The timeline of one aggregate, oldest first, waiting events included."""
    return await db.rows(
        Event,
        """select id, type, version, aggregate, aggregate_id, sequence, feed_seq, occurred_at, data
             from kit.event_all where aggregate_id = $1 order by sequence, id limit $2""",
        aggregate_id,
        limit,
    )

"""What the control tower shows of the health of the data and of the event feed."""

import datetime as dt

import msgspec

from beltline.kit.proofs import Proof


class DataHealth(msgspec.Struct, frozen=True):
    """Every invariant proved anew on the data as they are; `holds` when all of them do."""

    holds: bool
    checked_at: dt.datetime
    items: list[Proof]


class FeedEvent(msgspec.Struct, frozen=True):
    """The envelope of a published event.

    `feed_seq` only grows; `sequence` counts in the aggregate.
    """

    id: str
    type: str
    version: int
    aggregate: str
    aggregate_id: str
    sequence: int
    feed_seq: int
    occurred_at: dt.datetime
    data: dict[str, object]


class FeedPage(msgspec.Struct, frozen=True):
    """Events in order of `feed_seq`; go on with `after=next_after`."""

    items: list[FeedEvent]
    next_after: int

"""The feed's envelope, webhooks, deliveries; and why one of them is refused."""

import datetime as dt
import enum
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.errors import Kind, Refusal
from beltline.kit.web.i18n import N_


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


class EndpointStatus(enum.StrEnum):
    """Whether a webhook is served."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class DeliveryStatus(enum.StrEnum):
    """What became of a delivery."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class Endpoint(msgspec.Struct, frozen=True):
    """An address that wants to be told of events whose type begins with one of `types`.

    No types are all. `waiting` deliveries are still to be taken, `failed` ones were given up.
    """

    id: UUID
    org_id: UUID
    url: str
    description: str
    types: list[str]
    status: str
    disabled_reason: str
    feed_seq: int
    sequence: int
    created_by: str
    created_at: dt.datetime
    waiting: int
    failed: int
    delivered: int


class Delivery(msgspec.Struct, frozen=True):
    """One event on its way to one endpoint; `seq` is the order in which they are made."""

    seq: int
    id: UUID
    endpoint_id: UUID
    feed_seq: int
    occurred_at: dt.datetime
    event_id: UUID
    type: str
    aggregate_id: UUID
    is_replay: bool
    status: str
    tries: int
    next_try_at: dt.datetime
    created_at: dt.datetime
    delivered_at: dt.datetime | None


class Attempt(msgspec.Struct, frozen=True):
    """One try: headers sent, `status` and the beginning of what came back, or the error."""

    number: int
    at: dt.datetime
    ms: int
    status: int | None
    error: str
    request: dict[str, Any]
    response: str


class Signed(msgspec.Struct, frozen=True):
    """What is sent: the envelope's bytes, and headers that prove who sent them."""

    body: bytes
    headers: dict[str, str]


class Reply(msgspec.Struct, frozen=True):
    """What a receiver answered, or why it could not be reached; `ms` is how long that took."""

    status: int | None
    text: str
    error: str
    ms: int

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has taken the event: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


class AddressUnusable(Refusal):
    """An address that deliveries must not be sent to."""

    kind, code = Kind.INVALID, "channels.address_unusable"
    title = N_("The address cannot be used")
    detail = N_("{url}: {reason}. Give an https address that the internet can reach.")
    url: str
    reason: str


class TypeUnknown(Refusal):
    """A webhook asks for types that no event has."""

    kind, code = Kind.INVALID, "channels.type_unusable"
    title = N_("Not the beginning of a type")
    detail = N_("“{type}” does not look like order. or order.placed.")
    type: str


class RangeTooLarge(Refusal):
    """More events than one replay sends."""

    kind, code = Kind.INVALID, "channels.range_too_large"
    title = N_("Too many events for one replay")
    detail = N_("Up to {most} events are sent again at once; take a smaller range.")
    most: int

"""The API of programs that want to be told: `/v1/events` and `/v1/webhooks`."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import QueryParameter
from msgspec import Meta

from beltline.channels import actions, queries
from beltline.channels.types import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Endpoint,
    FeedEvent,
    FeedPage,
)
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

T = TypeVar("T")
Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)]
Seq = Annotated[int, Meta(ge=1, le=2**62)]


class WebhookBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A webhook to make. `types` are beginnings of types (`order.`); none is all."""

    url: Annotated[str, Meta(min_length=8, max_length=2000)]
    types: Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(max_length=50)] = []
    description: Annotated[str, Meta(max_length=200)] = ""


class RangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of the feed to send again, both ends included."""

    first: Seq
    last: Seq


class Webhook(msgspec.Struct, frozen=True):
    """A webhook and how it stands; `feed_seq` is how far its deliveries are made."""

    id: str
    url: str
    types: list[str]
    description: str
    status: str
    disabled_reason: str
    feed_seq: int
    waiting: int
    failed: int
    delivered: int
    created_at: dt.datetime


class NewSecret(msgspec.Struct, frozen=True):
    """A webhook's secret, told in the first answer only: a repeated request gets null."""

    id: str
    secret: str | None


class WebhookList(msgspec.Struct, frozen=True):
    """One page of webhooks, the oldest first."""

    items: list[Webhook]
    next_cursor: str | None


class DeliveryRow(msgspec.Struct, frozen=True):
    """One event on its way to a webhook."""

    id: str
    event_id: str
    feed_seq: int
    type: str
    is_replay: bool
    status: str
    tries: int
    next_try_at: dt.datetime | None
    created_at: dt.datetime
    delivered_at: dt.datetime | None


class DeliveryList(msgspec.Struct, frozen=True):
    """One page of deliveries, newest first."""

    items: list[DeliveryRow]
    next_cursor: str | None


class DeliveryAnswer(msgspec.Struct, frozen=True):
    """A delivery with what is sent and every try."""

    delivery: DeliveryRow
    event: FeedEvent | None
    attempts: list[Attempt]


class Replayed(msgspec.Struct, frozen=True):
    """How many events are sent again."""

    events: int


@get("/v1/events", summary="The feed of events")
async def list_events(
    database: Database,
    actor: Actor,
    after: Annotated[int, QueryParameter(ge=0, le=2**62)] = 0,
    limit: Limit = LIMIT_DEFAULT,
) -> FeedPage:
    """Events the caller is a party of, in order of `feed_seq`, from after `after` on.

    Every event comes at least once here and never changes its place: keep `next_after` and go on
    from it. An event appears a moment after its change, when it is published.
    """
    actor.needs_scope("events:read")
    async with database.reading(actor) as db:
        items = await queries.list_feed(db, actor, after=after, limit=limit)
    return FeedPage(items, items[-1].feed_seq if items else after)


@get("/v1/webhooks", summary="Webhooks")
async def list_webhooks(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> WebhookList:
    """The organization's webhooks; never a secret."""
    actor.needs_scope("events:read")
    after = decode_cursor(cursor, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_endpoints(db, after=after[0] if after else None, limit=limit + 1)
    shown, following = cut(rows, limit, lambda row: (row.id,))
    return WebhookList([_webhook(row) for row in shown], following)


@post("/v1/webhooks", summary="Make a webhook")
async def create_webhook(
    *,
    request: Request[Any, Any, State],
    data: WebhookBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[NewSecret]:
    """Begins with the events that follow. The secret (Standard Webhooks) is told once.

    Events come in order for each aggregate, at least once, signed; ten tries over 75 h, then the
    webhook is disabled and goes on where it stood when it is enabled again.
    """
    actor.needs_scope("events:write")
    actor.needs_role()
    allow_private: bool = request.app.state.settings.worker.private_webhooks

    async def make(db: Writer) -> tuple[str, str]:
        made, secret = await actions.create_endpoint(
            db, actor, url=data.url, types=data.types, description=data.description,
            allow_private=allow_private, now=now,
        )  # fmt: skip
        return show_id("whk", made), secret

    return await _once_told(
        database, actor, idempotency_key, "POST /v1/webhooks", msgspec.to_builtins(data), make, 201
    )


@get("/v1/webhooks/{webhook_id:str}", summary="One webhook")
async def get_webhook(webhook_id: str, database: Database, actor: Actor) -> Webhook:
    """A webhook and how it stands."""
    actor.needs_scope("events:read")
    async with database.reading(actor) as db:
        return _webhook(await queries.get_endpoint(db, read_id("whk", webhook_id)))


@post("/v1/webhooks/{webhook_id:str}/rotate", summary="Change the secret", status_code=200)
async def rotate_secret(
    webhook_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[NewSecret]:
    """Makes a new secret; for a day deliveries carry a signature of each."""
    actor.needs_scope("events:write")
    actor.needs_role()
    found = read_id("whk", webhook_id)

    async def make(db: Writer) -> tuple[str, str]:
        return webhook_id, await actions.rotate_secret(db, actor, found, now=now)

    return await _once_told(
        database, actor, idempotency_key, f"POST /v1/webhooks/{found}/rotate", None, make, 200
    )


@post("/v1/webhooks/{webhook_id:str}/disable", summary="Disable a webhook", status_code=200)
async def disable_webhook(
    webhook_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Webhook]:
    """Nothing more is sent there, and nothing is lost: enabling goes on where it stood."""
    actor.needs_scope("events:write")
    actor.needs_role()
    found = read_id("whk", webhook_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _webhook(await actions.disable_endpoint(db, actor, found, now=now))

    operation = f"POST /v1/webhooks/{found}/disable"
    return await _once(database, actor, idempotency_key, operation, None, act, Webhook)


@post("/v1/webhooks/{webhook_id:str}/enable", summary="Enable a webhook", status_code=200)
async def enable_webhook(
    webhook_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[Webhook]:
    """Goes on where it stood: what was given up first, then what came since."""
    actor.needs_scope("events:write")
    actor.needs_role()
    found = read_id("whk", webhook_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _webhook(await actions.enable_endpoint(db, actor, found, now=now))

    operation = f"POST /v1/webhooks/{found}/enable"
    return await _once(database, actor, idempotency_key, operation, None, act, Webhook)


@post("/v1/webhooks/{webhook_id:str}/replay", summary="Send a range again", status_code=202)
async def replay_range(
    *,
    webhook_id: str,
    data: RangeBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Replayed]:
    """Sends the events from `first` to `last` (`feed_seq`) again, in order, up to 10,000."""
    actor.needs_scope("events:write")
    actor.needs_role()
    found = read_id("whk", webhook_id)

    async def act(db: Writer) -> tuple[int, Any]:
        sent = await actions.replay(db, actor, found, first=data.first, last=data.last, now=now)
        return 202, Replayed(sent)

    operation = f"POST /v1/webhooks/{found}/replay"
    body = msgspec.to_builtins(data)
    return await _once(database, actor, idempotency_key, operation, body, act, Replayed)


@get("/v1/webhooks/{webhook_id:str}/deliveries", summary="Deliveries of a webhook")
async def list_deliveries(
    *,
    webhook_id: str,
    database: Database,
    actor: Actor,
    status: DeliveryStatus | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> DeliveryList:
    """What was sent, is being sent and was given up, newest first."""
    actor.needs_scope("events:read")
    before = decode_cursor(cursor, int)
    async with database.reading(actor) as db:
        endpoint = await queries.get_endpoint(db, read_id("whk", webhook_id))
        rows = await queries.list_deliveries(
            db, endpoint.id, status=status, before=before[0] if before else None, limit=limit + 1
        )
    shown, following = cut(rows, limit, lambda row: (row.seq,))
    return DeliveryList([_delivery(row) for row in shown], following)


@get("/v1/webhooks/deliveries/{delivery_id:str}", summary="One delivery")
async def get_delivery(delivery_id: str, database: Database, actor: Actor) -> DeliveryAnswer:
    """A delivery with the event it carries, and each try with what came back."""
    actor.needs_scope("events:read")
    found = read_id("dlv", delivery_id)
    async with database.reading(actor) as db:
        delivery = await queries.get_delivery(db, found)
        events = await queries.list_events(db, [delivery])
        attempts = await queries.list_attempts(db, found)
    return DeliveryAnswer(_delivery(delivery), events.get(delivery.feed_seq), attempts)


@post("/v1/webhooks/deliveries/{delivery_id:str}/replay", summary="Send one again")
async def replay_delivery(
    delivery_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[DeliveryRow]:
    """Sends the event of a delivery again, with the same id."""
    actor.needs_scope("events:write")
    actor.needs_role()
    found = read_id("dlv", delivery_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _delivery(await actions.replay_one(db, actor, found, now=now))

    operation = f"POST /v1/webhooks/deliveries/{found}/replay"
    return await _once(database, actor, idempotency_key, operation, None, act, DeliveryRow)


async def _once(
    database: Database,
    actor: Actor,
    key: str,
    operation: str,
    body: object,
    act: Callable[[Writer], Awaitable[tuple[int, Any]]],
    kind: type[T],
) -> Response[T]:
    answer = await once(database, actor, key=key, operation=operation, body=body, act=act)
    return answered(answer, kind)


async def _once_told(
    database: Database,
    actor: Actor,
    key: str,
    operation: str,
    body: object,
    make: Callable[[Writer], Awaitable[tuple[str, str]]],
    status: int,
) -> Response[NewSecret]:
    """An answer with a secret: what is kept for a repetition must not hold it."""
    told: list[str] = []

    async def act(db: Writer) -> tuple[int, Any]:
        made, secret = await make(db)
        told.append(secret)
        return status, NewSecret(made, None)

    answer = await _once(database, actor, key, operation, body, act, NewSecret)
    return Response(
        NewSecret(answer.content.id, told[-1] if told else None), status_code=status,
        headers=dict(answer.headers),
    )  # fmt: skip


def _webhook(row: Endpoint) -> Webhook:
    return Webhook(
        show_id("whk", row.id), row.url, row.types, row.description, row.status,
        row.disabled_reason, row.feed_seq, row.waiting, row.failed, row.delivered, row.created_at,
    )  # fmt: skip


def _delivery(row: Delivery) -> DeliveryRow:
    return DeliveryRow(
        show_id("dlv", row.id), show_id("evt", row.event_id), row.feed_seq, row.type,
        row.is_replay, row.status, row.tries,
        row.next_try_at if row.status == "WAITING" else None, row.created_at, row.delivered_at,
    )  # fmt: skip


ROUTES = (
    list_events, list_webhooks, create_webhook, get_webhook, rotate_secret, disable_webhook,
    enable_webhook, replay_range, list_deliveries, get_delivery, replay_delivery,
)  # fmt: skip

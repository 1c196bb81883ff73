"""Reads of the feed, of webhooks and their deliveries; the proof that none is missing."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from beltline.channels.types import Attempt, Delivery, Endpoint, FeedEvent
from beltline.kit.actor import Actor
from beltline.kit.db import Reader
from beltline.kit.events import Event
from beltline.kit.ids import show_id
from beltline.kit.proofs import FAULTS_SHOWN, Proof

_PREFIXES = {"order": "ord", "purchase_order": "po", "stock": "stk", "import": "imp",
             "plan_run": "run", "proposal": "prp", "endpoint": "whk"}  # fmt: skip

# One column a kind of party, because an either-or over three finds no index.
_FEED = """
  select id, type, version, aggregate, aggregate_id, sequence, feed_seq, occurred_at, data
    from kit.event
"""
_FEED_PAGE = "and feed_seq > $2 order by feed_seq limit $3"

_ENDPOINT = """
  select e.id, e.org_id, e.url, e.description, e.types, e.status, e.disabled_reason, e.feed_seq,
         e.sequence, e.created_by, e.created_at,
         (select count(*) from channels.delivery d
           where d.endpoint_id = e.id and d.status = 'WAITING') as waiting,
         (select count(*) from channels.delivery d
           where d.endpoint_id = e.id and d.status = 'FAILED') as failed,
         (select count(*) from channels.delivery d
           where d.endpoint_id = e.id and d.status = 'DELIVERED') as delivered
    from channels.endpoint e
"""
_DELIVERY = """
  select d.seq, d.id, d.endpoint_id, d.feed_seq, d.occurred_at, d.event_id, d.type, d.aggregate_id,
         d.is_replay, d.status, d.tries, d.next_try_at, d.created_at, d.delivered_at
    from channels.delivery d
"""


async def list_feed(db: Reader, actor: Actor, *, after: int, limit: int) -> list[FeedEvent]:
    """Published events that the acting organization is a party of, in order of the feed."""
    arguments = (actor.org_id, after, limit)
    if actor.org_kind == "OPERATOR":
        rows = await db.rows(Event, f"{_FEED} where operator_org_id = $1 {_FEED_PAGE}", *arguments)
    elif actor.org_kind == "SUPPLIER":
        rows = await db.rows(Event, f"{_FEED} where supplier_org_id = $1 {_FEED_PAGE}", *arguments)
    else:
        rows = await db.rows(Event, f"{_FEED} where buyer_org_id = $1 {_FEED_PAGE}", *arguments)
    return [envelope(row) for row in rows]


def envelope(event: Event) -> FeedEvent:
    """An event as it is told outside."""
    prefix = _PREFIXES.get(event.aggregate, event.aggregate)
    return FeedEvent(
        id=show_id("evt", event.id),
        type=event.type,
        version=event.version,
        aggregate=event.aggregate,
        aggregate_id=show_id(prefix, event.aggregate_id),
        sequence=event.sequence,
        feed_seq=event.feed_seq or 0,
        occurred_at=event.occurred_at,
        data=event.data,
    )


async def list_events(db: Reader, deliveries: Sequence[Delivery]) -> dict[int, FeedEvent]:
    """What deliveries carry, by `feed_seq`."""
    events = await db.rows(
        Event,
        f"""{_FEED} where (feed_seq, occurred_at) in (
              select * from unnest($1::bigint[], $2::timestamptz[]))""",
        [delivery.feed_seq for delivery in deliveries],
        [delivery.occurred_at for delivery in deliveries],
    )
    return {event.feed_seq or 0: envelope(event) for event in events}


async def list_endpoints(
    db: Reader, *, after: UUID | None = None, limit: int = 100
) -> list[Endpoint]:
    """The acting organization's webhooks, the oldest first."""
    return await db.rows(
        Endpoint,
        f"{_ENDPOINT} where $1::uuid is null or e.id > $1 order by e.id limit $2",
        after,
        limit,
    )


async def get_endpoint(db: Reader, endpoint_id: UUID) -> Endpoint:
    """One webhook; to a stranger it does not exist."""
    return await db.get(
        Endpoint, "webhook", show_id("whk", endpoint_id), f"{_ENDPOINT} where e.id = $1",
        endpoint_id,
    )  # fmt: skip


async def list_deliveries(
    db: Reader,
    endpoint_id: UUID,
    *,
    status: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """The deliveries of a webhook, newest first."""
    return await db.rows(
        Delivery,
        f"""{_DELIVERY} where d.endpoint_id = $1 and ($2::text is null or d.status = $2)
              and ($3::bigint is null or d.seq < $3) order by d.seq desc limit $4""",
        endpoint_id,
        status,
        before,
        limit,
    )


async def get_delivery(db: Reader, delivery_id: UUID) -> Delivery:
    """One delivery."""
    return await db.get(
        Delivery, "delivery", show_id("dlv", delivery_id), f"{_DELIVERY} where d.id = $1",
        delivery_id,
    )  # fmt: skip


async def list_attempts(db: Reader, delivery_id: UUID) -> list[Attempt]:
    """Every try of a delivery, newest first."""
    return await db.rows(
        Attempt,
        """select number, at, ms, status, error, request, response from channels.attempt
            where delivery_id = $1 order by number desc limit 100""",
        delivery_id,
    )


class _Deliveries(msgspec.Struct, frozen=True):
    endpoints: int
    wanted: int
    made: int
    delivered: int
    wrong: int
    faults: list[dict[str, str | int]]


async def prove_deliveries(db: Reader) -> Proof:
    """Every event that a webhook wants, up to where it stands, has its delivery."""
    found = await db.get(
        _Deliveries, "proof", "deliveries",
        """with compared as (
             select e.id, (select count(*) from kit.event v
                            where v.feed_seq > e.started_after and v.feed_seq <= e.feed_seq
                              and channels.wants(e.org_id, o.kind, e.types, v.operator_org_id,
                                    v.buyer_org_id, v.supplier_org_id, v.type)) as wanted,
                    (select count(*) from channels.delivery d
                      where d.endpoint_id = e.id and not d.is_replay) as made,
                    (select count(*) from channels.delivery d
                      where d.endpoint_id = e.id and d.status = 'DELIVERED') as delivered
               from channels.endpoint e join accounts.organization o on o.id = e.org_id
           )
           select count(*) as endpoints, coalesce(sum(wanted), 0)::bigint as wanted,
                  coalesce(sum(made), 0)::bigint as made,
                  coalesce(sum(delivered), 0)::bigint as delivered,
                  count(*) filter (where wanted <> made) as wrong,
                  coalesce((select jsonb_agg(to_jsonb(w)) from (
                    select id, wanted, made from compared where wanted <> made
                     order by id limit $1) w), '[]') as faults
             from compared""",
        FAULTS_SHOWN,
    )  # fmt: skip
    return Proof(
        name="webhooks_complete",
        statement="Every event that a webhook wants has a delivery, until it is taken.",
        holds=found.wrong == 0,
        figures={
            "webhooks": found.endpoints,
            "events_wanted": found.wanted,
            "deliveries": found.made,
            "delivered": found.delivered,
            "webhooks_wrong": found.wrong,
        },
        faults=found.faults,
    )

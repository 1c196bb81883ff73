"""Use cases of webhooks: make one, change its secret, send again, stop and go on."""

import datetime as dt
import secrets
from collections.abc import Sequence
from uuid import UUID

from beltline.accounts.actions import record_audit
from beltline.channels import queries, rules, store
from beltline.channels.types import Delivery, Endpoint, RangeTooLarge
from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Writer
from beltline.kit.ids import show_id


async def create_endpoint(
    db: Writer,
    actor: Actor,
    *,
    url: str,
    types: Sequence[str],
    description: str,
    allow_private: bool,
    now: dt.datetime,
) -> tuple[UUID, str]:
    """Add a webhook; its id and its secret, which nobody can see again.

    It begins with the events that follow.
    """
    rules.check_url(url, allow_private=allow_private)
    rules.check_types(types)
    endpoint_id = await store.insert_endpoint(
        db, actor, url=url, types=types, description=description, now=now
    )
    secret = await _new_secret(db, actor, endpoint_id, now)
    await _tell(db, actor, endpoint_id, type_="endpoint.created", sequence=1, now=now)
    return endpoint_id, secret


async def rotate_secret(db: Writer, actor: Actor, endpoint_id: UUID, *, now: dt.datetime) -> str:
    """A new secret; the old one signs beside it for a day."""
    endpoint = await queries.get_endpoint(db, endpoint_id)
    secret = await _new_secret(db, actor, endpoint.id, now)
    await record_audit(
        db, actor, action="rotate", object_="webhook", object_id=endpoint_id, change={}, now=now
    )
    return secret


async def disable_endpoint(
    db: Writer, actor: Actor, endpoint_id: UUID, *, now: dt.datetime
) -> Endpoint:
    """Send nothing more there. Nothing is lost: enabling goes on where it stood."""
    await queries.get_endpoint(db, endpoint_id)
    sequence = await store.disable(db, endpoint_id, f"disabled by {actor.name}")
    if sequence is None:
        raise NotFound(what="active webhook", key=show_id("whk", endpoint_id))
    await _tell(db, actor, endpoint_id, type_="endpoint.disabled", sequence=sequence, now=now)
    return await queries.get_endpoint(db, endpoint_id)


async def enable_endpoint(
    db: Writer, actor: Actor, endpoint_id: UUID, *, now: dt.datetime
) -> Endpoint:
    """Go on where it stood: first what was given up, then what came since."""
    await queries.get_endpoint(db, endpoint_id)
    await store.enable(db, actor, endpoint_id, now)
    endpoint = await queries.get_endpoint(db, endpoint_id)
    await _tell(
        db, actor, endpoint_id, type_="endpoint.enabled", sequence=endpoint.sequence, now=now
    )
    return endpoint


async def replay(
    db: Writer, actor: Actor, endpoint_id: UUID, *, first: int, last: int, now: dt.datetime
) -> int:
    """Send the events of a range of `feed_seq` again, in order; how many there were."""
    await queries.get_endpoint(db, endpoint_id)
    most = rules.REPLAY_MOST
    sent = await store.insert_replays(
        db, actor, endpoint_id, first=first, last=last, limit=most + 1, now=now
    )
    if sent > most:
        raise RangeTooLarge(most=most, param="last")
    await record_audit(
        db, actor, action="replay", object_="webhook", object_id=endpoint_id,
        change={"first": first, "last": last, "events": sent}, now=now,
    )  # fmt: skip
    return sent


async def replay_one(db: Writer, actor: Actor, delivery_id: UUID, *, now: dt.datetime) -> Delivery:
    """Send the event of a delivery again."""
    old = await queries.get_delivery(db, delivery_id)
    await replay(db, actor, old.endpoint_id, first=old.feed_seq, last=old.feed_seq, now=now)
    return (await queries.list_deliveries(db, old.endpoint_id, limit=1))[0]


async def _new_secret(db: Writer, actor: Actor, endpoint_id: UUID, now: dt.datetime) -> str:
    secret = secrets.token_bytes(32)
    await store.keep_secret(
        db, actor, endpoint_id, secret, old_until=now + rules.OLD_SECRET_FOR, now=now
    )
    return rules.show_secret(secret)


async def _tell(
    db: Writer, actor: Actor, endpoint_id: UUID, *, type_: str, sequence: int, now: dt.datetime
) -> None:
    parties = store.parties_of(actor.org_id, actor.org_kind)
    await store.record_change(
        db, endpoint_id, sequence, parties, type_=type_, reason=f"by {actor.name}", now=now
    )
    await record_audit(
        db, actor, action=type_.partition(".")[2], object_="webhook", object_id=endpoint_id,
        change={}, now=now,
    )  # fmt: skip

"""Use cases of pools: open one, join, leave, and end it."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor, WrongRole
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.orders import store
from beltline.orders.queries import pools
from beltline.orders.rules import pools as rules
from beltline.orders.types.pools import PledgeBody, Pool, PoolBody, PoolEnded, PoolEnding

_BUYING = frozenset({"BUYER", "AGENT"})


async def open_pool(db: Writer, actor: Actor, *, body: PoolBody, now: dt.datetime) -> Pool:
    """Offer buyers to reach an offer's minimum, or a price break, together until a time."""
    actor.needs_operator()
    actor.needs_role("PLANNER", "FINANCE")
    pool_id = new_id()
    await store.open_pool(db, actor, pool_id, body, now)
    return await pools.get_pool(db, actor, pool_id)


async def join_pool(
    db: Writer, actor: Actor, *, pool_id: UUID, body: PledgeBody, now: dt.datetime
) -> Pool:
    """Want units in a pool; what they cost at most is held until the pool ends."""
    _needs_buyer(actor)
    await store.join_pool(db, actor, pool_id, new_id(), body, now)
    return await pools.get_pool(db, actor, pool_id)


async def leave_pool(db: Writer, actor: Actor, *, pool_id: UUID, now: dt.datetime) -> Pool:
    """Take the buyer's own pledge back while the pool is open; its money is free again."""
    _needs_buyer(actor)
    await store.leave_pool(db, actor, pool_id, now)
    return await pools.get_pool(db, actor, pool_id)


async def end_pool(
    db: Writer, actor: Actor, *, pool_id: UUID, now: dt.datetime, is_cancelled: bool = False
) -> Pool:
    """End a pool now: those who buy together get their orders, everybody else its money back.

    One that `is_cancelled` ends without orders whatever was reached.
    """
    actor.needs_operator()
    actor.needs_role("PLANNER", "FINANCE")
    found = await store.lock_pool(db, actor, pool_id, now)
    if found.status != "OPEN":
        raise PoolEnded(
            number=found.number, state=found.status, closes_at=found.closes_at.isoformat()
        )
    cancelled = PoolEnding(None, None, "CANCELLED")
    ending = cancelled if is_cancelled else rules.end(found)
    await store.end_pool(db, actor, pool_id, ending, now)
    return await pools.get_pool(db, actor, pool_id)


async def end_due_pools(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """End pools whose time is over; how many."""
    actor.needs_operator()
    due = await pools.list_pools_to_end(db, actor.org_id, now=now, limit=limit)
    for pool_id in due:
        await end_pool(db, actor, pool_id=pool_id, now=now)
    return len(due)


def _needs_buyer(actor: Actor) -> None:
    if actor.org_kind not in _BUYING:
        raise WrongRole(needed="a buyer or an agent", role=actor.org_kind)
    actor.needs_role("BUYER")

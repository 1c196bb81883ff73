"""The API of what concerns the whole: `/v1/events` and `/v1/health/invariants`."""

import datetime as dt
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.tower.queries import proofs
from beltline.tower.types import DataHealth, FeedPage


@get("/v1/events", summary="The feed of events")
async def list_events(
    database: Database,
    actor: Actor,
    after: Annotated[int, Parameter(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
) -> FeedPage:
    """Events the caller is a party of, in order of `feed_seq`, from after `after` on.

    Every event comes at least once here and never changes its place: keep `next_after` and go on
    from it. An event appears a moment after its change, when it is published.
    """
    actor.needs_scope("events:read")
    async with database.reading(actor) as db:
        items = await proofs.list_feed(db, actor, after=after, limit=limit)
    return FeedPage(items, items[-1].feed_seq if items else after)


@get("/v1/health/invariants", summary="Prove the invariants of the data")
async def prove_invariants(database: Database, actor: Actor, now: dt.datetime) -> DataHealth:
    """Proves stock, reservations, ledger, holds, balances, payments and the feed anew.

    For the operator. Reads everything, so ask rarely.
    """
    actor.needs_operator()
    return await proofs.prove_all(database, now)


ROUTES = (list_events, prove_invariants)

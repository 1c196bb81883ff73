"""The API of what concerns the whole: `/v1/health/invariants`."""

import datetime as dt

from litestar import get

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.tower.queries import proofs
from beltline.tower.types import DataHealth


@get("/v1/health/invariants", summary="Prove the invariants of the data")
async def prove_invariants(database: Database, actor: Actor, now: dt.datetime) -> DataHealth:
    """Proves stock, goods inbound, reservations, ledger, holds, payments, feed and webhooks anew.

    For the operator. Reads everything, so ask rarely.
    """
    actor.needs_operator()
    return await proofs.prove_all(database, now)


ROUTES = (prove_invariants,)

"""What deliveries are worth to suppliers, and what seizures cost, told to the ledger."""

import datetime as dt

from beltline.fulfillment.queries import earnings
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.ledger import actions as ledger


async def book_earnings(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Book what suppliers earned since the last time and what seized goods cost; how many items.

    Some of each kind.
    """
    actor.needs_operator()
    found = await earnings.list_earnings(db, actor.org_id, limit=limit)
    booked = await ledger.earn(db, actor, found, now=now)
    losses = await earnings.list_losses(db, actor.org_id, limit=limit)
    return booked + await ledger.write_off(db, actor, losses, now=now)

"""Listening to purchases: one that ends before anything came in gives its proposals back."""

import datetime as dt
from typing import Final

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.planning.actions import purchases as purchases_actions

ENDED: Final = frozenset(
    {"purchase_order.refused", "purchase_order.expired", "purchase_order.cancelled"}
)


async def take_ended(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """Reopen what the purchase was to bring; an event that comes again changes nothing."""
    del now
    if event.operator_org_id is None:
        raise LookupError(f"event {event.id} of a purchase names no operator")
    actor = Actor(event.operator_org_id, "OPERATOR", "system", "SYSTEM")
    await purchases_actions.return_proposals(
        db, actor, purchase_order_id=event.aggregate_id, status=str(event.data["status"]),
        note=str(event.data.get("note") or ""), at=event.occurred_at,
    )  # fmt: skip


LISTENERS = (Listener(name="planning.purchases", types=ENDED, handle=take_ended),)

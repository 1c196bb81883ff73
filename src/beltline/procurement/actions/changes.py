"""Use cases of changing a confirmed order: one side asks, the other answers."""

import datetime as dt
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.procurement import rules, store
from beltline.procurement.queries import changes
from beltline.procurement.types.changes import ChangeBody, OrderChange
from beltline.procurement.types.orders import ReasonNeeded


async def ask_change(
    db: Writer, actor: Actor, *, order_id: UUID, body: ChangeBody, now: dt.datetime
) -> OrderChange:
    """Ask for other quantities or another day; the order stands as it is until the answer."""
    if body.expected_date is not None:
        rules.check_day(body.expected_date, day_of(now))
    change_id = new_id()
    await store.ask_change(db, actor, change_id, order_id, body, now)
    return await changes.get_change(db, actor, change_id)


async def answer_change(
    db: Writer, actor: Actor, *, change_id: UUID, is_accepted: bool, note: str, now: dt.datetime
) -> OrderChange:
    """Say yes or no (with a reason) to what the other side asked.

    Accepted, the order has its new terms, and what is awaited and inbound follows to the unit.
    """
    if not is_accepted and not note.strip():
        raise ReasonNeeded(param="note")
    await store.answer_change(db, actor, change_id, note.strip(), is_accepted=is_accepted, now=now)
    return await changes.get_change(db, actor, change_id)

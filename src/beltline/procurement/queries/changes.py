"""Reads of changes of confirmed orders; both parties see them."""

from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.procurement.types.changes import OrderChange

_CHANGE = """
  select c.id, c.purchase_order_id, o.number as purchase_order, c.asked_of, c.expected_date,
         c.date_before, c.lines, c.note, c.state, c.asked_by, c.asked_at, c.answer_by,
         c.answered_by, c.answer_note, c.answered_at
    from procurement.order_change c
    join procurement.purchase_order o on o.id = c.purchase_order_id
"""


async def get_change(db: Reader, actor: Actor, change_id: UUID) -> OrderChange:
    """A change the actor's organization is a party to."""
    found = await db.find(
        OrderChange,
        f"{_CHANGE} where $1 in (c.operator_org_id, c.supplier_org_id) and c.id = $2",
        actor.org_id,
        change_id,
    )
    if found is None:
        raise NotFound(what="order change", key=show_id("chg", change_id))
    return found


async def list_changes_of(db: Reader, order_id: UUID, *, limit: int = 200) -> list[OrderChange]:
    """The changes asked for an order, oldest first."""
    return await db.rows(
        OrderChange,
        f"{_CHANGE} where c.purchase_order_id = $1 order by c.asked_at, c.id limit $2",
        order_id,
        limit,
    )

"""Reads of what stands on papers of an order."""

import datetime as dt
from uuid import UUID

from beltline.kit.db import Reader
from beltline.kit.ids import show_id
from beltline.orders.types.papers import OrderParties


async def parties_at(db: Reader, order_id: UUID, at: dt.datetime) -> OrderParties:
    """The parties of an order as a paper of an instant names them, for these alone."""
    return await db.get(
        OrderParties, "order", show_id("ord", order_id),
        """select x.parties->'seller' as seller, x.parties->'buyer' as buyer
             from (select orders.parties_at($1, $2) as parties) x where x.parties is not null""",
        order_id, at,
    )  # fmt: skip


async def parties_of(db: Reader, order_id: UUID, *, now: dt.datetime) -> OrderParties:
    """The parties as the order's first invoice names them; before it as they are now.

    What accompanies goods names who the invoice names, whatever was stated since.
    """
    found = await db.find(
        OrderParties,
        """select p.content->'seller' as seller, p.content->'buyer' as buyer from ledger.paper p
            where p.reference_id = $1 and p.kind = 'INVOICE'
            order by p.issued_at, p.serial limit 1""",
        order_id,
    )
    return found or await parties_at(db, order_id, now)

"""Writes of the schema `fulfillment`. Private to the module."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.fulfillment.types import Counted
from beltline.kit.actor import Actor
from beltline.kit.db import Writer


async def receive_goods(
    db: Writer,
    actor: Actor,
    receipt_id: UUID,
    order_id: UUID,
    lines: Sequence[Counted],
    *,
    note: str,
    is_final: bool,
    over: bool,
    tolerance_percent: int,
    now: dt.datetime,
) -> None:
    """Write a receipt; move stock and order; record events and audit."""
    await db.execute(
        "select fulfillment.receive_goods($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        actor.as_row(), receipt_id, order_id, lines, note, is_final, over, tolerance_percent, now,
    )  # fmt: skip

"""Writes of the schema `procurement`. Private to the module."""

import datetime as dt
from typing import Any
from uuid import UUID

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.procurement.types import Answer


async def issue_order(db: Writer, actor: Actor, order: dict[str, Any], now: dt.datetime) -> None:
    """Write an order with its lines, announce its goods, record event and audit."""
    await db.execute("select procurement.issue_order($1, $2, $3)", actor.as_row(), order, now)


async def answer_order(
    db: Writer, actor: Actor, order_id: UUID, answer: Answer, now: dt.datetime
) -> None:
    """Write the supplier's answer."""
    await db.execute(
        "select procurement.answer_order($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        order_id,
        answer.answer.value,
        answer.lines or None,
        answer.expected_date,
        answer.note,
        now,
    )


async def accept_counter(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> None:
    """Let the order stand on the countered terms."""
    await db.execute("select procurement.accept_counter($1, $2, $3)", actor.as_row(), order_id, now)


async def cancel_order(
    db: Writer, actor: Actor, order_id: UUID, note: str, now: dt.datetime
) -> None:
    """Take an order back."""
    await db.execute(
        "select procurement.cancel_order($1, $2, $3, $4)", actor.as_row(), order_id, note, now
    )


async def expire_order(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> bool:
    """End an unanswered order; whether it was one."""
    ended: bool = await db.value(
        "select procurement.expire_order($1, $2, $3)", actor.as_row(), order_id, now
    )
    return ended

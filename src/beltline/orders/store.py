"""The command functions of orders: one call, one transaction, one answer."""

import datetime as dt
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.idempotency import Answer
from beltline.orders.types import OrderBody, Quote


async def place_order(
    db: Writer, actor: Actor, *, key: str, digest: bytes, order: OrderBody, now: dt.datetime
) -> Answer:
    """Reserve, pay, record and answer, or keep the refusal as the answer."""
    answer = await db.value(
        "select orders.place_order($1, $2, $3, $4, $5)", actor.as_row(), key, digest, order, now
    )
    return msgspec.convert(answer, Answer)


async def cancel_order(
    db: Writer, actor: Actor, *, key: str, digest: bytes, order_id: UUID, now: dt.datetime
) -> Answer:
    """Release, refund, record and answer, or keep the refusal as the answer."""
    answer = await db.value(
        "select orders.cancel_order($1, $2, $3, $4, $5)",
        actor.as_row(),
        key,
        digest,
        order_id,
        now,
    )
    return msgspec.convert(answer, Answer)


async def preview_order(db: Writer, actor: Actor, *, order: OrderBody, now: dt.datetime) -> Quote:
    """What the order would be. Writes nothing."""
    quote = await db.value("select orders.preview_order($1, $2, $3)", actor.as_row(), order, now)
    return msgspec.convert(quote, Quote)

"""The command functions of orders: one call, one transaction, one answer."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.idempotency import Answer
from beltline.orders.types import (
    Assurance,
    ClaimAnswer,
    ClaimBody,
    OrderBody,
    PaymentBodyIn,
    Purchased,
)
from beltline.orders.types.landed import Cost, DeclaredCost, LandedOrder
from beltline.orders.types.pools import PledgeBody, PoolBody, PoolEnding, PoolToEnd


class Placement(msgspec.Struct, frozen=True):
    """An order somebody wants placed, under a key; `digest` is the body's hash."""

    actor: Actor
    key: str
    digest: bytes
    order: OrderBody
    now: dt.datetime


class Placed(msgspec.Struct, frozen=True):
    """What became of it: an answer, or `raise_` for a request that has none."""

    status: int | None = None
    response: Any = None
    replayed: bool = False
    raise_: dict[str, Any] | None = msgspec.field(name="raise", default=None)


async def place_orders(db: Writer, asked: Sequence[Placement]) -> list[Placed]:
    """Reserve, pay, record and answer each; a refusal is kept as the answer of its key."""
    answers = await db.value(
        "select orders.place_orders($1, $2, $3, $4, $5)",
        [one.actor.as_row() for one in asked],
        [one.key for one in asked],
        [one.digest for one in asked],
        [one.order for one in asked],
        max(one.now for one in asked),
    )
    return msgspec.convert(answers, list[Placed])


async def place_bulk(
    db: Writer,
    actor: Actor,
    *,
    key: str,
    digest: bytes,
    orders: Sequence[OrderBody],
    now: dt.datetime,
) -> Answer:
    """Place many orders of one buyer; the answer says of each what became of it."""
    answer = await db.value(
        "select orders.place_bulk($1, $2, $3, $4, $5)", actor.as_row(), key, digest, orders, now
    )
    return msgspec.convert(answer, Answer)


async def change_order(
    db: Writer,
    actor: Actor,
    operation: str,
    order_id: UUID,
    body: object,
    *,
    key: str,
    digest: bytes,
    now: dt.datetime,
) -> Answer:
    """Do `orders.cancel`, `orders.pay` or `orders.amend`, record, and answer."""
    answer = await db.value(
        "select orders.change_order($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        key,
        digest,
        operation,
        order_id,
        body,
        now,
    )
    return msgspec.convert(answer, Answer)


async def preview_order(
    db: Writer, actor: Actor, *, order: OrderBody, now: dt.datetime
) -> dict[str, Any]:
    """What the order would be. Writes nothing."""
    quote: dict[str, Any] = await db.value(
        "select orders.preview_order($1, $2, $3)", actor.as_row(), order, now
    )
    return quote


async def landed_of(db: Writer, actor: Actor, order_id: UUID) -> LandedOrder | None:
    """What an order's landed cost is worked out from; None where nothing is to come."""
    found = await db.value("select orders.landed_of($1, $2)", actor.as_row(), order_id)
    return None if found is None else msgspec.convert(found, LandedOrder)


async def keep_landed(
    db: Writer, actor: Actor, order_id: UUID, version: int, costs: Sequence[Cost], now: dt.datetime
) -> None:
    """Keep the landed cost of a state of an order."""
    await db.execute(
        "select orders.keep_landed($1, $2, $3, $4, $5)",
        actor.as_row(), order_id, version, costs, now,
    )  # fmt: skip


async def declare_landed(
    db: Writer, actor: Actor, declared: Sequence[DeclaredCost], now: dt.datetime
) -> None:
    """Write what was declared of orders."""
    await db.execute("select orders.declare_landed($1, $2, $3)", actor.as_row(), declared, now)


async def receive_payment(
    db: Writer, actor: Actor, payment: PaymentBodyIn, now: dt.datetime
) -> dict[str, Any]:
    """Credit money that came and pay what it is for; the payment as it is kept."""
    kept: dict[str, Any] = await db.value(
        "select orders.receive_payment($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        payment.source,
        payment.external_id,
        payment.amount,
        payment.currency,
        payment.reference,
        now,
    )
    return kept


async def expire_orders(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """End unpaid orders whose time is over, up to `limit`; how many."""
    ended: int = await db.value(
        "select orders.expire_orders($1, $2, $3)", actor.as_row(), limit, now
    )
    return ended


async def allocate_waiting(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Give stock to up to `limit` orders that wait for it; how many got any."""
    given: int = await db.value(
        "select orders.allocate_waiting($1, $2, $3)", actor.as_row(), limit, now
    )
    return given


async def purchase_parts(
    db: Writer, actor: Actor, *, cut_off: dt.datetime, after: UUID, limit: int, now: dt.datetime
) -> Purchased:
    """Gather what factories are to send into purchases."""
    done = await db.value(
        "select orders.purchase_parts($1, $2, $3, $4, $5)", actor.as_row(), cut_off, after, limit,
        now,
    )  # fmt: skip
    return msgspec.convert(done, Purchased)


async def lose_purchase(
    db: Writer, actor: Actor, purchase_id: UUID, now: dt.datetime, *, is_silent: bool
) -> int:
    """Do what buyers decided about units that a factory will not send; how many orders."""
    met: int = await db.value(
        "select orders.lose_purchase($1, $2, $3, $4)",
        actor.as_row(), purchase_id, is_silent, now,
    )  # fmt: skip
    return met


async def open_claim(
    db: Writer, actor: Actor, claim_id: UUID, order_id: UUID, body: ClaimBody, now: dt.datetime
) -> None:
    """Keep a claim and freeze the order's money."""
    await db.execute(
        "select orders.open_claim($1, $2, $3, $4, $5, $6, $7)",
        actor.as_row(),
        claim_id,
        order_id,
        body.reason,
        body.note,
        body.lines,
        now,
    )


async def answer_claim(
    db: Writer, actor: Actor, claim_id: UUID, answer: ClaimAnswer, now: dt.datetime
) -> None:
    """Refund or reject."""
    await db.execute(
        "select orders.answer_claim($1, $2, $3, $4, $5, $6)",
        actor.as_row(),
        claim_id,
        answer.amount,
        answer.charged_to,
        answer.note,
        now,
    )


async def withdraw_claim(db: Writer, actor: Actor, claim_id: UUID, now: dt.datetime) -> None:
    """End a claim without money."""
    await db.execute("select orders.withdraw_claim($1, $2, $3)", actor.as_row(), claim_id, now)


async def default_claims(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Grant claims past their day; how many."""
    ended: int = await db.value(
        "select orders.default_claims($1, $2, $3)", actor.as_row(), limit, now
    )
    return ended


async def confirm_receipt(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> None:
    """Release an order's money by the buyer's word."""
    await db.execute("select orders.confirm_receipt($1, $2, $3)", actor.as_row(), order_id, now)


async def release_due(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Release the money whose wait is over; of how many orders."""
    released: int = await db.value(
        "select orders.release_due($1, $2, $3)", actor.as_row(), limit, now
    )
    return released


async def bill_orders(db: Writer, actor: Actor, *, limit: int, now: dt.datetime) -> int:
    """Bring the papers of noted orders up to date; how many orders."""
    billed: int = await db.value(
        "select orders.bill_orders($1, $2, $3)", actor.as_row(), limit, now
    )
    return billed


async def ask_invoice(db: Writer, actor: Actor, order_id: UUID, now: dt.datetime) -> None:
    """Issue the papers that an order lacks."""
    await db.execute("select orders.ask_invoice($1, $2, $3)", actor.as_row(), order_id, now)


async def set_assurance(db: Writer, actor: Actor, rules: Assurance, now: dt.datetime) -> None:
    """Keep how long money waits."""
    await db.execute(
        "select orders.set_assurance($1, $2, $3, $4, $5)",
        actor.as_row(),
        rules.release_days,
        rules.claim_days,
        rules.answer_days,
        now,
    )


async def open_pool(
    db: Writer, actor: Actor, pool_id: UUID, body: PoolBody, now: dt.datetime
) -> None:
    """Keep a pool of an offer."""
    await db.execute("select orders.open_pool($1, $2, $3, $4)", actor.as_row(), pool_id, body, now)


async def join_pool(
    db: Writer, actor: Actor, pool_id: UUID, pledge_id: UUID, body: PledgeBody, now: dt.datetime
) -> None:
    """Keep a pledge and hold its money."""
    await db.execute(
        "select orders.join_pool($1, $2, $3, $4, $5)",
        actor.as_row(), pool_id, pledge_id, body, now,
    )  # fmt: skip


async def leave_pool(db: Writer, actor: Actor, pool_id: UUID, now: dt.datetime) -> None:
    """Give the actor's pledge its money back."""
    await db.execute("select orders.leave_pool($1, $2, $3)", actor.as_row(), pool_id, now)


async def lock_pool(db: Writer, actor: Actor, pool_id: UUID, now: dt.datetime) -> PoolToEnd:
    """What a pool's end is decided from; it stays so until the transaction ends."""
    found = await db.value("select orders.pool_to_end($1, $2, $3)", actor.as_row(), pool_id, now)
    return msgspec.convert(found, PoolToEnd)


async def end_pool(
    db: Writer, actor: Actor, pool_id: UUID, ending: PoolEnding, now: dt.datetime
) -> None:
    """Order what is shared, give everything else back."""
    await db.value(
        "select orders.end_pool($1, $2, $3, $4, $5, $6)",
        actor.as_row(), pool_id, ending.shares, ending.unit_price, ending.reason, now,
    )  # fmt: skip


async def answer_case(
    db: Writer, actor: Actor, case_id: UUID, evidence: str, now: dt.datetime
) -> None:
    """Keep what the supplier says to a claim."""
    await db.execute(
        "select orders.answer_case($1, $2, $3, $4)", actor.as_row(), case_id, evidence, now
    )

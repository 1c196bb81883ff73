"""Use cases of purchase orders: issue, answer, accept, cancel, expire, send, import."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.accounts import actions as accounts
from beltline.accounts.types import Guest
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.ids import new_id
from beltline.procurement import queries, rules, store
from beltline.procurement.types import (
    Answer,
    CannotSendLink,
    NewLine,
    PurchaseOrder,
    SentLink,
    Status,
)

LINK_PURPOSE = "purchase_order.answer"


async def issue_order(
    db: Writer,
    actor: Actor,
    *,
    supplier_org_id: UUID,
    node_id: UUID,
    currency: str,
    expected_date: dt.date,
    order_by_date: dt.date | None,
    plan_run_id: UUID | None,
    lines: Sequence[NewLine],
    now: dt.datetime,
    answer_by: dt.datetime | None = None,
) -> PurchaseOrder:
    """Write an order of the operator and send it out; its goods count as inbound at once.

    The supplier has 48 hours to answer unless `answer_by` says otherwise.
    """
    actor.needs_operator()
    rules.check_order(lines, expected_date, now.date())
    order_id = new_id()
    order = {
        "id": order_id,
        "supplier_org_id": supplier_org_id,
        "node_id": node_id,
        "currency": currency,
        "expected_date": expected_date,
        "order_by_date": order_by_date,
        "answer_by": answer_by or now + rules.ANSWER_WITHIN,
        "plan_run_id": plan_run_id,
        "lines": lines,
    }
    await store.issue_order(db, actor, order, now)
    return await queries.get_order(db, actor, order_id)


async def answer_order(
    db: Writer, actor: Actor, *, order_id: UUID, answer: Answer, now: dt.datetime
) -> PurchaseOrder:
    """The supplier's word on an issued order; of two answers at once the first counts.

    A counter that changes nothing confirms.
    """
    await store.answer_order(db, actor, order_id, rules.check_answer(answer, now.date()), now)
    return await queries.get_order(db, actor, order_id)


async def accept_counter(
    db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime
) -> PurchaseOrder:
    """Take the counter: the order is confirmed on its quantities, prices and day."""
    actor.needs_operator()
    await store.accept_counter(db, actor, order_id, now)
    return await queries.get_order(db, actor, order_id)


async def cancel_order(
    db: Writer, actor: Actor, *, order_id: UUID, note: str, now: dt.datetime
) -> PurchaseOrder:
    """Take back an order of which nothing was received; its goods are no longer inbound."""
    actor.needs_operator()
    await store.cancel_order(db, actor, order_id, note.strip(), now)
    return await queries.get_order(db, actor, order_id)


async def expire_unanswered(database: Database, actor: Actor, *, now: dt.datetime) -> int:
    """End the orders that nobody answered in time; how many. Each is a transaction of its own,
    so that no two orders' stock is locked at once.
    """
    actor.needs_operator()
    async with database.system() as db:
        waiting = await queries.list_unanswered(db, now=now)
    ended = 0
    for order_id in waiting:
        async with database.system() as db:
            ended += await store.expire_order(db, actor, order_id, now)
    return ended


async def send_link(db: Writer, actor: Actor, *, order_id: UUID, now: dt.datetime) -> SentLink:
    """A link by which the factory answers this order without an account; the one before ends.

    The path holds the secret and is shown this once.
    """
    actor.needs_operator()
    order = await queries.get_order(db, actor, order_id)
    if order.status is not Status.ISSUED:
        raise CannotSendLink(number=order.number, status=order.status)
    link = await accounts.create_link(
        db, actor, for_org_id=order.supplier_org_id, purpose=LINK_PURPOSE, object_id=order.id,
        life=rules.LINK_LIFE, now=now,
    )  # fmt: skip
    return SentLink(f"/g/po/{link.token}", link.expires_at)


async def open_link(
    database: Database, token: str, *, now: dt.datetime, request_id: str = ""
) -> Guest:
    """Who holds a link and for which order; refuses one that has ended."""
    return await accounts.authenticate_link(
        database, token, purpose=LINK_PURPOSE, now=now, request_id=request_id
    )

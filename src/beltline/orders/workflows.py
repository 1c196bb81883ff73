"""What the clock and arriving goods ask of orders."""

import datetime as dt
import functools
from typing import Final
from uuid import UUID

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.orders import actions
from beltline.orders.actions import landed, pools
from beltline.orders.types import Purchased

_AT_ONCE: Final = 500
_SUPPLIERS_AT_ONCE: Final = 20
_POOLS_AT_ONCE: Final = 10
_BILLED_AT_ONCE: Final = 100
"""Fewer: they are held, and the series of numbers with them, until all have their papers."""


@job("orders.expire.v1")
async def expire_unpaid(run: Run) -> int:
    """End unpaid orders whose time is over, some hundreds a step; how many."""

    async def expire(db: Writer, now: dt.datetime) -> int:
        return await actions.expire_orders(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("expire", expire)


@job("orders.allocate.v1")
async def allocate_waiting(run: Run) -> int:
    """Give stock that has come to orders that wait for it; how many got any."""

    async def allocate(db: Writer, now: dt.datetime) -> int:
        return await actions.allocate_waiting(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("allocate", allocate)


@job("orders.purchase.v1")
async def purchase_parts(run: Run) -> int:
    """Ask factories for what was ordered of them until now; how many purchases."""
    made, part, after = 0, 1, None
    while True:
        done = await run.step(
            f"purchase {part}", functools.partial(_purchase, run.actor, after), Purchased
        )
        if done.last is None:
            return made
        made, part, after = made + done.purchases, part + 1, done.last
        run.report(done=made)


async def _purchase(actor: Actor, after: UUID | None, db: Writer, now: dt.datetime) -> Purchased:
    return await actions.purchase_parts(
        db, actor, cut_off=now, after=after, limit=_SUPPLIERS_AT_ONCE, now=now
    )


@job("orders.assurance.v1")
async def keep_assurance(run: Run) -> dict[str, int]:
    """Grant claims that nobody answered in time, then release the money whose wait is over."""

    async def grant(db: Writer, now: dt.datetime) -> int:
        return await actions.default_claims(db, run.actor, limit=_AT_ONCE, now=now)

    async def release(db: Writer, now: dt.datetime) -> int:
        return await actions.release_due(db, run.actor, limit=_AT_ONCE, now=now)

    granted = await run.repeat("granted", grant)
    return {"granted": granted, "released": await run.repeat("released", release, done=granted)}


@job("orders.bill.v1")
async def bill_orders(run: Run) -> int:
    """Issue the invoices and credit notes that orders lack, some at a time; of how many."""

    async def bill(db: Writer, now: dt.datetime) -> int:
        return await actions.bill_orders(db, run.actor, limit=_BILLED_AT_ONCE, now=now)

    return await run.repeat("bill", bill)


@job("orders.pools.v1")
async def end_pools(run: Run) -> int:
    """End pools whose time is over, some at a time; how many."""

    async def end(db: Writer, now: dt.datetime) -> int:
        return await pools.end_due_pools(db, run.actor, limit=_POOLS_AT_ONCE, now=now)

    return await run.repeat("pools", end)


async def follow_purchases(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """A factory is not to bring it: do what each buyer of it decided when it ordered.

    One that was silent is asked again, until the deadlines of the journeys end that. What was
    cancelled because nothing of it was wanted any more concerns nobody.
    """
    operator = await find_operator(db)
    if operator is not None and event.data.get("cause") != "NOT_WANTED":
        actor = system_actor(operator, "orders")
        await actions.lose_purchase(
            db, actor, purchase_id=event.aggregate_id, now=now,
            is_silent=event.type == "purchase_order.expired",
        )  # fmt: skip


async def follow_receipts(db: Writer, _event: PublishedEvent, now: dt.datetime) -> None:
    """Goods came in: give them to the orders that wait for them, some hundreds at most."""
    operator = await find_operator(db)
    if operator is not None:
        actor = system_actor(operator, "orders")
        await actions.allocate_waiting(db, actor, limit=_AT_ONCE, now=now)


async def follow_papers(db: Writer, _event: PublishedEvent, now: dt.datetime) -> None:
    """An order left or came to another sum: its papers follow at once, the rest by the hour."""
    operator = await find_operator(db)
    if operator is not None:
        actor = system_actor(operator, "orders")
        await actions.bill_orders(db, actor, limit=_BILLED_AT_ONCE, now=now)


async def follow_landed(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """An order was placed or changed: keep what it was shown to cost until it has arrived."""
    operator = await find_operator(db)
    if operator is not None:
        actor = system_actor(operator, "orders")
        await landed.keep_landed_cost(db, actor, order_id=event.aggregate_id, now=now)


JOBS = (expire_unpaid, allocate_waiting, purchase_parts, keep_assurance, bill_orders, end_pools)
LISTENERS = (
    Listener("orders.landed", frozenset({"order.placed", "order.amended"}), follow_landed),
    Listener("orders.receipts", frozenset({"goods_receipt.recorded"}), follow_receipts),
    Listener(
        "orders.purchases",
        frozenset({"purchase_order.refused", "purchase_order.cancelled", "purchase_order.expired"}),
        follow_purchases,
    ),
    Listener(
        "orders.papers",
        frozenset({"order.shipped", "order.amended", "order.cancelled", "claim.refunded"}),
        follow_papers,
    ),
)

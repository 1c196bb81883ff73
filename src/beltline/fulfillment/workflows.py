"""What orders and the clock ask of journeys."""

import datetime as dt
from typing import Final

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.fulfillment import actions
from beltline.fulfillment.actions import earnings, learning, tracking
from beltline.fulfillment.types.times import Learnt
from beltline.kit.clock import day_of, day_start
from beltline.kit.db import Writer
from beltline.kit.jobs.run import Run, job
from beltline.kit.listeners import Listener, PublishedEvent
from beltline.ledger import actions as ledger

_AT_ONCE: Final = 500


async def follow_orders(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """End the journeys of what was cancelled or changed; begin those of what is allocated."""
    operator = await find_operator(db)
    if operator is None or event.aggregate != "order":
        return
    actor = system_actor(operator, "orders")
    if event.type in {"order.cancelled", "order.amended"}:
        await actions.end_cancelled(db, actor, order_id=event.aggregate_id, now=now)
    if event.type == "order.balance_paid":
        await actions.go_on(db, actor, order_id=event.aggregate_id, now=now)
    elif event.type != "order.cancelled":
        await actions.open_journeys(db, actor, order_ids=[event.aggregate_id], now=now)
        await actions.finish_confirmed(db, actor, subject_id=event.aggregate_id, now=now)


async def follow_purchases(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """A factory said yes, another day, or what is on the road: the journeys of those follow."""
    operator = await find_operator(db)
    if operator is not None:
        actor = system_actor(operator, "purchases")
        if event.type == "purchase_order.changed":
            was, is_ = (
                dt.date.fromisoformat(event.data[key]) for key in ("date_before", "expected_date")
            )
            await actions.replan(
                db, actor, purchase_id=event.aggregate_id, days=(is_ - was).days, now=now
            )
        elif event.aggregate == "purchase_order":
            await actions.finish_confirmed(db, actor, subject_id=event.aggregate_id, now=now)
        else:
            await actions.ship_announced(db, actor, notice_id=event.aggregate_id, now=now)


async def follow_customs(db: Writer, event: PublishedEvent, now: dt.datetime) -> None:
    """A declaration was released, or its goods will not come: the journeys of it follow."""
    operator = await find_operator(db)
    if operator is None:
        return
    actor = system_actor(operator, "customs")
    if event.type == "declaration.released":
        await actions.follow_release(db, actor, declaration_id=event.aggregate_id, now=now)
    else:
        await actions.follow_seizure(db, actor, declaration_id=event.aggregate_id, now=now)


@job("journeys.deadlines.v1")
async def meet_deadlines(run: Run) -> int:
    """Ask about late stages and answer silent questions, some hundreds a step; how many."""

    async def meet(db: Writer, now: dt.datetime) -> int:
        return await actions.meet_deadlines(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("meet", meet)


@job("journeys.reminders.v1")
async def remind(run: Run) -> int:
    """Remind before deadlines, some hundreds a step; how many reminders."""

    async def send(db: Writer, now: dt.datetime) -> int:
        return await actions.remind(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("remind", send)


@job("journeys.silent.v1")
async def question_silence(run: Run) -> int:
    """Ask about boxes of which their carriers are silent, some hundreds a step; how many."""

    async def ask(db: Writer, now: dt.datetime) -> int:
        return await tracking.question_silence(db, run.actor, limit=_AT_ONCE, now=now)

    return await run.repeat("ask", ask)


@job("journeys.learn.v1")
async def learn_times(run: Run) -> Learnt:
    """Learn how long stages take at each supplier and node, and the road on each lane."""

    async def learn(db: Writer, now: dt.datetime) -> Learnt:
        return await learning.learn_times(db, run.actor, now=now)

    return await run.step("learn", learn, Learnt)


@job("settlements.v1")
async def settle_suppliers(run: Run) -> dict[str, int]:
    """Book what suppliers earned until now, then state the months that have ended."""

    async def book(db: Writer, now: dt.datetime) -> int:
        return await earnings.book_earnings(db, run.actor, limit=_AT_ONCE, now=now)

    async def state(db: Writer, now: dt.datetime) -> int:
        month = day_start(day_of(now).replace(day=1))
        return await ledger.settle(db, run.actor, until=month, now=now)

    booked = await run.repeat("book", book)
    return {"booked": booked, "stated": await run.step("state", state, int)}


JOBS = (meet_deadlines, remind, question_silence, learn_times, settle_suppliers)
# One listener for all, so that a confirmation is never overtaken by its shipment.
_PURCHASES: Final = frozenset(
    {"purchase_order.confirmed", "purchase_order.changed", "shipping_notice.announced"}
)
_CUSTOMS: Final = frozenset(
    {"declaration.released", "declaration.returned", "declaration.forfeited"}
)
LISTENERS = (
    Listener("fulfillment.orders", "order.", follow_orders),
    Listener("fulfillment.purchases", _PURCHASES, follow_purchases),
    Listener("fulfillment.customs", _CUSTOMS, follow_customs),
)

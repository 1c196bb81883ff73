"""Time in a sandbox: let days pass, and with them what factories, carriers and deadlines do."""

import datetime as dt
from collections.abc import Callable
from typing import Final

import msgspec

from beltline.accounts.actions import system_actor
from beltline.accounts.queries import find_operator
from beltline.app.sandbox_clock import ADVANCE_KIND, NotASandbox
from beltline.app.workflows import LISTENERS
from beltline.customs import actions as customs
from beltline.fulfillment import actions as fulfillment
from beltline.fulfillment.actions import earnings, tracking
from beltline.fulfillment.types.journeys import Faults
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.jobs.run import JobKind, Run
from beltline.kit.relay import deliver, publish
from beltline.kit.sandbox import move_clock
from beltline.orders import actions as orders
from beltline.orders.actions import pools
from beltline.procurement import actions as procurement
from beltline.procurement import queries as purchases
from beltline.procurement.actions import deadlines

STEP: Final = dt.timedelta(hours=6)
OnStep = Callable[[dt.datetime], None]


class Advanced(msgspec.Struct, frozen=True):
    """What a span of virtual time brought."""

    started_at: dt.datetime
    now: dt.datetime
    stages_ended: int
    questions_opened: int
    deadlines_met: int
    purchases_expired: int
    receipts_confirmed: int


async def advance(
    database: Database, *, until: dt.datetime, faults: Faults, on_step: OnStep | None = None
) -> Advanced:
    """Move the sandbox's clock to `until` in steps of six hours, each carried to its end.

    In each: the simulated world ends the stages whose time has come, deadlines are met, events
    reach their listeners. Broken off and called again it goes on to the same instant.
    """
    if not database.is_virtual:
        raise NotASandbox
    started = now = await database.now()
    stages = questions = met = expired = confirmed = 0
    await _carry_events(database)
    async with database.system() as db:
        operator = await find_operator(db)
    actor = system_actor(operator, "simulated world") if operator else None
    while now < until:
        async with database.system() as db:
            now = await move_clock(db, min(STEP, until - now))
            if actor is not None:
                moved = await fulfillment.simulate(db, actor, faults=faults, now=now)
                told = await tracking.simulate_carrier(db, actor, faults=faults, now=now)
                stages += moved.stages + told.moved
                questions += moved.questions + told.questions
        if actor is not None:
            await _remind(database, actor, now)
            met += await _meet_deadlines(database, actor, now)
            expired += await _expire_purchases(database, actor, now)
            confirmed += await _keep_assurance(database, actor, now)
        await _carry_events(database)
        if on_step is not None:
            on_step(now)
    return Advanced(started, now, stages, questions, met, expired, confirmed)


def advance_job(database: Database) -> JobKind:
    """The job that advances this sandbox by `days` with `faults`."""

    async def body(run: Run) -> Advanced:
        days, faults = run.parameters["days"], run.parameters["faults"]

        async def aim(_db: Writer, now: dt.datetime) -> dt.datetime:
            return now + dt.timedelta(days=days)

        # Kept, so that a run after a crash goes on to the same instant and no further.
        until = await run.step("aim", aim, dt.datetime)
        return await advance(database, until=until, faults=msgspec.convert(faults, Faults))

    return JobKind(ADVANCE_KIND, body)


async def _carry_events(database: Database) -> None:
    """Publish what waits and hand it to every listener, until nothing is left."""
    while True:
        carried = await publish(database)
        for listener in LISTENERS:
            carried += await deliver(database, listener)
        if not carried:
            return


async def _remind(database: Database, actor: Actor, now: dt.datetime) -> None:
    """Remind before deadlines, queue what is overdue, look at customs files and silent boxes."""
    async with database.system() as db:
        while await fulfillment.remind(db, actor, limit=500, now=now):
            pass
        while await deadlines.meet_deadlines(db, actor, limit=500, now=now):
            pass
        while await customs.meet_deadlines(db, actor, limit=500, now=now):
            pass
        while await tracking.question_silence(db, actor, limit=500, now=now):
            pass


async def _meet_deadlines(database: Database, actor: Actor, now: dt.datetime) -> int:
    total = 0
    while True:
        async with database.system() as db:
            touched = await fulfillment.meet_deadlines(db, actor, limit=500, now=now)
        total += touched
        if not touched:
            return total


async def _keep_assurance(database: Database, actor: Actor, now: dt.datetime) -> int:
    """Grant unanswered claims, release money, end pools, book what suppliers earned."""
    async with database.system() as db:
        while await orders.default_claims(db, actor, limit=500, now=now):
            pass
        confirmed = 0
        while released := await orders.release_due(db, actor, limit=500, now=now):
            confirmed += released
        while await pools.end_due_pools(db, actor, limit=50, now=now):
            pass
        while await earnings.book_earnings(db, actor, limit=500, now=now):
            pass
    return confirmed


async def _expire_purchases(database: Database, actor: Actor, now: dt.datetime) -> int:
    async with database.system() as db:
        waiting = await purchases.list_unanswered(db, now=now)
    ended = 0
    for order_id in waiting:
        async with database.system() as db:
            ended += await procurement.expire_order(db, actor, order_id=order_id, now=now)
    return ended

"""The background process: publishes events, runs jobs and schedules, keeps the house.

Composition only: the relay is `kit.relay`, durable jobs are `kit.jobs`, their bodies and the
listeners are the modules' `workflows`.
"""

import asyncio
import contextlib
import datetime as dt
import signal
from collections.abc import Callable, Sequence

import structlog

from beltline.accounts.actions import forget_ended_sessions, system_actor
from beltline.accounts.queries import find_operator
from beltline.app.sandbox_worker import tend_sandbox
from beltline.app.settings import SettingInvalid, Settings, TranslationSettings, WorkerSettings
from beltline.app.workflows import LISTENERS, NO_TRANSLATION, jobs_on
from beltline.channels.workflows import deliver_forever
from beltline.kit.actor import Actor
from beltline.kit.clock import NETWORK_ZONE, system_now
from beltline.kit.db import Database, Reader
from beltline.kit.errors import Transient
from beltline.kit.files import forget_files
from beltline.kit.idempotency import forget_answers
from beltline.kit.jobs.engine import start_jobs, stop_jobs
from beltline.kit.jobs.run import registry_of
from beltline.kit.jobs.schedules import Schedule
from beltline.kit.relay import relay_forever
from beltline.science.engines import Engine, parse_engine

_log = structlog.get_logger("beltline.worker")

UPKEEP_EVERY_S = 3_600.0
FILES_KEPT = dt.timedelta(days=90)
"""Imported files may name people; what they brought is in the tables."""
_PRUNED_AT_ONCE = 5_000
_RETRY_S = 30.0
_FIRST = "worker-0"


async def run_worker(
    settings: Settings, dsn: str, *, on_ready: Callable[[], None], stop: asyncio.Event | None = None
) -> None:
    """Work until SIGINT or SIGTERM (or `stop`), then let what runs come to a step's end.

    Refuses when another living process works under the same id.
    """
    engine = _engine_of(settings.worker)
    stopping = stop or _on_signals()
    database = await Database(dsn, pool_size=settings.worker.pool_size).open("bl_sys", "bl_app")
    try:
        await start_jobs(
            dsn, database, settings.worker.id, registry_of(*jobs_on(engine, settings.translation)),
            schedules=schedules_of(settings.worker, settings.translation),
            system_actor=acting_system,
        )  # fmt: skip
        loops = [
            asyncio.create_task(relay_forever(database, LISTENERS, stopping)),
            asyncio.create_task(
                deliver_forever(database, stopping, allow_private=settings.worker.private_webhooks)
            ),
            asyncio.create_task(_upkeep_forever(database, settings.worker, stopping)),
        ]
        if settings.worker.id == _FIRST:
            # One tends the sandbox: its jobs take turns.
            loops.append(asyncio.create_task(tend_sandbox(dsn, stopping)))
        on_ready()
        await stopping.wait()
        await asyncio.gather(*loops)
    finally:
        await stop_jobs()
        await database.close()


def _engine_of(settings: WorkerSettings) -> Engine:
    try:
        return parse_engine(settings.engine)
    except ValueError as error:
        raise SettingInvalid(variable="BELTLINE_WORKER_ENGINE", reason=str(error)) from None


def schedules_of(
    settings: WorkerSettings, translation: TranslationSettings = NO_TRANSLATION
) -> Sequence[Schedule]:
    """What the clock asks for: each hour deadlines are met, each night a plan is made."""
    hourly = Schedule(
        name="expire-purchases", kind="purchases.expire.v1", title="End unanswered purchases",
        timezone="UTC", minute=5,
    )  # fmt: skip
    overdue = Schedule(
        name="purchase-deadlines", kind="purchases.deadlines.v1", timezone="UTC", minute=3,
        title="Remind and escalate purchases",
    )  # fmt: skip
    reminders = Schedule(
        name="remind-journeys", kind="journeys.reminders.v1", timezone="UTC", minute=18,
        title="Remind before deadlines of journeys",
    )  # fmt: skip
    times = Schedule(
        name="learn-times", kind="journeys.learn.v1", timezone=NETWORK_ZONE, hour=2, minute=10,
        title="Learn how long stages take",
    )  # fmt: skip
    silent = Schedule(
        name="silent-boxes", kind="journeys.silent.v1", timezone="UTC", minute=22,
        title="Ask about silent boxes",
    )  # fmt: skip
    journeys = Schedule(
        name="meet-deadlines", kind="journeys.deadlines.v1", title="Meet the deadlines of journeys",
        timezone="UTC", minute=20,
    )  # fmt: skip
    customs = Schedule(
        name="customs-tasks", kind="customs.deadlines.v1", title="Look at customs files",
        timezone="UTC", minute=28,
    )  # fmt: skip
    heat = Schedule(
        name="belt-heat", kind="catalog.heat.v1", title="How belts run", timezone=NETWORK_ZONE,
        hour=1, minute=45,
    )  # fmt: skip
    records = Schedule(
        name="assess-suppliers", kind="suppliers.assess.v1", title="Assess suppliers",
        timezone=NETWORK_ZONE, hour=1, minute=30,
    )  # fmt: skip
    unpaid = Schedule(
        name="expire-orders", kind="orders.expire.v1", title="End unpaid orders", timezone="UTC",
        minute=10,
    )  # fmt: skip
    waiting = Schedule(
        name="allocate-orders", kind="orders.allocate.v1", title="Give stock to waiting orders",
        timezone="UTC", minute=15,
    )  # fmt: skip
    credit = Schedule(
        name="keep-credit", kind="ledger.credit.v1", title="Statements of credit",
        timezone=NETWORK_ZONE, hour=0, minute=30,
    )  # fmt: skip
    seals = Schedule(
        name="seal-ledger", kind="ledger.seal.v1", title="Seal the ledger", timezone="UTC",
        minute=25,
    )  # fmt: skip
    pools = Schedule(
        name="end-pools", kind="orders.pools.v1", title="End pools whose time is over",
        timezone="UTC", minute=45,
    )  # fmt: skip
    bought = Schedule(
        name="purchase-parts", kind="orders.purchase.v1", title="Ask factories for what was sold",
        timezone="UTC", minute=55,
    )  # fmt: skip
    assurance = Schedule(
        name="keep-assurance", kind="orders.assurance.v1", title="Release money that has waited",
        timezone="UTC", minute=40,
    )  # fmt: skip
    papers = Schedule(
        name="bill-orders", kind="orders.bill.v1", title="Invoices and credit notes",
        timezone="UTC", minute=20,
    )  # fmt: skip
    suppliers = Schedule(
        name="settle-suppliers", kind="settlements.v1", title="Settle with suppliers",
        timezone="UTC", minute=50,
    )  # fmt: skip
    low = Schedule(
        name="watch-stock", kind="stock.watch.v1", title="Watch levels of stock", timezone="UTC",
        minute=35,
    )  # fmt: skip
    expired = Schedule(
        name="expire-lots", kind="stock.expire.v1", title="Take expired lots off sale",
        timezone="UTC", minute=2,
    )  # fmt: skip
    words = Schedule(
        name="index-goods", kind="search.index.v1", title="Index goods for search", timezone="UTC",
        minute=35,
    )  # fmt: skip
    always = (
        words, overdue, hourly, low, expired, reminders, journeys, silent, customs, unpaid, waiting,
        pools, bought, assurance, papers, suppliers, credit, seals, records, heat, times,
    )  # fmt: skip
    translated = Schedule(
        name="translate-goods", kind="catalog.translate.v1", title="Translate goods",
        timezone="UTC", minute=25,
    )  # fmt: skip
    asked = (*always, translated) if translation.url else always
    if not settings.nightly_at:
        return asked
    hour, _, minute = settings.nightly_at.partition(":")
    nightly = Schedule(
        name="nightly-plan", kind="plan.v1", title="Nightly plan", timezone="UTC",
        hour=int(hour), minute=int(minute),
    )  # fmt: skip
    return (*asked, nightly)


async def acting_system(db: Reader) -> Actor | None:
    """Scheduled jobs act as the operator's system; nobody while there is no operator."""
    operator = await find_operator(db)
    return system_actor(operator, "schedule") if operator is not None else None


async def _upkeep_forever(
    database: Database, settings: WorkerSettings, stopping: asyncio.Event
) -> None:
    while not stopping.is_set():
        wait_s = UPKEEP_EVERY_S
        try:
            await keep_house(database, settings, now=system_now())
        except Transient as error:
            _log.warning("upkeep waits for the database", reason=str(error))
            wait_s = _RETRY_S
        except Exception:  # noqa: BLE001  noted, and tried again: nothing else does it
            _log.exception("upkeep failed")
            wait_s = _RETRY_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), wait_s)


async def keep_house(database: Database, settings: WorkerSettings, *, now: dt.datetime) -> None:
    """Make the coming months' partitions; forget old keys, files and ended sessions."""
    async with database.system() as db:
        made = await db.value("select kit.ensure_partitions($1)", now)
        await forget_ended_sessions(db, now)
        await forget_files(db, before=now - FILES_KEPT)
    if made:
        _log.info("made partitions", count=made)
    before = now - dt.timedelta(days=settings.idempotency_days)
    while True:
        async with database.system() as db:
            pruned = await forget_answers(db, before=before, limit=_PRUNED_AT_ONCE)
        if pruned < _PRUNED_AT_ONCE:
            return


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping

"""Data health: invariants proved on every row, workers, jobs, events no listener can take."""

import datetime as dt
import enum
import time
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.jobs.queries import list_workers
from beltline.kit.web.acts import chosen, form_of, said, to
from beltline.kit.web.i18n import N_
from beltline.kit.web.page import PageContext, render
from beltline.tower import actions
from beltline.tower.queries import health, proofs
from beltline.tower.types import NotParked

SILENT_AFTER: Final = dt.timedelta(minutes=2)
"""A worker that was not heard for this long is taken for gone."""
SAID: Final = {
    "skipped": N_("The event is given up; what waited behind it goes on."),
    "tried": N_("The event is tried again now."),
}

PROOFS: Final = {
    "stock_equals_movements": (
        N_("Stock equals its movements"),
        N_("On hand and reserved of every row are the sums of its movements."),
    ),
    "lots_equal_stock": (
        N_("Lots equal stock"),
        N_("The lots of every row whose SKU keeps them are its units; what expired is on hold."),
    ),
    "reserved_equals_open_parts": (
        N_("Reservations equal open orders"),
        N_("What is reserved of every stock row is the sum of the open parts of orders."),
    ),
    "ledger_balanced": (
        N_("The ledger is balanced"),
        N_("Every transfer, and the whole ledger, sums to zero per currency."),
    ),
    "held_equals_open_holds": (
        N_("Held money equals open holds"),
        N_("The money booked as held for buyers is the sum of open holds, per currency."),
    ),
    "balances_equal_entries": (
        N_("Balances equal their entries"),
        N_("Every running balance is the sum of the entries of its account."),
    ),
    "ledger_sealed": (
        N_("The ledger is as it was sealed"),
        N_("Every transfer and entry is what it was when its hour was sealed."),
    ),
    "orders_paid": (
        N_("Orders are paid for"),
        N_("Every order's total is the sum of its lines, paid less what was given back."),
    ),
    "deposits_add_up": (
        N_("Deposits and balances add up"),
        N_("No goods go on from the hub before the balance of their line is paid."),
    ),
    "suppliers_owed": (
        N_("Suppliers are owed what they earned"),
        N_("What is owed to each supplier is what is unstated, unpaid or carried, to the unit."),
    ),
    "advances_add_up": (
        N_("Advances to factories add up"),
        N_("What factories hold in advance is what was paid and is not worked off or taken back."),
    ),
    "papers_true": (
        N_("Papers are numbered without a gap"),
        N_("Each is the sum of its lines, each statement that of the entries of its month."),
    ),
    "orders_billed": (
        N_("Orders are billed as they were paid"),
        N_("Invoices less credit notes are what was paid, unless the next paper is on its way."),
    ),
    "claims_freeze": (
        N_("Claims freeze what they are about"),
        N_("Held money is frozen exactly while a claim is open, and claims' refunds add up."),
    ),
    "pools_add_up": (
        N_("Pools add up"),
        N_("Money of a pledge is held while its pool is open, then its order's or given back."),
    ),
    "events_published": (
        N_("Events are published"),
        N_("No event waits long, the feed has no gap, and no listener has parked one."),
    ),
    "inbound_equals_orders": (
        N_("Goods inbound equal purchases"),
        N_("What every stock row has inbound is what purchases and transfers are to bring."),
    ),
    "fapiaos_once": (
        N_("Fapiaos cover once"),
        N_("No unit of a fapiao covers two that leave, none that leaves is covered twice."),
    ),
    "webhooks_complete": (
        N_("Webhooks miss nothing"),
        N_("Every event that a webhook wants has a delivery, until it is taken."),
    ),
}
JOB_STATES: Final = {
    "QUEUED": (N_("waiting"), "mute"), "RUNNING": (N_("running"), "info"),
    "DONE": (N_("done"), "ok"), "REFUSED": (N_("refused"), "warn"),
    "FAILED": (N_("failed"), "crit"), "CANCELLED": (N_("cancelled"), "mute"),
}  # fmt: skip
FIGURES: Final = {
    "rows": N_("row count"), "rows_wrong": N_("rows wrong"), "open_parts": N_("open parts"),
    "promised": N_("promised"), "reserved": N_("reserved"), "transfers": N_("transfers"),
    "entries": N_("entries"), "transfers_unbalanced": N_("transfers unbalanced"),
    "transfers_missing": N_("transfers missing"),
    "currencies_not_zero": N_("currencies not zero"), "open_holds": N_("open holds"),
    "seals": N_("seals"), "sealed": N_("sealed"),
    "held": N_("held"), "booked": N_("booked"), "balances": N_("balances"),
    "balances_wrong": N_("balances wrong"), "orders": N_("orders"),
    "orders_wrong": N_("orders wrong"), "waiting": N_("waiting"), "lag_s": N_("lag, s"),
    "published": N_("published"), "latest_seq": N_("latest number"), "parked": N_("parked"),
    "movements": N_("movements"), "on_hand": N_("on hand"), "rows_oversold": N_("rows oversold"),
    "inbound": N_("inbound"), "awaited": N_("awaited"), "webhooks": N_("webhooks"),
    "events_wanted": N_("events wanted"), "deliveries": N_("deliveries"),
    "delivered": N_("delivered"), "webhooks_wrong": N_("webhooks wrong"),
    "claims": N_("claims"), "open_claims": N_("open claims"), "items": N_("items booked"),
    "statements": N_("statements"), "papers": N_("papers"), "billed": N_("billed"),
    "lots": N_("lots"), "units": N_("units"), "fapiao_lines": N_("fapiao lines"),
    "covered": N_("units covered"), "advances": N_("advances"),
    "open_advances": N_("open advances"), "pools": N_("pools"), "open_pools": N_("open pools"),
    "pledged_minor": N_("pledged, minor units"),
}  # fmt: skip
COUNTED: Final = {
    "suppliers": N_("Suppliers"), "SKUs": N_("SKUs"), "offers": N_("Offers"),
    "stock": N_("Stock rows"), "movements": N_("Movements"), "demand": N_("Demand rows"),
    "proposals": N_("Proposals"), "purchase orders": N_("Purchase order rows"),
    "orders": N_("Orders"), "ledger entries": N_("Ledger entries"), "events": N_("Events"),
    "audit": N_("Audit rows"),
}  # fmt: skip


@get("/data-health")
async def health_page(
    *, database: Database, actor: Actor, page: PageContext, prove: bool = False, done: str = ""
) -> Response[str]:
    """How the installation is doing; the proofs come in when they are done."""
    actor.needs_operator()
    async with database.system() as db:
        workers = await list_workers(db)
        parked = await health.list_parked(db)
        jobs = await health.count_jobs(db, since=page.now - dt.timedelta(days=7))
    return render(
        "tower/health.html", said(page, done, SAID), workers=workers, parked=parked, jobs=jobs,
        silent_before=page.now - SILENT_AFTER, job_states=JOB_STATES,
        proved=await _prove(database, page.now) if prove else None, titles=PROOFS,
        figure_names=FIGURES, counted=COUNTED,
        may_act=actor.role == "ADMIN",
    )  # fmt: skip


@get("/data-health/proof")
async def proof_fragment(database: Database, actor: Actor, page: PageContext) -> Response[str]:
    """The proofs, made now: a part of the page of data health."""
    actor.needs_operator()
    return render(
        "tower/proof.html", page, proved=await _prove(database, page.now), titles=PROOFS,
        figure_names=FIGURES, counted=COUNTED,
    )  # fmt: skip


class _Act(enum.StrEnum):
    TRY = "TRY"
    SKIP = "SKIP"


@post("/data-health/parked")
async def act_on_parked(
    request: Request[Any, Any, State], database: Database, actor: Actor, now: dt.datetime
) -> Response[Any]:
    """Give up an event no listener can take, with a reason, or have it tried at once."""
    actor.needs_operator()
    actor.needs_role()
    form = await form_of(request)
    subscriber, act = form.get("subscriber", ""), chosen(form, "act", _Act)
    aggregate_id, feed_seq = _parked_of(form)
    async with database.system() as db:
        if act is _Act.SKIP:
            await actions.skip_event(
                db, actor, subscriber=subscriber, aggregate_id=aggregate_id, feed_seq=feed_seq,
                reason=form.get("reason", "")[:500], now=now,
            )  # fmt: skip
        else:
            await actions.try_event(
                db, actor, subscriber=subscriber, aggregate_id=aggregate_id, feed_seq=feed_seq,
                now=now,
            )  # fmt: skip
    return to(f"/data-health?done={'skipped' if act is _Act.SKIP else 'tried'}")


def _parked_of(form: dict[str, str]) -> tuple[UUID, int]:
    """Object and number of the event a form names; one that names none is parked nowhere."""
    try:
        return UUID(form.get("aggregate_id", "")), int(form.get("feed_seq", "")[:18])
    except ValueError as error:
        raise NotParked(feed_seq=0) from error


async def _prove(database: Database, now: dt.datetime) -> dict[str, Any]:
    started = time.perf_counter()
    found = await proofs.prove_all(database, now)
    async with database.system() as db:
        rows = await health.count_rows(db)
    return {"health": found, "rows": rows, "seconds": time.perf_counter() - started}


PAGES = (health_page, proof_fragment, act_on_parked)

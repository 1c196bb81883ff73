"""Use cases of planning: bring in demand, ask for a plan, decide its proposals, issue purchases."""

import datetime as dt
import importlib.metadata
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from beltline.accounts.actions import record_audit
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of, day_start
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id
from beltline.kit.jobs import queue
from beltline.kit.money import line_amount
from beltline.planning.queries import inputs, proposals, runs
from beltline.planning.rules.quantities import (
    check_quantity,
    price_at,
    round_up,
)
from beltline.planning.store import proposals as proposal_store
from beltline.planning.store import runs as run_store
from beltline.planning.types import (
    CutOffInFuture,
    Decided,
    Filters,
    NoDemand,
    NotCompared,
    NothingToUndo,
    Parameters,
    PlanRun,
    Proposal,
    ProposalChanged,
    Status,
    WrongStatus,
)

PLAN_JOB: Final = "plan.v1"
PLAN_TITLE: Final = "Plan"
SCENARIO_JOB: Final = "scenario.v1"
SCENARIO_TITLE: Final = "What-if"
UNDO_WITHIN: Final = dt.timedelta(minutes=10)


async def start_plan(
    db: Writer,
    actor: Actor,
    *,
    parameters: Parameters,
    cut_off: dt.date | None = None,
    now: dt.datetime,
) -> PlanRun:
    """Ask a worker for a plan; the waiting run."""
    run_id = await open_run(
        db, actor, parameters=parameters, cut_off=cut_off, now=now, job_id=(job_id := new_id())
    )
    await queue.enqueue(
        db, actor, kind=PLAN_JOB, title=PLAN_TITLE,
        parameters={"plan_run_id": str(run_id)}, now=now, job_id=job_id,
    )  # fmt: skip
    await record_audit(
        db, actor, action="start", object_="plan_run", object_id=run_id,
        change={"parameters": msgspec.to_builtins(parameters)}, now=now,
    )  # fmt: skip
    return await runs.get_run(db, actor.org_id, run_id)


async def open_run(
    db: Writer,
    actor: Actor,
    *,
    parameters: Parameters,
    cut_off: dt.date | None,
    now: dt.datetime,
    job_id: UUID,
    run_id: UUID | None = None,
) -> UUID:
    """Write the run of a plan, of the latest complete period unless a cut-off is given.

    A given cut-off after which another period has ended is a look back: stock, orders and offers
    are those of its end.
    """
    actor.needs_operator()
    today = day_of(now)
    latest = today - dt.timedelta(days=1)
    if cut_off is not None and cut_off > latest:
        raise CutOffInFuture(
            cut_off=cut_off.isoformat(), latest=latest.isoformat(), param="cut_off"
        )
    known = await _latest_period(db, actor.org_id, cut_off or latest, parameters)
    period = dt.timedelta(days=7 if known.is_weekly else 1)
    newest = known.latest or latest
    is_look_back = cut_off is not None and newest + 2 * period <= today
    end = newest + period
    made = run_id or new_id()
    await run_store.insert_run(
        db, run_id=made, org_id=actor.org_id, state="QUEUED", cut_off=newest,
        as_of=day_start(end) if is_look_back else now,
        freq="W" if known.is_weekly else "D", horizon=parameters.horizon,
        parameters=msgspec.to_builtins(parameters), versions=versions(), job_id=job_id,
        created_by=actor.name, now=now,
    )  # fmt: skip
    return made


def versions() -> dict[str, str]:
    """The program a plan is made with."""
    return {"beltline": importlib.metadata.version("beltline")}


async def _latest_period(
    db: Reader, org_id: UUID, until: dt.date, parameters: Parameters
) -> inputs.Latest:
    """The latest complete period: a week counts once its seven days have passed."""
    since = until - dt.timedelta(days=parameters.history_days)
    known = await inputs.find_latest(db, org_id, until=until, since=dt.date(1900, 1, 1))
    if known.latest is None:
        raise NoDemand(cut_off=until.isoformat())
    if known.is_weekly and known.latest + dt.timedelta(days=6) > until:
        before = known.latest - dt.timedelta(days=1)
        known = await inputs.find_latest(db, org_id, until=before, since=since)
        if known.latest is None:
            raise NoDemand(cut_off=before.isoformat())
    return known


async def edit_proposal(
    db: Writer,
    actor: Actor,
    *,
    proposal_id: UUID,
    quantity: int,
    version: int,
    note: str = "",
    now: dt.datetime,
) -> Proposal:
    """Order another quantity; MOQ, packs and price breaks of the offer hold.

    `version` is the one the planner saw.
    """
    actor.needs_operator()
    proposal = await proposals.get_proposal(db, actor.org_id, proposal_id)
    _needs(proposal, (Status.OPEN, Status.ACCEPTED))
    check_quantity(quantity, sku=proposal.sku, moq=proposal.moq, pack_size=proposal.pack_size)
    breaks = await proposals.list_breaks(db, proposal.offer_id)
    unit_price = price_at(breaks, quantity) if breaks else proposal.unit_price
    amount = line_amount(unit_price, quantity, proposal.uom, proposal.currency)
    decision_id = await _open_decision(db, actor, "EDIT", note, now)
    changed = await proposal_store.edit(
        db, proposal_id, quantity=quantity, unit_price=unit_price, amount=amount,
        version=version, decision_id=decision_id, by=actor.name, note=note, now=now,
    )  # fmt: skip
    if changed is None:
        raise _moved(await proposals.get_proposal(db, actor.org_id, proposal_id))
    await tell(db, actor, "edit", decision_id, [changed], now)
    return await proposals.get_proposal(db, actor.org_id, proposal_id)


async def choose_supplier(
    db: Writer,
    actor: Actor,
    *,
    proposal_id: UUID,
    offer_id: UUID,
    version: int,
    note: str = "",
    now: dt.datetime,
) -> Proposal:
    """Buy a proposal by another of the offers that were compared.

    Its quantity is raised to what that supplier sells, its price follows that offer's breaks, and
    it is expected as many days later or sooner as the mean lead times differ.
    """
    actor.needs_operator()
    proposal = await proposals.get_proposal(db, actor.org_id, proposal_id)
    _needs(proposal, (Status.OPEN, Status.ACCEPTED))
    compared = {one.offer_id: one for one in proposal.alternatives}
    if offer_id not in compared or offer_id == proposal.offer_id:
        raise NotCompared(sku=proposal.sku, suppliers=", ".join(
            one.supplier for one in proposal.alternatives if one.offer_id != proposal.offer_id
        ) or "-")  # fmt: skip
    wanted, now_from = compared[offer_id], compared.get(proposal.offer_id)
    quantity = round_up(proposal.quantity, moq=wanted.moq, pack_size=proposal.pack_size)
    breaks = await proposals.list_breaks(db, offer_id)
    unit_price = price_at(breaks, quantity) if breaks else wanted.unit_price
    later = wanted.lead_time_days_mean - (now_from or wanted).lead_time_days_mean
    decision_id = await _open_decision(db, actor, "EDIT", note, now)
    changed = await proposal_store.set_supplier(
        db, proposal_id,
        proposal_store.Terms(
            supplier_org_id=wanted.supplier_org_id, offer_id=offer_id, currency=wanted.currency,
            moq=wanted.moq, quantity=quantity, unit_price=unit_price,
            amount=line_amount(unit_price, quantity, proposal.uom, wanted.currency),
            expected_date=proposal.expected_date + dt.timedelta(days=round(later)),
        ),
        version=version, decision_id=decision_id, by=actor.name, note=note, now=now,
    )  # fmt: skip
    if changed is None:
        raise _moved(await proposals.get_proposal(db, actor.org_id, proposal_id))
    await tell(db, actor, "edit", decision_id, [changed], now)
    return await proposals.get_proposal(db, actor.org_id, proposal_id)


async def accept(
    db: Writer,
    actor: Actor,
    *,
    proposal_ids: Sequence[UUID] = (),
    filters: Filters | None = None,
    version: int | None = None,
    note: str = "",
    now: dt.datetime,
) -> Decided:
    """Accept proposals, named or by a filter; `version` guards a single one."""
    return await _decide(
        db, actor, "ACCEPT", Status.ACCEPTED, (Status.OPEN,), proposal_ids, filters, version,
        note, now,
    )  # fmt: skip


async def reject(
    db: Writer,
    actor: Actor,
    *,
    proposal_ids: Sequence[UUID] = (),
    filters: Filters | None = None,
    version: int | None = None,
    note: str = "",
    now: dt.datetime,
) -> Decided:
    """Reject proposals, named or by a filter, and say why in `note`."""
    return await _decide(
        db, actor, "REJECT", Status.REJECTED, (Status.OPEN, Status.ACCEPTED), proposal_ids,
        filters, version, note, now,
    )  # fmt: skip


async def reopen(
    db: Writer,
    actor: Actor,
    *,
    proposal_ids: Sequence[UUID] = (),
    filters: Filters | None = None,
    version: int | None = None,
    note: str = "",
    now: dt.datetime,
) -> Decided:
    """Put accepted, rejected or deferred proposals back to be decided, if they are not issued."""
    return await _decide(
        db, actor, "REOPEN", Status.OPEN, (Status.ACCEPTED, Status.REJECTED), proposal_ids,
        filters, version, note, now,
    )  # fmt: skip


async def undo_latest(db: Writer, actor: Actor, *, now: dt.datetime) -> Decided:
    """Take back the actor's latest decision of the last ten minutes, single or in bulk.

    Proposals that were issued, superseded or decided again meanwhile stay as they are.
    """
    actor.needs_operator()
    decision = await proposals.find_latest_decision(
        db, actor.org_id, actor.name, actor.via_id, since=now - UNDO_WITHIN
    )
    if decision is None:
        raise NothingToUndo(minutes=int(UNDO_WITHIN.total_seconds() // 60))
    changed = await proposal_store.undo(db, decision.id, now)
    await tell(db, actor, "undo", decision.id, changed, now)
    return Decided(decision.id, "UNDO", len(changed), decision.count - len(changed))


async def _decide(
    db: Writer, actor: Actor, kind: str, status: Status, from_statuses: Sequence[Status],
    proposal_ids: Sequence[UUID], filters: Filters | None, version: int | None, note: str,
    now: dt.datetime,
) -> Decided:  # fmt: skip
    actor.needs_operator()
    ids = list(proposal_ids)
    if filters is None or filters.status is Status.DEFERRED:
        # What the budget left out is meant only where it is named.
        from_statuses = (*from_statuses, Status.DEFERRED)
    if filters is not None:
        ids = await proposals.list_ids(db, actor.org_id, filters, today=day_of(now))
    if len(ids) == 1 and filters is None:
        proposal = await proposals.get_proposal(db, actor.org_id, ids[0])
        if version is not None and proposal.version != version:
            raise _moved(proposal)
        _needs(proposal, from_statuses)
    decision_id = await _open_decision(db, actor, kind, note, now)
    changed = await proposal_store.decide(
        db, ids, status=status, from_statuses=from_statuses, decision_id=decision_id,
        by=actor.name, note=note, now=now,
    )  # fmt: skip
    if version is not None and len(ids) == 1 and (not changed or changed[0].version != version + 1):
        # Somebody was quicker between our look and our write; the transaction is undone.
        raise _moved(await proposals.get_proposal(db, actor.org_id, ids[0]))
    await proposal_store.set_count(db, decision_id, len(changed))
    await tell(db, actor, kind.lower(), decision_id, changed, now)
    return Decided(decision_id, kind, len(changed), len(ids) - len(changed))


async def _open_decision(db: Writer, actor: Actor, kind: str, note: str, now: dt.datetime) -> UUID:
    decision_id = new_id()
    await proposal_store.insert_decision(
        db, decision_id=decision_id, org_id=actor.org_id, kind=kind, count=1, note=note,
        by=actor.name, by_id=actor.via_id, now=now,
    )  # fmt: skip
    return decision_id


async def tell(
    db: Writer,
    actor: Actor,
    action: str,
    cause_id: UUID,
    changed: Sequence[proposal_store.Changed],
    now: dt.datetime,
) -> None:
    """Record the event and the audit row of what was decided."""
    if changed:
        await proposal_store.tell(
            db, actor, type_=f"proposal.{_PAST[action]}", action=action, cause_id=cause_id,
            changed=changed, now=now,
        )  # fmt: skip


_PAST: Final = {
    "accept": "accepted", "reject": "rejected", "reopen": "reopened", "edit": "edited",
    "undo": "undone", "issue": "issued", "return": "returned",
}  # fmt: skip


def _needs(proposal: Proposal, statuses: Sequence[Status]) -> None:
    if proposal.status not in statuses:
        raise WrongStatus(state=proposal.status, needed=" / ".join(statuses))


def _moved(proposal: Proposal) -> ProposalChanged:
    return ProposalChanged(
        state=proposal.status, version=proposal.version, decided_by=proposal.decided_by or "-"
    )

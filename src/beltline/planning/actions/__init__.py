"""Use cases of planning: bring in demand, ask for a plan, decide its proposals, issue purchases."""

import datetime as dt
import importlib.metadata
import itertools
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.accounts.actions import record_audit
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of, day_start
from beltline.kit.db import Reader, Writer
from beltline.kit.ids import new_id, show_id
from beltline.kit.jobs import queue
from beltline.kit.money import minor_digits
from beltline.kit.staging import Imported, Reference, refuse_unknown, stage
from beltline.kit.texts import N_
from beltline.planning.queries import inputs, proposals, risks, runs, scenarios, series
from beltline.planning.rules import budget as budgets
from beltline.planning.rules import remedies
from beltline.planning.rules.quantities import (
    amount_of,
    check_quantity,
    price_at,
    round_up,
)
from beltline.planning.store import demand as demand_store
from beltline.planning.store import proposals as proposal_store
from beltline.planning.store import risks as risk_store
from beltline.planning.store import runs as run_store
from beltline.planning.store import scenarios as scenario_store
from beltline.planning.store import transfers as transfer_store
from beltline.planning.types import (
    Changes,
    CutOffInFuture,
    Decided,
    Filters,
    Issued,
    NoDemand,
    NoPlanYet,
    NotCompared,
    NothingChanged,
    NothingToIssue,
    NothingToUndo,
    Override,
    OverrideUnusable,
    Parameters,
    PlanRun,
    Proposal,
    ProposalChanged,
    Scenario,
    Scope,
    Status,
    WrongStatus,
)
from beltline.procurement import actions as procurement
from beltline.procurement.types import NewLine

PLAN_JOB: Final = "plan.v1"
PLAN_TITLE: Final = "Plan"
SCENARIO_JOB: Final = "scenario.v1"
SCENARIO_TITLE: Final = "What-if"
UNDO_WITHIN: Final = dt.timedelta(minutes=10)

_DEMAND_TYPES = {
    "unique_id": "text", "sku": "text", "node": "text", "ds": "date", "y": "real",
    "in_stock": "boolean", "price": "numeric(18, 6)",
}  # fmt: skip
_PROMOTION_TYPES = {
    "sku": "text", "node": "text", "starts": "date", "ends": "date", "kind": "text",
    "price": "numeric(18, 6)",
}  # fmt: skip
_EVENT_TYPES = {"ds": "date", "kind": "text", "name": "text"}
_KNOWN_SKU = Reference(
    "sku", "catalog.unknown_sku",
    N_("No SKU has the code “{value}”."),
    "exists (select from catalog.sku k where k.code = i.sku)",
    N_("Import the SKU first, or correct its code."),
)  # fmt: skip
_KNOWN_NODE = Reference(
    "node", "trade.unknown_node",
    N_("No node has the code “{value}”."),
    "exists (select from trade.node n where n.code = i.node)",
    N_("Import the node first, or correct its code."),
)  # fmt: skip
_KNOWN_DEMAND = Reference(
    "ds", "planning.no_demand_that_day",
    N_("There is no demand of the day {value}."),
    """exists (select from planning.demand d join catalog.sku k on k.id = d.sku_id
                 join trade.node n on n.id = d.node_id
                where k.code = i.sku and n.code = i.node and d.ds = i.ds)""",
                N_("Import the demand of that day first; a flag alone says nothing."),
)  # fmt: skip
_KNOWN_KIND = Reference(
    "kind", "planning.unknown_event_kind",
    N_("“{value}” is no kind of event."),
    "i.kind in ('HOLIDAY', 'FESTIVAL', 'SALE', 'THIN', 'CLOSED')",
    N_("Use HOLIDAY, FESTIVAL, SALE, THIN (a disturbed day) or CLOSED."),
)  # fmt: skip


async def import_demand(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change demand from canonical CSV, by `unique_id` (SKU@NODE) or `sku` and `node`.

    Meant for batches of 100,000 to 200,000 rows, each in its own transaction.
    """
    del now
    name = "incoming_demand"
    await _stage_series(db, name, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SKU, _KNOWN_NODE])
    return await demand_store.merge_demand(db, name, org_id) + Imported(problems=problems)


async def import_in_stock(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes
) -> Imported:
    """Say of known demand whether the SKU could be bought, from canonical CSV."""
    name = "incoming_in_stock"
    await _stage_series(db, name, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SKU, _KNOWN_NODE, _KNOWN_DEMAND])
    return await demand_store.merge_in_stock(db, name, org_id) + Imported(problems=problems)


async def _stage_series(db: Writer, name: str, columns: Sequence[str], csv: bytes) -> None:
    """Stage rows of series; where only `unique_id` is given, take SKU and node from it."""
    await stage(db, name, _DEMAND_TYPES, columns, csv)
    if "unique_id" in columns:
        await db.execute(
            f"""update {name} set sku = coalesce(sku, split_part(unique_id, '@', 1)),
                                  node = coalesce(node, split_part(unique_id, '@', 2))
                 where unique_id is not null and (sku is null or node is null)"""
        )


async def import_promotions(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add and change promotions from canonical CSV; without a node they hold at every node."""
    name = "incoming_promotions"
    await stage(db, name, _PROMOTION_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_SKU, _KNOWN_NODE])
    return await demand_store.merge_promotions(db, name, org_id, now) + Imported(problems=problems)


async def import_events(
    db: Writer, *, org_id: UUID, columns: Sequence[str], csv: bytes, now: dt.datetime
) -> Imported:
    """Add calendar events from canonical CSV."""
    del now
    name = "incoming_events"
    await stage(db, name, _EVENT_TYPES, columns, csv)
    problems = await refuse_unknown(db, name, [_KNOWN_KIND])
    return await demand_store.merge_events(db, name, org_id) + Imported(problems=problems)


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


async def override_demand(
    db: Writer,
    actor: Actor,
    *,
    sku: str,
    node: str,
    starts: dt.date,
    ends: dt.date,
    factor: float,
    reason: str,
    now: dt.datetime,
) -> Override:
    """Say that demand will be `factor` times the forecast for a while; plans from now on use it."""
    actor.needs_operator()
    reason = reason.strip()
    if not reason or factor == 1 or not 0 <= factor <= 100 or ends < max(starts, day_of(now)):
        raise OverrideUnusable(today=day_of(now).isoformat())
    found = await series.get_series(db, actor.org_id, sku=sku, node=node)
    override_id = new_id()
    await demand_store.insert_override(
        db, override_id=override_id, org_id=actor.org_id, sku_id=found.sku_id,
        node_id=found.node_id, starts=starts, ends=ends, factor=factor, reason=reason,
        by=actor.name, now=now,
    )  # fmt: skip
    await record_audit(
        db, actor, action="override", object_="demand", object_id=override_id,
        change={"series": f"{sku}@{node}", "starts": starts.isoformat(), "ends": ends.isoformat(),
                "factor": factor, "reason": reason}, now=now,
    )  # fmt: skip
    return await series.get_override(db, actor.org_id, override_id)


async def withdraw_override(
    db: Writer, actor: Actor, *, override_id: UUID, now: dt.datetime
) -> Override:
    """Take an override back: plans from now on are without it. Done already, nothing changes."""
    actor.needs_operator()
    await series.get_override(db, actor.org_id, override_id)
    if await demand_store.withdraw_override(db, override_id, by=actor.name, now=now):
        await record_audit(
            db, actor, action="withdraw", object_="demand", object_id=override_id, change={},
            now=now,
        )  # fmt: skip
    return await series.get_override(db, actor.org_id, override_id)


async def ask_scenario(
    db: Writer, actor: Actor, *, scope: Scope, changes: Changes, now: dt.datetime
) -> Scenario:
    """Ask a worker what would happen if, on the inputs of the latest plan."""
    actor.needs_operator()
    if changes == Changes():
        raise NothingChanged
    run = await runs.find_latest_run(db, actor.org_id)
    if run is None:
        raise NoPlanYet
    scenario_id = new_id()
    job_id = await queue.enqueue(
        db, actor, kind=SCENARIO_JOB, title=SCENARIO_TITLE,
        parameters={"scenario_id": str(scenario_id)}, now=now,
    )  # fmt: skip
    await scenario_store.insert_scenario(
        db, scenario_id=scenario_id, org_id=actor.org_id, plan_run_id=run.id,
        scope=msgspec.to_builtins(scope), changes=msgspec.to_builtins(changes), job_id=job_id,
        created_by=actor.name, now=now,
    )  # fmt: skip
    return await scenarios.get_scenario(db, actor.org_id, scenario_id)


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
    amount = amount_of(unit_price, quantity, proposal.uom, proposal.currency)
    decision_id = await _open_decision(db, actor, "EDIT", note, now)
    changed = await proposal_store.edit(
        db, proposal_id, quantity=quantity, unit_price=unit_price, amount=amount,
        version=version, decision_id=decision_id, by=actor.name, note=note, now=now,
    )  # fmt: skip
    if changed is None:
        raise _moved(await proposals.get_proposal(db, actor.org_id, proposal_id))
    await _tell(db, actor, "edit", decision_id, [changed], now)
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
            amount=amount_of(unit_price, quantity, proposal.uom, wanted.currency),
            expected_date=proposal.expected_date + dt.timedelta(days=round(later)),
        ),
        version=version, decision_id=decision_id, by=actor.name, note=note, now=now,
    )  # fmt: skip
    if changed is None:
        raise _moved(await proposals.get_proposal(db, actor.org_id, proposal_id))
    await _tell(db, actor, "edit", decision_id, [changed], now)
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
    await _tell(db, actor, "undo", decision.id, changed, now)
    return Decided(decision.id, "UNDO", len(changed), decision.count - len(changed))


async def issue_purchases(
    db: Writer,
    actor: Actor,
    *,
    proposal_ids: Sequence[UUID] | None = None,
    now: dt.datetime,
) -> list[Issued]:
    """Make purchase orders of accepted proposals (all unless named).

    One a supplier, node and currency; from here on procurement holds them, and nothing can be
    undone.
    """
    actor.needs_operator()
    waiting = await proposals.lock_accepted(db, actor.org_id, proposal_ids)
    if not waiting:
        raise NothingToIssue
    issued = []
    for (supplier_org_id, node_id, currency), group in itertools.groupby(
        waiting, lambda w: (w.supplier_org_id, w.node_id, w.currency)
    ):
        for members in _orders(list(group)):
            order = await procurement.issue_order(
                db, actor, supplier_org_id=supplier_org_id, node_id=node_id, currency=currency,
                expected_date=max(w.expected_date for w in members),
                order_by_date=min(w.order_by for w in members),
                plan_run_id=max(w.plan_run_id for w in members),
                lines=[NewLine(w.sku_id, w.quantity, w.unit_price, w.id) for w in members],
                now=now,
            )  # fmt: skip
            changed = await proposal_store.set_issued(db, [w.id for w in members], order.id)
            await _tell(db, actor, "issue", order.id, changed, now)
            issued.append(
                Issued(order.id, order.number, supplier_org_id, node_id, currency, len(members),
                       sum(w.amount for w in members))
            )  # fmt: skip
    return issued


async def return_proposals(
    db: Writer,
    actor: Actor,
    *,
    purchase_order_id: UUID,
    status: str,
    note: str,
    at: dt.datetime,
) -> int:
    """Give back the proposals of a purchase that was refused, expired or cancelled at an instant.

    How many; none when they were given back already.
    """
    changed = await proposal_store.return_proposals(
        db, purchase_order_id, status=status, note=note, at=at
    )
    await _tell(db, actor, "return", purchase_order_id, changed, at)
    return len(changed)


def _orders(group: list[proposals.Waiting]) -> list[list[proposals.Waiting]]:
    """Lines of one order each: an order has one line a SKU, a second one starts a new order."""
    orders: list[dict[UUID, proposals.Waiting]] = []
    for waiting in group:
        free = next((order for order in orders if waiting.sku_id not in order), None)
        if free is None:
            orders.append(free := {})
        free[waiting.sku_id] = waiting
    return [list(order.values()) for order in orders]


async def finish_run(
    db: Writer, actor: Actor, *, run_id: UUID, more: dict[str, Any], now: dt.datetime
) -> dict[str, Any]:
    """Measure a planned run, put its proposals in the place of earlier ones, tell everybody.

    `more` are figures of earlier steps.
    """
    await _assess_stock(db, actor, run_id)
    budget = await _keep_budget(db, actor, run_id)
    metrics = await runs.measure_run(db, run_id) | more | budget
    metrics["superseded"] = await proposal_store.supersede(db, run_id, actor.org_id)
    metrics["transfers"] = await transfer_store.supersede(db, run_id, actor.org_id)
    await run_store.set_done(db, run_id, metrics=metrics, now=now)
    await run_store.drop_old_files(db, actor.org_id)
    await events.record(
        db, "plan_run.finished", aggregate="plan_run", aggregate_id=run_id, sequence=1,
        parties=events.Parties(operator_org_id=actor.org_id),
        data={"plan_run_id": show_id("run", run_id), "metrics": metrics}, now=now,
    )  # fmt: skip
    await record_audit(
        db, actor, action="finish", object_="plan_run", object_id=run_id,
        change={"metrics": metrics}, now=now,
    )  # fmt: skip
    return metrics


async def _keep_budget(db: Writer, actor: Actor, run_id: UUID) -> dict[str, Any]:
    """Defer what the plan's budget does not buy; figures in minor units, none without a budget."""
    run = await runs.get_run(db, actor.org_id, run_id)
    parameters = msgspec.convert(run.parameters, Parameters)
    if parameters.budget <= 0:
        return {}
    factor = 10 ** minor_digits(parameters.currency)
    rates = await inputs.read_rates(db, parameters.currency, on=day_of(run.as_of))
    wants = [
        budgets.Want(
            d.id, d.amount / 10 ** minor_digits(d.currency) * rates[d.currency] * factor, d.gain,
            d.relief,
        )
        for d in await risks.list_drafts(db, run_id)
    ]  # fmt: skip
    bought = budgets.choose(wants, parameters.budget * factor)
    await proposal_store.defer(db, run_id, bought.deferred)
    return {
        "budget": {
            "amount": round(parameters.budget * factor), "spent": round(bought.cost),
            "gain": round(bought.gain), "gain_bound": round(bought.gain_bound),
            "deferred": len(bought.deferred), "gain_deferred": round(
                sum(w.gain for w in wants) - bought.gain),
        }
    }  # fmt: skip


SURPLUSES_AT_ONCE: Final = 5_000


async def _assess_stock(db: Writer, actor: Actor, run_id: UUID) -> None:
    """Complete what the shards found: stock without demand, classes, ages, remedies."""
    run = await runs.get_run(db, actor.org_id, run_id)
    parameters = msgspec.convert(run.parameters, Parameters)
    holding = 1.0 + parameters.holding_rate * remedies.LOST_AFTER_DAYS / 365.0
    if run.as_of >= run.created_at:
        await risk_store.insert_unasked(
            db, run_id, actor.org_id, currency=parameters.currency, on=day_of(run.as_of),
            holding=holding,
        )  # fmt: skip
    await risk_store.set_classes(db, run_id, actor.org_id, run.as_of)
    factor = 10 ** minor_digits(parameters.currency)
    after: tuple[UUID, UUID] | None = None
    while rows := await risks.list_surpluses(db, run_id, after=after, limit=SURPLUSES_AT_ONCE):
        found = []
        for row in rows:
            told = remedies.list_remedies(_surplus(row), parameters.holding_rate)
            if told:
                gain = round((told[0].benefit - told[0].cost) * factor)
                found.append(risk_store.Remedied(row.sku_id, row.node_id, told, gain))
        await risk_store.set_remedies(db, run_id, found)
        after = (rows[-1].sku_id, rows[-1].node_id)


def _surplus(row: risks.SurplusRow) -> remedies.Surplus:
    return remedies.Surplus(
        excess=row.excess, units_a_day=row.units_a_day, unit_cost=row.unit_cost,
        unit_margin=row.unit_margin, age_days=row.age_days, has_supplier=row.has_supplier,
        wanted_at=row.wanted_at, wanted=row.wanted, partner=row.partner,
        partner_rate=row.partner_rate, transfer=row.transfer,
    )  # fmt: skip


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
    await _tell(db, actor, kind.lower(), decision_id, changed, now)
    return Decided(decision_id, kind, len(changed), len(ids) - len(changed))


async def _open_decision(db: Writer, actor: Actor, kind: str, note: str, now: dt.datetime) -> UUID:
    decision_id = new_id()
    await proposal_store.insert_decision(
        db, decision_id=decision_id, org_id=actor.org_id, kind=kind, count=1, note=note,
        by=actor.name, by_id=actor.via_id, now=now,
    )  # fmt: skip
    return decision_id


async def _tell(
    db: Writer,
    actor: Actor,
    action: str,
    cause_id: UUID,
    changed: Sequence[proposal_store.Changed],
    now: dt.datetime,
) -> None:
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

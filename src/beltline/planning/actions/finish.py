"""The end of a plan: its figures, the risk of its stock, what its budget buys."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.accounts.actions import record_audit
from beltline.kit import events
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Writer
from beltline.kit.ids import show_id
from beltline.kit.money import minor_digits
from beltline.planning.queries import inputs, risks, runs
from beltline.planning.rules import budget as budgets
from beltline.planning.rules import remedies
from beltline.planning.store import proposals as proposal_store
from beltline.planning.store import risks as risk_store
from beltline.planning.store import runs as run_store
from beltline.planning.store import transfers as transfer_store
from beltline.planning.types import (
    Parameters,
)


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

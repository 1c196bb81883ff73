"""What-ifs, asked."""

import datetime as dt

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Writer
from beltline.kit.ids import new_id
from beltline.kit.jobs import queue
from beltline.planning.actions import SCENARIO_JOB, SCENARIO_TITLE
from beltline.planning.queries import runs, scenarios
from beltline.planning.store import scenarios as scenario_store
from beltline.planning.types import (
    NoPlanYet,
)
from beltline.planning.types.scenarios import Changes, NothingChanged, Scenario, Scope


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

"""A scenario as a job: find what it is about, play it, keep the effect. Nothing else is written."""

import asyncio
import datetime as dt
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.kit.db import Writer
from beltline.kit.errors import Refusal
from beltline.kit.jobs.run import Run, job
from beltline.planning.queries import scenarios
from beltline.planning.rules import scenarios as playing
from beltline.planning.rules.shards import Frame
from beltline.planning.store import runs as run_store
from beltline.planning.store import scenarios as scenario_store
from beltline.planning.types.scenarios import Effect, InputsGone, NothingInScope, Scenario, Sums

MOST_SERIES: Final = 6_000
"""More than these are not played: whole shards are, and a shard is a fair sample."""


@job("scenario.v1")
async def play(run: Run) -> dict[str, Any]:
    """Play the scenario of the parameter `scenario_id`; its effect."""
    scenario_id = UUID(run.parameters["scenario_id"])

    async def work(db: Writer, now: dt.datetime) -> dict[str, Any]:
        scenario = await scenarios.get_scenario(db, run.actor.org_id, scenario_id)
        run.report(done=0, message="Playing the plan's inputs forward")
        effect = msgspec.to_builtins(await _effect(db, scenario))
        await scenario_store.set_effect(db, scenario_id, effect, now)
        run.report(done=1, total=1, message="Played")
        return {"scenario_id": str(scenario_id)}

    try:
        return await run.step("play", work, dict[str, Any])
    except Refusal:

        async def refuse(db: Writer, now: dt.datetime) -> None:
            await scenario_store.set_refused(db, scenario_id, now)

        await run.step("refused", refuse)
        raise


async def _effect(db: Writer, scenario: Scenario) -> Effect:
    run_id = scenario.plan_run_id
    shards = await run_store.list_files(db, run_id, "context ")
    model = await run_store.get_file(db, run_id, "model")
    stored = await run_store.get_file(db, run_id, "frame")
    if not shards or model is None or stored is None:
        raise InputsGone(plan=scenario.plan_number)
    frame = msgspec.json.decode(stored, type=Frame)
    series = sampled = 0
    base, changed = Sums(), Sums()
    for name in shards:
        context = await _file(db, run_id, name)
        rows = await asyncio.to_thread(playing.matching, context, scenario.scope)
        series += len(rows)
        if not rows or sampled >= MOST_SERIES:
            continue
        content = await _file(db, run_id, name.replace("context", "shard"))
        played = await asyncio.to_thread(
            playing.play_shard, content, context, model, frame, rows, scenario.changes
        )
        base, changed, sampled = base + played.base, changed + played.changed, sampled + len(rows)
    if not series:
        raise NothingInScope(scope=f"{scenario.scope.kind} {scenario.scope.value}".strip())
    scale = series / sampled
    return Effect(
        series=series, sampled=sampled, days=frame.periods * frame.freq.days,
        base=base.scaled(scale), changed=changed.scaled(scale),
    )  # fmt: skip


async def _file(db: Writer, run_id: UUID, name: str) -> bytes:
    content = await run_store.get_file(db, run_id, name)
    if content is None:
        raise LookupError(f"plan run {run_id} has lost its file “{name}”")
    return content


JOBS = (play,)

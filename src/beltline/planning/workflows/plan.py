"""The plan as a durable job: snapshot, fit, shards, finish; each step once, wherever it is killed.

The snapshot keeps the shards as Arrow files in `planning.plan_file`, so that a plan goes on from
any host with exactly what was read, and its hash says what that was. Shards are computed in
processes of their own; the results of a step's shards are written in the step's transaction.
"""

import asyncio
import datetime as dt
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Unavailable, Writer
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import JobKind, OnProgress, Run, job, registry_of
from beltline.planning import actions
from beltline.planning.actions import finish as finish_actions
from beltline.planning.queries import runs
from beltline.planning.rules import calibration, outcomes, risks, shards
from beltline.planning.store import proposals as proposal_store
from beltline.planning.store import risks as risk_store
from beltline.planning.store import runs as run_store
from beltline.planning.store import transfers as transfer_store
from beltline.planning.types import Parameters, PlanRun
from beltline.planning.workflows.hindsight import judge_finished
from beltline.planning.workflows.snapshot import SHARDS_A_STEP, Snapshot, take_snapshot
from beltline.planning.workflows.sourcing import choose_suppliers
from beltline.science.engines import LOCAL, Engine, Workers, open_engine
from beltline.science.forecast import MODEL_VERSION
from beltline.science.shard import FORMAT_VERSION

T = TypeVar("T")

ROUNDS_A_STEP: Final = 2
"""A step writes so many shards of each worker, and the above at least."""
PROCESSES_MAX: Final = 8


class _Fit(msgspec.Struct, frozen=True):
    """What the fit step leaves beside the models."""

    engine: str
    has_holdout: bool
    levels: tuple[float, float, float] = calibration.BAND


def plan_on(engine: Engine) -> JobKind:
    """The job of planning with an engine."""

    @job("plan.v1")
    async def plan(run: Run) -> dict[str, Any]:
        return await _plan_or_refuse(run, engine)

    return plan


async def _plan_or_refuse(run: Run, engine: Engine) -> dict[str, Any]:
    """Plan every series of the organization; the run's id and metrics.

    Parameters: `plan_run_id`, or none for a scheduled plan, which opens its own run.
    """

    async def begin(db: Writer, now: dt.datetime) -> UUID:
        return await _begin(db, run, now)

    run_id = await run.step("begin", begin, UUID)
    try:
        return await _plan(run, run_id, engine)
    except Refusal:

        async def refuse(db: Writer, now: dt.datetime) -> None:
            await run_store.set_refused(db, run_id, now)

        await run.step("refused", refuse)
        raise


async def run_plan_inline(
    database: Database,
    actor: Actor,
    *,
    cut_off: dt.date | None = None,
    parameters: Parameters | None = None,
    engine: Engine = LOCAL,
    on_progress: OnProgress | None = None,
) -> PlanRun:
    """Plan here and now, without a worker; the finished run.

    A run of the same cut-off and parameters that was killed on its way is continued.
    """
    plan = plan_on(engine)
    now = await database.now()
    wanted = parameters or Parameters()
    async with database.system() as db:
        known = await runs.find_unfinished(
            db, actor.org_id, cut_off=cut_off, parameters=msgspec.to_builtins(wanted), now=now
        )
        job_id = new_id() if known is None or known.job_id is None else known.job_id
        run_id = (
            known.id
            if known is not None
            else await actions.open_run(
                db, actor, parameters=wanted, cut_off=cut_off, now=now, job_id=job_id
            )
        )
    await run_inline(
        database,
        actor,
        kind=plan.name,
        title=actions.PLAN_TITLE,
        now=now,
        job_id=job_id,
        parameters={"plan_run_id": str(run_id)},
        registry=registry_of(plan),
        on_progress=on_progress,
    )
    async with database.system() as db:
        return await runs.get_run(db, actor.org_id, run_id)


async def _plan(run: Run, run_id: UUID, engine: Engine) -> dict[str, Any]:
    async with _Pool(engine) as pool:

        async def take(db: Writer, now: dt.datetime) -> Snapshot:
            run.report(done=0, message="Reading demand, stock and offers")
            taken = await take_snapshot(db, run.actor, run_id, now=now, on_size=pool.expect)
            return msgspec.structs.replace(
                taken, a_step=max(SHARDS_A_STEP, ROUNDS_A_STEP * pool.workers)
            )

        snapshot = await run.step("snapshot", take, Snapshot)
        pool.expect(snapshot.series)

        async def learn(db: Writer, _now: dt.datetime) -> _Fit:
            run.report(done=0, total=snapshot.series, message="Model learned")
            return await _fit(db, pool, run.actor, run_id, snapshot)

        fitted = await run.step("fit", learn, _Fit)
        for first in range(0, snapshot.shards, snapshot.a_step):
            numbers = range(first, min(first + snapshot.a_step, snapshot.shards))

            async def work(db: Writer, _now: dt.datetime, numbers: Sequence[int] = numbers) -> int:
                series = await _plan_shards(db, pool, run, run_id, snapshot, numbers, fitted)
                run.report(message="Planning shards")
                return series

            await run.step(f"shards {numbers[0]}-{numbers[-1]}", work, int)

        async def choose(db: Writer, _now: dt.datetime) -> dict[str, Any]:
            run.report(message="Choosing suppliers")
            return await choose_suppliers(db, pool.submit, run.actor, run_id, snapshot.frame)

        sourced = await run.step("suppliers", choose, dict[str, Any])

    async def finish(db: Writer, now: dt.datetime) -> dict[str, Any]:
        metrics = await finish_actions.finish_run(
            db, run.actor, run_id=run_id, more=sourced, now=now
        )
        run.report(done=snapshot.series, message="Planned")
        return metrics

    metrics = await run.step("finish", finish, dict[str, Any])

    async def judge(db: Writer, _now: dt.datetime) -> int:
        return await judge_finished(db, run.actor)

    await run.step("hindsight", judge, int)
    return {"plan_run_id": str(run_id), "metrics": metrics}


async def _begin(db: Writer, run: Run, now: dt.datetime) -> UUID:
    run_id = run.parameters.get("plan_run_id")
    if run_id is None:
        made = await actions.open_run(
            db, run.actor, parameters=Parameters(), cut_off=None, now=now, job_id=run.job_id,
            run_id=new_id(),
        )  # fmt: skip
    else:
        made = UUID(run_id)
    science = {
        "science_model": str(MODEL_VERSION), "science_shard": str(FORMAT_VERSION),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }  # fmt: skip
    await run_store.set_running(db, made, actions.versions() | science)
    await run_store.refresh_statistics(db)
    return made


async def _fit(db: Writer, pool: "_Pool", actor: Actor, run_id: UUID, snapshot: Snapshot) -> _Fit:
    """Learn the models from the first shards and keep them beside the shards."""
    enough = math.ceil(outcomes.FIT_SERIES / shards.SHARD_SERIES)
    contents = [
        await _file(db, run_id, f"shard {number}") for number in range(min(snapshot.shards, enough))
    ]
    frame = snapshot.frame
    fitted = await pool.submit(
        outcomes.fit_models, contents, periods=frame.periods, seed=frame.parameters.seed
    )
    await run_store.put_file(db, run_id, actor.org_id, "model", fitted.model)
    if fitted.holdout_model is not None:
        await run_store.put_file(db, run_id, actor.org_id, "holdout", fitted.holdout_model)
    return _Fit(
        engine=fitted.engine, has_holdout=fitted.holdout_model is not None, levels=fitted.levels
    )


async def _plan_shards(
    db: Writer, pool: "_Pool", run: Run, run_id: UUID, snapshot: Snapshot,
    numbers: Sequence[int], fitted: _Fit,
) -> int:  # fmt: skip
    """Compute some shards side by side and write what they gave; how many series."""
    model = await _file(db, run_id, "model")
    holdout = await _file(db, run_id, "holdout") if fitted.has_holdout else None
    tasks = [
        pool.submit(
            outcomes.plan_one, await _file(db, run_id, f"shard {number}"),
            await _file(db, run_id, f"context {number}"), model, holdout, snapshot.frame,
            fitted.levels,
        )
        for number in numbers
    ]  # fmt: skip
    series = 0
    for planned in await asyncio.gather(*tasks):
        series += len(planned.forecasts)
        org_id = run.actor.org_id
        await run_store.insert_forecasts(
            db, run_id, org_id, list(_forecast_rows(planned.forecasts))
        )
        await proposal_store.insert_proposals(
            db, run_id, org_id, list(_proposal_rows(planned.proposals))
        )
        await risk_store.insert_risks(db, run_id, org_id, list(_risk_rows(planned.risks)))
        await transfer_store.insert_transfers(
            db, run_id, org_id, snapshot.frame.parameters.currency,
            list(_transfer_rows(planned.transfers)),
        )  # fmt: skip
    run.report(done=min((numbers[-1] + 1) * snapshot.series // snapshot.shards, snapshot.series),
               total=snapshot.series)  # fmt: skip
    return series


class _Pool:
    """An engine's workers, gone with the job.

    One small shard is computed in a thread of this process: that is quicker than starting one,
    and the numbers are the same.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_small = engine.is_local
        self._executor: Workers | None = None
        self._is_open = True

    @property
    def workers(self) -> int:
        """How many processes work; none where a thread of this one does."""
        return 0 if self._executor is None else self._executor.workers

    async def __aenter__(self) -> Self:
        if not self._engine.is_local:
            await asyncio.to_thread(self._start)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_open = False
        if self._executor is not None:
            await asyncio.to_thread(self._executor.shutdown, wait=False, cancel_futures=True)

    def expect(self, series: int) -> None:
        """Choose thread or processes for so many series, and start the processes meanwhile."""
        self._is_small = self._engine.is_local and series <= shards.SHARD_SERIES
        if not self._is_small and self._executor is None:
            self._start()

    async def submit(self, function: Callable[..., T], *args: Any, **options: Any) -> T:
        """Run a function in a process. One that was killed is a Transient: the step is retried."""
        if not self._is_open:  # a thread would not notice what a process refuses
            raise RuntimeError("work for planning processes that are gone")
        if self._is_small:
            return await asyncio.to_thread(function, *args, **options)
        executor = self._executor or self._start()
        try:
            return await asyncio.wrap_future(executor.submit(function, *args, **options))
        except BrokenExecutor as error:
            self._executor = None
            raise Unavailable(f"a planning process died: {error}") from error

    def _start(self) -> Workers:
        executor = open_engine(self._engine, workers=min(os.cpu_count() or 1, PROCESSES_MAX))
        for _ in range(executor.workers):
            # To find the function, each process loads the numeric libraries.
            executor.submit(outcomes.load_libraries)
        self._executor = executor
        return executor


async def _file(db: Writer, run_id: UUID, name: str) -> bytes:
    content = await run_store.get_file(db, run_id, name)
    if content is None:
        raise LookupError(f"plan run {run_id} has lost its file “{name}”")
    return content


def _forecast_rows(rows: Sequence[outcomes.ForecastRow]) -> Iterator[tuple[object, ...]]:
    for r in rows:
        yield (
            r.sku_id, r.node_id, r.mean, r.p10, r.p50, r.p90,
            msgspec.json.encode(r.drivers).decode(), msgspec.json.encode(r.accuracy).decode(),
        )  # fmt: skip


def _proposal_rows(rows: Sequence[outcomes.ProposalRow]) -> Iterator[tuple[object, ...]]:
    for r in rows:
        yield (
            r.sku_id, r.node_id, r.supplier_org_id, r.offer_id, r.currency, r.quantity, r.moq,
            r.pack_size, r.unit_price, r.amount, r.order_by, r.expected_date, r.on_hand, r.inbound,
            r.stock_target, r.cover_days, r.p_stockout, r.p_stockout_after, r.expected_cost,
            msgspec.json.encode(r.why).decode(), msgspec.json.encode(r.alternatives).decode(),
        )  # fmt: skip


def _transfer_rows(rows: Sequence[outcomes.TransferRow]) -> Iterator[tuple[object, ...]]:
    for r in rows:
        yield (
            r.sku_id, r.origin_node_id, r.target_node_id, r.quantity, r.gain, r.freight,
            r.is_assumed, r.order_by, r.expected_date, r.arrives,
            msgspec.json.encode(r.why).decode(),
        )  # fmt: skip


def _risk_rows(rows: Sequence[risks.RiskRow]) -> Iterator[tuple[object, ...]]:
    for r in rows:
        yield (
            r.sku_id, r.node_id, r.supplier_org_id, r.category, r.on_hand, r.inbound,
            r.stock_target, r.units_a_day, r.variation, r.cover_days, r.p_stockout,
            r.p_stockout_after, r.order_gain, r.unit_cost, r.unit_margin, r.idle_days, r.excess,
            r.overstock_cost, r.state.value, r.xyz, r.units, r.units_plain, r.arrives,
            r.next_arrival, msgspec.json.encode(r.coming).decode(), r.moq, r.pack_size,
            msgspec.json.encode(r.models).decode(),
        )  # fmt: skip

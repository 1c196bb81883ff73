"""The plan as a durable job: snapshot, fit, shards, finish; each step once, wherever it is killed.

The snapshot keeps the shards as Arrow files in `planning.plan_file`, so that a plan goes on from
any host with exactly what was read, and its hash says what that was. Shards are computed in
processes of their own; the results of a step's shards are written in the step's transaction.
"""

import asyncio
import datetime as dt
import hashlib
import itertools
import math
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, Reader, Unavailable, Writer
from beltline.kit.errors import Refusal
from beltline.kit.ids import new_id
from beltline.kit.jobs.execute import run_inline
from beltline.kit.jobs.run import JobKind, OnProgress, Run, job, registry_of
from beltline.kit.uom import Uom, base_unit
from beltline.planning import actions
from beltline.planning.queries import inputs, runs, transfers
from beltline.planning.rules import calibration, outcomes, risks, shards
from beltline.planning.rules.shards import Frame
from beltline.planning.rules.suppliers import Candidate
from beltline.planning.rules.ways import Way
from beltline.planning.store import proposals as proposal_store
from beltline.planning.store import risks as risk_store
from beltline.planning.store import runs as run_store
from beltline.planning.store import transfers as transfer_store
from beltline.planning.types import NoDemand, Note, Parameters, PlanRun
from beltline.planning.workflows.hindsight import judge_finished
from beltline.planning.workflows.sourcing import candidate_of, choose_suppliers, closure_of
from beltline.planning.workflows.transfers import read_ways
from beltline.science.calendar import Closure
from beltline.science.engines import LOCAL, Engine, Workers, open_engine
from beltline.science.forecast import MODEL_VERSION
from beltline.science.panel import Freq
from beltline.science.shard import FORMAT_VERSION

T = TypeVar("T")

SHARDS_A_STEP: Final = 4
ROUNDS_A_STEP: Final = 2
"""A step writes so many shards of each worker, and the above at least."""
PROCESSES_MAX: Final = 8
EXAMPLES: Final = 5
REFUSED_FOR: Final = dt.timedelta(days=28)
"""A transfer that was rejected is not proposed again for so long."""


class Snapshot(msgspec.Struct, frozen=True):
    """What the snapshot step leaves: how many shards of how many series, and what they share.

    `a_step` of the shards are written together, whatever engine goes on with the plan.
    """

    shards: int
    series: int
    frame: Frame
    a_step: int = SHARDS_A_STEP


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
        metrics = await actions.finish_run(db, run.actor, run_id=run_id, more=sourced, now=now)
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


async def take_snapshot(
    db: Writer,
    actor: Actor,
    run_id: UUID,
    *,
    now: dt.datetime,
    on_size: Callable[[int], None] | None = None,
) -> Snapshot:
    """Read everything up to the cut-off, keep it as shards, and note what could not be used.

    `on_size` is told the number of series as soon as it is known.
    """
    org_id = actor.org_id
    plan_run = await runs.get_run(db, org_id, run_id)
    frame = await _frame(db, org_id, plan_run)
    series = await inputs.list_series(db, org_id, since=frame.first_date, cut_off=frame.cut_off)
    if not series:
        raise NoDemand(cut_off=frame.cut_off.isoformat())
    if on_size is not None:
        on_size(len(series))
    skus = {s.sku: s.sku_id for s in series}
    reading = await _Reading.open(db, org_id, plan_run, frame)
    seal = hashlib.blake2b(digest_size=32)
    assumed: dict[str, list[str]] = defaultdict(list)
    codes = list(skus)
    groups = shards.cut(codes, len(series))
    members = [[skus[codes[at]] for at in group] for group in groups]
    async for number, made in reading.read_shards(db, members):
        seal.update(made.digest)
        for part, content in (("shard", made.content), ("context", made.context)):
            await run_store.put_file(db, run_id, org_id, f"{part} {number}", content)
        for code, examples in made.assumed.items():
            assumed[code] += examples
    notes = [Note(code, len(e), sorted(e)[:EXAMPLES]) for code, e in sorted(assumed.items())]
    notes += await reading.notes(db)
    await run_store.put_file(db, run_id, org_id, "frame", msgspec.json.encode(frame))
    await run_store.set_inputs(db, run_id, seal.hexdigest(), notes, now)
    return Snapshot(shards=len(groups), series=len(series), frame=frame)


async def _frame(db: Reader, org_id: UUID, plan_run: PlanRun) -> Frame:
    """What all shards share; lists days nobody sold anything on, and days known to be odd."""
    parameters = msgspec.convert(plan_run.parameters, Parameters)
    freq = Freq(plan_run.freq)
    since = plan_run.cut_off - dt.timedelta(days=parameters.history_days // freq.days * freq.days)
    days = await inputs.list_days(db, org_id, since=since, until=plan_run.cut_off)
    if not days:
        raise NoDemand(cut_off=plan_run.cut_off.isoformat())
    first = plan_run.cut_off - dt.timedelta(
        days=(plan_run.cut_off - days[0]).days // freq.days * freq.days
    )
    lead_days = min(await inputs.longest_lead_days(db) * 1.2, shards.MOST_LEAD_DAYS)
    longest = max(1, math.ceil(lead_days / freq.days))
    review = max(1, round(parameters.review_days / freq.days))
    # Orders are played until the next one arrives, with room for a closure of four weeks.
    periods = max(parameters.horizon, longest + review + math.ceil(28 / freq.days))
    until = plan_run.cut_off + dt.timedelta(days=periods * freq.days)
    odd = await inputs.list_events(db, org_id, since=first, until=until)
    thin = {e.ds for e in odd if e.kind in {"THIN", "CLOSED"} and e.ds <= plan_run.cut_off}
    silent = _silent(days, first, plan_run.cut_off, freq) if await _is_busy(
        db, org_id, first, plan_run.cut_off, len(days)
    ) else set()  # fmt: skip
    named = [(e.ds, e.kind, e.name) for e in odd if e.kind not in {"THIN", "CLOSED"}]
    shut = [(e.ds, "closed") for e in odd if e.kind == "CLOSED" and e.ds > plan_run.cut_off]
    return Frame(
        freq=freq, first_date=first, cut_off=plan_run.cut_off,
        order_date=plan_run.cut_off + dt.timedelta(days=freq.days), periods=periods,
        longest_lead=longest, parameters=parameters, closed=tuple(sorted(thin | silent)),
        events=shards.frequent_events(named) + tuple(shut),
    )  # fmt: skip


def _silent(days: Sequence[dt.date], first: dt.date, last: dt.date, freq: Freq) -> set[dt.date]:
    """Periods in which no series has a row: closed or not delivered, never zero demand."""
    seen = {(day - first).days // freq.days for day in days}
    count = (last - first).days // freq.days + 1
    return {first + dt.timedelta(days=k * freq.days) for k in range(count) if k not in seen}


async def _is_busy(db: Reader, org_id: UUID, first: dt.date, last: dt.date, days: int) -> bool:
    """Whether a silent period is news: 30 rows in one on the average."""
    return await inputs.has_rows(db, org_id, since=first, until=last, at_least=30 * days)


class _Reading:
    """What is read once for all shards, and the way from it to each of them."""

    def __init__(
        self, org_id: UUID, run: PlanRun, frame: Frame, places: Mapping[UUID, shards.Place],
        closures: Mapping[UUID, tuple[Closure, ...]], rates: Mapping[str, float],
        abroad: Sequence[str], ways: Mapping[tuple[UUID, UUID], Sequence[Way]],
    ) -> None:  # fmt: skip
        self._org_id, self._run, self._frame = org_id, run, frame
        self._places, self._closures, self._rates = places, closures, rates
        self._abroad, self._ways = abroad, ways
        self._without_rate: set[str] = set()
        # A look back sees stock as it was; a plan of today as it is.
        self._is_look_back = run.as_of < run.created_at

    @classmethod
    async def open(cls, db: Reader, org_id: UUID, run: PlanRun, frame: Frame) -> "_Reading":
        """Read nodes, calendars, rates and the ways between nodes."""
        until = frame.order_date + dt.timedelta(days=frame.periods * frame.freq.days + 60)
        at_nodes = _closures(
            await inputs.list_place_closures(db, since=frame.order_date, until=until)
        )
        rows = await inputs.list_places(db)
        places = {
            row.id: shards.Place(
                code=row.code, kind=row.kind, transit_days_p50=row.transit_days_p50 or 0.0,
                transit_days_p90=row.transit_days_p90 or 0.0, closures=at_nodes.get(row.id, ()),
            )
            for row in rows
        }  # fmt: skip
        own = _closures(
            await inputs.list_supplier_closures(db, since=frame.order_date, until=until)
        )
        rates = await inputs.read_rates(db, frame.parameters.currency, on=day_of(run.as_of))
        abroad = [r.code for r in rows if r.country != "CN" and r.transit_days_p50 is None]
        ways = await read_ways(db, rows, rates, on=day_of(run.as_of))
        return cls(org_id, run, frame, places, own, rates, abroad, ways)

    async def read_shards(
        self, db: Reader, groups: Sequence[list[UUID]]
    ) -> AsyncIterator[tuple[int, shards.ShardFile]]:
        """The shard of each group of SKUs; one is built while the next is read."""
        building: asyncio.Task[shards.ShardFile] | None = None
        for number, sku_ids in enumerate(groups):
            histories, supply = await self._read(db, sku_ids)
            if building is not None:
                yield number - 1, await building
            building = asyncio.create_task(
                asyncio.to_thread(shards.build_shard, self._frame, histories, self._places, supply)
            )
        if building is not None:
            yield len(groups) - 1, await building

    async def _read(
        self, db: Reader, sku_ids: list[UUID]
    ) -> tuple[list[shards.History], shards.Supply]:
        frame, on = self._frame, day_of(self._run.as_of)
        demand = await inputs.list_demand(
            db, self._org_id, sku_ids, since=frame.first_date, cut_off=frame.cut_off
        )
        supply = shards.Supply(
            on_hand={}, inbound={}, offers=self._offers(
                await inputs.list_offers(db, sku_ids, on=on)
            ),
            buyers_price=self._prices(await inputs.list_buyers_prices(db, sku_ids, on=on)),
            closures=self._closures,
            promotions=_promotions(
                await inputs.list_promotions(
                    db, self._org_id, sku_ids, since=frame.first_date,
                    until=frame.cut_off + dt.timedelta(days=frame.periods * frame.freq.days),
                )
            ),
        )  # fmt: skip
        positions = await self._positions(db, sku_ids)
        overrides: dict[tuple[UUID, UUID], list[tuple[dt.date, dt.date, float]]] = defaultdict(list)
        for o in await inputs.list_overrides(
            db, self._org_id, sku_ids, since=frame.order_date, as_of=self._run.as_of
        ):
            overrides[o.sku_id, o.node_id].append((o.starts, o.ends, o.factor))
        supply = msgspec.structs.replace(
            supply,
            overrides=overrides,
            on_hand={(p.sku_id, p.node_id): p.on_hand for p in positions},
            movable={(p.sku_id, p.node_id): p.movable for p in positions},
            ways=self._ways,
            sizes={row.sku_id: row for row in await transfers.list_sizes(db, sku_ids)},
            refused={
                (row.sku_id, row.origin_node_id, row.target_node_id)
                for row in await transfers.list_refused(
                    db,
                    self._org_id,
                    sku_ids,
                    since=self._run.as_of - REFUSED_FOR,
                    until=self._run.as_of,
                )
            },
            inbound={
                (p.sku_id, p.node_id): list(zip(p.dates, p.quantities, strict=True))
                for p in positions
            },
        )
        histories = [
            shards.History(
                sku_id=d.sku_id, node_id=d.node_id, sku=d.sku, category=d.category, days=d.days,
                y=d.y, in_stock=d.in_stock, price=d.price,
            )
            for d in demand if d.node_id in self._places
        ]  # fmt: skip
        return histories, supply

    async def notes(self, db: Reader) -> list[Note]:
        """What the plan as a whole could not use."""
        frame = self._frame
        found = []
        if self._without_rate:
            found.append(_note("NO_RATE", self._without_rate))
        if self._abroad:
            found.append(_note("NO_LANE", self._abroad))
        if frame.closed:
            found.append(_note("CLOSED_DAYS", [day.isoformat() for day in frame.closed]))
        length = (frame.cut_off - frame.first_date).days // frame.freq.days + 1
        freq = frame.freq.value
        if length < outcomes.HISTORY_MIN[freq] + outcomes.HOLDOUT[freq]:
            found.append(Note("NO_HOLDOUT", length))
        if self._is_look_back:
            return [*found, Note("STOCK_AS_OF", 1, [self._run.as_of.isoformat()])]
        idle = await inputs.find_unplanned(
            db, self._org_id, since=frame.first_date, cut_off=frame.cut_off
        )
        if idle.count:
            found.append(Note("NO_DEMAND", idle.count, idle.examples))
        if declared := await inputs.count_declared(db, self._org_id):
            found.append(Note("DECLARED_STOCK", declared))
        return found

    async def _positions(self, db: Reader, sku_ids: list[UUID]) -> list[inputs.PositionRow]:
        if self._is_look_back:
            return await inputs.list_positions_as_of(db, self._org_id, sku_ids, self._run.as_of)
        return await inputs.list_positions(db, self._org_id, sku_ids)

    def _offers(self, rows: Sequence[inputs.OfferRow]) -> dict[UUID, list[Candidate]]:
        found: dict[UUID, list[Candidate]] = defaultdict(list)
        for row in rows:
            fx = self._rates.get(row.currency)
            if fx is None:
                self._without_rate.add(f"{row.supplier} {row.currency}")
                continue
            found[row.sku_id].append(candidate_of(row, fx))
        return found

    def _prices(self, rows: Sequence[inputs.PriceRow]) -> dict[UUID, float]:
        found: dict[UUID, float] = {}
        for row in rows:
            fx = self._rates.get(row.currency)
            if fx is not None and row.sku_id not in found:
                found[row.sku_id] = float(row.unit_price) * fx / base_unit(Uom(row.uom)).per_uom
        return found


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


def _closures(rows: Sequence[inputs.ClosureRow]) -> dict[UUID, tuple[Closure, ...]]:
    return {
        owner: tuple(closure_of(row) for row in group)
        for owner, group in itertools.groupby(rows, lambda r: r.owner_id)
    }


def _promotions(
    rows: Sequence[inputs.PromotionRow],
) -> dict[UUID, list[tuple[UUID | None, dt.date, dt.date]]]:
    found: dict[UUID, list[tuple[UUID | None, dt.date, dt.date]]] = defaultdict(list)
    for row in rows:
        found[row.sku_id].append((row.node_id, row.starts, row.ends))
    return found


def _note(code: str, examples: Sequence[str] | set[str]) -> Note:
    return Note(code, len(examples), sorted(examples)[:EXAMPLES])


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

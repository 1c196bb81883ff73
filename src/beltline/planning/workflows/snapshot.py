"""What a plan reads, up to its cut-off, kept as shards of series with what belongs to them."""

import asyncio
import datetime as dt
import hashlib
import itertools
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Reader, Writer
from beltline.kit.uom import Uom, base_unit
from beltline.planning.queries import inputs, runs, transfers
from beltline.planning.rules import outcomes, shards
from beltline.planning.rules.shards import Frame
from beltline.planning.rules.suppliers import Candidate
from beltline.planning.rules.ways import Way
from beltline.planning.store import runs as run_store
from beltline.planning.types import NoDemand, Note, Parameters, PlanRun
from beltline.planning.workflows.sourcing import candidate_of, closure_of
from beltline.planning.workflows.transfers import read_ways
from beltline.science.calendar import Closure
from beltline.science.panel import Freq

SHARDS_A_STEP: Final = 4


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

"""Suppliers by code, their measured record, the facts behind it and the history of tiers."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.suppliers import queries
from beltline.suppliers.actions import record as actions
from beltline.suppliers.queries import record
from beltline.suppliers.rules import tiers
from beltline.suppliers.types import Figure, Measure, Supplier, TierReason

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class SupplierRow(msgspec.Struct, frozen=True):
    """A supplier. `tier_basis` is GIVEN (by a file) or MEASURED (by its record)."""

    code: str
    name: str
    name_zh: str
    kind: str
    tier: str
    tier_basis: str
    belt: str | None
    lead_time_days_mean: float
    lead_time_days_p95: float


class SupplierList(msgspec.Struct, frozen=True):
    """One page of suppliers, by code."""

    items: list[SupplierRow]
    next_cursor: str | None


class MeasuredFigure(msgspec.Struct, frozen=True):
    """A rate with its 90 % interval, shrunk towards what the network does.

    `raw` is the plain rate of `facts`; `tier` what this measure alone allows (null while facts
    are too few); `good_to_a` the good facts in a row that lift `low` to tier A (null above
    1,000); `typical` the middle of days late, hours to answer or change of price.
    """

    measure: Measure
    facts: int
    raw: float
    rate: float
    low: float
    high: float
    typical: float | None
    network_rate: float
    network_weight: float
    tier: str | None
    bound_a: float
    bound_b: float
    good_to_a: int | None


class RecordAnswer(msgspec.Struct, frozen=True):
    """A supplier's measured record; `standard` is the version of the bounds."""

    supplier: str
    tier: str
    tier_basis: str
    standard: int
    assessed_at: dt.datetime | None
    figures: list[MeasuredFigure]


class Fact(msgspec.Struct, frozen=True):
    """One measured fact: `score` is the good share, `about` the order or inspection."""

    measure: Measure
    score: float
    value: float | None
    happened_at: dt.datetime
    about: str
    source: str


class FactList(msgspec.Struct, frozen=True):
    """One page of facts, newest first."""

    items: list[Fact]
    next_cursor: str | None


class TierStep(msgspec.Struct, frozen=True):
    """A change of tier and the figures that decided it."""

    at: dt.datetime
    tier_before: str
    tier: str
    reasons: list[TierReason]


class TierHistory(msgspec.Struct, frozen=True):
    """The latest changes of tier, newest first."""

    items: list[TierStep]


class JobAsked(msgspec.Struct, frozen=True):
    """The job that was asked for; `/v1/jobs/{id}` shows how far it is."""

    job_id: str


@get("/v1/suppliers", summary="List suppliers")
async def list_suppliers(
    *,
    database: Database,
    actor: Actor,
    q: Annotated[str, Parameter(max_length=200)] = "",
    tier: str | None = None,
    kind: str | None = None,
    belt: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> SupplierList:
    """Suppliers by code; `q` looks in code and names of both languages."""
    actor.needs_scope("suppliers:read")
    after = decode_cursor(cursor, str)
    async with database.reading(actor) as db:
        rows = await queries.list_suppliers_by_code(
            db, words=q.strip(), tier=tier, kind=kind, belt=belt,
            after=after[0] if after else "", limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.code,))
    return SupplierList([_row(row) for row in shown], following)


@get("/v1/suppliers/{code:str}", summary="One supplier")
async def get_supplier(code: str, database: Database, actor: Actor) -> SupplierRow:
    """A supplier by its code."""
    actor.needs_scope("suppliers:read")
    async with database.reading(actor) as db:
        return _row(await queries.get_supplier_by_code(db, code))


@get("/v1/suppliers/{code:str}/record", summary="A supplier's measured record")
async def get_record(code: str, database: Database, actor: Actor) -> RecordAnswer:
    """Each measure with interval, count, the tier it allows and what would lift it to A."""
    actor.needs_scope("suppliers:read")
    async with database.reading(actor) as db:
        supplier = await queries.get_supplier_by_code(db, code)
        figures = await record.list_figures(db, supplier.org_id)
    return RecordAnswer(
        supplier.code, supplier.tier, supplier.tier_basis, tiers.STANDARD,
        figures[0].assessed_at if figures else None,
        [_figure(one, supplier.tier) for one in figures],
    )  # fmt: skip


@get("/v1/suppliers/{code:str}/facts", summary="The facts behind a record")
async def list_facts(
    *,
    code: str,
    database: Database,
    actor: Actor,
    measure: Measure | None = None,
    bad: bool = False,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> FactList:
    """One fact an order and measure, newest first: for the operator and the supplier itself."""
    actor.needs_scope("suppliers:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        supplier = await queries.get_supplier_by_code(db, code)
        rows = await record.list_outcomes(
            db, supplier.org_id, measure=measure, bad_only=bad,
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.happened_at, row.id))
    return FactList(
        [Fact(r.measure, r.score, r.value, r.happened_at, r.subject, r.source)
         for r in shown],
        following,
    )  # fmt: skip


@get("/v1/suppliers/{code:str}/tiers", summary="The history of a supplier's tier")
async def list_tiers(code: str, database: Database, actor: Actor) -> TierHistory:
    """Each change of tier with the figures that decided it, newest first."""
    actor.needs_scope("suppliers:read")
    async with database.reading(actor) as db:
        supplier = await queries.get_supplier_by_code(db, code)
        changes = await record.list_tier_changes(db, supplier.org_id)
    return TierHistory([TierStep(c.at, c.tier_before, c.tier, c.reasons) for c in changes])


@post("/v1/suppliers/assess", summary="Assess every supplier now", status_code=202)
async def assess(
    database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[JobAsked]:
    """Every record and tier from the facts of a year, as each night."""
    actor.needs_scope("suppliers:write")

    async def act(db: Writer) -> tuple[int, Any]:
        job_id = await actions.ask_for_assessment(db, actor, now=now)
        return 202, JobAsked(show_id("job", job_id))

    answer = await once(
        database, actor, key=idempotency_key, operation="suppliers.assess", body=None, act=act
    )
    return answered(answer, JobAsked)


def _row(row: Supplier) -> SupplierRow:
    return SupplierRow(
        row.code, row.name, row.name_zh, row.kind, row.tier, row.tier_basis, row.belt_id,
        row.lead_time_days_mean, row.lead_time_days_p95,
    )  # fmt: skip


def _figure(one: Figure, tier: str) -> MeasuredFigure:
    bar = tiers.BARS[one.measure]
    return MeasuredFigure(
        one.measure, one.trials, one.raw, one.mean, one.low, one.high, one.value_median,
        one.prior_mean, one.prior_trials,
        tiers.tier_of(one, current=tier) if one.trials >= tiers.FACTS_MIN else None,
        bar.a, bar.b, one.good_to_a,
    )  # fmt: skip


ROUTES = (list_suppliers, get_supplier, get_record, list_facts, list_tiers, assess)

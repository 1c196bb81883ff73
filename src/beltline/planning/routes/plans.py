"""The API of planning: `/v1/plans`, `/v1/proposals`, `/v1/forecasts`. The operator's own."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.kit.web.kept import answered
from beltline.planning import actions
from beltline.planning.queries import proposals, runs, series
from beltline.planning.rules.sentences import explain_drivers, explain_notes, explain_why
from beltline.planning.types import (
    Alternative,
    Filters,
    Note,
    Parameters,
    PlanRun,
    Proposal,
    Reason,
    RunState,
    Status,
    Totals,
    Urgency,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
HISTORY = dt.timedelta(days=120)


class PlanBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to plan: up to which day (the latest complete one unless given), and how."""

    cut_off: dt.date | None = None
    parameters: Parameters = Parameters()


class PlanAnswer(msgspec.Struct, frozen=True):
    """A plan run.

    `notes` say what it could not use or had to assume; `metrics` are null until it is DONE;
    `done` of `total` series are planned.
    """

    id: str
    number: int
    state: RunState
    cut_off: dt.date
    as_of: dt.datetime
    freq: str
    horizon: int
    parameters: dict[str, Any]
    versions: dict[str, Any]
    input_hash: str | None
    metrics: dict[str, Any] | None
    notes: list[Note]
    notes_text: list[str]
    job_id: str | None
    done: int
    total: int | None
    created_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None


class PlanList(msgspec.Struct, frozen=True):
    """One page of plan runs, newest first."""

    items: list[PlanAnswer]
    next_cursor: str | None


class Compared(msgspec.Struct, frozen=True):
    """An offer that was compared; costs are per base unit in the plan's currency."""

    supplier: str
    tier: str
    currency: str
    moq: int
    quantity: int
    unit_price: str
    lead_time_days_mean: float
    lead_time_days_p95: float
    cost_price: float
    cost_order: float
    cost_holding: float
    cost_lateness: float
    cost: float


class ProposalAnswer(msgspec.Struct, frozen=True):
    """Buy `quantity` base units of a SKU from a supplier, to a node, by a date: and why.

    `returned_*` tell of a purchase made of it that ended REFUSED, EXPIRED or CANCELLED.
    """

    id: str
    plan_run_id: str
    sku: str
    title: str
    title_zh: str
    uom: str
    node: str
    supplier: str
    supplier_name: str
    tier: str
    proposed_quantity: int
    quantity: int
    moq: int
    pack_size: int
    unit_price: str
    total: Money
    order_by: dt.date
    expected_date: dt.date
    on_hand: int
    inbound: int
    stock_target: int
    cover_days: float | None
    p_stockout: float
    p_stockout_after: float
    expected_cost: int
    why: list[Reason]
    why_text: list[str]
    alternatives: list[Compared]
    status: Status
    version: int
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str
    purchase_order_id: str | None
    returned_purchase_order_id: str | None
    returned_status: str | None
    returned_note: str
    returned_at: dt.datetime | None


class ProposalList(msgspec.Struct, frozen=True):
    """One page of proposals by order-by date, and the totals of the whole list."""

    items: list[ProposalAnswer]
    next_cursor: str | None
    totals: Totals


class DecisionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version of the proposal that was seen (refused when it moved), and a remark."""

    version: Annotated[int, Meta(ge=1)] | None = None
    note: Annotated[str, Meta(max_length=1_000)] = ""


class EditBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another quantity, in base units."""

    quantity: Annotated[int, Meta(ge=1, le=10**12)]
    version: Annotated[int, Meta(ge=1)]
    note: Annotated[str, Meta(max_length=1_000)] = ""


class SupplierBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the suppliers compared, by code."""

    supplier: Annotated[str, Meta(min_length=1, max_length=120)]
    version: Annotated[int, Meta(ge=1)]
    note: Annotated[str, Meta(max_length=1_000)] = ""


class IssueBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which accepted proposals to order; all of them unless named."""

    proposal_ids: Annotated[list[str], Meta(max_length=20_000)] | None = None


class IssuedAnswer(msgspec.Struct, frozen=True):
    """One purchase order made of accepted proposals."""

    id: str
    number: str
    lines: int
    total: Money


class IssuedList(msgspec.Struct, frozen=True):
    """Every purchase order that was made."""

    items: list[IssuedAnswer]


class Day(msgspec.Struct, frozen=True):
    """A period that was, or that is forecast: then with its 10, 50 and 90 % quantiles."""

    ds: dt.date
    y: float | None = None
    in_stock: bool | None = None
    mean: float | None = None
    p10: float | None = None
    p50: float | None = None
    p90: float | None = None


class ForecastAnswer(msgspec.Struct, frozen=True):
    """A series: its latest 120 days, its forecast, how good forecasts of it were, and why."""

    sku: str
    node: str
    plan_run_id: str
    cut_off: dt.date
    freq: str
    history: list[Day]
    forecast: list[Day]
    accuracy: dict[str, float]
    drivers: list[Reason]
    drivers_text: list[str]


@get("/v1/plans", summary="Plan runs")
async def list_plans(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> PlanList:
    """Every plan run of the operator, newest first."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        page, following = await runs.list_runs(db, actor.org_id, limit=limit, cursor=cursor)
    return PlanList([_plan(run) for run in page], following)


@post("/v1/plans", summary="Start a plan", status_code=202)
async def start_plan(
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
    data: PlanBody | None = None,
) -> Response[PlanAnswer]:
    """A worker plans; `GET /v1/plans/{id}` tells how far it is."""
    may_write(actor)
    wanted = data or PlanBody()

    async def act(db: Writer) -> tuple[int, Any]:
        run = await actions.start_plan(
            db, actor, parameters=wanted.parameters, cut_off=wanted.cut_off, now=now
        )
        return 202, _plan(run)

    return await answer_once(database, actor, idempotency_key, "plans.start", data, act, PlanAnswer)


@get("/v1/plans/{plan_id:str}", summary="One plan run")
async def get_plan(plan_id: str, database: Database, actor: Actor) -> PlanAnswer:
    """State, progress, inputs' hash, parameters, metrics and notes of a run."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        return _plan(await runs.get_run(db, actor.org_id, read_id("run", plan_id)))


@get("/v1/proposals", summary="Proposals")
async def list_proposals(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    status: Status | None = None,
    urgency: Urgency | None = None,
    node: str | None = None,
    supplier: str | None = None,
    belt: str | None = None,
    q: Annotated[str, Parameter(max_length=200)] = "",
    plan: str | None = None,
    returned: bool = False,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ProposalList:
    """Proposals by order-by date, the riskiest first; without `status` all but SUPERSEDED."""
    actor.needs_scope("planning:read")
    wanted = Filters(
        status=status, urgency=urgency, node=node, supplier=supplier, belt=belt, words=q,
        plan_run_id=read_id("run", plan) if plan else None, is_returned=returned,
    )  # fmt: skip
    async with database.reading(actor) as db:
        page, following = await proposals.list_proposals(
            db, actor.org_id, wanted, today=day_of(now), limit=limit, cursor=cursor
        )
        totals = await proposals.total_proposals(db, actor.org_id, wanted, today=day_of(now))
    return ProposalList([_proposal(one) for one in page], following, totals)


@get("/v1/proposals/{proposal_id:str}", summary="One proposal")
async def get_proposal(proposal_id: str, database: Database, actor: Actor) -> ProposalAnswer:
    """A proposal with its reasons and the offers that were compared."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        return _proposal(
            await proposals.get_proposal(db, actor.org_id, read_id("prp", proposal_id))
        )


@post("/v1/proposals/{proposal_id:str}/accept", summary="Accept a proposal", status_code=200)
async def accept_proposal(
    *,
    proposal_id: str,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
    data: DecisionBody | None = None,
) -> Response[ProposalAnswer]:
    """It waits to be issued as part of a purchase order."""
    body = data or DecisionBody()
    found = read_id("prp", proposal_id)

    async def act(db: Writer) -> None:
        await actions.accept(
            db, actor, proposal_ids=[found], version=body.version, note=body.note, now=now
        )

    return await _decide(database, actor, idempotency_key, ("accept", found), data, act)


@post("/v1/proposals/{proposal_id:str}/reject", summary="Reject a proposal", status_code=200)
async def reject_proposal(
    *,
    proposal_id: str,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
    data: DecisionBody | None = None,
) -> Response[ProposalAnswer]:
    """Nothing is bought; the next plan looks at the series again."""
    body = data or DecisionBody()
    found = read_id("prp", proposal_id)

    async def act(db: Writer) -> None:
        await actions.reject(
            db, actor, proposal_ids=[found], version=body.version, note=body.note, now=now
        )

    return await _decide(database, actor, idempotency_key, ("reject", found), data, act)


@post("/v1/proposals/{proposal_id:str}/edit", summary="Edit a proposal", status_code=200)
async def edit_proposal(
    *,
    proposal_id: str,
    data: EditBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ProposalAnswer]:
    """Order another quantity; MOQ and packs hold, the price follows the offer's breaks."""
    found = read_id("prp", proposal_id)

    async def act(db: Writer) -> None:
        await actions.edit_proposal(
            db, actor, proposal_id=found, quantity=data.quantity, version=data.version,
            note=data.note, now=now,
        )  # fmt: skip

    return await _decide(database, actor, idempotency_key, ("edit", found), data, act)


@post("/v1/proposals/{proposal_id:str}/supplier", summary="Buy elsewhere", status_code=200)
async def choose_supplier(
    *,
    proposal_id: str,
    data: SupplierBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ProposalAnswer]:
    """Another of the compared suppliers: quantity, price and day follow its offer."""
    found = read_id("prp", proposal_id)

    async def act(db: Writer) -> None:
        one = await proposals.get_proposal(db, actor.org_id, found)
        offers = [a.offer_id for a in one.alternatives if a.supplier == data.supplier]
        await actions.choose_supplier(
            db, actor, proposal_id=found, offer_id=offers[0] if offers else one.offer_id,
            version=data.version, note=data.note, now=now,
        )  # fmt: skip

    return await _decide(database, actor, idempotency_key, ("supplier", found), data, act)


@post("/v1/proposals/issue", summary="Issue purchase orders", status_code=201)
async def issue_proposals(
    *,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
    data: IssueBody | None = None,
) -> Response[IssuedList]:
    """Makes one purchase order a supplier, node and currency of accepted proposals."""
    may_write(actor)
    named = data.proposal_ids if data else None
    ids = None if named is None else [read_id("prp", text) for text in named]

    async def act(db: Writer) -> tuple[int, Any]:
        issued = await actions.issue_purchases(db, actor, proposal_ids=ids, now=now)
        return 201, IssuedList(
            [
                IssuedAnswer(
                    id=show_id("po", one.purchase_order_id), number=one.number, lines=one.lines,
                    total=Money(one.amount, one.currency),
                )
                for one in issued
            ]
        )  # fmt: skip

    return await answer_once(
        database, actor, idempotency_key, "proposals.issue", data, act, IssuedList
    )


@get("/v1/forecasts", summary="The forecast of a series")
async def get_forecast(
    sku: str, node: str, database: Database, actor: Actor, plan: str | None = None
) -> ForecastAnswer:
    """History and forecast of a SKU at a node, by a run or by the latest finished one."""
    actor.needs_scope("planning:read")
    run_id = read_id("run", plan) if plan else None
    async with database.reading(actor) as db:
        found = await series.get_series(db, actor.org_id, sku=sku, node=node)
        band = await series.find_band(
            db, actor.org_id, found.sku_id, found.node_id, plan_run_id=run_id
        )
        if band is None:
            raise NotFound(what="forecast", key=f"{sku}@{node}")
        history = await series.list_history(
            db, actor.org_id, found.sku_id, found.node_id, since=band.cut_off - HISTORY,
            until=band.cut_off,
        )  # fmt: skip
    step = dt.timedelta(days=7 if band.freq == "W" else 1)
    ahead = zip(band.mean, band.p10, band.p50, band.p90, strict=True)
    return ForecastAnswer(
        sku=sku,
        node=node,
        plan_run_id=show_id("run", band.plan_run_id),
        cut_off=band.cut_off,
        freq=band.freq,
        history=[Day(point.ds, y=point.y, in_stock=point.in_stock) for point in history],
        forecast=[
            Day(band.cut_off + k * step, mean=mean, p10=p10, p50=p50, p90=p90)
            for k, (mean, p10, p50, p90) in enumerate(ahead, start=1)
        ],
        accuracy=band.accuracy,
        drivers=band.drivers,
        drivers_text=explain_drivers(band.drivers, "en"),
    )


def may_write(actor: Actor) -> None:
    """Refuse whoever may not decide for the operator."""
    actor.needs_scope("planning:write")
    actor.needs_operator()
    actor.needs_role("PLANNER")


async def _decide(
    database: Database,
    actor: Actor,
    key: str,
    operation: tuple[str, UUID],
    body: object,
    act: Callable[[Writer], Awaitable[None]],
) -> Response[ProposalAnswer]:
    """Decide a proposal once for its key, and answer with how it stands then."""
    may_write(actor)
    verb, proposal_id = operation

    async def change(db: Writer) -> tuple[int, Any]:
        await act(db)
        return 200, _proposal(await proposals.get_proposal(db, actor.org_id, proposal_id))

    return await answer_once(
        database, actor, key, f"proposals.{verb} {proposal_id.hex}", body, change, ProposalAnswer
    )


async def answer_once(
    database: Database,
    actor: Actor,
    key: str,
    operation: str,
    body: object,
    act: Callable[[Writer], Awaitable[tuple[int, Any]]],
    kind: Any,
) -> Response[Any]:
    """Act once for a key, and answer with what came of it as `kind`."""
    answer = await once(database, actor, key=key, operation=operation, body=body, act=act)
    return answered(answer, kind)


def _plan(run: PlanRun) -> PlanAnswer:
    return PlanAnswer(
        id=show_id("run", run.id),
        number=run.number,
        state=run.state,
        cut_off=run.cut_off,
        as_of=run.as_of,
        freq=run.freq,
        horizon=run.horizon,
        parameters=run.parameters,
        versions=run.versions,
        input_hash=run.input_hash,
        metrics=run.metrics,
        notes=run.notes,
        notes_text=explain_notes(run.notes, "en"),
        job_id=show_id("job", run.job_id) if run.job_id else None,
        done=run.done,
        total=run.total,
        created_by=run.created_by,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def _proposal(one: Proposal) -> ProposalAnswer:
    return ProposalAnswer(
        id=show_id("prp", one.id),
        plan_run_id=show_id("run", one.plan_run_id),
        sku=one.sku,
        title=one.title,
        title_zh=one.title_zh,
        uom=one.uom,
        node=one.node,
        supplier=one.supplier,
        supplier_name=one.supplier_name,
        tier=one.tier,
        proposed_quantity=one.proposed_quantity,
        quantity=one.quantity,
        moq=one.moq,
        pack_size=one.pack_size,
        unit_price=f"{one.unit_price.normalize():f}",
        total=Money(one.amount, one.currency),
        order_by=one.order_by,
        expected_date=one.expected_date,
        on_hand=one.on_hand,
        inbound=one.inbound,
        stock_target=one.stock_target,
        cover_days=one.cover_days,
        p_stockout=one.p_stockout,
        p_stockout_after=one.p_stockout_after,
        expected_cost=one.expected_cost,
        why=one.why,
        why_text=explain_why(one.why, "en"),
        alternatives=[_compared(each) for each in one.alternatives],
        status=one.status,
        version=one.version,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        decision_note=one.decision_note,
        purchase_order_id=show_id("po", one.purchase_order_id) if one.purchase_order_id else None,
        returned_purchase_order_id=(
            show_id("po", one.returned_order_id) if one.returned_order_id else None
        ),
        returned_status=one.returned_status,
        returned_note=one.returned_note,
        returned_at=one.returned_at,
    )


def _compared(one: Alternative) -> Compared:
    return Compared(
        supplier=one.supplier,
        tier=one.tier,
        currency=one.currency,
        moq=one.moq,
        quantity=one.quantity,
        unit_price=f"{one.unit_price.normalize():f}",
        lead_time_days_mean=one.lead_time_days_mean,
        lead_time_days_p95=one.lead_time_days_p95,
        cost_price=one.cost_price,
        cost_order=one.cost_order,
        cost_holding=one.cost_holding,
        cost_lateness=one.cost_lateness,
        cost=one.cost,
    )


ROUTES = (
    list_plans,
    start_plan,
    get_plan,
    list_proposals,
    get_proposal,
    accept_proposal,
    reject_proposal,
    edit_proposal,
    choose_supplier,
    issue_proposals,
    get_forecast,
)

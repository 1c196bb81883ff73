"""The API of planning: `/v1/plans`, `/v1/proposals`, `/v1/forecasts`. The operator's own."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import Database, NotFound, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX
from beltline.kit.web.kept import answered
from beltline.planning import actions
from beltline.planning.actions import purchases as purchases_actions
from beltline.planning.queries import proposals, runs, series
from beltline.planning.routes.answers import (
    Day,
    DecisionBody,
    EditBody,
    ForecastAnswer,
    IssueBody,
    IssuedAnswer,
    IssuedList,
    PlanAnswer,
    PlanBody,
    PlanList,
    ProposalAnswer,
    ProposalList,
    SupplierBody,
    shown_plan,
    shown_proposal,
)
from beltline.planning.rules.sentences import explain_drivers
from beltline.planning.types import (
    Filters,
    Status,
    Urgency,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
HISTORY = dt.timedelta(days=120)


@get("/v1/plans", summary="Plan runs")
async def list_plans(
    database: Database, actor: Actor, cursor: str | None = None, limit: Limit = LIMIT_DEFAULT
) -> PlanList:
    """Every plan run of the operator, newest first."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        page, following = await runs.list_runs(db, actor.org_id, limit=limit, cursor=cursor)
    return PlanList([shown_plan(run) for run in page], following)


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
        return 202, shown_plan(run)

    return await answer_once(database, actor, idempotency_key, "plans.start", data, act, PlanAnswer)


@get("/v1/plans/{plan_id:str}", summary="One plan run")
async def get_plan(plan_id: str, database: Database, actor: Actor) -> PlanAnswer:
    """State, progress, inputs' hash, parameters, metrics and notes of a run."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        return shown_plan(await runs.get_run(db, actor.org_id, read_id("run", plan_id)))


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
    return ProposalList([shown_proposal(one) for one in page], following, totals)


@get("/v1/proposals/{proposal_id:str}", summary="One proposal")
async def get_proposal(proposal_id: str, database: Database, actor: Actor) -> ProposalAnswer:
    """A proposal with its reasons and the offers that were compared."""
    actor.needs_scope("planning:read")
    async with database.reading(actor) as db:
        return shown_proposal(
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
        issued = await purchases_actions.issue_purchases(db, actor, proposal_ids=ids, now=now)
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
        return 200, shown_proposal(await proposals.get_proposal(db, actor.org_id, proposal_id))

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

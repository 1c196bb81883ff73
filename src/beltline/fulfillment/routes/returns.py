"""`/v1/returns`, and the inspection of a journey's lot."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from beltline.fulfillment.actions import returns as actions
from beltline.fulfillment.queries import returns as queries
from beltline.fulfillment.types.returns import Inspection, InspectionPlan, ReturnCase
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")]
Code = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
Count = Annotated[int, Meta(ge=0, le=10**9)]


class InspectBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Defective pieces of the sample, by kind."""

    critical: Count
    major: Count
    minor: Count
    note: Text = ""


class ReturnBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Delivered units to send back, in base units, and why."""

    journey_id: Code
    units: Annotated[int, Meta(ge=1, le=10**12)]
    reason: Code
    note: Text = ""


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The node to send it to; without one the return is refused."""

    node: Code | None = None
    note: Text = ""


class GradeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came: good units and others; `charged_to` caused it and bears the cost."""

    resell: Count
    scrap: Count
    charged_to: Code


class ReturnRow(msgspec.Struct, frozen=True):
    """A return; `refunded_amount` in minor units."""

    id: str
    number: str
    journey_id: str
    order_id: str
    order: str
    buyer: str
    sku: str
    units: int
    reason: str
    note: str
    state: str
    node: str | None
    answer_note: str
    resell: int
    scrap: int
    refunded_amount: int
    currency: str
    charged_to: str | None
    requested_at: dt.datetime
    due_at: dt.datetime | None
    graded_at: dt.datetime | None
    photos: list[str] = []


class ReturnList(msgspec.Struct, frozen=True):
    """One page of returns, newest first."""

    items: list[ReturnRow]
    next_cursor: str | None


@get("/v1/journeys/{journey_id:str}/inspection-plan", summary="How to inspect a lot")
async def plan_inspection(journey_id: str, database: Database, actor: Actor) -> InspectionPlan:
    """Pieces to inspect and defects allowed, by what the supplier's latest lots showed."""
    actor.needs_scope("purchases:read")
    actor.needs_operator()
    async with database.reading(actor) as db:
        return await actions.plan_inspection(db, journey_id=read_id("jny", journey_id))


@post("/v1/journeys/{journey_id:str}/inspect", summary="Record an inspection")
async def inspect(
    *,
    journey_id: str,
    data: InspectBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[Inspection]:
    """An accepted lot goes on without its bad pieces; of a rejected one is asked what to do."""
    actor.needs_scope("purchases:write")
    found = read_id("jny", journey_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, await actions.inspect(
            db, actor, journey_id=found, critical=data.critical, major=data.major,
            minor=data.minor, note=data.note, now=now,
        )  # fmt: skip

    answer = await once(
        database, actor, key=idempotency_key, operation=f"journeys.inspect {journey_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, Inspection)


@get("/v1/returns", summary="Returns")
async def list_returns(
    *,
    database: Database,
    actor: Actor,
    status: str | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> ReturnList:
    """The buyer's own or, for the operator, all."""
    actor.needs_scope("orders:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_returns(
            db, actor, state=status, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.requested_at, row.id))
    return ReturnList([_shown(row) for row in shown], following)


@post("/v1/returns", summary="Ask to return units")
async def request_return(
    *,
    data: ReturnBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ReturnRow]:
    """Within 30 days of delivery."""
    actor.needs_scope("orders:write")
    found = read_id("jny", data.journey_id)

    async def act(db: Writer) -> tuple[int, Any]:
        case = await actions.request_return(
            db, actor, journey_id=found, units=data.units, reason=data.reason, note=data.note,
            now=now,
        )  # fmt: skip
        return 201, _shown(case)

    answer = await once(
        database, actor, key=idempotency_key, operation="returns.request", body=data, act=act
    )
    return answered(answer, ReturnRow)


@post("/v1/returns/{return_id:str}/answer", summary="Approve or refuse a return", status_code=200)
async def answer_return(
    *,
    return_id: str,
    data: AnswerBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ReturnRow]:
    """Approved to a node, or refused when none is named."""
    actor.needs_scope("orders:write")
    found = read_id("rma", return_id)

    async def act(db: Writer) -> tuple[int, Any]:
        case = await actions.answer_return(
            db, actor, return_id=found, node=data.node, note=data.note, now=now
        )
        return 200, _shown(case)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"returns.answer {return_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ReturnRow)


@post("/v1/returns/{return_id:str}/grade", summary="Grade what came back", status_code=200)
async def grade_return(
    *,
    return_id: str,
    data: GradeBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ReturnRow]:
    """Good units can be sold again, the others cannot; the buyer is refunded to the cent."""
    actor.needs_scope("orders:write")
    found = read_id("rma", return_id)

    async def act(db: Writer) -> tuple[int, Any]:
        case = await actions.grade_return(
            db, actor, return_id=found, resell=data.resell, scrap=data.scrap,
            charged_to=data.charged_to, now=now,
        )  # fmt: skip
        return 200, _shown(case)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"returns.grade {return_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ReturnRow)


def _shown(case: ReturnCase) -> ReturnRow:
    named = {name: getattr(case, name) for name in ReturnRow.__struct_fields__}
    return ReturnRow(
        **named | {
            "id": show_id("rma", case.id), "journey_id": show_id("jny", case.journey_id),
            "order_id": show_id("ord", case.order_id),
            "photos": [show_id("pht", photo) for photo in case.photos],
        }
    )  # fmt: skip


ROUTES = (
    plan_inspection, inspect, list_returns, request_return, answer_return, grade_return,
)  # fmt: skip

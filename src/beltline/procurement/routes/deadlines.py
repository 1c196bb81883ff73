"""Deadlines of purchase orders: what runs, what is overdue, and taking care of it."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.procurement import queries as orders
from beltline.procurement.actions import deadlines as actions
from beltline.procurement.queries import deadlines as queries
from beltline.procurement.types.deadlines import Concerned, Deadline, DeadlineKind

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class DeadlineAnswer(msgspec.Struct, frozen=True):
    """A deadline, whose it is, and what it has led to; `settled_at` is the operator's care."""

    kind: DeadlineKind
    purchase_order_id: str
    purchase_order: str
    concerns: Concerned
    due_at: dt.datetime
    is_running: bool
    reminded_at: dt.datetime | None
    escalated_at: dt.datetime | None
    settled_at: dt.datetime | None


class DeadlineList(msgspec.Struct, frozen=True):
    """One page of deadlines, the first due first."""

    items: list[DeadlineAnswer]
    next_cursor: str | None


class TakeUpBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done about it; kept in the audit."""

    note: Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")] = ""


@get("/v1/purchase-deadlines", summary="List deadlines of purchase orders")
async def list_deadlines(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    overdue: bool = False,
    concerns: Concerned | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> DeadlineList:
    """What runs against the operator and its suppliers; `overdue` keeps what has passed."""
    actor.needs_scope("purchases:read")
    after = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_deadlines(
            db, actor, due_before=now if overdue else None, concerns=concerns,
            after=(after[0], after[1]) if after else None, limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.due_at, row.subject_id))
    return DeadlineList([_answer(row) for row in shown], following)


@get("/v1/purchase-orders/{order_id:str}/deadlines", summary="List deadlines of an order")
async def list_deadlines_of(order_id: str, database: Database, actor: Actor) -> DeadlineList:
    """What runs of one order, and what reminded or was escalated before."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        order = await orders.get_order(db, actor, read_id("po", order_id))
        found = await queries.list_deadlines_of(db, order.id)
    return DeadlineList([_answer(row) for row in found], None)


@post(
    "/v1/purchase-orders/{order_id:str}/take-up", summary="Take up what is overdue",
    status_code=200,
)  # fmt: skip
async def take_up(
    *,
    order_id: str,
    data: TakeUpBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[DeadlineList]:
    """Somebody of the operator takes care of it: it leaves the queue."""
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        await actions.settle_overdue(db, actor, order_id=found, note=data.note, now=now)
        rows = await queries.list_deadlines_of(db, found)
        return 200, DeadlineList([_answer(row) for row in rows], None)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.take_up {order_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, DeadlineList)


def _answer(row: Deadline) -> DeadlineAnswer:
    return DeadlineAnswer(
        row.kind, show_id("po", row.purchase_order_id), row.purchase_order, row.concerns,
        row.due_at, row.is_running, row.reminded_at, row.escalated_at, row.settled_at,
    )  # fmt: skip


ROUTES = (list_deadlines, list_deadlines_of, take_up)

"""The API of purchase orders: the operator's and the supplier's side of `/v1/purchase-orders`."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter
from msgspec import UNSET, UnsetType

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.events import list_events_of
from beltline.kit.figures import decimal_text
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.money import Money
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.procurement import actions, queries
from beltline.procurement.types.orders import (
    Answer,
    OrderBody,
    PurchaseOrder,
    PurchaseOrderLine,
    Status,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class Terms(msgspec.Struct, frozen=True):
    """A quantity of base units at a price per unit of sale (an exact decimal text)."""

    quantity: int
    unit_price: str
    amount: int


class LineAnswer(msgspec.Struct, frozen=True):
    """A line: what was asked, what the supplier answered (null until it does), what came."""

    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    asked: Terms
    answered: Terms | None
    received_quantity: int
    awaited_quantity: int


class OrderRow(msgspec.Struct, frozen=True):
    """An order in a list. `total` is on the terms that stand."""

    id: str
    number: str
    status: Status
    supplier: str
    node: str
    total: Money
    line_count: int
    awaited_quantity: int
    expected_date: dt.date
    answered_date: dt.date | None
    answer_by: dt.datetime | None
    created_at: dt.datetime


class OrderList(msgspec.Struct, frozen=True):
    """One page of orders, newest first."""

    items: list[OrderRow]
    next_cursor: str | None


class Happening(msgspec.Struct, frozen=True):
    """One event of the order's timeline."""

    type: str
    occurred_at: dt.datetime
    sequence: int
    data: dict[str, Any]


class OrderAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order with its lines and timeline, oldest event first.

    `plan_run_id`, `order_by_date` and `created_by` are the operator's business only.
    """

    id: str
    number: str
    status: Status
    supplier: str
    node: str
    total: Money
    expected_date: dt.date
    answered_date: dt.date | None
    answer_by: dt.datetime | None
    answer_note: str
    created_at: dt.datetime
    answered_at: dt.datetime | None
    received_at: dt.datetime | None
    lines: list[LineAnswer]
    timeline: list[Happening]
    order_by_date: dt.date | UnsetType | None = UNSET
    plan_run_id: str | UnsetType | None = UNSET
    created_by: str | UnsetType = UNSET


class CancelBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the order is taken back; the supplier reads it."""

    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class LinkAnswer(msgspec.Struct, frozen=True):
    """A guest link: its path on this site, shown this once."""

    path: str
    expires_at: dt.datetime


@get("/v1/purchase-orders", summary="List purchase orders")
async def list_orders(
    *,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    status: Status | None = None,
    node: str | None = None,
    late: bool = False,
    q: Annotated[str, Parameter(max_length=200)] = "",
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> OrderList:
    """The operator's orders, or those issued to the calling supplier; newest first.

    `late` keeps those whose answer or goods are overdue; `q` looks in number, supplier and SKU.
    """
    actor.needs_scope("purchases:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_orders(
            db, actor, statuses=[status] if status else (), search=q, node=node,
            late_at=now if late else None, before=(before[0], before[1]) if before else None,
            limit=limit + 1,
        )  # fmt: skip
    shown, following = cut(rows, limit, lambda row: (row.created_at, row.id))
    return OrderList([_row(order) for order in shown], following)


@get("/v1/purchase-orders/{order_id:str}", summary="One purchase order")
async def get_order(order_id: str, database: Database, actor: Actor) -> OrderAnswer:
    """One order with its lines and timeline, for either party."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        return await _detail(db, actor, read_id("po", order_id))


@post("/v1/purchase-orders", summary="Issue a purchase order")
async def issue_order(
    data: OrderBody, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[OrderAnswer]:
    """The operator's order to a supplier; its goods count as inbound at once."""

    async def act(db: Writer) -> PurchaseOrder:
        return await actions.order_goods(db, actor, data, now=now)

    return await _do(
        database, actor, act, key=idempotency_key, operation="purchases.issue", body=data,
        status=201,
    )  # fmt: skip


@post("/v1/purchase-orders/{order_id:str}/answer", summary="Answer a purchase order")
async def answer_order(
    *,
    order_id: str,
    data: Answer,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[OrderAnswer]:
    """The supplier's word: CONFIRMED, COUNTERED (lines it changes, a day) or REFUSED (a note).

    The first answer counts; a counter that changes nothing confirms.
    """
    found = read_id("po", order_id)

    async def act(db: Writer) -> PurchaseOrder:
        return await actions.answer_order(db, actor, order_id=found, answer=data, now=now)

    return await _do(
        database, actor, act, key=idempotency_key, operation=f"purchases.answer {order_id}",
        body=data,
    )  # fmt: skip


@post("/v1/purchase-orders/{order_id:str}/accept-counter", summary="Accept a counter")
async def accept_counter(
    order_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[OrderAnswer]:
    """The order is confirmed on the supplier's quantities, prices and day."""
    found = read_id("po", order_id)

    async def act(db: Writer) -> PurchaseOrder:
        return await actions.accept_counter(db, actor, order_id=found, now=now)

    return await _do(
        database, actor, act, key=idempotency_key, operation=f"purchases.accept {order_id}",
    )  # fmt: skip


@post("/v1/purchase-orders/{order_id:str}/cancel", summary="Cancel a purchase order")
async def cancel_order(
    *,
    order_id: str,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
    data: CancelBody | None = None,
) -> Response[OrderAnswer]:
    """Takes back an order of which nothing was received; its goods are no longer inbound."""
    found, note = read_id("po", order_id), data.note if data else ""

    async def act(db: Writer) -> PurchaseOrder:
        return await actions.cancel_order(db, actor, order_id=found, note=note, now=now)

    return await _do(
        database, actor, act, key=idempotency_key, operation=f"purchases.cancel {order_id}",
        body=data,
    )  # fmt: skip


@post("/v1/purchase-orders/{order_id:str}/link", summary="Make a link for the factory")
async def send_link(
    order_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[LinkAnswer]:
    """A page where the factory answers without an account. The link before it ends.

    A repeated request is answered with the same link for as long as its key is kept.
    """
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, await actions.send_link(db, actor, order_id=found, now=now)

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.link {order_id}", body=None,
        act=act,
    )  # fmt: skip
    return answered(answer, LinkAnswer)


async def _do(
    database: Database,
    actor: Actor,
    act: Callable[[Writer], Awaitable[PurchaseOrder]],
    *,
    key: str,
    operation: str,
    body: object = None,
    status: int = 200,
) -> Response[OrderAnswer]:
    """Change an order once for its key, and answer with how it stands then."""
    actor.needs_scope("purchases:write")

    async def change(db: Writer) -> tuple[int, Any]:
        order = await act(db)
        return status, await _detail(db, actor, order.id)

    answer = await once(database, actor, key=key, operation=operation, body=body, act=change)
    return answered(answer, OrderAnswer)


def _row(order: PurchaseOrder) -> OrderRow:
    return OrderRow(
        id=show_id("po", order.id),
        number=order.number,
        status=order.status,
        supplier=order.supplier,
        node=order.node,
        total=Money(order.total_amount, order.currency),
        line_count=order.line_count,
        awaited_quantity=order.awaited_quantity,
        expected_date=order.expected_date,
        answered_date=order.answered_date,
        answer_by=order.answer_by,
        created_at=order.created_at,
    )


async def _detail(db: Reader, actor: Actor, order_id: UUID) -> OrderAnswer:
    order = await queries.get_order(db, actor, order_id)
    lines = await queries.list_lines(db, order_id)
    events = await list_events_of(db, order_id)
    answer = OrderAnswer(
        id=show_id("po", order.id),
        number=order.number,
        status=order.status,
        supplier=order.supplier,
        node=order.node,
        total=Money(order.total_amount, order.currency),
        expected_date=order.expected_date,
        answered_date=order.answered_date,
        answer_by=order.answer_by,
        answer_note=order.answer_note,
        created_at=order.created_at,
        answered_at=order.answered_at,
        received_at=order.received_at,
        lines=[_line(line) for line in lines],
        timeline=[Happening(e.type, e.occurred_at, e.sequence, e.data) for e in events],
    )
    if actor.org_id != order.operator_org_id:
        return answer
    return msgspec.structs.replace(
        answer,
        order_by_date=order.order_by_date,
        plan_run_id=show_id("run", order.plan_run_id) if order.plan_run_id else None,
        created_by=order.created_by,
    )


def _line(line: PurchaseOrderLine) -> LineAnswer:
    answered = None
    if line.answered_quantity is not None and line.answered_unit_price is not None:
        price = decimal_text(line.answered_unit_price)
        answered = Terms(line.answered_quantity, price, line.answered_amount or 0)
    return LineAnswer(
        line_no=line.line_no,
        sku=line.sku,
        title=line.title,
        title_zh=line.title_zh,
        uom=line.uom,
        asked=Terms(line.quantity, decimal_text(line.unit_price), line.amount),
        answered=answered,
        received_quantity=line.received_quantity,
        awaited_quantity=line.awaited_quantity,
    )


ROUTES = (
    list_orders,
    get_order,
    issue_order,
    answer_order,
    accept_counter,
    cancel_order,
    send_link,
)

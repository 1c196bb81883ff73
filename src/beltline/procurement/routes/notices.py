"""`/v1/shipping-notices`: what suppliers say they have sent."""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Parameter

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Reader, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.paging import LIMIT_DEFAULT, LIMIT_MAX, cut, decode_cursor
from beltline.kit.web.kept import answered
from beltline.procurement.actions import notices as actions
from beltline.procurement.queries import notices as queries
from beltline.procurement.types.notices import (
    NoticeBody,
    NoticeState,
    ShippingNotice,
    ShippingNoticeLine,
)

Limit = Annotated[int, Parameter(ge=1, le=LIMIT_MAX)]


class NoticeLineAnswer(msgspec.Struct, frozen=True):
    """A line: announced, counted (null until then), and what came more or less than announced."""

    line_no: int
    sku: str
    quantity: int
    received_quantity: int | None
    difference: int


class NoticeAnswer(msgspec.Struct, frozen=True):
    """A shipping notice with its lines; `receipt` is what it was received with."""

    id: str
    number: str
    purchase_order_id: str
    purchase_order: str
    supplier: str
    node: str
    waybill: str
    carrier: str
    cartons: int
    weight_g: int | None
    note: str
    state: NoticeState
    announced_at: dt.datetime
    receipt: str
    received_at: dt.datetime | None
    lines: list[NoticeLineAnswer]


class NoticeList(msgspec.Struct, frozen=True):
    """One page of notices, newest first."""

    items: list[NoticeAnswer]
    next_cursor: str | None


@get("/v1/shipping-notices", summary="List shipping notices")
async def list_notices(
    *,
    database: Database,
    actor: Actor,
    waybill: Annotated[str, Parameter(max_length=120)] = "",
    node: str | None = None,
    status: NoticeState | None = None,
    cursor: str | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> NoticeList:
    """What the operator is told, or the calling supplier has said; `waybill` finds a box."""
    actor.needs_scope("purchases:read")
    before = decode_cursor(cursor, dt.datetime, UUID)
    async with database.reading(actor) as db:
        rows = await queries.list_notices(
            db, actor, waybill=waybill, node=node, state=status,
            before=(before[0], before[1]) if before else None, limit=limit + 1,
        )  # fmt: skip
        shown, following = cut(rows, limit, lambda row: (row.announced_at, row.id))
        return NoticeList(await _answers(db, shown), following)


@post("/v1/purchase-orders/{order_id:str}/shipping-notices", summary="Announce a shipment")
async def announce_shipment(
    *,
    order_id: str,
    data: NoticeBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[NoticeAnswer]:
    """Says what was sent of a confirmed order, in base units; each box has its own waybill."""
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        notice = await actions.announce_shipment(db, actor, order_id=found, body=data, now=now)
        [answer] = await _answers(db, [notice])
        return 201, answer

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.ship {order_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, NoticeAnswer)


async def _answers(db: Reader, notices: list[ShippingNotice]) -> list[NoticeAnswer]:
    lines: dict[UUID, list[ShippingNoticeLine]] = {notice.id: [] for notice in notices}
    for line in await queries.list_notice_lines(db, list(lines)):
        lines[line.shipping_notice_id].append(line)
    return [_answer(notice, lines[notice.id]) for notice in notices]


def _answer(notice: ShippingNotice, lines: list[ShippingNoticeLine]) -> NoticeAnswer:
    return NoticeAnswer(
        id=show_id("asn", notice.id),
        number=notice.number,
        purchase_order_id=show_id("po", notice.purchase_order_id),
        purchase_order=notice.purchase_order,
        supplier=notice.supplier,
        node=notice.node,
        waybill=notice.waybill,
        carrier=notice.carrier,
        cartons=notice.cartons,
        weight_g=notice.weight_g,
        note=notice.note,
        state=notice.state,
        announced_at=notice.announced_at,
        receipt=notice.receipt,
        received_at=notice.received_at,
        lines=[
            NoticeLineAnswer(x.line_no, x.sku, x.quantity, x.received_quantity, x.difference)
            for x in lines
        ],
    )


ROUTES = (list_notices, announce_shipment)

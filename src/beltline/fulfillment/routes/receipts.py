"""The API of receipts: `POST /v1/purchase-orders/{id}/receive`."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, post

from beltline.fulfillment import actions
from beltline.fulfillment.queries import receipts as queries
from beltline.fulfillment.types.receipts import Counted
from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.web.kept import answered
from beltline.procurement import queries as purchases


class ReceiveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was counted of an order, by line number or SKU.

    `is_final` says that nothing more will come; `over` takes more than the tolerance of 5 %;
    `notice_id` is the shipping notice (`asn_...`) that this receipt ends.
    """

    lines: Annotated[list[Counted], msgspec.Meta(max_length=1_000)]
    note: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    is_final: bool = False
    over: bool = False
    notice_id: Annotated[str, msgspec.Meta(max_length=120)] | None = None


class ReceiptLine(msgspec.Struct, frozen=True):
    """A line of a receipt in base units: awaited before it, and counted."""

    line_no: int
    sku: str
    expected_quantity: int
    received_quantity: int


class ReceiptAnswer(msgspec.Struct, frozen=True):
    """A receipt, and where its order stands after it."""

    id: str
    number: str
    purchase_order: str
    purchase_order_status: str
    node: str
    received_at: dt.datetime
    is_final: bool
    note: str
    lines: list[ReceiptLine]


@post("/v1/purchase-orders/{order_id:str}/receive", summary="Receive goods")
async def receive_goods(
    *,
    order_id: str,
    data: ReceiveBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ReceiptAnswer]:
    """Counts what came into stock; what did not come stays awaited unless `is_final`."""
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)
    notice = read_id("asn", data.notice_id) if data.notice_id else None

    async def act(db: Writer) -> tuple[int, Any]:
        receipt = await actions.receive_goods(
            db, actor, purchase_order_id=found, lines=data.lines, note=data.note, now=now,
            is_final=data.is_final, over=data.over, notice_id=notice,
        )  # fmt: skip
        order = await purchases.get_order(db, actor, found)
        lines = await queries.list_receipt_lines(db, receipt.id)
        return 201, ReceiptAnswer(
            id=show_id("grn", receipt.id),
            number=receipt.number,
            purchase_order=show_id("po", found),
            purchase_order_status=order.status,
            node=receipt.node,
            received_at=receipt.received_at,
            is_final=receipt.is_final,
            note=receipt.note,
            lines=[
                ReceiptLine(x.line_no, x.sku, x.expected_quantity, x.received_quantity)
                for x in lines
            ],
        )

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.receive {order_id}",
        body=data, act=act,
    )  # fmt: skip
    return answered(answer, ReceiptAnswer)


ROUTES = (receive_goods,)

"""Changes of confirmed purchase orders: ask, answer, list."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.web.kept import answered
from beltline.procurement import queries as orders
from beltline.procurement.actions import changes as actions
from beltline.procurement.queries import changes as queries
from beltline.procurement.types.changes import ChangeBody, ChangeState, LineChange, OrderChange


class ChangeAnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The other side's word; a refusal needs a note."""

    is_accepted: bool
    note: Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00]*\Z")] = ""


class ChangeAnswer(msgspec.Struct, frozen=True):
    """A change: who has to answer it, what would be different, what became of it."""

    id: str
    purchase_order_id: str
    purchase_order: str
    asked_of: str
    expected_date: dt.date | None
    date_before: dt.date
    lines: list[LineChange]
    note: str
    state: ChangeState
    asked_at: dt.datetime
    answer_by: dt.datetime
    answer_note: str
    answered_at: dt.datetime | None


class ChangeList(msgspec.Struct, frozen=True):
    """The changes of an order, oldest first."""

    items: list[ChangeAnswer]


@get("/v1/purchase-orders/{order_id:str}/changes", summary="List changes of an order")
async def list_changes(order_id: str, database: Database, actor: Actor) -> ChangeList:
    """What either side asked to change since the order was confirmed."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        order = await orders.get_order(db, actor, read_id("po", order_id))
        return ChangeList([_answer(x) for x in await queries.list_changes_of(db, order.id)])


@post("/v1/purchase-orders/{order_id:str}/changes", summary="Ask to change an order")
async def ask_change(
    *,
    order_id: str,
    data: ChangeBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ChangeAnswer]:
    """Other quantities (base units) or another day; it counts when the other side accepts."""
    actor.needs_scope("purchases:write")
    found = read_id("po", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 201, _answer(await actions.ask_change(db, actor, order_id=found, body=data, now=now))

    answer = await once(
        database, actor, key=idempotency_key, operation=f"purchases.change {order_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ChangeAnswer)


@post("/v1/order-changes/{change_id:str}/answer", summary="Answer a change", status_code=200)
async def answer_change(
    *,
    change_id: str,
    data: ChangeAnswerBody,
    database: Database,
    actor: Actor,
    idempotency_key: str,
    now: dt.datetime,
) -> Response[ChangeAnswer]:
    """Accepted, the order has the new terms and what is inbound follows to the unit."""
    actor.needs_scope("purchases:write")
    found = read_id("chg", change_id)

    async def act(db: Writer) -> tuple[int, Any]:
        return 200, _answer(
            await actions.answer_change(
                db, actor, change_id=found, is_accepted=data.is_accepted, note=data.note, now=now
            )
        )

    answer = await once(
        database, actor, key=idempotency_key, operation=f"changes.answer {change_id}", body=data,
        act=act,
    )  # fmt: skip
    return answered(answer, ChangeAnswer)


def _answer(change: OrderChange) -> ChangeAnswer:
    return ChangeAnswer(
        show_id("chg", change.id), show_id("po", change.purchase_order_id),
        change.purchase_order, change.asked_of, change.expected_date, change.date_before,
        change.lines, change.note, change.state, change.asked_at, change.answer_by,
        change.answer_note, change.answered_at,
    )  # fmt: skip


ROUTES = (list_changes, ask_change, answer_change)

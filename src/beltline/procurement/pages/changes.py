"""Changes of a confirmed order: asked and answered on the page of the order, by each door."""

import datetime as dt
from typing import Any
from uuid import UUID

from litestar import Response, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.ids import read_id
from beltline.kit.web.acts import to
from beltline.kit.web.page import PageContext
from beltline.procurement import queries, rules
from beltline.procurement.actions import changes as actions
from beltline.procurement.pages.factory import by_account, by_link
from beltline.procurement.pages.shared import Form, WebRequest


@post("/purchases/{order_id:str}/change")
async def change(
    *, order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """The operator asks, or answers."""
    actor.needs_operator()
    async with database.writing(actor) as db:
        await _act(db, actor, read_id("po", order_id), data, now)
    return to(f"/purchases/{order_id}?done=changed")


@post("/supplier/orders/{order_id:str}/change")
async def supplier_change(
    *,
    order_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """A member of the factory asks, or answers."""
    return await by_account(
        database, actor, page, order_id, data, _act, now=now, tab="CHANGE", done="changed"
    )


@post("/g/po/{token:str}/change")
async def guest_change(
    *,
    token: str,
    data: Form,
    database: Database,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
) -> Response[Any]:
    """Whoever holds the order's link asks, or answers."""
    return await by_link(
        database, page, request, token, data, _act, now=now, tab="CHANGE", done="changed"
    )


async def _act(
    db: Writer, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> None:
    """Ask for the change of a form, or answer the one it names (of this order)."""
    order = await queries.get_order(db, actor, order_id)
    if form.get("change"):
        await actions.answer_change(
            db, actor, change_id=read_id("chg", form["change"]),
            is_accepted=form.get("act") == "accept", note=form.get("note", "")[:1_000], now=now,
        )  # fmt: skip
    else:
        body = rules.read_change(form, await queries.list_lines(db, order.id))
        await actions.ask_change(db, actor, order_id=order.id, body=body, now=now)


PAGES = (change, supplier_change, guest_change)

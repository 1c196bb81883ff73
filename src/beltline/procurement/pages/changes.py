"""Changes of a confirmed order: asked and answered on the page of the order, by each door."""

import datetime as dt
from typing import Any
from uuid import UUID

from litestar import Response, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.errors import Refusal
from beltline.kit.ids import read_id
from beltline.kit.web.page import PageContext, render
from beltline.procurement import queries, rules
from beltline.procurement.actions import changes as actions
from beltline.procurement.pages.orders import (
    WHY,
    Form,
    WebRequest,
    answer_page,
    chinese_first,
    find_guest,
    to,
)


@post("/purchases/{order_id:str}/change")
async def change(
    *, order_id: str, data: Form, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """The operator asks, or answers."""
    actor.needs_operator()
    await _act(database, actor, read_id("po", order_id), data, now)
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
    found, base = read_id("po", order_id), f"/supplier/orders/{order_id}"
    try:
        await _act(database, actor, found, data, now)
    except Refusal as refusal:
        if refusal.code not in WHY:
            raise
        return await answer_page(
            database, actor, page, found, base=base, form={**data, "answer": "CHANGE"},
            refusal=refusal,
        )  # fmt: skip
    return to(f"{base}?done=changed")


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
    page, base = chinese_first(page, request), f"/g/po/{token}"
    guest = await find_guest(database, token, now)
    if guest is None:
        return render("procurement/link_ended.html", page, status=410)
    try:
        await _act(database, guest.actor, guest.object_id, data, now)
    except Refusal as refusal:
        if refusal.code not in WHY:
            raise
        return await answer_page(
            database, guest.actor, page, guest.object_id, base=base, is_guest=True,
            form={**data, "answer": "CHANGE"}, refusal=refusal,
        )  # fmt: skip
    return to(f"{base}?done=changed")


async def _act(
    database: Database, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> None:
    """Ask for the change of a form, or answer the one it names (of this order)."""
    async with database.writing(actor) as db:
        order = await queries.get_order(db, actor, order_id)
        if form.get("change"):
            await actions.answer_change(
                db, actor, change_id=read_id("chg", form["change"]),
                is_accepted=form.get("act") == "accept", note=form.get("note", "")[:1_000],
                now=now,
            )  # fmt: skip
        else:
            body = rules.read_change(form, await queries.list_lines(db, order.id))
            await actions.ask_change(db, actor, order_id=order.id, body=body, now=now)


PAGES = (change, supplier_change, guest_change)

"""The factory announces what it has sent: by account, or by the link of its order."""

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
from beltline.procurement.actions import notices as actions
from beltline.procurement.pages.orders import (
    WHY,
    Form,
    WebRequest,
    answer_page,
    chinese_first,
    find_guest,
    to,
)


@post("/supplier/orders/{order_id:str}/ship")
async def supplier_ship(
    *,
    order_id: str,
    data: Form,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
) -> Response[Any]:
    """What was sent, by a member of the factory."""
    found, base = read_id("po", order_id), f"/supplier/orders/{order_id}"
    refusal = await _announce(database, actor, found, data, now)
    if refusal is None:
        return to(f"{base}?done=sent")
    return await answer_page(
        database, actor, page, found, base=base, form={**data, "answer": "SENT"}, refusal=refusal
    )


@post("/g/po/{token:str}/ship")
async def guest_ship(
    *,
    token: str,
    data: Form,
    database: Database,
    page: PageContext,
    request: WebRequest,
    now: dt.datetime,
) -> Response[Any]:
    """What was sent, by whoever holds the order's link."""
    page, base = chinese_first(page, request), f"/g/po/{token}"
    guest = await find_guest(database, token, now)
    if guest is None:
        return render("procurement/link_ended.html", page, status=410)
    refusal = await _announce(database, guest.actor, guest.object_id, data, now)
    if refusal is None:
        return to(f"{base}?done=sent")
    return await answer_page(
        database, guest.actor, page, guest.object_id, base=base, is_guest=True,
        form={**data, "answer": "SENT"}, refusal=refusal,
    )  # fmt: skip


async def _announce(
    database: Database, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> Refusal | None:
    """Announce the shipment of a form; the refusal when the form has to be shown again."""
    try:
        async with database.writing(actor) as db:
            lines = await queries.list_lines(db, order_id)
            body = rules.read_notice(form, lines)
            await actions.announce_shipment(db, actor, order_id=order_id, body=body, now=now)
    except Refusal as refusal:
        if refusal.code not in WHY:
            raise
        return refusal
    return None


PAGES = (supplier_ship, guest_ship)

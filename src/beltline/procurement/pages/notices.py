"""The factory announces what it has sent: by account, or by the link of its order."""

import datetime as dt
from typing import Any
from uuid import UUID

from litestar import Response, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.web.page import PageContext
from beltline.procurement import queries, rules
from beltline.procurement.actions import notices as actions
from beltline.procurement.pages.factory import by_account, by_link
from beltline.procurement.pages.shared import Form, WebRequest


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
    return await by_account(
        database, actor, page, order_id, data, _announce, now=now, tab="SENT", done="sent"
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
    return await by_link(
        database, page, request, token, data, _announce, now=now, tab="SENT", done="sent"
    )


async def _announce(
    db: Writer, actor: Actor, order_id: UUID, form: dict[str, str], now: dt.datetime
) -> None:
    body = rules.read_notice(form, await queries.list_lines(db, order_id))
    await actions.announce_shipment(db, actor, order_id=order_id, body=body, now=now)


PAGES = (supplier_ship, guest_ship)

"""The papers of an order on its page: the proforma, and the invoice before it leaves."""

import datetime as dt
from typing import Literal

from litestar import Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id, show_id
from beltline.kit.web.acts import to
from beltline.kit.web.downloads import download
from beltline.kit.web.page import PageContext
from beltline.orders import actions

Language = Literal["en", "zh"]


@post("/orders/{order_id:str}/invoice")
async def invoice(
    order_id: str, database: Database, actor: Actor, now: dt.datetime
) -> Response[None]:
    """Issue the papers the order lacks; a second time there is nothing to issue."""
    found = read_id("ord", order_id)
    async with database.writing(actor) as db:
        await actions.ask_invoice(db, actor, order_id=found, now=now)
    return to(f"/orders/{show_id('ord', found)}#papers")


@get("/orders/{order_id:str}/proforma")
async def proforma(
    order_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    now: dt.datetime,
    lang: Language | None = None,
) -> Response[bytes]:
    """What the buyer's bank asks for."""
    found = read_id("ord", order_id)
    return download(
        await actions.print_proforma(
            database, actor, order_id=found, locale=lang or page.locale, now=now
        )
    )


PAGES = (invoice, proforma)

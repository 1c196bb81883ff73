"""The papers of an order: its proforma, and its invoice before it leaves."""

import datetime as dt
from typing import Any, Literal

import msgspec
from litestar import Response, get, post

from beltline.kit.actor import Actor
from beltline.kit.db import Database, Writer
from beltline.kit.idempotency import once
from beltline.kit.ids import read_id, show_id
from beltline.kit.web.downloads import download
from beltline.kit.web.kept import answered
from beltline.ledger.types import Paper
from beltline.orders import actions

Language = Literal["en", "zh"]


class OrderPaper(msgspec.Struct, frozen=True):
    """An invoice or credit note of an order; `total` in minor units."""

    id: str
    number: str
    kind: str
    currency: str
    total: int
    issued_at: dt.datetime


class OrderPapers(msgspec.Struct, frozen=True):
    """The papers of an order, newest first; `/v1/ledger/papers/{id}` has what stands on them."""

    items: list[OrderPaper]


@post("/v1/orders/{order_id:str}/invoice", summary="Invoice an order", status_code=200)
async def ask_invoice(
    order_id: str, database: Database, actor: Actor, idempotency_key: str, now: dt.datetime
) -> Response[OrderPapers]:
    """Issues now what a paid order lacks of its papers; without it, when the first of it leaves."""
    actor.needs_scope("orders:write")
    found = read_id("ord", order_id)

    async def act(db: Writer) -> tuple[int, Any]:
        papers = await actions.ask_invoice(db, actor, order_id=found, now=now)
        return 200, OrderPapers([_paper(paper) for paper in papers])

    answer = await once(
        database, actor, key=idempotency_key, operation=f"orders.invoice {order_id}", body=None,
        act=act,
    )  # fmt: skip
    return answered(answer, OrderPapers)


def _paper(paper: Paper) -> OrderPaper:
    return OrderPaper(
        show_id("ppr", paper.id), paper.number, paper.kind, paper.currency, paper.total,
        paper.issued_at,
    )  # fmt: skip


@get(
    "/v1/orders/{order_id:str}/proforma", summary="The proforma of an order",
    media_type="application/pdf",
)  # fmt: skip
async def get_proforma(
    order_id: str, database: Database, actor: Actor, now: dt.datetime, lang: Language = "en"
) -> Response[bytes]:
    """What an order, or a balance, that waits for money costs, for the buyer's bank; PDF on A4."""
    actor.needs_scope("orders:read")
    return download(
        await actions.print_proforma(
            database, actor, order_id=read_id("ord", order_id), locale=lang, now=now
        )
    )


ROUTES = (ask_invoice, get_proforma)

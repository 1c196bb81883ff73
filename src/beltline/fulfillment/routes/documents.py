"""Commercial invoices, packing lists and labels: as data, as PDF, as ZPL."""

import datetime as dt
from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from beltline.fulfillment.actions import documents as actions
from beltline.fulfillment.types.documents import PurchasePaper, TradeDocument
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.web.downloads import download

Language = Literal["en", "zh"]
Paper = Annotated[Literal["pdf", "zpl"], QueryParameter(name="format")]


@get("/v1/orders/{order_id:str}/documents/{document:str}", summary="A document of an order")
async def get_document(
    order_id: str, document: str, database: Database, actor: Actor, now: dt.datetime
) -> TradeDocument:
    """`commercial-invoice` or `packing-list` of the units that are sent or standing, as data."""
    actor.needs_scope("orders:read")
    async with database.reading(actor) as db:
        return await actions.order_document(
            db, order_id=read_id("ord", order_id), document=document, now=now
        )


@get(
    "/v1/orders/{order_id:str}/documents/{document:str}/pdf", summary="A document as PDF",
    media_type="application/pdf",
)  # fmt: skip
async def get_document_pdf(
    *,
    order_id: str,
    document: str,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    lang: Language = "en",
) -> Response[bytes]:
    """The same on A4, in English or Chinese."""
    actor.needs_scope("orders:read")
    async with database.reading(actor) as db:
        found = await actions.order_document(
            db, order_id=read_id("ord", order_id), document=document, now=now
        )
    return download(await actions.print_document(found, locale=lang, at=now))


@get(
    "/v1/journeys/{journey_id:str}/label", summary="The label of a box",
    media_type="application/octet-stream",
)  # fmt: skip
async def get_label(
    *,
    journey_id: str,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    paper: Paper = "pdf",
    lang: Language = "en",
) -> Response[bytes]:
    """For the operator: the door, the waybill and a GS1-128 code on 100 x 150 mm."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        label = await actions.parcel_label(db, actor, journey_id=read_id("jny", journey_id))
    return download(
        await actions.print_labels([label], name="label", paper=paper, locale=lang, at=now)
    )


@get(
    "/v1/shipping-notices/{notice_id:str}/labels", summary="The labels of announced cartons",
    media_type="application/octet-stream",
)  # fmt: skip
async def get_labels(
    *,
    notice_id: str,
    database: Database,
    actor: Actor,
    now: dt.datetime,
    paper: Paper = "pdf",
    lang: Language = "en",
) -> Response[bytes]:
    """One a carton; the code on it finds the notice at the hub."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        labels = await actions.carton_labels(db, actor, notice_id=read_id("asn", notice_id))
    return download(
        await actions.print_labels(labels, name=notice_id, paper=paper, locale=lang, at=now)
    )


@get(
    "/v1/purchase-orders/{order_id:str}/document", summary="A purchase order as it stands",
)  # fmt: skip
async def get_purchase_paper(
    order_id: str, database: Database, actor: Actor, now: dt.datetime
) -> PurchasePaper:
    """What was ordered, what was cancelled of it and what is still wanted, with its amounts."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        return await actions.purchase_paper(db, actor, purchase_id=read_id("po", order_id), now=now)


@get(
    "/v1/purchase-orders/{order_id:str}/pdf", summary="A purchase order as PDF",
    media_type="application/pdf",
)  # fmt: skip
async def get_purchase_pdf(
    *, order_id: str, database: Database, actor: Actor, now: dt.datetime, lang: Language = "en"
) -> Response[bytes]:
    """The same on A4, in English or Chinese."""
    actor.needs_scope("purchases:read")
    async with database.reading(actor) as db:
        found = await actions.purchase_paper(
            db, actor, purchase_id=read_id("po", order_id), now=now
        )
    return download(await actions.print_purchase(found, locale=lang, at=now))


ROUTES = (
    get_document, get_document_pdf, get_label, get_labels, get_purchase_paper, get_purchase_pdf,
)  # fmt: skip

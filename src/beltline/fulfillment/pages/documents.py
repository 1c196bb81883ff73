"""Downloads of documents and labels, in the reader's language."""

import datetime as dt
from typing import Literal

from litestar import Response, get

from beltline.fulfillment.actions import documents as actions
from beltline.kit.actor import Actor
from beltline.kit.db import Database
from beltline.kit.ids import read_id
from beltline.kit.web.downloads import download
from beltline.kit.web.page import PageContext
from beltline.procurement.actions import open_link

Language = Literal["en", "zh"]
Paper = Literal["pdf", "zpl"]


@get("/orders/{order_id:str}/documents/{document:str}")
async def document_file(
    *,
    order_id: str,
    document: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    lang: Language | None = None,
) -> Response[bytes]:
    """The commercial invoice or packing list of an order."""
    async with database.reading(actor) as db:
        found = await actions.order_document(
            db, order_id=read_id("ord", order_id), document=document, now=page.now
        )
    return download(await actions.print_document(found, locale=lang or page.locale, at=page.now))


@get("/journeys/{journey_id:str}/label")
async def label_file(
    *,
    journey_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    paper: Paper = "pdf",
) -> Response[bytes]:
    """The label of a journey's box."""
    async with database.reading(actor) as db:
        label = await actions.parcel_label(db, actor, journey_id=read_id("jny", journey_id))
    return download(
        await actions.print_labels(
            [label], name=journey_id, paper=paper, locale=page.locale, at=page.now
        )
    )


@get("/packings/{packing_id:str}/labels")
async def packed_files(
    *,
    packing_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    parcel: str = "",
    paper: Paper = "pdf",
) -> Response[bytes]:
    """The labels of packed parcels, or of one of them."""
    async with database.reading(actor) as db:
        labels = await actions.packed_labels(
            db, actor, packing_id=read_id("pak", packing_id),
            parcel_id=read_id("box", parcel) if parcel else None,
        )  # fmt: skip
    return download(
        await actions.print_labels(
            labels, name=packing_id, paper=paper, locale=page.locale, at=page.now
        )
    )


@get("/shipping-notices/{notice_id:str}/labels")
async def carton_files(
    *,
    notice_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    paper: Paper = "pdf",
) -> Response[bytes]:
    """The labels of announced cartons, for either party."""
    async with database.reading(actor) as db:
        labels = await actions.carton_labels(db, actor, notice_id=read_id("asn", notice_id))
    return download(
        await actions.print_labels(
            labels, name=notice_id, paper=paper, locale=page.locale, at=page.now
        )
    )


@get("/g/po/{token:str}/labels/{notice_id:str}")
async def guest_files(
    *,
    token: str,
    notice_id: str,
    database: Database,
    now: dt.datetime,
    paper: Paper = "pdf",
) -> Response[bytes]:
    """The same behind the link of their order."""
    guest = await open_link(database, token[:200], now=now)
    async with database.reading(guest.actor) as db:
        labels = await actions.carton_labels(
            db, guest.actor, notice_id=read_id("asn", notice_id), order_id=guest.object_id
        )
    return download(
        await actions.print_labels(labels, name=notice_id, paper=paper, locale="zh", at=now)
    )


@get(["/purchases/{order_id:str}/paper", "/supplier/orders/{order_id:str}/paper"])
async def purchase_file(
    *,
    order_id: str,
    database: Database,
    actor: Actor,
    page: PageContext,
    lang: Language | None = None,
) -> Response[bytes]:
    """A purchase order as it stands, for either party."""
    async with database.reading(actor) as db:
        found = await actions.purchase_paper(
            db, actor, purchase_id=read_id("po", order_id), now=page.now
        )
    return download(await actions.print_purchase(found, locale=lang or page.locale, at=page.now))


@get("/g/po/{token:str}/paper")
async def guest_purchase(
    *, token: str, database: Database, now: dt.datetime, lang: Language = "zh"
) -> Response[bytes]:
    """The same behind the link of the order."""
    guest = await open_link(database, token[:200], now=now)
    async with database.reading(guest.actor) as db:
        found = await actions.purchase_paper(db, guest.actor, purchase_id=guest.object_id, now=now)
    return download(await actions.print_purchase(found, locale=lang, at=now))


PAGES = (
    document_file, label_file, packed_files, carton_files, guest_files, purchase_file,
    guest_purchase,
)  # fmt: skip

"""Trade documents and labels, put together from what stands in the network now."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from beltline.catalog import queries as catalog
from beltline.fulfillment.queries import documents as queries
from beltline.fulfillment.queries import journeys, packing
from beltline.fulfillment.rules import documents as rules
from beltline.fulfillment.rules import purchases as purchase_rules
from beltline.fulfillment.types.documents import DocumentParty, Label, PurchasePaper, TradeDocument
from beltline.fulfillment.types.packing import Scanned, UnknownSscc
from beltline.kit.actor import Actor
from beltline.kit.clock import day_of
from beltline.kit.db import NotFound, Reader
from beltline.kit.ids import show_id
from beltline.kit.web.downloads import PrintedFile
from beltline.orders import queries as orders
from beltline.orders.queries import papers
from beltline.procurement import queries as purchases
from beltline.procurement.queries import notices
from beltline.procurement.queries import papers as purchase_parties
from beltline.trade import queries as trade


async def order_document(
    db: Reader, *, order_id: UUID, document: str, now: dt.datetime
) -> TradeDocument:
    """The commercial invoice or the packing list of an order, for its buyer and the operator."""
    kind = rules.kind_of(document)
    order = await orders.get_order(db, order_id)
    skus = await catalog.skus_of(db, [line.sku for line in order.lines])
    return rules.trade_document(
        kind, order, await journeys.list_journeys_of(db, order_id), skus,
        await queries.list_origins(db, list(skus)),
        await papers.parties_of(db, order_id, now=now), issued_date=day_of(now),
        leaving=await queries.list_leaving(db, order_id, on=day_of(now)),
    )  # fmt: skip


async def purchase_paper(
    db: Reader, actor: Actor, *, purchase_id: UUID, now: dt.datetime
) -> PurchasePaper:
    """A purchase order as it stands now, for either party."""
    order = await purchases.get_order(db, actor, purchase_id)
    return purchase_rules.purchase_paper(
        order, await purchases.list_lines(db, purchase_id),
        await queries.find_wanted(db, purchase_id),
        parties=await purchase_parties.get_parties(db, order),
        printed_date=day_of(now),
    )  # fmt: skip


async def print_purchase(paper: PurchasePaper, *, locale: str, at: dt.datetime) -> PrintedFile:
    """A purchase on A4, in English or Chinese."""
    content = await asyncio.to_thread(_draw_purchase, paper, locale, at)
    return PrintedFile(f"{paper.number}.pdf", "application/pdf", content)


async def parcel_label(db: Reader, actor: Actor, *, journey_id: UUID) -> Label:
    """The label of a journey's box, to the door of its order."""
    actor.needs_operator()
    journey = await journeys.get_journey(db, journey_id)
    order = await orders.get_order(db, journey.order_id)
    return rules.parcel_label(journey, rules.address_of(order.ship_to))


async def carton_labels(
    db: Reader, actor: Actor, *, notice_id: UUID, order_id: UUID | None = None
) -> list[Label]:
    """A label for each carton of a shipping notice, to the node it goes to.

    `order_id` is the only purchase that a guest may print for.
    """
    notice = await notices.get_notice(db, actor, notice_id)
    if order_id not in {None, notice.purchase_order_id}:
        raise NotFound(what="shipping notice", key=show_id("asn", notice_id))
    lines = await notices.list_notice_lines(db, [notice_id])
    node = await trade.get_node(db, notice.node)
    to = DocumentParty(node.name, node.name_zh, node.country)
    return rules.carton_labels(notice, lines, to, await notices.list_ssccs(db, notice_id))


async def packed_labels(
    db: Reader, actor: Actor, *, packing_id: UUID, parcel_id: UUID | None = None
) -> list[Label]:
    """The labels of packed parcels to the door of their order: of one, or of all of a packing."""
    actor.needs_operator()
    found = await packing.get_packing(db, packing_id)
    parcels = await packing.list_parcels(db, [packing_id])
    order = await orders.get_order(db, found.order_id)
    known = {j.id: j for j in await journeys.list_journeys_of(db, found.order_id)}
    to = rules.address_of(order.ship_to)
    return [
        rules.packed_label(found, parcel, len(parcels), known, to)
        for parcel in parcels
        if parcel_id in {None, parcel.id}
    ]


async def find_code(db: Reader, actor: Actor, code: str) -> Scanned | None:
    """What has the SSCC that was scanned, None for another code; refuses one nobody has."""
    actor.needs_operator()
    sscc = rules.scanned_sscc(code)
    if sscc is None:
        return None
    if parcel := await packing.find_parcel(db, sscc):
        return Scanned(sscc, *parcel)
    if carton := await notices.find_carton(db, sscc):
        return Scanned(sscc, waybill=carton[0], notice=carton[1])
    raise UnknownSscc(sscc=sscc)


async def print_document(document: TradeDocument, *, locale: str, at: dt.datetime) -> PrintedFile:
    """A document on A4, in English or Chinese."""
    content = await asyncio.to_thread(_draw_document, document, locale, at)
    return PrintedFile(f"{document.number}.pdf", "application/pdf", content)


async def print_labels(
    labels: Sequence[Label], *, name: str, paper: str, locale: str, at: dt.datetime
) -> PrintedFile:
    """Labels for a label printer (`zpl`), or one a page (`pdf`)."""
    if paper == "zpl":
        return PrintedFile(f"{name}.zpl", "text/plain; charset=utf-8", rules.zpl(labels).encode())
    content = await asyncio.to_thread(_draw_labels, labels, locale, at)
    return PrintedFile(f"{name}.pdf", "application/pdf", content)


def _draw_document(document: TradeDocument, locale: str, at: dt.datetime) -> bytes:
    # With the first page come fonts, pictures and NumPy, which a web process starts without.
    from beltline.fulfillment.adapters import pdf  # noqa: PLC0415 - loaded when asked for

    return pdf.document_pdf(document, locale=locale, at=at)


def _draw_purchase(paper: PurchasePaper, locale: str, at: dt.datetime) -> bytes:
    from beltline.fulfillment.adapters import purchases  # noqa: PLC0415 - loaded when asked for

    return purchases.purchase_pdf(paper, locale=locale, at=at)


def _draw_labels(labels: Sequence[Label], locale: str, at: dt.datetime) -> bytes:
    from beltline.fulfillment.adapters import pdf  # noqa: PLC0415 - loaded when asked for

    return pdf.labels_pdf(labels, locale=locale, at=at)

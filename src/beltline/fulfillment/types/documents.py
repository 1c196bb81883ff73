"""Trade documents and labels."""

import datetime as dt
from typing import Literal

import msgspec

from beltline.accounts.types.legal import PaperParty
from beltline.kit.errors import Kind, Refusal


class DocumentParty(msgspec.Struct, frozen=True):
    """A door on a document: its name in both scripts, its address by lines."""

    name: str
    name_zh: str
    country: str
    address: list[str] = []


class DocumentLine(msgspec.Struct, frozen=True):
    """Goods on a document, in base units of `uom`; what the catalog does not know is None or empty.

    `origin` is the country they are made in, `unit_price` an exact decimal text per unit of sale,
    `amount` minor units. A packing list has no prices.
    """

    line_no: int
    sku: str
    title: str
    title_zh: str
    hs_code: str
    origin: str
    uom: str
    quantity: int
    packs: int
    net_weight_g: int | None
    unit_price: str | None = None
    amount: int | None = None


class DeliveryTerm(msgspec.Struct, frozen=True):
    """An Incoterm 2020 with its named place.

    `source` is EXPORT_TERM where the lane's term says so. It is ORDER where none is known: the
    order's price has carriage to the door in it and no duty, which is DAP.
    """

    incoterm: str
    place: str
    source: Literal["EXPORT_TERM", "ORDER"]


class Leaving(msgspec.Struct, frozen=True):
    """Goods that leave a country: on which Incoterm, empty where none is known, and from where."""

    incoterm: str
    departure: str


class TradeDocument(msgspec.Struct, frozen=True):
    """A commercial invoice or a packing list of the units of an order that are sent or standing.

    Refunded and replaced units are not on it. `net_weight_g` is None where a weight is unknown.
    Goods that cross a border have a delivery term on the invoice, several where theirs differ.
    `seller` and `buyer` are those of the order's first invoice, before it those of now.
    """

    kind: str
    number: str
    order: str
    reference: str
    issued_date: dt.date
    seller: PaperParty
    buyer: PaperParty
    ship_to: DocumentParty
    lines: list[DocumentLine]
    packs: int
    net_weight_g: int | None
    waybills: list[str]
    currency: str | None = None
    total_amount: int | None = None
    delivery_terms: list[DeliveryTerm] = []


class PurchasePaperLine(msgspec.Struct, frozen=True):
    """Goods of a purchase in base units: ordered on the terms that stand, cancelled, still wanted.

    `unit_price` is an exact decimal text per unit of sale, `amount` that of what is wanted and
    `ordered_amount` that of what was ordered, in minor units.
    """

    line_no: int
    sku: str
    title: str
    title_zh: str
    uom: str
    ordered: int
    cancelled: int
    wanted: int
    unit_price: str
    ordered_amount: int
    amount: int


class PurchasePaper(msgspec.Struct, frozen=True):
    """A purchase order as it stands now; its parties are those of the day it went out."""

    number: str
    status: str
    issued_date: dt.date
    printed_date: dt.date
    buyer: PaperParty
    supplier: PaperParty
    deliver_to: DocumentParty
    arrive_by: dt.date
    currency: str
    lines: list[PurchasePaperLine]
    ordered_amount: int
    total_amount: int


class Label(msgspec.Struct, frozen=True):
    """What is stuck on a box: where it goes, what it is, and a GS1-128 code.

    `element` is the GS1 element string without its brackets, such as `91ASN-70001-2`.
    """

    to: DocumentParty
    waybill: str
    reference: str
    contents: list[str]
    element: str
    box: int = 1
    boxes: int = 1


class NothingToDocument(Refusal):
    """An order without units that are sent or standing."""

    kind, code = Kind.CONFLICT, "fulfillment.nothing_to_document"
    title = "Nothing to put on it"
    detail = "{number} has no units that are sent or ready to be sent."
    number: str


class UnknownDocument(Refusal):
    """A document that does not exist."""

    kind, code = Kind.NOT_FOUND, "fulfillment.unknown_document"
    title = "Unknown document"
    detail = "“{document}” is no document here; there are {documents}."
    document: str
    documents: str

"""What stands on a commercial invoice, a packing list and a label; pure.

Nothing is guessed: an HS code, a weight or an origin that nobody entered stays empty. The Incoterm
is that of the lane's export term; without one it is what the order's price holds.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from beltline.catalog.types import Sku
from beltline.fulfillment.types.documents import (
    DeliveryTerm,
    DocumentLine,
    DocumentParty,
    Label,
    Leaving,
    NothingToDocument,
    TradeDocument,
    UnknownDocument,
)
from beltline.fulfillment.types.journeys import Journey
from beltline.fulfillment.types.packing import MisreadCode, PackedParcel, Packing
from beltline.kit.uom import Uom, in_uom, show_quantity
from beltline.orders.types import OrderDetail
from beltline.orders.types.papers import OrderParties
from beltline.procurement.types.notices import ShippingNotice, ShippingNoticeLine
from beltline.trade.types.dated import named_place

KINDS: Final = {"commercial-invoice": "COMMERCIAL_INVOICE", "packing-list": "PACKING_LIST"}
_PREFIXES: Final = {"COMMERCIAL_INVOICE": "CI", "PACKING_LIST": "PL"}
COMPANY_INTERNAL: Final = "91"
"""The GS1 application identifier of a company's own numbers."""
SSCC: Final = "00"
"""The GS1 application identifier of a serial shipping container code."""


def kind_of(document: str) -> str:
    """The kind that an address names; refuses the name of none."""
    if document not in KINDS:
        raise UnknownDocument(document=document[:40], documents=", ".join(KINDS))
    return KINDS[document]


def trade_document(
    kind: str,
    order: OrderDetail,
    journeys: Sequence[Journey],
    skus: Mapping[str, Sku],
    origins: Mapping[str, str],
    parties: OrderParties,
    *,
    issued_date: dt.date,
    leaving: Sequence[Leaving] = (),
) -> TradeDocument:
    """The document of what is sent of an order; refuses one of nothing.

    `origins` are countries by SKU, `leaving` says on which terms goods cross a border. A line's
    amount follows its units, rounded half-even.
    """
    is_priced = kind == "COMMERCIAL_INVOICE"
    lines = []
    for line_no, line in enumerate(order.lines, 1):
        quantity = sum(
            j.moving + j.delivered + j.in_question for j in journeys if j.line_no == line_no
        )
        if quantity:
            sku = skus[line.sku]
            amount = (Decimal(line.amount) * quantity / line.quantity).quantize(
                Decimal(1), rounding=ROUND_HALF_EVEN
            )
            lines.append(
                DocumentLine(
                    line_no, sku.code, sku.title, sku.title_zh, sku.hs_code,
                    origins.get(sku.code, ""), sku.uom, quantity,
                    math.ceil(in_uom(quantity, Uom(sku.uom)) / max(sku.pack_size, 1)),
                    _weight(sku, quantity), line.unit_price if is_priced else None,
                    int(amount) if is_priced else None,
                )
            )  # fmt: skip
    if not lines:
        raise NothingToDocument(number=order.head.number)
    weights = [line.net_weight_g for line in lines]
    return TradeDocument(
        kind=kind,
        number=f"{_PREFIXES[kind]}-{order.head.number}",
        order=order.head.number,
        reference=order.head.reference,
        issued_date=issued_date,
        # Goods are packed, not paid, by a packing list.
        seller=parties.seller if is_priced else msgspec.structs.replace(parties.seller, bank=None),
        buyer=parties.buyer,
        ship_to=address_of(order.ship_to),
        lines=lines,
        packs=sum(line.packs for line in lines),
        net_weight_g=None if None in weights else sum(w for w in weights if w is not None),
        waybills=sorted({j.waybill for j in journeys if j.waybill}),
        currency=order.head.currency if is_priced else None,
        total_amount=sum(line.amount or 0 for line in lines) if is_priced else None,
        delivery_terms=delivery_terms(leaving, order.ship_to) if is_priced else [],
    )


def delivery_terms(leaving: Sequence[Leaving], ship_to: Mapping[str, Any]) -> list[DeliveryTerm]:
    """The Incoterms of goods with their places, each once; the door's city was maybe erased."""
    door = ", ".join(filter(None, (ship_to.get("city") or "", ship_to.get("country") or "")))
    return sorted(
        {
            DeliveryTerm(
                each.incoterm or "DAP",
                named_place(each.incoterm or "DAP", departure=each.departure, destination=door),
                "EXPORT_TERM" if each.incoterm else "ORDER",
            )
            for each in leaving
        },
        key=msgspec.structs.astuple,
    )


def _weight(sku: Sku, quantity: int) -> int | None:
    """Grams of some base units; None where the unit's weight is unknown."""
    return None if sku.weight_g is None else round(sku.weight_g * in_uom(quantity, Uom(sku.uom)))


def address_of(ship_to: Mapping[str, Any]) -> DocumentParty:
    """A door as a document's party; what was erased stays empty."""
    place = " ".join(ship_to.get(k) or "" for k in ("postcode", "city", "region")).strip()
    lines = [ship_to.get("line1") or "", ship_to.get("line2") or "", place]
    return DocumentParty(
        ship_to.get("name") or "", "", ship_to.get("country") or "", [x for x in lines if x]
    )


def parcel_label(journey: Journey, to: DocumentParty) -> Label:
    """The label of a journey's box: no price, no factory."""
    name = f"{journey.number}-{journey.line_no}-{journey.part_no}-{journey.attempt}"
    return Label(
        to, journey.waybill, journey.number,
        [f"{journey.sku} {show_quantity(journey.moving, Uom(journey.uom))}"],
        COMPANY_INTERNAL + name,
    )  # fmt: skip


def packed_label(
    packing: Packing,
    parcel: PackedParcel,
    parcels: int,
    journeys: Mapping[UUID, Journey],
    to: DocumentParty,
) -> Label:
    """The label of a packed parcel: no price, no factory; its SSCC where it has one."""
    packed = [(journeys[line.journey_id], line.units) for line in parcel.lines]
    own = f"{COMPANY_INTERNAL}{packing.number}-{packing.id.hex[-6:]}-{parcel.position}"
    return Label(
        to, " ".join(sorted({journey.waybill for journey, _ in packed} - {""})), packing.number,
        [f"{j.sku} {show_quantity(units, Uom(j.uom))}" for j, units in packed],
        SSCC + parcel.sscc if parcel.sscc else own, parcel.position, parcels,
    )  # fmt: skip


def carton_labels(
    notice: ShippingNotice,
    lines: Sequence[ShippingNoticeLine],
    to: DocumentParty,
    ssccs: Sequence[str] = (),
) -> list[Label]:
    """A label for each carton that a factory announced; its code leads back to the notice.

    `ssccs` are their codes in order, where they have any.
    """
    contents = [f"{x.sku} {show_quantity(x.quantity, Uom(x.uom))}" for x in lines if x.quantity]
    return [
        Label(
            to, notice.waybill, notice.purchase_order, contents,
            SSCC + ssccs[box - 1] if ssccs else f"{COMPANY_INTERNAL}{notice.number}-{box}",
            box, notice.cartons,
        )
        for box in range(1, notice.cartons + 1)
    ]  # fmt: skip


def scanned_notice(code: str) -> str | None:
    """The number of the shipping notice on a scanned carton label; None for another code."""
    element = code.strip().removeprefix("]C1").removeprefix(f"{COMPANY_INTERNAL}ASN-")
    if element == code.strip().removeprefix("]C1"):
        return None
    number, _, box = element.partition("-")
    return f"ASN-{number}" if number.isdigit() and box.isdigit() else None


def scanned_sscc(code: str) -> str | None:
    """The SSCC that was scanned or typed, None for another code; refuses a wrong check digit.

    A scanner says `]C100` and 18 digits; people type the 18, with (00) before them or not.
    """
    text = code.strip().replace(" ", "").removeprefix("]C1").replace("(00)", SSCC)
    digits = text.removeprefix(SSCC) if len(text) == 20 else text
    if len(digits) != 18 or not (digits.isascii() and digits.isdigit()):
        return None
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits[:-1])))
    if (10 - total % 10) % 10 != int(digits[-1]):
        # A waybill may have 18 digits, too; one that says it is an SSCC is misread.
        if text != digits:
            raise MisreadCode(sscc=digits)
        return None
    return digits


_SAFE: Final = str.maketrans({"^": "_5E", "~": "_7E", "_": "_5F"})


def zpl(labels: Sequence[Label]) -> str:
    """The labels for a printer of 203 dpi and 100 x 150 mm, in ZPL II and UTF-8."""
    return "".join(_zpl_of(label) for label in labels)


def _zpl_of(label: Label) -> str:
    address = [label.to.name or label.to.name_zh, *label.to.address, label.to.country]
    text = [(40 + 44 * row, 36, line) for row, line in enumerate(address[:7])]
    text += [(380, 48, label.waybill), (440, 30, label.reference)]
    text += [(500 + 36 * row, 28, line) for row, line in enumerate(label.contents[:6])]
    text += [(1_130, 30, f"{label.box} / {label.boxes}")]
    fields = [
        f"^FO40,{y}^A0N,{size},{size}^FH^FD{line.translate(_SAFE)}^FS"
        for y, size, line in text
        if line
    ]
    ai, value = label.element[:2], label.element[2:].translate(_SAFE)
    # Mode D sets FNC1 and reads the application identifier from its brackets.
    code = f"^FO40,820^BY2^BCN,240,Y,N,N,D^FH^FD({ai}){value}^FS"
    return "\n".join(["^XA", "^CI28", "^PW812", "^LL1218", *fields, code, "^XZ"]) + "\n"

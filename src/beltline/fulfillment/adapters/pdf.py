"""Trade documents and labels as PDF, in English or Chinese."""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import barcode
from fpdf import FPDF

from beltline.accounts.actions.legal import bank_lines, party_lines
from beltline.fulfillment.types.documents import (
    DeliveryTerm,
    DocumentParty,
    Label,
    TradeDocument,
)
from beltline.kit import pdf as paper
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_, translations
from beltline.kit.web.view import local_name

_TITLES: Final = {
    "COMMERCIAL_INVOICE": N_("Commercial invoice"), "PACKING_LIST": N_("Packing list"),
}  # fmt: skip
_LABEL_MM: Final = (100.0, 150.0)
_QUIET: Final = 10
"""Modules of white on each side of a bar code (GS1 General Specifications, 5.4.3)."""


def document_pdf(document: TradeDocument, *, locale: str, at: dt.datetime) -> bytes:
    """A commercial invoice or packing list on A4."""
    pdf = paper.new_paper(at)
    paper.begin(pdf, translations(locale).gettext(_TITLES[document.kind]), document.number)
    _facts(pdf, document, locale)
    _goods(pdf, document, locale)
    _totals(pdf, document, locale)
    return bytes(pdf.output())


def labels_pdf(labels: Sequence[Label], *, locale: str, at: dt.datetime) -> bytes:
    """Labels of 100 x 150 mm, one a page."""
    pdf = paper.new_paper(at, _LABEL_MM)
    pdf.set_auto_page_break(auto=False)
    for label in labels:
        pdf.add_page()
        pdf.set_margins(6, 6)
        pdf.set_xy(6, 6)
        _label(pdf, label, locale)
    return bytes(pdf.output())


def _facts(pdf: FPDF, document: TradeDocument, locale: str) -> None:
    _ = translations(locale).gettext
    paper.facts(pdf, [
        (_("Number"), document.number),
        (_("Date"), formats.date_text(document.issued_date, locale)),
        (_("Order"), " ".join(filter(None, (document.order, document.reference)))),
        (_("Seller"), "\n".join(party_lines(document.seller, locale))),
        (_("Buyer"), "\n".join(party_lines(document.buyer, locale))),
        (_("Ship to"), _door(document.ship_to, locale)),
        (_("Delivery term"), "; ".join(_term(term, locale) for term in document.delivery_terms)),
        (_("Waybill"), ", ".join(document.waybills)),
        (_("Pay to"), "\n".join(bank_lines(document.seller, locale))),
    ])  # fmt: skip


def _term(term: DeliveryTerm, locale: str) -> str:
    said = f"{term.incoterm} {term.place} (Incoterms 2020)".replace("  ", " ")
    if term.source == "EXPORT_TERM":
        return said
    return translations(locale).gettext("%(term)s, as the price has no duty in it") % {"term": said}


def _door(party: DocumentParty, locale: str) -> str:
    name = local_name(locale, party.name, party.name_zh)
    return ", ".join(filter(None, (name, *party.address, party.country)))


def _goods(pdf: FPDF, document: TradeDocument, locale: str) -> None:
    _ = translations(locale).gettext
    is_priced = document.currency is not None
    heads = [_("No."), _("Goods"), _("HS code"), _("Origin"), _("Quantity"), _("Packs")]
    heads += [_("Price"), _("Amount")] if is_priced else [_("Net weight")]
    widths = (10, 60, 22, 16, 24, 16, 22, 26) if is_priced else (10, 80, 26, 18, 28, 18, 26)
    aligns = ("RIGHT", "LEFT", "LEFT", "LEFT", *["RIGHT"] * (len(heads) - 4))
    rows = []
    for line in document.lines:
        title = local_name(locale, line.title, line.title_zh)
        cells = [
            str(line.line_no), f"{line.sku}\n{title}", line.hs_code, line.origin,
            formats.quantity(line.quantity, line.uom, locale), str(line.packs),
        ]  # fmt: skip
        if is_priced:
            cells += [str(line.unit_price), paper.money(line.amount, document.currency)]
        else:
            cells.append(_weight(line.net_weight_g))
        rows.append(cells)
    paper.table(pdf, heads, rows, widths=widths, aligns=aligns)


def _totals(pdf: FPDF, document: TradeDocument, locale: str) -> None:
    _ = translations(locale).gettext
    rows = [(_("Packs"), formats.number(document.packs, locale=locale))]
    if document.net_weight_g is not None:
        rows.append((_("Net weight"), _weight(document.net_weight_g)))
    if document.total_amount is not None:
        rows.append((_("Total"), paper.money(document.total_amount, document.currency)))
    paper.sums(pdf, rows)


def _weight(grams: int | None) -> str:
    return "" if grams is None else f"{Decimal(grams) / 1000:,.3f} kg"


def _label(pdf: FPDF, label: Label, locale: str) -> None:
    _ = translations(locale).gettext
    paper.set_size(pdf, 9)
    pdf.multi_cell(w=0, h=5, text=_("Ship to"), new_x="LMARGIN", new_y="NEXT")
    paper.set_size(pdf, 14)
    for text in (_door(label.to, locale).replace(", ", "\n"), label.waybill):
        pdf.multi_cell(w=0, h=7, text=text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    paper.set_size(pdf, 10)
    pdf.multi_cell(
        w=0, h=5, text="\n".join([label.reference, *label.contents[:8]]), new_x="LMARGIN",
        new_y="NEXT",
    )  # fmt: skip
    _bars(pdf, label.element, x=6, y=100, width=88, height=30)
    pdf.set_xy(6, 132)
    pdf.cell(w=0, text=f"({label.element[:2]}){label.element[2:]}", align="CENTER")
    pdf.set_xy(6, 140)
    paper.set_size(pdf, 12)
    pdf.cell(w=0, text=f"{label.box} / {label.boxes}", align="RIGHT")


def _bars(pdf: FPDF, element: str, *, x: float, y: float, width: float, height: float) -> None:
    """A GS1-128 bar code in a box, its quiet zones included; sizes in mm."""
    modules = barcode.get("gs1_128", element).build()[0]
    step = width / (len(modules) + 2 * _QUIET)
    at = x + _QUIET * step
    for is_dark, run in itertools.groupby(modules):
        length = len(list(run)) * step
        if is_dark == "1":
            pdf.rect(at, y, length, height, style="F")
        at += length

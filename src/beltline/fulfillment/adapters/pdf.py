"""Trade documents and labels as PDF, in English or Chinese, with the fonts inside.

Noto Sans writes Latin, Greek, Cyrillic and Vietnamese, Noto Sans SC Chinese; only the glyphs used
are embedded, so that a page is the same on every reader and printer.
"""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import barcode
import fontpkg_noto_sans
import pylopdf_fonts_zh_cn
from fpdf import FPDF, FontFace

from beltline.fulfillment.types import DocumentParty, Label, TradeDocument
from beltline.kit.money import minor_digits, to_major
from beltline.kit.web import formats
from beltline.kit.web.i18n import N_, translations

_LATIN: Final = Path(fontpkg_noto_sans.__file__).parent / "files" / "NotoSans[wdth,wght].ttf"
_CHINESE: Final = Path(pylopdf_fonts_zh_cn.__file__).with_name("NotoSansSC-Regular.otf")
_TITLES: Final = {
    "COMMERCIAL_INVOICE": N_("Commercial invoice"), "PACKING_LIST": N_("Packing list"),
}  # fmt: skip
_LABEL_MM: Final = (100.0, 150.0)
_QUIET: Final = 10
"""Modules of white on each side of a bar code (GS1 General Specifications, 5.4.3)."""


def document_pdf(document: TradeDocument, *, locale: str, at: dt.datetime) -> bytes:
    """A commercial invoice or packing list on A4."""
    _ = translations(locale).gettext
    pdf = _paper(at, format="A4")
    pdf.set_title(f"{_(_TITLES[document.kind])} {document.number}")
    pdf.add_page()
    _set_size(pdf, 18)
    pdf.multi_cell(w=0, h=12, text=_(_TITLES[document.kind]), new_x="LMARGIN", new_y="NEXT")
    _set_size(pdf, 9)
    _facts(pdf, document, locale)
    _goods(pdf, document, locale)
    _totals(pdf, document, locale)
    return bytes(pdf.output())


def labels_pdf(labels: Sequence[Label], *, locale: str, at: dt.datetime) -> bytes:
    """Labels of 100 x 150 mm, one a page."""
    pdf = _paper(at, format=_LABEL_MM)
    pdf.set_auto_page_break(auto=False)
    for label in labels:
        pdf.add_page()
        pdf.set_margins(6, 6)
        pdf.set_xy(6, 6)
        _label(pdf, label, locale)
    return bytes(pdf.output())


def _paper(at: dt.datetime, *, format: str | tuple[float, float]) -> FPDF:  # noqa: A002 - fpdf's
    pdf = FPDF(format=format)
    pdf.set_creation_date(at)
    pdf.add_font("sans", fname=_LATIN)
    pdf.add_font("chinese", fname=_CHINESE)
    pdf.set_fallback_fonts(["chinese"])
    return pdf


def _set_size(pdf: FPDF, points: int) -> None:
    """Write on in this size.

    A space first: fpdf sets a font on the page with its first glyph, and forgets it where that
    one falls back to the other font.
    """
    pdf.set_font("sans", size=points)
    pdf.cell(text=" ", new_x="START", new_y="TOP")


def _facts(pdf: FPDF, document: TradeDocument, locale: str) -> None:
    _ = translations(locale).gettext
    rows = [
        (_("Number"), document.number),
        (_("Date"), formats.date_text(document.issued_date, locale)),
        (_("Order"), " ".join(filter(None, (document.order, document.reference)))),
        (_("Seller"), _party(document.seller, locale)),
        (_("Buyer"), _party(document.buyer, locale)),
        (_("Ship to"), _party(document.ship_to, locale)),
        (_("Waybill"), ", ".join(document.waybills)),
    ]
    for name, value in rows:
        if value:
            pdf.multi_cell(w=32, h=5, text=name, new_x="RIGHT", new_y="TOP")
            pdf.multi_cell(w=0, h=5, text=value, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)


def _party(party: DocumentParty, locale: str) -> str:
    name = (party.name_zh or party.name) if locale == "zh" else (party.name or party.name_zh)
    return ", ".join(filter(None, (name, *party.address, party.country)))


def _goods(pdf: FPDF, document: TradeDocument, locale: str) -> None:
    _ = translations(locale).gettext
    is_priced = document.currency is not None
    heads = [_("No."), _("Goods"), _("HS code"), _("Origin"), _("Quantity"), _("Packs")]
    heads += [_("Price"), _("Amount")] if is_priced else [_("Net weight")]
    widths = (10, 60, 22, 16, 24, 16, 22, 26) if is_priced else (10, 80, 26, 18, 28, 18, 26)
    aligns = ("RIGHT", "LEFT", "LEFT", "LEFT", *["RIGHT"] * (len(heads) - 4))
    with pdf.table(
        col_widths=widths, text_align=aligns, line_height=5, headings_style=FontFace()
    ) as table:
        table.row(heads)
        for line in document.lines:
            title = (line.title_zh or line.title) if locale == "zh" else line.title
            cells = [
                str(line.line_no), f"{line.sku}\n{title}", line.hs_code, line.origin,
                formats.quantity(line.quantity, line.uom, locale), str(line.packs),
            ]  # fmt: skip
            if is_priced:
                cells += [str(line.unit_price), _money(line.amount, document.currency)]
            else:
                cells.append(_weight(line.net_weight_g))
            table.row(cells)
    pdf.ln(3)


def _totals(pdf: FPDF, document: TradeDocument, locale: str) -> None:
    _ = translations(locale).gettext
    rows = [(_("Packs"), formats.number(document.packs, locale=locale))]
    if document.net_weight_g is not None:
        rows.append((_("Net weight"), _weight(document.net_weight_g)))
    if document.total_amount is not None:
        rows.append((_("Total"), _money(document.total_amount, document.currency)))
    for name, value in rows:
        pdf.cell(w=150, h=5, text=name, align="RIGHT")
        pdf.cell(w=0, h=5, text=value, align="RIGHT", new_x="LMARGIN", new_y="NEXT")


def _money(amount: int | None, currency: str | None) -> str:
    """The amount with its ISO code: papers cross borders where a sign means another money."""
    if amount is None or currency is None:
        return ""
    return f"{currency} {formats.number(to_major(amount, currency), minor_digits(currency))}"


def _weight(grams: int | None) -> str:
    return "" if grams is None else f"{Decimal(grams) / 1000:,.3f} kg"


def _label(pdf: FPDF, label: Label, locale: str) -> None:
    _ = translations(locale).gettext
    _set_size(pdf, 9)
    pdf.multi_cell(w=0, h=5, text=_("Ship to"), new_x="LMARGIN", new_y="NEXT")
    _set_size(pdf, 14)
    for text in (_party(label.to, locale).replace(", ", "\n"), label.waybill):
        pdf.multi_cell(w=0, h=7, text=text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    _set_size(pdf, 10)
    pdf.multi_cell(
        w=0, h=5, text="\n".join([label.reference, *label.contents[:8]]), new_x="LMARGIN",
        new_y="NEXT",
    )  # fmt: skip
    _bars(pdf, label.element, x=6, y=100, width=88, height=30)
    pdf.set_xy(6, 132)
    pdf.cell(w=0, text=f"({label.element[:2]}){label.element[2:]}", align="CENTER")
    pdf.set_xy(6, 140)
    _set_size(pdf, 12)
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

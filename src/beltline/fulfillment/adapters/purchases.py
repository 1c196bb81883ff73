"""The paper of a purchase as PDF, in English or Chinese."""

import datetime as dt

from fpdf import FPDF

from beltline.accounts.actions.legal import bank_lines, party_lines
from beltline.fulfillment.types.documents import DocumentParty, PurchasePaper, PurchasePaperLine
from beltline.kit import pdf as paper
from beltline.kit.web import formats
from beltline.kit.web.i18n import translations
from beltline.kit.web.view import local_name


def purchase_pdf(purchase: PurchasePaper, *, locale: str, at: dt.datetime) -> bytes:
    """A purchase order on A4: what was ordered, what was cancelled of it, what is wanted."""
    _ = translations(locale).gettext
    pdf = paper.new_paper(at)
    paper.begin(pdf, _("Purchase order"), purchase.number)
    paper.facts(pdf, [
        (_("Number"), purchase.number),
        (_("Date"), formats.date_text(purchase.issued_date, locale)),
        (_("As it stood on"), formats.date_text(purchase.printed_date, locale)),
        (_("Buyer"), "\n".join(party_lines(purchase.buyer, locale))),
        (_("Supplier"), "\n".join(party_lines(purchase.supplier, locale))),
        (_("Deliver to"), _node(purchase.deliver_to, locale)),
        (_("Arrive by"), formats.date_text(purchase.arrive_by, locale)),
        (_("Pay to"), "\n".join(bank_lines(purchase.supplier, locale))),
    ])  # fmt: skip
    _goods(pdf, purchase, locale)
    _totals(pdf, purchase, locale)
    return bytes(pdf.output())


def _node(node: DocumentParty, locale: str) -> str:
    return local_name(locale, node.name, node.name_zh)


def _goods(pdf: FPDF, purchase: PurchasePaper, locale: str) -> None:
    _ = translations(locale).gettext
    heads = [_("No."), _("Goods"), _("Ordered"), _("Cancelled"), _("Wanted"), _("Price"),
             _("Amount")]  # fmt: skip
    paper.table(
        pdf, heads, [_row(line, purchase.currency, locale) for line in purchase.lines],
        widths=(10, 62, 24, 24, 24, 22, 28),
        aligns=("RIGHT", "LEFT", *["RIGHT"] * 5),
    )  # fmt: skip


def _row(line: PurchasePaperLine, currency: str, locale: str) -> list[str]:
    title = local_name(locale, line.title, line.title_zh)
    quantities = [
        formats.quantity(units, line.uom, locale)
        for units in (line.ordered, line.cancelled, line.wanted)
    ]
    return [
        str(line.line_no), f"{line.sku}\n{title}", *quantities, line.unit_price,
        paper.money(line.amount, currency),
    ]  # fmt: skip


def _totals(pdf: FPDF, purchase: PurchasePaper, locale: str) -> None:
    _ = translations(locale).gettext
    rows = []
    if purchase.ordered_amount != purchase.total_amount:
        rows = [
            (_("Ordered"), paper.money(purchase.ordered_amount, purchase.currency)),
            (_("Cancelled"),
             paper.money(purchase.ordered_amount - purchase.total_amount, purchase.currency)),
        ]  # fmt: skip
    rows.append((_("Total of what is wanted"),
                 paper.money(purchase.total_amount, purchase.currency)))  # fmt: skip
    paper.sums(pdf, rows)

"""The data set of an export declaration as PDF, in English or Chinese."""

import datetime as dt
from decimal import Decimal

from fpdf import FPDF

from beltline.customs.adapters import words
from beltline.customs.types import ExportDeclaration, HsLine, LineTax, LineValue
from beltline.kit import pdf as paper
from beltline.kit.web import formats
from beltline.kit.web.i18n import translations
from beltline.kit.web.view import local_name
from beltline.trade.types.dated import LACKS


def declaration_pdf(document: ExportDeclaration, *, locale: str, at: dt.datetime) -> bytes:
    """The data set of an export declaration on A4; what is not known says so."""
    _ = translations(locale).gettext
    pdf = paper.new_paper(at)
    paper.begin(pdf, _("Export declaration data"), document.number)
    _facts(pdf, document, locale)
    _goods(pdf, document, locale)
    _totals(pdf, document, locale)
    _values(pdf, document, locale)
    _taxes(pdf, document, locale)
    return bytes(pdf.output())


def _facts(pdf: FPDF, d: ExportDeclaration, locale: str) -> None:
    _ = translations(locale).gettext
    unknown = _("not known")
    mode = f"{d.mode} {_(words.MODES[d.mode])}".strip()
    exporter = " ".join(filter(None, (d.exporter, d.exporter_code))) or unknown
    paper.facts(pdf, [
        (_("Number"), d.number),
        (_("Customs number"), d.customs_number),
        (_("Date"), formats.date_text(d.issued_date, locale)),
        (_("Export mode"), mode),
        (_("Exporter"), exporter),
        (_("Principal"), d.principal),
        (_("Incoterm"), f"{d.incoterm} {d.incoterm_place}".strip() or unknown),
        (_("VAT"), _(words.VAT[d.vat])),
        (_("Cargo class"), d.cargo_class),
        (_("From"), f"{d.node_name} ({d.node}), {d.from_country}"),
        (_("To country"), d.country),
        (_("Scheme"), " ".join(filter(None, (d.scheme, d.scheme_number)))),
        (_("Orders"), ", ".join(d.orders)),
        (_("Transport document"), ", ".join(d.transport_documents)),
    ])  # fmt: skip


def _goods(pdf: FPDF, d: ExportDeclaration, locale: str) -> None:
    _ = translations(locale).gettext
    heads = [_("No."), _("HS code"), _("Goods"), _("Origin"), _("Quantity"), _("Net weight"),
             _("Gross weight"), _("Amount")]  # fmt: skip
    paper.table(
        pdf, heads, [_row(line, locale) for line in d.lines],
        widths=(8, 24, 48, 14, 22, 24, 24, 28),
        aligns=("RIGHT", "LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT"),
    )  # fmt: skip


def _row(line: HsLine, locale: str) -> list[str]:
    unknown = translations(locale).gettext("not known")
    title = local_name(locale, line.title, line.title_zh)
    return [
        str(line.line_no), line.hs_code or unknown, f"{line.sku}\n{title}", line.origin or unknown,
        formats.quantity(line.quantity, line.uom, locale), _weight(line.net_weight_g) or unknown,
        _weight(line.gross_weight_g) or unknown, paper.money(line.amount, line.currency),
    ]  # fmt: skip


def _totals(pdf: FPDF, d: ExportDeclaration, locale: str) -> None:
    _ = translations(locale).gettext
    unknown = _("not known")
    rows = [
        (_("Net weight"), _weight(d.net_weight_g) or unknown),
        (_("Gross weight"), _weight(d.gross_weight_g) or unknown),
    ]
    rows += [(_("Total"), paper.money(total.amount, total.currency)) for total in d.totals]
    paper.sums(pdf, rows)
    pdf.ln(4)


def _values(pdf: FPDF, d: ExportDeclaration, locale: str) -> None:
    _ = translations(locale).gettext
    heads = [_("No."), _("Customs value"), _("Goods"), _("Freight"), _("Insurance"), _("Amount"),
             _("Written in")]  # fmt: skip
    paper.table(
        pdf, heads, [_value_row(value, locale) for value in d.values],
        widths=(8, 36, 25, 25, 22, 28, 48),
        aligns=("RIGHT", "LEFT", "RIGHT", "RIGHT", "RIGHT", "RIGHT", "LEFT"),
    )  # fmt: skip
    pdf.ln(4)


def _value_row(v: LineValue, locale: str) -> list[str]:
    _ = translations(locale).gettext
    unknown = _("not known")
    since = "" if v.valid_from is None else formats.date_text(v.valid_from, locale)
    basis = unknown if v.basis is None else _(words.BASES[v.basis])
    return [
        str(v.line_no), "\n".join([basis, *v.services]), paper.money(v.goods, v.currency),
        paper.money(v.freight, v.currency) or unknown,
        paper.money(v.insurance, v.currency) or unknown,
        paper.money(v.amount, v.currency) or unknown, ", ".join(filter(None, (v.source, since))),
    ]  # fmt: skip


def _taxes(pdf: FPDF, d: ExportDeclaration, locale: str) -> None:
    _ = translations(locale).gettext
    paper.facts(pdf, [(_("Import taxes borne by"), _(words.PAYERS[d.payer]))])
    heads = [_("No."), _("Tax"), _("Base"), _("Percent"), _("Amount"), _("Written in")]
    paper.table(
        pdf, heads, [_tax_row(tax, locale) for tax in d.taxes], widths=(8, 20, 30, 22, 30, 82),
        aligns=("RIGHT", "LEFT", "RIGHT", "RIGHT", "RIGHT", "LEFT"),
    )  # fmt: skip


def _tax_row(tax: LineTax, locale: str) -> list[str]:
    _ = translations(locale).gettext
    unknown = _("not known")
    since = "" if tax.valid_from is None else formats.date_text(tax.valid_from, locale)
    return [
        str(tax.line_no), _(words.TAXES[tax.kind]), paper.money(tax.base, tax.currency) or unknown,
        _percent(tax) or unknown,
        paper.money(tax.amount, tax.currency) or unknown,
        "\n".join(filter(None, (", ".join(filter(None, (tax.source, since))),
                                _("with the sale, not on import") if tax.is_with_sale else "",
                                *(_(LACKS[lack]) for lack in tax.lacks)))),
    ]  # fmt: skip


def _percent(tax: LineTax) -> str:
    if tax.percent is None:
        return ""
    fixed = f" + {paper.money(tax.fixed, tax.currency)}" if tax.fixed else ""
    return f"{tax.percent} %{fixed}"


def _weight(grams: int | None) -> str:
    return "" if grams is None else f"{Decimal(grams) / 1000:,.3f} kg"
